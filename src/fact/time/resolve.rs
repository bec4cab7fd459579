//! One time expression against what is known of the note: its own date, what was told before, what happened when.

use super::calendar::{Day, Precision, Stamp};
use crate::lexicon::{Amount, Anchor, Event, TimeUnit};
use crate::model::TimeRange;
use crate::note::SectionKind;
use crate::recognize::time::{Expression, Month, Point, Written, Year};
use compact_str::CompactString;
use jiff::civil::Date;

/// What times are resolved against, as far as the note was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The note's own date.
    pub note: Option<Day>,
    /// The date of the entry, where a line holds nothing else.
    pub entry: Option<Day>,
    pub admission: Option<Day>,
    pub discharge: Option<Day>,
    pub operation: Option<Day>,
    pub onset: Option<Day>,
    pub visit: Option<Day>,
    pub birth: Option<Day>,
    /// The event that was dated last.
    pub last: Option<Event>,
    /// The last time told, with its section.
    pub told: Option<(Stamp, usize)>,
    /// The last date with a year: what open years are read by. `true` for one that the note told itself.
    pub year: Option<(Day, bool)>,
}

impl Known {
    pub fn new(note: Option<Date>) -> Self {
        let note = note.map(Day::of);
        Self { note, year: note.map(|d| (d, false)), ..Self::default() }
    }

    pub const fn event(&self, e: Event) -> Option<Day> {
        match e {
            Event::Admission => self.admission,
            Event::Discharge => self.discharge,
            Event::Operation => self.operation,
            Event::Onset => self.onset,
            Event::Visit => self.visit,
            Event::Birth => self.birth,
            Event::Other => None,
        }
    }

    pub fn set_event(&mut self, e: Event, day: Day) {
        let slot = match e {
            Event::Admission => &mut self.admission,
            Event::Discharge => &mut self.discharge,
            Event::Operation => &mut self.operation,
            Event::Onset => &mut self.onset,
            Event::Visit => &mut self.visit,
            Event::Birth => &mut self.birth,
            Event::Other => return,
        };
        *slot = Some(day);
        self.last = Some(e);
    }

    /// The day that 今日 is: the entry's; the admission's for what led to it; else the note's own. `back` when
    /// a time before it is meant.
    fn speech(&self, section: SectionKind, back: bool) -> Option<Day> {
        use SectionKind as S;
        if self.entry.is_some() {
            return self.entry;
        }
        let history = matches!(
            section,
            S::ChiefComplaint
                | S::PresentIllness
                | S::PastHistory
                | S::FamilyHistory
                | S::SocialHistory
                | S::AdmissionReason
                | S::AdmissionDetails
                | S::AdmissionDiagnosis
                | S::Allergy
        );
        if history {
            return self.admission.or(self.note);
        }
        if matches!(section, S::DischargePlan | S::DischargeDetails | S::DischargeMedication) {
            return self.discharge.or(self.note);
        }
        // a summary, told from its end, counts back from the admission that it begins with
        self.note.or(self.admission.filter(|_| back && self.discharge.is_some()))
    }

    fn anchor(&self, a: Anchor, back: bool, section: (usize, SectionKind)) -> Option<Stamp> {
        let day = |d: Option<Day>| d.map(|d| Stamp::new(d, Precision::Day));
        match a {
            Anchor::Speech => day(self.speech(section.1, back)),
            Anchor::Told => self.told.filter(|t| t.1 == section.0).map(|t| t.0).or_else(|| match section.1 {
                SectionKind::DischargePlan | SectionKind::Plan => day(self.speech(section.1, back)),
                _ => None,
            }),
            Anchor::Event(e) => day(self.event(e)),
        }
    }

    /// Resolves an expression. Returns its first point too, where that is a date.
    pub fn resolve(&self, e: &Expression, section: (usize, SectionKind)) -> (TimeRange, Option<Stamp>) {
        let Some(start) = self.point(&e.point, section) else { return (e.unresolved(), None) };
        let end = match e.until {
            Some(Point::Date(w)) => self.written(&w, section, Some(start)),
            Some(Point::Clock(c)) => Some(start.at(Some(c))),
            _ => None,
        };
        let end = end.or_else(|| self.upper(&e.point, section));
        let (start_text, end_text) = (start.text(), end.and_then(|s| s.text()));
        // 2〜3日前: the earlier end first
        let (a, b) = match (&start_text, &end_text) {
            (Some(x), Some(y)) if matches!(e.point, Point::Shift { back: true, .. }) && y < x => (end_text, start_text),
            _ => (start_text, end_text),
        };
        if a.is_none() {
            return (e.unresolved(), None);
        }
        (TimeRange { start: a, end: b, precision: CompactString::const_new(start.precision.name()) }, Some(start))
    }

    fn upper(&self, point: &Point, section: (usize, SectionKind)) -> Option<Stamp> {
        let Point::Shift { anchor, back, amount, clock } = *point else { return None };
        self.point(&Point::Shift { anchor, back, amount: amount.upper()?, clock }, section)
    }

