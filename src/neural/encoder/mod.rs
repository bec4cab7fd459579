//! Transformer encoders in candle, with weights named as Hugging Face names them.

mod bert;
mod deberta;

use super::config::{Architecture, ModelConfig};
use candle_core::{DType, Result, Tensor};
use candle_nn::{LayerNorm, Linear, Module, VarBuilder, layer_norm, linear};

/// An encoder with the layer that classifies tokens, where the weights have one.
pub struct Encoder {
    body: Body,
    classifier: Option<Linear>,
}

enum Body {
    Bert(bert::Bert),
    Deberta(deberta::Deberta),
}

impl Encoder {
    /// Builds an encoder out of weights.
    ///
    /// # Errors
    /// When a weight is missing or has another shape than the configuration says; the message names it.
    pub fn load(config: &ModelConfig, weights: VarBuilder<'_>) -> Result<Self> {
        let architecture = config.architecture().unwrap_or(Architecture::Bert);
        let prefix = match architecture {
            Architecture::Bert => "bert",
            Architecture::Roberta => "roberta",
            Architecture::DebertaV2 => "deberta",
        };
        let inner = if weights.contains_tensor(&format!("{prefix}.embeddings.word_embeddings.weight")) { weights.pp(prefix) } else { weights.clone() };
        let body = match architecture {
            Architecture::Bert | Architecture::Roberta => Body::Bert(bert::Bert::load(config, inner)?),
            Architecture::DebertaV2 => Body::Deberta(deberta::Deberta::load(config, inner)?),
        };
        let labels = config.labels().len();
        let classifier =
            if labels > 0 && weights.contains_tensor("classifier.weight") { Some(candle_nn::linear(config.hidden_size, labels, weights.pp("classifier"))?) } else { None };
        Ok(Self { body, classifier })
    }

    /// Numbers of tokens (`rows × length`), their types (none for all 0) and their mask (1 for a token; none where nothing is filling) to logits, or to
    /// the last hidden state where nothing is classified: `rows × length × width`, in f32.
    ///
    /// # Errors
    /// When the device has not the memory, or a number is beyond the vocabulary.
    pub fn forward(&self, ids: &Tensor, types: Option<&Tensor>, mask: Option<&Tensor>) -> Result<Tensor> {
        let hidden = match &self.body {
            Body::Bert(b) => b.forward(ids, types, mask)?,
            Body::Deberta(d) => d.forward(ids, types, mask)?,
        };
        let out = match &self.classifier {
            Some(c) => c.forward(&hidden)?,
            None => hidden,
        };
        out.to_dtype(DType::F32)
    }
}

/// What stands between the two layers of a feed-forward step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Activation {
    Gelu,
    GeluTanh,
    Relu,
}

impl Activation {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "relu" => Self::Relu,
            "gelu_new" | "gelu_pytorch_tanh" => Self::GeluTanh,
            _ => Self::Gelu,
        }
    }

    fn apply(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Gelu => x.gelu_erf(),
            Self::GeluTanh => x.gelu(),
            Self::Relu => x.relu(),
        }
    }
}

/// 0 where `mask` is 1, the least number of the type where it is 0: to be added to scores of attention.
fn bias(mask: &Tensor, dtype: DType) -> Result<Tensor> {
    let least = match dtype {
        DType::F16 => -65504.0,
        _ => f64::from(f32::MIN),
    };
    let (rows, length) = mask.dims2()?;
    mask.to_dtype(DType::F32)?.affine(-least, least)?.to_dtype(dtype)?.reshape((rows, 1, 1, length))
}

/// `rows × length × hidden` to `rows × heads × length × size`.
fn heads(x: &Tensor, heads: usize) -> Result<Tensor> {
    let (rows, length, hidden) = x.dims3()?;
    x.reshape((rows, length, heads, hidden / heads))?.transpose(1, 2)?.contiguous()
}

/// And back.
fn joined(x: &Tensor) -> Result<Tensor> {
    let (rows, heads, length, size) = x.dims4()?;
    x.transpose(1, 2)?.contiguous()?.reshape((rows, length, heads * size))
}

/// A layer after its attention: what was read is added to the input, and a feed-forward step to that.
struct Rest {
    out: Linear,
    out_norm: LayerNorm,
    up: Linear,
    down: Linear,
    norm: LayerNorm,
    act: Activation,
}

impl Rest {
    fn load(c: &ModelConfig, vb: &VarBuilder<'_>) -> Result<Self> {
        let (h, read, grown) = (c.hidden_size, vb.pp("attention").pp("output"), vb.pp("output"));
        Ok(Self {
            out: linear(h, h, read.pp("dense"))?,
            out_norm: layer_norm(h, c.layer_norm_eps, read.pp("LayerNorm"))?,
            up: linear(h, c.intermediate_size, vb.pp("intermediate").pp("dense"))?,
            down: linear(c.intermediate_size, h, grown.pp("dense"))?,
            norm: layer_norm(h, c.layer_norm_eps, grown.pp("LayerNorm"))?,
            act: Activation::named(&c.hidden_act),
        })
    }

    /// `read`: what the heads read from `x`, the layer's input.
    fn forward(&self, read: &Tensor, x: &Tensor) -> Result<Tensor> {
        let x = self.out_norm.forward(&(self.out.forward(read)? + x)?)?;
        let grown = self.act.apply(&self.up.forward(&x)?)?;
        self.norm.forward(&(self.down.forward(&grown)? + x)?)
    }
}
