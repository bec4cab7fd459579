//! Text to the tokens that a model was trained with, each aligned to the bytes it came from.

mod bert;
mod chars;
mod json;
mod vocab;

use super::config::ModelConfig;
use super::error::NeuralError;
use super::files::Files;
pub use bert::BertJapanese;
pub use chars::Chars;
pub use json::JsonTokenizer;
use std::path::Path;
pub use vocab::Vocab;

/// A token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// Its number in the vocabulary.
    pub id: u32,
    /// First byte of the text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// What stands around a model's input.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Before the first token: `[CLS]`, `<s>`.
    pub before: Vec<u32>,
    /// After the last: `[SEP]`, `</s>`.
    pub after: Vec<u32>,
}

/// The tokenizer of a model.
#[derive(Debug)]
pub enum TextTokenizer {
    /// `BertJapaneseTokenizer`, or one token for each character.
    Bert(Box<BertJapanese>),
    /// A `tokenizer.json`.
    Json(Box<JsonTokenizer>),
}

impl TextTokenizer {
    /// The tokenizer of a model: `vocab.txt` with `tokenizer_config.json`, else `tokenizer.json`.
    ///
    /// `words` is the folder of a lindera dictionary for a tokenizer that needs one beside IPADIC.
    ///
    /// # Errors
    /// When neither is there, or one needs what this build has not (Sudachi, Juman++, UniDic without a folder).
    pub fn open(files: &Files, config: &ModelConfig, words: Option<&Path>) -> Result<Self, NeuralError> {
        if BertJapanese::is_meant(files, config) || !files.has("tokenizer.json") {
            if !files.has("vocab.txt") {
                return Err(NeuralError::Missing { path: files.path("vocab.txt"), expected: "a vocabulary of one token a line, or a tokenizer.json".into() });
            }
            return Ok(Self::Bert(Box::new(BertJapanese::open(files, config, words)?)));
        }
        Ok(Self::Json(Box::new(JsonTokenizer::open(files)?)))
    }

    /// The tokens of `text`, without what stands around them.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        match self {
            Self::Bert(t) => t.tokens(text),
            Self::Json(t) => t.tokens(text),
        }
    }

    /// What stands around them.
    pub fn frame(&self) -> &Frame {
        match self {
            Self::Bert(t) => t.frame(),
            Self::Json(t) => t.frame(),
        }
    }

    /// How many tokens the vocabulary has.
    pub fn len(&self) -> usize {
        match self {
            Self::Bert(t) => t.vocab().len(),
            Self::Json(t) => t.len(),
        }
    }

    /// Whether the vocabulary is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
