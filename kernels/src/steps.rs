//! The steps of a layer. Each is inlined into a function that is compiled for a CPU's vectors.
//!
//! Rows are tokens. Buffers hold a multiple of [`ROWS`] of them; what the last ones hold beyond the tokens is of no account.
//! What is rounded to bytes is rounded by its own row alone, so that a token's numbers depend on nothing but its sequence.

#![allow(clippy::inline_always, reason = "see lanes.rs")]

use crate::buffer::Buffer;
use crate::lanes::Lanes;
use crate::weights::{Layer, Norm, Packed, Plain, Weight, Zero};
use crate::{Activation, Shape};
use std::ops::Range;

/// Rows that are worked on together, at most.
pub(crate) const ROWS: usize = 8;

/// The least that GELU gives is a little above this.
pub(crate) const LEAST: f32 = -0.1701;

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
fn steps(most: f32, levels: f32) -> (f32, f32) {
    if most > 1e-30 { (most / levels, levels / most) } else { (0.0, 0.0) }
}

#[inline(always)]
fn bytes<L: Lanes>(l: L, row: &[f32], to: &mut [u8], times: L::F, plus: L::F) {
    for (v, to) in row.chunks_exact(L::N).zip(to.chunks_exact_mut(L::N)) {
        l.store_low(l.int(l.fma(l.load(v), times, plus)), to);
    }
}

/// `M` rows times `2 × N` columns.
#[inline(always)]
fn tile<L: Lanes, const M: usize>(l: L, rows: [&[u8]; M], panel: &[u8], start: [L::I; 2]) -> [[L::I; 2]; M] {
    let fours = panel.len() / (8 * L::N);
    let rows = rows.map(|r| &r.as_chunks::<4>().0[..fours]);
    let mut sums = [start; M];
    for (i, columns) in panel.chunks_exact(8 * L::N).enumerate() {
        let left = l.load_bytes(&columns[..4 * L::N]);
        let right = l.load_bytes(&columns[4 * L::N..8 * L::N]);
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let four = l.splat_int(i32::from_le_bytes(row[i]));
            sums[0] = l.dot(sums[0], four, left);
            sums[1] = l.dot(sums[1], four, right);
        }
    }
    sums
}

/// `M` rows of `width` numbers, from row `first` on.
#[inline(always)]
fn rows_of<T, const M: usize>(data: &[T], width: usize, first: usize) -> [&[T]; M] {
    std::array::from_fn(|r| &data[(first + r) * width..(first + r + 1) * width])
}

/// Where a product goes. (No closure: one with much in it would not be inlined.)
trait Sink<L: Lanes> {
    /// Takes `N` numbers of a row, from a column on.
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F);
}

/// Stores numbers in rows of `width`.
struct Store<'o> {
    to: &'o mut [f32],
    width: usize,
}

impl<L: Lanes> Sink<L> for Store<'_> {
    #[inline(always)]
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F) {
        l.store(v, &mut self.to[row * self.width + column..]);
    }
}

/// Adds numbers to rows of `width`.
struct Add<'o> {
    to: &'o mut [f32],
    width: usize,
}

impl<L: Lanes> Sink<L> for Add<'_> {
    #[inline(always)]
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F) {
        let to = &mut self.to[row * self.width + column..];
        l.store(l.add(v, l.load(to)), to);
    }
}

/// Stores what an activation gives.
struct Activate<'o, const OF: u8> {
    to: &'o mut [f32],
    width: usize,
}

const GELU: u8 = 0;
const GELU_TANH: u8 = 1;
const RELU: u8 = 2;

impl<L: Lanes, const OF: u8> Sink<L> for Activate<'_, OF> {
    #[inline(always)]
    fn put(&mut self, l: L, row: usize, column: usize, v: L::F) {
        let v = match OF {
            GELU => gelu(l, v),
            GELU_TANH => gelu_tanh(l, v),
            _ => l.max(v, l.splat(0.0)),
        };
        l.store(v, &mut self.to[row * self.width + column..]);
    }
}

/// Stores numbers in rows of `width`, the last of which may be fewer than a vector has.
struct Cut<'o> {
    to: &'o mut [f32],
    width: usize,
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

