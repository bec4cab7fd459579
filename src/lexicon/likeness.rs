//! How like two names of disorders are: the normal form of a name, and what two normal forms share.
//!
//! A normal form writes in one way what names differ in without meaning another thing (のう胞 and 囊胞, Broca and
//! ブローカ, 減少 and 低下) and leaves out what says little (症, 性, の). The table is `dictionaries/coding/normal.tsv`.
//! What is shared is weighed by how rare it is among the names: 症 tells little, 膵 much.

use crate::text::{is_hiragana, is_katakana};
use rustc_hash::FxHashMap as HashMap;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A word as written, and in its normal form.
type Pair = (Vec<char>, Vec<char>);

/// Words to be written in one way, by their first character, the longest first.
#[derive(Debug, Default)]
struct Words {
    by_first: BTreeMap<char, Vec<Pair>>,
}

impl Words {
    fn of(sorts: &[&str]) -> Self {
        let mut by_first: BTreeMap<char, Vec<Pair>> = BTreeMap::new();
        for row in rows(include_str!("../../dictionaries/coding/normal.tsv")) {
            let [_, written, normal, sort, ..] = row.as_slice() else { continue };
            if let Some(first) = crate::note::fold(written).chars().next().filter(|_| sorts.contains(sort)) {
                by_first.entry(first).or_default().push((crate::note::fold(written).chars().collect(), crate::note::fold(normal).chars().collect()));
            }
        }
        for list in by_first.values_mut() {
            list.sort_by_key(|w| std::cmp::Reverse(w.0.len()));
        }
        Self { by_first }
    }

    fn apply(&self, chars: &[char]) -> Vec<char> {
        let mut out = Vec::with_capacity(chars.len());
        let mut rest = chars;
        while let Some((first, tail)) = rest.split_first() {
            match self.by_first.get(first).into_iter().flatten().find(|w| rest.starts_with(&w.0)) {
                Some((written, normal)) => {
                    out.extend(normal);
                    rest = rest.get(written.len()..).unwrap_or(&[]);
                }
                None => {
                    out.push(*first);
                    rest = tail;
                }
            }
        }
        out
    }
}

static SAME: LazyLock<Words> = LazyLock::new(|| Words::of(&["same"]));
static NEAR: LazyLock<Words> = LazyLock::new(|| Words::of(&["near", "drop"]));

/// Pairs that must not stand for one another: 上 and 下, 急 and 慢.
static OPPOSITES: LazyLock<Vec<Pair>> = LazyLock::new(|| {
    let chars = |s: &&str| crate::note::fold(s).chars().collect();
    rows(include_str!("../../dictionaries/coding/opposites.tsv")).filter_map(|r| Some((chars(r.get(1)?), chars(r.get(2)?)))).collect()
});

/// Words for parts of the body: a name that adds one says another thing.
static ORGANS: LazyLock<Vec<Vec<char>>> =
    LazyLock::new(|| rows(include_str!("../../dictionaries/coding/organs.tsv")).filter_map(|r| Some(crate::note::fold(r.get(1)?).chars().collect())).collect());

fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).filter(|l| !l.trim().is_empty()).map(|l| l.split('\t').collect())
}

/// A name in its normal forms.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct NormalForm {
    /// Spellings made one; no word is left out.
    pub same: Vec<char>,
    /// Also words that are near in meaning made one, and what says little left out.
    pub near: Vec<char>,
}

impl NormalForm {
    /// The normal forms of a folded name.
    pub fn new(folded: &str) -> Self {
        let chars: Vec<char> = folded.chars().filter(|c| !c.is_whitespace()).collect();
        let same = SAME.apply(&chars);
        let near = NEAR.apply(&same);
        // a name of nothing but such words is left as it is
        let near = if near.is_empty() { same.clone() } else { near };
        Self { same, near }
    }

    /// The characters of the near form in order: what is left of a name when its words change places.
    pub fn bag(&self) -> Vec<char> {
        let mut bag = self.near.clone();
        bag.sort_unstable();
        bag
    }
}

/// How rare characters are among names.
#[derive(Debug, Default)]
pub(crate) struct Rarity {
    names: f64,
    count: HashMap<char, u32>,
}

impl Rarity {
    /// Counts one more name.
    pub fn add(&mut self, name: &[char]) {
        self.names += 1.0;
        for (i, c) in name.iter().enumerate() {
            if !name.iter().take(i).any(|d| d == c) {
                *self.count.entry(*c).or_default() += 1;
            }
        }
    }

