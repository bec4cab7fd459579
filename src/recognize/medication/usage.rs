//! Codes of a usage and of a dose's unit: JAMI 用法 (16 digits) and 補足用法 (8 characters), MERIT9.

use crate::lexicon::{ConceptRef, Lexicon, System, UsageSort};
use crate::model::Coding;
use compact_str::{CompactString, format_compact};
use std::sync::LazyLock;

/// The codes of a usage: one 用法コード for all its times of day, and a 補足用法コード for each thing that it adds.
/// `divided`: in how many doses a day it is told to be taken; `parts`: the amounts of uneven doses.
pub(super) fn codings(lexicon: &Lexicon, words: &[ConceptRef], divided: Option<f64>, parts: &[f64]) -> Vec<Coding> {
    let coding = |system: System, code: &str| Coding { system: system.text().into(), code: code.into(), display: CompactString::default() };
    let usages: Vec<_> = words.iter().filter_map(|c| lexicon.usage(*c)).collect();
    let mut out = Vec::new();
    let timings: Vec<Option<&str>> = usages.iter().filter(|u| u.sort != UsageSort::Frequency).map(|u| u.code.as_deref()).collect();
    if let Some(code) = composed(&timings).filter(|c| fits(c, divided)) {
        out.push(coding(System::Usage, &code));
    }
    out.extend(usages.iter().filter_map(|u| u.additional.as_deref()).map(|c| coding(System::UsageAdditional, c)));
    // 不均等: V, which dose of the day, how many units, up to six doses of one to nine
    if (2..=6).contains(&parts.len()) && parts.iter().all(|n| (1.0..=9.0).contains(n) && n.fract() == 0.0) {
        out.extend(parts.iter().enumerate().map(|(i, n)| coding(System::UsageAdditional, &format_compact!("V{}{n}NNNNN", i + 1))));
    }
    out
}

/// Oral usages by the times of day: 101, doses a day, then bedtime, dinner, lunch and breakfast (4 after, 1 before the meal).
const ORAL: &str = "101";

/// One code for times that are told one by one: 朝食後 and 夕食後 are 朝夕食後.
fn composed(codes: &[Option<&str>]) -> Option<CompactString> {
    let mut all = codes.iter();
    let first = (*all.next()?)?;
    let mut digits: Vec<u8> = first.bytes().collect();
    for next in all {
        let next = (*next)?;
        if !next.starts_with(ORAL) || !first.starts_with(ORAL) || next.len() != digits.len() {
            return None;
        }
        for (i, b) in next.bytes().enumerate().skip(ORAL.len() + 1) {
            let d = digits.get_mut(i)?;
            if b != b'0' {
                if *d != b'0' {
                    return None;
                }
                *d = b;
            }
        }
    }
    if codes.len() > 1 {
        let doses = digits.iter().skip(ORAL.len() + 1).filter(|d| **d != b'0').count();
        *digits.get_mut(ORAL.len())? = b'0' + u8::try_from(doses).ok()?;
    }
    String::from_utf8(digits).ok().map(CompactString::from)
}

/// Whether a code's doses a day are as many as are told otherwise: not 分3 with 朝食後 alone.
fn fits(code: &str, divided: Option<f64>) -> bool {
    let Some(doses) = code.strip_prefix(ORAL).and_then(|r| r.bytes().next()).map(|b| f64::from(b.saturating_sub(b'0'))) else { return true };
    // 隔日, 週1回: on each of those days
    divided.is_none_or(|n| n < 1.0 || (n - doses).abs() < 1e-6)
}

static MERIT9: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    include_str!("../../../dictionaries/codes/merit9.tsv").lines().skip(1).filter_map(|l| l.split_once('\t')).map(|(u, c)| (u, c.split('\t').next().unwrap_or(c))).collect()
});

/// The MERIT9 code of a UCUM unit, what it is per left out: `{tablet}/d` is TAB.
pub(super) fn merit9(ucum: &str) -> Option<&'static str> {
    let unit = ucum.split('/').next()?;
    MERIT9.iter().find(|m| m.0 == unit).map(|m| m.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_told_one_by_one_make_one_code() {
        assert_eq!(composed(&[Some("1011000400000000"), Some("1011040000000000")]).as_deref(), Some("1012040400000000"));
        assert_eq!(composed(&[Some("1013044400000000"), Some("1011100000000000")]).as_deref(), Some("1014144400000000"));
        assert_eq!(composed(&[Some("1011000400000000"), None]), None);
        assert_eq!(composed(&[Some("1011000400000000"), Some("1050610000000000")]), None);
        assert!(!fits("1011000400000000", Some(3.0)) && fits("1011000400000000", Some(0.5)));
    }

    #[test]
    fn units_have_their_codes() {
        assert_eq!((merit9("{tablet}"), merit9("mg/d"), merit9("U"), merit9("{nonsense}")), (Some("TAB"), Some("MG"), Some("UNT"), None));
    }
}
