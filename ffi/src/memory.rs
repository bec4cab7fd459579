//! Pointers that a caller gave: checked for null here, and nowhere else read or written.

use crate::boundary::{Failure, guard};
use crate::result::karuta_result as R;
use std::ffi::{CStr, CString, c_char};
use std::mem::MaybeUninit;

/// No structure of this interface is larger.
const LARGEST: usize = 4096;

/// A structure whose first field is its size as the caller's header has it.
///
/// # Safety
/// `repr(C)`, `size: usize` is the first field, every other field is an integer, a float, a raw pointer or an
/// optional function pointer, so that all zeros is a value.
pub(crate) unsafe trait Versioned: Copy {
    /// The size in the first version of the interface.
    const FIRST: usize;
}

/// The size of a structure up to and with the field that was the last one in the first version.
macro_rules! first {
    ($field:ident: $type:ty) => {
        std::mem::offset_of!(Self, $field) + size_of::<$type>()
    };
}
pub(crate) use first;

/// The value behind `p`.
///
/// # Safety
/// `p` is null or points to a live `T` that nothing changes during `'a`.
pub(crate) unsafe fn reference<'a, T>(p: *const T, what: &str) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise; null gives None
    unsafe { p.as_ref() }.ok_or_else(|| null(what))
}

/// `length` bytes from `p`. A null pointer with no length is an empty text.
///
/// # Safety
/// `p` is null or points to `length` readable bytes that nothing changes during `'a`.
pub(crate) unsafe fn bytes<'a>(p: *const u8, length: usize, what: &str) -> Result<&'a [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if p.is_null() {
        return Err(null(what));
    }
    if isize::try_from(length).is_err() {
        return Err(Failure::new(R::KARUTA_INVALID_ARGUMENT, format!("{what}: a length of {length}, expected one that fits the address space")));
    }
    // SAFETY: not null, and the caller's promise
    Ok(unsafe { std::slice::from_raw_parts(p, length) })
}

/// A NUL-terminated UTF-8 string; `None` for null.
///
/// # Safety
/// `p` is null or points to a NUL-terminated string that nothing changes during `'a`.
pub(crate) unsafe fn optional_str<'a>(p: *const c_char, what: &str) -> Result<Option<&'a str>, Failure> {
    if p.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, and the caller's promise
    let s = unsafe { CStr::from_ptr(p) };
    let invalid = |e: std::str::Utf8Error| Failure::new(R::KARUTA_INVALID_UTF8, format!("{what}: {e}, expected UTF-8"));
    s.to_str().map(Some).map_err(invalid)
}

/// Writes `value` where the caller wants it.
///
/// # Safety
/// `out` is null or points to memory for a `T`.
pub(crate) unsafe fn put<T>(out: *mut T, value: T, what: &str) -> Result<(), Failure> {
    if out.is_null() {
        return Err(null(what));
    }
    // SAFETY: not null, and the caller's promise; what stood there is the caller's and is not dropped
    unsafe { out.write(value) };
    Ok(())
}

/// Reads a structure that a caller built with a header of any version. What it does not have is zero.
///
/// # Safety
/// `p` is null or points to as many readable bytes as its first field says.
pub(crate) unsafe fn read<T: Versioned>(p: *const T, what: &str) -> Result<T, Failure> {
    // SAFETY: the caller's promise
    let size = unsafe { size_of_caller::<T>(p, what) }?;
    let known = size.min(size_of::<T>());
    // SAFETY: `size` bytes are readable
    let rest = unsafe { std::slice::from_raw_parts(p.cast::<u8>().wrapping_add(known), size - known) };
    if rest.iter().any(|b| *b != 0) {
        return Err(Failure::new(R::KARUTA_UNSUPPORTED, format!("{what}: a field that this version of karuta does not know, expected zeros after {known} bytes")));
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `known` bytes are readable at `p` and fit into `value`
    unsafe { std::ptr::copy_nonoverlapping(p.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), known) };
    // SAFETY: zeros are a value of T (Versioned), and so are the caller's fields
    Ok(unsafe { value.assume_init() })
}

