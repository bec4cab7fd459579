//! Walks over the graph: what is above, below and between concepts.
//!
//! "Above" follows `is_a`, and `same_as` from a concept to its class in an ontology, never back: two concepts that
//! share a class are not one another.

use super::{Arc, Edge, Graph, Node, Ontology};
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

/// Hands every step that may be taken from `n` to `each`, with the node that it leads to.
fn steps<'g>(graph: &'g Graph, n: Node, allow: Allow<'_>, each: &mut dyn FnMut(&'g Arc, bool, Node)) {
    graph.from(n).iter().filter(|a| allow(a, false)).for_each(|a| each(a, false, a.to));
    graph.to(n).filter(|a| allow(a, true)).for_each(|a| each(a, true, a.from));
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
            steps(self.graph, n, allow, &mut |_, _, next| {
                if let Some(s) = seen.get_mut(next as usize).filter(|s| !**s) {
                    *s = true;
                    open.push_back((next, distance + 1));
                }
            });
        }
        out
    }

    /// Simple paths of the least length and up to `longer` more, the shortest first.
    pub(super) fn shortest(&self, a: ConceptRef, b: ConceptRef, limit: usize, longer: u32, allow: Allow<'_>) -> Vec<Path<'l>> {
        let (Some(a), Some(b)) = (self.node(a), self.node(b)) else { return Vec::new() };
        let mut out = Vec::new();
        if a == b || limit == 0 {
            return out;
        }
        // distances to the end, so that no step is taken that can't get there in time
        let Some((least, left)) = distances_left(self.graph, a, b, longer, allow) else { return out };
        for length in least..=least + longer {
            let mut trail: Vec<(&'l Arc, bool)> = Vec::new();
            let mut search = Search { graph: self.graph, left: &left, allow, limit, budget: BUDGET, found: Vec::new() };
            search.go(a, b, length, &mut trail);
            out.extend(search.found.into_iter().map(|p| p.into_iter().map(|(a, inverse)| Step { edge: self.edge(a), inverse }).collect::<Path<'l>>()));
            if out.len() >= limit {
                out.truncate(limit);
                break;
            }
        }
        out
    }
}

/// Steps that one search may take: beyond it there are more paths than anybody reads.
const BUDGET: u32 = 20_000;

struct Search<'g, 'w> {
    graph: &'g Graph,
    left: &'w HashMap<Node, u32>,
    allow: Allow<'w>,
    limit: usize,
    budget: u32,
    found: Vec<Vec<(&'g Arc, bool)>>,
}

impl<'g> Search<'g, '_> {
    /// Paths of exactly `length` steps. Its depth is bounded by that length, which is the least one and a few more.
    fn go(&mut self, n: Node, end: Node, length: u32, trail: &mut Vec<(&'g Arc, bool)>) {
        if self.found.len() >= self.limit || self.budget == 0 {
            return;
        }
        self.budget -= 1;
        if n == end {
            if length == 0 {
                self.found.push(trail.clone());
            }
            return;
        }
        // of several relations between two nodes the first is told
        let mut next: Vec<(&Arc, bool, Node)> = Vec::new();
        steps(self.graph, n, self.allow, &mut |a, back, to| {
            if self.left.get(&to).is_some_and(|d| *d < length) && !next.iter().any(|x| x.2 == to) {
                next.push((a, back, to));
            }
        });
        for (a, back, to) in next {
            let visited = trail.iter().any(|(t, inverse)| if *inverse { t.to == to } else { t.from == to });
            if !visited {
                trail.push((a, back));
                self.go(to, end, length - 1, trail);
                trail.pop();
            }
        }
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
        steps(graph, n, allow, &mut |_, _, next| {
            out.entry(next).or_insert_with(|| {
                open.push_back(next);
                d + 1
            });
        });
    }
    out
}

/// The nodes within some steps of one, level by level.
struct Wave {
    distance: HashMap<Node, u32>,
    /// The farthest level.
    edge: Vec<Node>,
    depth: u32,
    /// Whether it goes against the steps.
    back: bool,
}

impl Wave {
    fn from(start: Node, back: bool) -> Self {
        Self { distance: HashMap::from_iter([(start, 0)]), edge: vec![start], depth: 0, back }
    }

    /// Goes one level on, to the nodes that `enter` lets in at that level.
    fn advance(&mut self, graph: &Graph, allow: Allow<'_>, enter: impl Fn(Node, u32) -> bool) {
        let depth = self.depth + 1;
        let mut next = Vec::new();
        for n in std::mem::take(&mut self.edge) {
            let mut reach = |arc: &Arc, inverse: bool, to: Node| {
                if allow(arc, inverse) && enter(to, depth) {
                    self.distance.entry(to).or_insert_with(|| {
                        next.push(to);
                        depth
                    });
                }
            };
            // a step into `n` is one that a walk ahead may take out of the node before it
            graph.from(n).iter().for_each(|a| reach(a, self.back, a.to));
            graph.to(n).for_each(|a| reach(a, !self.back, a.from));
        }
        (self.edge, self.depth) = (next, depth);
    }
}

/// The least number of steps from `start` to `end`, and the steps left to `end` from every node on a way that is up to
/// `longer` steps longer.
///
/// Two waves meet, the narrower one going on each time: a finding that a thousand disorders share is then seldom passed.
fn distances_left(graph: &Graph, start: Node, end: Node, longer: u32, allow: Allow<'_>) -> Option<(u32, HashMap<Node, u32>)> {
    let (mut ahead, mut behind) = (Wave::from(start, false), Wave::from(end, true));
    let narrower = |ahead: &mut Wave, behind: &mut Wave| {
        let wave = if ahead.edge.len() <= behind.edge.len() { ahead } else { behind };
        wave.advance(graph, allow, |_, _| true);
    };
    loop {
        if ahead.edge.is_empty() || behind.edge.is_empty() {
            return None;
        }
        narrower(&mut ahead, &mut behind);
        let (edge, other) = if ahead.edge.len() <= behind.edge.len() { (&ahead.edge, &behind.distance) } else { (&behind.edge, &ahead.distance) };
        if edge.iter().any(|n| other.contains_key(n)) {
            break;
        }
    }
    let least = ahead.depth + behind.depth;
    for _ in 0..longer {
        narrower(&mut ahead, &mut behind);
    }
    // from there on only to what the first wave passed in time
    while behind.depth < least + longer && !behind.edge.is_empty() {
        behind.advance(graph, allow, |n, depth| ahead.distance.get(&n).is_some_and(|d| d + depth <= least + longer));
    }
    Some((least, behind.distance))
}
