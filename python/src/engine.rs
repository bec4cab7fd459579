//! The engine.

use crate::fact::{Coding, dict};
use crate::many;
use crate::note::{Note, Notes};
use crate::text::{Texts, day, string};
use jiff::civil::Date;
use karuta::lexicon::{Lexicon, Pack};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use rayon::prelude::*;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// An engine: built once, used from any thread.
#[pyclass(frozen, module = "karuta")]
pub struct Engine {
    engine: Arc<karuta::Engine>,
    /// Workers that are free, with their buffers.
    idle: Mutex<Vec<karuta::Worker<'static>>>,
}

#[pymethods]
impl Engine {
    #[new]
    #[pyo3(signature = (packs=Vec::new()))]
    fn new(py: Python<'_>, packs: Vec<PathBuf>) -> PyResult<Self> {
        let build = || -> Result<karuta::Engine, String> {
            let packs = packs.iter().map(|p| Pack::open(p)).collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())?;
            let lexicon = Lexicon::layered(packs).map_err(|e| e.to_string())?;
            karuta::Engine::with_lexicon(lexicon).map_err(|e| e.to_string())
        };
        let engine = py.detach(build).map_err(PyOSError::new_err)?;
        Ok(Self { engine: Arc::new(engine), idle: Mutex::new(Vec::new()) })
    }

    #[getter]
    fn packs(&self) -> Vec<String> {
        self.engine.lexicon().packs().iter().map(Pack::version_label).collect()
    }

    #[pyo3(signature = (text, date=None))]
    fn structure(&self, py: Python<'_>, text: &Bound<'_, PyString>, date: Option<&Bound<'_, PyAny>>) -> PyResult<Note> {
        let date = date.map(day).transpose()?.flatten();
        let read = string(text)?;
        let found = py.detach(|| {
            let idle = self.idle.lock().ok().and_then(|mut w| w.pop());
            let mut worker = idle.unwrap_or_else(|| self.engine.shared_worker());
            let found = many::one(&mut worker, &read, date);
            if let Ok(mut idle) = self.idle.lock() {
                idle.push(worker);
            }
            found
        });
        Ok(Note::new(text, found))
    }

    #[pyo3(signature = (texts, dates=None, *, threads=None, progress=false))]
    fn structure_many(&self, py: Python<'_>, texts: &Bound<'_, PyAny>, dates: Option<&Bound<'_, PyAny>>, threads: Option<usize>, progress: bool) -> PyResult<Notes> {
        // what can be read only once is kept
        let texts = if texts.hasattr("__len__")? { texts.clone() } else { py.import("builtins")?.call_method1("list", (texts,))? };
        let taken = Texts::take(&texts)?;
        let dates = days(dates, taken.len())?;
        let bar = if progress { Some(py.import("karuta._progress")?.call_method1("bar", (taken.len(),))?.unbind()) } else { None };
        let all = taken.all();
        let watch = |done: usize| {
            Python::attach(|py| {
                if let Some(bar) = bar.as_ref().filter(|_| done > 0) {
                    bar.bind(py).call_method1("update", (done,))?;
                }
                py.check_signals()
            })
        };
        let found = py.detach(|| many::structure(&self.engine, &all, &dates, threads.unwrap_or(0), watch))?;
        if let Some(bar) = &bar {
            bar.bind(py).call_method0("close")?;
        }
        Ok(Notes::new(&texts, found))
    }

    fn code(&self, py: Python<'_>, phrase: &Bound<'_, PyString>) -> PyResult<Coded> {
        let phrase = string(phrase)?;
        Ok(Coded { coded: py.detach(|| self.engine.code(&phrase)) })
    }

    fn code_many(&self, py: Python<'_>, phrases: &Bound<'_, PyAny>) -> PyResult<Vec<Coded>> {
        let taken = Texts::take(phrases)?;
        let all = taken.all();
        Ok(py.detach(|| all.par_iter().map(|p| Coded { coded: self.engine.code(p) }).collect()))
    }

    fn __repr__(&self) -> String {
        format!("<Engine of {}>", self.packs().join(", "))
    }
}

fn days(dates: Option<&Bound<'_, PyAny>>, expected: usize) -> PyResult<Vec<Option<Date>>> {
    let Some(dates) = dates.filter(|d| !d.is_none()) else { return Ok(Vec::new()) };
    let mut out = Vec::with_capacity(expected);
    for d in dates.try_iter()? {
        let d = d?;
        // a scalar of Arrow
        let d = if d.hasattr("as_py")? { d.call_method0("as_py")? } else { d };
        out.push(day(&d)?);
    }
    if out.len() != expected {
        return Err(PyValueError::new_err(format!("found {} dates, expected one for each of {expected} texts", out.len())));
    }
    Ok(out)
}

/// What a phrase was coded as.
#[pyclass(frozen, module = "karuta")]
pub struct Coded {
    coded: karuta::coding::Coded,
}

#[pymethods]
impl Coded {
    #[getter]
    fn text(&self) -> &str {
        &self.coded.text
    }

    #[getter]
    fn name(&self) -> &str {
        &self.coded.name
    }

    #[getter]
    fn codings(&self) -> Vec<Coding> {
        self.coded.codings.iter().map(Coding::of).collect()
    }

    #[getter]
    fn refused(&self) -> Option<&str> {
        self.coded.refused.as_deref()
    }

    #[getter]
    fn candidates(&self) -> Vec<Candidate> {
        let one = |c: &karuta::coding::Candidate| Candidate {
            name: c.name.clone(),
            codings: c.codings.iter().map(Coding::of).collect(),
            score: c.score,
            applicability: c.applicability.name(),
            rule: c.rule.clone(),
        };
        self.coded.candidates.iter().map(one).collect()
    }

    /// The first code of a system, by its URL.
    fn code(&self, system: &str) -> Option<&str> {
        self.coded.codings.iter().find(|c| c.system == system).map(|c| c.code.as_str())
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, &self.coded)
    }

    fn __repr__(&self) -> String {
        match &self.coded.refused {
            Some(why) => format!("<Coded {:?} refused: {why}>", self.coded.text),
            None => format!("<Coded {:?} {}>", self.coded.text, self.coded.name),
        }
    }
}

/// A reading of a phrase.
#[pyclass(frozen, get_all, module = "karuta")]
pub struct Candidate {
    name: String,
    codings: Vec<Coding>,
    score: f64,
    applicability: &'static str,
    rule: String,
}
