//! OMOP CDM 5.4: the tables NOTE and NOTE_NLP as CSV. Offsets count code points.

use super::table::{Cell, ColumnType, Csv, Table};
use super::{ExportError, Exporter, Format, Left, Settings, Source, said, tables};
use crate::model::{Assertion, Fact, Subject};
use crate::note::{OffsetUnit, SectionKind};

pub(super) const NOTE: Format = Format { needs_text: true, ..Format::stream("omop-note", "csv", "OMOP CDM 5.4 NOTE") };
pub(super) const NOTE_NLP: Format = Format::stream("omop-note-nlp", "csv", "OMOP CDM 5.4 NOTE_NLP").over_text(OffsetUnit::CodePoints);

use ColumnType::{Integer, Text};

const NOTE_COLUMNS: &[(&str, ColumnType)] = &[
    ("note_id", Integer),
    ("person_id", Integer),
    ("note_date", Text),
    ("note_datetime", Text),
    ("note_type_concept_id", Integer),
    ("note_class_concept_id", Integer),
    ("note_title", Text),
    ("note_text", Text),
    ("encoding_concept_id", Integer),
    ("language_concept_id", Integer),
    ("provider_id", Integer),
    ("visit_occurrence_id", Integer),
    ("visit_detail_id", Integer),
    ("note_source_value", Text),
    ("note_event_id", Integer),
    ("note_event_field_concept_id", Integer),
];

const NLP_COLUMNS: &[(&str, ColumnType)] = &[
    ("note_nlp_id", Integer),
    ("note_id", Integer),
    ("section_concept_id", Integer),
    ("snippet", Text),
    ("offset", Text),
    ("lexical_variant", Text),
    ("note_nlp_concept_id", Integer),
    ("note_nlp_source_concept_id", Integer),
    ("nlp_system", Text),
    ("nlp_date", Text),
    ("nlp_datetime", Text),
    ("term_exists", Text),
    ("term_temporal", Text),
    ("term_modifiers", Text),
];

/// Longest text of `snippet`, `lexical_variant`, `nlp_system`.
const SHORT: usize = 250;
/// Longest text of `term_modifiers`.
const LONG: usize = 2000;
/// Facts of one note that have numbers of their own.
const ROWS: i64 = 1 << 16;

/// A row for each note.
#[derive(Debug)]
pub(super) struct Notes {
    recorded: Option<String>,
}

impl Notes {
    pub fn new(settings: &Settings) -> Self {
        Self { recorded: settings.recorded.clone() }
    }
}

/// A row for each fact.
#[derive(Debug)]
pub(super) struct Terms {
    recorded: Option<String>,
}

impl Terms {
    pub fn new(settings: &Settings) -> Self {
        Self { recorded: settings.recorded.clone() }
    }
}

pub(super) fn note(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Csv(Notes::new(settings))))
}

pub(super) fn note_nlp(settings: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Csv(Terms::new(settings))))
}

/// The day that a table demands: the note's, or that of recording; the other way round for the day of the reading.
fn day(note: &Source<'_>, recorded: Option<&str>, of_reading: bool, format: &'static str) -> Result<String, ExportError> {
    let recorded = recorded.and_then(|r| r.get(..10)).map(str::to_owned);
    let day = if of_reading { recorded.or_else(|| note.day()) } else { note.day().or(recorded) };
    day.ok_or_else(|| ExportError::Note { format, id: note.id.to_owned(), found: "no date", expected: "a \"date\" in the record, or the instant of recording" })
}

/// The record's own number where its id is one, else its place.
fn note_id(note: &Source<'_>) -> i64 {
    note.id.parse().ok().filter(|n| (1..=i64::from(i32::MAX)).contains(n)).unwrap_or_else(|| i64::try_from(note.number).unwrap_or(i64::MAX / ROWS))
}

fn concept(key: &str) -> Cell {
    Cell::Integer(tables::code("omop", key).and_then(|c| c.code.parse().ok()).unwrap_or(0))
}

impl Table for Notes {
    fn format(&self) -> &'static Format {
        &NOTE
    }

    fn columns(&self) -> &'static [(&'static str, ColumnType)] {
        NOTE_COLUMNS
    }

    fn rows(&self, note: &Source<'_>) -> Result<(Vec<Vec<Cell>>, Vec<Left>), ExportError> {
        let person = note.patient.and_then(|p| p.parse().ok()).unwrap_or(0);
        let row = vec![
            Cell::Integer(note_id(note)),
            Cell::Integer(person),
            Cell::Text(day(note, self.recorded.as_deref(), false, NOTE.name)?),
            Cell::Null,
            concept("note_type"),
            concept("note_class"),
            Cell::Null,
            Cell::text(note.text.unwrap_or("")),
            concept("encoding"),
            concept("language"),
            Cell::Null,
            Cell::Null,
            Cell::Null,
            // varchar(50)
            Cell::text(cut(note.id, 50)),
            Cell::Null,
            Cell::Null,
        ];
        Ok((vec![row], Vec::new()))
    }
}