/// Writes as much of `value` as the caller's version of the structure holds, and zeros where it holds more.
///
/// # Safety
/// `out` is null or points to as many writable bytes as its first field says.
pub(crate) unsafe fn fill<T: Versioned>(out: *mut T, value: T, what: &str) -> Result<(), Failure> {
    // SAFETY: the caller's promise
    let size = unsafe { size_of_caller::<T>(out, what) }?;
    let known = size.min(size_of::<T>());
    let head = size_of::<usize>();
    let (to, source) = (out.cast::<u8>(), (&raw const value).cast::<u8>());
    // SAFETY: both have `known` bytes, and known is more than the head (FIRST is); the caller's size is left as it is
    unsafe { std::ptr::copy_nonoverlapping(source.wrapping_add(head), to.wrapping_add(head), known - head) };
    // SAFETY: `size` bytes are writable
    unsafe { std::ptr::write_bytes(to.wrapping_add(known), 0, size - known) };
    Ok(())
}

/// # Safety
/// `p` is null or points to a readable `usize`.
unsafe fn size_of_caller<T: Versioned>(p: *const T, what: &str) -> Result<usize, Failure> {
    if p.is_null() {
        return Err(null(what));
    }
    // SAFETY: not null, and the caller's promise
    let size = unsafe { p.cast::<usize>().read_unaligned() };
    if (T::FIRST..=LARGEST).contains(&size) {
        return Ok(size);
    }
    Err(Failure::new(R::KARUTA_INVALID_SIZE, format!("{what}: a size of {size}, expected sizeof the structure ({} in this version)", size_of::<T>())))
}

fn null(what: &str) -> Failure {
    Failure::new(R::KARUTA_NULL_POINTER, format!("{what}: a null pointer, expected one that points to something"))
}

/// Hands a value over to the caller.
///
/// # Safety
/// `out` is null or points to memory for a pointer.
pub(crate) unsafe fn hand_over<T>(out: *mut *mut T, value: T, what: &str) -> Result<(), Failure> {
    if out.is_null() {
        return Err(null(what));
    }
    // SAFETY: not null, and the caller's promise
    unsafe { put(out, Box::into_raw(Box::new(value)), what) }
}

/// Takes back and drops what [`hand_over`] gave.
///
/// # Safety
/// `p` is null or came from [`hand_over`] and was not freed.
pub(crate) unsafe fn free<T>(p: *mut T) {
    if !p.is_null() {
        // SAFETY: the caller's promise
        drop(unsafe { Box::from_raw(p) });
    }
}

/// Hands a NUL-terminated string over, with its length where the caller wants it.
///
/// # Safety
/// `out` is null or points to memory for a pointer; `length` is null or points to memory for a `usize`.
pub(crate) unsafe fn hand_over_string(out: *mut *mut c_char, length: *mut usize, text: Vec<u8>, what: &str) -> Result<(), Failure> {
    if out.is_null() {
        return Err(null(what));
    }
    let n = text.len();
    let text = CString::new(text).map_err(|_| Failure::new(R::KARUTA_PANIC, "a NUL within JSON"))?;
    if !length.is_null() {
        // SAFETY: not null, and the caller's promise
        unsafe { length.write(n) };
    }
    // SAFETY: not null, and the caller's promise
    unsafe { out.write(text.into_raw()) };
    Ok(())
}

/// Frees a string that this library handed over. Null is let pass.
///
/// # Safety
/// `string` is null or came from this library and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karuta_string_free(string: *mut c_char) {
    guard((), || {
        if !string.is_null() {
            // SAFETY: the caller's promise: it came from CString::into_raw
            drop(unsafe { CString::from_raw(string) });
        }
    });
}
