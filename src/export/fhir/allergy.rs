//! AllergyIntolerance.

use super::record::Record;
use super::resources::{AllergyIntolerance, Reaction};
use super::types::{Coding, Concept, Text};
use crate::export::tables;
use crate::model::{Applicability, Assertion, Fact, FactKind, Temporality};

pub(super) fn allergy<'a>(record: &Record<'a>, f: &'a Fact) -> AllergyIntolerance<'a> {
    let mut a = AllergyIntolerance::new(record.note.uuid(&f.id), tables::profile("AllergyIntolerance"));
    let none = (f.assertion == Assertion::Absent && f.codings.is_empty()).then(|| tables::code("no-allergy", &f.name)).flatten();
    let verification = match f.assertion {
        // "no known allergy" is a statement of its own that holds
        _ if none.is_some() => "confirmed",
        Assertion::Absent => "refuted",
        Assertion::Possible => "unconfirmed",
        _ if f.applicability != Applicability::Auto => "unconfirmed",
        _ => "confirmed",
    };
    a.verification_status = Concept::coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-verification", verification);
    let clinical = if f.temporality == Temporality::Past { "inactive" } else { "active" };
    a.clinical_status = Some(Concept::coded("http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", clinical));
    a.category = category(f).into_iter().collect();
    a.code = record.concept(f);
    match none {
        Some(n) => a.code.coding.push(Coding { system: n.system, code: n.code.into(), display: n.display }),
        None => a.code.text = Some(Text::Borrowed(&f.name)),
    }
    a.patient = record.subject();
    a.onset_date_time = record.when(f).start();
    a.recorded_date = record.note.day();
    if let Some(reaction) = f.value.as_ref().and_then(|v| v.text.as_deref()).filter(|_| f.kind == FactKind::Allergy) {
        a.reaction = vec![Reaction { manifestation: vec![Concept::text(reaction)] }];
    }
    a
}

fn category(f: &Fact) -> Option<&'static str> {
    if f.kind == FactKind::Medication {
        return Some("medication");
    }
    f.codings.iter().find_map(|c| match c.system.as_str() {
        s if s.ends_with("/JP_JfagyFoodAllergen_CS") => Some("food"),
        s if s.ends_with("/JP_JfagyMedicationAllergen_CS") || s.contains("/YJ-code") || s.ends_with("master-HOT9") => Some("medication"),
        s if s.ends_with("/JP_JfagyNonFoodNonMedicationAllergen_CS") => Some("environment"),
        _ => None,
    })
}
