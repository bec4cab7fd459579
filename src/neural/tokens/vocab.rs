//! `vocab.txt`: one token a line, numbered from 0.

use crate::neural::error::NeuralError;
use crate::neural::files::Files;
use rustc_hash::FxHashMap as HashMap;

/// A vocabulary.
#[derive(Debug, Default)]
pub struct Vocab {
    ids: HashMap<Box<str>, u32>,
    /// Tokens of one character, which are most of those looked up.
    chars: HashMap<char, u32>,
    len: usize,
}

impl Vocab {
    /// Reads a vocabulary.
    ///
    /// # Errors
    /// When the file can't be read or is empty.
    pub fn open(files: &Files) -> Result<Self, NeuralError> {
        let vocab = Self::read(&files.text("vocab.txt", "a vocabulary of one token a line")?);
        if vocab.len == 0 { Err(NeuralError::unsuitable(&files.path("vocab.txt"), "no token", "a vocabulary of one token a line")) } else { Ok(vocab) }
    }

    /// The vocabulary of a text. Python's `rstrip("\n")` reads a line; so is it done here: other spaces belong to a token.
    pub fn read(text: &str) -> Self {
        let mut out = Self::default();
        let body = text.strip_suffix('\n').unwrap_or(text);
        if body.is_empty() {
            return out;
        }
        for (i, line) in body.split('\n').enumerate() {
            let id = crate::text::to_u32(i);
            let mut chars = line.chars();
            if let (Some(c), None) = (chars.next(), chars.next()) {
                out.chars.insert(c, id);
            }
            out.ids.insert(line.into(), id);
            out.len = i + 1;
        }
        out
    }

    /// The number of a token.
    pub fn id(&self, token: &str) -> Option<u32> {
        self.ids.get(token).copied()
    }

    /// The number of a token of one character.
    pub fn char(&self, c: char) -> Option<u32> {
        self.chars.get(&c).copied()
    }

    /// How many tokens there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}
