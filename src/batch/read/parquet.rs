//! Parquet with named columns.

use super::{How, Push, at_line, set_aside};
use crate::batch::LONGEST_NOTE;
use crate::batch::record::{Bad, Content, Place, Raw};
use arrow_array::{Array, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows that are held at a time.
const ROWS: usize = 256;

pub(super) fn read(path: &Path, place: &Place, how: How<'_>, read: &AtomicU64, push: &mut Push<'_>) -> bool {
    let (rows, bytes, reader) = match open(path, how) {
        Ok(o) => o,
        Err(found) => {
            let expected = format!("a Parquet file with a column {:?} of strings (--text names another)", how.fields.text);
            return push(set_aside(place, Bad::new(place, "table", found, expected)));
        }
    };
    let mut n = 0;
    for batch in reader {
        let batch = match batch {
            Ok(b) => b,
            Err(e) => {
                let bad = Bad::new(place, "table", e.to_string(), "a Parquet file that can be read to its end");
                return push(set_aside(place, bad));
            }
        };
        // the file is read column by column: its bytes are counted as the rows are
        read.fetch_add(bytes.saturating_mul(batch.num_rows() as u64) / rows.max(1), Ordering::Relaxed);
        if !of_batch(&batch, &mut n, place, how, push) {
            return false;
        }
    }
    true
}

fn open(path: &Path, how: How<'_>) -> Result<(u64, u64, ParquetRecordBatchReader), String> {
    let file = File::open(path).map_err(|e| e.to_string())?;
    let bytes = file.metadata().map_or(0, |m| m.len());
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| e.to_string())?;
    let schema = builder.schema();
    if schema.column_with_name(&how.fields.text).is_none() {
        let names: Vec<&str> = schema.fields().iter().take(20).map(|f| f.name().as_str()).collect();
        return Err(format!("columns {}", names.join(", ")));
    }
    let wanted = [&how.fields.id, &how.fields.text, &how.fields.date];
    let roots: Vec<usize> = schema.fields().iter().enumerate().filter(|(_, f)| wanted.contains(&f.name())).map(|(i, _)| i).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let reader = builder.with_projection(mask).with_batch_size(ROWS).build().map_err(|e| e.to_string())?;
    Ok((rows, bytes, reader))
}

fn of_batch(batch: &RecordBatch, n: &mut u64, place: &Place, how: How<'_>, push: &mut Push<'_>) -> bool {
    let options = FormatOptions::default();
    let column = |name: &str| batch.column_by_name(name).and_then(|a| Some((a, ArrayFormatter::try_new(a, &options).ok()?)));
    let (id, text, date) = (column(&how.fields.id), column(&how.fields.text), column(&how.fields.date));
    let cell = |c: &Option<(&arrow_array::ArrayRef, ArrayFormatter<'_>)>, i: usize| -> Option<Vec<u8>> {
        let (array, shown) = c.as_ref()?;
        if array.is_null(i) { None } else { shown.value(i).try_to_string().ok().map(String::into_bytes) }
    };
    for i in 0..batch.num_rows() {
        *n += 1;
        let place = at_line(place, *n);
        let raw = match cell(&text, i) {
            Some(t) if t.len() > LONGEST_NOTE => set_aside(&place, Bad::too_long(&place)),
            Some(text) => Raw { content: Content::Cells { id: cell(&id, i), text, date: cell(&date, i), encoding: Some("utf-8") }, place },
            None => set_aside(&place, Bad::new(&place, "field", format!("no {:?}", how.fields.text), "a text")),
        };
        if !push(raw) {
            return false;
        }
    }
    true
}
