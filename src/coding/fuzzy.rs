//! Spellings that differ by a letter or two: n-gram retrieval, then edit distance.

use crate::lexicon::{ConceptKind, ConceptRef, FLAG_AMBIGUOUS, Lexicon, System};
use std::collections::HashMap;

/// Bigrams of every name of a disorder or finding.
#[derive(Debug)]
pub(super) struct FuzzyIndex {
    grams: HashMap<(char, char), Vec<u32>>,
    names: Vec<(Box<str>, u16, ConceptRef)>,
}

/// Bigrams that stand in more names than this tell little and cost much.
const COMMON: usize = 4000;

impl FuzzyIndex {
    /// Indexes the lexicon: names of four characters and more that have a code.
    pub fn new(lexicon: &Lexicon) -> Self {
        let mut index = Self { grams: HashMap::new(), names: Vec::new() };
        for (p, pack) in lexicon.packs().iter().enumerate().rev() {
            let Ok(p) = u8::try_from(p) else { continue };
            for s in 0..crate::text::to_u32(pack.surfaces()) {
                let name = pack.surface_text(s);
                let chars: Vec<char> = name.chars().collect();
                if chars.len() < 4 {
                    continue;
                }
                let Some(concept) = pack.links(s).filter(|l| l.flags & FLAG_AMBIGUOUS == 0).find_map(|l| {
                    let c = pack.concept(l.concept)?;
                    (matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding) && c.code(System::DiseaseExchange).is_some()).then_some(l.concept)
                }) else {
                    continue;
                };
                let n = crate::text::to_u32(index.names.len());
                index.names.push((name.into(), u16::try_from(chars.len()).unwrap_or(u16::MAX), ConceptRef { pack: p, index: concept }));
                for g in bigrams(&chars) {
                    let list = index.grams.entry(g).or_default();
                    if list.last() != Some(&n) {
                        list.push(n);
                    }
                }
            }
        }
        index
    }

    /// The `k` names nearest to `folded`, with a score from 0 to 1.
    pub fn search(&self, lexicon: &Lexicon, folded: &str, k: usize) -> Vec<(f64, ConceptRef)> {
        let query: Vec<char> = folded.chars().collect();
        if query.len() < 4 {
            return Vec::new();
        }
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for g in bigrams(&query) {
            for n in self.grams.get(&g).filter(|l| l.len() <= COMMON).into_iter().flatten() {
                *shared.entry(*n).or_default() += 1;
            }
        }
        let mut near: Vec<(u32, u32)> = shared.into_iter().filter(|(_, c)| *c as usize * 2 + 1 >= query.len().saturating_sub(1)).collect();
        near.sort_by_key(|(n, c)| (std::cmp::Reverse(*c), *n));
        let mut out: Vec<(f64, ConceptRef)> = Vec::new();
        for (n, _) in near.into_iter().take(200) {
            let Some((name, len, concept)) = self.names.get(n as usize) else { continue };
            let longest = query.len().max(usize::from(*len));
            let limit = longest / 3;
            let name: Vec<char> = name.chars().collect();
            let Some(d) = distance(&query, &name, limit) else { continue };
            let score = 1.0 - d as f64 / longest as f64;
            if out.iter().any(|(_, c)| c == concept || lexicon.concept(*c).map(|c| c.name()) == lexicon.concept(*concept).map(|c| c.name())) {
                continue;
            }
            // a name of its own always beats one that only looks like it
            out.push((score * 0.9, *concept));
        }
        out.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        out.truncate(k);
        out
    }
}

fn bigrams(chars: &[char]) -> impl Iterator<Item = (char, char)> {
    chars.windows(2).filter_map(|w| Some((*w.first()?, *w.get(1)?)))
}

/// Edits from `a` to `b`, counting a swap of neighbours as one; `None` above `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let (mut before, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    let mut last_a = None;
    for (i, ca) in a.iter().enumerate() {
        let mut next = Vec::with_capacity(b.len() + 1);
        next.push(i + 1);
        let mut last_b = None;
        for (j, cb) in b.iter().enumerate() {
            let get = |v: &[usize], k: usize| v.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut d = (get(&row, j) + usize::from(ca != cb)).min(get(&row, j + 1) + 1).min(get(&next, j) + 1);
            if last_a == Some(cb) && last_b == Some(ca) && j > 0 {
                d = d.min(get(&before, j - 1) + 1);
            }
            next.push(d);
            last_b = Some(cb);
        }
        if next.iter().all(|d| *d > limit) {
            return None;
        }
        before = std::mem::replace(&mut row, next);
        last_a = Some(ca);
    }
    row.last().copied().filter(|d| *d <= limit)
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn edits_are_counted() {
        let c = |s: &str| s.chars().collect::<Vec<_>>();
        assert_eq!(distance(&c("エリテマトデース"), &c("エリテマトーデス"), 3), Some(1));
        assert_eq!(distance(&c("肺炎"), &c("肺炎"), 0), Some(0));
        assert_eq!(distance(&c("心不全"), &c("腎不全"), 1), Some(1));
        assert_eq!(distance(&c("肺炎"), &c("胃潰瘍"), 1), None);
        assert_eq!(distance(&c("気管支炎"), &c("気管炎支"), 2), Some(1));
    }
}
