//! SSK 傷病名マスター: 46 columns, CP932, quoted, no header. The abolished rows (hb_) have the same columns.

use super::Report;
use crate::lexicon::import::codes::{is_digits, is_exchange, is_icd};
use crate::lexicon::import::masters::{DisorderRow, Masters};
use crate::lexicon::import::rows::{Quotes, Row, RowError, Rows};

const COLUMNS: usize = 46;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    for row in Rows::new(report.file, text, b',', Quotes::Line) {
        if let Some(r) = report.take(row.and_then(|r| disorder(&r))) {
            out.disorders.push(r);
        }
    }
}

fn disorder(r: &Row<'_>) -> Result<DisorderRow, RowError> {
    r.at_least(COLUMNS)?;
    r.checked(1, "マスター種別", "\"B\"", |v| v == "B")?;
    let empty_or = |fits: fn(&str) -> bool| move |v: &str| v.is_empty() || fits(v);
    let receipt = r.checked(2, "傷病名コード", "7 digits", |v| is_digits(v, 7))?;
    let name = r.checked(5, "傷病名", "a name", |v| !v.is_empty())?;
    let key = r.checked(10, "病名管理番号", "8 digits", empty_or(|v| is_digits(v, 8)))?;
    let exchange = r.checked(12, "病名交換用コード", "4 letters and digits", empty_or(is_exchange))?;
    let icd = r.checked(15, "ICD-10-1", "an ICD-10 code", empty_or(is_icd))?;
    let icd2 = r.checked(16, "ICD-10-2", "an ICD-10 code", empty_or(is_icd))?;
    let abolished = r.checked(23, "廃止年月日", "8 digits", empty_or(|v| is_digits(v, 8)))?;
    let successor = if r.get(3) == receipt { "" } else { r.get(3) };
    Ok(DisorderRow {
        receipt: receipt.to_owned(),
        successor: successor.to_owned(),
        name: name.to_owned(),
        short: r.get(7).to_owned(),
        kana: r.get(9).to_owned(),
        key: key.to_owned(),
        exchange: exchange.to_owned(),
        adoption: r.get(11).to_owned(),
        icd: [icd.to_owned(), icd2.to_owned()],
        not_alone: r.get(18) == "01",
        not_claimable: r.get(19) == "1",
        // 変更区分 9 is 廃止; a date of nines is none
        abolished: r.get(0) == "9" || !matches!(abolished, "" | "99999999" | "00000000"),
    })
}
