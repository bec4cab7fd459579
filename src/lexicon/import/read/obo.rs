//! An ontology in OBO format: stanzas of `tag: value` lines.

use super::Report;
use crate::lexicon::import::masters::{Masters, OntologyRow};
use crate::lexicon::import::rows::RowError;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let mut term: Option<(usize, OntologyRow)> = None;
    let mut take = |term: Option<(usize, OntologyRow)>, report: &mut Report<'_>| {
        let Some((line, row)) = term else { return };
        let row = if row.id.is_empty() { Err(broken(report.file, line, "a term without an id", "id: HP:0001945")) } else { Ok(row) };
        out.ontology.extend(report.take(row).filter(|r| wanted(&r.id)));
    };
    for (i, l) in text.lines().enumerate() {
        let l = l.trim_end();
        if l.starts_with('[') {
            take(term.take(), report);
            term = (l == "[Term]").then(|| (i + 1, OntologyRow::default()));
            continue;
        }
        let (Some((_, row)), Some((tag, value))) = (&mut term, l.split_once(": ")) else { continue };
        match tag {
            "id" => plain(value).clone_into(&mut row.id),
            "name" => value.trim().clone_into(&mut row.en),
            "is_obsolete" => row.obsolete = value.trim() == "true",
            "is_a" => row.parents.push(plain(value).to_owned()),
            "synonym" if value.contains("\" EXACT") => row.synonyms.extend(quoted(value)),
            "xref" if is_same(value) => row.same.push(catalogue(plain(value))),
            _ => {}
        }
    }
    take(term, report);
}

/// Classes that concepts carry codes of; an ontology also holds those that it builds on.
pub(super) fn wanted(id: &str) -> bool {
    ["HP:", "MONDO:", "NANDO:"].iter().any(|p| id.starts_with(p))
}

/// `Orphanet:558` and `ORPHA:558` are one.
pub(super) fn catalogue(id: &str) -> String {
    id.strip_prefix("Orphanet:").map_or_else(|| id.to_owned(), |n| format!("ORPHA:{n}"))
}

/// The value without what follows it: a comment (`! name`), qualifiers (`{…}`).
fn plain(value: &str) -> &str {
    value.split(['!', '{', ' ']).next().unwrap_or("").trim()
}

/// MONDO says which of its cross-references are the same disease.
fn is_same(value: &str) -> bool {
    value.contains("MONDO:equivalentTo") && (value.starts_with("OMIM:") || value.starts_with("Orphanet:") || value.starts_with("ORPHA:"))
}

fn quoted(value: &str) -> Option<String> {
    let inner = value.strip_prefix('"')?;
    let mut out = String::new();
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            '"' if !escaped => return Some(out),
            '\\' if !escaped => escaped = true,
            c => {
                escaped = false;
                out.push(c);
            }
        }
    }
    None
}

fn broken(file: &str, line: usize, found: &str, expected: &str) -> RowError {
    RowError { file: file.to_owned(), line, column: 1, text: String::new(), found: found.to_owned(), expected: expected.to_owned() }
}
