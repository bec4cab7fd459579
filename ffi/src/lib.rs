//! The C interface of karuta.
//!
//! `karuta.h` is made from these files by cbindgen, and a test holds it current. Every exported function goes through
//! one [panic boundary](boundary); every pointer that a caller gave goes through [`memory`].
#![allow(non_camel_case_types, clippy::missing_const_for_fn)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice))]

mod boundary;
mod coded;
mod engine;
mod medication;
mod memory;
mod note;
mod record;
mod result;
mod structured;
mod types;
mod worker;

pub use boundary::karuta_last_error;
pub use coded::*;
pub use engine::*;
pub use medication::*;
pub use memory::karuta_string_free;
pub use note::*;
pub use record::*;
pub use result::*;
pub use structured::*;
pub use types::*;
pub use worker::*;
