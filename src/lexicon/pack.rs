//! A pack: concepts, codes and surfaces of one or more terminologies, read in place.

use super::compile::format::{self as f, ConceptKind, System};
use super::concept::Concept;
use super::trie::Trie;
use crate::text::to_u32;
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

/// What finds a pack's surfaces in a text.
enum Matcher {
    None,
    Trie(Trie),
    /// Of a pack of the first version, brought into memory.
    Automaton(CharwiseDoubleArrayAhoCorasick<u32>),
}

/// An opened pack. Its tables are read where they lie.
pub struct Pack {
    bytes: Bytes,
    sections: [Range<usize>; TAGS.len()],
    /// The strings of the embedded pack, known to be UTF-8: read at every hit, so that they are checked once only.
    checked: Option<&'static str>,
    matcher: Matcher,
    meta: serde_json::Value,
    label: String,
}

const TAGS: [&[u8; 4]; 14] = [b"META", b"STRS", b"CNPT", b"KIND", b"IDNX", b"CODE", b"CDNX", b"ATTR", b"SURF", b"LINK", b"AUTO", b"TRIE", b"RNOD", b"RELN"];
const META: usize = 0;
const STRS: usize = 1;
pub(super) const CNPT: usize = 2;
const KINDS: usize = 3;
const IDS: usize = 4;
pub(super) const CODES: usize = 5;
const CODE_INDEX: usize = 6;
pub(super) const ATTRS: usize = 7;
const SURF: usize = 8;
const LINKS: usize = 9;
const AUTO: usize = 10;
const TRIE: usize = 11;
pub(super) const NODES: usize = 12;
pub(super) const RELATIONS: usize = 13;
/// Sections from this one on may be missing.
const OPTIONAL: usize = AUTO;

/// A surface's link to a concept, read where it lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Link {
    pub concept: u32,
    /// The link's flags alone.
    pub flags: u32,
    /// The concept's kind.
    pub kind: ConceptKind,
    /// Whether the concept is for looking up only.
    pub reference: bool,
    /// Where the cased form lies among the strings.
    cased: (u32, u32),
}

/// What was found: a surface's only link, or the surface.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Meaning {
    Link(Link),
    Surface(u32),
}

impl Link {
    fn new(concept: u32, flags: u32, cased: (u32, u32)) -> Self {
        let kind = flags >> 24;
        Self {
            concept,
            flags: flags & f::FLAG_BITS,
            kind: ConceptKind::from_number(kind & !f::KIND_REFERENCE).unwrap_or(ConceptKind::Stop),
            reference: kind & f::KIND_REFERENCE != 0,
            cased,
        }
    }
}

impl Pack {
    /// The pack of the curated tables that is part of the library.
    ///
    /// # Errors
    /// Never in a sound build; the error says what is damaged.
    pub fn embedded() -> Result<Self, PackError> {
        Self::read(Bytes::Static(include_bytes!(concat!(env!("OUT_DIR"), "/curated.kpack"))), "the embedded pack")
    }

