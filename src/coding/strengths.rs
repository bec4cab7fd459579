//! The products of the curated table (`dictionaries/codes/products.tsv`): which one a strength and a form say, and the digits of
//! the YJ code that stand for an ingredient where they say none.
//!
//! A YJ code is built up: seven digits for effect, way of use and ingredient, then form, strength and product. So its first
//! seven digits stand for an ingredient as it is used, the first nine for one of its forms and strengths, and no more is claimed
//! than the note says: 「タケキャブ」 has the seven, 「タケキャブ20mg」 the product.

use super::coding;
use super::product::{Told, Use, of_form, strength};
use crate::lexicon::{Attr, Concept, System};
use crate::model::Coding;
use crate::note::fold;
use crate::words::words;
use std::sync::LazyLock;

/// Digits of a YJ code that stand for the ingredient with its use.
const INGREDIENT: usize = 7;

struct Row {
    /// The brand, folded; empty: any product of the ingredient.
    stem: &'static str,
    /// The dosage form, folded.
    form: &'static str,
    /// As the product states it: `20mg`, `HD`.
    strength: &'static str,
    /// HOT9, or HOT7 where several companies sell it.
    hot: &'static str,
    /// YJ, or nine digits of it.
    yj: &'static str,
    /// 一般名コード.
    general: &'static str,
}

impl Row {
    fn code(&self) -> &'static str {
        if self.yj.is_empty() { self.general } else { self.yj }
    }

    fn fits(&self, told: &Told) -> bool {
        let of_strength = match (told.strength, strength(self.strength)) {
            (Some(a), Some(b)) => a.1 == b.1 && (a.0 - b.0).abs() < 1e-9 * a.0.max(1.0),
            (None, None) => told.size.as_deref() == Some(self.strength),
            _ => false,
        };
        of_strength && self.is_used(told) && self.is_shaped(told)
    }

    /// The form that is written, if one is, is the product's: タケキャブOD錠 is not タケキャブ錠, a kit is no vial.
    fn is_shaped(&self, told: &Told) -> bool {
        let stem = if self.stem.is_empty() { told.base.as_str() } else { self.stem };
        let written = shape(told.rest.strip_prefix(stem).unwrap_or(&told.rest), told.size.as_deref());
        let form = shape(self.form, None);
        // OD, CR: the letters of a form stand for it
        written.is_empty() || written == form || written.is_ascii() && form.starts_with(&written)
    }

    fn is_used(&self, told: &Told) -> bool {
        told.usage.is_none_or(|u| Use::of_code(self.code()) == Some(u))
    }

    fn codings(&self) -> Vec<Coding> {
        let hot = if self.hot.len() == INGREDIENT { System::Hot7 } else { System::Hot9 };
        let yj = if self.yj.len() == 12 { System::Yj } else { System::YjPrefix };
        let all = [(hot, self.hot), (yj, self.yj), (System::GenericOrder, self.general)];
        all.into_iter().filter(|c| !c.1.is_empty()).map(|(s, c)| coding(s.text(), c, "")).collect()
    }
}

/// Forms that a name of the tables may end with, folded.
static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| words("strengths.endings"));

/// A folded name without the form that it ends with: アムロジピンod, デパケンr.
pub(super) fn base(name: &str) -> &str {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_lowercase());
    if !letters.is_empty() && letters.len() < name.len() {
        return letters;
    }
    ENDINGS.iter().filter_map(|e| name.strip_suffix(e)).filter(|n| !n.is_empty()).min_by_key(|n| n.len()).unwrap_or(name)
}

/// Ways of writing one form, folded.
const ONE_FORM: &[(&str, &str)] = &[
    ("口腔内崩壊錠", "od錠"),
    ("ドライシロップ", "シロップ用"),
    ("点滴静注液", "点滴静注"),
    ("静注液", "静注"),
    ("注射液", "注"),
    ("注射用", "注"),
    ("注射", "注"),
    ("坐薬", "坐剤"),
    ("座薬", "坐剤"),
    ("サポ", "坐剤"),
    ("d錠", "od錠"),
    ("ds", "シロップ用"),
    ("od", "od錠"),
    ("坐", "坐剤"),
    ("用", ""),
];

/// What is left of the words after a name when strength, maker and volume are taken away: the form, written one way.
fn shape(rest: &str, size: Option<&str>) -> String {
    let mut s = rest.to_owned();
    if let Some(size) = size.map(fold) {
        s = s.replacen(&size, "", 1);
    }
    for (open, close) in [('「', '」'), ('(', ')')] {
        while let Some((a, b)) = s.find(open).and_then(|a| s.find(close).filter(|b| *b > a).map(|b| (a, b + close.len_utf8()))) {
            s.replace_range(a..b, "");
        }
    }
    // a salt is no form: ロキソプロフェンNa錠
    for w in ["小児用", "成人用", "分包", "ナトリウム", "カリウム", "塩酸塩", "水和物", "na"] {
        s = s.replace(w, "");
    }
    // of a volume and of a strength without its unit nothing stays
    let mut out: String = s
        .replace("ml", "")
        .replace("mg", "")
        .chars()
        .filter(|c| !(c.is_ascii_digit() || c.is_whitespace() || matches!(c, '.' | ',' | '/' | '%' | '-' | ':' | '「' | '」' | '(' | ')')))
        .collect();
    if let Some((_, one)) = ONE_FORM.iter().find(|f| f.0 == out) {
        out = (*one).to_owned();
    } else if let Some(base) = out.strip_suffix('用') {
        out = base.to_owned();
    }
    out
}

