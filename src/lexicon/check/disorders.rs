//! 傷病名 and 修飾語: the codes of a row belong together, are current, and stand for what the row says.

use super::known::Known;
use super::{attr, is_disorder};
use crate::lexicon::compile::format::{Attr, ConceptKind, System};
use crate::lexicon::compile::writer::NewConcept;
use crate::lexicon::import::DisorderRow;

const DISEASE: [System; 3] = [System::DiseaseKey, System::DiseaseExchange, System::DiseaseReceipt];
const MODIFIER: [System; 3] = [System::ModifierKey, System::ModifierExchange, System::ModifierReceipt];

pub(super) fn check(known: &Known<'_>, c: &NewConcept, say: &mut dyn FnMut(String)) {
    if !known.disorders.is_empty() {
        diseases(known, c, say);
    }
    if !known.modifiers.is_empty() {
        modifiers(known, c, say);
    }
    let of = |system| c.codes.iter().filter(move |k| k.0 == system);
    let (parts, composed) = (attr(c, Attr::Standard).split('+').count(), of(System::DiseaseKey).count() + of(System::ModifierKey).count());
    if is_disorder(c) && parts > 1 && composed != parts {
        say(format!("{parts} parts in {:?} and codes of {composed}", attr(c, Attr::Standard)));
    }
    if of(System::DiseaseKey).count() > 1 {
        say(format!("{:?} is composed of several 傷病名, expected one and 修飾語", attr(c, Attr::Standard)));
    }
    if is_disorder(c) && of(System::DiseaseKey).next().is_none() && !known.icd.is_empty() {
        for (_, icd, _) in of(System::Icd10) {
            let cut = |n: usize| icd.get(..n).unwrap_or(icd);
            if ![icd.as_str(), &format!("{icd}0"), cut(4), cut(3)].iter().any(|i| known.icd.contains(*i)) {
                say(format!("no ICD-10 {icd:?} in the masters"));
            }
        }
    }
}

fn diseases(known: &Known<'_>, c: &NewConcept, say: &mut dyn FnMut(String)) {
    let mut row: Option<&DisorderRow> = None;
    for (system, code, display) in c.codes.iter().filter(|k| DISEASE.contains(&k.0)) {
        let Some(rows) = known.disorders.get(&(*system, code.as_str())) else {
            match known.successors.get(code.as_str()) {
                Some(new) => say(format!("{} {code} is abolished, its successor is {new}", system.label())),
                None => say(format!("no {} {code:?} in the 傷病名マスター", system.label())),
            }
            continue;
        };
        // the key number names the row, the other codes must be that row's
        let same = rows.iter().find(|r| row.is_none_or(|known| known.receipt == r.receipt));
        match (same.or(rows.first()), row) {
            (Some(other), Some(known)) if same.is_none() => {
                say(format!("{} {code} is that of {}, the row's other codes are those of {}", system.label(), other.name, known.name));
            }
            (Some(r), None) => {
                if r.abolished {
                    let successor = known.successors.get(r.receipt.as_str()).map_or_else(String::new, |s| format!(", its successor is {s}"));
                    say(format!("{} {code} ({}) is abolished{successor}", system.label(), r.name));
                } else if !display.is_empty() && *display != r.name {
                    say(format!("display {display:?} of {} {code}, its master's is {:?}", system.label(), r.name));
                }
                row = Some(r);
            }
            _ => {}
        }
    }
    let Some(row) = row else { return };
    let alone = !c.codes.iter().any(|k| MODIFIER.contains(&k.0));
    if row.not_alone && alone {
        say(format!("{} must not be used alone (単独使用禁止)", row.name));
    }
    let mine: Vec<&str> = c.codes.iter().filter(|k| k.0 == System::Icd10).map(|k| k.1.as_str()).collect();
    let masters: Vec<&str> = row.icd.iter().map(String::as_str).filter(|i| !i.is_empty()).collect();
    if mine != masters && !row.abolished {
        say(format!("ICD-10 {:?}, the master's row of {} has {:?}", mine.join(" "), row.name, masters.join(" ")));
    }
}

fn modifiers(known: &Known<'_>, c: &NewConcept, say: &mut dyn FnMut(String)) {
    let mut of_system = [const { Vec::new() }; 3];
    for (system, code, display) in c.codes.iter().filter(|k| MODIFIER.contains(&k.0)) {
        let Some(row) = known.modifiers.get(&(*system, code.as_str())) else {
            say(format!("no {} {code:?} in the 修飾語マスター", system.label()));
            continue;
        };
        if row.abolished {
            say(format!("{} {code} ({}) is abolished", system.label(), row.name));
        } else if c.kind == ConceptKind::Modifier && display.is_empty() {
            // a 修飾語 of its own stands in a composed name by its name
            if *system == System::ModifierKey && c.name != row.name && c.name != plain(&row.name) {
                say(format!("the name of {} {code}, its master's is {:?}", system.label(), row.name));
            }
        } else if !display.is_empty() && *display != row.name {
            say(format!("display {display:?} of {} {code}, its master's is {:?}", system.label(), row.name));
        }
        if let Some(list) = MODIFIER.iter().position(|s| s == system).and_then(|i| of_system.get_mut(i)) {
            list.push(row);
        }
    }
    let [keys, exchange, receipts] = of_system;
    for (i, key) in keys.iter().enumerate() {
        for other in [exchange.get(i), receipts.get(i)].into_iter().flatten() {
            if other.receipt != key.receipt {
                say(format!("the codes of {} and {} stand together", key.name, other.name));
            }
        }
    }
}

/// Full-width letters and digits made plain.
fn plain(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    name.nfkc().collect()
}
