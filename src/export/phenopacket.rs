//! GA4GH Phenopackets v2 as JSON: what is surely there, and what is surely not.

use super::fhir::date_time;
use super::{ExportError, Exporter, Format, Left, Settings, Source, tables};
use crate::model::{Assertion, Fact, FactKind, Subject, Temporality};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;

pub(super) const PHENOPACKET: Format = Format::document("phenopacket", "json", "GA4GH Phenopackets v2 JSON");
pub(super) const NDJSON: Format = Format::stream("phenopacket-ndjson", "ndjson", "the same, one a line for each note");

const HPO: &str = "http://human-phenotype-ontology.org";
const DISEASES: [&str; 3] = ["http://purl.obolibrary.org/obo/mondo.owl", "http://nanbyodata.jp/ontology/nando", "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full"];
const AGENTS: [&str; 2] = ["http://www.whocc.no/atc", "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code"];
const LOINC: &str = "http://loinc.org";

#[derive(Debug)]
struct Phenopacket {
    format: &'static Format,
    settings: Settings,
}

pub(super) fn make(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Phenopacket { format: &PHENOPACKET, settings: settings.clone() }))
}

pub(super) fn lines(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Phenopacket { format: &NDJSON, settings: settings.clone() }))
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Packet<'a> {
    id: &'a str,
    subject: Individual<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    phenotypic_features: Vec<Feature<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    measurements: Vec<Measurement<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diseases: Vec<Disease<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    medical_actions: Vec<Action<'a>>,
    meta_data: MetaData,
}

#[derive(Serialize, Default)]
struct Individual<'a> {
    id: &'a str,
}

#[derive(Serialize, Clone)]
struct Class<'a> {
    id: String,
    label: &'a str,
}

#[derive(Serialize)]
struct Feature<'a> {
    #[serde(rename = "type")]
    class: Class<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    excluded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset: Option<Time>,
    description: &'a str,
}

#[derive(Serialize)]
struct Disease<'a> {
    term: Class<'a>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    excluded: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    onset: Option<Time>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Measurement<'a> {
    description: &'a str,
    assay: Class<'a>,
    value: Value<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_observed: Option<Time>,
}

#[derive(Serialize)]
struct Value<'a> {
    quantity: Quantity<'a>,
}

#[derive(Serialize)]
struct Quantity<'a> {
    unit: Class<'a>,
    value: f64,
}

#[derive(Serialize)]
struct Action<'a> {
    treatment: Treatment<'a>,
}

#[derive(Serialize)]
struct Treatment<'a> {
    agent: Class<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Time {
    Timestamp(String),
    Age { iso8601duration: String },
}

#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct MetaData {
    created: String,
    created_by: &'static str,
    resources: Vec<Resource>,
    phenopacket_schema_version: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    id: String,
    name: &'static str,
    url: &'static str,
    version: &'static str,
    namespace_prefix: &'static str,
    iri_prefix: &'static str,
}

impl Exporter for Phenopacket {
    fn format(&self) -> &'static Format {
        self.format
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let own = || note.day().map(|d| format!("{d}T00:00:00{}", self.settings.offset()));
        let created = self.settings.recorded.clone().or_else(own).ok_or_else(|| ExportError::Note {
            format: self.format.name,
            id: note.id.to_owned(),
            found: "no date",
            expected: "a \"date\" in the record, or the instant of recording",
        })?;
        let mut p = Packet { id: note.id, subject: Individual { id: note.patient.unwrap_or(note.id) }, ..Packet::default() };
        let mut used = BTreeSet::new();
        let mut left = Vec::new();
        for f in &note.found.facts {
            if let Err(why) = add(&mut p, f, self.settings.offset(), &mut used) {
                left.push(Left { id: f.id.clone(), text: f.text.clone(), why });
            }
        }
        p.meta_data = MetaData { created, created_by: concat!("Karuta ", env!("CARGO_PKG_VERSION")), resources: resources(&used), phenopacket_schema_version: "2.0" };
        if self.format.name == PHENOPACKET.name {
            serde_json::to_writer_pretty(&mut *out, &p)?;
        } else {
            serde_json::to_writer(&mut *out, &p)?;
        }
        out.write_all(b"\n")?;
        Ok(left)
    }
}

