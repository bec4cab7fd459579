//! Times counted from another: 3日前, 術後1年9カ月目, 入院5日目, 2コース目; lengths; ages.

use super::amount::{Measured, amount, numeral, repeated};
use super::expression::{Expression, Point};
use super::lead::{Lead, lead, word_ending};
use super::{Found, Seen};
use crate::lexicon::{Amount, Anchor, ConceptKind, Event, TimeSort, TimeUnit};
use crate::note::SectionKind;
use crate::recognize::Context;
use crate::text::{byte, char_before, from, sub};

/// Reads an amount at `at` and what it is an amount of.
pub(super) fn read(ctx: &Context<'_>, at: usize, seen: &Seen) -> Option<Found> {
    let text = ctx.text;
    if let Some(found) = decade(ctx, at) {
        return Some(found);
    }
    if let Some(found) = course(ctx, at) {
        return Some(found);
    }
    let m = amount(text, at).filter(|m| m.end <= ctx.end)?;
    if glued(text, ctx.start, at) && (!m.ascii || !relation_follows(text, m.end)) || repeated(text, m.end) {
        return None;
    }
    let lead = lead(ctx, at, seen);
    if m.letter && !m.compound && lead.sort != Some(TimeSort::Gestation) && !relation_follows(text, m.end) {
        return None;
    }
    if m.age {
        return age(ctx, at, &m, &lead);
    }
    let qualified = qualifier(text, m.end);
    let rest = from(text, qualified);
    // 2か月の乳児
    if m.unit == TimeUnit::Month
        && (rest.starts_with('児') || ["乳児", "男児", "女児", "幼児", "児", "新生児", "患児"].iter().any(|w| rest.strip_prefix('の').is_some_and(|r| r.starts_with(w))))
    {
        return found_age(at, m.end, m.amount);
    }
    let found = |start: usize, end: usize, point: Point, rule: &'static str| Some(Found { start, core: at, end, expression: Expression::new(point, rule), word: None });
    match lead.sort {
        Some(TimeSort::Gestation) if matches!(m.unit, TimeUnit::Week | TimeUnit::Month | TimeUnit::Day) && !rest.starts_with('前') => {
            return found(lead.start, m.end, Point::Gestation(m.amount), "time.gestation");
        }
        Some(TimeSort::Life) if !rest.starts_with('前') => {
            let end = if rest.starts_with('目') { qualified + '目'.len_utf8() } else { m.end };
            return found(lead.start, end, Point::Age { amount: m.amount, decade: false }, "time.life");
        }
        _ => {}
    }
    if rest.starts_with('前') && !rest.starts_with("前後") && !["前立", "前胸", "前壁", "前額", "前腕", "前脛", "前頭", "前半", "前頸"].iter().any(|w| rest.starts_with(w))
    {
        let end = qualified + '前'.len_utf8();
        let (anchor, start) = match lead.event {
            Some(e) if !lead.after && e != Event::Other => (Anchor::Event(e), lead.start),
            _ if lead.told => (Anchor::Told, lead.about),
            _ => (Anchor::Speech, lead.about),
        };
        return found(start, end, Point::Shift { anchor, back: true, amount: m.amount, clock: None }, "time.before");
    }
    if rest.starts_with('後') && !["後半", "後方", "後壁", "後頭", "後遺", "後頸", "後腹", "後期"].iter().any(|w| rest.starts_with(w)) {
        let end = qualified + '後'.len_utf8();
        let (anchor, start) = lead.event.map_or((Anchor::Told, lead.about), |e| (Anchor::Event(e), lead.start));
        // 立位3分後: how a measurement was taken
        if m.unit == TimeUnit::Minute && ["位", "負荷"].iter().any(|w| sub(text, ctx.start, at).ends_with(w)) {
            return None;
        }
        return found(start, end, Point::Shift { anchor, back: false, amount: m.amount, clock: None }, "time.after");
    }
    if rest.starts_with('目') && qualified == m.end && !m.amount.some {
        let end = qualified + '目'.len_utf8();
        if lead.after && m.compound {
            let anchor = Anchor::Event(lead.event.unwrap_or(Event::Other));
            return found(lead.start, end, Point::Shift { anchor, back: false, amount: m.amount, clock: None }, "time.after");
        }
        let unit = m.amount.finest();
        if matches!(unit, TimeUnit::Hour | TimeUnit::Minute) || person_before(text, ctx.start, at) {
            return None;
        }
        let zero = lead.after || lead.event == Some(Event::Operation);
        let start = if lead.event.is_some() { lead.start } else { lead.about };
        return found(start, end, Point::Count { event: lead.event, n: m.amount.get(unit), unit: Some(unit), zero }, "time.count");
    }
    if let Some(e) = lead.event
        && (lead.after || matches!(m.unit, TimeUnit::Day | TimeUnit::Week) && e != Event::Other && !m.length)
        && !(lead.after && m.length)
        && !starts_dose(rest, &m)
    {
        if lead.after {
            return found(lead.start, m.end, Point::Shift { anchor: Anchor::Event(e), back: false, amount: m.amount, clock: None }, "time.after");
        }
        if !m.amount.some && m.amount.high.is_none() {
            let point = Point::Count { event: Some(e), n: m.amount.get(m.amount.finest()), unit: Some(m.amount.finest()), zero: e == Event::Operation };
            return found(lead.start, m.end, point, "time.count");
        }
    }
    length(ctx, at, &m, &lead, qualified, seen)
}

