//! The lexicon: packs of terms and codes, layered, and what the stages read out of them.

#[allow(missing_docs, dead_code)]
pub mod compile;
mod pack;
mod scan;
mod tables;
mod time;
mod usage;

pub use compile::format::{Attr, ConceptKind, System};
pub use pack::{Code, Concept, Pack, PackError};
pub use scan::{Hit, boundaries_hold};
pub use tables::{AmbiguityRule, Analyte, Comparison, Condition, Cue, CueType, Derivation, Reach, UnitEntry};
pub use time::{Amount, Anchor, Event, TimeSort, TimeUnit, TimeWord};
pub use usage::{Usage, UsageSort};

pub(crate) use compile::format::{FLAG_AMBIGUOUS, FLAG_UNDER};

use crate::note::SectionTitles;
use std::collections::HashMap;

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
    links: Vec<scan::LinkTable>,
    titles: SectionTitles,
    analytes: HashMap<ConceptRef, Analyte>,
    cues: HashMap<ConceptRef, Cue>,
    units: HashMap<ConceptRef, UnitEntry>,
    usages: HashMap<ConceptRef, Usage>,
    /// Dosage forms and makers' names, folded, the longest first.
    product_words: Vec<(String, ConceptRef)>,
    ambiguities: HashMap<String, Vec<AmbiguityRule>>,
    derivations: Vec<Derivation>,
    times: time::TimeWords,
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
            links: packs.iter().map(scan::LinkTable::new).collect(),
            titles: SectionTitles::default(),
            analytes: HashMap::new(),
            cues: HashMap::new(),
            units: HashMap::new(),
            usages: HashMap::new(),
            product_words: Vec::new(),
            ambiguities: HashMap::new(),
            derivations: Vec::new(),
            times: time::TimeWords::default(),
            by_id: HashMap::new(),
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

    /// A concept.
    pub fn concept(&self, r: ConceptRef) -> Option<Concept<'_>> {
        self.packs.get(usize::from(r.pack))?.concept(r.index)
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
        let (word, r) = self.product_words.iter().find(|w| folded.starts_with(w.0.as_str()))?;
        Some((word.len(), self.usages.get(r)?))
    }

    /// The rules for an ambiguous abbreviation as written.
    pub fn ambiguity(&self, written: &str) -> &[AmbiguityRule] {
        self.ambiguities.get(written).map_or(&[], Vec::as_slice)
    }

    /// The rules that derive facts from measurements.
    pub fn derivations(&self) -> &[Derivation] {
        &self.derivations
    }

    /// The concept of a curated id.
    pub fn by_id(&self, id: &str) -> Option<ConceptRef> {
        self.by_id.get(id).copied()
    }

    /// The concepts that a written form names, with the flags of each link; the preferred layer first.
    pub fn lookup(&self, written: &str) -> impl Iterator<Item = (ConceptRef, u32)> {
        self.lookup_folded(&crate::note::fold(written))
    }

    pub(crate) fn lookup_folded(&self, folded: &str) -> impl Iterator<Item = (ConceptRef, u32)> + use<> {
        let mut out = Vec::new();
        for (i, pack) in self.packs.iter().enumerate().rev() {
            if let (Some(s), Ok(n)) = (pack.find(folded), u8::try_from(i)) {
                out.extend(pack.links(s).map(|l| (ConceptRef { pack: n, index: l.concept }, l.flags)));
            }
        }
        out.into_iter()
    }
}
