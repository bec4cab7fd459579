//! BioC JSON: a collection with a document for each note and a passage for each section; offsets count code points.

use super::{ExportError, Exporter, Format, Left, Settings, Source, said};
use crate::model::{Fact, SectionInfo};
use crate::note::OffsetUnit;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) const BIOC: Format = Format::stream("bioc", "json", "BioC JSON collection, a passage for each section").over_text(OffsetUnit::CodePoints);

#[derive(Debug)]
struct Bioc;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Bioc))
}

#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    infons: BTreeMap<&'static str, String>,
    passages: Vec<Passage<'a>>,
    annotations: [(); 0],
    relations: Vec<Relation<'a>>,
}

#[derive(Serialize)]
struct Passage<'a> {
    offset: usize,
    infons: BTreeMap<&'static str, String>,
    text: &'a str,
    sentences: [(); 0],
    annotations: Vec<Annotation<'a>>,
    relations: [(); 0],
}

#[derive(Serialize)]
struct Annotation<'a> {
    id: &'a str,
    infons: BTreeMap<String, String>,
    text: &'a str,
    locations: [Location; 1],
}

#[derive(Serialize)]
struct Location {
    offset: usize,
    length: usize,
}

#[derive(Serialize)]
struct Relation<'a> {
    id: String,
    infons: BTreeMap<&'static str, String>,
    nodes: [Node<'a>; 2],
}

#[derive(Serialize)]
struct Node<'a> {
    refid: &'a str,
    role: &'static str,
}

impl Exporter for Bioc {
    fn format(&self) -> &'static Format {
        &BIOC
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        // the format asks for a date, which must not depend on the day of the run
        out.write_all(br#"{"source":"Karuta","date":"","key":"docs/exports.md","version":"1.0","infons":{"offsets":"code points"},"documents":["#)
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let words = note.words(OffsetUnit::CodePoints);
        let bounds = passages(&note.found.sections, note.text.map_or(0, str::len));
        let mut passages: Vec<Passage<'_>> = bounds
            .iter()
            .map(|(start, end, section)| Passage {
                offset: words.span(*start, *end).0,
                infons: section.map(infons).unwrap_or_default(),
                text: words.at(*start, *end),
                sentences: [],
                annotations: Vec::new(),
                relations: [],
            })
            .collect();
        for f in &note.found.facts {
            // a fact stands in the passage that it starts in
            let i = bounds.partition_point(|b| b.0 <= f.start).saturating_sub(1);
            let (start, end) = words.span(f.start, f.end);
            let annotation =
                Annotation { id: &f.id, infons: said_of(f), text: words.at(f.start, f.end), locations: [Location { offset: start, length: end.saturating_sub(start) }] };
            if let Some(p) = passages.get_mut(i) {
                p.annotations.push(annotation);
            }
        }
        let relations = note
            .found
            .relations
            .iter()
            .enumerate()
            .map(|(i, r)| Relation {
                id: format!("r{}", i + 1),
                infons: BTreeMap::from([("type", r.kind.name().to_owned()), ("rule", r.rule.clone())]),
                nodes: [Node { refid: &r.from, role: "from" }, Node { refid: &r.to, role: "to" }],
            })
            .collect();
        let infons = note.day().map(|d| ("date", d)).into_iter().collect();
        serde_json::to_writer(out, &Document { id: note.id, infons, passages, annotations: [], relations })?;
        Ok(Vec::new())
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"]}\n")
    }
}

/// The text cut into sections, with what lies between them.
fn passages(sections: &[SectionInfo], len: usize) -> Vec<(usize, usize, Option<&SectionInfo>)> {
    let mut out = Vec::new();
    let mut at = 0;
    for s in sections.iter().filter(|s| s.end > s.start && s.end <= len) {
        if s.start > at {
            out.push((at, s.start, None));
        }
        if s.end > at {
            out.push((s.start.max(at), s.end, Some(s)));
            at = s.end;
        }
    }
    if at < len || out.is_empty() {
        out.push((at, len, None));
    }
    out
}

fn infons(s: &SectionInfo) -> BTreeMap<&'static str, String> {
    let mut out = BTreeMap::from([("section", s.kind.name().to_owned())]);
    for (name, value) in [("title", &s.title), ("clins", &s.code)] {
        if !value.is_empty() {
            out.insert(name, value.clone());
        }
    }
    out
}

fn said_of(f: &Fact) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut put = |k: &str, v: String| {
        if !v.is_empty() {
            out.insert(k.to_owned(), v);
        }
    };
    put("type", f.kind.name().to_owned());
    put("name", f.name.clone());
    put("assertion", f.assertion.name().to_owned());
    put("subject", f.subject.name().to_owned());
    put("temporality", f.temporality.name().to_owned());
    put("value", f.value.as_ref().map(said::value).unwrap_or_default());
    put("time", f.time.as_ref().map(said::time).unwrap_or_default());
    put("dose", said::dose(f));
    put("confidence", f.confidence.to_string());
    put("applicability", f.applicability.name().to_owned());
    put("because", f.because.iter().map(|r| r.rule.as_str()).collect::<Vec<_>>().join(" "));
    put("from", f.from.join(" "));
    for (i, c) in f.codings.iter().enumerate() {
        put(&format!("code{}", i + 1), format!("{}|{}|{}", c.system, c.code, c.display));
    }
    out
}
