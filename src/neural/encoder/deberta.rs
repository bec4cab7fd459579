//! DeBERTa v2 and v3: content attends to content, content to positions and positions to content.
//!
//! He et al., *DeBERTa: Decoding-enhanced BERT with Disentangled Attention* (2021), as transformers computes it.

use super::{Activation, Rest, bias, heads, joined};
use crate::neural::config::ModelConfig;
use candle_core::{D, Device, Result, Tensor};
use candle_nn::{Conv1d, Conv1dConfig, Embedding, LayerNorm, Linear, Module, VarBuilder, conv1d, embedding, layer_norm, linear, linear_no_bias};

pub(super) struct Deberta {
    words: Embedding,
    positions: Option<Tensor>,
    types: Option<Embedding>,
    grow: Option<Linear>,
    norm: LayerNorm,
    layers: Vec<Layer>,
    conv: Option<Conv>,
    relative: Option<Relative>,
}

/// The vectors of relative positions, normalised where the model was trained so.
struct Relative {
    vectors: Tensor,
    span: usize,
    buckets: i64,
    longest: i64,
}

struct Conv {
    conv: Conv1d,
    norm: LayerNorm,
    act: String,
}

struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    /// Queries of positions, for attention of positions to content.
    of_position: Option<Linear>,
    /// Keys of positions, for attention of content to positions.
    to_position: Option<Linear>,
    rest: Rest,
    heads: usize,
    /// What scores are divided by the root of, for each element of a head.
    factor: f64,
}

impl Deberta {
    pub(super) fn load(c: &ModelConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (e, h) = (vb.pp("embeddings"), c.hidden_size);
        let size = c.embedding_size.unwrap_or(h);
        let positions = if c.position_biased_input { Some(e.get((c.max_position_embeddings, size), "position_embeddings.weight")?) } else { None };
        let types = if c.type_vocab_size > 0 { Some(embedding(c.type_vocab_size, size, e.pp("token_type_embeddings"))?) } else { None };
        let grow = if size == h { None } else { Some(linear_no_bias(size, h, e.pp("embed_proj"))?) };
        let encoder = vb.pp("encoder");
        let relative = if c.relative_attention {
            let longest = if c.max_relative_positions < 1 { i64::try_from(c.max_position_embeddings).unwrap_or(512) } else { c.max_relative_positions };
            let span = usize::try_from(if c.position_buckets > 0 { c.position_buckets } else { longest }).unwrap_or(512);
            let mut vectors = encoder.get((span * 2, h), "rel_embeddings.weight")?;
            if c.norm_rel_ebd.as_deref().is_some_and(|n| n.to_ascii_lowercase().split('|').any(|w| w.trim() == "layer_norm")) {
                vectors = layer_norm(h, c.layer_norm_eps, encoder.pp("LayerNorm"))?.forward(&vectors)?;
            }
            Some(Relative { vectors: vectors.unsqueeze(0)?, span, buckets: c.position_buckets, longest })
        } else {
            None
        };
        let conv = if c.conv_kernel_size > 0 {
            let vb = encoder.pp("conv");
            let config = Conv1dConfig { padding: c.conv_kernel_size.saturating_sub(1) / 2, groups: c.conv_groups.max(1), ..Conv1dConfig::default() };
            Some(Conv {
                conv: conv1d(h, h, c.conv_kernel_size, config, vb.pp("conv"))?,
                norm: layer_norm(h, c.layer_norm_eps, vb.pp("LayerNorm"))?,
                act: c.conv_act.clone().unwrap_or_else(|| "tanh".to_owned()),
            })
        } else {
            None
        };
        Ok(Self {
            words: embedding(c.vocab_size, size, e.pp("word_embeddings"))?,
            positions,
            types,
            grow,
            norm: layer_norm(h, c.layer_norm_eps, e.pp("LayerNorm"))?,
            layers: (0..c.num_hidden_layers).map(|i| Layer::load(c, encoder.pp("layer").pp(i))).collect::<Result<_>>()?,
            conv,
            relative,
        })
    }

    pub(super) fn forward(&self, ids: &Tensor, types: Option<&Tensor>, mask: Option<&Tensor>) -> Result<Tensor> {
        let (_, length) = ids.dims2()?;
        let mut x = self.words.forward(ids)?;
        if let Some(p) = &self.positions {
            x = x.broadcast_add(&p.narrow(0, 0, length)?)?;
        }
        if let Some(t) = &self.types {
            x = match types {
                Some(types) => (x + t.forward(types)?)?,
                None => x.broadcast_add(&t.embeddings().narrow(0, 0, 1)?)?,
            };
        }
        if let Some(g) = &self.grow {
            x = g.forward(&x)?;
        }
        x = self.norm.forward(&x)?;
        let kept = mask.map(|m| m.to_dtype(x.dtype())?.unsqueeze(2)).transpose()?;
        if let Some(k) = &kept {
            x = x.broadcast_mul(k)?;
        }
        let bias = mask.map(|m| bias(m, x.dtype())).transpose()?;
        let places = self.relative.as_ref().map(|r| Places::new(r, length, ids.device())).transpose()?;
        let first = x.clone();
        for (i, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x, bias.as_ref(), places.as_ref())?;
            if let Some(c) = self.conv.as_ref().filter(|_| i == 0) {
                x = c.forward(&first, &x, kept.as_ref())?;
            }
        }
        Ok(x)
    }
}

