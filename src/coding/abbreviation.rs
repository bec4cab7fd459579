//! An abbreviation that several disorders share, where it stands alone: the one that is meant by far the most, or none.
//! Which it is, is `dictionaries/coding/abbreviations.tsv`; an abbreviation that is not there is left to the reader.

use super::names::is_disorder;
use super::table;
use crate::lexicon::{ConceptRef, FLAG_AMBIGUOUS, FLAG_UNSURE, Lexicon, System};
use crate::note::fold;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The names that abbreviations stand for.
static MEANT: LazyLock<HashMap<String, &'static str>> =
    LazyLock::new(|| table::rows(include_str!("../../dictionaries/coding/abbreviations.tsv")).filter_map(|r| Some((fold(r.get(1)?), *r.get(2)?))).collect());

/// What an abbreviation of several meanings stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    One(ConceptRef),
    Several(Vec<ConceptRef>),
}

/// What a folded form stands for, if it is an abbreviation of several disorders: the one that has it for sure, else the one of the
/// table, else each of them.
pub(super) fn meaning(lexicon: &Lexicon, folded: &str) -> Option<Meaning> {
    if !folded.is_ascii() {
        return None;
    }
    let links: Vec<(ConceptRef, u32)> = lexicon.candidates_folded(folded).filter(|l| l.1 & FLAG_UNSURE == 0 && is_disorder(lexicon, l.0)).collect();
    let code = |r: ConceptRef| lexicon.concept(r).map(|c| c.code(System::DiseaseExchange).unwrap_or_else(|| c.name()));
    // those that differ in their code
    let (mut several, mut sure): (Vec<ConceptRef>, Vec<ConceptRef>) = (Vec::new(), Vec::new());
    for (r, flags) in &links {
        for group in [Some(&mut several), Some(&mut sure).filter(|_| flags & FLAG_AMBIGUOUS == 0)].into_iter().flatten() {
            if !group.iter().any(|s| code(*s) == code(*r)) {
                group.push(*r);
            }
        }
    }
    if several.len() < 2 || sure.len() > 1 {
        return None;
    }
    let named = || MEANT.get(folded).and_then(|name| links.iter().map(|l| l.0).find(|r| lexicon.concept(*r).is_some_and(|c| c.name() == *name)));
    Some(sure.first().copied().or_else(named).map_or(Meaning::Several(several), Meaning::One))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_row_settles_an_abbreviation_of_several_meanings() {
        let engine = crate::Engine::new().unwrap();
        let lexicon = engine.lexicon();
        for (form, name) in MEANT.iter() {
            match meaning(lexicon, form) {
                Some(Meaning::One(r)) => assert_eq!(lexicon.concept(r).unwrap().name(), *name, "{form}"),
                found => panic!("{form}: {found:?}, expected {name}"),
            }
        }
    }
}
