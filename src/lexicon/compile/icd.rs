//! Blocks and chapters of ICD-10: ranges of three-character categories.

use std::collections::HashMap;

/// A range of categories, both ends in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block {
    first: String,
    last: String,
}

impl Block {
    /// `J09-J18`, or one category.
    pub fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let sound = |c: &str| c.len() == 3 && c.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) && c.bytes().skip(1).all(|b| b.is_ascii_digit());
        (sound(first) && sound(last) && first <= last).then(|| Self { first: first.to_owned(), last: last.to_owned() })
    }

    /// As it was written.
    pub fn text(&self) -> String {
        format!("{}-{}", self.first, self.last)
    }

    fn holds(&self, category: &str) -> bool {
        self.first.as_str() <= category && category <= self.last.as_str()
    }

    fn within(&self, other: &Self) -> bool {
        self != other && other.holds(&self.first) && other.holds(&self.last)
    }
}

/// The narrowest block that a code falls into, with its node.
pub fn of(blocks: &[(Block, u32)], code: &str) -> Option<(Block, u32)> {
    let category = code.get(..3)?;
    narrowest(blocks.iter().filter(|b| b.0.holds(category)))
}

/// The narrowest block around another.
pub fn around(blocks: &[(Block, u32)], inner: &Block) -> Option<(Block, u32)> {
    narrowest(blocks.iter().filter(|b| inner.within(&b.0)))
}

fn narrowest<'b>(blocks: impl Iterator<Item = &'b (Block, u32)>) -> Option<(Block, u32)> {
    // of two that hold one category, the narrower lies within the other
    blocks.fold(None, |best: Option<&(Block, u32)>, b| if best.is_none_or(|x| b.0.within(&x.0)) { Some(b) } else { best }).cloned()
}

/// Whether `to` can be come to from `from`.
pub fn reaches(up: &HashMap<u32, Vec<u32>>, from: u32, to: u32) -> bool {
    let (mut open, mut seen) = (vec![from], std::collections::HashSet::new());
    while let Some(n) = open.pop() {
        if n == to {
            return true;
        }
        if seen.insert(n) {
            open.extend(up.get(&n).into_iter().flatten());
        }
    }
    false
}
