//! Results to standard output, errors to standard error.

use super::input::RecordError;
use crate::model::Structured;
use miette::{Report, Result};
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

/// The reader of standard output went away (`| head`): no error, but the end of the work.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("standard output was closed")]
struct Closed;

/// A result of writing to standard output.
pub(super) trait Written<T> {
    /// The error as a report; a closed pipe is told apart.
    fn written(self) -> Result<T>;
}

impl<T> Written<T> for io::Result<T> {
    fn written(self) -> Result<T> {
        self.map_err(|e| if e.kind() == io::ErrorKind::BrokenPipe { Report::new(Closed) } else { miette::miette!("standard output: {e}") })
    }
}

/// Writes one JSON line.
pub(super) fn json_line(out: &mut dyn Write, value: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, value).map_err(io::Error::from).written()?;
    out.write_all(b"\n").written()
}

/// A reader that went away is no error.
pub(super) fn is_broken_pipe(e: &Report) -> bool {
    e.downcast_ref::<Closed>().is_some()
}