fn found_age(at: usize, end: usize, amount: Amount) -> Option<Found> {
    let mut expression = Expression::new(Point::Age { amount, decade: false }, "time.age");
    expression.governs = false;
    Some(Found { start: at, core: at, end, expression, word: None })
}

/// 2時間, 3日間, 10年来, 数日; and 4日 of a month that was told.
fn length(ctx: &Context<'_>, at: usize, m: &Measured, lead: &Lead, qualified: usize, seen: &Seen) -> Option<Found> {
    let text = ctx.text;
    let rest = from(text, qualified);
    let approximate = qualified > m.end || lead.about < at;
    if starts_dose(from(text, m.end), m) {
        return None;
    }
    let mut end = m.end;
    for w in ["来", "ぶり", "余り"] {
        if rest.starts_with(w) && !rest.starts_with("来院") && !rest.starts_with("来所") {
            end = qualified + w.len();
        }
    }
    let goes_on =
        end > m.end || m.length || m.compound || m.amount.high.is_some() || approximate || ["経", "続", "持続", "かけて", "ほど", "も", "で"].iter().any(|w| rest.starts_with(w));
    let accept = match m.unit {
        TimeUnit::Year => {
            !rest.starts_with(['生', '代', '度', '目', '齢'])
                && !["学", "高校", "中学", "高", "第"].iter().any(|w| sub(text, ctx.start, at).ends_with(w))
                && m.amount.get(TimeUnit::Year) < 150
        }
        TimeUnit::Month | TimeUnit::Hour => true,
        TimeUnit::Week => {
            let weeks = m.amount.get(TimeUnit::Week);
            if (20..=43).contains(&weeks) && m.amount.high.is_none() && !m.length && !sub(text, at, m.end).ends_with('間') {
                return Some(Found { start: at, core: at, end, expression: Expression::new(Point::Gestation(m.amount), "time.gestation"), word: None });
            }
            m.end >= at && (goes_on || from(text, m.end).is_empty() || sub(text, at, m.end).ends_with('間'))
        }
        TimeUnit::Day => {
            if let Some(found) = day_of_month(ctx, at, m, seen) {
                return Some(found);
            }
            let one = m.amount.get(TimeUnit::Day) == 1 && !m.compound;
            (m.amount.some || goes_on) && !one && !rest.starts_with(['中', '分', '量', '酔'])
        }
        TimeUnit::Minute => m.length || m.compound || approximate || ["経", "で", "も", "は", "持続"].iter().any(|w| rest.starts_with(w)) && m.ascii,
    };
    let start = if lead.about < at { lead.about } else { at };
    let mut expression = Expression::new(Point::Length(m.amount), "time.length");
    expression.governs = false;
    accept.then_some(Found { start, core: at, end, expression, word: None })
}

/// 4日 after a date that told the month: 5月4日入院、8日退院.
fn day_of_month(ctx: &Context<'_>, at: usize, m: &Measured, seen: &Seen) -> Option<Found> {
    use super::expression::{Month, Written, Year};
    let day = u8::try_from(m.amount.get(TimeUnit::Day)).ok().filter(|d| (1..=31).contains(d))?;
    let rest = from(ctx.text, m.end);
    let next = ["に", "より", "から", "、", "夜", "朝", "夕", "昼", "入院", "退院", "受診", "手術", "未明", "午前", "午後", "まで", "~", "("].iter().any(|w| rest.starts_with(w));
    let plain =
        m.ascii && !m.length && !m.compound && !m.amount.some && m.amount.high.is_none() && sub(ctx.text, at, m.end).bytes().take(3).filter(u8::is_ascii_digit).count() <= 2;
    // a count of days may stand before に or から as well: the month must have been told in this sentence, or what
    // follows be an event
    let dated = seen.month_in_sentence == Some(ctx.sentence) || ctx.dated && ["入院", "退院", "手術", "受診", "再診", "転院"].iter().any(|w| rest.starts_with(w));
    if !plain || !next || !dated || repeated(ctx.text, m.end) {
        return None;
    }
    let date = Written { year: Year::Open, month: Month::Open, day: Some(day), clock: None };
    Some(Found { start: at, core: at, end: m.end, expression: Expression::new(Point::Date(date), "time.day-of-month"), word: None })
}

