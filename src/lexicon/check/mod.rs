//! Curated tables checked against the masters: what a row says of a code must be what its master says.

mod disorders;
mod known;
mod labs;
mod units;

use super::compile::format::{Attr, ConceptKind, System};
use super::compile::tables::{self, TableError};
use super::compile::writer::NewConcept;
use super::import::{MasterKind, Masters};
use super::{Concept, Pack};
use known::Known;
use std::fmt;
use std::path::Path;

/// Something that a row says and its master does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `file:line` of the table, or the pack and the concept's id.
    pub place: String,
    /// What is wrong: found and expected.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.what)
    }
}

/// A concept with the place that it was read from.
#[derive(Debug, Clone)]
pub struct Entry {
    place: String,
    concept: NewConcept,
}

/// The rows of every table under `root`. A row that can't be read is a problem.
///
/// # Errors
/// When the folder or a file can't be read.
pub fn entries_of_tables(root: &Path) -> std::io::Result<(Vec<Entry>, Vec<Problem>)> {
    let (mut entries, mut problems) = (Vec::new(), Vec::new());
    for file in tables::files(root)? {
        let text = std::fs::read_to_string(&file)?;
        for row in tables::concepts(&file, &text) {
            match row {
                Ok((line, concept)) => entries.push(Entry { place: format!("{}:{line}", file.display()), concept }),
                Err(TableError { file, line, found, expected }) => {
                    problems.push(Problem { place: format!("{}:{line}", file.display()), what: format!("found {found}, expected {expected}") });
                }
            }
        }
    }
    Ok((entries, problems))
}

/// The concepts of a pack.
pub fn entries_of_pack(pack: &Pack) -> Vec<Entry> {
    let label = pack.version_label();
    let entry = |c: Concept<'_>| {
        let mut concept = NewConcept::new(c.kind(), c.id(), c.name());
        concept.codes = c.codes().map(|k| (k.system, k.code.to_owned(), k.display.to_owned())).collect();
        concept.attrs = c.attrs().map(|(k, v)| (k, v.to_owned())).collect();
        Entry { place: format!("{label} {}", c.id()), concept }
    };
    pack.concepts().map(|(_, c)| entry(c)).collect()
}

/// Every problem of the entries, in their order.
pub fn check(masters: &Masters, entries: &[Entry]) -> Vec<Problem> {
    let known = Known::new(masters);
    let mut out = Vec::new();
    for e in entries {
        let mut say = |what: String| out.push(Problem { place: e.place.clone(), what: format!("{}: {what}", e.concept.name) });
        disorders::check(&known, &e.concept, &mut say);
        labs::check(&known, &e.concept, &mut say);
        listed(&known, &e.concept, &mut say);
    }
    out
}

/// The masters that would be needed to check what the entries hold, and were not read.
pub fn unchecked(masters: &Masters, entries: &[Entry]) -> Vec<&'static str> {
    let needed: [(&[MasterKind], &[System], &'static str); 9] = [
        (&[MasterKind::Disease], &[System::DiseaseKey], MasterKind::Disease.title()),
        (&[MasterKind::Modifier], &[System::ModifierKey], MasterKind::Modifier.title()),
        (&[MasterKind::Loinc], &[System::Loinc], MasterKind::Loinc.title()),
        (&[MasterKind::Jlac10, MasterKind::Clins], &[System::Jlac10, System::ClinsJlac11], "JLAC10 / JLAC11"),
        (&[MasterKind::Hot, MasterKind::Fhir], &[System::Hot9, System::Yj], "HOT9 / YJ"),
        (&[MasterKind::General, MasterKind::Drug], &[System::GenericOrder], MasterKind::General.title()),
        (&[MasterKind::Jfagy], &[System::JfagyFood, System::JfagyMedication, System::JfagyOther], MasterKind::Jfagy.title()),
        (&[MasterKind::Hpo], &[System::Hpo], MasterKind::Hpo.title()),
        (&[MasterKind::Nando], &[System::Nando], MasterKind::Nando.title()),
    ];
    let used = |systems: &[System]| entries.iter().any(|e| e.concept.codes.iter().any(|k| systems.contains(&k.0)));
    needed.iter().filter(|(kinds, systems, _)| used(systems) && !kinds.iter().any(|k| masters.has(*k))).map(|n| n.2).collect()
}

/// Codes of which a master is a plain list.
fn listed(known: &Known<'_>, c: &NewConcept, say: &mut dyn FnMut(String)) {
    for (system, code, display) in c.codes.iter().filter(|k| !matches!(k.0, System::Jlac10 | System::ClinsJlac10)) {
        let Some(list) = known.lists.get(system) else { continue };
        match list.get(code.as_str()) {
            None => say(format!("no {} {code:?} in its master", system.label())),
            Some(_) if known.obsolete.contains(code.as_str()) => say(format!("{} {code} is abolished", system.label())),
            Some(of_master) if !display.is_empty() && !of_master.is_empty() && display != of_master => {
                say(format!("display {display:?} of {} {code}, its master's is {of_master:?}", system.label()));
            }
            Some(_) => {}
        }
    }
    // the kind of an allergen stands in its code
    let wrong = |system: System, code: &str| match system {
        System::JfagyFood => code.chars().nth(2) != Some('F'),
        System::JfagyMedication => code.chars().nth(2) != Some('M'),
        System::JfagyOther => code.chars().nth(2) != Some('N'),
        _ => false,
    };
    for (system, code, _) in c.codes.iter().filter(|k| wrong(k.0, &k.1)) {
        say(format!("{code} is no code of {}", system.label()));
    }
}

/// A property of an entry.
fn attr(c: &NewConcept, key: Attr) -> &str {
    c.attrs.iter().find(|a| a.0 == key).map_or("", |a| a.1.as_str())
}

/// Whether rules only, not terms.
fn is_disorder(c: &NewConcept) -> bool {
    matches!(c.kind, ConceptKind::Disorder | ConceptKind::Finding)
}
