//! 電子カルテ情報共有サービス 臨床検査: JLAC10 and JLAC11 side by side, tabs, with a header.

use super::Report;
use crate::lexicon::import::codes::is_alnum;
use crate::lexicon::import::masters::{ClinsRow, Masters};
use crate::lexicon::import::rows::{Header, Quotes, Row, RowError, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let mut rows = Rows::new(report.file, text, b'\t', Quotes::Line);
    let Some(Ok(first)) = rows.next() else { return };
    let header = Header::of(&first);
    let columns = Columns {
        name: header.find(&["FHIR項目名称", "大項目"]),
        short: header.find(&["略称"]),
        specimen: header.find(&["材料(JLAC10)"]),
        method: header.find(&["検査方法(JLAC10-測定法)"]),
        jlac10: header.find(&["JLAC10コード"]),
        jlac11: header.find(&["JLAC11コード"]),
        unit: header.find(&["単位"]),
    };
    for row in rows {
        if let Some(r) = report.take(row.and_then(|r| columns.row(&r))) {
            out.clins.push(r);
        }
    }
}

struct Columns {
    name: Option<usize>,
    short: Option<usize>,
    specimen: Option<usize>,
    method: Option<usize>,
    jlac10: Option<usize>,
    jlac11: Option<usize>,
    unit: Option<usize>,
}

impl Columns {
    fn row(&self, r: &Row<'_>) -> Result<ClinsRow, RowError> {
        let get = |c: Option<usize>| c.map_or("", |i| r.get(i)).to_owned();
        let coded = |c: Option<usize>, name: &str| match c {
            Some(i) => r.checked(i, name, "17 letters and digits", |v| v.is_empty() || is_alnum(v, 17)).map(str::to_owned),
            None => Ok(String::new()),
        };
        let out = ClinsRow {
            name: get(self.name),
            short: get(self.short),
            specimen: get(self.specimen),
            method: get(self.method),
            jlac10: coded(self.jlac10, "JLAC10コード")?,
            jlac11: coded(self.jlac11, "JLAC11コード")?,
            unit: get(self.unit),
        };
        if out.jlac10.is_empty() && out.jlac11.is_empty() {
            return Err(r.error(self.jlac10.unwrap_or(0), "neither JLAC10 nor JLAC11", "a code"));
        }
        Ok(out)
    }
}
