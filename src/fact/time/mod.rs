//! When: time expressions are resolved to dates, and facts take the time that governs them.
//!
//! The note is walked twice. The first walk finds when the patient was admitted, operated on, fell ill;
//! the second resolves each expression against that, the note's own date and the dates told before it.

mod calendar;
mod govern;
mod resolve;

use super::Asserted;
use crate::lexicon::{ConceptKind, Event, Hit, Lexicon, TimeSort};
use crate::model::FactKind;
use crate::note::{Note, SectionKind};
use crate::recognize::Mention;
use crate::recognize::time::{Expression, Point};
use crate::text::{from, sub};
use calendar::{Day, Precision, Stamp};
use jiff::civil::Date;
use resolve::Known;

/// Resolves the time expressions among `mentions` and gives the other mentions the time that governs them.
/// `date` is the note's own date.
pub(super) fn resolve(lexicon: &Lexicon, note: &Note, hits: &[Hit], date: Option<Date>, mentions: &mut [Asserted]) {
    if mentions.iter().all(|a| a.mention.when.is_none()) {
        return;
    }
    let events = events(lexicon, note, hits);
    let mut first = Walk::new(note, &events, date, None);
    // an open year before the first full date is read by that date
    first.known.year = first.known.year.or_else(|| first_full(mentions).map(|d| (d, true)));
    first.run(mentions);
    let found = first.known;
    let mut second = Walk::new(note, &events, date, Some(&found));
    second.known.year = second.known.year.or_else(|| first_full(mentions).map(|d| (d, true)));
    second.run(mentions);
    govern::govern(note, &events, &found, mentions);
}

/// A word of the text that names what times are counted from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happened {
    start: usize,
    end: usize,
    event: Event,
}

fn events(lexicon: &Lexicon, note: &Note, hits: &[Hit]) -> Vec<Happened> {
    let mut out: Vec<Happened> = Vec::new();
    for h in hits.iter().filter(|h| h.kind == ConceptKind::TimeWord) {
        let Some(w) = lexicon.time_word(h.concept).filter(|w| w.sort == TimeSort::Event && w.event != Event::Other) else { continue };
        if out.last().is_none_or(|l| h.s() >= l.end) {
            let end = if from(note.norm.text(), h.e()).starts_with('術') { h.e() + '術'.len_utf8() } else { h.e() };
            out.push(Happened { start: h.s(), end, event: w.event });
        }
    }
    out
}

fn first_full(mentions: &[Asserted]) -> Option<Day> {
    let plain = Known::default();
    mentions.iter().filter_map(|a| a.mention.when.as_deref()).find_map(|e| {
        let (_, stamp) = plain.resolve(e, (0, SectionKind::Other));
        stamp.filter(|s| s.precision >= Precision::Month && s.day.known().is_some()).map(|s| s.day)
    })
}

struct Walk<'a> {
    note: &'a Note,
    text: &'a str,
    events: &'a [Happened],
    next_event: usize,
    known: Known,
    /// Admission and discharge were told in a field of their own.
    fields: [bool; 2],
}

impl<'a> Walk<'a> {
    fn new(note: &'a Note, events: &'a [Happened], date: Option<Date>, found: Option<&Known>) -> Self {
        let mut known = Known::new(date);
        if let Some(f) = found {
            known = Known { admission: f.admission, discharge: f.discharge, operation: f.operation, onset: f.onset, visit: f.visit, birth: f.birth, ..known };
        }
        Self { note, text: note.norm.text(), events, next_event: 0, known, fields: [false; 2] }
    }

    fn run(&mut self, mentions: &mut [Asserted]) {
        let mut before: Option<(usize, usize, Stamp, Option<Stamp>)> = None; // end, sentence, when, until
        for a in mentions.iter_mut() {
            let m = &mut a.mention;
            if m.kind == FactKind::Procedure && sub(self.text, m.start, m.end).ends_with('術') {
                if let Some((end, sentence, when, _)) = before.filter(|b| b.1 == m.sentence && b.0 <= m.start)
                    && when.precision >= Precision::Day
                    && self.near(end, m.start)
                    && sentence == m.sentence
                    && !from(self.text, m.end).starts_with(['前', '後', '予'])
                {
                    self.known.set_event(Event::Operation, when.day);
                }
                continue;
            }
            let Some(e) = m.when.as_deref().copied() else { continue };
            self.events_before(m.start, &before);
            let section = self.section(m);
            let (range, stamp) = self.known.resolve(&e, section);
            m.time = Some(range);
            let Some(stamp) = stamp else { continue };
            let until = e.until.and_then(|u| self.known.resolve(&Expression { point: u, until: None, ..e }, section).1);
            self.told(m, &e, stamp, section.0);
            // 入院日:2025年2月1日
            if let Some(h) = self.next_event.checked_sub(1).and_then(|i| self.events.get(i)).copied()
                && stamp.precision >= Precision::Day
                && h.end <= m.start
                && is_field(sub(self.text, h.end, m.start))
            {
                self.field(h.event, stamp, until);
            } else if let Some((end, _, _, None)) = before
                && self.fields == [true, false]
                && sub(self.text, end, m.start).trim() == "~"
            {
                self.field(Event::Discharge, stamp, None);
            }
            before = Some((m.end, m.sentence, stamp, until));
        }
        self.events_before(usize::MAX, &before);
    }

