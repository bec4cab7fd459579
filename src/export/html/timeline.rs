//! The facts by date, drawn as an inline SVG with a list that says the same.

use super::{kind_label, state, value};
use crate::export::xml::escape;
use crate::export::{Source, said};
use crate::model::{Assertion, Fact, FactKind, Temporality};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Facts of one day that are drawn; the list holds all of them.
const DRAWN: usize = 8;

pub(super) fn write(note: &Source<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut days: BTreeMap<String, Vec<&Fact>> = BTreeMap::new();
    for f in note.found.facts.iter().filter(|f| f.kind != FactKind::Time) {
        if let Some(day) = day(f).or_else(|| measured_on(note, f)) {
            days.entry(day).or_default().push(f);
        }
    }
    out.write_all("<section aria-labelledby=\"h-timeline\"><h2 id=\"h-timeline\">時系列</h2>".as_bytes())?;
    if days.is_empty() {
        return out.write_all("<p id=\"timeline\">日付の分かるファクトはありません。</p></section>\n".as_bytes());
    }
    drawn(&days, out)?;
    out.write_all("<ol id=\"timeline\" class=\"timeline\">".as_bytes())?;
    for (day, facts) in &days {
        write!(out, "<li><time>{}</time><ul>", escape(day))?;
        for f in facts {
            let state = state(f);
            let said = [value(f), if state.is_empty() { state } else { format!("({state})") }].join(" ");
            write!(out, "<li><a href=\"#t-{}\">{}</a> {}</li>", escape(&f.id), escape(&f.name), escape(said.trim()))?;
        }
        out.write_all(b"</ul></li>")?;
    }
    out.write_all(b"</ol></section>\n")
}

/// The date that a fact's time begins or, without one, ends at.
fn day(f: &Fact) -> Option<String> {
    let t = f.time.as_ref()?;
    let at = t.start.as_deref().or(t.end.as_deref())?;
    at.starts_with(|c: char| c.is_ascii_digit()).then(|| at.split('T').next().unwrap_or(at).to_owned())
}

/// What was measured without a time of its own was measured on the note's day.
fn measured_on(note: &Source<'_>, f: &Fact) -> Option<String> {
    let now = f.time.is_none() && f.temporality == Temporality::Current && f.assertion == Assertion::Present;
    let measured = matches!(f.kind, FactKind::Vital | FactKind::Lab | FactKind::Score) || !f.from.is_empty();
    note.day().filter(|_| now && measured)
}

/// A column for each day from left to right, its facts under one another.
fn drawn(days: &BTreeMap<String, Vec<&Fact>>, out: &mut dyn Write) -> io::Result<()> {
    const COLUMN: usize = 150;
    const LINE: usize = 22;
    let tallest = days.values().map(|f| f.len().min(DRAWN) + usize::from(f.len() > DRAWN)).max().unwrap_or(0);
    let (width, height) = (days.len() * COLUMN + 20, 64 + tallest * LINE);
    write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"時系列の図\"><svg class=\"drawn\" role=\"img\" aria-label=\"日付ごとのファクト。同じ内容が下の一覧にあります\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"><line x1=\"10\" y1=\"34\" x2=\"{}\" y2=\"34\" class=\"axis\"/>",
        width - 10
    )?;
    for (i, (day, facts)) in days.iter().enumerate() {
        let x = 20 + i * COLUMN;
        write!(out, "<circle cx=\"{x}\" cy=\"34\" r=\"5\" class=\"dot\"/><text x=\"{x}\" y=\"20\" class=\"day\">{}</text>", escape(day))?;
        for (k, f) in facts.iter().take(DRAWN).enumerate() {
            let y = 60 + k * LINE;
            let words: String = format!("{} {}", f.name, f.value.as_ref().map(said::value).unwrap_or_default()).trim().chars().take(13).collect();
            write!(
                out,
                "<g class=\"node {}\"><title>{} {} {}</title><rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"18\" rx=\"4\"/><text x=\"{}\" y=\"{y}\">{}</text></g>",
                super::classes(f),
                kind_label(f.kind),
                escape(&f.name),
                escape(&value(f)),
                y - 14,
                COLUMN - 12,
                x + 6,
                escape(&words)
            )?;
        }
        if facts.len() > DRAWN {
            write!(out, "<text x=\"{}\" y=\"{}\">ほか {}</text>", x + 6, 60 + DRAWN * LINE, facts.len() - DRAWN)?;
        }
    }
    out.write_all(b"</svg></div>")
}
