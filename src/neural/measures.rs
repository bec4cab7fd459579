//! The measures of joining and ranking: `dictionaries/neural/measures.tsv`, each with what it was taken from.

/// A measure of the table.
pub(super) fn measure(id: &str) -> Option<f64> {
    let table = include_str!("../../dictionaries/neural/measures.tsv");
    let (_, row) = table.lines().filter_map(|l| l.split_once('\t')).find(|(k, _)| *k == id)?;
    row.split('\t').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::measure;

    #[test]
    fn every_measure_is_a_share() {
        for id in ["neural.add", "neural.add-chart", "neural.widen", "neural.narrow", "neural.assert", "rank.margin"] {
            assert!(measure(id).is_some_and(|m| m > 0.0 && m < 1.0), "{id}");
        }
        assert_eq!(measure("neural.none"), None);
    }
}
