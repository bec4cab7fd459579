//! 修飾語: sites, and what is no site.

use super::{plain, systems};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::{Masters, ModifierRow};
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::{Attr, ConceptKind, System};
use std::collections::HashMap;

/// Adds every current 修飾語, sites after the others.
pub(super) fn add(masters: &Masters, out: &mut Surfaces<'_>) {
    let mut newest: HashMap<&str, usize> = HashMap::new();
    for (i, r) in masters.modifiers.iter().enumerate() {
        newest.insert(&r.receipt, i);
    }
    let current: Vec<&ModifierRow> = masters.modifiers.iter().enumerate().filter(|(i, r)| !r.abolished && newest.get(r.receipt.as_str()) == Some(i)).map(|r| r.1).collect();
    for site in [false, true] {
        for r in current.iter().filter(|r| (class(r).0 == ConceptKind::Site) == site) {
            one(r, out);
        }
        if !site {
            keys(masters, &current, out);
        }
    }
}

/// What a row is, by 修飾語区分: kind and type.
fn class(r: &ModifierRow) -> (ConceptKind, &'static str) {
    match r.class.get(..2) {
        Some("A1") => (ConceptKind::Site, "site"),
        Some("A2") => (ConceptKind::Modifier, "position"),
        Some("A3") => (ConceptKind::Modifier, "cause"),
        Some("A4") => (ConceptKind::Modifier, "course"),
        Some("A5") => (ConceptKind::Modifier, "state"),
        Some("A6") => (ConceptKind::Modifier, "person"),
        Some("A8") => (ConceptKind::Modifier, "suffix"),
        _ => (ConceptKind::Modifier, "other"),
    }
}

fn one(r: &ModifierRow, out: &mut Surfaces<'_>) {
    let (kind, sort) = class(r);
    // 修飾語コード 8xxx is 接尾語
    let suffix = sort == "suffix" || r.receipt.starts_with('8') || r.name.starts_with(['の', '・']);
    let id = if r.exchange.is_empty() { &r.receipt } else { &r.exchange };
    let mut c = NewConcept::new(kind, &format!("z:{id}"), &plain(&r.name));
    for (system, code) in [(System::ModifierExchange, &r.exchange), (System::ModifierKey, &r.key), (System::ModifierReceipt, &r.receipt)] {
        if !code.is_empty() {
            c.codes.push((system, code.clone(), r.name.clone()));
        }
    }
    // a certainty is an assertion's, not a part of the term
    let sort = if matches!(r.receipt.as_str(), "8002") { "certainty" } else { sort };
    c.attrs.push((Attr::Type, sort.to_owned()));
    c.attrs.push((Attr::Position, if suffix { "suffix" } else { "prefix" }.to_owned()));
    c.attrs.push((Attr::Standard, r.name.clone()));
    if !r.kana.is_empty() {
        c.attrs.push((Attr::Kana, r.kana.clone()));
    }
    let n = out.pack.concept(&c);
    let bare = r.name.trim_start_matches(['の', '・']);
    if sort == "site" {
        out.name(n, bare);
    } else {
        // the curated tables hold the ones that charts use; the rest would break terms apart
        out.lookup(n, bare);
    }
    out.lookup(n, &r.name);
    out.lookup(n, &r.kana);
}

/// Key numbers that only a CodeSystem names.
fn keys(masters: &Masters, rows: &[&ModifierRow], out: &mut Surfaces<'_>) {
    let known: HashMap<&str, ()> = rows.iter().map(|r| (r.key.as_str(), ())).collect();
    for r in masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::ModifierKey) && !known.contains_key(r.code.as_str())) {
        let mut c = NewConcept::new(ConceptKind::Modifier, &format!("z:{}", r.code), &plain(&r.display));
        c.codes.push((System::ModifierKey, r.code.clone(), r.display.clone()));
        let n = out.pack.concept(&c);
        out.lookup(n, r.display.trim_start_matches(['の', '・']));
        out.lookup(n, &r.display);
    }
}
