//! Relations as they are read out of a pack.

use super::compile::format::{self as f, Relation, System};
use super::pack::{NODES, Pack, RELATIONS, u32_at};
use super::{ConceptRef, Lexicon, PackError};
use crate::text::to_u32;
use std::cmp::Ordering;

impl Relation {
    /// The property of a published vocabulary that says the same, as a compact IRI; `karuta:` where there is none.
    /// Prefixes: `rdfs`, `skos`, `RO` (OBO Relation Ontology), `sct` (SNOMED CT), `schema` (schema.org), `biolink`.
    pub const fn property(self) -> &'static str {
        match self {
            Self::IsA => "rdfs:subClassOf",
            Self::FindingSite => "sct:363698007",
            Self::HasSymptom => "RO:0002452",
            Self::HasFinding => "RO:0002200",
            Self::HasResult => "RO:0002411",
            Self::HasComplication => "karuta:has_complication",
            Self::CausedByOrganism => "sct:246075003",
            Self::DiagnosedBy => "schema:typicalTest",
            Self::MeasuredBy => "sct:363714003",
            Self::TreatedBy => "schema:possibleTreatment",
            Self::AdverseEffectOf => "biolink:adverse_event_of",
            Self::ContraindicatedIn => "biolink:contraindicated_in",
            Self::SameAs => "skos:exactMatch",
            Self::CloseMatch => "skos:closeMatch",
            Self::SeenWith => "karuta:seen_with",
        }
    }

    /// The name of the relation walked backwards.
    ///
    /// ```
    /// use karuta::lexicon::Relation;
    /// assert_eq!(Relation::HasResult.inverse(), "has_cause");
    /// ```
    pub const fn inverse(self) -> &'static str {
        match self {
            Self::IsA => "has_kind",
            Self::FindingSite => "site_of",
            Self::HasSymptom => "symptom_of",
            Self::HasFinding => "finding_of",
            Self::HasResult => "has_cause",
            Self::HasComplication => "complication_of",
            Self::CausedByOrganism => "causes",
            Self::DiagnosedBy => "diagnoses",
            Self::MeasuredBy => "measures",
            Self::TreatedBy => "treats",
            Self::AdverseEffectOf => "has_adverse_effect",
            Self::ContraindicatedIn => "contraindicates",
            Self::SameAs => "same_as",
            Self::CloseMatch => "close_match",
            Self::SeenWith => "seen_with",
        }
    }

    /// The relation in Japanese, from the first to the second, and from the second to the first.
    pub const fn ja(self, inverse: bool) -> &'static str {
        match (self, inverse) {
            (Self::IsA, false) => "上位",
            (Self::IsA, true) => "下位",
            (Self::FindingSite, false) => "部位",
            (Self::FindingSite, true) => "この部位の病態",
            (Self::HasSymptom, false) => "症状",
            (Self::HasSymptom, true) => "この症状を示す病態",
            (Self::HasFinding, false) => "検査所見",
            (Self::HasFinding, true) => "この所見を示す病態",
            (Self::HasResult, false) => "結果",
            (Self::HasResult, true) => "原因",
            (Self::HasComplication, false) => "合併症",
            (Self::HasComplication, true) => "これを合併する病態",
            (Self::CausedByOrganism, false) => "病原体",
            (Self::CausedByOrganism, true) => "起こす病態",
            (Self::DiagnosedBy, false) => "検査",
            (Self::DiagnosedBy, true) => "これで調べる病態",
            (Self::MeasuredBy, false) => "測るもの",
            (Self::MeasuredBy, true) => "これで測る所見",
            (Self::TreatedBy, false) => "治療",
            (Self::TreatedBy, true) => "適応",
            (Self::AdverseEffectOf, false) => "これを起こす薬",
            (Self::AdverseEffectOf, true) => "副作用",
            (Self::ContraindicatedIn, false) => "禁忌",
            (Self::ContraindicatedIn, true) => "禁忌の薬",
            (Self::SameAs, _) => "同じもの",
            (Self::CloseMatch, _) => "近いもの",
            (Self::SeenWith, _) => "同じ記録での併記",
        }
    }
}

