//! Keeps checkpoints in a thread of its own: a disk that takes its time does not hold the writer up.

use super::BatchError;
use super::checkpoint::Checkpoint;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// Waits until what a checkpoint speaks of is on the disk, then puts it in the place of the one before.
pub(super) struct Keeper {
    offers: Option<SyncSender<Checkpoint>>,
    thread: Option<JoinHandle<Result<(), BatchError>>>,
}

impl Keeper {
    pub fn new(folder: PathBuf, files: Vec<(PathBuf, File)>) -> Self {
        let (offers, taken) = sync_channel(0);
        let thread = std::thread::spawn(move || keep(&folder, &files, &taken));
        Self { offers: Some(offers), thread: Some(thread) }
    }

    /// Keeps a checkpoint, unless the one before is still being kept.
    pub fn offer(&mut self, checkpoint: &Checkpoint) -> Result<(), BatchError> {
        match self.offers.as_ref().map(|o| o.try_send(checkpoint.clone())) {
            Some(Err(TrySendError::Disconnected(_))) => self.end(),
            _ => Ok(()),
        }
    }

    /// Keeps the last checkpoint and waits until it is kept.
    pub fn last(&mut self, checkpoint: Checkpoint) -> Result<(), BatchError> {
        // when the thread has ended, its error is told below
        let _ = self.offers.as_ref().map(|o| o.send(checkpoint));
        self.end()
    }

    fn end(&mut self) -> Result<(), BatchError> {
        self.offers = None;
        self.thread.take().map_or(Ok(()), |t| t.join().unwrap_or(Ok(())))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

fn keep(folder: &Path, files: &[(PathBuf, File)], offers: &Receiver<Checkpoint>) -> Result<(), BatchError> {
    for checkpoint in offers {
        for (path, file) in files {
            file.sync_data().map_err(BatchError::io(path))?;
        }
        checkpoint.save(folder)?;
    }
    Ok(())
}
