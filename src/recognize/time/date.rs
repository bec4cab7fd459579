//! Dates in every habit: 2024/5/4, 2024.08.05, 2024-05-04, 24/5/4, 2024年5月4日, 令和6年5月4日, R6.5.4, S38, 5/4, 5月4日.

use super::clock::two_digits;
use super::expression::{Month, Written, Year};
use crate::text::{byte, char_at, char_before, from};

/// How a date was written: what may follow it, and how much to doubt it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// 2024/5/4, R6.5.4: beyond doubt.
    Full,
    /// 2024年5月4日, 5月4日, 5月.
    Kanji,
    /// 5/4: it may be a fraction.
    Slash,
}

/// A date with where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub date: Written,
    pub until: Option<Written>,
    pub end: usize,
    pub shape: Shape,
}

/// Reads a date, or a range whose second part leaves out what the first says, at `at`.
pub(super) fn date(text: &str, at: usize) -> Option<Read> {
    let mut out = single(text, at)?;
    if out.date.day.is_some() || matches!(out.date.month, Month::Number(_)) {
        range(text, &mut out);
    }
    Some(out)
}

fn single(text: &str, at: usize) -> Option<Read> {
    match char_at(text, at)? {
        c if c.is_ascii_digit() => {
            western(text, at).or_else(|| masked(text, at)).or_else(|| short_year(text, at)).or_else(|| slash(text, at)).or_else(|| kanji(text, at, Year::Open))
        }
        '\'' => quoted(text, at),
        'X' | 'x' => masked(text, at),
        _ => era(text, at),
    }
}

/// The eras, by kanji and letter: Gregorian year before the first, last year of the era.
const ERAS: &[(&str, u8, i16, u8)] = &[("令和", b'R', 2018, 99), ("平成", b'H', 1988, 31), ("昭和", b'S', 1925, 64), ("大正", b'T', 1911, 15), ("明治", b'M', 1867, 45)];

fn era(text: &str, at: usize) -> Option<Read> {
    let rest = from(text, at);
    // 昭和38年, S38, and 昭38年
    let short = |name: &str| char_at(name, 0).and_then(|c| rest.strip_prefix(c)).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    let (name, letter, base, last) = ERAS.iter().find(|e| rest.starts_with(e.0) || byte(text, at) == e.1 || short(e.0))?;
    let by_name = rest.starts_with(name);
    let kanji = !by_name && byte(text, at) != *letter;
    if !by_name && !kanji && char_before(text, at).is_some_and(|c| c.is_ascii_alphanumeric() || c == '-') {
        return None;
    }
    let mut i = at
        + if by_name {
            name.len()
        } else if kanji {
            name.len() / 2
        } else {
            1
        };
    if byte(text, i) == b'.' && !by_name && !kanji {
        i += 1;
    }
    let (n, i) = if from(text, i).starts_with('元') { (1, i + '元'.len_utf8()) } else { two_digits(text, i)? };
    if n == 0 || n > *last {
        return None;
    }
    let year = Year::Full(base + i16::from(n));
    let year_only = |end| Some(Read { date: Written { year, month: Month::Open, day: None, clock: None }, until: None, end, shape: Shape::Full });
    if let Some(read) = kanji_after_year(text, i, year) {
        return Some(read);
    }
    if let Some(sep @ (b'/' | b'.' | b'-')) = text.as_bytes().get(i).copied()
        && let Some((month, j)) = two_digits(text, i + 1).filter(|m| (1..=12).contains(&m.0))
    {
        if byte(text, j) == sep
            && let Some((day, end)) = two_digits(text, j + 1).filter(|d| valid(month, d.0))
            && !goes_on(text, end)
        {
            return Some(Read { date: Written::of(year, month, Some(day)), until: None, end, shape: Shape::Full });
        }
        // H30.1 names a month; R20.5 and S4.5 do not
        if (by_name || !kanji && matches!(letter, b'H' | b'S') && n >= 11) && byte(text, j) != sep && !goes_on(text, j) {
            return Some(Read { date: Written::of(year, month, None), until: None, end: j, shape: Shape::Full });
        }
        return None;
    }
    if by_name {
        return year_only(i);
    }
    if kanji {
        return None;
    }
    // S38 alone is a year, S10 a segment of the lung
    let stands = from(text, i).starts_with(['年', '頃', '~', ':', ' ', '、', ',', ')', '('])
        || from(text, i).is_empty()
        || ["ごろ", "より", "から", "に"].iter().any(|w| from(text, i).starts_with(w));
    let alone = char_before(text, at).is_none_or(|c| matches!(c, ' ' | '\n' | '\t' | '、' | '。' | '(' | '「' | ':' | '・' | '~' | '】'));
    (matches!(letter, b'H' | b'S') && n >= 11 && stands && alone).then(|| year_only(i)).flatten()
}