impl Table for Terms {
    fn format(&self) -> &'static Format {
        &NOTE_NLP
    }

    fn columns(&self) -> &'static [(&'static str, ColumnType)] {
        NLP_COLUMNS
    }

    fn rows(&self, note: &Source<'_>) -> Result<(Vec<Vec<Cell>>, Vec<Left>), ExportError> {
        let day = day(note, self.recorded.as_deref(), true, NOTE_NLP.name)?;
        let words = note.words(OffsetUnit::CodePoints);
        let base = note_id(note).saturating_mul(ROWS);
        let mut left: Vec<Left> =
            note.found.relations.iter().map(|r| Left { id: format!("{}-{}", r.from, r.to), text: r.rule.clone(), why: "a relation: NOTE_NLP holds terms only" }).collect();
        let mut rows = Vec::with_capacity(note.found.facts.len());
        for (i, f) in (1..).zip(&note.found.facts) {
            if i >= ROWS {
                left.push(Left { id: f.id.clone(), text: f.text.clone(), why: "more facts in one note than NOTE_NLP can number" });
                continue;
            }
            let (start, _) = words.span(f.start, f.end);
            rows.push(vec![
                Cell::Integer(base.saturating_add(i)),
                Cell::Integer(note_id(note)),
                Cell::Integer(0),
                Cell::text(snippet(note.text.unwrap_or(""), f)),
                Cell::Text(start.to_string()),
                Cell::text(cut(if f.text.is_empty() { &f.name } else { &f.text }, SHORT)),
                Cell::Integer(0),
                Cell::Integer(0),
                Cell::text(concat!("Karuta ", env!("CARGO_PKG_VERSION"))),
                Cell::Text(day.clone()),
                self.recorded.as_deref().and_then(|r| r.get(..19)).map_or(Cell::Null, |t| Cell::Text(t.replace('T', " "))),
                Cell::text(if exists(f) { "Y" } else { "N" }),
                Cell::text(f.temporality.name()),
                Cell::text(modifiers(f)),
            ]);
        }
        Ok((rows, left))
    }
}

/// CDM: false when it is negated, not the patient's, conditional or ruled out; what is only planned is not there yet.
fn exists(f: &Fact) -> bool {
    f.subject == Subject::Patient && matches!(f.assertion, Assertion::Present | Assertion::Possible)
}

/// The fact's line, or as much of it around the fact as the column takes.
fn snippet(text: &str, f: &Fact) -> String {
    let before = text.get(..f.start).unwrap_or("");
    let after = text.get(f.end..).unwrap_or("");
    let words = text.get(f.start..f.end).unwrap_or("");
    let room = SHORT.saturating_sub(words.chars().count()) / 2;
    let head: Vec<char> = before.chars().rev().take_while(|c| !matches!(c, '\n' | '\r')).take(room).collect();
    let head: String = head.into_iter().rev().collect();
    let tail: String = after.chars().take_while(|c| !matches!(c, '\n' | '\r')).take(room).collect();
    cut(&format!("{head}{words}{tail}"), SHORT).to_owned()
}

/// The first `n` characters.
fn cut(text: &str, n: usize) -> &str {
    text.char_indices().nth(n).map_or(text, |(at, _)| text.get(..at).unwrap_or(""))
}

/// Pairs `k=v`, as many whole ones as the column takes.
fn modifiers(f: &Fact) -> String {
    let mut pairs = vec![("kind", f.kind.name().to_owned()), ("name", f.name.clone()), ("assertion", f.assertion.name().to_owned())];
    let mut put = |k: &'static str, v: Option<String>| pairs.extend(v.filter(|v| !v.is_empty()).map(|v| (k, v)));
    let v = f.value.as_ref();
    put("subject", (f.subject != Subject::Patient).then(|| f.subject.name().to_owned()));
    put("comparator", v.and_then(|v| v.comparator.as_deref()).map(str::to_owned));
    put("value", v.and_then(|v| v.number).map(|n| n.to_string()));
    put("high", v.and_then(|v| v.high).map(|n| n.to_string()));
    put("unit", v.and_then(|v| v.unit.as_deref()).map(str::to_owned));
    put("result", v.and_then(|v| v.text.as_deref()).map(str::to_owned));
    put("time", f.time.as_ref().map(said::time));
    put("dose", Some(said::dose(f)));
    put("status", f.medication.as_deref().and_then(|m| m.status.clone()));
    put("section", (f.section != SectionKind::Other).then(|| f.section.name().to_owned()));
    put("applicability", Some(f.applicability.name().to_owned()));
    for c in &f.codings {
        put("code", Some(format!("{}|{}", c.system, c.code)));
    }
    put("because", Some(f.because.iter().map(|r| r.rule.as_str()).collect::<Vec<_>>().join(" ")));
    let mut out = String::new();
    for (k, v) in pairs {
        let pair = format!("{}{k}={}", if out.is_empty() { "" } else { ";" }, v.replace([';', '\n', '\r'], " "));
        if out.chars().count() + pair.chars().count() > LONG {
            break;
        }
        out.push_str(&pair);
    }
    out
}
