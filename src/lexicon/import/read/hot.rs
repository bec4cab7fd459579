//! MEDIS 医薬品HOTコードマスター: 24 columns, with a header; HOT9 or HOT13 in the first.

use super::Report;
use crate::lexicon::import::codes::{is_digits, is_yj};
use crate::lexicon::import::masters::{HotRow, Masters};
use crate::lexicon::import::rows::{Quotes, Row, RowError, Rows};

const COLUMNS: usize = 24;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    for (i, row) in Rows::new(report.file, text, b',', Quotes::Line).enumerate() {
        if i == 0 && row.as_ref().is_ok_and(|r| !r.get(0).starts_with(|c: char| c.is_ascii_digit())) {
            continue;
        }
        if let Some(r) = report.take(row.and_then(|r| hot(&r))) {
            out.hot.push(r);
        }
    }
}

fn hot(r: &Row<'_>) -> Result<HotRow, RowError> {
    r.at_least(COLUMNS)?;
    let hot = r.checked(0, "基準番号", "9 or 13 digits", |v| is_digits(v, 9) || is_digits(v, 13))?;
    let yj = r.checked(7, "個別医薬品コード", "12 digits and letters", |v| v.is_empty() || is_yj(v))?;
    // 666666666 and the like stand for "not listed"
    let receipt = |v: &str| is_digits(v, 9) && v.bytes().any(|b| Some(b) != v.bytes().next());
    let name = [11, 12, 10].map(|i| r.get(i)).into_iter().find(|n| !n.is_empty());
    let name = name.ok_or_else(|| r.error(11, "no name", "販売名, レセプト電算処理システム医薬品名 or 告示名称"))?;
    Ok(HotRow {
        hot: hot.to_owned(),
        yj: yj.to_owned(),
        receipts: [8, 9].map(|i| r.get(i)).into_iter().filter(|v| receipt(v)).map(str::to_owned).collect(),
        name: name.to_owned(),
        spec: r.get(13).to_owned(),
        maker: if r.get(21).is_empty() { r.get(20) } else { r.get(21) }.to_owned(),
    })
}
