//! `karuta terms info`

use super::super::PackArgs;
use super::super::output::Written;
use super::Format;
use super::search::table;
use crate::lexicon::Pack;
use clap::Args;
use miette::{IntoDiagnostic, Result};
use serde_json::{Value, json};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// What packs hold.
#[derive(Debug, Args)]
pub(super) struct Info {
    /// A pack file [default: the built-in pack and those laid over it]
    #[arg(value_name = "PACK")]
    pack: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    packs: PackArgs,
}

impl Info {
    pub fn run(&self) -> Result<usize> {
        let lexicon;
        let one;
        let packs: &[Pack] = match &self.pack {
            Some(file) => {
                one = [Pack::open(file).into_diagnostic()?];
                &one
            }
            None => {
                lexicon = self.packs.lexicon()?;
                lexicon.packs()
            }
        };
        // a person who asks what a pack holds wants to know that it holds it undamaged
        packs.iter().try_for_each(Pack::verify).into_diagnostic()?;
        let mut out = BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Json => {
                let all: Vec<Value> = packs.iter().map(as_json).collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&all).into_diagnostic()?).written()?;
            }
            Format::Table => {
                for (i, p) in packs.iter().enumerate() {
                    if i > 0 {
                        writeln!(out).written()?;
                    }
                    print(&mut out, p)?;
                }
            }
        }
        out.flush().written()?;
        Ok(0)
    }
}

fn as_json(p: &Pack) -> Value {
    let kinds: Vec<Value> = p.kinds().into_iter().map(|(kind, reference, n)| json!({ "kind": kind.text(), "reference": reference, "concepts": n })).collect();
    let text = |k: &str| p.meta().get(k).cloned().unwrap_or_default();
    json!({
        "pack": p.version_label(), "path": p.label(), "hash": p.hash(), "bytes": p.size(), "version": text("version"),
        "concepts": p.len(), "surfaces": p.surfaces(), "kinds": kinds, "sources": text("sources"),
    })
}

fn print(out: &mut dyn Write, p: &Pack) -> Result<()> {
    let version = p.meta().get("version").and_then(Value::as_str).unwrap_or("");
    writeln!(out, "{}  ({}, made by karuta {version})", p.version_label(), p.label()).written()?;
    writeln!(out, "  hash      {}", p.hash()).written()?;
    writeln!(out, "  size      {} bytes, {} concepts, {} words", p.size(), p.len(), p.surfaces()).written()?;
    let kinds: Vec<String> = p.kinds().into_iter().map(|(kind, reference, n)| format!("{}{} {n}", kind.text(), if reference { " (reference)" } else { "" })).collect();
    writeln!(out, "  concepts  {}", kinds.join(", ")).written()?;
    let text = |s: &Value, k: &str| s.get(k).map_or_else(String::new, |v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    let sources = p.meta().get("sources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let rows: Vec<[String; 5]> = sources
        .iter()
        .map(|s| {
            let rows = s.get("rows").or_else(|| s.get("concepts")).map_or_else(String::new, |n| format!("{n} rows"));
            let aside = s.get("set_aside").and_then(Value::as_u64).filter(|n| *n > 0).map_or_else(String::new, |n| format!("{n} set aside"));
            let file = if s.get("file").is_some() { text(s, "file") } else { text(s, "name") };
            [format!("  {}", text(s, "kind")), text(s, "date"), rows, file, aside]
        })
        .collect();
    table(out, &rows)
}
