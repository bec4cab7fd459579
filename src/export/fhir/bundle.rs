//! All resources of a note, and what of it FHIR could not hold.

use super::plan::{self, Kind};
use super::record::{PATIENT, Record};
use super::resources::{Bundle, Entry, Issue, OperationOutcome, Patient, Resource};
use super::types::{Identifier, Meta};
use super::{allergy, condition, measure, medicine, procedure, provenance};
use crate::export::{Left, tables};
use crate::model::{Fact, RelationKind};

/// The patient first, then each fact's resource with its Provenance, then what was left out.
pub(super) fn entries<'a>(record: &Record<'a>) -> (Vec<Entry<'a>>, Vec<Left>) {
    let facts = &record.note.found.facts;
    let mut out = Vec::with_capacity(facts.len() * 2 + 2);
    let mut left = Vec::new();
    let entry = |part: &str, resource| Entry { full_url: format!("urn:uuid:{}", record.note.uuid(part)), resource };
    out.push(entry(PATIENT, Resource::Patient(patient(record))));
    let mut prescriptions = 0;
    for f in facts {
        match plan::kind(f) {
            Ok(_) if record.holder(&f.id) != f.id => {}
            Ok(kind) => {
                prescriptions += usize::from(kind == Kind::MedicationRequest);
                let target = record.reference(kind.name(), &f.id);
                out.push(entry(&f.id, resource(record, f, kind, prescriptions)));
                out.push(entry(&format!("{}/provenance", f.id), Resource::Provenance(Box::new(provenance::provenance(record, f, target)))));
            }
            Err(why) => left.push(Left { id: f.id.clone(), text: f.text.clone(), why }),
        }
    }
    relations(record, &mut left);
    if !left.is_empty() {
        out.push(entry("left", Resource::OperationOutcome(Box::new(outcome(record, &left)))));
    }
    (out, left)
}

pub(super) fn bundle<'a>(record: &Record<'a>, entry: Vec<Entry<'a>>) -> Bundle<'a> {
    Bundle {
        resource_type: "Bundle",
        id: record.note.uuid("bundle"),
        meta: Meta { last_updated: record.recorded(), ..Meta::default() },
        identifier: Identifier::new(provenance::NOTE, record.note.id),
        kind: "collection",
        timestamp: record.recorded(),
        entry,
    }
}

/// The note's patient: the record's own identifier, else that of whoever the note is about.
fn patient<'a>(record: &Record<'a>) -> Patient<'a> {
    let mut p = Patient::new(record.note.uuid(PATIENT), tables::profile("Patient"));
    p.identifier = vec![match record.note.patient {
        Some(id) => Identifier::new("urn:karuta:patient", id),
        None => Identifier::new("urn:karuta:patient-of-note", record.note.id),
    }];
    p
}

fn resource<'a>(record: &Record<'a>, f: &'a Fact, kind: Kind, number: usize) -> Resource<'a> {
    match kind {
        Kind::Condition => Resource::Condition(Box::new(condition::condition(record, f))),
        Kind::Observation => Resource::Observation(Box::new(measure::observation(record, f))),
        Kind::MedicationRequest => Resource::MedicationRequest(Box::new(medicine::request(record, f, number))),
        Kind::MedicationStatement => Resource::MedicationStatement(Box::new(medicine::statement(record, f))),
        Kind::AllergyIntolerance => Resource::AllergyIntolerance(Box::new(allergy::allergy(record, f))),
        Kind::Procedure => Resource::Procedure(Box::new(procedure::procedure(record, f))),
        Kind::ServiceRequest => Resource::ServiceRequest(Box::new(procedure::planned(record, f))),
        Kind::FamilyMemberHistory => Resource::FamilyMemberHistory(Box::new(condition::family(record, f))),
        Kind::RiskAssessment => Resource::RiskAssessment(Box::new(condition::risk(record, f))),
    }
}

/// Relations that no element of the two resources holds.
fn relations(record: &Record<'_>, left: &mut Vec<Left>) {
    use Kind::{Condition, MedicationRequest, MedicationStatement, Observation, Procedure, ServiceRequest};
    for r in &record.note.found.relations {
        let is = |id: &str, kinds: &[Kind]| record.refer_kind(id).is_some_and(|k| kinds.contains(&k));
        let held = match r.kind {
            RelationKind::SameAs => record.holder(&r.from) == record.holder(&r.to),
            RelationKind::HasValue => is(&r.from, &[Condition]) && is(&r.to, &[Observation]),
            RelationKind::Treats => is(&r.from, &[MedicationRequest, MedicationStatement, Procedure, ServiceRequest]) && is(&r.to, &[Condition, Observation]),
            RelationKind::CausedBy => is(&r.from, &[Condition]) && is(&r.to, &[Condition, Procedure, MedicationStatement]),
            RelationKind::PartOf => is(&r.from, &[Observation]) && is(&r.to, &[Observation]),
            RelationKind::LocatedAt | RelationKind::BecauseOf => false,
        };
        if !held {
            left.push(Left { id: format!("{}-{}", r.from, r.to), text: r.rule.clone(), why: "a relation that no element of the two resources holds" });
        }
    }
}

/// One issue for each reason, naming the facts.
fn outcome<'a>(record: &Record<'a>, left: &[Left]) -> OperationOutcome<'a> {
    let mut o = OperationOutcome::new(record.note.uuid("left"), "");
    let mut reasons: Vec<&'static str> = Vec::new();
    for l in left {
        if !reasons.contains(&l.why) {
            reasons.push(l.why);
        }
    }
    o.issue = reasons
        .into_iter()
        .map(|why| {
            let facts: Vec<String> = left.iter().filter(|l| l.why == why).map(|l| format!("{} {}", l.id, l.text)).collect();
            Issue { severity: "information", code: "not-supported", diagnostics: format!("{why}: {}", facts.join("; ")) }
        })
        .collect();
    o
}

/// The facts' resources alone, for other forms of FHIR.
pub(super) fn kinds<'a>(record: &Record<'a>) -> Vec<(&'a Fact, Result<Kind, &'static str>)> {
    record.note.found.facts.iter().filter(|f| record.holder(&f.id) == f.id).map(|f| (f, plan::kind(f))).collect()
}
