//! Times of day: 14:30, 10時, 8時30分, 午後3時.

use super::expression::Clock;
use crate::text::{byte, char_at, char_before, from};

/// A time of day with where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub clock: Clock,
    pub until: Option<Clock>,
    pub end: usize,
    /// Written with a colon.
    pub colon: bool,
}

/// Reads a time of day, or a range of two, at `at`. `afternoon` where 午後 stands before it.
pub(super) fn clock(text: &str, at: usize, afternoon: bool) -> Option<Read> {
    let mut out = one(text, at, afternoon)?;
    if byte(text, out.end) == b'~' || byte(text, out.end) == b'-' {
        let mut i = out.end + 1;
        for (w, _) in [("午後", true), ("午前", false)] {
            if from(text, i).starts_with(w) {
                i += w.len();
            }
        }
        if let Some(second) = one(text, i, afternoon || from(text, out.end + 1).starts_with("午後")) {
            out.until = Some(second.clock);
            out.end = second.end;
        }
    }
    Some(out)
}

fn one(text: &str, at: usize, afternoon: bool) -> Option<Read> {
    let (hour, i) = two_digits(text, at)?;
    if hour > 24 {
        return None;
    }
    let turned = |h: u8| if afternoon && h < 12 { h + 12 } else { h };
    if byte(text, i) == b':' {
        let (minute, mut end) = two_digits(text, i + 1)?;
        if minute > 59 || end != i + 3 {
            return None;
        }
        // seconds are read over; a third part that is none makes it a ratio
        if byte(text, end) == b':' {
            let (s, e) = two_digits(text, end + 1)?;
            if s > 59 || e != end + 3 {
                return None;
            }
            end = e;
        }
        if byte(text, end).is_ascii_digit() || matches!(byte(text, end), b'.' | b'%' | b':') && byte(text, end + 1).is_ascii_digit() || from(text, end).starts_with(['倍', '%']) {
            return None;
        }
        if char_before(text, at).is_some_and(|c| c == ':' || c == '×' || c == 'x') {
            return None;
        }
        return Some(Read { clock: Clock { hour: turned(hour), minute: Some(minute) }, until: None, end, colon: true });
    }
    let spaced = usize::from(byte(text, i) == b' ' && from(text, i + 1).starts_with('時'));
    let rest = from(text, i + spaced).strip_prefix('時')?;
    if rest.starts_with(['間', '点', '方', '期', '代', '限', '制', '刻', '系', '的']) || rest.starts_with("の方向") {
        return None;
    }
    let mut end = i + spaced + '時'.len_utf8();
    let mut minute = None;
    if let Some((m, e)) = two_digits(text, end)
        && m < 60
        && from(text, e).starts_with('分')
    {
        minute = Some(m);
        end = e + '分'.len_utf8();
    } else if from(text, end).starts_with('半') {
        minute = Some(30);
        end += '半'.len_utf8();
    } else if let Some((_, e)) = two_digits(text, end + usize::from(matches!(byte(text, end), b'~' | b'-')))
        && from(text, e).starts_with("時方向")
    {
        // 5時6時方向: places on a clock's face
        return None;
    }
    Some(Read { clock: Clock { hour: turned(hour), minute }, until: None, end, colon: false })
}

/// One or two digits that are not part of a longer number.
pub(super) fn two_digits(text: &str, at: usize) -> Option<(u8, usize)> {
    let a = byte(text, at);
    if !a.is_ascii_digit() {
        return None;
    }
    let b = byte(text, at + 1);
    if !b.is_ascii_digit() {
        return Some((a - b'0', at + 1));
    }
    if byte(text, at + 2).is_ascii_digit() {
        return None;
    }
    Some(((a - b'0') * 10 + (b - b'0'), at + 2))
}

/// Skips one space or one of the particles that may stand between a date and its time of day.
pub(super) fn gap(text: &str, at: usize) -> usize {
    match char_at(text, at) {
        Some(' ') => at + 1,
        Some('の') => at + 'の'.len_utf8(),
        Some('T') if byte(text, at + 1).is_ascii_digit() => at + 1,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(s: &str) -> Option<(u8, Option<u8>)> {
        clock(s, 0, false).map(|r| (r.clock.hour, r.clock.minute))
    }

    #[test]
    fn clocks() {
        assert_eq!(read("14:30に"), Some((14, Some(30))));
        assert_eq!(read("8時30分"), Some((8, Some(30))));
        assert_eq!(read("10時頃"), Some((10, None)));
        assert_eq!(read("6時半"), Some((6, Some(30))));
        for no in ["2時間", "1:1:1", "1:40倍", "25:00", "14:5", "3時方向", "5時6時方向", "1時的"] {
            assert_eq!(read(no), None, "{no}");
        }
        assert_eq!(clock("3時", 0, true).unwrap().clock.hour, 15);
    }
}
