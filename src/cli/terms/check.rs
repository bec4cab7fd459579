//! `karuta terms check`

use super::super::output::Written;
use crate::lexicon::Pack;
use crate::lexicon::check::{check, entries_of_pack, entries_of_tables, unchecked};
use crate::lexicon::import::{Event, Import};
use clap::Args;
use miette::{IntoDiagnostic, Result, WrapErr};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// Check the curated tables against the masters.
///
/// One line a problem; exit code 1 when there is any.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A folder of masters; what each file is, its content tells
    #[arg(long, value_name = "DIR", required = true)]
    masters: Vec<PathBuf>,
    /// The tables to check [default: the built-in pack]
    #[arg(long, value_name = "DIR")]
    dictionaries: Option<PathBuf>,
}

impl Check {
    pub fn run(&self) -> Result<usize> {
        let mut import = Import::new();
        for folder in &self.masters {
            let read = import.read(folder, None, &mut |e| {
                if let Event::Broken(e) = e {
                    eprintln!("{e}; the row is set aside");
                }
            });
            read.into_diagnostic()?;
        }
        let masters = import.masters();
        let (entries, mut problems) = match &self.dictionaries {
            Some(root) => entries_of_tables(root).into_diagnostic().wrap_err_with(|| root.display().to_string())?,
            None => (entries_of_pack(&Pack::embedded().into_diagnostic()?), Vec::new()),
        };
        problems.extend(check(masters, &entries));
        let mut out = BufWriter::new(io::stdout().lock());
        for p in &problems {
            writeln!(out, "{p}").written()?;
        }
        out.flush().written()?;
        for master in unchecked(masters, &entries) {
            eprintln!("not checked, no such master in the folder: {master}");
        }
        eprintln!("{} concepts checked against {} files: {} problems", entries.len(), masters.sources().len(), problems.len());
        Ok(problems.len())
    }
}
