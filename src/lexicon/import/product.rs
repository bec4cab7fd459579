//! A product's name taken apart: `アムロジピンＯＤ錠５ｍｇ「サワイ」` is brand, form, strength and maker.

use std::sync::LazyLock;
use unicode_normalization::UnicodeNormalization as _;

/// The parts of a product's name, normalised (NFKC).
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Product {
    /// The name without form, strength and maker.
    pub brand: String,
    /// `5mg`, `0.05%`; empty where the name gives none.
    pub strength: String,
    /// The form as written: `OD錠`.
    pub form: String,
    /// What kind of form it is, as `drugs/products.tsv` has it: `tablet`.
    pub form_value: String,
    /// The maker in 「」, or the kampo maker at the name's head.
    pub maker: String,
}

struct Words {
    /// Written and value, the longest first.
    forms: Vec<(String, String)>,
    makers: Vec<String>,
    /// What may stand before the brand.
    before: Vec<String>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let rows = |table: &'static str| table.lines().skip(1).map(|l| l.split('\t').collect::<Vec<_>>());
    let products: Vec<_> = rows(include_str!("../../../dictionaries/drugs/products.tsv")).collect();
    let words: Vec<_> = rows(include_str!("../../../dictionaries/import/words.tsv")).collect();
    let cell = |r: &Vec<&'static str>, i: usize| r.get(i).copied().unwrap_or("");
    // id, name, aliases, type
    let of = |kind: &str| -> Vec<(String, String)> {
        let named = products.iter().filter(|r| cell(r, 3) == kind);
        named.flat_map(|r| std::iter::once(cell(r, 1)).chain(cell(r, 2).split('|')).map(move |w| (w.to_owned(), cell(r, 0).trim_start_matches("form.").to_owned()))).collect()
    };
    let import = |kind: &str| words.iter().filter(|r| cell(r, 1) == kind).map(|r| cell(r, 0).to_owned()).collect::<Vec<_>>();
    let mut forms = of("form");
    forms.extend(import("form").into_iter().map(|w| (w, String::new())));
    // the longest first; of a word in two rows the first, which is the plainer form
    forms.sort_by_key(|w| std::cmp::Reverse(w.0.len()));
    forms.retain(|w| !w.0.is_empty());
    let makers = of("maker").into_iter().map(|w| w.0).filter(|w| !w.starts_with('(') && !w.ends_with('用')).chain(import("maker")).collect();
    Words { forms, makers, before: import("before") }
});

/// Takes a product's name apart.
pub(super) fn parse(name: &str) -> Product {
    let full: String = name.nfkc().collect();
    let mut out = Product::default();
    if let Some((_, rest)) = full.split_once('「') {
        out.maker = rest.split('」').next().unwrap_or("").to_owned();
    }
    let end = full.find(['「', '(', '〔', '[', '“', ' ']).filter(|i| *i > 0).unwrap_or(full.len());
    let mut head = full.get(..end).unwrap_or(&full).trim_start_matches("【般】");
    for w in &WORDS.before {
        head = head.strip_prefix(w.as_str()).filter(|h| h.chars().count() >= 2).unwrap_or(head);
    }
    if let Some((maker, rest)) = WORDS.makers.iter().find_map(|m| Some((m, head.strip_prefix(m.as_str())?))).filter(|(_, r)| r.chars().count() >= 2) {
        out.maker.clone_from(maker);
        head = rest;
    }
    let (mut cut, mut at) = (head.len(), 0);
    while let Some(c) = head.get(at..).and_then(|t| t.chars().next()) {
        let rest = head.get(at..).unwrap_or("");
        if let Some((strength, len)) = strength_at(rest).filter(|_| at > 0) {
            cut = cut.min(at);
            if out.strength.is_empty() {
                out.strength = strength;
            }
            at += len;
            continue;
        }
        if out.form.is_empty()
            && head.get(..at).is_some_and(|b| b.chars().count() >= 2)
            && let Some((form, value)) = WORDS.forms.iter().find(|(f, _)| rest.strip_prefix(f.as_str()).is_some_and(|after| form_ends(f, after)))
        {
            cut = cut.min(at);
            (out.form, out.form_value) = (form.clone(), value.clone());
            at += form.len();
            continue;
        }
        at += c.len_utf8();
    }
    out.brand = head.get(..cut).unwrap_or(head).trim_end_matches(['・', '-', ' ', '用', '錠']).to_owned();
    if out.brand.is_empty() {
        out.brand = head.to_owned();
    }
    out
}

