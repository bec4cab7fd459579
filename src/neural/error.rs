//! Why a model could not be loaded or run.

use std::path::PathBuf;

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NeuralError {
    /// A file of the model is not there.
    #[error("{}: not found; expected {expected}", .path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What it should hold.
        expected: String,
    },
    /// A file is there and can't be used.
    #[error("{}: found {found}, expected {expected}", .path.display())]
    Unsuitable {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
        /// What it should hold.
        expected: String,
    },
    /// A row of a table of labels can't be read.
    #[error("{}, line {line}: found {found}, expected {expected}", .path.display())]
    Table {
        /// The table.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What stands there.
        found: String,
        /// What should stand there.
        expected: &'static str,
    },
    /// A model was named in a way that can't be read.
    #[error("model {found}: expected {expected}")]
    Source {
        /// The name.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A model could not be fetched.
    #[error("model {model}: {file} could not be fetched: {why}")]
    Fetch {
        /// `owner/name@revision`.
        model: String,
        /// The file.
        file: String,
        /// What the hub or its cache said.
        why: String,
    },
    /// The engine failed: a shape that the weights do not have, memory that the device has not.
    #[error("the model could not be run: {0}")]
    Run(String),
}

impl NeuralError {
    /// A file that holds something else.
    pub(crate) fn unsuitable(path: &std::path::Path, found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self::Unsuitable { path: path.to_owned(), found: found.into(), expected: expected.into() }
    }
}

impl From<candle_core::Error> for NeuralError {
    fn from(e: candle_core::Error) -> Self {
        Self::Run(e.to_string())
    }
}

impl From<rten::RunError> for NeuralError {
    fn from(e: rten::RunError) -> Self {
        Self::Run(e.to_string())
    }
}