/// A node of a pack's relations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NodeRecord<'p> {
    /// Its number in the pack, where the pack holds it.
    pub concept: Option<u32>,
    pub id: &'p str,
    pub name: &'p str,
    /// In so many notes it was told; 0 where nothing was counted.
    pub count: u32,
}

/// A relation of a pack, between two of its nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelationRecord<'p> {
    pub relation: Relation,
    pub from: u32,
    pub to: u32,
    pub n: u32,
    pub of: u32,
    pub row: &'p str,
    pub note: &'p str,
}

impl Pack {
    /// Number of relations.
    pub fn relation_count(&self) -> usize {
        self.section(RELATIONS).len() / f::RELATION
    }

    /// Checks the tables of relations against their hashes.
    pub(crate) fn verify_relations(&self) -> Result<(), PackError> {
        [NODES, RELATIONS].into_iter().filter(|s| !self.section(*s).is_empty()).try_for_each(|s| self.verify_section(s))
    }

    pub(crate) fn node_records(&self) -> impl ExactSizeIterator<Item = NodeRecord<'_>> {
        let table = self.section(NODES);
        (0..table.len() / f::NODE).map(move |i| {
            let at = i * f::NODE;
            let concept = Some(u32_at(table, at)).filter(|c| *c != f::ELSEWHERE);
            NodeRecord { concept, id: self.string(table, at + 4), name: self.string(table, at + 12), count: u32_at(table, at + 20) }
        })
    }

    /// Relation, from and to of every relation, without its words; one of an unknown kind is left out.
    pub(crate) fn relation_ends(&self) -> impl Iterator<Item = (u32, Relation, u32, u32)> {
        let table = self.section(RELATIONS);
        (0..to_u32(table.len() / f::RELATION)).filter_map(move |i| {
            let at = i as usize * f::RELATION;
            Some((i, Relation::from_number(u32_at(table, at))?, u32_at(table, at + 4), u32_at(table, at + 8)))
        })
    }

    pub(crate) fn relation_record(&self, n: u32) -> Option<RelationRecord<'_>> {
        let table = self.section(RELATIONS);
        let at = (n as usize).checked_mul(f::RELATION)?;
        (at < table.len()).then_some(())?;
        Some(RelationRecord {
            relation: Relation::from_number(u32_at(table, at))?,
            from: u32_at(table, at + 4),
            to: u32_at(table, at + 8),
            n: u32_at(table, at + 12),
            of: u32_at(table, at + 16),
            row: self.string(table, at + 20),
            note: self.string(table, at + 28),
        })
    }
}

impl Lexicon {
    /// The concept that stands for another in all layers.
    pub(crate) fn resolved(&self, r: ConceptRef) -> ConceptRef {
        self.layers.resolve(r)
    }

    /// Concepts of a lower pack with the class of an ontology, in a pack above it, whose code they carry.
    pub(crate) fn same_codes(&self, system: System) -> Vec<(ConceptRef, ConceptRef)> {
        let mut out = Vec::new();
        let packs = || self.packs.iter().enumerate().filter_map(|(i, p)| Some((u8::try_from(i).ok()?, p)));
        for (hi, upper) in packs().filter(|p| p.1.relation_count() > 0) {
            for (lo, lower) in packs().filter(|p| p.0 < hi) {
                let mut below = lower.codes_of(system).map(|e| (lower.code_bytes(e.0), e.1)).peekable();
                for (code, above) in upper.codes_of(system).map(|e| (upper.code_bytes(e.0), e.1)) {
                    while below.next_if(|b| b.0.cmp(code) == Ordering::Less).is_some() {}
                    // one class may be the code of several concepts below; the class itself comes once
                    while let Some((_, b)) = below.next_if(|b| b.0 == code) {
                        let (b, a) = (self.resolved(ConceptRef { pack: lo, index: b }), self.resolved(ConceptRef { pack: hi, index: above }));
                        if a != b {
                            out.push((b, a));
                        }
                    }
                }
            }
        }
        out
    }
}
