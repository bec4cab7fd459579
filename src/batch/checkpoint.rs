//! Where a run stands, kept so that another sitting goes on from there.

use super::input::Input;
use super::output::{CHECKPOINT, part_name, part_number, replace};
use super::{Batch, BatchError, Summary};
use crate::Engine;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// The version of the folder's layout.
const VERSION: u32 = 1;

/// What a run is a run of: the same fingerprint ends with the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    karuta: String,
    packs: Vec<String>,
    /// The model beside the rules; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    model: String,
    settings: String,
    /// Each input's path, length and time of change.
    inputs: Vec<(String, u64, u64)>,
}

impl Fingerprint {
    pub fn of(batch: &Batch, engine: &Engine, input: &Input) -> Self {
        let settings = (&batch.kind, &batch.fields, &batch.encoding, format!("{:?}", batch.offsets), format!("{:?}", batch.exporters), batch.parquet());
        Self {
            karuta: env!("CARGO_PKG_VERSION").to_owned(),
            packs: engine.lexicon().packs().iter().map(|p| p.version_label()).collect(),
            model: model(engine),
            settings: serde_json::to_string(&settings).unwrap_or_default(),
            inputs: input.files.iter().map(|f| (f.name.to_string(), f.size, f.changed)).collect(),
        }
    }

    /// What differs, in words.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.karuta != other.karuta {
            return Some("another version of karuta");
        }
        if self.packs != other.packs {
            return Some("other packs");
        }
        if self.model != other.model {
            return Some("another model beside the rules, or none");
        }
        if self.settings != other.settings {
            return Some("other options");
        }
        (self.inputs != other.inputs).then_some("inputs that were changed, added or taken away")
    }
}

#[cfg(feature = "neural")]
fn model(engine: &Engine) -> String {
    engine.tagger().map_or_else(String::new, |t| t.model().label())
}

#[cfg(not(feature = "neural"))]
fn model(_: &Engine) -> String {
    String::new()
}

/// Where a run stands: everything up to here is on the disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Checkpoint {
    version: u32,
    fingerprint: Fingerprint,
    /// Records that are done, set aside ones among them.
    pub records: u64,
    /// Length of each file that grows, in bytes.
    pub files: BTreeMap<String, u64>,
    /// Parts of the facts table that are whole.
    pub parts: u64,
    /// Whether all is done.
    pub done: bool,
    /// What it has come to so far.
    pub summary: Summary,
}

impl Checkpoint {
    /// The checkpoint of the run in `folder`, or that of a new one; files are cut to what it says.
    pub fn open(folder: &Path, fingerprint: &Fingerprint, restart: bool, names: &[String]) -> Result<Self, BatchError> {
        let path = folder.join(CHECKPOINT);
        let kept = match std::fs::read(&path) {
            Ok(bytes) if !restart => Some(Self::read(&path, &bytes, fingerprint)?),
            Ok(_) => None,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                refuse_strangers(folder, names)?;
                None
            }
            Err(e) => return Err(BatchError::io(&path)(e)),
        };
        let checkpoint = match kept {
            Some(c) => c,
            None => {
                let new = Self { version: VERSION, fingerprint: fingerprint.clone(), records: 0, files: BTreeMap::new(), parts: 0, done: false, summary: Summary::default() };
                new.save(folder)?;
                new
            }
        };
        if !checkpoint.done {
            checkpoint.cut(folder, names)?;
        }
        Ok(checkpoint)
    }

    fn read(path: &Path, bytes: &[u8], fingerprint: &Fingerprint) -> Result<Self, BatchError> {
        let other = |found: String, expected: &str| BatchError::Folder { path: path.to_owned(), found, expected: expected.to_owned() };
        let kept: Self = serde_json::from_slice(bytes).map_err(|e| other(e.to_string(), "a checkpoint of karuta batch"))?;
        if kept.version != VERSION {
            return Err(other(format!("a checkpoint of version {}", kept.version), "version 1"));
        }
        match kept.fingerprint.difference(fingerprint) {
            Some(what) => Err(other(format!("a run with {what}"), "the same run; take another folder, or throw the run away with --restart")),
            None => Ok(kept),
        }
    }

    /// Cuts what was written after the checkpoint, which may be half a line.
    fn cut(&self, folder: &Path, names: &[String]) -> Result<(), BatchError> {
        for name in names {
            let path = folder.join(name);
            let length = self.files.get(name).copied().unwrap_or(0);
            let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(BatchError::io(&path))?;
            let found = file.metadata().map_err(BatchError::io(&path))?.len();
            if found < length {
                return Err(BatchError::Folder { path, found: format!("{found} bytes"), expected: format!("at least the {length} bytes of the checkpoint") });
            }
            file.set_len(length).map_err(BatchError::io(&path))?;
        }
        for entry in std::fs::read_dir(folder).map_err(BatchError::io(folder))?.flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let half = name.strip_suffix(".tmp").is_some_and(|n| part_number(n).is_some());
            if half || part_number(name).is_some_and(|n| n >= self.parts) {
                std::fs::remove_file(entry.path()).map_err(BatchError::io(&entry.path()))?;
            }
        }
        for n in 0..self.parts {
            let path = folder.join(part_name(n));
            if !path.exists() {
                return Err(BatchError::Folder { path, found: "no such file".into(), expected: "the part that the checkpoint names".into() });
            }
        }
        Ok(())
    }

    /// Puts the checkpoint in the place of the one before, whole or not at all.
    pub fn save(&self, folder: &Path) -> Result<(), BatchError> {
        let json = serde_json::to_vec(self).unwrap_or_default();
        replace(&folder.join(CHECKPOINT), &json)
    }
}

/// A folder with files of these names but no checkpoint is somebody else's.
fn refuse_strangers(folder: &Path, names: &[String]) -> Result<(), BatchError> {
    let taken = names.iter().map(|n| folder.join(n)).find(|p| p.exists());
    match taken {
        Some(path) => Err(BatchError::Folder { path, found: "a file that no checkpoint speaks of".into(), expected: "an empty folder, or one of an earlier run".into() }),
        None => Ok(()),
    }
}
