//! 万病辞書: written form, ICD-10, 標準病名; with a header, or these three columns without one.

use super::Report;
use crate::lexicon::import::masters::{Masters, SynonymRow};
use crate::lexicon::import::rows::{Header, Quotes, Row, RowError, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let delimiter = if text.lines().next().unwrap_or("").contains('\t') { b'\t' } else { b',' };
    let mut columns = (0, Some(1), 2);
    for (i, row) in Rows::new(report.file, text, delimiter, Quotes::Line).enumerate() {
        if i == 0
            && let Ok(r) = &row
            && let header = Header::of(r)
            && let Some(written) = header.find(&["出現形"])
        {
            let standard = header.containing(&["標準病名"]).filter(|c| *c != written).unwrap_or(2);
            columns = (written, header.find(&["ICDコード", "ICD", "ICD10"]).or_else(|| header.containing(&["ICD"]).filter(|c| *c != standard)), standard);
            continue;
        }
        if let Some(r) = report.take(row.and_then(|r| synonym(&r, columns))) {
            out.synonyms.push(r);
        }
    }
}

fn synonym(r: &Row<'_>, (written, icd, standard): (usize, Option<usize>, usize)) -> Result<SynonymRow, RowError> {
    r.at_least(standard + 1)?;
    let written = r.checked(written, "出現形", "a word", |v| !v.is_empty())?;
    Ok(SynonymRow {
        written: written.to_owned(),
        icd: icd.map_or("", |i| r.get(i)).split([';', ',']).map(|c| c.trim().replace('.', "")).filter(|c| crate::lexicon::import::is_icd(c)).collect(),
        standard: r.get(standard).to_owned(),
    })
}
