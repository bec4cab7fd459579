//! Writes a pack.

use super::format as f;
use super::format::{Attr, ConceptKind, Relation, System};
use super::trie::{self, Value};
use std::collections::btree_map::Entry;
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
    /// For looking up only: no stage recognises it.
    pub reference: bool,
}

impl NewConcept {
    /// A concept with no codes yet.
    pub fn new(kind: ConceptKind, id: &str, name: &str) -> Self {
        Self { kind, id: id.to_owned(), name: name.to_owned(), en: String::new(), codes: Vec::new(), attrs: Vec::new(), reference: false }
    }

    /// Its kind as a pack file holds it.
    const fn kind_field(&self) -> u32 {
        self.kind.number() | if self.reference { f::KIND_REFERENCE } else { 0 }
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
    kinds: Vec<u32>,
    ids: Vec<String>,
    codes: Vec<u8>,
    code_index: Vec<(u32, String, u32, u32)>,
    attrs: Vec<u8>,
    surfaces: BTreeMap<String, Vec<NewLink>>,
    /// Groups of spellings that stand for one another inside a surface.
    variants: Vec<Vec<String>>,
    count: u32,
    relations: Relations,
}

/// A relation on its way into a pack: between two nodes of [`PackWriter::node`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewRelation {
    /// Counted so many times (in a relation that was counted), or so many of `of`.
    pub n: u32,
    /// Out of so many.
    pub of: u32,
    /// Ids of the rows that say so, joined by `|`.
    pub row: String,
    /// A remark: a direction, a frequency as written.
    pub note: String,
}

