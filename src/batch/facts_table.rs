//! The facts table: Parquet files of a row a fact, a file for each 10,000 records.

use super::BatchError;
use super::output::part_name;
use super::rows::FactRows;
use arrow_schema::Schema;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// Writes the parts. A part that is not whole has the ending `.tmp`.
pub(super) struct FactsTable {
    folder: PathBuf,
    schema: Arc<Schema>,
    part: u64,
    writer: Option<ArrowWriter<File>>,
}

impl FactsTable {
    pub fn new(folder: PathBuf, part: u64) -> Self {
        Self { folder, schema: FactRows::schema(), part, writer: None }
    }

    pub fn write(&mut self, rows: FactRows) -> Result<(), BatchError> {
        let path = self.path();
        let failed = |found: String| BatchError::Table { path: path.clone(), found };
        let rows = rows.finish().map_err(|e| failed(e.to_string()))?;
        self.writer()?.write(&rows).map_err(|e| failed(e.to_string()))
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.tmp", part_name(self.part)))
    }

    fn writer(&mut self) -> Result<&mut ArrowWriter<File>, BatchError> {
        let path = self.path();
        let writer = match self.writer.take() {
            Some(w) => w,
            None => {
                let file = File::create(&path).map_err(BatchError::io(&path))?;
                // groups are kept small: a writer holds one in memory
                let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).set_max_row_group_row_count(Some(65_536)).build();
                ArrowWriter::try_new(file, Arc::clone(&self.schema), Some(properties)).map_err(|e| BatchError::Table { path, found: e.to_string() })?
            }
        };
        Ok(self.writer.insert(writer))
    }

    /// Ends the part that is open. Returns how many are whole.
    pub fn close(&mut self) -> Result<u64, BatchError> {
        let Some(writer) = self.writer.take() else { return Ok(self.part) };
        let (new, path) = (self.path(), self.folder.join(part_name(self.part)));
        let file = writer.into_inner().map_err(|e| BatchError::Table { path: new.clone(), found: e.to_string() })?;
        file.sync_all().map_err(BatchError::io(&new))?;
        std::fs::rename(&new, &path).map_err(BatchError::io(&path))?;
        self.part += 1;
        Ok(self.part)
    }

    /// Ends the last part; a run without any gets an empty one.
    pub fn finish(&mut self) -> Result<u64, BatchError> {
        if self.part == 0 {
            self.writer()?;
        }
        self.close()
    }
}
