//! SSK 傷病名マスター 移行対応: an abolished code and what is to be used for it. 7 columns, no header.

use super::Report;
use crate::lexicon::import::codes::is_digits;
use crate::lexicon::import::masters::{Masters, SuccessorRow};
use crate::lexicon::import::rows::{Quotes, Row, RowError, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    for row in Rows::new(report.file, text, b',', Quotes::Line) {
        // a code without a successor (区分 5) says nothing that could be carried over
        if let Some(r) = report.take(row.and_then(|r| successor(&r)))
            && !r.new.is_empty()
        {
            out.successors.push(r);
        }
    }
}

fn successor(r: &Row<'_>) -> Result<SuccessorRow, RowError> {
    r.at_least(7)?;
    let code = |v: &str| v.is_empty() || is_digits(v, 7);
    let old = r.checked(1, "旧傷病名コード", "7 digits", |v| is_digits(v, 7))?;
    let direct = r.checked(4, "移行先コード", "7 digits or nothing", code)?;
    let new = r.checked(5, "移行先コード", "7 digits or nothing", code)?;
    Ok(SuccessorRow { old: old.to_owned(), old_name: r.get(2).to_owned(), new: if new.is_empty() { direct } else { new }.to_owned() })
}
