//! The codes that functions return.

use crate::boundary::guard;
use std::ffi::c_char;

/// What a call came to. Numbers never change their meaning; further ones may come in the gaps.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum karuta_result {
    /// All went well.
    KARUTA_OK = 0,

    /// A pointer that must not be null was null.
    KARUTA_NULL_POINTER = 100,
    /// An argument was outside what it may be.
    KARUTA_INVALID_ARGUMENT = 101,
    /// A structure's `size` is not one that any version of this library knows.
    KARUTA_INVALID_SIZE = 102,
    /// A structure asks for something that this version does not know.
    KARUTA_UNSUPPORTED = 103,
    /// An index was past the end.
    KARUTA_OUT_OF_RANGE = 104,
    /// There is no such part (a fact without a medication).
    KARUTA_NONE = 105,
    /// A text was longer than `KARUTA_LONGEST_NOTE`.
    KARUTA_TOO_LONG = 110,
    /// A text that was said to be UTF-8 is not.
    KARUTA_INVALID_UTF8 = 111,
    /// A date that could not be read.
    KARUTA_INVALID_DATE = 112,

    /// A pack could not be opened.
    KARUTA_PACK = 200,
    /// The engine could not be built.
    KARUTA_ENGINE = 201,

    /// Another thread is using this worker.
    KARUTA_BUSY = 300,
    /// The caller's write function asked to stop.
    KARUTA_STOPPED = 301,

    /// A fault inside the library was caught. The handles may still be used and freed.
    KARUTA_PANIC = 900,
}

use karuta_result as R;

impl karuta_result {
    fn name(self) -> &'static std::ffi::CStr {
        match self {
            R::KARUTA_OK => c"ok",
            R::KARUTA_NULL_POINTER => c"null pointer",
            R::KARUTA_INVALID_ARGUMENT => c"invalid argument",
            R::KARUTA_INVALID_SIZE => c"invalid size",
            R::KARUTA_UNSUPPORTED => c"unsupported",
            R::KARUTA_OUT_OF_RANGE => c"out of range",
            R::KARUTA_NONE => c"none",
            R::KARUTA_TOO_LONG => c"too long",
            R::KARUTA_INVALID_UTF8 => c"invalid UTF-8",
            R::KARUTA_INVALID_DATE => c"invalid date",
            R::KARUTA_PACK => c"pack",
            R::KARUTA_ENGINE => c"engine",
            R::KARUTA_BUSY => c"busy",
            R::KARUTA_STOPPED => c"stopped",
            R::KARUTA_PANIC => c"panic",
        }
    }

    const ALL: &[Self] = &[
        R::KARUTA_OK,
        R::KARUTA_NULL_POINTER,
        R::KARUTA_INVALID_ARGUMENT,
        R::KARUTA_INVALID_SIZE,
        R::KARUTA_UNSUPPORTED,
        R::KARUTA_OUT_OF_RANGE,
        R::KARUTA_NONE,
        R::KARUTA_TOO_LONG,
        R::KARUTA_INVALID_UTF8,
        R::KARUTA_INVALID_DATE,
        R::KARUTA_PACK,
        R::KARUTA_ENGINE,
        R::KARUTA_BUSY,
        R::KARUTA_STOPPED,
        R::KARUTA_PANIC,
    ];
}

/// The name of a result code, in English; `"unknown"` for a number that is none. It is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn karuta_result_name(result: u32) -> *const c_char {
    guard(c"unknown".as_ptr(), || karuta_result::ALL.iter().find(|r| **r as u32 == result).map_or(c"unknown", |r| r.name()).as_ptr())
}
