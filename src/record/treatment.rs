//! What was given and done, and what the patient went home with.

use super::Treatment;
use super::source::{Placed, Source};
use crate::model::{Assertion, FactKind, Temporality};
use crate::note::SectionKind;
use crate::text::sub;

/// Medicines before and during the stay: one entry for each name, with the status that was told last.
pub(super) fn medications(source: &Source<'_>) -> Vec<Treatment> {
    let mut out: Vec<Treatment> = Vec::new();
    for p in source.facts().iter().filter(|p| is_medicine(p) && p.fact.section != SectionKind::DischargeMedication) {
        let t = medicine(p);
        match out.iter_mut().find(|o| o.entry.name == t.entry.name) {
            Some(known) => again(known, t),
            None => out.push(t),
        }
    }
    out
}

fn is_medicine(p: &Placed<'_>) -> bool {
    let allergy = p.fact.medication.as_ref().is_some_and(|m| m.status.as_deref() == Some("allergy"));
    p.fact.kind == FactKind::Medication && p.is_patients() && !allergy && p.fact.assertion != Assertion::Conditional
}

fn medicine(p: &Placed<'_>) -> Treatment {
    let medication = p.fact.medication.clone();
    Treatment { entry: p.entry(), time: p.fact.time.clone(), status: medication.as_ref().and_then(|m| m.status.clone()), medication }
}

/// The same medicine, told again: its last status, and the dose where the first mention had none.
fn again(known: &mut Treatment, mut t: Treatment) {
    known.entry.facts.append(&mut t.entry.facts);
    known.status = t.status.take().or(known.status.take());
    known.time = known.time.take().or(t.time.take());
    let told = |t: &Treatment| t.medication.as_ref().map_or(0, |m| usize::from(m.dose.is_some()) + usize::from(m.strength.is_some()));
    if told(&t) > told(known) {
        known.medication = t.medication;
    }
}

/// How many entries are looked through for one that a fact tells again.
const RECENT: usize = 256;

/// What was done or is planned: one entry for each procedure and time.
pub(super) fn procedures(source: &Source<'_>) -> Vec<Treatment> {
    let mut out: Vec<Treatment> = Vec::new();
    for p in source.facts().iter().filter(|p| p.fact.kind == FactKind::Procedure && p.is_patients()) {
        let f = p.fact;
        if f.temporality == Temporality::Past || matches!(f.assertion, Assertion::Conditional | Assertion::Possible) || f.section == SectionKind::PastHistory {
            continue;
        }
        match out.iter_mut().rev().take(RECENT).find(|o| o.entry.name == f.name && (o.time == f.time || f.time.is_none()) && o.entry.assertion == f.assertion) {
            Some(known) => known.entry.facts.push(f.id.clone()),
            None => out.push(Treatment { entry: p.entry(), time: f.time.clone(), status: None, medication: None }),
        }
    }
    out
}

/// What the patient went home with: what stands under that title, else what is told as prescribed at discharge.
pub(super) fn at_discharge(source: &Source<'_>) -> Option<Vec<Treatment>> {
    let sections: Vec<_> = source.note.sections.iter().filter(|s| s.kind == SectionKind::DischargeMedication).collect();
    let found: Vec<Treatment> = source.facts().iter().filter(|p| is_medicine(p) && p.fact.section == SectionKind::DischargeMedication).map(medicine).collect();
    if !found.is_empty() {
        return Some(found);
    }
    let none = sections.iter().any(|s| {
        let words = sub(source.text, s.content.0, s.content.1).trim_matches(|c: char| matches!(c, ' ' | '|' | '\n' | '\t' | '。' | ':' | '】'));
        ["なし", "無し", "無", "特になし", "処方なし", "投薬なし", "特記なし", "(-)", "-"].contains(&words.lines().next().unwrap_or("").trim_matches([' ', '|', '。']))
    });
    if none {
        return Some(Vec::new());
    }
    let told: Vec<Treatment> = source.facts().iter().filter(|p| is_medicine(p) && prescribed(source, p)).map(medicine).collect();
    (!told.is_empty()).then_some(told)
}

/// Bytes around a medicine that are looked at: a sentence may be as long as the note.
const WINDOW: usize = 300;

/// 「退院時、アムロジピン5mgを処方した」「アスピリンを内服継続とし退院となった」.
fn prescribed(source: &Source<'_>, p: &Placed<'_>) -> bool {
    let (start, end) = source.sentence(p.sentence);
    let sentence = source.window(start.max(p.start.saturating_sub(WINDOW)), end.min(p.end + WINDOW));
    let stopped = p.fact.medication.as_ref().is_some_and(|m| matches!(m.status.as_deref(), Some("stopped" | "past" | "held")));
    let home = [
        "退院時処方",
        "退院処方",
        "退院時に処方",
        "退院後も",
        "退院後は",
        "処方し退院",
        "処方して退院",
        "処方の上退院",
        "内服継続とし退院",
        "継続し退院",
        "継続で退院",
        "内服で退院",
        "のみで退院",
        "内服下に退院",
    ];
    !stopped && home.iter().any(|w| sentence.contains(w)) && !matches!(p.fact.section, SectionKind::PastHistory | SectionKind::Assessment)
}
