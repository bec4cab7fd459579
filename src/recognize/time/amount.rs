//! Amounts of time: 3日, 約2ケ月, 1年半, 30週2日, 2〜3日, 数年, 十五年.

use crate::lexicon::{Amount, TimeUnit};
use crate::text::{byte, char_at, from};

/// A count as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numeral {
    pub n: u16,
    /// Half of a unit more: 1.5.
    pub half: bool,
    /// 数: not told how many.
    pub some: bool,
    pub end: usize,
    pub ascii: bool,
}

/// Reads 12, 1.5, 十五, 数 at `at`.
pub(super) fn numeral(text: &str, at: usize) -> Option<Numeral> {
    if byte(text, at).is_ascii_digit() {
        let mut end = at;
        while byte(text, end).is_ascii_digit() {
            end += 1;
        }
        if end - at > 4 {
            return None;
        }
        let n = text.get(at..end)?.parse().ok()?;
        let mut half = false;
        if byte(text, end) == b'.' && byte(text, end + 1).is_ascii_digit() {
            if byte(text, end + 1) != b'5' || byte(text, end + 2).is_ascii_digit() || byte(text, end + 2) == b'.' {
                return None;
            }
            half = true;
            end += 2;
        }
        return Some(Numeral { n, half, some: false, end, ascii: true });
    }
    let c = char_at(text, at)?;
    if c == '数' {
        let mut end = at + c.len_utf8();
        if from(text, end).starts_with('十') {
            end += '十'.len_utf8();
        }
        return Some(Numeral { n: 0, half: false, some: true, end, ascii: false });
    }
    let (mut n, mut end, mut any) = (0u16, at, false);
    while let Some(d) = char_at(text, end).filter(|_| end < at + 9) {
        n = match (kanji_digit(d), d) {
            (Some(d), _) if n.is_multiple_of(10) => n + d,
            (None, '十') if n < 10 => n.max(1) * 10,
            _ => break,
        };
        any = true;
        end += d.len_utf8();
    }
    any.then_some(Numeral { n, half: false, some: false, end, ascii: false })
}

