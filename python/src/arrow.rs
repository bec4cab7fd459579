//! The Arrow C data interface: columns of strings taken over, tables handed over, neither copied.

use arrow_array::cast::AsArray;
use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array, ArrayRef, RecordBatchReader, make_array};
use arrow_schema::DataType;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

/// A column of strings.
pub struct Strings {
    array: ArrayRef,
    /// For a dictionary: which of the strings each row is.
    keys: Option<Vec<Option<usize>>>,
}

impl Strings {
    fn new(array: ArrayRef) -> PyResult<Self> {
        let (array, keys) = match array.data_type() {
            DataType::Dictionary(..) => {
                let d = array.as_any_dictionary();
                let keys = d.normalized_keys().into_iter().enumerate().map(|(i, k)| d.is_valid(i).then_some(k)).collect();
                (d.values().clone(), Some(keys))
            }
            _ => (array, None),
        };
        match array.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => Ok(Self { array, keys }),
            other => Err(PyTypeError::new_err(format!("found a column of {other}, expected strings"))),
        }
    }

    pub fn len(&self) -> usize {
        self.keys.as_ref().map_or(self.array.len(), Vec::len)
    }

    /// The string of a row; `None` where it is missing.
    pub fn get(&self, row: usize) -> Option<&str> {
        let row = match &self.keys {
            Some(keys) => (*keys.get(row)?)?,
            None => row,
        };
        if row >= self.array.len() || self.array.is_null(row) {
            return None;
        }
        match self.array.data_type() {
            DataType::Utf8 => Some(self.array.as_string::<i32>().value(row)),
            DataType::LargeUtf8 => Some(self.array.as_string::<i64>().value(row)),
            DataType::Utf8View => Some(self.array.as_string_view().value(row)),
            _ => None,
        }
    }
}

/// The columns behind an object that speaks Arrow; `None` for one that does not.
pub fn import(column: &Bound<'_, PyAny>) -> PyResult<Option<Vec<Strings>>> {
    if column.hasattr("__arrow_c_stream__")? {
        return from_stream(column.call_method0("__arrow_c_stream__")?.cast::<PyCapsule>()?).map(Some);
    }
    if column.hasattr("__arrow_c_array__")? {
        let pair = column.call_method0("__arrow_c_array__")?;
        let pair = pair.cast::<PyTuple>()?;
        let (schema, array) = (pair.get_item(0)?, pair.get_item(1)?);
        return from_array(schema.cast::<PyCapsule>()?, array.cast::<PyCapsule>()?).map(|s| Some(vec![s]));
    }
    Ok(None)
}

fn from_array(schema: &Bound<'_, PyCapsule>, array: &Bound<'_, PyCapsule>) -> PyResult<Strings> {
    let schema = schema.pointer_checked(Some(c"arrow_schema"))?.cast::<FFI_ArrowSchema>();
    let array = array.pointer_checked(Some(c"arrow_array"))?.cast::<FFI_ArrowArray>();
    // SAFETY: by the PyCapsule interface a capsule of this name holds a valid structure; it is moved out, and released here
    let array = unsafe { FFI_ArrowArray::from_raw(array.as_ptr()) };
    // SAFETY: as above; the capsule keeps the schema and lives through the call
    strings(array, unsafe { schema.as_ref() })
}

fn from_stream(capsule: &Bound<'_, PyCapsule>) -> PyResult<Vec<Strings>> {
    let stream = capsule.pointer_checked(Some(c"arrow_array_stream"))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: by the PyCapsule interface a capsule of this name holds a valid stream; it is moved out, and released here
    let mut stream = unsafe { FFI_ArrowArrayStream::from_raw(stream.as_ptr()) };
    let (Some(get_schema), Some(get_next)) = (stream.get_schema(), stream.get_next()) else {
        return Err(PyValueError::new_err("found an Arrow stream that was read already, expected a column"));
    };
    let mut schema = FFI_ArrowSchema::empty();
    // SAFETY: the stream is live and its functions are its own
    check(unsafe { get_schema(&raw mut stream, &raw mut schema) })?;
    let mut out = Vec::new();
    loop {
        let mut array = FFI_ArrowArray::empty();
        // SAFETY: as above
        check(unsafe { get_next(&raw mut stream, &raw mut array) })?;
        if array.is_released() {
            return Ok(out);
        }
        out.push(strings(array, &schema)?);
    }
}

fn check(code: std::ffi::c_int) -> PyResult<()> {
    if code == 0 { Ok(()) } else { Err(PyValueError::new_err(format!("the Arrow stream failed with code {code}"))) }
}

fn strings(array: FFI_ArrowArray, schema: &FFI_ArrowSchema) -> PyResult<Strings> {
    let wrong = |e: arrow_schema::ArrowError| PyValueError::new_err(e.to_string());
    // SAFETY: the array and the schema come from one producer, which promises that they belong together
    let data = unsafe { from_ffi(array, schema) }.map_err(wrong)?;
    // a column may be made of any bytes: that it is UTF-8 is not taken on trust
    data.validate_full().map_err(wrong)?;
    Strings::new(make_array(data))
}

/// Hands a table over as a stream.
pub fn export<'py>(py: Python<'py>, reader: Box<dyn RecordBatchReader + Send>) -> PyResult<Bound<'py, PyCapsule>> {
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(reader), c"arrow_array_stream")
}
