//! Names that are near a phrase: the same words in another order or spelling, a word more or less, a letter wrong.
//!
//! Names are found by the pairs of characters that they share with the phrase and ranked by their likeness.

use super::names::{Names, is_coded, is_disorder, standard};
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
    /// Its master's own name, no synonym.
    is_own: bool,
}

/// A name near a phrase.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Near {
    /// The concept.
    pub concept: ConceptRef,
    /// 0 to 1: the share of phrases as near that mean it, as measured on misspelt names.
    pub score: f64,
    /// What they share in their near forms.
    pub near: Likeness,
    /// What they share in their own words.
    pub same: Likeness,
    /// How much nearer it is than the next name.
    pub margin: f64,
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
        Self::of(lexicon, names, |_, _| true)
    }

    /// Indexes the surfaces of concepts that `is_wanted`.
    fn of(lexicon: &Lexicon, names: &Names, is_wanted: impl Fn(&str, ConceptRef) -> bool) -> Self {
        let mut index = Self { names: Vec::new(), bags: HashMap::new(), pairs: HashMap::new() };
        for (p, pack) in lexicon.packs().iter().enumerate().rev() {
            let Ok(p) = u8::try_from(p) else { continue };
            for s in 0..to_u32(pack.surfaces()) {
                let sure = |flags: u32| flags & (FLAG_AMBIGUOUS | FLAG_VARIANT) == 0 && (flags & FLAG_UNSURE == 0 || flags & FLAG_AGREED != 0);
                let mut concepts = pack.links(s).filter(|l| !l.reference && sure(l.flags)).map(|l| lexicon.resolve(ConceptRef { pack: p, index: l.concept }));
                let Some(concept) = concepts.find(|r| is_disorder(lexicon, *r) && lexicon.concept(*r).is_some_and(is_coded)) else { continue };
                if is_wanted(pack.surface_text(s), concept) {
                    let is_own = lexicon.concept(concept).is_some_and(|c| crate::note::fold(&standard(c)) == pack.surface_text(s));
                    index.add(names, pack.surface_text(s), concept, is_own);
                }
            }
        }
        index
    }

    fn add(&mut self, names: &Names, surface: &str, concept: ConceptRef, is_own: bool) {
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
        self.names.push(Name { form, weight, concept, is_own });
    }

    /// The name that is the phrase itself but for spelling, order and words that say little; a name that is written
    /// just as the phrase is not told where that `is_known`.
    pub fn same(&self, names: &Names, folded: &str, is_known: bool) -> Option<Near> {
        let form = NormalForm::new(folded);
        let same = self.bags.get(form.bag().as_slice())?;
        let of = |n: &u32| {
            let name = self.names.get(*n as usize).filter(|name| !is_known || name.form.same != form.same)?;
            let near = Likeness::new(&names.rarity, &form.near, &name.form.near);
            let same = Likeness::new(&names.rarity, &form.same, &name.form.same);
            let in_order = name.form.near == form.near;
            // two characters say too little when they change places, and so does a rest of a longer name
            let rest = |f: &NormalForm| f.near.len() * 2 >= f.same.len();
            ((in_order || form.near.len() > 2) && rest(&form) && rest(&name.form)).then_some(Near {
                concept: name.concept,
                score: if in_order { 0.93 } else { 0.90 } - 0.1 * (1.0 - same.value()),
                near,
                same,
                margin: 0.0,
            })
        };
        same.iter().filter_map(of).max_by(|a, b| a.score.total_cmp(&b.score))
    }

    /// The row whose own name is the phrase but for spelling and words that say little: 不安症 for 不安.
    pub fn own(&self, folded: &str) -> Option<ConceptRef> {
        let form = NormalForm::new(folded);
        let same = self.bags.get(form.bag().as_slice())?;
        let mut own = same.iter().filter_map(|n| self.names.get(*n as usize)).filter(|n| n.is_own && n.form.near == form.near && form.near.len() * 2 >= form.same.len());
        let first = own.next()?;
        // several of them (X性Y and XY症) leave it open
        own.all(|n| n.concept == first.concept).then_some(first.concept)
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
            let found = Near { concept: name.concept, score: 0.7 * near.value() + 0.3 * same.value(), near, same, margin: 0.0 };
            let code = |r: ConceptRef| lexicon.concept(r).and_then(|c| c.code(System::DiseaseExchange));
            match out.iter_mut().find(|o| code(o.concept) == code(found.concept)) {
                Some(o) if o.score < found.score => *o = found,
                Some(_) => {}
                None => out.push(found),
            }
        }
        out.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.concept.cmp(&b.concept)));
        let next: Vec<f64> = out.iter().skip(1).map(|n| n.score).chain([0.0]).collect();
        out.truncate(k);
        for (n, next) in out.iter_mut().zip(next) {
            n.margin = n.score - next;
            n.score = share(&features(n.near, n.same, n.margin));
        }
        out
    }
}

