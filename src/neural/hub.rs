//! One revision of a repository of the hub, kept in the hub's cache (`HF_HOME`), where other programs find it too.

use super::error::NeuralError;
use hf_hub::api::sync::{ApiBuilder, ApiError, ApiRepo};
use hf_hub::{Cache, CacheRepo, Repo, RepoType};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// A revision: its files are fetched once, or only read from the cache where nothing may be fetched.
pub(super) struct Revision {
    /// `owner/name@revision`.
    model: String,
    revision: String,
    cache: PathBuf,
    cached: CacheRepo,
    /// None where nothing may be fetched.
    api: Option<ApiRepo>,
    /// The folders that the files lie in: one, unless a branch has moved between two of them.
    folders: RefCell<Vec<PathBuf>>,
}

impl Revision {
    /// `repository` is `owner/name`. The hub is that of `HF_ENDPOINT`, else huggingface.co.
    ///
    /// # Errors
    /// When no client can be made.
    pub fn new(repository: &str, revision: &str, offline: bool) -> Result<Self, NeuralError> {
        let repo = Repo::with_revision(repository.to_owned(), RepoType::Model, revision.to_owned());
        let model = format!("{repository}@{revision}");
        let cache = Cache::from_env();
        let api = match offline {
            true => None,
            false => {
                let built = ApiBuilder::from_env().with_progress(false).build();
                Some(built.map_err(|e| NeuralError::Fetch { model: model.clone(), file: "config.json".into(), why: e.to_string() })?.repo(repo.clone()))
            }
        };
        Ok(Self { model, revision: revision.to_owned(), cache: cache.path().clone(), cached: cache.repo(repo), api, folders: RefCell::default() })
    }

    /// A file that the model can't do without.
    ///
    /// # Errors
    /// When it is neither in the cache nor to be had.
    pub fn needed(&self, name: &str) -> Result<PathBuf, NeuralError> {
        self.wanted(name)?.ok_or_else(|| match self.api {
            Some(_) => self.failed(name, "the repository has no such file at this revision; expected it beside config.json".to_owned()),
            None => self.failed(name, format!("offline, and not in the cache {}", self.cache.display())),
        })
    }

    /// A file that a model may have; nothing where the revision has none, or the cache where nothing may be fetched.
    ///
    /// # Errors
    /// When the hub fails: a file that could not be had is not one that is not there.
    pub fn wanted(&self, name: &str) -> Result<Option<PathBuf>, NeuralError> {
        let found = match (self.cached.get(name), &self.api) {
            (Some(p), _) => Some(p),
            (None, None) => None,
            (None, Some(_)) if self.absent(name).is_some_and(|a| a.exists()) => None,
            (None, Some(api)) => match api.download(name) {
                Ok(p) => Some(p),
                Err(e) if is_absent(&e) => {
                    self.keep_absent(name);
                    None
                }
                Err(e) => return Err(self.failed(name, e.to_string())),
            },
        };
        if let Some(folder) = found.as_deref().and_then(Path::parent) {
            let mut folders = self.folders.borrow_mut();
            if !folders.iter().any(|f| f == folder) {
                folders.push(folder.to_owned());
            }
        }
        Ok(found)
    }

    /// What says that the revision has no such file: an empty one in `.no_exist`, as huggingface_hub keeps it.
    fn absent(&self, name: &str) -> Option<PathBuf> {
        let folders = self.folders.borrow();
        let snapshot = folders.first()?;
        Some(snapshot.parent()?.parent()?.join(".no_exist").join(snapshot.file_name()?).join(name))
    }

    /// Another time the hub is not asked. Where it can't be kept, it is.
    fn keep_absent(&self, name: &str) {
        if let Some(path) = self.absent(name) {
            let _ = path.parent().map(std::fs::create_dir_all);
            let _ = std::fs::write(path, "");
        }
    }

    /// The folder of all that was asked for. `config` lies in it.
    ///
    /// # Errors
    /// When the files are of several commits, or of another than the one that was named.
    pub fn folder(&self, config: &Path) -> Result<PathBuf, NeuralError> {
        let folder = config.parent().unwrap_or(config);
        if self.folders.borrow().len() > 1 {
            return Err(self.failed("config.json", "the revision moved while it was fetched; expected a commit, or another try".to_owned()));
        }
        let commit = folder.file_name().and_then(|n| n.to_str()).unwrap_or("");
        let is_commit = self.revision.len() == 40 && self.revision.bytes().all(|b| b.is_ascii_hexdigit());
        if is_commit && !commit.eq_ignore_ascii_case(&self.revision) {
            return Err(self.failed("config.json", format!("found the commit {commit}, expected {}", self.revision)));
        }
        Ok(folder.to_owned())
    }

    fn failed(&self, file: &str, why: String) -> NeuralError {
        NeuralError::Fetch { model: self.model.clone(), file: file.to_owned(), why }
    }
}

/// Whether the hub says that there is no such file, repository or revision.
fn is_absent(e: &ApiError) -> bool {
    matches!(e, ApiError::RequestError(r) if matches!(**r, ureq::Error::StatusCode(404)))
}
