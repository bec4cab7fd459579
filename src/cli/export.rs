//! `karuta export`

use super::input::{InputArgs, InputFormat, Record, RecordError, records};
use super::model::AskedModel;
use super::output::{Written, json_line, report};
use super::structure::all;
use super::{EngineArgs, observations};
use crate::Engine;
use crate::export::{self, ExportError, Exporter, Framing, Left, Settings, Source};
use crate::model::Structured;
use crate::note::OffsetUnit;
use clap::Args;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Write facts in the forms that other systems take.
#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    input: InputArgs,
    /// The form; `karuta export --formats` lists them
    #[arg(long, value_name = "NAME", required_unless_present = "formats")]
    format: Option<String>,
    /// List the forms with what they are
    #[arg(long)]
    formats: bool,
    /// Facts that `structure --format jsonl` wrote, in the order of the notes; the notes may then be left out where
    /// the form needs no text
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Where to write: a file, or a folder for forms with a document for each note [default: standard output]
    #[arg(short, long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// Write a table (csv, omop-note, omop-note-nlp) as Parquet
    #[cfg(feature = "parquet")]
    #[arg(long, requires = "out", conflicts_with = "facts")]
    parquet: bool,
    /// Where to list what the form could not hold, one JSON object a line [default: counts on standard error]
    #[arg(long, value_name = "FILE")]
    left: Option<PathBuf>,
    /// The instant that resources are recorded at, e.g. 2024-05-04T09:00:00+09:00 [default: the note's date]
    #[arg(long, value_name = "INSTANT")]
    recorded: Option<String>,
    /// The ten-digit number of the institution (fhir-clins, ss-mix2)
    #[arg(long, value_name = "NUMBER")]
    institution: Option<String>,
    /// The department's code and name, e.g. 08=循環器科 (fhir-clins)
    #[arg(long, value_name = "CODE=NAME")]
    department: Option<String>,
    /// A FHIR Patient as JSON (fhir-clins)
    #[arg(long, value_name = "FILE")]
    patient: Option<PathBuf>,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    model: AskedModel,
}

const BATCH: usize = 512;

impl Export {
    pub fn run(&self) -> Result<usize> {
        if self.formats {
            return list();
        }
        let settings = self.settings()?;
        #[cfg(feature = "parquet")]
        if self.parquet {
            return super::export_parquet::run(
                self.format.as_deref().unwrap_or_default(),
                &settings,
                &self.input,
                || self.model.join(self.engine.engine()?),
                self.out.as_deref().unwrap_or(Path::new("-")),
            );
        }
        let exporter = export::by_name(self.format.as_deref().unwrap_or_default(), &settings).map_err(|e| miette!("{e}"))?;
        let mut sink = Sink::open(exporter.as_ref(), self.out.as_deref(), self.left.as_deref())?;
        let failed = match &self.facts {
            Some(facts) => self.of_facts(facts, exporter.as_ref(), &mut sink)?,
            None => self.of_notes(exporter.as_ref(), &mut sink)?,
        };
        let failed = failed + sink.failed;
        sink.finish()?;
        Ok(failed)
    }

    fn settings(&self) -> Result<Settings> {
        let department = match self.department.as_deref().map(|d| (d, d.split_once('='))) {
            Some((_, Some((code, name)))) => Some((code.to_owned(), name.to_owned())),
            Some((d, None)) => return Err(miette!("--department \"{d}\": expected a code and a name, as in 08=循環器科")),
            None => None,
        };
        let patient = match &self.patient {
            Some(p) => Some(
                serde_json::from_reader(BufReader::new(File::open(p).into_diagnostic().wrap_err_with(|| p.display().to_string())?))
                    .into_diagnostic()
                    .wrap_err_with(|| format!("{}: expected a FHIR Patient as JSON", p.display()))?,
            ),
            None => None,
        };
        Ok(Settings { recorded: self.recorded.clone(), institution: self.institution.clone(), department, patient, ..Settings::default() })
    }

    fn of_notes(&self, exporter: &dyn Exporter, sink: &mut Sink<'_>) -> Result<usize> {
        let engine = self.model.join(self.engine.engine()?)?;
        if self.input.input_format == InputFormat::Observations {
            return observations::read(&self.input, &engine, OffsetUnit::Bytes, &mut |id, text, found| {
                let id = name(&id);
                let done = one(exporter, &id, sink.notes + 1, Some(text), None, &found);
                sink.take(exporter, vec![(id, done, text.to_owned())])
            });
        }
        let (mut failed, mut batch) = (0, Vec::new());
        records(&self.input, &mut |r| {
            match r {
                Ok(r) => batch.push(r),
                Err(e) => {
                    failed += 1;
                    sink.take(exporter, structured(&engine, exporter, &mut batch, sink.notes)?)?;
                    report(e);
                }
            }
            if batch.len() >= BATCH { sink.take(exporter, structured(&engine, exporter, &mut batch, sink.notes)?) } else { Ok(()) }
        })?;
        sink.take(exporter, structured(&engine, exporter, &mut batch, sink.notes)?)?;
        Ok(failed)
    }

