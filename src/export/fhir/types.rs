//! The FHIR R4 datatypes that the exports use, as small as they need to be.

use serde::{Serialize, Serializer};
use std::borrow::Cow;

pub(super) type Text<'a> = Cow<'a, str>;

/// A decimal: whole numbers without a fraction, as FHIR reads digits as precision.
pub(super) fn decimal<S: Serializer>(n: &f64, s: S) -> Result<S::Ok, S::Error> {
    // 2^53: every whole number up to there is exact
    if n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0 {
        #[allow(clippy::cast_possible_truncation)]
        return s.serialize_i64(*n as i64);
    }
    s.serialize_f64(*n)
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Coding<'a> {
    pub system: &'a str,
    pub code: Text<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub display: &'a str,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Concept<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extension: Vec<Extension<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub coding: Vec<Coding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text<'a>>,
}

impl<'a> Concept<'a> {
    pub fn coded(system: &'a str, code: &'a str) -> Self {
        Self { coding: vec![Coding { system, code: Text::Borrowed(code), display: "" }], ..Self::default() }
    }

    pub fn text(text: impl Into<Text<'a>>) -> Self {
        Self { text: Some(text.into()), ..Self::default() }
    }
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Extension<'a> {
    pub url: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extension: Vec<Extension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_codeable_concept: Option<Concept<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_string: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_unsigned_int: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_identifier: Option<Identifier<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_reference: Option<Reference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value_period: Option<Period>,
}

impl<'a> Extension<'a> {
    /// A primitive that the note does not tell.
    pub fn unknown() -> Self {
        Self { url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason", value_code: Some("unknown"), ..Self::default() }
    }
}

/// The part of a primitive that stands under its name with an underscore.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Beside<'a> {
    pub extension: Vec<Extension<'a>>,
}

impl Beside<'_> {
    pub fn unknown() -> Self {
        Self { extension: vec![Extension::unknown()] }
    }
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Identifier<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Text<'a>>,
}

impl<'a> Identifier<'a> {
    pub fn new(system: impl Into<Text<'a>>, value: impl Into<Text<'a>>) -> Self {
        Self { system: Some(system.into()), value: Some(value.into()) }
    }
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Reference<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extension: Vec<Extension<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<Identifier<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<Text<'a>>,
}

impl<'a> Reference<'a> {
    pub fn to(reference: impl Into<Text<'a>>) -> Self {
        Self { reference: Some(reference.into()), ..Self::default() }
    }
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Meta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profile: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag: Vec<Coding<'a>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Quantity<'a> {
    #[serde(serialize_with = "decimal")]
    pub value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparator: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Text<'a>>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Range<'a> {
    pub low: Quantity<'a>,
    pub high: Quantity<'a>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Ratio<'a> {
    pub numerator: Quantity<'a>,
    pub denominator: Quantity<'a>,
}

#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Period {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Annotation<'a> {
    pub text: Text<'a>,
}
