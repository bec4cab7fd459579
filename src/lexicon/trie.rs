//! Reads the trie of a pack where it lies. [`super::compile::trie`] tells how it is laid out.

use super::compile::format as f;
use super::pack::u32_at;
use std::ops::Range;

/// Bytes of a node, and of a slot of the table of pairs.
const NODE: usize = 16;
const SLOT: usize = f::TRIE_SLOT * 4;
const HEAD: usize = 16;

/// Where the parts of a pack's trie lie in it, and how large they are as powers of two.
#[derive(Debug, Clone, Default)]
pub struct Trie {
    two: (Range<usize>, u32),
    three: (Range<usize>, u32),
    table: (Range<usize>, u32),
    nodes: Range<usize>,
}

/// A pair's slot: where its children are, and what it means.
struct Slot {
    children: (u32, u32),
    value: [u32; 2],
}

impl Trie {
    /// The parts of the trie in `section`; nothing where they don't fill it.
    pub fn read(section: &[u8]) -> Option<Self> {
        let (two, three, slots, nodes) = (u32_at(section, 0), u32_at(section, 4), u32_at(section, 8), u32_at(section, 12) as usize);
        if !(3..32).contains(&two) || !(3..32).contains(&three) || slots >= 32 {
            return None;
        }
        let second = HEAD + (1usize << (two - 3));
        let table = second + (1usize << (three - 3));
        let first_node = table + (1usize << slots) * SLOT;
        let nodes = first_node..first_node.checked_add(nodes.checked_mul(NODE)?)?;
        (nodes.end == section.len() && !nodes.is_empty()).then_some(Self { two: (HEAD..second, two), three: (second..table, three), table: (table..first_node, slots), nodes })
    }

    /// Calls `each` with what starts at every place of `text`, place by place and the longest first: start, end, and
    /// the two words of its value.
    pub fn scan(&self, section: &[u8], text: &str, mut each: impl FnMut(usize, usize, [u32; 2])) {
        let part = |r: &Range<usize>| section.get(r.clone()).unwrap_or(&[]);
        let (two, three, table, nodes) = (part(&self.two.0), part(&self.three.0), part(&self.table.0), part(&self.nodes));
        let mut found: Vec<(usize, [u32; 2])> = Vec::new();
        let mut chars = text.char_indices();
        let mut next = chars.next();
        while let Some((start, c)) = next {
            next = chars.next();
            let a = u32::from(c);
            let alone = f::pair_hash(a, 0);
            let (second, rest) = next.map_or((0, text.len()), |(i, c)| (u32::from(c), i));
            if holds(two, self.two.1, alone)
                && let Some(slot) = self.slot(table, alone, a, 0)
            {
                found.extend(is_value(slot.value).map(|v| (rest, v)));
            }
            let pair = f::pair_hash(a, second);
            if second != 0
                && holds(two, self.two.1, pair)
                && let Some(slot) = self.slot(table, pair, a, second)
            {
                // the two characters, and then what goes on from them
                let mut ahead = chars.clone();
                let third = ahead.next();
                let end = third.map_or(text.len(), |(i, _)| i);
                found.extend(is_value(slot.value).map(|v| (end, v)));
                if let Some((i, c)) = third
                    && holds(three, self.three.1, f::triple_hash(pair, u32::from(c)))
                {
                    descend(nodes, slot.children, text, i, &mut found);
                }
            }
            for (end, v) in found.drain(..).rev() {
                each(start, end, v);
            }
        }
    }

    fn slot(&self, table: &[u8], hash: u32, a: u32, b: u32) -> Option<Slot> {
        let home = f::trie_slot(hash, self.table.1);
        let mask = (1usize << self.table.1) - 1;
        for i in 0..f::TRIE_PROBES {
            let slot: &[u8; SLOT] = table.get(((home + i) & mask) * SLOT..)?.first_chunk()?;
            let first = u32_at(slot, 0);
            if first == f::TRIE_NONE {
                return None;
            }
            if (first, u32_at(slot, 4)) == (a, b) {
                return Some(Slot { children: (u32_at(slot, 8), u32_at(slot, 12)), value: [u32_at(slot, 16), u32_at(slot, 20)] });
            }
        }
        None
    }
}

