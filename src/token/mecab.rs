//! Words exactly as MeCab 0.996 finds them, for models that were trained on its words.
//!
//! lindera cuts a text at 。 and 、 before it weighs the paths, and looks for no unknown word inside another; MeCab does
//! neither. This is MeCab's own search over lindera's dictionary: `tokenizer.cpp` (which words begin where) and
//! `viterbi.cpp` (which path costs least, and which of several that cost the same).

use lindera::dictionary::Dictionary;

/// The longest group of unknown characters after the first, MeCab's `max-grouping-size`.
const GROUP: usize = 24;

/// The most bytes that are weighed at once, so that the lattice of any text is bounded.
const MOST: usize = 1 << 16;

/// What `char.def` says of a character.
#[derive(Debug, Clone, Copy, Default)]
struct Kind {
    /// The categories that it is of, a bit each.
    all: u64,
    /// Its first category: unknown words that begin with it are of this one.
    first: usize,
    /// The end of the run of characters of which each shares a category with the next.
    run: usize,
}

/// A word of the lattice.
#[derive(Debug, Clone, Copy)]
struct Node {
    /// Where it begins and ends, in characters; spaces before it are not counted in.
    begin: usize,
    end: usize,
    left: u32,
    right: u32,
    /// The cost of the best path up to and with it.
    cost: i64,
    /// The word before it on that path; none at the beginning.
    before: Option<usize>,
}

/// A search with its buffers.
#[derive(Debug, Default)]
pub(super) struct Search {
    chars: Vec<char>,
    /// The byte that each character begins at, and the end of the text.
    bytes: Vec<usize>,
    kinds: Vec<Kind>,
    nodes: Vec<Node>,
    /// The numbers of the nodes that end at each character.
    ends: Vec<Vec<usize>>,
}

impl Search {
    /// Appends the words of `text` to `out`: start and end in bytes. A text of more than [`MOST`] bytes is cut after a line, else after
    /// a sentence, else where it must be.
    pub(super) fn words(&mut self, dictionary: &Dictionary, text: &str, out: &mut Vec<(u32, u32)>) {
        let mut from = 0;
        while let Some(rest) = text.get(from..).filter(|r| !r.is_empty()) {
            let most = rest.get(..rest.floor_char_boundary(MOST)).unwrap_or(rest);
            let after = |c: char| most.rfind(c).map(|i| i + c.len_utf8());
            let end = if most.len() == rest.len() { rest.len() } else { after('\n').or_else(|| after('。')).unwrap_or(most.len()) };
            let first = out.len();
            self.search(dictionary, rest.get(..end).unwrap_or(rest), out);
            let begin = crate::text::to_u32(from);
            out.iter_mut().skip(first).for_each(|w| *w = (w.0 + begin, w.1 + begin));
            from += end;
        }
    }

    fn search(&mut self, dictionary: &Dictionary, text: &str, out: &mut Vec<(u32, u32)>) {
        self.read(dictionary, text);
        let n = self.chars.len();
        let space = kind(dictionary, ' ').all;
        // where a path stands, MeCab looks for words; the beginning is such a place
        for at in 0..n {
            if at > 0 && self.ends.get(at).is_none_or(Vec::is_empty) {
                continue;
            }
            let begin = self.kinds.get(at).filter(|k| k.all & space != 0).map_or(at, |k| k.run);
            if begin < n {
                self.words_at(dictionary, text, at, begin);
            }
        }
        // the last place where a path ends; spaces may follow it
        let Some(last) = (1..=n).rev().find(|e| self.ends.get(*e).is_some_and(|v| !v.is_empty())) else { return };
        let from = out.len();
        let mut next = self.best(dictionary, last, 0).map(|b| b.0);
        while let Some(node) = next.and_then(|i| self.nodes.get(i)) {
            let byte = |i: usize| crate::text::to_u32(self.bytes.get(i).copied().unwrap_or(text.len()));
            out.push((byte(node.begin), byte(node.end)));
            next = node.before;
        }
        if let Some(found) = out.get_mut(from..) {
            found.reverse();
        }
    }

    fn read(&mut self, dictionary: &Dictionary, text: &str) {
        self.chars.clear();
        self.bytes.clear();
        self.kinds.clear();
        self.nodes.clear();
        for (i, c) in text.char_indices() {
            self.chars.push(c);
            self.bytes.push(i);
            self.kinds.push(kind(dictionary, c));
        }
        self.bytes.push(text.len());
        let n = self.chars.len();
        let (mut next, mut run) = (0u64, n);
        for (i, k) in self.kinds.iter_mut().enumerate().rev() {
            if k.all & next == 0 {
                run = i + 1;
            }
            (k.run, next) = (run, k.all);
        }
        self.ends.iter_mut().for_each(Vec::clear);
        self.ends.resize_with(self.ends.len().max(n + 1), Vec::new);
    }

