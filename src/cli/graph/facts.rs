//! Structured notes: what `karuta structure --format jsonl` writes.

use super::super::input::RecordError;
use super::super::output::report;
use crate::graph::Told;
use crate::model::Structured;
use miette::{IntoDiagnostic, Result, WrapErr};
use serde::Deserialize;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// A note's facts, as they stand in a line.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    patient: Value,
    #[serde(flatten)]
    found: Structured,
}

/// A note that was read back.
#[derive(Debug)]
pub(super) struct Facts {
    pub id: String,
    pub date: Option<String>,
    /// Empty where the line names none.
    pub patient: String,
    pub found: Structured,
}

impl Facts {
    pub fn told(&self) -> Told<'_> {
        Told { id: &self.id, date: self.date.as_deref(), found: &self.found }
    }
}

/// What a file holds.
pub(super) struct FactFile {
    pub notes: Vec<Facts>,
    /// Lines that could not be read: each was reported.
    pub failed: usize,
    /// BLAKE3 of the content.
    pub hash: String,
}

/// Reads a file of facts, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<FactFile> {
    let shown = path.display().to_string();
    let mut reader: Box<dyn Read> =
        if shown == "-" { Box::new(std::io::stdin().lock()) } else { Box::new(std::fs::File::open(path).into_diagnostic().wrap_err_with(|| shown.clone())?) };
    let mut hash = blake3::Hasher::new();
    let mut out = FactFile { notes: Vec::new(), failed: 0, hash: String::new() };
    let mut lines = BufReader::new(&mut reader);
    let (mut line, mut n) = (Vec::new(), 0);
    loop {
        line.clear();
        if lines.read_until(b'\n', &mut line).into_diagnostic().wrap_err_with(|| shown.clone())? == 0 {
            break;
        }
        n += 1;
        hash.update(&line);
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match serde_json::from_str::<Line>(text) {
            Ok(l) => {
                let word = |v: Value, other: String| match v {
                    Value::String(s) => s,
                    Value::Null => other,
                    v => v.to_string(),
                };
                out.notes.push(Facts { id: word(l.id, n.to_string()), date: l.date, patient: word(l.patient, String::new()), found: l.found });
            }
            Err(e) => {
                out.failed += 1;
                let column = e.column().saturating_sub(1);
                report(RecordError::line(&shown, n, text, column, e.to_string(), "a line of karuta structure --format jsonl: {\"id\", \"sections\", \"facts\", \"relations\"}"));
            }
        }
    }
    out.hash = hash.finalize().to_hex().to_string();
    Ok(out)
}

/// The notes of each patient: by the `patient` of their lines, all of one (`together`), else each by itself.
pub(super) fn patients(notes: &[Facts], together: bool) -> Vec<Vec<&Facts>> {
    let mut out: Vec<Vec<&Facts>> = Vec::new();
    for n in notes {
        let same = |p: &Vec<&Facts>| p.first().is_some_and(|f| together || !n.patient.is_empty() && f.patient == n.patient);
        match out.iter_mut().find(|p| same(p)) {
            Some(p) => p.push(n),
            None => out.push(vec![n]),
        }
    }
    out
}