    /// The facts are read beside the notes, each line with the note of its id.
    fn of_facts(&self, facts: &Path, exporter: &dyn Exporter, sink: &mut Sink<'_>) -> Result<usize> {
        let path = facts.display().to_string();
        let mut lines = Lines { reader: BufReader::new(File::open(facts).into_diagnostic().wrap_err_with(|| path.clone())?), path, n: 0 };
        let mut failed = 0;
        if self.input.files.is_empty() {
            if exporter.format().needs_text {
                return Err(miette!("{} needs the notes beside the facts: karuta export --facts FACTS NOTES", exporter.format().name));
            }
            while let Some(line) = lines.next_line() {
                match line {
                    Ok(line) => {
                        let done = one(exporter, &name(&line.id), sink.notes + 1, None, None, &line.found);
                        sink.take(exporter, vec![(name(&line.id), done, String::new())])?;
                    }
                    Err(e) => {
                        failed += 1;
                        report(e);
                    }
                }
            }
            return Ok(failed);
        }
        records(&self.input, &mut |r| {
            let joined = r.and_then(|r| match lines.next_line() {
                Some(Ok(line)) if line.id == r.id => Ok((r, line.found)),
                Some(Ok(line)) => Err(lines.error(&format!("facts of {}", line.id), "the facts of each note, in the order of the notes")),
                Some(Err(e)) => Err(e),
                None => Err(lines.error(&format!("no facts of note {}", r.id), "the facts of each note, in the order of the notes")),
            });
            match joined {
                Ok((r, mut found)) => {
                    found.count_from(&r.text, OffsetUnit::CodePoints);
                    let done = one(exporter, &name(&r.id), sink.notes + 1, Some(&r.text), r.day(), &found);
                    sink.take(exporter, vec![(name(&r.id), done, r.text)])
                }
                Err(e) => {
                    failed += 1;
                    report(e);
                    Ok(())
                }
            }
        })?;
        Ok(failed)
    }
}

fn list() -> Result<usize> {
    let mut out = io::stdout().lock();
    for f in export::formats() {
        writeln!(out, "{:16}{}", f.name, f.about).written()?;
    }
    Ok(0)
}

/// A line of facts.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    id: Value,
    #[serde(flatten)]
    found: Structured,
}

struct Lines<R> {
    reader: R,
    path: String,
    n: usize,
}

impl<R: BufRead> Lines<R> {
    fn next_line(&mut self) -> Option<Result<Line, RecordError>> {
        let mut text = String::new();
        loop {
            text.clear();
            self.n += 1;
            match self.reader.read_line(&mut text) {
                Ok(0) => return None,
                Ok(_) if text.trim().is_empty() => {}
                Ok(_) => break,
                Err(e) => return Some(Err(self.error(&e.to_string(), "UTF-8"))),
            }
        }
        let expected = "a line that karuta structure --format jsonl wrote";
        Some(serde_json::from_str(&text).map_err(|e| RecordError::line(&self.path, self.n, &text, e.column().saturating_sub(1), e.to_string(), expected)))
    }

    fn error(&self, found: &str, expected: &str) -> RecordError {
        RecordError::line(&self.path, self.n, "", 0, found, expected)
    }
}

/// What was written for a note, and what could not be.
type Done = Result<(Vec<u8>, Vec<Left>), ExportError>;

fn one(exporter: &dyn Exporter, id: &str, number: u64, text: Option<&str>, date: Option<jiff::civil::Date>, found: &Structured) -> Done {
    let mut out = Vec::new();
    let left = exporter.note(&Source { id, number, text, date, patient: None, found }, &mut out)?;
    Ok((out, left))
}

/// Structures a batch and writes each note, on all cores.
fn structured(engine: &Engine, exporter: &dyn Exporter, batch: &mut Vec<Record>, before: u64) -> Result<Vec<(String, Done, String)>> {
    let keep = exporter.format().text_beside;
    let batch = std::mem::take(batch);
    let found = all(engine, &batch)?;
    let write = |(i, (r, found)): (usize, (Record, Structured))| {
        let id = name(&r.id);
        let done = one(exporter, &id, before + i as u64 + 1, Some(&r.text), r.day(), &found);
        (id, done, if keep { r.text } else { String::new() })
    };
    Ok(batch.into_par_iter().zip(found).enumerate().map(write).collect())
}

