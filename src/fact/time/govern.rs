//! Which time a fact belongs to: the one of its clause, of its sentence, of the line that opened with a date.

use super::Happened;
use super::calendar::{Precision, Stamp};
use super::resolve::Known;
use crate::fact::Asserted;
use crate::model::{FactKind, TimeRange};
use crate::note::{Note, SectionKind};
use crate::recognize::Mention;
use crate::recognize::time::{Expression, Point};
use crate::text::{from, sub};
use compact_str::CompactString;

/// A time as it governs, with where it stands. One that tells no date keeps other times away.
#[derive(Debug, Clone, Default)]
struct When {
    time: Option<TimeRange>,
    at: (usize, usize),
}

impl When {
    /// Gives a mention this time and the reason.
    fn give(&self, m: &mut Mention, rule: &str) {
        if self.time.is_some() {
            m.time.clone_from(&self.time);
            m.because.push((rule.to_owned(), self.at));
        }
    }
}

/// A time of a sentence.
#[derive(Debug, Clone)]
struct Told {
    when: When,
    /// It goes on governing what follows in the section.
    lasts: bool,
    /// It is no range.
    single: bool,
    /// It is an age.
    aged: bool,
}

/// What governs beyond a sentence.
#[derive(Debug, Clone, Default)]
struct Lead {
    section: usize,
    /// The date that opened a line of the section, and those the narrative moved on to.
    line: Option<When>,
    /// The date that opened a sentence inside a line: as far as the line goes.
    sentence: Option<When>,
    /// The date of an entry, on a line of its own: it outlasts the section.
    entry: When,
}

impl Lead {
    /// What governs a sentence without a time of its own.
    fn in_force(&self, kind: SectionKind) -> When {
        use SectionKind as S;
        let standing = matches!(kind, S::PastHistory | S::FamilyHistory | S::SocialHistory | S::Allergy | S::Immunization | S::Medication | S::Demographics);
        self.sentence.clone().or_else(|| self.line.clone()).unwrap_or_else(|| if standing { When::default() } else { self.entry.clone() })
    }

    /// Comes to a sentence of a section; `gap` is what stands between it and the one before.
    fn enter(&mut self, section: usize, kind: SectionKind, gap: &str) {
        if self.section != section {
            // `CT：…` under a date, with no empty line between, is what was found that day
            let under = matches!(kind, SectionKind::Laboratory | SectionKind::Imaging | SectionKind::PhysicalExam | SectionKind::Treatment) && !gap.contains("\n\n");
            if !under {
                self.line = None;
            }
            (self.section, self.sentence) = (section, None);
        }
        if gap.contains('\n') {
            self.sentence = None;
        }
    }

    /// Takes up the times of a sentence for those after it.
    fn pass(&mut self, text: &str, sentence: usize, kind: SectionKind, told: &[Told]) {
        let Some(last) = told.iter().rev().find(|t| t.lasts) else { return };
        let opens = told.first().is_some_and(|t| t.lasts && opens(text, sentence, t.when.at.0));
        if opens && line_start(text, sentence) {
            if let Some(t) = told.first().filter(|t| t.single && super::alone(text, t.when.at.0, t.when.at.1)) {
                self.entry.clone_from(&t.when);
            }
            self.line = Some(last.when.clone());
        } else if self.line.is_some() {
            // the narrative moved on inside a line: 5/5 手術。5/6より食事
            self.line = Some(last.when.clone());
        } else if opens && kind == SectionKind::HospitalCourse || self.sentence.is_some() {
            self.sentence = Some(last.when.clone());
        }
    }
}

/// Gives every clinical mention the time that governs it.
pub(super) fn govern(note: &Note, events: &[Happened], known: &Known, mentions: &mut [Asserted]) {
    let text = note.norm.text();
    let mut lead = Lead::default();
    let (mut next_event, mut i, mut end) = (0, 0, 0);
    while let Some(sentence) = mentions.get(i).map(|a| a.mention.sentence) {
        let n = mentions.get(i..).unwrap_or(&[]).iter().take_while(|a| a.mention.sentence == sentence).count();
        let Some(group) = mentions.get_mut(i..i + n) else { return };
        i += n;
        let Some(s) = note.sentences.get(sentence).copied() else { continue };
        let kind = note.sections.get(s.section).map_or(SectionKind::Other, |x| x.kind);
        lead.enter(s.section, kind, sub(text, end, s.start));
        end = s.end;
        while events.get(next_event).is_some_and(|h| h.start < s.start) {
            next_event += 1;
        }
        let told = told(text, s.end, events.get(next_event..).unwrap_or(&[]), known, group);
        let in_force = lead.in_force(kind);
        for a in group.iter_mut() {
            let m = &mut a.mention;
            if matches!(m.kind, FactKind::Time | FactKind::Lifestyle | FactKind::Preference) || m.time.is_some() {
                continue;
            }
            match governing(text, m.start, m.end, kind, &told) {
                Some(t) => t.when.give(m, "time.of-clause"),
                None => in_force.give(m, "time.of-lines-before"),
            }
        }
        lead.pass(text, s.start, kind, &told);
    }
    rows(note, mentions);
}

