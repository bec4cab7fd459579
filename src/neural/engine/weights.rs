//! The tensors of a `model.safetensors`, taken out one after another.

use crate::neural::config::{Architecture, ModelConfig};
use candle_core::{DType, Device, Tensor};
use std::collections::HashMap;

/// Tensors by their names.
pub(super) struct Weights {
    tensors: HashMap<String, Tensor>,
    prefix: &'static str,
}

impl Weights {
    /// Those of a BERT or RoBERTa.
    ///
    /// # Errors
    /// When the architecture is another, or they can't be read.
    pub fn read(config: &ModelConfig, safetensors: &[u8]) -> Result<Self, String> {
        if !matches!(config.architecture(), Some(Architecture::Bert | Architecture::Roberta)) {
            return Err("neither BERT nor RoBERTa".to_owned());
        }
        let tensors = candle_core::safetensors::load_buffer(safetensors, &Device::Cpu).map_err(|e| e.to_string())?;
        let prefix = ["bert.", "roberta."].into_iter().find(|p| tensors.contains_key(&format!("{p}embeddings.word_embeddings.weight"))).unwrap_or("");
        Ok(Self { tensors, prefix })
    }

    /// Takes a tensor of the encoder, in 32-bit numbers.
    ///
    /// # Errors
    /// When it is missing or has another shape; the message names it.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        self.take_full(&format!("{}{name}", self.prefix), shape)
    }

    /// Takes the weight and the bias of the classifier, where there is one.
    ///
    /// # Errors
    /// When one has another shape.
    pub fn take_classifier(&mut self, inner: usize, labels: usize) -> Result<Option<(Vec<f32>, Vec<f32>)>, String> {
        if labels == 0 || !self.tensors.contains_key("classifier.weight") {
            return Ok(None);
        }
        Ok(Some((self.take_full("classifier.weight", &[labels, inner])?, self.take_full("classifier.bias", &[labels])?)))
    }

    fn take_full(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        let t = self.tensors.remove(name).ok_or_else(|| format!("no weight {name}"))?;
        if t.dims() != shape {
            return Err(format!("{name} has the shape {:?}, expected {shape:?}", t.dims()));
        }
        t.to_dtype(DType::F32).and_then(|t| t.flatten_all()).and_then(|t| t.to_vec1()).map_err(|e| format!("{name}: {e}"))
    }
}