/// 2024/5/4, 2024.5.4, 2024-05-04, 2024/5, 2024年5月4日, 2024年.
fn western(text: &str, at: usize) -> Option<Read> {
    let digits = text.as_bytes().get(at..)?.iter().take(5).take_while(|b| b.is_ascii_digit()).count();
    if digits != 4 {
        return None;
    }
    let y: i16 = text.get(at..at + 4)?.parse().ok()?;
    if !(1850..=2199).contains(&y) {
        return None;
    }
    let (year, i) = (Year::Full(y), at + 4);
    if let Some(read) = kanji_after_year(text, i, year) {
        return Some(read);
    }
    let sep = byte(text, i);
    if sep == b' ' {
        // 2024 5/4
        let next = slash(text, i + 1)?;
        return Some(Read { date: Written { year, ..next.date }, shape: Shape::Full, ..next });
    }
    if !matches!(sep, b'/' | b'.' | b'-') {
        return None;
    }
    let (month, j) = two_digits(text, i + 1).filter(|m| (1..=12).contains(&m.0))?;
    if byte(text, j) == sep
        && let Some((day, end)) = two_digits(text, j + 1).filter(|d| valid(month, d.0))
    {
        let identifier = sep == b'-' && byte(text, end) == b'-';
        return (!identifier && !goes_on(text, end)).then_some(Read { date: Written::of(year, month, Some(day)), until: None, end, shape: Shape::Full });
    }
    if byte(text, j) == sep || goes_on(text, j) {
        return None;
    }
    // 2024/5; a point or a dash may be a decimal or an identifier
    let stands = sep == b'/' || sep == b'.' && (1950..=2099).contains(&y) && char_at(text, j).is_some_and(|c| !c.is_ascii() && !matches!(c, 'μ' | '℃' | '×'));
    stands.then_some(Read { date: Written::of(year, month, None), until: None, end: j, shape: Shape::Full })
}

/// X年5月, X-1年, 20XX年, 201X年: a year that was taken out.
fn masked(text: &str, at: usize) -> Option<Read> {
    if char_before(text, at).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mask = |i: usize| matches!(byte(text, i), b'X' | b'x');
    let mut i = at;
    if byte(text, at).is_ascii_digit() {
        while byte(text, i).is_ascii_digit() {
            i += 1;
        }
        let digits = i - at;
        while mask(i) {
            i += 1;
        }
        if !(digits == 2 || digits == 3) || i - at != 4 {
            return None;
        }
    } else {
        while mask(i) {
            i += 1;
        }
        if i - at > 4 {
            return None;
        }
        if matches!(byte(text, i), b'-' | b'+') {
            i = two_digits(text, i + 1)?.1;
        }
    }
    let read = kanji_after_year(text, i, Year::Masked)?;
    Some(Read { shape: Shape::Full, ..read })
}

/// 24/5/4; 11/18/21 where only the last can be the year.
fn short_year(text: &str, at: usize) -> Option<Read> {
    let (a, i) = two_digits(text, at)?;
    let (b, j) = two_digits(text, i + 1).filter(|_| byte(text, i) == b'/')?;
    let (c, end) = two_digits(text, j + 1).filter(|_| byte(text, j) == b'/')?;
    if goes_on(text, end) {
        return None;
    }
    let date = if i == at + 2 && (1..=12).contains(&b) && valid(b, c) {
        Written::of(Year::Short(a), b, Some(c))
    } else if end == j + 3 && (1..=12).contains(&a) && valid(a, b) {
        Written::of(Year::Short(c), a, Some(b))
    } else {
        return None;
    };
    Some(Read { date, until: None, end, shape: Shape::Full })
}

/// '24/5/4, '24.5.4, '98年.
fn quoted(text: &str, at: usize) -> Option<Read> {
    if char_before(text, at).is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let (y, i) = two_digits(text, at + 1).filter(|(_, e)| *e == at + 3)?;
    let year = Year::Short(y);
    if let Some(read) = kanji_after_year(text, i, year) {
        return Some(read);
    }
    let sep = byte(text, i);
    let (month, j) = two_digits(text, i + 1).filter(|m| matches!(sep, b'/' | b'.') && (1..=12).contains(&m.0))?;
    let day = two_digits(text, j + 1).filter(|d| byte(text, j) == sep && valid(month, d.0));
    let end = day.map_or(j, |d| d.1);
    (!goes_on(text, end)).then_some(Read { date: Written::of(year, month, day.map(|d| d.0)), until: None, end, shape: Shape::Full })
}

