//! An ontology as an OBO graph: JSON with nodes and edges.

use super::Report;
use super::obo::{catalogue, wanted};
use crate::lexicon::import::masters::{Masters, OntologyRow};
use serde::Deserialize;
use std::collections::HashMap;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    graphs: Vec<Graph>,
}

#[derive(Deserialize)]
struct Graph {
    #[serde(default)]
    nodes: Vec<Node>,
    #[serde(default)]
    edges: Vec<Edge>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    #[serde(default)]
    lbl: String,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Meta {
    deprecated: bool,
    synonyms: Vec<Synonym>,
    #[serde(rename = "basicPropertyValues")]
    properties: Vec<Property>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Synonym {
    pred: String,
    val: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Property {
    pred: String,
    val: String,
}

#[derive(Deserialize)]
struct Edge {
    sub: String,
    pred: String,
    obj: String,
}

pub(super) fn read(bytes: &[u8], out: &mut Masters, report: &mut Report<'_>) {
    let document: Document = match serde_json::from_slice(bytes) {
        Ok(d) => d,
        Err(e) => return report.whole(e.to_string(), "an OBO graph: {\"graphs\": [{\"nodes\", \"edges\"}]}"),
    };
    for graph in document.graphs {
        let mut parents: HashMap<String, Vec<String>> = HashMap::new();
        for e in graph.edges.into_iter().filter(|e| e.pred == "is_a") {
            if let (Some(a), Some(b)) = (id(&e.sub), id(&e.obj)) {
                parents.entry(a).or_default().push(b);
            }
        }
        for n in graph.nodes {
            let Some(id) = id(&n.id).filter(|i| wanted(i)) else { continue };
            let exact = |s: &Synonym| s.pred == "hasExactSynonym";
            let row = OntologyRow {
                parents: parents.remove(&id).unwrap_or_default(),
                synonyms: n.meta.synonyms.into_iter().filter(exact).map(|s| s.val).collect(),
                same: n.meta.properties.iter().filter(|p| p.pred.ends_with("#exactMatch")).filter_map(|p| same(&p.val)).collect(),
                obsolete: n.meta.deprecated,
                en: n.lbl,
                id,
                ..OntologyRow::default()
            };
            out.ontology.extend(report.take(Ok(row)));
        }
    }
}

/// `http://purl.obolibrary.org/obo/MONDO_0005249` → `MONDO:0005249`.
fn id(iri: &str) -> Option<String> {
    let (prefix, number) = iri.rsplit_once('/')?.1.split_once('_')?;
    Some(format!("{prefix}:{number}"))
}

/// `https://omim.org/entry/100100`, `http://www.orpha.net/ORDO/Orphanet_558`.
fn same(iri: &str) -> Option<String> {
    let name = iri.rsplit_once('/')?.1;
    if iri.contains("omim.org/entry/") {
        return Some(format!("OMIM:{name}"));
    }
    name.strip_prefix("Orphanet_").map(|n| catalogue(&format!("Orphanet:{n}")))
}
