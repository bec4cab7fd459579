//! FHIR R4 in the profiles of JP Core and JP-CLINS.
//!
//! Profiles and codes of other systems are rows of `dictionaries/export`; displays are the master's or are left out.

mod allergy;
mod bundle;
mod clins;
mod condition;
mod measure;
mod medicine;
mod plan;
mod procedure;
mod provenance;
mod record;
mod resources;
mod types;
mod when;

pub(super) use condition::{modifier_groups, verification};
pub(super) use measure::material as specimen_material;
pub(super) use plan::told_by_allergies;
pub(super) use record::is_modifier;
pub(super) use when::date_time;

use super::{ExportError, Exporter, Format, Left, Settings, Source};
use crate::note::OffsetUnit;
use std::io::Write;

/// The name of the resource that holds a fact, or why none does.
pub(super) fn resource_kind(f: &crate::model::Fact) -> Result<&'static str, &'static str> {
    plan::kind(f).map(plan::Kind::name)
}

const UCUM: &str = "http://unitsofmeasure.org";

/// One Bundle a note.
pub(super) const BUNDLE: Format = Format::document("fhir", "json", "FHIR R4 Bundle in JP Core, with Provenance that says why").counting(OffsetUnit::CodePoints);

/// One Bundle a line.
pub(super) const NDJSON: Format = Format::stream("fhir-ndjson", "ndjson", "the same Bundle, one a line for each note").counting(OffsetUnit::CodePoints);

/// One resource a line.
pub(super) const RESOURCES: Format = Format::stream("fhir-resources", "ndjson", "the same resources, one a line, as bulk data is exchanged").counting(OffsetUnit::CodePoints);

/// JP-CLINS.
pub(super) const CLINS: Format =
    Format::stream("fhir-clins", "ndjson", "JP-CLINS eCS: a Bundle a line for diagnoses, results, allergies (needs --institution, --department, --patient)");

/// How resources are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Pretty,
    Lines,
    Resources,
}

#[derive(Debug)]
struct Fhir {
    format: &'static Format,
    mode: Mode,
    settings: Settings,
}

pub(super) fn bundle(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Fhir { format: &BUNDLE, mode: Mode::Pretty, settings: settings.clone() }))
}

pub(super) fn ndjson(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Fhir { format: &NDJSON, mode: Mode::Lines, settings: settings.clone() }))
}

pub(super) fn resources(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Fhir { format: &RESOURCES, mode: Mode::Resources, settings: settings.clone() }))
}

pub(super) fn clins(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(clins::Clins::new(settings)?))
}

impl Exporter for Fhir {
    fn format(&self) -> &'static Format {
        self.format
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let record = record::Record::new(note, &self.settings, self.mode == Mode::Resources);
        let (entries, left) = bundle::entries(&record);
        match self.mode {
            Mode::Pretty => {
                serde_json::to_writer_pretty(&mut *out, &bundle::bundle(&record, entries))?;
                out.write_all(b"\n")?;
            }
            Mode::Lines => {
                serde_json::to_writer(&mut *out, &bundle::bundle(&record, entries))?;
                out.write_all(b"\n")?;
            }
            Mode::Resources => {
                for e in entries {
                    serde_json::to_writer(&mut *out, &e.resource)?;
                    out.write_all(b"\n")?;
                }
            }
        }
        Ok(left)
    }
}
