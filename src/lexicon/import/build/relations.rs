//! Hierarchies of ontologies and phenotypes of diseases, as relations of the pack.

use crate::lexicon::compile::writer::{NewRelation, PackWriter};
use crate::lexicon::import::masters::Masters;
use crate::lexicon::{Relation, System};
use std::collections::HashMap;

/// Adds them; the pack holds the classes already.
pub(super) fn add(masters: &Masters, pack: &mut PackWriter) {
    if masters.ontology.iter().all(|r| r.parents.is_empty() && r.close.is_empty()) && masters.phenotypes.is_empty() {
        return;
    }
    let classes = [System::Hpo, System::Mondo, System::Nando].map(System::number);
    let mut numbers: HashMap<String, u32> = HashMap::new();
    for (system, code, concept) in pack.codes() {
        if classes.contains(&system) {
            numbers.entry(code.to_owned()).or_insert(concept);
        }
    }
    for (id, n) in pack.ids().iter().zip(0u32..) {
        if id.starts_with("OMIM:") || id.starts_with("ORPHA:") || id.starts_with("DECIPHER:") {
            numbers.insert(id.clone(), n);
        }
    }
    let mut join = |from: &str, relation: Relation, to: &str, new: NewRelation| {
        // a class that was not read may be one of another pack
        let (a, b) = (pack.node(numbers.get(from).copied(), from, ""), pack.node(numbers.get(to).copied(), to, ""));
        if a != b {
            pack.relation(a, relation, b, new);
        }
    };
    let mut same: HashMap<&str, &str> = HashMap::new();
    for r in masters.ontology.iter().filter(|r| !r.obsolete) {
        let row = |n: &str| NewRelation { row: n.to_owned(), ..NewRelation::default() };
        for p in &r.parents {
            join(&r.id, Relation::IsA, p, row(&r.id));
        }
        for c in &r.close {
            join(&r.id, Relation::CloseMatch, c, row(&r.id));
        }
        for s in &r.same {
            if system(s) {
                join(&r.id, Relation::SameAs, s, row(&r.id));
            } else {
                same.entry(s).or_insert(&r.id);
            }
        }
    }
    for p in &masters.phenotypes {
        let disease = same.get(p.disease.as_str()).copied().unwrap_or(&p.disease);
        let (n, of) = counted(&p.frequency);
        join(disease, Relation::HasSymptom, &p.phenotype, NewRelation { n, of, row: p.reference.clone(), note: p.frequency.clone() });
    }
}

/// Whether the id is of an ontology that concepts carry codes of.
fn system(id: &str) -> bool {
    ["HP:", "MONDO:", "NANDO:"].iter().any(|p| id.starts_with(p))
}

/// A frequency as so many of so many: `3/7`, `25%`, or the middle of the band that a term of HPO stands for.
fn counted(frequency: &str) -> (u32, u32) {
    if let Some((n, of)) = frequency.split_once('/')
        && let (Ok(n), Ok(of)) = (n.trim().parse(), of.trim().parse())
    {
        return (n, of);
    }
    if let Some(percent) = frequency.strip_suffix('%').and_then(|p| p.trim().parse::<f64>().ok()).filter(|p| (0.0..=100.0).contains(p)) {
        // a percentage has no number of cases: it is kept to a tenth of one
        let tenths = (percent * 10.0).round();
        return ((0..=1000u32).find(|n| f64::from(*n) >= tenths).unwrap_or(0), 1000);
    }
    // HPO, Frequency (HP:0040279): obligate 100 %, very frequent 80–99, frequent 30–79, occasional 5–29, very rare 1–4, excluded 0
    match frequency {
        "HP:0040280" => (1000, 1000),
        "HP:0040281" => (895, 1000),
        "HP:0040282" => (545, 1000),
        "HP:0040283" => (170, 1000),
        "HP:0040284" => (25, 1000),
        "HP:0040285" => (0, 1000),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn frequencies_are_read_as_they_are_written() {
        assert_eq!(counted("3/7"), (3, 7));
        assert_eq!(counted("25%"), (250, 1000));
        assert_eq!(counted("12.5 %"), (125, 1000));
        assert_eq!(counted("HP:0040282"), (545, 1000));
        for other in ["", "often", "3/x", "140%", "HP:0000001"] {
            assert_eq!(counted(other), (0, 0), "{other}");
        }
    }
}
