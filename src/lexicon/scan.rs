//! Matching a normalised text against every pack at once.

use super::compile::format::{ConceptKind, FLAG_CASED, FLAG_LOOKUP};
use super::{ConceptRef, Lexicon};
use crate::note::Normalized;
use crate::text::{char_at, char_before, from, is_katakana, sub, to_u32};
use crate::words::words;
use std::sync::LazyLock;

/// A surface of the lexicon found in a text: bytes of the normalised text, the concept, how it is linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The concept.
    pub concept: ConceptRef,
    /// Its kind.
    pub kind: ConceptKind,
    /// Flags of the link: alias, ambiguous, cased, under a heading only.
    pub flags: u32,
}

impl Hit {
    /// First byte as an index.
    pub const fn s(&self) -> usize {
        self.start as usize
    }

    /// End as an index.
    pub const fn e(&self) -> usize {
        self.end as usize
    }

    /// Length in bytes.
    pub const fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Never true: a surface has at least one byte.
    pub const fn is_empty(&self) -> bool {
        self.end == self.start
    }
}

impl Lexicon {
    /// Every hit in `text`, by start and then the longest first. Kinds that are tables only (sections, rules) and
    /// links that are for coding and search only are left out.
    pub fn scan(&self, text: &Normalized, out: &mut Vec<Hit>) {
        out.clear();
        let (plain, folded) = (text.text(), text.folded());
        for (i, pack) in self.packs.iter().enumerate().rev() {
            let Ok(n) = u8::try_from(i) else { continue };
            pack.scan(folded, |start, end, found| {
                if !boundaries_hold(plain, start, end) {
                    return;
                }
                pack.for_links(found, |l| {
                    let left_out = l.flags & FLAG_LOOKUP != 0
                        || matches!(l.kind, ConceptKind::Section | ConceptKind::Ambiguity)
                        || l.flags & FLAG_CASED != 0 && pack.cased(l) != sub(plain, start, end);
                    if !left_out {
                        out.push(self.hit(start, end, ConceptRef { pack: n, index: l.concept }, l.kind, l.flags));
                    }
                });
            });
        }
        if self.packs.len() > 1 || self.packs.iter().any(|p| !p.scans_in_order()) {
            // stable: at one place the preferred layer and the table's order stay in front
            out.sort_by_key(|h| (h.start, std::cmp::Reverse(h.end)));
        }
        if self.packs.len() > 1 {
            // the same concept by the same words, found in two layers
            out.dedup_by(|b, a| (a.start, a.end, a.concept, a.flags) == (b.start, b.end, b.concept, b.flags));
        }
    }

    fn hit(&self, start: usize, end: usize, found: ConceptRef, kind: ConceptKind, flags: u32) -> Hit {
        let concept = self.layers.resolve(found);
        // a lower layer's concept keeps its own kind: 発熱 is a finding in the curated table
        let kind = if concept == found { kind } else { self.concept(concept).map_or(kind, |c| c.kind()) };
        Hit { start: to_u32(start), end: to_u32(end), concept, kind, flags }
    }
}

/// Whether `start..end` may be a word of its own judging by the characters around it: letters do not go on
/// into letters, nor katakana into katakana.
///
/// ```
/// use karuta::lexicon::boundaries_hold;
/// assert!(boundaries_hold("WBC10200", 0, 3));
/// assert!(!boundaries_hold("HTLV", 0, 2));
/// assert!(!boundaries_hold("ガンマナイフ", 0, 6));
/// ```
pub fn boundaries_hold(text: &str, start: usize, end: usize) -> bool {
    let (Some(first), Some(last)) = (char_at(text, start), char_before(text, end)) else { return false };
    let (before, after) = (char_before(text, start).unwrap_or(' '), char_at(text, end).unwrap_or(' '));
    if first.is_ascii_alphabetic() && before.is_ascii_alphabetic() {
        return false;
    }
    if last.is_ascii_alphabetic() && after.is_ascii_alphabetic() && !coma_scale(sub(text, start, end), from(text, end)) {
        return false;
    }
    if first.is_ascii_digit() && (before.is_ascii_digit() || before == '.') || last.is_ascii_digit() && after.is_ascii_digit() {
        return false;
    }
    if is_katakana(first) && is_katakana(before) && first != 'ー' {
        return false;
    }
    if is_katakana(last) && (is_katakana(after)) {
        // a dosage form may follow a product's name: ロキソニンテープ
        let rest = from(text, end);
        return FORMS.iter().any(|f| rest.starts_with(f));
    }
    true
}

/// `JCSII-10`, `GCSE4V5M6`: the value of these two scales is glued on in letters.
fn coma_scale(name: &str, value: &str) -> bool {
    let class = value.trim_start_matches('I');
    (name == "JCS" && class.len() < value.len() && class.starts_with(['-', '0', '1', '2', '3', '桁'])) || (name == "GCS" && value.starts_with('E'))
}

/// Dosage forms in katakana that follow a product's name without a break, and words that follow a substance's.
static FORMS: LazyLock<Vec<&str>> = LazyLock::new(|| words("scan.forms"));
