//! The facts table: Parquet files of a row a fact, a file for each 10,000 records.

use super::output::part_name;
use super::{BatchError, Item};
use crate::model::{Fact, Value};
use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder, StructBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// Columns of strings, one builder each, in this order.
const STRINGS: &[&str] = &[
    "note_id",
    "fact_id",
    "kind",
    "text",
    "name",
    "assertion",
    "subject",
    "temporality",
    "section",
    "applicability",
    "unit",
    "comparator",
    "value_text",
    "time_start",
    "time_end",
    "time_precision",
    "medication",
];
const NUMBERS: &[&str] = &["number", "high", "confidence"];
const COUNTS: &[&str] = &["note_number", "start", "end"];
const LISTS: &[&str] = &["rules", "from"];

/// Facts of a chunk, as columns.
pub(super) struct Rows {
    strings: Vec<StringBuilder>,
    numbers: Vec<Float64Builder>,
    counts: Vec<UInt64Builder>,
    lists: Vec<ListBuilder<StringBuilder>>,
    codings: ListBuilder<StructBuilder>,
}

impl Default for Rows {
    fn default() -> Self {
        Self {
            strings: STRINGS.iter().map(|_| StringBuilder::new()).collect(),
            numbers: NUMBERS.iter().map(|_| Float64Builder::new()).collect(),
            counts: COUNTS.iter().map(|_| UInt64Builder::new()).collect(),
            lists: LISTS.iter().map(|_| ListBuilder::new(StringBuilder::new())).collect(),
            codings: ListBuilder::new(StructBuilder::from_fields(coding_fields(), 0)),
        }
    }
}

fn coding_fields() -> Fields {
    ["system", "code", "display"].into_iter().map(|n| Field::new(n, DataType::Utf8, true)).collect()
}

fn schema() -> Schema {
    let list = |inner: DataType| DataType::List(Arc::new(Field::new_list_field(inner, true)));
    let mut fields: Vec<Field> = STRINGS.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect();
    fields.extend(NUMBERS.iter().map(|n| Field::new(*n, DataType::Float64, true)));
    fields.extend(COUNTS.iter().map(|n| Field::new(*n, DataType::UInt64, true)));
    fields.extend(LISTS.iter().map(|n| Field::new(*n, list(DataType::Utf8), true)));
    fields.push(Field::new("codings", list(DataType::Struct(coding_fields())), true));
    Schema::new(fields)
}

impl Rows {
    pub fn push(&mut self, item: &Item<'_>) {
        let id = item.id.as_str().map_or_else(|| item.id.to_string(), str::to_owned);
        for f in &item.found.facts {
            self.fact(&id, item.number, f);
        }
    }

    fn fact(&mut self, id: &str, number: u64, f: &Fact) {
        let none = Value::default();
        let v = f.value.as_ref().unwrap_or(&none);
        let t = f.time.as_ref();
        let medication = f.medication.as_ref().and_then(|m| serde_json::to_string(m).ok());
        let strings: [Option<&str>; 17] = [
            Some(id),
            Some(&f.id),
            Some(f.kind.name()),
            Some(&f.text),
            Some(&f.name),
            Some(f.assertion.name()),
            Some(f.subject.name()),
            Some(f.temporality.name()),
            Some(f.section.name()),
            Some(f.applicability.name()),
            v.unit.as_deref(),
            v.comparator.as_deref(),
            v.text.as_deref(),
            t.and_then(|t| t.start.as_deref()),
            t.and_then(|t| t.end.as_deref()),
            t.map(|t| t.precision.as_str()),
            medication.as_deref(),
        ];
        self.strings.iter_mut().zip(strings).for_each(|(b, s)| b.append_option(s));
        self.numbers.iter_mut().zip([v.number, v.high, Some(f.confidence)]).for_each(|(b, n)| b.append_option(n));
        self.counts.iter_mut().zip([number, f.start as u64, f.end as u64]).for_each(|(b, n)| b.append_value(n));
        let lists: [Vec<&str>; 2] = [f.because.iter().map(|r| r.rule.as_str()).collect(), f.from.iter().map(String::as_str).collect()];
        for (b, list) in self.lists.iter_mut().zip(lists) {
            list.into_iter().for_each(|s| b.values().append_value(s));
            b.append(true);
        }
        for c in &f.codings {
            let row = self.codings.values();
            for (i, s) in [c.system.as_str(), c.code.as_str(), c.display.as_str()].into_iter().enumerate() {
                if let Some(b) = row.field_builder::<StringBuilder>(i) {
                    b.append_option(Some(s).filter(|s| !s.is_empty()));
                }
            }
            row.append(true);
        }
        self.codings.append(true);
    }

    fn finish(mut self, schema: &Arc<Schema>) -> Result<RecordBatch, String> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        columns.extend(self.strings.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.numbers.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.counts.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.lists.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.push(Arc::new(self.codings.finish()));
        RecordBatch::try_new(Arc::clone(schema), columns).map_err(|e| e.to_string())
    }
}

/// Writes the parts. A part that is not whole has the ending `.tmp`.
pub(super) struct FactsTable {
    folder: PathBuf,
    schema: Arc<Schema>,
    part: u64,
    writer: Option<ArrowWriter<File>>,
}

impl FactsTable {
    pub fn new(folder: PathBuf, part: u64) -> Self {
        Self { folder, schema: Arc::new(schema()), part, writer: None }
    }

    pub fn write(&mut self, rows: Rows) -> Result<(), BatchError> {
        let path = self.path();
        let failed = |found: String| BatchError::Table { path: path.clone(), found };
        let rows = rows.finish(&self.schema).map_err(failed)?;
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
