//! The graph together with the names of its nodes.

use super::{Arc, Graph, NO_RECORD, Node};
use crate::lexicon::{Concept, ConceptKind, ConceptRef, Lexicon, Relation};
use std::collections::{BTreeMap, HashSet};

/// A relation between two concepts, with the words that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge<'l> {
    /// The first concept.
    pub from: ConceptRef,
    /// How it stands to the second.
    pub relation: Relation,
    /// The second concept.
    pub to: ConceptRef,
    /// Ids of the rows that say so, joined by `|`; empty where a shared code does.
    pub rows: &'l str,
    /// A remark: the direction of a measurement, a frequency as its source writes it.
    pub note: &'l str,
    /// So many of `of`, where it was counted.
    pub n: u32,
    /// Out of so many; 0 where nothing was counted.
    pub of: u32,
    /// The label of the pack.
    pub pack: &'l str,
}

/// What a graph holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// Concepts that a relation joins.
    pub nodes: usize,
    /// Relations.
    pub edges: usize,
    /// Relations by their kind.
    pub relations: BTreeMap<&'static str, usize>,
    /// Relations by the pack that says them.
    pub packs: BTreeMap<String, usize>,
    /// Chains of causes that were written as such.
    pub causal_chains: usize,
    /// Disorders with symptoms and with tests.
    pub profiles: usize,
    /// Relations that name a concept which no pack holds.
    pub dangling: usize,
}

/// A graph and its lexicon.
#[derive(Debug, Clone, Copy)]
pub struct Ontology<'l> {
    pub(super) lexicon: &'l Lexicon,
    pub(super) graph: &'l Graph,
}

impl<'l> Ontology<'l> {
    /// `graph` must have been loaded from `lexicon`.
    pub const fn new(lexicon: &'l Lexicon, graph: &'l Graph) -> Self {
        Self { lexicon, graph }
    }

