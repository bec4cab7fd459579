//! 傷病名: a concept for each current row, with its former codes and names, synonyms, and the classes of
//! ontologies that bear its name.

use super::plain;
use super::synonyms;
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::masters::{DisorderRow, Masters, OntologyRow};
use crate::lexicon::import::surfaces::Surfaces;
use crate::lexicon::{Attr, ConceptKind, System};
use crate::note::fold;
use std::collections::HashMap;

/// The current rows, and ways to find one.
pub(super) struct Disorders<'m> {
    pub rows: Vec<Entry<'m>>,
    /// Folded names, short names and former names.
    pub by_name: HashMap<String, usize>,
    pub by_kana: HashMap<String, usize>,
    pub by_icd: HashMap<&'m str, Vec<usize>>,
    by_receipt: HashMap<&'m str, usize>,
}

/// A current row and what was found to belong to it.
pub(super) struct Entry<'m> {
    pub row: &'m DisorderRow,
    former: Vec<(&'m str, &'m str)>,
    classes: Vec<(System, &'m str)>,
    en: Vec<&'m str>,
    /// Words that dictionaries pair with it, and the flags that say how.
    pub synonyms: Vec<(&'m str, u32)>,
}

/// Adds every disorder. Returns the ontologies' classes that no disorder bears the name of.
pub(super) fn add<'m>(masters: &'m Masters, out: &mut Surfaces<'_>) -> Vec<&'m OntologyRow> {
    let mut all = Disorders::new(masters);
    all.succeed(masters);
    let rest = all.classes(masters);
    let icd_words = synonyms::assign(&mut all, masters);
    // wordings of one disorder share its exchange code: the usual one is named by it
    let mut usual: HashMap<&str, &DisorderRow> = HashMap::new();
    for e in &all.rows {
        let held = usual.entry(&e.row.exchange).or_insert(e.row);
        if (&e.row.adoption, &e.row.receipt) < (&held.adoption, &held.receipt) {
            *held = e.row;
        }
    }
    // findings after disorders: concepts of one kind stand together
    let (findings, disorders): (Vec<_>, Vec<_>) = all.rows.iter().partition(|e| is_finding(e.row));
    for e in disorders.into_iter().chain(findings) {
        let by_exchange = !e.row.exchange.is_empty() && usual.get(e.row.exchange.as_str()).is_some_and(|u| u.receipt == e.row.receipt);
        concept(e, by_exchange, out);
    }
    synonyms::icd(masters, &icd_words, out);
    rest
}

impl<'m> Disorders<'m> {
    fn new(masters: &'m Masters) -> Self {
        // of several rows with one code a later file's holds, and a code that was abolished stays so
        let mut newest: HashMap<&str, &DisorderRow> = HashMap::new();
        let mut order = Vec::new();
        for r in &masters.disorders {
            match newest.get_mut(r.receipt.as_str()) {
                Some(old) if old.abolished && !r.abolished => {}
                Some(old) => *old = r,
                None => {
                    newest.insert(&r.receipt, r);
                    order.push(r.receipt.as_str());
                }
            }
        }
        let rows: Vec<Entry<'m>> = order
            .iter()
            .filter_map(|c| newest.get(c))
            .filter(|r| !r.abolished)
            .map(|row| Entry { row, former: Vec::new(), classes: Vec::new(), en: Vec::new(), synonyms: Vec::new() })
            .collect();
        let (mut by_name, mut by_kana, mut by_icd, mut by_receipt) = (HashMap::new(), HashMap::new(), HashMap::<_, Vec<usize>>::new(), HashMap::new());
        for (i, e) in rows.iter().enumerate() {
            by_receipt.insert(e.row.receipt.as_str(), i);
            by_name.entry(fold(&e.row.name)).or_insert(i);
            by_kana.entry(fold(&e.row.kana)).or_insert(i);
            for icd in e.row.icd.iter().filter(|c| !c.is_empty()) {
                by_icd.entry(icd.as_str()).or_default().push(i);
            }
        }
        for (i, e) in rows.iter().enumerate() {
            by_name.entry(fold(&e.row.short)).or_insert(i);
        }
        Self { rows, by_name, by_kana, by_icd, by_receipt }
    }

    /// Old codes and names go to their successors, over as many steps as it takes.
    fn succeed(&mut self, masters: &'m Masters) {
        let mut next: HashMap<&str, &str> = HashMap::new();
        let mut names: HashMap<&str, &str> = HashMap::new();
        for r in masters.disorders.iter().filter(|r| r.abolished) {
            names.insert(&r.receipt, &r.name);
            if !r.successor.is_empty() {
                next.insert(&r.receipt, &r.successor);
            }
        }
        for r in &masters.successors {
            names.entry(&r.old).or_insert(&r.old_name);
            next.entry(&r.old).or_insert(&r.new);
        }
        let mut old: Vec<(&str, &str)> = names.into_iter().collect();
        old.sort_unstable();
        for (code, name) in old {
            let (mut at, mut steps) = (code, 0);
            while let Some(n) = next.get(at).filter(|_| steps < 16 && !self.by_receipt.contains_key(at)) {
                (at, steps) = (n, steps + 1);
            }
            if let Some(i) = self.by_receipt.get(at).copied()
                && let Some(e) = self.rows.get_mut(i)
                && at != code
            {
                e.former.push((code, name));
                self.by_name.entry(fold(name)).or_insert(i);
            }
        }
    }

    /// Classes of ontologies go to the disorder of the same Japanese name.
    fn classes(&mut self, masters: &'m Masters) -> Vec<&'m OntologyRow> {
        let mut rest = Vec::new();
        for class in masters.ontology.iter().filter(|c| !c.obsolete) {
            let system = system_of(&class.id);
            let found = if class.ja.is_empty() { None } else { self.by_name.get(&fold(&class.ja)).copied() };
            match (found.and_then(|i| self.rows.get_mut(i)), system) {
                (Some(e), Some(system)) if !e.classes.iter().any(|c| c.0 == system) => {
                    e.classes.push((system, &class.id));
                    if !class.en.is_empty() && !e.en.contains(&class.en.as_str()) {
                        e.en.push(&class.en);
                    }
                }
                _ => rest.push(class),
            }
        }
        rest
    }
}

/// The system of an ontology's id.
pub(super) fn system_of(id: &str) -> Option<System> {
    match id.split_once(':')?.0 {
        "HP" => Some(System::Hpo),
        "MONDO" => Some(System::Mondo),
        "NANDO" => Some(System::Nando),
        _ => None,
    }
}

/// Chapter R of ICD-10: symptoms, signs and abnormal findings.
fn is_finding(r: &DisorderRow) -> bool {
    r.icd.iter().any(|i| i.starts_with('R')) && r.icd.iter().all(|i| i.is_empty() || i.starts_with('R'))
}

fn concept(e: &Entry<'_>, by_exchange: bool, out: &mut Surfaces<'_>) {
    let r = e.row;
    let id = format!("b:{}", if by_exchange { &r.exchange } else { &r.receipt });
    let mut c = NewConcept::new(if is_finding(r) { ConceptKind::Finding } else { ConceptKind::Disorder }, &id, &plain(&r.name));
    c.en = e.en.first().copied().unwrap_or("").to_owned();
    // ＊＊　未コード化傷病名　＊＊ stands for whatever has no code
    c.reference = r.name.contains('＊');
    for (system, code) in [(System::DiseaseExchange, &r.exchange), (System::DiseaseKey, &r.key), (System::DiseaseReceipt, &r.receipt)] {
        if !code.is_empty() {
            c.codes.push((system, code.clone(), r.name.clone()));
        }
    }
    c.codes.extend(r.icd.iter().filter(|i| !i.is_empty()).map(|i| (System::Icd10, i.clone(), String::new())));
    c.codes.extend(e.classes.iter().map(|(s, id)| (*s, (*id).to_owned(), String::new())));
    c.codes.extend(e.former.iter().map(|(code, name)| (System::DiseaseReceiptFormer, (*code).to_owned(), (*name).to_owned())));
    c.attrs.push((Attr::Standard, r.name.clone()));
    if !r.kana.is_empty() {
        c.attrs.push((Attr::Kana, r.kana.clone()));
    }
    let flags: Vec<&str> = [(r.not_alone, "単独使用禁止"), (r.not_claimable, "保険請求外")].into_iter().filter(|f| f.0).map(|f| f.1).collect();
    if !flags.is_empty() {
        c.attrs.push((Attr::Flags, flags.join("|")));
    }
    let n = out.pack.concept(&c);
    // chapter Z is no disorder (健康診断, 予防接種): such a name stands in notes for what is done
    let service = r.icd.iter().any(|i| i.starts_with('Z'));
    if service {
        out.lookup(n, &r.name);
    } else {
        out.name(n, &r.name);
    }
    let others = std::iter::once(r.short.as_str()).filter(|s| fold(s) != fold(&r.name)).chain(e.former.iter().map(|f| f.1));
    for name in others {
        if service {
            out.lookup(n, name);
        } else {
            out.alias(n, name);
        }
    }
    for (word, flags) in &e.synonyms {
        out.paired(n, word, *flags);
    }
    out.lookup(n, &r.kana);
    for en in &e.en {
        out.lookup(n, en);
    }
}
