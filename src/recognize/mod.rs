//! What is said where: terms, measurements, medications, times, scores, people.
//!
//! A recognizer reads one sentence with the lexicon's hits in it and adds [`Mention`]s. It claims the
//! bytes that it has read, so that a later one does not read them again; the order of recognizers is
//! the order of certainty: what has a number and a unit first, bare words last.

mod act;
mod allergy;
mod lifestyle;
mod measure;
mod medication;
mod number;
mod palpation;
mod preference;
mod score;
mod terms;
pub mod time;

pub(crate) use medication::DAYS_OF_ALL;
pub use number::{Number, display, number, plain_number};
pub(crate) use terms::names_other;

use crate::lexicon::{ConceptKind, ConceptRef, Hit, Lexicon};
use crate::model::{Applicability, Assertion, FactKind, Medication, TimeRange, Value};
use crate::note::{Note, Section, SectionKind};
use crate::text::{char_at, char_before, is_kanji, sub};
use crate::token::Words;

/// A part of a mention: a modifier, site or the base itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The concept.
    pub concept: ConceptRef,
    /// Its kind.
    pub kind: ConceptKind,
    /// First byte in the normalised text.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
}

/// Something recognised, in bytes of the normalised text, before it is asserted and coded.
#[derive(Debug, Clone)]
pub struct Mention {
    /// What it is about.
    pub kind: FactKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// First byte of the part that carries the meaning (without modifiers and site).
    pub core_start: usize,
    /// End of that part: where cues after the term are looked for.
    pub core_end: usize,
    /// The concept named.
    pub concept: Option<ConceptRef>,
    /// The name, where it is not simply the concept's.
    pub name: Option<String>,
    /// Modifiers, sites and head, in the order of the text.
    pub parts: Vec<Part>,
    /// The value.
    pub value: Option<Value>,
    /// What a medication says.
    pub medication: Option<Box<Medication>>,
    /// Whether it is there, where the words that were recognised say so themselves (アレルギーなし, 喫煙なし).
    pub says: Option<Assertion>,
    /// For a time expression: what it resolves to.
    pub time: Option<TimeRange>,
    /// For a time expression: what was written.
    pub when: Option<Box<time::Expression>>,
    /// The rule that found it.
    pub rule: &'static str,
    /// Further rules and where they were read.
    pub because: Vec<(String, (usize, usize))>,
    /// How surely it may be used.
    pub applicability: Applicability,
    /// 0 to 1.
    pub confidence: f64,
    /// The sentence it stands in.
    pub sentence: usize,
}

impl Mention {
    /// A mention of `concept` over `start..end`.
    pub fn new(kind: FactKind, start: usize, end: usize, rule: &'static str) -> Self {
        Self {
            kind,
            start,
            end,
            core_start: start,
            core_end: end,
            concept: None,
            name: None,
            parts: Vec::new(),
            value: None,
            medication: None,
            says: None,
            time: None,
            when: None,
            rule,
            because: Vec::new(),
            applicability: Applicability::Auto,
            confidence: 0.95,
            sentence: 0,
        }
    }
}

/// What a recognizer is given: the note, one sentence, the lexicon's hits in it.
pub struct Context<'a> {
    /// The lexicon.
    pub lexicon: &'a Lexicon,
    /// The note.
    pub note: &'a Note,
    /// The whole normalised text.
    pub text: &'a str,
    /// The whole folded text.
    pub folded: &'a str,
    /// First byte of the sentence.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// Its number.
    pub sentence: usize,
    /// Its section.
    pub section: Section,
    /// A date was found in an earlier sentence.
    pub dated: bool,
    /// The hits that start in the sentence, by start and then the longest first.
    pub hits: &'a [Hit],
    /// The hits of the whole note.
    pub all_hits: &'a [Hit],
    /// Word boundaries of the sentence, once they were needed.
    pub words: &'a std::cell::RefCell<WordBounds>,
}

/// Word boundaries of the sentence at hand, made clause by clause when first asked for.
#[derive(Debug, Default)]
pub struct WordBounds {
    tokenizer: Option<Words>,
    sentence: Option<usize>,
    /// The clauses that were read: where they start and end, and which of `bounds` are theirs.
    clauses: Vec<(usize, usize, std::ops::Range<usize>)>,
    bounds: Vec<usize>,
}