/// 28歳, 68歳時から, 20歳台, 5歳で.
fn age(ctx: &Context<'_>, at: usize, m: &Measured, lead: &Lead) -> Option<Found> {
    let text = ctx.text;
    let years = m.amount.get(TimeUnit::Year);
    if years > 125
        || from(text, m.end).starts_with("年上")
        || from(text, m.end).starts_with("年下")
        || from(text, m.end).starts_with("差")
        || from(text, m.end).starts_with(['違', '能'])
    {
        return None;
    }
    let mut end = m.end;
    let decade = years.is_multiple_of(10) && from(text, end).starts_with(['代', '台']);
    if decade {
        end += '代'.len_utf8();
        for w in ["前半", "後半", "半ば"] {
            if from(text, end).starts_with(w) {
                end += w.len();
            }
        }
    }
    let (end, governs) = when_aged(ctx, end);
    let start = if lead.sort == Some(TimeSort::Life) { lead.start } else { lead.about };
    let mut expression = Expression::new(Point::Age { amount: m.amount, decade }, "time.age");
    expression.governs = governs;
    Some(Found { start, core: at, end, expression, word: None })
}

/// 50代, 40〜50代; not 代謝, and not the beginning of a pulse in the 90s.
fn decade(ctx: &Context<'_>, at: usize) -> Option<Found> {
    let text = ctx.text;
    let first = numeral(text, at).filter(|n| n.ascii && !n.half)?;
    let mut end = first.end;
    let mut high = None;
    if matches!(byte(text, end), b'~' | b'-')
        && let Some(n) = numeral(text, end + 1).filter(|n| n.ascii && n.n > first.n)
    {
        high = Some(n.n);
        end = n.end;
    }
    let rest = from(text, end).strip_prefix('代')?;
    if !(10..=90).contains(&first.n) || !first.n.is_multiple_of(10) || rest.starts_with(['謝', '理', '替', '用', '償', '表', '行', 'わ']) || glued(text, ctx.start, at) {
        return None;
    }
    let near = sub(text, ctx.start, at).trim_end_matches([' ', ':', 'は', 'が', 'で', 'も', 'に']).len() + ctx.start;
    if ctx.hit_ending(near, &[ConceptKind::Vital, ConceptKind::Analyte, ConceptKind::Score]).is_some() {
        return None;
    }
    end += '代'.len_utf8();
    for w in ["前半", "後半", "半ば"] {
        if from(text, end).starts_with(w) {
            end += w.len();
        }
    }
    let (end, governs) = when_aged(ctx, end);
    let amount = Amount { high, ..Amount::of(first.n, TimeUnit::Year) };
    let mut expression = Expression::new(Point::Age { amount, decade: true }, "time.age");
    expression.governs = governs;
    Some(Found { start: at, core: at, end, expression, word: None })
}

/// The words that make an age a time, and where the expression ends with them.
fn when_aged(ctx: &Context<'_>, end: usize) -> (usize, bool) {
    let mut at = end;
    for w in ["の時", "のとき", "の頃", "時", "頃", "ごろ", "ころ"] {
        if from(ctx.text, at).starts_with(w) {
            at += w.len();
            break;
        }
    }
    let marked = at > end;
    let rest = from(ctx.text, at);
    let governs = marked
        || ["で", "から", "より", "以降", "以後", "に", "まで"].iter().any(|w| rest.starts_with(w))
        || matches!(ctx.kind(), SectionKind::PastHistory) && !rest.starts_with(['の', '男', '女']);
    if rest.starts_with("以降") || rest.starts_with("以後") {
        at += "以降".len();
    }
    (at, governs)
}

/// 2コース目, 3クール目.
fn course(ctx: &Context<'_>, at: usize) -> Option<Found> {
    let n = numeral(ctx.text, at).filter(|n| !n.half && !n.some && n.n < 100)?;
    let rest = from(ctx.text, n.end);
    let word = ["コース目", "クール目", "サイクル目"].iter().find(|w| rest.starts_with(**w))?;
    let point = Point::Count { event: None, n: n.n, unit: None, zero: false };
    Some(Found { start: at, core: at, end: n.end + word.len(), expression: Expression::new(point, "time.course"), word: None })
}

