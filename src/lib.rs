//! Karuta turns Japanese chart notes (カルテ) into coded facts.
//!
//! Karuta supports a person's reading; it does not diagnose.
#![deny(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice))]

pub mod assertion;
#[cfg(feature = "batch")]
pub mod batch;
#[cfg(feature = "cli")]
pub mod cli;
pub mod coding;
mod engine;
pub mod export;
pub mod fact;
pub mod graph;
pub mod lexicon;
pub mod model;
#[cfg(feature = "neural")]
pub mod neural;
pub mod note;
pub mod recognize;
pub mod record;
mod text;
pub mod token;
mod words;

pub use engine::{Engine, EngineError, Observation, Worker};
pub use record::Record;

/// The JSON schema of what `karuta structure --format jsonl` writes for a note, generated from the types.
pub fn fact_schema() -> String {
    let schema = schemars::schema_for!(model::Structured);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

/// The JSON schema of a [`Record`], as `karuta structure --format record` writes one for a note, generated from the types.
pub fn record_schema() -> String {
    let schema = schemars::schema_for!(Record);
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

// the README's Rust runs as a doc test
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