/// The times of a sentence, in order.
fn told(text: &str, end: usize, events: &[Happened], known: &Known, group: &[Asserted]) -> Vec<Told> {
    let mut told: Vec<Told> = Vec::new();
    for m in group.iter().map(|a| &a.mention) {
        let Some(e) = m.when.as_deref().filter(|e| e.governs && !compared(text, m.end)) else { continue };
        told.push(Told {
            when: When { time: m.time.clone().filter(|t| t.start.is_some()), at: (m.start, m.end) },
            lasts: lasts(e, m.time.as_ref()),
            single: e.until.is_none(),
            aged: matches!(e.point, Point::Age { .. }),
        });
    }
    // 入院時CRP 8.4: the event is a time although it is no expression of time
    for h in events.iter().take_while(|h| h.start < end) {
        if from(text, h.end).starts_with('時') && !from(text, h.end).starts_with("時間") {
            let day = known.event(h.event).and_then(|d| Stamp::new(d, Precision::Day).text());
            let time = day.map(|t| TimeRange { start: Some(t), end: None, precision: CompactString::const_new("day") });
            told.push(Told { when: When { time, at: (h.start, h.end + '時'.len_utf8()) }, lasts: false, single: true, aged: false });
        }
    }
    told.sort_by_key(|t| t.when.at.0);
    told
}

/// The time of the sentence that governs what stands at `start..end`.
fn governing<'t>(text: &str, start: usize, end: usize, kind: SectionKind, told: &'t [Told]) -> Option<&'t Told> {
    let next = told.iter().find(|t| t.when.at.0 >= end);
    // 虫垂切除術(5歳), CRP 8.4(5/4), 咳嗽は3日前から
    if let Some(t) = next {
        let gap = sub(text, end, t.when.at.0);
        let close = gap.trim_matches(' ');
        if gap.len() <= 12 && matches!(close, "(" | "は" | "が" | "も" | ":" | "は、") {
            return Some(t);
        }
        // 虫垂切除術5月5日; 虫垂炎、20歳 in a history
        let beside = close.is_empty() && gap.len() <= 1 || kind == SectionKind::PastHistory && gap == "、";
        if beside && !told.iter().any(|b| b.when.at.1 <= start) {
            return Some(t);
        }
    }
    let before = told.iter().rev().filter(|t| t.when.at.1 <= start).take(8).find(|t| !closed(sub(text, t.when.at.1, start)))?;
    // 5歳で鼠径ヘルニア、高血圧症: in a history each item has its own time
    let item = kind == SectionKind::PastHistory || before.aged;
    (!item || !sub(text, before.when.at.1, start).contains(['、', ','])).then_some(before)
}

/// A bracket that the time stands in closes before the fact: (2か月前は40kg)。体温….
fn closed(gap: &str) -> bool {
    let mut depth = 0i32;
    for c in gap.chars().take(400) {
        match c {
            '(' | '「' | '【' => depth += 1,
            ')' | '」' | '】' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            // 【5/6】発熱: brackets around the time alone
            return !gap.starts_with([')', '】']);
        }
    }
    false
}

/// 前日と比べ, 2か月前より軽い: what it was, not when it is.
fn compared(text: &str, end: usize) -> bool {
    let rest = from(text, end);
    ["と比", "に比", "と同様", "と変わ", "と著変", "との比較"].iter().any(|w| rest.starts_with(w))
        || rest.strip_prefix("より").is_some_and(|r| r.starts_with(['+', '-', '増', '減', '低', '高', '改', '軽', '悪', '多', '少', '強', '弱', '大', '小', '楽', 'も']))
}

/// Whether a time goes on governing after its sentence.
fn lasts(e: &Expression, time: Option<&TimeRange>) -> bool {
    let dated = time.is_some_and(|t| t.start.as_ref().is_some_and(|s| !s.contains('P')));
    match e.point {
        Point::Date(w) => w.day.is_some() && dated,
        Point::Count { .. } => true,
        Point::Clock(_) => dated,
        Point::Shift { anchor, .. } => dated && anchor != crate::lexicon::Anchor::Speech,
        _ => false,
    }
}

/// Whether the time opens its sentence.
fn opens(text: &str, sentence: usize, start: usize) -> bool {
    let gap = sub(text, sentence, start);
    gap.len() <= 12 && gap.chars().all(|c| matches!(c, ' ' | '・' | '-' | '*' | '(' | '【' | '[' | '<' | '○' | '●' | '◎' | '■' | '□' | '◆' | '◇' | '※' | '→' | '#'))
}

fn line_start(text: &str, at: usize) -> bool {
    sub(text, 0, at).trim_end_matches([' ', '\t']).chars().next_back().is_none_or(|c| matches!(c, '\n' | '】' | '>' | ':'))
}

/// A row of a table: the date in one of its cells is when what the others hold was.
fn rows(note: &Note, mentions: &mut [Asserted]) {
    let text = note.norm.text();
    let line_of = |at: usize| sub(text, 0, at).rfind('\n').map_or(0, |i| i + 1);
    let mut i = 0;
    while let Some(first) = mentions.get(i).map(|a| a.mention.start) {
        let start = line_of(first);
        let end = from(text, first).find('\n').map_or(text.len(), |n| first + n);
        let n = mentions.get(i..).unwrap_or(&[]).iter().take_while(|a| a.mention.start < end.max(first + 1)).count().max(1);
        if sub(text, start, end).starts_with("||") {
            let Some(row) = mentions.get_mut(i..i + n) else { return };
            let dates: Vec<When> = row
                .iter()
                .map(|a| &a.mention)
                .filter(|m| m.when.as_ref().is_some_and(|e| matches!(e.point, Point::Date(_))))
                .map(|m| When { time: m.time.clone(), at: (m.start, m.end) })
                .collect();
            for m in row.iter_mut().map(|a| &mut a.mention).filter(|m| m.when.is_none() && m.time.is_none()) {
                // the only date of the row, or that of the next cell
                let date = match dates.as_slice() {
                    [only] => Some(only),
                    _ => dates.iter().find(|d| d.at.0 >= m.end).filter(|d| sub(text, m.end, d.at.0).chars().all(|c| matches!(c, '|' | ' '))),
                };
                if let Some(d) = date {
                    d.give(m, "time.of-row");
                }
            }
        }
        i += n;
    }
}
