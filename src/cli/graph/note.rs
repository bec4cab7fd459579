//! `karuta graph note`, `karuta graph query`

use super::super::PackArgs;
use super::super::output::{Written, json_line};
use super::Format;
use super::facts::{Facts, patients, read};
#[cfg(feature = "sparql")]
use crate::graph::{Answer, Store};
use crate::graph::{Graph, LinkKind, NoteGraph, Ontology, Told};
use clap::Args;
use miette::{IntoDiagnostic, Result};
use serde_json::{Value, json};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

/// Show what hangs together in notes: what they tell, and what the ontology suggests.
///
/// Reads what `karuta structure --format jsonl` wrote. A suggestion says that the ontology relates two things that are
/// both present; that they belong together in this patient is for a person to confirm.
#[derive(Debug, Args)]
pub(super) struct Note {
    #[command(flatten)]
    input: FactsArgs,
    /// How to print [default: a table on a terminal, else one JSON object a line for each patient]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    packs: PackArgs,
}

/// Where the facts come from.
#[derive(Debug, Args)]
struct FactsArgs {
    /// Files of facts (JSON Lines); "-" for standard input
    #[arg(value_name = "FACTS", required = true)]
    files: Vec<PathBuf>,
    /// All notes are one patient's [default: by the "patient" of each line, else each note by itself]
    #[arg(long)]
    one_patient: bool,
}

impl FactsArgs {
    fn read(&self) -> Result<(Vec<Facts>, usize)> {
        let (mut notes, mut failed) = (Vec::new(), 0);
        for f in &self.files {
            let file = read(f)?;
            notes.extend(file.notes);
            failed += file.failed;
        }
        Ok((notes, failed))
    }
}

impl Note {
    pub fn run(&self) -> Result<usize> {
        let (notes, failed) = self.input.read()?;
        let lexicon = self.packs.lexicon()?;
        let graph = Graph::load(&lexicon).into_diagnostic()?;
        let ontology = Ontology::new(&lexicon, &graph);
        let mut out = BufWriter::new(io::stdout().lock());
        let format = self.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Json });
        for patient in patients(&notes, self.input.one_patient) {
            let told: Vec<Told<'_>> = patient.iter().map(|f| f.told()).collect();
            let g = NoteGraph::of(ontology, &told);
            match format {
                Format::Json => json_line(&mut out, &document(ontology, &told, &g))?,
                Format::Table => print(&mut out, &told, &g)?,
            }
        }
        if format == Format::Table {
            super::super::table::footer(&mut out, false).written()?;
        }
        out.flush().written()?;
        Ok(failed)
    }
}

fn document(ontology: Ontology<'_>, notes: &[Told<'_>], g: &NoteGraph<'_>) -> Value {
    let id = |i: usize| g.nodes().get(i).map_or(Value::Null, |n| json!({ "note": notes.get(n.note).map_or("", |t| t.id), "fact": n.fact.id, "name": n.fact.name }));
    let nodes: Vec<Value> = g
        .nodes()
        .iter()
        .map(|n| {
            let concept = n.concept.and_then(|c| ontology.lexicon().concept(c)).map(crate::lexicon::Concept::id);
            json!({ "note": notes.get(n.note).map_or("", |t| t.id), "fact": n.fact.id, "kind": n.fact.kind, "name": n.fact.name, "assertion": n.fact.assertion, "concept": concept, "time": n.day })
        })
        .collect();
    let links: Vec<Value> = g
        .links()
        .iter()
        .map(|l| json!({ "from": id(l.from), "relation": l.kind.name(), "to": id(l.to), "source": l.kind.source(), "rows": l.rows.split('|').filter(|r| !r.is_empty()).collect::<Vec<_>>(), "words": l.words, "order": l.order }))
        .collect();
    json!({ "notes": notes.iter().map(|n| n.id).collect::<Vec<_>>(), "nodes": nodes, "links": links, "in_order": g.in_order().into_iter().map(id).collect::<Vec<_>>() })
}

