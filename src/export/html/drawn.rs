//! The relations of the note, drawn: a row for each connected group, from left to right.

use crate::export::Source;
use crate::export::graph::{Edge, edges};
use crate::export::xml::escape;
use crate::model::Fact;
use std::collections::HashMap;
use std::io::{self, Write};

/// Edges that are drawn; the list holds all of them.
const DRAWN: usize = 60;
const COLUMN: usize = 230;
const ROW: usize = 34;
const BOX: usize = 150;

pub(super) fn write(note: &Source<'_>, out: &mut dyn Write) -> io::Result<()> {
    let facts: HashMap<&str, &Fact> = note.found.facts.iter().map(|f| (f.id.as_str(), f)).collect();
    let edges: Vec<Edge<'_>> = edges(note).into_iter().filter(|e| e.property != "sameMentionAs" && facts.contains_key(e.from) && facts.contains_key(e.to)).collect();
    out.write_all("<section aria-labelledby=\"h-graph\"><h2 id=\"h-graph\">関係</h2>".as_bytes())?;
    if edges.is_empty() {
        return out.write_all("<p id=\"graph\">関係は見つかっていません。</p></section>\n".as_bytes());
    }
    drawn(edges.get(..DRAWN).unwrap_or(&edges), &facts, out)?;
    out.write_all(b"<ul id=\"graph\" class=\"graph\">")?;
    for e in &edges {
        let name = |id: &str| facts.get(id).map_or(String::new(), |f| escape(&f.name));
        write!(
            out,
            "<li><a href=\"#t-{}\">{}</a> <span class=\"edge\">{}</span> <a href=\"#t-{}\">{}</a></li>",
            escape(e.from),
            name(e.from),
            label(e.property),
            escape(e.to),
            name(e.to)
        )?;
    }
    out.write_all(b"</ul></section>\n")
}

fn label(property: &str) -> &'static str {
    match property {
        "hasValue" => "の値は",
        "treats" => "の治療対象は",
        "hasCause" => "の原因は",
        "locatedAt" => "の部位は",
        "partOf" => "は次の一部",
        "derivedFrom" => "の根拠となる測定は",
        _ => "と関係する",
    }
}

/// Where each node stands: the column after the farthest that points to it, the next free row of that column.
fn drawn(edges: &[Edge<'_>], facts: &HashMap<&str, &Fact>, out: &mut dyn Write) -> io::Result<()> {
    let mut order: Vec<&str> = Vec::new();
    let mut columns: HashMap<&str, usize> = HashMap::new();
    for e in edges {
        for id in [e.from, e.to] {
            if columns.insert(id, 0).is_none() {
                order.push(id);
            }
        }
    }
    // a fixed number of passes: a cycle ends there
    for _ in 0..4 {
        for e in edges {
            let next = columns.get(e.from).copied().unwrap_or(0) + 1;
            if let Some(c) = columns.get_mut(e.to).filter(|c| **c < next && next < 5) {
                *c = next;
            }
        }
    }
    let mut heights = [0_usize; 6];
    let mut places: HashMap<&str, (usize, usize)> = HashMap::new();
    for id in &order {
        let c = columns.get(id).copied().unwrap_or(0);
        if let Some(h) = heights.get_mut(c) {
            places.insert(id, (10 + c * COLUMN, 10 + *h * ROW));
            *h += 1;
        }
    }
    let used = heights.iter().rposition(|h| *h > 0).unwrap_or(0) + 1;
    let (width, height) = (used * COLUMN, 20 + heights.iter().max().copied().unwrap_or(0) * ROW);
    write!(
        out,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"関係の図\"><svg class=\"drawn\" role=\"img\" aria-label=\"ファクトの関係。同じ内容が下の一覧にあります\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"><defs><marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>"
    )?;
    // edges between the same two are drawn as one
    let mut pairs: Vec<((&str, &str), Vec<&str>)> = Vec::new();
    for e in edges {
        match pairs.iter_mut().find(|p| p.0 == (e.from, e.to)) {
            Some(p) => p.1.push(label(e.property)),
            None => pairs.push(((e.from, e.to), vec![label(e.property)])),
        }
    }
    for ((from, to), labels) in &pairs {
        let (Some(a), Some(b)) = (places.get(from), places.get(to)) else { continue };
        let (x1, y1, x2, y2) = (a.0 + BOX, a.1 + 12, b.0, b.1 + 12);
        write!(
            out,
            "<path class=\"edge\" marker-end=\"url(#arrow)\" d=\"M{x1} {y1}C{} {y1} {} {y2} {x2} {y2}\"><title>{}</title></path>",
            x1 + 30,
            x2.saturating_sub(30),
            labels.join(" ")
        )?;
        write!(out, "<text class=\"label\" x=\"{}\" y=\"{}\">{}</text>", (x1 + x2) / 2, (y1 + y2) / 2 - 3, labels.first().unwrap_or(&""))?;
    }
    for id in &order {
        let (Some((x, y)), Some(f)) = (places.get(id), facts.get(id)) else { continue };
        let words: String = f.name.chars().take(12).collect();
        write!(
            out,
            "<g class=\"node {}\"><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{BOX}\" height=\"24\" rx=\"5\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
            super::classes(f),
            escape(&f.name),
            x + 8,
            y + 16,
            escape(&words)
        )?;
    }
    out.write_all(b"</svg></div>")
}
