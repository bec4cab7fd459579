//! A pack: concepts, codes and surfaces of one or more terminologies, read in place.

use super::compile::format::{self as f, Attr, ConceptKind, System};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::fmt::Write as _;
use std::ops::{Deref, Range};
use std::path::Path;

/// Why a pack could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The bytes are no pack, or a damaged one.
    #[error("{path}: found {found}, expected {expected}")]
    Format {
        /// The file, or the embedded pack's name.
        path: String,
        /// What was found.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

enum Bytes {
    Static(&'static [u8]),
    Owned(Vec<u8>),
    Mapped(memmap2::Mmap),
}

impl Deref for Bytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Self::Static(b) => b,
            Self::Owned(b) => b,
            Self::Mapped(b) => b,
        }
    }
}

/// An opened pack. Its tables are read where they lie; only the automaton is brought into memory.
pub struct Pack {
    bytes: Bytes,
    sections: [Range<usize>; 8],
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    label: String,
}

const TAGS: [&[u8; 4]; 8] = [b"META", b"STRS", b"CNPT", b"CODE", b"ATTR", b"SURF", b"LINK", b"AUTO"];
const META: usize = 0;
const STRS: usize = 1;
const CNPT: usize = 2;
const CODES: usize = 3;
const ATTRS: usize = 4;
const SURF: usize = 5;
const LINKS: usize = 6;

/// A concept of a pack.
#[derive(Clone, Copy)]
pub struct Concept<'p> {
    pack: &'p Pack,
    record: usize,
}

/// A code with its system and the master's own display (empty where there is none).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code<'p> {
    /// The code system.
    pub system: System,
    /// The code.
    pub code: &'p str,
    /// The master's display.
    pub display: &'p str,
}

/// A surface's link to a concept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link<'p> {
    pub concept: u32,
    pub flags: u32,
    pub cased: &'p str,
}

impl Pack {
    /// The pack of the curated tables that is part of the library.
    ///
    /// # Errors
    /// Never in a sound build; the error says what is damaged.
    pub fn embedded() -> Result<Self, PackError> {
        Self::read(Bytes::Static(include_bytes!(concat!(env!("OUT_DIR"), "/curated.kpack"))), "the embedded pack")
    }

    /// Opens a pack file, memory-mapped.
    ///
    /// # Errors
    /// [`PackError`] when the file can't be read, is no pack, is of another version, or is damaged.
    pub fn open(path: &Path) -> Result<Self, PackError> {
        let io = |source| PackError::Io { path: path.display().to_string(), source };
        let file = std::fs::File::open(path).map_err(io)?;
        // SAFETY: the map is read-only; a file that another process truncates meanwhile is outside the
        // contract of a pack, which is replaced by renaming a new file over it.
        #[allow(unsafe_code)]
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(io)?;
        Self::read(Bytes::Mapped(map), &path.display().to_string())
    }

    /// Reads a pack from bytes.
    ///
    /// # Errors
    /// [`PackError::Format`] when the bytes are no sound pack.
    pub fn from_bytes(bytes: Vec<u8>, label: &str) -> Result<Self, PackError> {
        Self::read(Bytes::Owned(bytes), label)
    }

    fn read(bytes: Bytes, label: &str) -> Result<Self, PackError> {
        let bad = |found: String, expected| PackError::Format { path: label.to_owned(), found, expected };
        if bytes.get(..8) != Some(f::MAGIC) {
            let head = String::from_utf8_lossy(bytes.get(..8.min(bytes.len())).unwrap_or(&[])).into_owned();
            return Err(bad(format!("a file that begins {head:?}"), "a karuta pack (KARUTAPK)"));
        }
        let version = u32_at(&bytes, 8);
        if version != f::VERSION {
            return Err(bad(format!("pack version {version}"), "version 1"));
        }
        let body = bytes.get(f::HEADER..).unwrap_or(&[]);
        if bytes.get(16..48) != Some(blake3::hash(body).as_bytes().as_slice()) {
            return Err(bad("content that does not match its hash".to_owned(), "an undamaged pack"));
        }
        let mut sections: [Range<usize>; 8] = Default::default();
        for i in 0..u32_at(&bytes, 12) as usize {
            let at = f::HEADER + i * f::TABLE_ENTRY;
            let tag = bytes.get(at..at + 4).unwrap_or(&[]);
            let (start, len) = (u64_at(&bytes, at + 8), u64_at(&bytes, at + 16));
            let end = start.saturating_add(len);
            if end > bytes.len() {
                return Err(bad(format!("section {} that ends at {end} of {}", String::from_utf8_lossy(tag), bytes.len()), "sections inside the file"));
            }
            if let Some(slot) = TAGS.iter().position(|t| t.as_slice() == tag)
                && let Some(s) = sections.get_mut(slot)
            {
                *s = start..end;
            }
        }
        let [_, strings, .., auto] = &sections;
        if std::str::from_utf8(bytes.get(strings.clone()).unwrap_or(&[])).is_err() {
            return Err(bad("strings that are not UTF-8".to_owned(), "an undamaged pack"));
        }
        let (automaton, _) = CharwiseDoubleArrayAhoCorasick::deserialize(bytes.get(auto.clone()).unwrap_or(&[]))
            .map_err(|e| bad(format!("an automaton that can't be read ({e})"), "an undamaged pack"))?;
        Ok(Self { bytes, sections, automaton, label: label.to_owned() })
    }

    /// Where the pack came from.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The META section: JSON with the pack's name, version and sources.
    pub fn meta(&self) -> serde_json::Value {
        serde_json::from_slice(self.section(META)).unwrap_or_default()
    }

