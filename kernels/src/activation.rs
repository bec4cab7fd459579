//! What stands between the two layers of a feed-forward step.

#![allow(clippy::inline_always, reason = "see lanes.rs")]

use crate::lanes::Lanes;
use crate::product::Sink;

/// The least that GELU gives is a little above this.
pub(crate) const LEAST: f32 = -0.1701;

/// Stores what an activation gives.
pub(crate) struct Activate<'o, const OF: u8> {
    pub to: &'o mut [f32],
    pub width: usize,
}

pub(crate) const GELU: u8 = 0;
pub(crate) const GELU_TANH: u8 = 1;
pub(crate) const RELU: u8 = 2;

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

/// `x × Φ(x)`: Φ by erf's approximation 7.1.28 of Abramowitz and Stegun, 3e-7.
#[inline(always)]
fn gelu<L: Lanes>(l: L, x: L::F) -> L::F {
    #[allow(clippy::excessive_precision, reason = "as they are printed")]
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
