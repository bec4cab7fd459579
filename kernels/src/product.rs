//! Products of rows and weights. Each function is inlined into one that is compiled for a CPU's vectors.
//!
//! Rows are tokens. Buffers hold a multiple of [`ROWS`] of them; what the last ones hold beyond the tokens is of no account.
//! What is rounded to bytes is rounded by its own row alone, so that a token's numbers depend on nothing but its sequence.
//!
//! Vectors are not put through `array::map` or `array::from_fn`: these are not always inlined, and then each is a call.

#![allow(clippy::inline_always, reason = "see lanes.rs")]

use crate::buffer::Buffer;
use crate::lanes::Lanes;
use crate::weights::{Packed, Plain, Weight, Zero};

/// Rows that are worked on together, at most.
pub(crate) const ROWS: usize = 8;

/// Rows in bytes, and the step of each.
#[derive(Default)]
pub(crate) struct Rounded {
    data: Buffer<u8>,
    step: Buffer<f32>,
    width: usize,
}

impl Rounded {
    /// Rounds rows of `width` numbers.
    #[inline(always)]
    fn of<L: Lanes>(&mut self, l: L, rows: &[f32], width: usize, zero: Zero) {
        let n = rows.len() / width;
        self.data.grow(rows.len());
        self.step.grow(n);
        self.width = width;
        for ((row, to), step) in rows.chunks_exact(width).zip(self.data.chunks_exact_mut(width)).zip(self.step.iter_mut()) {
            let mut most = l.splat(0.0);
            match zero {
                Zero::Middle => {
                    for v in row.chunks_exact(L::N) {
                        most = l.max(most, l.abs(l.load(v)));
                    }
                    let (s, times) = steps(l.highest(most), 127.0);
                    *step = s;
                    bytes(l, row, to, l.splat(times), l.splat(128.0));
                }
                Zero::Least(least) => {
                    for v in row.chunks_exact(L::N) {
                        most = l.max(most, l.load(v));
                    }
                    let (s, times) = steps(l.highest(most) - least, 255.0);
                    *step = s;
                    bytes(l, row, to, l.splat(times), l.splat(-least * times));
                }
            }
        }
    }
}

/// The step of bytes up to `levels` for numbers up to `most`, and what numbers are multiplied by.
#[inline(always)]
pub(crate) fn steps(most: f32, levels: f32) -> (f32, f32) {
    if most > 1e-30 { (most / levels, levels / most) } else { (0.0, 0.0) }
}

#[inline(always)]
pub(crate) fn bytes<L: Lanes>(l: L, row: &[f32], to: &mut [u8], times: L::F, plus: L::F) {
    for (v, to) in row.chunks_exact(L::N).zip(to.chunks_exact_mut(L::N)) {
        l.store_low(l.int(l.fma(l.load(v), times, plus)), to);
    }
}

/// `M` rows times `2 × N` columns.
#[inline(always)]
pub(crate) fn tile<L: Lanes, const M: usize>(l: L, rows: [&[u8]; M], panel: &[u8], start: [L::I; 2]) -> [[L::I; 2]; M] {
    let fours = panel.len() / (8 * L::N);
    let mut chunks: [&[[u8; 4]]; M] = [&[]; M];
    for (chunks, row) in chunks.iter_mut().zip(rows) {
        *chunks = &row.as_chunks::<4>().0[..fours];
    }
    let mut sums = [start; M];
    for (i, columns) in panel.chunks_exact(8 * L::N).enumerate() {
        let left = l.load_bytes(&columns[..4 * L::N]);
        let right = l.load_bytes(&columns[4 * L::N..8 * L::N]);
        for (sums, row) in sums.iter_mut().zip(&chunks) {
            let four = l.splat_int(i32::from_le_bytes(row[i]));
            sums[0] = l.dot(sums[0], four, left);
            sums[1] = l.dot(sums[1], four, right);
        }
    }
    sums
}

/// `M` rows of `width` numbers, from row `first` on.
#[inline(always)]
pub(crate) fn rows_of<T, const M: usize>(data: &[T], width: usize, first: usize) -> [&[T]; M] {
    let mut rows: [&[T]; M] = [&[]; M];
    for (r, row) in rows.iter_mut().enumerate() {
        *row = &data[(first + r) * width..(first + r + 1) * width];
    }
    rows
}

/// The product of rounded rows and a weight. `out` is given a row, a column and `N` numbers from there on.
#[inline(always)]
pub(crate) fn product<L: Lanes, const M: usize>(l: L, rows: &Rounded, weight: &Packed, mut out: impl Sink<L>) {
    let width = 2 * L::N;
    for (p, panel) in weight.data.chunks_exact(width * weight.inner).enumerate() {
        let at = [p * width, p * width + L::N];
        let start = [l.load_ints(&weight.start[at[0]..]), l.load_ints(&weight.start[at[1]..])];
        let step = [l.load(&weight.step[at[0]..]), l.load(&weight.step[at[1]..])];
        let bias = [l.load(&weight.bias[at[0]..]), l.load(&weight.bias[at[1]..])];
        for first in (0..rows.step.len()).step_by(M) {
            let sums = tile::<L, M>(l, rows_of(&rows.data, rows.width, first), panel, start);
            for (r, sums) in sums.into_iter().enumerate() {
                let of_row = l.splat(rows.step[first + r]);
                for h in 0..2 {
                    if at[h] < weight.outer {
                        out.put(l, first + r, at[h], l.fma(l.float(sums[h]), l.mul(step[h], of_row), bias[h]));
                    }
                }
            }
        }
    }
}

