//! The ranker: candidates of a phrase that the string alone does not decide between, by what their words mean.

use super::embed::{Embedder, cosine};
use super::error::NeuralError;
use super::measures::measure;
use crate::coding::{ACCEPT, Coded, NEAR, Ranked};
use std::ops::Range;
use std::sync::LazyLock;

/// The id of the measure, which a candidate that was ranked names.
const MARGIN_ID: &str = "rank.margin";

/// Candidates whose scores lie this near to the best are not told apart by the string.
static MARGIN: LazyLock<f64> = LazyLock::new(|| measure(MARGIN_ID).unwrap_or(0.0));

impl Embedder {
    /// Re-orders candidates that were found by nearness and whose scores lie within `rank.margin` (`dictionaries/neural/measures.tsv`)
    /// of the best: those whose vector is nearest to the phrase's stand first, and each tells so in `ranked`. What a phrase
    /// was coded as follows the first. What was refused stays refused, and a candidate that is too unsure to be coded does not
    /// come before one that is not.
    ///
    /// # Errors
    /// When the engine fails; nothing is then changed.
    pub fn rank(&self, coded: &mut [Coded]) -> Result<(), NeuralError> {
        let open: Vec<(usize, usize)> = coded.iter().enumerate().map(|(i, c)| (i, undecided(c))).filter(|(_, n)| *n > 1).collect();
        let mut texts: Vec<&str> = Vec::new();
        let mut places: Vec<Range<usize>> = Vec::with_capacity(open.len());
        for c in open.iter().filter_map(|(i, n)| Some((coded.get(*i)?, *n))) {
            let from = texts.len();
            texts.push(&c.0.text);
            texts.extend(c.0.candidates.iter().take(c.1).map(|k| k.name.as_str()));
            places.push(from..texts.len());
        }
        let vectors = self.embed(&texts)?;
        for ((i, _), place) in open.into_iter().zip(places) {
            let Some((phrase, names)) = vectors.get(place).and_then(<[_]>::split_first) else { continue };
            let likeness: Vec<f32> = names.iter().map(|n| cosine(phrase, n)).collect();
            if let Some(c) = coded.get_mut(i) {
                reorder(c, &likeness);
            }
        }
        Ok(())
    }
}

/// How many candidates, from the first on, the string does not decide between.
fn undecided(c: &Coded) -> usize {
    let best = c.candidates.first().map_or(0.0, |k| k.score);
    let least = if c.codings.is_empty() { best - *MARGIN } else { (best - *MARGIN).max(ACCEPT) };
    c.candidates.iter().take_while(|k| k.rule == NEAR && k.score >= least).count()
}

/// Puts the first candidates into the order of their likeness; equal ones keep theirs.
fn reorder(coded: &mut Coded, likeness: &[f32]) {
    let mut order: Vec<(usize, f32)> = likeness.iter().copied().enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let before: Vec<_> = coded.candidates.iter().take(likeness.len()).cloned().collect();
    for (slot, (was, likeness)) in coded.candidates.iter_mut().zip(&order) {
        if let Some(c) = before.get(*was) {
            slot.clone_from(c);
            slot.ranked = Some(Ranked { rule: MARGIN_ID.to_owned(), place: was + 1, likeness: (f64::from(*likeness) * 1000.0).round() / 1000.0 });
        }
    }
    if let Some(first) = coded.candidates.first().filter(|_| !coded.codings.is_empty()) {
        coded.codings.clone_from(&first.codings);
        coded.name.clone_from(&first.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::Candidate;
    use crate::model::{Applicability, Coding};

    fn phrase(scores: &[(&str, f64, &str)], is_coded: bool) -> Coded {
        let coding = |name: &str| vec![Coding { system: "s".into(), code: name.into(), display: "".into() }];
        let one = |(name, score, rule): &(&str, f64, &str)| Candidate {
            name: (*name).to_owned(),
            codings: coding(name),
            score: *score,
            applicability: Applicability::Confirm,
            rule: (*rule).to_owned(),
            ranked: None,
        };
        let candidates: Vec<Candidate> = scores.iter().map(one).collect();
        let first = if is_coded { candidates.first().cloned() } else { None };
        let (codings, name) = first.map_or_else(Default::default, |f| (f.codings, f.name));
        Coded { text: "p".into(), codings, name, candidates, refused: (!is_coded).then(|| "phrase.nothing-sure".to_owned()) }
    }

    #[test]
    fn only_what_the_string_leaves_open_is_ranked() {
        assert_eq!(undecided(&phrase(&[("a", 0.80, NEAR), ("b", 0.79, NEAR), ("c", 0.40, NEAR)], true)), 2);
        assert_eq!(undecided(&phrase(&[("a", 0.95, "phrase.exact"), ("b", 0.95, NEAR)], true)), 0);
        // the second is too unsure to be coded, however near it is
        assert_eq!(undecided(&phrase(&[("a", 0.705, NEAR), ("b", 0.695, NEAR)], true)), 1);
        assert_eq!(undecided(&phrase(&[("a", 0.69, NEAR), ("b", 0.685, NEAR)], false)), 2);
    }

    #[test]
    fn the_nearest_is_coded_and_tells_why() {
        let mut c = phrase(&[("a", 0.80, NEAR), ("b", 0.79, NEAR), ("c", 0.40, NEAR)], true);
        reorder(&mut c, &[0.2, 0.9]);
        assert_eq!((c.name.as_str(), c.codings.first().map(|k| k.code.as_str())), ("b", Some("b")));
        let names: Vec<&str> = c.candidates.iter().map(|k| k.name.as_str()).collect();
        assert_eq!(names, ["b", "a", "c"]);
        let ranked = c.candidates.first().and_then(|k| k.ranked.as_ref());
        assert_eq!(ranked.map(|r| (r.rule.as_str(), r.place, r.likeness)), Some(("rank.margin", 2, 0.9)));
        assert!(c.candidates.last().is_some_and(|k| k.ranked.is_none()));
        // what was refused stays refused
        let mut c = phrase(&[("a", 0.60, NEAR), ("b", 0.59, NEAR)], false);
        reorder(&mut c, &[0.1, 0.2]);
        assert!(c.codings.is_empty() && c.name.is_empty() && c.refused.is_some());
        assert_eq!(c.candidates.first().map(|k| k.name.as_str()), Some("b"));
    }
}
