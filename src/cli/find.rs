//! `karuta find`

use super::input::{InputArgs, Record, records};
use super::model::AskedModel;
use super::output::{Written, json_line, report};
use super::structure::all;
use super::{EngineArgs, Unit, table};
use crate::Engine;
use crate::lexicon::{Concept, ConceptKind, ConceptRef};
use crate::model::{Assertion, Fact, FactKind, RelationKind, Structured, Subject};
use clap::{Args, ValueEnum};
use miette::{IntoDiagnostic, Result, miette};
use serde::Serialize;
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::io::{self, BufWriter, Write};

/// Find facts in notes.
#[derive(Debug, Args)]
pub(super) struct Find {
    /// The name of a disorder, finding, vital sign, analyte …, in any of its spellings
    #[arg(long, required_unless_present = "code")]
    name: Option<String>,
    /// A code, of any system (an ICD-10 code finds those under it)
    #[arg(long)]
    code: Option<String>,
    /// At least this value; facts that state no degree are kept and marked
    #[arg(long, allow_negative_numbers = true)]
    min: Option<f64>,
    /// At most this value
    #[arg(long, allow_negative_numbers = true)]
    max: Option<f64>,
    /// Which assertion
    #[arg(long, value_enum, default_value_t)]
    assertion: AssertionArg,
    /// Only the name itself, not the kinds of it that the ontology knows (肺炎 is found for 感染症)
    #[arg(long)]
    exact: bool,
    /// Take in what is said of relatives and others
    #[arg(long)]
    any_subject: bool,
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
    model: AskedModel,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// A table
    #[default]
    Table,
    /// One JSON object a line: {"id", "degree", "fact"}; "by" says by which path a kind was found
    Jsonl,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum AssertionArg {
    #[default]
    Present,
    Absent,
    Possible,
    Conditional,
    Planned,
    Any,
}

/// Whether a fact states how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Degree {
    Stated,
    NotStated,
}

#[derive(Debug, Serialize)]
struct Hit<'a> {
    id: &'a Value,
    degree: Degree,
    value: Option<&'a crate::model::Value>,
    /// How the fact is a kind of what was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    fact: &'a Fact,
}

/// The names that are looked for; a kind with the concept that it is a kind of.
type Wanted = HashMap<String, Option<(ConceptRef, ConceptRef)>>;

impl Find {
    pub fn run(&self) -> Result<usize> {
        let engine = self.model.join(self.engine.engine()?)?;
        let wanted = self.wanted(&engine)?;
        let mut out = BufWriter::new(io::stdout().lock());
        let (mut failed, mut batch, mut hits) = (0, Vec::new(), 0);
        let mut flush = |batch: &mut Vec<Record>| -> Result<()> {
            let found = all(&engine, batch)?;
            for (r, mut f) in batch.drain(..).zip(found) {
                f.count_in(&r.text, self.offsets.into());
                hits += self.print(&mut out, &r.id, &f, &wanted, &engine)?;
            }
            Ok(())
        };
        records(&self.input, &mut |r| {
            match r {
                Ok(r) => batch.push(r),
                Err(e) => {
                    failed += 1;
                    report(e);
                }
            }
            if batch.len() >= 512 { flush(&mut batch) } else { Ok(()) }
        })?;
        flush(&mut batch)?;
        if matches!(self.format, Format::Table) {
            writeln!(out, "{hits} found").written()?;
        }
        out.flush().written()?;
        Ok(failed)
    }

