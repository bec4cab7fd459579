//! Times that are words of the table: 昨日, 翌朝, 入院翌日, 以前, 抜管後, 昨年10月.

use super::clock::{clock, two_digits};
use super::date::valid;
use super::expression::{Expression, Month, Point, Written, Year};
use super::lead::word_ending;
use super::{Found, Seen};
use crate::lexicon::{Amount, Anchor, Event, Hit, TimeSort, TimeUnit, TimeWord};
use crate::recognize::Context;
use crate::text::{byte, char_before, from, skip_spaces, sub};

/// Reads the word at the hit `h`.
pub(super) fn read(ctx: &Context<'_>, h: &Hit, w: &TimeWord, seen: &Seen) -> Option<Found> {
    let found = |start: usize, end: usize, point: Point, rule: &'static str| Some(Found { start, core: h.s(), end, expression: Expression::new(point, rule), word: None });
    match w.sort {
        TimeSort::Now | TimeSort::Last => shifted(ctx, h, w),
        TimeSort::Vague => {
            let rest = from(ctx.text, h.e());
            // それ以前, 65歳以前: the end of another time
            if seen.end == h.s() || sub(ctx.text, ctx.start, h.s()).ends_with("それ") || rest.starts_with("の状態") {
                return None;
            }
            found(h.s(), h.e(), Point::Vague, "time.word")
        }
        TimeSort::Part | TimeSort::Moment => part(ctx, h, w),
        TimeSort::Event => around(ctx, h, w),
        TimeSort::Life => {
            // 日齢21, 月齢3
            let word = sub(ctx.text, h.s(), h.e());
            let unit = match word {
                "日齢" => TimeUnit::Day,
                "月齢" => TimeUnit::Month,
                _ => return None,
            };
            let at = skip_spaces(ctx.text, if byte(ctx.text, h.e()) == b':' { h.e() + 1 } else { h.e() });
            let (n, mut end) = two_digits(ctx.text, at)?;
            for w in ["日目", "日", "か月", "ヶ月"] {
                if from(ctx.text, end).starts_with(w) {
                    end += w.len();
                }
            }
            found(h.s(), end, Point::Age { amount: Amount::of(u16::from(n), unit), decade: false }, "time.life")
        }
        TimeSort::Gestation | TimeSort::Stop | TimeSort::BeforeFraction | TimeSort::AfterFraction => None,
    }
}

/// 昨日, 翌日, 入院翌日, 昨年10月, 同月10日.
fn shifted(ctx: &Context<'_>, h: &Hit, w: &TimeWord) -> Option<Found> {
    let text = ctx.text;
    let (back, amount) = w.shift?;
    let (mut start, mut end) = (h.s(), h.e());
    if from(text, end).starts_with('分') || from(text, end).starts_with("的") {
        return None;
    }
    let mut anchor = if w.sort == TimeSort::Now { Anchor::Speech } else { Anchor::Told };
    if w.sort == TimeSort::Last {
        let before = sub(text, ctx.start, start).trim_end_matches('の').len() + ctx.start;
        if let Some((e, event)) = word_ending(ctx, before, &[TimeSort::Event]) {
            (start, anchor) = (e.s(), Anchor::Event(event.event));
        }
    }
    let count = |unit| amount.get(unit);
    let unit = if amount.is_zero() { zero_unit(text, h) } else { amount.finest() };
    if amount.is_zero() && unit == TimeUnit::Week {
        return Some(Found { start, core: h.s(), end, expression: Expression::new(Point::Vague, "time.word"), word: None });
    }
    // 昨年10月, 今年の9月5日, 同年3月
    let next = if from(text, end).starts_with('の') { end + 'の'.len_utf8() } else { end };
    if unit == TimeUnit::Year
        && let Some(date) = super::date::kanji(text, next, Year::From(anchor, back, count(TimeUnit::Year)))
    {
        return Some(Found { start, core: h.s(), end: date.end, expression: Expression::new(Point::Date(date.date), "time.year-word"), word: None });
    }
    // 先月10日, 同月5日
    if unit == TimeUnit::Month
        && let Some((day, e)) = two_digits(text, next)
        && valid(1, day)
        && from(text, e).strip_prefix('日').is_some_and(|r| !r.starts_with(['間', '目', '分', '前', '後']))
    {
        let date = Written { year: Year::Open, month: Month::From(anchor, back, count(TimeUnit::Month)), day: Some(day), clock: None };
        return Some(Found { start, core: h.s(), end: e + '日'.len_utf8(), expression: Expression::new(Point::Date(date), "time.month-word"), word: None });
    }
    // 前日・当日 of something that has no date of its own
    let point = match (unit, amount.is_zero()) {
        (TimeUnit::Month, true) => Point::Date(Written { year: Year::Open, month: Month::From(anchor, false, 0), day: None, clock: None }),
        (TimeUnit::Year, true) => Point::Date(Written { year: Year::From(anchor, false, 0), month: Month::Open, day: None, clock: None }),
        _ => Point::Shift { anchor, back, amount, clock: None },
    };
    if from(text, end).starts_with("以降") {
        end += "以降".len();
    }
    Some(Found { start, core: h.s(), end, expression: Expression::new(point, if start < h.s() { "time.event-word" } else { "time.word" }), word: None })
}

