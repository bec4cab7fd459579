//! The default tagger of karuta: a small character model, trained from scratch (`models/README.md` in the repository).
//!
//! ```
//! // names and contents, as Hugging Face writes a model's folder; none where the checkout has no weights
//! assert!(karuta_model::FILES.is_empty() || karuta_model::FILES.iter().any(|f| f.0 == "config.json"));
//! ```

/// The files of the model: names and contents.
pub const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