/// The strength in a text such as `５ｍｇ１錠` or `アムロジン錠５ｍｇ`, its first.
pub(super) fn strength(text: &str) -> String {
    let t: String = text.nfkc().collect();
    t.char_indices().find_map(|(i, c)| if c.is_ascii_digit() { strength_at(t.get(i..).unwrap_or("")) } else { None }).map_or_else(String::new, |s| s.0)
}

/// A form is one only where the name does not go on into another word: 五苓散 and 安中散料 are names, and so is
/// 五苓散 in 五苓散エキス顆粒.
fn form_ends(form: &str, after: &str) -> bool {
    let another = || !after.starts_with("エキス") && WORDS.forms.iter().any(|(f, _)| after.starts_with(f.as_str()));
    let Some(next) = after.chars().next() else { return true };
    if form.is_ascii() || form.chars().count() == 1 {
        return next.is_ascii_digit() || matches!(next, '%' | '用' | '剤' | '分' | '小') || another();
    }
    let katakana = |c: char| ('ァ'..='ー').contains(&c);
    !katakana(next) || !form.ends_with(katakana) || another()
}

const UNITS: [&str; 24] =
    ["mg", "g", "μg", "µg", "mcg", "ng", "mL", "L", "%", "単位", "万単位", "国際単位", "万国際単位", "億単位", "mEq", "mmol", "MBq", "kBq", "GBq", "IU", "ppm", "mol", "μL", "cm2"];

/// Number and unit at the start of `t`: normalised text and length in bytes.
fn strength_at(t: &str) -> Option<(String, usize)> {
    let digits = t.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')).count();
    let (number, rest) = t.split_at_checked(digits).filter(|(n, _)| n.bytes().next().is_some_and(|b| b.is_ascii_digit()))?;
    let unit = UNITS.iter().filter(|u| rest.get(..u.len()).is_some_and(|r| r.eq_ignore_ascii_case(u))).max_by_key(|u| u.len())?;
    let next = rest.get(unit.len()..)?.chars().next();
    // 「5g」 is a strength, 「5gel」 and 「20L」 before a word are not
    (!unit.is_ascii() || *unit == "%" || next.is_none_or(|c| !c.is_ascii_alphabetic()))
        .then(|| (format!("{}{unit}", number.trim_end_matches(['.', ',']).replace(',', "")), digits + unit.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, brand: &str, form: &str, strength: &str, maker: &str) {
        let p = parse(name);
        assert_eq!((p.brand.as_str(), p.form.as_str(), p.strength.as_str(), p.maker.as_str()), (brand, form, strength, maker), "{name}");
    }

    #[test]
    fn names_are_taken_apart() {
        check("カルタジンＯＤ錠５ｍｇ「甲乙」", "カルタジン", "OD錠", "5mg", "甲乙");
        check("カルタジン２．５ｍｇ錠", "カルタジン", "錠", "2.5mg", "");
        check("カルタジン配合錠ＬＤ", "カルタジン", "配合錠", "", "");
        check("カルタール点滴静注液５００ｍｇ　２０ｍＬ", "カルタール", "点滴静注液", "500mg", "");
        check("ツムラ合歓散エキス顆粒（医療用）", "合歓散", "エキス顆粒", "", "ツムラ");
        check("カルタＲ散２０％", "カルタR", "散", "20%", "");
        check("カルタジンＲ錠２００", "カルタジン", "R錠", "", "");
        check("カルタクリームパン酸錠１ｇ", "カルタクリームパン酸", "錠", "1g", "");
        check("注射用カルタマイシン１，０００単位", "カルタマイシン", "", "1000単位", "");
        check("カルタマン輸液ｐＨ８", "カルタマン", "輸液", "", "");
        check("カルタ軟膏０．０５％", "カルタ", "軟膏", "0.05%", "");
        check("カルタシロップ用１％", "カルタ", "シロップ", "1%", "");
    }

    #[test]
    fn strength_of_a_specification() {
        assert_eq!(strength("５ｍｇ１錠"), "5mg");
        assert_eq!(strength("１％１ｇ"), "1%");
        assert_eq!(strength("１ｇ"), "1g");
        assert_eq!(strength("局"), "");
    }
}
