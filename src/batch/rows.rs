//! Facts as columns.

use crate::model::{Fact, Structured, Value};
use arrow_array::builder::{Float64Builder, ListBuilder, StringBuilder, StructBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
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

/// Facts as columns: a row a fact, for tables and data frames.
///
/// ```
/// use karuta::batch::FactRows;
/// let engine = karuta::Engine::new().unwrap();
/// let found = engine.worker().structure("BT39.2");
/// let mut rows = FactRows::default();
/// rows.push("note-1", 0, &found);
/// let batch = rows.finish().unwrap();
/// assert_eq!(batch.num_rows(), 2);
/// assert_eq!(batch.schema().field(0).name(), "note_id");
/// ```
pub struct FactRows {
    strings: Vec<StringBuilder>,
    numbers: Vec<Float64Builder>,
    counts: Vec<UInt64Builder>,
    lists: Vec<ListBuilder<StringBuilder>>,
    codings: ListBuilder<StructBuilder>,
}

impl std::fmt::Debug for FactRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FactRows")
    }
}

impl Default for FactRows {
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

impl FactRows {
    /// The columns.
    pub fn schema() -> Arc<Schema> {
        let list = |inner: DataType| DataType::List(Arc::new(Field::new_list_field(inner, true)));
        let mut fields: Vec<Field> = STRINGS.iter().map(|n| Field::new(*n, DataType::Utf8, true)).collect();
        fields.extend(NUMBERS.iter().map(|n| Field::new(*n, DataType::Float64, true)));
        fields.extend(COUNTS.iter().map(|n| Field::new(*n, DataType::UInt64, true)));
        fields.extend(LISTS.iter().map(|n| Field::new(*n, list(DataType::Utf8), true)));
        fields.push(Field::new("codings", list(DataType::Struct(coding_fields())), true));
        Arc::new(Schema::new(fields))
    }

    /// Appends a note's facts. `number` counts the notes of the table.
    pub fn push(&mut self, id: &str, number: u64, found: &Structured) {
        for f in &found.facts {
            self.fact(id, number, f);
        }
    }

    /// The columns so far.
    ///
    /// # Errors
    /// Never for rows that were pushed here. A column holds 2 GiB of text at most: larger tables are made of several.
    pub fn finish(mut self) -> Result<RecordBatch, ArrowError> {
        let mut columns: Vec<ArrayRef> = Vec::new();
        columns.extend(self.strings.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.numbers.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.counts.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.lists.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.push(Arc::new(self.codings.finish()));
        RecordBatch::try_new(Self::schema(), columns)
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
}
