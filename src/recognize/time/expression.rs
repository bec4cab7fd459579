//! What a time expression says before it is resolved.

use crate::lexicon::{Amount, Anchor, Event, TimeUnit};
use crate::model::TimeRange;
use compact_str::{CompactString, format_compact};

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock {
    /// 0 to 24.
    pub hour: u8,
    /// 0 to 59, where it was told.
    pub minute: Option<u8>,
}

/// A year as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Year {
    /// Not written: 5/4.
    Open,
    /// 2024, 令和6.
    Full(i16),
    /// 24 of 24/5/4: the century is open.
    Short(u8),
    /// Taken out of the text: X-1年, 20XX年.
    Masked,
    /// 昨年, 同年: shifted from an anchor; `true` for back.
    From(Anchor, bool, u16),
}

/// A month as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Month {
    /// Not written: 2024年, 4日.
    Open,
    /// 1 to 12.
    Number(u8),
    /// 先月, 同月: shifted from an anchor; `true` for back.
    From(Anchor, bool, u16),
}

/// A date as it was written, some of it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The year.
    pub year: Year,
    /// The month.
    pub month: Month,
    /// The day of the month, 1 to 31.
    pub day: Option<u8>,
    /// The time of day.
    pub clock: Option<Clock>,
}

impl Written {
    /// A date of numbers.
    pub fn of(year: Year, month: u8, day: Option<u8>) -> Self {
        Self { year, month: Month::Number(month), day, clock: None }
    }
}

/// The point or length of time that an expression names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// 2024/5/4, 5月, 昨年10月, 4日.
    Date(Written),
    /// 10時, 14:30.
    Clock(Clock),
    /// 3日前, 翌日, 術後9カ月: an amount before (`back`) or after the anchor.
    Shift {
        /// What it is counted from.
        anchor: Anchor,
        /// Before, not after.
        back: bool,
        /// How much.
        amount: Amount,
        /// The time of day.
        clock: Option<Clock>,
    },
    /// 第3病日, POD4, 入院5日目, 3クール目: a count of units.
    Count {
        /// What is counted from, where it was told.
        event: Option<Event>,
        /// Which one.
        n: u16,
        /// Of what; `None` for courses of a treatment.
        unit: Option<TimeUnit>,
        /// The event's own day is 0, not 1: POD.
        zero: bool,
    },
    /// 28歳, 生後3か月; `decade` for 50代.
    Age {
        /// How old.
        amount: Amount,
        /// 50代: anywhere in these ten years.
        decade: bool,
    },
    /// 妊娠32週.
    Gestation(Amount),
    /// 2時間, 3日間.
    Length(Amount),
    /// 以前, 数日前 of nothing told.
    Vague,
}

/// A time expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expression {
    /// What it names, or the start of a range.
    pub point: Point,
    /// The end of a range: 5/5〜5/9.
    pub until: Option<Point>,
    /// It says when something was, not how old somebody is: 5歳で, 68歳時から.
    pub governs: bool,
    /// The rule that read it.
    pub rule: &'static str,
}

impl Expression {
    /// An expression that may govern what is said beside it.
    pub const fn new(point: Point, rule: &'static str) -> Self {
        Self { point, until: None, governs: true, rule }
    }

    /// Whether it names a day of the calendar.
    pub const fn is_date(&self) -> bool {
        matches!(self.point, Point::Date(Written { month: Month::Number(_), day: Some(_), .. }))
    }

    /// What it says by itself, with nothing resolved.
    pub fn unresolved(&self) -> TimeRange {
        let range = |start: Option<CompactString>, end: Option<CompactString>, precision: &'static str| TimeRange { start, end, precision: CompactString::const_new(precision) };
        match self.point {
            Point::Date(_) => range(None, None, "day"),
            Point::Clock(c) => range(Some(clock(c)), self.until.and_then(|u| if let Point::Clock(c) = u { Some(clock(c)) } else { None }), "hour"),
            Point::Shift { back, amount, .. } => {
                let sign = if back && !amount.is_zero() { "-" } else { "" };
                let start = (!amount.some).then(|| format_compact!("{sign}{amount}"));
                range(start, amount.upper().map(|a| format_compact!("{sign}{a}")), "relative")
            }
            Point::Count { n, unit, .. } => range(unit.map(|u| format_compact!("{}", Amount::of(n, u))), None, "course_day"),
            Point::Age { amount, decade } => {
                let end = if decade { Some(Amount::of(amount.get(TimeUnit::Year) + 9, TimeUnit::Year)) } else { amount.upper() };
                range(Some(format_compact!("{amount}")), end.map(|a| format_compact!("{a}")), "age")
            }
            Point::Gestation(amount) => range(Some(format_compact!("{amount}")), amount.upper().map(|a| format_compact!("{a}")), "age"),
            Point::Length(amount) => range((!amount.some).then(|| format_compact!("{amount}")), amount.upper().map(|a| format_compact!("{a}")), "duration"),
            Point::Vague => range(None, None, "relative"),
        }
    }
}

fn clock(c: Clock) -> CompactString {
    format_compact!("T{:02}:{:02}", c.hour, c.minute.unwrap_or(0))
}