    /// Opens a pack file, memory-mapped. What is read at opening is checked against its hash; [`Self::verify`]
    /// checks the rest.
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
        if !(f::OLDEST_VERSION..=f::VERSION).contains(&version) {
            return Err(bad(format!("pack version {version}"), "version 1 or 2"));
        }
        let table = (u32_at(&bytes, 12) as usize).saturating_mul(f::TABLE_ENTRY);
        let table = bytes.get(f::HEADER..f::HEADER.saturating_add(table)).ok_or_else(|| bad("a section table that is cut off".to_owned(), "an undamaged pack"))?;
        if bytes.get(16..48) != Some(blake3::hash(table).as_bytes().as_slice()) {
            return Err(bad("a section table that does not match its hash".to_owned(), "an undamaged pack"));
        }
        let mut sections: [Range<usize>; TAGS.len()] = Default::default();
        for entry in table.chunks_exact(f::TABLE_ENTRY) {
            let tag = entry.get(..4).unwrap_or(&[]);
            let (start, len) = (u64_at(entry, 8), u64_at(entry, 16));
            let end = start.saturating_add(len);
            if end > bytes.len() {
                return Err(bad(format!("section {} that ends at {end} of {}", String::from_utf8_lossy(tag), bytes.len()), "sections inside the file"));
            }
            if let Some(s) = TAGS.iter().position(|t| t.as_slice() == tag).and_then(|slot| sections.get_mut(slot)) {
                *s = start..end;
            }
        }
        let checked = match &bytes {
            Bytes::Static(b) => sections.get(STRS).and_then(|r| b.get(r.clone())).and_then(|s| std::str::from_utf8(s).ok()),
            Bytes::Owned(_) | Bytes::Mapped(_) => None,
        };
        let mut pack = Self { bytes, sections, checked, matcher: Matcher::None, meta: serde_json::Value::Null, label: label.to_owned() };
        for read_now in [META, KINDS] {
            pack.verify_section(read_now)?;
        }
        pack.meta = serde_json::from_slice(pack.section(META)).map_err(|e| bad(format!("META that is no JSON ({e})"), "an undamaged pack"))?;
        if !pack.section(TRIE).is_empty() {
            pack.verify_section(TRIE)?;
            pack.matcher = Matcher::Trie(Trie::read(pack.section(TRIE)).ok_or_else(|| bad("a trie that can't be read".to_owned(), "an undamaged pack"))?);
        } else if !pack.section(AUTO).is_empty() {
            pack.verify_section(AUTO)?;
            let (automaton, _) =
                CharwiseDoubleArrayAhoCorasick::deserialize(pack.section(AUTO)).map_err(|e| bad(format!("an automaton that can't be read ({e})"), "an undamaged pack"))?;
            pack.matcher = Matcher::Automaton(automaton);
        }
        Ok(pack)
    }

    /// Checks every section against its hash.
    ///
    /// # Errors
    /// [`PackError::Format`] names the first section that is damaged.
    ///
    /// ```
    /// karuta::lexicon::Pack::embedded().unwrap().verify().unwrap();
    /// ```
    pub fn verify(&self) -> Result<(), PackError> {
        (0..TAGS.len()).filter(|i| *i < OPTIONAL || !self.section(*i).is_empty()).try_for_each(|i| self.verify_section(i))
    }

    pub(super) fn verify_section(&self, i: usize) -> Result<(), PackError> {
        let tag = TAGS.get(i).map_or([0; 4].as_slice(), |t| t.as_slice());
        let count = u32_at(&self.bytes, 12) as usize;
        let entry = self.bytes.get(f::HEADER..).unwrap_or(&[]).chunks_exact(f::TABLE_ENTRY).take(count).find(|e| e.get(..4) == Some(tag));
        if entry.and_then(|e| e.get(24..56)) == Some(blake3::hash(self.section(i)).as_bytes().as_slice()) {
            return Ok(());
        }
        Err(PackError::Format { path: self.label.clone(), found: format!("section {} that does not match its hash", String::from_utf8_lossy(tag)), expected: "an undamaged pack" })
    }

    /// Where the pack came from.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The META section: JSON with the pack's name, version and sources.
    pub const fn meta(&self) -> &serde_json::Value {
        &self.meta
    }

    /// The hash of the whole content, 64 hexadecimal digits.
    pub fn hash(&self) -> String {
        self.bytes.get(16..48).unwrap_or(&[]).iter().fold(String::with_capacity(64), |mut s, b| {
            let _ = write!(s, "{b:02x}");
            s
        })
    }

    /// Its size in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Name and the first twelve hexadecimal digits of the hash: what an explanation names.
    pub fn version_label(&self) -> String {
        let name = self.meta.get("name").and_then(|n| n.as_str()).unwrap_or("pack");
        format!("{name}@{}", self.hash().get(..12).unwrap_or(""))
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
        let record = (n as usize).checked_mul(f::CONCEPT)?;
        (record.checked_add(f::CONCEPT)? <= self.section(CNPT).len()).then_some(Concept::new(self, record))
    }

    /// Every concept with its number.
    pub fn concepts(&self) -> impl Iterator<Item = (u32, Concept<'_>)> {
        (0..to_u32(self.len())).filter_map(|n| Some((n, self.concept(n)?)))
    }

    /// How many concepts there are of each kind, in the order of the kinds; apart, those for looking up only.
    pub fn kinds(&self) -> Vec<(ConceptKind, bool, usize)> {
        let mut out: Vec<(ConceptKind, bool, usize)> = Vec::new();
        for (kind, reference, run) in self.runs() {
            match out.iter_mut().find(|k| (k.0, k.1) == (kind, reference)) {
                Some(k) => k.2 += run.len(),
                None => out.push((kind, reference, run.len())),
            }
        }
        out.sort();
        out
    }

    /// The runs of concepts of one kind: kind, whether for looking up only, numbers.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (ConceptKind, bool, Range<u32>)> {
        let most = to_u32(self.len());
        self.section(KINDS).chunks_exact(f::KIND_RUN).filter_map(move |r| {
            let kind = u32_at(r, 0);
            Some((ConceptKind::from_number(kind & !f::KIND_REFERENCE)?, kind & f::KIND_REFERENCE != 0, u32_at(r, 4).min(most)..u32_at(r, 8).min(most)))
        })
    }

    /// The concept of that id.
    pub fn by_id(&self, id: &str) -> Option<u32> {
        let ids = self.section(IDS);
        let number = |i: usize| u32_at(ids, i * 4);
        let text = |i: usize| self.concept(number(i)).map_or("", Concept::id);
        let at = lower_bound(ids.len() / 4, |i| text(i) < id);
        (text(at) == id && at < ids.len() / 4).then(|| number(at))
    }

    /// The entries of the index of codes for one system, in the order of the codes: code record, concept.
    pub(crate) fn codes_of(&self, system: System) -> impl ExactSizeIterator<Item = (u32, u32)> {
        let table = self.section(CODE_INDEX);
        let n = table.len() / f::CODE_INDEX;
        let system = system.number();
        let start = lower_bound(n, |i| u32_at(table, i * f::CODE_INDEX) < system);
        let end = lower_bound(n, |i| u32_at(table, i * f::CODE_INDEX) <= system);
        (start..end.max(start)).map(move |i| (u32_at(table, i * f::CODE_INDEX + 4), u32_at(table, i * f::CODE_INDEX + 8)))
    }

    /// The concepts that carry a code of that system.
    pub fn by_code(&self, system: System, code: &str) -> impl Iterator<Item = u32> {
        let entries = self.codes_of(system);
        let table = self.section(CODE_INDEX);
        let first = lower_bound(table.len() / f::CODE_INDEX, |i| u32_at(table, i * f::CODE_INDEX) < system.number());
        let at = lower_bound(entries.len(), |i| self.code_bytes(u32_at(table, (first + i) * f::CODE_INDEX + 4)) < code.as_bytes());
        let code = code.to_owned();
        entries.skip(at).take_while(move |e| self.code_bytes(e.0) == code.as_bytes()).map(|e| e.1)
    }

    /// Calls `each` with the surfaces found in a folded text: start, end, what it means. By start and then the longest
    /// first, but for a pack of the first version, which gives them by their ends.
    pub(crate) fn scan(&self, folded: &str, mut each: impl FnMut(usize, usize, Meaning)) {
        match &self.matcher {
            Matcher::None => {}
            Matcher::Trie(t) => t.scan(self.section(TRIE), folded, |start, end, [a, b]| {
                each(start, end, if b == f::TRIE_SEVERAL { Meaning::Surface(a) } else { Meaning::Link(Link::new(a, b, (0, 0))) })
            }),
            Matcher::Automaton(automaton) => automaton.find_overlapping_iter(folded).for_each(|m| each(m.start(), m.end(), Meaning::Surface(m.value()))),
        }
    }

    /// Whether [`Self::scan`] gives what it finds by start and then the longest first.
    pub(crate) const fn scans_in_order(&self) -> bool {
        !matches!(self.matcher, Matcher::Automaton(_))
    }

    /// Calls `each` with the links of what was found.
    pub(crate) fn for_links(&self, found: Meaning, mut each: impl FnMut(Link)) {
        match found {
            Meaning::Link(link) => each(link),
            Meaning::Surface(surface) => self.links(surface).for_each(each),
        }
    }

    /// The links of a surface.
    pub(crate) fn links(&self, surface: u32) -> impl Iterator<Item = Link> {
        let at = (surface as usize).saturating_mul(f::SURFACE);
        let s = self.section(SURF);
        let (start, end) = (u32_at(s, at + 8) as usize, u32_at(s, at + 12) as usize);
        let links = self.section(LINKS).get(start.saturating_mul(f::LINK)..end.saturating_mul(f::LINK)).unwrap_or(&[]);
        links.chunks_exact(f::LINK).map(|l| Link::new(u32_at(l, 0), u32_at(l, 4), (u32_at(l, 8), u32_at(l, 12))))
    }

    /// The form that a cased link asks for.
    pub(crate) fn cased(&self, link: Link) -> &str {
        self.string_at(link.cased.0, link.cased.1)
    }

    /// The folded surface of that number.
    pub(crate) fn surface_text(&self, surface: u32) -> &str {
        self.string(self.section(SURF), (surface as usize).saturating_mul(f::SURFACE))
    }

    /// The number of a folded surface.
    pub(crate) fn find(&self, folded: &str) -> Option<u32> {
        let surfaces = self.section(SURF);
        let at = to_u32(lower_bound(self.surfaces(), |i| self.string_bytes(surfaces, i * f::SURFACE) < folded.as_bytes()));
        ((at as usize) < self.surfaces() && self.surface_text(at) == folded).then_some(at)
    }

    pub(super) fn section(&self, i: usize) -> &[u8] {
        self.sections.get(i).and_then(|r| self.bytes.get(r.clone())).unwrap_or(&[])
    }

    /// The string whose reference lies at `at` of `table`; empty where it is no sound one.
    pub(super) fn string(&self, table: &[u8], at: usize) -> &str {
        self.string_at(u32_at(table, at), u32_at(table, at + 4))
    }

    fn string_at(&self, offset: u32, length: u32) -> &str {
        match self.checked {
            Some(s) => s.get(offset as usize..(offset as usize).saturating_add(length as usize)).unwrap_or(""),
            None => std::str::from_utf8(self.bytes_at(offset, length)).unwrap_or(""),
        }
    }

    /// The bytes of that string, where they are only compared.
    pub(super) fn string_bytes(&self, table: &[u8], at: usize) -> &[u8] {
        self.bytes_at(u32_at(table, at), u32_at(table, at + 4))
    }

    fn bytes_at(&self, offset: u32, length: u32) -> &[u8] {
        let (o, l) = (offset as usize, length as usize);
        self.section(STRS).get(o..o.saturating_add(l)).unwrap_or(&[])
    }
}

impl std::fmt::Debug for Pack {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Pack").field("label", &self.label).field("concepts", &self.len()).field("surfaces", &self.surfaces()).finish_non_exhaustive()
    }
}

/// The first of `0..n` for which `less` does not hold; it must hold for a head of the range only.
fn lower_bound(n: usize, less: impl Fn(usize) -> bool) -> usize {
    let (mut lo, mut hi) = (0, n);
    while lo < hi {
        let mid = lo + (hi - lo) / 2;
        if less(mid) { lo = mid + 1 } else { hi = mid }
    }
    lo
}

#[inline]
pub(super) fn u32_at(b: &[u8], at: usize) -> u32 {
    b.get(at..at.saturating_add(4)).and_then(|x| x.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(b: &[u8], at: usize) -> usize {
    b.get(at..at.saturating_add(8)).and_then(|x| x.try_into().ok()).map_or(0, |x| usize::try_from(u64::from_le_bytes(x)).unwrap_or(usize::MAX))
}
