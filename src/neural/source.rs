//! Where a model's files are: a folder, or a repository of the hub.

use super::error::NeuralError;
use super::files::Files;
#[cfg(feature = "hub")]
use super::hub;
use std::path::{Path, PathBuf};

/// Where a model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Carried by the program: names and contents.
    Carried(&'static [(&'static str, &'static [u8])]),
    /// A folder.
    Folder(PathBuf),
    /// A repository of the hub.
    Hub {
        /// `owner/name`.
        repository: String,
        /// A commit, tag or branch.
        revision: String,
        /// The BLAKE3 sum of `model.safetensors`, in hexadecimal digits, where it was given.
        checksum: Option<String>,
    },
}

/// The name of a file with the sums of others, one a line: `<BLAKE3>  <name>`, as `b3sum` writes it.
const SUMS: &str = "checksums.b3";

impl Source {
    /// Reads `hf:<owner>/<name>@<revision>`, which `#<BLAKE3 of model.safetensors>` may follow; all else is a folder.
    ///
    /// # Errors
    /// When the owner, the name or the revision is missing, or the sum is none.
    ///
    /// ```
    /// use karuta::neural::Source;
    /// let s = Source::parse("hf:some-one/some-model@0123abc").unwrap();
    /// assert!(matches!(s, Source::Hub { revision, .. } if revision == "0123abc"));
    /// assert!(Source::parse("hf:some-one/some-model").unwrap_err().to_string().contains("@<revision>"));
    /// ```
    pub fn parse(written: &str) -> Result<Self, NeuralError> {
        let Some(rest) = written.strip_prefix("hf:") else { return Ok(Self::Folder(PathBuf::from(written))) };
        let not = || NeuralError::Source { found: written.to_owned(), expected: "hf:<owner>/<name>@<revision>, which #<BLAKE3 of model.safetensors> may follow" };
        let (rest, checksum) = match rest.split_once('#') {
            Some((r, sum)) if sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) => (r, Some(sum.to_ascii_lowercase())),
            Some(_) => return Err(not()),
            None => (rest, None),
        };
        let (repository, revision) = rest.split_once('@').ok_or_else(not)?;
        let plain = |s: &str| !s.is_empty() && !s.starts_with('.') && s.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let (owner, name) = repository.split_once('/').ok_or_else(not)?;
        if !plain(owner) || !plain(name) || !plain(revision) {
            return Err(not());
        }
        Ok(Self::Hub { repository: repository.to_owned(), revision: revision.to_owned(), checksum })
    }

    /// The default model, where this build carries it (feature `model`).
    ///
    /// ```
    /// use karuta::neural::{LoadOptions, Source, Tagger};
    /// if let Some(source) = Source::carried() {
    ///     assert!(Tagger::open(&source, &LoadOptions::default()).is_ok());
    /// }
    /// ```
    pub const fn carried() -> Option<Self> {
        #[cfg(feature = "model")]
        if !karuta_model::FILES.is_empty() {
            return Some(Self::Carried(karuta_model::FILES));
        }
        None
    }

    /// The model's files, fetched into the hub's cache where they are not there yet.
    ///
    /// # Errors
    /// When a file that is needed can't be had, or one does not have the sum that it should.
    pub fn files(&self, offline: bool) -> Result<Files, NeuralError> {
        let folder = match self {
            Self::Carried(files) => return Ok(Files::Carried(files)),
            Self::Folder(f) => {
                if !f.is_dir() {
                    return Err(NeuralError::Missing { path: f.clone(), expected: "a folder with config.json, model.safetensors and vocab.txt or tokenizer.json".into() });
                }
                f.clone()
            }
            Self::Hub { repository, revision, checksum } => {
                let folder = fetch(repository, revision, offline)?;
                if let Some(sum) = checksum {
                    check(&folder.join("model.safetensors"), sum)?;
                }
                folder
            }
        };
        check_all(&folder)?;
        Ok(Files::Folder(folder))
    }
}

/// Holds every file that `checksums.b3` names against its sum.
fn check_all(folder: &Path) -> Result<(), NeuralError> {
    let path = folder.join(SUMS);
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(()) };
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let row = line.split_once(char::is_whitespace).map(|(sum, name)| (sum, name.trim())).filter(|(sum, name)| sum.len() == 64 && !name.contains(['/', '\\']));
        let Some((sum, name)) = row else {
            return Err(NeuralError::Table { path, line: i + 1, found: line.chars().take(120).collect(), expected: "a BLAKE3 sum of 64 digits and the name of a file" });
        };
        check(&folder.join(name), sum)?;
    }
    Ok(())
}

fn check(path: &Path, sum: &str) -> Result<(), NeuralError> {
    let bytes = std::fs::read(path).map_err(|_| NeuralError::Missing { path: path.to_owned(), expected: format!("a file with the BLAKE3 sum {sum}") })?;
    let found = blake3::hash(&bytes).to_hex();
    if found.as_str().eq_ignore_ascii_case(sum) { Ok(()) } else { Err(NeuralError::unsuitable(path, format!("the BLAKE3 sum {found}"), sum)) }
}

#[cfg(not(feature = "hub"))]
fn fetch(repository: &str, revision: &str, _: bool) -> Result<PathBuf, NeuralError> {
    Err(NeuralError::Fetch { model: format!("{repository}@{revision}"), file: "config.json".into(), why: "this build has no hub (feature hub): give a folder".into() })
}

#[cfg(feature = "hub")]
fn fetch(repository: &str, revision: &str, offline: bool) -> Result<PathBuf, NeuralError> {
    let offline = offline || std::env::var("HF_HUB_OFFLINE").is_ok_and(|v| !matches!(v.as_str(), "" | "0" | "false"));
    let hub = hub::Revision::new(repository, revision, offline)?;
    let config = hub.needed("config.json")?;
    hub.needed("model.safetensors")?;
    // a repository has one of these, or both
    if hub.wanted("tokenizer.json")?.is_none() {
        hub.needed("vocab.txt")?;
    } else {
        hub.wanted("vocab.txt")?;
    }
    for name in ["karuta.json", "tokenizer_config.json", "labels.tsv"] {
        hub.wanted(name)?;
    }
    if let Some(sums) = hub.wanted(SUMS)? {
        // what has a sum is held against it, so it is fetched
        let text = std::fs::read_to_string(&sums).unwrap_or_default();
        for name in text.lines().filter_map(|l| l.split_once(char::is_whitespace)).map(|l| l.1.trim()).filter(|n| !n.contains(['/', '\\'])) {
            hub.wanted(name)?;
        }
    }
    hub.folder(&config)
}
