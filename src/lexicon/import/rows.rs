//! Records of delimited text with their places, as publishers write them: quotes in quotes, short rows, CRLF.

use std::borrow::Cow;

/// A row that could not be read: where, what was found, what was expected. It is set aside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: found {found}, expected {expected}")]
pub struct RowError {
    /// The file, with `!` and the member's name where it is an archive's.
    pub file: String,
    /// Its line, or the sheet's row, from 1.
    pub line: usize,
    /// The character in the line from 1; for a sheet the cell's column from 1.
    pub column: usize,
    /// The line as it stands, shortened.
    pub text: String,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
}

/// How fields may be quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// A quote is a character like any other.
    None,
    /// A quoted field ends on its line.
    Line,
    /// A quoted field may go on over lines.
    Lines,
}

/// One record.
#[derive(Debug)]
pub(super) struct Row<'t> {
    file: &'t str,
    /// The line it starts on, from 1.
    pub line: usize,
    text: &'t str,
    fields: Vec<(usize, Cow<'t, str>)>,
}

impl Row<'_> {
    /// A field without the spaces around it; empty where the row is too short.
    pub fn get(&self, i: usize) -> &str {
        self.fields.get(i).map_or("", |f| f.1.trim_matches([' ', '\t', '\r']))
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// An error at field `i`.
    pub fn error(&self, i: usize, found: impl Into<String>, expected: impl Into<String>) -> RowError {
        let byte = self.fields.get(i).or(self.fields.last()).map_or(0, |f| f.0);
        let column = self.text.char_indices().take_while(|c| c.0 < byte).count() + 1;
        RowError { file: self.file.to_owned(), line: self.line, column, text: shorten(self.text), found: found.into(), expected: expected.into() }
    }

    /// The field, when it is as described; else the error that says so.
    pub fn checked(&self, i: usize, name: &str, expected: &str, fits: impl Fn(&str) -> bool) -> Result<&str, RowError> {
        let v = self.get(i);
        if fits(v) { Ok(v) } else { Err(self.error(i, format!("{v:?} for {name} (field {})", i + 1), expected)) }
    }

    /// The row, when it has at least `n` fields.
    pub fn at_least(&self, n: usize) -> Result<(), RowError> {
        if self.len() >= n { Ok(()) } else { Err(self.error(self.len(), format!("{} fields", self.len()), format!("{n} fields"))) }
    }
}

/// Every record of `text`. Blank lines are passed over.
pub(super) struct Rows<'t> {
    file: &'t str,
    rest: &'t str,
    line: usize,
    delimiter: u8,
    quotes: Quotes,
}

impl<'t> Rows<'t> {
    pub fn new(file: &'t str, text: &'t str, delimiter: u8, quotes: Quotes) -> Self {
        Self { file, rest: text, line: 0, delimiter, quotes }
    }

    /// The fields of the record at the head of `self.rest`, its length in bytes, and how many lines it takes.
    fn record(&self) -> Result<(Row<'t>, usize, usize), RowError> {
        let (text, mut fields, mut at) = (self.rest, Vec::new(), 0);
        let bytes = text.as_bytes();
        let is_end = |i: usize| bytes.get(i).is_none_or(|b| *b == b'\n' || (*b == b'\r' && bytes.get(i + 1).is_none_or(|n| *n == b'\n')));
        loop {
            let start = at;
            let value = if self.quotes != Quotes::None && bytes.get(at) == Some(&b'"') {
                let (value, end) = self.quoted(at)?;
                at = end;
                value
            } else {
                while !is_end(at) && bytes.get(at) != Some(&self.delimiter) {
                    at += 1;
                }
                Cow::Borrowed(text.get(start..at).unwrap_or(""))
            };
            fields.push((start, value));
            if bytes.get(at) == Some(&self.delimiter) {
                at += 1;
            } else {
                break;
            }
        }
        let row = text.get(..at).unwrap_or("");
        let lines = row.bytes().filter(|b| *b == b'\n').count() + 1;
        let end = match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\r'), Some(b'\n')) => at + 2,
            (Some(_), _) => at + 1,
            _ => at,
        };
        Ok((Row { file: self.file, line: self.line + 1, text: row, fields }, end, lines))
    }

    /// A quoted field that starts at `at`: its value and where it ends. A quote closes the field when a delimiter
    /// or the end of the line follows; two are one; any other stands for itself.
    fn quoted(&self, at: usize) -> Result<(Cow<'t, str>, usize), RowError> {
        let (text, bytes) = (self.rest, self.rest.as_bytes());
        let (mut value, mut from, mut i): (Option<String>, usize, usize) = (None, at + 1, at + 1);
        let mut lines = 0;
        loop {
            match bytes.get(i) {
                Some(b'"') => {
                    let next = bytes.get(i + 1);
                    if next == Some(&b'"') {
                        value.get_or_insert_default().push_str(text.get(from..=i).unwrap_or(""));
                        i += 2;
                        from = i;
                        continue;
                    }
                    let closes = next.is_none_or(|b| *b == self.delimiter || *b == b'\n' || *b == b'\r');
                    if closes {
                        let tail = text.get(from..i).unwrap_or("");
                        let value = value.map_or(Cow::Borrowed(tail), |v| Cow::Owned(v + tail));
                        return Ok((value, i + 1));
                    }
                    i += 1;
                }
                Some(b'\n') if self.quotes == Quotes::Lines && lines < 1000 => {
                    lines += 1;
                    i += 1;
                }
                None | Some(b'\n') => {
                    let line = text.lines().next().unwrap_or("");
                    let column = line.char_indices().take_while(|c| c.0 < at).count() + 1;
                    return Err(RowError {
                        file: self.file.to_owned(),
                        line: self.line + 1,
                        column,
                        text: shorten(line),
                        found: "a quote that is never closed".to_owned(),
                        expected: "a closing quote at the end of the field".to_owned(),
                    });
                }
                Some(_) => i += 1,
            }
        }
    }
}

