//! Karuta turns Japanese chart notes (カルテ) into coded facts.
//!
//! Karuta supports a person's reading; it does not diagnose.
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice))]

pub mod assertion;
pub mod coding;
mod engine;
pub mod fact;
pub mod lexicon;
pub mod model;
pub mod note;
pub mod recognize;
mod text;
pub mod token;

pub use engine::{Engine, EngineError, Worker};
