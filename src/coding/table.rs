//! Tables of the coding of phrases (`dictionaries/coding/`), read once.

/// The rows of a table under its header, as cells.
pub(super) fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().skip(1).filter(|l| !l.trim().is_empty() && !l.starts_with('#')).map(|l| l.split('\t').collect())
}

/// The written forms of the rows whose `column` says `value`, folded.
pub(super) fn written(table: &'static str, column: usize, value: &str) -> Vec<String> {
    rows(table).filter(|r| r.get(column) == Some(&value)).filter_map(|r| Some(crate::note::fold(r.get(1)?))).collect()
}
