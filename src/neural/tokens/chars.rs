//! Characters that remember which bytes they came from, through every step of normalisation.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// A character and the bytes it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct From {
    /// The character.
    pub c: char,
    /// First byte of the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// The characters of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chars(pub Vec<From>);

impl Chars {
    /// The characters of `text` as they are.
    pub fn new(text: &str) -> Self {
        let at = |i: usize| crate::text::to_u32(i);
        Self(text.char_indices().map(|(i, c)| From { c, start: at(i), end: at(i + c.len_utf8()) }).collect())
    }

    /// Compatibility composition (NFKC), as Python's `unicodedata.normalize` does it.
    ///
    /// ```
    /// use karuta::neural::Chars;
    /// let n = Chars::new("ｶﾞｰｾﾞ㎎").nfkc();
    /// assert_eq!(n.text(), "ガーゼmg");
    /// assert_eq!((n.0[0].start, n.0[0].end), (0, 6));
    /// ```
    #[must_use]
    pub fn nfkc(&self) -> Self {
        self.composed(|s| s.nfkc().collect())
    }

    /// Canonical composition (NFC).
    #[must_use]
    pub fn nfc(&self) -> Self {
        self.composed(|s| s.nfc().collect())
    }

    fn composed(&self, normalize: impl Fn(&str) -> Vec<char>) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        let mut rest = self.0.as_slice();
        let mut group = String::new();
        while let Some((first, tail)) = rest.split_first() {
            // most characters stand alone and are what they are
            let n = 1 + tail.iter().take_while(|f| joins(f.c)).count();
            let (these, after) = rest.split_at(n);
            rest = after;
            if n == 1 && is_plain(first.c) {
                out.push(*first);
                continue;
            }
            group.clear();
            group.extend(these.iter().map(|f| f.c));
            let end = these.last().map_or(first.end, |f| f.end);
            out.extend(normalize(&group).into_iter().map(|c| From { c, start: first.start, end }));
        }
        Self(out)
    }

    /// Lower case, as Python's `str.lower` does it: a sigma that ends a word is ς.
    #[must_use]
    pub fn lower(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        for (i, f) in self.0.iter().enumerate() {
            if f.c == 'Σ' {
                let cased = |f: &&From| f.c.is_alphabetic() && (f.c.is_lowercase() || f.c.is_uppercase());
                let before = self.0.get(..i).unwrap_or(&[]).last().filter(cased).is_some();
                let after = self.0.get(i + 1).filter(cased).is_some();
                out.push(From { c: if before && !after { 'ς' } else { 'σ' }, ..*f });
            } else if f.c.is_ascii() {
                out.push(From { c: f.c.to_ascii_lowercase(), ..*f });
            } else {
                out.extend(f.c.to_lowercase().map(|c| From { c, ..*f }));
            }
        }
        Self(out)
    }

    /// Lower case, each character for itself, as the library `tokenizers` does it: every sigma is σ.
    #[must_use]
    pub fn lower_each(&self) -> Self {
        Self(self.0.iter().flat_map(|f| f.c.to_lowercase().map(|c| From { c, ..*f })).collect())
    }

    /// Without accents: decomposed, and every non-spacing mark left out.
    #[must_use]
    pub fn without_accents(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len());
        for f in &self.0 {
            unicode_normalization::char::decompose_canonical(f.c, |c| {
                if !unicode_normalization::char::is_combining_mark(c) {
                    out.push(From { c, ..*f });
                }
            });
        }
        Self(out)
    }

    /// The text they make.
    pub fn text(&self) -> String {
        self.0.iter().map(|f| f.c).collect()
    }
}

/// Whether `c` may join the character before it when the text is composed.
fn joins(c: char) -> bool {
    if is_plain(c) {
        return false;
    }
    let mut first = None;
    decompose_compatible(c, |d| {
        first.get_or_insert(d);
    });
    let d = first.unwrap_or(c);
    canonical_combining_class(d) != 0 || is_nfc_quick(std::iter::once(d)) != IsNormalized::Yes && d != c || is_nfc_quick(std::iter::once(d)) == IsNormalized::Maybe
}

/// Characters that no normalisation changes and that join nothing: ASCII, kana without their marks, common kanji.
const fn is_plain(c: char) -> bool {
    matches!(c, '\0'..='~' | '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FE}' | '\u{4E00}'..='\u{9FFF}')
}
