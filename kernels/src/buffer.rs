//! Memory that begins where a line of the cache does.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// A number whose every pattern of bits is one.
///
/// # Safety
/// Only of types without padding and without patterns that are none of theirs, whose alignment divides 64.
pub(crate) unsafe trait Plain: Copy {}
// SAFETY: as the trait asks
unsafe impl Plain for u8 {}
// SAFETY: as the trait asks
unsafe impl Plain for i32 {}
// SAFETY: as the trait asks
unsafe impl Plain for f32 {}

/// So many numbers, 0 at first, whose first begins a line of the cache: no vector of 64 bytes lies in two.
#[derive(Default)]
pub(crate) struct Buffer<T> {
    lines: Vec<Line>,
    len: usize,
    of: PhantomData<T>,
}

impl<T: Plain> Buffer<T> {
    pub fn new(len: usize) -> Self {
        let mut new = Self { lines: Vec::new(), len: 0, of: PhantomData };
        new.grow(len);
        new
    }

    /// Makes room for `len` numbers. What is in them is of no account.
    pub fn grow(&mut self, len: usize) {
        let lines = (len * size_of::<T>()).div_ceil(64);
        if lines > self.lines.len() {
            self.lines.resize(lines, Line([0; 64]));
        }
        self.len = len;
    }
}

impl<T: Plain> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the lines have at least `len` numbers, all of them written, aligned as `Plain` has it
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

impl<T: Plain> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above, and the borrow is the only one
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}
