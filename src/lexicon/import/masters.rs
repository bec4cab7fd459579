//! What the masters say, row by row, before it becomes a pack or is checked against.

use super::kind::MasterKind;
use serde::Serialize;
use std::collections::HashMap;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// What it is.
    pub kind: MasterKind,
    /// Its name, with `!` and the member's name where it is an archive's; no folder.
    pub file: String,
    /// The date in its name, `2024-06-01`; empty where there is none.
    pub date: String,
    /// Rows that were read.
    pub rows: usize,
    /// Rows that were set aside.
    pub set_aside: usize,
    /// BLAKE3 of its content, uncompressed.
    pub blake3: String,
}

/// Rows of every master that was read.
#[derive(Debug, Default)]
pub struct Masters {
    pub(crate) sources: Vec<Source>,
    pub(crate) disorders: Vec<DisorderRow>,
    pub(crate) successors: Vec<SuccessorRow>,
    pub(crate) modifiers: Vec<ModifierRow>,
    pub(crate) drugs: Vec<DrugRow>,
    pub(crate) hot: Vec<HotRow>,
    pub(crate) prices: Vec<PriceRow>,
    pub(crate) generals: Vec<GeneralRow>,
    pub(crate) analytes: Vec<AnalyteRow>,
    /// JLAC10 specimens and methods: their codes.
    pub(crate) specimens: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) clins: Vec<ClinsRow>,
    pub(crate) loinc: Vec<LoincRow>,
    pub(crate) synonyms: Vec<SynonymRow>,
    pub(crate) ontology: Vec<OntologyRow>,
    pub(crate) phenotypes: Vec<PhenotypeRow>,
    pub(crate) allergens: Vec<AllergenRow>,
    pub(crate) fhir: Vec<FhirRow>,
}

impl Masters {
    /// The files that were read.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Makes one row of those of each class, at the place of the first.
    pub(super) fn unify_classes(&mut self) {
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut out: Vec<OntologyRow> = Vec::with_capacity(self.ontology.len());
        for row in std::mem::take(&mut self.ontology) {
            match at.get(&row.id).and_then(|i| out.get_mut(*i)) {
                Some(first) => first.fill(row),
                None => {
                    at.insert(row.id.clone(), out.len());
                    out.push(row);
                }
            }
        }
        self.ontology = out;
    }

    /// Whether a master of that kind was read.
    pub fn has(&self, kind: MasterKind) -> bool {
        self.sources.iter().any(|s| s.kind == kind && s.rows > 0)
    }
}

/// 傷病名マスター, current and abolished rows.
#[derive(Debug, Default, Clone)]
pub(crate) struct DisorderRow {
    pub receipt: String,
    pub successor: String,
    pub name: String,
    pub short: String,
    pub kana: String,
    pub key: String,
    pub exchange: String,
    /// 採択区分: of the rows that share an exchange code, 1 is the usual wording.
    pub adoption: String,
    pub icd: [String; 2],
    /// 単独使用禁止.
    pub not_alone: bool,
    /// 保険請求外.
    pub not_claimable: bool,
    pub abolished: bool,
}

/// 傷病名マスター 移行対応.
#[derive(Debug, Default, Clone)]
pub(crate) struct SuccessorRow {
    pub old: String,
    pub old_name: String,
    pub new: String,
}

/// 修飾語マスター.
#[derive(Debug, Default, Clone)]
pub(crate) struct ModifierRow {
    pub receipt: String,
    pub name: String,
    pub kana: String,
    pub key: String,
    pub exchange: String,
    /// 修飾語区分: A1000000 …
    pub class: String,
    pub abolished: bool,
}

/// 医薬品マスター.
#[derive(Debug, Default, Clone)]
pub(crate) struct DrugRow {
    pub receipt: String,
    /// 医薬品名・規格名.
    pub name: String,
    /// 基本漢字名称.
    pub base: String,
    /// 薬価基準収載医薬品コード.
    pub price_code: String,
    /// The price code is that of a common name (統一名), not the product's own YJ.
    pub unified: bool,
    pub general: String,
    pub general_name: String,
    pub abolished: bool,
}

