//! A FHIR CodeSystem resource: its concepts, nested ones too.

use super::Report;
use crate::lexicon::import::masters::{FhirRow, Masters};
use serde::Deserialize;

#[derive(Deserialize)]
struct CodeSystem {
    #[serde(default)]
    url: String,
    #[serde(default)]
    concept: Vec<Concept>,
}

#[derive(Deserialize)]
struct Concept {
    #[serde(default)]
    code: String,
    #[serde(default)]
    display: String,
    #[serde(default)]
    concept: Vec<Concept>,
}

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let system: CodeSystem = match serde_json::from_str(text) {
        Ok(s) => s,
        Err(e) => return report.whole(format!("JSON that can't be read ({e})"), "a FHIR CodeSystem"),
    };
    if system.url.is_empty() {
        return report.whole("a CodeSystem without url".to_owned(), "the system's url");
    }
    // depth first, in the order of the file; nesting is bounded by the JSON reader
    let mut open: Vec<Concept> = system.concept.into_iter().rev().collect();
    while let Some(c) = open.pop() {
        open.extend(c.concept.into_iter().rev());
        if !c.code.is_empty() {
            out.fhir.extend(report.take(Ok(FhirRow { system: system.url.clone(), code: c.code, display: c.display })));
        }
    }
}
