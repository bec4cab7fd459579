//! `karuta graph learn`

use super::super::PackArgs;
use super::facts::read;
use crate::graph::{Counts, Graph, Ontology};
use crate::lexicon::Pack;
use clap::Args;
use miette::{IntoDiagnostic, Result, WrapErr, miette};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Count what is told together in notes, as a pack to be laid over others.
///
/// For each disorder: the findings, medicines, measurements, procedures and other disorders that stand in the same
/// notes, with their counts. Each file is counted once; a pack that was learnt before is added to by naming it.
/// The pack holds counts alone, no words of a note; small counts may still tell of a patient: keep it as you keep the notes.
#[derive(Debug, Args)]
#[command(
    after_help = "Example: karuta structure --input-format jsonl --format jsonl < notes.jsonl > facts.jsonl\n         karuta graph learn facts.jsonl --out ward.kpack\n         karuta graph learn ward.kpack --forget facts.jsonl --out less.kpack\n         karuta graph show 肺炎 --pack ward.kpack"
)]
pub(super) struct Learn {
    /// Files of facts (JSON Lines), and packs that were learnt before
    #[arg(value_name = "FACTS|PACK", required = true)]
    files: Vec<PathBuf>,
    /// Take back what was learnt from this file or pack (repeat for more)
    #[arg(long, value_name = "FACTS|PACK")]
    forget: Vec<PathBuf>,
    /// The pack to write
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Its name
    #[arg(long, default_value = "learned")]
    name: String,
    #[command(flatten)]
    packs: PackArgs,
}

impl Learn {
    pub fn run(&self) -> Result<usize> {
        let lexicon = self.packs.lexicon()?;
        let graph = Graph::load(&lexicon).into_diagnostic()?;
        let ontology = Ontology::new(&lexicon, &graph);
        let (mut all, mut failed) = (Counts::default(), 0);
        for file in &self.files {
            let counts = counts(ontology, file, &mut failed)?;
            all.merge(&counts).map_err(|e| miette!(help = "each file is counted once; nothing was written", "{}: {e}", file.display()))?;
        }
        for file in &self.forget {
            let counts = counts(ontology, file, &mut failed)?;
            all.forget(&counts).map_err(|e| miette!(help = "nothing was written", "{}: {e}", file.display()))?;
        }
        write(&self.out, &all.pack(&self.name).into_diagnostic()?).into_diagnostic().wrap_err_with(|| self.out.display().to_string())?;
        eprintln!("{}: {} notes of {} files, {} pairs", self.out.display(), all.notes(), all.sources().count(), all.pairs());
        Ok(failed)
    }
}

/// The counts of a file of facts, or those that a pack holds.
fn counts(ontology: Ontology<'_>, file: &Path, failed: &mut usize) -> Result<Counts> {
    let mut magic = [0; 8];
    let is_pack = file.as_os_str() != "-"
        && std::fs::File::open(file).and_then(|mut f| f.read(&mut magic)).into_diagnostic().wrap_err_with(|| file.display().to_string())? == 8
        && &magic == b"KARUTAPK";
    if is_pack {
        let pack = Pack::open(file).into_diagnostic()?;
        pack.verify().into_diagnostic()?;
        return Counts::from_pack(&pack).into_diagnostic();
    }
    let facts = read(file)?;
    *failed += facts.failed;
    Ok(Counts::of(ontology, &facts.hash, facts.notes.iter().map(|n| &n.found)))
}

/// Beside its place and renamed, so that an unfinished pack never stands in a good one's place.
fn write(out: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut temporary = out.as_os_str().to_owned();
    temporary.push(format!(".{}.part", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let written = std::fs::File::create(&temporary).and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all())).and_then(|()| std::fs::rename(&temporary, out));
    if written.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    written
}
