//! A table with a row for each fact.

use super::table::{Cell, ColumnType, Csv, Table};
use super::{ExportError, Exporter, Format, Left, Settings, Source, said};
use crate::model::{Coding, Fact};
use crate::note::OffsetUnit;

pub(super) const CSV: Format = Format::stream("csv", "csv", "a table of facts, a row for each").counting(OffsetUnit::CodePoints);

/// A row for each fact.
#[derive(Debug)]
pub(super) struct Facts;

pub(super) fn csv(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Csv(Facts)))
}

use ColumnType::{Integer, Number, Text};

const COLUMNS: &[(&str, ColumnType)] = &[
    ("note_id", Text),
    ("note_date", Text),
    ("fact_id", Text),
    ("kind", Text),
    ("name", Text),
    ("text", Text),
    ("start", Integer),
    ("end", Integer),
    ("section", Text),
    ("assertion", Text),
    ("subject", Text),
    ("temporality", Text),
    ("number", Number),
    ("high", Number),
    ("comparator", Text),
    ("unit", Text),
    ("value_text", Text),
    ("time_start", Text),
    ("time_end", Text),
    ("time_precision", Text),
    ("icd10", Text),
    ("disease_exchange", Text),
    ("disease_key", Text),
    ("modifiers", Text),
    ("hpo", Text),
    ("loinc", Text),
    ("jlac10", Text),
    ("hot9", Text),
    ("yj", Text),
    ("codes", Text),
    ("dose", Text),
    ("times_per_day", Number),
    ("days", Number),
    ("route", Text),
    ("status", Text),
    ("confidence", Number),
    ("applicability", Text),
    ("derived_from", Text),
    ("because", Text),
];

impl Table for Facts {
    fn format(&self) -> &'static Format {
        &CSV
    }

    fn columns(&self) -> &'static [(&'static str, ColumnType)] {
        COLUMNS
    }

    fn rows(&self, note: &Source<'_>) -> Result<(Vec<Vec<Cell>>, Vec<Left>), ExportError> {
        let words = note.words(OffsetUnit::CodePoints);
        let rows = note.found.facts.iter().map(|f| row(note, f, words.span(f.start, f.end))).collect();
        let left = note.found.relations.iter().map(|r| Left { id: format!("{}-{}", r.from, r.to), text: r.rule.clone(), why: "a relation: the table holds facts only" }).collect();
        Ok((rows, left))
    }
}

fn row(note: &Source<'_>, f: &Fact, span: (usize, usize)) -> Vec<Cell> {
    let at = |n: usize| i64::try_from(n).map_or(Cell::Null, Cell::Integer);
    let number = |n: Option<f64>| n.map_or(Cell::Null, Cell::Number);
    let opt = |t: Option<&str>| t.map_or(Cell::Null, Cell::text);
    let (v, t, m) = (f.value.as_ref(), f.time.as_ref(), f.medication.as_deref());
    vec![
        Cell::text(note.id),
        note.day().map_or(Cell::Null, Cell::Text),
        Cell::text(&f.id),
        Cell::text(f.kind.name()),
        Cell::text(&f.name),
        Cell::text(&f.text),
        at(span.0),
        at(span.1),
        Cell::text(f.section.name()),
        Cell::text(f.assertion.name()),
        Cell::text(f.subject.name()),
        Cell::text(f.temporality.name()),
        number(v.and_then(|v| v.number)),
        number(v.and_then(|v| v.high)),
        opt(v.and_then(|v| v.comparator.as_deref())),
        opt(v.and_then(|v| v.unit.as_deref())),
        opt(v.and_then(|v| v.text.as_deref())),
        opt(t.and_then(|t| t.start.as_deref())),
        opt(t.and_then(|t| t.end.as_deref())),
        opt(t.map(|t| t.precision.as_str())),
        codes(f, "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full"),
        codes(f, "http://medis.or.jp/CodeSystem/master-disease-exCode"),
        codes(f, "http://medis.or.jp/CodeSystem/master-disease-keyNumber"),
        codes(f, "http://medis.or.jp/CodeSystem/master-disease-modExCode"),
        codes(f, "http://human-phenotype-ontology.org"),
        codes(f, "http://loinc.org"),
        codes(f, "http://medis.or.jp/CodeSystem/master-JLAC10-17digits"),
        codes(f, "http://medis.or.jp/CodeSystem/master-HOT9"),
        codes(f, "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code"),
        Cell::text(f.codings.iter().map(|c| format!("{}|{}", c.system, c.code)).collect::<Vec<_>>().join(" ")),
        Cell::text(said::dose(f)),
        number(m.and_then(|m| m.times_per_day)),
        number(m.and_then(|m| m.days)),
        opt(m.and_then(|m| m.route.as_deref())),
        opt(m.and_then(|m| m.status.as_deref())),
        Cell::Number(f.confidence),
        Cell::text(f.applicability.name()),
        Cell::text(f.from.join(" ")),
        Cell::text(f.because.iter().map(|r| r.rule.as_str()).collect::<Vec<_>>().join(" ")),
    ]
}

/// The codes of one system, in their order.
fn codes(f: &Fact, system: &str) -> Cell {
    let of = |c: &&Coding| c.system == system;
    Cell::text(f.codings.iter().filter(of).map(|c| c.code.as_str()).collect::<Vec<_>>().join(" "))
}
