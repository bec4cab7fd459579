//! A note as a caller gives it.

use crate::boundary::Failure;
use crate::memory::{Versioned, bytes, first, optional_str, read};
use crate::result::karuta_result as R;
use karuta::note::{OffsetUnit, day};
use std::borrow::Cow;
use std::ffi::{c_char, c_void};

/// The longest text that is read, in bytes of UTF-8.
pub const KARUTA_LONGEST_NOTE: usize = 1 << 30;

/// How a text is written.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum karuta_encoding {
    /// UTF-8. Bytes that are none are refused.
    KARUTA_UTF8 = 0,
    /// UTF-16 in the machine's byte order. A surrogate without its pair is read as U+FFFD, one unit for one unit.
    KARUTA_UTF16 = 1,
}

/// The unit that offsets are counted in.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum karuta_offsets {
    /// The unit of the text: bytes of UTF-8, units of UTF-16.
    KARUTA_OFFSETS_OF_TEXT = 0,
    /// Bytes of UTF-8.
    KARUTA_OFFSETS_UTF8 = 1,
    /// Units of UTF-16 (Java, C#, JavaScript).
    KARUTA_OFFSETS_UTF16 = 2,
    /// Unicode code points (Python).
    KARUTA_OFFSETS_CODE_POINTS = 3,
}

/// A note to be read. Zeros are UTF-8, offsets in bytes, no date.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct karuta_note {
    /// sizeof(karuta_note), set by the caller.
    pub size: usize,
    /// The text; it needs no NUL and no alignment. May be null when `length` is 0.
    pub text: *const c_void,
    /// Its length in its own units: bytes of UTF-8, or 16-bit units of UTF-16.
    pub length: usize,
    /// A `karuta_encoding`.
    pub encoding: u32,
    /// A `karuta_offsets`.
    pub offsets: u32,
    /// The day that the note was written on, ISO 8601 (`2024-05-04`, `2024/5/4`); null where it is not known.
    pub date: *const c_char,
}

// SAFETY: repr(C), size first, then integers and raw pointers
unsafe impl Versioned for karuta_note {
    const FIRST: usize = first!(date: *const c_char);
}

/// A note, read from what the caller gave.
#[derive(Debug)]
pub(crate) struct Given<'a> {
    pub text: Cow<'a, str>,
    pub unit: OffsetUnit,
    pub date: Option<jiff::civil::Date>,
    /// How many units had no meaning and were read as U+FFFD.
    pub mended: usize,
}

/// # Safety
/// `note` is null or points to a `karuta_note` whose pointers are null or point to what it says.
pub(crate) unsafe fn given<'a>(note: *const karuta_note) -> Result<Given<'a>, Failure> {
    // SAFETY: the caller's promise
    let note = unsafe { read(note, "note") }?;
    let wide = match note.encoding {
        0 => false,
        1 => true,
        other => return Err(Failure::new(R::KARUTA_INVALID_ARGUMENT, format!("encoding: {other}, expected KARUTA_UTF8 or KARUTA_UTF16"))),
    };
    let unit = match (note.offsets, wide) {
        (0, false) | (1, _) => OffsetUnit::Bytes,
        (0, true) | (2, _) => OffsetUnit::Utf16,
        (3, _) => OffsetUnit::CodePoints,
        (other, _) => return Err(Failure::new(R::KARUTA_INVALID_ARGUMENT, format!("offsets: {other}, expected one of karuta_offsets"))),
    };
    let length = if wide { note.length.checked_mul(2) } else { Some(note.length) };
    let length = length.filter(|n| *n <= KARUTA_LONGEST_NOTE).ok_or_else(|| too_long(note.length))?;
    // SAFETY: the caller's promise
    let raw = unsafe { bytes(note.text.cast::<u8>(), length, "note.text") }?;
    let (text, mended) = if wide { from_utf16(raw) } else { (Cow::Borrowed(from_utf8(raw)?), 0) };
    if text.len() > KARUTA_LONGEST_NOTE {
        return Err(too_long(note.length));
    }
    // SAFETY: the caller's promise
    let date = unsafe { optional_str(note.date, "note.date") }?.filter(|d| !d.trim().is_empty());
    let date = match date {
        Some(d) => Some(day(d).ok_or_else(|| Failure::new(R::KARUTA_INVALID_DATE, format!("note.date: {:?}, expected a day as 2024-05-04", shown(d))))?),
        None => None,
    };
    Ok(Given { text, unit, date, mended })
}

fn too_long(length: usize) -> Failure {
    Failure::new(R::KARUTA_TOO_LONG, format!("note.length: {length} units, expected at most {KARUTA_LONGEST_NOTE} bytes"))
}

fn shown(s: &str) -> String {
    s.chars().take(40).collect()
}

fn from_utf8(raw: &[u8]) -> Result<&str, Failure> {
    std::str::from_utf8(raw).map_err(|e| {
        let at = e.valid_up_to();
        let byte = raw.get(at).copied().unwrap_or(0);
        Failure::new(R::KARUTA_INVALID_UTF8, format!("note.text: byte {byte:#04x} at offset {at}, expected UTF-8"))
    })
}

/// Text of UTF-16 at any address, and how many of its units had no meaning.
fn from_utf16(raw: &[u8]) -> (Cow<'static, str>, usize) {
    let units = raw.chunks_exact(2).map(|u| u.try_into().map_or(0xFFFD, u16::from_ne_bytes));
    let mut text = String::with_capacity(raw.len() / 2 * 3);
    let mut mended = 0;
    for c in char::decode_utf16(units) {
        mended += usize::from(c.is_err());
        text.push(c.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    (Cow::Owned(text), mended)
}
