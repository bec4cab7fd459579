//! Which time a fact belongs to: the one of its clause, of its sentence, of the line that opened with a date.

use super::Happened;
use super::calendar::{Precision, Stamp};
use super::resolve::Known;
use crate::fact::Asserted;
use crate::model::{FactKind, TimeRange};
use crate::note::{Note, SectionKind};
use crate::recognize::time::{Expression, Point};
use crate::text::{from, sub};
use compact_str::CompactString;

/// A time as it governs: `None` for one that tells no date, which keeps other times away.
type When = Option<TimeRange>;

/// A time of a sentence.
#[derive(Debug, Clone)]
struct Told {
    start: usize,
    end: usize,
    when: When,
    /// It goes on governing what follows in the section.
    lasts: bool,
    /// A time in words of the table or a count back from now: it does not reach over a full stop.
    expression: Option<Expression>,
}

/// Gives every clinical mention the time that governs it.
pub(super) fn govern(note: &Note, events: &[Happened], known: &Known, mentions: &mut [Asserted]) {
    let text = note.norm.text();
    let mut lead: Option<(usize, When)> = None; // section, when
    let mut entry: When = None;
    let mut next_event = 0;
    let mut i = 0;
    while let Some(sentence) = mentions.get(i).map(|a| a.mention.sentence) {
        let n = mentions.get(i..).unwrap_or(&[]).iter().take_while(|a| a.mention.sentence == sentence).count();
        let Some(group) = mentions.get_mut(i..i + n) else { return };
        i += n;
        let Some(s) = note.sentences.get(sentence).copied() else { continue };
        let kind = note.sections.get(s.section).map_or(SectionKind::Other, |x| x.kind);
        let mut told: Vec<Told> = Vec::new();
        for a in group.iter() {
            let m = &a.mention;
            let Some(e) = m.when.as_deref() else { continue };
            if e.governs && !compared(text, m.end) {
                told.push(Told { start: m.start, end: m.end, when: m.time.clone().filter(|t| t.start.is_some()), lasts: lasts(e, m.time.as_ref()), expression: Some(*e) });
            }
        }
        // 入院時CRP 8.4: the event is a time although it is no expression of time
        while events.get(next_event).is_some_and(|h| h.start < s.start) {
            next_event += 1;
        }
        for h in events.get(next_event..).unwrap_or(&[]).iter().take_while(|h| h.start < s.end) {
            if from(text, h.end).starts_with('時') && !from(text, h.end).starts_with("時間") {
                let when = known.event(h.event).and_then(|d| Stamp::new(d, Precision::Day).text()).map(|t| TimeRange {
                    start: Some(t),
                    end: None,
                    precision: CompactString::const_new("day"),
                });
                told.push(Told { start: h.start, end: h.end + '時'.len_utf8(), when, lasts: false, expression: None });
            }
        }
        told.sort_by_key(|t| t.start);
        // a date that opens the line governs until the next
        let opening = told.first().filter(|t| t.lasts && opens(text, s.start, t.start)).cloned();
        if lead.as_ref().is_some_and(|l| l.0 != s.section) {
            lead = None;
        }
        let in_force = lead.as_ref().map_or_else(|| entry.clone(), |l| l.1.clone());
        for a in group.iter_mut() {
            let m = &mut a.mention;
            if matches!(m.kind, FactKind::Time | FactKind::Lifestyle | FactKind::Preference) || m.time.is_some() {
                continue;
            }
            m.time = match governing(text, m.start, m.end, kind, &told) {
                Some(t) => t.when.clone(),
                None => in_force.clone(),
            };
        }
        if let Some(t) = opening {
            if line_start(text, s.start) || lead.is_some() || kind == SectionKind::HospitalCourse {
                if super::alone(text, t.start, t.end) {
                    entry.clone_from(&t.when);
                }
                lead = Some((s.section, t.when));
            }
        } else if let Some(t) = told.iter().rev().find(|t| t.lasts)
            && lead.is_some()
            && matches!(t.expression, Some(Expression { point: Point::Date(_), .. }))
        {
            // the narrative moved on inside a line: 5/5 手術。5/6より食事
            lead = Some((s.section, t.when.clone()));
        }
    }
    rows(note, mentions);
}

/// The time of the sentence that governs what stands at `start..end`.
fn governing<'t>(text: &str, start: usize, end: usize, kind: SectionKind, told: &'t [Told]) -> Option<&'t Told> {
    let next = told.iter().find(|t| t.start >= end);
    // 虫垂切除術(5歳), CRP 8.4(5/4), 咳嗽は3日前から
    if let Some(t) = next {
        let gap = sub(text, end, t.start);
        let close = gap.trim_matches(' ');
        if gap.len() <= 12 && matches!(close, "(" | "は" | "が" | "も" | ":" | "は、") {
            return Some(t);
        }
        if kind == SectionKind::PastHistory && gap.len() <= 3 && matches!(close, "" | "、") && !told.iter().any(|b| b.end <= start) {
            return Some(t);
        }
    }
    let before = told.iter().rev().filter(|t| t.end <= start).take(8).find(|t| !closed(sub(text, t.end, start)))?;
    // 5歳で鼠径ヘルニア、高血圧症: in a history each item has its own time
    let item = kind == SectionKind::PastHistory || matches!(before.expression, Some(Expression { point: Point::Age { .. }, .. }));
    (!item || !sub(text, before.end, start).contains(['、', ','])).then_some(before)
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
            let mut dates = row.iter().filter(|a| a.mention.when.as_ref().is_some_and(|e| matches!(e.point, Point::Date(_))));
            if let (Some(only), None) = (dates.next().and_then(|a| a.mention.time.clone()), dates.next()) {
                for a in row.iter_mut().filter(|a| a.mention.when.is_none() && a.mention.time.is_none()) {
                    a.mention.time = Some(only.clone());
                }
            }
        }
        i += n;
    }
}
