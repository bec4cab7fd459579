//! `karuta structure`

use super::input::{InputArgs, InputFormat, Record, records};
use super::model::ModelArgs;
use super::output::{Line, Written, json_line, report};
use super::{EngineArgs, Unit, observations, record, table};
use crate::model::Structured;
use crate::{Engine, Worker};
use clap::{Args, ValueEnum};
use miette::{IntoDiagnostic, Result};
use rayon::prelude::*;
use std::io::{self, BufWriter, IsTerminal, Write};

/// Structure notes.
#[derive(Debug, Args)]
pub(super) struct Structure {
    #[command(flatten)]
    input: InputArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Unit of the offsets in JSON
    #[arg(long, value_enum, default_value_t)]
    offsets: Unit,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    model: ModelArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table grouped by section
    #[default]
    Table,
    /// One JSON document: an object for one note, an array for several
    Json,
    /// One JSON object a line
    Jsonl,
    /// One record a note (age, sex, stay, diagnoses, course, treatments, outcome): a table on a terminal, else one JSON object a line
    Record,
    /// Records as tables
    RecordTable,
    /// Records as one JSON object a line
    RecordJsonl,
}

impl Format {
    /// How a record is printed; nothing for the other formats.
    const fn record(self, terminal: bool) -> Option<Self> {
        match self {
            Self::Record if terminal => Some(Self::RecordTable),
            Self::Record => Some(Self::RecordJsonl),
            Self::RecordTable | Self::RecordJsonl => Some(self),
            _ => None,
        }
    }
}

/// Notes read before they are structured together: enough for every core, little enough to hold.
const BATCH: usize = 512;

impl Structure {
    pub fn run(&self) -> Result<usize> {
        let engine = self.model.join(self.engine.engine()?)?;
        let colour = io::stdout().is_terminal();
        let format = self.format.record(colour).unwrap_or(self.format);
        let mut out = Printer { out: BufWriter::with_capacity(1 << 16, io::stdout().lock()), format, held: None, printed: 0, colour };
        if self.input.input_format == InputFormat::Observations {
            if self.format.record(colour).is_some() {
                return Err(miette::miette!(help = "expected notes: --input-format text or jsonl", "--format record: a record is read from a note, found measured values"));
            }
            let failed = observations::read(&self.input, &engine, self.offsets.into(), &mut |id, text, found| out.print(&id, text, &found))?;
            out.finish()?;
            return Ok(failed);
        }
        let (mut failed, mut batch) = (0, Vec::new());
        records(&self.input, &mut |r| {
            match r {
                Ok(r) => batch.push(r),
                Err(e) => {
                    failed += 1;
                    self.flush(&engine, &mut batch, &mut out)?;
                    report(e);
                }
            }
            if batch.len() >= BATCH { self.flush(&engine, &mut batch, &mut out) } else { Ok(()) }
        })?;
        self.flush(&engine, &mut batch, &mut out)?;
        out.finish()?;
        Ok(failed)
    }

    fn flush(&self, engine: &Engine, batch: &mut Vec<Record>, out: &mut Printer<impl Write>) -> Result<()> {
        if self.format.record(false).is_some() {
            let found = each(engine, batch, |worker, r| {
                let found = worker.structure_at(&r.text, r.day());
                let mut record = crate::Record::read(&found, worker.note());
                record.count_in(&r.text, self.offsets.into());
                record
            });
            return batch.drain(..).zip(found).try_for_each(|(r, f)| out.record(&r.id, &f));
        }
        let mut found = all(engine, batch)?;
        batch.iter().zip(&mut found).for_each(|(r, f)| f.count_in(&r.text, self.offsets.into()));
        for (r, f) in batch.drain(..).zip(found) {
            out.print(&r.id, &r.text, &f)?;
        }
        Ok(())
    }
}

/// Structures records on all cores, in order; offsets count bytes.
pub(super) fn all(engine: &Engine, batch: &[Record]) -> Result<Vec<Structured>> {
    #[allow(unused_mut, reason = "a build with models joins what they say")]
    let mut found = each(engine, batch, |worker, r| worker.rules_at(&r.text, r.day()));
    #[cfg(feature = "neural")]
    {
        let mut notes: Vec<(&str, &mut Structured)> = batch.iter().map(|r| r.text.as_str()).zip(&mut found).collect();
        engine.join(&mut notes).into_diagnostic()?;
    }
    Ok(found)
}

/// Reads records on all cores. What was read comes in their order.
fn each<T: Send>(engine: &Engine, batch: &[Record], read: impl Fn(&mut Worker<'_>, &Record) -> T + Sync) -> Vec<T> {
    batch.par_iter().map_init(|| engine.worker(), |worker, r| read(worker, r)).collect()
}

struct Printer<W: Write> {
    out: W,
    format: Format,
    /// The first record of a JSON document: whether it is an array is known at the second.
    held: Option<String>,
    printed: usize,
    colour: bool,
}

impl<W: Write> Printer<W> {
    fn print(&mut self, id: &serde_json::Value, text: &str, found: &Structured) -> Result<()> {
        self.printed += 1;
        match self.format {
            Format::Jsonl => json_line(&mut self.out, &Line { id, found }),
            Format::Json => {
                let json = serde_json::to_string_pretty(&Line { id, found }).into_diagnostic()?;
                match self.held.replace(json) {
                    Some(before) => {
                        let mark = if self.printed == 2 { "[\n" } else { ",\n" };
                        write!(self.out, "{mark}{before}").written()
                    }
                    None => Ok(()),
                }
            }
            Format::Table => {
                let title = self.title(id);
                table::print(&mut self.out, &title, text, found, self.colour).written()
            }
            // `record` prints these
            Format::Record | Format::RecordTable | Format::RecordJsonl => Ok(()),
        }
    }

    fn record(&mut self, id: &serde_json::Value, found: &crate::Record) -> Result<()> {
        self.printed += 1;
        if self.format == Format::RecordTable {
            let title = self.title(id);
            return record::print(&mut self.out, &title, found, self.colour);
        }
        record::line(&mut self.out, id, found)
    }

    /// What a note's table is headed with: nothing for the one note of standard input.
    fn title(&self, id: &serde_json::Value) -> String {
        if self.printed > 1 || id.as_str() != Some("stdin") { id.as_str().map_or_else(|| id.to_string(), str::to_owned) } else { String::new() }
    }

    fn finish(&mut self) -> Result<()> {
        if let Some(last) = self.held.take() {
            if self.printed > 1 { writeln!(self.out, ",\n{last}\n]") } else { writeln!(self.out, "{last}") }.written()?;
        }
        if matches!(self.format, Format::Table | Format::RecordTable) && self.printed > 0 {
            table::footer(&mut self.out, self.colour).written()?;
        }
        self.out.flush().written()
    }
}