/// What 今月, 同年 shift by nothing of.
fn zero_unit(text: &str, h: &Hit) -> TimeUnit {
    let word = sub(text, h.s(), h.e());
    if word.contains('月') {
        TimeUnit::Month
    } else if word.contains('年') {
        TimeUnit::Year
    } else if word.contains('週') {
        TimeUnit::Week
    } else {
        TimeUnit::Day
    }
}

/// 深夜, 午後3時, 午前中2時間.
fn part(ctx: &Context<'_>, h: &Hit, w: &TimeWord) -> Option<Found> {
    let text = ctx.text;
    let word = sub(text, h.s(), h.e());
    let afternoon = matches!(word, "午後" | "夕方" | "夜" | "夕" | "夕刻" | "午后");
    let at = match byte(text, h.e()) {
        b' ' => h.e() + 1,
        _ => h.e(),
    };
    if let Some(c) = clock(text, at, afternoon).filter(|c| c.end <= ctx.end) {
        let mut expression = Expression::new(Point::Clock(c.clock), "time.clock");
        expression.until = c.until.map(Point::Clock);
        return Some(Found { start: h.s(), core: h.s(), end: c.end, expression, word: None });
    }
    if word.starts_with("午")
        && let Some(m) = super::amount::amount(text, h.e()).filter(|m| matches!(m.unit, TimeUnit::Hour | TimeUnit::Minute))
        && !super::amount::repeated(text, m.end)
    {
        let mut expression = Expression::new(Point::Length(m.amount), "time.length");
        expression.governs = false;
        return Some(Found { start: h.s(), core: h.s(), end: m.end, expression, word: None });
    }
    if w.sort == TimeSort::Moment {
        return None;
    }
    // a part of the day is told by itself where a clause may start
    let before = char_before(text, h.s()).filter(|_| h.s() > ctx.start);
    if before.is_some_and(crate::text::is_kanji) || from(text, h.e()).starts_with(['帯', '勤', '食', '中', '採', '高']) {
        return None;
    }
    Some(Found { start: h.s(), core: h.s(), end: h.e(), expression: Expression::new(Point::Vague, "time.part-of-day"), word: None })
}

/// 入院前, 抜管後: an event as a time, where the words go on as after a time.
fn around(ctx: &Context<'_>, h: &Hit, w: &TimeWord) -> Option<Found> {
    let text = ctx.text;
    let mut at = h.e();
    if from(text, at).starts_with('直') {
        at += '直'.len_utf8();
    }
    let (back, mark) = match crate::text::char_at(text, at)? {
        '前' if w.before => (true, '前'),
        '後' if w.after => (false, '後'),
        _ => return None,
    };
    let end = at + mark.len_utf8();
    let rest = from(text, end);
    let adverbial = ["に", "、", ",", "より", "から", "まで", "(", ":"].iter().any(|p| rest.starts_with(p)) || rest.starts_with(' ') && w.event == Event::Other;
    let joined = char_before(text, h.s()).filter(|_| h.s() > ctx.start).is_some_and(|c| crate::text::is_kanji(c) || crate::text::is_katakana(c));
    if !adverbial || joined {
        return None;
    }
    let point = Point::Shift { anchor: Anchor::Event(w.event), back, amount: Amount { some: true, ..Amount::default() }, clock: None };
    // 抜管 itself stays for the procedure that it is
    Some(Found { start: h.s(), core: h.e(), end, expression: Expression::new(point, "time.around-event"), word: None })
}
