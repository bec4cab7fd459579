//! GraphML: facts as nodes, relations and derivations as edges.

use super::graph::edges;
use super::xml::escape;
use super::{ExportError, Exporter, Format, Left, Settings, Source, said};
use std::collections::HashSet;
use std::io::{self, Write};

pub(super) const GRAPHML: Format = Format::stream("graphml", "graphml", "GraphML: facts as nodes, relations as edges; a graph for each note");

#[derive(Debug)]
struct Graphml;

pub(super) fn make(_: &Settings) -> Result<Box<dyn Exporter>, ExportError> {
    Ok(Box::new(Graphml))
}

const NODE_KEYS: [&str; 10] = ["kind", "name", "text", "assertion", "subject", "temporality", "value", "time", "section", "codes"];
const EDGE_KEYS: [&str; 2] = ["property", "rule"];

impl Exporter for Graphml {
    fn format(&self) -> &'static Format {
        &GRAPHML
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n")?;
        for (of, keys) in [("node", NODE_KEYS.as_slice()), ("edge", EDGE_KEYS.as_slice())] {
            for k in keys {
                writeln!(out, "  <key id=\"{k}\" for=\"{of}\" attr.name=\"{k}\" attr.type=\"string\"/>")?;
            }
        }
        Ok(())
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        // ids of nodes are unique in the file
        let id = |fact: &str| escape(&format!("{}/{fact}", note.id));
        writeln!(out, "  <graph id=\"{}\" edgedefault=\"directed\">", escape(note.id))?;
        for f in &note.found.facts {
            writeln!(out, "    <node id=\"{}\">", id(&f.id))?;
            let codes: Vec<String> = f.codings.iter().map(|c| format!("{}|{}", c.system, c.code)).collect();
            let cells = [
                f.kind.name().to_owned(),
                f.name.clone(),
                f.text.clone(),
                f.assertion.name().to_owned(),
                f.subject.name().to_owned(),
                f.temporality.name().to_owned(),
                f.value.as_ref().map(said::value).unwrap_or_default(),
                f.time.as_ref().map(said::time).unwrap_or_default(),
                f.section.name().to_owned(),
                codes.join(" "),
            ];
            for (k, v) in NODE_KEYS.iter().zip(&cells).filter(|(_, v)| !v.is_empty()) {
                writeln!(out, "      <data key=\"{k}\">{}</data>", escape(v))?;
            }
            writeln!(out, "    </node>")?;
        }
        let known: HashSet<&str> = note.found.facts.iter().map(|f| f.id.as_str()).collect();
        for e in edges(note).iter().filter(|e| known.contains(e.from) && known.contains(e.to)) {
            writeln!(
                out,
                "    <edge source=\"{}\" target=\"{}\"><data key=\"property\">{}</data><data key=\"rule\">{}</data></edge>",
                id(e.from),
                id(e.to),
                e.property,
                escape(e.rule)
            )?;
        }
        writeln!(out, "  </graph>")?;
        Ok(Vec::new())
    }

    fn end(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"</graphml>\n")
    }
}
