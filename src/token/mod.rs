//! Japanese morphological analysis: word boundaries by lindera.
//!
//! With the feature `ipadic` the embedded IPADIC is the default; without it an embedder brings a
//! dictionary folder, or does without and word boundaries come from character classes alone.

#[cfg(feature = "neural")]
mod mecab;

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
        Words {
            worker: self.segmenter.new_worker(),
            bounds: Vec::new(),
            #[cfg(feature = "neural")]
            search: mecab::Search::default(),
        }
    }
}

/// A worker's tokenizer.
pub struct Words {
    worker: SegmentWorker,
    bounds: Vec<(u32, u32)>,
    #[cfg(feature = "neural")]
    search: mecab::Search,
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

    /// The words of `text` exactly as MeCab finds them, for models that were trained on MeCab's words.
    #[cfg(feature = "neural")]
    pub(crate) fn split_as_mecab(&mut self, text: &str) -> &[(u32, u32)] {
        self.bounds.clear();
        self.search.words(&self.worker.segmenter().dictionary, text, &mut self.bounds);
        &self.bounds
    }
}

#[cfg(all(test, feature = "neural", feature = "ipadic"))]
#[allow(clippy::unwrap_used, clippy::string_slice)]
mod tests {
    /// What MeCab 0.996 with IPADIC 2.7.0 gives.
    #[test]
    fn words_are_those_of_mecab() {
        let mut words = super::Tokenizer::ipadic().unwrap().words();
        for expected in [
            "・|タッピング|を|続ける|。|それ|から|1|つ|薬|が|増え|た",
            "・|脾|を|触|知|し|ない|、|クレアチニン|0|.|6|mg|/|dL|、|Na| 142| |mEq|/|L",
            "咳|が|減り|、|なん|か|苦しい|とき|が|ある|〜|!",
            "  |あ|ああ|ああ|ああ|ああ|ああ|ああ|ああ|ああ|ああ|ああ|ああ|ああ|ああ| |𠮷|野| |ゲホ・・・ゲホ|  ",
            "",
            " \t ",
        ] {
            let text = expected.replace('|', "");
            let found: Vec<&str> = words.split_as_mecab(&text).iter().map(|w| &text[w.0 as usize..w.1 as usize]).collect();
            let expected: Vec<&str> = expected.split('|').map(|w| w.trim_matches([' ', '\t'])).filter(|w| !w.is_empty()).collect();
            assert_eq!(found, expected);
        }
    }

    /// Any text has its words in order, each of whole characters, and all but spaces is in one.
    #[test]
    fn no_text_is_too_long_or_too_odd() {
        let mut words = super::Tokenizer::ipadic().unwrap().words();
        let long = "発熱が続く\n".repeat(20_000);
        let odd = "\u{0}a\u{301}𠮷\u{10FFFF} \t。、・ーｱ\u{FFFD}".repeat(9000);
        for text in [long.as_str(), &odd, &"あ".repeat(100_000), &"a".repeat(200_000)] {
            let found = words.split_as_mecab(text).to_vec();
            let mut last = 0;
            for (start, end) in found {
                let (start, end) = (start as usize, end as usize);
                assert!(text[last..start].chars().all(char::is_whitespace), "{:?}", &text[last..start]);
                assert!(start < end);
                last = end;
            }
            assert!(text[last..].chars().all(char::is_whitespace));
        }
        let line = words.split_as_mecab("発熱が続く\n").len();
        assert_eq!(words.split_as_mecab(&long).len(), 20_000 * line);
    }
}
