//! Which words of a master may be looked for in notes, and which are for coding and search only.
//!
//! A master lists words for billing and indexing. Many of them mean something else in running text: short
//! words, readings in kana, two-letter abbreviations, names turned round as an index has them (`腎炎，慢性`). These are
//! marked, so that a pack of masters does not make the recognition of notes noisy.

use super::super::compile::format::{FLAG_ALIAS, FLAG_LOOKUP, FLAG_UNSURE};
use super::super::compile::writer::PackWriter;
use super::super::{ConceptKind, Pack};
use crate::note::fold;
use crate::text::{is_hiragana, is_kanji, is_katakana};
use std::sync::LazyLock;

/// Adds surfaces with the flags that fit them.
pub(super) struct Surfaces<'a> {
    pub pack: &'a mut PackWriter,
    /// The curated pack: the words that it knows it has judged already.
    pub curated: &'a Pack,
}

impl Surfaces<'_> {
    /// The concept's own name as its master has it.
    pub fn name(&mut self, concept: u32, written: &str) {
        self.add(concept, written, 0);
    }

    /// Another wording of the master itself.
    pub fn alias(&mut self, concept: u32, written: &str) {
        self.add(concept, written, FLAG_ALIAS);
    }

    /// A wording for coding and search only.
    pub fn lookup(&mut self, concept: u32, written: &str) {
        self.pack.surface_as_written(written, concept, FLAG_ALIAS | FLAG_LOOKUP);
    }

    /// A wording that a machine paired with the concept, for coding and search only.
    pub fn unsure(&mut self, concept: u32, written: &str) {
        self.pack.surface_as_written(written, concept, FLAG_ALIAS | FLAG_UNSURE | FLAG_LOOKUP);
    }

    /// As [`Self::unsure`], with what is known of where the pair comes from.
    pub fn paired(&mut self, concept: u32, written: &str, flags: u32) {
        self.pack.surface_as_written(written, concept, FLAG_ALIAS | FLAG_UNSURE | FLAG_LOOKUP | flags);
    }

    /// A brand or an ingredient: looked for in notes when it is three characters or more of katakana or kanji.
    pub fn brand(&mut self, concept: u32, written: &str) {
        let folded = fold(written.trim());
        let count = |is: fn(char) -> bool| folded.chars().filter(|c| is(*c)).count();
        let plain = count(is_katakana) >= 3 || count(is_kanji) >= 3;
        let lookup = !plain || folded.contains([',', '(', ')', ';', '*', '[']) || self.is_curated(&folded);
        self.pack.surface_as_written(written, concept, if lookup { FLAG_LOOKUP } else { 0 });
    }

    fn add(&mut self, concept: u32, written: &str, flags: u32) {
        let folded = fold(written.trim());
        let lookup = is_for_lookup(&folded) || self.is_curated(&folded);
        self.pack.surface(written, concept, flags | if lookup { FLAG_LOOKUP } else { 0 });
    }

    /// Whether the curated tables know the word, as a term of a note.
    pub fn is_curated(&self, folded: &str) -> bool {
        self.curated.find(folded).is_some_and(|s| self.curated.links(s).any(|l| !matches!(l.kind, ConceptKind::Section | ConceptKind::Ambiguity)))
    }

    /// The name that the curated tables have for a medicine written so.
    pub fn curated_drug(&self, folded: &str) -> Option<String> {
        let links = self.curated.links(self.curated.find(folded)?);
        links.filter(|l| l.kind == ConceptKind::Drug).find_map(|l| Some(self.curated.concept(l.concept)?.name().to_owned()))
    }
}

/// Words that tell: endings and beginnings (`dictionaries/import/words.tsv`).
struct Words {
    cues: Vec<String>,
    rubrics: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let rows: Vec<Vec<&str>> = include_str!("../../../dictionaries/import/words.tsv").lines().skip(1).map(|l| l.split('\t').collect()).collect();
    let of = |kind: &str| rows.iter().filter(|r| r.get(1) == Some(&kind)).filter_map(|r| Some(fold(r.first()?))).collect();
    Words { cues: of("cue_ending"), rubrics: of("rubric_beginning") }
});

/// Whether a word (folded) is not safe to look for in notes.
pub(super) fn is_for_lookup(folded: &str) -> bool {
    let n = folded.chars().count();
    let count = |is: fn(char) -> bool| folded.chars().filter(|c| is(*c)).count();
    // 腎炎，慢性 and 骨折(肋骨): an index's order, not a note's
    let inverted = folded.contains([',', '，', '、', '(', ')', '<', '>', ';', '*', '[', '「']);
    let kana = count(is_hiragana) + count(is_katakana) == n;
    let hiragana = count(is_hiragana) == n;
    let latin = folded.is_ascii();
    inverted
        || n <= 2
        || (kana && (hiragana || n <= 3))
        || (latin && (n <= 3 || folded.bytes().all(|b| b.is_ascii_digit())))
        || WORDS.cues.iter().any(|c| folded.ends_with(c.as_str()))
        || WORDS.rubrics.iter().any(|c| folded.starts_with(c.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_safe() {
        for word in ["腎盂癌", "慢性腎炎症候群", "helicobacter pylori感染症", "フィッシャー症候群", "カルタ病性網膜症"] {
            assert!(!is_for_lookup(&fold(word)), "{word}");
        }
        for word in ["痔", "痛風", "腎炎，慢性", "じんえん", "ms", "骨折（肋骨）", "その他の眼の障害", "悪性腫瘍の疑い"] {
            assert!(is_for_lookup(&fold(word)), "{word}");
        }
    }
}
