//! Records from files, folders and standard input.

use crate::batch::parse_json as parse;
use crate::note::{DecodeError, decode};
use clap::{Args, ValueEnum};
use miette::{Diagnostic, NamedSource, SourceSpan};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};

/// Where the notes come from.
#[derive(Debug, Args)]
pub(super) struct InputArgs {
    /// Files or folders; standard input when there is none, or for "-"
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the input holds [default: by the file's extension, text on standard input]
    #[arg(long, value_enum, default_value_t)]
    pub input_format: InputFormat,
    /// Encoding of the input: utf-8, cp932, euc-jp … [default: detected]
    #[arg(long, value_name = "NAME")]
    pub encoding: Option<String>,
}

/// What an input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum InputFormat {
    /// By extension
    #[default]
    Auto,
    /// One note a file
    Text,
    /// One JSON object a line: {"id", "text", "date"?}
    Jsonl,
    /// Values that arrive measured, CSV or JSON Lines: name, value, unit, time, id
    Observations,
}

/// A note to be read.
#[derive(Debug)]
pub(super) struct Record {
    pub id: Value,
    pub text: String,
    pub date: Option<String>,
}

impl Record {
    /// The day that the note was written on, where the record tells it: ISO 8601 or 2024/5/4.
    pub fn day(&self) -> Option<jiff::civil::Date> {
        crate::note::day(self.date.as_deref()?)
    }
}

/// A record that could not be read: reported, set aside, counted.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub(super) enum RecordError {
    #[error("{path}: {found}")]
    #[diagnostic(code(karuta::input), help("expected {expected}"))]
    File { path: String, found: String, expected: String },
    #[error("{path}:{line}: {found}")]
    #[diagnostic(code(karuta::record), help("expected {expected}"))]
    Line {
        path: String,
        line: usize,
        found: String,
        expected: String,
        #[source_code]
        source_code: NamedSource<String>,
        #[label("here")]
        at: SourceSpan,
    },
}

impl RecordError {
    pub fn file(path: &str, found: impl Into<String>, expected: &str) -> Self {
        Self::File { path: path.to_owned(), found: found.into(), expected: expected.to_owned() }
    }

    /// An error in a line; `column` counts bytes from 0.
    pub fn line(path: &str, line: usize, text: &str, column: usize, found: impl Into<String>, expected: &str) -> Self {
        // a window of the line is enough to see what is wrong
        let mut start = column.saturating_sub(60).min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let shown: String = crate::text::from(text, start).chars().take(120).collect();
        let mut at = column.saturating_sub(start).min(shown.len());
        while !shown.is_char_boundary(at) {
            at -= 1;
        }
        Self::Line {
            path: path.to_owned(),
            line,
            found: found.into(),
            expected: expected.to_owned(),
            source_code: NamedSource::new(path, shown),
            at: (at, usize::from(at > 0)).into(),
        }
    }
}

/// The files that the arguments name, folders opened, in order of their names.
pub(super) fn expand(files: &[PathBuf]) -> Vec<Result<PathBuf, RecordError>> {
    let mut out = Vec::new();
    for f in files {
        if f.is_dir() {
            let mut found = Vec::new();
            if let Err(e) = walk(f, &mut found, 0) {
                out.push(Err(RecordError::file(&f.display().to_string(), e.to_string(), "a folder that can be read")));
            }
            found.sort();
            out.extend(found.into_iter().map(Ok));
        } else {
            out.push(Ok(f.clone()));
        }
    }
    out
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>, depth: usize) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if kind.is_dir() && depth < 64 {
            walk(&path, out, depth + 1)?;
        } else if kind.is_file() && matches!(extension(&path).as_str(), "txt" | "text" | "md" | "jsonl" | "ndjson" | "") {
            out.push(path);
        }
    }
    Ok(())
}

pub(super) fn extension(path: &Path) -> String {
    path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase()).unwrap_or_default()
}

/// Reads every record and hands it, or why it could not be read, to `each`, in order.
pub(super) fn records(args: &InputArgs, each: &mut dyn FnMut(Result<Record, RecordError>) -> miette::Result<()>) -> miette::Result<()> {
    if args.files.is_empty() {
        return stdin(args, each);
    }
    let files = expand(&args.files);
    let bar = progress(files.len());
    for f in files {
        match f {
            Ok(f) if f.as_os_str() == "-" => stdin(args, each)?,
            Ok(f) => file(&f, args, each)?,
            Err(e) => each(Err(e))?,
        }
        if let Some(b) = &bar {
            b.inc(1);
        }
    }
    if let Some(b) = bar {
        b.finish_and_clear();
    }
    Ok(())
}

