//! Vectors of a CPU: what the steps of an encoder need of them.
//!
//! Every method is inlined into a function that is compiled for the CPU's vectors ([`crate::cpu`]); nowhere else are they called.

#![allow(clippy::inline_always, reason = "a vector that is not inlined is passed in memory, by a function without vectors")]

/// `N` numbers at a time.
///
/// # Safety
/// A value may be made only where the CPU has what the implementation is compiled for.
pub(crate) unsafe trait Lanes: Copy + Send + Sync + 'static {
    /// Numbers in 32 bits.
    type F: Copy;
    /// Integers in 32 bits, or four times as many bytes.
    type I: Copy;
    /// How many there are in a vector.
    const N: usize;
    /// The largest number of the second factor of [`Self::dot`].
    const LARGEST: f32;

    /// The first `N` of `from`.
    fn load(self, from: &[f32]) -> Self::F;
    /// Has `2 × N` numbers brought near, that are read soon.
    fn fetch(self, from: &[f32]);
    /// To the first `N` of `to`.
    fn store(self, v: Self::F, to: &mut [f32]);
    fn splat(self, x: f32) -> Self::F;
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a × b + c`
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    fn max(self, a: Self::F, b: Self::F) -> Self::F;
    fn min(self, a: Self::F, b: Self::F) -> Self::F;
    fn abs(self, a: Self::F) -> Self::F;
    /// `1 / a`, to 2e-7 of it; `a` is at least 1 and far below the largest number.
    fn inverse(self, a: Self::F) -> Self::F;
    /// 2 to the power of `a`, to 2e-6 of it; 0 far below 0. `a` is at most 127.
    fn exp2(self, a: Self::F) -> Self::F;
    fn sum(self, a: Self::F) -> f32;
    fn highest(self, a: Self::F) -> f32;

    fn load_ints(self, from: &[i32]) -> Self::I;
    /// The first `4 × N` of `from`.
    fn load_bytes(self, from: &[u8]) -> Self::I;
    /// To the first `4 × N` of `to`.
    fn store_bytes(self, v: Self::I, to: &mut [u8]);
    /// The same integer everywhere.
    fn splat_int(self, x: i32) -> Self::I;
    fn add_ints(self, a: Self::I, b: Self::I) -> Self::I;
    fn sum_ints(self, a: Self::I) -> i32;
    fn float(self, a: Self::I) -> Self::F;
    /// The nearest integers, the even one of two.
    fn int(self, a: Self::F) -> Self::I;
    /// The lowest byte of each integer.
    fn low(self, v: Self::I) -> Self::I;
    /// The lowest byte of each integer, to the first `N` of `to`. The integers are 0 to 255.
    fn store_low(self, v: Self::I, to: &mut [u8]);
    /// The lowest bytes of four vectors: those of the first number together, then those of the second.
    fn woven(self, rows: [Self::I; 4]) -> Self::I;
    /// `sum` and the products of four bytes of `a`, 0 to 255, and four of `b`, no larger than `LARGEST`.
    fn dot(self, sum: Self::I, a: Self::I, b: Self::I) -> Self::I;
}

/// 2 to the power of a number between -0.5 and 0.5: the series of exp, a term at a time.
const SERIES: [f32; 5] = [0.001_333_355_8, 0.009_618_129, 0.055_504_11, 0.240_226_5, std::f32::consts::LN_2];

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Lanes, SERIES};
    use std::arch::x86_64::*;

    /// AVX-512 with VNNI: vectors of 16.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx512(());

    impl Avx512 {
        /// # Safety
        /// The CPU must have AVX-512 F, BW, VL and VNNI.
        pub const unsafe fn new() -> Self {
            Self(())
        }
    }

    // every method: the CPU has the instruction, since there is a value; `first` has as many numbers as are read or written
    // SAFETY: a value is made only by `new`
    #[allow(clippy::undocumented_unsafe_blocks, reason = "said above for all of them")]
    unsafe impl Lanes for Avx512 {
        type F = __m512;
        type I = __m512i;
        const N: usize = 16;
        const LARGEST: f32 = 127.0;

        #[inline(always)]
        fn load(self, from: &[f32]) -> __m512 {
            unsafe { _mm512_loadu_ps(from[..16].as_ptr()) }
        }
        #[inline(always)]
        fn fetch(self, from: &[f32]) {
            for line in from[..32].chunks_exact(16) {
                unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) }
            }
        }
        #[inline(always)]
        fn store(self, v: __m512, to: &mut [f32]) {
            unsafe { _mm512_storeu_ps(to[..16].as_mut_ptr(), v) }
        }
        #[inline(always)]
        fn splat(self, x: f32) -> __m512 {
            unsafe { _mm512_set1_ps(x) }
        }
        #[inline(always)]
        fn add(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_add_ps(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_sub_ps(a, b) }
        }
        #[inline(always)]
        fn mul(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_mul_ps(a, b) }
        }
        #[inline(always)]
        fn fma(self, a: __m512, b: __m512, c: __m512) -> __m512 {
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        fn max(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_max_ps(a, b) }
        }
        #[inline(always)]
        fn min(self, a: __m512, b: __m512) -> __m512 {
            unsafe { _mm512_min_ps(a, b) }
        }
        #[inline(always)]
        fn abs(self, a: __m512) -> __m512 {
            unsafe { _mm512_abs_ps(a) }
        }
        #[inline(always)]
        fn inverse(self, a: __m512) -> __m512 {
            // 14 bits, and one step of Newton's for twice as many
            unsafe {
                let rough = _mm512_rcp14_ps(a);
                _mm512_mul_ps(rough, _mm512_fnmadd_ps(a, rough, _mm512_set1_ps(2.0)))
            }
        }
        #[inline(always)]
        fn exp2(self, a: __m512) -> __m512 {
            unsafe {
                let whole = _mm512_roundscale_ps::<8>(a);
                let rest = _mm512_sub_ps(a, whole);
                let mut p = _mm512_set1_ps(SERIES[0]);
                for term in &SERIES[1..] {
                    p = _mm512_fmadd_ps(p, rest, _mm512_set1_ps(*term));
                }
                _mm512_scalef_ps(_mm512_fmadd_ps(p, rest, _mm512_set1_ps(1.0)), whole)
            }
        }
        #[inline(always)]
        fn sum(self, a: __m512) -> f32 {
            unsafe { _mm512_reduce_add_ps(a) }
        }
        #[inline(always)]
        fn highest(self, a: __m512) -> f32 {
            unsafe { _mm512_reduce_max_ps(a) }
        }
        #[inline(always)]
        fn load_ints(self, from: &[i32]) -> __m512i {
            unsafe { _mm512_loadu_si512(from[..16].as_ptr().cast()) }
        }
        #[inline(always)]
        fn load_bytes(self, from: &[u8]) -> __m512i {
            unsafe { _mm512_loadu_si512(from[..64].as_ptr().cast()) }
        }
        #[inline(always)]
        fn store_bytes(self, v: __m512i, to: &mut [u8]) {
            unsafe { _mm512_storeu_si512(to[..64].as_mut_ptr().cast(), v) }
        }
        #[inline(always)]
        fn splat_int(self, x: i32) -> __m512i {
            unsafe { _mm512_set1_epi32(x) }
        }
        #[inline(always)]
        fn add_ints(self, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_add_epi32(a, b) }
        }
        #[inline(always)]
        fn sum_ints(self, a: __m512i) -> i32 {
            unsafe { _mm512_reduce_add_epi32(a) }
        }
        #[inline(always)]
        fn float(self, a: __m512i) -> __m512 {
            unsafe { _mm512_cvtepi32_ps(a) }
        }
        #[inline(always)]
        fn int(self, a: __m512) -> __m512i {
            unsafe { _mm512_cvtps_epi32(a) }
        }
        #[inline(always)]
        fn low(self, v: __m512i) -> __m512i {
            unsafe { _mm512_and_si512(v, _mm512_set1_epi32(255)) }
        }
        #[inline(always)]
        fn store_low(self, v: __m512i, to: &mut [u8]) {
            unsafe { _mm_storeu_si128(to[..16].as_mut_ptr().cast(), _mm512_cvtepi32_epi8(v)) }
        }
        #[inline(always)]
        fn woven(self, [a, b, c, d]: [__m512i; 4]) -> __m512i {
            unsafe {
                let low = _mm512_set1_epi32(255);
                let ab = _mm512_or_si512(_mm512_and_si512(a, low), _mm512_slli_epi32::<8>(_mm512_and_si512(b, low)));
                let cd = _mm512_or_si512(_mm512_and_si512(c, low), _mm512_slli_epi32::<8>(d));
                _mm512_or_si512(ab, _mm512_slli_epi32::<16>(cd))
            }
        }
        #[inline(always)]
        fn dot(self, sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
            unsafe { _mm512_dpbusd_epi32(sum, a, b) }
        }
    }

    /// AVX2 with FMA: vectors of 8. With `VNNI` four products are one instruction; without, two of them are added in 16
    /// bits, which weights of 7 bits do not overflow.
    #[derive(Clone, Copy)]
    pub(crate) struct Avx2<const VNNI: bool>(());

    impl<const VNNI: bool> Avx2<VNNI> {
        /// # Safety
        /// The CPU must have AVX2 and FMA, and AVX-VNNI where `VNNI`.
        pub const unsafe fn new() -> Self {
            Self(())
        }
    }

    // SAFETY: as above
    #[allow(clippy::undocumented_unsafe_blocks, reason = "said above for all of them")]
    unsafe impl<const VNNI: bool> Lanes for Avx2<VNNI> {
        type F = __m256;
        type I = __m256i;
        const N: usize = 8;
        const LARGEST: f32 = if VNNI { 127.0 } else { 63.0 };

        #[inline(always)]
        fn load(self, from: &[f32]) -> __m256 {
            unsafe { _mm256_loadu_ps(from[..8].as_ptr()) }
        }
        #[inline(always)]
        fn fetch(self, from: &[f32]) {
            for line in from[..16].chunks_exact(16) {
                unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) }
            }
        }
        #[inline(always)]
        fn store(self, v: __m256, to: &mut [f32]) {
            unsafe { _mm256_storeu_ps(to[..8].as_mut_ptr(), v) }
        }
        #[inline(always)]
        fn splat(self, x: f32) -> __m256 {
            unsafe { _mm256_set1_ps(x) }
        }
        #[inline(always)]
        fn add(self, a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_add_ps(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_sub_ps(a, b) }
        }
        #[inline(always)]
        fn mul(self, a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_mul_ps(a, b) }
        }
        #[inline(always)]
        fn fma(self, a: __m256, b: __m256, c: __m256) -> __m256 {
            unsafe { _mm256_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        fn max(self, a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_max_ps(a, b) }
        }
        #[inline(always)]
        fn min(self, a: __m256, b: __m256) -> __m256 {
            unsafe { _mm256_min_ps(a, b) }
        }
        #[inline(always)]
        fn abs(self, a: __m256) -> __m256 {
            unsafe { _mm256_andnot_ps(_mm256_set1_ps(-0.0), a) }
        }
        #[inline(always)]
        fn inverse(self, a: __m256) -> __m256 {
            unsafe { _mm256_div_ps(_mm256_set1_ps(1.0), a) }
        }
        #[inline(always)]
        fn exp2(self, a: __m256) -> __m256 {
            unsafe {
                // below this 2 to the power of it is no normal number
                let a = _mm256_max_ps(a, _mm256_set1_ps(-126.0));
                let whole = _mm256_round_ps::<8>(a);
                let rest = _mm256_sub_ps(a, whole);
                let mut p = _mm256_set1_ps(SERIES[0]);
                for term in &SERIES[1..] {
                    p = _mm256_fmadd_ps(p, rest, _mm256_set1_ps(*term));
                }
                let p = _mm256_fmadd_ps(p, rest, _mm256_set1_ps(1.0));
                let times = _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(whole), _mm256_set1_epi32(127)));
                _mm256_mul_ps(p, _mm256_castsi256_ps(times))
            }
        }
        #[inline(always)]
        fn sum(self, a: __m256) -> f32 {
            unsafe {
                let half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
                let two = _mm_add_ps(half, _mm_movehl_ps(half, half));
                _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
            }
        }
        #[inline(always)]
        fn highest(self, a: __m256) -> f32 {
            unsafe {
                let half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
                let two = _mm_max_ps(half, _mm_movehl_ps(half, half));
                _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
            }
        }
        #[inline(always)]
        fn load_ints(self, from: &[i32]) -> __m256i {
            unsafe { _mm256_loadu_si256(from[..8].as_ptr().cast()) }
        }
        #[inline(always)]
        fn load_bytes(self, from: &[u8]) -> __m256i {
            unsafe { _mm256_loadu_si256(from[..32].as_ptr().cast()) }
        }
        #[inline(always)]
        fn store_bytes(self, v: __m256i, to: &mut [u8]) {
            unsafe { _mm256_storeu_si256(to[..32].as_mut_ptr().cast(), v) }
        }
        #[inline(always)]
        fn splat_int(self, x: i32) -> __m256i {
            unsafe { _mm256_set1_epi32(x) }
        }
        #[inline(always)]
        fn add_ints(self, a: __m256i, b: __m256i) -> __m256i {
            unsafe { _mm256_add_epi32(a, b) }
        }
        #[inline(always)]
        fn sum_ints(self, a: __m256i) -> i32 {
            unsafe {
                let half = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256::<1>(a));
                let two = _mm_add_epi32(half, _mm_shuffle_epi32::<0b0100_1110>(half));
                _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b1011_0001>(two)))
            }
        }
        #[inline(always)]
        fn float(self, a: __m256i) -> __m256 {
            unsafe { _mm256_cvtepi32_ps(a) }
        }
        #[inline(always)]
        fn int(self, a: __m256) -> __m256i {
            unsafe { _mm256_cvtps_epi32(a) }
        }
        #[inline(always)]
        fn low(self, v: __m256i) -> __m256i {
            unsafe { _mm256_and_si256(v, _mm256_set1_epi32(255)) }
        }
        #[inline(always)]
        fn store_low(self, v: __m256i, to: &mut [u8]) {
            unsafe {
                let words = _mm_packus_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256::<1>(v));
                _mm_storel_epi64(to[..8].as_mut_ptr().cast(), _mm_packus_epi16(words, words));
            }
        }
        #[inline(always)]
        fn woven(self, [a, b, c, d]: [__m256i; 4]) -> __m256i {
            unsafe {
                let low = _mm256_set1_epi32(255);
                let ab = _mm256_or_si256(_mm256_and_si256(a, low), _mm256_slli_epi32::<8>(_mm256_and_si256(b, low)));
                let cd = _mm256_or_si256(_mm256_and_si256(c, low), _mm256_slli_epi32::<8>(d));
                _mm256_or_si256(ab, _mm256_slli_epi32::<16>(cd))
            }
        }
        #[inline(always)]
        fn dot(self, sum: __m256i, a: __m256i, b: __m256i) -> __m256i {
            unsafe { if VNNI { _mm256_dpbusd_avx_epi32(sum, a, b) } else { _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), _mm256_set1_epi16(1))) } }
        }
    }
}
