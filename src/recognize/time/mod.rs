//! Time expressions: dates and times in every habit of writing them, times counted from others, lengths, ages.
//!
//! Numbers are read by hand-written grammars, words by the table `times`. What is read here says only
//! what was written; the fact stage resolves it against the note.

mod amount;
mod clock;
mod date;
mod doubt;
mod expression;
mod lead;
mod relative;
mod word;

pub use expression::{Clock, Expression, Month, Point, Written, Year};

use super::{Claims, Context, Mention};
use crate::lexicon::{ConceptKind, ConceptRef, Hit, TimeSort};
use crate::model::FactKind;
use crate::text::{byte, char_at, char_before, from, sub};
use date::Shape;

/// An expression found.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// Where it starts, with the event it is counted from.
    start: usize,
    /// Where its own words start: only these are claimed, 虫垂炎術後7日目 keeps its 術後.
    core: usize,
    end: usize,
    expression: Expression,
    /// The word of the table, where it is one.
    word: Option<ConceptRef>,
}

/// What was read so far.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// Where the last expression ended.
    end: usize,
    /// The sentence that told a month.
    month_in_sentence: Option<usize>,
}

/// Finds the time expressions of a sentence.
pub fn recognize(ctx: &Context<'_>, claims: &mut Claims, out: &mut Vec<Mention>) {
    let mut seen = Seen::default();
    let mut words = ctx.hits.iter().filter(|h| h.kind == ConceptKind::TimeWord).peekable();
    let mut at = ctx.start;
    while at < ctx.end {
        let b = byte(ctx.text, at);
        while words.peek().is_some_and(|h| h.s() < at) {
            words.next();
        }
        // the longest word at a place comes first
        let word = words.peek().filter(|h| h.s() == at).copied();
        let opens = b.is_ascii_digit() || matches!(b, b'\'' | b'A' | b'a' | b'R' | b'H' | b'S' | b'T' | b'M' | b'P' | b'p' | b'd' | b'D' | b'X' | b'x') || b >= 0xE4;
        if word.is_none() && !opens {
            at += if b < 0x80 { 1 } else { char_at(ctx.text, at).map_or(1, char::len_utf8) };
            continue;
        }
        if let Some(found) = at_place(ctx, at, word, &seen)
            && (!claims.overlaps(found.core, found.end) || in_habit(&found, out))
            && found.end <= ctx.end
            && (found.expression.rule == "time.around-event" || !within_term(ctx, found.core, found.end))
        {
            let found = joined(ctx, found);
            at = found.end.max(at + 1);
            seen.end = found.end;
            if matches!(found.expression.point, Point::Date(Written { month: Month::Number(_) | Month::From(..), .. })) {
                seen.month_in_sentence = Some(ctx.sentence);
            }
            claims.claim(found.core, found.end);
            out.push(mention(ctx, &found));
            continue;
        }
        at = after(ctx, at, b, word);
    }
}

/// 60歳から禁煙: a statement about a habit keeps its words, and tells a time all the same; 40年間 is its measure.
fn in_habit(found: &Found, out: &[Mention]) -> bool {
    let length = matches!(found.expression.point, Point::Length(_));
    !length && out.iter().rev().take(8).any(|m| m.kind == FactKind::Lifestyle && m.start <= found.core && found.end <= m.end)
}

/// The count belongs to a term: 6分間歩行試験, 24時間蓄尿, 排便-3日.
fn within_term(ctx: &Context<'_>, start: usize, end: usize) -> bool {
    let lo = ctx.hits.partition_point(|h| h.s() + 60 < start);
    let hi = ctx.hits.partition_point(|h| h.s() <= start);
    ctx.hits.get(lo..hi).unwrap_or(&[]).iter().any(|h| {
        matches!(
            h.kind,
            ConceptKind::Disorder | ConceptKind::Finding | ConceptKind::Procedure | ConceptKind::Drug | ConceptKind::Regimen | ConceptKind::Score | ConceptKind::Analyte
        ) && if h.s() < start { h.e() > start } else { h.e() > end }
    })
}

