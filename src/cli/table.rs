//! Facts as a table that a physician can read, grouped by section.

use crate::model::{Applicability, Assertion, Fact, FactKind, Structured, Subject, Temporality, Value};
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Prints one note's facts.
pub(super) fn print(out: &mut dyn Write, title: &str, _text: &str, found: &Structured, colour: bool) -> io::Result<()> {
    let (bold, dim, off) = if colour { ("\x1b[1m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
    if !title.is_empty() {
        writeln!(out, "{bold}== {title} =={off}")?;
    }
    if found.facts.is_empty() {
        return writeln!(out, "{dim}(no facts){off}");
    }
    let rows: Vec<[String; 6]> = found.facts.iter().map(|f| row(f, found)).collect();
    let mut widths = [0; 6];
    for r in &rows {
        for (w, cell) in widths.iter_mut().zip(r) {
            *w = (*w).max(cell.width());
        }
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    // derived facts stand under what they were derived from
    let position = |i: usize| found.facts.get(i).map_or((0, 0, 0), |f| (f.start, usize::from(!f.from.is_empty()), i));
    order.sort_by_key(|i| position(*i));
    let mut section = None;
    for i in order {
        let (Some(f), Some(r)) = (found.facts.get(i), rows.get(i)) else { continue };
        if section != Some(f.section) {
            section = Some(f.section);
            let code = if f.section.clins().is_empty() { String::new() } else { format!(" [{}]", f.section.clins()) };
            writeln!(out, "{bold}── {}{code} ──{off}", f.section.label())?;
        }
        for (k, (cell, width)) in r.iter().zip(widths).enumerate() {
            let last = k == 5;
            let pad = if last { 0 } else { width.saturating_sub(cell.width()) + 2 };
            let (a, b) = if last { (dim, off) } else { ("", "") };
            write!(out, "{}{a}{cell}{b}{:pad$}", if k == 0 { "  " } else { "" }, "")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// What every table ends with.
pub(super) fn footer(out: &mut dyn Write, colour: bool) -> io::Result<()> {
    let (dim, off) = if colour { ("\x1b[2m", "\x1b[0m") } else { ("", "") };
    writeln!(out, "{dim}Karuta supports reading; it does not diagnose. カルテを読む助けであり、診断ではありません。{off}")
}

/// Words, what it is, value, state, code, why.
fn row(f: &Fact, found: &Structured) -> [String; 6] {
    let text: String = f.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mark = match (f.from.is_empty(), f.applicability) {
        (false, _) => "└ ",
        (true, Applicability::Auto) => "",
        (true, _) => "? ",
    };
    let shown = if f.from.is_empty() { shorten(&text, 40) } else { format!("{} より", shorten(&text, 36)) };
    [format!("{mark}{shown}"), f.name.clone(), value(f), state(f), code(f), why(f, found)]
}

fn shorten(s: &str, width: usize) -> String {
    if s.width() <= width {
        return s.to_owned();
    }
    let mut out = String::new();
    for c in s.chars() {
        if out.width() + 2 > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// A value as it is read: `39.2 Cel`, `~ 140 mm[Hg]`, `±`.
pub(super) fn value(f: &Fact) -> String {
    if let Some(m) = &f.medication {
        return [m.strength.as_deref(), m.dose.as_deref(), m.status.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    }
    if let (FactKind::Time, Some(t)) = (f.kind, &f.time) {
        return t.start.as_deref().unwrap_or("").to_owned();
    }
    f.value.as_ref().map_or_else(String::new, quantity)
}

/// A number with its unit, or a word.
pub(super) fn quantity(v: &Value) -> String {
    let mut out = String::new();
    if let Some(c) = &v.comparator {
        out.push_str(c);
        out.push(' ');
    }
    if let Some(n) = v.number {
        out.push_str(&crate::recognize::display(n));
        if let Some(h) = v.high {
            out.push('–');
            out.push_str(&crate::recognize::display(h));
        }
        if let Some(u) = v.unit.as_deref().filter(|u| !u.starts_with('{')) {
            out.push(' ');
            out.push_str(u);
        }
    }
    if let Some(t) = &v.text {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(t);
    }
    out
}

/// Whether it is there, whose it is, when: あり・家族・過去.
pub(super) fn state(f: &Fact) -> String {
    let mut parts = Vec::new();
    if matches!(f.kind, FactKind::Disorder | FactKind::Finding | FactKind::Procedure | FactKind::Allergy) {
        parts.push(match f.assertion {
            Assertion::Present => "あり",
            Assertion::Absent => "なし",
            Assertion::Possible => "疑い",
            Assertion::Conditional => "条件",
            Assertion::Planned => "予定",
        });
    }
    match f.subject {
        Subject::Patient => {}
        Subject::Family => parts.push("家族"),
        Subject::Other => parts.push("他者"),
    }
    match f.temporality {
        Temporality::Current => {}
        Temporality::Past => parts.push("過去"),
        Temporality::Future => parts.push("今後"),
    }
    parts.join("・")
}

/// The codes that a reader of that kind of fact looks for first.
fn code(f: &Fact) -> String {
    let find = |needle: &str| f.codings.iter().find(|c| c.system.contains(needle)).map(|c| c.code.to_string());
    let parts: Vec<Option<String>> = match f.kind {
        FactKind::Disorder | FactKind::Finding => vec![find("ICD10"), find("master-disease-exCode")],
        FactKind::Vital | FactKind::Lab | FactKind::Score => vec![find("loinc").map(|c| format!("LOINC {c}"))],
        FactKind::Medication => {
            let product = f.codings.iter().find(|c| c.system.ends_with("YJ-code")).map(|c| format!("YJ {}", c.code)).or_else(|| find("HOT9").map(|c| format!("HOT9 {c}")));
            // digits that stand for an ingredient, not for a product
            vec![product.or_else(|| find("MedicationGeneralOrderCode")).or_else(|| find("YJ-code#prefix").map(|c| format!("YJ {c}…")))]
        }
        FactKind::Allergy => vec![find("Jfagy")],
        _ => vec![],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" / ")
}

fn why(f: &Fact, found: &Structured) -> String {
    let mut out: Vec<String> = f.because.iter().map(|r| r.rule.to_string()).collect();
    if let Some(source) = f.because.first().filter(|_| !f.from.is_empty()).map(|r| r.pack.as_str()) {
        out.push(source.to_owned());
    }
    out.extend(
        found
            .relations
            .iter()
            .filter(|r| r.from == f.id)
            .map(|r| format!("{} {}", serde_json::to_value(r.kind).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default(), r.to)),
    );
    out.join(" ← ")
}
