//! NANDO: Turtle.

use super::Report;
use crate::lexicon::import::masters::{Masters, OntologyRow};
use crate::lexicon::import::rows::RowError;
use oxrdf::{NamedOrBlankNode, Term, Triple};
use oxttl::TurtleParser;
use std::collections::BTreeMap;

pub(super) fn read(bytes: &[u8], out: &mut Masters, report: &mut Report<'_>) {
    let mut classes: BTreeMap<String, OntologyRow> = BTreeMap::new();
    for triple in TurtleParser::new().lenient().for_slice(bytes) {
        match triple {
            Ok(t) => {
                if let NamedOrBlankNode::NamedNode(s) = &t.subject
                    && let Some((_, n)) = s.as_str().rsplit_once("NANDO_")
                {
                    let id = format!("NANDO:{n}");
                    add(classes.entry(id.clone()).or_insert_with(|| OntologyRow { id, ..OntologyRow::default() }), &t);
                }
            }
            Err(e) => {
                let at = e.location().start;
                report.broken(&RowError {
                    file: report.file.to_owned(),
                    line: usize::try_from(at.line).unwrap_or(0) + 1,
                    column: usize::try_from(at.column).unwrap_or(0) + 1,
                    text: String::new(),
                    found: e.message().to_owned(),
                    expected: "Turtle".to_owned(),
                });
            }
        }
    }
    for row in classes.into_values().filter(|r| !r.ja.is_empty() || !r.en.is_empty()) {
        out.ontology.extend(report.take(Ok(row)));
    }
}

/// `…/NANDO_1000001`, `…/obo/MONDO_0005151` → `NANDO:1000001`, `MONDO:0005151`.
fn class_id(iri: &str) -> Option<String> {
    let (prefix, number) = iri.rsplit_once('/')?.1.split_once('_')?;
    (matches!(prefix, "NANDO" | "MONDO" | "HP") && number.len() == 7).then(|| format!("{prefix}:{number}"))
}

fn add(class: &mut OntologyRow, t: &Triple) {
    if let Term::NamedNode(to) = &t.object {
        match t.predicate.as_str() {
            "http://www.w3.org/2000/01/rdf-schema#subClassOf" => class.parents.extend(class_id(to.as_str())),
            "http://www.w3.org/2004/02/skos/core#closeMatch" => class.close.extend(class_id(to.as_str())),
            "http://www.w3.org/2004/02/skos/core#exactMatch" => class.same.extend(class_id(to.as_str())),
            _ => {}
        }
    }
    let Term::Literal(value) = &t.object else { return };
    let (text, language) = (value.value().to_owned(), value.language().unwrap_or(""));
    match (t.predicate.as_str(), language) {
        ("http://www.w3.org/2004/02/skos/core#prefLabel", "ja") => class.ja = text,
        ("http://www.w3.org/2000/01/rdf-schema#label", "ja") if class.ja.is_empty() => class.ja = text,
        ("http://www.w3.org/2000/01/rdf-schema#label", "en") => class.en = text,
        ("http://www.w3.org/2000/01/rdf-schema#label", "ja-hira" | "ja-Hira") => class.kana = text,
        ("http://www.w3.org/2004/02/skos/core#altLabel", _) => class.synonyms.push(text),
        ("http://www.w3.org/2002/07/owl#deprecated", _) => class.obsolete = text == "true",
        _ => {}
    }
}
