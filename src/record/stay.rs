//! The dates of a stay: admission, discharge and what else is dated by name.

use super::source::{Placed, Source};
use super::{KeyDate, words};
use crate::model::{Assertion, FactKind, TimeRange};
use crate::note::SectionKind;
use crate::text::{char_at, from, sub};
use crate::words::words;
use compact_str::CompactString;
use jiff::civil::Date;
use std::sync::LazyLock;

/// Every dated event, fields of the form first.
pub(super) fn dates(source: &Source<'_>) -> Vec<KeyDate> {
    let mut out = fields(source);
    narrative(source, &mut out);
    operations(source, &mut out);
    out
}

/// The date of the present admission: of the form, else of the last admission that is told before the end of the stay.
///
/// An admission without a date that comes after it is another one where a discharge, a later date or 「今回」 stands between:
/// 「2019年8月に肺炎で入院し退院した。今回、呼吸困難のため入院となった」 does not date the present one.
pub(super) fn admission(source: &Source<'_>, dates: &[KeyDate]) -> Option<TimeRange> {
    let of = |source: &str| dates.iter().filter(move |d| d.event == "admission" && d.source == source).collect::<Vec<_>>();
    if let Some(d) = of("field").first() {
        return Some(d.time.clone());
    }
    let told = of("narrative");
    let ends = dates.iter().filter(|d| d.source == "narrative" && d.event == "discharge").map(|d| d.start).next_back();
    let last = told.iter().rev().find(|d| ends.is_none_or(|e| d.start < e)).or(told.first())?;
    // no stay is told of as having begun months or years ago
    let long_ago = last.time.precision == "relative" && last.time.start.as_deref().is_some_and(|s| s.starts_with("-P") && s.ends_with(['Y', 'M']));
    (!long_ago && !followed(source, last, ends)).then(|| last.time.clone())
}

/// Whether another admission, without a date of its own, follows one that is over.
fn followed(source: &Source<'_>, told: &KeyDate, ends: Option<usize>) -> bool {
    let from_at = source.note.norm.normalized_offset(told.end);
    let end = ends.map_or(usize::MAX, |e| source.note.norm.normalized_offset(e));
    let all = happenings(source);
    let Some(next) = all.iter().rfind(|h| h.event == "admission" && h.start > from_at && h.start < end) else { return false };
    let between = sub(source.text, from_at, next.start);
    let left = all.iter().any(|h| h.event == "discharge" && h.start > from_at && h.end <= next.start);
    // of two dates with their years the later is another month's
    let month = |t: &TimeRange| t.start.as_deref().filter(|s| s.starts_with(|c: char| c.is_ascii_digit())).and_then(|s| s.get(..7)).map(str::to_owned);
    let since = |p: &Placed<'_>| is_point(p) && p.fact.time.as_ref().and_then(month).zip(month(&told.time)).is_some_and(|(a, b)| a > b);
    left || ["今回", "再入院", "今般", "このたび"].iter().any(|w| between.contains(w)) || source.within(from_at, next.start).iter().any(since)
}

/// The date of the last of `events`; a field of the form outweighs the narrative.
pub(super) fn last(dates: &[KeyDate], events: &[&str]) -> Option<TimeRange> {
    let of = |source: &str| dates.iter().rfind(|d| d.source == source && events.contains(&d.event.as_str()));
    of("field").or_else(|| of("narrative")).map(|d| d.time.clone())
}

/// Days from admission to discharge, both counted.
pub(super) fn days(admission: Option<&TimeRange>, discharge: Option<&TimeRange>) -> Option<i64> {
    let (a, d) = (date(admission?)?, date(discharge?)?);
    Some(i64::from(a.until(d).ok()?.get_days()) + 1).filter(|n| *n > 0)
}

/// The day of a time, where it tells year, month and day.
pub(super) fn date(t: &TimeRange) -> Option<Date> {
    t.start.as_deref()?.get(..10)?.parse().ok()
}

/// Dates that a form gives: `入院日 2024/5/4`, `入院期間 2/3~2/19`.
fn fields(source: &Source<'_>) -> Vec<KeyDate> {
    let mut out: Vec<KeyDate> = Vec::new();
    for f in &source.form.fields {
        let known = matches!(f.sense, "admission" | "discharge" | "stay" | "transfer" | "death" | "operation" | "onset" | "visit" | "birth");
        if !known || f.sense != "operation" && out.iter().any(|d| d.event == f.sense) {
            continue;
        }
        let times: Vec<&Placed<'_>> = source.of_field(*f).iter().filter(|p| is_point(p)).collect();
        // 「入院:肺炎で2月に…」 is a title and no field: its value does not begin with a date
        let Some(first) = times.first().filter(|p| p.start - f.start <= 12) else { continue };
        let Some(time) = &first.fact.time else { continue };
        let event = |event: &str, time: TimeRange, p: &Placed<'_>| KeyDate {
            event: CompactString::new(event),
            time,
            text: p.fact.text.clone(),
            start: p.fact.start,
            end: p.fact.end,
            source: CompactString::const_new("field"),
        };
        let until = time.end.clone().map(|end| TimeRange { start: Some(end), end: None, precision: time.precision.clone() });
        if matches!(f.sense, "stay" | "admission") {
            out.push(event("admission", TimeRange { end: None, ..time.clone() }, first));
            let second = times.get(1).filter(|p| sub(source.text, first.end, p.start).chars().any(|c| matches!(c, '~' | '-' | '退')));
            let end = until.map(|t| (t, *first)).or_else(|| second.and_then(|p| p.fact.time.clone().map(|t| (t, *p))));
            out.extend(end.map(|(t, p)| event("discharge", t, p)));
        } else {
            out.push(event(f.sense, time.clone(), first));
        }
    }
    out
}

