//! Sentences: the unit that cues reach over.

use super::section::Section;
use crate::text::{byte, char_at, char_before, is_hiragana, is_kanji, is_katakana, sub};

/// A sentence, in bytes of the normalised text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Index of its section.
    pub section: usize,
}

/// Longer than this, a sentence is cut at the next comma or space, then anywhere: no text makes a stage slow.
const LONGEST: usize = 1500;

/// Splits each section's content into sentences.
///
/// Lines, 。 ！ and ． after a word end one; a decimal point, `1.` of a list, and `?` (a cue of doubt) do not.
pub(super) fn split(text: &str, sections: &[Section], out: &mut Vec<Sentence>) {
    out.clear();
    for (i, s) in sections.iter().enumerate() {
        let (mut start, mut at, end) = (s.content.0, s.content.0, s.content.1);
        while at < end {
            let Some(c) = char_at(text, at) else { break };
            let mut next = at + c.len_utf8();
            let stop = match c {
                '\n' => true,
                '。' | '!' => {
                    while let Some(d @ ('」' | ')' | '。' | '!' | '』')) = char_at(text, next) {
                        next += d.len_utf8();
                    }
                    true
                }
                '.' => char_before(text, at).is_some_and(|p| is_hiragana(p) || is_kanji(p) || is_katakana(p) || matches!(p, ')' | '℃' | '%' | '」')) && byte(text, next) != b'.',
                '|' if byte(text, next) == b'|' => {
                    push(text, start, at, i, out);
                    next += 1;
                    at = next;
                    start = next;
                    continue;
                }
                '」' => char_at(text, next).is_some_and(|d| d == '\n'),
                '、' | ',' | ' ' => next - start > LONGEST,
                _ => next - start > LONGEST * 2,
            };
            if stop {
                push(text, start, next, i, out);
                start = next;
            }
            at = next;
        }
        push(text, start, end, i, out);
    }
}

fn push(text: &str, start: usize, end: usize, section: usize, out: &mut Vec<Sentence>) {
    let s = sub(text, start, end);
    let trimmed = s.trim_matches([' ', '\t', '\n']);
    if trimmed.is_empty() {
        return;
    }
    let lead = s.len() - s.trim_start_matches([' ', '\t', '\n']).len();
    out.push(Sentence { start: start + lead, end: start + lead + trimmed.len(), section });
}