/// What a phrase and a name share, as the weights below want it.
fn features(near: Likeness, same: Likeness, margin: f64) -> [f64; FEATURES] {
    let is = |b: bool| f64::from(u8::from(b));
    [
        1.0,
        near.covered,
        near.used,
        near.order,
        is(near.other_organ),
        is(near.lost_organ),
        is(near.opposite),
        is(near.head_used),
        is(near.head_kept),
        same.value(),
        near.covered * near.used,
        is(near.head_used && near.head_kept),
        near.ends.0,
        near.ends.1,
        f64::from(u8::from(near.ends.1 >= 1.0)),
        f64::from(u8::from(near.ends.0 >= 1.0)),
        margin.min(0.3),
    ]
}

const FEATURES: usize = 17;

/// Weights of a logistic regression over [`features`], fitted by `scripts/fit_nearness.py` on our own synonyms looked
/// for among the names of the master, and on words of other tables, which are no disorders.
const FIRST: [f64; FEATURES] = [-5.54, -0.38, 1.25, 1.14, 1.00, -0.91, -0.22, 0.29, -1.34, 0.24, 3.76, 2.08, -1.53, 0.48, 0.26, 0.33, 3.00];

/// The share of phrases that mean the name, of those that share as much with it.
fn share(features: &[f64; FEATURES]) -> f64 {
    let z: f64 = FIRST.iter().zip(features).map(|(w, x)| w * x).sum();
    1.0 / (1.0 + (-z).exp())
}

fn pairs(chars: &[char]) -> impl Iterator<Item = (char, char)> {
    chars.windows(2).filter_map(|w| Some((*w.first()?, *w.get(1)?)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lexicon::{ConceptKind, FLAG_ALIAS, Pack};
    use std::io::Write as _;

    /// Prints what the score is fitted on: our own synonyms looked for among the names of the master, and words that
    /// are no disorders. `KARUTA_PACKS=official.kpack cargo test --lib coding::near -- --ignored --nocapture`.
    #[test]
    #[ignore = "prints data for fitting"]
    fn samples() {
        let packs = std::env::var("KARUTA_PACKS").unwrap();
        let lexicon = Lexicon::layered(vec![Pack::open(std::path::Path::new(&packs)).unwrap()]).unwrap();
        let names = Names::new(&lexicon);
        let index = NearIndex::of(&lexicon, &names, |s, r| lexicon.concept(r).is_some_and(|c| crate::note::fold(&super::super::names::standard(c)) == s));
        let curated = &lexicon.packs()[0];
        let mut out = std::io::BufWriter::new(std::fs::File::create(std::env::var("KARUTA_SAMPLES").unwrap()).unwrap());
        for s in 0..to_u32(curated.surfaces()) {
            let word = curated.surface_text(s);
            let links: Vec<_> = curated.links(s).collect();
            let Some(l) = links.first().filter(|l| l.flags & (FLAG_AMBIGUOUS | FLAG_VARIANT) == 0 && links.len() == 1) else { continue };
            let c = curated.concept(l.concept).unwrap();
            let code = match l.kind {
                ConceptKind::Disorder | ConceptKind::Finding if l.flags & FLAG_ALIAS != 0 && c.code(System::DiseaseExchange).is_some() => c.code(System::DiseaseExchange).unwrap(),
                ConceptKind::Procedure
                | ConceptKind::Analyte
                | ConceptKind::Drug
                | ConceptKind::Site
                | ConceptKind::Organism
                | ConceptKind::Preference
                | ConceptKind::Lifestyle
                | ConceptKind::Score => "-",
                _ => continue,
            };
            if names.find(&lexicon, word).is_some_and(|f| f.0 >= 0.99 && code == "-") {
                continue;
            }
            for (rank, n) in index.search(&lexicon, &names, word, 5).iter().enumerate() {
                let right = lexicon.concept(n.concept).and_then(|c| c.code(System::DiseaseExchange)) == Some(code);
                let x: Vec<String> = features(n.near, n.same, n.margin).iter().map(|x| format!("{x:.4}")).collect();
                writeln!(out, "{s}\t{rank}\t{}\t{}", u8::from(right), x.join("\t")).unwrap();
            }
        }
    }
}
