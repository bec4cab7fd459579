//! The items of a prescription: an amount, a frequency, a time of day, a duration, a route.

use super::amount::{Amount, Per, amount, bags, kanji_count, slots};
use crate::lexicon::{ConceptKind, ConceptRef, FLAG_AMBIGUOUS, Hit, UsageSort};
use crate::recognize::Context;
use crate::recognize::number::plain_number;
use crate::text::{byte, char_at, from, skip_spaces, sub};
use compact_str::CompactString;

/// One item, with what it says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Item {
    Amount(Amount),
    /// A day's dose in so many parts: 分3, 3×.
    Divided(f64),
    /// So many doses a day: 1日3回, q8h, ×3; the word of the tables, where it is one (隔日, 週1回).
    Times(f64, Option<ConceptRef>),
    /// Amounts that differ by the time of day: 朝2錠夕1錠, 朝2夕1.
    Uneven(Vec<Part>),
    /// Words for the time of day, and how many doses a day they make.
    Timing(f64, Option<ConceptRef>),
    /// Only when needed.
    AsNeeded(Option<ConceptRef>),
    Days(f64),
    Route(ConceptRef),
    /// Amounts by meal (10-8-6-0): all of them, and the unit where it was written.
    Slots(Vec<f64>, Option<CompactString>),
    /// 1日, 1回 before an amount.
    Per(Per),
    /// 5回分: how much was handed out.
    Supply,
}

/// What is taken at one time of the day.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub value: f64,
    /// Its unit, where it is written.
    pub unit: Option<CompactString>,
    /// The words for the time, and where they stand.
    pub timing: ConceptRef,
    pub at: (usize, usize),
}

/// Reads the item at `at`, which ends at `limit` at the latest. Returns it with its end.
pub(super) fn item(ctx: &Context<'_>, at: usize, limit: usize) -> Option<(Item, usize)> {
    let found = if byte(ctx.text, at).is_ascii_digit() {
        numeric(ctx, at).or_else(|| word(ctx, at))
    } else {
        multiplied(ctx, at).or_else(|| uneven(ctx, at)).or_else(|| worded(ctx, at)).or_else(|| word(ctx, at)).or_else(|| glued_route(ctx, at))
    };
    found.filter(|f| f.1 <= limit).map(|(item, end)| match item {
        // 週1回, 2日毎: the tables may have a code for the words
        Item::Times(n, None) => (Item::Times(n, frequency(ctx, at, end)), end),
        item => (item, end),
    })
}

/// The frequency of the tables that stands at `start..end`.
fn frequency(ctx: &Context<'_>, start: usize, end: usize) -> Option<ConceptRef> {
    let is = |h: &&Hit| h.kind == ConceptKind::Usage && h.e() == end && ctx.lexicon.usage(h.concept).is_some_and(|u| u.sort == UsageSort::Frequency);
    ctx.ahead_at(start).iter().find(is).map(|h| h.concept)
}

/// `朝2錠夕1錠`, `朝2-昼1-夕1`, `朝食後2錠、夕食後1錠`: two amounts or more, each after its time of day.
fn uneven(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let text = ctx.text;
    let (mut parts, mut at, mut end): (Vec<Part>, usize, usize) = (Vec::new(), at, at);
    while parts.len() < 6 {
        let timing = ctx
            .ahead_at(at)
            .iter()
            .filter(|h| h.kind == ConceptKind::Usage && h.flags & FLAG_AMBIGUOUS == 0)
            .find(|h| ctx.lexicon.usage(h.concept).is_some_and(|u| u.sort == UsageSort::Timing && u.number == Some(1.0)));
        let Some(h) = timing else { break };
        let mut next = skip_spaces(text, h.e());
        for w in ["に", "は", ":", "("] {
            if from(text, next).starts_with(w) {
                next = skip_spaces(text, next + w.len());
            }
        }
        let counted = amount(ctx, next).filter(|a| a.per == Per::Unsaid && a.by.is_empty() && a.high.is_none());
        let (value, unit, e) = match counted {
            Some(a) => (a.value, Some(a.unit), a.end),
            None => {
                let Some((n, e, _)) = plain_number(text, next).filter(|n| n.0 <= 60.0) else { break };
                // 朝2回, 夜10時, 夕8/10: no amount
                let ends = char_at(text, e)
                    .is_none_or(|c| matches!(c, ' ' | '-' | '・' | '、' | ',' | ')' | '。' | '\n' | '+' | '|') || ctx.ahead_at(e).iter().any(|h| h.kind == ConceptKind::Usage));
                if !ends || from(text, e).starts_with(['回', '時', '日', '分', '/']) {
                    break;
                }
                (n, None, e)
            }
        };
        parts.push(Part { value, unit, timing: h.concept, at: (h.s(), h.e()) });
        end = e;
        at = e;
        while matches!(char_at(text, at), Some(' ' | '-' | '・' | '、' | ',' | '+' | ')' | '(' | '/')) {
            at += char_at(text, at).map_or(1, char::len_utf8);
        }
    }
    let unit = parts.iter().find_map(|p| p.unit.clone());
    let one_unit = parts.iter().all(|p| p.unit.is_none() || p.unit == unit);
    (parts.len() >= 2 && one_unit).then_some((Item::Uneven(parts), end))
}

