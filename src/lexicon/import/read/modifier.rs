//! SSK 修飾語マスター: 19 columns, CP932, quoted, no header.

use super::Report;
use crate::lexicon::import::codes::{is_digits, is_exchange};
use crate::lexicon::import::masters::{Masters, ModifierRow};
use crate::lexicon::import::rows::{Quotes, Row, RowError, Rows};

const COLUMNS: usize = 19;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    for row in Rows::new(report.file, text, b',', Quotes::Line) {
        if let Some(r) = report.take(row.and_then(|r| modifier(&r))) {
            out.modifiers.push(r);
        }
    }
}

fn modifier(r: &Row<'_>) -> Result<ModifierRow, RowError> {
    r.at_least(COLUMNS)?;
    r.checked(1, "マスター種別", "\"Z\"", |v| v == "Z")?;
    let receipt = r.checked(2, "修飾語コード", "4 digits", |v| is_digits(v, 4))?;
    let name = r.checked(6, "修飾語名称", "a name", |v| !v.is_empty())?;
    let abolished = r.checked(15, "廃止年月日", "8 digits", |v| v.is_empty() || is_digits(v, 8))?;
    let key = r.checked(16, "修飾語管理番号", "8 digits", |v| v.is_empty() || is_digits(v, 8))?;
    let exchange = r.checked(17, "修飾語交換用コード", "4 letters and digits", |v| v.is_empty() || is_exchange(v))?;
    Ok(ModifierRow {
        receipt: receipt.to_owned(),
        name: name.to_owned(),
        kana: r.get(9).to_owned(),
        key: key.to_owned(),
        exchange: exchange.to_owned(),
        class: r.get(18).to_owned(),
        abolished: r.get(0) == "9" || !matches!(abolished, "" | "99999999"),
    })
}
