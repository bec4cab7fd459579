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

/// What a folded form stands for, if it is an abbreviation of several disorders.
pub(super) fn meaning(lexicon: &Lexicon, folded: &str) -> Option<Meaning> {
    if !folded.is_ascii() {
        return None;
    }
    let links: Vec<(ConceptRef, u32)> = lexicon.candidates_folded(folded).filter(|l| l.1 & FLAG_UNSURE == 0 && is_disorder(lexicon, l.0)).collect();
    let code = |r: ConceptRef| lexicon.concept(r).map(|c| c.code(System::DiseaseExchange).unwrap_or_else(|| c.name()));
    // the meanings that differ in their code; what means one thing without a doubt is no question
    let mut several: Vec<ConceptRef> = Vec::new();
    for (r, flags) in &links {
        if flags & FLAG_AMBIGUOUS == 0 {
            return None;
        }
        if !several.iter().any(|s| code(*s) == code(*r)) {
            several.push(*r);
        }
    }
    if several.len() < 2 {
        return None;
    }
    let named = MEANT.get(folded).and_then(|name| links.iter().find(|l| lexicon.concept(l.0).is_some_and(|c| c.name() == *name)));
    Some(named.map_or(Meaning::Several(several), |l| Meaning::One(l.0)))
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
