//! MONDO in Japanese: id, English, Japanese, source; tabs, no header.

use super::Report;
use crate::lexicon::import::masters::{Masters, OntologyRow};
use crate::lexicon::import::rows::{Quotes, Row, RowError, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    for row in Rows::new(report.file, text, b'\t', Quotes::None) {
        if let Some(r) = report.take(row.and_then(|r| class(&r))) {
            out.ontology.push(r);
        }
    }
}

fn class(r: &Row<'_>) -> Result<OntologyRow, RowError> {
    r.at_least(3)?;
    let id = r.checked(0, "id", "an id such as MONDO:0005249", |v| v.strip_prefix("MONDO:").is_some_and(|n| n.len() == 7))?;
    Ok(OntologyRow { id: id.to_owned(), en: r.get(1).to_owned(), ja: r.get(2).to_owned(), obsolete: r.get(1).starts_with("obsolete "), ..OntologyRow::default() })
}
