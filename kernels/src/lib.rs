//! A BERT encoder in the vectors of a CPU, in 32-bit numbers or 8-bit integers.
//!
//! Attention is computed a few tokens at a time, so that its scores stay near the CPU; bias, activation and what is added to a
//! product are taken in as it is stored. In 8 bits weights are rounded to bytes by column, what is multiplied with them by token, queries
//! and keys by token and head, values by the number of the head; all else is computed in 32 bits. Four products of bytes are one
//! instruction (VNNI).
//!
//! A token's numbers depend on its own sequence alone, and not on the number of threads.

#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code, unused_imports, reason = "there are steps for x86-64 alone"))]

mod activation;
mod attention;
mod buffer;
mod cpu;
mod lanes;
mod layer;
mod product;
mod weights;

use attention::{Heads, Rows};
use buffer::Buffer;
use cpu::Cpu;
use layer::{Next, Room};
use product::ROWS;
use rayon::prelude::*;
use std::fmt;
use std::sync::{Mutex, PoisonError};
pub use weights::{Dense, Norm};
use weights::{Layer, Plain, Weight, Zero};

/// What stands between the two layers of a feed-forward step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// `x × Φ(x)`
    Gelu,
    /// GELU by way of tanh.
    GeluTanh,
    /// `max(x, 0)`
    Relu,
}

impl Activation {
    /// The least that it gives.
    const fn least(self) -> f32 {
        match self {
            Self::Gelu | Self::GeluTanh => activation::LEAST,
            Self::Relu => 0.0,
        }
    }
}

/// What is multiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// 32-bit numbers.
    Floats,
    /// 8-bit integers.
    Bytes,
}

/// The sizes of an encoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Width of a token's vector: a multiple of 16.
    pub hidden: usize,
    /// Heads of attention; a head is a multiple of 16 wide.
    pub heads: usize,
    /// Width of the feed-forward step: a multiple of 16.
    pub inner: usize,
    /// What stands between its two layers.
    pub activation: Activation,
    /// Added to the variance by normalisation.
    pub eps: f32,
    /// What is multiplied.
    pub numbers: Numbers,
}

/// The weights of a layer, in 32 bits.
#[derive(Debug, Clone)]
pub struct LayerWeights<'w> {
    /// Query, key and value.
    pub asked: [Dense<'w>; 3],
    /// What follows attention.
    pub read: Dense<'w>,
    /// Its normalisation.
    pub read_norm: Norm,
    /// The first layer of the feed-forward step.
    pub up: Dense<'w>,
    /// The second.
    pub down: Dense<'w>,
    /// Its normalisation.
    pub norm: Norm,
}

/// What a token begins with: vectors of `hidden` numbers, one after another.
#[derive(Debug, Clone, Default)]
pub struct Embeddings {
    /// Of the words.
    pub words: Vec<f32>,
    /// Of the positions.
    pub positions: Vec<f32>,
    /// Of the types.
    pub types: Vec<f32>,
    /// Their normalisation.
    pub norm: Norm,
}

/// A sequence of tokens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sequence<'s> {
    /// The numbers of its tokens.
    pub tokens: &'s [u32],
    /// The type of each; those that are missing are 0.
    pub types: &'s [u32],
}

/// Why there is no encoder, or it gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// The CPU has no vectors that there are steps for.
    Cpu,
    /// A size is none that the steps have.
    Size(&'static str),
    /// A weight has another length: its name, the length found and the one expected.
    Weight(&'static str, usize, usize),
    /// A token, position or type that the embeddings do not have.
    Token(&'static str, usize),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("a CPU without AVX2 and FMA"),
            Self::Size(what) => write!(f, "{what} is no multiple of 16"),
            Self::Weight(name, found, expected) => write!(f, "{name} has {found} numbers, expected {expected}"),
            Self::Token(what, n) => write!(f, "the {what} {n} is beyond the embeddings"),
        }
    }
}

impl std::error::Error for Error {}

/// An encoder, with the layer that classifies tokens where it has one.
pub struct Encoder {
    shape: Shape,
    embeddings: Embeddings,
    layers: Vec<Layer>,
    classifier: Option<Plain>,
    cpu: Box<dyn Cpu>,
    /// Room that was used before.
    spaces: Mutex<Vec<Space>>,
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoder({:?}, {} layers, {})", self.shape, self.layers.len(), self.cpu.name())
    }
}

