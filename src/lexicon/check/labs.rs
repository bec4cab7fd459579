//! LOINC and JLAC codes of analytes, vital signs and scores.

use super::attr;
use super::known::Known;
use super::units::mismatch;
use crate::lexicon::compile::format::{Attr, System};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::{is_alnum, loinc_check_digit_holds};

pub(super) fn check(known: &Known<'_>, c: &NewConcept, say: &mut dyn FnMut(String)) {
    for (system, code, display) in &c.codes {
        match system {
            System::Loinc | System::LoincQualitative => loinc(known, c, *system, code, display, say),
            System::Jlac10 => jlac10(known, c, code, display, say),
            System::ClinsJlac11 if !is_alnum(code, 17) => say(format!("JLAC11 {code:?}, expected 17 letters and digits")),
            _ => {}
        }
    }
    let analyte = attr(c, Attr::JlacAnalyte);
    if !analyte.is_empty() && !known.analytes.is_empty() && !known.analytes.contains(analyte) {
        say(format!("no JLAC10 分析物コード {analyte:?}"));
    }
}

fn loinc(known: &Known<'_>, c: &NewConcept, system: System, code: &str, display: &str, say: &mut dyn FnMut(String)) {
    // a few codes of the table itself have another digit than theirs
    let Some(row) = known.loinc.get(code) else {
        if !loinc_check_digit_holds(code) {
            say(format!("LOINC {code:?} has a wrong check digit"));
        } else if !known.loinc.is_empty() {
            say(format!("no LOINC {code:?} in the LOINC table"));
        }
        return;
    };
    if !matches!(row.status, "" | "ACTIVE") {
        say(format!("LOINC {code} is {}", row.status.to_lowercase()));
    }
    if !display.is_empty() && !row.display.is_empty() && display != row.display {
        say(format!("display {display:?} of LOINC {code}, the table's is {:?}", row.display));
    }
    let unit = attr(c, Attr::Unit);
    if system == System::Loinc
        && let Some(expected) = mismatch(unit, row.property, row.display, &row.units)
    {
        say(format!("unit {unit:?} with LOINC {code} ({}), expected {expected}", row.display));
    }
}

/// A 17-digit code: of a list, or of parts that exist.
fn jlac10(known: &Known<'_>, c: &NewConcept, code: &str, display: &str, say: &mut dyn FnMut(String)) {
    if !is_alnum(code, 17) {
        return say(format!("JLAC10 {code:?}, expected 17 letters and digits"));
    }
    // the service's list has other names, and only the master's is a display
    let named = known.lists.get(&System::Jlac10).and_then(|l| l.get(code)).copied();
    if !display.is_empty() && named.is_some_and(|d| !d.is_empty() && d != display) {
        say(format!("display {display:?} of JLAC10 {code}, its master's is {:?}", named.unwrap_or_default()));
    }
    let part = |from: usize, to: usize| code.get(from..to).unwrap_or("");
    // a listed code may be that of a panel (2A990 末梢血液一般検査), whose last digits name the analyte
    let listed = [System::Jlac10, System::ClinsJlac10].iter().any(|s| known.lists.get(s).is_some_and(|l| l.contains_key(code)));
    if listed {
        return;
    }
    let analyte = attr(c, Attr::JlacAnalyte);
    if !analyte.is_empty() && part(0, 5) != analyte {
        say(format!("JLAC10 {code} is of analyte {}, the row says {analyte}", part(0, 5)));
    }
    // 分析物 5, 識別 4, 材料 3, 測定法 3, 結果識別 2
    for (what, value, codes) in [("分析物", part(0, 5), &known.analytes), ("材料", part(9, 12), &known.specimens), ("測定法", part(12, 15), &known.methods)] {
        if !codes.is_empty() && !codes.contains(value) {
            say(format!("JLAC10 {code} is in no list, and there is no {what}コード {value:?}"));
        }
    }
    if known.analytes.is_empty() && known.lists.contains_key(&System::Jlac10) {
        say(format!("no JLAC10 {code:?} in its master"));
    }
}
