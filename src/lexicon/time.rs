//! Words of time: what a table row says of one, and amounts of time as ISO 8601 writes them.

use super::compile::format::Attr;
use super::{Concept, ConceptRef};
use rustc_hash::FxHashMap as HashMap;
use std::fmt;

/// What a relative time is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// When it is said: 昨日, 3日前.
    Speech,
    /// The date told before it: 翌日, 同日.
    Told,
    /// Something that happened: 入院翌日, 術後3日.
    Event(Event),
}

/// What times are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// 入院.
    Admission,
    /// 退院.
    Discharge,
    /// 手術.
    Operation,
    /// 発症, 受傷.
    Onset,
    /// 来院, 受診, 初診.
    Visit,
    /// 出生.
    Birth,
    /// Anything else: 抜管, 透析.
    Other,
}

impl Event {
    fn from_name(name: &str) -> Self {
        match name {
            "admission" => Self::Admission,
            "discharge" => Self::Discharge,
            "operation" => Self::Operation,
            "onset" => Self::Onset,
            "visit" => Self::Visit,
            "birth" => Self::Birth,
            _ => Self::Other,
        }
    }
}

/// What a word of time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeSort {
    /// A shift of the time it is said: 昨日.
    Now,
    /// A shift of the time told before: 翌日.
    Last,
    /// A time that can't be told: 以前, 最近.
    Vague,
    /// A part of the day: 深夜.
    Part,
    /// A part of the day that is a time only beside another: 昼食時, 夜.
    Moment,
    /// Something that happened: 入院.
    Event,
    /// Before a count of weeks: 妊娠, 在胎.
    Gestation,
    /// Before a count of days, months or years of life: 生後, 日齢.
    Life,
    /// No time: 一時的, 深夜帯.
    Stop,
    /// Before two numbers with a slash that are no date: MMT.
    BeforeFraction,
    /// After such numbers: 摂取.
    AfterFraction,
}

/// A unit of time, the coarsest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// 年, 歳.
    Year,
    /// か月.
    Month,
    /// 週.
    Week,
    /// 日.
    Day,
    /// 時間.
    Hour,
    /// 分.
    Minute,
}

/// An amount of time as it was stated: 1年9カ月, 2〜3日, 数日.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Amount {
    /// Years, months, weeks, days, hours, minutes.
    pub parts: [u16; 6],
    /// The upper end of the finest part, when a range was given.
    pub high: Option<u16>,
    /// 数: some, not told how many.
    pub some: bool,
}

impl Amount {
    /// `n` of `unit`.
    pub fn of(n: u16, unit: TimeUnit) -> Self {
        Self::default().with(n, unit)
    }

    /// With `n` more of `unit`.
    #[must_use]
    pub fn with(mut self, n: u16, unit: TimeUnit) -> Self {
        if let Some(p) = self.parts.get_mut(unit as usize) {
            *p = p.saturating_add(n);
        }
        self
    }

    /// How many of `unit` were stated.
    pub fn get(&self, unit: TimeUnit) -> u16 {
        self.parts.get(unit as usize).copied().unwrap_or(0)
    }

    /// Whether it is nothing: 同日, 本日.
    pub fn is_zero(&self) -> bool {
        self.parts.iter().all(|p| *p == 0)
    }

    /// The finest unit stated.
    pub fn finest(&self) -> TimeUnit {
        use TimeUnit::{Day, Hour, Minute, Month, Week, Year};
        [Minute, Hour, Day, Week, Month, Year].into_iter().find(|u| self.get(*u) > 0).unwrap_or(Day)
    }

    /// The upper end, where a range was given.
    pub fn upper(&self) -> Option<Self> {
        let high = self.high?;
        let mut out = Self { high: None, ..*self };
        if let Some(p) = out.parts.get_mut(self.finest() as usize) {
            *p = high;
        }
        Some(out)
    }

