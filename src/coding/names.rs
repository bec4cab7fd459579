//! The disorder or finding that a written form names, where several sources speak of it.
//!
//! A master's own name comes before everything. Else a curated synonym and the words that dictionaries pair with a
//! 標準病名 are compared by what they add to the form or lose of it, with a start for the better source: 心奇形 is
//! 心臓奇形 of the index, not the curated 先天性心疾患; 上肢脱力感 stays 上肢 + 脱力, where a dictionary says 脱力感.

use super::abbreviation::{Meaning, meaning};
use crate::lexicon::likeness::{Likeness, NormalForm, Rarity};
use crate::lexicon::{Attr, Concept, ConceptKind, ConceptRef, FLAG_AGREED, FLAG_ALIAS, FLAG_AMBIGUOUS, FLAG_INDEX, FLAG_UNSURE, Lexicon, System};
use crate::note::fold;
use crate::text::to_u32;
use std::collections::HashMap;

/// How surely the named concept is meant.
const SURE: f64 = 1.0;
/// A word that an index and a dictionary agree on.
const AGREED: f64 = 0.93;
/// A word that one of them has, with a target that covers the word; less where it covers less.
const PAIRED: f64 = 0.90;
/// A paired target that covers less of a word than this tells something else (仮面様顔貌 as パーキンソン病).
const COVERED: f64 = 0.5;
/// What a row has to share with the concept that it stands for.
const STANDS_LIKE: f64 = 0.45;
/// A concept that no master has, by the row that stands for it in a pack.
const STANDS: f64 = 0.90;

/// What a source's word is ahead by, when two sources name different rows.
mod ahead {
    pub const OWN_ROW: f64 = 0.45;
    pub const AGREED: f64 = 0.40;
    pub const SYNONYM: f64 = 0.12;
    /// The row's ICD-10 code is the one that the index gives the word.
    pub const IN_INDEX: f64 = 0.24;
    /// The form is of Latin letters: an abbreviation is like no name, and means several things in a dictionary.
    pub const ABBREVIATION: f64 = 0.30;
    pub const INDEX: f64 = 0.10;
    pub const PAIRED: f64 = 0.0;
}

/// Names over a lexicon.
#[derive(Debug)]
pub(super) struct Names {
    /// How rare the characters of names are.
    pub rarity: Rarity,
    /// Concepts without a 標準病名 in their own pack, and the row of a pack above that one of their words names.
    stands: HashMap<ConceptRef, ConceptRef>,
    /// The readings of the curated pack's names, in katakana; other packs hold theirs among their words.
    readings: HashMap<String, ConceptRef>,
}

