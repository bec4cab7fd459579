//! `karuta terms`: the dictionaries behind the facts.

#[cfg(feature = "import")]
mod check;
#[cfg(feature = "import")]
mod import;
mod info;
mod search;
mod show;

use crate::lexicon::{ConceptRef, Lexicon};
use clap::{Args, Subcommand, ValueEnum};
use miette::Result;
use serde_json::{Value, json};

/// The dictionaries: search, show, import, check.
#[derive(Debug, Args)]
pub(super) struct Terms {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Search for terms that contain a word
    Search(search::Search),
    /// Show what an id, a code or a name stands for
    Show(show::Show),
    /// Tell what the packs hold: sources, dates, counts, hash
    Info(info::Info),
    /// Read official masters from your own copies into a pack
    #[cfg(feature = "import")]
    Import(import::Import),
    /// Check the curated tables against the masters
    #[cfg(feature = "import")]
    Check(check::Check),
}

impl Terms {
    /// Returns how many records failed.
    pub fn run(&self) -> Result<usize> {
        match &self.verb {
            Verb::Search(v) => v.run(),
            Verb::Show(v) => v.run(),
            Verb::Info(v) => v.run(),
            #[cfg(feature = "import")]
            Verb::Import(v) => v.run(),
            #[cfg(feature = "import")]
            Verb::Check(v) => v.run(),
        }
    }
}

/// How the terms are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// A table
    #[default]
    Table,
    /// One JSON document
    Json,
}

/// A concept as JSON.
fn json_of(lexicon: &Lexicon, r: ConceptRef) -> Value {
    let Some(c) = lexicon.concept(r) else { return Value::Null };
    let codes: Vec<Value> = c.codes().map(|k| json!({ "system": k.system.text(), "code": k.code, "display": k.display })).collect();
    let attributes: serde_json::Map<String, Value> = c.attrs().map(|(k, v)| (k.text().to_owned(), Value::from(v))).collect();
    json!({
        "id": c.id(), "kind": c.kind().text(), "name": c.name(), "en": c.en(), "reference": c.is_reference(),
        "codes": codes, "attributes": attributes, "packs": lexicon.labels_of(r),
    })
}
