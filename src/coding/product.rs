//! Which product a medicine is: its strength and form say it, where a pack of the official masters holds the products.

use super::coding;
use crate::lexicon::{Attr, Concept, ConceptKind, Lexicon, System};
use crate::model::{Coding, Medication};
use crate::note::fold;
use crate::recognize::Mention;
use crate::text::sub;

/// The codes of a medicine: of the product that strength, form and maker name, else of the 一般名処方 that strength and form
/// name, else what stands for the ingredient. A code of another route's product is left out.
pub(super) fn codes(lexicon: &Lexicon, text: &str, m: &Mention) -> Vec<Coding> {
    let Some(concept) = m.concept.and_then(|r| lexicon.concept(r)) else { return Vec::new() };
    let of_table = || concept.codes().map(|k| coding(k.system.text(), k.code, k.display));
    let Some(medication) = m.medication.as_deref() else { return of_table().collect() };
    let told = Told::new(text, m, medication, concept.name());
    if lexicon.packs().len() > 1
        && let Some(found) = product(lexicon, &told)
    {
        let mut out: Vec<Coding> = found.codes().filter(|k| is_of_product(k.system)).map(|k| coding(k.system.text(), k.code, k.display)).collect();
        out.extend(concept.codes().filter(|k| !is_of_product(k.system)).map(|k| coding(k.system.text(), k.code, k.display)));
        return out;
    }
    let mut out = super::strengths::codes(concept, &told);
    out.extend(of_table().filter(|k| !System::ALL.iter().any(|s| s.text() == k.system && is_of_product(*s))));
    out
}

/// The codes of a medicine that is named as a substance: the products that its row stands on are left out.
pub(super) fn of_substance(concept: Concept<'_>) -> Vec<Coding> {
    let mut out = super::strengths::of_ingredient(concept);
    out.extend(concept.codes().filter(|k| !is_of_product(k.system)).map(|k| coding(k.system.text(), k.code, k.display)));
    out
}

const fn is_of_product(s: System) -> bool {
    matches!(s, System::Hot9 | System::Hot7 | System::Hot13 | System::Yj | System::GenericOrder | System::DrugReceipt)
}

/// How a product is used, as the 薬価基準 parts them: the digits after the class of a YJ code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Internal,
    Injection,
    External,
}

impl Use {
    /// 001–399 internal, 400–699 injection, 700–999 external (薬価基準収載医薬品コード).
    pub(super) fn of_code(code: &str) -> Option<Self> {
        match code.get(4..7)?.parse::<u16>().ok()? {
            1..=399 => Some(Self::Internal),
            400..=699 => Some(Self::Injection),
            700..=999 => Some(Self::External),
            _ => None,
        }
    }

    fn of_route(route: &str) -> Option<Self> {
        match route {
            "po" | "enteral" => Some(Self::Internal),
            "iv" | "im" | "sc" => Some(Self::Injection),
            "pr" | "top" | "eye" | "ear" | "nasal" | "patch" => Some(Self::External),
            _ => None,
        }
    }
}

