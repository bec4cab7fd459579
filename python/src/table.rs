//! Facts as a table that every data frame library takes.

use crate::arrow;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use karuta::batch::FactRows;
use karuta::model::Structured;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::sync::Arc;

/// Notes of a batch of the table: no column of a batch may have more than 2 GiB.
const NOTES: usize = 4096;

/// A row a fact. `pyarrow.table(t)`, `polars.DataFrame(t)` and the like take it without a copy.
#[pyclass(frozen, module = "karuta")]
pub struct FactTable {
    found: Vec<Arc<Structured>>,
}

impl FactTable {
    pub fn new(found: Vec<Arc<Structured>>) -> Self {
        Self { found }
    }
}

#[pymethods]
impl FactTable {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(&self, py: Python<'py>, requested_schema: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyCapsule>> {
        // by the interface a producer need not follow the schema that is asked for
        drop(requested_schema);
        arrow::export(py, Box::new(Reader { found: self.found.clone(), at: 0, schema: FactRows::schema() }))
    }

    fn __len__(&self) -> usize {
        self.found.iter().map(|f| f.facts.len()).sum()
    }

    fn __repr__(&self) -> String {
        format!("<FactTable: {} facts of {} notes>", self.__len__(), self.found.len())
    }
}

struct Reader {
    found: Vec<Arc<Structured>>,
    at: usize,
    schema: SchemaRef,
}

impl Iterator for Reader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.found.get(self.at..).filter(|r| !r.is_empty())?;
        let mut rows = FactRows::default();
        for (n, found) in (self.at..).zip(rest).take(NOTES) {
            rows.push(&n.to_string(), n as u64, found);
        }
        self.at += NOTES;
        Some(rows.finish())
    }
}

impl RecordBatchReader for Reader {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
