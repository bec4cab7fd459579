//! `karuta graph`: the ontology, and the graph of notes.

mod facts;
mod info;
mod learn;
mod note;
mod show;
mod walk;

use super::PackArgs;
use super::output::Written;
use crate::graph::{Edge, Graph as Loaded, Ontology, Step};
use crate::lexicon::{ConceptRef, Lexicon};
use clap::{Args, Subcommand, ValueEnum};
use miette::{IntoDiagnostic, Result, miette};
use serde_json::{Value, json};
use std::io::{self, BufWriter, IsTerminal, Write};

/// How concepts hang together, and the facts of notes.
#[derive(Debug, Args)]
pub(super) struct Graph {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show a concept with everything that it is related to
    Show(show::Show),
    /// Search for concepts by a part of their names
    Search(show::Search),
    /// Show what a concept is a kind of
    Ancestors(walk::Up),
    /// Show the kinds of a concept
    Descendants(walk::Down),
    /// Show the nearest concepts that two are kinds of
    Common(walk::Common),
    /// Show the shortest ways between two concepts, over any relations
    Path(walk::Path),
    /// Show how one thing leads to another, cause by cause
    Explain(walk::Explain),
    /// Show what hangs together in notes
    Note(note::Note),
    /// Ask facts and the ontology in SPARQL
    #[cfg(feature = "sparql")]
    Query(note::Query),
    /// Count what is told together in notes, as a pack to lay over others
    Learn(learn::Learn),
    /// Tell what the ontology holds
    Info(info::Info),
}

impl Graph {
    /// Returns how many records failed.
    pub fn run(&self) -> Result<usize> {
        match &self.verb {
            Verb::Show(v) => v.run(),
            Verb::Search(v) => v.run(),
            Verb::Ancestors(v) => v.run(),
            Verb::Descendants(v) => v.run(),
            Verb::Common(v) => v.run(),
            Verb::Path(v) => v.run(),
            Verb::Explain(v) => v.run(),
            Verb::Note(v) => v.run(),
            #[cfg(feature = "sparql")]
            Verb::Query(v) => v.run(),
            Verb::Learn(v) => v.run(),
            Verb::Info(v) => v.run(),
        }
    }
}

/// Options that every question takes.
#[derive(Debug, Args)]
struct Ask {
    /// How to print [default: a table on a terminal, else JSON]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    packs: PackArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Table,
    /// One JSON document
    Json,
}

/// What answers a question: the JSON document, or lines for reading.
struct Answer {
    json: Value,
    lines: Vec<String>,
}

impl Ask {
    /// Loads the ontology, has the question answered and prints the answer.
    fn answer(&self, question: impl FnOnce(Ontology<'_>) -> Result<Answer>) -> Result<usize> {
        let lexicon: Lexicon = self.packs.lexicon()?;
        let graph = Loaded::load(&lexicon).into_diagnostic()?;
        let answer = question(Ontology::new(&lexicon, &graph))?;
        let mut out = BufWriter::new(io::stdout().lock());
        let format = self.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Json });
        match format {
            Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&answer.json).into_diagnostic()?).written()?,
            Format::Table => answer.lines.iter().try_for_each(|l| writeln!(out, "{l}")).written()?,
        }
        out.flush().written()?;
        Ok(0)
    }
}

/// The concept that was asked for.
fn named(ontology: Ontology<'_>, asked: &str) -> Result<ConceptRef> {
    ontology.named(asked).ok_or_else(|| miette!(help = "karuta graph search looks for names that contain a word", "no concept has the id, code or name {asked:?}"))
}

/// A concept in short.
fn brief(ontology: Ontology<'_>, r: ConceptRef) -> Value {
    ontology.lexicon().concept(r).map_or(Value::Null, |c| json!({ "id": c.id(), "kind": c.kind().text(), "name": c.name() }))
}

/// What an edge says, beside its ends.
fn said(edge: &Edge<'_>) -> serde_json::Map<String, Value> {
    let mut out = serde_json::Map::new();
    out.insert("rows".to_owned(), edge.rows.split('|').filter(|r| !r.is_empty()).collect::<Vec<_>>().into());
    out.insert("pack".to_owned(), edge.pack.into());
    if !edge.note.is_empty() {
        out.insert("note".to_owned(), edge.note.into());
    }
    if edge.of > 0 {
        out.insert("n".to_owned(), edge.n.into());
        out.insert("of".to_owned(), edge.of.into());
    }
    out
}

/// The steps of a path.
fn steps(ontology: Ontology<'_>, path: &[Step<'_>]) -> Vec<Value> {
    path.iter()
        .map(|s| {
            let relation = if s.inverse { s.edge.relation.inverse() } else { s.edge.relation.text() };
            let mut step = said(&s.edge);
            step.insert("from".to_owned(), brief(ontology, s.start()));
            step.insert("relation".to_owned(), relation.into());
            step.insert("to".to_owned(), brief(ontology, s.end()));
            Value::Object(step)
        })
        .collect()
}

/// The rows that a path rests on.
fn rows(path: &[Step<'_>]) -> String {
    path.iter().map(|s| s.edge.rows.split('|').next().filter(|r| !r.is_empty()).unwrap_or("code")).collect::<Vec<_>>().join(", ")
}
