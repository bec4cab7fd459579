//! Allergens, classes of ontologies, entries of other code lists: for coding and search.

use super::disorders::system_of;
use super::{plain, systems};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::{Masters, OntologyRow};
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::{Attr, ConceptKind, System};
use std::collections::HashSet;

/// J-FAGY. Which words of a note are an allergen, its allergy section says; the codes are found by name.
pub(super) fn allergens(masters: &Masters, out: &mut Surfaces<'_>) {
    let mut seen = HashSet::new();
    for r in masters.allergens.iter().filter(|r| !r.abolished && seen.insert(&r.code)) {
        // the third character tells food, medication and other
        let system = match r.code.chars().nth(2) {
            Some('F') => System::JfagyFood,
            Some('M') => System::JfagyMedication,
            _ => System::JfagyOther,
        };
        let mut c = NewConcept::new(ConceptKind::Allergen, &format!("jfagy:{}", r.code), &plain(&r.name));
        c.en.clone_from(&r.en);
        c.codes.push((system, r.code.clone(), r.name.clone()));
        if !r.kana.is_empty() {
            c.attrs.push((Attr::Kana, r.kana.clone()));
        }
        let n = out.pack.concept(&c);
        for word in [&r.name, &r.kana, &r.en] {
            out.lookup(n, word);
        }
    }
}

/// Classes of HPO, MONDO and NANDO that no 標準病名 bears the name of.
pub(super) fn classes(rest: &[&OntologyRow], out: &mut Surfaces<'_>) {
    let mut seen = HashSet::new();
    for finding in [true, false] {
        for r in rest.iter().filter(|r| r.id.starts_with("HP:") == finding) {
            let Some(system) = system_of(&r.id).filter(|_| seen.insert(&r.id)) else { continue };
            let kind = if finding { ConceptKind::Finding } else { ConceptKind::Disorder };
            let name = if r.ja.is_empty() { &r.en } else { &r.ja };
            let mut c = NewConcept::new(kind, &r.id, &plain(name));
            c.reference = true;
            c.en.clone_from(&r.en);
            c.codes.push((system, r.id.clone(), String::new()));
            if !r.kana.is_empty() {
                c.attrs.push((Attr::Kana, r.kana.clone()));
            }
            let n = out.pack.concept(&c);
            for word in [&r.ja, &r.en, &r.kana].into_iter().chain(&r.synonyms) {
                out.lookup(n, word);
            }
        }
    }
}

/// Diseases that HPO's annotations name and no ontology that was read holds.
pub(super) fn diseases(masters: &Masters, out: &mut Surfaces<'_>) {
    let known: HashSet<&str> = masters.ontology.iter().filter(|r| !r.obsolete).flat_map(|r| std::iter::once(&r.id).chain(&r.same)).map(String::as_str).collect();
    let mut seen = HashSet::new();
    for r in masters.phenotypes.iter().filter(|r| !known.contains(r.disease.as_str())) {
        if seen.insert(&r.disease) {
            let mut c = NewConcept::new(ConceptKind::Disorder, &r.disease, &plain(&r.disease_name));
            c.reference = true;
            c.en.clone_from(&r.disease_name);
            if let Some(system) = system_of(&r.disease) {
                c.codes.push((system, r.disease.clone(), String::new()));
            }
            let n = out.pack.concept(&c);
            out.lookup(n, &r.disease_name);
        }
    }
}

/// Entries of code lists that are read for nothing else.
pub(super) fn entries(masters: &Masters, out: &mut Surfaces<'_>) {
    const ELSEWHERE: [System; 7] = [System::Icd10, System::Jlac10, System::ModifierKey, System::Hot7, System::Hot9, System::Hot13, System::Yj];
    let mut seen = HashSet::new();
    for r in &masters.fhir {
        let system = systems::of(&r.system);
        if system.is_some_and(|s| ELSEWHERE.contains(&s)) {
            continue;
        }
        let id = format!("{}|{}", r.system, r.code);
        if !seen.insert(id.clone()) {
            continue;
        }
        let mut c = NewConcept::new(ConceptKind::Entry, &id, &plain(if r.display.is_empty() { &r.code } else { &r.display }));
        c.reference = true;
        c.codes.push(match system {
            Some(s) => (s, r.code.clone(), r.display.clone()),
            None => (System::Fhir, id, r.display.clone()),
        });
        let n = out.pack.concept(&c);
        out.lookup(n, &r.display);
    }
}
