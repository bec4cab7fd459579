//! MedTxt (PRISM) XML: the note with its facts as inline elements.

use super::xml::content;
use super::{ExportError, Exporter, Format, Left, Settings, Source};
use crate::model::{Assertion, Fact, FactKind, Subject};
use std::io::{self, Write};

pub(super) const MEDTXT: Format = Format { needs_text: true, ..Format::stream("medtxt", "xml", "MedTxt/PRISM XML: inline elements d, timex3, t-test, t-key, t-val, m-key, r, cc") };

#[derive(Debug)]
struct Medtxt;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Medtxt))
}

impl Exporter for Medtxt {
    fn format(&self) -> &'static Format {
        &MEDTXT
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<root>\n<articles>\n".as_bytes())
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let text = note.text.unwrap_or("");
        let (facts, left) = disjoint(text, &note.found.facts);
        writeln!(out, "<article id=\"{}\" title=\"\">", super::xml::escape(note.id))?;
        let mut at = 0;
        for f in facts {
            out.write_all(content(text.get(at..f.start).unwrap_or("")).as_bytes())?;
            element(f, text.get(f.start..f.end).unwrap_or(""), out)?;
            at = f.end;
        }
        out.write_all(content(text.get(at..).unwrap_or("")).as_bytes())?;
        out.write_all(b"</article>\n")?;
        Ok(left)
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"</articles>\n</root>\n")
    }
}

/// Facts that can stand beside one another, in the order of the text; of those that share words, the longest.
fn disjoint<'f>(text: &str, facts: &'f [Fact]) -> (Vec<&'f Fact>, Vec<Left>) {
    let mut left = Vec::new();
    let mut leave = |f: &Fact, why| left.push(Left { id: f.id.clone(), text: f.text.clone(), why });
    let mut sorted: Vec<&'f Fact> = Vec::with_capacity(facts.len());
    for f in facts {
        if !f.from.is_empty() {
            leave(f, "a derived fact: inline elements mark what was written");
        } else if tag(f).is_none() {
            leave(f, "MedTxt has no element for scores, wishes, allergies and habits");
        } else if text.get(f.start..f.end).is_none_or(str::is_empty) {
            leave(f, "an empty span, or one that is none of the text's");
        } else {
            sorted.push(f);
        }
    }
    // the longer first where two begin together
    sorted.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
    let mut kept: Vec<&'f Fact> = Vec::with_capacity(sorted.len());
    for f in sorted {
        match kept.last_mut() {
            Some(last) if last.end > f.start && f.end - f.start > last.end - last.start => {
                leave(last, "shares words with a longer fact: inline elements do not overlap");
                *last = f;
            }
            Some(last) if last.end > f.start => leave(f, "shares words with a longer fact: inline elements do not overlap"),
            _ => kept.push(f),
        }
    }
    (kept, left)
}

/// The element and its attribute with value; `None` where MedTxt has no element.
fn tag(f: &Fact) -> Option<(&'static str, &'static str, &'static str)> {
    Some(match f.kind {
        FactKind::Disorder | FactKind::Finding => ("d", "certainty", certainty(f)),
        FactKind::Time => ("timex3", "type", time_type(f)),
        FactKind::Vital | FactKind::Lab => ("t-key", "", ""),
        FactKind::Medication => ("m-key", "state", state(f)),
        FactKind::Procedure => ("r", "state", state(f)),
        FactKind::Allergy | FactKind::Lifestyle | FactKind::Preference | FactKind::Score => return None,
    })
}

fn certainty(f: &Fact) -> &'static str {
    match f.assertion {
        _ if f.subject != Subject::Patient => "general",
        Assertion::Present => "positive",
        Assertion::Absent => "negative",
        Assertion::Possible => "suspicious",
        Assertion::Conditional | Assertion::Planned => "general",
    }
}

fn state(f: &Fact) -> &'static str {
    let status = f.medication.as_deref().and_then(|m| m.status.as_deref());
    match (f.assertion, status) {
        _ if f.subject != Subject::Patient => "other",
        (Assertion::Absent, _) => "negated",
        (Assertion::Planned, _) | (_, Some("planned")) => "scheduled",
        (Assertion::Present, Some("allergy")) | (Assertion::Conditional | Assertion::Possible, _) => "other",
        (Assertion::Present, _) => "executed",
    }
}

fn time_type(f: &Fact) -> &'static str {
    match f.time.as_ref().map_or("", |t| t.precision.as_str()) {
        "age" => "age",
        "duration" => "duration",
        "hour" | "minute" | "second" => "time",
        "course_day" => "med",
        _ => "date",
    }
}

fn element(f: &Fact, words: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some((name, attribute, value)) = tag(f) else { return out.write_all(content(words).as_bytes()) };
    if name != "t-key" {
        return write!(out, "<{name} {attribute}=\"{value}\">{}</{name}>", content(words));
    }
    // the name and its value are elements of their own: the value begins at its first digit or sign
    let at = words.char_indices().skip(1).find(|(_, c)| is_value(*c)).map_or(words.len(), |(i, _)| i);
    let (key, value) = words.split_at_checked(at).unwrap_or((words, ""));
    let name = key.trim_end();
    write!(out, "<t-key state=\"executed\">{}</t-key>{}", content(name), content(key.get(name.len()..).unwrap_or("")))?;
    if value.is_empty() { Ok(()) } else { write!(out, "<t-val>{}</t-val>", content(value)) }
}

fn is_value(c: char) -> bool {
    c.is_numeric() || matches!(c, '(' | '（' | '<' | '>' | '＜' | '＞' | '±' | '陰' | '陽')
}
