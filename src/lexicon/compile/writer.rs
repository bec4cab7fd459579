//! Writes a pack.

use super::format as f;
use super::format::{Attr, ConceptKind, System};
use daachorse::CharwiseDoubleArrayAhoCorasick;
use std::collections::{BTreeMap, HashMap};

/// A concept on its way into a pack.
#[derive(Debug, Clone)]
pub struct NewConcept {
    /// What it is.
    pub kind: ConceptKind,
    /// Stable id.
    pub id: String,
    /// Japanese name.
    pub name: String,
    /// English name.
    pub en: String,
    /// Codes: system, code, display of the master.
    pub codes: Vec<(System, String, String)>,
    /// Further properties.
    pub attrs: Vec<(Attr, String)>,
}

impl NewConcept {
    /// A concept with no codes yet.
    pub fn new(kind: ConceptKind, id: &str, name: &str) -> Self {
        Self { kind, id: id.to_owned(), name: name.to_owned(), en: String::new(), codes: Vec::new(), attrs: Vec::new() }
    }
}

/// A surface's link to a concept: concept number, flags, cased form.
type NewLink = (u32, u32, String);

/// Collects concepts and their surfaces and writes them as one pack.
pub struct PackWriter {
    fold: fn(&str) -> String,
    strings: Vec<u8>,
    interned: HashMap<String, (u32, u32)>,
    concepts: Vec<u8>,
    codes: Vec<u8>,
    attrs: Vec<u8>,
    surfaces: BTreeMap<String, Vec<NewLink>>,
    /// Groups of spellings that stand for one another inside a surface.
    variants: Vec<Vec<String>>,
    count: u32,
    kinds: Vec<ConceptKind>,
}

/// Why a pack could not be written.
#[derive(Debug)]
pub struct WriteError(pub String);

impl std::fmt::Display for WriteError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for WriteError {}

impl PackWriter {
    /// An empty pack; `fold` is the normalisation that texts will be matched under.
    pub fn new(fold: fn(&str) -> String) -> Self {
        Self {
            fold,
            strings: Vec::new(),
            interned: HashMap::new(),
            concepts: Vec::new(),
            codes: Vec::new(),
            attrs: Vec::new(),
            surfaces: BTreeMap::new(),
            variants: Vec::new(),
            count: 0,
            kinds: Vec::new(),
        }
    }

    /// Spellings that stand for one another: 癌, がん, ガン.
    pub fn variant_group(&mut self, spellings: &[&str]) {
        let fold = self.fold;
        self.variants.push(spellings.iter().map(|s| fold(s)).collect());
    }

    /// Adds a concept and returns its number.
    pub fn concept(&mut self, c: &NewConcept) -> u32 {
        let n = self.count;
        self.count += 1;
        self.kinds.push(c.kind);
        let (code_start, attr_start) = (len32(self.codes.len() / f::CODE), len32(self.attrs.len() / f::ATTR));
        for (system, code, display) in &c.codes {
            let (c, d) = (self.intern(code), self.intern(display));
            put(&mut self.codes, &[system.number(), c.0, c.1, d.0, d.1]);
        }
        for (key, value) in &c.attrs {
            let v = self.intern(value);
            put(&mut self.attrs, &[key.number(), v.0, v.1]);
        }
        let (id, name, en) = (self.intern(&c.id), self.intern(&c.name), self.intern(&c.en));
        let (code_end, attr_end) = (len32(self.codes.len() / f::CODE), len32(self.attrs.len() / f::ATTR));
        put(&mut self.concepts, &[c.kind.number(), id.0, id.1, name.0, name.1, en.0, en.1, code_start, code_end, attr_start, attr_end]);
        n
    }

    /// Adds a surface of `concept`. The first concept of a surface is preferred among those of one kind.
    pub fn surface(&mut self, surface: &str, concept: u32, flags: u32) {
        let s = (self.fold)(surface.trim());
        if s.is_empty() {
            return;
        }
        let cased = if flags & f::FLAG_CASED == 0 { String::new() } else { surface.trim().to_owned() };
        for v in self.spellings(&s) {
            self.link(v, concept, flags | f::FLAG_VARIANT, &cased);
        }
        self.link(s, concept, flags, &cased);
    }

    fn link(&mut self, surface: String, concept: u32, flags: u32, cased: &str) {
        let links = self.surfaces.entry(surface).or_default();
        if let Some(old) = links.iter_mut().find(|l| l.0 == concept && l.2 == cased) {
            // the plainer reading wins: its own name over an alias, certain over ambiguous
            old.1 &= flags;
        } else {
            links.push((concept, flags, cased.to_owned()));
        }
    }