impl Conv {
    fn forward(&self, input: &Tensor, x: &Tensor, kept: Option<&Tensor>) -> Result<Tensor> {
        let mut out = self.conv.forward(&input.transpose(1, 2)?.contiguous()?)?.transpose(1, 2)?.contiguous()?;
        if let Some(k) = kept {
            out = out.broadcast_mul(k)?;
        }
        out = if self.act == "tanh" { out.tanh()? } else { Activation::named(&self.act).apply(&out)? };
        let out = self.norm.forward(&(x + out)?)?;
        kept.map_or_else(|| Ok(out.clone()), |k| out.broadcast_mul(k))
    }
}

/// Which relative position each pair of tokens has, as an index into the vectors: `length × length`.
struct Places<'r> {
    relative: &'r Relative,
    to: Tensor,
    of: Tensor,
}

impl<'r> Places<'r> {
    fn new(relative: &'r Relative, length: usize, device: &Device) -> Result<Self> {
        let span = i64::try_from(relative.span).unwrap_or(512);
        let n = i64::try_from(length).unwrap_or(0);
        // an index of a vector is not below 0
        let index = |p: i64| u32::try_from(p.clamp(0, span * 2 - 1)).unwrap_or(0);
        let mut to = Vec::with_capacity(length * length);
        let mut of = Vec::with_capacity(length * length);
        for q in 0..n {
            for k in 0..n {
                let r = bucket(q - k, relative.buckets, relative.longest);
                to.push(index(r + span));
                of.push(index(span - r));
            }
        }
        Ok(Self { relative, to: Tensor::from_vec(to, (1, 1, length, length), device)?, of: Tensor::from_vec(of, (1, 1, length, length), device)? })
    }
}

/// The bucket of a relative position: itself when near, on a logarithmic scale when far.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "positions are far below what f32 counts exactly; torch computes them in f32 as well")]
fn bucket(relative: i64, buckets: i64, longest: i64) -> i64 {
    let mid = buckets / 2;
    if buckets <= 0 || longest <= 0 || relative.abs() <= mid || mid < 2 {
        return relative;
    }
    let far = relative.abs() as f32 / mid as f32;
    let scale = ((longest - 1) as f32 / mid as f32).ln();
    let log = (far.ln() / scale * (mid - 1) as f32).ceil() as i64 + mid;
    log * relative.signum()
}

impl Layer {
    fn load(c: &ModelConfig, vb: VarBuilder<'_>) -> Result<Self> {
        let (h, own) = (c.hidden_size, vb.pp("attention").pp("self"));
        let has = |w: &str| c.pos_att_type.as_ref().is_some_and(|p| p.has(w));
        let (to, of) = (has("c2p"), has("p2c"));
        let (query, key) = (linear(h, h, own.pp("query_proj"))?, linear(h, h, own.pp("key_proj"))?);
        let position = |wanted: bool, shared: &Linear, name: &str| -> Result<Option<Linear>> {
            match (wanted && c.relative_attention, c.share_att_key) {
                (false, _) => Ok(None),
                (true, true) => Ok(Some(shared.clone())),
                (true, false) => linear(h, h, own.pp(name)).map(Some),
            }
        };
        Ok(Self {
            to_position: position(to, &key, "pos_key_proj")?,
            of_position: position(of, &query, "pos_query_proj")?,
            query,
            key,
            value: linear(h, h, own.pp("value_proj"))?,
            rest: Rest::load(c, &vb)?,
            heads: c.num_attention_heads,
            factor: 1.0 + f64::from(u8::from(to)) + f64::from(u8::from(of)),
        })
    }

    fn forward(&self, x: &Tensor, bias: Option<&Tensor>, places: Option<&Places<'_>>) -> Result<Tensor> {
        let q = heads(&self.query.forward(x)?, self.heads)?;
        let k = heads(&self.key.forward(x)?, self.heads)?;
        let v = heads(&self.value.forward(x)?, self.heads)?;
        let size = q.dim(D::Minus1)?;
        #[allow(clippy::cast_precision_loss, reason = "the width of a head is small")]
        let scale = (size as f64 * self.factor).sqrt();
        let mut scores = (q.matmul(&k.transpose(2, 3)?)? / scale)?;
        if let Some(p) = places {
            if let Some(to) = &self.to_position {
                let keys = heads(&to.forward(&p.relative.vectors)?, self.heads)?;
                scores = (scores + (gathered(&q, &keys, &p.to)? / scale)?)?;
            }
            if let Some(of) = &self.of_position {
                let queries = heads(&of.forward(&p.relative.vectors)?, self.heads)?;
                scores = (scores + (gathered(&k, &queries, &p.of)?.transpose(2, 3)? / scale)?)?;
            }
        }
        let scores = match bias {
            Some(b) => scores.broadcast_add(b)?,
            None => scores,
        };
        let read = joined(&candle_nn::ops::softmax_last_dim(&scores.contiguous()?)?.matmul(&v)?)?;
        self.rest.forward(&read, x)
    }
}

/// The product of content with every relative position's vector, and of it the position that each pair has.
fn gathered(content: &Tensor, positions: &Tensor, places: &Tensor) -> Result<Tensor> {
    let (rows, heads, length, _) = content.dims4()?;
    let all = content.broadcast_matmul(&positions.transpose(2, 3)?.contiguous()?)?;
    let index = places.broadcast_as((rows, heads, length, length))?.contiguous()?;
    all.contiguous()?.gather(&index, 3)
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn far_positions_share_buckets() {
        assert_eq!(bucket(5, -1, 512), 5);
        assert_eq!(bucket(128, 256, 512), 128);
        assert!((129..=256).contains(&bucket(200, 256, 512)));
        assert_eq!(bucket(511, 256, 512), 255);
        assert_eq!(bucket(-511, 256, 512), -255);
    }
}
