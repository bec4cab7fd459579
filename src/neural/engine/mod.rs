//! What runs a model: candle (the reference, and GPUs) and rten (the faster on a CPU), behind one trait.

mod candle;
mod graph;
mod onnx;

use super::batch::{Batch, Output};
use super::error::NeuralError;
pub use candle::{Candle, Precision};
pub use onnx::Onnx;

/// Runs a model over batches of tokens.
pub trait Engine: Send + Sync {
    /// Its name: `candle`, `rten`.
    fn name(&self) -> &'static str;

    /// How batches are made for it.
    fn batching(&self) -> Batching;

    /// Runs work on the engine's own threads, where it has such.
    fn within(&self, work: &mut (dyn FnMut() + Send)) {
        work();
    }

    /// What the model says of each token: logits of its labels, or its last hidden state.
    ///
    /// # Errors
    /// When the engine fails; the message is its own.
    fn run(&self, batch: &Batch) -> Result<Output, NeuralError>;
}

/// How batches are made for an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batching {
    /// Sequences are filled up to a multiple of this many tokens; 1 for none.
    pub step: usize,
    /// Tokens of a batch, filling included; 1 runs each sequence alone.
    pub tokens: usize,
    /// Whether batches run on several threads at once.
    pub parallel: bool,
}

/// Which engine runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// rten on a CPU where the model can be run by it, else candle.
    #[default]
    Fastest,
    /// candle.
    Candle,
    /// rten, over `model.onnx` or the weights.
    Rten,
    /// rten in 8-bit integers: over `model.int8.onnx` or the weights, which are rounded as they are loaded.
    RtenInt8,
}
