//! MEDIS 索引用語: `{"word": ["I10", …], …}`.

use super::Report;
use crate::lexicon::import::masters::{Masters, SynonymRow};
use std::collections::BTreeMap;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let all: BTreeMap<String, Vec<Option<String>>> = match serde_json::from_str(text) {
        Ok(m) => m,
        Err(e) => return report.whole(format!("JSON that can't be read ({e})"), "an object of lists of ICD-10 codes"),
    };
    for (written, icd) in all {
        let icd = icd.into_iter().flatten().map(|c| c.replace('.', "")).collect();
        if let Some(row) = report.take(Ok(SynonymRow { written, icd, standard: String::new(), reliability: String::new() })) {
            out.synonyms.push(row);
        }
    }
}
