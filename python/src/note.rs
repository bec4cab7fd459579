//! What a note says, and what many notes say.

use crate::fact::{Fact, ToJson, dict};
use crate::table::FactTable;
use karuta::model;
use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::sync::Arc;

/// What a note says.
#[pyclass(frozen, module = "karuta")]
pub struct Note {
    /// The text as it was given.
    text: Py<PyString>,
    pub found: Arc<model::Structured>,
}

impl Note {
    pub fn new(text: &Bound<'_, PyString>, found: Arc<model::Structured>) -> Self {
        Self { text: text.clone().unbind(), found }
    }
}

#[pymethods]
impl Note {
    #[getter]
    fn text(&self, py: Python<'_>) -> Py<PyString> {
        self.text.clone_ref(py)
    }

    #[getter]
    fn facts(&self) -> Vec<Fact> {
        (0..self.found.facts.len()).map(|index| Fact { found: Arc::clone(&self.found), index }).collect()
    }

    #[getter]
    fn sections(&self) -> Vec<Section> {
        let section = |s: &model::SectionInfo| Section { kind: s.kind.name(), code: s.code.clone(), title: s.title.clone(), start: s.start, end: s.end };
        self.found.sections.iter().map(section).collect()
    }

    #[getter]
    fn relations(&self) -> Vec<Relation> {
        let relation = |r: &model::Relation| Relation { kind: r.kind.name(), source: r.from.clone(), target: r.to.clone(), rule: r.rule.clone() };
        self.found.relations.iter().map(relation).collect()
    }

    fn to_json(&self) -> PyResult<String> {
        self.found.json()
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, &*self.found)
    }

    fn to_arrow(&self) -> FactTable {
        FactTable::new(vec![Arc::clone(&self.found)])
    }

    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("karuta._frames")?.call_method1("to_pandas", (self.to_arrow(),))
    }

    fn to_polars<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("karuta._frames")?.call_method1("to_polars", (self.to_arrow(),))
    }

    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("karuta._html")?.call_method1("render", (slf,))
    }

    fn __len__(&self) -> usize {
        self.found.facts.len()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<Note of {} characters: {} facts>", self.text.bind(py).len()?, self.found.facts.len()))
    }
}

/// A section of a note.
#[pyclass(frozen, get_all, module = "karuta")]
pub struct Section {
    kind: &'static str,
    code: String,
    title: String,
    start: usize,
    end: usize,
}

/// A relation between two facts of a note.
#[pyclass(frozen, get_all, module = "karuta")]
pub struct Relation {
    kind: &'static str,
    source: String,
    target: String,
    rule: String,
}

/// What many notes say, in their order.
#[pyclass(frozen, sequence, module = "karuta")]
pub struct Notes {
    texts: Py<PyAny>,
    found: Vec<Arc<model::Structured>>,
}

impl Notes {
    pub fn new(texts: &Bound<'_, PyAny>, found: Vec<Arc<model::Structured>>) -> Self {
        Self { texts: texts.clone().unbind(), found }
    }
}

#[pymethods]
impl Notes {
    fn __len__(&self) -> usize {
        self.found.len()
    }

    fn __getitem__(&self, py: Python<'_>, index: isize) -> PyResult<Note> {
        let at = if index < 0 { index.checked_add_unsigned(self.found.len()) } else { Some(index) };
        let at = at.and_then(|i| usize::try_from(i).ok()).filter(|i| *i < self.found.len());
        let at = at.ok_or_else(|| PyIndexError::new_err(format!("note {index} of {}", self.found.len())))?;
        let found = self.found.get(at).ok_or_else(|| PyIndexError::new_err("no such note"))?;
        // the text is taken from where it was given: pandas by position, Arrow as a scalar
        let texts = self.texts.bind(py);
        let texts = texts.getattr("iloc").unwrap_or_else(|_| texts.clone());
        let item = texts.get_item(at)?;
        let item = if item.is_instance_of::<PyString>() { item } else { item.call_method0("as_py").unwrap_or(item) };
        match item.cast::<PyString>() {
            Ok(s) => Ok(Note::new(s, Arc::clone(found))),
            Err(_) => Ok(Note::new(&PyString::new(py, ""), Arc::clone(found))),
        }
    }

    fn to_dicts<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.found.iter().map(|f| dict(py, &**f)).collect()
    }

    fn to_arrow(&self) -> FactTable {
        FactTable::new(self.found.clone())
    }

    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("karuta._frames")?.call_method1("to_pandas", (self.to_arrow(),))
    }

    fn to_polars<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("karuta._frames")?.call_method1("to_polars", (self.to_arrow(),))
    }

    fn __repr__(&self) -> String {
        format!("<Notes: {} notes, {} facts>", self.found.len(), self.found.iter().map(|f| f.facts.len()).sum::<usize>())
    }
}
