//! HPO (or another ontology) in Japanese: a Babelon table, tabs, with a header.

use super::Report;
use crate::lexicon::import::masters::{Masters, OntologyRow};
use crate::lexicon::import::rows::{Header, Quotes, Rows};

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let mut rows = Rows::new(report.file, text, b'\t', Quotes::None);
    let Some(Ok(first)) = rows.next() else { return };
    let h = Header::of(&first);
    let (Some(id), Some(predicate), Some(value)) = (h.find(&["subject_id"]), h.find(&["predicate_id"]), h.find(&["translation_value"])) else {
        return report.whole("a header without subject_id, predicate_id and translation_value".to_owned(), "a Babelon table");
    };
    let source = h.find(&["source_value"]);
    for row in rows {
        let row = row.and_then(|r| {
            r.checked(id, "subject_id", "an id such as HP:0001945", |v| v.split_once(':').is_some_and(|(p, n)| !p.is_empty() && n.len() == 7))?;
            Ok(r)
        });
        let Some(r) = report.take(row) else { continue };
        let (label, synonym) = (r.get(predicate) == "rdfs:label", r.get(predicate).ends_with("hasExactSynonym"));
        let ja = Some(r.get(value)).filter(|v| !matches!(*v, "" | "NA")).unwrap_or("");
        if label {
            let en = source.map_or("", |i| r.get(i));
            out.ontology.push(OntologyRow { id: r.get(id).to_owned(), ja: ja.to_owned(), en: en.to_owned(), obsolete: en.starts_with("obsolete "), ..OntologyRow::default() });
        } else if synonym
            && !ja.is_empty()
            && let Some(last) = out.ontology.last_mut().filter(|o| o.id == r.get(id))
        {
            last.synonyms.push(ja.to_owned());
        }
    }
}