/// What the note tells of a product.
pub(super) struct Told {
    /// The name without form, strength and maker.
    name: String,
    /// The name without a form that it ends with: リスペリドン of リスペリドン内用液.
    pub base: String,
    /// Strength as a number in its smallest unit, with the unit.
    pub strength: Option<(f64, &'static str)>,
    /// The same as it is written: `20mg`, `HD`.
    pub size: Option<String>,
    /// All the words: name, form and maker.
    pub rest: String,
    /// The maker with its brackets.
    maker: Option<String>,
    /// The form that the unit of the dose speaks of.
    pub counted: &'static str,
    pub usage: Option<Use>,
}

impl Told {
    fn new(text: &str, m: &Mention, medication: &Medication, ingredient: &str) -> Self {
        let named = m.parts.iter().find(|p| matches!(p.kind, ConceptKind::Drug)).map_or((m.core_start, m.end), |p| (p.start, p.end));
        let counted = match medication.amount.as_ref().and_then(|a| a.unit.as_deref()).map(|u| u.split('/').next().unwrap_or(u)) {
            Some("{tablet}") => "錠",
            Some("{capsule}") => "カプセル",
            Some("{suppository}") => "坐剤",
            _ => "",
        };
        let name = sub(text, named.0, named.1);
        let folded = fold(name);
        let ingredient = fold(ingredient);
        let base = if folded.starts_with(&ingredient) { ingredient } else { super::strengths::base(&folded).to_owned() };
        let rest = sub(text, named.1, m.end);
        let maker = rest.split_once('「').and_then(|r| r.1.split_once('」')).map(|m| fold(&format!("「{}」", m.0)));
        Self {
            name: folded,
            base,
            strength: medication.strength.as_deref().and_then(strength),
            // 配合錠BP is one word of the tables
            size: medication.strength.clone().or_else(|| ["HD", "LD", "AP", "BP", "MD", "EX"].iter().find(|s| rest.trim_end().ends_with(**s)).map(|s| (*s).to_owned())),
            // 坐剤 and OD may be part of the name that the tables hold
            rest: fold(sub(text, named.0, m.end)),
            maker,
            counted: if name.contains("坐") { "坐剤" } else { counted },
            usage: medication.route.as_deref().and_then(Use::of_route).or(if matches!(counted, "錠" | "カプセル") { Some(Use::Internal) } else { None }),
        }
    }
}

/// The one product, or the one 一般名処方, that the words leave.
fn product<'l>(lexicon: &'l Lexicon, told: &Told) -> Option<Concept<'l>> {
    let named = |name: &str| -> Vec<Concept<'l>> {
        let all = lexicon.lookup_folded(name).filter_map(|(r, _)| lexicon.concept(r));
        all.filter(|c| c.kind() == ConceptKind::Drug && is_product(*c) && fits(*c, told)).collect()
    };
    let mut found = named(&told.name);
    if found.is_empty() {
        // オルメテックOD, ボルタレン坐剤: the name of the tables ends with the form
        let (stem, form) = stem(lexicon, &told.name)?;
        found = named(stem);
        if found.is_empty() {
            found = ALIKE.iter().filter(|(a, b)| *a == form || *b == form).flat_map(|(a, b)| [a, b]).map(|f| named(&format!("{stem}{f}"))).find(|f| !f.is_empty())?;
        }
    }
    // names of old editions stand beside those in use: a product in use stands in the claims' master or has a 一般名
    let current = |c: &Concept<'_>| c.codes().any(|k| k.system == System::GenericOrder || k.system == System::DrugReceipt && !k.display.is_empty());
    if found.iter().any(current) {
        found.retain(current);
    }
    let (generals, products): (Vec<_>, Vec<_>) = found.into_iter().partition(|c| c.id().starts_with(GENERAL));
    let maker: Vec<_> = told.maker.as_ref().map_or_else(Vec::new, |m| products.iter().copied().filter(|c| fold(c.name()).contains(m.as_str())).collect());
    let form = |c: &Concept<'_>| fold(c.attr(Attr::Form).unwrap_or(""));
    if let Some(found) = of_form(&maker, form, told) {
        return Some(found);
    }
    // a strength that is not told leaves several: only a product that is alone of its name is meant
    if told.strength.is_none() {
        return (products.len() == 1 && generals.is_empty()).then(|| products.first().copied()).flatten();
    }
    of_form(&generals, form, told).or_else(|| of_form(&products, form, told))
}

const GENERAL: &str = "general:";

/// A product or a 一般名処方 of an imported pack, and no brand or ingredient.
fn is_product(c: Concept<'_>) -> bool {
    ["yj:", "y:", "hot9:", GENERAL].iter().any(|p| c.id().starts_with(p))
}