/// `M` rows times `2 × N` columns in 32 bits. Meanwhile `ahead` is brought near, a line of columns every `every` steps.
#[inline(always)]
pub(crate) fn tile_plain<L: Lanes, const M: usize>(l: L, mut rows: [&[f32]; M], panel: &[f32], start: [L::F; 2], (ahead, every): (&[f32], usize)) -> [[L::F; 2]; M] {
    let inner = panel.len() / (2 * L::N);
    for row in &mut rows {
        *row = &row[..inner];
    }
    let mut sums = [start; M];
    let (mut ahead, mut wait) = (ahead.chunks_exact(2 * L::N), 0);
    for (i, columns) in panel.chunks_exact(2 * L::N).enumerate() {
        if wait == 0 {
            if let Some(line) = ahead.next() {
                l.fetch(line);
            }
            wait = every;
        }
        wait -= 1;
        let (left, right) = (l.load(columns), l.load(&columns[L::N..]));
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let number = l.splat(row[i]);
            sums[0] = l.fma(number, left, sums[0]);
            sums[1] = l.fma(number, right, sums[1]);
        }
    }
    sums
}

/// As [`product`], in 32 bits.
#[inline(always)]
pub(crate) fn product_plain<L: Lanes, const M: usize>(l: L, rows: &[f32], weight: &Plain, mut out: impl Sink<L>) {
    let width = 2 * L::N;
    for (p, panel) in weight.data.chunks_exact(width * weight.inner).enumerate() {
        let at = [p * width, p * width + L::N];
        let bias = [l.load(&weight.bias[at[0]..]), l.load(&weight.bias[at[1]..])];
        // each tile of this panel has its share of the next one brought near
        let next = weight.data.get((p + 1) * panel.len()..(p + 2) * panel.len()).unwrap_or(&[]);
        let tiles = (rows.len() / weight.inner / M).max(1);
        let share = (weight.inner.div_ceil(tiles)) * width;
        let mut ahead = next.chunks(share);
        for first in (0..rows.len() / weight.inner).step_by(M) {
            let sums = tile_plain::<L, M>(l, rows_of(rows, weight.inner, first), panel, bias, (ahead.next().unwrap_or(&[]), tiles));
            for (r, sums) in sums.into_iter().enumerate() {
                for h in 0..2 {
                    if at[h] < weight.outer {
                        out.put(l, first + r, at[h], sums[h]);
                    }
                }
            }
        }
    }
}

/// The product of rows and a weight: of rounded rows where the weight is in bytes, rounded so that `zero` is 0.
#[inline(always)]
pub(crate) fn times<L: Lanes, const M: usize>(l: L, rows: &[f32], zero: Zero, weight: &Weight, rounded: &mut Rounded, out: impl Sink<L>) {
    match weight {
        Weight::Bytes(w) => {
            rounded.of(l, rows, w.inner, zero);
            product::<L, M>(l, rounded, w, out);
        }
        Weight::Floats(w) => product_plain::<L, M>(l, rows, w, out),
    }
}

/// Where a product goes. (No closure: one with much in it would not be inlined.)
pub(crate) trait Sink<L: Lanes> {
    /// Takes `N` numbers of a row, from a column on.
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F);
}

/// Stores numbers in rows of `width`.
pub(crate) struct Store<'o> {
    pub to: &'o mut [f32],
    pub width: usize,
}

impl<L: Lanes> Sink<L> for Store<'_> {
    #[inline(always)]
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F) {
        l.store(v, &mut self.to[row * self.width + column..]);
    }
}

/// Adds numbers to rows of `width`.
pub(crate) struct Add<'o> {
    pub to: &'o mut [f32],
    pub width: usize,
}

impl<L: Lanes> Sink<L> for Add<'_> {
    #[inline(always)]
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F) {
        let to = &mut self.to[row * self.width + column..];
        l.store(l.add(v, l.load(to)), to);
    }
}

/// Stores numbers in rows of `width`, the last of which may be fewer than a vector has.
pub(crate) struct Cut<'o> {
    pub to: &'o mut [f32],
    pub width: usize,
}

impl<L: Lanes> Sink<L> for Cut<'_> {
    #[inline(always)]
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F) {
        let mut numbers = [0.0; 16];
        l.store(v, &mut numbers);
        let n = L::N.min(self.width - column);
        self.to[row * self.width + column..][..n].copy_from_slice(&numbers[..n]);
    }
}