/// A time that says when something was, and not an age or a length.
fn is_point(p: &Placed<'_>) -> bool {
    p.fact.kind == FactKind::Time && p.fact.time.as_ref().is_some_and(|t| t.start.is_some() && !matches!(t.precision.as_str(), "age" | "duration"))
}

/// 「第10病日に退院となった」: an event that is told as done, with the time before it in its sentence.
fn narrative(source: &Source<'_>, out: &mut Vec<KeyDate>) {
    for told in happenings(source) {
        let (start, _) = told.sentence;
        let before = source.within(start, told.start).iter().rev().find(|p| is_point(p) && p.end <= told.start);
        let gap = |p: &&Placed<'_>| told.start - p.end <= 90 && !sub(source.text, p.end, told.start).contains('。');
        if let Some(p) = before.filter(gap)
            && let Some(time) = &p.fact.time
        {
            let (s, e) = source.original(told.start, told.end);
            let text = sub(source.text, told.start, told.end).to_owned();
            out.push(KeyDate { event: CompactString::const_new(told.event), time: time.clone(), text, start: s, end: e, source: CompactString::const_new("narrative") });
        }
    }
}

/// An event that the narrative tells as done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Happening {
    pub event: &'static str,
    /// Bytes of its word in the normalised text.
    pub start: usize,
    pub end: usize,
    /// Bytes of its sentence.
    pub sentence: (usize, usize),
}

/// Admissions, discharges, transfers and deaths that the narrative tells as done, in the order of the text.
pub(super) fn happenings(source: &Source<'_>) -> Vec<Happening> {
    use SectionKind as S;
    let text = source.text;
    let mut out = Vec::new();
    for (start, end, kind) in source.sentences() {
        if matches!(kind, S::PastHistory | S::FamilyHistory | S::SocialHistory | S::Assessment | S::Plan | S::DischargePlan | S::Allergy) {
            continue;
        }
        // 「父は肺癌で死亡した」
        let of_others = source.within(start, end).iter().any(|p| p.fact.subject != crate::model::Subject::Patient);
        let mut at = start;
        while at < end {
            let Some(c) = char_at(text, at) else { break };
            match words::event(text, at) {
                Some((event, e)) => {
                    if done(text, at, e) && !(of_others && event == "death") {
                        out.push(Happening { event, start: at, end: e, sentence: (start, end) });
                    }
                    at = e;
                }
                None => at += c.len_utf8(),
            }
        }
    }
    out
}

/// 退院となった, 転院した, 死亡を確認した; not 退院時, 退院予定, 退院を希望.
fn done(text: &str, start: usize, end: usize) -> bool {
    static TAILS: LazyLock<Vec<&str>> = LazyLock::new(|| words("stay.tails"));
    if ["前医を", "他院を", "前回", "以前", "未"].iter().any(|w| sub(text, 0, start).ends_with(w)) {
        return false;
    }
    let word = sub(text, start, end);
    let rest = from(text, end).trim_start_matches([' ', '「']);
    let rest = rest.strip_prefix("の上").unwrap_or(rest);
    let closes = rest.is_empty() || rest.starts_with(['。', '\n', '．', '.', '、', ')', '|', ',', '，']);
    closes || word.ends_with('た') || word.ends_with("確認") || TAILS.iter().any(|t| rest.starts_with(t))
}

/// Operations with their day.
fn operations(source: &Source<'_>, out: &mut Vec<KeyDate>) {
    for p in source.facts() {
        let f = p.fact;
        let operation = f.kind == FactKind::Procedure && f.assertion == Assertion::Present && (f.name.ends_with('術') || f.text.ends_with('術') || f.name == "手術");
        let Some(time) = f.time.as_ref().filter(|t| operation && t.start.is_some()) else { continue };
        if p.is_patients() && f.section != SectionKind::PastHistory && !out.iter().rev().take(64).any(|d| d.event == "operation" && d.time == *time && d.text == f.text) {
            let (text, source) = (f.text.clone(), CompactString::const_new("narrative"));
            out.push(KeyDate { event: CompactString::const_new("operation"), time: time.clone(), text, start: f.start, end: f.end, source });
        }
    }
}
