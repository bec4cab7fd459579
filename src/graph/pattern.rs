//! Patterns over the graph of notes: which facts stand to one another as asked.

use super::{LinkKind, NoteGraph, Ontology, Order, Relation};
use crate::lexicon::ConceptRef;
use crate::model::{Assertion, FactKind};
use std::collections::HashMap;

/// What is asked of facts that are named by variables.
#[derive(Debug, Clone, Default)]
pub struct Pattern {
    names: Vec<String>,
    clauses: Vec<Clause>,
}

#[derive(Debug, Clone)]
enum Clause {
    Kind(usize, FactKind),
    IsA(usize, ConceptRef),
    Assertion(usize, Assertion),
    Linked(usize, LinkKind, usize),
    Before(usize, usize),
}

/// Facts by the names of their variables: their places among the nodes of the graph.
pub type Binding = HashMap<String, usize>;

/// Bindings beyond this number are not looked for: a pattern that fits everything tells nothing.
const MOST: usize = 10_000;

impl Pattern {
    /// Asks nothing yet.
    ///
    /// ```
    /// use karuta::graph::{NoteGraph, Pattern, Relation, Told};
    /// let engine = karuta::Engine::new().unwrap();
    /// let found = engine.worker().structure("発熱あり。市中肺炎。セフトリアキソン開始。");
    /// let ontology = engine.ontology().unwrap();
    /// let graph = NoteGraph::of(ontology, &[Told { id: "1", date: None, found: &found }]);
    /// let pattern = Pattern::new()
    ///     .is_a("disorder", ontology.named("感染症").unwrap())
    ///     .related("disorder", Relation::HasSymptom, "symptom")
    ///     .related("disorder", Relation::TreatedBy, "drug");
    /// let hits = graph.matches(ontology, &pattern);
    /// assert_eq!(graph.nodes()[hits[0]["drug"]].fact.name, "セフトリアキソン");
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// `var` is of that kind.
    #[must_use]
    pub fn kind(mut self, var: &str, kind: FactKind) -> Self {
        let v = self.var(var);
        self.clauses.push(Clause::Kind(v, kind));
        self
    }

    /// `var` is of that concept or a kind of it.
    #[must_use]
    pub fn is_a(mut self, var: &str, concept: ConceptRef) -> Self {
        let v = self.var(var);
        self.clauses.push(Clause::IsA(v, concept));
        self
    }

    /// `var` is asserted so.
    #[must_use]
    pub fn asserted(mut self, var: &str, assertion: Assertion) -> Self {
        let v = self.var(var);
        self.clauses.push(Clause::Assertion(v, assertion));
        self
    }

    /// The ontology relates `from` to `to`, and both are there.
    #[must_use]
    pub fn related(self, from: &str, relation: Relation, to: &str) -> Self {
        self.linked(from, LinkKind::Suggested(relation), to)
    }

    /// A link of that kind leads from `from` to `to`.
    #[must_use]
    pub fn linked(mut self, from: &str, kind: LinkKind, to: &str) -> Self {
        let (a, b) = (self.var(from), self.var(to));
        self.clauses.push(Clause::Linked(a, kind, b));
        self
    }

    /// `first` was before `second`, as far as the notes tell.
    #[must_use]
    pub fn before(mut self, first: &str, second: &str) -> Self {
        let (a, b) = (self.var(first), self.var(second));
        self.clauses.push(Clause::Before(a, b));
        self
    }

    fn var(&mut self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }
}

impl NoteGraph<'_> {
    /// Every way in which facts fit a pattern, in the order of the facts; ten thousand at most.
    pub fn matches(&self, ontology: Ontology<'_>, pattern: &Pattern) -> Vec<Binding> {
        // what a variable must be by itself is settled once
        let candidates: Vec<Vec<usize>> =
            (0..pattern.names.len()).map(|v| (0..self.nodes().len()).filter(|i| pattern.clauses.iter().all(|c| self.fits_alone(ontology, c, v, *i))).collect()).collect();
        let mut out = Vec::new();
        let mut bound: Vec<usize> = Vec::new();
        self.bind(pattern, &candidates, &mut bound, &mut out);
        out
    }

    /// The depth is the number of variables.
    fn bind(&self, pattern: &Pattern, candidates: &[Vec<usize>], bound: &mut Vec<usize>, out: &mut Vec<Binding>) {
        let Some(next) = candidates.get(bound.len()) else {
            out.push(pattern.names.iter().cloned().zip(bound.iter().copied()).collect());
            return;
        };
        for i in next {
            if out.len() >= MOST {
                return;
            }
            bound.push(*i);
            if pattern.clauses.iter().all(|c| self.fits_together(c, bound)) {
                self.bind(pattern, candidates, bound, out);
            }
            bound.pop();
        }
    }

    fn fits_alone(&self, ontology: Ontology<'_>, clause: &Clause, var: usize, node: usize) -> bool {
        let Some(n) = self.nodes().get(node) else { return false };
        match clause {
            Clause::Kind(v, kind) if *v == var => n.fact.kind == *kind,
            Clause::IsA(v, concept) if *v == var => n.concept.is_some_and(|c| ontology.is_a(c, *concept)),
            Clause::Assertion(v, assertion) if *v == var => n.fact.assertion == *assertion,
            Clause::Linked(a, kind, _) if *a == var => self.links().iter().any(|l| l.kind == *kind && l.from == node),
            Clause::Linked(_, kind, b) if *b == var => self.links().iter().any(|l| l.kind == *kind && l.to == node),
            _ => true,
        }
    }

    /// Clauses of two variables, the later of which was bound last.
    fn fits_together(&self, clause: &Clause, bound: &[usize]) -> bool {
        let (a, b) = match clause {
            Clause::Linked(a, _, b) | Clause::Before(a, b) => (*a, *b),
            _ => return true,
        };
        let (Some(x), Some(y)) = (bound.get(a), bound.get(b)) else { return true };
        match clause {
            Clause::Linked(_, kind, _) => a.max(b) + 1 != bound.len() || self.links().iter().any(|l| (l.kind, l.from, l.to) == (*kind, *x, *y)),
            _ => {
                let day = |i: &usize| self.nodes().get(*i).and_then(|n| n.day);
                matches!((day(x), day(y)), (Some(p), Some(q)) if super::note::order(p, q) == Order::Before)
            }
        }
    }
}
