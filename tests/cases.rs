//! Literate clinical cases: every note in `corpora/cases/*.md` gives the facts of the table under it.
//!
//! `corpora/README.md` tells how a case is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use karuta::fact::{Fact, Structured};
use karuta::{Engine, Worker};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

struct Case {
    file: PathBuf,
    line: usize,
    title: String,
    note: String,
    columns: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
    only: Vec<String>,
    date: Option<jiff::civil::Date>,
    /// What ends a line of the note.
    newline: &'static str,
}

#[test]
fn every_case_gives_its_facts() {
    let engine = Engine::new().unwrap();
    let mut worker = engine.worker();
    let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/cases"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "md"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no case files");
    let (mut wrong, mut cases) = (String::new(), 0);
    for file in files {
        for case in read(&file) {
            cases += 1;
            check(&mut worker, &case, &mut wrong);
        }
    }
    println!("{cases} cases");
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Cases of a file: `## title`, a fenced block `note` (`note crlf`: its lines end in CR LF), a table, and lines
/// `only: kind, kind` and `date: 2024-05-10` (the note's own).
fn read(file: &Path) -> Vec<Case> {
    let text = std::fs::read_to_string(file).unwrap();
    let (mut out, mut in_note): (Vec<Case>, bool) = (Vec::new(), false);
    for (i, l) in text.lines().enumerate() {
        if let Some(title) = l.strip_prefix("## ")
            && !in_note
        {
            out.push(Case {
                file: file.to_owned(),
                line: i + 1,
                title: title.to_owned(),
                note: String::new(),
                columns: Vec::new(),
                rows: Vec::new(),
                only: Vec::new(),
                date: None,
                newline: "\n",
            });
            continue;
        }
        let Some(case) = out.last_mut() else { continue };
        if l.starts_with("```") {
            in_note = l.starts_with("```note");
            if l == "```note crlf" {
                case.newline = "\r\n";
            }
        } else if in_note {
            case.note.push_str(l);
            case.note.push_str(case.newline);
        } else if let Some(date) = l.strip_prefix("date:") {
            case.date = Some(date.trim().parse().unwrap());
        } else if let Some(only) = l.strip_prefix("only:") {
            case.only = only.split(',').map(|s| s.trim().to_owned()).collect();
        } else if l.starts_with('|') {
            let cells: Vec<String> = l.trim().trim_matches('|').split('|').map(|c| c.trim().replace("\\|", "|")).collect();
            if case.columns.is_empty() {
                case.columns = cells;
            } else if !cells.iter().all(|c| c.chars().all(|c| c == '-' || c == ':')) {
                case.rows.push((i + 1, cells));
            }
        }
    }
    out
}

fn check(worker: &mut Worker<'_>, case: &Case, wrong: &mut String) {
    let note = case.note.trim_end_matches('\n');
    let found = worker.structure_at(note, case.date);
    let at = |line: usize| format!("{}:{line} ({})", case.file.file_name().unwrap().to_string_lossy(), case.title);
    let mut used = vec![false; found.facts.len()];
    for (line, row) in &case.rows {
        let cell = |name: &str| case.columns.iter().position(|c| c == name).and_then(|i| row.get(i)).map_or("", String::as_str);
        let (kind, forbidden) = match cell("kind").strip_prefix('!') {
            Some(k) => (k, true),
            None => (cell("kind"), false),
        };
        let text = cell("text").replace('⏎', case.newline);
        let fits = |f: &Fact| {
            (kind.is_empty() || f.kind.name() == kind)
                && (text.is_empty() || f.text == text)
                && (forbidden
                    || case
                        .columns
                        .iter()
                        .zip(row)
                        .all(|(c, want)| want.is_empty() || matches!(c.as_str(), "kind" | "text") || field(f, &found, c).split('\u{1f}').any(|got| got == want)))
        };
        if forbidden {
            if let Some(f) = found.facts.iter().find(|f| (kind.is_empty() || f.kind.name() == kind) && f.text.contains(&text)) {
                let _ = writeln!(wrong, "{}: {:?} must be no {kind} fact, but is {}", at(*line), f.text, describe(f, &found));
            }
            continue;
        }
        match found.facts.iter().enumerate().position(|(i, f)| !used[i] && fits(f)) {
            Some(i) => used[i] = true,
            None => {
                let near: Vec<String> = found.facts.iter().filter(|f| f.text == text || f.text.contains(&text) || text.contains(&f.text)).map(|f| describe(f, &found)).collect();
                let _ = writeln!(wrong, "{}: no fact {}; there: {}", at(*line), row.join(" | "), if near.is_empty() { "nothing like it".to_owned() } else { near.join("; ") });
            }
        }
    }
    for (i, f) in found.facts.iter().enumerate() {
        if !used[i] && f.from.is_empty() && case.only.iter().any(|k| k == f.kind.name()) {
            let _ = writeln!(wrong, "{}: a {} too many: {}", at(case.line), f.kind.name(), describe(f, &found));
        }
    }
}