/// Room for some sequences.
struct Space {
    x: Buffer<f32>,
    asked: Buffer<f32>,
    logits: Buffer<f32>,
    heads: Heads,
    rooms: Vec<Room>,
}

impl Space {
    fn new(shape: &Shape) -> Self {
        let heads = match shape.numbers {
            Numbers::Bytes => Heads::Bytes(Vec::new()),
            Numbers::Floats => Heads::Floats(Vec::new()),
        };
        Self { x: Buffer::default(), asked: Buffer::default(), logits: Buffer::default(), heads, rooms: Vec::new() }
    }
}

/// Rows are shared among threads in parts of at least so many numbers.
const PART: usize = 1 << 12;

impl Encoder {
    /// An encoder without layers yet.
    ///
    /// # Errors
    /// When the CPU has no vectors that there are steps for, a size is no multiple of 16, or an embedding has another length.
    ///
    /// ```
    /// use karuta_kernels::{Activation, Dense, Embeddings, Encoder, Error, LayerWeights, Norm, Numbers, Sequence, Shape};
    /// let n = 16;
    /// let norm = Norm { weight: vec![1.0; n], bias: vec![0.0; n] };
    /// let (weight, bias) = (vec![0.1; n * n], vec![0.0; n]);
    /// let dense = Dense { weight: &weight, bias: &bias };
    /// let layer = LayerWeights { asked: [dense; 3], read: dense, read_norm: norm.clone(), up: dense, down: dense, norm: norm.clone() };
    /// let shape = Shape { hidden: n, heads: 1, inner: n, activation: Activation::Gelu, eps: 1e-12, numbers: Numbers::Bytes };
    /// let words = (0..2 * n).map(|i| i as f32).collect();
    /// let embeddings = Embeddings { words, positions: vec![0.0; 4 * n], types: vec![0.0; n], norm };
    /// match Encoder::new(shape, embeddings).and_then(|e| e.with_layer(&layer)) {
    ///     Ok(encoder) => assert_eq!(encoder.run(&[Sequence { tokens: &[0, 1, 1], types: &[] }])?.len(), 3 * n),
    ///     Err(e) => assert_eq!(e, Error::Cpu),
    /// }
    /// # Ok::<(), Error>(())
    /// ```
    pub fn new(shape: Shape, embeddings: Embeddings) -> Result<Self, Error> {
        Self::on(cpu::this().ok_or(Error::Cpu)?, shape, embeddings)
    }

    fn on(cpu: Box<dyn Cpu>, shape: Shape, embeddings: Embeddings) -> Result<Self, Error> {
        let Shape { hidden, heads, inner, .. } = shape;
        for (what, n) in [("the width", hidden), ("the width of a head", hidden.checked_div(heads).filter(|h| h * heads == hidden).unwrap_or(0)), ("the inner width", inner)] {
            if n == 0 || !n.is_multiple_of(16) {
                return Err(Error::Size(what));
            }
        }
        for (name, v) in [("the words", &embeddings.words), ("the positions", &embeddings.positions), ("the types", &embeddings.types)] {
            length(name, v.len(), v.len().next_multiple_of(hidden).max(hidden))?;
        }
        length("the embeddings' normalisation", embeddings.norm.weight.len(), hidden)?;
        length("the embeddings' normalisation", embeddings.norm.bias.len(), hidden)?;
        Ok(Self { shape, embeddings, layers: Vec::new(), classifier: None, cpu, spaces: Mutex::default() })
    }