fn print(out: &mut dyn Write, notes: &[Told<'_>], g: &NoteGraph<'_>) -> Result<()> {
    writeln!(out, "{}", notes.iter().map(|n| n.id).collect::<Vec<_>>().join(", ")).written()?;
    let name = |i: usize| g.nodes().get(i).map_or("", |n| n.fact.name.as_str());
    for l in g.links() {
        let relation = match l.kind {
            LinkKind::Suggested(r) => r.ja(false),
            kind => kind.name(),
        };
        // a direct relation has said so already
        let why = if l.words.contains(';') { format!("({})  ", l.words) } else { String::new() };
        let mark = if l.kind.source() == "ontology" { "? " } else { "" };
        writeln!(out, "  {mark}{} →({relation}) {}  {why}[{}]", name(l.from), name(l.to), l.rows.split('|').next().unwrap_or("")).written()?;
    }
    Ok(())
}

/// Ask facts and the ontology in SPARQL 1.1.
///
/// The words of the query are told in docs/graph.md; karuta:, concept:, rdfs:, skos: and xsd: need no PREFIX.
#[cfg(feature = "sparql")]
#[derive(Debug, Args)]
#[command(
    after_help = "Example: karuta graph query --sparql 'SELECT ?note ?name { ?f karuta:note/karuta:id ?note; karuta:name ?name; karuta:concept/rdfs:subClassOf* ?c. ?c rdfs:label \"感染症\" }' facts.jsonl"
)]
pub(super) struct Query {
    /// The query
    #[arg(long, value_name = "QUERY")]
    sparql: String,
    #[command(flatten)]
    input: FactsArgs,
    /// How to print [default: a table on a terminal, else SPARQL Query Results JSON]
    #[arg(long, value_enum)]
    format: Option<Format>,
    #[command(flatten)]
    packs: PackArgs,
}

#[cfg(feature = "sparql")]
impl Query {
    pub fn run(&self) -> Result<usize> {
        let (notes, failed) = self.input.read()?;
        let lexicon = self.packs.lexicon()?;
        let graph = Graph::load(&lexicon).into_diagnostic()?;
        let ontology = Ontology::new(&lexicon, &graph);
        let mut store = Store::new();
        for patient in patients(&notes, self.input.one_patient) {
            let told: Vec<Told<'_>> = patient.iter().map(|f| f.told()).collect();
            store.add(ontology, &told, &NoteGraph::of(ontology, &told));
        }
        store.add_concepts(ontology);
        let answer = store.query(&self.sparql).into_diagnostic()?;
        let mut out = BufWriter::new(io::stdout().lock());
        let format = self.format.unwrap_or(if io::stdout().is_terminal() { Format::Table } else { Format::Json });
        match (&answer, format) {
            (answer, Format::Json) => writeln!(out, "{}", serde_json::to_string_pretty(&answer.json()).into_diagnostic()?).written()?,
            (Answer::Boolean(b), Format::Table) => writeln!(out, "{b}").written()?,
            (Answer::Triples(triples), Format::Table) => triples.iter().try_for_each(|t| writeln!(out, "{t} .")).written()?,
            (Answer::Solutions(variables, rows), Format::Table) => {
                writeln!(out, "{}", variables.join("\t")).written()?;
                for r in rows {
                    let cells: Vec<String> = r.iter().map(|t| t.as_ref().map_or_else(String::new, shown)).collect();
                    writeln!(out, "{}", cells.join("\t")).written()?;
                }
            }
        }
        out.flush().written()?;
        Ok(failed)
    }
}

/// A literal as its value, anything else as it is written in RDF.
#[cfg(feature = "sparql")]
fn shown(t: &oxrdf::Term) -> String {
    if let oxrdf::Term::Literal(l) = t { l.value().to_owned() } else { t.to_string() }
}
