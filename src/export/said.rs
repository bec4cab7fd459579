//! Values, times and doses in one line of text.

use crate::model::{Fact, TimeRange, Value};

/// `>= 39 Cel`, `138-142 meq/L`, `2+`.
pub(crate) fn value(v: &Value) -> String {
    let mut out = Vec::new();
    out.extend(v.comparator.as_deref().map(str::to_owned));
    match (v.number, v.high) {
        (Some(n), Some(h)) => out.push(format!("{n}-{h}")),
        (Some(n), None) => out.push(n.to_string()),
        _ => {}
    }
    out.extend(v.unit.as_deref().filter(|_| v.number.is_some()).map(str::to_owned));
    out.extend(v.text.as_deref().map(str::to_owned));
    out.join(" ")
}

/// `2024-05-04`, `2024-05-04/2024-05-06`, `-P3D`.
pub(crate) fn time(t: &TimeRange) -> String {
    match (t.start.as_deref(), t.end.as_deref()) {
        (Some(a), Some(b)) => format!("{a}/{b}"),
        (Some(a), None) => a.to_owned(),
        (None, Some(b)) => format!("/{b}"),
        (None, None) => String::new(),
    }
}

/// The dose of a medicine as written, with its strength and use.
pub(crate) fn dose(f: &Fact) -> String {
    let Some(m) = f.medication.as_deref() else { return String::new() };
    let usage = m.usage.as_deref().filter(|u| m.dose.as_deref().is_none_or(|d| !d.contains(u)));
    [m.strength.as_deref(), m.dose.as_deref(), usage].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
