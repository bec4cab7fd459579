//! The ontology: how concepts hang together, over all packs; and each note's graph.
//!
//! Relations stand in the packs, each in one direction, with the row that says so. [`Graph`] brings their ends into
//! memory, both ways; their words are read where they lie. [`Ontology`] asks a graph together with its lexicon.

mod explain;
mod learn;
mod note;
mod ontology;
mod path;
mod pattern;
#[cfg(feature = "sparql")]
mod rdf;
mod walk;

pub use crate::lexicon::Relation;
pub use explain::{Explanation, Inference};
pub use learn::{Counts, LearnError};
pub use note::{Link, LinkKind, NoteGraph, NoteNode, Order, Told};
pub use ontology::{Edge, Figures, Ontology};
pub use pattern::{Binding, Pattern};
#[cfg(feature = "sparql")]
pub use rdf::{Answer, QueryError, Store, VOCABULARY};
pub use walk::{Common, Path, Reached, Step};

use crate::lexicon::{ConceptRef, Lexicon, PackError, System};
use crate::text::to_u32;

/// Number of a node: the packs' concepts, one pack after the other.
type Node = u32;

/// An edge in memory: its words stand in record `record` of pack `pack`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Arc {
    from: Node,
    relation: Relation,
    to: Node,
    pack: u8,
    record: u32,
}

/// The record of an edge that no row says: a code that two concepts share.
const NO_RECORD: u32 = u32::MAX;

/// The relations of a lexicon's packs, as compressed rows both ways.
#[derive(Debug, Default)]
pub struct Graph {
    /// The number of the first node of each pack.
    base: Vec<Node>,
    /// Sorted by from, relation, to.
    arcs: Vec<Arc>,
    /// Where the edges from a node begin among the arcs.
    out: Vec<u32>,
    /// Where the edges to a node begin in `into`.
    into_start: Vec<u32>,
    /// The same arcs, sorted by to, relation, from: a node's are read in one piece.
    into: Vec<Arc>,
    /// Relations that name a concept which no pack holds.
    dangling: usize,
}

impl Graph {
    /// Reads the relations of every pack of a lexicon.
    ///
    /// # Errors
    /// [`PackError::Format`] when a pack's relations do not match their hash.
    ///
    /// ```
    /// use karuta::{graph::{Graph, Ontology}, lexicon::Lexicon};
    /// let lexicon = Lexicon::curated()?;
    /// let graph = Graph::load(&lexicon)?;
    /// let ontology = Ontology::new(&lexicon, &graph);
    /// assert!(ontology.figures().edges >= 6000);
    /// # Ok::<(), karuta::lexicon::PackError>(())
    /// ```
    pub fn load(lexicon: &Lexicon) -> Result<Self, PackError> {
        let mut graph = Self::default();
        let mut total = 0;
        for pack in lexicon.packs() {
            graph.base.push(total);
            total = to_u32(total as usize + pack.len());
        }
        for (i, pack) in lexicon.packs().iter().enumerate().filter(|p| p.1.relation_count() > 0) {
            pack.verify_relations()?;
            let Ok(number) = u8::try_from(i) else { continue };
            let nodes: Vec<Option<Node>> = pack
                .node_records()
                .map(|n| {
                    let own = n.concept.map(|index| ConceptRef { pack: number, index });
                    graph.node(own.map_or_else(|| elsewhere(lexicon, n.id), |r| Some(lexicon.resolved(r)))?)
                })
                .collect();
            let node = |n: u32| nodes.get(n as usize).copied().flatten();
            for (record, relation, from, to) in pack.relation_ends() {
                match (node(from), node(to)) {
                    (Some(from), Some(to)) if from != to => graph.arcs.push(Arc { from, relation, to, pack: number, record }),
                    (Some(_), Some(_)) => {}
                    _ => graph.dangling += 1,
                }
            }
        }
        for system in [System::Hpo, System::Mondo, System::Nando] {
            for (a, b) in lexicon.same_codes(system) {
                if let (Some(from), Some(to)) = (graph.node(a), graph.node(b)) {
                    graph.arcs.push(Arc { from, relation: Relation::SameAs, to, pack: b.pack, record: NO_RECORD });
                }
            }
        }
        graph.index(total);
        Ok(graph)
    }

    fn index(&mut self, total: u32) {
        self.arcs.sort_unstable();
        // the lowest pack that says it stands for it
        self.arcs.dedup_by_key(|a| (a.from, a.relation, a.to));
        let count = |end: fn(&Arc) -> Node| {
            let mut start = vec![0u32; total as usize + 1];
            for a in &self.arcs {
                if let Some(n) = start.get_mut(end(a) as usize + 1) {
                    *n += 1;
                }
            }
            let mut sum = 0;
            for n in &mut start {
                sum += *n;
                *n = sum;
            }
            start
        };
        self.out = count(|a| a.from);
        self.into_start = count(|a| a.to);
        self.into.clone_from(&self.arcs);
        let mut free = self.into_start.clone();
        for a in &self.arcs {
            let Some(place) = free.get_mut(a.to as usize) else { continue };
            if let Some(slot) = self.into.get_mut(*place as usize) {
                *slot = *a;
            }
            *place += 1;
        }
        for (first, end) in self.into_start.iter().zip(self.into_start.iter().skip(1)) {
            if let Some(of_one) = self.into.get_mut(*first as usize..*end as usize) {
                of_one.sort_unstable_by_key(|a| (a.relation, a.from));
            }
        }
    }

    fn node(&self, r: ConceptRef) -> Option<Node> {
        Some(self.base.get(usize::from(r.pack))? + r.index)
    }

    fn concept(&self, n: Node) -> ConceptRef {
        let pack = self.base.partition_point(|b| *b <= n).saturating_sub(1);
        let first = self.base.get(pack).copied().unwrap_or(0);
        ConceptRef { pack: u8::try_from(pack).unwrap_or(0), index: n.saturating_sub(first) }
    }

    /// Number of nodes that there could be: the packs' concepts.
    fn size(&self) -> usize {
        self.out.len().saturating_sub(1)
    }

    fn from(&self, n: Node) -> &[Arc] {
        let at = |i: usize| self.out.get(i).copied().unwrap_or(0) as usize;
        self.arcs.get(at(n as usize)..at(n as usize + 1)).unwrap_or(&[])
    }

    fn to(&self, n: Node) -> &[Arc] {
        let at = |i: usize| self.into_start.get(i).copied().unwrap_or(0) as usize;
        self.into.get(at(n as usize)..at(n as usize + 1)).unwrap_or(&[])
    }

    /// Number of relations from and to a node.
    fn degree(&self, n: Node) -> usize {
        self.from(n).len() + self.to(n).len()
    }

    fn has_edges(&self, n: Node) -> bool {
        self.degree(n) > 0
    }
}

/// A concept that a pack names by its id, or by the code of an ontology that is its id there.
fn elsewhere(lexicon: &Lexicon, id: &str) -> Option<ConceptRef> {
    lexicon.by_id(id).or_else(|| {
        let system = match id.split_once(':')?.0 {
            "HP" => System::Hpo,
            "MONDO" => System::Mondo,
            "NANDO" => System::Nando,
            _ => return None,
        };
        lexicon.packs().iter().enumerate().rev().find_map(|(p, pack)| {
            let index = pack.by_code(system, id).next()?;
            Some(lexicon.resolved(ConceptRef { pack: u8::try_from(p).ok()?, index }))
        })
    })
}
