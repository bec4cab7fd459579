//! A fact and its parts.

use karuta::model;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// A fact of a note.
#[pyclass(frozen, module = "karuta")]
pub struct Fact {
    pub found: Arc<model::Structured>,
    pub index: usize,
}

impl Fact {
    fn get(&self) -> PyResult<&model::Fact> {
        self.found.facts.get(self.index).ok_or_else(|| pyo3::exceptions::PyIndexError::new_err("no such fact"))
    }
}

#[pymethods]
impl Fact {
    #[getter]
    fn id(&self) -> PyResult<&str> {
        Ok(&self.get()?.id)
    }

    #[getter]
    fn kind(&self) -> PyResult<&'static str> {
        Ok(self.get()?.kind.name())
    }

    #[getter]
    fn text(&self) -> PyResult<&str> {
        Ok(&self.get()?.text)
    }

    #[getter]
    fn start(&self) -> PyResult<usize> {
        Ok(self.get()?.start)
    }

    #[getter]
    fn end(&self) -> PyResult<usize> {
        Ok(self.get()?.end)
    }

    #[getter]
    fn name(&self) -> PyResult<&str> {
        Ok(&self.get()?.name)
    }

    #[getter]
    fn codings(&self) -> PyResult<Vec<Coding>> {
        Ok(self.get()?.codings.iter().map(Coding::of).collect())
    }

    #[getter]
    fn value(&self) -> PyResult<Option<Value>> {
        Ok(self.get()?.value.as_ref().map(Value::of))
    }

    #[getter]
    fn assertion(&self) -> PyResult<&'static str> {
        Ok(self.get()?.assertion.name())
    }

    #[getter]
    fn subject(&self) -> PyResult<&'static str> {
        Ok(self.get()?.subject.name())
    }

    #[getter]
    fn temporality(&self) -> PyResult<&'static str> {
        Ok(self.get()?.temporality.name())
    }

    #[getter]
    fn time(&self) -> PyResult<Option<Time>> {
        let time =
            |t: &model::TimeRange| Time { start: t.start.as_ref().map(ToString::to_string), end: t.end.as_ref().map(ToString::to_string), precision: t.precision.to_string() };
        Ok(self.get()?.time.as_ref().map(time))
    }

    #[getter]
    fn medication(&self) -> PyResult<Option<Medication>> {
        Ok(self.get()?.medication.as_deref().map(Medication::of))
    }

    #[getter]
    fn section(&self) -> PyResult<&'static str> {
        Ok(self.get()?.section.name())
    }

    #[getter]
    fn confidence(&self) -> PyResult<f64> {
        Ok(self.get()?.confidence)
    }

    #[getter]
    fn applicability(&self) -> PyResult<&'static str> {
        Ok(self.get()?.applicability.name())
    }

    #[getter]
    fn because(&self) -> PyResult<Vec<Reason>> {
        let reason = |r: &model::Reason| Reason { rule: r.rule.to_string(), spans: r.spans.clone(), pack: r.pack.to_string() };
        Ok(self.get()?.because.iter().map(reason).collect())
    }

    #[getter]
    fn sources(&self) -> PyResult<Vec<String>> {
        Ok(self.get()?.from.clone())
    }

    /// The first code of a system, by its URL.
    fn code(&self, system: &str) -> PyResult<Option<&str>> {
        Ok(self.get()?.code(system))
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        dict(py, self.get()?)
    }

    fn __repr__(&self) -> PyResult<String> {
        let f = self.get()?;
        let value = match f.value.as_ref() {
            Some(model::Value { number: Some(n), unit, comparator, .. }) => format!(" {}{n} {}", comparator.as_deref().unwrap_or(""), unit.as_deref().unwrap_or("")),
            Some(model::Value { text: Some(t), .. }) => format!(" {t}"),
            _ => String::new(),
        };
        let value = value.trim_end();
        Ok(format!("<Fact {} {} {:?} {}{value} [{}:{}] {}>", f.id, f.kind.name(), f.text, f.name, f.start, f.end, f.assertion.name()))
    }
}

/// A model's JSON as a dict.
pub fn dict<'py>(py: Python<'py>, value: &impl ToJson) -> PyResult<Bound<'py, PyDict>> {
    let loaded = py.import("json")?.call_method1("loads", (value.json()?,))?;
    Ok(loaded.cast_into::<PyDict>()?)
}

/// What is written as the JSON of the output contract.
pub trait ToJson {
    /// The JSON.
    fn json(&self) -> PyResult<String>;
}

macro_rules! to_json {
    ($($type:ty),*) => {$(
        impl ToJson for $type {
            fn json(&self) -> PyResult<String> {
                serde_json::to_string(self).map_err(|e| pyo3::exceptions::PyValueError::new_err(e.to_string()))
            }
        }
    )*};
}

to_json!(model::Fact, model::Structured, karuta::coding::Coded);

/// A code with its system.
#[pyclass(frozen, get_all, eq, hash, module = "karuta")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Coding {
    system: String,
    code: String,
    display: String,
}

impl Coding {
    pub fn of(c: &model::Coding) -> Self {
        Self { system: c.system.to_string(), code: c.code.to_string(), display: c.display.to_string() }
    }
}

#[pymethods]
impl Coding {
    fn __repr__(&self) -> String {
        format!("<Coding {}|{} {}>", self.system, self.code, self.display)
    }
}

/// A value.
#[pyclass(frozen, get_all, module = "karuta")]
#[derive(Clone)]
pub struct Value {
    number: Option<f64>,
    unit: Option<String>,
    comparator: Option<String>,
    high: Option<f64>,
    text: Option<String>,
}

impl Value {
    fn of(v: &model::Value) -> Self {
        let string = |s: &Option<_>| s.as_ref().map(ToString::to_string);
        Self { number: v.number, unit: string(&v.unit), comparator: string(&v.comparator), high: v.high, text: string(&v.text) }
    }
}

/// When something was.
#[pyclass(frozen, get_all, module = "karuta")]
pub struct Time {
    start: Option<String>,
    end: Option<String>,
    precision: String,
}

/// What a medication says beyond its name.
#[pyclass(frozen, get_all, module = "karuta")]
pub struct Medication {
    ingredients: Vec<String>,
    strength: Option<String>,
    dose: Option<String>,
    amount: Option<Value>,
    daily: Option<Value>,
    times_per_day: Option<f64>,
    days: Option<f64>,
    route: Option<String>,
    status: Option<String>,
    usage: Option<String>,
    as_needed: Option<String>,
    usage_codings: Vec<Coding>,
    classes: Vec<String>,
}

impl Medication {
    fn of(m: &model::Medication) -> Self {
        Self {
            ingredients: m.ingredients.clone(),
            strength: m.strength.clone(),
            dose: m.dose.clone(),
            amount: m.amount.as_ref().map(Value::of),
            daily: m.daily.as_ref().map(Value::of),
            times_per_day: m.times_per_day,
            days: m.days,
            route: m.route.clone(),
            status: m.status.clone(),
            usage: m.usage.clone(),
            as_needed: m.as_needed.clone(),
            usage_codings: m.usage_codings.iter().map(Coding::of).collect(),
            classes: m.classes.clone(),
        }
    }
}

/// One reason for a fact.
#[pyclass(frozen, get_all, module = "karuta")]
pub struct Reason {
    rule: String,
    spans: Vec<(usize, usize)>,
    pack: String,
}
