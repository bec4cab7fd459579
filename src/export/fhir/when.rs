//! Times of facts as FHIR says them.

use super::types::{Period, Quantity};
use crate::model::TimeRange;

/// What FHIR can say of a time.
#[derive(Debug, Clone, Default)]
pub(super) struct When {
    pub date_time: Option<String>,
    pub period: Option<Period>,
    /// Years of age.
    pub age: Option<f64>,
    /// A time that is not tied to the calendar: there is one, but no date of it.
    pub open: bool,
}

impl When {
    /// `offset` is the offset from UTC of times of the day (`+09:00`).
    pub fn of(time: Option<&TimeRange>, offset: &str) -> Self {
        let Some(t) = time else { return Self::default() };
        let start = t.start.as_deref().and_then(|s| date_time(s, offset));
        let end = t.end.as_deref().and_then(|s| date_time(s, offset));
        match (start, end) {
            (start, Some(end)) => Self { period: Some(Period { start, end: Some(end) }), ..Self::default() },
            (Some(start), None) => Self { date_time: Some(start), ..Self::default() },
            (None, None) if t.precision == "age" => Self { age: t.start.as_deref().and_then(years), open: true, ..Self::default() },
            _ => Self { open: true, ..Self::default() },
        }
    }

    /// The first day or moment of it.
    pub fn start(&self) -> Option<String> {
        self.date_time.clone().or_else(|| self.period.as_ref()?.start.clone())
    }
}

/// A FHIR `dateTime`: a year, month or day as it is; a time of the day with seconds and the offset.
pub(in crate::export) fn date_time(iso: &str, offset: &str) -> Option<String> {
    let (date, clock) = iso.split_once('T').map_or((iso, None), |(d, c)| (d, Some(c)));
    let shape = |s: &str, lens: &[usize], sep: char| s.split(sep).map(str::len).eq(lens.iter().copied()) && s.chars().all(|c| c.is_ascii_digit() || c == sep);
    let whole = shape(date, &[4, 2, 2], '-');
    if !whole && !shape(date, &[4, 2], '-') && !shape(date, &[4], '-') {
        return None;
    }
    match clock {
        None => Some(date.to_owned()),
        Some(c) if whole && shape(c, &[2], ':') => Some(format!("{date}T{c}:00:00{offset}")),
        Some(c) if whole && shape(c, &[2, 2], ':') => Some(format!("{date}T{c}:00{offset}")),
        Some(c) if whole && shape(c, &[2, 2, 2], ':') => Some(format!("{date}T{c}{offset}")),
        Some(_) => None,
    }
}

/// `P52Y` is 52.
pub(super) fn years(duration: &str) -> Option<f64> {
    duration.strip_prefix('P')?.strip_suffix('Y')?.parse().ok()
}

/// An age in years.
pub(super) fn age<'a>(years: f64) -> Quantity<'a> {
    Quantity { value: years, comparator: None, unit: Some("歳".into()), system: Some(super::UCUM), code: Some("a".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iso_times_become_date_times() {
        let at = |s| date_time(s, "+09:00");
        assert_eq!(at("2024").as_deref(), Some("2024"));
        assert_eq!(at("2024-05").as_deref(), Some("2024-05"));
        assert_eq!(at("2024-05-04T06:00").as_deref(), Some("2024-05-04T06:00:00+09:00"));
        assert_eq!(at("2024-05-04T06").as_deref(), Some("2024-05-04T06:00:00+09:00"));
        for open in ["--05-04", "T14:30", "-P3D", "P1M", "2024-05T06:00", "2024-05-04T", "昨日", ""] {
            assert_eq!(at(open), None, "{open}");
        }
        assert_eq!(years("P52Y"), Some(52.0));
    }
}
