//! Tables in workbooks: the header is found by its words, wherever the publisher put titles and merged cells.

use super::kind::MasterKind;
use super::rows::{Header, RowError};
use calamine::{Data, Reader, Xlsx};
use std::io::Cursor;

/// A sheet's table below its header.
pub(super) struct Table {
    header: Header,
    /// For each column, one past the last column that its heading spans.
    spans: Vec<usize>,
    /// Rows with their number in the sheet.
    pub rows: Vec<Line>,
}

/// One row of a sheet.
pub(super) struct Line {
    number: usize,
    first_column: usize,
    cells: Vec<String>,
}

/// Rows above the header: titles and remarks.
const SEARCHED: usize = 20;

/// The headings that tell what a workbook is.
const HEADINGS: &[(MasterKind, &[&str])] = &[
    (MasterKind::General, &["一般名コード", "一般名処方の標準的な記載"]),
    (MasterKind::Price, &["薬価基準収載医薬品コード", "品名"]),
    (MasterKind::Jlac10, &["分析物コード", "分析物名(1)"]),
];

/// What a workbook is, by its headings.
pub(super) fn kind(bytes: &[u8]) -> Option<MasterKind> {
    let mut book = Xlsx::new(Cursor::new(bytes)).ok()?;
    book.sheet_names().iter().find_map(|name| {
        let range = book.worksheet_range(name).ok()?;
        range.rows().take(SEARCHED).find_map(|row| {
            let header = Header::new(row.iter().map(text).collect::<Vec<_>>().iter().map(String::as_str));
            HEADINGS.iter().find(|(_, words)| words.iter().all(|w| header.find(&[w]).is_some())).map(|k| k.0)
        })
    })
}

/// Every table of a workbook whose header has all of `headings`.
pub(super) fn tables(bytes: &[u8], headings: &[&str]) -> Result<Vec<Table>, String> {
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let mut out = Vec::new();
    for name in book.sheet_names() {
        let range = book.worksheet_range(&name).map_err(|e| e.to_string())?;
        let (row0, column0) = range.start().map_or((0, 0), |(r, c)| (r as usize, c as usize));
        let mut rows = range.rows().enumerate();
        let found = rows.by_ref().take(SEARCHED).find_map(|(_, row)| {
            let cells: Vec<String> = row.iter().map(text).collect();
            let header = Header::new(cells.iter().map(String::as_str));
            headings.iter().all(|w| header.find(&[w]).is_some()).then_some((header, cells))
        });
        let Some((header, names)) = found else { continue };
        let spans = (0..names.len()).map(|i| names.iter().skip(i + 1).position(|n| !n.trim().is_empty()).map_or(names.len(), |k| i + 1 + k)).collect();
        let rows = rows.map(|(i, row)| Line { number: row0 + i + 1, first_column: column0, cells: row.iter().map(text).collect() }).filter(|l| !l.is_empty()).collect();
        out.push(Table { header, spans, rows });
    }
    Ok(out)
}

impl Table {
    /// The column with that heading; one of `columns()` to be handed to a row.
    pub fn column(&self, names: &[&str]) -> Option<(usize, usize)> {
        let at = self.header.find(names).or_else(|| self.header.containing(names))?;
        Some((at, self.spans.get(at).copied().unwrap_or(at + 1)))
    }
}

impl Line {
    fn is_empty(&self) -> bool {
        self.cells.iter().all(|c| c.trim().is_empty())
    }

    /// The cell under the heading's first column.
    pub fn get(&self, column: Option<(usize, usize)>) -> &str {
        column.and_then(|c| self.cells.get(c.0)).map_or("", |c| c.trim())
    }

    /// The longest cell under a heading that spans several columns: marks stand beside a name.
    pub fn longest(&self, column: Option<(usize, usize)>) -> &str {
        let Some((start, end)) = column else { return "" };
        self.cells.get(start..end.min(self.cells.len())).unwrap_or(&[]).iter().map(|c| c.trim()).max_by_key(|c| c.chars().count()).unwrap_or("")
    }

    /// An error at a column.
    pub fn error(&self, file: &str, column: Option<(usize, usize)>, found: impl Into<String>, expected: &str) -> RowError {
        let shown: Vec<&str> = self.cells.iter().map(|c| c.trim()).filter(|c| !c.is_empty()).collect();
        RowError {
            file: file.to_owned(),
            line: self.number,
            column: column.map_or(0, |c| c.0) + self.first_column + 1,
            text: shown.join(" | ").chars().take(200).collect(),
            found: found.into(),
            expected: expected.to_owned(),
        }
    }
}

/// A cell as it is read: whole numbers without a point.
fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(s) => s.replace('\u{3000}', " ").trim().to_owned(),
        other => other.to_string(),
    }
}
