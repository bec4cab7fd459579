//! The steps compiled for the vectors of each CPU.

use crate::Shape;
use crate::attention::{self, Head, Heads, PlainHead, Rows};
use crate::layer::{self, Next, Room};
use crate::weights::{Dense, Layer, Norm, Packed, Plain, Zero};

/// The steps, for the vectors of one kind of CPU.
pub(crate) trait Cpu: Send + Sync {
    /// What its vectors are called.
    fn name(&self) -> &'static str;
    fn pack(&self, parts: &[Dense<'_>], inner: usize, zero: Zero) -> Packed;
    fn plain(&self, parts: &[Dense<'_>], inner: usize) -> Plain;
    fn begin(&self, shape: &Shape, norm: &Norm, layer: &Layer, x: &mut [f32], asked: &mut [f32], room: &mut Room);
    fn head(&self, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut Head);
    fn plain_head(&self, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut PlainHead);
    #[allow(clippy::too_many_arguments, reason = "a step has all of these")]
    fn layer(&self, shape: &Shape, layer: &Layer, heads: &Heads, of: Rows<'_>, x: &mut [f32], next: &Next<'_>, out: &mut [f32], room: &mut Room);
}

/// The widest vectors of this CPU that there are steps for; none where it has none of them.
pub(crate) fn this() -> Option<Box<dyn Cpu>> {
    #[cfg(target_arch = "x86_64")]
    {
        x86::all().into_iter().next()
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        None
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    use super::*;
    use crate::lanes::{Avx2, Avx512};

    /// All that this CPU has, the widest first.
    pub(crate) fn all() -> Vec<Box<dyn Cpu>> {
        let mut found: Vec<Box<dyn Cpu>> = Vec::new();
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw") && is_x86_feature_detected!("avx512vl") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the CPU has them
            found.push(Box::new(With512(unsafe { Avx512::new() })));
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            if is_x86_feature_detected!("avxvnni") {
                // SAFETY: the CPU has them
                found.push(Box::new(With256Vnni(unsafe { Avx2::new() })));
            }
            // SAFETY: the CPU has them
            found.push(Box::new(With256(unsafe { Avx2::new() })));
        }
        found
    }

    macro_rules! cpu {
        ($cpu:ident, $lanes:ty, $rows:literal, $name:literal, $features:literal) => {
            struct $cpu($lanes);

            impl Cpu for $cpu {
                fn name(&self) -> &'static str {
                    $name
                }
                fn pack(&self, parts: &[Dense<'_>], inner: usize, zero: Zero) -> Packed {
                    Packed::new::<$lanes>(parts, inner, zero)
                }
                fn plain(&self, parts: &[Dense<'_>], inner: usize) -> Plain {
                    Plain::new::<$lanes>(parts, inner)
                }
                fn begin(&self, shape: &Shape, norm: &Norm, layer: &Layer, x: &mut [f32], asked: &mut [f32], room: &mut Room) {
                    #[target_feature(enable = $features)]
                    fn run(l: $lanes, shape: &Shape, norm: &Norm, layer: &Layer, x: &mut [f32], asked: &mut [f32], room: &mut Room) {
                        layer::begin::<$lanes, $rows>(l, shape, norm, layer, x, asked, room);
                    }
                    // SAFETY: the CPU has the vectors, since there is a value of them
                    unsafe { run(self.0, shape, norm, layer, x, asked, room) }
                }
                fn head(&self, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut Head) {
                    #[target_feature(enable = $features)]
                    fn run(l: $lanes, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut Head) {
                        attention::head(l, shape, number, asked, tokens, head);
                    }
                    // SAFETY: as above
                    unsafe { run(self.0, shape, number, asked, tokens, head) }
                }
                fn plain_head(&self, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut PlainHead) {
                    #[target_feature(enable = $features)]
                    fn run(l: $lanes, shape: &Shape, number: usize, asked: &[f32], tokens: usize, head: &mut PlainHead) {
                        attention::plain_head(l, shape, number, asked, tokens, head);
                    }
                    // SAFETY: as above
                    unsafe { run(self.0, shape, number, asked, tokens, head) }
                }
                fn layer(&self, shape: &Shape, layer: &Layer, heads: &Heads, of: Rows<'_>, x: &mut [f32], next: &Next<'_>, out: &mut [f32], room: &mut Room) {
                    #[target_feature(enable = $features)]
                    #[allow(clippy::too_many_arguments)]
                    fn run(l: $lanes, shape: &Shape, layer: &Layer, heads: &Heads, of: Rows<'_>, x: &mut [f32], next: &Next<'_>, out: &mut [f32], room: &mut Room) {
                        layer::layer::<$lanes, $rows>(l, shape, layer, heads, of, x, next, out, room);
                    }
                    // SAFETY: as above
                    unsafe { run(self.0, shape, layer, heads, of, x, next, out, room) }
                }
            }
        };
    }

    cpu!(With512, Avx512, 8, "AVX-512 VNNI", "avx512f,avx512bw,avx512vl,avx512vnni,avx2,fma,bmi1,bmi2");
    cpu!(With256Vnni, Avx2<true>, 4, "AVX-VNNI", "avx2,fma,avxvnni");
    cpu!(With256, Avx2<false>, 4, "AVX2", "avx2,fma");
}
