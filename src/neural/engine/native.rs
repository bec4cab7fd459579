//! Our own steps of BERT and RoBERTa in a CPU's vectors ([`karuta_kernels`]).

use super::weights::{Own, Weights};
use super::{Batching, Engine};
use crate::neural::batch::{Batch, Output};
use crate::neural::config::ModelConfig;
use crate::neural::encoder::Activation;
use crate::neural::error::NeuralError;
use karuta_kernels::{Dense, Embeddings, Encoder, LayerWeights, Norm, Numbers, Sequence, Shape};
use std::path::Path;

/// A model in our own steps.
#[derive(Debug)]
pub struct Native {
    encoder: Encoder,
    numbers: Numbers,
}

/// Tokens of a batch: enough rows for a product to read each weight seldom; more brings nothing.
const TOGETHER: usize = 512;

impl Native {
    /// Packs the tensors of a `model.safetensors`; in 8-bit integers if `int8`.
    ///
    /// # Errors
    /// When the CPU has no vectors that there are steps for (x86-64 with AVX2 has), the architecture is neither BERT nor RoBERTa, a width
    /// is no multiple of 16, or a weight is missing or has another shape.
    pub fn new(path: &Path, config: &ModelConfig, safetensors: &[u8], int8: bool) -> Result<Self, NeuralError> {
        let numbers = if int8 { Numbers::Bytes } else { Numbers::Floats };
        build(config, safetensors, numbers)
            .map(|encoder| Self { encoder, numbers })
            .map_err(|found| NeuralError::unsuitable(path, found, "the weights of the BERT that config.json describes, each width a multiple of 16"))
    }

    /// The vectors that it is computed in: `AVX-512 VNNI`, `AVX-VNNI`, `AVX2`.
    pub fn vectors(&self) -> &'static str {
        self.encoder.vectors()
    }
}

fn build(c: &ModelConfig, safetensors: &[u8], numbers: Numbers) -> Result<Encoder, String> {
    let weights = Weights::read(c, safetensors)?;
    let (hidden, inner) = (c.hidden_size, c.intermediate_size);
    let norm =
        |name: &str| -> Result<Norm, String> { Ok(Norm { weight: weights.take(&format!("{name}.weight"), &[hidden])?, bias: weights.take(&format!("{name}.bias"), &[hidden])? }) };
    let own = |name: &str, inner: usize, outer: usize| -> Result<Own, String> {
        Ok((weights.take(&format!("{name}.weight"), &[outer, inner])?, weights.take(&format!("{name}.bias"), &[outer])?))
    };
    let activation = match Activation::named(&c.hidden_act) {
        Activation::Gelu => karuta_kernels::Activation::Gelu,
        Activation::GeluTanh => karuta_kernels::Activation::GeluTanh,
        Activation::Relu => karuta_kernels::Activation::Relu,
    };
    #[allow(clippy::cast_possible_truncation, reason = "it is used in 32 bits")]
    let shape = Shape { hidden, heads: c.num_attention_heads, inner, activation, eps: c.layer_norm_eps as f32, numbers };
    let first = c.first_position().min(c.max_position_embeddings) * hidden;
    let embeddings = Embeddings {
        words: weights.take("embeddings.word_embeddings.weight", &[c.vocab_size, hidden])?,
        positions: weights.take("embeddings.position_embeddings.weight", &[c.max_position_embeddings, hidden])?.split_off(first),
        types: if c.type_vocab_size > 0 { weights.take("embeddings.token_type_embeddings.weight", &[c.type_vocab_size, hidden])? } else { vec![0.0; hidden] },
        norm: norm("embeddings.LayerNorm")?,
    };
    let mut encoder = Encoder::new(shape, embeddings).map_err(|e| e.to_string())?;
    for i in 0..c.num_hidden_layers {
        // a layer at a time: its weights lie beside their packed form no longer than that
        let name = |part: &str| format!("encoder.layer.{i}.{part}");
        let [q, k, v] = ["query", "key", "value"].map(|part| own(&name(&format!("attention.self.{part}")), hidden, hidden));
        let (asked, read) = ([q?, k?, v?], own(&name("attention.output.dense"), hidden, hidden)?);
        let (up, down) = (own(&name("intermediate.dense"), hidden, inner)?, own(&name("output.dense"), inner, hidden)?);
        let layer = LayerWeights {
            asked: asked.each_ref().map(lent),
            read: lent(&read),
            read_norm: norm(&name("attention.output.LayerNorm"))?,
            up: lent(&up),
            down: lent(&down),
            norm: norm(&name("output.LayerNorm"))?,
        };
        encoder = encoder.with_layer(&layer).map_err(|e| e.to_string())?;
    }
    match weights.take_classifier(hidden, c.labels().len())? {
        Some(classifier) => encoder.with_classifier(lent(&classifier)).map_err(|e| e.to_string()),
        None => Ok(encoder),
    }
}

fn lent(own: &Own) -> Dense<'_> {
    Dense { weight: &own.0, bias: &own.1 }
}

impl Engine for Native {
    fn name(&self) -> &'static str {
        match self.numbers {
            Numbers::Floats => "native",
            Numbers::Bytes => "native-int8",
        }
    }

    fn batching(&self) -> Batching {
        Batching { step: 1, tokens: TOGETHER, parallel: true, mixed: true }
    }

    fn run(&self, batch: &Batch) -> Result<Output, NeuralError> {
        let row = |of: &'_ [u32], r: usize, n: usize| -> std::ops::Range<usize> { (r * batch.length).min(of.len())..(r * batch.length + n).min(of.len()) };
        let sequences: Vec<Sequence<'_>> = batch
            .lengths
            .iter()
            .enumerate()
            .map(|(r, n)| Sequence { tokens: batch.ids.get(row(&batch.ids, r, *n)).unwrap_or(&[]), types: batch.types.get(row(&batch.types, r, *n)).unwrap_or(&[]) })
            .collect();
        let found = self.encoder.run(&sequences).map_err(|e| NeuralError::Run(e.to_string()))?;
        let (length, width) = (batch.length, self.encoder.width());
        if batch.is_full() {
            return Ok(Output { data: found, length, width });
        }
        let mut data = Vec::with_capacity(batch.rows() * length * width);
        let mut rest = found.as_slice();
        for n in &batch.lengths {
            let (of_row, others) = rest.split_at_checked(n * width).unwrap_or((rest, &[]));
            data.extend_from_slice(of_row);
            data.resize(data.len() + (length - n) * width, 0.0);
            rest = others;
        }
        Ok(Output { data, length, width })
    }
}
