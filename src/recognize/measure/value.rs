//! A laboratory value: a number or a word, its unit, and the values that follow it by an arrow.

use super::Reading;
use crate::lexicon::{Analyte, ConceptKind};
use crate::model::Value;
use crate::recognize::Context;
use crate::recognize::number::{Number, number, range_end, trailing_comparator};
use crate::text::{byte, char_at, from, skip_spaces, sub};
use compact_str::CompactString;

/// The unit written after a number, or the one implied by its size: unit, end, whether it was written.
pub(super) fn unit_after(ctx: &Context<'_>, end: usize, a: &Analyte, value: f64) -> (CompactString, usize, bool) {
    let mut at = skip_spaces(ctx.text, end);
    // a flag after the number: 13.4H ×10^3/μL, 8.7 L g/dL
    let flag = matches!(byte(ctx.text, at), b'H' | b'L') && !char_at(ctx.text, at + 1).is_some_and(|c| c.is_ascii_alphanumeric() || c == '/');
    if flag && a.in_unit(0.0, "L").is_none() && !a.unit.starts_with('L') {
        at = skip_spaces(ctx.text, at + 1);
    }
    let mut at2 = at;
    // ×10^3/μL, x10^4
    if matches!(char_at(ctx.text, at), Some('×' | 'x' | 'X' | '*')) && ctx.hit_at(at, ConceptKind::Unit).is_none() {
        at2 = skip_spaces(ctx.text, at + char_at(ctx.text, at).map_or(1, char::len_utf8));
    }
    for p in [at, at2] {
        for h in ctx.hits_at(p).iter().filter(|h| h.kind == ConceptKind::Unit) {
            let Some(u) = ctx.lexicon.unit(h.concept) else { continue };
            if u.sort == "drug" && a.in_unit(0.0, &u.ucum).is_none() {
                continue;
            }
            return (CompactString::new(&u.ucum), h.e(), true);
        }
    }
    (CompactString::new(a.implied_unit(value)), end, false)
}

pub(super) fn value_of(n: &Number, unit: &str) -> Value {
    Value { number: Some(n.value), unit: (!unit.is_empty()).then(|| CompactString::new(unit)), comparator: n.comparator.map(CompactString::const_new), high: n.high, text: None }
}

/// A laboratory value at `at`, and those that follow it by an arrow.
pub(super) fn lab_value(ctx: &Context<'_>, at: usize, a: &Analyte) -> Vec<Reading> {
    let mut out = Vec::new();
    let mut at = at;
    loop {
        let Some(r) = one_value(ctx, at, a) else { break };
        let end = r.end;
        out.push(r);
        let Some(next) = arrow(ctx, end) else { break };
        at = next;
        if at >= ctx.end || out.len() > 20 {
            break;
        }
    }
    out
}

/// `→`, `->`, `⇒` after a value: where the next value starts, behind the time that it was measured at.
pub(super) fn arrow(ctx: &Context<'_>, end: usize) -> Option<usize> {
    let at = skip_spaces(ctx.text, end);
    let rest = ctx.rest(at);
    if let Some(next) = rest.strip_prefix("から") {
        // 7.2%から6.4%へ
        return next.starts_with(|c: char| c.is_ascii_digit()).then_some(at + "から".len());
    }
    let len = ["→", "->", "=>"].iter().find(|a| rest.starts_with(**a)).map(|a| a.len())?;
    let next = skip_spaces(ctx.text, at + len);
    let Some(timed) = crate::recognize::time::skip(ctx, next) else { return Some(next) };
    let timed = skip_spaces(ctx.text, timed);
    Some(["には", "に", "は", ":"].iter().find(|w| ctx.rest(timed).starts_with(**w)).map_or(timed, |w| skip_spaces(ctx.text, timed + w.len())))
}

pub(super) fn one_value(ctx: &Context<'_>, at: usize, a: &Analyte) -> Option<Reading> {
    let at = skip_spaces(ctx.text, at);
    if at >= ctx.end {
        return None;
    }
    // 陽性, (-), 2+; but 1.5 and 10 are numbers
    if let Some(q) = ctx.hit_at(at, ConceptKind::Qualitative) {
        let next = char_at(ctx.text, q.e());
        let is_sign_of_number =
            sub(ctx.text, q.s(), q.e()).ends_with(['-', '+']) && next.is_some_and(|c| c.is_ascii_digit()) || next == Some('.') && byte(ctx.text, q.e() + 1).is_ascii_digit();
        let word_goes_on = sub(ctx.text, q.s(), q.e()) == "-" && next.is_some_and(char::is_alphanumeric);
        if !is_sign_of_number && !word_goes_on {
            let c = ctx.lexicon.concept(q.concept)?;
            let text = c.attr(crate::lexicon::Attr::Value).map(CompactString::new);
            return Some(Reading { value: Value { text, ..Value::default() }, start: at, end: q.e(), unit_written: false });
        }
    }
    let (mut i, mut wrapped) = (at, false);
    if byte(ctx.text, i) == b'(' {
        i = skip_spaces(ctx.text, i + 1);
        wrapped = true;
    }
    // a flag before the number: H 12.3
    if matches!(byte(ctx.text, i), b'H' | b'L') && byte(ctx.text, i + 1) == b' ' && number(ctx.text, skip_spaces(ctx.text, i + 1)).is_some() {
        i = skip_spaces(ctx.text, i + 1);
    }
    let negative = byte(ctx.text, i) == b'-' && a.min.is_some_and(|m| m < 0.0);
    let signed = negative || byte(ctx.text, i) == b'+';
    let mut n = number(ctx.text, if signed { i + 1 } else { i })?;
    if negative {
        n.value = -n.value;
    }
    if is_date_or_part(ctx.text, n.end) {
        return None;
    }
    // titres: ×40, 40倍, 1:40
    let (mut unit, mut end, mut written) = unit_after(ctx, n.end, a, n.value);
    if !written && let Some((high, e, factor)) = range_end(ctx.text, n.end) {
        if high >= n.value || factor > 1.0 {
            n.high = Some(high);
            if factor > 1.0 && !n.scaled {
                n.value *= factor;
            }
            (unit, end, written) = unit_after(ctx, e, a, high);
            n.end = e;
        }
    } else if written && let Some((high, e, _)) = range_end(ctx.text, end) {
        let (u2, e2, w2) = unit_after(ctx, e, a, high);
        if w2 && high >= n.value {
            n.high = Some(high);
            (unit, end) = (u2, e2);
        }
    }
    if let Some((c, e)) = trailing_comparator(ctx.text, end) {
        n.comparator = Some(c);
        end = e;
    }
    if wrapped && !written && byte(ctx.text, end) != b')' && !matches!(byte(ctx.text, end), b',' | b' ') {
        return None;
    }
    if wrapped && byte(ctx.text, end) == b')' {
        end += 1;
    }
    Some(Reading { value: value_of(&n, &unit), start: n.start, end, unit_written: written })
}

/// The number goes on as a date, a fraction of something else, or a count of days.
pub(super) fn is_date_or_part(text: &str, end: usize) -> bool {
    let rest = from(text, end);
    (byte(text, end) == b'/'
        && byte(text, end + 1).is_ascii_digit()
        && !rest.starts_with("/1視野")
        && !rest.get(1..).is_some_and(|r| r.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['m', 'H', 'h', 'L'])))
        || rest.starts_with(['年', '月', '日', '歳', '才', '週', '例', '回', '人', '名', '時', '番', '錠']) && !rest.starts_with("日量")
}