/// A column of the table, from a fact; several values are separated by U+001F.
fn field(f: &Fact, found: &Structured, column: &str) -> String {
    let v = f.value.as_ref();
    let json = |x: serde_json::Value| x.as_str().map_or_else(|| x.to_string(), str::to_owned);
    let m = f.medication.as_deref();
    match column {
        "name" => f.name.clone(),
        "value" => v.and_then(|v| v.number).map(|n| n.to_string()).or_else(|| v.and_then(|v| v.text.as_ref().map(ToString::to_string))).unwrap_or_default(),
        "high" => v.and_then(|v| v.high).map(|n| n.to_string()).unwrap_or_default(),
        "unit" => v.and_then(|v| v.unit.as_ref().map(ToString::to_string)).unwrap_or_default(),
        "comparator" => v.and_then(|v| v.comparator.as_ref().map(ToString::to_string)).unwrap_or_default(),
        "remark" => v.and_then(|v| v.text.as_ref().map(ToString::to_string)).unwrap_or_default(),
        "assertion" => f.assertion.name().to_owned(),
        "subject" => json(serde_json::to_value(f.subject).unwrap()),
        "temporality" => json(serde_json::to_value(f.temporality).unwrap()),
        "applicability" => json(serde_json::to_value(f.applicability).unwrap()),
        "section" => f.section.name().to_owned(),
        "code" => f.codings.iter().map(|c| c.code.to_string()).collect::<Vec<_>>().join("\u{1f}"),
        "rule" => f.because.iter().map(|r| r.rule.split(':').next().unwrap_or("").to_owned()).collect::<Vec<_>>().join("\u{1f}"),
        "from" => f.from.iter().filter_map(|id| found.facts.iter().find(|g| &g.id == id)).map(|g| g.text.clone()).collect::<Vec<_>>().join("\u{1f}"),
        "time" => f.time.as_ref().and_then(|t| t.start.as_ref().map(ToString::to_string)).unwrap_or_default(),
        "precision" => f.time.as_ref().map(|t| t.precision.to_string()).unwrap_or_default(),
        "end" => f.time.as_ref().and_then(|t| t.end.as_ref().map(ToString::to_string)).unwrap_or_default(),
        "ingredients" => m.map(|m| m.ingredients.join("・")).unwrap_or_default(),
        "strength" => m.and_then(|m| m.strength.clone()).unwrap_or_default(),
        "dose" => m.and_then(|m| m.dose.clone()).unwrap_or_default(),
        "times" => m.and_then(|m| m.times_per_day).map(|n| n.to_string()).unwrap_or_default(),
        "days" => m.and_then(|m| m.days).map(|n| n.to_string()).unwrap_or_default(),
        "route" => m.and_then(|m| m.route.clone()).unwrap_or_default(),
        "status" => m.and_then(|m| m.status.clone()).unwrap_or_default(),
        "relative" => f.relative.as_ref().map(|c| c.code.to_string()).unwrap_or_default(),
        "treats" | "caused_by" | "because_of" | "has_value" => {
            let related = found.relations.iter().filter(|r| r.from == f.id && json(serde_json::to_value(r.kind).unwrap()) == column);
            related.filter_map(|r| found.facts.iter().find(|g| g.id == r.to)).flat_map(|g| [g.text.clone(), g.name.clone()]).collect::<Vec<_>>().join("\u{1f}")
        }
        "usage_code" => codes(m.map(|m| m.usage_codings.as_slice())),
        "unit_code" => codes(m.map(|m| m.unit_codings.as_slice())),
        "needed" => m.and_then(|m| m.as_needed.clone()).unwrap_or_default(),
        "usage" => m.and_then(|m| m.usage.clone()).unwrap_or_default(),
        "daily" => m.and_then(|m| m.daily.as_ref()).and_then(|d| d.number).map(|n| n.to_string()).unwrap_or_default(),
        other => panic!("a case table has the unknown column {other:?}"),
    }
}

fn codes(codings: Option<&[karuta::model::Coding]>) -> String {
    codings.unwrap_or_default().iter().map(|c| c.code.to_string()).collect::<Vec<_>>().join("\u{1f}")
}

fn describe(f: &Fact, found: &Structured) -> String {
    let mut s = format!("{} {:?} = {}", f.kind.name(), f.text, f.name);
    for c in ["value", "unit", "comparator", "assertion", "subject", "temporality", "time", "code", "rule", "status", "dose"] {
        let v = field(f, found, c).replace('\u{1f}', ",");
        if !v.is_empty() {
            let _ = write!(s, " {c}={v}");
        }
    }
    s
}
