//! The shortest ways between two nodes.
//!
//! Two waves go out, one from each end, until they meet. What they pass is marked in arrays as long as the graph,
//! which a thread keeps: a mark counts only under the number of the search that set it, so that nothing is cleared.

use super::walk::{Allow, steps};
use super::{Arc, Graph, Node};
use std::cell::Cell;

/// One way: its edges in order, and whether each is walked from its second node to its first.
pub(super) type Way<'g> = Vec<(&'g Arc, bool)>;

/// Steps that one search may take: beyond it there are more ways than anybody reads.
const BUDGET: u32 = 20_000;

/// Simple ways of the least length and of up to `longer` steps more, the shortest first; at most `limit`.
pub(super) fn ways<'g>(graph: &'g Graph, a: Node, b: Node, limit: usize, longer: u32, allow: Allow<'_>) -> Vec<Way<'g>> {
    thread_local! {
        static KEPT: Cell<Waves> = Cell::default();
    }
    let mut out = Vec::new();
    if a == b || limit == 0 {
        return out;
    }
    let mut waves = KEPT.take();
    if let Some(least) = waves.meet(graph, a, b, longer, allow) {
        for length in least..=least + longer {
            let mut search = Search { graph, start: a, left: &waves.behind, allow, limit, budget: BUDGET, found: Vec::new() };
            search.go(a, b, length, &mut Vec::new());
            out.append(&mut search.found);
            if out.len() >= limit {
                out.truncate(limit);
                break;
            }
        }
    }
    KEPT.set(waves);
    out
}

/// The nodes within some steps of one.
#[derive(Default)]
struct Wave {
    /// By node: the number of the search that passed it, and the steps to it.
    marks: Vec<(u32, u32)>,
    search: u32,
    /// The nodes of the farthest level.
    edge: Vec<Node>,
    next: Vec<Node>,
    depth: u32,
    /// Relations of the farthest level: what the next one costs.
    cost: usize,
}

impl Wave {
    fn begin(&mut self, graph: &Graph, start: Node) {
        if self.search == u32::MAX {
            self.marks.clear();
            self.search = 0;
        }
        if self.marks.len() < graph.size() {
            self.marks.resize(graph.size(), (0, 0));
        }
        self.search += 1;
        (self.depth, self.cost) = (0, graph.degree(start));
        self.edge.clear();
        self.edge.push(start);
        self.mark(start, 0);
    }

    fn distance(&self, n: Node) -> Option<u32> {
        self.marks.get(n as usize).filter(|m| m.0 == self.search).map(|m| m.1)
    }

    /// Notes the steps to a node; false where they were known.
    fn mark(&mut self, n: Node, steps: u32) -> bool {
        match self.marks.get_mut(n as usize) {
            Some(m) if m.0 != self.search => {
                *m = (self.search, steps);
                true
            }
            _ => false,
        }
    }

    /// Goes one level on, to the nodes that `enter` lets in. `back`: against the steps.
    fn advance(&mut self, graph: &Graph, allow: Allow<'_>, back: bool, mut enter: impl FnMut(Node, u32) -> bool) {
        self.depth += 1;
        self.cost = 0;
        let (edge, mut next) = (std::mem::take(&mut self.edge), std::mem::take(&mut self.next));
        next.clear();
        for n in &edge {
            let mut reach = |arc: &Arc, inverse: bool, to: Node| {
                // most of what a level reaches was passed before
                if self.distance(to).is_none() && allow(arc, inverse) && enter(to, self.depth) && self.mark(to, self.depth) {
                    self.cost += graph.degree(to);
                    next.push(to);
                }
            };
            // a step into `n` is one that a walk ahead may take out of the node before it
            graph.from(*n).iter().for_each(|a| reach(a, back, a.to));
            graph.to(*n).iter().for_each(|a| reach(a, !back, a.from));
        }
        (self.edge, self.next) = (next, edge);
    }
}

#[derive(Default)]
struct Waves {
    ahead: Wave,
    /// Afterwards the steps left to the end, from every node on a way that is up to `longer` steps longer.
    behind: Wave,
}

impl Waves {
    /// The least number of steps from `start` to `end`.
    ///
    /// The wave with fewer relations before it goes on: a finding that a thousand disorders share is seldom passed.
    fn meet(&mut self, graph: &Graph, start: Node, end: Node, longer: u32, allow: Allow<'_>) -> Option<u32> {
        let Self { ahead, behind } = self;
        ahead.begin(graph, start);
        behind.begin(graph, end);
        let mut met = false;
        while !met {
            if ahead.edge.is_empty() || behind.edge.is_empty() {
                return None;
            }
            let (wave, other, back) = if ahead.cost <= behind.cost { (&mut *ahead, &*behind, false) } else { (&mut *behind, &*ahead, true) };
            wave.advance(graph, allow, back, |n, _| {
                met |= other.distance(n).is_some();
                true
            });
        }
        let least = ahead.depth + behind.depth;
        for _ in 0..longer {
            let (wave, back) = if ahead.cost <= behind.cost { (&mut *ahead, false) } else { (&mut *behind, true) };
            wave.advance(graph, allow, back, |_, _| true);
        }
        // from there on only over what the first wave passed in time
        let total = least + longer;
        let in_time = |ahead: &Wave, n: Node, depth: u32| ahead.distance(n).is_some_and(|d| d + depth <= total);
        let depth = behind.depth;
        behind.edge.retain(|n| in_time(ahead, *n, depth));
        while behind.depth < total && !behind.edge.is_empty() {
            behind.advance(graph, allow, true, |n, depth| in_time(ahead, n, depth));
        }
        Some(least)
    }
}

