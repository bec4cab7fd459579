//! Observation: vital signs, body measurements, laboratory results, scores, habits, wishes.

use super::plan::Kind;
use super::record::{Record, about, demanded, quantity, unknown_reference};
use super::resources::{Observation, Resource, Specimen};
use super::types::{Annotation, Coding, Concept, Range, Reference, Text};
use crate::export::source::rule;
use crate::export::tables;
use crate::model::{Assertion, Fact, FactKind, RelationKind, Temporality, Value};

const CATEGORY: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
const LOINC: &str = "http://loinc.org";
const JLAC10: &str = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
const MATERIAL: &str = "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationSampleMaterialCode_CS";

/// The profile and category of an observation.
fn profile(f: &Fact) -> (&'static str, &'static str) {
    match f.kind {
        FactKind::Vital if body(f).is_some() => ("BodyMeasurement", "body-measurement"),
        FactKind::Vital => ("VitalSigns", "vital-signs"),
        FactKind::Lab if f.codings.is_empty() => ("Observation", "laboratory"),
        FactKind::Lab => ("LabResult", "laboratory"),
        FactKind::Score => ("Observation", "survey"),
        FactKind::Preference => ("Observation", "social-history"),
        _ => ("SocialHistory", "social-history"),
    }
}

pub(super) fn observation<'a>(record: &Record<'a>, f: &'a Fact) -> Observation<'a> {
    let (name, category) = profile(f);
    let mut o = Observation::new(record.note.uuid(&f.id), tables::profile(name));
    o.status = if f.assertion == Assertion::Possible { "preliminary" } else { "final" };
    o.category = vec![Concept::coded(CATEGORY, category)];
    o.code = code(record, f);
    o.subject = record.subject();
    time(record, f, &mut o, name == "LabResult");
    value(f, &mut o);
    if name == "LabResult" {
        match material(f) {
            Some(m) => {
                let mut s = Specimen::new("specimen", tables::profile("Specimen"));
                s.kind = Some(Concept::coded(MATERIAL, m));
                o.contained = vec![Resource::Specimen(s)];
                o.specimen = Some(Reference::to("#specimen"));
            }
            None => o.specimen = Some(unknown_reference()),
        }
    }
    o.derived_from = record.related(f, RelationKind::PartOf, &[Kind::Observation]);
    o
}

fn code<'a>(record: &Record<'a>, f: &'a Fact) -> Concept<'a> {
    let mut c = record.concept(f);
    c.text = Some(Text::Borrowed(&f.name));
    let of_kind = match f.kind {
        FactKind::Vital => body(f).filter(|b| !b.code.is_empty()),
        FactKind::Lifestyle => f.because.first().and_then(|r| tables::code("lifestyle", rule(r).0.strip_prefix("lifestyle.")?)),
        FactKind::Preference => tables::code("preference", "*"),
        _ => None,
    };
    c.coding.extend(of_kind.map(|k| Coding { system: k.system, code: k.code.into(), display: k.display }));
    c
}

fn body(f: &Fact) -> Option<tables::Code> {
    tables::code("body-measurement", f.code(LOINC)?)
}

/// The material that a JLAC10 code names by its tenth to twelfth characters.
pub(in crate::export) fn material(f: &Fact) -> Option<&str> {
    f.code(JLAC10)?.get(9..12)
}

/// The time that the note tells; for what was measured now without one, the note's own day.
fn time<'a>(record: &Record<'a>, f: &'a Fact, o: &mut Observation<'a>, demands: bool) {
    let when = record.when(f);
    if when.open {
        o.note.push(Annotation { text: format!("時期: {}", super::condition::open_time(record, f)).into() });
    }
    o.effective_period = when.period;
    o.effective_date_time = when.date_time;
    let untold = f.time.is_none() && f.temporality == Temporality::Current;
    if o.effective_period.is_none() && o.effective_date_time.is_none() && untold {
        o.effective_date_time = record.note.day();
    }
    if demands && o.effective_period.is_none() {
        (o.effective_date_time, o.effective_beside) = demanded(o.effective_date_time.take());
    }
}

fn value<'a>(f: &'a Fact, o: &mut Observation<'a>) {
    let habit = matches!(f.kind, FactKind::Lifestyle | FactKind::Preference);
    if f.assertion == Assertion::Absent && f.kind == FactKind::Preference {
        o.value_boolean = Some(false);
        o.note.push(Annotation { text: Text::Borrowed(&f.text) });
        return;
    }
    if f.assertion == Assertion::Absent && !habit {
        o.data_absent_reason = Some(Concept::coded("http://terminology.hl7.org/CodeSystem/data-absent-reason", "not-performed"));
        return;
    }
    match f.value.as_ref() {
        // a habit's number is computed (g of alcohol a day, pack-years): its words say more
        _ if habit => {
            o.value_string = Some(Text::Borrowed(&f.text));
            o.note.extend(f.value.as_ref().and_then(habit_note));
        }
        Some(v) => measured(v, f, o),
        None => o.data_absent_reason = Some(Concept::coded("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")),
    }
    if o.data_absent_reason.is_some() && !f.text.is_empty() {
        o.note.push(Annotation { text: Text::Borrowed(&f.text) });
    }
}

fn measured<'a>(v: &'a Value, f: &Fact, o: &mut Observation<'a>) {
    match (v.number, v.high, v.text.as_deref()) {
        // the profile of laboratory results knows no Range
        (Some(low), Some(high), _) if f.kind == FactKind::Lab => o.value_string = Some(format!("{low}-{high} {}", v.unit.as_deref().unwrap_or("")).trim().to_owned().into()),
        (Some(low), Some(high), _) => {
            let simple = |n| super::types::Quantity { comparator: None, ..quantity(n, v) };
            o.value_range = Some(Range { low: simple(low), high: simple(high) });
        }
        (Some(n), None, _) => o.value_quantity = Some(quantity(n, v)),
        (None, _, Some(t)) => o.value_string = Some(Text::Borrowed(t)),
        (None, ..) => o.data_absent_reason = Some(Concept::coded("http://terminology.hl7.org/CodeSystem/data-absent-reason", "unknown")),
    }
    o.note.extend(about(v));
}

fn habit_note<'a>(v: &'a Value) -> Option<Annotation<'a>> {
    let number = v.number.map(|n| format!("{n} {}", v.unit.as_deref().unwrap_or("")));
    let said = [v.text.as_deref().unwrap_or(""), number.as_deref().unwrap_or("").trim()].join(" ");
    (!said.trim().is_empty()).then(|| Annotation { text: said.trim().to_owned().into() })
}
