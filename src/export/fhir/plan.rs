//! Which resource a fact becomes, or why none.

use crate::model::{Assertion, Fact, FactKind, Subject, Temporality};

/// The resource that holds a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Condition,
    Observation,
    MedicationRequest,
    MedicationStatement,
    AllergyIntolerance,
    Procedure,
    ServiceRequest,
    FamilyMemberHistory,
    RiskAssessment,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Condition => "Condition",
            Self::Observation => "Observation",
            Self::MedicationRequest => "MedicationRequest",
            Self::MedicationStatement => "MedicationStatement",
            Self::AllergyIntolerance => "AllergyIntolerance",
            Self::Procedure => "Procedure",
            Self::ServiceRequest => "ServiceRequest",
            Self::FamilyMemberHistory => "FamilyMemberHistory",
            Self::RiskAssessment => "RiskAssessment",
        }
    }
}

/// The resource for a fact; `Err` tells why FHIR has none.
pub(super) fn kind(f: &Fact) -> Result<Kind, &'static str> {
    use FactKind::{Allergy, Disorder, Finding, Lab, Lifestyle, Medication, Preference, Procedure, Score, Time, Vital};
    if f.kind == Time {
        return Err("a time expression: it stands with the facts that it governs");
    }
    match f.subject {
        Subject::Patient => {}
        Subject::Family => return family(f),
        Subject::Other => return Err("somebody else's: the patient's record has no resource for it"),
    }
    let conditional = f.assertion == Assertion::Conditional;
    match f.kind {
        Disorder | Finding if conditional || f.assertion == Assertion::Present && f.temporality == Temporality::Future => Ok(Kind::RiskAssessment),
        Disorder | Finding if f.assertion == Assertion::Planned => Err("an intended disorder or finding"),
        Disorder | Finding => Ok(Kind::Condition),
        Vital | Lab | Score | Lifestyle | Preference if conditional => Err("a measurement or habit under a condition: an Observation states what was observed"),
        Vital | Lab | Score if f.assertion == Assertion::Planned => Ok(Kind::ServiceRequest),
        Vital | Lab | Score | Lifestyle | Preference => Ok(Kind::Observation),
        Allergy if conditional || f.assertion == Assertion::Planned => Err("an allergy under a condition"),
        Allergy => Ok(Kind::AllergyIntolerance),
        Medication | Procedure if conditional => Err("a medicine or procedure under a condition: neither asked for nor given"),
        Medication => Ok(medicine(f)),
        Procedure if f.assertion == Assertion::Planned || f.assertion == Assertion::Present && f.temporality == Temporality::Future => Ok(Kind::ServiceRequest),
        Procedure => Ok(Kind::Procedure),
        Time => Err("a time expression"),
    }
}

fn family(f: &Fact) -> Result<Kind, &'static str> {
    match (f.kind, f.assertion) {
        (FactKind::Disorder | FactKind::Finding, Assertion::Present | Assertion::Possible) => Ok(Kind::FamilyMemberHistory),
        (FactKind::Disorder | FactKind::Finding, _) => Err("a relative's disorder that is denied or conditional: FamilyMemberHistory states only what is there"),
        _ => Err("a relative's measurement, medicine or procedure: FamilyMemberHistory holds disorders only"),
    }
}

/// A prescription, or what the patient is said to take.
fn medicine(f: &Fact) -> Kind {
    let m = f.medication.as_deref();
    match (f.assertion, m.and_then(|m| m.status.as_deref())) {
        (_, Some("allergy")) => Kind::AllergyIntolerance,
        (Assertion::Planned, _) | (Assertion::Present, Some("planned" | "started")) => Kind::MedicationRequest,
        // a supply for days is a prescription
        (Assertion::Present, Some("active")) if m.is_some_and(|m| m.days.is_some()) && f.temporality == Temporality::Current => Kind::MedicationRequest,
        _ => Kind::MedicationStatement,
    }
}

/// Medicines that are told as allergies within the words of an allergy: the allergy's resource is theirs too.
pub(in crate::export) fn told_by_allergies(facts: &[Fact]) -> Vec<(&Fact, &Fact)> {
    let mut allergies: Vec<&Fact> = facts.iter().filter(|f| f.kind == FactKind::Allergy && kind(f).is_ok()).collect();
    allergies.sort_by_key(|f| f.start);
    let within = |f: &Fact| {
        let i = allergies.partition_point(|a| a.start <= f.start).checked_sub(1)?;
        allergies.get(i).copied().filter(|a| f.end <= a.end && a.subject == f.subject)
    };
    let told = |f: &&Fact| f.kind == FactKind::Medication && kind(f) == Ok(Kind::AllergyIntolerance);
    facts.iter().filter(told).filter_map(|f| Some((f, within(f)?))).collect()
}
