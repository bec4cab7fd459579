//! The command: one file a verb.

mod batch;
mod code;
mod export;
#[cfg(feature = "parquet")]
mod export_parquet;
mod find;
mod graph;
mod input;
mod model;
mod observations;
mod output;
mod record;
mod structure;
mod table;
mod terms;
mod timeline;

use crate::Engine;
use crate::lexicon::{Lexicon, Pack};
use crate::note::OffsetUnit;
use clap::{Args, Parser, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Turns Japanese chart notes (カルテ) into coded facts.
///
/// Karuta supports a person's reading; it does not diagnose. Nothing leaves this machine.
#[derive(Debug, Parser)]
#[command(name = "karuta", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Structure notes: vitals, labs, disorders, findings … with codes and reasons
    Structure(structure::Structure),
    /// Structure archives into a folder: resumed where it was stopped, bad records set aside
    Batch(Box<batch::Batch>),
    /// Code phrases: diagnosis fields, problem titles
    Code(code::Code),
    /// Print a patient's facts in time order over several notes
    Timeline(timeline::Timeline),
    /// Find the facts of a name in notes, whatever words they were written in
    Find(find::Find),
    /// Write facts in the forms that other systems take: FHIR, OMOP, brat, HTML, RDF …
    Export(Box<export::Export>),
    /// Search and show terms, read official masters, check the tables against them
    Terms(terms::Terms),
    /// Ask how concepts hang together: causes, symptoms, tests, treatments, what is a kind of what
    Graph(graph::Graph),
    /// Print the JSON schema of a note's facts, or of a record
    Schema {
        /// Of what `structure --format record` writes for a note
        #[arg(long)]
        record: bool,
    },
}

/// The packs of a lexicon.
#[derive(Debug, Args)]
struct PackArgs {
    /// A pack of terms to lay over the built-in one (repeat for more; later ones are preferred)
    #[arg(long = "pack", value_name = "FILE", env = "KARUTA_PACKS", value_delimiter = ':')]
    packs: Vec<PathBuf>,
}

impl PackArgs {
    fn lexicon(&self) -> Result<Lexicon> {
        let packs = self.packs.iter().filter(|p| !p.as_os_str().is_empty()).map(|p| Pack::open(p)).collect::<Result<Vec<_>, _>>().into_diagnostic()?;
        Lexicon::layered(packs).into_diagnostic()
    }
}

/// Options that every verb over an engine takes.
#[derive(Debug, Args)]
struct EngineArgs {
    #[command(flatten)]
    packs: PackArgs,
    /// Threads [default: one for each core]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

impl EngineArgs {
    fn engine(&self) -> Result<Engine> {
        if let Some(n) = self.threads {
            // a second call keeps the first pool, which is what a test in one process wants
            let _ = rayon::ThreadPoolBuilder::new().num_threads(n).build_global();
        }
        Engine::with_lexicon(self.packs.lexicon()?).into_diagnostic()
    }
}

/// The unit that offsets are counted in.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Unit {
    /// Unicode code points (Python, brat)
    #[default]
    CodePoints,
    /// UTF-16 code units (Java, C#, JavaScript)
    Utf16,
    /// UTF-8 bytes (Rust, C)
    Bytes,
}

impl From<Unit> for OffsetUnit {
    fn from(u: Unit) -> Self {
        match u {
            Unit::CodePoints => Self::CodePoints,
            Unit::Utf16 => Self::Utf16,
            Unit::Bytes => Self::Bytes,
        }
    }
}

/// Runs the command with the process's arguments.
///
/// Exit codes: 0 all done; 1 some records could not be read (each was reported, the others are done);
/// 2 the command could not be run.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return ExitCode::from(if e.use_stderr() { 2 } else { 0 });
        }
    };
    let done = match cli.verb {
        Verb::Structure(v) => v.run(),
        Verb::Batch(v) => v.run(),
        Verb::Code(v) => v.run(),
        Verb::Timeline(v) => v.run(),
        Verb::Find(v) => v.run(),
        Verb::Export(v) => v.run(),
        Verb::Terms(v) => v.run(),
        Verb::Graph(v) => v.run(),
        Verb::Schema { record } => schema(record),
    };
    match done {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(e) if output::is_broken_pipe(&e) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e:?}");
            ExitCode::from(2)
        }
    }
}

/// Prints the schema. Returns how many records failed: none.
fn schema(record: bool) -> Result<usize> {
    println!("{}", if record { crate::record_schema() } else { crate::fact_schema() });
    Ok(0)
}