/// Where the next place is after one that holds no expression: behind a number, and behind a word that is no time.
fn after(ctx: &Context<'_>, at: usize, b: u8, word: Option<&Hit>) -> usize {
    if let Some(h) = word
        && ctx.lexicon.time_word(h.concept).is_some_and(|w| w.sort == TimeSort::Stop)
    {
        return h.e();
    }
    let mut next = at;
    while byte(ctx.text, next).is_ascii_digit() {
        next += 1;
    }
    if next > at { next } else { at + if b < 0x80 { 1 } else { char_at(ctx.text, at).map_or(1, char::len_utf8) } }
}

/// The end of a time expression at `at`, where a value may follow it: 8.4 → 第3病日 2.1.
pub(super) fn skip(ctx: &Context<'_>, at: usize) -> Option<usize> {
    let word = ctx.hit_at(at, ConceptKind::TimeWord);
    at_place(ctx, at, word, &Seen::default()).map(|f| f.end)
}

fn at_place(ctx: &Context<'_>, at: usize, word: Option<&Hit>, seen: &Seen) -> Option<Found> {
    let text = ctx.text;
    let c = char_at(text, at)?;
    if let Some(h) = word
        && let Some(w) = ctx.lexicon.time_word(h.concept)
    {
        if w.sort == TimeSort::Stop {
            return None;
        }
        if let Some(found) = word::read(ctx, h, w, seen) {
            return Some(Found { word: Some(h.concept), ..found });
        }
    }
    if c.is_ascii_digit() {
        return field(ctx, at)
            .or_else(|| dated(ctx, at, seen))
            .or_else(|| timed(ctx, at))
            .or_else(|| relative::counted(ctx, at))
            .or_else(|| relative::read(ctx, at, seen))
            .or_else(|| initials(ctx, at));
    }
    match c {
        'A' | 'a' | 'P' | 'p' if byte(text, at + 1).eq_ignore_ascii_case(&b'm') => half_day(ctx, at),
        '翌' => next_day(ctx, at),
        'X' | 'x' | 'R' | 'H' | 'S' | 'T' | 'M' | '令' | '平' | '昭' | '大' | '明' | '\'' => dated(ctx, at, seen),
        'P' | 'p' | 'd' | 'D' | '第' => relative::counted(ctx, at),
        c if amount::opens_numeral(c) => {
            // 第三者, 統一: a numeral inside a word is none
            let inside = char_before(text, at).filter(|_| at > ctx.start).is_some_and(|p| {
                amount::opens_numeral(p) || matches!(p, '第' | '統' | '均' | '唯' | '同' | '単' | '少' | '多' | '複' | '半' | '無' | '過' | '後' | '前' | '大' | '個' | '回')
            });
            (!inside).then(|| relative::read(ctx, at, seen)).flatten()
        }
        _ => None,
    }
}

/// A date, where it is one.
fn dated(ctx: &Context<'_>, at: usize, seen: &Seen) -> Option<Found> {
    let text = ctx.text;
    let before = char_before(text, at).filter(|_| at > ctx.start);
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '^' | '×' | '%') || matches!(c, '-' | '+') && at > ctx.start + 1) {
        return None;
    }
    let read = date::date(text, at).filter(|r| r.end <= ctx.end)?;
    if read.shape == Shape::Slash && !doubt::is_date(ctx, at, &read, ctx.dated || seen.month_in_sentence.is_some()) {
        return None;
    }
    let mut expression = Expression::new(Point::Date(read.date), if read.shape == Shape::Slash { "time.month-day" } else { "time.date" });
    expression.until = read.until.map(Point::Date);
    Some(Found { start: at, core: at, end: read.end, expression, word: None })
}

