//! The note's text with its facts marked.

use super::{classes, kind_label, state, value};
use crate::export::Source;
use crate::export::xml::escape;
use crate::model::Fact;
use crate::note::OffsetUnit;
use std::io::{self, Write};

/// Facts that share words are shown in one mark, whose tooltip tells of each.
struct Group<'a> {
    start: usize,
    end: usize,
    facts: Vec<&'a Fact>,
}

pub(super) fn write(note: &Source<'_>, out: &mut dyn Write) -> io::Result<()> {
    let text = note.text.unwrap_or("");
    out.write_all("<section aria-labelledby=\"h-note\"><h2 id=\"h-note\">本文</h2><div id=\"note\" class=\"note\">".as_bytes())?;
    let mut at = 0;
    for g in groups(&note.found.facts, text) {
        write!(out, "{}", plain(text.get(at..g.start).unwrap_or("")))?;
        mark(note, &g, text.get(g.start..g.end).unwrap_or(""), out)?;
        at = g.end;
    }
    writeln!(out, "{}</div></section>", plain(text.get(at..).unwrap_or("")))
}

fn groups<'f>(facts: &'f [Fact], text: &str) -> Vec<Group<'f>> {
    let mut sorted: Vec<&'f Fact> = facts.iter().filter(|f| text.get(f.start..f.end).is_some_and(|w| !w.is_empty())).collect();
    sorted.sort_by_key(|f| (f.start, f.end));
    let mut out: Vec<Group<'f>> = Vec::new();
    for f in sorted {
        match out.last_mut().filter(|g| g.end > f.start) {
            Some(g) => {
                g.end = g.end.max(f.end);
                g.facts.push(f);
            }
            None => out.push(Group { start: f.start, end: f.end, facts: vec![f] }),
        }
    }
    out
}

/// Text as it was written; the container keeps its line breaks.
fn plain(text: &str) -> String {
    escape(text).replace("&#10;", "\n").replace("&#9;", "\t").replace("&#13;", "")
}

fn mark(note: &Source<'_>, g: &Group<'_>, words: &str, out: &mut dyn Write) -> io::Result<()> {
    // the mark takes the look of the written fact that covers most of it
    let Some(first) = g.facts.iter().max_by_key(|f| (f.from.is_empty(), f.end - f.start, usize::MAX - f.start)) else { return Ok(()) };
    let id = escape(&first.id);
    write!(
        out,
        "<mark id=\"{id}\" class=\"{}\" tabindex=\"0\" aria-describedby=\"tip-{id}\">{}<span class=\"tip\" role=\"tooltip\" id=\"tip-{id}\">",
        classes(first),
        plain(words)
    )?;
    for f in &g.facts {
        tip(note, f, out)?;
    }
    out.write_all(b"</span></mark>")
}

fn tip(note: &Source<'_>, f: &Fact, out: &mut dyn Write) -> io::Result<()> {
    let words = note.words(OffsetUnit::Bytes);
    let state = state(f);
    write!(out, "<span class=\"fact\"><b>{}</b> <span class=\"k {}\">{}</span>", escape(&f.name), f.kind.name(), kind_label(f.kind))?;
    let line = |name: &str, text: &str| if text.is_empty() { String::new() } else { format!("<span class=\"row\"><i>{name}</i> {}</span>", escape(text)) };
    out.write_all(line("値", &value(f)).as_bytes())?;
    out.write_all(line("状態", &state).as_bytes())?;
    out.write_all(line("時期", &f.time.as_ref().map(crate::export::said::time).unwrap_or_default()).as_bytes())?;
    for c in &f.codings {
        out.write_all(line(system_label(&c.system), &format!("{} {}", c.code, c.display)).as_bytes())?;
    }
    for r in &f.because {
        let from = words.of(r).trim();
        let quoted = if from.is_empty() { String::new() } else { format!("「{from}」") };
        out.write_all(line("根拠", &format!("{} {quoted} {}", r.rule, r.pack)).as_bytes())?;
    }
    out.write_all(b"</span>")
}

/// The last part of a system's URL says what it is.
fn system_label(system: &str) -> &str {
    match system {
        "http://loinc.org" => "LOINC",
        "http://human-phenotype-ontology.org" => "HPO",
        "http://medis.or.jp/CodeSystem/master-disease-exCode" => "病名交換用コード",
        "http://medis.or.jp/CodeSystem/master-disease-keyNumber" => "病名管理番号",
        "http://medis.or.jp/CodeSystem/master-disease-modExCode" => "修飾語交換用コード",
        "http://medis.or.jp/CodeSystem/master-disease-modKeyNumber" => "修飾語管理番号",
        "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterB-disease" => "レセ電 傷病名",
        "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/masterZ-disease-modifier" => "レセ電 修飾語",
        "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/ICD10-2013-full" => "ICD-10",
        "http://medis.or.jp/CodeSystem/master-JLAC10-17digits" => "JLAC10",
        "http://medis.or.jp/CodeSystem/master-nursingObservationKeyCode" => "看護観察",
        "http://medis.or.jp/CodeSystem/master-HOT9" => "HOT9",
        "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code" => "YJ",
        "http://capstandard.jp/iyaku.info/CodeSystem/YJ-code#prefix" => "YJ (成分)",
        "http://jpfhir.jp/fhir/core/mhlw/CodeSystem/MedicationGeneralOrderCode" => "一般名処方",
        other => other.rsplit('/').find(|p| !p.is_empty()).unwrap_or(other),
    }
}
