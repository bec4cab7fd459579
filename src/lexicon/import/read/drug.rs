//! SSK 医薬品マスター: 40 columns, 42 since 2026, CP932, quoted, no header.

use super::Report;
use crate::lexicon::import::codes::{is_digits, is_yj};
use crate::lexicon::import::masters::{DrugRow, Masters};
use crate::lexicon::import::rows::{Quotes, Row, RowError, Rows};

const COLUMNS: usize = 40;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    for row in Rows::new(report.file, text, b',', Quotes::Line) {
        if let Some(r) = report.take(row.and_then(|r| drug(&r))) {
            out.drugs.push(r);
        }
    }
}

fn drug(r: &Row<'_>) -> Result<DrugRow, RowError> {
    r.at_least(COLUMNS)?;
    r.checked(1, "マスター種別", "\"Y\"", |v| v == "Y")?;
    let receipt = r.checked(2, "医薬品コード", "9 digits", |v| is_digits(v, 9))?;
    let name = r.checked(4, "医薬品名", "a name", |v| !v.is_empty())?;
    let abolished = r.checked(30, "廃止年月日", "8 digits", |v| v.is_empty() || is_digits(v, 8))?;
    let price_code = r.checked(31, "薬価基準収載医薬品コード", "12 digits and letters", |v| v.is_empty() || is_yj(v))?;
    let general = r.checked(36, "一般名コード", "12 digits and letters", |v| v.is_empty() || is_yj(v))?;
    // 商品名等関連 names the 統一名 that a product is priced under; 収載方式等識別 8 is such a price by itself
    let unified = !matches!(r.get(22), "" | "0") || r.get(21) == "8";
    Ok(DrugRow {
        receipt: receipt.to_owned(),
        name: name.to_owned(),
        base: if r.get(34).is_empty() { name.to_owned() } else { r.get(34).to_owned() },
        price_code: price_code.to_owned(),
        unified,
        general: general.to_owned(),
        general_name: r.get(37).to_owned(),
        abolished: r.get(0) == "9" || !matches!(abolished, "" | "99999999"),
    })
}
