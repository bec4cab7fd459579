//! Attention: what each token reads of its sequence, a head at a time.

#![allow(clippy::inline_always, reason = "see lanes.rs")]

use crate::Shape;
use crate::buffer::Buffer;
use crate::lanes::Lanes;
use crate::layer::Room;
use crate::product::{ROWS, bytes, rows_of, steps, tile, tile_plain};
use std::ops::Range;

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
    pub fn part(self, at: usize, rows: usize) -> (usize, usize, usize) {
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
    for (p, panel) in head.key.chunks_exact_mut(width * size).enumerate() {
        let n = tokens.saturating_sub(p * width).min(width);
        for (i, column) in panel.chunks_exact_mut(width).enumerate() {
            for (j, to) in column[..n].iter_mut().enumerate() {
                *to = row(1, p * width + j)[i];
            }
            column[n..].fill(0.0);
        }
    }
    for t in 0..filled {
        head.mask[t] = if t < tokens { 0.0 } else { -1e30 };
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
            let mut four = [l.splat_int(0); 4];
            for (r, four) in four.iter_mut().enumerate().take(tokens.saturating_sub(t)) {
                *four = l.int(l.mul(l.load(&row(2, t + r)[c..]), times));
            }
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

/// What `rows` read of their sequence, where the first of them is its row `first`.
#[inline(always)]
pub(crate) fn attend<L: Lanes, const M: usize>(l: L, hidden: usize, heads: &[Head], first: usize, rows: Range<usize>, room: &mut Room) {
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
                let sums = tile::<L, M>(l, query, panel, [l.load_ints(&head.key_start[column[0]..]), l.load_ints(&head.key_start[column[1]..])]);
                let step = [l.load(&head.key_step[column[0]..]), l.load(&head.key_step[column[1]..])];
                let mask = [l.load(&head.mask[column[0]..]), l.load(&head.mask[column[1]..])];
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
                let column = [p * width, p * width + L::N];
                let step = [l.load(&head.value_step[column[0]..]), l.load(&head.value_step[column[1]..])];
                for r in 0..M {
                    for (h, column) in column.into_iter().enumerate().filter(|(_, c)| *c < head.size) {
                        let v = l.mul(l.float(sums[r][h]), l.mul(step[h], l.splat(whole[r])));
                        l.store(v, &mut room.read[(at + r) * hidden + number * head.size + column..]);
                    }
                }
            }
        }
    }
}

/// As [`attend`], in 32 bits.
#[inline(always)]
pub(crate) fn attend_plain<L: Lanes, const M: usize>(l: L, hidden: usize, heads: &[PlainHead], first: usize, rows: Range<usize>, room: &mut Room) {
    let width = 2 * L::N;
    for (number, head) in heads.iter().enumerate() {
        let tokens = head.tokens;
        room.scores.grow(M * tokens);
        for at in rows.clone().step_by(M) {
            let mut most = [l.splat(f32::NEG_INFINITY); M];
            let query = rows_of::<_, M>(&head.query, head.size, first + at - rows.start);
            for (p, panel) in head.key.chunks_exact(width * head.size).enumerate() {
                let column = [p * width, p * width + L::N];
                let sums = tile_plain::<L, M>(l, query, panel, [l.load(&head.mask[column[0]..]), l.load(&head.mask[column[1]..])], (&[], 1));
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
                let sums = tile_plain::<L, M>(l, shares, panel, [l.splat(0.0); 2], (&[], 1));
                for r in 0..M {
                    for (h, column) in [p * width, p * width + L::N].into_iter().enumerate().filter(|(_, c)| *c < head.size) {
                        l.store(l.mul(sums[r][h], l.splat(whole[r])), &mut room.read[(at + r) * hidden + number * head.size + column..]);
                    }
                }
            }
        }
    }
}
