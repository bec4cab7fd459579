//! Numbers as charts write them.

use crate::text::{byte, char_at, from};

/// A number with what stands directly around it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Number {
    /// Its value, 万 and 億 multiplied out.
    pub value: f64,
    /// The other end of a range (60〜80).
    pub high: Option<f64>,
    /// `<`, `<=`, `>`, `>=` or `~`.
    pub comparator: Option<&'static str>,
    /// Where the number (not its comparator) starts.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// 万, 億 or k was multiplied out.
    pub scaled: bool,
    /// The number has a decimal point.
    pub decimal: bool,
}

/// Reads digits with a decimal point and grouping commas at `at`: value, end, whether there was a point.
///
/// ```
/// use karuta::recognize::plain_number;
/// assert_eq!(plain_number("12,300", 0), Some((12300.0, 6, false)));
/// assert_eq!(plain_number("39.2℃", 0), Some((39.2, 4, true)));
/// assert_eq!(plain_number("5,6", 0), Some((5.0, 1, false)));
/// assert_eq!(plain_number("2024.8.5", 0), None);
/// ```
pub fn plain_number(text: &str, at: usize) -> Option<(f64, usize, bool)> {
    let digits = |mut i: usize| {
        while byte(text, i).is_ascii_digit() {
            i += 1;
        }
        i
    };
    let mut end = digits(at);
    if end == at && !(byte(text, at) == b'.' && byte(text, at + 1).is_ascii_digit()) {
        return None;
    }
    if end - at > 15 {
        return None;
    }
    if end - at <= 3 && byte(text, at) != b'0' {
        // groups of exactly three digits
        while byte(text, end) == b',' && digits(end + 1) == end + 4 {
            end += 4;
        }
    }
    let mut decimal = false;
    if byte(text, end) == b'.' && byte(text, end + 1).is_ascii_digit() {
        let e = digits(end + 1);
        if e - end > 8 || (byte(text, e) == b'.' && byte(text, e + 1).is_ascii_digit()) {
            return None; // a date or a section number
        }
        end = e;
        decimal = true;
    }
    let digits: String = text.get(at..end)?.chars().filter(|c| *c != ',').collect();
    digits.parse().ok().map(|v| (v, end, decimal))
}

/// Reads a number with comparator, 万 / 億 / k, range and 台 / 以上 at `at`.
pub fn number(text: &str, at: usize) -> Option<Number> {
    let mut i = at;
    let mut comparator = None;
    for (mark, c) in [("<=", "<="), (">=", ">="), ("=<", "<="), ("=>", ">="), ("<", "<"), (">", ">"), ("約", "~"), ("およそ", "~"), ("おおよそ", "~"), ("ほぼ", "~"), ("~", "~")]
    {
        if from(text, i).starts_with(mark) {
            comparator = Some(c);
            i += mark.len();
            while byte(text, i) == b' ' {
                i += 1;
            }
            break;
        }
    }
    let (value, mut end, decimal) = plain_number(text, i)?;
    let (factor, e) = multiplier(text, end);
    let mut n = Number { value: value * factor, comparator, start: i, scaled: factor != 1.0, decimal, ..Number::default() };
    end = e;
    if factor == 1e4
        && let Some((more, e, false)) = plain_number(text, end)
        && more < 1e4
    {
        n.value += more;
        end = e;
    }
    n.value = (n.value * 1e6).round() / 1e6;
    n.end = end;
    Some(n)
}

/// The other end of a range that starts with the number that ended at `end`: its value and end.
pub fn range_end(text: &str, end: usize) -> Option<(f64, usize, f64)> {
    let mut i = end;
    while byte(text, i) == b' ' {
        i += 1;
    }
    let mark = if matches!(byte(text, i), b'~' | b'-') {
        1
    } else {
        return None;
    };
    i += mark;
    while byte(text, i) == b' ' {
        i += 1;
    }
    let (value, e, _) = plain_number(text, i)?;
    let (factor, e) = multiplier(text, e);
    Some((value * factor, e, factor))
}

fn multiplier(text: &str, end: usize) -> (f64, usize) {
    let spaced = crate::text::skip_spaces(text, end);
    let end = if matches!(char_at(text, spaced), Some('万' | '億')) { spaced } else { end };
    match char_at(text, end) {
        Some('万') => (1e4, end + '万'.len_utf8()),
        Some('億') => (1e8, end + '億'.len_utf8()),
        Some('千') => (1e3, end + '千'.len_utf8()),
        Some('k' | 'K') if !char_at(text, end + 1).is_some_and(|c| c.is_ascii_alphanumeric()) => (1e3, end + 1),
        _ => (1.0, end),
    }
}

/// 台, 以上, 未満 … after a value: the comparator and where it ends.
pub fn trailing_comparator(text: &str, end: usize) -> Option<(&'static str, usize)> {
    let rest = from(text, end);
    for (word, c) in [
        ("前後", "~"),
        ("台前半", "~"),
        ("台後半", "~"),
        ("台", "~"),
        ("程度", "~"),
        ("くらい", "~"),
        ("ぐらい", "~"),
        ("弱", "~"),
        ("以上", ">="),
        ("以下", "<="),
        ("未満", "<"),
        ("を超え", ">"),
        ("超え", ">"),
        ("超", ">"),
        ("↑", ""),
    ] {
        if rest.starts_with(word) && !c.is_empty() {
            return Some((c, end + word.len()));
        }
    }
    None
}

/// The UCUM or comparator text is written without a trailing `.0`.
pub fn display(n: f64) -> String {
    format!("{n}")
}
