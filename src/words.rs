//! Lists of words that the grammars look for (`dictionaries/words/lists.tsv`): not terms of the lexicon, but what may stand
//! before, after or between them.

/// The words of a list, in the table's order; `\\t` is a tab.
pub(crate) fn words(list: &str) -> Vec<&'static str> {
    rows().filter(|r| r.0 == list).map(|r| if r.1 == "\\t" { "\t" } else { r.1 }).collect()
}

/// The rows of the table: list, word.
fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("../dictionaries/words/lists.tsv").lines().skip(1).filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once('\t')?.1.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::{rows, words};
    use std::collections::BTreeSet;
    use std::path::Path;

    fn asked(folder: &Path, out: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                asked(&path, out);
            } else if path.file_name().is_some_and(|n| n != "words.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                out.extend(text.split("|| words(\"").skip(1).filter_map(|t| Some(t.split_once('"')?.0.to_owned())));
            }
        }
    }

    #[test]
    fn every_list_that_is_asked_for_is_there_and_no_other() {
        let mut of_code = BTreeSet::new();
        asked(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut of_code);
        let of_table: BTreeSet<String> = rows().map(|r| r.0.to_owned()).collect();
        assert_eq!(of_code, of_table);
        assert!(of_code.iter().all(|l| words(l).iter().all(|w| !w.is_empty())));
    }

    #[test]
    fn no_word_stands_twice_in_a_list() {
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = rows().filter(|r| !seen.insert(*r)).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
}
