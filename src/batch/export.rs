//! What a batch writes: one exporter a format.

use crate::model::Structured;
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
