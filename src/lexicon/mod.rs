//! The lexicon: packs of terms and codes, layered, and what the stages read out of them.

#[cfg(feature = "import")]
pub mod check;
#[allow(missing_docs, dead_code)]
pub mod compile;
mod concept;
#[cfg(feature = "import")]
pub mod import;
mod layers;
pub(crate) mod likeness;
mod pack;
mod relation;
mod scan;
mod search;
mod tables;
mod time;
mod trie;
mod usage;

pub use compile::format::{Attr, ConceptKind, Relation, System};
pub use concept::{Code, Concept};
pub use pack::{Pack, PackError};
pub use scan::{Hit, boundaries_hold};
pub use search::Found;
pub use tables::{AmbiguityRule, Analyte, Comparison, Condition, Cue, CueType, Derivation, Reach, UnitEntry};
pub use time::{Amount, Anchor, Event, TimeSort, TimeUnit, TimeWord};
pub use usage::{Usage, UsageSort};

#[cfg(feature = "cli")]
pub(crate) use compile::format::FLAG_LOOKUP;
pub(crate) use compile::format::{FLAG_AGREED, FLAG_ALIAS, FLAG_AMBIGUOUS, FLAG_CASED, FLAG_INDEX, FLAG_UNDER, FLAG_UNSURE, FLAG_VARIANT};

use crate::note::SectionTitles;
use rustc_hash::FxHashMap as HashMap;

/// A concept's place: which pack, which number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConceptRef {
    /// Number of the pack in the lexicon.
    pub pack: u8,
    /// Number of the concept in the pack.
    pub index: u32,
}

/// Packs layered over one another, the later ones preferred: curated, official, hospital.
#[derive(Debug)]
pub struct Lexicon {
    packs: Vec<Pack>,
    labels: Vec<String>,
    layers: layers::Layers,
    titles: SectionTitles,
    analytes: HashMap<ConceptRef, Analyte>,
    cues: HashMap<ConceptRef, Cue>,
    units: HashMap<ConceptRef, UnitEntry>,
    usages: HashMap<ConceptRef, Usage>,
    /// Dosage forms and makers' names, folded, by their first character, the longest first.
    product_words: HashMap<char, Vec<(String, ConceptRef)>>,
    ambiguities: HashMap<String, Vec<AmbiguityRule>>,
    derivations: Vec<Derivation>,
    times: time::TimeWords,
    /// What a modifier or stop word is, where a stage asks for it at every hit.
    traits: HashMap<ConceptRef, u8>,
    /// Ids that the recognizers ask for: of analytes and vital signs.
    by_id: HashMap<String, ConceptRef>,
}

impl Lexicon {
    /// The curated pack alone.
    ///
    /// # Errors
    /// Never in a sound build.
    ///
    /// ```
    /// let lexicon = karuta::lexicon::Lexicon::curated().unwrap();
    /// let fever = lexicon.lookup("発熱").next().unwrap();
    /// assert_eq!(lexicon.concept(fever.0).unwrap().name(), "発熱");
    /// ```
    pub fn curated() -> Result<Self, PackError> {
        Self::layered(Vec::new())
    }

    /// The curated pack with others over it, each preferred to those before it.
    ///
    /// # Errors
    /// When the embedded pack is damaged, or more than 250 packs are given.
    pub fn layered(over: Vec<Pack>) -> Result<Self, PackError> {
        if over.len() > 250 {
            return Err(PackError::Format { path: "packs".to_owned(), found: format!("{} packs", over.len()), expected: "250 at most" });
        }
        let mut packs = vec![Pack::embedded()?];
        packs.extend(over);
        let mut lexicon = Self {
            labels: packs.iter().map(Pack::version_label).collect(),
            layers: layers::Layers::new(&packs),
            titles: SectionTitles::default(),
            analytes: HashMap::default(),
            cues: HashMap::default(),
            units: HashMap::default(),
            usages: HashMap::default(),
            product_words: HashMap::default(),
            ambiguities: HashMap::default(),
            derivations: Vec::new(),
            times: time::TimeWords::default(),
            traits: HashMap::default(),
            by_id: HashMap::default(),
            packs,
        };
        lexicon.load_tables();
        Ok(lexicon)
    }