    /// Puts a layer on top: its weights are rounded, where they are to be, and packed as this CPU reads them.
    ///
    /// # Errors
    /// When a weight has another length.
    pub fn with_layer(mut self, l: &LayerWeights<'_>) -> Result<Self, Error> {
        let Shape { hidden, inner, .. } = self.shape;
        let norm = |name, n: &Norm| length(name, n.weight.len(), hidden).and_then(|()| length(name, n.bias.len(), hidden));
        l.asked.iter().try_for_each(|d| dense("query, key or value", d, hidden, hidden))?;
        dense("attention's output", &l.read, hidden, hidden)?;
        norm("attention's normalisation", &l.read_norm)?;
        dense("the first feed-forward layer", &l.up, hidden, inner)?;
        dense("the second feed-forward layer", &l.down, inner, hidden)?;
        norm("the layer's normalisation", &l.norm)?;
        let weight = |parts: &[Dense<'_>], inner, zero| match self.shape.numbers {
            Numbers::Bytes => Weight::Bytes(self.cpu.pack(parts, inner, zero)),
            Numbers::Floats => Weight::Floats(self.cpu.plain(parts, inner)),
        };
        self.layers.push(Layer {
            asked: weight(&l.asked, hidden, Zero::Middle),
            read: weight(&[l.read], hidden, Zero::Middle),
            read_norm: l.read_norm.clone(),
            up: weight(&[l.up], hidden, Zero::Middle),
            down: weight(&[l.down], inner, Zero::Least(self.shape.activation.least())),
            norm: l.norm.clone(),
        });
        Ok(self)
    }

    /// Has tokens classified, in 32 bits: what a small last layer loses is lost for good.
    ///
    /// # Errors
    /// When the weight has another length.
    pub fn with_classifier(mut self, c: Dense<'_>) -> Result<Self, Error> {
        dense("the classifier", &c, self.shape.hidden, c.bias.len().max(1))?;
        self.classifier = Some(self.cpu.plain(&[c], self.shape.hidden));
        Ok(self)
    }

    /// The vectors that it is computed in: `AVX-512 VNNI`, `AVX-VNNI`, `AVX2`.
    pub fn vectors(&self) -> &'static str {
        self.cpu.name()
    }

    /// How many numbers it gives for a token: labels, or the width of its last hidden state.
    pub fn width(&self) -> usize {
        self.classifier.as_ref().map_or(self.shape.hidden, |c| c.outer)
    }

    /// What it says of each token of some sequences, [`Self::width`] numbers each, one sequence after another. What a sequence is
    /// given does not depend on those beside it; several are faster together, since each weight is read for all of them.
    ///
    /// # Errors
    /// When a token, a position or a type is beyond the embeddings.
    pub fn run(&self, sequences: &[Sequence<'_>]) -> Result<Vec<f32>, Error> {
        let mut starts = vec![0];
        for s in sequences {
            starts.push(starts.last().copied().unwrap_or(0) + s.tokens.len().next_multiple_of(ROWS));
        }
        let mut space = self.spaces.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_else(|| Space::new(&self.shape));
        // from without the threads each step would be handed over to them anew
        let parts = self.parts(starts.last().copied().unwrap_or(0));
        let mut run = || self.run_in(&mut space, sequences, &starts, parts);
        let out = if parts > 1 { rayon::scope(|_| run()) } else { run() };
        self.spaces.lock().unwrap_or_else(PoisonError::into_inner).push(space);
        out
    }

    /// How many parts so many rows are shared among threads in.
    fn parts(&self, rows: usize) -> usize {
        (rows * self.shape.hidden / PART).clamp(1, rayon::current_num_threads())
    }

    fn run_in(&self, space: &mut Space, sequences: &[Sequence<'_>], starts: &[usize], parts: usize) -> Result<Vec<f32>, Error> {
        let (rows, hidden, width) = (starts.last().copied().unwrap_or(0), self.shape.hidden, self.width());
        space.x.grow(rows * hidden);
        for (s, start) in sequences.iter().zip(starts) {
            self.embed(&mut space.x[start * hidden..], s)?;
        }
        let (Some(first), true) = (self.layers.first(), rows > 0) else {
            return Ok(gathered(&space.x, hidden, sequences, starts));
        };
        space.asked.grow(rows * hidden * 3);
        space.logits.grow(rows * width);
        let part = rows.div_ceil(parts).next_multiple_of(ROWS);
        space.rooms.resize_with(space.rooms.len().max(parts), Room::default);
        let heads_of = self.shape.heads;
        match &mut space.heads {
            Heads::Bytes(heads) => heads.resize_with(heads.len().max(heads_of * sequences.len()), Default::default),
            Heads::Floats(heads) => heads.resize_with(heads.len().max(heads_of * sequences.len()), Default::default),
        }
        let Space { x, asked, logits, heads, rooms } = space;
        let (cpu, shape) = (&*self.cpu, &self.shape);
        each((x.chunks_mut(part * hidden), asked.chunks_mut(part * hidden * 3), &mut *rooms), |_, x, asked, room| {
            cpu.begin(shape, &self.embeddings.norm, first, x, asked, room);
        });
        for (i, layer) in self.layers.iter().enumerate() {
            let asked_of = |s: usize| &asked[starts[s] * hidden * 3..];
            let n = heads_of * sequences.len();
            match heads {
                Heads::Bytes(heads) => all(&mut heads[..n], parts > 1, |h, head| cpu.head(shape, h % heads_of, asked_of(h / heads_of), sequences[h / heads_of].tokens.len(), head)),
                Heads::Floats(heads) => {
                    all(&mut heads[..n], parts > 1, |h, head| cpu.plain_head(shape, h % heads_of, asked_of(h / heads_of), sequences[h / heads_of].tokens.len(), head));
                }
            }
            let (next, out, wide) = match (self.layers.get(i + 1), &self.classifier) {
                (Some(next), _) => (Next::Layer(next), &mut **asked, hidden * 3),
                (None, Some(c)) => (Next::Classifier(c), &mut **logits, width),
                (None, None) => (Next::End, &mut **logits, width),
            };
            each((x.chunks_mut(part * hidden), out.chunks_mut(part * wide), &mut *rooms), |p, x, out, room| {
                cpu.layer(shape, layer, heads, Rows { starts, first: p * part }, x, &next, out, room);
            });
        }
        Ok(gathered(if self.classifier.is_some() { logits } else { x }, width, sequences, starts))
    }

    fn embed(&self, x: &mut [f32], Sequence { tokens, types }: &Sequence<'_>) -> Result<(), Error> {
        let hidden = self.shape.hidden;
        let row = |what, of: &'_ [f32], n: usize| -> Result<std::ops::Range<usize>, Error> {
            let at = n.saturating_mul(hidden);
            if at < of.len() { Ok(at..at + hidden) } else { Err(Error::Token(what, n)) }
        };
        let e = &self.embeddings;
        for (i, (x, token)) in x.chunks_exact_mut(hidden).zip(*tokens).enumerate() {
            let word = &e.words[row("token", &e.words, *token as usize)?];
            let position = &e.positions[row("position", &e.positions, i)?];
            let kind = &e.types[row("type", &e.types, types.get(i).map_or(0, |t| *t as usize))?];
            for (((x, w), p), t) in x.iter_mut().zip(word).zip(position).zip(kind) {
                *x = w + p + t;
            }
        }
        Ok(())
    }
}

