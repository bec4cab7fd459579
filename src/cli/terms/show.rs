//! `karuta terms show`

use super::super::PackArgs;
use super::super::output::Written;
use super::search::table;
use super::{Format, json_of};
use crate::lexicon::{ConceptRef, FLAG_AMBIGUOUS, FLAG_LOOKUP, FLAG_UNSURE, Lexicon};
use clap::Args;
use miette::{IntoDiagnostic, Result, miette};
use std::io::{self, BufWriter, Write};

/// Show terms.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// An id (symptoms-0001, b:LLLJ), a code of any system (LLLJ, R50.9, 8310-5), or a name
    asked: String,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    packs: PackArgs,
}

/// Terms of one code that are shown; an ICD-10 code may have hundreds.
const MOST: usize = 20;

impl Show {
    pub fn run(&self) -> Result<usize> {
        let lexicon = self.packs.lexicon()?;
        let found = lexicon.named(&self.asked);
        if found.is_empty() {
            return Err(miette!(help = "karuta terms search looks for names that contain a word", "no term has the id, code or name {:?}", self.asked));
        }
        let mut out = BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Json => {
                let all: Vec<_> = found
                    .iter()
                    .map(|r| {
                        let mut v = json_of(&lexicon, *r);
                        if let Some(o) = v.as_object_mut() {
                            o.insert("surfaces".to_owned(), lexicon.surfaces_of(*r).into_iter().map(|s| s.0).collect::<Vec<_>>().into());
                        }
                        v
                    })
                    .collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&all).into_diagnostic()?).written()?;
            }
            Format::Table => {
                for (i, r) in found.iter().take(MOST).enumerate() {
                    if i > 0 {
                        writeln!(out).written()?;
                    }
                    one(&mut out, &lexicon, *r)?;
                }
                if found.len() > MOST {
                    writeln!(out, "\nand {} more", found.len() - MOST).written()?;
                }
            }
        }
        out.flush().written()?;
        Ok(0)
    }
}

fn one(out: &mut dyn Write, lexicon: &Lexicon, r: ConceptRef) -> Result<()> {
    let Some(c) = lexicon.concept(r) else { return Ok(()) };
    let reference = if c.is_reference() { ", for looking up only" } else { "" };
    let en = if c.en().is_empty() { String::new() } else { format!("  {}", c.en()) };
    writeln!(out, "{}{en}", c.name()).written()?;
    writeln!(out, "  {} {}{reference}; {}", c.kind().text(), c.id(), lexicon.labels_of(r).join(", ")).written()?;
    let mut rows: Vec<[String; 3]> = c.codes().map(|k| [format!("  {}", k.system.label()), k.code.to_owned(), k.display.to_owned()]).collect();
    rows.extend(c.attrs().map(|(k, v)| [format!("  {}", k.text()), v.to_owned(), String::new()]));
    table(out, &rows)?;
    let (mut notes, mut lookup) = (Vec::new(), Vec::new());
    for (surface, flags) in lexicon.surfaces_of(r) {
        let mark = match (flags & FLAG_AMBIGUOUS != 0, flags & FLAG_UNSURE != 0) {
            (true, _) => "?",
            (_, true) => "~",
            _ => "",
        };
        if flags & FLAG_LOOKUP != 0 { &mut lookup } else { &mut notes }.push(format!("{surface}{mark}"));
    }
    for (what, words) in [("in notes", notes), ("for search", lookup)] {
        if !words.is_empty() {
            writeln!(out, "  {what}: {}", words.join(", ")).written()?;
        }
    }
    Ok(())
}