    fn spellings(&self, s: &str) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for group in &self.variants {
            let Some(from) = group.iter().find(|v| s.contains(v.as_str())) else { continue };
            for to in group.iter().filter(|v| *v != from) {
                let v = s.replace(from.as_str(), to);
                if v != s && !out.contains(&v) && out.len() < 8 {
                    out.push(v);
                }
            }
        }
        out
    }

    fn intern(&mut self, s: &str) -> (u32, u32) {
        if s.is_empty() {
            return (0, 0);
        }
        if let Some(r) = self.interned.get(s) {
            return *r;
        }
        let r = (len32(self.strings.len()), len32(s.len()));
        self.strings.extend_from_slice(s.as_bytes());
        self.interned.insert(s.to_owned(), r);
        r
    }

    /// The concept of one of `kinds` that a surface names.
    pub fn named(&self, surface: &str, kinds: &[ConceptKind]) -> Option<u32> {
        let links = self.surfaces.get(&(self.fold)(surface))?;
        links.iter().map(|l| l.0).find(|c| self.kinds.get(*c as usize).is_some_and(|k| kinds.contains(k)))
    }

    /// The surfaces of a concept that name it without doubt.
    pub fn surfaces_of(&self, concept: u32) -> Vec<String> {
        let sure = |l: &NewLink| l.0 == concept && l.1 & (f::FLAG_AMBIGUOUS | f::FLAG_UNDER | f::FLAG_VARIANT) == 0;
        self.surfaces.iter().filter(|(_, links)| links.iter().any(sure)).map(|(s, _)| s.clone()).collect()
    }

    /// Number of concepts so far.
    pub fn concepts(&self) -> u32 {
        self.count
    }

    /// Number of surface forms so far.
    pub fn surfaces(&self) -> usize {
        self.surfaces.len()
    }

    /// The bytes of the pack. `meta` is the JSON of its META section.
    ///
    /// # Errors
    /// When the automaton can't be built (no surface at all, or more than 2^32 bytes of them).
    pub fn finish(mut self, meta: &str) -> Result<Vec<u8>, WriteError> {
        let surfaces = std::mem::take(&mut self.surfaces);
        let (mut surf, mut link) = (Vec::new(), Vec::new());
        let mut patterns: Vec<(&str, u32)> = Vec::with_capacity(surfaces.len());
        for (i, (surface, links)) in surfaces.iter().enumerate() {
            let start = len32(link.len() / f::LINK);
            for (concept, flags, cased) in links {
                let c = self.intern(cased);
                put(&mut link, &[*concept, *flags, c.0, c.1]);
            }
            let s = self.intern(surface);
            put(&mut surf, &[s.0, s.1, start, len32(link.len() / f::LINK)]);
            patterns.push((surface, len32(i)));
        }
        let automaton = CharwiseDoubleArrayAhoCorasick::<u32>::with_values(patterns).map_err(|e| WriteError(format!("the automaton could not be built: {e}")))?;
        let sections: [(&[u8; 4], Vec<u8>); 8] = [
            (b"META", meta.as_bytes().to_vec()),
            (b"STRS", self.strings),
            (b"CNPT", self.concepts),
            (b"CODE", self.codes),
            (b"ATTR", self.attrs),
            (b"SURF", surf),
            (b"LINK", link),
            (b"AUTO", automaton.serialize()),
        ];
        let mut body = Vec::new();
        let table = sections.len() * f::TABLE_ENTRY;
        let mut at = f::HEADER + table;
        for (tag, data) in &sections {
            at = at.next_multiple_of(8);
            body.extend_from_slice(*tag);
            body.extend_from_slice(&0u32.to_le_bytes());
            body.extend_from_slice(&(at as u64).to_le_bytes());
            body.extend_from_slice(&(data.len() as u64).to_le_bytes());
            at += data.len();
        }
        for (_, data) in &sections {
            let here = f::HEADER + body.len();
            body.resize(body.len() + here.next_multiple_of(8) - here, 0);
            body.extend_from_slice(data);
        }
        let mut out = Vec::with_capacity(f::HEADER + body.len());
        out.extend_from_slice(f::MAGIC);
        out.extend_from_slice(&f::VERSION.to_le_bytes());
        out.extend_from_slice(&len32(sections.len()).to_le_bytes());
        out.extend_from_slice(blake3::hash(&body).as_bytes());
        out.extend_from_slice(&body);
        Ok(out)
    }
}

fn put(out: &mut Vec<u8>, fields: &[u32]) {
    for x in fields {
        out.extend_from_slice(&x.to_le_bytes());
    }
}

fn len32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
