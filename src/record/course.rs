//! The course: facts with their times, in order.

use super::Event;
use super::source::Source;
use super::stay::date;
use crate::model::{FactKind, Subject, TimeRange};
use jiff::civil::Date;

/// The facts that have a time, in its order. Dates come first; what is told from the illness or admission alone
/// (第3病日, 入院3日前) follows in its own order, since no date says where it would stand.
pub(super) fn events(source: &Source<'_>, admission: Option<&TimeRange>) -> Vec<Event> {
    let admitted = admission.and_then(date);
    let mut out: Vec<(Key, Event)> = Vec::new();
    for p in source.facts() {
        let f = p.fact;
        let Some(time) = f.time.as_ref().filter(|_| f.subject == Subject::Patient && is_event(f.kind)) else { continue };
        let Some(key) = Key::of(time) else { continue };
        let entry = p.entry();
        let hospital_day = admitted.zip(date(time)).and_then(|(a, d)| day_of_stay(a, d));
        let status = f.medication.as_ref().and_then(|m| m.status.clone());
        out.push((key, Event { time: time.clone(), hospital_day, kind: f.kind, entry, value: f.value.clone(), status }));
    }
    // stable: what has the same time stays in the order of the note
    out.sort_by(|a, b| a.0.cmp(&b.0));
    let mut events: Vec<Event> = Vec::with_capacity(out.len());
    for (_, mut e) in out {
        // what a note tells twice of one time happened once
        let same = events.iter_mut().rev().take(64).take_while(|k| k.time == e.time).find(|k| is_same(k, &e));
        match same {
            Some(known) => known.entry.facts.append(&mut e.entry.facts),
            None => events.push(e),
        }
    }
    events
}

fn is_same(a: &Event, b: &Event) -> bool {
    (a.kind, &a.entry.name, a.entry.assertion, &a.value, &a.status) == (b.kind, &b.entry.name, b.entry.assertion, &b.value, &b.status)
}

const fn is_event(kind: FactKind) -> bool {
    !matches!(kind, FactKind::Time | FactKind::Lifestyle | FactKind::Preference)
}

/// The day of admission is 1; days before it have none.
fn day_of_stay(admitted: Date, day: Date) -> Option<i64> {
    admitted.until(day).ok().map(|s| i64::from(s.get_days()) + 1).filter(|n| *n >= 1)
}

/// Where a time stands: by its date, by a month and day of an open year, by days from the illness.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Dated(String),
    Open(String),
    Counted(i64),
}

impl Key {
    fn of(t: &TimeRange) -> Option<Self> {
        let start = t.start.as_deref()?;
        if t.precision == "age" || t.precision == "duration" {
            return None;
        }
        if start.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(Self::Dated(start.to_owned()));
        }
        if let Some(open) = start.strip_prefix("--") {
            return Some(Self::Open(open.to_owned()));
        }
        let (sign, length) = start.strip_prefix('-').map_or((1, start), |r| (-1, r));
        let days = sign * hours(length)?;
        // 第1病日 is the day that 3日後 is counted from
        Some(Self::Counted(if t.precision == "course_day" { days - 24 } else { days }))
    }
}

/// An ISO 8601 length in hours, months and years taken as 30 and 365 days: enough to put events in order.
fn hours(iso: &str) -> Option<i64> {
    let (mut total, mut digits, mut clock) = (0i64, String::new(), false);
    for c in iso.strip_prefix('P')?.chars() {
        match c {
            '0'..='9' => digits.push(c),
            'T' => clock = true,
            _ => {
                let n: i64 = digits.parse().ok()?;
                digits.clear();
                let unit = match (c, clock) {
                    ('Y', _) => 365 * 24,
                    ('M', false) => 30 * 24,
                    ('W', _) => 7 * 24,
                    ('D', _) => 24,
                    ('H', _) => 1,
                    _ => 0,
                };
                total = total.saturating_add(n.saturating_mul(unit));
            }
        }
    }
    Some(total)
}