/// A name without the form that it ends with, and that form.
fn stem<'n>(lexicon: &Lexicon, name: &'n str) -> Option<(&'n str, &'n str)> {
    let at = name.char_indices().skip(2).map(|c| c.0).find(|i| lexicon.product_word(sub(name, *i, name.len())).is_some_and(|w| w.0 == name.len() - i))?;
    Some((sub(name, 0, at), sub(name, at, name.len())))
}

/// Whether a product may be meant: in use, of the strength and the use that are told.
fn fits(c: Concept<'_>, told: &Told) -> bool {
    let code = c.code(System::Yj).or_else(|| c.code(System::GenericOrder));
    let used = code.and_then(Use::of_code).zip(told.usage).is_none_or(|(a, b)| a == b);
    let of_strength = told.strength.is_none_or(|s| c.attr(Attr::Strength).and_then(strength).is_some_and(|p| p.1 == s.1 && (p.0 - s.0).abs() < 1e-9 * s.0.max(1.0)));
    used && of_strength && c.attr(Attr::Flags).is_none_or(|f| f != "廃止")
}

/// Of products of one strength the one of the form that is written, that the dose counts, else the plainest form. Nothing where two are left.
pub(super) fn of_form<T: Copy>(all: &[T], form: impl Fn(&T) -> String, told: &Told) -> Option<T> {
    let alone = |found: Vec<T>| {
        let first = found.first().copied()?;
        (found.len() == 1).then_some(first)
    };
    // the longest first: OD錠 holds 錠
    let written = all.iter().map(&form).filter(|f| !f.is_empty() && names_form(&told.rest, f)).max_by_key(String::len);
    if let Some(w) = written {
        return alone(all.iter().copied().filter(|c| form(c) == w).collect());
    }
    if !told.counted.is_empty() {
        let counted: Vec<_> = all.iter().copied().filter(|c| form(c) == fold(told.counted)).collect();
        if !counted.is_empty() {
            return alone(counted);
        }
    }
    let plain: Vec<_> = all.iter().copied().filter(|c| form(c) == "錠").collect();
    alone(if plain.is_empty() { all.to_vec() } else { plain })
}

/// Forms that are written in two ways, folded.
const ALIKE: &[(&str, &str)] = &[("od錠", "口腔内崩壊錠"), ("od", "od錠"), ("od", "口腔内崩壊錠"), ("坐剤", "坐薬"), ("坐剤", "サポ"), ("坐薬", "サポ"), ("ds", "ドライシロップ")];

/// Whether the words of a medicine say a form: OD錠 is also written as 口腔内崩壊錠.
fn names_form(rest: &str, form: &str) -> bool {
    rest.contains(form) || ALIKE.iter().any(|(a, b)| form == *a && rest.contains(b) || form == *b && rest.contains(a))
}

/// `5mg` as 5000 µg: a number in the smallest unit of its kind.
pub(super) fn strength(s: &str) -> Option<(f64, &'static str)> {
    let s = s.trim().replace(',', "");
    let digits = s.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(s.len());
    let (number, unit) = (s.get(..digits)?.parse::<f64>().ok()?, s.get(digits..)?.trim());
    Some(match unit {
        "g" => (number * 1e6, "ug"),
        "mg" | "㎎" => (number * 1e3, "ug"),
        "μg" | "µg" | "ug" | "mcg" => (number, "ug"),
        "%" | "％" => (number, "%"),
        "単位" | "U" | "国際単位" => (number, "U"),
        "万単位" => (number * 1e4, "U"),
        "mL" | "ml" => (number, "mL"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strengths_are_one_in_any_unit() {
        assert_eq!(strength("0.5g"), strength("500mg"));
        assert_eq!(strength("25μg").map(|s| s.0), Some(25.0));
        assert_eq!(strength("HD"), None);
    }

    #[test]
    fn codes_tell_their_use() {
        assert_eq!(Use::of_code("1147002F1560"), Some(Use::Internal));
        assert_eq!(Use::of_code("1147700J1307"), Some(Use::External));
        assert_eq!(Use::of_code("2492416G2024"), Some(Use::Injection));
    }
}
