//! What runs a model, behind one trait: candle (the reference, and GPUs), our own steps (the fastest on a CPU that has the vectors), and
//! rten (any CPU, and models given as ONNX).

mod candle;
mod graph;
mod native;
mod onnx;
mod weights;

use super::batch::{Batch, Output, groups};
use super::error::NeuralError;
pub use candle::{Candle, Precision};
pub use native::Native;
pub use onnx::Onnx;

/// Runs a model over batches of tokens.
pub trait Engine: Send + Sync {
    /// Its name: `native`, `native-int8`, `candle`, `rten`.
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
    /// Whether sequences of several lengths may stand in a batch without being filled up.
    pub mixed: bool,
}

impl Batching {
    /// Groups sequences of so many tokens: the numbers of those that are run together. Where batches run beside one
    /// another, no thread is left without one for the sake of a larger batch.
    pub fn groups(self, lengths: &[usize]) -> Vec<Vec<usize>> {
        let share = if self.parallel { lengths.iter().sum::<usize>() / rayon::current_num_threads().max(1) } else { self.tokens };
        groups(lengths, self.step, self.tokens.min(share.max(1)), self.mixed)
    }
}

/// Which engine runs a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EngineChoice {
    /// Our own steps where the CPU and the model allow, else rten, else candle.
    #[default]
    Fastest,
    /// The same in 8-bit integers.
    FastestInt8,
    /// Our own steps, over the weights.
    Native,
    /// Our own steps in 8-bit integers, over the weights, which are rounded as they are loaded.
    NativeInt8,
    /// candle.
    Candle,
    /// rten, over `model.onnx` or the weights.
    Rten,
    /// rten in 8-bit integers: over `model.int8.onnx` or the weights, which are rounded as they are loaded.
    RtenInt8,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn no_thread_is_left_without_a_batch() {
        let grouped = |tokens: usize, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Batching { step: 1, tokens, parallel: true, mixed: false }.groups(&[100, 7, 100, 7, 7]))
        };
        assert_eq!(grouped(512, 1), [vec![0, 2], vec![1, 3, 4]]);
        assert_eq!(grouped(512, 2), [vec![0], vec![2], vec![1, 3, 4]]);
        assert_eq!(grouped(1, 1), [vec![0], vec![2], vec![1], vec![3], vec![4]]);
        assert_eq!(Batching { step: 16, tokens: 512, parallel: false, mixed: false }.groups(&[100, 99, 7]), [vec![0, 1], vec![2]]);
        assert_eq!(Batching { step: 1, tokens: 120, parallel: false, mixed: true }.groups(&[100, 7, 99, 7, 7]), [vec![0], vec![2, 1, 3, 4]]);
    }
}
