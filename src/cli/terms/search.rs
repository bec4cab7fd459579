//! `karuta terms search`

use super::super::PackArgs;
use super::super::output::Written;
use super::{Format, json_of};
use crate::lexicon::{Concept, Lexicon, System};
use clap::Args;
use miette::{IntoDiagnostic, Result};
use std::io::{self, BufWriter, Write};
use unicode_width::UnicodeWidthStr;

/// Search for terms.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// A word, or a part of one
    text: String,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    packs: PackArgs,
}

impl Search {
    pub fn run(&self) -> Result<usize> {
        let lexicon = self.packs.lexicon()?;
        let found = lexicon.search(&self.text, self.limit);
        let mut out = BufWriter::new(io::stdout().lock());
        match self.format {
            Format::Json => {
                let all: Vec<_> = found
                    .iter()
                    .map(|f| {
                        let mut v = json_of(&lexicon, f.concept);
                        if let Some(o) = v.as_object_mut() {
                            o.insert("matched".to_owned(), f.surface.as_str().into());
                        }
                        v
                    })
                    .collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&all).into_diagnostic()?).written()?;
            }
            Format::Table => {
                let rows: Vec<[String; 5]> = found.iter().filter_map(|f| Some(row(&lexicon, lexicon.concept(f.concept)?, f))).collect();
                table(&mut out, &rows)?;
                if rows.is_empty() {
                    writeln!(out, "no term contains {:?}", self.text).written()?;
                }
            }
        }
        out.flush().written()?;
        Ok(0)
    }
}

fn row(lexicon: &Lexicon, c: Concept<'_>, f: &crate::lexicon::Found) -> [String; 5] {
    let matched = if f.surface == crate::note::fold(c.name()) { String::new() } else { f.surface.clone() };
    let kind = if c.is_reference() { format!("{} (reference)", c.kind().text()) } else { c.kind().text().to_owned() };
    [c.name().to_owned(), kind, codes(c), matched, format!("{} {}", c.id(), lexicon.label(f.concept))]
}

/// The codes that one looks for first.
fn codes(c: Concept<'_>) -> String {
    const FIRST: [System; 13] = [
        System::DiseaseExchange,
        System::ModifierExchange,
        System::Icd10,
        System::Hot9,
        System::Yj,
        System::GenericOrder,
        System::Loinc,
        System::Jlac10,
        System::ClinsJlac10,
        System::Hpo,
        System::Mondo,
        System::Nando,
        System::NursingObservation,
    ];
    let mut all: Vec<_> = FIRST.iter().filter_map(|s| c.code(*s)).take(3).collect();
    if all.is_empty() {
        all.extend(c.codes().take(1).map(|k| k.code));
    }
    all.join(" ")
}

/// Columns as wide as their cells.
pub(super) fn table<const N: usize>(out: &mut dyn Write, rows: &[[String; N]]) -> Result<()> {
    let mut widths = [0; N];
    for r in rows {
        for (w, cell) in widths.iter_mut().zip(r) {
            *w = (*w).max(cell.width());
        }
    }
    for r in rows {
        let mut line = String::new();
        for (cell, width) in r.iter().zip(widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()) + 2));
        }
        writeln!(out, "{}", line.trim_end()).written()?;
    }
    Ok(())
}