pub(super) fn name(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Where notes go.
struct Sink<'a> {
    stream: Option<Box<dyn Write>>,
    folder: Option<&'a Path>,
    left: Option<BufWriter<File>>,
    counts: BTreeMap<&'static str, usize>,
    names: HashSet<String>,
    format: &'static str,
    end: &'a dyn Exporter,
    notes: u64,
    failed: usize,
}

#[derive(Serialize)]
struct LeftLine<'a> {
    note: &'a str,
    id: &'a str,
    text: &'a str,
    why: &'a str,
}

impl<'a> Sink<'a> {
    fn open(exporter: &'a dyn Exporter, out: Option<&'a Path>, left: Option<&Path>) -> Result<Self> {
        let create = |p: &Path| File::create(p).into_diagnostic().wrap_err_with(|| p.display().to_string());
        let documents = exporter.format().framing == Framing::Document;
        let folder = out.filter(|p| documents && (p.is_dir() || p.extension().is_none()));
        let mut stream: Option<Box<dyn Write>> = match (folder, out) {
            (Some(f), _) => {
                std::fs::create_dir_all(f).into_diagnostic().wrap_err_with(|| f.display().to_string())?;
                None
            }
            (None, Some(p)) => Some(Box::new(BufWriter::with_capacity(1 << 16, create(p)?))),
            (None, None) => Some(Box::new(BufWriter::with_capacity(1 << 16, io::stdout()))),
        };
        if let Some(s) = stream.as_mut() {
            exporter.begin(s).written()?;
        }
        let left = left.map(create).transpose()?.map(BufWriter::new);
        Ok(Self { stream, folder, left, counts: BTreeMap::new(), names: HashSet::new(), format: exporter.format().name, end: exporter, notes: 0, failed: 0 })
    }

    fn take(&mut self, exporter: &dyn Exporter, notes: Vec<(String, Done, String)>) -> Result<()> {
        for (id, done, text) in notes {
            match done {
                Ok((bytes, left)) => {
                    self.write(exporter, &id, &bytes, &text)?;
                    self.tell(&id, &left)?;
                }
                Err(ExportError::Io(e)) => return Err(e).written(),
                Err(e) => {
                    self.failed += 1;
                    eprintln!("{e}");
                }
            }
        }
        Ok(())
    }

    fn write(&mut self, exporter: &dyn Exporter, id: &str, bytes: &[u8], text: &str) -> Result<()> {
        self.notes += 1;
        let format = exporter.format();
        let Some(out) = self.stream.as_mut() else {
            let stem = self.file_name(id);
            let folder = self.folder.unwrap_or(Path::new("."));
            let put = |extension: &str, bytes: &[u8]| {
                let path = folder.join(format!("{stem}.{extension}"));
                std::fs::write(&path, bytes).into_diagnostic().wrap_err_with(|| path.display().to_string())
            };
            if format.text_beside {
                put("txt", text.as_bytes())?;
            }
            return put(format.extension, bytes);
        };
        if self.notes > 1 {
            if format.framing == Framing::Document {
                return Err(miette!("{} makes a document of each note: --out with a folder is needed for several notes", format.name));
            }
            out.write_all(exporter.separator().as_bytes()).written()?;
        }
        out.write_all(bytes).written()
    }

    /// A file name that no other note of this run has.
    fn file_name(&mut self, id: &str) -> String {
        let mut stem: String = id.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '_') { c } else { '_' }).take(60).collect();
        if stem.is_empty() || self.names.contains(&stem) {
            stem = format!("{stem}-{}", self.notes);
        }
        self.names.insert(stem.clone());
        stem
    }

    fn tell(&mut self, note: &str, left: &[Left]) -> Result<()> {
        for l in left {
            match self.left.as_mut() {
                Some(out) => json_line(out, &LeftLine { note, id: &l.id, text: &l.text, why: l.why })?,
                None => *self.counts.entry(l.why).or_default() += 1,
            }
        }
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        if let Some(mut out) = self.stream.take() {
            self.end.end(&mut out).written()?;
            out.flush().written()?;
        }
        if let Some(mut out) = self.left.take() {
            out.flush().into_diagnostic()?;
        }
        if !self.counts.is_empty() {
            eprintln!("{} has no place for:", self.format);
            for (why, n) in &self.counts {
                eprintln!("  {n:6}  {why}");
            }
        }
        Ok(())
    }
}