    fn point(&self, point: &Point, section: (usize, SectionKind)) -> Option<Stamp> {
        match *point {
            Point::Date(w) => self.written(&w, section, None),
            Point::Clock(c) => {
                let day = self.told.filter(|t| t.1 == section.0 && t.0.precision >= Precision::Day).map(|t| t.0.day).or_else(|| self.speech(section.1, false))?;
                Some(Stamp::new(day, Precision::Day).at(Some(c)))
            }
            Point::Shift { anchor, back, amount, clock } => self.shifted(anchor, back, &amount, section).map(|s| s.at(clock)),
            Point::Count { event, n, unit, zero } => {
                let e = event.or_else(|| self.counted_from())?;
                // the day after the operation is the first after it, also where 術後 is left out
                let zero = zero || event.is_none() && e == Event::Operation;
                // 病日 counts from the illness where no admission is told
                let base = self.event(e).or_else(|| self.onset.filter(|_| e == Event::Admission))?;
                let n = if zero { n } else { n.checked_sub(1)? };
                match unit? {
                    TimeUnit::Day => Some(Stamp::new(base.later(n)?, Precision::Day)),
                    TimeUnit::Week => Some(Stamp::new(base.shift(false, &Amount::of(n, TimeUnit::Week))?, Precision::Week)),
                    _ => None,
                }
            }
            Point::Age { .. } | Point::Gestation(_) | Point::Length(_) | Point::Vague => None,
        }
    }

    /// What 4日目 and 第3病日 count from where it is not said.
    fn counted_from(&self) -> Option<Event> {
        self.last
            .filter(|e| matches!(e, Event::Operation | Event::Admission) && self.event(*e).is_some())
            .or_else(|| [Event::Admission, Event::Onset].into_iter().find(|e| self.event(*e).is_some()))
    }

    fn shifted(&self, anchor: Anchor, back: bool, amount: &Amount, section: (usize, SectionKind)) -> Option<Stamp> {
        if amount.some {
            return None;
        }
        let base = self.anchor(anchor, back, section)?;
        let precision = match amount.finest() {
            TimeUnit::Year => Precision::Year,
            TimeUnit::Month => Precision::Month,
            TimeUnit::Week => Precision::Week,
            TimeUnit::Day => Precision::Day,
            TimeUnit::Hour | TimeUnit::Minute => return None,
        };
        if base.precision < Precision::Day && precision >= Precision::Week && !amount.is_zero() {
            return None;
        }
        Some(Stamp::new(base.day.shift(back, amount)?, precision.min(base.precision.min(Precision::Day))))
    }

    /// A written date, its open parts filled in; `from` is the first date of a range that it ends.
    fn written(&self, w: &Written, section: (usize, SectionKind), from: Option<Stamp>) -> Option<Stamp> {
        let (mut year, mut month) = (None, None);
        match w.year {
            Year::Open | Year::Masked => {}
            Year::Full(y) => year = Some(y),
            Year::Short(y) => year = Some(self.century(y)),
            Year::From(a, back, n) => year = self.anchor(a, back, section)?.day.shift(back, &Amount::of(n, TimeUnit::Year))?.year(),
        }
        match w.month {
            Month::Open => {}
            Month::Number(m) => month = Some(m),
            Month::From(a, back, n) => {
                let base = self.anchor(a, back, section)?.day.shift(back, &Amount::of(n, TimeUnit::Month))?;
                (year, month) = (base.year(), Some(base.month()));
                if year.is_none() {
                    let day = Day::new(None, base.month(), w.day.unwrap_or(1))?;
                    return Some(Stamp::new(day, if w.day.is_some() { Precision::Day } else { Precision::Month }));
                }
            }
        }
        let reference = if w.year == Year::Masked { None } else { from.map(|s| (s.day, true)).or(self.year) };
        let stamp = match (year, month, w.day) {
            (Some(y), None, None) => Stamp::new(Day::new(Some(y), 1, 1)?, Precision::Year),
            (Some(y), Some(m), None) => Stamp::new(Day::new(Some(y), m, 1)?, Precision::Month),
            (Some(y), Some(m), Some(d)) => Stamp::new(Day::new(Some(y), m, d)?, Precision::Day),
            (None, Some(m), Some(d)) => Stamp::new(reference.map_or_else(|| Day::new(None, m, d), |(r, told)| r.nearest(m, d, !told))?, Precision::Day),
            (None, Some(m), None) => {
                let year = reference.and_then(|(r, told)| r.nearest(m, 15, !told)).and_then(Day::year);
                Stamp::new(Day::new(year, m, 1)?, Precision::Month)
            }
            (_, None, Some(d)) if w.year != Year::Masked => {
                let told = from.or(self.told.filter(|t| t.0.precision != Precision::Year).map(|t| t.0))?.day;
                // the day of that month, or of the next where it would lie far back
                let same = Day::new(told.year(), told.month(), d);
                let next = told.shift(false, &Amount::of(1, TimeUnit::Month)).and_then(|n| Day::new(n.year(), n.month(), d));
                let far = d < told.day() && told.day() - d > 15;
                Stamp::new(if far { next } else { same.or(next) }?, Precision::Day)
            }
            _ => return None,
        };
        Some(stamp.at(w.clock))
    }

    /// The year of two digits nearest to the note's other dates; without any, 70 to 99 are of the last century.
    fn century(&self, y: u8) -> i16 {
        let y = i16::from(y);
        match self.year.and_then(|(d, _)| d.year()) {
            Some(near) => [y + 1900, y + 2000].into_iter().min_by_key(|c| (c - near).abs()).unwrap_or(y + 2000),
            None => y + if y >= 70 { 1900 } else { 2000 },
        }
    }
}
