//! The steps of a layer around attention.

#![allow(clippy::inline_always, reason = "see lanes.rs")]

use crate::activation::{Activate, GELU, GELU_TANH, RELU};
use crate::attention::{Heads, Rows, attend, attend_plain};
use crate::buffer::Buffer;
use crate::lanes::Lanes;
use crate::product::{Add, Cut, ROWS, Rounded, Store, product_plain, times};
use crate::weights::{Layer, Norm, Plain, Zero};
use crate::{Activation, Shape};

/// Room for the steps of some rows.
#[derive(Default)]
pub(crate) struct Room {
    rounded: Rounded,
    pub scores: Buffer<f32>,
    pub shares: Buffer<u8>,
    pub read: Buffer<f32>,
    grown: Buffer<f32>,
}

/// Normalises rows.
#[inline(always)]
fn normalise<L: Lanes>(l: L, rows: &mut [f32], norm: &Norm, eps: f32) {
    let width = norm.weight.len();
    #[allow(clippy::cast_precision_loss, reason = "a width")]
    let share = 1.0 / width as f32;
    for row in rows.chunks_exact_mut(width) {
        let mut sum = l.splat(0.0);
        for v in row.chunks_exact(L::N) {
            sum = l.add(sum, l.load(v));
        }
        let mean = l.splat(l.sum(sum) * share);
        let mut squares = l.splat(0.0);
        for v in row.chunks_exact(L::N) {
            let d = l.sub(l.load(v), mean);
            squares = l.fma(d, d, squares);
        }
        let times = l.splat(1.0 / (l.sum(squares) * share + eps).sqrt());
        for ((v, w), b) in row.chunks_exact_mut(L::N).zip(norm.weight.chunks_exact(L::N)).zip(norm.bias.chunks_exact(L::N)) {
            let d = l.mul(l.sub(l.load(v), mean), times);
            l.store(l.fma(d, l.load(w), l.load(b)), v);
        }
    }
}

/// Query, key and value of rows of `x`.
#[inline(always)]
fn ask<L: Lanes, const M: usize>(l: L, x: &[f32], hidden: usize, layer: &Layer, rounded: &mut Rounded, asked: &mut [f32]) {
    times::<L, M>(l, x, Zero::Middle, &layer.asked, rounded, Store { to: asked, width: 3 * hidden });
}

/// Rows of a layer, from attention to its end: `x` becomes what the layer gives.
#[inline(always)]
fn rest<L: Lanes, const M: usize>(l: L, shape: &Shape, layer: &Layer, heads: &Heads, of: Rows<'_>, x: &mut [f32], room: &mut Room) {
    let (hidden, inner) = (shape.hidden, shape.inner);
    let rows = x.len() / hidden;
    room.read.grow(rows * hidden);
    let mut at = 0;
    while at < rows {
        let (sequence, first, n) = of.part(at, rows);
        let own = sequence * shape.heads..(sequence + 1) * shape.heads;
        match heads {
            Heads::Bytes(heads) => attend::<L, M>(l, hidden, &heads[own], first, at..at + n, room),
            Heads::Floats(heads) => attend_plain::<L, M>(l, hidden, &heads[own], first, at..at + n, room),
        }
        at += n;
    }
    // what has grown by the feed-forward step stays near
    let block = ((1 << 18) / inner / ROWS).clamp(4, 64) * ROWS;
    let Room { rounded, read, grown, .. } = room;
    for (i, x) in x.chunks_mut(block * hidden).enumerate() {
        let read = &read[i * block * hidden..][..x.len()];
        times::<L, M>(l, read, Zero::Middle, &layer.read, rounded, Add { to: x, width: hidden });
        normalise(l, x, &layer.read_norm, shape.eps);
        grown.grow(x.len() / hidden * inner);
        match shape.activation {
            Activation::Gelu => times::<L, M>(l, x, Zero::Middle, &layer.up, rounded, Activate::<GELU> { to: grown, width: inner }),
            Activation::GeluTanh => times::<L, M>(l, x, Zero::Middle, &layer.up, rounded, Activate::<GELU_TANH> { to: grown, width: inner }),
            Activation::Relu => times::<L, M>(l, x, Zero::Middle, &layer.up, rounded, Activate::<RELU> { to: grown, width: inner }),
        }
        times::<L, M>(l, grown, Zero::Least(shape.activation.least()), &layer.down, rounded, Add { to: x, width: hidden });
        normalise(l, x, &layer.norm, shape.eps);
    }
}

/// What follows a layer.
pub(crate) enum Next<'l> {
    /// Another: its queries, keys and values go to `asked`.
    Layer(&'l Layer),
    /// A classifier in 32 bits: logits, `outer` a row.
    Classifier(&'l Plain),
    /// Nothing.
    End,
}

/// The rows of a layer, and what follows it of the same rows.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "a step has all of these")]
pub(crate) fn layer<L: Lanes, const M: usize>(l: L, shape: &Shape, layer: &Layer, heads: &Heads, of: Rows<'_>, x: &mut [f32], next: &Next<'_>, out: &mut [f32], room: &mut Room) {
    rest::<L, M>(l, shape, layer, heads, of, x, room);
    match next {
        Next::Layer(next) => ask::<L, M>(l, x, shape.hidden, next, &mut room.rounded, out),
        Next::Classifier(plain) => classify::<L, M>(l, x, plain, out),
        Next::End => {}
    }
}

/// Normalises the embeddings of tokens and asks for the first layer.
#[inline(always)]
pub(crate) fn begin<L: Lanes, const M: usize>(l: L, shape: &Shape, norm: &Norm, layer: &Layer, x: &mut [f32], asked: &mut [f32], room: &mut Room) {
    normalise(l, x, norm, shape.eps);
    ask::<L, M>(l, x, shape.hidden, layer, &mut room.rounded, asked);
}

/// The logits of rows, `outer` a row.
#[inline(always)]
fn classify<L: Lanes, const M: usize>(l: L, x: &[f32], plain: &Plain, out: &mut [f32]) {
    product_plain::<L, M>(l, x, plain, Cut { to: out, width: plain.outer });
}
