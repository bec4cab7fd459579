//! The day that a record gives for its note.

/// The day of `written`: ISO 8601 or 2024/5/4, with or without a time of day after it; `None` where it is no day.
///
/// ```
/// use karuta::note::day;
/// assert_eq!(day("2024-05-04T10:00"), Some(jiff::civil::date(2024, 5, 4)));
/// assert_eq!(day("2024/5/4"), day("2024-05-04"));
/// assert_eq!(day("2024/13/4"), None);
/// ```
pub fn day(written: &str) -> Option<jiff::civil::Date> {
    let d = written.trim();
    let end = d.find(['T', ' ']).unwrap_or(d.len());
    let mut parts = crate::text::sub(d, 0, end).split(['-', '/']);
    let (y, m, d) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    if parts.next().is_some() { None } else { jiff::civil::Date::new(y, m, d).ok() }
}
