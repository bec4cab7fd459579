//! A note's facts as a graph, for RDF, GraphML and the drawn graph: nodes, edges, IRIs.
#![cfg_attr(not(feature = "rdf"), allow(dead_code))] // IRIs are for RDF

use super::{Source, tables};
use crate::model::{Coding, Fact, RelationKind};

/// The vocabulary of the exported graph, that of [`crate::graph`] too. The causal properties are called as in the published Japanese causal
/// ontologies: `hasCause`, `hasResult`.
pub(crate) const VOCABULARY: &str = "urn:karuta:vocab:";

/// An edge between two facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge<'a> {
    /// Id of the first fact.
    pub from: &'a str,
    /// Its property.
    pub property: &'static str,
    /// Id of the second fact.
    pub to: &'a str,
    /// The rule that found it.
    pub rule: &'a str,
}

/// The relations of a note, and what was derived from what.
pub(crate) fn edges<'a>(note: &Source<'a>) -> Vec<Edge<'a>> {
    let found = note.found;
    let mut out: Vec<Edge<'a>> = found.relations.iter().map(|r| Edge { from: &r.from, property: property(r.kind), to: &r.to, rule: &r.rule }).collect();
    for f in &found.facts {
        let rule = f.because.first().map_or("", |r| r.rule.as_str());
        out.extend(f.from.iter().map(|id| Edge { from: &f.id, property: "derivedFrom", to: id, rule }));
    }
    out
}

pub(crate) const fn property(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::HasValue => "hasValue",
        RelationKind::Treats => "treats",
        RelationKind::CausedBy => "hasCause",
        RelationKind::BecauseOf => "becauseOf",
        RelationKind::LocatedAt => "locatedAt",
        RelationKind::PartOf => "partOf",
        RelationKind::SameAs => "sameMentionAs",
    }
}

/// The class of a fact in the vocabulary.
pub(crate) const fn class(f: &Fact) -> &'static str {
    super::brat::type_name(f.kind)
}

/// The IRI of a note, or of a fact in it.
pub(crate) fn iri(note: &Source<'_>, part: &str) -> String {
    format!("urn:uuid:{}", note.uuid(part))
}

/// The IRI of a code: its ontology's where that has one, else its system's with the code.
pub(crate) fn code_iri(c: &Coding) -> String {
    let ontology = tables::ontologies().find(|o| o.system == c.system);
    match ontology {
        Some(o) => format!("{}{}", o.iri_prefix, encode(c.code.strip_prefix(o.prefix).and_then(|r| r.strip_prefix(':')).unwrap_or(&c.code))),
        None => format!("{}/{}", encode_iri(&c.system), encode(&c.code)),
    }
}

/// Percent-encodes all that is not unreserved (RFC 3986).
fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(b));
        } else {
            out.push_str(&format!("%{b:02X}"));
        }
    }
    out
}

/// A system as it came with the facts may be anything: what no IRI holds is encoded, and a scheme is made sure of.
fn encode_iri(system: &str) -> String {
    let clean: String = system.chars().map(|c| if c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=".contains(c) { c.to_string() } else { encode(&c.to_string()) }).collect();
    if clean.starts_with("http://") || clean.starts_with("https://") || clean.starts_with("urn:") { clean } else { format!("urn:karuta:system:{}", encode(system)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_iris() {
        let c = |system: &str, code: &str| code_iri(&Coding { system: system.into(), code: code.into(), display: "".into() });
        assert_eq!(c("http://human-phenotype-ontology.org", "HP:0001945"), "http://purl.obolibrary.org/obo/HP_0001945");
        assert_eq!(c("http://loinc.org", "8310-5"), "https://loinc.org/8310-5");
        assert_eq!(c("http://medis.or.jp/CodeSystem/master-disease-exCode", "CJTR"), "http://medis.or.jp/CodeSystem/master-disease-exCode/CJTR");
        assert_eq!(c("a b", "<x>"), "urn:karuta:system:a%20b/%3Cx%3E");
    }
}
