//! Official masters, read from the user's own copies into a pack.
//!
//! A master is read as its publisher hands it out: SSK's CP932 files, MEDIS's HOT, the ministry's workbooks,
//! JLAC10, LOINC's table, dictionaries of synonyms, ontologies. Nothing is downloaded, and no row of a master is
//! part of this library.

mod build;
mod codes;
mod kind;
mod masters;
mod product;
mod read;
mod rows;
mod sheet;
mod source;
mod surfaces;

pub use kind::MasterKind;
pub use masters::{Masters, Source};
pub use rows::RowError;

pub(crate) use build::system_of_url;
pub(crate) use codes::{is_alnum, is_icd, loinc_check_digit_holds};
pub(crate) use masters::{DisorderRow, ModifierRow};

use super::compile::writer::WriteError;
use read::Report;
use source::Member;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Why a file could not be imported, or the pack not be written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The file is no master that is known, or not the one it was said to be.
    #[error("{path}: this looks like {found}, expected {expected}")]
    WrongKind {
        /// The file.
        path: String,
        /// What it looks like.
        found: String,
        /// What was expected.
        expected: String,
    },
    /// Nothing was read.
    #[error("no row was read from any file")]
    Empty,
    /// The pack could not be made.
    #[error("the pack could not be made: {0}")]
    Pack(#[from] WriteError),
}

/// What happens while files are read.
#[derive(Debug)]
pub enum Event<'a> {
    /// A master was found and is being read.
    Reading(&'a str, MasterKind),
    /// So many rows of it were read.
    Rows(usize),
    /// A row was set aside.
    Broken(&'a RowError),
    /// A file in a folder, or a member of an archive, that is no master was passed over.
    Passed(&'a str, &'a str),
}

/// Reads masters and makes a pack of them.
///
/// ```
/// use karuta::lexicon::{Lexicon, Pack, import::Import};
/// let folder = std::env::temp_dir().join("karuta-doc-import");
/// std::fs::create_dir_all(&folder)?;
/// let file = folder.join("z_20250601.txt");
/// std::fs::write(&file, "\"0\",\"Z\",\"2999\",\"\",\"\",\"3\",\"試験性\",\"\",\"5\",\"シケンセイ\",\"\",\"0\",\"0\",\"20250601\",\"\",\"99999999\",\"27099999\",\"ZZ99\",\"A3000000\"\r\n")?;
/// let mut import = Import::new();
/// import.read(&file, None, &mut |_| {})?;
/// let pack = import.pack("official")?;
/// let lexicon = Lexicon::layered(vec![Pack::from_bytes(pack, "official")?])?;
/// assert_eq!(lexicon.lookup("試験性").count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Import {
    masters: Masters,
}

