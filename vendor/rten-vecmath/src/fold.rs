use rten_simd::ops::NumOps;
use rten_simd::{Elem, SimdIterable};

/// Reduces a slice to one vector, `UNROLL` vectors beside one another.
///
/// As `rten_simd::Iter::fold_unroll`, but always inlined: compiled on its own
/// it has none of the target features of the function it stands in, and every
/// vector operation becomes a call.
#[inline(always)]
pub(crate) fn fold_unroll<const UNROLL: usize, T: Elem, O: NumOps<T>>(
    ops: O,
    mut xs: &[T],
    accum: O::Simd,
    mut fold: impl FnMut(O::Simd, O::Simd) -> O::Simd,
    mut fold_acc: impl FnMut(O::Simd, O::Simd) -> O::Simd,
) -> O::Simd {
    let v_len = ops.len();
    let mut acc = [accum; UNROLL];
    while let Some((chunk, rest)) = xs.split_at_checked(v_len * UNROLL) {
        for i in 0..UNROLL {
            // Safety: `i < UNROLL` and `chunk` has `v_len * UNROLL` elements.
            let x = unsafe { ops.load_ptr(chunk.as_ptr().add(v_len * i)) };
            acc[i] = fold(acc[i], x);
        }
        xs = rest;
    }
    let mut sum = acc[0];
    for i in 1..UNROLL {
        sum = fold_acc(sum, acc[i]);
    }
    while let Some((chunk, rest)) = xs.split_at_checked(v_len) {
        // Safety: `chunk` has `v_len` elements.
        sum = fold(sum, unsafe { ops.load_ptr(chunk.as_ptr()) });
        xs = rest;
    }
    if let Some((tail, mask)) = xs.simd_iter(ops).tail() {
        let new = fold(sum, tail);
        sum = ops.select(new, sum, mask);
    }
    sum
}