/// The product of rounded rows and a weight. `out` is given a row, a column and `N` numbers from there on.
#[inline(always)]
fn product<L: Lanes, const M: usize>(l: L, rows: &Rounded, weight: &Packed, mut out: impl Sink<L>) {
    let width = 2 * L::N;
    for (p, panel) in weight.data.chunks_exact(width * weight.inner).enumerate() {
        let at = [p * width, p * width + L::N];
        let start = at.map(|c| l.load_ints(&weight.start[c..]));
        let step = at.map(|c| l.load(&weight.step[c..]));
        let bias = at.map(|c| l.load(&weight.bias[c..]));
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

/// `M` rows times `2 × N` columns in 32 bits.
#[inline(always)]
fn tile_plain<L: Lanes, const M: usize>(l: L, rows: [&[f32]; M], panel: &[f32], start: [L::F; 2]) -> [[L::F; 2]; M] {
    let inner = panel.len() / (2 * L::N);
    let rows = rows.map(|r| &r[..inner]);
    let mut sums = [start; M];
    for (i, columns) in panel.chunks_exact(2 * L::N).enumerate() {
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
fn product_plain<L: Lanes, const M: usize>(l: L, rows: &[f32], weight: &Plain, mut out: impl Sink<L>) {
    let width = 2 * L::N;
    for (p, panel) in weight.data.chunks_exact(width * weight.inner).enumerate() {
        let at = [p * width, p * width + L::N];
        let bias = at.map(|c| l.load(&weight.bias[c..]));
        for first in (0..rows.len() / weight.inner).step_by(M) {
            let sums = tile_plain::<L, M>(l, rows_of(rows, weight.inner, first), panel, bias);
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
fn times<L: Lanes, const M: usize>(l: L, rows: &[f32], zero: Zero, weight: &Weight, rounded: &mut Rounded, out: impl Sink<L>) {
    match weight {
        Weight::Bytes(w) => {
            rounded.of(l, rows, w.inner, zero);
            product::<L, M>(l, rounded, w, out);
        }
        Weight::Floats(w) => product_plain::<L, M>(l, rows, w, out),
    }
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

/// `x × Φ(x)`: Φ by erf's approximation 7.1.28 of Abramowitz and Stegun, 3e-7.
#[inline(always)]
fn gelu<L: Lanes>(l: L, x: L::F) -> L::F {
    const TERMS: [f32; 6] = [0.000_043_063_8, 0.000_276_567_2, 0.000_152_014_3, 0.009_270_527_2, 0.042_282_012_3, 0.070_523_078_4];
    let size = l.abs(x);
    let z = l.min(l.mul(size, l.splat(std::f32::consts::FRAC_1_SQRT_2)), l.splat(6.0));
    let mut p = l.splat(TERMS[0]);
    for term in &TERMS[1..] {
        p = l.fma(p, z, l.splat(*term));
    }
    p = l.fma(p, z, l.splat(1.0));
    let p2 = l.mul(p, p);
    let p4 = l.mul(p2, p2);
    let p8 = l.mul(p4, p4);
    let rest = l.inverse(l.mul(p8, p8));
    l.fma(l.mul(size, l.splat(-0.5)), rest, l.max(x, l.splat(0.0)))
}

/// `0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))`
#[inline(always)]
fn gelu_tanh<L: Lanes>(l: L, x: L::F) -> L::F {
    // 1 / (1 + 2^-u), where u is twice what tanh is taken of, in powers of 2
    let square = l.mul(x, x);
    let u = l.mul(x, l.fma(square, l.splat(-2.302_208_2 * 0.044_715), l.splat(-2.302_208_2)));
    let u = l.min(l.max(u, l.splat(-120.0)), l.splat(120.0));
    l.mul(x, l.inverse(l.add(l.exp2(u), l.splat(1.0))))
}

/// Query, key and value of rows of `x`.
#[inline(always)]
fn ask<L: Lanes, const M: usize>(l: L, x: &[f32], hidden: usize, layer: &Layer, rounded: &mut Rounded, asked: &mut [f32]) {
    times::<L, M>(l, x, Zero::Middle, &layer.asked, rounded, Store { to: asked, width: 3 * hidden });
}

/// What one head of attention needs of a sequence.
#[derive(Default)]
pub(crate) struct Head {
    /// Queries in bytes around 128, and their steps, which make powers of 2 of the scores.
    query: Buffer<u8>,
    query_step: Buffer<f32>,
    /// Keys, packed as a weight is, a column for each token.
    key: Buffer<u8>,
    key_step: Buffer<f32>,
    key_start: Buffer<i32>,
    /// 0 for a token, far below 0 beyond the last.
    mask: Buffer<f32>,
    /// Values, packed as a weight is, a column for each number of the head.
    value: Buffer<u8>,
    value_step: Buffer<f32>,
    size: usize,
    /// Tokens, filled up to whole panels.
    tokens: usize,
}

/// What one head of attention needs of a sequence, in 32 bits.
#[derive(Default)]
pub(crate) struct PlainHead {
    /// Queries, which make powers of 2 of the scores.
    query: Buffer<f32>,
    /// Keys, packed as a weight is, a column for each token.
    key: Buffer<f32>,
    /// 0 for a token, far below 0 beyond the last.
    mask: Buffer<f32>,
    /// Values, packed as a weight is, a column for each number of the head.
    value: Buffer<f32>,
    size: usize,
    /// Tokens, filled up to whole panels.
    tokens: usize,
}

/// The heads of sequences, those of one after those of another.
pub(crate) enum Heads {
    Bytes(Vec<Head>),
    Floats(Vec<PlainHead>),
}

/// The parts of sequences among some rows. Each begins at a multiple of [`ROWS`].
#[derive(Clone, Copy)]
pub(crate) struct Rows<'s> {
    /// The first row of each sequence, and what follows the last.
    pub starts: &'s [usize],
    /// The first of the rows.
    pub first: usize,
}

impl Rows<'_> {
    /// The next part at or after row `at` of `rows`: the number of its sequence, its first row within it, and how many rows.
    #[inline(always)]
    fn part(self, at: usize, rows: usize) -> (usize, usize, usize) {
        let row = self.first + at;
        let sequence = self.starts.partition_point(|s| *s <= row) - 1;
        (sequence, row - self.starts[sequence], (self.starts[sequence + 1] - row).min(rows - at))
    }
}

/// As [`head`], in 32 bits.
#[inline(always)]
pub(crate) fn plain_head<L: Lanes>(l: L, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut PlainHead) {
    let (size, width) = (shape.hidden / shape.heads, 2 * L::N);
    let filled = tokens.next_multiple_of(width);
    let wide = size.next_multiple_of(width);
    (head.size, head.tokens) = (size, filled);
    head.query.grow(tokens.next_multiple_of(ROWS) * size);
    head.key.grow(filled * size);
    head.mask.grow(filled);
    head.value.grow(filled * wide);
    let row = |part: usize, token: usize| &asked[(token * 3 + part) * shape.hidden + number * size..][..size];
    #[allow(clippy::cast_precision_loss, reason = "the width of a head")]
    let scale = l.splat(std::f32::consts::LOG2_E / (size as f32).sqrt());
    for (t, to) in head.query.chunks_exact_mut(size).enumerate().take(tokens) {
        for (v, to) in row(0, t).chunks_exact(L::N).zip(to.chunks_exact_mut(L::N)) {
            l.store(l.mul(l.load(v), scale), to);
        }
    }
    for t in 0..filled {
        head.mask[t] = if t < tokens { 0.0 } else { -1e30 };
        let panel = t / width * width * size + t % width;
        for i in 0..size {
            head.key[panel + i * width] = if t < tokens { row(1, t)[i] } else { 0.0 };
        }
        for c in (0..size).step_by(L::N) {
            let v = if t < tokens { l.load(&row(2, t)[c..]) } else { l.splat(0.0) };
            l.store(v, &mut head.value[c / width * width * filled + t * width + c % width..]);
        }
    }
}

/// Makes a head ready: number `number` of those that `asked` has the queries, keys and values of.
#[inline(always)]
pub(crate) fn head<L: Lanes>(l: L, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut Head) {
    let (size, width) = (shape.hidden / shape.heads, 2 * L::N);
    let filled = tokens.next_multiple_of(width);
    let wide = size.next_multiple_of(width);
    (head.size, head.tokens) = (size, filled);
    let rows = tokens.next_multiple_of(ROWS);
    head.query.grow(rows * size);
    head.query_step.grow(rows);
    head.key.grow(filled * size);
    head.key_step.grow(filled);
    head.key_start.grow(filled);
    head.mask.grow(filled);
    head.value.grow(filled * wide);
    head.value_step.grow(wide);
    let row = |part: usize, token: usize| &asked[(token * 3 + part) * shape.hidden + number * size..][..size];
    #[allow(clippy::cast_precision_loss, reason = "the width of a head")]
    let scale = std::f32::consts::LOG2_E / (size as f32).sqrt();
    for (t, (to, step)) in head.query.chunks_exact_mut(size).zip(head.query_step.iter_mut()).enumerate().take(tokens) {
        let from = row(0, t);
        let (s, times) = steps(largest(l, from), 127.0);
        *step = s * scale;
        bytes(l, from, to, l.splat(times), l.splat(128.0));
    }
    for t in 0..tokens {
        let from = row(1, t);
        let (s, times) = steps(largest(l, from), L::LARGEST);
        head.key_step[t] = s;
        let times = l.splat(times);
        let mut sum = l.splat_int(0);
        let mut panel = t / width * width * size + t % width * 4;
        for v in from.chunks_exact(L::N) {
            let v = l.int(l.mul(l.load(v), times));
            sum = l.add_ints(sum, v);
            // four numbers of a token to where its columns are
            let mut four = [0; 16];
            l.store_low(l.low(v), &mut four);
            for four in four[..L::N].as_chunks::<4>().0 {
                head.key[panel..panel + 4].copy_from_slice(four);
                panel += width * 4;
            }
        }
        head.key_start[t] = -128 * l.sum_ints(sum);
        head.mask[t] = 0.0;
    }
    for t in tokens..filled {
        head.key_step[t] = 0.0;
        head.key_start[t] = 0;
        head.mask[t] = -1e30;
    }
    for c in (0..size).step_by(L::N) {
        let mut most = l.splat(0.0);
        for t in 0..tokens {
            most = l.max(most, l.abs(l.load(&row(2, t)[c..])));
        }
        let most = l.max(most, l.splat(1e-30));
        l.store(l.mul(most, l.splat(1.0 / L::LARGEST)), &mut head.value_step[c..]);
        let mut times = [0.0; 16];
        l.store(most, &mut times);
        times.iter_mut().for_each(|t| *t = L::LARGEST / *t);
        let times = l.load(&times);
        let panel = c / width * width * filled + c % width * 4;
        for (i, t) in (0..filled).step_by(4).enumerate() {
            let four = std::array::from_fn(|r| if t + r < tokens { l.int(l.mul(l.load(&row(2, t + r)[c..]), times)) } else { l.splat_int(0) });
            l.store_bytes(l.woven(four), &mut head.value[panel + i * width * 4..]);
        }
    }
}

#[inline(always)]
fn largest<L: Lanes>(l: L, row: &[f32]) -> f32 {
    let mut most = l.splat(0.0);
    for v in row.chunks_exact(L::N) {
        most = l.max(most, l.abs(l.load(v)));
    }
    l.highest(most)
}

/// Room for the steps of some rows.
#[derive(Default)]
pub(crate) struct Room {
    rounded: Rounded,
    scores: Buffer<f32>,
    shares: Buffer<u8>,
    read: Buffer<f32>,
    grown: Buffer<f32>,
}

/// What `rows` read of their sequence, where the first of them is its row `first`.
#[inline(always)]
fn attend<L: Lanes, const M: usize>(l: L, hidden: usize, heads: &[Head], first: usize, rows: Range<usize>, room: &mut Room) {
    let width = 2 * L::N;
    for (number, head) in heads.iter().enumerate() {
        let tokens = head.tokens;
        room.scores.grow(M * tokens);
        room.shares.grow(M * tokens);
        for at in rows.clone().step_by(M) {
            let mut most = [l.splat(f32::NEG_INFINITY); M];
            let query = rows_of::<_, M>(&head.query, head.size, first + at - rows.start);
            for (p, panel) in head.key.chunks_exact(width * head.size).enumerate() {
                let column = [p * width, p * width + L::N];
                let sums = tile::<L, M>(l, query, panel, column.map(|c| l.load_ints(&head.key_start[c..])));
                let step = column.map(|c| l.load(&head.key_step[c..]));
                let mask = column.map(|c| l.load(&head.mask[c..]));
                for r in 0..M {
                    let of_row = l.splat(head.query_step[first + at - rows.start + r]);
                    for h in 0..2 {
                        let score = l.fma(l.float(sums[r][h]), l.mul(step[h], of_row), mask[h]);
                        most[r] = l.max(most[r], score);
                        l.store(score, &mut room.scores[r * tokens + column[h]..]);
                    }
                }
            }
            let mut whole = [0.0; M];
            for r in 0..M {
                let highest = l.splat(l.highest(most[r]));
                let mut sum = l.splat_int(0);
                for (v, to) in room.scores[r * tokens..(r + 1) * tokens].chunks_exact(L::N).zip(room.shares[r * tokens..].chunks_exact_mut(L::N)) {
                    let share = l.int(l.mul(l.exp2(l.sub(l.load(v), highest)), l.splat(255.0)));
                    sum = l.add_ints(sum, share);
                    l.store_low(share, to);
                }
                #[allow(clippy::cast_precision_loss, reason = "a sum of bytes")]
                {
                    whole[r] = 1.0 / l.sum_ints(sum) as f32;
                }
            }
            let shares = rows_of::<_, M>(&room.shares, tokens, 0);
            for (p, panel) in head.value.chunks_exact(width * tokens).enumerate() {
                let sums = tile::<L, M>(l, shares, panel, [l.splat_int(0); 2]);
                for h in 0..2 {
                    let column = p * width + h * L::N;
                    if column < head.size {
                        let step = l.load(&head.value_step[column..]);
                        for r in 0..M {
                            let v = l.mul(l.float(sums[r][h]), l.mul(step, l.splat(whole[r])));
                            l.store(v, &mut room.read[(at + r) * hidden + number * head.size + column..]);
                        }
                    }
                }
            }
        }
    }
}

/// As [`attend`], in 32 bits.
#[inline(always)]
fn attend_plain<L: Lanes, const M: usize>(l: L, hidden: usize, heads: &[PlainHead], first: usize, rows: Range<usize>, room: &mut Room) {
    let width = 2 * L::N;
    for (number, head) in heads.iter().enumerate() {
        let tokens = head.tokens;
        room.scores.grow(M * tokens);
        for at in rows.clone().step_by(M) {
            let mut most = [l.splat(f32::NEG_INFINITY); M];
            let query = rows_of::<_, M>(&head.query, head.size, first + at - rows.start);
            for (p, panel) in head.key.chunks_exact(width * head.size).enumerate() {
                let column = [p * width, p * width + L::N];
                let sums = tile_plain::<L, M>(l, query, panel, column.map(|c| l.load(&head.mask[c..])));
                for r in 0..M {
                    for h in 0..2 {
                        most[r] = l.max(most[r], sums[r][h]);
                        l.store(sums[r][h], &mut room.scores[r * tokens + column[h]..]);
                    }
                }
            }
            let mut whole = [0.0; M];
            for r in 0..M {
                let highest = l.splat(l.highest(most[r]));
                let mut sum = l.splat(0.0);
                for v in room.scores[r * tokens..(r + 1) * tokens].chunks_exact_mut(L::N) {
                    let share = l.exp2(l.sub(l.load(v), highest));
                    sum = l.add(sum, share);
                    l.store(share, v);
                }
                whole[r] = 1.0 / l.sum(sum);
            }
            let shares = rows_of::<_, M>(&room.scores, tokens, 0);
            for (p, panel) in head.value.chunks_exact(width * tokens).enumerate() {
                let sums = tile_plain::<L, M>(l, shares, panel, [l.splat(0.0); 2]);
                for h in 0..2 {
                    let column = p * width + h * L::N;
                    if column < head.size {
                        for r in 0..M {
                            l.store(l.mul(sums[r][h], l.splat(whole[r])), &mut room.read[(at + r) * hidden + number * head.size + column..]);
                        }
                    }
                }
            }
        }
    }
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
