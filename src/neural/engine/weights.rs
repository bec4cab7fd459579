//! The tensors of a `model.safetensors`, each copied out of the file when it is asked for.

use crate::neural::config::{Architecture, ModelConfig};
use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device};
use std::collections::HashSet;

/// A weight and a bias.
pub(super) type Own = (Vec<f32>, Vec<f32>);

/// Tensors by their names.
pub(super) struct Weights<'f> {
    file: SliceSafetensors<'f>,
    names: HashSet<String>,
    prefix: &'static str,
}

impl<'f> Weights<'f> {
    /// Those of a BERT or RoBERTa.
    ///
    /// # Errors
    /// When the architecture is another, or they can't be read.
    pub fn read(config: &ModelConfig, safetensors: &'f [u8]) -> Result<Self, String> {
        if !matches!(config.architecture(), Some(Architecture::Bert | Architecture::Roberta)) {
            return Err("neither BERT nor RoBERTa".to_owned());
        }
        let file = SliceSafetensors::new(safetensors).map_err(|e| e.to_string())?;
        let names: HashSet<String> = file.tensors().into_iter().map(|t| t.0).collect();
        let prefix = ["bert.", "roberta."].into_iter().find(|p| names.contains(&format!("{p}embeddings.word_embeddings.weight"))).unwrap_or("");
        Ok(Self { file, names, prefix })
    }

    /// Takes a tensor of the encoder, in 32-bit numbers.
    ///
    /// # Errors
    /// When it is missing or has another shape; the message names it.
    pub fn take(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        self.take_full(&format!("{}{name}", self.prefix), shape)
    }

    /// Takes the weight and the bias of the classifier, where there is one.
    ///
    /// # Errors
    /// When one has another shape.
    pub fn take_classifier(&self, inner: usize, labels: usize) -> Result<Option<Own>, String> {
        if labels == 0 || !self.names.contains("classifier.weight") {
            return Ok(None);
        }
        Ok(Some((self.take_full("classifier.weight", &[labels, inner])?, self.take_full("classifier.bias", &[labels])?)))
    }

    fn take_full(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, String> {
        if !self.names.contains(name) {
            return Err(format!("no weight {name}"));
        }
        let t = self.file.load(name, &Device::Cpu).map_err(|e| format!("{name}: {e}"))?;
        if t.dims() != shape {
            return Err(format!("{name} has the shape {:?}, expected {shape:?}", t.dims()));
        }
        t.to_dtype(DType::F32).and_then(|t| t.flatten_all()).and_then(|t| t.to_vec1()).map_err(|e| format!("{name}: {e}"))
    }
}
