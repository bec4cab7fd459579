//! `--input-format observations`: values that arrive measured, from a temperature chart, a device, a template field.
//!
//! A row is read through the same dictionaries and the same coding as a note: its name, value and unit
//! make one line of text, which is what the fact's `text` and offsets refer to.

use super::input::{InputArgs, RecordError, expand, extension};
use super::output::report;
use crate::batch::parse_json as parse;
use crate::model::Structured;
use crate::note::{OffsetUnit, decode};
use crate::{Engine, Observation};
use miette::Result;
use serde_json::Value;
use std::io::{self, Read};
use std::path::PathBuf;

type Each<'a> = dyn FnMut(Value, &str, Structured) -> Result<()> + 'a;

/// Reads rows and hands the facts of each patient's run of rows on. Returns how many rows were set aside.
pub(super) fn read(args: &InputArgs, engine: &Engine, unit: OffsetUnit, each: &mut Each<'_>) -> Result<usize> {
    let files = if args.files.is_empty() { vec![Ok(PathBuf::from("-"))] } else { expand(&args.files) };
    let mut failed = 0;
    for f in files {
        let rows = f.and_then(|f| open(&f, args));
        match rows {
            Ok((name, text, csv)) => {
                let rows = if csv { csv_rows(&name, &text) } else { json_rows(&name, &text) };
                failed += patients(engine, unit, rows, each)?;
            }
            Err(e) => {
                failed += 1;
                report(e);
            }
        }
    }
    Ok(failed)
}

fn open(path: &std::path::Path, args: &InputArgs) -> Result<(String, String, bool), RecordError> {
    let name = if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() };
    let mut bytes = Vec::new();
    let read = if name == "stdin" { io::stdin().lock().read_to_end(&mut bytes).map(|_| ()) } else { std::fs::read(path).map(|b| bytes = b) };
    read.map_err(|e| RecordError::file(&name, e.to_string(), "a file that can be read"))?;
    let text = decode(&bytes, args.encoding.as_deref()).map_err(|e| RecordError::file(&name, e.to_string(), "text in UTF-8, CP932 or EUC-JP"))?.into_owned();
    if text.trim().is_empty() {
        return Err(RecordError::file(&name, "no row", "rows of name, value, unit, time"));
    }
    let json = matches!(extension(path).as_str(), "jsonl" | "ndjson" | "json") || text.trim_start().starts_with('{');
    Ok((name, text, !json))
}

/// A row with the patient it belongs to, or why it can't be read.
type Row = Result<(Value, Observation, Place), RecordError>;

/// Where a row stands, for what goes wrong with it later.
struct Place {
    path: String,
    line: usize,
    shown: String,
}

fn json_rows(name: &str, text: &str) -> Vec<Row> {
    let one = |n: usize, l: &str| -> Row {
        let expected = "an object {\"name\", \"value\", \"unit\"?, \"time\"?, \"id\"?}";
        let v = parse(l).map_err(|e| RecordError::line(name, n, l, e.column().saturating_sub(1), e.to_string(), expected))?;
        let field = |k: &str| match v.get(k) {
            Some(Value::String(s)) => Some(s.clone()),
            Some(Value::Number(x)) => Some(x.to_string()),
            _ => None,
        };
        let (Some(what), Some(value)) = (field("name"), field("value")) else { return Err(RecordError::line(name, n, l, 0, "no \"name\" or no \"value\"", expected)) };
        Ok((
            v.get("id").cloned().unwrap_or(Value::Null),
            Observation { name: what, value, unit: field("unit").unwrap_or_default(), time: field("time") },
            Place { path: name.to_owned(), line: n, shown: l.to_owned() },
        ))
    };
    text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()).map(|(i, l)| one(i + 1, l)).collect()
}

fn csv_rows(name: &str, text: &str) -> Vec<Row> {
    let tab = text.lines().next().is_some_and(|l| l.contains('\t'));
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).delimiter(if tab { b'\t' } else { b',' }).from_reader(text.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(h) => h.iter().map(|c| column(c).to_owned()).collect(),
        Err(e) => return vec![Err(RecordError::file(name, e.to_string(), "a header line: name, value, unit, time"))],
    };
    if !header.iter().any(|c| c == "name") || !header.iter().any(|c| c == "value") {
        return vec![Err(RecordError::line(
            name,
            1,
            text.lines().next().unwrap_or(""),
            0,
            format!("the columns {}", header.join(", ")),
            "columns name, value, unit, time (項目, 値, 単位, 日時)",
        ))];
    }
    let mut out = Vec::new();
    for r in reader.records() {
        out.push(match r {
            Ok(r) => {
                let line = r.position().map_or(0, |p| usize::try_from(p.line()).unwrap_or(0));
                let cell = |k: &str| header.iter().position(|c| c == k).and_then(|i| r.get(i)).filter(|s| !s.is_empty()).map(str::to_owned);
                let shown = r.iter().collect::<Vec<_>>().join(",");
                match (cell("name"), cell("value")) {
                    (Some(what), Some(value)) => Ok((
                        cell("id").map_or(Value::Null, Value::from),
                        Observation { name: what, value, unit: cell("unit").unwrap_or_default(), time: cell("time") },
                        Place { path: name.to_owned(), line, shown },
                    )),
                    _ => Err(RecordError::line(name, line, &shown, 0, "a row without a name or a value", "name, value, unit, time")),
                }
            }
            Err(e) => Err(RecordError::file(name, e.to_string(), "a CSV row")),
        });
    }
    out
}

/// The column's meaning, in English or Japanese.
fn column(c: &str) -> &str {
    match c.trim_start_matches('\u{FEFF}').trim() {
        "name" | "項目" | "項目名" | "検査項目" | "名称" | "item" => "name",
        "value" | "値" | "結果" | "測定値" | "結果値" | "result" => "value",
        "unit" | "単位" => "unit",
        "time" | "日時" | "時刻" | "測定日時" | "採取日時" | "検査日" | "date" | "datetime" => "time",
        "id" | "患者ID" | "患者番号" | "patient" => "id",
        other => other,
    }
}

/// Rows of one patient that follow one another make one record.
fn patients(engine: &Engine, unit: OffsetUnit, rows: Vec<Row>, each: &mut Each<'_>) -> Result<usize> {
    let mut worker = engine.worker();
    let mut failed = 0;
    let mut open: Option<(Value, String, Structured)> = None;
    for row in rows {
        let (id, observation, place) = match row {
            Ok(r) => r,
            Err(e) => {
                failed += 1;
                report(e);
                continue;
            }
        };
        let line = observation.line();
        let mut found = worker.observe(&observation);
        if found.facts.is_empty() {
            failed += 1;
            report(RecordError::line(
                &place.path,
                place.line,
                &place.shown,
                0,
                format!("{line:?}, whose name or value is not known"),
                "a vital sign or analyte that the dictionaries know, with a value",
            ));
            continue;
        }
        if open.as_ref().is_some_and(|o| o.0 != id)
            && let Some((id, text, mut found)) = open.take()
        {
            found.count_in(&text, unit);
            each(id, &text, found)?;
        }
        let (_, text, all) = open.get_or_insert_with(|| (id, String::new(), Structured::default()));
        let (shift, n) = (text.len(), all.facts.len());
        text.push_str(&line);
        text.push('\n');
        found.shift(shift, n);
        all.facts.append(&mut found.facts);
        all.relations.append(&mut found.relations);
    }
    if let Some((id, text, mut found)) = open {
        found.count_in(&text, unit);
        each(id, &text, found)?;
    }
    Ok(failed)
}
