//! brat standoff: one `.ann` beside the note's `.txt`; offsets count code points.

use super::{ExportError, Exporter, Format, Left, Settings, Source, Words};
use crate::model::{Assertion, Fact, FactKind, RelationKind, Subject, Temporality};
use crate::note::OffsetUnit;
use std::collections::HashMap;
use std::io::Write;

pub(super) const BRAT: Format = Format { text_beside: true, ..Format::document("brat", "ann", "brat standoff, beside the note's text").over_text(OffsetUnit::CodePoints) };

#[derive(Debug)]
struct Brat;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Brat))
}

impl Exporter for Brat {
    fn format(&self) -> &'static Format {
        &BRAT
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let words = note.words(OffsetUnit::CodePoints);
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let (mut left, mut attributes, mut notes) = (Vec::new(), 0, 0);
        for f in &note.found.facts {
            let text = words.at(f.start, f.end);
            if text.trim().is_empty() {
                left.push(Left { id: f.id.clone(), text: f.text.clone(), why: "an empty span: brat annotates words" });
                continue;
            }
            let t = numbers.len() + 1;
            numbers.insert(&f.id, t);
            writeln!(out, "T{t}\t{} {}\t{}", type_name(f.kind), pieces(&words, f), text.replace(['\n', '\r'], " "))?;
            for (name, value) in traits(f) {
                attributes += 1;
                writeln!(out, "A{attributes}\t{name} T{t}{}{value}", if value.is_empty() { "" } else { " " })?;
            }
            for line in remarks(f) {
                notes += 1;
                writeln!(out, "#{notes}\tAnnotatorNotes T{t}\t{}", line.replace(['\n', '\r', '\t'], " "))?;
            }
        }
        let mut relations = 0;
        for r in &note.found.relations {
            let (Some(from), Some(to)) = (numbers.get(r.from.as_str()), numbers.get(r.to.as_str())) else { continue };
            if r.kind == RelationKind::SameAs {
                writeln!(out, "*\tSameAs T{from} T{to}")?;
                continue;
            }
            relations += 1;
            writeln!(out, "R{relations}\t{} Arg1:T{from} Arg2:T{to}", relation_name(r.kind))?;
        }
        Ok(left)
    }
}

/// A span; at a line break it goes on as another piece, as brat wants.
fn pieces(words: &Words<'_>, f: &Fact) -> String {
    let text = words.at(f.start, f.end);
    let mut out = Vec::new();
    let mut at = f.start;
    for line in text.split_inclusive('\n') {
        let kept = line.trim_end_matches(['\n', '\r']);
        if !kept.trim().is_empty() {
            let (start, end) = words.span(at, at + kept.len());
            out.push(format!("{start} {end}"));
        }
        at += line.len();
    }
    out.join(";")
}

pub(super) const fn type_name(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Vital => "Vital",
        FactKind::Lab => "Lab",
        FactKind::Disorder => "Disorder",
        FactKind::Finding => "Finding",
        FactKind::Medication => "Medication",
        FactKind::Procedure => "Procedure",
        FactKind::Allergy => "Allergy",
        FactKind::Lifestyle => "Lifestyle",
        FactKind::Preference => "Preference",
        FactKind::Score => "Score",
        FactKind::Time => "Time",
    }
}

pub(super) const fn relation_name(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::HasValue => "HasValue",
        RelationKind::Treats => "Treats",
        RelationKind::CausedBy => "CausedBy",
        RelationKind::BecauseOf => "BecauseOf",
        RelationKind::LocatedAt => "LocatedAt",
        RelationKind::PartOf => "PartOf",
        RelationKind::SameAs => "SameAs",
    }
}

fn traits(f: &Fact) -> Vec<(&'static str, &'static str)> {
    let mut out = Vec::new();
    match f.assertion {
        Assertion::Present => {}
        other => out.push(("Assertion", other.name())),
    }
    match f.subject {
        Subject::Patient => {}
        Subject::Family => out.push(("Subject", "family")),
        Subject::Other => out.push(("Subject", "other")),
    }
    match f.temporality {
        Temporality::Current => {}
        Temporality::Past => out.push(("Temporality", "past")),
        Temporality::Future => out.push(("Temporality", "future")),
    }
    if !f.from.is_empty() {
        out.push(("Derived", ""));
    }
    out
}

/// Name and codes, value, time, rules.
fn remarks(f: &Fact) -> Vec<String> {
    let mut out = vec![f.name.clone()];
    out.extend(f.codings.iter().map(|c| format!("{}|{}", c.system, c.code)));
    out.extend(f.value.as_ref().map(|v| format!("value {}", super::said::value(v))));
    out.extend(f.time.as_ref().map(|t| format!("time {}", super::said::time(t))));
    out.push(format!("because {}", f.because.iter().map(|r| r.rule.as_str()).collect::<Vec<_>>().join(" ")));
    out
}
