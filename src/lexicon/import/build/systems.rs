//! Code systems by the URLs and OIDs that CodeSystem resources carry.

use crate::lexicon::System;

/// The system of a CodeSystem's `url`.
pub(crate) fn of(url: &str) -> Option<System> {
    const OIDS: &[(&str, System)] = &[
        ("1.2.392.200119.4.101.2", System::DiseaseKey),
        ("1.2.392.200119.4.101.6", System::DiseaseExchange),
        ("1.2.392.200119.4.201.2", System::ModifierKey),
        ("1.2.392.200119.4.201.5", System::ModifierExchange),
        ("1.2.392.200119.4.403.2", System::Hot7),
        ("1.2.392.200119.4.403.1", System::Hot9),
        ("1.2.392.200119.4.402.1", System::Hot13),
        ("1.2.392.100495.20.2.73", System::Yj),
        ("1.2.392.100495.20.1.73", System::Yj),
        ("1.2.392.100495.20.2.81", System::GenericOrder),
        ("1.2.392.100495.20.1.81", System::GenericOrder),
        ("1.2.392.200119.4.504", System::Jlac10),
        ("1.2.392.200250.2.2.20.20", System::Usage),
        ("1.2.392.200250.2.2.20.22", System::UsageAdditional),
        ("1.2.392.100495.20.2.101", System::UnitMerit9),
        ("1.2.392.200119.4.804", System::NursingObservation),
    ];
    if url.ends_with("ICD10-JP") || url.contains("ICD10-2013") {
        return Some(System::Icd10);
    }
    let oid = url.strip_prefix("urn:oid:").unwrap_or("");
    OIDS.iter().find(|o| o.0 == oid).map(|o| o.1).or_else(|| System::from_text(url).filter(|s| *s != System::Fhir))
}