/// A bar over many files, when somebody watches.
fn progress(n: usize) -> Option<indicatif::ProgressBar> {
    (n > 4 && io::stderr().is_terminal() && !io::stdout().is_terminal()).then(|| {
        let bar = indicatif::ProgressBar::new(n as u64);
        if let Ok(style) = indicatif::ProgressStyle::with_template("{bar:30} {pos}/{len} files  {per_sec}  {eta} left") {
            bar.set_style(style);
        }
        bar
    })
}

fn stdin(args: &InputArgs, each: &mut dyn FnMut(Result<Record, RecordError>) -> miette::Result<()>) -> miette::Result<()> {
    if args.input_format == InputFormat::Jsonl {
        return lines("stdin", BufReader::with_capacity(1 << 16, io::stdin().lock()), args, each);
    }
    let mut bytes = Vec::new();
    match io::stdin().lock().read_to_end(&mut bytes) {
        Ok(_) => each(whole("stdin", &bytes, args)),
        Err(e) => each(Err(RecordError::file("stdin", e.to_string(), "input that can be read"))),
    }
}

fn file(path: &Path, args: &InputArgs, each: &mut dyn FnMut(Result<Record, RecordError>) -> miette::Result<()>) -> miette::Result<()> {
    let name = path.display().to_string();
    let lined = args.input_format == InputFormat::Jsonl || args.input_format == InputFormat::Auto && matches!(extension(path).as_str(), "jsonl" | "ndjson");
    if lined {
        return match File::open(path) {
            Ok(f) => lines(&name, BufReader::with_capacity(1 << 16, f), args, each),
            Err(e) => each(Err(RecordError::file(&name, e.to_string(), "a file that can be read"))),
        };
    }
    match std::fs::read(path) {
        Ok(bytes) => each(whole(&name, &bytes, args)),
        Err(e) => each(Err(RecordError::file(&name, e.to_string(), "a file that can be read"))),
    }
}

fn whole(name: &str, bytes: &[u8], args: &InputArgs) -> Result<Record, RecordError> {
    let text = decode(bytes, args.encoding.as_deref()).map_err(|e| RecordError::file(name, e.to_string(), "text in UTF-8, CP932 or EUC-JP, or --encoding with its name"))?;
    if text.trim().is_empty() {
        return Err(RecordError::file(name, "no text", "a note"));
    }
    Ok(Record { id: Value::from(name), text: text.into_owned(), date: None })
}

fn lines(name: &str, mut reader: impl BufRead, args: &InputArgs, each: &mut dyn FnMut(Result<Record, RecordError>) -> miette::Result<()>) -> miette::Result<()> {
    let (mut line, mut n, mut any) = (Vec::new(), 0, false);
    loop {
        line.clear();
        n += 1;
        match reader.read_until(b'\n', &mut line) {
            Ok(0) => break,
            Ok(_) => {}
            Err(e) => return each(Err(RecordError::file(name, format!("line {n}: {e}"), "input that can be read"))),
        }
        let bytes = if n == 1 { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&line) } else { &line };
        if bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        any = true;
        each(record(name, n, bytes, args))?;
    }
    if !any {
        return each(Err(RecordError::file(name, "no line", "one JSON object a line")));
    }
    Ok(())
}

fn record(name: &str, n: usize, bytes: &[u8], args: &InputArgs) -> Result<Record, RecordError> {
    // a line has no byte order mark of its own
    let line = match args.encoding.as_deref() {
        Some(label) => decode(bytes, Some(label)),
        None => std::str::from_utf8(bytes).map(Into::into).map_err(|e| DecodeError::Malformed {
            encoding: "UTF-8",
            offset: e.valid_up_to(),
            byte: bytes.get(e.valid_up_to()).copied().unwrap_or(0),
        }),
    };
    let line = line.map_err(|e| RecordError::line(name, n, &String::from_utf8_lossy(bytes), 0, e.to_string(), "UTF-8, or --encoding with the encoding's name"))?;
    let value =
        parse(line.trim_end()).map_err(|e| RecordError::line(name, n, &line, e.column().saturating_sub(1), e.to_string(), "a JSON object {\"id\", \"text\", \"date\"?}"))?;
    let Value::Object(mut fields) = value else { return Err(RecordError::line(name, n, &line, 0, "JSON that is no object", "a JSON object {\"id\", \"text\", \"date\"?}")) };
    let id = fields.remove("id").unwrap_or_else(|| Value::from(n));
    let date = fields.remove("date").and_then(|d| d.as_str().map(str::to_owned));
    match fields.remove("text") {
        Some(Value::String(text)) => Ok(Record { id, text, date }),
        Some(other) => Err(RecordError::line(name, n, &line, line.find("\"text\"").unwrap_or(0), format!("a \"text\" that is {}", kind(&other)), "a \"text\" that is a string")),
        None => Err(RecordError::line(name, n, &line, 0, "no field \"text\"", "a JSON object {\"id\", \"text\", \"date\"?}")),
    }
}

fn kind(v: &Value) -> &'static str {
    match v {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
