//! MedicationRequest and MedicationStatement.

use super::plan::Kind;
use super::record::{Record, demanded};
use super::resources::{DispenseRequest, Dosage, DoseAndRate, MedicationRequest, MedicationStatement, Repeat, Timing};
use super::types::{Annotation, Concept, Identifier, Quantity, Ratio, Text};
use super::when::When;
use crate::export::tables;
use crate::model::{Assertion, Fact, Medication, RelationKind, Temporality, Value};

pub(super) const RP: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/Medication-RPGroupNumber";
pub(super) const ORDER_IN_RP: &str = "http://jpfhir.jp/fhir/core/mhlw/IdSystem/MedicationAdministrationIndex";

/// A prescription; `number` counts those of the note, each being an Rp of its own.
pub(super) fn request<'a>(record: &Record<'a>, f: &'a Fact, number: usize) -> MedicationRequest<'a> {
    let mut r = MedicationRequest::new(record.note.uuid(&f.id), tables::profile("MedicationRequest"));
    r.identifier = vec![Identifier::new(RP, number.to_string()), Identifier::new(ORDER_IN_RP, "1")];
    let planned = f.assertion == Assertion::Planned || status(f) == Some("planned");
    r.intent = if planned { "plan" } else { "order" };
    r.status = match f.temporality {
        _ if planned => "draft",
        Temporality::Past => "completed",
        _ => "active",
    };
    r.medication_codeable_concept = record.concept(f);
    r.subject = record.subject();
    let when = record.when(f);
    (r.authored_on, r.authored_beside) = demanded(when.start().or_else(|| record.note.day()));
    r.note = open(record, f, &when);
    r.reason_reference = record.related(f, RelationKind::Treats, &[Kind::Condition, Kind::Observation]);
    if let Some(m) = f.medication.as_deref() {
        r.dosage_instruction = dosage(m).into_iter().collect();
        r.dispense_request = m.days.filter(|d| *d >= 1.0).map(|d| DispenseRequest { expected_supply_duration: days(d) });
    }
    r
}

pub(super) fn statement<'a>(record: &Record<'a>, f: &'a Fact) -> MedicationStatement<'a> {
    let mut s = MedicationStatement::new(record.note.uuid(&f.id), tables::profile("MedicationStatement"));
    s.status = match (f.assertion, status(f)) {
        (Assertion::Absent, _) => "not-taken",
        (Assertion::Possible, _) | (_, None) => "unknown",
        (_, Some("stopped")) => "stopped",
        (_, Some("held")) => "on-hold",
        (_, Some("past")) => "completed",
        (_, Some("planned")) => "intended",
        _ if f.temporality == Temporality::Past => "completed",
        _ => "active",
    };
    s.medication_codeable_concept = record.concept(f);
    s.subject = record.subject();
    let when = record.when(f);
    s.note = open(record, f, &when);
    (s.effective_date_time, s.effective_period) = (when.date_time, when.period);
    s.date_asserted = record.note.day();
    s.reason_reference = record.related(f, RelationKind::Treats, &[Kind::Condition, Kind::Observation]);
    s.dosage = f.medication.as_deref().and_then(dosage).into_iter().collect();
    s
}

fn status(f: &Fact) -> Option<&str> {
    f.medication.as_deref()?.status.as_deref()
}

/// A time that is no date, in words.
fn open<'a>(record: &Record<'a>, f: &'a Fact, when: &When) -> Vec<Annotation<'a>> {
    let told = when.open.then(|| format!("時期: {}", super::condition::open_time(record, f)));
    told.map(|t| Annotation { text: t.into() }).into_iter().collect()
}

