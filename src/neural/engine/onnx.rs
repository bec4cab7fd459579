//! rten: ONNX on a CPU, in pure Rust.

use super::{Batching, Engine, graph};
use crate::neural::batch::{Batch, Output};
use crate::neural::config::ModelConfig;
use crate::neural::error::NeuralError;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use std::path::Path;
use std::sync::Arc;

/// A model in rten.
pub struct Onnx {
    model: Model,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    /// The number of the first position.
    first: usize,
    /// Tokens of a batch.
    together: usize,
    pool: Arc<ThreadPool>,
}

/// Tokens of a batch in 32-bit numbers: enough rows for a product to read each weight seldom; more brings nothing.
const TOGETHER: usize = 512;

/// What an input of the graph is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Ids,
    Mask,
    Types,
    Positions,
}

impl Onnx {
    /// Reads the bytes of an ONNX file whose inputs are `input_ids` and, where it has them, `attention_mask`, `token_type_ids` and
    /// `position_ids`, and whose first output is `rows × length × width`.
    ///
    /// # Errors
    /// When they are no ONNX that rten can run, or has other inputs.
    pub fn open(path: &Path, bytes: Vec<u8>, config: &ModelConfig) -> Result<Self, NeuralError> {
        // it may round to 8 bits
        Self::new(bytes, config, 1).map_err(|found| NeuralError::unsuitable(path, found, "an ONNX model with the inputs input_ids, attention_mask, token_type_ids, position_ids"))
    }

    /// Makes the graph of a BERT or RoBERTa out of the tensors of a `model.safetensors`; in 8-bit integers if `int8`.
    ///
    /// # Errors
    /// When the architecture is another, or a weight is missing or has another shape.
    pub fn from_weights(path: &Path, config: &ModelConfig, safetensors: &[u8], int8: bool) -> Result<Self, NeuralError> {
        let expected = "the weights of the BERT that config.json describes";
        let bytes = graph::write(config, safetensors, int8).map_err(|found| NeuralError::unsuitable(path, found, expected))?;
        // what is rounded to 8 bits is rounded by what stands in the batch: each sequence alone
        Self::new(bytes, config, if int8 { 1 } else { TOGETHER }).map_err(|found| NeuralError::unsuitable(path, found, expected))
    }

    fn new(bytes: Vec<u8>, config: &ModelConfig, together: usize) -> Result<Self, String> {
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let model = options.load(bytes).map_err(|e| e.to_string())?;
        let mut inputs = Vec::new();
        for id in model.input_ids() {
            let node = model.node_info(*id);
            let name = node.as_ref().and_then(|n| n.name()).unwrap_or("");
            let given = match name {
                graph::IDS => Input::Ids,
                "attention_mask" => Input::Mask,
                graph::TYPES => Input::Types,
                graph::POSITIONS => Input::Positions,
                other => return Err(format!("the input {other:?}")),
            };
            inputs.push((*id, given));
        }
        let output = *model.output_ids().first().ok_or("no output")?;
        let first = config.first_position();
        // as many threads as the caller's: sequences are run beside one another, each on one of them
        let pool = Arc::new(ThreadPool::with_num_threads(rayon::current_num_threads()));
        Ok(Self { model, inputs, output, first, together, pool })
    }
}

impl Engine for Onnx {
    fn name(&self) -> &'static str {
        "rten"
    }

    fn batching(&self) -> Batching {
        // there is no mask: sequences of one length, filled up by nothing
        Batching { step: 1, tokens: self.together, parallel: true, mixed: false }
    }

    fn within(&self, work: &mut (dyn FnMut() + Send)) {
        self.pool.run(work);
    }

    fn run(&self, batch: &Batch) -> Result<Output, NeuralError> {
        if !batch.is_full() {
            return Err(NeuralError::Run("sequences of several lengths in one batch of rten".to_owned()));
        }
        let shape = [batch.rows(), batch.length];
        let n = batch.rows() * batch.length;
        let number = |i: usize| i32::try_from(i).unwrap_or(i32::MAX);
        let mut inputs: Vec<(NodeId, ValueOrView<'_>)> = Vec::with_capacity(self.inputs.len());
        for (id, given) in &self.inputs {
            let (shape, data) = match given {
                Input::Ids => (shape, batch.ids.iter().map(|i| i32::try_from(*i).unwrap_or(i32::MAX)).collect()),
                Input::Mask => (shape, vec![1i32; n]),
                Input::Types if batch.types.is_empty() => (shape, vec![0i32; n]),
                Input::Types => (shape, batch.types.iter().map(|t| i32::try_from(*t).unwrap_or(0)).collect()),
                Input::Positions => ([1, batch.length], (self.first..self.first + batch.length).map(number).collect()),
            };
            let value = Value::from_shape(shape, data).map_err(|e| NeuralError::Run(e.to_string()))?;
            inputs.push((*id, value.into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let mut out = self.model.run(inputs, &[self.output], Some(options))?;
        let (shape, data): ([usize; 3], Vec<f32>) = out
            .pop()
            .ok_or_else(|| NeuralError::Run("no output".to_owned()))?
            .into_shape_vec()
            .map_err(|e| NeuralError::Run(format!("the output is no rows × length × width: {e:?}")))?;
        let [_, length, width] = shape;
        Ok(Output { data, length, width })
    }
}