impl Import {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a file, an archive, or every master in a folder. `kind` says what it is; without it the content
    /// tells. Broken rows are handed to `on` and left out. Returns how many rows were set aside.
    ///
    /// # Errors
    /// [`ImportError::Io`], or [`ImportError::WrongKind`] with what the file looks like.
    pub fn read(&mut self, path: &Path, kind: Option<MasterKind>, on: &mut dyn FnMut(Event<'_>)) -> Result<usize, ImportError> {
        if !path.is_dir() {
            return self.file(path, kind, on);
        }
        let mut set_aside = 0;
        for file in files(path)? {
            match self.file(&file, kind, on) {
                Ok(n) => set_aside += n,
                Err(ImportError::WrongKind { path, found, .. }) => on(Event::Passed(&path, &found)),
                Err(e) => return Err(e),
            }
        }
        Ok(set_aside)
    }

    /// What was read.
    pub const fn masters(&self) -> &Masters {
        &self.masters
    }

    /// The bytes of the pack.
    ///
    /// # Errors
    /// [`ImportError::Empty`] when no row was read, [`ImportError::Pack`] when there is too much for one pack.
    pub fn pack(&self, name: &str) -> Result<Vec<u8>, ImportError> {
        if self.masters.sources.iter().all(|s| s.rows == 0) {
            return Err(ImportError::Empty);
        }
        Ok(build::pack(&self.masters, name)?)
    }

    /// Writes the pack beside `out` and renames it, so that an unfinished one never stands in a good one's place.
    /// Returns the number of bytes.
    ///
    /// # Errors
    /// As [`Self::pack`], and [`ImportError::Io`].
    pub fn write(&self, name: &str, out: &Path) -> Result<usize, ImportError> {
        let bytes = self.pack(name)?;
        let io = |source| ImportError::Io { path: out.display().to_string(), source };
        let mut temporary = out.as_os_str().to_owned();
        temporary.push(format!(".{}.part", std::process::id()));
        let temporary = PathBuf::from(temporary);
        let written = std::fs::File::create(&temporary).and_then(|mut f| f.write_all(&bytes).and_then(|()| f.sync_all())).and_then(|()| std::fs::rename(&temporary, out));
        if written.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        written.map_err(io)?;
        Ok(bytes.len())
    }

    fn file(&mut self, path: &Path, kind: Option<MasterKind>, on: &mut dyn FnMut(Event<'_>)) -> Result<usize, ImportError> {
        let shown = path.display().to_string();
        let (mut set_aside, mut read, mut last) = (0, 0, None);
        let masters = &mut self.masters;
        source::members(path, &mut |member| {
            let wanted = match (kind, member.kind) {
                (None, found) => found,
                // a content that says nothing of itself is tried as what it was said to be
                (Some(k), None) => Some(k),
                (Some(k), Some(found)) => (k == found || alike(k, found)).then_some(found),
            };
            let Some(k) = wanted else {
                let looks = source::looks_like(&member);
                if member.label.contains('!') {
                    on(Event::Passed(&member.label, &looks));
                }
                last = Some((member.label, looks));
                return Ok(());
            };
            on(Event::Reading(&member.label, k));
            let source = one(masters, &member, k, on);
            set_aside += source.set_aside;
            if source.rows == 0 && member.kind.is_none() {
                let looks = source::looks_like(&member);
                last = Some((member.label, looks));
            } else {
                read += 1;
                masters.sources.push(source);
            }
            Ok(())
        })
        .map_err(|source| ImportError::Io { path: shown.clone(), source })?;
        if read == 0 {
            let (path, found) = last.unwrap_or_else(|| (shown, "an archive that holds no file".to_owned()));
            let expected = kind.map_or_else(|| "an official master (see karuta terms import --help)".to_owned(), |k| k.title().to_owned());
            return Err(ImportError::WrongKind { path, found, expected });
        }
        Ok(set_aside)
    }
}

/// Kinds that are told apart by their content alone, so that the one may be named for the other.
fn alike(a: MasterKind, b: MasterKind) -> bool {
    use MasterKind::{Hpo, Loinc, LoincJa, LoincUnits, Mondo};
    [[Loinc, LoincJa], [Loinc, LoincUnits], [Hpo, Mondo]].iter().any(|pair| pair.contains(&a) && pair.contains(&b))
}

fn one(masters: &mut Masters, member: &Member, kind: MasterKind, on: &mut dyn FnMut(Event<'_>)) -> Source {
    let mut report = Report::new(&member.label, on);
    read::read(kind, member, masters, &mut report);
    if matches!(kind, MasterKind::Hpo | MasterKind::Mondo | MasterKind::Nando | MasterKind::Obo | MasterKind::OboGraph) {
        masters.unify_classes();
    }
    let (rows, set_aside) = report.counts();
    Source { kind, file: member.label.clone(), date: source::date(&member.name), rows, set_aside, blake3: blake3::hash(&member.bytes).to_hex().to_string() }
}

/// The files of a folder and its folders, in order; hidden ones and samples are left out.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let mut out = Vec::new();
    let mut open = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = open.pop() {
        let io = |source| ImportError::Io { path: folder.display().to_string(), source };
        for entry in std::fs::read_dir(&folder).map_err(io)? {
            let path = entry.map_err(io)?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase()).unwrap_or_default();
            if name.starts_with('.') || name.contains("sample") || name.contains("readme") {
                continue;
            }
            if path.is_dir() && depth < 8 {
                open.push((path, depth + 1));
            } else if path.is_file() {
                out.push(path);
            }
        }
    }
    out.sort();
    Ok(out)
}
