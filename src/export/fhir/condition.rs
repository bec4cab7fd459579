//! Condition, FamilyMemberHistory and RiskAssessment.

use super::plan::Kind;
use super::record::{Record, codings, is_modifier, onset_age};
use super::resources::{Condition, Evidence, FamilyMemberHistory, Prediction, RelativesCondition, RiskAssessment};
use super::types::{Annotation, Concept, Extension, Text};
use crate::export::tables;
use crate::model::{Applicability, Assertion, Fact, RelationKind, Temporality};
use crate::note::SectionKind;

const PREFIX: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePrefixModifier";
const POSTFIX: &str = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Condition_DiseasePostfixModifier";
const DUE_TO: &str = "http://hl7.org/fhir/StructureDefinition/condition-dueTo";
const MASTER_Z: &str = "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterZ-disease-modifier";
/// The systems that JP_Condition_Diagnosis takes at most one code of each.
const DIAGNOSIS: [&str; 4] = [
    "http://medis.or.jp/CodeSystem/master-disease-exCode",
    "http://medis.or.jp/CodeSystem/master-disease-keyNumber",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease",
    "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full",
];

pub(super) fn condition<'a>(record: &Record<'a>, f: &'a Fact) -> Condition<'a> {
    let mut c = Condition::new(record.note.uuid(&f.id), tables::profile(if is_diagnosis(f) { "ConditionDiagnosis" } else { "Condition" }));
    c.verification_status = Some(Concept::coded("http://terminology.hl7.org/CodeSystem/condition-ver-status", verification(f)));
    c.clinical_status = clinical(f).map(|s| Concept::coded("http://terminology.hl7.org/CodeSystem/condition-clinical", s));
    c.category = category(f).into_iter().map(|s| Concept::coded("http://terminology.hl7.org/CodeSystem/condition-category", s)).collect();
    c.code = record.concept(f);
    c.code.extension = modifiers(f);
    c.subject = record.subject();
    let when = record.when(f);
    c.onset_age = onset_age(&when);
    if when.open && c.onset_age.is_none() {
        c.onset_string = Some(open_time(record, f));
    }
    (c.onset_date_time, c.onset_period) = (when.date_time, when.period);
    c.recorded_date = record.note.day();
    let measured = f.from.iter().filter_map(|id| record.refer(id, &[Kind::Observation]));
    let evidence: Vec<_> = measured.chain(record.related(f, RelationKind::HasValue, &[Kind::Observation])).collect();
    if !evidence.is_empty() {
        c.evidence = vec![Evidence { detail: evidence }];
    }
    for cause in record.related(f, RelationKind::CausedBy, &[Kind::Condition, Kind::Procedure, Kind::MedicationStatement]) {
        c.extension.push(Extension { url: DUE_TO, value_reference: Some(cause), ..Extension::default() });
    }
    c
}

/// A relative's disorders; one resource for each relative that the note names together with a disorder.
pub(super) fn family<'a>(record: &Record<'a>, f: &'a Fact) -> FamilyMemberHistory<'a> {
    let mut h = FamilyMemberHistory::new(record.note.uuid(&f.id), tables::profile("FamilyMemberHistory"));
    let word = record.words.relative(f);
    let relative = tables::code("relative", word).or_else(|| tables::code("relative", "家族"));
    h.status = "partial";
    h.patient = record.subject();
    h.date = record.note.day();
    h.relationship = relative.map_or_else(Concept::default, |r| Concept::coded(r.system, r.code));
    h.relationship.text = Some(Text::Borrowed(if word.is_empty() { "家族" } else { word }));
    let mut code = record.concept(f);
    code.extension = modifiers(f);
    let note = if f.assertion == Assertion::Possible { vec![Annotation { text: "疑い".into() }] } else { Vec::new() };
    h.condition = vec![RelativesCondition { code, onset_age: onset_age(&record.when(f)), note }];
    h
}

/// What may come, or is watched for: a risk, never a Condition of the patient's.
pub(super) fn risk<'a>(record: &Record<'a>, f: &'a Fact) -> RiskAssessment<'a> {
    let mut r = RiskAssessment::new(record.note.uuid(&f.id), "");
    r.status = "final";
    r.subject = record.subject();
    let mut outcome = record.concept(f);
    outcome.extension = modifiers(f);
    r.prediction = vec![Prediction { outcome }];
    r
}

/// 修飾語 as extensions, each with its codes, in their order.
pub(super) fn modifiers(f: &Fact) -> Vec<Extension<'_>> {
    modifier_groups(f).into_iter().map(|(after, group)| modifier(after, &group)).collect()
}

fn modifier<'a>(after: bool, group: &[&'a crate::model::Coding]) -> Extension<'a> {
    let coding = group.iter().map(|c| super::record::coding(c)).collect();
    Extension { url: if after { POSTFIX } else { PREFIX }, value_codeable_concept: Some(Concept { coding, ..Concept::default() }), ..Extension::default() }
}

/// The codes of each 修飾語 and whether it stands after the base. In the master 修飾語区分 8, the first digit of the
/// claim code, is 接尾語; every other stands before the base.
pub(in crate::export) fn modifier_groups(f: &Fact) -> Vec<(bool, Vec<&crate::model::Coding>)> {
    let mut groups: Vec<(bool, Vec<&crate::model::Coding>)> = Vec::new();
    for c in f.codings.iter().filter(|c| is_modifier(&c.system)) {
        match groups.last_mut().filter(|g| g.1.iter().all(|k| k.system != c.system)) {
            Some(group) => group.1.push(c),
            None => groups.push((false, vec![c])),
        }
    }
    for g in &mut groups {
        g.0 = g.1.iter().any(|c| c.system == MASTER_Z && c.code.starts_with('8'));
    }
    groups
}

/// Whether the profile of diagnoses fits: a master's code, and no two of one system.
fn is_diagnosis(f: &Fact) -> bool {
    let count = |system: &str| codings(f).filter(|c| c.system == system).count();
    DIAGNOSIS.iter().any(|s| count(s) > 0) && DIAGNOSIS.iter().all(|s| count(s) < 2)
}

pub(in crate::export) fn verification(f: &Fact) -> &'static str {
    match f.assertion {
        Assertion::Absent => "refuted",
        Assertion::Possible if f.section == SectionKind::Consideration => "differential",
        Assertion::Possible => "provisional",
        // what a person should confirm is not stated as confirmed
        _ if f.applicability != Applicability::Auto => "unconfirmed",
        _ => "confirmed",
    }
}

pub(super) const fn clinical(f: &Fact) -> Option<&'static str> {
    match (f.assertion, f.temporality) {
        (Assertion::Absent, _) => None,
        (_, Temporality::Past) => Some("inactive"),
        _ => Some("active"),
    }
}

fn category(f: &Fact) -> Option<&'static str> {
    match f.section {
        // a problem list's item must have a clinical status, which what is denied has not
        SectionKind::Problem | SectionKind::PastHistory if f.assertion != Assertion::Absent => Some("problem-list-item"),
        _ if f.kind == crate::model::FactKind::Disorder => Some("encounter-diagnosis"),
        _ => None,
    }
}

/// The words of a time that is no date, else how it was read.
pub(super) fn open_time<'a>(record: &Record<'a>, f: &'a Fact) -> Text<'a> {
    match record.words.time(f) {
        "" => Text::Borrowed(f.time.as_ref().and_then(|t| t.start.as_deref()).unwrap_or("不明")),
        words => Text::Borrowed(words),
    }
}
