//! What is said of smoking and drinking: amounts, years, ages, drinks.

use super::{Habit, PACK, Topic, none, particles, percent, positive, topic};
use crate::lexicon::{ConceptKind, Hit};
use crate::recognize::Context;
use crate::recognize::number::plain_number;
use crate::text::{byte, from, skip_spaces, sub};

/// Grams of alcohol in a millilitre (density of ethanol, e-ヘルスネット 厚生労働省).
const ETHANOL: f64 = 0.8;
/// 一合 in millilitres.
const GO: f64 = 180.0;

/// Reads what is said after a topic.
pub(super) fn read(ctx: &Context<'_>, topic: Topic, h: &mut Habit) {
    let mut at = h.end;
    for _ in 0..12 {
        let next = particles(ctx, at);
        if h.status.is_none()
            && let Some(e) = none(ctx, next)
        {
            h.status = Some("none");
            h.end = e;
            return;
        }
        if let Some(e) = positive(ctx, next) {
            h.status = h.status.or(Some("current"));
            h.end = e;
            at = e;
            continue;
        }
        let found = if topic == Topic::Smoking { smoked(ctx, next, h) } else { drunk(ctx, next, h) };
        let Some(e) = found else { break };
        h.end = e;
        at = e;
    }
}

/// `20本/日`, `1日20本`, `1箱/日`, `×30年`, `40年間`, `20歳から`, `60歳まで`, `60歳から禁煙`.
fn smoked(ctx: &Context<'_>, at: usize, h: &mut Habit) -> Option<usize> {
    let text = ctx.text;
    let rest = ctx.rest(at);
    if let Some(w) = ["禁煙中", "禁煙", "やめた", "止めた"].iter().find(|w| rest.starts_with(**w)) {
        h.status = Some("former");
        return Some(at + w.len());
    }
    for w in ["以降", "現在", "今は", "その後", "から", "まで", "に"] {
        if rest.starts_with(w) && rest.get(w.len()..).is_some_and(|r| r.trim_start().starts_with("禁煙")) {
            h.status = Some("former");
            return Some(at + rest.find("禁煙")? + "禁煙".len());
        }
    }
    if let Some(w) = ["機会喫煙"].iter().find(|w| rest.starts_with(**w)) {
        h.status = Some("current");
        return Some(at + w.len());
    }
    let mut p = at;
    for w in ["1日に", "1日", "一日", "×", "x", "X", "*", "-", "約", "計"] {
        if from(text, p).starts_with(w) {
            p = skip_spaces(text, p + w.len());
        }
    }
    let (n, e, _) = plain_number(text, p)?;
    let e = range(text, e);
    let e = skip_spaces(text, e);
    let after = from(text, e);
    if after.starts_with('本') || after.starts_with('箱') {
        h.per_day.get_or_insert(if after.starts_with('箱') { n * PACK } else { n });
        let e = e + '本'.len_utf8();
        let more = ["/日", "/day", "/d", "程度", "くらい", "ほど"].iter().find(|w| from(text, e).starts_with(**w)).map_or(0, |w| w.len());
        return Some(e + more);
    }
    if after.starts_with("歳") {
        let e = e + "歳".len();
        let tail = from(text, skip_spaces(text, e));
        let s = skip_spaces(text, e);
        if let Some(r) = ["から禁煙", "で禁煙", "より禁煙", "時に禁煙", "に禁煙"].iter().find(|w| tail.starts_with(**w)) {
            h.to_age = Some(n);
            h.status = Some("former");
            return Some(s + r.len());
        }
        if let Some(w) = ["まで", "で終了"].iter().find(|w| tail.starts_with(**w)) {
            h.to_age = Some(n);
            h.status = h.status.or(Some("former"));
            return Some(s + w.len());
        }
        if let Some(w) = ["から", "より", "~", "-", "頃から", "ごろから"].iter().find(|w| tail.starts_with(**w)) {
            h.from_age = Some(n);
            return Some(s + w.len());
        }
        return None;
    }
    if let Some(r) = after.strip_prefix("年前") {
        let quit = ["から禁煙", "に禁煙", "まで", "より禁煙"].iter().find(|w| r.starts_with(**w))?;
        h.status = Some("former");
        return Some(e + "年前".len() + quit.len());
    }
    if after.starts_with('年') {
        h.years.get_or_insert(n);
        let e = e + '年'.len_utf8();
        return Some(e + if from(text, e).starts_with('間') { '間'.len_utf8() } else { 0 });
    }
    None
}

fn range(text: &str, e: usize) -> usize {
    if matches!(byte(text, e), b'-' | b'~')
        && let Some((_, e2, false)) = plain_number(text, e + 1)
    {
        return e2;
    }
    e
}

