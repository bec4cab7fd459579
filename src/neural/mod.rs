//! The transformer beside the rules: a tagger that reads context, and sentence embeddings.
//!
//! A model is a folder as Hugging Face writes it (`config.json`, `model.safetensors`, a vocabulary), or a repository of the
//! hub. Engines run it behind one [`Engine`] trait: candle, the reference; our own steps, the fastest on a CPU; and rten. What the model
//! says is [joined](join) to the facts of the rules in one place.
//!
//! Nothing is fetched unless the caller names a model of the hub.

mod batch;
mod config;
mod crf;
mod decode;
mod embed;
mod encoder;
mod engine;
mod error;
mod files;
#[cfg(feature = "hub")]
mod hub;
mod join;
mod labels;
mod linear;
mod measures;
mod rank;
mod source;
mod tagger;
mod tokens;
mod window;

pub use batch::{Batch, Output};
pub use config::{Architecture, Extra, ModelConfig, Words};
pub use crf::Crf;
pub use decode::Tag;
pub use embed::Embedder;
pub use engine::{Batching, Candle, Engine, EngineChoice, Native, Onnx, Precision};
pub use error::NeuralError;
pub use files::Files;
pub use join::{Form, join};
pub use labels::{Adds, Mapping, Meaning};
pub use source::Source;
pub use tagger::{LoadOptions, Loaded, Tagged, Tagger};
pub use tokens::{BertJapanese, Chars, Frame, JsonTokenizer, TextTokenizer, Token, Vocab};
pub use window::{Cutter, Window};
