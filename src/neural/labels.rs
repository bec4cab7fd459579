//! What a model's labels mean: which kind of fact, and what is said of it.

use super::error::NeuralError;
use super::files::Files;
use crate::model::{Assertion, FactKind};
use rustc_hash::FxHashMap as HashMap;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;
use std::path::Path;

/// What a label means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The id of the row, which stands in a fact's explanation.
    pub id: String,
    /// The kind of fact; nothing for words that are no fact by themselves (a site, a change).
    pub kind: Option<FactKind>,
    /// What is said of it, where the label says it.
    pub assertion: Option<Assertion>,
    /// When a mention that the rules have not becomes a fact.
    pub adds: Adds,
}

/// When a mention that the rules have not becomes a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Adds {
    /// Always.
    Always,
    /// Where it has a code.
    Coded,
    /// Never: the rules alone find these.
    #[default]
    Never,
}

/// The meanings of a model's labels: the rows of a table with the columns `id`, `label`, `kind`, `assertion`, `adds`.
///
/// `label` is the name after `B-` or `I-`. `kind` and `assertion` are those of a fact, or `-`; `adds` is `always`,
/// `coded` or `never`. Lines that start with `#` are remarks.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    rows: HashMap<String, Meaning>,
}

/// The labels of the default model.
const PRISM: &str = include_str!("../../models/mappings/prism.tsv");
/// The labels of models in the manner of MedNERN-CR-JA.
const MEDNERN: &str = include_str!("../../models/mappings/mednern.tsv");

/// A word of the JSON contract: `disorder`, `absent`.
fn word<T: serde::de::DeserializeOwned>(w: &str) -> Option<T> {
    let reader: StrDeserializer<'_, serde::de::value::Error> = w.into_deserializer();
    T::deserialize(reader).ok()
}

impl Mapping {
    /// Reads a table.
    ///
    /// # Errors
    /// When it is missing, or a row can't be read.
    pub fn open(path: &Path) -> Result<Self, NeuralError> {
        let text =
            std::fs::read_to_string(path).map_err(|_| NeuralError::Missing { path: path.to_owned(), expected: "a table of labels: id, label, kind, assertion, adds".into() })?;
        Self::read(path, &text)
    }

    /// The mapping of a model: `labels.tsv` of its files, else the ready one that knows its labels.
    ///
    /// # Errors
    /// When there is neither, or a row can't be read.
    pub fn of(files: &Files, labels: &[String]) -> Result<Self, NeuralError> {
        if files.has("labels.tsv") {
            return Self::read(&files.path("labels.tsv"), &files.text("labels.tsv", "")?);
        }
        for (name, table) in [("prism.tsv", PRISM), ("mednern.tsv", MEDNERN)] {
            let ready = Self::read(Path::new(name), table)?;
            if labels.iter().filter_map(|l| bare(l)).all(|l| ready.meaning(l).is_some()) {
                return Ok(ready);
            }
        }
        Err(NeuralError::Missing {
            path: files.path("labels.tsv"),
            expected: format!("a table of what the labels mean (id, label, kind, assertion, adds); the model has {}", list(labels)),
        })
    }

    fn read(path: &Path, text: &str) -> Result<Self, NeuralError> {
        let mut out = Self::default();
        for (i, line) in text.lines().enumerate().skip(1).filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#')) {
            let row = meaning(line).map_err(|expected| NeuralError::Table { path: path.to_owned(), line: i + 1, found: line.chars().take(120).collect(), expected })?;
            out.rows.insert(row.0, row.1);
        }
        Ok(out)
    }

    /// What a label means, named without `B-` or `I-`.
    pub fn meaning(&self, label: &str) -> Option<&Meaning> {
        self.rows.get(label)
    }
}

fn meaning(line: &str) -> Result<(String, Meaning), &'static str> {
    let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
    let [id, label, kind, assertion, adds, ..] = cells.as_slice() else { return Err("five cells: id, label, kind, assertion, adds") };
    let kind = match *kind {
        "-" | "" => None,
        k => Some(word::<FactKind>(k).ok_or("a kind of fact (disorder, finding, lab …) or - in the third cell")?),
    };
    let assertion = match *assertion {
        "-" | "" => None,
        a => Some(word::<Assertion>(a).ok_or("present, absent, possible, conditional, planned or - in the fourth cell")?),
    };
    let adds = match *adds {
        "always" => Adds::Always,
        "coded" => Adds::Coded,
        "never" | "-" => Adds::Never,
        _ => return Err("always, coded or never in the fifth cell"),
    };
    Ok(((*label).to_owned(), Meaning { id: (*id).to_owned(), kind, assertion, adds }))
}

/// A label without its place in a span; nothing for what is outside.
pub(super) fn bare(label: &str) -> Option<&str> {
    if label == "O" {
        return None;
    }
    Some(label.strip_prefix(['B', 'I', 'E', 'S', 'L', 'U']).and_then(|l| l.strip_prefix(['-', '_'])).unwrap_or(label))
}

fn list(labels: &[String]) -> String {
    let mut names: Vec<&str> = labels.iter().filter_map(|l| bare(l)).collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(40);
    names.join(", ")
}
