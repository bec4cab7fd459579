//! 万病辞書: written form, ICD-10, 標準病名, reliability; with a header, or the first three columns without one.

use super::Report;
use crate::lexicon::import::masters::{Masters, SynonymRow};
use crate::lexicon::import::rows::{Header, Quotes, Row, RowError, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let delimiter = if text.lines().next().unwrap_or("").contains('\t') { b'\t' } else { b',' };
    let mut columns = Columns { written: 0, icd: Some(1), standard: 2, reliability: None };
    for (i, row) in Rows::new(report.file, text, delimiter, Quotes::Line).enumerate() {
        if i == 0
            && let Ok(r) = &row
            && let header = Header::of(r)
            && let Some(written) = header.find(&["出現形"])
        {
            let standard = header.containing(&["標準病名"]).filter(|c| *c != written).unwrap_or(2);
            columns = Columns {
                written,
                icd: header.find(&["ICDコード", "ICD", "ICD10"]).or_else(|| header.containing(&["ICD"]).filter(|c| *c != standard)),
                standard,
                reliability: header.containing(&["信頼度"]),
            };
            continue;
        }
        if let Some(r) = report.take(row.and_then(|r| synonym(&r, &columns))) {
            out.synonyms.push(r);
        }
    }
}

struct Columns {
    written: usize,
    icd: Option<usize>,
    standard: usize,
    reliability: Option<usize>,
}

fn synonym(r: &Row<'_>, c: &Columns) -> Result<SynonymRow, RowError> {
    r.at_least(c.standard + 1)?;
    let written = r.checked(c.written, "出現形", "a word", |v| !v.is_empty())?;
    Ok(SynonymRow {
        written: written.to_owned(),
        icd: c.icd.map_or("", |i| r.get(i)).split([';', ',']).map(|c| c.trim().replace('.', "")).filter(|c| crate::lexicon::import::is_icd(c)).collect(),
        standard: r.get(c.standard).to_owned(),
        reliability: c.reliability.map_or("", |i| r.get(i)).to_owned(),
    })
}
