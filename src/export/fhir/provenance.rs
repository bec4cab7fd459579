//! Provenance: by which rules, from which words, out of which dictionary a resource came.

use super::record::Record;
use super::resources::{Agent, Entity, Provenance};
use super::types::{Beside, Concept, Extension, Identifier, Reference, Text};
use crate::model::{Fact, Reason};

const RULE: &str = "urn:karuta:rule";
const SPAN: &str = "urn:karuta:span";
const PACK: &str = "urn:karuta:pack";
/// Identifies notes by the ids of their records.
pub(super) const NOTE: &str = "urn:karuta:note";

pub(super) fn provenance<'a>(record: &Record<'a>, f: &'a Fact, target: Reference<'a>) -> Provenance<'a> {
    let mut p = Provenance::new(record.note.uuid(&format!("{}/provenance", f.id)), "");
    p.target = vec![target];
    p.recorded = record.recorded();
    p.recorded_beside = p.recorded.is_none().then(Beside::unknown);
    p.reason = record.mentions(f).flat_map(|m| &m.because).map(|r| reason(record, r)).collect();
    p.agent = vec![Agent {
        kind: Concept::coded("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "assembler"),
        who: Reference { display: Some(concat!("Karuta ", env!("CARGO_PKG_VERSION")).into()), ..Reference::default() },
    }];
    let note = Reference { identifier: Some(Identifier::new(NOTE, record.note.id)), ..Reference::default() };
    p.entity = vec![Entity { role: "source", what: note }];
    p
}

/// A rule with the words it was read from, their spans in code points, and its pack.
fn reason<'a>(record: &Record<'a>, r: &'a Reason) -> Concept<'a> {
    let mut out = Concept::coded(RULE, &r.rule);
    for s in &r.spans {
        let (start, end) = record.words.span(s.0, s.1);
        let bound = |url, n| Extension { url, value_unsigned_int: Some(n), ..Extension::default() };
        out.extension.push(Extension { url: SPAN, extension: vec![bound("start", start), bound("end", end)], ..Extension::default() });
    }
    if !r.pack.is_empty() {
        out.extension.push(Extension { url: PACK, value_string: Some(Text::Borrowed(&r.pack)), ..Extension::default() });
    }
    let words = record.words.of(r);
    out.text = (!words.trim().is_empty()).then_some(Text::Borrowed(words));
    out
}
