//! 厚生労働省 薬価基準収載品目リスト: a workbook each for 内用薬, 注射薬, 外用薬.

use super::Report;
use crate::lexicon::import::codes::is_yj;
use crate::lexicon::import::masters::{Masters, PriceRow};
use crate::lexicon::import::sheet::tables;

const CODE: &str = "薬価基準収載医薬品コード";

pub(super) fn read(bytes: &[u8], out: &mut Masters, report: &mut Report<'_>) {
    let found = match tables(bytes, &[CODE, "品名"]) {
        Ok(t) => t,
        Err(e) => return report.whole(e, "a workbook (.xlsx)"),
    };
    for t in found {
        let [code, ingredient, spec, name, maker] = [&[CODE][..], &["成分名"], &["規格"], &["品名"], &["メーカー名"]].map(|n| t.column(n));
        for line in &t.rows {
            let value = line.get(code);
            // a row without code goes on with the one above
            if value.is_empty() {
                continue;
            }
            let name = line.longest(name);
            let row = if !is_yj(value) {
                Err(line.error(report.file, code, format!("{value:?} for {CODE}"), "12 digits and letters"))
            } else if name.is_empty() {
                Err(line.error(report.file, code, "no 品名", "a name"))
            } else {
                Ok(PriceRow {
                    code: value.to_owned(),
                    ingredient: line.get(ingredient).to_owned(),
                    spec: line.get(spec).to_owned(),
                    name: name.to_owned(),
                    maker: line.get(maker).to_owned(),
                })
            };
            if let Some(r) = report.take(row) {
                out.prices.push(r);
            }
        }
    }
}