    /// The packs, lowest layer first.
    pub fn packs(&self) -> &[Pack] {
        &self.packs
    }

    /// The label of a concept's pack: `curated@…`.
    pub fn label(&self, concept: ConceptRef) -> &str {
        self.labels.get(usize::from(concept.pack)).map_or("", String::as_str)
    }

    /// The labels of every pack that holds the concept: its own, and the one laid over it.
    pub fn labels_of(&self, concept: ConceptRef) -> Vec<&str> {
        std::iter::once(concept).chain(self.layers.over(concept).map(|o| o.0)).map(|r| self.label(r)).collect()
    }

    /// A concept, with what the layers over its own say of it.
    pub fn concept(&self, r: ConceptRef) -> Option<Concept<'_>> {
        let c = self.packs.get(usize::from(r.pack))?.concept(r.index)?;
        let over = self.layers.over(r).and_then(|(u, same)| Some((self.packs.get(usize::from(u.pack))?.concept(u.index)?, same)));
        Some(over.map_or(c, |(upper, same)| c.under(upper, same)))
    }

    /// The titles that sections are recognised by.
    pub fn titles(&self) -> &SectionTitles {
        &self.titles
    }

    /// An analyte or vital sign with its units and limits.
    pub fn analyte(&self, r: ConceptRef) -> Option<&Analyte> {
        self.analytes.get(&r)
    }

    /// A cue.
    pub fn cue(&self, r: ConceptRef) -> Option<&Cue> {
        self.cues.get(&r)
    }

    /// A unit.
    pub fn unit(&self, r: ConceptRef) -> Option<&UnitEntry> {
        self.units.get(&r)
    }

    /// A word of time.
    pub fn time_word(&self, r: ConceptRef) -> Option<&TimeWord> {
        self.times.get(r)
    }

    /// The words that stand before (`true`) or after two numbers with a slash that are no date: MMT, 摂取.
    pub fn fraction_words(&self, before: bool) -> &[String] {
        self.times.fractions(before)
    }

    /// A word of the prescription grammar.
    pub fn usage(&self, r: ConceptRef) -> Option<&Usage> {
        self.usages.get(&r)
    }

    /// The dosage form or maker's name that `folded` starts with, the longest: its length and what it is.
    ///
    /// These words are glued to a product's name (ネキシウムカプセル), where a scan for words finds none.
    pub(crate) fn product_word(&self, folded: &str) -> Option<(usize, &Usage)> {
        let (word, r) = self.product_words.get(&folded.chars().next()?)?.iter().find(|w| folded.starts_with(w.0.as_str()))?;
        Some((word.len(), self.usages.get(r)?))
    }

    /// What a modifier or stop word is: the bits of [`trait_of`].
    pub(crate) fn has_trait(&self, r: ConceptRef, wanted: u8) -> bool {
        self.traits.get(&r).is_some_and(|t| t & wanted != 0)
    }

    /// The rules for an ambiguous abbreviation as written.
    pub fn ambiguity(&self, written: &str) -> &[AmbiguityRule] {
        self.ambiguities.get(written).map_or(&[], Vec::as_slice)
    }

    /// The rules that derive facts from measurements.
    pub fn derivations(&self) -> &[Derivation] {
        &self.derivations
    }

    /// The concept of that id; the curated pack is asked first, then the preferred layers.
    pub fn by_id(&self, id: &str) -> Option<ConceptRef> {
        if let Some(r) = self.by_id.get(id) {
            return Some(*r);
        }
        let layers = 0..self.packs.len();
        layers.clone().take(1).chain(layers.skip(1).rev()).find_map(|p| {
            let index = self.packs.get(p)?.by_id(id)?;
            Some(self.layers.resolve(ConceptRef { pack: u8::try_from(p).ok()?, index }))
        })
    }

    /// The concepts that carry a code, of any system, with that code; the preferred layer first.
    ///
    /// ```
    /// let lexicon = karuta::lexicon::Lexicon::curated().unwrap();
    /// assert!(lexicon.by_code("LLLJ").iter().any(|(r, _)| lexicon.concept(*r).unwrap().name() == "発熱"));
    /// ```
    pub fn by_code(&self, code: &str) -> Vec<(ConceptRef, System)> {
        let mut out = Vec::new();
        for (p, pack) in self.packs.iter().enumerate().rev() {
            let Ok(p) = u8::try_from(p) else { continue };
            for system in System::ALL {
                for index in pack.by_code(*system, code) {
                    let r = self.layers.resolve(ConceptRef { pack: p, index });
                    if !out.contains(&(r, *system)) {
                        out.push((r, *system));
                    }
                }
            }
        }
        out
    }

    /// The concepts that a written form names, with the flags of each link; the preferred layer first. Words that a
    /// machine paired with a term, and concepts for looking up only, are left out: [`Self::candidates`] has them.
    pub fn lookup(&self, written: &str) -> impl Iterator<Item = (ConceptRef, u32)> {
        self.lookup_folded(&crate::note::fold(written))
    }

    pub(crate) fn lookup_folded(&self, folded: &str) -> impl Iterator<Item = (ConceptRef, u32)> + use<> {
        self.ranked(folded).into_iter().filter(|o| o.0 == 0).map(|o| (o.1, o.2))
    }

    /// Every concept that a written form is linked to: what a master or a person wrote first, then what a machine
    /// paired (flag 32), then classes of ontologies and entries of code lists; in each, the preferred layer first.
    pub fn candidates(&self, written: &str) -> impl Iterator<Item = (ConceptRef, u32)> {
        self.ranked(&crate::note::fold(written)).into_iter().map(|o| (o.1, o.2))
    }

    /// As [`Self::candidates`] for a folded form, without what is there for looking up only.
    pub(crate) fn candidates_folded(&self, folded: &str) -> impl Iterator<Item = (ConceptRef, u32)> + use<> {
        self.ranked(folded).into_iter().filter(|o| o.0 < 2).map(|o| (o.1, o.2))
    }

    /// The lowest layer's concept that stands for one of a layer above.
    pub(crate) fn resolve(&self, r: ConceptRef) -> ConceptRef {
        self.layers.resolve(r)
    }

    fn ranked(&self, folded: &str) -> Vec<(u32, ConceptRef, u32)> {
        let mut out: Vec<(u32, ConceptRef, u32)> = Vec::new();
        for (i, pack) in self.packs.iter().enumerate().rev() {
            if let (Some(s), Ok(n)) = (pack.find(folded), u8::try_from(i)) {
                for l in pack.links(s) {
                    let r = self.layers.resolve(ConceptRef { pack: n, index: l.concept });
                    let rank = if l.reference { 2 } else { u32::from(l.flags & FLAG_UNSURE != 0) };
                    match out.iter_mut().find(|o| o.1 == r) {
                        // the surer of two links to one concept
                        Some(o) if rank < o.0 => (o.0, o.2) = (rank, l.flags),
                        Some(_) => {}
                        None => out.push((rank, r, l.flags)),
                    }
                }
            }
        }
        out.sort_by_key(|o| o.0);
        out
    }
}

/// Bits of what a modifier or stop word is.
pub(crate) mod trait_of {
    pub const SUFFIX: u8 = 1;
    pub const CERTAINTY: u8 = 2;
    pub const CAUSE: u8 = 4;
    pub const LATERALITY: u8 = 8;
    /// 軽度, 著明な: a degree, a stage.
    pub const SEVERITY: u8 = 64;
    pub const STOP_SUFFIX: u8 = 16;
    pub const STOP_WORD: u8 = 32;
}
