//! The files of a run.

use super::{Batch, BatchError};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) const CHECKPOINT: &str = "checkpoint.json";
pub(super) const REJECTED: &str = "rejected.jsonl";
pub(super) const SUMMARY: &str = "summary.json";

/// `facts-00000.parquet`.
pub(super) fn part_name(n: u64) -> String {
    format!("facts-{n:05}.parquet")
}

pub(super) fn part_number(name: &str) -> Option<u64> {
    name.strip_prefix("facts-")?.strip_suffix(".parquet")?.parse().ok()
}

/// Keeps a second process out of the folder for as long as it is held.
pub(super) fn lock(folder: &Path) -> Result<File, BatchError> {
    let path = folder.join(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(BatchError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(BatchError::Folder { path: folder.to_owned(), found: "another process at work in it".into(), expected: "a folder of its own for each run".into() })
        }
        Err(TryLockError::Error(e)) if e.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(e)) => Err(BatchError::io(&path)(e)),
    }
}

/// Writes a small file in the place of the one before, whole or not at all.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), BatchError> {
    let new = path.with_extension("tmp");
    let write = || -> io::Result<()> {
        let mut f = File::create(&new)?;
        f.write_all(bytes)?;
        f.sync_all()?;
        std::fs::rename(&new, path)
    };
    write().map_err(BatchError::io(path))
}

/// The files that grow.
pub(super) struct Files {
    files: Vec<(String, PathBuf, File, u64)>,
}

impl Files {
    /// Opens the files at the lengths of the checkpoint; new ones get their heads.
    pub fn open(batch: &Batch, lengths: &BTreeMap<String, u64>) -> Result<Self, BatchError> {
        let mut files = Vec::new();
        for name in batch.file_names() {
            let path = batch.out.join(&name);
            let file = OpenOptions::new().append(true).create(true).open(&path).map_err(BatchError::io(&path))?;
            let length = lengths.get(&name).copied().unwrap_or(0);
            files.push((name, path, file, length));
        }
        let mut all = Self { files };
        if lengths.is_empty() {
            let mut heads = Vec::new();
            for e in &batch.exporters {
                let mut of_one = vec![Vec::new(); e.files().len()];
                e.head(&mut of_one);
                heads.extend(of_one);
            }
            heads.push(Vec::new());
            all.append(&heads)?;
        }
        Ok(all)
    }

    /// Appends to each file, in the order of the exporters, what was set aside last.
    pub fn append(&mut self, pieces: &[Vec<u8>]) -> Result<(), BatchError> {
        for ((_, path, file, length), piece) in self.files.iter_mut().zip(pieces) {
            if !piece.is_empty() {
                file.write_all(piece).map_err(BatchError::io(path))?;
                *length += piece.len() as u64;
            }
        }
        Ok(())
    }

    /// The length of each file.
    pub fn lengths(&self) -> BTreeMap<String, u64> {
        self.files.iter().map(|(name, _, _, length)| (name.clone(), *length)).collect()
    }

    /// Handles of the files for another thread, which waits until they are on the disk.
    pub fn handles(&self) -> Result<Vec<(PathBuf, File)>, BatchError> {
        self.files.iter().map(|(_, path, file, _)| Ok((path.clone(), file.try_clone().map_err(BatchError::io(path))?))).collect()
    }
}