/// Items that start with a digit.
fn numeric(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let text = ctx.text;
    if let Some((all, unit, end)) = slots(ctx, at) {
        return Some((Item::Slots(all, unit), end));
    }
    if let Some(a) = bags(text, at) {
        return Some((Item::Amount(a.clone()), a.end));
    }
    let (n, e, decimal) = plain_number(text, at)?;
    let rest = from(text, skip_spaces(text, e));
    let after = skip_spaces(text, e);
    if !decimal {
        if n == 1.0 && rest.starts_with(['日', '回']) {
            return one(ctx, after);
        }
        if let Some(found) = spaced(text, n, after).or_else(|| duration(text, n, after)) {
            return Some(found);
        }
        if rest.starts_with("回分") {
            return Some((Item::Supply, after + "回分".len()));
        }
        if let Some(stripped) = rest.strip_prefix('回') {
            // 3回/日: without the day it is a count of something else
            let per = ["/日", "/day", "/d", "/1日", "毎日"].iter().find(|p| stripped.starts_with(**p))?;
            return Some((Item::Times(n, None), after + '回'.len_utf8() + per.len()));
        }
    }
    if let Some(end) = times_sign(text, e) {
        // 3×, 1X, 2xn: a day's dose in so many parts
        let next = char_at(text, skip_spaces(text, end));
        let number_follows = next.is_some_and(|c| c.is_ascii_digit()) && !multiplied_days(text, e);
        if n <= 8.0 && !number_follows && !decimal {
            let letter = matches!(byte(text, end), b'n' | b'N' | b'v' | b'V' | b'z' | b'Z') && !char_at(text, end + 1).is_some_and(|c| c.is_ascii_alphabetic());
            return (!char_at(text, end).is_some_and(|c| c.is_ascii_alphabetic()) || letter).then_some((Item::Divided(n), end + usize::from(letter)));
        }
    }
    amount(ctx, at).map(|a| (Item::Amount(a.clone()), a.end))
}

/// `1日3回`, `1日` before an amount, `1回` before an amount. `at` is at 日 or 回.
fn one(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let text = ctx.text;
    let day = from(text, at).starts_with('日');
    let mut after = at + '日'.len_utf8();
    if day {
        for w in ["おき", "毎", "ごと"] {
            if from(text, after).starts_with(w) {
                return Some((Item::Times(if w == "おき" { 0.5 } else { 1.0 }, None), after + w.len()));
            }
        }
        for w in ["分", "間"] {
            if from(text, after).starts_with(w) {
                return Some((Item::Days(1.0), after + w.len()));
            }
        }
    }
    let at = after;
    for w in ["量", "あたり", "当たり", "に", "につき", "計", "最大", "合計"] {
        if from(text, after).starts_with(w) {
            after += w.len();
        }
    }
    let next = skip_spaces(text, after);
    if let Some((n, e, false)) = plain_number(text, next)
        && day
    {
        let (n, e) = range(text, n, e);
        if from(text, skip_spaces(text, e)).starts_with('回') {
            return Some((Item::Times(n, None), skip_spaces(text, e) + '回'.len_utf8()));
        }
    }
    let per = if day { Per::Day } else { Per::Dose };
    (amount(ctx, next).is_some() || kanji_count(ctx, next).is_some()).then_some((Item::Per(per), at))
}

/// A range keeps its lower end: 2-3回.
fn range(text: &str, n: f64, e: usize) -> (f64, usize) {
    if matches!(byte(text, e), b'-' | b'~')
        && let Some((_, e2, false)) = plain_number(text, e + 1)
    {
        return (n, e2);
    }
    (n, e)
}

