//! Spans and the units in which offsets are counted.

use serde::{Deserialize, Serialize};

/// A half-open range of bytes of the original text, on grapheme boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span over `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Whether the two share at least one byte.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// The unit that an offset is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OffsetUnit {
    /// Bytes of UTF-8: Rust and C.
    Bytes,
    /// Unicode code points: JSON, Python, brat, BioC, NIF.
    #[default]
    CodePoints,
    /// UTF-16 code units: Java, C#, JavaScript, UIMA.
    Utf16,
}

/// Converts byte offsets of one text into another unit, in logarithmic time after one pass.
///
/// ```
/// use karuta::note::{OffsetIndex, OffsetUnit};
/// let index = OffsetIndex::new("熱🌡39", OffsetUnit::Utf16);
/// assert_eq!(index.of_byte("熱🌡".len()), 3);
/// assert_eq!(index.to_byte(3), "熱🌡".len());
/// ```
#[derive(Debug, Clone)]
pub struct OffsetIndex<'a> {
    text: &'a str,
    unit: OffsetUnit,
    /// Every `STEP` bytes (moved to a character's start): byte offset and offset in the unit.
    marks: Vec<(usize, usize)>,
}

const STEP: usize = 256;

impl<'a> OffsetIndex<'a> {
    /// Indexes `text` for `unit`.
    pub fn new(text: &'a str, unit: OffsetUnit) -> Self {
        let mut marks = Vec::new();
        if unit != OffsetUnit::Bytes {
            marks.reserve(text.len() / STEP + 1);
            let (mut byte, mut n) = (0, 0);
            while byte < text.len() {
                marks.push((byte, n));
                let next = character_start(text, byte + STEP, byte);
                n += units(text, byte, next, unit);
                byte = next;
            }
        }
        Self { text, unit, marks }
    }

    /// The offset, in this unit, of byte `byte`; inside a character, that character's start.
    pub fn of_byte(&self, byte: usize) -> usize {
        if self.unit == OffsetUnit::Bytes {
            return byte;
        }
        let i = self.marks.partition_point(|m| m.0 <= byte);
        let (at, n) = i.checked_sub(1).and_then(|i| self.marks.get(i)).copied().unwrap_or((0, 0));
        n + units(self.text, at, character_start(self.text, byte, at), self.unit)
    }

    /// The byte offset of `offset` in this unit; past the end, the text's length.
    pub fn to_byte(&self, offset: usize) -> usize {
        if self.unit == OffsetUnit::Bytes {
            return offset;
        }
        let i = self.marks.partition_point(|m| m.1 <= offset);
        let (mut at, mut n) = i.checked_sub(1).and_then(|i| self.marks.get(i)).copied().unwrap_or((0, 0));
        for c in crate::text::from(self.text, at).chars() {
            if n + width(c, self.unit) > offset {
                break;
            }
            at += c.len_utf8();
            n += width(c, self.unit);
        }
        at
    }
}

const fn width(c: char, unit: OffsetUnit) -> usize {
    match unit {
        OffsetUnit::Bytes => c.len_utf8(),
        OffsetUnit::CodePoints => 1,
        OffsetUnit::Utf16 => c.len_utf16(),
    }
}

/// The start of the character that byte `byte` is in, not before `least`; past the end, the text's length.
fn character_start(text: &str, byte: usize, least: usize) -> usize {
    let mut at = byte.min(text.len());
    while at > least && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// How many units the characters between two of their starts take. Looks at bytes, which is many at a time.
fn units(text: &str, from: usize, to: usize, unit: OffsetUnit) -> usize {
    let bytes = text.as_bytes().get(from..to).unwrap_or_default();
    // every character has one byte that continues none; those of four bytes are two units of UTF-16
    let starts = bytes.iter().filter(|b| **b & 0xC0 != 0x80).count();
    match unit {
        OffsetUnit::Bytes => bytes.len(),
        OffsetUnit::CodePoints => starts,
        OffsetUnit::Utf16 => starts + bytes.iter().filter(|b| **b >= 0xF0).count(),
    }
}
