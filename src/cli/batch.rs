//! `karuta batch`

use super::model::AskedModel;
use super::{EngineArgs, Unit};
use crate::batch::{Batch as Run, Fields, Form, InputKind, JsonLines, Progress, Summary};
use crate::export::Settings;
use clap::{Args, ValueEnum};
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use miette::{IntoDiagnostic, Result, miette};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Structure archives into a folder; a run that was stopped goes on where it was. By the rules alone, which read megabytes a
/// second, unless a model is asked for.
#[derive(Debug, Args)]
pub(super) struct Batch {
    /// Files, folders and archives: .txt, .jsonl, .csv, .tsv, .parquet, .xml, also .gz, .zip, .tar, .tar.gz
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// The folder of the run: its outputs, rejected.jsonl, summary.json, checkpoint.json
    #[arg(long, short = 'o', value_name = "FOLDER")]
    out: PathBuf,
    /// What to write (repeat for more): jsonl (a line a note), parquet (a row a fact), or a form of `karuta export
    /// --formats` whose notes follow one another (fhir-ndjson, omop-note-nlp, csv …)
    #[arg(long, value_name = "FORMAT", default_value = "jsonl")]
    format: Vec<String>,
    /// What the inputs hold [default: by their names]
    #[arg(long, value_enum, default_value_t)]
    input_format: Kind,
    /// Encoding of the inputs: utf-8, cp932, euc-jp … [default: detected]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// The column, field or element that holds the text
    #[arg(long, value_name = "NAME", default_value = "text")]
    text: String,
    /// The column, field, element or attribute that holds the id
    #[arg(long, value_name = "NAME", default_value = "id")]
    id: String,
    /// The column, field, element or attribute that holds the day
    #[arg(long, value_name = "NAME", default_value = "date")]
    date: String,
    /// XML: the element that is a record
    #[arg(long, value_name = "NAME", default_value = "record")]
    record: String,
    /// Unit of the offsets
    #[arg(long, value_enum, default_value_t)]
    offsets: Unit,
    /// Throw an earlier run in the folder away
    #[arg(long)]
    restart: bool,
    /// Seconds between checkpoints
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    checkpoint_every: f64,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    model: AskedModel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Kind {
    /// By the file's name
    #[default]
    Auto,
    /// One note a file
    Text,
    /// One JSON object a line
    Jsonl,
    /// Columns between commas, named in the first row
    Csv,
    /// Columns between tabs, named in the first row
    Tsv,
    /// Parquet
    Parquet,
    /// XML with an element a record
    Xml,
}

impl Batch {
    pub fn run(self) -> Result<usize> {
        let engine = self.model.join(self.engine.engine()?)?;
        let mut run = Run::new(self.inputs, self.out.clone());
        run.kind = match self.input_format {
            Kind::Auto => InputKind::Auto,
            Kind::Text => InputKind::Text,
            Kind::Jsonl => InputKind::Jsonl,
            Kind::Csv => InputKind::Csv,
            Kind::Tsv => InputKind::Tsv,
            Kind::Parquet => InputKind::Parquet,
            Kind::Xml => InputKind::Xml,
        };
        run.fields = Fields { id: self.id, text: self.text, date: self.date, record: self.record };
        run.encoding = self.encoding;
        run.offsets = self.offsets.into();
        run.threads = self.engine.threads.unwrap_or(0);
        run.restart = self.restart;
        run.between = Duration::try_from_secs_f64(self.checkpoint_every).into_diagnostic()?;
        run.exporters.clear();
        for name in &self.format {
            match name.as_str() {
                "jsonl" => run.exporters.push(Box::new(JsonLines)),
                #[cfg(feature = "parquet")]
                "parquet" => run.parquet = true,
                name => run.exporters.push(Box::new(Form::new(name, &Settings::default()).map_err(|e| miette!("--format: {e}"))?)),
            }
        }
        let bar = bar();
        let started = Instant::now();
        let done = run.run(&engine, &|p| show(bar.as_ref(), p));
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        let summary = done.into_diagnostic()?;
        print(&summary, started.elapsed(), &self.out);
        Ok(usize::try_from(summary.rejected).unwrap_or(usize::MAX))
    }
}

/// A bar, when somebody watches.
fn bar() -> Option<ProgressBar> {
    std::io::stderr().is_terminal().then(|| {
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes}  {msg}  {eta} left") {
            bar.set_style(style);
        }
        bar
    })
}

fn show(bar: Option<&ProgressBar>, p: Progress) {
    let Some(bar) = bar else { return };
    bar.set_length(p.of_bytes.max(1));
    bar.set_position(p.bytes.min(p.of_bytes));
    let sitting = (p.notes + p.rejected).saturating_sub(p.resumed);
    let rate = sitting as f64 / bar.elapsed().as_secs_f64().max(0.001);
    let rejected = if p.rejected > 0 { format!(", {} set aside", HumanCount(p.rejected)) } else { String::new() };
    bar.set_message(format!("{} notes, {} facts{rejected}  {rate:.0}/s", HumanCount(p.notes), HumanCount(p.facts)));
}

/// What the run came to, to standard error.
fn print(s: &Summary, took: Duration, out: &std::path::Path) {
    let seconds = took.as_secs_f64();
    eprintln!("{} notes of {} characters: {} facts, {} relations", HumanCount(s.notes), HumanCount(s.characters), HumanCount(s.facts), HumanCount(s.relations));
    let kinds: Vec<String> = s.kinds.iter().map(|(k, n)| format!("{k} {}", HumanCount(*n))).collect();
    if !kinds.is_empty() {
        eprintln!("  {}", kinds.join(", "));
    }
    if s.rejected > 0 {
        let reasons: Vec<String> = s.reasons.iter().map(|(k, n)| format!("{k} {}", HumanCount(*n))).collect();
        eprintln!("{} records set aside ({}), see {}", HumanCount(s.rejected), reasons.join(", "), out.join("rejected.jsonl").display());
    }
    eprintln!("{seconds:.1} s in this sitting; {}", out.display());
}
