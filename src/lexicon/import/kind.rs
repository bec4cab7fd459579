//! The masters that can be read, and how each is told by its content.

use super::rows::{Header, Quotes, Rows};
use serde::{Serialize, Serializer};

/// A master.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MasterKind {
    /// SSK 傷病名マスター (b_) and its abolished rows (hb_).
    Disease,
    /// SSK 傷病名マスター 移行対応 (ikou).
    Successor,
    /// SSK 修飾語マスター (z_).
    Modifier,
    /// SSK 医薬品マスター (y_).
    Drug,
    /// MEDIS 医薬品HOTコードマスター, HOT9 or HOT13.
    Hot,
    /// 厚生労働省 薬価基準収載品目リスト.
    Price,
    /// 厚生労働省 一般名処方マスタ.
    General,
    /// JSLM 臨床検査項目分類コード JLAC10.
    Jlac10,
    /// 電子カルテ情報共有サービス 臨床検査 JLAC10/JLAC11.
    Clins,
    /// The LOINC table.
    Loinc,
    /// LOINC's Japanese linguistic variant.
    LoincJa,
    /// Example units of LOINC codes.
    LoincUnits,
    /// 万病辞書.
    Manbyo,
    /// MEDIS 索引用語 (word → ICD-10).
    IndexTerms,
    /// HPO in Japanese.
    Hpo,
    /// MONDO in Japanese.
    Mondo,
    /// NANDO.
    Nando,
    /// An ontology with its hierarchy, in OBO format: hp.obo, mondo.obo.
    Obo,
    /// An ontology with its hierarchy, as an OBO graph in JSON: hp.json, mondo.json.
    OboGraph,
    /// Phenotypes of diseases with their frequencies: phenotype.hpoa.
    Hpoa,
    /// J-FAGY.
    Jfagy,
    /// A FHIR CodeSystem.
    Fhir,
}

impl MasterKind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Disease,
        Self::Successor,
        Self::Modifier,
        Self::Drug,
        Self::Hot,
        Self::Price,
        Self::General,
        Self::Jlac10,
        Self::Clins,
        Self::Loinc,
        Self::LoincJa,
        Self::LoincUnits,
        Self::Manbyo,
        Self::IndexTerms,
        Self::Hpo,
        Self::Mondo,
        Self::Nando,
        Self::Obo,
        Self::OboGraph,
        Self::Hpoa,
        Self::Jfagy,
        Self::Fhir,
    ];

    /// Its names on the command line, the first the usual one.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Disease => &["disease", "b", "abolished", "hb"],
            Self::Successor => &["successor", "ikou"],
            Self::Modifier => &["modifier", "z"],
            Self::Drug => &["drug", "y"],
            Self::Hot => &["hot", "hot9", "hot13"],
            Self::Price => &["price"],
            Self::General => &["general"],
            Self::Jlac10 => &["jlac10"],
            Self::Clins => &["clins"],
            Self::Loinc => &["loinc"],
            Self::LoincJa => &["loinc-ja"],
            Self::LoincUnits => &["loinc-units"],
            Self::Manbyo => &["manbyo"],
            Self::IndexTerms => &["index-terms"],
            Self::Hpo => &["hpo"],
            Self::Mondo => &["mondo"],
            Self::Nando => &["nando"],
            Self::Obo => &["obo"],
            Self::OboGraph => &["obograph"],
            Self::Hpoa => &["hpoa"],
            Self::Jfagy => &["jfagy"],
            Self::Fhir => &["fhir"],
        }
    }

    /// Its usual name.
    pub fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or("")
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|k| k.names().contains(&name))
    }

    /// What it is called by its publisher.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Disease => "傷病名マスター (SSK b_, hb_)",
            Self::Successor => "傷病名マスター 移行対応 (SSK ikou)",
            Self::Modifier => "修飾語マスター (SSK z_)",
            Self::Drug => "医薬品マスター (SSK y_)",
            Self::Hot => "医薬品HOTコードマスター (MEDIS HOT9, HOT13)",
            Self::Price => "薬価基準収載品目リスト (厚生労働省)",
            Self::General => "一般名処方マスタ (厚生労働省)",
            Self::Jlac10 => "JLAC10 (日本臨床検査医学会)",
            Self::Clins => "臨床検査 JLAC10/JLAC11 (電子カルテ情報共有サービス)",
            Self::Loinc => "LOINC",
            Self::LoincJa => "LOINC 日本語",
            Self::LoincUnits => "LOINC example units",
            Self::Manbyo => "万病辞書",
            Self::IndexTerms => "索引用語 (MEDIS)",
            Self::Hpo => "HPO 日本語",
            Self::Mondo => "MONDO 日本語",
            Self::Nando => "NANDO",
            Self::Obo => "ontology (OBO)",
            Self::OboGraph => "ontology (OBO graph)",
            Self::Hpoa => "HPO annotations",
            Self::Jfagy => "J-FAGY",
            Self::Fhir => "FHIR CodeSystem",
        }
    }
}

impl Serialize for MasterKind {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.name())
    }
}