/// The rows of the table by medicine: names, sorted, and beside each its row.
static ROWS: LazyLock<(Vec<&'static str>, Vec<Row>)> = LazyLock::new(|| {
    let mut all: Vec<(&'static str, Row)> = Vec::new();
    for cells in super::table::rows(include_str!("../../dictionaries/codes/products.tsv")) {
        if let [drug, stem, form, strength, hot, yj, general] = cells.as_slice() {
            all.push((drug, Row { stem, form, strength, hot, yj, general }));
        }
    }
    // stable: the rows of one medicine stay as the table orders them
    all.sort_by_key(|r| r.0);
    all.into_iter().unzip()
});

fn rows_of(drug: &str) -> &'static [Row] {
    let (names, rows) = &*ROWS;
    let start = names.partition_point(|n| *n < drug);
    let end = names.partition_point(|n| *n <= drug);
    rows.get(start..end).unwrap_or(&[])
}

/// The codes of the product that is told, else those that stand for the ingredient as far as it is told.
pub(super) fn codes(concept: Concept<'_>, told: &Told) -> Vec<Coding> {
    let rows = rows_of(concept.name());
    let branded: Vec<&Row> = rows.iter().filter(|r| !r.stem.is_empty() && told.rest.starts_with(r.stem)).collect();
    if told.size.is_some() {
        let of_brand = one(branded.iter().copied().filter(|r| r.fits(told)).collect(), told);
        if let Some(r) = of_brand.or_else(|| one(rows.iter().filter(|r| r.stem.is_empty() && r.fits(told)).collect(), told)) {
            return r.codings();
        }
        if let Some(found) = own(concept, told) {
            return found;
        }
    }
    let known: Vec<&Row> = if branded.is_empty() { rows.iter().collect() } else { branded };
    ingredient(concept, known.into_iter().filter(|r| r.is_used(told)).map(Row::code).collect(), told.usage)
}

/// Nine digits of the product that the medicine's own row stands on, where it has the strength that is told.
fn own(concept: Concept<'_>, told: &Told) -> Option<Vec<Coding>> {
    let yj = concept.code(System::Yj).filter(|c| told.usage.is_none_or(|u| Use::of_code(c) == Some(u)))?;
    let same = concept.attr(Attr::Strength).and_then(strength).zip(told.strength).is_some_and(|(a, b)| a.1 == b.1 && (a.0 - b.0).abs() < 1e-9 * a.0.max(1.0));
    let form = concept.attr(Attr::Form).map(fold).unwrap_or_default();
    // another form of that strength may be meant
    let plain = matches!(form.as_str(), "錠" | "カプセル") || !form.is_empty() && told.rest.contains(form.as_str());
    let digits = yj.get(..9).filter(|_| same && plain)?;
    Some(vec![coding(System::YjPrefix.text(), digits, "")])
}

/// The codes of an ingredient of which neither strength nor form is told: in an allergy, in a name alone.
pub(super) fn of_ingredient(concept: Concept<'_>) -> Vec<Coding> {
    let rows = rows_of(concept.name());
    ingredient(concept, rows.iter().map(Row::code).collect(), None)
}

/// The one row that the form leaves. Nothing where its use is open: of 25 mg there are tablets and suppositories.
fn one<'r>(found: Vec<&'r Row>, told: &Told) -> Option<&'r Row> {
    let uses = |r: &&Row| Use::of_code(r.code());
    let open = found.first().is_some_and(|first| found.iter().any(|r| uses(r) != uses(first)));
    let chosen = of_form(&found, |r| r.form.to_owned(), told)?;
    let written = !chosen.form.is_empty() && told.rest.contains(chosen.form);
    (!open || written || !told.counted.is_empty()).then_some(chosen)
}

/// Seven digits for each way in which the ingredient is used, of all that the note leaves open.
fn ingredient(concept: Concept<'_>, codes: Vec<&str>, usage: Option<Use>) -> Vec<Coding> {
    let own = concept.code(System::Yj).or_else(|| concept.code(System::GenericOrder)).filter(|c| usage.is_none_or(|u| Use::of_code(c) == Some(u)));
    let mut digits: Vec<&str> = own.into_iter().chain(codes).filter_map(|c| c.get(..INGREDIENT)).collect();
    let mut seen = Vec::new();
    digits.retain(|d| {
        let new = !seen.contains(d);
        seen.push(*d);
        new
    });
    digits.into_iter().map(|d| coding(System::YjPrefix.text(), d, "")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_folded() {
        assert!(ROWS.1.len() > 1000);
        for r in &ROWS.1 {
            assert_eq!((fold(r.stem).as_str(), fold(r.form).as_str()), (r.stem, r.form), "{}", r.code());
        }
    }

    #[test]
    fn forms_have_one_way_of_writing() {
        assert_eq!(shape("錠20mg「甲乙」", Some("20mg")), "錠");
        assert_eq!(shape("od20mg", Some("20mg")), shape("口腔内崩壊錠", None));
        assert_eq!(shape("静注用1g", Some("1g")), "静注");
        assert_eq!(shape("100", Some("100mg")), "");
    }
}