    /// The names that the asked name stands for, and those of its kinds.
    fn wanted(&self, engine: &Engine) -> Result<Wanted> {
        let Some(name) = &self.name else { return Ok(Wanted::new()) };
        let lexicon = engine.lexicon();
        let names = |c: Concept<'_>| [c.name().to_owned(), c.attr(crate::lexicon::Attr::Ingredients).unwrap_or(c.name()).to_owned()];
        let mut found: Vec<ConceptRef> = lexicon
            .lookup(name)
            .map(|f| f.0)
            .filter(|r| lexicon.concept(*r).is_some_and(|c| !matches!(c.kind(), ConceptKind::Cue | ConceptKind::Unit | ConceptKind::Modifier | ConceptKind::Section)))
            .collect();
        let ontology = engine.ontology().into_diagnostic()?;
        if found.is_empty() && !self.exact {
            // a block of ICD-10, a class of an ontology: found by its kinds
            found.extend(ontology.named(name).filter(|r| lexicon.concept(*r).is_some_and(Concept::is_reference)));
        }
        if found.is_empty() {
            return Err(miette!(help = "karuta terms search looks for names that contain a word", "no term is written {name:?}"));
        }
        let mut out: Wanted = found.iter().filter_map(|r| lexicon.concept(*r)).flat_map(names).map(|n| (n, None)).collect();
        for r in found.iter().filter(|_| !self.exact) {
            for kind in ontology.descendants(*r) {
                for n in lexicon.concept(kind.concept).into_iter().flat_map(names) {
                    out.entry(n).or_insert(Some((kind.concept, *r)));
                }
            }
        }
        Ok(out)
    }

    fn print(&self, out: &mut dyn Write, id: &Value, found: &Structured, wanted: &Wanted, engine: &Engine) -> Result<usize> {
        let mut n = 0;
        for (f, value) in self.matches(found, wanted) {
            let number = value.and_then(|v| v.number);
            if number.is_some_and(|x| self.min.is_some_and(|m| x < m) || self.max.is_some_and(|m| x > m)) {
                continue;
            }
            n += 1;
            let degree = if number.is_some() { Degree::Stated } else { Degree::NotStated };
            let by = match wanted.get(&f.name) {
                Some(Some((kind, asked))) => engine.ontology().into_diagnostic().map(|o| o.path_up(*kind, *asked).map(|p| o.words(&p)))?,
                _ => None,
            };
            match self.format {
                Format::Jsonl => json_line(out, &Hit { id, degree, value, by, fact: f })?,
                Format::Table => {
                    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                    let shown = value.map_or_else(String::new, |v| table::value(&Fact { value: Some(v.clone()), medication: None, kind: FactKind::Vital, ..f.clone() }));
                    let degree = if degree == Degree::Stated { format!("degree stated: {shown}") } else { "degree not stated".to_owned() };
                    let by = by.map_or_else(String::new, |w| format!("\t{w}"));
                    writeln!(out, "{id}\t{}-{}\t{}\t{}\t{degree}{by}", f.start, f.end, f.text.split_whitespace().collect::<Vec<_>>().join(" "), f.name).written()?;
                }
            }
        }
        Ok(n)
    }

    /// Facts of the name or code, each with the value that states its degree; a finding derived from a
    /// measurement that another found finding names is not told twice.
    fn matches<'f>(&self, found: &'f Structured, wanted: &Wanted) -> Vec<(&'f Fact, Option<&'f crate::model::Value>)> {
        let value_of = |f: &'f Fact| {
            f.value.as_ref().or_else(|| {
                found
                    .relations
                    .iter()
                    .find(|r| r.kind == RelationKind::HasValue && r.from == f.id)
                    .and_then(|r| found.facts.iter().find(|g| g.id == r.to))
                    .and_then(|g| g.value.as_ref())
            })
        };
        let hit = |f: &Fact| {
            (wanted.contains_key(&f.name)
                || self.code.as_ref().is_some_and(|c| f.codings.iter().any(|k| k.code == *c || k.system.contains("ICD10") && k.code.starts_with(c.replace('.', "").as_str()))))
                && (self.any_subject || f.subject == Subject::Patient)
                && match self.assertion {
                    AssertionArg::Any => true,
                    AssertionArg::Present => f.assertion == Assertion::Present,
                    AssertionArg::Absent => f.assertion == Assertion::Absent,
                    AssertionArg::Possible => f.assertion == Assertion::Possible,
                    AssertionArg::Conditional => f.assertion == Assertion::Conditional,
                    AssertionArg::Planned => f.assertion == Assertion::Planned,
                }
        };
        let named: HashSet<&str> =
            found.relations.iter().filter(|r| r.kind == RelationKind::HasValue && found.facts.iter().any(|f| f.id == r.from && hit(f))).map(|r| r.to.as_str()).collect();
        found.facts.iter().filter(|f| hit(f) && !f.from.iter().any(|s| named.contains(s.as_str()))).map(|f| (f, value_of(f))).collect()
    }
}
