//! Words that dictionaries pair with a 標準病名 or with an ICD-10 code.

use super::disorders::Disorders;
use super::{plain, systems};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::Masters;
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::{ConceptKind, System};
use crate::note::fold;
use std::collections::{BTreeMap, HashMap};

/// Words of an index that no disorder could be found for, by their ICD-10 code.
pub(super) type IcdWords<'m> = HashMap<&'m str, Vec<&'m str>>;

/// Gives every word to the disorder that it names. A word whose target does not exist is left out.
pub(super) fn assign<'m>(all: &mut Disorders<'m>, masters: &'m Masters) -> IcdWords<'m> {
    let mut rest = IcdWords::new();
    for s in &masters.synonyms {
        let word = fold(&s.written);
        if all.by_name.contains_key(&word) || all.by_kana.contains_key(&word) {
            continue;
        }
        if !s.standard.is_empty() {
            // several targets (「癌，転移」) are no synonym of one
            if let Some(e) = all.by_name.get(&fold(&s.standard)).and_then(|i| all.rows.get_mut(*i)) {
                e.synonyms.push(&s.written);
            }
            continue;
        }
        for icd in &s.icd {
            let candidates = all.by_icd.get(icd.as_str()).map_or(&[][..], Vec::as_slice);
            let stem = stem(&word);
            let target = match candidates {
                [one] => Some(*one),
                several => several.iter().copied().find(|i| all.rows.get(*i).is_some_and(|e| self::stem(&fold(&e.row.name)) == stem)),
            };
            match target.and_then(|i| all.rows.get_mut(i)) {
                Some(e) => e.synonyms.push(&s.written),
                None => rest.entry(icd).or_default().push(&s.written),
            }
        }
    }
    rest
}

/// A name without what the wordings of one disorder differ in: 症, 性, の, middle dots.
fn stem(folded: &str) -> String {
    folded.chars().filter(|c| !matches!(c, '症' | '性' | '型' | 'の' | '・' | '-' | ' ' | '･')).collect()
}

/// Categories of ICD-10, where a list of them was read: for search, with the index's words.
pub(super) fn icd(masters: &Masters, words: &IcdWords<'_>, out: &mut Surfaces<'_>) {
    let mut categories: BTreeMap<String, &str> = BTreeMap::new();
    for r in masters.fhir.iter().filter(|r| systems::of(&r.system) == Some(System::Icd10)) {
        let code = r.code.replace('.', "");
        if crate::lexicon::import::is_icd(&code) {
            categories.entry(code).or_insert(&r.display);
        }
    }
    for (code, display) in categories {
        let mut c = NewConcept::new(ConceptKind::Disorder, &format!("icd10:{code}"), &plain(display));
        c.reference = true;
        c.codes.push((System::Icd10, code.clone(), display.to_owned()));
        let n = out.pack.concept(&c);
        out.lookup(n, display);
        for word in words.get(code.as_str()).into_iter().flatten() {
            out.unsure(n, word);
        }
    }
}