/// Whether a filter holds a hash; it may say so of others.
fn holds(filter: &[u8], bits: u32, hash: u32) -> bool {
    let i = f::trie_slot(hash, bits);
    filter.get(i / 8).is_some_and(|byte| byte >> (i % 8) & 1 == 1)
}

/// Follows `text` from its character at `at` among the nodes `children`.
fn descend(nodes: &[u8], mut children: (u32, u32), text: &str, at: usize, found: &mut Vec<(usize, [u32; 2])>) {
    for (i, c) in text.get(at..).unwrap_or("").char_indices() {
        let Some(node) = child(nodes, children, u32::from(c)) else { return };
        let place = node as usize * NODE;
        let end = at + i + c.len_utf8();
        found.extend(is_value([u32_at(nodes, place + 8), u32_at(nodes, place + 12)]).map(|v| (end, v)));
        let below = (u32_at(nodes, place + 4), u32_at(nodes, place + NODE + 4));
        // children come after their parent in a sound trie; in another one the walk ends
        if below.0 <= node {
            return;
        }
        children = below;
    }
}

fn is_value(v: [u32; 2]) -> Option<[u32; 2]> {
    (v != [f::TRIE_NONE; 2]).then_some(v)
}

fn child(nodes: &[u8], (mut lo, mut hi): (u32, u32), label: u32) -> Option<u32> {
    // the labels of a node's children ascend
    while hi.saturating_sub(lo) > 8 {
        let mid = lo + (hi - lo) / 2;
        if u32_at(nodes, mid as usize * NODE) <= label { lo = mid } else { hi = mid }
    }
    (lo..hi).find(|n| u32_at(nodes, *n as usize * NODE) == label)
}

#[cfg(test)]
mod tests {
    use super::super::compile::trie::{Value, build};
    use super::*;
    use proptest::prelude::*;

    fn found(words: &[&str], text: &str) -> Vec<(usize, usize, u32)> {
        let mut keys: Vec<(&str, Value)> = words.iter().enumerate().map(|(i, w)| (*w, Value::Surface(to_u32(i)))).collect();
        keys.sort_by_key(|k| k.0);
        keys.dedup_by_key(|k| k.0);
        let bytes = build(&keys);
        let mut out = Vec::new();
        Trie::read(&bytes).unwrap().scan(&bytes, text, |s, e, v| out.push((s, e, v[0])));
        out
    }

    use crate::text::to_u32;

    #[test]
    fn the_longest_comes_first_at_each_place() {
        let words = ["肺", "肺炎", "肺炎球菌", "炎", "球菌"];
        assert_eq!(found(&words, "肺炎球菌"), [(0, 12, 2), (0, 6, 1), (0, 3, 0), (3, 6, 3), (6, 12, 4)]);
        assert_eq!(found(&words, "肺"), [(0, 3, 0)]);
        assert!(found(&words, "").is_empty() && found(&[], "肺炎").is_empty());
    }

    proptest! {
        #[test]
        fn it_finds_what_searching_each_word_finds(words in prop::collection::vec("[a-c𠮷]{1,5}", 1..40), text in "[a-d𠮷]{0,60}") {
            let mut distinct: Vec<&str> = words.iter().map(String::as_str).collect();
            distinct.sort_unstable();
            distinct.dedup();
            let mut expected = Vec::new();
            for (i, _) in text.char_indices() {
                for (n, w) in distinct.iter().enumerate().rev() {
                    if text[i..].starts_with(w) {
                        expected.push((i, i + w.len(), to_u32(n)));
                    }
                }
            }
            prop_assert_eq!(found(&distinct, &text), expected);
        }

        #[test]
        fn damaged_bytes_do_no_harm(at in 0usize..400, with in any::<u8>(), text in "[ab]{0,20}") {
            let mut bytes = build(&[("a", Value::Surface(0)), ("ab", Value::Link(3, 4)), ("abb", Value::Surface(1)), ("bab", Value::Surface(2))]);
            if let Some(b) = bytes.get_mut(at) {
                *b = with;
            }
            if let Some(trie) = Trie::read(&bytes) {
                trie.scan(&bytes, &text, |_, _, _| {});
            }
        }
    }
}