/// `8時間毎`, `2日おき`, `4週ごと`.
fn spaced(text: &str, n: f64, at: usize) -> Option<(Item, usize)> {
    let rest = from(text, at);
    let (hours, len) = [("時間", 1.0), ("hr", 1.0), ("h", 1.0), ("日", 24.0), ("週間", 168.0), ("週", 168.0), ("か月", 720.0), ("ヶ月", 720.0), ("カ月", 720.0)]
        .iter()
        .find(|u| rest.starts_with(u.0))
        .map(|u| (u.1, u.0.len()))?;
    let mark = ["毎に", "毎", "ごとに", "ごと", "おきに", "おき", "間隔", "に1回"].iter().find(|m| from(text, at + len).starts_with(**m))?;
    // 1日おき leaves out a day, 6時間おき does not
    let n = if mark.starts_with("おき") && hours == 24.0 { n + 1.0 } else { n };
    (n > 0.0).then_some((Item::Times(24.0 / (n * hours), None), at + len + mark.len()))
}

/// `14日分`, `14TD`, `5日間`, `2週間分`, `5 days`. `at` is after the number.
fn duration(text: &str, n: f64, at: usize) -> Option<(Item, usize)> {
    let rest = from(text, at);
    for (w, days) in [("日分", 1.0), ("日間", 1.0), ("TD", 1.0), ("days", 1.0), ("週間分", 7.0), ("週間", 7.0), ("週分", 7.0), ("か月分", 30.0), ("ヶ月分", 30.0), ("カ月分", 30.0)]
    {
        if rest.starts_with(w) && !(w.is_ascii() && char_at(rest, w.len()).is_some_and(|c| c.is_ascii_alphabetic())) {
            // 「3日間隔」「2週間後」 are no durations of a prescription
            let tail = from(rest, w.len());
            if tail.starts_with(['隔', '後', '前']) {
                return None;
            }
            let more = if w.ends_with('間') && tail.starts_with('分') { '分'.len_utf8() } else { 0 };
            return (n <= 400.0).then_some((Item::Days(n * days), at + w.len() + more));
        }
    }
    None
}

fn times_sign(text: &str, at: usize) -> Option<usize> {
    match char_at(text, at) {
        Some('x' | 'X') => Some(at + 1),
        Some(c @ ('×' | '*')) => Some(at + c.len_utf8()),
        _ => None,
    }
}

/// Whether the sign at `at` and the number after it say a duration: `×14日分`, `x5days`, `×14TD`.
fn multiplied_days(text: &str, at: usize) -> bool {
    let Some(next) = times_sign(text, at).map(|e| skip_spaces(text, e)) else { return false };
    let Some((n, e, false)) = plain_number(text, next) else { return false };
    days_after(text, n, skip_spaces(text, e)).is_some()
}

fn days_after(text: &str, n: f64, at: usize) -> Option<(Item, usize)> {
    duration(text, n, at).or_else(|| {
        // after a multiplication sign 日 alone, d and T will do
        let rest = from(text, at);
        let len =
            if rest.starts_with('日') { '日'.len_utf8() } else { rest.strip_prefix(['d', 'D']).filter(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric())).map(|_| 1)? };
        (n <= 400.0).then_some((Item::Days(n), at + len))
    })
}

/// `×3`, `x4/day`, `×2回`, `×14日分`, `×2錠`: by how much the amount before it is multiplied.
fn multiplied(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let text = ctx.text;
    let next = skip_spaces(text, times_sign(text, at)?);
    let (n, e, false) = plain_number(text, next)? else { return None };
    let after = skip_spaces(text, e);
    if let Some(found) = days_after(text, n, after) {
        return Some(found);
    }
    if let Some(a) = amount(ctx, next) {
        let end = a.end;
        return a.is_count().then_some((Item::Amount(a), end));
    }
    if n > 8.0 || char_at(text, e).is_some_and(|c| c.is_ascii_alphanumeric()) || from(text, after).starts_with("回分") {
        return None;
    }
    let mut end = e;
    if from(text, after).starts_with('回') {
        end = after + '回'.len_utf8();
    }
    let per = ["/日", "/day", "/d", "/1日"].iter().find(|w| from(text, end).starts_with(**w)).map_or(0, |w| w.len());
    Some((Item::Times(n, None), end + per))
}

