//! How old the patient is, and of which sex.

use super::source::{Placed, Source};
use super::{Age, Sex, words};
use crate::model::{FactKind, TimeRange, Value};
use crate::note::SectionKind;
use crate::text::{char_at, from, sub};
use compact_str::CompactString;

/// The patient's age: a field of the form, what a sex follows, else the first age of the note that dates nothing.
pub(super) fn age(source: &Source<'_>) -> Option<Age> {
    let ages: Vec<&Placed<'_>> = source.facts().iter().filter(|p| is_age(p) && !is_elsewhere(p)).collect();
    let in_field = |sense: &str| source.form.field(sense).and_then(|f| ages.iter().find(|p| p.start >= f.start && p.start < f.end).copied());
    // 「年齢 5か月」: in a field of ages a length is one
    let length = source.form.field("age").and_then(|f| source.of_field(f).iter().find(|p| p.fact.time.as_ref().is_some_and(|t| t.precision == "duration")));
    let chosen = in_field("age")
        .or(length)
        .or_else(|| ages.iter().find(|p| sex_after(source.text, p.end).is_some()).copied())
        .or_else(|| in_field("age_sex"))
        .or_else(|| ages.iter().find(|p| p.fact.section == SectionKind::Demographics).copied())
        .or_else(|| ages.iter().find(|p| !dates(source.text, p.end)).copied())?;
    let f = chosen.fact;
    Some(Age { value: value(f.time.as_ref()?)?, text: f.text.clone(), start: f.start, end: f.end })
}

fn is_age(p: &Placed<'_>) -> bool {
    let f = p.fact;
    f.kind == FactKind::Time && f.time.as_ref().is_some_and(|t| t.precision == "age") && f.because.first().is_none_or(|r| !r.rule.contains("gestation"))
}

/// Where ages are those of other times and people.
fn is_elsewhere(p: &Placed<'_>) -> bool {
    use SectionKind as S;
    matches!(p.fact.section, S::PastHistory | S::FamilyHistory | S::SocialHistory | S::Allergy | S::Assessment)
}

/// 58歳時, 20歳から: the age says when.
fn dates(text: &str, end: usize) -> bool {
    ["時", "から", "頃", "ごろ", "より", "で", "に", "まで", "以"].iter().any(|w| from(text, end).starts_with(w))
}

/// `P78Y` as 78 years; `P1Y3M` as 15 months.
fn value(t: &TimeRange) -> Option<Value> {
    let (number, unit) = length(t.start.as_deref()?)?;
    let high = t.end.as_deref().and_then(length).filter(|h| h.1 == unit).map(|h| h.0);
    Some(Value { number: Some(number), unit: Some(CompactString::const_new(unit)), high, ..Value::default() })
}

fn length(iso: &str) -> Option<(f64, &'static str)> {
    let (mut digits, mut parts) = (String::new(), Vec::new());
    for c in iso.strip_prefix('P')?.chars() {
        if c.is_ascii_digit() || c == '.' {
            digits.push(c);
        } else {
            parts.push((digits.parse::<f64>().ok()?, c));
            digits.clear();
        }
    }
    match parts.as_slice() {
        [(n, 'Y')] => Some((*n, "a")),
        [(y, 'Y'), (m, 'M')] => Some((y * 12.0 + m, "mo")),
        [(n, 'M')] => Some((*n, "mo")),
        [(n, 'W')] => Some((*n, "wk")),
        [(n, 'D')] => Some((*n, "d")),
        _ => None,
    }
}

/// The patient's sex: a field of the form, the word after the age, else the first word for it that stands alone.
pub(super) fn sex(source: &Source<'_>, age: Option<&Age>) -> Option<Sex> {
    let text = source.text;
    let made = |(code, start, end): (&'static str, usize, usize)| {
        let (s, e) = source.original(start, end);
        Sex { code: CompactString::const_new(code), text: sub(text, start, end).to_owned(), start: s, end: e }
    };
    let field = source.form.field("sex").and_then(|f| (f.start..f.end).filter(|i| text.is_char_boundary(*i)).find_map(|i| words::sex(text, i, true).map(|(c, e)| (c, i, e))));
    let age_end = age.map(|a| source.note.norm.normalized_offset(a.end));
    field
        .or_else(|| age_end.and_then(|e| sex_after(text, e)))
        // 76M: the letter belongs to the age
        .or_else(|| age.and_then(|a| initial(source, a)))
        .or_else(|| source.facts().iter().filter(|p| is_age(p) && !is_elsewhere(p)).find_map(|p| sex_after(text, p.end)))
        .or_else(|| alone(source))
        .map(made)
}

/// 78歳の女性, 20歳台, 男性, 70/F, 36歳(男性): the sex that stands after an age.
fn sex_after(text: &str, end: usize) -> Option<(&'static str, usize, usize)> {
    let mut at = end;
    for _ in 0..6 {
        if let Some((code, e)) = words::sex(text, at, true) {
            // 男女共同: part of another word
            return Some((code, at, e));
        }
        let c = char_at(text, at).filter(|c| matches!(c, ' ' | '、' | ',' | '，' | '.' | '/' | '・' | 'の' | '(' | '代' | '台' | ':' | '|' | '\n' | '後' | '前' | '半'))?;
        at += c.len_utf8();
    }
    None
}

/// 76M, 70/F: the letter inside the words of the age.
fn initial(source: &Source<'_>, age: &Age) -> Option<(&'static str, usize, usize)> {
    let code = match age.text.chars().next_back()? {
        'M' | 'Ｍ' => "male",
        'F' | 'Ｆ' => "female",
        _ => return None,
    };
    let end = source.note.norm.normalized_offset(age.end);
    Some((code, end.saturating_sub(1), end))
}

/// The first word for a sex that is no part of another: 「患者は女性」 but not 「女性ホルモン」.
fn alone(source: &Source<'_>) -> Option<(&'static str, usize, usize)> {
    let text = source.text;
    source.sentences().filter(|s| !matches!(s.2, SectionKind::FamilyHistory | SectionKind::Assessment)).take(12).find_map(|(start, end, _)| {
        (start..end).filter(|i| text.is_char_boundary(*i)).find_map(|i| {
            let (code, e) = words::sex(text, i, false)?;
            let long = e - i > '男'.len_utf8();
            let ends = char_at(text, e).is_none_or(|c| matches!(c, '。' | '、' | ',' | '，' | '．' | '.' | ' ' | 'に' | 'が' | 'は' | 'で' | ')' | '|' | '\n'));
            (long && ends).then_some((code, i, e))
        })
    })
}
