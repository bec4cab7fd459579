//! Words that dictionaries pair with a 標準病名 or with an ICD-10 code.

use super::disorders::Disorders;
use super::{plain, systems};
use crate::lexicon::compile::format::{FLAG_AGREED, FLAG_INDEX};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::Masters;
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::likeness::{Likeness, NormalForm, Rarity};
use crate::lexicon::{ConceptKind, System};
use crate::note::fold;
use crate::text::is_katakana;
use std::collections::{BTreeMap, HashMap};

/// Words of an index that no disorder could be found for, by their ICD-10 code.
pub(super) type IcdWords<'m> = HashMap<&'m str, Vec<&'m str>>;

/// Of several rows that a word may stand for, the nearest must be as like it as this …
const LIKE: f64 = 0.55;
/// … and nearer than the next by this much.
const NEARER: f64 = 0.02;

/// A word and what sources say of it.
#[derive(Default)]
struct Claims<'m> {
    written: &'m str,
    /// Rows that a source names, and whether it is sure of it.
    named: Vec<(usize, bool)>,
    /// Rows that a source names together, as if the word meant all of them.
    several: Vec<usize>,
    /// The ICD-10 codes that an index gives it.
    icd: Vec<&'m str>,
}

/// Gives every word to the disorder that it names. A word whose target does not exist is left out.
pub(super) fn assign<'m>(all: &mut Disorders<'m>, masters: &'m Masters) -> IcdWords<'m> {
    let likely = Likely::new(all);
    let mut rest = IcdWords::new();
    for (word, claims) in claims(all, masters) {
        for (row, flags) in rows(all, &likely, &word, &claims) {
            if let Some(e) = all.rows.get_mut(row) {
                e.synonyms.push((claims.written, flags));
            }
        }
        let found = |icd: &str| all.by_icd.get(icd).into_iter().flatten().any(|i| all.rows.get(*i).is_some_and(|e| e.synonyms.last().is_some_and(|s| s.0 == claims.written)));
        for icd in claims.icd.iter().filter(|i| !found(i)) {
            rest.entry(icd).or_default().push(claims.written);
        }
    }
    rest
}

fn claims<'m>(all: &Disorders<'m>, masters: &'m Masters) -> BTreeMap<String, Claims<'m>> {
    let mut out: BTreeMap<String, Claims<'m>> = BTreeMap::new();
    for s in &masters.synonyms {
        let word = fold(&s.written);
        if all.by_name.contains_key(&word) || all.by_kana.contains_key(&word) {
            continue;
        }
        let named = |name: &str| all.by_name.get(&fold(name)).copied();
        let mut several: Vec<usize> = s.standard.split(['，', ',']).filter_map(named).collect();
        // a name may hold a comma
        let one = named(&s.standard);
        if s.icd.is_empty() && one.is_none() && several.is_empty() {
            continue;
        }
        let c = out.entry(word).or_insert_with(|| Claims { written: &s.written, ..Claims::default() });
        match one {
            Some(row) => c.named.push((row, matches!(s.reliability.as_str(), "S" | "A"))),
            None if s.standard.is_empty() => c.icd.extend(s.icd.iter().map(String::as_str)),
            None => c.several.append(&mut several),
        }
    }
    out
}

/// The rows that a word goes to, with the flags of the link.
fn rows(all: &Disorders<'_>, likely: &Likely, word: &str, c: &Claims<'_>) -> Vec<(usize, u32)> {
    let in_index = |row: usize| all.rows.get(row).is_some_and(|e| c.icd.iter().any(|i| e.row.icd.iter().any(|r| r == i)));
    let mut out: Vec<(usize, u32)> = Vec::new();
    for (row, sure) in &c.named {
        let agreed = *sure || in_index(*row);
        if !out.iter().any(|o| o.0 == *row) {
            out.push((*row, if agreed { FLAG_AGREED } else { 0 } | if in_index(*row) { FLAG_INDEX } else { 0 }));
        }
    }
    if out.iter().any(|o| o.1 & FLAG_INDEX != 0) {
        return out;
    }
    let candidates: Vec<usize> = c.icd.iter().filter_map(|i| all.by_icd.get(i)).flatten().copied().collect();
    let indexed = match candidates.as_slice() {
        [one] => Some(*one),
        several => likely.nearest(all, word, several),
    };
    if let Some(row) = indexed
        && !out.iter().any(|o| o.0 == row)
    {
        out.push((row, FLAG_INDEX | if c.several.contains(&row) { FLAG_AGREED } else { 0 }));
    } else if out.is_empty()
        && let Some(row) = likely.nearest(all, word, &c.several)
    {
        out.push((row, 0));
    }
    out
}

/// The names of the rows in their normal forms.
struct Likely {
    rarity: Rarity,
    names: Vec<NormalForm>,
}

impl Likely {
    fn new(all: &Disorders<'_>) -> Self {
        let mut rarity = Rarity::default();
        let names: Vec<NormalForm> = all.rows.iter().map(|e| NormalForm::new(&fold(&e.row.name))).collect();
        names.iter().for_each(|n| rarity.add(&n.near));
        Self { rarity, names }
    }

    /// Of these rows the one whose name, or reading for a reading, is like the word; none where two are.
    fn nearest(&self, all: &Disorders<'_>, word: &str, rows: &[usize]) -> Option<usize> {
        let reading = word.chars().all(|c| is_katakana(c) || !c.is_alphanumeric());
        let form = NormalForm::new(word);
        let mut near: Vec<(f64, usize)> = rows
            .iter()
            .filter_map(|row| {
                let e = all.rows.get(*row)?;
                let value = if reading {
                    let kana = fold(&e.row.kana);
                    Likeness::new(&self.rarity, &word.chars().collect::<Vec<_>>(), &kana.chars().collect::<Vec<_>>()).value()
                } else {
                    Likeness::new(&self.rarity, &form.near, &self.names.get(*row)?.near).value()
                };
                Some((value, *row))
            })
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        near.dedup_by(|a, b| exchange(all, a.1) == exchange(all, b.1));
        match near.as_slice() {
            [(value, row), rest @ ..] if *value >= LIKE && rest.first().is_none_or(|r| value - r.0 >= NEARER) => Some(*row),
            _ => None,
        }
    }
}

fn exchange<'d>(all: &'d Disorders<'_>, row: usize) -> &'d str {
    all.rows.get(row).map_or("", |e| e.row.exchange.as_str())
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
