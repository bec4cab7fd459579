//! UIMA CAS XMI, and the type system that it is written in: offsets count UTF-16 units, as Java does.

use super::xml::escape;
use super::{ExportError, Exporter, Format, Left, Settings, Source, said};
use crate::model::Fact;
use crate::note::OffsetUnit;
use std::collections::HashMap;
use std::io::Write;

pub(super) const XMI: Format = Format::document("xmi", "xmi", "UIMA CAS XMI; `xmi-types` writes its type system").over_text(OffsetUnit::Utf16);

/// The type system alone, the same for every note.
pub(super) const TYPES: Format = Format::stream("xmi-types", "xml", "the UIMA type system of the XMI form");

#[derive(Debug)]
struct Xmi;

#[derive(Debug)]
struct Types;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Xmi))
}

pub(super) fn types(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Types))
}

const TYPE_SYSTEM: &str = include_str!("../../dictionaries/export/uima-types.xml");

impl Exporter for Types {
    fn format(&self) -> &'static Format {
        &TYPES
    }

    fn begin(&self, out: &mut dyn Write) -> std::io::Result<()> {
        out.write_all(TYPE_SYSTEM.as_bytes())
    }

    fn note(&self, _: &Source<'_>, _: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        Ok(Vec::new())
    }
}

impl Exporter for Xmi {
    fn format(&self) -> &'static Format {
        &XMI
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let words = note.words(OffsetUnit::Utf16);
        let text = note.text.unwrap_or("");
        // 1 is the Sofa; facts, codes and reasons follow, each with a number of its own
        let mut ids = 1..;
        let mut next = move || ids.next().unwrap_or(0);
        let sofa = next();
        let mut members: Vec<i32> = Vec::new();
        writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(out, r#"<xmi:XMI xmlns:xmi="http://www.omg.org/XMI" xmlns:cas="http:///uima/cas.ecore" xmlns:karuta="http:///karuta.ecore" xmi:version="2.0">"#)?;
        writeln!(out, r#"  <cas:NULL xmi:id="0"/>"#)?;
        for s in &note.found.sections {
            let (id, (start, end)) = (next(), words.span(s.start, s.end));
            members.push(id);
            writeln!(
                out,
                r#"  <karuta:Section xmi:id="{id}" sofa="{sofa}" begin="{start}" end="{end}" kind="{}" code="{}" title="{}"/>"#,
                s.kind.name(),
                escape(&s.code),
                escape(&s.title)
            )?;
        }
        let mut numbers: HashMap<&str, i32> = HashMap::new();
        for f in &note.found.facts {
            let codes: Vec<i32> = f.codings.iter().map(|_| next()).collect();
            for (id, c) in codes.iter().zip(&f.codings) {
                writeln!(out, r#"  <karuta:Code xmi:id="{id}" system="{}" code="{}" display="{}"/>"#, escape(&c.system), escape(&c.code), escape(&c.display))?;
            }
            let id = next();
            members.push(id);
            numbers.insert(&f.id, id);
            writeln!(out, "{}", fact(f, id, sofa, words.span(f.start, f.end), &codes))?;
        }
        for r in &note.found.relations {
            let (Some(from), Some(to)) = (numbers.get(r.from.as_str()), numbers.get(r.to.as_str())) else { continue };
            let id = next();
            members.push(id);
            writeln!(out, r#"  <karuta:Relation xmi:id="{id}" kind="{}" source="{from}" target="{to}" rule="{}"/>"#, r.kind.name(), escape(&r.rule))?;
        }
        writeln!(out, r#"  <cas:Sofa xmi:id="{sofa}" sofaNum="1" sofaID="_InitialView" mimeType="text/plain" sofaString="{}"/>"#, escape(text))?;
        let members: Vec<String> = members.iter().map(i32::to_string).collect();
        writeln!(out, r#"  <cas:View sofa="{sofa}" members="{}"/>"#, members.join(" "))?;
        writeln!(out, "</xmi:XMI>")?;
        Ok(Vec::new())
    }
}

fn fact(f: &Fact, id: i32, sofa: i32, span: (usize, usize), codes: &[i32]) -> String {
    let mut attributes: Vec<(&str, String)> = vec![
        ("factId", f.id.clone()),
        ("kind", f.kind.name().to_owned()),
        ("name", f.name.clone()),
        ("assertion", f.assertion.name().to_owned()),
        ("subject", f.subject.name().to_owned()),
        ("temporality", f.temporality.name().to_owned()),
        ("applicability", f.applicability.name().to_owned()),
        ("confidence", f.confidence.to_string()),
        ("time", f.time.as_ref().map(said::time).unwrap_or_default()),
        ("dose", said::dose(f)),
        ("because", f.because.iter().map(|r| r.rule.as_str()).collect::<Vec<_>>().join(" ")),
        ("derivedFrom", f.from.join(" ")),
        ("codes", codes.iter().map(i32::to_string).collect::<Vec<_>>().join(" ")),
    ];
    if let Some(v) = &f.value {
        attributes.push(("value", said::value(v)));
        attributes.extend(v.number.map(|n| ("number", n.to_string())));
        attributes.extend(v.unit.as_deref().map(|u| ("unit", u.to_owned())));
    }
    let mut out = format!(r#"  <karuta:Fact xmi:id="{id}" sofa="{sofa}" begin="{}" end="{}""#, span.0, span.1);
    for (name, value) in attributes.iter().filter(|a| !a.1.is_empty()) {
        out.push_str(&format!(r#" {name}="{}""#, escape(value)));
    }
    out.push_str("/>");
    out
}
