//! J-FAGY allergens: comma or tab, UTF-8, with a header.

use super::Report;
use crate::lexicon::import::codes::is_alnum;
use crate::lexicon::import::masters::{AllergenRow, Masters};
use crate::lexicon::import::rows::{Header, Quotes, Row, RowError, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let delimiter = if text.lines().next().unwrap_or("").contains('\t') { b'\t' } else { b',' };
    let mut rows = Rows::new(report.file, text, delimiter, Quotes::Lines);
    let Some(Ok(first)) = rows.next() else { return };
    let h = Header::of(&first);
    let columns = ["JFAGYCODE", "JPTERM", "JPKANA", "ENTERM", "ENDDATE"].map(|n| h.find(&[n]));
    for row in rows {
        if let Some(r) = report.take(row.and_then(|r| allergen(&r, &columns))) {
            out.allergens.push(r);
        }
    }
}

fn allergen(r: &Row<'_>, [code, name, kana, en, end]: &[Option<usize>; 5]) -> Result<AllergenRow, RowError> {
    let get = |c: &Option<usize>| c.map_or("", |i| r.get(i)).to_owned();
    let code = r.checked(code.unwrap_or(1), "JFAGYCODE", "letters and digits", |v| (3..=12).contains(&v.len()) && is_alnum(v, v.len()))?;
    r.checked(name.unwrap_or(2), "JPTERM", "a name", |v| !v.is_empty())?;
    let end = get(end);
    Ok(AllergenRow { code: code.to_owned(), name: get(name), kana: get(kana), en: get(en), abolished: !matches!(end.as_str(), "" | "99999999" | "00000000") })
}
