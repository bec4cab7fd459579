//! What an exporter is given of a note, and what several formats ask of it.

use crate::model::{Fact, Reason, Structured};
use crate::note::{OffsetIndex, OffsetUnit};
use std::fmt::Write;

/// A note with the facts that were found in it. Offsets count bytes where the text is there.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The note's id as its record gave it.
    pub id: &'a str,
    /// Its place among the notes, from 1.
    pub number: u64,
    /// Its text; `None` where only facts were given: offsets are then as they came.
    pub text: Option<&'a str>,
    /// The day it was written.
    pub date: Option<jiff::civil::Date>,
    /// The patient's identifier, where the record tells it.
    pub patient: Option<&'a str>,
    /// What was found in it.
    pub found: &'a Structured,
}

impl<'a> Source<'a> {
    /// A note without a date, the first of its kind.
    pub const fn new(id: &'a str, text: &'a str, found: &'a Structured) -> Self {
        Self { id, number: 1, text: Some(text), date: None, patient: None, found }
    }

    /// What counts its offsets in `unit` and shows its words.
    pub fn words(&self, unit: OffsetUnit) -> Words<'a> {
        Words { text: self.text, index: self.text.map(|t| OffsetIndex::new(t, unit)) }
    }

    /// The note's own date, `YYYY-MM-DD`.
    pub(crate) fn day(&self) -> Option<String> {
        self.date.map(|d| d.to_string())
    }

    /// A UUID (version 8, RFC 9562) that is the same for the same note and part of it.
    pub(crate) fn uuid(&self, part: &str) -> String {
        uuid(self.id, part)
    }
}

fn uuid(id: &str, part: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    for piece in ["karuta", id, part] {
        hasher.update(&(piece.len() as u64).to_le_bytes());
        hasher.update(piece.as_bytes());
    }
    let mut b = [0_u8; 16];
    b.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
    b[6] = b[6] & 0x0F | 0x80;
    b[8] = b[8] & 0x3F | 0x80;
    let mut out = String::with_capacity(36);
    for (i, x) in b.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        let _ = write!(out, "{x:02x}");
    }
    out
}

/// The words of spans, and their offsets in a unit.
#[derive(Debug)]
pub struct Words<'a> {
    text: Option<&'a str>,
    index: Option<OffsetIndex<'a>>,
}

impl<'a> Words<'a> {
    /// The span in the unit that was asked for; facts may come from a file, so that one may be the wrong way round.
    pub fn span(&self, start: usize, end: usize) -> (usize, usize) {
        let (start, end) = self.index.as_ref().map_or((start, end), |i| (i.of_byte(start), i.of_byte(end)));
        (start, end.max(start))
    }

    /// What stands there; nothing where the text is not known.
    pub fn at(&self, start: usize, end: usize) -> &'a str {
        self.text.and_then(|t| t.get(start..end)).unwrap_or("")
    }

    /// What a reason was read from.
    pub fn of(&self, reason: &Reason) -> &'a str {
        reason.spans.first().map_or("", |s| self.at(s.0, s.1))
    }

    /// The words that tell a fact's time.
    pub fn time(&self, fact: &Fact) -> &'a str {
        fact.because.iter().find(|r| r.rule.starts_with("time.")).map_or("", |r| self.of(r))
    }

    /// The word for the relative whom a fact is about.
    pub fn relative(&self, fact: &Fact) -> &'a str {
        fact.because.iter().find(|r| r.rule.starts_with("person.")).map_or("", |r| self.of(r))
    }
}

/// The rule of a reason and the concept that it named (`term:proc-2060` is `term` and `proc-2060`).
pub(crate) fn rule(reason: &Reason) -> (&str, &str) {
    reason.rule.split_once(':').unwrap_or((&reason.rule, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_stable_and_differ() {
        let a = uuid("n", "f1");
        assert_eq!(a, uuid("n", "f1"));
        assert_ne!(a, uuid("nf", "1"));
        assert_eq!((a.len(), a.as_bytes()[14]), (36, b'8'));
    }
}