/// MEDIS 医薬品HOTコードマスター, HOT9 and HOT13.
#[derive(Debug, Default, Clone)]
pub(crate) struct HotRow {
    pub hot: String,
    pub yj: String,
    pub receipts: Vec<String>,
    pub name: String,
    pub spec: String,
    pub maker: String,
}

/// 薬価基準収載品目.
#[derive(Debug, Default, Clone)]
pub(crate) struct PriceRow {
    pub code: String,
    pub ingredient: String,
    pub spec: String,
    pub name: String,
    pub maker: String,
}

/// 一般名処方マスタ.
#[derive(Debug, Default, Clone)]
pub(crate) struct GeneralRow {
    pub code: String,
    pub name: String,
    pub ingredient: String,
    pub spec: String,
}

/// JLAC10 分析物コード.
#[derive(Debug, Default, Clone)]
pub(crate) struct AnalyteRow {
    pub code: String,
    pub name: String,
    pub name2: String,
    pub en: String,
}

/// CLINS 臨床検査: JLAC10 and JLAC11 side by side.
#[derive(Debug, Default, Clone)]
pub(crate) struct ClinsRow {
    pub name: String,
    pub short: String,
    pub specimen: String,
    pub method: String,
    pub jlac10: String,
    pub jlac11: String,
    pub unit: String,
}

/// LOINC; one code may have rows in several files.
#[derive(Debug, Default, Clone)]
pub(crate) struct LoincRow {
    pub code: String,
    pub display: String,
    pub property: String,
    pub units: Vec<String>,
    pub status: String,
    pub ja: String,
}

/// A word that a source pairs with a 標準病名 or an ICD-10 code.
#[derive(Debug, Default, Clone)]
pub(crate) struct SynonymRow {
    pub written: String,
    pub icd: Vec<String>,
    /// 標準病名; empty where the source names only codes.
    pub standard: String,
    /// How sure the source is of the pair: 万病辞書 says S, A, B … F; empty where it says nothing.
    pub reliability: String,
}

/// A class of HPO, MONDO or NANDO.
#[derive(Debug, Default, Clone)]
pub(crate) struct OntologyRow {
    pub id: String,
    pub ja: String,
    pub en: String,
    pub kana: String,
    pub synonyms: Vec<String>,
    pub obsolete: bool,
    /// Ids of the classes that it is a kind of.
    pub parents: Vec<String>,
    /// Ids of classes of other ontologies that are nearly the same.
    pub close: Vec<String>,
    /// Ids of entries of other catalogues that are the same (OMIM:100100, ORPHA:558).
    pub same: Vec<String>,
}

impl OntologyRow {
    /// Takes over what another row of the class tells and this one does not: names come in one file, kinds in another.
    fn fill(&mut self, other: Self) {
        for (mine, theirs) in [(&mut self.ja, other.ja), (&mut self.en, other.en), (&mut self.kana, other.kana)] {
            if mine.is_empty() {
                *mine = theirs;
            }
        }
        self.obsolete |= other.obsolete;
        for (mine, theirs) in [(&mut self.synonyms, other.synonyms), (&mut self.parents, other.parents), (&mut self.close, other.close), (&mut self.same, other.same)] {
            for t in theirs {
                if !mine.contains(&t) {
                    mine.push(t);
                }
            }
        }
    }
}

/// A phenotype of a disease, as HPO's annotations tell it.
#[derive(Debug, Default, Clone)]
pub(crate) struct PhenotypeRow {
    /// OMIM:…, ORPHA:…, MONDO:….
    pub disease: String,
    pub disease_name: String,
    /// HP:….
    pub phenotype: String,
    /// As written: `3/7`, `25%`, `HP:0040281`; empty where it is not told.
    pub frequency: String,
    pub reference: String,
}

/// J-FAGY.
#[derive(Debug, Default, Clone)]
pub(crate) struct AllergenRow {
    pub code: String,
    pub name: String,
    pub kana: String,
    pub en: String,
    pub abolished: bool,
}

/// A concept of a FHIR CodeSystem.
#[derive(Debug, Default, Clone)]
pub(crate) struct FhirRow {
    pub system: String,
    pub code: String,
    pub display: String,
}
