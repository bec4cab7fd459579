//! The FHIR R4 resources that the exports write, with the elements they use.

use super::types::{Annotation, Beside, Coding, Concept, Extension, Identifier, Meta, Period, Quantity, Range, Ratio, Reference, Text};
use serde::Serialize;

macro_rules! resource {
    ($(#[$doc:meta])* $name:ident { $($(#[$attr:meta])* $field:ident : $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Serialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $name<'a> {
            pub resource_type: &'static str,
            pub id: Text<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            pub meta: Option<Meta<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub contained: Vec<Resource<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub extension: Vec<Extension<'a>>,
            #[serde(skip_serializing_if = "Vec::is_empty")]
            pub identifier: Vec<Identifier<'a>>,
            $($(#[$attr])* pub $field: $type,)*
        }

        impl<'a> $name<'a> {
            /// Under `id`, claiming `profile` where it is not empty.
            #[allow(clippy::needless_update)]
            pub fn new(id: impl Into<Text<'a>>, profile: &'a str) -> Self {
                let meta = (!profile.is_empty()).then(|| Meta { profile: vec![profile], ..Meta::default() });
                Self { resource_type: stringify!($name), id: id.into(), meta, contained: Vec::new(), extension: Vec::new(), identifier: Vec::new(), $($field: Default::default(),)* }
            }
        }
    };
}

resource!(Patient {});

resource!(Specimen {
    #[serde(skip_serializing_if = "Option::is_none", rename = "type")]
    kind: Option<Concept<'a>>,
});

resource!(Encounter { status: &'static str, class: Option<Coding<'a>> });

resource!(Condition {
    #[serde(skip_serializing_if = "Option::is_none")]
    clinical_status: Option<Concept<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification_status: Option<Concept<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    category: Vec<Concept<'a>>,
    code: Concept<'a>,
    subject: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_onsetDateTime")]
    onset_beside: Option<Beside<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset_age: Option<Quantity<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset_string: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_date: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    note: Vec<Annotation<'a>>,
});

#[derive(Debug, Clone, Serialize)]
pub(super) struct Evidence<'a> {
    pub detail: Vec<Reference<'a>>,
}

resource!(Observation {
    status: &'static str,
    category: Vec<Concept<'a>>,
    code: Concept<'a>,
    subject: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_effectiveDateTime")]
    effective_beside: Option<Beside<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_quantity: Option<Quantity<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_range: Option<Range<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_boolean: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value_string: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_absent_reason: Option<Concept<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    note: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    specimen: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    derived_from: Vec<Reference<'a>>,
});

resource!(MedicationRequest {
    status: &'static str,
    intent: &'static str,
    medication_codeable_concept: Concept<'a>,
    subject: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authored_on: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_authoredOn")]
    authored_beside: Option<Beside<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason_reference: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    note: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dosage_instruction: Vec<Dosage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dispense_request: Option<DispenseRequest<'a>>,
});

resource!(MedicationStatement {
    status: &'static str,
    medication_codeable_concept: Concept<'a>,
    subject: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date_asserted: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason_reference: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    note: Vec<Annotation<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dosage: Vec<Dosage<'a>>,
});

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DispenseRequest<'a> {
    pub expected_supply_duration: Quantity<'a>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dosage<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extension: Vec<Extension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_needed_boolean: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_needed_codeable_concept: Option<Concept<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Concept<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dose_and_rate: Vec<DoseAndRate<'a>>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Timing<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Concept<'a>>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repeat<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds_duration: Option<Quantity<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_unit: Option<&'static str>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DoseAndRate<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dose_quantity: Option<Quantity<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_ratio: Option<Ratio<'a>>,
}

resource!(AllergyIntolerance {
    #[serde(skip_serializing_if = "Option::is_none")]
    clinical_status: Option<Concept<'a>>,
    verification_status: Concept<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    category: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    criticality: Option<&'static str>,
    code: Concept<'a>,
    patient: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_date: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reaction: Vec<Reaction<'a>>,
});

#[derive(Debug, Clone, Serialize)]
pub(super) struct Reaction<'a> {
    pub manifestation: Vec<Concept<'a>>,
}

resource!(Procedure {
    status: &'static str,
    code: Concept<'a>,
    subject: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_period: Option<Period>,
    #[serde(skip_serializing_if = "Option::is_none")]
    performed_string: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason_reference: Vec<Reference<'a>>,
});

resource!(ServiceRequest {
    status: &'static str,
    intent: &'static str,
    code: Concept<'a>,
    subject: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    occurrence_date_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    authored_on: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason_reference: Vec<Reference<'a>>,
});

resource!(FamilyMemberHistory {
    status: &'static str,
    patient: Reference<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    relationship: Concept<'a>,
    condition: Vec<RelativesCondition<'a>>,
});

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RelativesCondition<'a> {
    pub code: Concept<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset_age: Option<Quantity<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub note: Vec<Annotation<'a>>,
}

resource!(RiskAssessment {
    status: &'static str,
    subject: Reference<'a>,
    prediction: Vec<Prediction<'a>>,
});

#[derive(Debug, Clone, Serialize)]
pub(super) struct Prediction<'a> {
    pub outcome: Concept<'a>,
}

resource!(Provenance {
    target: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "_recorded")]
    recorded_beside: Option<Beside<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reason: Vec<Concept<'a>>,
    agent: Vec<Agent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    entity: Vec<Entity<'a>>,
});

#[derive(Debug, Clone, Serialize)]
pub(super) struct Agent<'a> {
    #[serde(rename = "type")]
    pub kind: Concept<'a>,
    pub who: Reference<'a>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Entity<'a> {
    pub role: &'static str,
    pub what: Reference<'a>,
}

resource!(OperationOutcome { issue: Vec<Issue> });

#[derive(Debug, Clone, Serialize)]
pub(super) struct Issue {
    pub severity: &'static str,
    pub code: &'static str,
    pub diagnostics: String,
}

/// Any of them.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Resource<'a> {
    Patient(Patient<'a>),
    /// A Patient that the caller gave.
    Given(&'a serde_json::Value),
    Specimen(Specimen<'a>),
    Encounter(Encounter<'a>),
    Condition(Box<Condition<'a>>),
    Observation(Box<Observation<'a>>),
    MedicationRequest(Box<MedicationRequest<'a>>),
    MedicationStatement(Box<MedicationStatement<'a>>),
    AllergyIntolerance(Box<AllergyIntolerance<'a>>),
    Procedure(Box<Procedure<'a>>),
    ServiceRequest(Box<ServiceRequest<'a>>),
    FamilyMemberHistory(Box<FamilyMemberHistory<'a>>),
    RiskAssessment(Box<RiskAssessment<'a>>),
    Provenance(Box<Provenance<'a>>),
    OperationOutcome(Box<OperationOutcome<'a>>),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    pub full_url: String,
    pub resource: Resource<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bundle<'a> {
    pub resource_type: &'static str,
    pub id: String,
    pub meta: Meta<'a>,
    pub identifier: Identifier<'a>,
    #[serde(rename = "type")]
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Text<'a>>,
    pub entry: Vec<Entry<'a>>,
}