/// `機会飲酒`, `週末`, `週3日`, a drink with its amount.
fn drunk(ctx: &Context<'_>, at: usize, h: &mut Habit) -> Option<usize> {
    let text = ctx.text;
    let rest = ctx.rest(at);
    for (w, status, days) in [
        ("機会飲酒", "social", None),
        ("機会", "social", None),
        ("付き合い程度", "social", None),
        ("つきあい程度", "social", None),
        ("週末", "current", Some(2.0)),
        ("毎日", "current", Some(7.0)),
        ("連日", "current", Some(7.0)),
        ("晩酌", "current", None),
        ("たまに", "social", None),
        ("時々", "social", None),
        ("禁酒", "former", None),
        ("断酒", "former", None),
    ] {
        if rest.starts_with(w) {
            h.status = Some(status);
            h.days = h.days.or(days);
            let e = at + w.len();
            return Some(e + if from(text, e).starts_with("程度") { "程度".len() } else { 0 });
        }
    }
    if rest.starts_with('週') {
        let (n, e, _) = plain_number(text, at + '週'.len_utf8())?;
        let e = range(text, e);
        if from(text, e).starts_with(['回', '日']) {
            h.days = Some(n.min(7.0));
            h.status = h.status.or(Some("current"));
            let e = e + '回'.len_utf8();
            return Some(e + if from(text, e).starts_with("程度") { "程度".len() } else { 0 });
        }
        return None;
    }
    if let Some(b) = ctx
        .hits_at(at)
        .iter()
        .find(|b| b.kind == ConceptKind::Lifestyle && !sub(ctx.text, b.s(), b.e()).contains(|c: char| c.is_ascii_digit()) && topic(ctx, b).is_some_and(|t| t.0 == Topic::Beverage))
    {
        let before = h.grams;
        drink(ctx, b, h);
        return (h.grams != before).then_some(h.end);
    }
    if let Some((g, e)) = volume(ctx, at, 0.0) {
        // 日本酒換算 when only 合 is given
        h.grams = h.grams.or(g);
        return Some(e);
    }
    if byte(text, at).is_ascii_digit() {
        let (n, e, _) = plain_number(text, at)?;
        if from(text, e).starts_with('年') {
            h.years.get_or_insert(n);
            let e = e + '年'.len_utf8();
            return Some(e + if from(text, e).starts_with('間') { '間'.len_utf8() } else { 0 });
        }
        if let Some(w) = ["歳から", "歳台から", "歳ごろから", "歳頃から"].iter().find(|w| from(text, e).starts_with(**w)) {
            h.from_age = Some(n);
            return Some(e + w.len());
        }
    }
    None
}

/// A drink and how much of it: `ビール500mL/日`, `日本酒2合/日`, `缶ビール350mL 2本`.
pub(super) fn drink(ctx: &Context<'_>, b: &Hit, h: &mut Habit) {
    let percent = ctx.lexicon.concept(b.concept).and_then(|c| percent(c.name())).unwrap_or(0.0);
    let mut at = b.e();
    for _ in 0..3 {
        at = skip_spaces(ctx.text, at);
        let Some(w) = ["を", "は", "換算で", "(", "約", "1日", "毎日", "1日に"].iter().find(|w| ctx.rest(at).starts_with(**w)) else { break };
        at += w.len();
    }
    if let Some((g, e)) = volume(ctx, at, percent) {
        h.grams = Some(h.grams.unwrap_or(0.0) + g.unwrap_or(0.0)).filter(|g| *g > 0.0);
        h.end = e;
        if h.grams.is_some() {
            h.status = h.status.or(Some("current"));
        }
    }
}

/// `500mL/日`, `2合`, `350mL 2本/日`: grams of alcohol at `percent` by volume (0: 日本酒 for 合), and the end.
fn volume(ctx: &Context<'_>, at: usize, percent: f64) -> Option<(Option<f64>, usize)> {
    let text = ctx.text;
    let (n, e, _) = plain_number(text, skip_spaces(text, at))?;
    let mut end = skip_spaces(text, range(text, e));
    let rest = from(text, end);
    let lower = |w: &str| rest.get(..w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w));
    let (ml, len) = if lower("ml") || lower("cc") {
        (n, 2)
    } else if lower("l") {
        (n * 1000.0, 1)
    } else if rest.starts_with('合') {
        (n * GO, '合'.len_utf8())
    } else if rest.starts_with(['本', '杯', '缶']) && percent > 0.0 {
        // a can or glass of beer; a bottle of wine
        (n * if percent > 10.0 { 720.0 } else { 350.0 }, '本'.len_utf8())
    } else {
        return None;
    };
    end += len;
    let mut ml = ml;
    let mut again = skip_spaces(text, end);
    for w in ["x", "X", "×", "を"] {
        if from(text, again).starts_with(w) {
            again = skip_spaces(text, again + w.len());
        }
    }
    if let Some((k, e, false)) = plain_number(text, again)
        && from(text, e).starts_with(['本', '杯', '缶'])
    {
        ml *= k;
        end = e + '本'.len_utf8();
    }
    let percent = if percent > 0.0 {
        percent
    } else if rest.starts_with('合') {
        15.0
    } else {
        0.0
    };
    let per = ["/日", "/day", "/d", "程度/日", "程度", "/回", "くらい", "ほど"].iter().find(|w| from(text, end).starts_with(**w)).map_or(0, |w| w.len());
    let grams = (percent > 0.0).then_some(ml * percent / 100.0 * ETHANOL);
    Some((grams, end + per))
}