/// 5/4. That it is a date is for the context to say.
fn slash(text: &str, at: usize) -> Option<Read> {
    let (month, i) = two_digits(text, at).filter(|m| (1..=12).contains(&m.0))?;
    let (day, end) = two_digits(text, i + 1).filter(|d| byte(text, i) == b'/' && valid(month, d.0))?;
    (!goes_on(text, end)).then_some(Read { date: Written::of(Year::Open, month, Some(day)), until: None, end, shape: Shape::Slash })
}

/// 年 after a year, with what follows it.
fn kanji_after_year(text: &str, at: usize, year: Year) -> Option<Read> {
    let i = if byte(text, at) == b' ' { at + 1 } else { at };
    let rest = from(text, i).strip_prefix('年')?;
    if rest.starts_with(['代', '生', '間', '前', '後', '目', '来']) && !["前半", "後半"].iter().any(|w| rest.starts_with(w)) {
        return None;
    }
    let mut end = i + '年'.len_utf8();
    if let Some(read) = kanji(text, if byte(text, end) == b' ' { end + 1 } else { end }, year) {
        return Some(read);
    }
    // 平成30年5/4
    if let Some(next) = slash(text, end) {
        return Some(Read { date: Written { year, ..next.date }, shape: Shape::Full, ..next });
    }
    let mut month = Month::Open;
    for (w, m) in [("末", 12), ("年末", 12), ("始め", 1), ("初め", 1), ("初頭", 1), ("度", 0)] {
        if rest.starts_with(w) {
            end += w.len();
            if m > 0 {
                month = Month::Number(m);
            }
            break;
        }
    }
    Some(Read { date: Written { year, month, day: None, clock: None }, until: None, end, shape: Shape::Kanji })
}

/// 5月4日, 5月, 10月下旬.
pub(super) fn kanji(text: &str, at: usize, year: Year) -> Option<Read> {
    let (month, i) = two_digits(text, at).filter(|m| (1..=12).contains(&m.0))?;
    let i = if byte(text, i) == b' ' { i + 1 } else { i };
    let rest = from(text, i).strip_prefix('月')?;
    let mut end = i + '月'.len_utf8();
    let j = if byte(text, end) == b' ' { end + 1 } else { end };
    if let Some((day, k)) = two_digits(text, j).filter(|d| valid(month, d.0))
        && from(text, k).strip_prefix('日').is_some_and(|r| !r.starts_with(['間', '目', '分']))
    {
        return Some(Read { date: Written::of(year, month, Some(day)), until: None, end: k + '日'.len_utf8(), shape: Shape::Kanji });
    }
    if rest.starts_with(['齢', '額', '経', '間', '目', '給', '曜', '謝', '状']) {
        return None;
    }
    for w in ["上旬", "中旬", "下旬", "初旬", "初め", "始め", "半ば", "末", "頭"] {
        if rest.starts_with(w) {
            end += w.len();
            break;
        }
    }
    Some(Read { date: Written::of(year, month, None), until: None, end, shape: Shape::Kanji })
}

/// 2023/1/4-23, 5/5~5/9, 5月4日~9日: the second part says less than the first.
fn range(text: &str, out: &mut Read) {
    let mut i = out.end;
    if byte(text, i) == b' ' {
        i += 1;
    }
    if !matches!(byte(text, i), b'~' | b'-') {
        return;
    }
    i += 1;
    if byte(text, i) == b' ' {
        i += 1;
    }
    // a second date with a year of its own is another mention
    let Month::Number(month) = out.date.month else { return };
    let mut take = |date: Written, end: usize| {
        out.until = Some(date);
        out.end = end;
    };
    if out.shape == Shape::Kanji {
        if let Some(next) = kanji(text, i, Year::Open) {
            if next.date.day.is_some() == out.date.day.is_some() {
                take(next.date, next.end);
            }
        } else if let (Some(day), Some((last, k))) = (out.date.day, two_digits(text, i))
            && last > day
            && valid(month, last)
            && from(text, k).strip_prefix('日').is_some_and(|r| !r.starts_with(['間', '目', '分', '前', '後']))
        {
            take(Written::of(Year::Open, month, Some(last)), k + '日'.len_utf8());
        }
        return;
    }
    let Some(day) = out.date.day else { return };
    if let Some(next) = slash(text, i) {
        take(next.date, next.end);
    } else if let Some((last, k)) = two_digits(text, i)
        && last > day
        && valid(month, last)
        && !goes_on(text, k)
        && !char_at(text, k).is_some_and(|c| matches!(c, '回' | '歳' | '時' | '年' | '週' | '名' | '例' | '点' | ':' | '/') || c.is_ascii_alphabetic())
    {
        let end = if from(text, k).starts_with('日') && !from(text, k).starts_with("日間") { k + '日'.len_utf8() } else { k };
        take(Written::of(Year::Open, month, Some(last)), end);
    }
}

