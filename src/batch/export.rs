//! What a batch writes: one exporter a format.

use crate::export::{self, ExportError, Settings, Source};
use crate::model::Structured;
use crate::note::OffsetUnit;
use serde::Serialize;
use serde_json::Value;

/// A note and what it says, as an exporter sees it.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Its number in the run, from 0; records that were set aside are counted too. Ids that are made of it are the
    /// same in every run over the same inputs.
    pub number: u64,
    /// Its id as the record gives it.
    pub id: &'a Value,
    /// Its text.
    pub text: &'a str,
    /// The day that it was written on.
    pub date: Option<jiff::civil::Date>,
    /// What it says, offsets counted in the unit of the run.
    pub found: &'a Structured,
}

/// Writes a format whose files grow note by note: JSON Lines, NDJSON, CSV.
///
/// ```
/// use karuta::batch::{Exporter, Item};
///
/// #[derive(Debug)]
/// struct Names;
///
/// impl Exporter for Names {
///     fn files(&self) -> Vec<String> {
///         vec!["names.txt".into()]
///     }
///     fn encode(&self, item: &Item<'_>, out: &mut [Vec<u8>]) -> Result<(), String> {
///         for (fact, out) in item.found.facts.iter().zip(out.iter_mut().cycle()) {
///             out.extend_from_slice(fact.name.as_bytes());
///             out.push(b'\n');
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Exporter: std::fmt::Debug + Send + Sync {
    /// The names of its files. No two exporters of a run may share one.
    fn files(&self) -> Vec<String>;

    /// What stands at the head of each file, before any note.
    fn head(&self, out: &mut [Vec<u8>]) {
        let _ = out;
    }

    /// Appends a note to each file. It is called in any order from any thread, and what it writes depends on the
    /// item alone: that is what makes a run that was stopped end with the same bytes.
    ///
    /// # Errors
    /// Why the note can't be written; it is set aside with that, and nothing of it is written to any file.
    fn encode(&self, item: &Item<'_>, out: &mut [Vec<u8>]) -> Result<(), String>;
}

/// `facts.jsonl`: a line a note, `{"id", "sections", "facts", "relations"}`.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonLines;

#[derive(Serialize)]
struct Line<'a> {
    id: &'a Value,
    #[serde(flatten)]
    found: &'a Structured,
}

impl Exporter for JsonLines {
    fn files(&self) -> Vec<String> {
        vec!["facts.jsonl".to_owned()]
    }

    fn encode(&self, item: &Item<'_>, out: &mut [Vec<u8>]) -> Result<(), String> {
        let Some(out) = out.first_mut() else { return Ok(()) };
        serde_json::to_writer(&mut *out, &Line { id: item.id, found: item.found }).map_err(|e| e.to_string())?;
        out.push(b'\n');
        Ok(())
    }
}

/// A form of [`crate::export`] in a file of its own, `fhir-ndjson.ndjson` and the like.
///
/// ```
/// use karuta::{batch::Form, export::Settings, note::OffsetUnit};
/// assert!(Form::new("fhir-ndjson", &Settings::default(), OffsetUnit::CodePoints).is_ok());
/// // an array would want something between notes and after the last
/// assert!(Form::new("bioc", &Settings::default(), OffsetUnit::CodePoints).is_err());
/// ```
#[derive(Debug)]
pub struct Form {
    exporter: Box<dyn export::Exporter>,
    offsets: OffsetUnit,
}

impl Form {
    /// The form of that name; `offsets` is the unit that the run counts in.
    ///
    /// # Errors
    /// When there is no such form, it lacks a setting, or its notes do not simply follow one another.
    pub fn new(name: &str, settings: &Settings, offsets: OffsetUnit) -> Result<Self, ExportError> {
        let exporter = export::by_name(name, settings)?;
        let mut end = Vec::new();
        exporter.end(&mut end)?;
        let format = exporter.format();
        if format.framing == export::Framing::Stream && exporter.separator().is_empty() && end.is_empty() {
            return Ok(Self { exporter, offsets });
        }
        Err(ExportError::Setting {
            format: format.name,
            found: "a form with something between or after notes".to_owned(),
            expected: "fhir-ndjson, omop-note-nlp, csv or another whose notes follow one another",
        })
    }
}

impl Exporter for Form {
    fn files(&self) -> Vec<String> {
        let format = self.exporter.format();
        vec![format!("{}.{}", format.name, format.extension)]
    }

    fn head(&self, out: &mut [Vec<u8>]) {
        if let Some(out) = out.first_mut() {
            // writing to memory does not fail
            let _ = self.exporter.begin(out);
        }
    }

    fn encode(&self, item: &Item<'_>, out: &mut [Vec<u8>]) -> Result<(), String> {
        let Some(out) = out.first_mut() else { return Ok(()) };
        let mut counted = None;
        if self.offsets != OffsetUnit::Bytes {
            let mut found = item.found.clone();
            found.count_from(item.text, self.offsets);
            counted = Some(found);
        }
        let id = item.id.as_str().map_or_else(|| item.id.to_string(), str::to_owned);
        let found = counted.as_ref().unwrap_or(item.found);
        let note = Source { id: &id, number: item.number + 1, text: Some(item.text), date: item.date, patient: None, found };
        self.exporter.note(&note, out).map(|_| ()).map_err(|e| e.to_string())
    }
}
