//! Japanese morphological analysis: word boundaries by lindera.
//!
//! With the feature `ipadic` the embedded IPADIC is the default; without it an embedder brings a
//! dictionary folder, or does without and word boundaries come from character classes alone.

use lindera::mode::Mode;
use lindera::segmenter::Segmenter;
use lindera::worker::SegmentWorker;
use std::sync::Arc;

/// Why a tokenizer could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the tokenizer dictionary could not be opened: {0}")]
pub struct TokenizerError(String);

/// A shared tokenizer; each worker takes its own [`Words`] from it.
#[derive(Clone)]
pub struct Tokenizer {
    segmenter: Arc<Segmenter>,
}

impl std::fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokenizer")
    }
}

impl Tokenizer {
    /// The tokenizer over the embedded IPADIC.
    ///
    /// # Errors
    /// Never in a sound build.
    #[cfg(feature = "ipadic")]
    pub fn ipadic() -> Result<Self, TokenizerError> {
        let dictionary = karuta_ipadic::embedded::load().map_err(|e| TokenizerError(e.to_string()))?;
        Ok(Self { segmenter: Arc::new(Segmenter::new(Mode::Normal, dictionary, None)) })
    }

    /// A tokenizer over a compiled lindera dictionary in a folder.
    ///
    /// # Errors
    /// When the folder holds no dictionary that lindera can read.
    pub fn open(folder: &std::path::Path) -> Result<Self, TokenizerError> {
        let dictionary = lindera::dictionary::load_dictionary(&folder.display().to_string()).map_err(|e| TokenizerError(e.to_string()))?;
        Ok(Self { segmenter: Arc::new(Segmenter::new(Mode::Normal, dictionary, None)) })
    }

    /// A worker's tokenizer, with buffers of its own.
    pub fn words(&self) -> Words {
        Words { worker: self.segmenter.new_worker(), bounds: Vec::new() }
    }
}

/// A worker's tokenizer.
pub struct Words {
    worker: SegmentWorker,
    bounds: Vec<(u32, u32)>,
}

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Words")
    }
}

impl Words {
    /// The words of `text`: start and end in bytes, in order. Spaces belong to no word.
    ///
    /// ```
    /// # #[cfg(feature = "ipadic")] {
    /// let mut words = karuta::token::Tokenizer::ipadic().unwrap().words();
    /// let text = "昨夜から発熱がある";
    /// let found: Vec<&str> = words.split(text).iter().map(|w| &text[w.0 as usize..w.1 as usize]).collect();
    /// assert_eq!(found, ["昨夜", "から", "発熱", "が", "ある"]);
    /// # }
    /// ```
    pub fn split(&mut self, text: &str) -> &[(u32, u32)] {
        self.bounds.clear();
        if let Ok(tokens) = self.worker.segment(text) {
            self.bounds.extend(tokens.iter().map(|t| (crate::text::to_u32(t.byte_start), crate::text::to_u32(t.byte_end))));
        }
        &self.bounds
    }

    /// The words of `text` as MeCab finds them: a space ends a word and is otherwise as if it were not there, while lindera
    /// gives it a cost. For models that were trained on MeCab's words.
    #[cfg(feature = "neural")]
    pub(crate) fn split_as_mecab(&mut self, text: &str) -> &[(u32, u32)] {
        const SPACES: [char; 5] = [' ', '\t', '\n', '\u{B}', '\r'];
        if !text.contains(SPACES) {
            return self.split(text);
        }
        // spaces that must stay so that no word goes over them
        let mut kept: Vec<usize> = Vec::new();
        for _ in 0..4 {
            let mut joined = String::with_capacity(text.len());
            // for each byte of `joined`, the byte of `text` it is; and where spaces were left out
            let (mut from, mut gaps): (Vec<u32>, Vec<(u32, usize)>) = (Vec::with_capacity(text.len()), Vec::new());
            let mut run = None;
            for (i, c) in text.char_indices() {
                if SPACES.contains(&c) {
                    let start = *run.get_or_insert(i);
                    if kept.binary_search(&start).is_err() {
                        if start == i {
                            gaps.push((crate::text::to_u32(joined.len()), start));
                        }
                        continue;
                    }
                } else {
                    run = None;
                }
                joined.push(c);
                from.extend((i..i + c.len_utf8()).map(crate::text::to_u32));
            }
            from.push(crate::text::to_u32(text.len()));
            self.split(&joined);
            let before = kept.len();
            kept.extend(
                gaps.iter()
                    .filter(|(at, _)| {
                        // words are in order: the last that begins before
                        let i = self.bounds.partition_point(|w| w.0 < *at);
                        i.checked_sub(1).and_then(|i| self.bounds.get(i)).is_some_and(|w| *at < w.1)
                    })
                    .map(|g| g.1),
            );
            if kept.len() == before {
                for w in &mut self.bounds {
                    let last = (w.1 as usize).checked_sub(1).and_then(|l| from.get(l)).copied().unwrap_or(0);
                    *w = (from.get(w.0 as usize).copied().unwrap_or(0), last + 1);
                }
                return &self.bounds;
            }
            kept.sort_unstable();
        }
        self.split(text)
    }
}