fn length(name: &'static str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected { Ok(()) } else { Err(Error::Weight(name, found, expected)) }
}

fn dense(name: &'static str, d: &Dense<'_>, inner: usize, outer: usize) -> Result<(), Error> {
    length(name, d.weight.len(), inner * outer)?;
    length(name, d.bias.len(), outer)
}

/// The rows of the sequences' tokens, without those that fill up.
fn gathered(rows: &[f32], width: usize, sequences: &[Sequence<'_>], starts: &[usize]) -> Vec<f32> {
    sequences.iter().zip(starts).flat_map(|(s, start)| &rows[start * width..(start + s.tokens.len()) * width]).copied().collect()
}

/// Does the same to each head, on several threads if `shared`.
fn all<T: Send>(heads: &mut [T], shared: bool, run: impl Fn(usize, &mut T) + Sync + Send) {
    if shared {
        heads.par_iter_mut().enumerate().for_each(|(i, head)| run(i, head));
    } else {
        heads.iter_mut().enumerate().for_each(|(i, head)| run(i, head));
    }
}

/// Does the same to each part of the rows, on several threads where there are several parts.
fn each<'s>(
    (x, out, rooms): (impl Iterator<Item = &'s mut [f32]>, impl Iterator<Item = &'s mut [f32]>, &mut [Room]),
    run: impl Fn(usize, &mut [f32], &mut [f32], &mut Room) + Sync,
) {
    let parts: Vec<_> = x.zip(out).zip(rooms).enumerate().collect();
    if parts.len() > 1 {
        parts.into_par_iter().for_each(|(i, ((x, out), room))| run(i, x, out, room));
    } else {
        parts.into_iter().for_each(|(i, ((x, out), room))| run(i, x, out, room));
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::cast_precision_loss, clippy::cast_possible_truncation)]
mod tests;
