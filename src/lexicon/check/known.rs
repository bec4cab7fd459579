//! What the masters know, by code.

use crate::lexicon::System;
use crate::lexicon::import::{DisorderRow, Masters, ModifierRow, system_of_url};
use std::collections::{HashMap, HashSet};

/// LOINC's rows of one code, put together.
#[derive(Debug, Default)]
pub(super) struct Loinc<'m> {
    pub display: &'m str,
    pub property: &'m str,
    pub status: &'m str,
    pub units: Vec<&'m str>,
}

#[derive(Debug, Default)]
pub(super) struct Known<'m> {
    /// 傷病名 by key number, claim code and exchange code; rows that are wordings of one disorder share the last.
    pub disorders: HashMap<(System, &'m str), Vec<&'m DisorderRow>>,
    pub modifiers: HashMap<(System, &'m str), &'m ModifierRow>,
    /// Old claim codes, to what they are now.
    pub successors: HashMap<&'m str, &'m str>,
    pub icd: HashSet<String>,
    pub loinc: HashMap<&'m str, Loinc<'m>>,
    pub analytes: HashSet<&'m str>,
    pub specimens: HashSet<&'m str>,
    pub methods: HashSet<&'m str>,
    /// Lists of codes with their displays (empty where there is none).
    pub lists: HashMap<System, HashMap<&'m str, &'m str>>,
    pub obsolete: HashSet<&'m str>,
}

impl<'m> Known<'m> {
    pub fn new(m: &'m Masters) -> Self {
        let mut known = Self::default();
        known.diseases(m);
        known.laboratory(m);
        known.medicines(m);
        for r in &m.fhir {
            match system_of_url(&r.system) {
                Some(System::Icd10) => {
                    known.icd.insert(r.code.replace('.', ""));
                }
                // the modifiers' own master says more
                Some(System::ModifierKey | System::DiseaseKey | System::DiseaseExchange | System::ModifierExchange) | None => {}
                // HOT9's list names the company as well
                Some(s @ (System::Hot9 | System::Hot7 | System::Yj)) => known.list(s, &r.code, ""),
                Some(s) => known.list(s, &r.code, &r.display),
            }
        }
        for r in &m.ontology {
            let system = match r.id.split_once(':').map_or("", |p| p.0) {
                "HP" => System::Hpo,
                "MONDO" => System::Mondo,
                _ => System::Nando,
            };
            known.list(system, &r.id, "");
            if r.obsolete {
                known.obsolete.insert(&r.id);
            }
        }
        for r in &m.allergens {
            for system in [System::JfagyFood, System::JfagyMedication, System::JfagyOther] {
                known.list(system, &r.code, &r.name);
            }
            if r.abolished {
                known.obsolete.insert(&r.code);
            }
        }
        known
    }

    fn list(&mut self, system: System, code: &'m str, display: &'m str) {
        if !code.is_empty() {
            let d = self.lists.entry(system).or_default().entry(code).or_default();
            if d.is_empty() {
                *d = display;
            }
        }
    }

    fn diseases(&mut self, m: &'m Masters) {
        for r in &m.disorders {
            for (system, code) in [(System::DiseaseKey, &r.key), (System::DiseaseExchange, &r.exchange), (System::DiseaseReceipt, &r.receipt)] {
                if !code.is_empty() {
                    self.disorders.entry((system, code)).or_default().push(r);
                }
            }
            self.icd.extend(r.icd.iter().filter(|c| !c.is_empty()).cloned());
            if r.abolished && !r.successor.is_empty() {
                self.successors.insert(&r.receipt, &r.successor);
            }
        }
        // a current row before an abolished one
        self.disorders.values_mut().for_each(|rows| rows.sort_by_key(|r| r.abolished));
        self.successors.extend(m.successors.iter().map(|s| (s.old.as_str(), s.new.as_str())));
        for r in &m.modifiers {
            for (system, code) in [(System::ModifierKey, &r.key), (System::ModifierExchange, &r.exchange), (System::ModifierReceipt, &r.receipt)] {
                if !code.is_empty() {
                    self.modifiers.insert((system, code), r);
                }
            }
        }
    }

    fn laboratory(&mut self, m: &'m Masters) {
        for r in &m.loinc {
            let row = self.loinc.entry(&r.code).or_default();
            for (to, from) in [(&mut row.display, &r.display), (&mut row.property, &r.property), (&mut row.status, &r.status)] {
                if !from.is_empty() {
                    *to = from;
                }
            }
            row.units.extend(r.units.iter().map(String::as_str));
        }
        self.analytes.extend(m.analytes.iter().map(|a| a.code.as_str()));
        self.specimens.extend(m.specimens.iter().map(String::as_str));
        self.methods.extend(m.methods.iter().map(String::as_str));
        for r in &m.clins {
            self.list(System::ClinsJlac10, &r.jlac10, "");
            self.list(System::ClinsJlac11, &r.jlac11, "");
        }
    }

    fn medicines(&mut self, m: &'m Masters) {
        for r in &m.drugs {
            self.list(System::Yj, &r.price_code, "");
            self.list(System::GenericOrder, &r.general, "");
            self.list(System::DrugReceipt, &r.receipt, "");
        }
        for r in &m.hot {
            self.list(System::Hot9, r.hot.get(..9).unwrap_or(""), "");
            self.list(System::Hot7, r.hot.get(..7).unwrap_or(""), "");
            self.list(System::Yj, &r.yj, "");
        }
        for r in &m.prices {
            self.list(System::Yj, &r.code, "");
        }
        for r in &m.generals {
            self.list(System::GenericOrder, &r.code, "");
        }
    }
}
