//! Laboratory codes: JLAC10's analytes, the 17-digit codes that lists give, LOINC codes with a Japanese name.
//! All are for looking up: how a chart writes an analyte and reads its number, the curated table says.

use super::{plain, systems};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::{ClinsRow, LoincRow, Masters};
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::{Attr, ConceptKind, System};
use std::collections::BTreeMap;

pub(super) fn add(masters: &Masters, out: &mut Surfaces<'_>) {
    analytes(masters, out);
    codes(masters, out);
    loinc(masters, out);
}

fn reference(id: &str, name: &str) -> NewConcept {
    let mut c = NewConcept::new(ConceptKind::Analyte, id, &plain(name));
    c.reference = true;
    c
}

fn analytes(masters: &Masters, out: &mut Surfaces<'_>) {
    let mut seen = std::collections::HashSet::new();
    for r in masters.analytes.iter().filter(|r| seen.insert(&r.code)) {
        let mut c = reference(&format!("jlac10:{}", r.code), &r.name);
        c.en.clone_from(&r.en);
        c.attrs.push((Attr::JlacAnalyte, r.code.clone()));
        let n = out.pack.concept(&c);
        for name in [&r.name, &r.name2, &r.en] {
            out.lookup(n, name);
        }
        // 色調[尿] is also looked for as 色調
        if let Some((bare, _)) = r.name.split_once(['[', '［']) {
            out.lookup(n, bare);
        }
    }
}

/// One concept for each 17-digit code: MEDIS names it, CLINS gives the JLAC11 codes and the unit.
fn codes(masters: &Masters, out: &mut Surfaces<'_>) {
    #[derive(Default)]
    struct Both<'m> {
        display: &'m str,
        clins: Vec<&'m ClinsRow>,
    }
    let mut all: BTreeMap<&str, Both<'_>> = BTreeMap::new();
    for r in masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::Jlac10)) {
        all.entry(&r.code).or_default().display = &r.display;
    }
    for r in &masters.clins {
        let code = if r.jlac10.is_empty() { &r.jlac11 } else { &r.jlac10 };
        all.entry(code).or_default().clins.push(r);
    }
    for (code, both) in all {
        let first = both.clins.first();
        let name = match first {
            Some(r) => [&r.name, &r.specimen, &r.method].into_iter().filter(|s| !s.is_empty()).cloned().collect::<Vec<_>>().join(" "),
            None => both.display.to_owned(),
        };
        let mut c = reference(&format!("jlac10:{code}"), &name);
        if !both.display.is_empty() {
            c.codes.push((System::Jlac10, code.to_owned(), both.display.to_owned()));
        }
        if first.is_some_and(|r| !r.jlac10.is_empty()) {
            c.codes.push((System::ClinsJlac10, code.to_owned(), String::new()));
        }
        let mut eleven: Vec<&str> = both.clins.iter().map(|r| r.jlac11.as_str()).filter(|s| !s.is_empty()).collect();
        eleven.sort_unstable();
        eleven.dedup();
        c.codes.extend(eleven.into_iter().map(|j| (System::ClinsJlac11, j.to_owned(), String::new())));
        if let Some(analyte) = code.get(..5).filter(|_| code.len() == 17) {
            c.attrs.push((Attr::JlacAnalyte, analyte.to_owned()));
        }
        if let Some(r) = first {
            for (key, value) in [(Attr::Specimen, &r.specimen), (Attr::Note, &r.unit)] {
                if !value.is_empty() {
                    c.attrs.push((key, value.clone()));
                }
            }
        }
        let n = out.pack.concept(&c);
        if let Some(r) = first {
            out.lookup(n, &r.name);
            out.lookup(n, &r.short);
        }
        out.lookup(n, both.display);
    }
}

fn loinc(masters: &Masters, out: &mut Surfaces<'_>) {
    let mut all: BTreeMap<&str, LoincRow> = BTreeMap::new();
    for r in &masters.loinc {
        let row = all.entry(&r.code).or_default();
        for (to, from) in [(&mut row.display, &r.display), (&mut row.ja, &r.ja), (&mut row.status, &r.status)] {
            if !from.is_empty() {
                to.clone_from(from);
            }
        }
    }
    for (code, r) in all.into_iter().filter(|r| !r.1.ja.is_empty()) {
        let mut c = reference(&format!("loinc:{code}"), &r.ja);
        c.en.clone_from(&r.display);
        c.codes.push((System::Loinc, code.to_owned(), r.display.clone()));
        if !matches!(r.status.as_str(), "" | "ACTIVE") {
            c.attrs.push((Attr::Flags, r.status.clone()));
        }
        let n = out.pack.concept(&c);
        out.lookup(n, &r.ja);
        out.lookup(n, &r.display);
    }
}
