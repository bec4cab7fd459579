//! RDF: Turtle and JSON-LD over one vocabulary.

use super::graph::{VOCABULARY, class, code_iri, edges, iri};
use super::{ExportError, Exporter, Format, Left, Settings, Source, said};
use crate::model::Fact;
use crate::note::OffsetUnit;
use oxrdf::vocab::{rdf, xsd};
use oxrdf::{Literal, NamedNode, Term, Triple};
use oxttl::TurtleSerializer;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

pub(super) const TURTLE: Format = Format::stream("turtle", "ttl", "RDF Turtle").counting(OffsetUnit::CodePoints);
pub(super) const JSONLD: Format = Format::stream("jsonld", "jsonld", "JSON-LD, the same triples").counting(OffsetUnit::CodePoints);

const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";

#[derive(Debug)]
struct Turtle;

#[derive(Debug)]
struct JsonLd;

pub(super) fn turtle(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Turtle))
}

pub(super) fn jsonld(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(JsonLd))
}

impl Exporter for Turtle {
    fn format(&self) -> &'static Format {
        &TURTLE
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        // each note brings the prefixes that it uses
        writeln!(out, "# Karuta supports a person's reading; it does not diagnose.")
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let serializer = TurtleSerializer::new().with_prefix("karuta", VOCABULARY).and_then(|s| s.with_prefix("skos", SKOS)).map_err(io::Error::other)?;
        let mut w = serializer.for_writer(out);
        for t in triples(note) {
            w.serialize_triple(&t)?;
        }
        w.finish()?;
        Ok(Vec::new())
    }
}

impl Exporter for JsonLd {
    fn format(&self) -> &'static Format {
        &JSONLD
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let context = json!({ "karuta": VOCABULARY, "skos": SKOS, "xsd": "http://www.w3.org/2001/XMLSchema#" });
        write!(out, "{{\"@context\":{context},\"@graph\":[\n")
    }

    fn separator(&self) -> &'static str {
        ",\n"
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let mut nodes: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for t in triples(note) {
            let node = nodes.entry(t.subject.to_string()).or_default();
            let (key, value) = (short(t.predicate.as_str()), object(&t.object));
            let key = if t.predicate == rdf::TYPE.into_owned() { "@type".to_owned() } else { key };
            let value = if key == "@type" { value.get("@id").cloned().unwrap_or(value) } else { value };
            match node.get_mut(&key) {
                Some(Value::Array(a)) => a.push(value),
                Some(first) => *first = json!([first.take(), value]),
                None => {
                    node.insert(key, value);
                }
            }
        }
        let mut first = true;
        for (id, mut node) in nodes {
            if !std::mem::take(&mut first) {
                out.write_all(b",\n")?;
            }
            node.insert("@id".to_owned(), Value::from(id.trim_matches(['<', '>'])));
            serde_json::to_writer(&mut *out, &node)?;
        }
        Ok(Vec::new())
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]}\n")
    }
}

fn short(iri: &str) -> String {
    let name = |base: &str, prefix: &str| iri.strip_prefix(base).map(|n| format!("{prefix}:{n}"));
    name(VOCABULARY, "karuta").or_else(|| name(SKOS, "skos")).unwrap_or_else(|| iri.to_owned())
}

fn object(o: &Term) -> Value {
    match o {
        Term::NamedNode(n) => json!({ "@id": short(n.as_str()) }),
        Term::Literal(l) => match l.language() {
            Some(language) => json!({ "@value": l.value(), "@language": language }),
            None if l.datatype() == xsd::STRING => Value::from(l.value()),
            None => json!({ "@value": l.value(), "@type": l.datatype().as_str().replace("http://www.w3.org/2001/XMLSchema#", "xsd:") }),
        },
        other => Value::from(other.to_string()),
    }
}

/// What collects triples of one subject.
struct About<'t> {
    subject: NamedNode,
    out: &'t mut Vec<Triple>,
}

