//! How often a symptom comes: 1日3回の下痢, 週2回の頭痛, 下痢が1日5回.

use super::treatment::Place;
use super::{Assertion, Fact, FactKind, Reason, Value};
use crate::note::Normalized;
use crate::recognize::plain_number;
use crate::text::{from, sub};
use compact_str::CompactString;

/// What a number of times is counted in, with the UCUM unit.
const PERIODS: &[(&str, &str)] = &[
    ("1日に", "/d"),
    ("1日", "/d"),
    ("日に", "/d"),
    ("毎日", "/d"),
    ("1週間に", "/wk"),
    ("週に", "/wk"),
    ("週", "/wk"),
    ("1か月に", "/mo"),
    ("月に", "/mo"),
    ("月", "/mo"),
    ("年に", "/a"),
    ("年", "/a"),
    ("1時間に", "/h"),
];

/// Gives a finding the frequency that is written right before or after it.
pub(super) fn read(facts: &mut [Fact], places: &[Place], norm: &Normalized) {
    let text = norm.text();
    for (f, p) in facts.iter_mut().zip(places) {
        if !matches!(f.kind, FactKind::Finding | FactKind::Disorder) || f.value.is_some() || f.assertion != Assertion::Present {
            continue;
        }
        let Some((value, at)) = before(text, p.start).or_else(|| after(text, p.end)) else { continue };
        f.value = Some(value);
        f.because.push(Reason { rule: CompactString::const_new("finding.frequency"), spans: vec![norm.original_span(at.0, at.1)], pack: CompactString::default() });
    }
}

/// What may stand between the words and the finding.
const GAPS: [&str; 9] = ["程度の", "ほどの", "以上の", "くらいの", "ぐらいの", "前後の", "の", " ", ""];

/// What a number of times ends in.
const TIMES: [&str; 2] = ["回", "度"];

/// 「1日3回の」: the words end where the finding starts.
fn before(text: &str, start: usize) -> Option<(Value, (usize, usize))> {
    // the longest such words are shorter than this
    let mut floor = start.saturating_sub(48);
    while !text.is_char_boundary(floor) {
        floor += 1;
    }
    let window = sub(text, floor, start);
    let said = GAPS.iter().filter_map(|g| window.strip_suffix(g)).find(|w| TIMES.iter().any(|t| w.ends_with(t)))?;
    PERIODS.iter().find_map(|(w, unit)| {
        let i = said.rfind(w)?;
        let (value, end) = times(text, floor + i, w, unit)?;
        (end == floor + said.len()).then_some((value, (floor + i, end)))
    })
}

/// 「が1日5回」: the words follow the finding.
fn after(text: &str, end: usize) -> Option<(Value, (usize, usize))> {
    let gap = ["が", "は", "を", "も", " ", ":", "("].iter().find(|g| from(text, end).starts_with(**g)).map_or(0, |g| g.len());
    let at = end + gap;
    PERIODS.iter().find_map(|(w, unit)| from(text, at).starts_with(w).then(|| times(text, at, w, unit)).flatten().map(|(v, e)| (v, (at, e))))
}

/// `1日3回`, `週2-3回` at `at`: the number with its unit, and its end.
fn times(text: &str, at: usize, period: &str, unit: &'static str) -> Option<(Value, usize)> {
    let (number, mut e, _) = plain_number(text, at + period.len()).filter(|n| n.0 > 0.0 && n.0 <= 100.0)?;
    let mut high = None;
    if from(text, e).starts_with(['-', '~'])
        && let Some((n, end, _)) = plain_number(text, e + 1)
    {
        (high, e) = (Some(n), end);
    }
    let rest = from(text, e);
    let word = TIMES.iter().find(|w| rest.starts_with(**w))?;
    e += word.len();
    Some((Value { number: Some(number), high, unit: Some(CompactString::const_new(unit)), ..Value::default() }, e))
}
