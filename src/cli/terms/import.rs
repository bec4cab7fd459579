//! `karuta terms import`

use crate::lexicon::Pack;
use crate::lexicon::import::{Event, Import as Masters, ImportError, MasterKind, RowError};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use miette::{Diagnostic, IntoDiagnostic, NamedSource, Report, Result, SourceSpan};
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Read official masters into a pack.
///
/// Give the publishers' own files, as they are: plain, .gz, .zip (with several members) or .xlsx, CP932 or UTF-8.
/// What a file is, its content tells; KIND=FILE says it. A folder is searched for every master in it.
///
/// Kinds: disease (SSK b_, hb_), successor (SSK ikou), modifier (SSK z_), drug (SSK y_), hot (MEDIS HOT9, HOT13),
/// price (薬価基準), general (一般名処方), jlac10 (JSLM), clins (CLINS JLAC10/11), loinc, loinc-ja, manbyo (万病辞書),
/// index-terms (MEDIS), hpo, mondo, nando, obo, obograph, hpoa (HPO annotations), jfagy, fhir (any CodeSystem).
#[derive(Debug, Args)]
#[command(
    after_help = "Example: karuta terms import b.zip z.zip y.zip hot=medis.zip fhir=mylabs.json.gz --out official.kpack\n         KARUTA_PACKS=official.kpack karuta structure note.txt"
)]
pub(super) struct Import {
    /// Files, folders, or KIND=FILE
    #[arg(value_name = "[KIND=]FILE", required = true)]
    files: Vec<String>,
    /// The pack to write; a good one that stands there is replaced only when the new one is finished
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Its name, which the reasons of facts give
    #[arg(long, default_value = "official")]
    name: String,
}

/// Broken rows that are told one by one, for each file.
const TOLD: usize = 20;

#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("{file}:{line}:{column}: {found}")]
#[diagnostic(code(karuta::terms::row), severity(warning), help("expected {expected}; the row is set aside"))]
struct Broken {
    file: String,
    line: usize,
    column: usize,
    found: String,
    expected: String,
    #[source_code]
    text: NamedSource<String>,
    #[label("here")]
    at: SourceSpan,
}

impl Import {
    pub fn run(&self) -> Result<usize> {
        let started = Instant::now();
        let mut masters = Masters::new();
        let mut told = Told::new();
        let mut failed = 0;
        for file in &self.files {
            let (kind, path) = split(file);
            let read = masters.read(&path, kind, &mut |e| told.event(&e));
            told.finish_file();
            failed += read.map_err(|e| wrong(&e))?;
        }
        let bytes = masters.write(&self.name, &self.out).into_diagnostic()?;
        told.bar.finish_and_clear();
        let pack = Pack::open(&self.out).into_diagnostic()?;
        pack.verify().into_diagnostic()?;
        eprintln!(
            "{}: {} of {} files, {} concepts, {} words, {bytes} bytes in {:.1} s",
            self.out.display(),
            pack.version_label(),
            masters.masters().sources().len(),
            pack.len(),
            pack.surfaces(),
            started.elapsed().as_secs_f64()
        );
        if failed > 0 {
            eprintln!("{failed} rows were set aside; everything else is in the pack");
        }
        Ok(failed)
    }
}

/// `KIND=FILE`; a file whose name happens to hold a `=` is a file.
fn split(file: &str) -> (Option<MasterKind>, PathBuf) {
    match file.split_once('=').and_then(|(kind, path)| Some((MasterKind::from_name(kind)?, path))) {
        Some((kind, path)) => (Some(kind), PathBuf::from(path)),
        None => (None, PathBuf::from(file)),
    }
}

fn wrong(e: &ImportError) -> Report {
    match e {
        ImportError::WrongKind { .. } => miette::miette!(help = "no pack was written", "{e}"),
        e => miette::miette!("{e}"),
    }
}

/// What the person at the terminal is told.
struct Told {
    bar: ProgressBar,
    file: String,
    broken: usize,
}

impl Told {
    fn new() -> Self {
        let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos} rows  {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, file: String::new(), broken: 0 }
    }

    fn event(&mut self, e: &Event<'_>) {
        match e {
            Event::Reading(file, kind) => {
                self.finish_file();
                (*file).clone_into(&mut self.file);
                self.bar.set_position(0);
                self.bar.set_message(format!("{file}: {}", kind.title()));
            }
            Event::Rows(n) => self.bar.set_position(*n as u64),
            Event::Broken(e) => {
                self.broken += 1;
                if self.broken <= TOLD {
                    let report = Report::new(diagnostic(e));
                    self.bar.suspend(|| eprintln!("{report:?}"));
                }
            }
            Event::Passed(file, looks) => self.bar.suspend(|| eprintln!("{file}: passed over, {looks}")),
        }
    }

    fn finish_file(&mut self) {
        if self.broken > TOLD {
            self.bar.suspend(|| eprintln!("{}: {} more rows were set aside", self.file, self.broken - TOLD));
        }
        self.broken = 0;
    }
}

fn diagnostic(e: &RowError) -> Broken {
    let at = e.text.char_indices().nth(e.column.saturating_sub(1)).map_or(e.text.len(), |c| c.0);
    Broken {
        file: e.file.clone(),
        line: e.line,
        column: e.column,
        found: format!("found {}", e.found),
        expected: e.expected.clone(),
        text: NamedSource::new(&e.file, e.text.clone()),
        at: (at, 0).into(),
    }
}