impl WordBounds {
    /// Boundaries from a worker's tokenizer; without one every place may be a boundary.
    pub fn new(tokenizer: Option<Words>) -> Self {
        Self { tokenizer, ..Self::default() }
    }

    /// Forgets the sentence, before another note.
    pub fn reset(&mut self) {
        self.sentence = None;
    }

    /// Whether a word starts or ends at byte `at` of `text`, inside the sentence `start..end`.
    fn holds(&mut self, text: &str, at: usize, start: usize, end: usize) -> bool {
        let Self { tokenizer: Some(tokenizer), clauses, bounds, .. } = self else { return true };
        let known = clauses.iter().rev().find(|c| c.0 <= at && at <= c.1);
        let range = match known {
            Some(c) => c.2.clone(),
            None => {
                let (from, to) = clause(text, at, start, end);
                let first = bounds.len();
                for (s, e) in tokenizer.split(sub(text, from, to)) {
                    for b in [from + *s as usize, from + *e as usize] {
                        if bounds.last() != Some(&b) {
                            bounds.push(b);
                        }
                    }
                }
                let range = first..bounds.len();
                clauses.push((from, to, range.clone()));
                range
            }
        };
        bounds.get(range).unwrap_or(&[]).binary_search(&at).is_ok()
    }
}

/// The clause around `at`: no word goes over a comma, a bracket or a space.
fn clause(text: &str, at: usize, start: usize, end: usize) -> (usize, usize) {
    const MARKS: [char; 12] = ['、', '。', ',', ':', ';', '(', ')', '「', '」', ' ', '\n', '→'];
    let from = sub(text, start, at).rfind(MARKS).map_or(start, |i| start + i + char_at(text, start + i).map_or(1, char::len_utf8));
    let to = sub(text, at, end).find(MARKS).map_or(end, |i| at + i);
    (from, to)
}

impl Context<'_> {
    /// The section's kind.
    pub fn kind(&self) -> SectionKind {
        self.section.kind
    }

    /// Whether only marks of a list or brackets stand between the start of the line and `at`.
    pub fn opens_line(&self, at: usize) -> bool {
        for c in sub(self.text, 0, at).chars().rev().take(12) {
            match c {
                '\n' => return true,
                ' ' | '\t' | '・' | '-' | '*' | '(' | '【' | '[' | '<' | '「' | '○' | '●' | '◎' | '■' | '□' | '◆' | '◇' | '※' | '→' | '#' | '|' => {}
                _ => return false,
            }
        }
        at <= 12
    }

    /// Text of the sentence from `at`.
    pub fn rest(&self, at: usize) -> &str {
        sub(self.text, at, self.end.max(at))
    }

    /// The hits that start at byte `at`, the longest first.
    pub fn hits_at(&self, at: usize) -> &[Hit] {
        let lo = self.hits.partition_point(|h| h.s() < at);
        let n = self.hits.get(lo..).unwrap_or(&[]).partition_point(|h| h.s() == at);
        self.hits.get(lo..lo + n).unwrap_or(&[])
    }

    /// The longest hit of `kind` that starts at `at`.
    pub fn hit_at(&self, at: usize, kind: ConceptKind) -> Option<&Hit> {
        self.hits_at(at).iter().find(|h| h.kind == kind)
    }

    /// The hits that start at byte `at`, in this sentence or a later one.
    pub fn ahead_at(&self, at: usize) -> &[Hit] {
        let lo = self.all_hits.partition_point(|h| h.s() < at);
        let n = self.all_hits.get(lo..).unwrap_or(&[]).iter().take_while(|h| h.s() == at).count();
        self.all_hits.get(lo..lo + n).unwrap_or(&[])
    }

    /// The longest hit of one of `kinds` that ends at `at`.
    pub fn hit_ending(&self, at: usize, kinds: &[ConceptKind]) -> Option<&Hit> {
        let hi = self.hits.partition_point(|h| h.s() < at);
        let lo = self.hits.partition_point(|h| h.s() + 60 < at);
        self.hits.get(lo..hi).unwrap_or(&[]).iter().find(|h| h.e() == at && kinds.contains(&h.kind))
    }

    /// The hits that start at `h` or shortly before it: those that may hold it.
    pub fn around(&self, h: &Hit) -> &[Hit] {
        let lo = self.hits.partition_point(|x| x.s() + 60 < h.s());
        let hi = self.hits.partition_point(|x| x.s() <= h.s());
        self.hits.get(lo..hi).unwrap_or(&[])
    }

    /// Whether a hit is no part of a longer word of kanji: 卵 in 卵巣, 酒 in 酒精綿.
    pub fn apart(&self, h: &Hit) -> bool {
        let kanji = |c: Option<char>| c.is_some_and(is_kanji);
        let left = h.s() > self.start && kanji(char_at(self.text, h.s())) && kanji(char_before(self.text, h.s()));
        let right = h.e() < self.end && kanji(char_before(self.text, h.e())) && kanji(char_at(self.text, h.e()));
        (!left || self.is_word_boundary(h.s())) && (!right || self.is_word_boundary(h.e()))
    }

    /// Whether a word starts or ends at byte `at`, by the tokenizer.
    pub fn is_word_boundary(&self, at: usize) -> bool {
        if at <= self.start || at >= self.end {
            return true;
        }
        let mut words = self.words.borrow_mut();
        if words.sentence != Some(self.sentence) {
            words.sentence = Some(self.sentence);
            words.clauses.clear();
            words.bounds.clear();
        }
        words.holds(self.text, at, self.start, self.end)
    }
}

