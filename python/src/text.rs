//! Text from Python: strings, and columns of strings of any data frame library, without a copy where it can be.

use crate::arrow;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyString};

/// A string; lone surrogates, which Python lets be, are read as U+FFFD, one code point for one.
pub fn string(s: &Bound<'_, PyString>) -> PyResult<PyBackedStr> {
    match s.extract::<PyBackedStr>() {
        Ok(s) => Ok(s),
        Err(_) => {
            let bytes = s.call_method1("encode", ("utf-8", "surrogatepass"))?;
            let mended = mend(bytes.cast::<PyBytes>()?.as_bytes());
            PyString::new(s.py(), &mended).extract::<PyBackedStr>().map_err(Into::into)
        }
    }
}

/// Surrogates written as three bytes of UTF-8 become U+FFFD, three bytes too.
fn mend(bytes: &[u8]) -> String {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        match rest {
            [0xED, 0xA0..=0xBF, _, after @ ..] => {
                out.extend_from_slice("\u{FFFD}".as_bytes());
                rest = after;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Texts of many notes.
pub enum Texts {
    /// Strings of Python, read where they lie.
    Strings(Vec<Option<PyBackedStr>>),
    /// Columns of Arrow, read where they lie.
    Arrow(Vec<arrow::Strings>),
}

impl Texts {
    /// Takes a column (polars, pyarrow, pandas with Arrow behind it …) or any iterable of `str` and `None`.
    pub fn take(texts: &Bound<'_, PyAny>) -> PyResult<Self> {
        if texts.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err("found a str, expected a list or column of them; structure() takes one"));
        }
        if let Some(columns) = arrow::import(texts)? {
            return Ok(Self::Arrow(columns));
        }
        let mut out = Vec::new();
        for item in texts.try_iter()? {
            let item = item?;
            out.push(match item.cast::<PyString>() {
                Ok(s) => Some(string(s)?),
                Err(_) if is_missing(&item) => None,
                Err(_) => return Err(PyTypeError::new_err(format!("text {}: found {}, expected str or None", out.len(), item.get_type().name()?))),
            });
        }
        Ok(Self::Strings(out))
    }

    pub fn len(&self) -> usize {
        match self {
            Self::Strings(s) => s.len(),
            Self::Arrow(c) => c.iter().map(arrow::Strings::len).sum(),
        }
    }

    /// The texts in order; a missing one is empty.
    pub fn all(&self) -> Vec<&str> {
        match self {
            Self::Strings(s) => s.iter().map(|s| s.as_deref().unwrap_or("")).collect(),
            Self::Arrow(c) => c.iter().flat_map(|c| (0..c.len()).map(|i| c.get(i).unwrap_or(""))).collect(),
        }
    }
}

/// `None`, and what pandas writes for it.
fn is_missing(item: &Bound<'_, PyAny>) -> bool {
    item.is_none() || item.extract::<f64>().is_ok_and(f64::is_nan) || item.get_type().name().is_ok_and(|n| n == "NAType")
}

/// A day: `datetime.date`, `datetime.datetime`, or a string as 2024-05-04.
pub fn day(date: &Bound<'_, PyAny>) -> PyResult<Option<jiff::civil::Date>> {
    if is_missing(date) || date.get_type().name().is_ok_and(|n| n == "NaTType") {
        return Ok(None);
    }
    let written: String = match date.cast::<PyString>() {
        Ok(s) => s.extract()?,
        Err(_) => date.call_method0("isoformat").map_err(|_| PyTypeError::new_err("date: expected a date, a str as 2024-05-04, or None"))?.extract()?,
    };
    let day = karuta::note::day(&written);
    day.map(Some).ok_or_else(|| PyValueError::new_err(format!("date: found {written:?}, expected a day as 2024-05-04")))
}
