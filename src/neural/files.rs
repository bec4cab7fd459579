//! The files of a model: in a folder, or carried by the program.

use super::error::NeuralError;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The files of a model.
#[derive(Debug, Clone)]
pub enum Files {
    /// In a folder.
    Folder(PathBuf),
    /// Carried by the program: names and contents.
    Carried(&'static [(&'static str, &'static [u8])]),
}

impl Files {
    /// Whether there is a file of that name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Folder(f) => f.join(name).is_file(),
            Self::Carried(files) => files.iter().any(|f| f.0 == name),
        }
    }

    /// Where a file is, for messages.
    pub fn path(&self, name: &str) -> PathBuf {
        match self {
            Self::Folder(f) => f.join(name),
            Self::Carried(_) => Path::new("(the model carried by karuta)").join(name),
        }
    }

    /// The content of a file.
    ///
    /// # Errors
    /// When it is missing; the message says what it should have held.
    pub fn read(&self, name: &str, expected: &str) -> Result<Cow<'static, [u8]>, NeuralError> {
        let found = match self {
            Self::Folder(f) => std::fs::read(f.join(name)).ok().map(Cow::Owned),
            Self::Carried(files) => files.iter().find(|f| f.0 == name).map(|f| Cow::Borrowed(f.1)),
        };
        found.ok_or_else(|| NeuralError::Missing { path: self.path(name), expected: expected.to_owned() })
    }

    /// The text of a file.
    ///
    /// # Errors
    /// When it is missing or is not UTF-8.
    pub fn text(&self, name: &str, expected: &str) -> Result<String, NeuralError> {
        let bytes = self.read(name, expected)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| NeuralError::unsuitable(&self.path(name), format!("bytes that are not UTF-8 at {}", e.valid_up_to()), "UTF-8"))?;
        Ok(text.to_owned())
    }
}