/// A time of day.
fn timed(ctx: &Context<'_>, at: usize) -> Option<Found> {
    let before = char_before(ctx.text, at).filter(|_| at > ctx.start);
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '-' | '+' | ':' | '×')) {
        return None;
    }
    let read = clock::clock(ctx.text, at, false).filter(|r| r.end <= ctx.end)?;
    // FFPとPCを10:10で, 男女比は10:16: a ratio; 左乳房6時: a place on a clock's face
    let ratio = || {
        before.is_some_and(|c| matches!(c, '比' | '率') || c == 'を' && from(ctx.text, read.end).starts_with(['で', 'の']))
            || ["比は", "比が", "比: ", "率は"].iter().any(|w| sub(ctx.text, ctx.start, at).ends_with(w))
    };
    if if read.colon { ratio() } else { before == Some('房') } {
        return None;
    }
    // 1:40 may be a titre; a clock has two digits before the colon, or opens what is said
    if read.colon
        && byte(ctx.text, at + 1) == b':'
        && !(before.is_none_or(|c| matches!(c, ' ' | '、' | '。' | 'の' | '(' | '~')) || from(ctx.text, read.end).starts_with(['に', '頃', 'よ', 'か', '~']))
    {
        return None;
    }
    let mut expression = Expression::new(Point::Clock(read.clock), "time.clock");
    expression.until = read.until.map(Point::Clock);
    Some(Found { start: at, core: at, end: read.end, expression, word: None })
}

/// AM9:30, pm 3:00.
fn half_day(ctx: &Context<'_>, at: usize) -> Option<Found> {
    if char_before(ctx.text, at).filter(|_| at > ctx.start).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let digits = crate::text::skip_spaces(ctx.text, at + 2);
    let read = clock::clock(ctx.text, digits, matches!(byte(ctx.text, at), b'P' | b'p')).filter(|r| r.end <= ctx.end)?;
    Some(Found { start: at, core: at, end: read.end, expression: Expression::new(Point::Clock(read.clock), "time.clock"), word: None })
}

/// 翌8日: the next day, by its number.
fn next_day(ctx: &Context<'_>, at: usize) -> Option<Found> {
    let (day, end) = clock::two_digits(ctx.text, at + '翌'.len_utf8())?;
    from(ctx.text, end).strip_prefix('日').filter(|r| !r.starts_with(['間', '目', '分', '前', '後']))?;
    let date = Written { year: Year::Open, month: Month::Open, day: Some(day).filter(|d| (1..=31).contains(d)), clock: None };
    Some(Found { start: at, core: at, end: end + '日'.len_utf8(), expression: Expression::new(Point::Date(date), "time.day-of-month"), word: None })
}

/// A number that fills the field 年齢.
fn field(ctx: &Context<'_>, at: usize) -> Option<Found> {
    let before = sub(ctx.text, 0, at).trim_end_matches([' ', '|', ':', '\n', '(']);
    let named = at - before.len() <= 12 && ["年齢", "年令", "Age", "age"].iter().any(|w| before.ends_with(w));
    if !named {
        return None;
    }
    let n = amount::numeral(ctx.text, at).filter(|n| n.ascii && !n.half && n.n <= 125)?;
    if !char_at(ctx.text, n.end).filter(|_| n.end < ctx.end).is_none_or(|c| matches!(c, ' ' | '|' | '\n' | ')' | '、' | ',')) {
        return None;
    }
    Some(person(at, n.end, n.n))
}

/// 76M, 70/F, 76y.o.: how old and which sex, at the head of a note.
fn initials(ctx: &Context<'_>, at: usize) -> Option<Found> {
    if char_before(ctx.text, at).filter(|_| at > 0).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/')) {
        return None;
    }
    let n = amount::numeral(ctx.text, at).filter(|n| n.ascii && !n.half && n.n <= 125)?;
    let i = if byte(ctx.text, n.end) == b' ' { n.end + 1 } else { n.end };
    for w in ["y.o.", "y.o", "yo", "y/o", "YO", "Y.O."] {
        if from(ctx.text, i).starts_with(w) && !byte(ctx.text, i + w.len()).is_ascii_alphanumeric() {
            return Some(person(at, i + w.len(), n.n));
        }
    }
    // 76M, 70/F
    let n = if byte(ctx.text, n.end) == b'/' && n.n > 12 { amount::Numeral { end: n.end + 1, ..n } } else { n };
    let sex = matches!(byte(ctx.text, n.end), b'M' | b'F') && !byte(ctx.text, n.end + 1).is_ascii_alphanumeric() && byte(ctx.text, n.end + 1) != b'-';
    (sex && at < 100 && n.n >= 1).then(|| person(at, n.end + 1, n.n))
}