/// What a text is, by its head (whole lines, decoded). `name` is the file's name.
pub(super) fn of_text(name: &str, head: &str) -> Option<MasterKind> {
    let start = head.trim_start();
    if start.starts_with('{') || start.starts_with('[') {
        return of_json(start);
    }
    if start.starts_with("@prefix") || start.starts_with("@base") || start.to_ascii_uppercase().starts_with("PREFIX ") {
        return head.contains("NANDO").then_some(MasterKind::Nando);
    }
    let first = start.lines().next().unwrap_or("");
    if first.starts_with("format-version:") {
        return Some(MasterKind::Obo);
    }
    // comments stand before the header
    let first = start.lines().find(|l| !l.starts_with('#')).unwrap_or(first);
    if first.starts_with("database_id\t") {
        return Some(MasterKind::Hpoa);
    }
    if first.contains('\t') {
        return of_tabbed(first);
    }
    let rows: Vec<_> = Rows::new("", head, b',', Quotes::Line).take(5).flatten().collect();
    rows.iter().find_map(|r| of_ssk(&(0..r.len()).map(|i| r.get(i)).collect::<Vec<_>>())).or_else(|| {
        let header = rows.first().map(Header::of)?;
        let has = |n: &str| header.find(&[n]).is_some();
        if has("LOINC_NUM") {
            // the archive of LOINC holds a variant for each language
            let variant = has("LinguisticVariantDisplayName") || name.contains("LinguisticVariant");
            return match (variant, name.contains("LinguisticVariant") && !name.to_ascii_lowercase().contains("ja")) {
                (true, true) => None,
                (true, false) => Some(MasterKind::LoincJa),
                _ => has("COMPONENT").then_some(MasterKind::Loinc),
            };
        }
        if has("JFAGYCODE") {
            return Some(MasterKind::Jfagy);
        }
        if header.containing(&["基準番号"]).is_some() && rows.first().is_some_and(|r| r.len() == 24) {
            return Some(MasterKind::Hot);
        }
        if header.find(&["出現形"]).is_some() && header.containing(&["病名"]).is_some() {
            return Some(MasterKind::Manbyo);
        }
        let triple = |r: &super::rows::Row<'_>| r.len() == 3 && (super::codes::is_icd(r.get(1)) || r.get(1) == "-1" || r.get(1).is_empty()) && !r.get(0).is_ascii();
        (rows.len() >= 2 && rows.iter().filter(|r| triple(r)).count() * 2 > rows.len()).then_some(MasterKind::Manbyo)
    })
}

/// The SSK files and the HOT file have no header (or, HOT, may have none).
fn of_ssk(fields: &[&str]) -> Option<MasterKind> {
    let field = |i: usize| fields.get(i).copied().unwrap_or("");
    let digits = |i: usize, n: usize| super::codes::is_digits(field(i), n);
    match (field(1), fields.len()) {
        ("B", _) if digits(2, 7) => Some(MasterKind::Disease),
        ("Z", _) if digits(2, 4) => Some(MasterKind::Modifier),
        ("Y", _) if digits(2, 9) => Some(MasterKind::Drug),
        (_, 7) if digits(0, 1) && digits(1, 7) && digits(3, 1) => Some(MasterKind::Successor),
        (_, 24) if (digits(0, 9) || digits(0, 13)) && digits(1, 7) => Some(MasterKind::Hot),
        _ => None,
    }
}

fn of_tabbed(first: &str) -> Option<MasterKind> {
    let cells: Vec<&str> = first.split('\t').collect();
    let header = Header::new(cells.iter().copied());
    let has = |n: &str| header.find(&[n]).is_some();
    let head = cells.first().copied().unwrap_or("");
    if has("JLAC11コード") || has("JLAC10コード") {
        Some(MasterKind::Clins)
    } else if has("subject_id") && has("translation_value") {
        Some(MasterKind::Hpo)
    } else if head.starts_with("MONDO:") && cells.len() >= 3 {
        Some(MasterKind::Mondo)
    } else if has("JFAGYCODE") {
        Some(MasterKind::Jfagy)
    } else if (has("loinc") || has("LOINC_NUM")) && (has("long_common_name") || has("COMPONENT")) || super::codes::is_loinc(head) && cells.len() == 2 {
        Some(MasterKind::Loinc)
    } else {
        None
    }
}

fn of_json(head: &str) -> Option<MasterKind> {
    let flat: String = head.chars().filter(|c| !c.is_whitespace()).take(4000).collect();
    if flat.contains("\"resourceType\":\"CodeSystem\"") {
        return Some(MasterKind::Fhir);
    }
    if flat.starts_with("{\"graphs\":[") {
        return Some(MasterKind::OboGraph);
    }
    if flat.contains("\"resourceType\"") || !flat.starts_with('{') {
        return None;
    }
    let key = |part: &str| part.rsplit('"').next().unwrap_or("").to_owned();
    let lists: Vec<String> = flat.split("\":[\"").take(6).map(key).collect();
    let keys = lists.split_last().map_or(&[][..], |l| l.1);
    match keys {
        [] => None,
        keys if keys.iter().any(|k| super::codes::is_loinc(k)) => Some(MasterKind::LoincUnits),
        _ => Some(MasterKind::IndexTerms),
    }
}