/// More digits or another part follow: an identifier, a version, a ratio.
fn goes_on(text: &str, end: usize) -> bool {
    let c = byte(text, end);
    c.is_ascii_digit()
        || matches!(c, b'/' | b'.' | b'-' | b':') && byte(text, end + 1).is_ascii_digit() && !(c == b'-' && range_follows(text, end + 1))
        || c == b'/' && byte(text, end + 1).is_ascii_alphabetic()
}

/// What stands after the dash of 2023/1/4-23 or 2023/01/04-01/23.
fn range_follows(text: &str, at: usize) -> bool {
    two_digits(text, at).is_some_and(|(n, e)| n <= 31 && !matches!(byte(text, e), b'-' | b'.' | b':'))
}

/// Whether the month has that day in some year.
pub(super) const fn valid(month: u8, day: u8) -> bool {
    let last = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    day >= 1 && day <= last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(s: &str) -> Option<(String, usize)> {
        let r = date(s, 0)?;
        let y = match r.date.year {
            Year::Full(y) => y.to_string(),
            Year::Short(y) => format!("'{y:02}"),
            _ => "-".to_owned(),
        };
        let m = if let Month::Number(m) = r.date.month { m } else { 0 };
        let until = r.until.map_or(String::new(), |u| format!("..{}/{}", if let Month::Number(m) = u.month { m } else { 0 }, u.day.unwrap_or(0)));
        Some((format!("{y}/{m}/{}{until}", r.date.day.unwrap_or(0)), r.end))
    }

    #[test]
    fn dates() {
        for (s, want) in [
            ("2024/5/4", "2024/5/4"),
            ("2024.08.05", "2024/8/5"),
            ("2024-05-04", "2024/5/4"),
            ("2024年5月4日", "2024/5/4"),
            ("令和6年5月4日", "2024/5/4"),
            ("令和元年", "2019/0/0"),
            ("R6.5.4", "2024/5/4"),
            ("H30/1/2", "2018/1/2"),
            ("S38", "1963/0/0"),
            ("昭和38年", "1963/0/0"),
            ("5/4", "-/5/4"),
            ("5月4日", "-/5/4"),
            ("4月", "-/4/0"),
            ("10月下旬", "-/10/0"),
            ("2022年末", "2022/12/0"),
            ("2024年5月", "2024/5/0"),
            ("23/1/4", "'23/1/4"),
            ("11/18/21", "'21/11/18"),
            ("'24.5.4", "'24/5/4"),
            ("2023/1/4-23", "2023/1/4..1/23"),
            ("2023/01/04-01/23", "2023/1/4..1/23"),
            ("5/5~5/9", "-/5/5..5/9"),
            ("5月4日~9日", "-/5/4..5/9"),
            ("2024/5", "2024/5/0"),
            ("昭38年", "1963/0/0"),
            ("X-1年", "-/0/0"),
            ("X年5月4日", "-/5/4"),
            ("201X年10月", "-/10/0"),
        ] {
            assert_eq!(read(s), Some((want.to_owned(), s.len())), "{s}");
        }
        for no in ["2/30", "13/4", "0/5", "1/2/3/4", "1960年代", "20204/1/10", "03-1234-5678", "H65", "平成32年", "S10", "2024-05", "5.4", "2月齢", "1:40", "R20.5", "2024.5"]
        {
            assert_eq!(read(no).map(|r| r.1), None, "{no}");
        }
        // the second date of its own year is another mention
        assert_eq!(date("2023/1/4~2023/1/23", 0).unwrap().end, 8);
        assert_eq!(date("2023年1月4日~2023年1月23日", 0).unwrap().end, "2023年1月4日".len());
    }
}