impl About<'_> {
    fn add(&mut self, property: &str, object: impl Into<Term>) {
        self.out.push(Triple::new(self.subject.clone(), vocabulary(property), object));
    }

    fn text(&mut self, property: &str, value: &str) {
        if !value.is_empty() {
            self.add(property, Literal::new_simple_literal(value));
        }
    }

    fn class(&mut self, name: &str) {
        self.out.push(Triple::new(self.subject.clone(), rdf::TYPE, vocabulary(name)));
    }
}

fn vocabulary(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{VOCABULARY}{name}"))
}

fn triples(note: &Source<'_>) -> Vec<Triple> {
    let mut out = Vec::new();
    let words = note.words(OffsetUnit::CodePoints);
    let node = |part: &str| NamedNode::new_unchecked(iri(note, part));
    let mut n = About { subject: node("note"), out: &mut out };
    n.class("Note");
    n.text("id", note.id);
    if let Some(day) = note.day() {
        n.add("date", Literal::new_typed_literal(day, xsd::DATE));
    }
    for f in &note.found.facts {
        let mut a = About { subject: node(&f.id), out: &mut out };
        a.class(class(f));
        a.add("inNote", node("note"));
        let (start, end) = words.span(f.start, f.end);
        fact(&mut a, f, start, end);
        codes(f, &mut out);
    }
    let known: HashSet<&str> = note.found.facts.iter().map(|f| f.id.as_str()).collect();
    for e in edges(note).iter().filter(|e| known.contains(e.from) && known.contains(e.to)) {
        About { subject: node(e.from), out: &mut out }.add(e.property, node(e.to));
        if e.property == "hasCause" {
            About { subject: node(e.to), out: &mut out }.add("hasResult", node(e.from));
        }
    }
    out
}

fn fact(a: &mut About<'_>, f: &Fact, start: usize, end: usize) {
    a.text("factId", &f.id);
    a.add("name", Literal::new_language_tagged_literal_unchecked(f.name.as_str(), "ja"));
    a.text("text", &f.text);
    for (property, n) in [("start", start), ("end", end)] {
        a.add(property, Literal::new_typed_literal(n.to_string(), xsd::INTEGER));
    }
    a.text("assertion", f.assertion.name());
    a.text("subject", f.subject.name());
    a.text("temporality", f.temporality.name());
    a.text("section", f.section.name());
    a.text("applicability", f.applicability.name());
    a.add("confidence", Literal::from(f.confidence));
    if let Some(v) = &f.value {
        v.number.into_iter().for_each(|n| a.add("number", Literal::from(n)));
        v.high.into_iter().for_each(|n| a.add("high", Literal::from(n)));
        a.text("comparator", v.comparator.as_deref().unwrap_or(""));
        a.text("unit", v.unit.as_deref().unwrap_or(""));
        a.text("valueText", v.text.as_deref().unwrap_or(""));
    }
    if let Some(t) = &f.time {
        a.text("time", &said::time(t));
        a.text("timePrecision", &t.precision);
    }
    a.text("dose", &said::dose(f));
    for c in &f.codings {
        a.add("code", NamedNode::new_unchecked(code_iri(c)));
    }
    for r in &f.because {
        a.text("because", &r.rule);
    }
}

/// Each code with its system and the display of its master.
fn codes(f: &Fact, out: &mut Vec<Triple>) {
    for c in &f.codings {
        let node = NamedNode::new_unchecked(code_iri(c));
        let skos = |name: &str| NamedNode::new_unchecked(format!("{SKOS}{name}"));
        out.push(Triple::new(node.clone(), skos("notation"), Literal::new_simple_literal(c.code.as_str())));
        out.push(Triple::new(node.clone(), vocabulary("system"), Literal::new_simple_literal(c.system.as_str())));
        if !c.display.is_empty() {
            out.push(Triple::new(node, skos("prefLabel"), Literal::new_simple_literal(c.display.as_str())));
        }
    }
}
