//! Archives: hundreds of thousands of notes, in order, in bounded memory, from where a run was stopped.
//!
//! A run is a folder. It holds the outputs, `rejected.jsonl` with the records that were set aside and why,
//! `summary.json`, and `checkpoint.json`. A run that was killed at any moment is started again with the same
//! arguments and ends with the same bytes as an undisturbed one, whatever the number of threads.
//!
//! ```text
//! files, archives ─► reader (one thread) ─► chunks ─► workers: decode, parse, structure, encode ─► writer, in order
//! ```
//!
//! At most a few chunks are on their way at a time: the reader waits until the writer has written.
//!
//! ```
//! let dir = tempfile::tempdir().unwrap();
//! let notes = dir.path().join("notes.jsonl");
//! std::fs::write(&notes, "{\"id\":1,\"text\":\"BT39.2\"}\n{\"id\":2}\n").unwrap();
//! let engine = karuta::Engine::new().unwrap();
//! let batch = karuta::batch::Batch::new(vec![notes], dir.path().join("run"));
//! let summary = batch.run(&engine, &|_| ()).unwrap();
//! assert_eq!((summary.notes, summary.rejected), (1, 1));
//! assert!(std::fs::read_to_string(dir.path().join("run/facts.jsonl")).unwrap().contains("8310-5"));
//! ```

#[cfg(feature = "neural")]
mod ahead;
mod checkpoint;
mod export;
#[cfg(feature = "parquet")]
mod facts_table;
mod input;
mod json;
mod keeper;
mod output;
mod pipeline;
mod read;
mod record;
#[cfg(feature = "arrow")]
mod rows;
mod summary;

pub use export::{Exporter, Form, Item, JsonLines};
pub use json::parse_json;
pub use record::{Bad, Fields, Place};
#[cfg(feature = "arrow")]
pub use rows::FactRows;
pub use summary::{Progress, Summary};

use crate::Engine;
use crate::note::OffsetUnit;
use checkpoint::{Checkpoint, Fingerprint};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A note longer than this, in bytes, is set aside.
pub const LONGEST_NOTE: usize = 64 << 20;

/// Why a batch could not be run. Bad records are no such error: they are set aside.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// A file of the run could not be written or read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The folder holds another run, or something else.
    #[error("{path}: found {found}, expected {expected}")]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What was found.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// A table could not be written.
    #[error("{path}: {found}")]
    Table {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        found: String,
    },
}

impl BatchError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// What an input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// By the file's name.
    #[default]
    Auto,
    /// One note a file.
    Text,
    /// One JSON object a line.
    Jsonl,
    /// Columns between commas, named in the first row.
    Csv,
    /// Columns between tabs, named in the first row.
    Tsv,
    /// Parquet.
    Parquet,
    /// XML with an element a record.
    Xml,
}

/// A run over archives.
#[derive(Debug)]
pub struct Batch {
    /// Files, folders and archives, in this order.
    pub inputs: Vec<PathBuf>,
    /// The folder of the run.
    pub out: PathBuf,
    /// What the inputs hold.
    pub kind: InputKind,
    /// The columns, fields or elements that hold the id, the text and the day.
    pub fields: Fields,
    /// Encoding of the inputs; detected where there is none.
    pub encoding: Option<String>,
    /// The unit that offsets are counted in.
    pub offsets: OffsetUnit,
    /// What is written, one file or more each.
    pub exporters: Vec<Box<dyn Exporter>>,
    /// Whether `facts-00000.parquet` and on are written too.
    #[cfg(feature = "parquet")]
    pub parquet: bool,
    /// Threads that structure notes; 0 for one a core.
    pub threads: usize,
    /// Whether an earlier run in the folder is thrown away.
    pub restart: bool,
    /// How long a run goes without a checkpoint. With Parquet there is one at each part's end, every 10,000 records.
    pub between: Duration,
}

impl Batch {
    /// A run that writes `facts.jsonl`.
    pub fn new(inputs: Vec<PathBuf>, out: PathBuf) -> Self {
        Self {
            inputs,
            out,
            kind: InputKind::Auto,
            fields: Fields::default(),
            encoding: None,
            offsets: OffsetUnit::CodePoints,
            exporters: vec![Box::new(JsonLines)],
            #[cfg(feature = "parquet")]
            parquet: false,
            threads: 0,
            restart: false,
            between: Duration::from_secs(2),
        }
    }

    /// Runs, or goes on from where the run in the folder was stopped. `watch` is told how far it has come.
    ///
    /// # Errors
    /// [`BatchError`] when a file of the run can't be written, or the folder holds another run.
    pub fn run(&self, engine: &Engine, watch: &(dyn Fn(Progress) + Sync)) -> Result<Summary, BatchError> {
        let input = input::Input::list(&self.inputs, self.kind)?;
        let fingerprint = Fingerprint::of(self, engine, &input);
        std::fs::create_dir_all(&self.out).map_err(BatchError::io(&self.out))?;
        let _lock = output::lock(&self.out)?;
        let checkpoint = Checkpoint::open(&self.out, &fingerprint, self.restart, &self.file_names())?;
        if checkpoint.done {
            return Ok(checkpoint.summary);
        }
        pipeline::run(self, engine, &input, checkpoint, watch)
    }

    fn threads(&self) -> usize {
        match self.threads {
            0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            n => n,
        }
    }

    /// The files that grow line by line.
    fn file_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.exporters.iter().flat_map(|e| e.files()).collect();
        names.push(output::REJECTED.to_owned());
        names
    }

    #[cfg(feature = "parquet")]
    fn parquet(&self) -> bool {
        self.parquet
    }

    #[cfg(not(feature = "parquet"))]
    #[allow(clippy::unused_self)]
    fn parquet(&self) -> bool {
        false
    }
}