/// Relations and what they join.
#[derive(Default)]
struct Relations {
    /// Concept, id, name, count.
    nodes: Vec<(u32, String, String, u32)>,
    numbers: HashMap<String, u32>,
    /// From, relation, to; with the place in which it was added, since tables name what is most typical first.
    edges: BTreeMap<(u32, u32, u32), (usize, NewRelation)>,
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
            kinds: Vec::new(),
            ids: Vec::new(),
            codes: Vec::new(),
            code_index: Vec::new(),
            attrs: Vec::new(),
            surfaces: BTreeMap::new(),
            variants: Vec::new(),
            count: 0,
            relations: Relations::default(),
        }
    }

    /// The number of the node of that id, which is made when it is new. `concept` is its number in this pack;
    /// `None` stands for a concept of another pack.
    pub fn node(&mut self, concept: Option<u32>, id: &str, name: &str) -> u32 {
        let at = &mut self.relations;
        if let Some(n) = at.numbers.get(id) {
            return *n;
        }
        let n = len32(at.nodes.len());
        at.nodes.push((concept.unwrap_or(f::ELSEWHERE), id.to_owned(), name.to_owned(), 0));
        at.numbers.insert(id.to_owned(), n);
        n
    }

    /// Counts a node: in so many notes it was told.
    pub fn count_node(&mut self, node: u32, count: u32) {
        if let Some(n) = self.relations.nodes.get_mut(node as usize) {
            n.3 = count;
        }
    }

    /// Adds a relation; one that is there already takes over the row.
    pub fn relation(&mut self, from: u32, relation: Relation, to: u32, new: NewRelation) {
        let place = self.relations.edges.len();
        match self.relations.edges.entry((from, relation.number(), to)) {
            Entry::Vacant(e) => {
                e.insert((place, new));
            }
            Entry::Occupied(mut e) => {
                let old = &mut e.get_mut().1;
                if !new.row.is_empty() && !old.row.split('|').any(|r| r == new.row) {
                    old.row.push('|');
                    old.row.push_str(&new.row);
                }
                if old.note.is_empty() {
                    old.note = new.note;
                }
            }
        }
    }

    /// Number of relations so far.
    pub fn relations(&self) -> usize {
        self.relations.edges.len()
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
        let (code_start, attr_start) = (len32(self.codes.len() / f::CODE), len32(self.attrs.len() / f::ATTR));
        for (system, code, display) in &c.codes {
            self.code_index.push((system.number(), code.clone(), len32(self.codes.len() / f::CODE), n));
            let (c, d) = (self.intern(code), self.intern(display));
            put(&mut self.codes, &[system.number(), c.0, c.1, d.0, d.1]);
        }
        for (key, value) in &c.attrs {
            let v = self.intern(value);
            put(&mut self.attrs, &[key.number(), v.0, v.1]);
        }
        let (id, name, en) = (self.intern(&c.id), self.intern(&c.name), self.intern(&c.en));
        let (code_end, attr_end) = (len32(self.codes.len() / f::CODE), len32(self.attrs.len() / f::ATTR));
        put(&mut self.concepts, &[c.kind_field(), id.0, id.1, name.0, name.1, en.0, en.1, code_start, code_end, attr_start, attr_end]);
        self.kinds.push(c.kind_field());
        self.ids.push(c.id.clone());
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

    /// Adds a surface as it is written, without its spelling variants.
    pub fn surface_as_written(&mut self, surface: &str, concept: u32, flags: u32) {
        let s = (self.fold)(surface.trim());
        if !s.is_empty() {
            self.link(s, concept, flags, "");
        }
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
        links.iter().map(|l| l.0).find(|c| self.kinds.get(*c as usize).is_some_and(|k| kinds.iter().any(|wanted| wanted.number() == *k)))
    }

    /// The surfaces of a concept that name it without doubt.
    pub fn surfaces_of(&self, concept: u32) -> Vec<String> {
        let sure = |l: &NewLink| l.0 == concept && l.1 & (f::FLAG_AMBIGUOUS | f::FLAG_UNDER | f::FLAG_VARIANT) == 0;
        self.surfaces.iter().filter(|(_, links)| links.iter().any(sure)).map(|(s, _)| s.clone()).collect()
    }

    /// Every code so far: system, code, concept.
    pub fn codes(&self) -> impl Iterator<Item = (u32, &str, u32)> {
        self.code_index.iter().map(|c| (c.0, c.1.as_str(), c.3))
    }

    /// The ids of the concepts, in the order of their numbers.
    pub fn ids(&self) -> &[String] {
        &self.ids
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
    /// When there are more than 4 GB of strings.
    pub fn finish(mut self, meta: &str) -> Result<Vec<u8>, WriteError> {
        if self.strings.len() >= u32::MAX as usize {
            return Err(WriteError("more than 4 GB of strings".to_owned()));
        }
        let surfaces = std::mem::take(&mut self.surfaces);
        let (mut surf, mut link) = (Vec::new(), Vec::new());
        let mut patterns: Vec<(&str, Value)> = Vec::with_capacity(surfaces.len());
        for (i, (surface, links)) in surfaces.iter().enumerate() {
            let start = len32(link.len() / f::LINK);
            let mut scanned = false;
            let mut value = Value::Surface(len32(i));
            for (concept, flags, cased) in links {
                let kind = self.kinds.get(*concept as usize).copied().unwrap_or(0);
                let flags = flags & f::FLAG_BITS | if kind & f::KIND_REFERENCE == 0 { 0 } else { f::FLAG_LOOKUP };
                scanned |= flags & f::FLAG_LOOKUP == 0 && !UNSCANNED.iter().any(|k| k.number() == kind);
                let c = self.intern(cased);
                put(&mut link, &[*concept, flags | kind << 24, c.0, c.1]);
                if links.len() == 1 && flags & f::FLAG_CASED == 0 {
                    value = Value::Link(*concept, flags | kind << 24);
                }
            }
            let s = self.intern(surface);
            put(&mut surf, &[s.0, s.1, start, len32(link.len() / f::LINK)]);
            if scanned {
                patterns.push((surface, value));
            }
        }
        let trie = if patterns.is_empty() { Vec::new() } else { trie::build(&patterns) };
        let (runs, id_index, code_index) = (self.runs(), self.id_index(), self.code_index());
        let (nodes, relations) = self.relation_tables();
        let mut sections: Vec<(&[u8; 4], Vec<u8>)> = vec![
            (b"META", meta.as_bytes().to_vec()),
            (b"KIND", runs),
            (b"TRIE", trie),
            (b"CNPT", self.concepts),
            (b"IDNX", id_index),
            (b"CODE", self.codes),
            (b"CDNX", code_index),
            (b"ATTR", self.attrs),
            (b"SURF", surf),
            (b"LINK", link),
            (b"STRS", self.strings),
        ];
        if !nodes.is_empty() {
            sections.extend([(b"RNOD", nodes), (b"RELN", relations)]);
        }
        let mut body = Vec::new();
        let table = sections.len() * f::TABLE_ENTRY;
        let mut at = f::HEADER + table;
        for (tag, data) in &sections {
            at = at.next_multiple_of(8);
            body.extend_from_slice(*tag);
            body.extend_from_slice(&0u32.to_le_bytes());
            body.extend_from_slice(&(at as u64).to_le_bytes());
            body.extend_from_slice(&(data.len() as u64).to_le_bytes());
            body.extend_from_slice(blake3::hash(data).as_bytes());
            at += data.len();
        }
        let hash = blake3::hash(&body);
        for (_, data) in &sections {
            let here = f::HEADER + body.len();
            body.resize(body.len() + here.next_multiple_of(8) - here, 0);
            body.extend_from_slice(data);
        }
        let mut out = Vec::with_capacity(f::HEADER + body.len());
        out.extend_from_slice(f::MAGIC);
        out.extend_from_slice(&f::VERSION.to_le_bytes());
        out.extend_from_slice(&len32(sections.len()).to_le_bytes());
        out.extend_from_slice(hash.as_bytes());
        out.extend_from_slice(&body);
        Ok(out)
    }

    /// Concepts stand in runs of one kind, so that a reader finds the rules without reading all.
    fn runs(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let (mut start, mut i) = (0, 0);
        for pair in self.kinds.windows(2) {
            i += 1;
            if let [a, b] = pair
                && a != b
            {
                put(&mut out, &[*a, start, i]);
                start = i;
            }
        }
        if let Some(last) = self.kinds.last() {
            put(&mut out, &[*last, start, len32(self.kinds.len())]);
        }
        out
    }

    fn relation_tables(&mut self) -> (Vec<u8>, Vec<u8>) {
        let Relations { nodes, edges, .. } = std::mem::take(&mut self.relations);
        let (mut out, mut table) = (Vec::new(), Vec::new());
        for (concept, id, name, count) in nodes {
            let (id, name) = (self.intern(&id), self.intern(&name));
            put(&mut out, &[concept, id.0, id.1, name.0, name.1, count]);
        }
        let mut edges: Vec<_> = edges.into_iter().collect();
        edges.sort_by_key(|((from, relation, _), (place, _))| (*from, *relation, *place));
        for ((from, relation, to), (_, e)) in edges {
            let (row, note) = (self.intern(&e.row), self.intern(&e.note));
            put(&mut table, &[relation, from, to, e.n, e.of, row.0, row.1, note.0, note.1]);
        }
        (out, table)
    }

    fn id_index(&self) -> Vec<u8> {
        let mut order: Vec<(&str, u32)> = self.ids.iter().enumerate().map(|(i, id)| (id.as_str(), len32(i))).collect();
        order.sort_unstable();
        let mut out = Vec::with_capacity(order.len() * 4);
        for (_, n) in order {
            put(&mut out, &[n]);
        }
        out
    }

    fn code_index(&mut self) -> Vec<u8> {
        let mut index = std::mem::take(&mut self.code_index);
        index.sort_unstable();
        let mut out = Vec::with_capacity(index.len() * f::CODE_INDEX);
        for (system, _, record, concept) in index {
            put(&mut out, &[system, record, concept]);
        }
        out
    }
}

/// Kinds that are tables only: their surfaces are not looked for in notes.
const UNSCANNED: [ConceptKind; 2] = [ConceptKind::Section, ConceptKind::Ambiguity];

fn put(out: &mut Vec<u8>, fields: &[u32]) {
    for x in fields {
        out.extend_from_slice(&x.to_le_bytes());
    }
}

fn len32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
