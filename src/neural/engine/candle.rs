//! candle: the reference, on a CPU or a GPU.

use super::{Batching, Engine};
use crate::neural::batch::{Batch, Output};
use crate::neural::config::ModelConfig;
use crate::neural::encoder::Encoder;
use crate::neural::error::NeuralError;
use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;

/// The numbers that a model is computed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits, of which 10 tell the fraction: on a GPU.
    F16,
    /// 16 bits, of which 7 tell the fraction: on a GPU that has it.
    Bf16,
}

/// A model in candle.
pub struct Candle {
    encoder: Encoder,
    device: Device,
}

impl Candle {
    /// Builds a model out of the tensors of a `model.safetensors`. `gpu` is the number of a CUDA device.
    ///
    /// # Errors
    /// When a weight is missing or has another shape, or the device can't be opened.
    pub fn new(config: &ModelConfig, safetensors: &[u8], gpu: Option<usize>, precision: Precision) -> Result<Self, NeuralError> {
        let device = match gpu {
            Some(n) => Device::new_cuda(n)?,
            None => Device::Cpu,
        };
        let dtype = match precision {
            // a CPU computes 16 bits slower than 32
            _ if !device.is_cuda() => DType::F32,
            Precision::F32 => DType::F32,
            Precision::F16 => DType::F16,
            Precision::Bf16 => DType::BF16,
        };
        let weights = VarBuilder::from_slice_safetensors(safetensors, dtype, &device)?;
        Ok(Self { encoder: Encoder::load(config, weights)?, device })
    }
}

impl Engine for Candle {
    fn name(&self) -> &'static str {
        "candle"
    }

    fn batching(&self) -> Batching {
        // a CPU does one sequence as fast as several; a GPU wants many
        if self.device.is_cuda() { Batching { step: 16, tokens: 1 << 15, parallel: false, mixed: false } } else { Batching { step: 1, tokens: 1, parallel: true, mixed: false } }
    }

    fn run(&self, batch: &Batch) -> Result<Output, NeuralError> {
        let shape = (batch.rows(), batch.length);
        let ids = Tensor::from_slice(&batch.ids, shape, &self.device)?;
        let mask = if batch.is_full() { None } else { Some(Tensor::from_vec(batch.mask().collect::<Vec<u8>>(), shape, &self.device)?) };
        let types = if batch.types.is_empty() { None } else { Some(Tensor::from_slice(&batch.types, shape, &self.device)?) };
        let out = self.encoder.forward(&ids, types.as_ref(), mask.as_ref())?;
        let (_, length, width) = out.dims3()?;
        Ok(Output { data: out.flatten_all()?.to_vec1::<f32>()?, length, width })
    }
}
