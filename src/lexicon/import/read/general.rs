//! 厚生労働省 一般名処方マスタ: a workbook; its second sheet lists the products behind exceptional codes.

use super::Report;
use crate::lexicon::import::codes::is_yj;
use crate::lexicon::import::masters::{GeneralRow, Masters};
use crate::lexicon::import::sheet::tables;

pub(super) fn read(bytes: &[u8], out: &mut Masters, report: &mut Report<'_>) {
    let found = match tables(bytes, &["一般名コード", "一般名処方の標準的な記載"]) {
        Ok(t) => t,
        Err(e) => return report.whole(e, "a workbook (.xlsx)"),
    };
    for t in found {
        let [code, name, ingredient, spec] = [&["一般名コード"][..], &["一般名処方の標準的な記載"], &["成分名"], &["規格"]].map(|n| t.column(n));
        for line in &t.rows {
            let value = line.get(code);
            if value.is_empty() {
                continue;
            }
            let row = if !is_yj(value) {
                Err(line.error(report.file, code, format!("{value:?} for 一般名コード"), "12 digits and letters"))
            } else if line.get(name).is_empty() {
                Err(line.error(report.file, name, "no 一般名処方の標準的な記載", "a name"))
            } else {
                Ok(GeneralRow { code: value.to_owned(), name: line.get(name).to_owned(), ingredient: line.get(ingredient).to_owned(), spec: line.get(spec).to_owned() })
            };
            if let Some(r) = report.take(row) {
                out.generals.push(r);
            }
        }
    }
}