impl<'t> Iterator for Rows<'t> {
    type Item = Result<Row<'t>, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let line_end = self.rest.find('\n').map_or(self.rest.len(), |i| i + 1);
            let (row, end, lines) = match self.record() {
                Ok((row, end, lines)) => (Ok(row), end, lines),
                // the next record starts on the next line
                Err(e) => (Err(e), line_end, 1),
            };
            self.rest = self.rest.get(end.max(1)..).unwrap_or("");
            self.line += lines;
            match row {
                // a blank line, or the end mark (1A) that old CP932 files carry
                Ok(r) if r.len() <= 1 && r.fields.iter().all(|f| f.1.chars().all(|c| c.is_whitespace() || c.is_control())) => {}
                Ok(r) if r.text.contains('\u{FFFD}') => {
                    let at = r.fields.iter().position(|f| f.1.contains('\u{FFFD}')).unwrap_or(0);
                    return Some(Err(r.error(at, "bytes that are no text in the file's encoding", "CP932 or UTF-8")));
                }
                row => return Some(row),
            }
        }
    }
}

fn shorten(s: &str) -> String {
    s.trim_end().chars().take(200).collect()
}

/// Columns by the names of a header.
#[derive(Debug, Default)]
pub(super) struct Header {
    names: Vec<String>,
}

impl Header {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: names.into_iter().map(|n| crate::note::fold(n.trim()).replace(' ', "")).collect() }
    }

    pub fn of(row: &Row<'_>) -> Self {
        Self::new(row.fields.iter().map(|f| f.1.as_ref()))
    }

    /// The first column that has one of these names.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().map(|n| crate::note::fold(n)).find_map(|n| self.names.iter().position(|h| *h == n))
    }

    /// The first column whose name contains one of these.
    pub fn containing(&self, names: &[&str]) -> Option<usize> {
        names.iter().map(|n| crate::note::fold(n)).find_map(|n| self.names.iter().position(|h| h.contains(&n)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str, quotes: Quotes) -> Vec<Result<Vec<String>, (usize, usize)>> {
        Rows::new("f", text, b',', quotes).map(|r| r.map(|r| (0..r.len()).map(|i| r.get(i).to_owned()).collect()).map_err(|e| (e.line, e.column))).collect()
    }

    #[test]
    fn quotes_in_quotes() {
        assert_eq!(fields("\"a\"\"b\",\"c\"d\",\"\",e\r\n", Quotes::Line), [Ok(vec!["a\"b".into(), "c\"d".into(), String::new(), "e".into()])]);
        assert_eq!(fields("\"x, y\",\"\"\"z\"\"\"\n", Quotes::Line), [Ok(vec!["x, y".into(), "\"z\"".into()])]);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        assert_eq!(fields("a,\"b\nc,d\n", Quotes::Line), [Err((1, 3)), Ok(vec!["c".into(), "d".into()])]);
        assert_eq!(fields("a,\"b\nc\",d\ne,f", Quotes::Lines), [Ok(vec!["a".into(), "b\nc".into(), "d".into()]), Ok(vec!["e".into(), "f".into()])]);
        assert_eq!(fields("a,\"b\nc,d\n", Quotes::Lines), [Err((1, 3)), Ok(vec!["c".into(), "d".into()])]);
    }

    #[test]
    fn lines_count_on_over_records_of_several() {
        let rows: Vec<usize> = Rows::new("f", "\"a\n\nb\",1\n\nc,2\n", b',', Quotes::Lines).map(|r| r.unwrap().line).collect();
        assert_eq!(rows, [1, 5]);
    }

    #[test]
    fn columns_are_counted_in_characters() {
        let row = Rows::new("f", "発熱,x,y\n", b',', Quotes::Line).next().unwrap().unwrap();
        let e = row.checked(1, "code", "digits", |v| v.parse::<u32>().is_ok()).unwrap_err();
        assert_eq!((e.line, e.column), (1, 4));
        assert_eq!(e.to_string(), "f:1:4: found \"x\" for code (field 2), expected digits");
        assert_eq!(row.at_least(5).unwrap_err().found, "3 fields");
    }
}