/// `分3`, `q8h`, `週3回`, `月1回`, `半錠`.
fn worded(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let text = ctx.text;
    let rest = from(text, at);
    let counted = |prefix: &str, suffix: &str, per: f64| {
        let p = rest.strip_prefix(prefix).map(|_| skip_spaces(text, at + prefix.len()))?;
        let (n, e, false) = plain_number(text, p)? else { return None };
        let (n, e) = range(text, n, e);
        from(text, e).starts_with(suffix).then_some((n / per, e + suffix.len()))
    };
    if let Some((n, e)) = counted("分", "", 1.0)
        && (1.0..=8.0).contains(&n)
        && !from(text, e).starts_with(['分', '時', '.', ':', '%', '/'])
    {
        return Some((Item::Divided(n), e));
    }
    if rest.starts_with(['q', 'Q']) {
        let p = skip_spaces(text, at + 1);
        let (n, e, false) = plain_number(text, p)? else { return None };
        let unit = ["hrs", "hr", "h", "H", "時間"].iter().find(|u| from(text, e).starts_with(**u))?;
        let end = e + unit.len();
        return (n > 0.0 && n <= 168.0 && !char_at(text, end).is_some_and(|c| c.is_ascii_alphabetic())).then_some((Item::Times(24.0 / n, None), end));
    }
    for prefix in ["週に", "週", "1週間に", "一週間に"] {
        if let Some((n, e)) = counted(prefix, "回", 7.0) {
            return Some((Item::Times(n, None), e));
        }
    }
    for prefix in ["月に", "月"] {
        if let Some((n, e)) = counted(prefix, "回", 30.0) {
            return Some((Item::Times(n, None), e));
        }
    }
    kanji_count(ctx, at).map(|a| (Item::Amount(a.clone()), a.end))
}

/// A word of the tables.
fn word(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let hits = ctx.ahead_at(at);
    for h in hits.iter().filter(|h| h.kind == ConceptKind::Usage && h.flags & FLAG_AMBIGUOUS == 0) {
        let Some(u) = ctx.lexicon.usage(h.concept) else { continue };
        let item = match u.sort {
            UsageSort::Timing => Item::Timing(u.number.unwrap_or(0.0), Some(h.concept)),
            UsageSort::Frequency => Item::Times(u.number?, Some(h.concept)),
            UsageSort::AsNeeded => Item::AsNeeded(Some(h.concept)),
            UsageSort::Route if !goes_on(ctx, h) => Item::Route(h.concept),
            _ => continue,
        };
        return Some((item, h.e()));
    }
    // 嘔気時, 発作時: a complaint and 時
    let h = hits.iter().find(|h| matches!(h.kind, ConceptKind::Finding | ConceptKind::Disorder))?;
    let tail = from(ctx.text, h.e());
    let len = ["時に", "時は", "時", "のとき", "の時"].iter().find(|w| tail.starts_with(**w))?.len();
    (!from(tail, len).starts_with(['間', '期', '点', '代'])).then_some((Item::AsNeeded(None), h.e() + len))
}

/// A route's word that goes on into another: 点滴静注 is longer in the table, 内服薬 and 吸入器 are no routes.
fn goes_on(ctx: &Context<'_>, h: &Hit) -> bool {
    from(ctx.text, h.e()).starts_with(['薬', '器', '剤', '液', '歴', '指'])
}

/// `ivq12h`: a route in letters that the frequency is glued to.
fn glued_route(ctx: &Context<'_>, at: usize) -> Option<(Item, usize)> {
    let rest = from(ctx.text, at);
    let len = rest.bytes().take(4).take_while(u8::is_ascii_alphabetic).count();
    let letters = rest.get(..len)?.strip_suffix(['q', 'Q']).filter(|_| rest.get(len..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())))?;
    let concept = ctx.lexicon.lookup(letters).map(|l| l.0).find(|r| ctx.lexicon.usage(*r).is_some_and(|u| u.sort == UsageSort::Route))?;
    Some((Item::Route(concept), at + letters.len()))
}

/// The words that `start..end` holds, as written.
pub(super) fn written(text: &str, start: usize, end: usize) -> String {
    sub(text, start, end).trim_matches(|c: char| matches!(c, ' ' | '、' | ',' | '(' | ')' | ':' | '\n')).to_owned()
}
