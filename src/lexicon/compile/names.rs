//! Names as the tables of relations write them, and what they stand for.

use super::format::ConceptKind;
use super::writer::NewConcept;
use std::collections::{HashMap, HashSet};

/// A concept that was named.
#[derive(Debug, Clone)]
pub struct Named {
    /// Its number in the pack.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Main names by the prefix of their kind: disorders and findings have none.
pub struct Names {
    main: HashMap<(&'static str, String), Named>,
    numbers: HashMap<String, u32>,
}

/// Prefixes of references, with what they stand for.
const PREFIXES: [(&str, &str); 11] = [
    ("", "disorder or finding"),
    ("lab", "analyte"),
    ("vital", "vital sign"),
    ("score", "score"),
    ("drug", "medicine"),
    ("class", "class of medicines"),
    ("regimen", "regimen"),
    ("proc", "procedure"),
    ("site", "body site"),
    ("org", "microorganism"),
    ("state", "state"),
];

const fn prefix(kind: ConceptKind) -> Option<&'static str> {
    Some(match kind {
        ConceptKind::Disorder | ConceptKind::Finding => "",
        ConceptKind::Analyte => "lab",
        ConceptKind::Vital => "vital",
        ConceptKind::Score => "score",
        ConceptKind::Drug => "drug",
        ConceptKind::DrugClass => "class",
        ConceptKind::Regimen => "regimen",
        ConceptKind::Procedure => "proc",
        ConceptKind::Site => "site",
        ConceptKind::Organism => "org",
        _ => return None,
    })
}

impl Names {
    /// The names of concepts; `ids` holds the ids of a pack's concepts in the order of their numbers.
    pub fn new(concepts: &[(String, NewConcept)], ids: &[String]) -> Self {
        let numbers: HashMap<String, u32> = ids.iter().zip(0u32..).map(|(id, n)| (id.clone(), n)).collect();
        let mut main = HashMap::new();
        for (_, c) in concepts {
            if let (Some(p), Some(number)) = (prefix(c.kind), numbers.get(&c.id)) {
                // the first of two rows with one name, as in a lookup
                main.entry((p, c.name.clone())).or_insert_with(|| Named { number: *number, id: c.id.clone(), name: c.name.clone() });
            }
        }
        Self { main, numbers }
    }

    /// Adds a concept that the tables of relations define themselves.
    pub fn add(&mut self, prefix: &'static str, name: &str, id: &str, number: u32) {
        self.numbers.insert(id.to_owned(), number);
        self.main.insert((prefix, name.to_owned()), Named { number, id: id.to_owned(), name: name.to_owned() });
    }

    /// The number of the concept of that id.
    pub fn number(&self, id: &str) -> Option<u32> {
        self.numbers.get(id).copied()
    }

    /// What `written` stands for: a name with a prefix of `kinds`, or without one, where `default` is its kind (`-` for none).
    ///
    /// # Errors
    /// What was found, with names that are near.
    pub fn resolve(&self, written: &str, kinds: &[&str], default: &str) -> Result<&Named, String> {
        let (kind, name) = match written.split_once(':') {
            Some((p, name)) if PREFIXES.iter().any(|k| k.0 == p && !p.is_empty()) => (p, name),
            _ => (default, written),
        };
        let Some((kind, title)) = PREFIXES.iter().find(|k| k.0 == kind) else {
            let wanted: Vec<String> = kinds.iter().map(|k| format!("{k}:")).collect();
            return Err(format!("{written:?}, which has no prefix (one of {})", wanted.join(", ")));
        };
        if !kinds.contains(kind) {
            return Err(format!("{written:?}, a {title}, which can't stand here"));
        }
        self.main.get(&(kind, name.to_owned())).ok_or_else(|| format!("no {title} {name:?} (near: {})", self.near(kind, name)))
    }

    /// Names that look like one: the same in another table first, then by the pairs of characters that they share.
    fn near(&self, kind: &str, name: &str) -> String {
        let pairs = |s: &str| -> HashSet<(char, char)> { s.chars().zip(s.chars().skip(1)).collect() };
        let wanted = pairs(name);
        let mut found: Vec<(usize, String)> = Vec::new();
        for (p, n) in self.main.keys() {
            let shown = if p.is_empty() { n.clone() } else { format!("{p}:{n}") };
            if n == name {
                found.push((0, shown));
            } else if *p == kind {
                let theirs = pairs(n);
                let shared = theirs.intersection(&wanted).count();
                if shared > 0 {
                    found.push((1000 - 1000 * 2 * shared / (theirs.len() + wanted.len()).max(1), shown));
                }
            }
        }
        found.sort();
        let names: Vec<String> = found.into_iter().take(5).map(|f| f.1).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}
