//! The LOINC table (Loinc.csv), its Japanese linguistic variant, and shorter extracts of it by column name.

use super::Report;
use crate::lexicon::import::codes::is_loinc;
use crate::lexicon::import::masters::{LoincRow, Masters};
use crate::lexicon::import::rows::{Header, Quotes, Row, RowError, Rows};
use std::collections::BTreeMap;

pub(super) fn read(text: &str, japanese: bool, out: &mut Masters, report: &mut Report<'_>) {
    let first = text.lines().next().unwrap_or("");
    let tabs = first.contains('\t');
    let headless = tabs && is_loinc(first.split('\t').next().unwrap_or(""));
    let mut rows = Rows::new(report.file, text, if tabs { b'\t' } else { b',' }, if tabs { Quotes::None } else { Quotes::Lines });
    let header = if headless {
        Header::new(["LOINC_NUM", "LONG_COMMON_NAME"])
    } else {
        match rows.next() {
            Some(Ok(r)) => Header::of(&r),
            Some(Err(e)) => return report.broken(&e),
            None => return,
        }
    };
    let columns = Columns::new(&header);
    for row in rows {
        // answers (LA) and parts (LP) stand in some extracts beside the codes
        if row.as_ref().is_ok_and(|r| r.get(columns.code).starts_with("LA") || r.get(columns.code).starts_with("LP")) {
            continue;
        }
        if let Some(r) = report.take(row.and_then(|r| columns.row(&r, japanese))) {
            out.loinc.push(r);
        }
    }
}

/// `{"718-7": ["g/dL"], …}`
pub(super) fn units(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let all: BTreeMap<String, serde_json::Value> = match serde_json::from_str(text) {
        Ok(m) => m,
        Err(e) => return report.whole(format!("JSON that can't be read ({e})"), "an object of lists of units"),
    };
    for (code, units) in all.into_iter().filter(|(c, _)| is_loinc(c)) {
        let units = units.as_array().into_iter().flatten().filter_map(|u| u.as_str()).map(str::to_owned).collect();
        if let Some(row) = report.take(Ok(LoincRow { code, units, ..LoincRow::default() })) {
            out.loinc.push(row);
        }
    }
}

struct Columns {
    code: usize,
    display: Option<usize>,
    component: Option<usize>,
    property: Option<usize>,
    units: Option<usize>,
    status: Option<usize>,
    japanese: Option<usize>,
}

impl Columns {
    fn new(h: &Header) -> Self {
        Self {
            code: h.find(&["LOINC_NUM", "loinc"]).unwrap_or(0),
            display: h.find(&["LONG_COMMON_NAME", "long_common_name"]),
            component: h.find(&["COMPONENT", "component_loinc"]),
            property: h.find(&["PROPERTY"]),
            units: h.find(&["EXAMPLE_UCUM_UNITS", "ucum"]),
            status: h.find(&["STATUS"]),
            japanese: h.find(&["LinguisticVariantDisplayName"]),
        }
    }

    fn row(&self, r: &Row<'_>, japanese: bool) -> Result<LoincRow, RowError> {
        let code = r.checked(self.code, "LOINC_NUM", "a LOINC code: digits, a hyphen, a check digit", is_loinc)?.to_owned();
        let get = |c: Option<usize>| c.map_or("", |i| r.get(i)).to_owned();
        if japanese {
            // the variant's own display, else its long name, else its component
            let ja = [self.japanese, self.display, self.component].into_iter().map(get).find(|s| !s.is_ascii()).unwrap_or_default();
            return Ok(LoincRow { code, ja, ..LoincRow::default() });
        }
        Ok(LoincRow {
            code,
            display: get(self.display),
            property: get(self.property),
            units: get(self.units).split(';').map(str::trim).filter(|u| !u.is_empty()).map(str::to_owned).collect(),
            status: get(self.status),
            ja: String::new(),
        })
    }
}
