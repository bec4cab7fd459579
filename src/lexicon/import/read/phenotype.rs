//! HPO's annotations (phenotype.hpoa): diseases and their phenotypes; tabs, comments, a header.

use super::Report;
use crate::lexicon::import::masters::{Masters, PhenotypeRow};
use crate::lexicon::import::rows::RowError;

pub(super) fn read(text: &str, out: &mut Masters, report: &mut Report<'_>) {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.starts_with('#') && !l.trim().is_empty());
    let header: Vec<&str> = lines.next().map_or_else(Vec::new, |(_, l)| l.split('\t').collect());
    let column = |name: &str| header.iter().position(|h| *h == name);
    let (Some(disease), Some(phenotype)) = (column("database_id"), column("hpo_id")) else {
        return report.whole(format!("the header {:?}", header.first().unwrap_or(&"")), "database_id, disease_name, qualifier, hpo_id …");
    };
    let (name, qualifier, frequency, reference, aspect) = (column("disease_name"), column("qualifier"), column("frequency"), column("reference"), column("aspect"));
    for (i, l) in lines {
        let cells: Vec<&str> = l.split('\t').collect();
        let at = |c: Option<usize>| c.and_then(|c| cells.get(c)).copied().unwrap_or("").trim();
        let hp = at(Some(phenotype));
        if at(Some(disease)).is_empty() || hp.strip_prefix("HP:").is_none_or(|n| n.len() != 7) {
            let found = format!("{:?} with {hp:?}", at(Some(disease)));
            report.broken(&RowError {
                file: report.file.to_owned(),
                line: i + 1,
                column: 1,
                text: l.to_owned(),
                found,
                expected: "an id of a disease and one such as HP:0001945".to_owned(),
            });
            continue;
        }
        // what a disease does not show, and its inheritance and course, are no symptoms
        let shown = at(qualifier) != "NOT" && matches!(at(aspect), "" | "P");
        let row = PhenotypeRow {
            disease: at(Some(disease)).to_owned(),
            disease_name: at(name).to_owned(),
            phenotype: hp.to_owned(),
            frequency: at(frequency).to_owned(),
            reference: at(reference).split(';').next().unwrap_or("").replace(['|', ' '], "_"),
        };
        out.phenotypes.extend(report.take(Ok(row)).filter(|_| shown));
    }
}