    /// The weight of a character: what it tells, more for a kanji than for a letter of an alphabet.
    pub fn of(&self, c: char) -> f64 {
        let idf = ((self.names + 1.0) / (f64::from(self.count.get(&c).copied().unwrap_or(0)) + 1.0)).ln().max(0.3);
        if is_katakana(c) || is_hiragana(c) || c.is_ascii() { idf * 0.5 } else { idf }
    }
}

/// What two names share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Likeness {
    /// Of the first name, weighed by rarity: 0 to 1.
    pub covered: f64,
    /// Of the second name.
    pub used: f64,
    /// Of neighbouring characters of both.
    pub order: f64,
    /// The second name has a part of the body that the first has not.
    pub other_organ: bool,
    /// The first has one that the second has not.
    pub lost_organ: bool,
    /// One says 上 where the other says 下, or another number, or 不 where the other does not.
    pub opposite: bool,
    /// The last character of the second name stands in the first: what it is comes last in a name.
    pub head_used: bool,
    /// The last character of the first name stands in the second.
    pub head_kept: bool,
    /// How much of the first name is the end that both have, and how much of the second.
    pub ends: (f64, f64),
}

impl Likeness {
    /// Of `a`, a phrase, to `b`, a name; both in one normal form.
    pub fn new(rarity: &Rarity, a: &[char], b: &[char]) -> Self {
        let (in_both, all_a, all_b) = shared(a, b, |c| rarity.of(*c));
        let pairs = |v: &[char]| -> Vec<(char, char)> { v.windows(2).filter_map(|w| Some((*w.first()?, *w.get(1)?))).collect() };
        let (pa, pb) = (pairs(a), pairs(b));
        let (both, of_a, of_b) = shared(&pa, &pb, |(x, y)| rarity.of(*x) + rarity.of(*y));
        let ratio = |x: f64, y: f64| if y > 0.0 { x / y } else { 1.0 };
        // by the first character: some hundred words are asked of every pair of names
        let holds = |v: &[char], w: &[char]| {
            w.split_first().is_some_and(|(first, tail)| v.iter().enumerate().any(|(i, c)| c == first && v.get(i + 1..).is_some_and(|rest| rest.starts_with(tail))))
        };
        // where there is no other word, it is the word itself that one has and one has not
        let opposite = |(x, y): &Pair| match y.as_slice() {
            [] => holds(a, x) != holds(b, x),
            y => (holds(a, x) && holds(b, y) && !holds(b, x)) || (holds(a, y) && holds(b, x) && !holds(b, y)),
        };
        let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count() as f64;
        let digits = |v: &[char]| -> Vec<char> { v.iter().copied().filter(char::is_ascii_digit).collect() };
        let (da, db) = (digits(a), digits(b));
        Self {
            covered: ratio(in_both, all_a),
            used: ratio(in_both, all_b),
            order: ratio(2.0 * both, of_a + of_b),
            other_organ: ORGANS.iter().any(|o| holds(b, o) && !holds(a, o)),
            lost_organ: ORGANS.iter().any(|o| holds(a, o) && !holds(b, o)),
            opposite: OPPOSITES.iter().any(opposite) || (da != db && !da.is_empty() && !db.is_empty()),
            ends: (ratio(end, a.len() as f64), ratio(end, b.len() as f64)),
            head_used: b.last().is_some_and(|c| a.contains(c)),
            head_kept: a.last().is_some_and(|c| b.contains(c)),
        }
    }

    /// One number, 0 to 1: the harmonic mean of what is covered and used, less where something speaks against it.
    pub fn value(&self) -> f64 {
        let sum = self.covered + self.used;
        let f = if sum > 0.0 { 2.0 * self.covered * self.used / sum } else { 0.0 };
        (0.75 * f + 0.25 * self.order) * if self.opposite { 0.5 } else { 1.0 } * if self.other_organ { 0.8 } else { 1.0 }
    }
}

/// The weight of what two lists share, each thing as often as both have it, and of either.
fn shared<T: PartialEq>(a: &[T], b: &[T], weight: impl Fn(&T) -> f64) -> (f64, f64, f64) {
    let mut left: Vec<&T> = b.iter().collect();
    let (mut both, mut of_a) = (0.0, 0.0);
    for x in a {
        let w = weight(x);
        of_a += w;
        if let Some(i) = left.iter().position(|y| *y == x) {
            left.swap_remove(i);
            both += w;
        }
    }
    (both, of_a, b.iter().map(weight).sum())
}
