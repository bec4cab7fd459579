//! Tables: columns with their types, rows of a note; CSV and Parquet of them.

#[cfg(feature = "parquet")]
mod parquet;

#[cfg(feature = "parquet")]
pub use parquet::{ParquetError, ParquetWriter};

use super::{ExportError, Exporter, Format, Left, Settings, Source, facts, omop};
use std::io::{self, Write};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A double.
    Number,
}

/// A cell of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A double.
    Number(f64),
}

impl Cell {
    /// Text, or nothing where it is empty.
    pub fn text(t: impl Into<String>) -> Self {
        let t = t.into();
        if t.is_empty() { Self::Null } else { Self::Text(t) }
    }

    fn said(&self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(t) => t.clone(),
            Self::Integer(n) => n.to_string(),
            Self::Number(n) => n.to_string(),
        }
    }
}

/// A table that notes add rows to. Every row has a cell for each column.
pub trait Table: std::fmt::Debug + Send + Sync {
    /// The format it is written as.
    fn format(&self) -> &'static Format;

    /// The columns in order.
    fn columns(&self) -> &'static [(&'static str, ColumnType)];

    /// The rows of a note, and what of it they do not hold.
    ///
    /// # Errors
    /// When the note lacks what a row needs.
    fn rows(&self, note: &Source<'_>) -> Result<(Vec<Vec<Cell>>, Vec<Left>), ExportError>;
}

/// The table that a format writes, for writing it otherwise; `None` where the format is no table.
///
/// ```
/// use karuta::export::{Settings, table};
/// let table = table::by_name("csv", &Settings::default()).unwrap();
/// assert_eq!(table.columns()[0].0, "note_id");
/// ```
pub fn by_name(name: &str, settings: &Settings) -> Option<Box<dyn Table>> {
    match name {
        _ if name == facts::CSV.name => Some(Box::new(facts::Facts)),
        _ if name == omop::NOTE.name => Some(Box::new(omop::Notes::new(settings))),
        _ if name == omop::NOTE_NLP.name => Some(Box::new(omop::Terms::new(settings))),
        _ => None,
    }
}

/// A table as CSV (RFC 4180), UTF-8, with a header.
#[derive(Debug)]
pub(super) struct Csv<T>(pub T);

impl<T: Table> Exporter for Csv<T> {
    fn format(&self) -> &'static Format {
        self.0.format()
    }

    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut w = csv::Writer::from_writer(out);
        w.write_record(self.0.columns().iter().map(|c| c.0))?;
        w.flush()
    }

    fn note(&self, note: &Source<'_>, out: &mut dyn Write) -> Result<Vec<Left>, ExportError> {
        let (rows, left) = self.0.rows(note)?;
        let mut w = csv::Writer::from_writer(out);
        for row in rows {
            w.write_record(row.iter().map(Cell::said)).map_err(io::Error::from)?;
        }
        w.flush()?;
        Ok(left)
    }
}
