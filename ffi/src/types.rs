//! Small types that other files share.

use crate::boundary::guard;
use std::ffi::c_char;

/// A piece of UTF-8 text within a result: not NUL-terminated, and good for as long as the result is not freed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_str {
    /// The first byte; not null, even when the text is empty.
    pub data: *const c_char,
    /// How many bytes.
    pub length: usize,
}

impl From<&str> for karuta_str {
    fn from(s: &str) -> Self {
        Self { data: s.as_ptr().cast(), length: s.len() }
    }
}

impl From<Option<&str>> for karuta_str {
    fn from(s: Option<&str>) -> Self {
        s.unwrap_or("").into()
    }
}

/// The version of the library, NUL-terminated. It is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn karuta_version() -> *const c_char {
    guard(c"".as_ptr(), || concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast())
}
