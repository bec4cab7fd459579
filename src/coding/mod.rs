//! From a mention to standard codes.

mod abbreviation;
mod compose;
mod names;
mod near;
mod phrase;
mod product;
mod refuse;
mod rewrite;
mod strengths;
mod table;

#[cfg(feature = "neural")]
pub(crate) use phrase::NEAR;
pub use phrase::{ACCEPT, Candidate, Coded, Coder, Ranked};

use crate::lexicon::{Attr, Code, Concept, ConceptKind, ConceptRef, Lexicon, System};
use crate::model::{Coding, FactKind};
use crate::recognize::{Mention, Part};
use crate::text::sub;
use crate::words::words;
use compact_str::CompactString;
use std::sync::LazyLock;

/// The codes of a mention, and the concept that they came from, which may be more specific than the one recognised.
pub fn code(lexicon: &Lexicon, text: &str, m: &Mention) -> (Vec<Coding>, Option<ConceptRef>) {
    let mut out = Vec::new();
    match m.kind {
        FactKind::Disorder | FactKind::Finding => {
            let chosen = specific(lexicon, text, m).or_else(|| m.concept.filter(|r| lexicon.concept(*r).is_some_and(|c| c.kind() != ConceptKind::Head)));
            if let Some(c) = chosen.and_then(|r| lexicon.concept(r)) {
                disorder(c, &mut out);
            } else if let Some(head) = m.concept.and_then(|r| lexicon.concept(r)) {
                // a generic finding: the code of its general 標準病名, else the category
                if let Some(c) = head.attr(Attr::Standard).and_then(|s| term(lexicon, s)).and_then(|r| lexicon.concept(r)) {
                    disorder(c, &mut out);
                } else if let Some(icd) = head.attr(Attr::Icd10) {
                    out.push(coding(System::Icd10.text(), icd, ""));
                }
            }
            if !out.is_empty() {
                let name = chosen.and_then(|r| lexicon.concept(r)).map_or("", |c| c.name());
                modifiers(lexicon, &m.parts, name, &mut out);
            }
            return (out, chosen);
        }
        FactKind::Lab | FactKind::Vital => {
            if let Some(c) = m.concept.and_then(|r| lexicon.concept(r)) {
                let qualitative = m.value.as_ref().is_some_and(|v| v.number.is_none() && v.text.is_some());
                measured(c, qualitative, &mut out);
            }
        }
        FactKind::Medication => out = product::codes(lexicon, text, m),
        _ => {
            if let Some(c) = m.concept.and_then(|r| lexicon.concept(r)) {
                if c.kind() == ConceptKind::Drug {
                    return (product::of_substance(c), m.concept);
                }
                out.extend(c.codes().map(|k| coding(k.system.text(), k.code, k.display)));
            }
        }
    }
    (out, m.concept)
}

fn coding(system: &'static str, code: &str, display: &str) -> Coding {
    Coding { system: CompactString::const_new(system), code: CompactString::new(code), display: CompactString::new(display) }
}

/// Exchange code first, then key number, claim code, ICD-10 (dagger before asterisk), ontologies; 修飾語 in their order.
fn disorder(c: Concept<'_>, out: &mut Vec<Coding>) {
    const ORDER: &[System] = &[
        System::DiseaseExchange,
        System::DiseaseKey,
        System::DiseaseReceipt,
        System::Icd10,
        System::ModifierExchange,
        System::ModifierKey,
        System::ModifierReceipt,
        System::Hpo,
        System::Mondo,
        System::Nando,
    ];
    let place = |k: &Code<'_>| ORDER.iter().position(|s| *s == k.system);
    let mut codes: Vec<(usize, Code<'_>)> = Vec::with_capacity(8);
    codes.extend(c.codes().filter_map(|k| Some((place(&k)?, k))));
    codes.sort_by_key(|k| k.0);
    out.reserve(codes.len());
    out.extend(codes.into_iter().map(|(_, k)| coding(k.system.text(), k.code, k.display)));
}

/// LOINC by the scale of the result, then the Japanese codes.
fn measured(c: Concept<'_>, qualitative: bool, out: &mut Vec<Coding>) {
    let scale = if qualitative { System::LoincQualitative } else { System::Loinc };
    let loinc = c.codes().find(|k| k.system == scale).or_else(|| c.codes().find(|k| matches!(k.system, System::Loinc | System::LoincQualitative)));
    out.extend(loinc.map(|k| coding(System::Loinc.text(), k.code, k.display)));
    out.extend(c.codes().filter(|k| !matches!(k.system, System::Loinc | System::LoincQualitative)).map(|k| coding(k.system.text(), k.code, k.display)));
}

/// The codes of a disorder or finding, and its name.
pub(crate) fn of_term(lexicon: &Lexicon, r: ConceptRef) -> (Vec<Coding>, String) {
    let mut out = Vec::new();
    let Some(c) = lexicon.concept(r) else { return (out, String::new()) };
    disorder(c, &mut out);
    (out, c.name().to_owned())
}

/// The disorder or finding that a written form names exactly.
pub fn term(lexicon: &Lexicon, written: &str) -> Option<ConceptRef> {
    lexicon.lookup(written).map(|l| l.0).find(|r| lexicon.concept(*r).is_some_and(|c| matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding)))
}

