//! One concept in several layers: the official pack's 高血圧症 is the curated one.
//!
//! Two concepts are the same when they carry the same key number (管理番号) and are not composed of several.
//! The lower layer's concept stands for both, so that its id, its kind and the rules that name it keep
//! working; the upper layer's codes come first, since its edition of the master is the one that the user chose.

use super::compile::format::{ConceptKind, System};
use super::{Concept, ConceptRef, Pack};
use crate::note::fold;
use std::cmp::Ordering;

/// Which concepts of upper packs are concepts of lower ones.
#[derive(Debug, Default)]
pub(super) struct Layers {
    /// Sorted: a concept of an upper pack, and the one below that stands for it.
    down: Vec<(ConceptRef, ConceptRef)>,
    /// The same turned round, the highest pack only.
    up: Vec<(ConceptRef, ConceptRef)>,
}

impl Layers {
    pub(super) fn new(packs: &[Pack]) -> Self {
        let mut down: Vec<(ConceptRef, ConceptRef)> = Vec::new();
        for (lower, upper) in (0..packs.len()).flat_map(|u| (0..u).map(move |l| (l, u))) {
            let (Some(l), Some(u), Ok(lo), Ok(up)) = (packs.get(lower), packs.get(upper), u8::try_from(lower), u8::try_from(upper)) else { continue };
            for system in [System::DiseaseKey, System::ModifierKey] {
                for (a, b) in pairs(l, u, system) {
                    down.push((ConceptRef { pack: up, index: b }, ConceptRef { pack: lo, index: a }));
                }
            }
        }
        // the lowest layer stands for all above it
        down.sort();
        down.dedup_by_key(|d| d.0);
        let mut up: Vec<(ConceptRef, ConceptRef)> = down.iter().map(|(u, l)| (*l, *u)).collect();
        up.sort_by_key(|(l, u)| (*l, std::cmp::Reverse(*u)));
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

    /// The highest layer's concept that `r` stands for.
    pub(super) fn over(&self, r: ConceptRef) -> Option<ConceptRef> {
        self.up.binary_search_by_key(&r, |u| u.0).ok().and_then(|i| self.up.get(i)).map(|u| u.1)
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
                for b in theirs {
                    if let Some(a) = best(lower, upper, &same, b).filter(|_| is_single(upper, b, system)) {
                        out.push((a, b));
                    }
                }
            }
        }
    }
    out
}

/// Of several concepts with one code (発疹 and its wordings), the one of that name, else the first.
fn best(lower: &Pack, upper: &Pack, candidates: &[u32], of: u32) -> Option<u32> {
    let name = |p: &Pack, n: u32| p.concept(n).map(|c| fold(c.name()));
    let wanted = if candidates.len() > 1 { name(upper, of) } else { None };
    candidates.iter().copied().find(|n| wanted.is_some() && name(lower, *n) == wanted).or_else(|| candidates.iter().copied().min())
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