    /// Name and the first twelve hexadecimal digits of the hash: what an explanation names.
    pub fn version_label(&self) -> String {
        let mut s = self.meta().get("name").and_then(|n| n.as_str()).unwrap_or("pack").to_owned();
        s.push('@');
        for b in self.bytes.get(16..22).unwrap_or(&[]) {
            let _ = write!(s, "{b:02x}");
        }
        s
    }

    /// Number of concepts.
    pub fn len(&self) -> usize {
        self.section(CNPT).len() / f::CONCEPT
    }

    /// Whether the pack holds no concept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of surface forms.
    pub fn surfaces(&self) -> usize {
        self.section(SURF).len() / f::SURFACE
    }

    /// The concept of that number.
    pub fn concept(&self, n: u32) -> Option<Concept<'_>> {
        let record = n as usize * f::CONCEPT;
        (record + f::CONCEPT <= self.section(CNPT).len()).then_some(Concept { pack: self, record })
    }

    /// Every concept with its number.
    pub fn concepts(&self) -> impl Iterator<Item = (u32, Concept<'_>)> {
        (0..crate::text::to_u32(self.len())).filter_map(|n| Some((n, self.concept(n)?)))
    }

    /// The automaton's matches in a folded text: start, end, surface number.
    pub(crate) fn scan<'a>(&'a self, folded: &'a str) -> impl Iterator<Item = (usize, usize, u32)> + 'a {
        self.automaton.find_overlapping_iter(folded).map(|m| (m.start(), m.end(), m.value()))
    }

    /// The links of a surface.
    pub(crate) fn links(&self, surface: u32) -> impl Iterator<Item = Link<'_>> {
        let s = self.section(SURF);
        let at = surface as usize * f::SURFACE;
        let links = self.section(LINKS);
        (u32_at(s, at + 8)..u32_at(s, at + 12)).map(move |i| {
            let at = i as usize * f::LINK;
            Link { concept: u32_at(links, at), flags: u32_at(links, at + 4), cased: self.string(links, at + 8) }
        })
    }

    /// The folded surface of that number.
    pub(crate) fn surface_text(&self, surface: u32) -> &str {
        self.string(self.section(SURF), surface as usize * f::SURFACE)
    }

    /// The number of a folded surface.
    pub(crate) fn find(&self, folded: &str) -> Option<u32> {
        let (mut lo, mut hi) = (0, crate::text::to_u32(self.surfaces()));
        while lo < hi {
            let mid = lo + (hi - lo) / 2;
            match self.surface_text(mid).cmp(folded) {
                std::cmp::Ordering::Equal => return Some(mid),
                std::cmp::Ordering::Less => lo = mid + 1,
                std::cmp::Ordering::Greater => hi = mid,
            }
        }
        None
    }

    fn section(&self, i: usize) -> &[u8] {
        self.sections.get(i).and_then(|r| self.bytes.get(r.clone())).unwrap_or(&[])
    }

    fn string(&self, table: &[u8], at: usize) -> &str {
        let (o, l) = (u32_at(table, at) as usize, u32_at(table, at + 4) as usize);
        self.section(STRS).get(o..o + l).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
    }
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Pack").field("label", &self.label).field("concepts", &self.len()).field("surfaces", &self.surfaces()).finish_non_exhaustive()
    }
}

impl<'p> Concept<'p> {
    fn field(self, i: usize) -> u32 {
        u32_at(self.pack.section(CNPT), self.record + i * 4)
    }

    fn text(self, i: usize) -> &'p str {
        self.pack.string(self.pack.section(CNPT), self.record + i * 4)
    }

    /// What it is.
    pub fn kind(self) -> ConceptKind {
        ConceptKind::from_number(self.field(0)).unwrap_or(ConceptKind::Stop)
    }

    /// Its stable id.
    pub fn id(self) -> &'p str {
        self.text(1)
    }

    /// Its Japanese name.
    pub fn name(self) -> &'p str {
        self.text(3)
    }

    /// Its English name, empty where none is given.
    pub fn en(self) -> &'p str {
        self.text(5)
    }

    /// Its codes.
    pub fn codes(self) -> impl Iterator<Item = Code<'p>> {
        let table = self.pack.section(CODES);
        (self.field(7)..self.field(8)).filter_map(move |i| {
            let at = i as usize * f::CODE;
            Some(Code { system: System::from_number(u32_at(table, at))?, code: self.pack.string(table, at + 4), display: self.pack.string(table, at + 12) })
        })
    }

    /// The first code of that system.
    pub fn code(self, system: System) -> Option<&'p str> {
        self.codes().find(|c| c.system == system).map(|c| c.code)
    }

    /// A property.
    pub fn attr(self, key: Attr) -> Option<&'p str> {
        let table = self.pack.section(ATTRS);
        (self.field(9)..self.field(10)).find_map(|i| {
            let at = i as usize * f::ATTR;
            (u32_at(table, at) == key.number()).then(|| self.pack.string(table, at + 4))
        })
    }

    /// A property read as a number.
    pub fn number(self, key: Attr) -> Option<f64> {
        self.attr(key)?.parse().ok()
    }
}

fn u32_at(b: &[u8], at: usize) -> u32 {
    b.get(at..at + 4).and_then(|x| x.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(b: &[u8], at: usize) -> usize {
    b.get(at..at + 8).and_then(|x| x.try_into().ok()).map_or(0, |x| usize::try_from(u64::from_le_bytes(x)).unwrap_or(usize::MAX))
}
