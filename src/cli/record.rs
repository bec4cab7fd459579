//! Records as lines of JSON, or as tables that a physician can read.

use super::output::{Written, json_line};
use super::table;
use crate::model::{Assertion, Coding, TimeRange, Value};
use crate::record::{Entry, Outcome, Record, Treatment};
use miette::Result;
use serde::Serialize;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// One line of the output contract.
#[derive(Debug, Serialize)]
struct Line<'a> {
    id: &'a serde_json::Value,
    #[serde(flatten)]
    record: &'a Record,
}

/// Writes a record as one line of JSON.
pub(super) fn line(out: &mut dyn Write, id: &serde_json::Value, record: &Record) -> Result<()> {
    json_line(out, &Line { id, record })
}

/// Prints a record: a heading for each part, a line for each thing in it.
pub(super) fn print(out: &mut dyn Write, title: &str, record: &Record, colour: bool) -> Result<()> {
    rows(out, title, record, colour).written()
}

fn rows(out: &mut dyn Write, title: &str, r: &Record, colour: bool) -> io::Result<()> {
    let (bold, off) = if colour { ("\x1b[1m", "\x1b[0m") } else { ("", "") };
    if !title.is_empty() {
        writeln!(out, "{bold}== {title} =={off}")?;
    }
    let sex = r.sex.as_ref().map(|s| if s.code == "male" { "男性" } else { "女性" });
    let stay = [r.admission.as_ref().map(|t| format!("入院 {}", time(t))), r.discharge.as_ref().map(|t| format!("退院 {}", time(t))), r.length_of_stay.map(|n| format!("{n}日間"))];
    let complaints = r.chief_complaints.iter().map(|c| c.name.clone()).collect::<Vec<_>>().join("、");
    let facts = [
        ("患者", [r.age.as_ref().map(|a| age(&a.value)), sex.map(str::to_owned)].into_iter().flatten().collect::<Vec<_>>().join(" ")),
        ("主訴", complaints),
        ("在院", stay.into_iter().flatten().collect::<Vec<_>>().join("  ")),
        ("転帰", [&r.outcome, &r.disposition].into_iter().flatten().map(|o| format!("{} ({})", o.text, o.code)).collect::<Vec<_>>().join("、")),
    ];
    for (label, value) in facts.iter().filter(|f| !f.1.is_empty()) {
        writeln!(out, "  {bold}{label}{off}  {value}")?;
    }
    let diagnoses = r.diagnoses.iter().map(|d| {
        vec![
            name(&d.entry),
            codes(&d.entry.codings),
            d.onset.as_ref().map_or_else(String::new, time),
            d.outcome.as_ref().map_or_else(String::new, told),
            d.comment.clone().unwrap_or_default(),
        ]
    });
    section(out, "診断", diagnoses.collect(), (bold, off))?;
    let course = r.course.iter().map(|e| {
        let day = e.hospital_day.map_or_else(String::new, |n| format!("第{n}病日"));
        let value = e.value.as_ref().map_or_else(String::new, table::quantity);
        vec![time(&e.time), day, name(&e.entry), value, e.status.clone().unwrap_or_default()]
    });
    section(out, "経過", course.collect(), (bold, off))?;
    section(out, "処置・手術・検査", r.procedures.iter().map(|t| vec![name(&t.entry), t.time.as_ref().map_or_else(String::new, time)]).collect(), (bold, off))?;
    section(out, "投薬", r.medications.iter().map(medicine).collect(), (bold, off))?;
    match r.discharge_medications.as_deref() {
        Some([]) => section(out, "退院時投薬", vec![vec!["なし".to_owned()]], (bold, off)),
        Some(all) => section(out, "退院時投薬", all.iter().map(medicine).collect(), (bold, off)),
        None => Ok(()),
    }
}

/// A heading and its lines, their cells in columns.
fn section(out: &mut dyn Write, title: &str, rows: Vec<Vec<String>>, (bold, off): (&str, &str)) -> io::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "{bold}── {title} ──{off}")?;
    let mut widths: Vec<usize> = Vec::new();
    for r in &rows {
        for (i, cell) in r.iter().enumerate() {
            match widths.get_mut(i) {
                Some(w) => *w = (*w).max(cell.width()),
                None => widths.push(cell.width()),
            }
        }
    }
    for r in &rows {
        let mut line = String::from("  ");
        for (cell, width) in r.iter().zip(&widths) {
            line.push_str(cell);
            if *width > 0 {
                line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + 2));
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn medicine(t: &Treatment) -> Vec<String> {
    let m = t.medication.as_deref();
    let dose = m.map_or_else(String::new, |m| [m.strength.as_deref(), m.dose.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" "));
    let daily = m.and_then(|m| m.daily.as_ref()).map_or_else(String::new, table::quantity);
    vec![name(&t.entry), dose, daily, t.status.clone().unwrap_or_default(), codes(&t.entry.codings)]
}

fn name(e: &Entry) -> String {
    let mark = match e.assertion {
        Assertion::Present => "",
        Assertion::Absent => " (なし)",
        Assertion::Possible => " (疑い)",
        Assertion::Conditional => " (条件)",
        Assertion::Planned => " (予定)",
    };
    format!("{}{mark}", e.name)
}

fn told(o: &Outcome) -> String {
    if o.text.is_empty() { o.code.to_string() } else { format!("{} ({})", o.text, o.code) }
}

/// `75歳`, `70–79歳`, `3か月`.
fn age(v: &Value) -> String {
    let unit = match v.unit.as_deref() {
        Some("mo") => "か月",
        Some("wk") => "週",
        Some("d") => "日",
        _ => "歳",
    };
    let number = v.number.map_or_else(String::new, crate::recognize::display);
    v.high.map_or_else(|| format!("{number}{unit}"), |h| format!("{number}–{}{unit}", crate::recognize::display(h)))
}

fn time(t: &TimeRange) -> String {
    match (&t.start, &t.end) {
        (Some(a), Some(b)) => format!("{a}/{b}"),
        (Some(a), None) => a.to_string(),
        _ => String::new(),
    }
}

/// The codes that a reader looks for first.
fn codes(codings: &[Coding]) -> String {
    let find = |needle: &str| codings.iter().find(|c| c.system.contains(needle)).map(|c| c.code.to_string());
    [find("ICD10"), find("master-disease-exCode"), find("YJ").or_else(|| find("HOT9"))].into_iter().flatten().collect::<Vec<_>>().join(" / ")
}
