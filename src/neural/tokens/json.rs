//! `tokenizer.json`: WordPiece, Unigram (SentencePiece) and what else the `tokenizers` crate reads.

use super::{Frame, Token};
use crate::neural::error::NeuralError;
use crate::neural::files::Files;

/// A `tokenizer.json`.
pub struct JsonTokenizer {
    inner: tokenizers::Tokenizer,
    frame: Frame,
}

impl std::fmt::Debug for JsonTokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JsonTokenizer")
    }
}

impl JsonTokenizer {
    /// Reads one.
    ///
    /// # Errors
    /// When the file is missing, or is none that the `tokenizers` crate can read.
    pub fn open(files: &Files) -> Result<Self, NeuralError> {
        let bytes = files.read("tokenizer.json", "a tokenizer of the tokenizers library")?;
        let path = &files.path("tokenizer.json");
        let mut inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(|e| NeuralError::unsuitable(path, e.to_string(), "a tokenizer of the tokenizers library"))?;
        // lengths are our own concern
        inner.with_padding(None);
        let _ = inner.with_truncation(None);
        let empty = inner.encode_fast("", true).map_err(|e| NeuralError::unsuitable(path, e.to_string(), "a tokenizer that reads an empty text"))?;
        let ids = empty.get_ids();
        // what an empty text is framed with: its last token ends a text, the others begin it
        let frame = match ids.split_last() {
            Some((last, first)) => Frame { before: first.to_vec(), after: vec![*last] },
            None => Frame::default(),
        };
        Ok(Self { inner, frame })
    }

    /// The tokens of `text`; none where it can't be read.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        let Ok(e) = self.inner.encode(text, false) else { return Vec::new() };
        e.get_ids().iter().zip(e.get_offsets()).map(|(id, (start, end))| Token { id: *id, start: *start, end: *end }).collect()
    }

    /// What stands around them.
    pub const fn frame(&self) -> &Frame {
        &self.frame
    }

    /// How many tokens the vocabulary has.
    pub fn len(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Whether the vocabulary is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
