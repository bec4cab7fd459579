//! Results to standard output, errors to standard error.

use super::input::RecordError;
use crate::model::Structured;
use miette::{IntoDiagnostic, Report, Result};
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// One line of the output contract.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    pub id: &'a Value,
    #[serde(flatten)]
    pub found: &'a Structured,
}

/// Reports a record that was set aside.
pub(super) fn report(e: RecordError) {
    eprintln!("{:?}", Report::new(e));
}

/// Writes one JSON line.
pub(super) fn json_line(out: &mut dyn Write, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from).into_diagnostic()?;
    out.write_all(b"\n").into_diagnostic()
}

/// A reader that went away (`| head`) is no error.
pub(super) fn is_broken_pipe(e: &Report) -> bool {
    e.chain().any(|c| c.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe))
}
