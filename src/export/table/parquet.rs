//! A table as Parquet, zstd-compressed, in row groups of bounded size.

use super::{Cell, ColumnType};
use arrow_array::builder::{Float64Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;

/// Rows kept before they are handed on as a batch.
const BATCH: usize = 1 << 14;

/// Why Parquet could not be written.
#[derive(Debug, thiserror::Error)]
#[error("Parquet: {0}")]
pub struct ParquetError(#[from] parquet::errors::ParquetError);

impl From<arrow_schema::ArrowError> for ParquetError {
    fn from(e: arrow_schema::ArrowError) -> Self {
        Self(e.into())
    }
}

/// Writes the rows of a [table](super::Table) into one Parquet file.
pub struct ParquetWriter<W: Write + Send> {
    columns: &'static [(&'static str, ColumnType)],
    schema: SchemaRef,
    writer: ArrowWriter<W>,
    kept: Vec<Vec<Cell>>,
}

impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "ParquetWriter {:?}, {} rows kept", self.schema, self.kept.len())
    }
}

impl<W: Write + Send> ParquetWriter<W> {
    /// A file of these columns in `out`.
    ///
    /// # Errors
    /// When `out` can't be written to.
    pub fn new(columns: &'static [(&'static str, ColumnType)], out: W) -> Result<Self, ParquetError> {
        let kind = |t| match t {
            ColumnType::Text => DataType::Utf8,
            ColumnType::Integer => DataType::Int64,
            ColumnType::Number => DataType::Float64,
        };
        let schema = Arc::new(Schema::new(columns.iter().map(|(name, t)| Field::new(*name, kind(*t), true)).collect::<Vec<_>>()));
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
        Ok(Self { columns, writer: ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties))?, schema, kept: Vec::new() })
    }

    /// Adds rows. A cell of another type than its column's is null.
    ///
    /// # Errors
    /// When the output can't be written to.
    pub fn write(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), ParquetError> {
        self.kept.extend(rows);
        if self.kept.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.kept);
        let columns = self.columns.iter().enumerate().map(|(i, (_, t))| column(*t, rows.iter().map(|r| r.get(i)))).collect();
        self.writer.write(&RecordBatch::try_new(Arc::clone(&self.schema), columns)?)?;
        Ok(())
    }

    /// Writes what is kept and the end of the file.
    ///
    /// # Errors
    /// When the output can't be written to.
    pub fn close(mut self) -> Result<(), ParquetError> {
        if !self.kept.is_empty() {
            self.flush()?;
        }
        self.writer.close()?;
        Ok(())
    }
}

fn column<'c>(of: ColumnType, cells: impl Iterator<Item = Option<&'c Cell>>) -> ArrayRef {
    match of {
        ColumnType::Text => {
            let mut b = StringBuilder::new();
            cells.for_each(|c| b.append_option(if let Some(Cell::Text(t)) = c { Some(t) } else { None }));
            Arc::new(b.finish())
        }
        ColumnType::Integer => {
            let mut b = Int64Builder::new();
            cells.for_each(|c| b.append_option(if let Some(Cell::Integer(n)) = c { Some(*n) } else { None }));
            Arc::new(b.finish())
        }
        ColumnType::Number => {
            let mut b = Float64Builder::new();
            cells.for_each(|c| b.append_option(if let Some(Cell::Number(n)) = c { Some(*n) } else { None }));
            Arc::new(b.finish())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{Array, Float64Array, StringArray};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    #[test]
    fn rows_are_read_back() {
        let path = tempfile::NamedTempFile::new().unwrap();
        let columns: &[(&str, ColumnType)] = &[("name", ColumnType::Text), ("number", ColumnType::Number)];
        let mut w = ParquetWriter::new(columns, path.reopen().unwrap()).unwrap();
        for i in 0..40_000_u32 {
            w.write(vec![vec![Cell::text(format!("発熱{i}")), if i % 2 == 0 { Cell::Null } else { Cell::Number(39.2) }]]).unwrap();
        }
        w.close().unwrap();
        let read: Vec<RecordBatch> = ParquetRecordBatchReaderBuilder::try_new(path.reopen().unwrap()).unwrap().build().unwrap().map(Result::unwrap).collect();
        assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 40_000);
        let names = read[0].column(0).as_any().downcast_ref::<StringArray>().unwrap();
        let numbers = read[0].column(1).as_any().downcast_ref::<Float64Array>().unwrap();
        assert_eq!((names.value(1), numbers.value(1), numbers.is_null(0)), ("発熱1", 39.2, true));
    }
}
