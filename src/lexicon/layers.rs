//! One concept in several layers: the official pack's 高血圧症 is the curated one.
//!
//! Concepts meet by their key number (管理番号), where they are not composed of several. A concept of a lower layer
//! gets the upper layer's codes: its edition of the master is the one that the user chose. An upper concept whose
//! name the lower one bears is that one, so that its id, its kind and the rules that name it keep working; the
//! curated 口すぼめ呼吸, which is coded as 異常呼吸, is not what the official 異常呼吸 stands for.

use super::compile::format::{ConceptKind, System};
use super::{Concept, ConceptRef, Pack};
use crate::note::fold;
use std::cmp::Ordering;

/// Which concepts of upper packs are concepts of lower ones.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Sorted: a concept of an upper pack, and the one below that stands for it.
    down: Vec<(ConceptRef, ConceptRef)>,
    /// Sorted: a concept, the one of the highest pack above it whose codes it takes, and whether they are the same.
    up: Vec<(ConceptRef, ConceptRef, bool)>,
}

impl Layers {
    pub(super) fn new(packs: &[Pack]) -> Self {
        let (mut down, mut up) = (Vec::new(), Vec::new());
        for (lower, upper) in (0..packs.len()).flat_map(|u| (0..u).map(move |l| (l, u))) {
            let (Some(l), Some(u), Ok(lo), Ok(hi)) = (packs.get(lower), packs.get(upper), u8::try_from(lower), u8::try_from(upper)) else { continue };
            for system in [System::DiseaseKey, System::ModifierKey] {
                for (a, b) in pairs(l, u, system) {
                    let (below, above) = (ConceptRef { pack: lo, index: a }, ConceptRef { pack: hi, index: b });
                    let same = is_named(l, a, u, b);
                    up.push((below, above, same));
                    if same {
                        down.push((above, below));
                    }
                }
            }
        }
        // the lowest layer stands for all above it, the highest gives the codes
        down.sort();
        down.dedup_by_key(|d: &mut (ConceptRef, ConceptRef)| d.0);
        up.sort_by_key(|u: &(ConceptRef, ConceptRef, bool)| (u.0, std::cmp::Reverse(u.1)));
        up.dedup_by_key(|u| u.0);
        Self { down, up }
    }

    /// The concept that stands for `r`: itself, or the one of a lower layer.
    pub(super) fn resolve(&self, r: ConceptRef) -> ConceptRef {
        if r.pack == 0 {
            return r;
        }
        self.down.binary_search_by_key(&r, |d| d.0).ok().and_then(|i| self.down.get(i)).map_or(r, |d| d.1)
    }

    /// The highest layer's concept whose codes `r` takes, and whether it is the same concept.
    pub(super) fn over(&self, r: ConceptRef) -> Option<(ConceptRef, bool)> {
        self.up.binary_search_by_key(&r, |u| u.0).ok().and_then(|i| self.up.get(i)).map(|u| (u.1, u.2))
    }
}

/// Pairs of same concepts of two packs, by their codes of `system`: both indices are walked once, in step.
fn pairs(lower: &Pack, upper: &Pack, system: System) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    let mut below = lower.codes_of(system).filter(|e| is_single(lower, e.1, system)).map(|e| (lower.code_bytes(e.0), e.1)).peekable();
    let mut above = upper.codes_of(system).map(|e| (upper.code_bytes(e.0), e.1)).peekable();
    let mut same: Vec<u32> = Vec::new();
    while let (Some(a), Some(b)) = (below.peek(), above.peek()) {
        match a.0.cmp(b.0) {
            Ordering::Less => {
                below.next();
            }
            Ordering::Greater => {
                above.next();
            }
            Ordering::Equal => {
                let code = a.0;
                same.clear();
                same.extend(std::iter::from_fn(|| below.next_if(|x| x.0 == code)).map(|x| x.1));
                let theirs: Vec<u32> = std::iter::from_fn(|| above.next_if(|x| x.0 == code)).map(|x| x.1).collect();
                for b in theirs.into_iter().filter(|b| is_single(upper, *b, system)) {
                    out.extend(same.iter().map(|a| (*a, b)));
                }
            }
        }
    }
    out
}

/// Whether the lower concept bears the upper one's name.
fn is_named(lower: &Pack, a: u32, upper: &Pack, b: u32) -> bool {
    let (Some(x), Some(y)) = (lower.concept(a), upper.concept(b)) else { return false };
    x.name() == y.name() || lower.find(&fold(y.name())).is_some_and(|s| lower.links(s).any(|l| l.concept == a))
}

/// Whether the concept has one code of `system` and is not composed with 修飾語.
fn is_single(pack: &Pack, concept: u32, system: System) -> bool {
    let Some(c): Option<Concept<'_>> = pack.concept(concept) else { return false };
    let fits = match system {
        System::DiseaseKey => matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding),
        _ => matches!(c.kind(), ConceptKind::Modifier | ConceptKind::Site),
    };
    let mut keys = c.systems().filter(|s| matches!(s, System::DiseaseKey | System::ModifierKey));
    fits && keys.next() == Some(system) && keys.next().is_none()
}