/// How it is taken, as written and as far as it was read.
pub(super) fn dosage(m: &Medication) -> Option<Dosage<'_>> {
    let mut text: Vec<&str> = [m.strength.as_deref(), m.dose.as_deref()].into_iter().flatten().collect();
    if let Some(u) = m.usage.as_deref().filter(|u| m.dose.as_deref().is_none_or(|d| !d.contains(u))) {
        text.push(u);
    }
    let frequency = m.times_per_day.filter(|t| *t >= 1.0 && t.fract() == 0.0 && *t <= 48.0);
    // a known small whole number
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let frequency = frequency.map(|t| t as u32);
    let bounds = m.days.filter(|d| *d >= 1.0).map(days);
    let repeat =
        (frequency.is_some() || bounds.is_some()).then(|| Repeat { bounds_duration: bounds, frequency, period: frequency.map(|_| 1), period_unit: frequency.map(|_| "d") });
    let usage = (!m.usage_codings.is_empty()).then(|| Concept {
        coding: m.usage_codings.iter().map(super::record::coding).collect(),
        text: m.usage.as_deref().map(Text::Borrowed),
        ..Concept::default()
    });
    let out = Dosage {
        extension: Vec::new(),
        text: (!text.is_empty()).then(|| text.join(" ").into()),
        timing: (repeat.is_some() || usage.is_some()).then_some(Timing { repeat, code: usage }),
        as_needed_boolean: m.as_needed.as_deref().filter(|w| !is_condition(w)).map(|_| true),
        as_needed_codeable_concept: m.as_needed.as_deref().filter(|w| is_condition(w)).map(Concept::text),
        route: m.route.as_deref().map(route),
        dose_and_rate: dose(m).into_iter().collect(),
    };
    (out.text.is_some() || out.timing.is_some() || out.route.is_some()).then_some(out)
}

/// 疼痛時 and 38.5℃以上 tell when it is needed, 頓用 and prn only that it is.
fn is_condition(words: &str) -> bool {
    !words.starts_with(['頓', '屯', '適']) && words != "必要時" && !words.is_ascii()
}

fn route(name: &str) -> Concept<'_> {
    tables::code("route", name).map_or_else(|| Concept::text(name), |r| Concept::coded(r.system, r.code))
}

/// The dose at a time and that of a day, where the prescription leaves no doubt which a number is.
fn dose(m: &Medication) -> Option<DoseAndRate<'_>> {
    let daily = m.daily.as_ref().and_then(per_day);
    let once = match (&daily, m.times_per_day, &m.amount) {
        (Some(d), Some(times), _) if times >= 1.0 && m.parts.is_empty() => Some(Quantity { value: rounded(d.value / times), ..d.clone() }),
        (_, None, Some(a)) => single(a),
        _ => None,
    };
    let day = Quantity { value: 1.0, comparator: None, unit: Some("日".into()), system: Some(super::UCUM), code: Some("d".into()) };
    let rate = daily.map(|numerator| Ratio { numerator, denominator: day });
    (once.is_some() || rate.is_some()).then_some(DoseAndRate { dose_quantity: once, rate_ratio: rate })
}

/// `180 mg/d` is 180 mg over a day.
fn per_day(v: &Value) -> Option<Quantity<'_>> {
    let unit = v.unit.as_deref()?.strip_suffix("/d")?;
    let number = v.number.filter(|_| v.high.is_none())?;
    Some(in_unit(number, unit))
}

/// The amount of one dose, when it is no rate and no range.
fn single(v: &Value) -> Option<Quantity<'_>> {
    let unit = v.unit.as_deref().filter(|u| !u.contains('/'))?;
    Some(in_unit(v.number.filter(|_| v.high.is_none())?, unit))
}

/// Tablets and the like in the Japanese unit codes, else UCUM.
fn in_unit(value: f64, unit: &str) -> Quantity<'_> {
    match tables::code("dose-unit", unit) {
        Some(u) => Quantity { value, comparator: None, unit: Some(u.display.into()), system: Some(u.system), code: Some(u.code.into()) },
        None => Quantity { value, comparator: None, unit: Some(unit.into()), system: Some(super::UCUM), code: Some(unit.into()) },
    }
}

fn days<'a>(n: f64) -> Quantity<'a> {
    Quantity { value: n, comparator: None, unit: Some("日".into()), system: Some(super::UCUM), code: Some("d".into()) }
}

/// A third of 20 mg is 6.667 mg: more digits would be false.
fn rounded(n: f64) -> f64 {
    (n * 1000.0).round() / 1000.0
}
