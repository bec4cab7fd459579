//! Walks over the graph: what is above, below and between concepts.
//!
//! "Above" follows `is_a`, and `same_as` from a concept to its class in an ontology, never back: two concepts that
//! share a class are not one another.

use super::{Arc, Edge, Graph, Node, Ontology, path};
use crate::lexicon::{ConceptRef, Relation};
use rustc_hash::FxHashMap as HashMap;
use std::collections::VecDeque;

/// A concept that a walk came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The concept.
    pub concept: ConceptRef,
    /// By so many steps.
    pub distance: u32,
}

/// One step of a path: an edge, walked ahead or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'l> {
    /// The edge.
    pub edge: Edge<'l>,
    /// Whether it was walked from its second concept to its first.
    pub inverse: bool,
}

impl Step<'_> {
    /// Where the step begins.
    pub const fn start(&self) -> ConceptRef {
        if self.inverse { self.edge.to } else { self.edge.from }
    }

    /// Where it ends.
    pub const fn end(&self) -> ConceptRef {
        if self.inverse { self.edge.from } else { self.edge.to }
    }
}

/// Steps that join two concepts; empty where both are one.
pub type Path<'l> = Vec<Step<'l>>;

/// A concept above two others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Common {
    /// The concept.
    pub concept: ConceptRef,
    /// Steps to it from the first.
    pub from_first: u32,
    /// Steps to it from the second.
    pub from_second: u32,
}

/// Which steps a walk may take: an arc, and whether it is walked back.
pub(super) type Allow<'w> = &'w dyn Fn(&Arc, bool) -> bool;

/// Every step from `n`: the arc, whether it is walked back, and the node that it leads to.
pub(super) fn steps(graph: &Graph, n: Node) -> impl Iterator<Item = (&Arc, bool, Node)> {
    let ahead = graph.from(n).iter().map(|a| (a, false, a.to));
    ahead.chain(graph.to(n).iter().map(|a| (a, true, a.from)))
}

fn upward(a: &Arc, back: bool) -> bool {
    !back && matches!(a.relation, Relation::IsA | Relation::SameAs)
}

fn downward(a: &Arc, back: bool) -> bool {
    back && matches!(a.relation, Relation::IsA | Relation::SameAs)
}

impl<'l> Ontology<'l> {
    /// The concepts that `r` is a kind of, the nearest first.
    pub fn ancestors(&self, r: ConceptRef) -> Vec<Reached> {
        self.reached(r, &upward)
    }

    /// The concepts that are kinds of `r`, the nearest first.
    pub fn descendants(&self, r: ConceptRef) -> Vec<Reached> {
        self.reached(r, &downward)
    }

    /// Whether `a` is `b` or a kind of it.
    pub fn is_a(&self, a: ConceptRef, b: ConceptRef) -> bool {
        let (Some(a), Some(b)) = (self.node(a), self.node(b)) else { return a == b };
        a == b || distances(self.graph, a, Some(b), &upward).contains_key(&b)
    }

    /// The shortest way by which `a` is a kind of `b`.
    pub fn path_up(&self, a: ConceptRef, b: ConceptRef) -> Option<Path<'l>> {
        self.shortest(a, b, 1, 0, &upward).into_iter().next()
    }

    /// The nearest concepts above both, with the steps from each; a concept is above itself.
    pub fn common(&self, a: ConceptRef, b: ConceptRef) -> Vec<Common> {
        let (Some(a), Some(b)) = (self.node(a), self.node(b)) else { return Vec::new() };
        let (first, second) = (distances(self.graph, a, None, &upward), distances(self.graph, b, None, &upward));
        let both = || first.iter().filter_map(|(n, x)| Some((*n, *x, *second.get(n)?)));
        let Some(least) = both().map(|c| c.1 + c.2).min() else { return Vec::new() };
        let mut out: Vec<Common> = both().filter(|c| c.1 + c.2 == least).map(|c| Common { concept: self.graph.concept(c.0), from_first: c.1, from_second: c.2 }).collect();
        out.sort_by_key(|c| (c.from_first.max(c.from_second), c.concept));
        out
    }

    /// The shortest paths from `a` to `b` over the given relations (all where there are none), walked either way; with
    /// them those that are up to `longer` steps longer; at most `limit`.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let ontology = engine.ontology().unwrap();
    /// let (a, b) = (ontology.named("肺炎").unwrap(), ontology.named("発熱").unwrap());
    /// let paths = ontology.paths(a, b, &[], 0, 3);
    /// assert_eq!(paths[0].len(), 1);
    /// ```
    pub fn paths(&self, a: ConceptRef, b: ConceptRef, relations: &[Relation], longer: u32, limit: usize) -> Vec<Path<'l>> {
        self.shortest(a, b, limit, longer, &|arc: &Arc, _| relations.is_empty() || relations.contains(&arc.relation))
    }

    fn reached(&self, r: ConceptRef, allow: Allow<'_>) -> Vec<Reached> {
        let Some(start) = self.node(r) else { return Vec::new() };
        let mut out = Vec::new();
        let mut seen = vec![false; self.graph.size()];
        let mut open = VecDeque::from([(start, 0)]);
        if let Some(s) = seen.get_mut(start as usize) {
            *s = true;
        }
        while let Some((n, distance)) = open.pop_front() {
            if distance > 0 {
                out.push(Reached { concept: self.graph.concept(n), distance });
            }
            for (_, _, next) in steps(self.graph, n).filter(|s| allow(s.0, s.1)) {
                if let Some(s) = seen.get_mut(next as usize).filter(|s| !**s) {
                    *s = true;
                    open.push_back((next, distance + 1));
                }
            }
        }
        out
    }

    /// Simple paths of the least length and up to `longer` more, the shortest first.
    pub(super) fn shortest(&self, a: ConceptRef, b: ConceptRef, limit: usize, longer: u32, allow: Allow<'_>) -> Vec<Path<'l>> {
        let (Some(a), Some(b)) = (self.node(a), self.node(b)) else { return Vec::new() };
        let step = |(a, inverse): (&'l Arc, bool)| Step { edge: self.edge(a), inverse };
        path::ways(self.graph, a, b, limit, longer, allow).into_iter().map(|w| w.into_iter().map(step).collect()).collect()
    }
}

/// Steps from `start` to every node; ends at `end` where one is given.
fn distances(graph: &Graph, start: Node, end: Option<Node>, allow: Allow<'_>) -> HashMap<Node, u32> {
    let mut out = HashMap::from_iter([(start, 0)]);
    let mut open = VecDeque::from([start]);
    while let Some(n) = open.pop_front() {
        let d = out.get(&n).copied().unwrap_or(0);
        if Some(n) == end {
            break;
        }
        for (_, _, next) in steps(graph, n).filter(|s| allow(s.0, s.1)) {
            out.entry(next).or_insert_with(|| {
                open.push_back(next);
                d + 1
            });
        }
    }
    out
}