fn person(at: usize, end: usize, years: u16) -> Found {
    let amount = crate::lexicon::Amount::of(years, crate::lexicon::TimeUnit::Year);
    let mut expression = Expression::new(Point::Age { amount, decade: false }, "time.age-field");
    expression.governs = false;
    Found { start: at, core: at, end, expression, word: None }
}

/// Takes in what goes on with it: 2024/5/4 10:30, 昨日の昼食時, 16時頃, 数日前から.
fn joined(ctx: &Context<'_>, mut found: Found) -> Found {
    let text = ctx.text;
    let dayed = match found.expression.point {
        Point::Date(d) => d.day.is_some() && found.expression.until.is_none(),
        Point::Shift { amount, .. } => !amount.some && matches!(amount.finest(), crate::lexicon::TimeUnit::Day) && found.expression.rule != "time.around-event",
        Point::Count { unit, .. } => unit == Some(crate::lexicon::TimeUnit::Day),
        _ => false,
    };
    if dayed {
        for _ in 0..2 {
            let next = clock::gap(text, found.end);
            let set = |found: &mut Found, c: Clock, end: usize| {
                match &mut found.expression.point {
                    Point::Date(d) => d.clock = Some(c),
                    Point::Shift { clock, .. } => *clock = Some(c),
                    _ => {}
                }
                found.end = end;
            };
            if let Some(c) = clock::clock(text, next, false).filter(|c| c.end <= ctx.end) {
                set(&mut found, c.clock, c.end);
                break;
            }
            let part = ctx.hits_at(next).iter().filter(|h| h.kind == ConceptKind::TimeWord && h.e() <= ctx.end).find_map(|h| {
                let w = ctx.lexicon.time_word(h.concept)?;
                matches!(w.sort, TimeSort::Part | TimeSort::Moment).then_some(h)
            });
            let Some(h) = part else { break };
            if next > found.end && byte(text, found.end) == b' ' && !matches!(sub(text, h.s(), h.e()), "午前" | "午後" | "朝" | "夜" | "深夜" | "夕方" | "夕" | "早朝")
            {
                break;
            }
            let afternoon = matches!(sub(text, h.s(), h.e()), "午後" | "夕方" | "夜" | "夕");
            found.end = h.e();
            if let Some(c) = clock::clock(text, h.e(), afternoon).filter(|c| c.end <= ctx.end) {
                set(&mut found, c.clock, c.end);
                break;
            }
        }
    }
    let numeric = matches!(found.expression.point, Point::Date(_));
    for w in ["頃", "ごろ", "ころ"] {
        if from(text, found.end).starts_with(w) {
            found.end += w.len();
        }
    }
    // 昨日から, 数日前から; a date says 5/6 より without it
    if !numeric && !matches!(found.expression.point, Point::Length(_)) && from(text, found.end).starts_with("から") && !from(text, found.end + "から".len()).starts_with('の')
    {
        found.end += "から".len();
    }
    found.end = found.end.min(ctx.end);
    found
}

fn mention(ctx: &Context<'_>, found: &Found) -> Mention {
    let mut m = Mention::new(FactKind::Time, found.start, found.end, found.expression.rule);
    m.name = Some(sub(ctx.text, found.start, found.end).to_owned());
    m.time = Some(found.expression.unresolved());
    m.when = Some(Box::new(found.expression));
    m.concept = found.word;
    m.confidence = if found.expression.rule == "time.month-day" { 0.85 } else { 0.95 };
    m
}
