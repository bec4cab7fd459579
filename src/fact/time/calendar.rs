//! Days whose year may be open, and how they are shifted and written.

use crate::lexicon::{Amount, TimeUnit};
use crate::recognize::time::Clock;
use compact_str::{CompactString, format_compact};
use jiff::Span;
use jiff::civil::Date;

/// A day of the calendar; `open` when nothing tells its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    date: Date,
    open: bool,
}

impl Day {
    /// A day with its year.
    pub const fn of(date: Date) -> Self {
        Self { date, open: false }
    }

    /// A day of a year, or of an open one; the year that stands for an open one is 2024 for 29 February alone.
    pub fn new(year: Option<i16>, month: u8, day: u8) -> Option<Self> {
        let stand_in = if month == 2 && day == 29 { 2024 } else { 2023 };
        let date = Date::new(year.unwrap_or(stand_in), i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
        Some(Self { date, open: year.is_none() })
    }

    /// The date, where its year is known.
    pub const fn known(self) -> Option<Date> {
        if self.open { None } else { Some(self.date) }
    }

    pub fn year(self) -> Option<i16> {
        if self.open { None } else { Some(self.date.year()) }
    }

    pub fn month(self) -> u8 {
        self.date.month().unsigned_abs()
    }

    pub fn day(self) -> u8 {
        self.date.day().unsigned_abs()
    }

    /// The day an amount before or after this one.
    pub fn shift(self, back: bool, amount: &Amount) -> Option<Self> {
        let n = |u| i64::from(amount.get(u));
        let span = Span::new()
            .try_years(n(TimeUnit::Year))
            .and_then(|s| s.try_months(n(TimeUnit::Month)))
            .and_then(|s| s.try_weeks(n(TimeUnit::Week)))
            .and_then(|s| s.try_days(n(TimeUnit::Day)))
            .ok()?;
        let date = if back { self.date.checked_sub(span) } else { self.date.checked_add(span) }.ok()?;
        Some(Self { date, open: self.open })
    }

    /// The day `n` days later.
    pub fn later(self, n: u16) -> Option<Self> {
        self.shift(false, &Amount::of(n, TimeUnit::Day))
    }

    /// Days from this one to `other`.
    fn until(self, other: Self) -> i32 {
        self.date.until(other.date).map_or(i32::MAX, |s| s.get_days())
    }

    /// The day of that month nearest to this one. `past`: what is not within three months ahead was before.
    pub fn nearest(self, month: u8, day: u8, past: bool) -> Option<Self> {
        let Some(year) = self.year() else { return Self::new(None, month, day) };
        let distance = |d: &Self| {
            let n = self.until(*d);
            if past && n > 92 { i32::MAX } else { n.abs() }
        };
        [year, year.saturating_add(1), year.saturating_sub(1)].into_iter().filter_map(|y| Self::new(Some(y), month, day)).min_by_key(distance)
    }
}

/// How exactly a time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precision {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
}

impl Precision {
    /// The name used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Minute => "minute",
        }
    }
}

/// A resolved time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub day: Day,
    pub precision: Precision,
    pub clock: Option<Clock>,
}

impl Stamp {
    pub const fn new(day: Day, precision: Precision) -> Self {
        Self { day, precision, clock: None }
    }

    /// At a time of that day.
    pub fn at(mut self, clock: Option<Clock>) -> Self {
        if let Some(c) = clock.filter(|_| self.precision >= Precision::Day) {
            self.clock = Some(c);
            self.precision = if c.minute.is_some() { Precision::Minute } else { Precision::Hour };
        }
        self
    }

    /// ISO 8601; nothing for a year that is open.
    pub fn text(&self) -> Option<CompactString> {
        let (m, d) = (self.day.month(), self.day.day());
        Some(match (self.precision, self.day.year()) {
            (Precision::Year, None) => return None,
            (Precision::Year, Some(y)) => format_compact!("{y:04}"),
            (Precision::Month, None) => format_compact!("--{m:02}"),
            (Precision::Month, Some(y)) => format_compact!("{y:04}-{m:02}"),
            (_, year) => {
                let day = year.map_or_else(|| format_compact!("--{m:02}-{d:02}"), |y| format_compact!("{y:04}-{m:02}-{d:02}"));
                self.clock.map_or(day.clone(), |c| format_compact!("{day}T{:02}:{:02}", c.hour, c.minute.unwrap_or(0)))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_rolls() {
        let day = |y, m, d| Day::new(Some(y), m, d).unwrap();
        assert_eq!(day(2022, 12, 27).nearest(1, 4, false), Some(day(2023, 1, 4)));
        assert_eq!(day(2025, 2, 10).nearest(1, 31, false), Some(day(2025, 1, 31)));
        assert_eq!(day(2024, 5, 10).nearest(10, 1, true), Some(day(2023, 10, 1)));
        assert_eq!(Day::new(None, 5, 4).unwrap().later(1).map(|d| Stamp::new(d, Precision::Day).text().unwrap()), Some("--05-05".into()));
        assert_eq!(Day::new(None, 12, 31).unwrap().later(1).map(|d| Stamp::new(d, Precision::Day).text().unwrap()), Some("--01-01".into()));
        assert_eq!(day(2024, 2, 28).later(1), Some(day(2024, 2, 29)));
    }
}
