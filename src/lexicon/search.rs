//! Looking for concepts: by a part of their words, by id, by code.

use super::compile::format::{ConceptKind, System};
use super::{ConceptRef, Lexicon};
use crate::note::fold;
use crate::text::to_u32;
use std::collections::HashMap;

/// A concept found by one of its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The concept.
    pub concept: ConceptRef,
    /// The word that was found in it, normalised and folded.
    pub surface: String,
    /// Flags of the link between them.
    pub flags: u32,
}

/// Kinds that are tables of rules, not terms.
const RULES: [ConceptKind; 5] = [ConceptKind::Cue, ConceptKind::Section, ConceptKind::Ambiguity, ConceptKind::Derivation, ConceptKind::Stop];

impl Lexicon {
    /// Concepts one of whose words contains `text`, each by its nearest word: the word itself first, then words that
    /// begin with it, then the shortest; at most `limit`.
    ///
    /// ```
    /// let lexicon = karuta::lexicon::Lexicon::curated().unwrap();
    /// let found = lexicon.search("高血圧", 10);
    /// assert_eq!(lexicon.concept(found[0].concept).unwrap().name(), "高血圧症");
    /// ```
    pub fn search(&self, text: &str, limit: usize) -> Vec<Found> {
        let wanted = fold(text.trim());
        if wanted.is_empty() {
            return Vec::new();
        }
        type Rank = (u8, bool, u32, usize, usize);
        let mut best: HashMap<ConceptRef, (Rank, Found)> = HashMap::new();
        for (p, pack) in self.packs.iter().enumerate() {
            let Ok(number) = u8::try_from(p) else { continue };
            for s in 0..to_u32(pack.surfaces()) {
                let surface = pack.surface_text(s);
                let Some(at) = surface.find(&wanted) else { continue };
                let place = if surface.len() == wanted.len() { 0 } else { 1 + u8::from(at > 0) };
                for l in pack.links(s).filter(|l| !RULES.contains(&l.kind)) {
                    let concept = self.layers.resolve(ConceptRef { pack: number, index: l.concept });
                    let rank = (place, l.reference, l.flags & super::FLAG_UNSURE, surface.chars().count(), self.packs.len() - p);
                    let better = best.get(&concept).is_none_or(|b| rank < b.0);
                    if better {
                        best.insert(concept, (rank, Found { concept, surface: surface.to_owned(), flags: l.flags }));
                    }
                }
            }
        }
        let mut out: Vec<(Rank, Found)> = best.into_values().collect();
        out.sort_by_key(|f| (f.0, f.1.concept));
        out.into_iter().take(limit).map(|f| f.1).collect()
    }

    /// The concepts that an id, a code or a name stands for: the first of these that is known.
    ///
    /// ```
    /// let lexicon = karuta::lexicon::Lexicon::curated().unwrap();
    /// for asked in ["LLLJ", "発熱", "fever"] {
    ///     assert_eq!(lexicon.concept(lexicon.named(asked)[0]).unwrap().name(), "発熱", "{asked}");
    /// }
    /// ```
    pub fn named(&self, asked: &str) -> Vec<ConceptRef> {
        let asked = asked.trim();
        if let Some(r) = self.by_id(asked) {
            return vec![r];
        }
        // ICD-10 is written with its point and without
        let plain = asked.replace('.', "");
        let codes = [asked, if asked.len() <= 7 { &plain } else { asked }];
        for code in codes {
            let mut out = Vec::new();
            for (r, system) in self.by_code(code) {
                if !out.contains(&r) && system != System::Fhir {
                    out.push(r);
                }
            }
            if !out.is_empty() {
                return out;
            }
        }
        // codes that are ids of an imported master
        let ids: Vec<ConceptRef> = ["jlac10", "icd10", "jfagy", "hot9"].iter().filter_map(|prefix| self.by_id(&format!("{prefix}:{asked}"))).collect();
        if !ids.is_empty() {
            return ids;
        }
        let mut out = Vec::new();
        for (r, _) in self.candidates(asked) {
            if self.concept(r).is_some_and(|c| !RULES.contains(&c.kind())) && !out.contains(&r) {
                out.push(r);
            }
        }
        out
    }

    /// Every word of a concept, in all layers, with the flags of its link; its name first, then by the words' bytes.
    pub fn surfaces_of(&self, concept: ConceptRef) -> Vec<(String, u32)> {
        let mut out: Vec<(String, u32)> = Vec::new();
        for (p, pack) in self.packs.iter().enumerate() {
            let Ok(number) = u8::try_from(p) else { continue };
            for s in 0..to_u32(pack.surfaces()) {
                let of = |l: &super::pack::Link| self.layers.resolve(ConceptRef { pack: number, index: l.concept }) == concept;
                if let Some(l) = pack.links(s).find(of) {
                    let text = if l.flags & super::FLAG_CASED != 0 { pack.cased(l) } else { pack.surface_text(s) };
                    match out.iter_mut().find(|o| o.0 == text) {
                        // what is looked for in notes in one layer is looked for
                        Some(o) => o.1 &= l.flags,
                        None => out.push((text.to_owned(), l.flags)),
                    }
                }
            }
        }
        let name = self.concept(concept).map(|c| fold(c.name())).unwrap_or_default();
        out.sort_by_key(|o| (o.0 != name, o.0.clone()));
        out
    }
}