    /// Dates the events that stand before byte `at` by the time told before them.
    fn events_before(&mut self, at: usize, before: &Option<(usize, usize, Stamp, Option<Stamp>)>) {
        while let Some(h) = self.events.get(self.next_event).copied().filter(|h| h.start < at) {
            self.next_event += 1;
            let Some((end, sentence, when, until)) = *before else { continue };
            let in_sentence = self.note.sentences.get(sentence).is_some_and(|s| s.start <= h.start && h.start < s.end);
            let kind = self.note.sentences.get(sentence).and_then(|s| self.note.sections.get(s.section)).map_or(SectionKind::Other, |s| s.kind);
            let after = from(self.text, h.end);
            if end > h.start
                || !in_sentence
                || when.precision < Precision::Day
                || !self.near(end, h.start)
                || after.starts_with(['前', '後', '時', '中', '歴', '予', '目', '翌', '当', '同'])
                || matches!(kind, SectionKind::PastHistory | SectionKind::FamilyHistory)
            {
                continue;
            }
            let set = match h.event {
                // a field of the form outweighs the narrative
                Event::Admission => !self.fields[0],
                Event::Discharge => !self.fields[1],
                _ => true,
            };
            if set {
                self.known.set_event(h.event, when.day);
            }
            if h.event == Event::Admission
                && !self.fields[1]
                && let Some(u) = until
            {
                self.known.discharge = Some(u.day);
            }
        }
    }

    /// Whether what stands between a date and an event lets the date tell of it.
    fn near(&self, end: usize, start: usize) -> bool {
        let gap = sub(self.text, end, start);
        gap.len() <= 90 && !gap.contains(['。', '\n'])
    }

    fn field(&mut self, event: Event, when: Stamp, until: Option<Stamp>) {
        self.known.set_event(event, when.day);
        match event {
            Event::Admission => {
                self.fields[0] = true;
                if let Some(u) = until {
                    self.known.discharge = Some(u.day);
                    self.fields[1] = true;
                }
            }
            Event::Discharge => self.fields[1] = true,
            _ => {}
        }
    }

    fn told(&mut self, m: &Mention, e: &Expression, stamp: Stamp, section: usize) {
        if matches!(e.point, Point::Clock(_)) {
            return;
        }
        self.known.told = Some((stamp, section));
        if matches!(e.point, Point::Date(_)) && stamp.precision >= Precision::Month && stamp.day.known().is_some() {
            self.known.year = Some((stamp.day, true));
        }
        if matches!(e.point, Point::Date(_)) && e.until.is_none() && stamp.precision >= Precision::Day && self.fills_line(m) {
            self.known.entry = Some(stamp.day);
        }
    }

    /// The line holds the date and nothing else: it is when the entry was written.
    fn fills_line(&self, m: &Mention) -> bool {
        let titled = self.note.sentences.get(m.sentence).and_then(|s| self.note.sections.get(s.section)).is_some_and(|s| {
            let title = sub(self.text, s.title.0, s.title.1);
            s.content.0 + 8 > m.start && ["院", "手術", "発症", "生年", "時期", "予定"].iter().any(|w| title.contains(w))
        });
        let named = self.next_event.checked_sub(1).and_then(|i| self.events.get(i)).is_some_and(|h| h.end <= m.start && is_field(sub(self.text, h.end, m.start)));
        !titled && !named && alone(self.text, m.start, m.end)
    }

    fn section(&self, m: &Mention) -> (usize, SectionKind) {
        let i = self.note.sentences.get(m.sentence).map_or(0, |s| s.section);
        (i, self.note.sections.get(i).map_or(SectionKind::Other, |s| s.kind))
    }
}

/// Whether the line of `start..end` holds only marks beside it.
fn alone(text: &str, start: usize, end: usize) -> bool {
    // a line of an entry's date is short; looking further would make long lines slow
    let reaches = |mut chars: &mut dyn Iterator<Item = char>| (&mut chars).take(24).find(|c| !is_mark(*c)).is_none_or(|c| c == '\n');
    reaches(&mut sub(text, 0, start).chars().rev()) && reaches(&mut from(text, end).chars())
}

/// What may stand beside the date of an entry: brackets, a day of the week.
fn is_mark(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t'
            | '('
            | ')'
            | '【'
            | '】'
            | '['
            | ']'
            | '<'
            | '>'
            | '■'
            | '◆'
            | '●'
            | '○'
            | '□'
            | '#'
            | '・'
            | '*'
            | '-'
            | '='
            | ':'
            | '月'
            | '火'
            | '水'
            | '木'
            | '金'
            | '土'
            | '日'
            | '曜'
            | '祝'
    )
}

/// What stands between the name of a field and its date.
fn is_field(gap: &str) -> bool {
    let mut rest = gap.trim_start();
    for w in ["年月日", "期間", "予定日", "日時", "日付", "日", "時期"] {
        if let Some(r) = rest.strip_prefix(w) {
            rest = r;
            break;
        }
    }
    let marked = rest.len() < gap.trim_start().len() || rest.starts_with([':', '|', '(', '\n']);
    gap.len() <= 40 && marked && rest.chars().all(|c| matches!(c, ' ' | ':' | '|' | '\n' | '】' | ')' | '(' | '>' | ']' | 'は'))
}