/// The bytes of a sentence that were read already.
#[derive(Debug, Default)]
pub struct Claims {
    spans: Vec<(usize, usize)>,
}

impl Claims {
    /// Forgets all, before another note.
    pub fn clear(&mut self) {
        self.spans.clear();
    }

    /// Forgets what was claimed before the sentence that starts at `start`; a claim on a later line stays.
    pub fn enter(&mut self, start: usize) {
        self.spans.retain(|s| s.1 > start);
    }

    /// Claims `start..end`.
    pub fn claim(&mut self, start: usize, end: usize) {
        if start < end {
            let at = self.spans.partition_point(|s| s.0 < start);
            self.spans.insert(at, (start, end));
        }
    }

    /// Whether any byte of `start..end` was claimed.
    pub fn overlaps(&self, start: usize, end: usize) -> bool {
        // claims are short and few in a sentence, and sorted by start
        let hi = self.spans.partition_point(|s| s.0 < end);
        self.spans.get(..hi).unwrap_or(&[]).iter().rev().take(12).any(|s| s.1 > start)
    }
}

/// 「1錠 38.5℃以上 頓用」: a measurement inside a prescription says when to take it, and is none.
fn conditions_of_doses(out: &mut Vec<Mention>, from: usize) {
    let doses: Vec<(usize, usize)> = out.iter().skip(from).filter(|m| m.kind == FactKind::Medication && m.core_end > m.end).map(|m| (m.end, m.core_end)).collect();
    if doses.is_empty() {
        return;
    }
    let mut i = 0;
    out.retain(|m| {
        i += 1;
        i <= from || m.kind != FactKind::Vital || !doses.iter().any(|d| d.0 <= m.start && m.end <= d.1)
    });
}

/// Runs every recognizer over one sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    claims.enter(ctx.start);
    let from = out.len();
    measure::recognize(ctx, claims, out);
    score::recognize(ctx, claims, out);
    medication::recognize(ctx, claims, out);
    conditions_of_doses(out, from);
    allergy::recognize(ctx, claims, out);
    lifestyle::recognize(ctx, claims, out);
    time::recognize(ctx, claims, out);
    preference::recognize(ctx, claims, out);
    palpation::recognize(ctx, claims, out);
    terms::recognize(ctx, claims, out);
    for m in out.iter_mut().skip(from) {
        m.sentence = ctx.sentence;
    }
    if let Some(tail) = out.get_mut(from..) {
        tail.sort_by_key(|m| (m.start, m.end));
    }
}