    /// The lexicon.
    pub const fn lexicon(&self) -> &'l Lexicon {
        self.lexicon
    }

    /// The concept that an id, a code or a name stands for; of several, the first that has relations.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let ontology = engine.ontology().unwrap();
    /// for asked in ["肺炎", "pneumonia", "respiratory-0001"] {
    ///     assert_eq!(ontology.name(ontology.named(asked).unwrap()), "肺炎");
    /// }
    /// ```
    pub fn named(&self, asked: &str) -> Option<ConceptRef> {
        let mut found = self.lexicon.named(asked);
        if found.is_empty() {
            // ids of blocks of ICD-10, and kinds told by a prefix (drug:アムロジピン)
            let plain = asked.split_once(':').map_or(asked, |s| s.1);
            found = self.lexicon.by_id(&format!("icd10:{asked}")).into_iter().chain(self.lexicon.named(plain)).collect();
        }
        let related = |r: &&ConceptRef| self.graph.node(**r).is_some_and(|n| self.graph.has_edges(n));
        found.iter().find(related).or_else(|| found.first()).copied()
    }

    /// The name of a concept; empty where it is none of the lexicon.
    pub fn name(&self, r: ConceptRef) -> &'l str {
        self.lexicon.concept(r).map_or("", Concept::name)
    }

    /// What the concept is.
    pub fn kind(&self, r: ConceptRef) -> Option<ConceptKind> {
        self.lexicon.concept(r).map(Concept::kind)
    }

    /// The relations from a concept, by relation and, in each, as the rows order them: the most typical first.
    pub fn edges_from(&self, r: ConceptRef) -> impl Iterator<Item = Edge<'l>> + use<'l> {
        let this = *self;
        let mut arcs: Vec<&Arc> = self.node(r).map_or(&[][..], |n| this.graph.from(n)).iter().collect();
        arcs.sort_by_key(|a| (a.relation, a.pack, a.record));
        arcs.into_iter().map(move |a| this.edge(a))
    }

    /// The relations that lead to a concept, by relation.
    pub fn edges_to(&self, r: ConceptRef) -> impl Iterator<Item = Edge<'l>> + use<'l> {
        let this = *self;
        self.node(r).into_iter().flat_map(move |n| this.graph.to(n)).map(move |a| this.edge(a))
    }

    /// The concepts that stand in a relation to `r`: those that it leads to, or (`inverse`) those that lead to it.
    ///
    /// ```
    /// use karuta::graph::Relation;
    /// let engine = karuta::Engine::new().unwrap();
    /// let ontology = engine.ontology().unwrap();
    /// let pneumonia = ontology.named("肺炎").unwrap();
    /// let symptoms: Vec<&str> = ontology.neighbours(pneumonia, Relation::HasSymptom, false).map(|c| ontology.name(c)).collect();
    /// assert!(symptoms.contains(&"発熱"));
    /// ```
    pub fn neighbours(&self, r: ConceptRef, relation: Relation, inverse: bool) -> impl Iterator<Item = ConceptRef> + use<'l> {
        let graph = self.graph;
        let node = self.node(r);
        let ahead = node.filter(|_| !inverse).into_iter().flat_map(move |n| graph.from(n)).map(|a| (a.relation, a.to));
        let back = node.filter(|_| inverse).into_iter().flat_map(move |n| graph.to(n)).map(|a| (a.relation, a.from));
        ahead.chain(back).filter(move |a| a.0 == relation).map(move |a| graph.concept(a.1))
    }

    /// Whether an edge of that relation leads from `a` to `b`.
    pub fn edge_between(&self, a: ConceptRef, relation: Relation, b: ConceptRef) -> Option<Edge<'l>> {
        let (a, b) = (self.node(a)?, self.node(b)?);
        let arcs = self.graph.from(a);
        let at = arcs.binary_search_by(|x| (x.relation, x.to).cmp(&(relation, b))).ok()?;
        arcs.get(at).map(|a| self.edge(a))
    }

    /// What the graph holds.
    pub fn figures(&self) -> Figures {
        let graph = self.graph;
        let mut out = Figures { nodes: 0, edges: graph.arcs.len(), relations: BTreeMap::new(), packs: BTreeMap::new(), causal_chains: 0, profiles: 0, dangling: graph.dangling };
        let mut chains: HashSet<&str> = HashSet::new();
        for a in &graph.arcs {
            *out.relations.entry(a.relation.text()).or_default() += 1;
            let e = self.edge(a);
            *out.packs.entry(e.pack.to_owned()).or_default() += 1;
            if a.relation == Relation::HasResult {
                chains.extend(e.rows.split('|').filter(|r| r.starts_with("causal.")));
            }
        }
        out.causal_chains = chains.len();
        for n in 0..crate::text::to_u32(graph.size()) {
            out.nodes += usize::from(graph.has_edges(n));
            let has = |r: Relation| graph.from(n).iter().any(|a| a.relation == r);
            out.profiles += usize::from(has(Relation::HasSymptom) && has(Relation::DiagnosedBy));
        }
        out
    }

    pub(super) fn edge(&self, a: &Arc) -> Edge<'l> {
        let pack = self.lexicon.packs().get(usize::from(a.pack));
        let record = pack.filter(|_| a.record != NO_RECORD).and_then(|p| p.relation_record(a.record));
        let (from, to) = (self.graph.concept(a.from), self.graph.concept(a.to));
        Edge {
            from,
            relation: a.relation,
            to,
            rows: record.map_or("", |r| r.row),
            note: record.map_or("", |r| r.note),
            n: record.map_or(0, |r| r.n),
            of: record.map_or(0, |r| r.of),
            pack: self.lexicon.label(ConceptRef { pack: a.pack, index: 0 }),
        }
    }

    pub(super) fn node(&self, r: ConceptRef) -> Option<Node> {
        self.graph.node(self.lexicon.resolved(r))
    }
}