    /// Reads `P1Y`, `P3D`, `P0D`.
    fn parse(s: &str) -> Option<Self> {
        let mut out = Self::default();
        let mut rest = s.strip_prefix('P')?;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let n = rest.get(..digits)?.parse().ok()?;
            let unit = match rest.as_bytes().get(digits)? {
                b'Y' => TimeUnit::Year,
                b'M' => TimeUnit::Month,
                b'W' => TimeUnit::Week,
                b'D' => TimeUnit::Day,
                _ => return None,
            };
            out = out.with(n, unit);
            rest = rest.get(digits + 1..)?;
        }
        Some(out)
    }
}

/// ISO 8601: `P1Y9M`, `P30W2D`, `PT2H40M`, `P0D`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("P0D");
        }
        f.write_str("P")?;
        let mut time = false;
        for (n, (letter, of_day)) in self.parts.iter().zip([('Y', false), ('M', false), ('W', false), ('D', false), ('H', true), ('M', true)]) {
            if *n == 0 {
                continue;
            }
            if of_day && !time {
                f.write_str("T")?;
                time = true;
            }
            write!(f, "{n}{letter}")?;
        }
        Ok(())
    }
}

/// A word of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeWord {
    /// Its id, as it stands in explanations.
    pub id: String,
    /// What it is.
    pub sort: TimeSort,
    /// By how much it shifts; `true` for back.
    pub shift: Option<(bool, Amount)>,
    /// The event it names.
    pub event: Event,
    /// Whether 前 after the event makes a time of its own: 入院前.
    pub before: bool,
    /// Whether 後 after the event does: 抜管後.
    pub after: bool,
}

/// The words of time of a lexicon.
#[derive(Debug, Default)]
pub(super) struct TimeWords {
    words: HashMap<ConceptRef, TimeWord>,
    before_fraction: Vec<String>,
    after_fraction: Vec<String>,
}

impl TimeWords {
    pub(super) fn get(&self, r: ConceptRef) -> Option<&TimeWord> {
        self.words.get(&r)
    }

    pub(super) fn fractions(&self, before: bool) -> &[String] {
        if before { &self.before_fraction } else { &self.after_fraction }
    }

    /// Reads a row. A value is `-P1D` for a shift, `admission|before` for an event.
    pub(super) fn add(&mut self, r: ConceptRef, c: Concept<'_>) {
        let sort = match c.attr(Attr::Type).unwrap_or("") {
            "now" => TimeSort::Now,
            "last" => TimeSort::Last,
            "vague" => TimeSort::Vague,
            "part" => TimeSort::Part,
            "moment" => TimeSort::Moment,
            "event" => TimeSort::Event,
            "gestation" => TimeSort::Gestation,
            "life" => TimeSort::Life,
            "before_fraction" => TimeSort::BeforeFraction,
            "after_fraction" => TimeSort::AfterFraction,
            _ => TimeSort::Stop,
        };
        let value = c.attr(Attr::Value).unwrap_or("");
        let back = value.starts_with('-');
        let mut words = value.split('|');
        let event = Event::from_name(words.next().unwrap_or(""));
        let stands = |side: &str| value.split('|').skip(1).any(|w| w == side);
        let shift = Amount::parse(value.trim_start_matches('-')).map(|a| (back, a));
        self.words.insert(r, TimeWord { id: c.id().to_owned(), sort, shift, event, before: stands("before"), after: stands("after") });
    }

    /// Takes a spelling of a word that was added.
    pub(super) fn spelled(&mut self, r: ConceptRef, folded: &str) {
        match self.words.get(&r).map(|w| w.sort) {
            Some(TimeSort::BeforeFraction) => self.before_fraction.push(folded.to_owned()),
            Some(TimeSort::AfterFraction) => self.after_fraction.push(folded.to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for s in ["P1Y9M", "P30W2D", "P0D", "P3D"] {
            assert_eq!(Amount::parse(s).unwrap().to_string(), s);
        }
        assert_eq!(Amount::of(2, TimeUnit::Hour).with(40, TimeUnit::Minute).to_string(), "PT2H40M");
    }
}