    /// Adds the words that begin at the character `begin`, spaces before it from `at` on.
    ///
    /// MeCab puts what it finds later before what it found earlier: unknown words come first, then the dictionary's from the last
    /// on. Each is put before the others that end where it ends, so of those the dictionary's first is met first.
    fn words_at(&mut self, dictionary: &Dictionary, text: &str, at: usize, begin: usize) {
        // how far the dictionary goes; to read its entries it wants a text, which it goes through from end to end
        let longest = self.chars.get(begin..).and_then(|rest| dictionary.prefix_dictionary.common_prefix_search(rest).last()).map_or(0, |found| found.1);
        let byte = |i: usize| self.bytes.get(i).copied().unwrap_or(text.len());
        let from = byte(begin);
        let known: Vec<_> = dictionary.prefix_dictionary.prefix(text.get(from..byte(begin + longest)).unwrap_or("")).collect();
        self.unknown(dictionary, at, begin, !known.is_empty());
        for (bytes, word) in known.into_iter().rev() {
            let end = self.bytes.partition_point(|b| *b < from + bytes);
            self.add(dictionary, at, Node { begin, end, left: word.left_id(), right: word.right_id(), cost: i64::from(word.word_cost()), before: None });
        }
    }

    /// Adds the unknown words that begin at `begin`: the whole run of its kind, and the first few characters of it. Where the
    /// dictionary has words there (`found`), only of a kind that is looked for all the same.
    fn unknown(&mut self, dictionary: &Dictionary, at: usize, begin: usize, found: bool) {
        let Some(kind) = self.kinds.get(begin).copied() else { return };
        let Some(category) = dictionary.character_definition.category_definitions.get(kind.first).filter(|c| c.invoke || !found) else { return };
        let mut ends: Vec<usize> = Vec::new();
        if category.group && kind.run - begin - 1 <= GROUP {
            ends.push(kind.run);
        }
        for end in (begin + 1..=self.chars.len()).take(category.length as usize) {
            // the run is there already, and nothing goes beyond it
            if category.group && end == kind.run {
                break;
            }
            ends.push(end);
            if self.kinds.get(end).is_none_or(|k| k.all & kind.all == 0) {
                break;
            }
        }
        if ends.is_empty() && !found {
            ends.push(begin + 1);
        }
        let words: Vec<_> = dictionary.unknown_dictionary.category_references.get(kind.first).into_iter().flatten().map(|i| dictionary.unknown_dictionary.word_entry(*i)).collect();
        for end in ends.into_iter().rev() {
            for word in words.iter().rev() {
                self.add(dictionary, at, Node { begin, end, left: word.left_id(), right: word.right_id(), cost: i64::from(word.word_cost()), before: None });
            }
        }
    }

    /// Joins a word to the best path that ends at `at`.
    fn add(&mut self, dictionary: &Dictionary, at: usize, mut node: Node) {
        if at == 0 {
            node.cost += i64::from(dictionary.connection_cost_matrix.cost(0, node.left));
        } else {
            let Some((before, cost)) = self.best(dictionary, at, node.left) else { return };
            node.before = Some(before);
            node.cost += cost;
        }
        if let Some(ends) = self.ends.get_mut(node.end) {
            ends.push(self.nodes.len());
            self.nodes.push(node);
        }
    }

    /// The word that ends at `at` and leads at the least cost to a word of the context `left`; of several the one added last.
    fn best(&self, dictionary: &Dictionary, at: usize, left: u32) -> Option<(usize, i64)> {
        let mut best: Option<(usize, i64)> = None;
        for i in self.ends.get(at)?.iter().rev() {
            let node = self.nodes.get(*i)?;
            let cost = node.cost + i64::from(dictionary.connection_cost_matrix.cost(node.right, left));
            if best.is_none_or(|b| cost < b.1) {
                best = Some((*i, cost));
            }
        }
        best
    }
}

/// What `char.def` says of a character; the run is found later. Beyond the first plane MeCab takes every character for U+0000.
fn kind(dictionary: &Dictionary, c: char) -> Kind {
    let c = if u32::from(c) > 0xFFFF { '\0' } else { c };
    let categories = dictionary.character_definition.lookup_categories(c);
    Kind { all: categories.iter().fold(0, |bits, id| bits | 1u64.checked_shl(crate::text::to_u32(id.0)).unwrap_or(0)), first: categories.first().map_or(0, |id| id.0), run: 0 }
}
