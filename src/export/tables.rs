//! The tables of `dictionaries/export`: profiles with their versions, codes of other systems, names of code systems.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A row of `codes.tsv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code {
    /// The FHIR `system`.
    pub system: &'static str,
    /// The code; empty where the row only says that the key is of that use.
    pub code: &'static str,
    /// The master's display, or empty.
    pub display: &'static str,
}

/// A row of `systems.tsv`: what a code system is called elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SystemName {
    /// The name in HL7 v2 (table 0396 and the Japanese additions), or empty.
    pub hl7v2: &'static str,
}

/// A row of `resources.tsv`: an ontology as Phenopackets and RDF name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ontology {
    /// The prefix of its CURIEs.
    pub prefix: &'static str,
    /// The FHIR `system`.
    pub system: &'static str,
    pub name: &'static str,
    pub url: &'static str,
    /// What stands before a code in its IRI.
    pub iri_prefix: &'static str,
    pub version: &'static str,
}

static ONTOLOGIES: LazyLock<Vec<Ontology>> = LazyLock::new(|| {
    let table = include_str!("../../dictionaries/export/resources.tsv");
    rows(table).map(|[prefix, system, name, url, iri_prefix, version]| Ontology { prefix, system, name, url, iri_prefix, version }).collect()
});
static PROFILES: LazyLock<HashMap<&str, (&str, &str)>> =
    LazyLock::new(|| rows(include_str!("../../dictionaries/export/profiles.tsv")).map(|[key, url, version, ..]| (key, (url, version))).collect());
static CODES: LazyLock<HashMap<(&str, &str), Code>> = LazyLock::new(|| {
    rows(include_str!("../../dictionaries/export/codes.tsv")).map(|[usage, key, system, code, display, _]| ((usage, key), Code { system, code, display })).collect()
});
static SYSTEMS: LazyLock<HashMap<&str, SystemName>> =
    LazyLock::new(|| rows(include_str!("../../dictionaries/export/systems.tsv")).map(|[system, hl7v2, ..]| (system, SystemName { hl7v2 })).collect());

/// The first six cells of each row under the header.
fn rows(table: &'static str) -> impl Iterator<Item = [&'static str; 6]> {
    table.lines().skip(1).filter(|l| !l.is_empty() && !l.starts_with('#')).map(|l| {
        let mut cells = l.split('\t');
        std::array::from_fn(|_| cells.next().unwrap_or("").trim())
    })
}

/// The URL of the profile that a kind of resource claims; empty where the table has none.
pub(crate) fn profile(key: &str) -> &'static str {
    PROFILES.get(key).map_or("", |p| p.0)
}

/// Every profile with its version, by the name of the kind of resource, sorted.
pub fn profiles() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut all: Vec<_> = PROFILES.iter().map(|(key, (url, version))| (*key, *url, *version)).collect();
    all.sort_unstable();
    all
}

/// The code that stands for `key` in the given use (`route`, `relative`, `dose-unit` …).
pub(crate) fn code(usage: &str, key: &str) -> Option<Code> {
    CODES.get(&(usage, key)).copied()
}

/// Ontologies, in the order of the table.
pub(crate) fn ontologies() -> impl Iterator<Item = Ontology> {
    ONTOLOGIES.iter().copied()
}

/// What a code system is called elsewhere.
pub(crate) fn system(url: &str) -> Option<SystemName> {
    SYSTEMS.get(url).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_read() {
        assert!(profile("Condition").ends_with("/JP_Condition"));
        assert_eq!(profile("nothing"), "");
        assert_eq!(code("route", "po").unwrap().code, "PO");
        assert_eq!(system("http://loinc.org").unwrap().hl7v2, "LN");
        assert!(profiles().iter().all(|p| p.1.starts_with("http") && !p.2.is_empty()));
    }
}
