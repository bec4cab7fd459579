//! The Python package `karuta`: the extension module `karuta._karuta`.
//!
//! Its types are written down in `python/karuta/_karuta.pyi`; offsets count code points, as Python's strings do.

mod arrow;
mod engine;
mod fact;
mod many;
mod note;
mod table;
mod text;

use pyo3::prelude::*;

/// The extension module.
#[pymodule]
fn _karuta(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("__version__", env!("CARGO_PKG_VERSION"))?;
    m.add_class::<engine::Engine>()?;
    m.add_class::<note::Note>()?;
    m.add_class::<note::Section>()?;
    m.add_class::<note::Relation>()?;
    m.add_class::<note::Notes>()?;
    m.add_class::<fact::Fact>()?;
    m.add_class::<fact::Coding>()?;
    m.add_class::<fact::Value>()?;
    m.add_class::<fact::Time>()?;
    m.add_class::<fact::Medication>()?;
    m.add_class::<fact::Reason>()?;
    m.add_class::<engine::Coded>()?;
    m.add_class::<engine::Candidate>()?;
    m.add_class::<table::FactTable>()?;
    Ok(())
}
