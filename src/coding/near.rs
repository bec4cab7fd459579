//! Names that are near a phrase: the same words in another order or spelling, a word more or less, a letter wrong.
//!
//! Names are found by the pairs of characters that they share with the phrase and ranked by their likeness.

use super::names::{Names, is_coded, is_disorder};
use crate::lexicon::likeness::{Likeness, NormalForm};
use crate::lexicon::{ConceptRef, FLAG_AGREED, FLAG_AMBIGUOUS, FLAG_UNSURE, FLAG_VARIANT, Lexicon, System};
use crate::text::to_u32;
use std::collections::HashMap;

/// Names of disorders and findings in their normal forms.
#[derive(Debug)]
pub(super) struct NearIndex {
    names: Vec<Name>,
    /// Names by the characters of their normal form, whatever their order.
    bags: HashMap<Box<[char]>, Vec<u32>>,
    pairs: HashMap<(char, char), Vec<u32>>,
}

#[derive(Debug)]
struct Name {
    form: NormalForm,
    weight: f64,
    concept: ConceptRef,
}

/// A name near a phrase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    /// The concept.
    pub concept: ConceptRef,
    /// 0 to 1: the share of phrases as near that mean it, as measured on misspelt names.
    pub score: f64,
    /// What they share.
    pub likeness: Likeness,
}

/// A pair that stands in more names than this tells little and costs much.
const COMMON: usize = 3000;
/// As many names are compared in full.
const COMPARED: usize = 48;
/// The shortest phrase that is looked for.
const SHORTEST: usize = 3;

impl NearIndex {
    /// Indexes every name of a concept that has a code; names that a machine paired only where sources agree.
    pub fn new(lexicon: &Lexicon, names: &Names) -> Self {
        let mut index = Self { names: Vec::new(), bags: HashMap::new(), pairs: HashMap::new() };
        for (p, pack) in lexicon.packs().iter().enumerate().rev() {
            let Ok(p) = u8::try_from(p) else { continue };
            for s in 0..to_u32(pack.surfaces()) {
                let sure = |flags: u32| flags & (FLAG_AMBIGUOUS | FLAG_VARIANT) == 0 && (flags & FLAG_UNSURE == 0 || flags & FLAG_AGREED != 0);
                let mut concepts = pack.links(s).filter(|l| !l.reference && sure(l.flags)).map(|l| lexicon.resolve(ConceptRef { pack: p, index: l.concept }));
                let Some(concept) = concepts.find(|r| is_disorder(lexicon, *r) && lexicon.concept(*r).is_some_and(is_coded)) else { continue };
                index.add(names, pack.surface_text(s), concept);
            }
        }
        index
    }

    fn add(&mut self, names: &Names, surface: &str, concept: ConceptRef) {
        let form = NormalForm::new(surface);
        if form.near.len() < 2 {
            return;
        }
        let n = to_u32(self.names.len());
        for pair in pairs(&form.near) {
            let list = self.pairs.entry(pair).or_default();
            if list.last() != Some(&n) {
                list.push(n);
            }
        }
        self.bags.entry(form.bag().into_boxed_slice()).or_default().push(n);
        let weight = pairs(&form.near).map(|(a, b)| names.rarity.of(a) + names.rarity.of(b)).sum();
        self.names.push(Name { form, weight, concept });
    }

    /// The name that is the phrase itself but for spelling, order and words that say little.
    pub fn same(&self, names: &Names, folded: &str) -> Option<Near> {
        let form = NormalForm::new(folded);
        let same = self.bags.get(form.bag().as_slice())?;
        let of = |n: &u32| {
            let name = self.names.get(*n as usize)?;
            let likeness = Likeness::new(&names.rarity, &form.same, &name.form.same);
            let in_order = name.form.near == form.near;
            // two characters say too little when they change places
            (in_order || form.near.len() > 2).then_some(Near { concept: name.concept, score: if in_order { 0.93 } else { 0.90 } - 0.1 * (1.0 - likeness.value()), likeness })
        };
        same.iter().filter_map(of).max_by(|a, b| a.score.total_cmp(&b.score))
    }

    /// The `k` concepts nearest to a folded phrase, the nearest first.
    pub fn search(&self, lexicon: &Lexicon, names: &Names, folded: &str, k: usize) -> Vec<Near> {
        let form = NormalForm::new(folded);
        if form.near.len() < SHORTEST {
            return Vec::new();
        }
        let mut shared: HashMap<u32, f64> = HashMap::new();
        let mut all = 0.0;
        for (a, b) in pairs(&form.near) {
            let weight = names.rarity.of(a) + names.rarity.of(b);
            all += weight;
            for n in self.pairs.get(&(a, b)).filter(|l| l.len() <= COMMON).into_iter().flatten() {
                *shared.entry(*n).or_default() += weight;
            }
        }
        let dice = |n: u32, w: f64| 2.0 * w / (all + self.names.get(n as usize).map_or(0.0, |x| x.weight)).max(0.001);
        let mut ranked: Vec<(f64, u32)> = shared.into_iter().map(|(n, w)| (dice(n, w), n)).filter(|r| r.0 > 0.2).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.truncate(COMPARED);
        let mut out: Vec<Near> = Vec::new();
        for name in ranked.iter().filter_map(|r| self.names.get(r.1 as usize)) {
            let near = Likeness::new(&names.rarity, &form.near, &name.form.near);
            let same = Likeness::new(&names.rarity, &form.same, &name.form.same);
            let found = Near { concept: name.concept, score: score(near, same), likeness: near };
            let code = |r: ConceptRef| lexicon.concept(r).and_then(|c| c.code(System::DiseaseExchange));
            match out.iter_mut().find(|o| code(o.concept) == code(found.concept)) {
                Some(o) if o.score < found.score => *o = found,
                Some(_) => {}
                None => out.push(found),
            }
        }
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.concept.cmp(&b.concept)));
        out.truncate(k);
        out
    }
}

/// The share of phrases as near to a name that mean it.
fn score(near: Likeness, same: Likeness) -> f64 {
    0.9 * (0.7 * near.value() + 0.3 * same.value())
}

fn pairs(chars: &[char]) -> impl Iterator<Item = (char, char)> {
    chars.windows(2).filter_map(|w| Some((*w.first()?, *w.get(1)?)))
}