fn kanji_digit(c: char) -> Option<u16> {
    Some(match c {
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// Whether the character may start a numeral that is no ASCII digit.
pub(super) const fn opens_numeral(c: char) -> bool {
    matches!(c, '一' | '二' | '三' | '四' | '五' | '六' | '七' | '八' | '九' | '十' | '数' | '半')
}

/// A unit as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unit {
    pub unit: TimeUnit,
    pub end: usize,
    /// 間 says that it is a length: 3日間.
    pub length: bool,
    /// 歳.
    pub age: bool,
}

/// Reads 年, か月, 週間 … at `at`.
pub(super) fn unit(text: &str, at: usize) -> Option<Unit> {
    let c = char_at(text, at)?;
    let mut end = at + c.len_utf8();
    let (unit, age) = match c {
        '年' => (TimeUnit::Year, false),
        'か' | 'カ' | 'ヶ' | 'ヵ' | 'ケ' | 'ヵ' | 'ゕ' | 'ゖ' | '箇' | '個' | 'ヶ' | 'ｶ' if from(text, end).starts_with('月') => {
            end += '月'.len_utf8();
            (TimeUnit::Month, false)
        }
        '週' => (TimeUnit::Week, false),
        '日' => (TimeUnit::Day, false),
        '時' if from(text, end).starts_with('間') => (TimeUnit::Hour, false),
        '分' => (TimeUnit::Minute, false),
        '歳' | '才' => (TimeUnit::Year, true),
        // 38w5d, 3w前, 2M後
        'w' | 'W' if !byte(text, end).is_ascii_alphabetic() => (TimeUnit::Week, false),
        'd' | 'D' if !byte(text, end).is_ascii_alphanumeric() => (TimeUnit::Day, false),
        'M' | 'y' | 'Y' if from(text, end).starts_with(['前', '後']) => (if c == 'M' { TimeUnit::Month } else { TimeUnit::Year }, false),
        _ => return None,
    };
    let mut length = false;
    if from(text, end).starts_with('間') && !from(text, end).starts_with("間欠") && !from(text, end).starts_with("間隔") && !age {
        end += '間'.len_utf8();
        length = unit != TimeUnit::Week;
    }
    Some(Unit { unit, end, length, age })
}

/// An amount with where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Measured {
    pub amount: Amount,
    pub unit: TimeUnit,
    pub end: usize,
    pub length: bool,
    pub age: bool,
    /// More than one part (30週2日) or a half (1年半): it can only be an amount.
    pub compound: bool,
    /// The count was written in ASCII digits.
    pub ascii: bool,
    /// The unit was written in letters: 3w.
    pub letter: bool,
}

/// Reads an amount at `at`.
pub(super) fn amount(text: &str, at: usize) -> Option<Measured> {
    if from(text, at).starts_with('半') {
        return half(text, at);
    }
    let first = numeral(text, at)?;
    let mut high = None;
    let mut end = first.end;
    // 2〜3日, 2、3日
    if first.ascii
        && let Some(second) = range_mark(text, end, true).and_then(|i| numeral(text, i))
        && second.ascii
        && second.n > first.n
        && !second.half
        && second.n < 1000
        && unit(text, second.end).is_some()
    {
        high = Some(second.n);
        end = second.end;
    }
    let spaced = first.ascii && byte(text, end) == b' ' && unit(text, end + 1).is_some_and(|u| u.unit != TimeUnit::Minute);
    let u = unit(text, end + usize::from(spaced))?;
    let mut out = Measured {
        amount: Amount { high, some: first.some, ..Amount::of(first.n, u.unit) },
        unit: u.unit,
        end: u.end,
        length: u.length,
        age: u.age,
        compound: false,
        ascii: first.ascii,
        letter: byte(text, u.end - 1).is_ascii_alphabetic(),
    };
    let halved = from(text, out.end).starts_with('半') && !["半ば", "半分", "半身", "半側", "半日", "半年", "半月"].iter().any(|w| from(text, out.end).starts_with(w));
    if first.half || halved && !first.some {
        out.end += if halved { '半'.len_utf8() } else { 0 };
        out.compound = true;
        out.amount = match u.unit {
            TimeUnit::Year => out.amount.with(6, TimeUnit::Month),
            TimeUnit::Month => out.amount.with(2, TimeUnit::Week),
            TimeUnit::Day => out.amount.with(12, TimeUnit::Hour),
            TimeUnit::Hour => out.amount.with(30, TimeUnit::Minute),
            TimeUnit::Week | TimeUnit::Minute => return (!first.half).then_some(out),
        };
        return Some(out);
    }
    if high.is_some() || first.some {
        return Some(out);
    }
    // 3分〜5分, 6歳〜8歳
    if let Some(second) = range_mark(text, out.end, false).and_then(|i| numeral(text, i))
        && second.n > first.n
        && let Some(v) = unit(text, second.end)
        && v.unit == u.unit
        && v.age == u.age
    {
        out.amount.high = Some(second.n);
        (out.end, out.length) = (v.end, v.length);
        return Some(out);
    }
    // 1年9カ月, 30週2日, 2時間40分
    let next = if from(text, out.end).starts_with('と') { out.end + 'と'.len_utf8() } else { out.end };
    if let Some(second) = numeral(text, next).filter(|s| s.ascii == first.ascii && !s.half && !s.some)
        && let Some(v) = unit(text, second.end)
        && !v.age
        && finer(u.unit) == Some(v.unit)
        && second.n < limit(v.unit)
        && (second.n > 0 || u.unit == TimeUnit::Week)
        && !repeated(text, v.end)
    {
        out.amount = out.amount.with(second.n, v.unit);
        (out.end, out.unit, out.length, out.compound) = (v.end, v.unit, v.length, true);
    }
    Some(out)
}

/// 半年, 半日, 半月.
fn half(text: &str, at: usize) -> Option<Measured> {
    let u = unit(text, at + '半'.len_utf8()).or_else(|| {
        let end = at + "半月".len();
        from(text, at).starts_with("半月").then_some(Unit { unit: TimeUnit::Month, end, length: false, age: false })
    })?;
    let amount = match u.unit {
        TimeUnit::Year if !u.age => Amount::of(6, TimeUnit::Month),
        TimeUnit::Month => Amount::of(2, TimeUnit::Week),
        TimeUnit::Day => Amount::of(12, TimeUnit::Hour),
        TimeUnit::Hour => Amount::of(30, TimeUnit::Minute),
        _ => return None,
    };
    Some(Measured { amount, unit: u.unit, end: u.end, length: u.length, age: false, compound: true, ascii: false, letter: false })
}

/// Where what follows a mark of range starts: 〜, - and, in lists of two, a comma.
fn range_mark(text: &str, at: usize, comma: bool) -> Option<usize> {
    let i = if byte(text, at) == b' ' { at + 1 } else { at };
    match char_at(text, i)? {
        c @ ('~' | '-') => Some(if byte(text, i + 1) == b' ' { i + 2 } else { i + c.len_utf8() }),
        c @ ('、' | ',' | '・') if comma => Some(i + c.len_utf8()),
        _ => None,
    }
}

const fn finer(unit: TimeUnit) -> Option<TimeUnit> {
    Some(match unit {
        TimeUnit::Year => TimeUnit::Month,
        TimeUnit::Month | TimeUnit::Week => TimeUnit::Day,
        TimeUnit::Hour => TimeUnit::Minute,
        TimeUnit::Day | TimeUnit::Minute => return None,
    })
}

const fn limit(unit: TimeUnit) -> u16 {
    match unit {
        TimeUnit::Month => 12,
        TimeUnit::Day => 31,
        TimeUnit::Minute => 60,
        _ => u16::MAX,
    }
}

/// ごと, 毎, おき, に1回, 分: how often or for how long a medicine is given, not when something was.
pub(super) fn repeated(text: &str, end: usize) -> bool {
    let rest = from(text, end);
    let rest = rest.strip_prefix("くらい").or_else(|| rest.strip_prefix("程度")).unwrap_or(rest);
    if ["ごと", "毎", "おき", "置き", "あたり", "当たり", "当り", "に一回", "に一度", "一回", "に数回", "に何回", "間隔"].iter().any(|w| rest.starts_with(w))
    {
        return true;
    }
    let digits = rest.strip_prefix('に').unwrap_or(rest);
    let n = digits.bytes().take_while(u8::is_ascii_digit).count();
    n > 0 && digits.get(n..).is_some_and(|r| r.starts_with(['回', '度', '錠', '包', '本']) || r.starts_with(['~', '-', '、', ',']) && r.chars().take(4).any(|c| c == '回'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(s: &str) -> Option<(String, &str)> {
        amount(s, 0).map(|m| (m.amount.to_string(), from(s, m.end)))
    }

    #[test]
    fn amounts() {
        assert_eq!(read("3日前"), Some(("P3D".into(), "前")));
        assert_eq!(read("1年9カ月目"), Some(("P1Y9M".into(), "目")));
        assert_eq!(read("1年半前"), Some(("P1Y6M".into(), "前")));
        assert_eq!(read("30週2日、"), Some(("P30W2D".into(), "、")));
        assert_eq!(read("1.5時間"), Some(("PT1H30M".into(), "")));
        assert_eq!(read("十五年前"), Some(("P15Y".into(), "前")));
        assert_eq!(read("半年前"), Some(("P6M".into(), "前")));
        assert_eq!(read("3ヶ月後"), Some(("P3M".into(), "後")));
        assert_eq!(amount("2〜3日".replace('〜', "~").as_str(), 0).unwrap().amount.high, Some(3));
        assert!(amount("数日前", 0).unwrap().amount.some);
        assert_eq!(read("3日1回"), Some(("P3D".into(), "1回")));
        assert!(repeated("日に1回", 3) && repeated("2時間ごと", 7) && !repeated("3日に受診", 4));
    }
}
