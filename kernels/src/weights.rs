//! Weights as the steps read them.

use crate::buffer::Buffer;
use crate::lanes::Lanes;

/// A layer's weight, `outer × inner`, a row for each number that it gives, and its bias, `outer`.
#[derive(Debug, Clone, Copy)]
pub struct Dense<'w> {
    /// The weight.
    pub weight: &'w [f32],
    /// The bias.
    pub bias: &'w [f32],
}

/// A layer normalisation.
#[derive(Debug, Clone, Default)]
pub struct Norm {
    /// What each number is multiplied by.
    pub weight: Vec<f32>,
    /// What is added to it.
    pub bias: Vec<f32>,
}

/// How numbers became bytes: `(byte - zero) × step`, the step that of the row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Zero {
    /// Around 0: it is the byte 128.
    Middle,
    /// From the least upwards: the byte 0 is this number.
    Least(f32),
}

/// A weight in bytes, `2 × N` columns beside one another: of each column four bytes, then the next four of each.
pub(crate) struct Packed {
    pub data: Buffer<u8>,
    /// What the sum of each column begins with: the products of the byte that is 0.
    pub start: Buffer<i32>,
    /// What a column's sum is multiplied by.
    pub step: Buffer<f32>,
    pub bias: Buffer<f32>,
    pub inner: usize,
    pub outer: usize,
}

impl Packed {
    /// `inner` is a multiple of 4.
    pub fn new<L: Lanes>(parts: &[Dense<'_>], inner: usize, zero: Zero) -> Self {
        let outer: usize = parts.iter().map(|p| p.bias.len()).sum();
        let width = 2 * L::N;
        let wide = outer.next_multiple_of(width);
        let mut new = Self { data: Buffer::new(wide * inner), start: Buffer::new(wide), step: Buffer::new(wide), bias: Buffer::new(wide), inner, outer };
        let rows = parts.iter().flat_map(|p| p.weight.chunks_exact(inner).zip(p.bias));
        for (c, (row, bias)) in rows.enumerate() {
            let step = row.iter().fold(0f32, |m, w| m.max(w.abs())) / L::LARGEST;
            let step = if step > 0.0 && step.is_finite() { step } else { 1.0 };
            let panel = c / width * width * inner + c % width * 4;
            let mut sum = 0i32;
            for (i, w) in row.iter().enumerate() {
                #[allow(clippy::cast_possible_truncation, reason = "it is rounded, and within what 8 bits hold")]
                let byte = (w / step).round() as i8;
                sum += i32::from(byte);
                new.data[panel + i / 4 * width * 4 + i % 4] = byte.to_le_bytes()[0];
            }
            new.step[c] = step;
            match zero {
                Zero::Middle => {
                    new.start[c] = -128 * sum;
                    new.bias[c] = *bias;
                }
                #[allow(clippy::cast_precision_loss, reason = "the sum of a few thousand bytes")]
                Zero::Least(least) => new.bias[c] = bias + least * step * sum as f32,
            }
        }
        new
    }
}

/// A weight in 32 bits, `2 × N` columns beside one another.
pub(crate) struct Plain {
    pub data: Buffer<f32>,
    pub bias: Buffer<f32>,
    pub inner: usize,
    pub outer: usize,
}

impl Plain {
    pub fn new<L: Lanes>(parts: &[Dense<'_>], inner: usize) -> Self {
        let outer: usize = parts.iter().map(|p| p.bias.len()).sum();
        let width = 2 * L::N;
        let wide = outer.next_multiple_of(width);
        let mut new = Self { data: Buffer::new(wide * inner), bias: Buffer::new(wide), inner, outer };
        let rows = parts.iter().flat_map(|p| p.weight.chunks_exact(inner).zip(p.bias));
        for (c, (row, bias)) in rows.enumerate() {
            new.bias[c] = *bias;
            for (i, w) in row.iter().enumerate() {
                new.data[(c / width * inner + i) * width + c % width] = *w;
            }
        }
        new
    }
}

/// A weight as it is multiplied with.
pub(crate) enum Weight {
    Bytes(Packed),
    Floats(Plain),
}

/// A layer of an encoder.
pub(crate) struct Layer {
    /// Query, key and value.
    pub asked: Weight,
    pub read: Weight,
    pub read_norm: Norm,
    pub up: Weight,
    pub down: Weight,
    pub norm: Norm,
}