/// 第3病日, 3病日, 第4生日; POD4, 4POD, day 8.
pub(super) fn counted(ctx: &Context<'_>, at: usize) -> Option<Found> {
    let text = ctx.text;
    let found = |end: usize, event: Option<Event>, n: u16, zero: bool, rule: &'static str| {
        let point = Point::Count { event, n, unit: Some(TimeUnit::Day), zero };
        Some(Found { start: at, core: at, end, expression: Expression::new(point, rule), word: None })
    };
    let before = char_before(text, at).filter(|_| at > ctx.start);
    for (w, event, zero) in [
        ("POD", Some(Event::Operation), true),
        ("Pod", Some(Event::Operation), true),
        ("pod", Some(Event::Operation), true),
        ("day", None, false),
        ("Day", None, false),
        ("DAY", None, false),
    ] {
        if !from(text, at).starts_with(w) {
            continue;
        }
        if before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.')) {
            return None;
        }
        let mut i = at + w.len();
        if matches!(byte(text, i), b' ' | b'#' | b'-' | b':') {
            i += 1;
        }
        let n = numeral(text, i).filter(|n| n.ascii && !n.half && n.n < 1000)?;
        // day 1, 8, 15: when a medicine is given
        if byte(text, n.end).is_ascii_alphabetic() || matches!(byte(text, n.end), b',' | b'-' | b'~' | b'/' | b'.') && byte(text, n.end + 1).is_ascii_digit() {
            return None;
        }
        let mut out = found(n.end, event, n.n, zero, if zero { "time.postoperative-day" } else { "time.day-number" })?;
        if event.is_none()
            && let Some((h, word)) = word_ending(ctx, sub(text, ctx.start, at).trim_end_matches([' ', '後']).len() + ctx.start, &[TimeSort::Event])
            && sub(text, h.e(), at).contains('後')
        {
            out.start = h.s();
            out.expression.point = Point::Count { event: Some(word.event), n: n.n, unit: Some(TimeUnit::Day), zero: true };
        }
        return Some(out);
    }
    let numbered = from(text, at).starts_with('第');
    let i = if numbered { at + '第'.len_utf8() } else { at };
    let n = numeral(text, i).filter(|n| !n.half && !n.some && n.n < 1000)?;
    let rest = from(text, n.end);
    if rest.starts_with("病日") {
        let end = n.end + "病日".len();
        let end = if from(text, end).starts_with('目') { end + '目'.len_utf8() } else { end };
        return found(end, Some(Event::Admission), n.n, false, "time.hospital-day");
    }
    if rest.starts_with("生日") {
        let mut out = found(n.end + "生日".len(), Some(Event::Birth), n.n, false, "time.life")?;
        out.expression.point = Point::Age { amount: Amount::of(n.n, TimeUnit::Day), decade: false };
        return Some(out);
    }
    let spaced = usize::from(byte(text, n.end) == b' ');
    if n.ascii && (from(text, n.end + spaced).starts_with("POD") || from(text, n.end + spaced).starts_with("Pod")) && !byte(text, n.end + spaced + 3).is_ascii_alphanumeric() {
        return found(n.end + spaced + 3, Some(Event::Operation), n.n, true, "time.postoperative-day");
    }
    if numbered && rest.starts_with("日目") {
        return found(n.end + "日目".len(), None, n.n, false, "time.count");
    }
    None
}

/// Whether the count continues a word in letters or a longer number.
fn glued(text: &str, start: usize, at: usize) -> bool {
    at > start && char_before(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '^' | '×') || matches!(c, '-' | '+') && at > start + 1)
}

fn relation_follows(text: &str, end: usize) -> bool {
    from(text, qualifier(text, end)).starts_with(['前', '後', '目'])
}

/// Skips 以上, くらい … after an amount.
fn qualifier(text: &str, end: usize) -> usize {
    let mut at = end;
    for _ in 0..2 {
        let Some(w) = ["以上", "以内", "程度", "ほど", "くらい", "ぐらい", "あまり", "余", "弱", "強", "程", "近く", "ちょっと"].iter().find(|w| from(text, at).starts_with(**w))
        else {
            break;
        };
        at += w.len();
    }
    at
}

/// 14日分, 1日3回, 1日量: a prescription.
fn starts_dose(rest: &str, m: &Measured) -> bool {
    rest.starts_with('分') && m.unit != TimeUnit::Minute && !rest.starts_with("分後")
        || m.unit == TimeUnit::Day
            && m.amount.get(TimeUnit::Day) == 1
            && (rest.starts_with(|c: char| c.is_ascii_digit()) || rest.starts_with(['量', '総', 'に', '尿', '約', '最', '合', '水', '必', '摂']))
        || m.unit == TimeUnit::Minute && rest.starts_with(['粥', '割', '目', '画', '葉', '類', '泌', 'の'])
        || rest.starts_with("処方")
}

/// 研修医1年目: a person's standing.
fn person_before(text: &str, start: usize, at: usize) -> bool {
    ["医", "師", "士", "者", "学", "社会人", "入社", "結婚", "看護"].iter().any(|w| sub(text, start, at).ends_with(w))
}
