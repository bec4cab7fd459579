//! What notes show of how often things are told together: counted, merged, and taken back.
//!
//! A source is counted once, under the hash of its content, so that it can be told whether it was counted already and
//! so that it can be forgotten: learning a source and forgetting it leaves what was there before, byte for byte.

use super::note::concept_of;
use super::{Ontology, Relation};
use crate::lexicon::compile::writer::{NewRelation, PackWriter, WriteError};
use crate::lexicon::{Concept, Pack};
use crate::model::{Assertion, FactKind, Structured, Subject};
use crate::note::fold;
use std::collections::{BTreeMap, BTreeSet};

/// Why counts could not be joined or taken apart.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LearnError {
    /// A source stands in both.
    #[error("found the source {0} in both, expected sources that were not counted yet")]
    Twice(String),
    /// A source was never counted.
    #[error("found the source {0}, which was never counted, expected one of those that were")]
    Unknown(String),
    /// The counts of a source are not what they were: another version structured it, or other packs.
    #[error("found {0} counted less often than the source says, expected the counts that were learnt from it (was it structured by another version?)")]
    Changed(String),
    /// The pack holds no counts.
    #[error("{0}: found a pack without counts, expected one that karuta graph learn made")]
    NoCounts(String),
}

/// How often disorders were told, and what was told with them.
///
/// ```
/// use karuta::graph::Counts;
/// let engine = karuta::Engine::new().unwrap();
/// let ontology = engine.ontology().unwrap();
/// let mut worker = engine.worker();
/// let counts = |source: &str, notes: &[&str]| {
///     let found: Vec<_> = notes.iter().map(|n| engine.worker().structure(n)).collect();
///     Counts::of(ontology, source, &found)
/// };
/// # drop(worker);
/// let (a, b) = (counts("a", &["肺炎。発熱あり。", "肺炎。咳嗽あり。"]), counts("b", &["肺炎。発熱あり。"]));
/// let mut both = a.clone();
/// both.merge(&b)?;
/// assert_eq!(both.together(ontology.named("肺炎").unwrap(), ontology.named("発熱").unwrap(), ontology), (2, 3));
/// both.forget(&b)?;
/// assert_eq!(both, a);
/// # Ok::<(), karuta::graph::LearnError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Notes of each source, by the hash of its content.
    sources: BTreeMap<String, u32>,
    /// Name and number of notes, by the id of the concept.
    told: BTreeMap<String, (String, u32)>,
    /// Number of notes with a disorder and another thing.
    together: BTreeMap<(String, String), u32>,
}