struct Search<'g, 'w> {
    graph: &'g Graph,
    start: Node,
    left: &'w Wave,
    allow: Allow<'w>,
    limit: usize,
    budget: u32,
    found: Vec<Way<'g>>,
}

impl<'g> Search<'g, '_> {
    /// Ways of exactly `length` steps. Its depth is bounded by that length, which is the least one and a few more.
    fn go(&mut self, n: Node, end: Node, length: u32, trail: &mut Way<'g>) {
        if self.done() {
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
        let mut taken: Vec<Node> = Vec::new();
        for (a, back, to) in steps(self.graph, n) {
            if self.done() {
                return;
            }
            if self.left.distance(to).is_none_or(|d| d >= length) || !(self.allow)(a, back) || taken.contains(&to) {
                continue;
            }
            taken.push(to);
            let visited = to == self.start || trail.iter().any(|(t, inverse)| if *inverse { t.to == to } else { t.from == to });
            if !visited {
                trail.push((a, back));
                self.go(to, end, length - 1, trail);
                trail.pop();
            }
        }
    }

    fn done(&self) -> bool {
        self.found.len() >= self.limit || self.budget == 0
    }
}

#[cfg(test)]
mod tests {
    use super::super::Relation;
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, VecDeque};

    const RELATIONS: [Relation; 3] = [Relation::IsA, Relation::HasSymptom, Relation::HasResult];

    fn graph(size: u32, arcs: &[(Node, usize, Node)]) -> Graph {
        let arcs = arcs.iter().filter(|a| a.0 < size && a.2 < size && a.0 != a.2);
        let arcs = arcs.map(|(from, r, to)| Arc { from: *from, relation: RELATIONS[*r], to: *to, pack: 0, record: 0 }).collect();
        let mut graph = Graph { base: vec![0], arcs, ..Graph::default() };
        graph.index(size);
        graph
    }

    /// Steps to `end` from every node, by a plain search.
    fn plain(graph: &Graph, end: Node, allow: Allow<'_>) -> Vec<Option<u32>> {
        let mut out = vec![None; graph.size()];
        out[end as usize] = Some(0);
        let mut open = VecDeque::from([end]);
        while let Some(n) = open.pop_front() {
            let d = out[n as usize].unwrap();
            for a in &graph.arcs {
                for (from, to, back) in [(a.from, a.to, false), (a.to, a.from, true)] {
                    if to == n && allow(a, back) && out[from as usize].is_none() {
                        out[from as usize] = Some(d + 1);
                        open.push_back(from);
                    }
                }
            }
        }
        out
    }

    /// Every simple way of exactly that length, as nodes.
    fn all(graph: &Graph, n: Node, end: Node, length: u32, allow: Allow<'_>, trail: &mut Vec<Node>, out: &mut BTreeSet<Vec<Node>>) {
        trail.push(n);
        if n == end {
            if length == 0 {
                out.insert(trail.clone());
            }
        } else if length > 0 {
            for a in &graph.arcs {
                for (from, to, back) in [(a.from, a.to, false), (a.to, a.from, true)] {
                    if from == n && allow(a, back) && !trail.contains(&to) {
                        all(graph, to, end, length - 1, allow, trail, out);
                    }
                }
            }
        }
        trail.pop();
    }

    fn nodes(a: Node, way: &Way<'_>) -> Vec<Node> {
        std::iter::once(a).chain(way.iter().map(|(arc, back)| if *back { arc.from } else { arc.to })).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn ways_are_those_of_a_plain_search(
            size in 2u32..14,
            arcs in prop::collection::vec((0u32..14, 0usize..3, 0u32..14), 0..30),
            hub in prop::bool::ANY,
            longer in 0u32..3,
            which in 0usize..3,
        ) {
            let mut arcs = arcs;
            if hub {
                arcs.extend((1..14).map(|n| (n, 1, 0)));
            }
            let graph = graph(size, &arcs);
            let allowed: [Allow<'_>; 3] = [&|_, _| true, &|a, back| !back && a.relation == Relation::IsA, &|a, back| back || a.relation != Relation::HasResult];
            let allow = allowed[which];
            for b in 0..size {
                let distance = plain(&graph, b, allow);
                for a in (0..size).filter(|a| *a != b) {
                    let found = ways(&graph, a, b, usize::MAX, longer, allow);
                    let mut expected = BTreeSet::new();
                    if let Some(least) = distance[a as usize] {
                        for length in least..=least + longer {
                            all(&graph, a, b, length, allow, &mut Vec::new(), &mut expected);
                        }
                    }
                    let got: BTreeSet<Vec<Node>> = found.iter().map(|w| nodes(a, w)).collect();
                    prop_assert_eq!(got.len(), found.len(), "a way stands twice");
                    prop_assert_eq!(&got, &expected);
                    prop_assert!(found.windows(2).all(|w| w[0].len() <= w[1].len()));
                    prop_assert_eq!(found.first().map(|w| crate::text::to_u32(w.len())), distance[a as usize]);
                    // fewer are the first of them
                    let few: Vec<_> = ways(&graph, a, b, 2, longer, allow).iter().map(|w| nodes(a, w)).collect();
                    prop_assert_eq!(few, found.iter().take(2).map(|w| nodes(a, w)).collect::<Vec<_>>());
                }
            }
        }
    }
}
