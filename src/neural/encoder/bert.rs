//! BERT and RoBERTa.

use super::{Rest, bias, heads, joined};
use crate::neural::config::ModelConfig;
use candle_core::{D, Result, Tensor};
use candle_nn::{Embedding, LayerNorm, Linear, Module, VarBuilder, embedding, layer_norm, linear};

pub(super) struct Bert {
    words: Embedding,
    positions: Tensor,
    types: Option<Embedding>,
    norm: LayerNorm,
    layers: Vec<Layer>,
    /// The number of the first position.
    first: usize,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    rest: Rest,
    heads: usize,
}

impl Bert {
    pub(super) fn load(c: &ModelConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let e = vb.pp("embeddings");
        let types = if c.type_vocab_size > 0 { Some(embedding(c.type_vocab_size, c.hidden_size, e.pp("token_type_embeddings"))?) } else { None };
        let first = c.first_position();
        let layers = vb.pp("encoder").pp("layer");
        Ok(Self {
            words: embedding(c.vocab_size, c.hidden_size, e.pp("word_embeddings"))?,
            positions: e.get((c.max_position_embeddings, c.hidden_size), "position_embeddings.weight")?,
            types,
            norm: layer_norm(c.hidden_size, c.layer_norm_eps, e.pp("LayerNorm"))?,
            layers: (0..c.num_hidden_layers).map(|i| Layer::load(c, layers.pp(i))).collect::<Result<_>>()?,
            first,
        })
    }

    pub(super) fn forward(&self, ids: &Tensor, types: Option<&Tensor>, mask: Option<&Tensor>) -> Result<Tensor> {
        let (_, length) = ids.dims2()?;
        let positions = self.positions.narrow(0, self.first, length)?;
        let mut x = self.words.forward(ids)?.broadcast_add(&positions)?;
        if let Some(t) = &self.types {
            x = match types {
                Some(types) => (x + t.forward(types)?)?,
                None => x.broadcast_add(&t.embeddings().narrow(0, 0, 1)?)?,
            };
        }
        x = self.norm.forward(&x)?;
        let bias = mask.map(|m| bias(m, x.dtype())).transpose()?;
        for layer in &self.layers {
            x = layer.forward(&x, bias.as_ref())?;
        }
        Ok(x)
    }
}

impl Layer {
    fn load(c: &ModelConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (h, own) = (c.hidden_size, vb.pp("attention").pp("self"));
        Ok(Self {
            query: linear(h, h, own.pp("query"))?,
            key: linear(h, h, own.pp("key"))?,
            value: linear(h, h, own.pp("value"))?,
            rest: Rest::load(c, &vb)?,
            heads: c.num_attention_heads,
        })
    }

    fn forward(&self, x: &Tensor, bias: Option<&Tensor>) -> Result<Tensor> {
        let q = heads(&self.query.forward(x)?, self.heads)?;
        let k = heads(&self.key.forward(x)?, self.heads)?;
        let v = heads(&self.value.forward(x)?, self.heads)?;
        let size = q.dim(D::Minus1)?;
        #[allow(clippy::cast_precision_loss, reason = "the width of a head is small")]
        let scores = (q.matmul(&k.transpose(2, 3)?)? / (size as f64).sqrt())?;
        let scores = match bias {
            Some(b) => scores.broadcast_add(b)?,
            None => scores,
        };
        let read = joined(&candle_nn::ops::softmax_last_dim(&scores)?.matmul(&v)?)?;
        self.rest.forward(&read, x)
    }
}
