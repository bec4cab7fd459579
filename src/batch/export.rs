//! What a batch writes: one exporter a format.

use crate::export::{self, Framing, Settings, Source};
use crate::model::{Fact, Relation, SectionInfo, Structured};
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
    /// What it says, offsets counted in the unit of the run, or in bytes where the exporter [asks for them](Exporter::bytes).
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
///         let Some(names) = out.first_mut() else { return Ok(()) };
///         for fact in &item.found.facts {
///             names.extend_from_slice(fact.name.as_bytes());
///             names.push(b'\n');
///         }
///         Ok(())
///     }
/// }
/// ```
pub trait Exporter: std::fmt::Debug + Send + Sync {
    /// The names of its files. No two exporters of a run may share one.
    fn files(&self) -> Vec<String>;

    /// Whether offsets shall count bytes, whatever the unit of the run.
    fn bytes(&self) -> bool {
        false
    }

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
    // written out: flattening goes by way of a map
    sections: &'a [SectionInfo],
    facts: &'a [Fact],
    relations: &'a [Relation],
}

impl Exporter for JsonLines {
    fn files(&self) -> Vec<String> {
        vec!["facts.jsonl".to_owned()]
    }

    fn encode(&self, item: &Item<'_>, out: &mut [Vec<u8>]) -> Result<(), String> {
        let Some(out) = out.first_mut() else { return Ok(()) };
        let Structured { sections, facts, relations } = item.found;
        serde_json::to_writer(&mut *out, &Line { id: item.id, sections, facts, relations }).map_err(|e| e.to_string())?;
        out.push(b'\n');
        Ok(())
    }
}

/// A form of [`crate::export`] whose notes follow one another: FHIR, OMOP, CSV … What a note says and the form can't hold
/// is listed in a second file, `<name>.left.jsonl`.
pub struct Form {
    inner: Box<dyn export::Exporter>,
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Form({:?})", self.inner.format().name)
    }
}

impl Form {
    /// The form of that name.
    ///
    /// # Errors
    /// When there is none, or its notes can't be written one after the other.
    ///
    /// ```
    /// use karuta::batch::Form;
    /// assert!(Form::new("fhir-ndjson", &karuta::export::Settings::default()).is_ok());
    /// assert!(Form::new("html", &karuta::export::Settings::default()).is_err());
    /// ```
    pub fn new(name: &str, settings: &Settings) -> Result<Self, String> {
        let expected = || export::formats().filter_map(|f| export::by_name(f.name, settings).ok()).filter(|e| grows(&**e)).map(|e| e.format().name).collect::<Vec<_>>().join(", ");
        match export::by_name(name, settings) {
            Ok(inner) if grows(&*inner) => Ok(Self { inner }),
            Ok(_) => Err(format!("found {name}, which has a document or an end for all notes; expected one of jsonl, parquet, {}", expected())),
            Err(export::ExportError::Format { .. }) => Err(format!("found {name}, expected one of jsonl, parquet, {}", expected())),
            Err(e) => Err(e.to_string()),
        }
    }
}

/// Whether a note can be written when only those before it are known.
fn grows(e: &dyn export::Exporter) -> bool {
    let mut end = Vec::new();
    e.format().framing == Framing::Stream && e.separator().is_empty() && e.end(&mut end).is_ok() && end.is_empty()
}

impl Exporter for Form {
    fn files(&self) -> Vec<String> {
        let f = self.inner.format();
        vec![format!("{}.{}", f.name, f.extension), format!("{}.left.jsonl", f.name)]
    }

    fn bytes(&self) -> bool {
        true
    }

    fn head(&self, out: &mut [Vec<u8>]) {
        if let Some(out) = out.first_mut() {
            // writing to memory does not fail
            let _ = self.inner.begin(out);
        }
    }

    fn encode(&self, item: &Item<'_>, out: &mut [Vec<u8>]) -> Result<(), String> {
        let [out, left] = out else { return Err("two files".to_owned()) };
        let id = item.id.as_str().map_or_else(|| item.id.to_string(), str::to_owned);
        let source = Source { number: item.number + 1, date: item.date, ..Source::new(&id, item.text, item.found) };
        for l in self.inner.note(&source, out).map_err(|e| e.to_string())? {
            let _ = serde_json::to_writer(&mut *left, &serde_json::json!({"note": item.id, "id": l.id, "why": l.why}));
            left.push(b'\n');
        }
        Ok(())
    }
}