impl Names {
    /// Walks the lexicon once.
    pub fn new(lexicon: &Lexicon) -> Self {
        let mut rarity = Rarity::default();
        for pack in lexicon.packs() {
            for (kind, reference, run) in pack.runs() {
                if reference || !matches!(kind, ConceptKind::Disorder | ConceptKind::Finding) {
                    continue;
                }
                for c in run.filter_map(|n| pack.concept(n)).filter(|c| c.code(System::DiseaseExchange).is_some()) {
                    rarity.add(&NormalForm::new(&fold(c.name())).near);
                }
            }
        }
        let stands = stands(lexicon, &rarity);
        let curated = lexicon.packs().first().into_iter().flat_map(|p| p.concepts());
        let reading = |(n, c): (u32, Concept<'_>)| Some((fold(c.attr(Attr::Kana).filter(|k| !k.is_empty())?), ConceptRef { pack: 0, index: n }));
        let readings = curated.filter(|c| matches!(c.1.kind(), ConceptKind::Disorder | ConceptKind::Finding) && is_coded(c.1)).filter_map(reading).collect();
        Self { rarity, stands, readings }
    }

    /// The concept whose name is read so, in katakana.
    pub fn read(&self, lexicon: &Lexicon, katakana: &str) -> Option<ConceptRef> {
        self.readings.get(katakana).copied().or_else(|| self.find(lexicon, katakana).filter(|f| f.0 >= PAIRED && lexicon.concept(f.1).is_some_and(is_coded)).map(|f| f.1))
    }

    /// The concept that a folded form names, and how surely. One with a 交換用コード comes before one without.
    /// An abbreviation of several names none.
    pub fn find(&self, lexicon: &Lexicon, folded: &str) -> Option<(f64, ConceptRef)> {
        match meaning(lexicon, folded) {
            Some(Meaning::One(r)) => return Some((SURE, r)),
            Some(Meaning::Several(_)) => return None,
            None => {}
        }
        let mut best: Option<(f64, f64, ConceptRef)> = None;
        let mut uncoded = None;
        let form = std::cell::OnceCell::new();
        let mut links: Vec<(ConceptRef, u32)> = lexicon.candidates_folded(folded).filter(|l| is_disorder(lexicon, l.0)).collect();
        links.retain(|l| l.1 & FLAG_AMBIGUOUS == 0 || folded.chars().count() >= 2);
        // what an index says of the word: the ICD-10 codes of the row that it led to
        let indexed: Vec<&str> = links
            .iter()
            .filter(|l| l.1 & FLAG_INDEX != 0)
            .filter_map(|l| lexicon.concept(l.0))
            .flat_map(|c| c.codes().filter(|k| k.system == System::Icd10).map(|k| k.code))
            .collect();
        for (r, flags) in &links {
            let Some(c) = lexicon.concept(*r) else { continue };
            if !is_coded(c) {
                uncoded = uncoded.or(Some(*r).filter(|_| flags & FLAG_UNSURE == 0));
                continue;
            }
            let own = fold(&standard(c)) == folded;
            if own {
                return Some((SURE, *r));
            }
            let form = form.get_or_init(|| NormalForm::new(folded));
            let like = self.likeness(form, c);
            let (score, start) = if flags & FLAG_UNSURE == 0 {
                let agrees = c.codes().any(|k| k.system == System::Icd10 && indexed.contains(&k.code));
                (
                    SURE,
                    if flags & FLAG_ALIAS == 0 { ahead::OWN_ROW } else { ahead::SYNONYM }
                        + if agrees { ahead::IN_INDEX } else { 0.0 }
                        + if folded.is_ascii() { ahead::ABBREVIATION } else { 0.0 },
                )
            } else if flags & FLAG_AGREED != 0 {
                (AGREED, ahead::AGREED)
            } else {
                let covered = if like.covered >= COVERED && !like.opposite { PAIRED - 0.4 * (1.0 - like.covered) } else { 0.5 };
                (covered, if flags & FLAG_INDEX != 0 { ahead::INDEX } else { ahead::PAIRED })
            };
            let value = start + like.value();
            if best.is_none_or(|b| value > b.1) {
                best = Some((score, value, *r));
            }
        }
        match (best, uncoded) {
            (Some((score, _, r)), _) => Some((score, r)),
            (None, Some(r)) => Some(self.stands.get(&r).map_or((SURE, r), |s| (STANDS, *s))),
            (None, None) => None,
        }
    }

    fn likeness(&self, form: &NormalForm, c: Concept<'_>) -> Likeness {
        let to = |name: &str| Likeness::new(&self.rarity, &form.near, &NormalForm::new(&fold(name)).near);
        let (standard, own) = (to(&standard(c)), to(c.name()));
        if own.value() > standard.value() { own } else { standard }
    }
}

/// Whether the concept is a disorder or a finding.
pub(super) fn is_disorder(lexicon: &Lexicon, r: ConceptRef) -> bool {
    lexicon.concept(r).is_some_and(|c| matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding))
}

/// Whether it has a 交換用コード.
pub(super) fn is_coded(c: Concept<'_>) -> bool {
    c.code(System::DiseaseExchange).is_some()
}

/// The 標準病名 of the concept, composed where it is; its own name where it has none.
pub(super) fn standard(c: Concept<'_>) -> String {
    c.attr(Attr::Standard).filter(|s| *s != "-").map_or_else(|| c.name().to_owned(), |s| s.replace('+', ""))
}

/// For every concept without a 標準病名 the row that its words name in a pack above: the likest one.
fn stands(lexicon: &Lexicon, rarity: &Rarity) -> HashMap<ConceptRef, ConceptRef> {
    let mut best: HashMap<ConceptRef, (f64, ConceptRef)> = HashMap::new();
    if lexicon.packs().len() < 2 {
        return HashMap::new();
    }
    for (p, pack) in lexicon.packs().iter().enumerate() {
        let Ok(p) = u8::try_from(p) else { continue };
        for s in 0..to_u32(pack.surfaces()) {
            let mut links =
                pack.links(s).filter(|l| matches!(l.kind, ConceptKind::Disorder | ConceptKind::Finding) && !l.reference && l.flags & (FLAG_AMBIGUOUS | FLAG_UNSURE) == 0);
            let Some(lower) = links.find_map(|l| {
                let r = lexicon.resolve(ConceptRef { pack: p, index: l.concept });
                lexicon.concept(r).filter(|c| !is_coded(*c)).map(|_| r)
            }) else {
                continue;
            };
            let surface = pack.surface_text(s);
            for (r, flags) in lexicon.candidates_folded(surface) {
                let Some(c) = lexicon.concept(r).filter(|c| is_coded(*c) && matches!(c.kind(), ConceptKind::Disorder | ConceptKind::Finding)) else { continue };
                let own = lexicon.concept(lower).map_or("", |c| c.name());
                let like = Likeness::new(rarity, &NormalForm::new(&fold(own)).near, &NormalForm::new(&fold(&standard(c))).near).value();
                if like < STANDS_LIKE {
                    continue;
                }
                let value = like + if fold(own) == surface { 0.5 } else { 0.0 } + if flags & FLAG_UNSURE == 0 { 0.3 } else { 0.0 };
                if best.get(&lower).is_none_or(|b| value > b.0) {
                    best.insert(lower, (value, r));
                }
            }
        }
    }
    best.into_iter().map(|(r, b)| (r, b.1)).collect()
}
