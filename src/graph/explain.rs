//! How one thing leads to another: chains of causes, with the words of each step.

use super::walk::{Allow, Path, Step};
use super::{Arc, Ontology};
use crate::lexicon::{ConceptKind, ConceptRef, Relation};
use std::fmt::Write as _;

/// What a chain was allowed to pass through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inference {
    /// Causes, complications and adverse effects alone.
    Causal,
    /// Also from a kind to what it is a kind of: what 糖尿病 leads to, 2型糖尿病 leads to.
    Generalised,
    /// Also what a disorder shows: its symptoms and findings.
    Shown,
}

/// A chain from a cause to what it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'l> {
    /// What it passes through.
    pub inference: Inference,
    /// Its steps; in each, the cause is [`Step::start`].
    pub path: Path<'l>,
}

/// Whether a step leads from a cause to its result.
fn is_causal(a: &Arc, back: bool) -> bool {
    match a.relation {
        Relation::HasResult | Relation::HasComplication => !back,
        Relation::CausedByOrganism | Relation::AdverseEffectOf => back,
        _ => false,
    }
}

fn is_shown(a: &Arc, back: bool) -> bool {
    !back && matches!(a.relation, Relation::HasSymptom | Relation::HasFinding)
}

impl<'l> Ontology<'l> {
    /// How `a` leads to `b`: chains of causes, the shortest first and with them those that are a step longer;
    /// at most `limit`. Only where no chain of causes alone is known, a chain may pass from a kind to what it is a
    /// kind of, and then through symptoms and findings; [`Explanation::inference`] says which.
    ///
    /// It says what may lead to what, as the rows of the tables do; not that it did in a patient.
    ///
    /// ```
    /// let engine = karuta::Engine::new().unwrap();
    /// let ontology = engine.ontology().unwrap();
    /// let (a, b) = (ontology.named("糖尿病").unwrap(), ontology.named("脱水").unwrap());
    /// let chains = ontology.explain(a, b, 3);
    /// assert!(ontology.words(&chains[0].path).starts_with("糖尿病 →"));
    /// ```
    pub fn explain(&self, a: ConceptRef, b: ConceptRef, limit: usize) -> Vec<Explanation<'l>> {
        // blocks of a classification cause nothing
        let is_kind = |a: &Arc, back: bool| a.relation == Relation::IsA && !back && self.kind(self.graph.concept(a.to)) != Some(ConceptKind::Block);
        let ways: [(Inference, Allow<'_>); 3] = [
            (Inference::Causal, &is_causal),
            (Inference::Generalised, &|a, back| is_causal(a, back) || is_kind(a, back)),
            (Inference::Shown, &|a, back| is_causal(a, back) || is_kind(a, back) || is_shown(a, back)),
        ];
        for (inference, allow) in ways {
            let mut paths = self.shortest(a, b, limit, 1, allow);
            // a chain that is only "is a kind of" leads nowhere
            paths.retain(|p| p.iter().any(|s| s.edge.relation != Relation::IsA));
            if !paths.is_empty() {
                return paths.into_iter().map(|path| Explanation { inference, path }).collect();
            }
        }
        Vec::new()
    }

    /// A path in words: `糖尿病 →(結果) 血糖上昇 →(結果) …`.
    pub fn words(&self, path: &[Step<'_>]) -> String {
        let mut out = path.first().map_or_else(String::new, |s| self.name(s.start()).to_owned());
        for s in path {
            let _ = write!(out, " →({}) {}", s.edge.relation.ja(s.inverse), self.name(s.end()));
        }
        out
    }
}