impl Counts {
    /// Counts the notes of one source; `source` names it, usually by the hash of its content.
    ///
    /// A note counts once for each disorder that is present in the patient, and once for each finding, medicine,
    /// measurement, procedure or other disorder beside it.
    pub fn of<'n>(ontology: Ontology<'_>, source: &str, notes: impl IntoIterator<Item = &'n Structured>) -> Self {
        let mut out = Self::default();
        let mut n = 0;
        for note in notes {
            n += 1;
            let (mut disorders, mut all) = (BTreeSet::new(), BTreeMap::new());
            for f in note.facts.iter().filter(|f| f.assertion == Assertion::Present && f.subject == Subject::Patient && f.kind != FactKind::Allergy) {
                let Some(c) = concept_of(ontology, f).and_then(|r| ontology.lexicon().concept(r)) else { continue };
                if f.kind == FactKind::Disorder {
                    disorders.insert(c.id().to_owned());
                }
                all.insert(c.id().to_owned(), c.name().to_owned());
            }
            for (id, name) in &all {
                out.told.entry(id.clone()).or_insert_with(|| (name.clone(), 0)).1 += 1;
                for d in disorders.iter().filter(|d| *d != id) {
                    *out.together.entry((d.clone(), id.clone())).or_default() += 1;
                }
            }
        }
        if n > 0 {
            out.sources.insert(source.to_owned(), n);
        }
        out
    }

    /// Number of notes that were counted.
    pub fn notes(&self) -> u32 {
        self.sources.values().sum()
    }

    /// The sources that were counted, with their numbers of notes.
    pub fn sources(&self) -> impl Iterator<Item = (&str, u32)> {
        self.sources.iter().map(|(s, n)| (s.as_str(), *n))
    }

    /// Number of pairs.
    pub fn pairs(&self) -> usize {
        self.together.len()
    }

    /// In how many notes the disorder was told with the other, and in how many it was told.
    pub fn together(&self, disorder: crate::lexicon::ConceptRef, other: crate::lexicon::ConceptRef, ontology: Ontology<'_>) -> (u32, u32) {
        let id = |r| ontology.lexicon().concept(r).map_or("", Concept::id).to_owned();
        let (d, o) = (id(disorder), id(other));
        let of = self.told.get(&d).map_or(0, |t| t.1);
        (self.together.get(&(d, o)).copied().unwrap_or(0), of)
    }

    /// Adds what was counted in other sources.
    ///
    /// # Errors
    /// [`LearnError::Twice`] when a source is in both; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), LearnError> {
        if let Some(twice) = other.sources.keys().find(|s| self.sources.contains_key(*s)) {
            return Err(LearnError::Twice(twice.clone()));
        }
        self.sources.extend(other.sources.iter().map(|(s, n)| (s.clone(), *n)));
        for (id, (name, n)) in &other.told {
            self.told.entry(id.clone()).or_insert_with(|| (name.clone(), 0)).1 += n;
        }
        for (pair, n) in &other.together {
            *self.together.entry(pair.clone()).or_default() += n;
        }
        Ok(())
    }

    /// Takes back what was counted in sources.
    ///
    /// # Errors
    /// [`LearnError::Unknown`] for a source that was never counted, [`LearnError::Changed`] when its counts do not fit;
    /// nothing is changed then.
    pub fn forget(&mut self, other: &Self) -> Result<(), LearnError> {
        let mut left = self.clone();
        for (source, n) in &other.sources {
            match left.sources.remove(source) {
                Some(held) if held == *n => {}
                Some(_) => return Err(LearnError::Changed(source.clone())),
                None => return Err(LearnError::Unknown(source.clone())),
            }
        }
        for (id, (name, n)) in &other.told {
            let at = left.told.get_mut(id).filter(|t| t.1 >= *n).ok_or_else(|| LearnError::Changed(name.clone()))?;
            at.1 -= n;
        }
        for (pair, n) in &other.together {
            let at = left.together.get_mut(pair).filter(|t| **t >= *n).ok_or_else(|| LearnError::Changed(format!("{} with {}", pair.0, pair.1)))?;
            *at -= n;
        }
        left.told.retain(|_, t| t.1 > 0);
        left.together.retain(|_, n| *n > 0);
        *self = left;
        Ok(())
    }

    /// The pack of these counts, to be laid over others. The same counts give the same bytes.
    ///
    /// # Errors
    /// When there is too much for one pack.
    pub fn pack(&self, name: &str) -> Result<Vec<u8>, WriteError> {
        let mut writer = PackWriter::new(fold);
        for (id, (name, n)) in &self.told {
            let node = writer.node(None, id, name);
            writer.count_node(node, *n);
        }
        for ((disorder, other), n) in &self.together {
            let of = self.told.get(disorder).map_or(0, |t| t.1);
            let (a, b) = (writer.node(None, disorder, ""), writer.node(None, other, ""));
            writer.relation(a, Relation::SeenWith, b, NewRelation { n: *n, of, ..NewRelation::default() });
        }
        let sources: Vec<serde_json::Value> = self.sources.iter().map(|(s, n)| serde_json::json!({ "kind": "notes", "blake3": s, "rows": n })).collect();
        let meta = serde_json::json!({
            "name": name, "version": env!("CARGO_PKG_VERSION"), "concepts": 0, "surfaces": 0,
            "relations": writer.relations(), "counted": true, "sources": sources,
        });
        writer.finish(&meta.to_string())
    }

    /// The counts of a pack that [`Self::pack`] made.
    ///
    /// # Errors
    /// [`LearnError::NoCounts`] for another pack.
    pub fn from_pack(pack: &Pack) -> Result<Self, LearnError> {
        if pack.meta().get("counted").and_then(serde_json::Value::as_bool) != Some(true) {
            return Err(LearnError::NoCounts(pack.label().to_owned()));
        }
        let mut out = Self::default();
        for s in pack.meta().get("sources").and_then(serde_json::Value::as_array).into_iter().flatten() {
            if let (Some(hash), Some(n)) = (s.get("blake3").and_then(|v| v.as_str()), s.get("rows").and_then(serde_json::Value::as_u64)) {
                out.sources.insert(hash.to_owned(), u32::try_from(n).unwrap_or(u32::MAX));
            }
        }
        let nodes: Vec<_> = pack.node_records().collect();
        out.told = nodes.iter().map(|n| (n.id.to_owned(), (n.name.to_owned(), n.count))).collect();
        for r in (0..crate::text::to_u32(pack.relation_count())).filter_map(|i| pack.relation_record(i)).filter(|r| r.relation == Relation::SeenWith) {
            if let (Some(a), Some(b)) = (nodes.get(r.from as usize), nodes.get(r.to as usize)) {
                out.together.insert((a.id.to_owned(), b.id.to_owned()), r.n);
            }
        }
        Ok(out)
    }
}
