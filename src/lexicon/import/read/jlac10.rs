//! JSLM 臨床検査項目分類コード JLAC10: a workbook with a sheet for each part of the code.

use super::Report;
use crate::lexicon::import::codes::is_alnum;
use crate::lexicon::import::masters::{AnalyteRow, Masters};
use crate::lexicon::import::sheet::{Table, tables};

pub(super) fn read(bytes: &[u8], out: &mut Masters, report: &mut Report<'_>) {
    let found = match tables(bytes, &["分析物コード", "分析物名(1)"]) {
        Ok(t) => t,
        Err(e) => return report.whole(e, "a workbook (.xlsx)"),
    };
    for t in found {
        let [code, name, name2, en, change] = [&["分析物コード"][..], &["分析物名(1)"], &["分析物名(2)"], &["分析物名(英名)"], &["更新区分"]].map(|n| t.column(n));
        for line in &t.rows {
            let value = line.get(code);
            // a heading has the two characters of its group
            if value.chars().count() < 3 || line.get(change).starts_with('S') {
                continue;
            }
            let row = if !is_alnum(value, 5) {
                Err(line.error(report.file, code, format!("{value:?} for 分析物コード"), "5 letters and digits"))
            } else if line.get(name).is_empty() {
                Err(line.error(report.file, name, "no 分析物名(1)", "a name"))
            } else {
                Ok(AnalyteRow { code: value.to_owned(), name: line.get(name).to_owned(), name2: line.get(name2).to_owned(), en: line.get(en).to_owned() })
            };
            if let Some(r) = report.take(row) {
                out.analytes.push(r);
            }
        }
    }
    let codes = |heading: &str| -> Vec<String> {
        let of = |t: &Table| {
            let column = t.column(&["コード"]);
            t.rows.iter().map(|l| l.get(column).to_owned()).filter(|c| is_alnum(c, 3)).collect::<Vec<_>>()
        };
        tables(bytes, &["コード", heading]).unwrap_or_default().iter().flat_map(of).collect()
    };
    out.specimens.extend(codes("材料名"));
    out.methods.extend(codes("測定法名"));
}