fn resources(used: &BTreeSet<&'static str>) -> Vec<Resource> {
    let of = |r: &tables::Ontology| used.contains(r.system);
    tables::ontologies()
        .filter(of)
        .map(|r| Resource { id: r.prefix.to_lowercase(), name: r.name, url: r.url, version: r.version, namespace_prefix: r.prefix, iri_prefix: r.iri_prefix })
        .collect()
}

/// A class of one of these systems, the first that the fact has. Its label is the master's, else the fact's name: the
/// schema demands one.
fn class<'a>(f: &'a Fact, systems: &[&'static str], used: &mut BTreeSet<&'static str>) -> Option<Class<'a>> {
    let (system, c) = systems.iter().find_map(|s| Some((*s, f.codings.iter().find(|c| c.system == *s)?)))?;
    let ontology = tables::ontologies().find(|o| o.system == system)?;
    used.insert(ontology.system);
    let id = if c.code.starts_with(ontology.prefix) && c.code.contains(':') { c.code.to_string() } else { format!("{}:{}", ontology.prefix, c.code) };
    Some(Class { id, label: if c.display.is_empty() { &f.name } else { &c.display } })
}

fn add<'a>(p: &mut Packet<'a>, f: &'a Fact, offset: &str, used: &mut BTreeSet<&'static str>) -> Result<(), &'static str> {
    if f.kind == FactKind::Time {
        return Err("a time expression: it stands with the facts that it governs");
    }
    if f.subject != Subject::Patient {
        return Err("not the patient's: a Phenopacket is about one individual");
    }
    let excluded = match f.assertion {
        Assertion::Present if f.temporality != Temporality::Future => false,
        Assertion::Absent => true,
        _ => return Err("doubted, conditional or planned: Phenopackets state what is there and what is not"),
    };
    match f.kind {
        FactKind::Finding | FactKind::Disorder => {
            let onset = time(f, offset);
            // a disorder is a disease where an ontology of diseases has it; else both are phenotypic features
            let disease = if f.kind == FactKind::Disorder { class(f, &DISEASES, used) } else { None };
            if let Some(term) = disease {
                p.diseases.push(Disease { term, excluded, onset });
            } else if let Some(class) = class(f, &[HPO], used) {
                p.phenotypic_features.push(Feature { class, excluded, onset, description: &f.text });
            } else {
                return Err("no code of HPO, MONDO, NANDO or ICD-10");
            }
        }
        FactKind::Vital | FactKind::Lab | FactKind::Score => measurement(p, f, excluded, offset, used)?,
        FactKind::Medication if !excluded => {
            let status = f.medication.as_deref().and_then(|m| m.status.as_deref());
            if status == Some("allergy") {
                return Err("an allergy: Phenopackets have no element for it");
            }
            let agent = class(f, &AGENTS, used).ok_or("a medicine without an ATC or YJ code")?;
            p.medical_actions.push(Action { treatment: Treatment { agent } });
        }
        FactKind::Medication => return Err("a medicine that was not given"),
        _ => return Err("no element for procedures without a code, allergies, habits or wishes"),
    }
    Ok(())
}

fn measurement<'a>(p: &mut Packet<'a>, f: &'a Fact, excluded: bool, offset: &str, used: &mut BTreeSet<&'static str>) -> Result<(), &'static str> {
    let v = f.value.as_ref().filter(|_| !excluded).ok_or("a measurement without a value")?;
    let (Some(number), None, None) = (v.number, v.high, v.comparator.as_deref()) else { return Err("a qualitative result, a range or a bound: a Quantity is one number") };
    let assay = class(f, &[LOINC], used).ok_or("a measurement without a LOINC code")?;
    used.insert("http://unitsofmeasure.org");
    // no unit is the unit 1 in UCUM
    let unit = v.unit.as_deref().unwrap_or("1");
    let value = Value { quantity: Quantity { unit: Class { id: format!("UCUM:{unit}"), label: unit }, value: number } };
    p.measurements.push(Measurement { description: &f.text, assay, value, time_observed: time(f, offset) });
    Ok(())
}

/// A moment or an age; a month or year alone is neither.
fn time(f: &Fact, offset: &str) -> Option<Time> {
    let t = f.time.as_ref()?;
    let start = t.start.as_deref()?;
    if t.precision == "age" {
        return start.starts_with('P').then(|| Time::Age { iso8601duration: start.to_owned() });
    }
    let at = date_time(start, offset)?;
    match at.len() {
        0..10 => None,
        10 => Some(Time::Timestamp(format!("{at}T00:00:00{offset}"))),
        _ => Some(Time::Timestamp(at)),
    }
}
