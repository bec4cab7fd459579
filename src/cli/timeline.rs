//! `karuta timeline`

use super::input::{InputArgs, Record, records};
use super::model::AskedModel;
use super::output::{Written, json_line, report};
use super::structure::all;
use super::{EngineArgs, Unit, table};
use crate::Engine;
use crate::model::{Assertion, Fact, FactKind};
use clap::{Args, ValueEnum};
use miette::Result;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, BufWriter, IsTerminal, Write};
use unicode_width::UnicodeWidthStr;

/// Print a patient's facts in time order over several notes.
#[derive(Debug, Args)]
pub(super) struct Timeline {
    #[command(flatten)]
    input: InputArgs,
    /// Leave out what is denied
    #[arg(long)]
    present: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Unit of the offsets in JSON
    #[arg(long, value_enum, default_value_t)]
    offsets: Unit,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    model: AskedModel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table, by date; what has no date stands last, under its note
    #[default]
    Table,
    /// One JSON array of {"note", "date", "fact"}
    Json,
    /// One such object a line
    Jsonl,
}

/// A fact with the note that it stands in.
#[derive(Debug, Serialize)]
struct Entry {
    /// Id of the note.
    note: Value,
    /// The note's own date, as the record gave it.
    date: Option<String>,
    fact: Fact,
    /// Number of the note.
    #[serde(skip)]
    order: usize,
}

impl Entry {
    /// What it is sorted by; nothing where the note does not tell the year.
    fn day(&self) -> Option<&str> {
        let start = self.fact.time.as_ref()?.start.as_deref()?;
        start.starts_with(|c: char| c.is_ascii_digit()).then_some(start)
    }
}

impl Timeline {
    pub fn run(&self) -> Result<usize> {
        let engine = self.model.join(self.engine.engine()?)?;
        let (mut failed, mut notes, mut batch, mut entries) = (0, 0, Vec::new(), Vec::new());
        records(&self.input, &mut |r| {
            match r {
                Ok(r) => batch.push(r),
                Err(e) => {
                    failed += 1;
                    report(e);
                }
            }
            if batch.len() >= 512 {
                self.take(&engine, &mut batch, &mut notes, &mut entries)?;
            }
            Ok(())
        })?;
        self.take(&engine, &mut batch, &mut notes, &mut entries)?;
        // stable: facts of one time stay in the order of the notes and of their text
        entries.sort_by(|a, b| match (a.day(), b.day()) {
            (Some(x), Some(y)) => x.cmp(y),
            (x, y) => y.is_some().cmp(&x.is_some()),
        });
        let mut out = BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Json => json_line(&mut out, &entries)?,
            Format::Jsonl => entries.iter().try_for_each(|e| json_line(&mut out, e))?,
            Format::Table => print(&mut out, &entries, io::stdout().is_terminal()).written()?,
        }
        out.flush().written()?;
        Ok(failed)
    }

    fn take(&self, engine: &Engine, batch: &mut Vec<Record>, notes: &mut usize, entries: &mut Vec<Entry>) -> Result<()> {
        let found = all(engine, batch)?;
        for (r, mut f) in batch.drain(..).zip(found) {
            *notes += 1;
            f.count_in(&r.text, self.offsets.into());
            let order = *notes;
            let told = |f: &Fact| f.kind != FactKind::Time && !(self.present && f.assertion == Assertion::Absent);
            entries.extend(f.facts.into_iter().filter(told).map(|fact| Entry { note: r.id.clone(), date: r.date.clone(), fact, order }));
        }
        Ok(())
    }
}

/// The dated facts by day, then those without a date under their note.
fn print(out: &mut dyn Write, entries: &[Entry], colour: bool) -> io::Result<()> {
    let (bold, off) = if colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    let name = |id: &Value| id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let rows: Vec<[String; 5]> = entries
        .iter()
        .map(|e| {
            let when = e.fact.time.as_ref().map_or_else(String::new, |t| match (&t.start, &t.end) {
                (Some(a), Some(b)) => format!("{a}/{b}"),
                (Some(a), None) => a.to_string(),
                _ => String::new(),
            });
            [when, e.fact.name.clone(), table::value(&e.fact), table::state(&e.fact), name(&e.note)]
        })
        .collect();
    let mut widths = [0; 5];
    for r in &rows {
        for (w, cell) in widths.iter_mut().zip(r) {
            *w = (*w).max(cell.width());
        }
    }
    let mut under = None;
    for (e, r) in entries.iter().zip(&rows) {
        if e.day().is_none() && under != Some(e.order) {
            if under.is_none() {
                writeln!(out, "{bold}── 日付なし ──{off}")?;
            }
            under = Some(e.order);
            let date = e.date.as_deref().map_or_else(String::new, |d| format!(" ({d})"));
            writeln!(out, "{bold}{}{date}{off}", name(&e.note))?;
        }
        // the note is named once over the facts that stand under it
        let last = if under.is_some() { 3 } else { 4 };
        for (k, (cell, width)) in r.iter().zip(widths).enumerate().take(last + 1) {
            let pad = if k == last { 0 } else { width.saturating_sub(cell.width()) + 2 };
            write!(out, "{}{cell}{:pad$}", if k == 0 { "  " } else { "" }, "")?;
        }
        writeln!(out)?;
    }
    table::footer(out, colour)
}
