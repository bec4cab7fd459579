//! What a record is read from: the facts of a note with their places, and the note as a form.

use super::Entry;
use super::form::{Field, Form};
use crate::model::{Assertion, Fact, Structured, Subject};
use crate::note::{Note, SectionKind};
use crate::text::sub;

/// A note, its facts and where they stand in the normalised text.
pub(super) struct Source<'a> {
    pub note: &'a Note,
    pub text: &'a str,
    pub form: Form,
    facts: Vec<Placed<'a>>,
}

/// A fact that was written in the note, with its bytes in the normalised text and its sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub fact: &'a Fact,
    pub start: usize,
    pub end: usize,
    pub sentence: usize,
}

impl Placed<'_> {
    /// It speaks of the patient, and not of something denied.
    pub fn is_patients(&self) -> bool {
        self.fact.subject == Subject::Patient && self.fact.assertion != Assertion::Absent
    }

    /// As an entry of the record.
    pub fn entry(&self) -> Entry {
        let f = self.fact;
        Entry { name: f.name.clone(), text: f.text.clone(), start: f.start, end: f.end, codings: f.codings.clone(), assertion: f.assertion, facts: vec![f.id.clone()] }
    }
}

impl<'a> Source<'a> {
    pub fn new(found: &'a Structured, note: &'a Note) -> Self {
        let text = note.norm.text();
        let mut facts: Vec<Placed<'a>> = found
            .facts
            .iter()
            .filter(|f| f.from.is_empty())
            .map(|fact| {
                let start = note.norm.normalized_offset(fact.start);
                let end = note.norm.normalized_offset(fact.end);
                let sentence = note.sentences.partition_point(|s| s.start <= start).saturating_sub(1);
                Placed { fact, start, end, sentence }
            })
            .collect();
        facts.sort_by_key(|p| p.start);
        Self { note, text, form: Form::read(text), facts }
    }

    /// The written facts in the order of the text.
    pub fn facts(&self) -> &[Placed<'a>] {
        &self.facts
    }

    /// The facts that start in `start..end`.
    pub fn within(&self, start: usize, end: usize) -> &[Placed<'a>] {
        let lo = self.facts.partition_point(|p| p.start < start);
        let n = self.facts.get(lo..).unwrap_or(&[]).partition_point(|p| p.start < end);
        self.facts.get(lo..lo + n).unwrap_or(&[])
    }

    /// The facts in a field's value.
    pub fn of_field(&self, f: Field) -> &[Placed<'a>] {
        self.within(f.start, f.end)
    }

    /// The sentences with their bytes and the kind of their section.
    pub fn sentences(&self) -> impl DoubleEndedIterator<Item = (usize, usize, SectionKind)> + '_ {
        self.note.sentences.iter().map(|s| (s.start, s.end, self.note.sections.get(s.section).map_or(SectionKind::Other, |x| x.kind)))
    }

    /// The bytes of a sentence.
    pub fn sentence(&self, i: usize) -> (usize, usize) {
        self.note.sentences.get(i).map_or((0, 0), |s| (s.start, s.end))
    }

    /// The bytes of the original text and the words of `start..end` of the normalised one.
    pub fn original(&self, start: usize, end: usize) -> (usize, usize) {
        self.note.norm.original_span(start, end)
    }

    /// The text of about `start..end`, drawn in to the nearest characters.
    pub fn window(&self, start: usize, end: usize) -> &'a str {
        let (mut start, mut end) = (start, end.min(self.text.len()));
        while start < end && !self.text.is_char_boundary(start) {
            start += 1;
        }
        while end > start && !self.text.is_char_boundary(end) {
            end -= 1;
        }
        sub(self.text, start, end)
    }

    /// An entry for words that no fact was read from.
    pub fn unread(&self, start: usize, end: usize) -> Entry {
        let text = sub(self.text, start, end).to_owned();
        let (start, end) = self.original(start, end);
        Entry { name: text.clone(), text, start, end, codings: Vec::new(), assertion: Assertion::Present, facts: Vec::new() }
    }
}
