//! Writes the trie of the surfaces that are looked for in notes.
//!
//! Most places of a text start no surface, and two characters tell; of those that may, most go on no further, and a
//! third tells. So the trie begins with filters of bits over the first two and the first three characters, which stay in
//! the processor's nearest caches. Behind them are a hash table of the pairs, and then the nodes, each a record in one
//! cache line with what its surface means. All of it is read where it lies.

use super::format as f;

/// What the trie holds at a surface: its only link, or the number of the surface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A concept, and the flags as they stand in the link.
    Link(u32, u32),
    /// A surface with several links, or with one whose case counts.
    Surface(u32),
}

impl Value {
    const fn words(self) -> [u32; 2] {
        match self {
            Self::Link(concept, flags) => [concept, flags],
            Self::Surface(n) => [n, f::TRIE_SEVERAL],
        }
    }
}

/// The bytes of the trie over `surfaces`, which are sorted and unlike each other.
pub fn build(surfaces: &[(&str, Value)]) -> Vec<u8> {
    let keys: Vec<Vec<u32>> = surfaces.iter().map(|s| s.0.chars().map(u32::from).collect()).collect();
    let word = |k: usize, depth: usize| keys.get(k).and_then(|c: &Vec<u32>| c.get(depth)).copied();
    // a surface of one character is the pair of it and nothing
    let pair = |k: usize| [word(k, 0).unwrap_or(0), word(k, 1).unwrap_or(0)];
    let mut nodes: Vec<[u32; 4]> = Vec::new();
    // the runs of surfaces under each node, level by level, so that a node's children stand together
    let mut level: Vec<std::ops::Range<usize>> = runs(0..keys.len(), pair);
    let pairs: Vec<[u32; 2]> = level.iter().map(|r| pair(r.start)).collect();
    let mut triples: Vec<[u32; 3]> = Vec::new();
    let mut depth = 2;
    let mut base = 0;
    while !level.is_empty() {
        let mut below = Vec::new();
        let first_below = base + level.len();
        for run in &level {
            let label = word(run.start, depth - 1).unwrap_or(0);
            let ends = keys.get(run.start).is_some_and(|k| k.len() <= depth);
            let value = surfaces.get(run.start).filter(|_| ends).map_or([f::TRIE_NONE; 2], |s| s.1.words());
            nodes.push([label, len32(first_below + below.len()), value[0], value[1]]);
            below.extend(runs(run.start + usize::from(ends)..run.end, |k| word(k, depth)));
        }
        if depth == 2 {
            triples = below.iter().filter_map(|r| Some([word(r.start, 0)?, word(r.start, 1)?, word(r.start, 2)?])).collect();
        }
        base = first_below;
        level = below;
        depth += 1;
    }
    // one more, so that the last node's children end somewhere
    nodes.push([0, len32(base), f::TRIE_NONE, f::TRIE_NONE]);
    let (two, three) = (filter(pairs.iter().map(|p| f::pair_hash(p[0], p[1]))), filter(triples.iter().map(|t| f::triple_hash(f::pair_hash(t[0], t[1]), t[2]))));
    let table = table(&pairs, &nodes);
    let head = [bits(two.len() * 8), bits(three.len() * 8), bits(table.len() / f::TRIE_SLOT), len32(nodes.len())];
    let mut out: Vec<u8> = head.iter().flat_map(|w| w.to_le_bytes()).collect();
    out.extend_from_slice(&two);
    out.extend_from_slice(&three);
    out.extend(table.iter().chain(nodes.iter().flatten()).flat_map(|w| w.to_le_bytes()));
    out
}

/// Which power of two.
const fn bits(n: usize) -> u32 {
    n.trailing_zeros()
}

/// The runs of neighbours in `range` that `key` does not tell apart.
fn runs<K: PartialEq>(range: std::ops::Range<usize>, key: impl Fn(usize) -> K) -> Vec<std::ops::Range<usize>> {
    let mut out: Vec<std::ops::Range<usize>> = Vec::new();
    for k in range {
        match out.last_mut() {
            Some(last) if key(last.start) == key(k) => last.end = k + 1,
            _ => out.push(k..k + 1),
        }
    }
    out
}

/// A filter that holds every hash and one in eight others.
fn filter(hashes: impl ExactSizeIterator<Item = u32>) -> Vec<u8> {
    let size = (hashes.len() * 8).next_power_of_two().max(64);
    let mut out = vec![0u8; size / 8];
    for h in hashes {
        let i = f::trie_slot(h, bits(size));
        if let Some(byte) = out.get_mut(i / 8) {
            *byte |= 1 << (i % 8);
        }
    }
    out
}

/// The table of pairs: as large as it must be for none to lie too far from its own slot.
fn table(pairs: &[[u32; 2]], nodes: &[[u32; 4]]) -> Vec<u32> {
    let mut slots = (pairs.len() * 2).next_power_of_two().max(8);
    loop {
        if let Some(table) = place(pairs, nodes, slots) {
            return table;
        }
        slots *= 2;
    }
}

/// A table of that many slots; nothing where a pair would lie too far from its own.
fn place(pairs: &[[u32; 2]], nodes: &[[u32; 4]], slots: usize) -> Option<Vec<u32>> {
    let mut table = vec![f::TRIE_NONE; slots * f::TRIE_SLOT];
    for (n, &[a, b]) in pairs.iter().enumerate() {
        let (node, next) = (nodes.get(n)?, nodes.get(n + 1)?);
        let home = f::trie_slot(f::pair_hash(a, b), bits(slots));
        let free = (0..f::TRIE_PROBES).map(|i| (home + i) % slots * f::TRIE_SLOT).find(|at| table.get(*at) == Some(&f::TRIE_NONE))?;
        table.get_mut(free..free + f::TRIE_SLOT)?.copy_from_slice(&[a, b, node[1], next[1], node[2], node[3]]);
    }
    Some(table)
}

fn len32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