/// A term of its own for the site and the core together: 下腿 + 浮腫 is 下腿浮腫.
fn specific(lexicon: &Lexicon, text: &str, m: &Mention) -> Option<ConceptRef> {
    let core = sub(text, m.core_start, m.core_end);
    let base = m.parts.iter().rev().find(|p| !matches!(p.kind, ConceptKind::Modifier | ConceptKind::Site))?;
    let core = if base.end <= m.core_end && base.start >= m.core_start { sub(text, base.start, base.end) } else { core };
    let sites: Vec<&str> = m.parts.iter().filter(|p| p.kind == ConceptKind::Site && p.end <= base.start).map(|p| sub(text, p.start, p.end)).collect();
    if sites.is_empty() && m.parts.first().is_none_or(|p| p.kind == base.kind) {
        return None;
    }
    let phrase: String = m.parts.iter().filter(|p| p.end <= base.end).map(|p| sub(text, p.start, p.end)).collect();
    let without_side: String = m.parts.iter().filter(|p| p.end <= base.end && !is_side(lexicon, p.concept)).map(|p| sub(text, p.start, p.end)).collect();
    let mut tries = vec![phrase, without_side];
    if let Some(site) = sites.last() {
        tries.push(format!("{site}{core}"));
        // the site's own name, where the chart has another word for it
        if let Some(c) = m.parts.iter().rev().find(|p| p.kind == ConceptKind::Site && p.end <= base.start).and_then(|p| lexicon.concept(p.concept)) {
            tries.push(format!("{}{core}", c.name()));
        }
    }
    if let Some(site) = sites.last() {
        tries.extend(organs(site).map(|organ| format!("{organ}{core}")));
    }
    tries.dedup();
    tries.iter().filter(|t| t.len() > core.len()).find_map(|t| term(lexicon, t)).or_else(|| {
        // what a mass is like makes it no other disease: 副腎 + 充実性腫瘤 is 副腎腫瘤
        let mass = mass(lexicon, base.concept, core).filter(|m| *m != core)?;
        let site = m.parts.iter().rev().find(|p| p.kind == ConceptKind::Site && p.end <= base.start)?;
        let written = sub(text, site.start, site.end);
        let own = lexicon.concept(site.concept).map_or("", |c| c.name());
        [written, own].into_iter().map(str::to_owned).chain(organs(written)).find_map(|s| term(lexicon, &format!("{s}{mass}")))
    })
}

/// The organ that a region of it may name: 右肺下葉 + 結節 is 肺結節.
fn organs(site: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = site.chars().collect();
    (1..chars.len().min(4)).rev().flat_map(move |len| chars.windows(len).map(|w| w.iter().collect::<String>()).collect::<Vec<_>>())
}

static MASSES: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.masses"));
static OF_THEIR_OWN: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.masses-of-their-own"));
static OF_NO_SITE: LazyLock<Vec<&str>> = LazyLock::new(|| words("terms.codes-of-no-site"));

/// The general word for a mass that a written term ends in, where what stands before it only describes it (腫瘤 of 充実性腫瘤) and
/// the term's code is of no site.
pub fn mass(lexicon: &Lexicon, r: ConceptRef, written: &str) -> Option<&'static str> {
    let mass = MASSES.iter().copied().find(|m| written.ends_with(m)).filter(|_| !OF_THEIR_OWN.iter().any(|w| written.contains(w)))?;
    let code = lexicon.concept(r).and_then(|c| c.codes().find(|k| k.system == System::Icd10)).map_or("", |k| k.code);
    (code.is_empty() || OF_NO_SITE.iter().any(|c| code.starts_with(c))).then_some(mass)
}

fn is_side(lexicon: &Lexicon, r: ConceptRef) -> bool {
    lexicon.has_trait(r, crate::lexicon::trait_of::LATERALITY)
}

/// The 修飾語 among `parts` that the chosen term's name does not already hold, in their order.
fn modifiers(lexicon: &Lexicon, parts: &[Part], name: &str, out: &mut Vec<Coding>) {
    for p in parts.iter().filter(|p| matches!(p.kind, ConceptKind::Modifier | ConceptKind::Site)) {
        let Some(c) = lexicon.concept(p.concept) else { continue };
        if name.contains(c.name()) {
            continue;
        }
        for system in [System::ModifierExchange, System::ModifierKey, System::ModifierReceipt] {
            if let Some(k) = c.codes().find(|k| k.system == system) {
                out.push(coding(system.text(), k.code, if k.display.is_empty() { c.name() } else { k.display }));
            }
        }
    }
}
