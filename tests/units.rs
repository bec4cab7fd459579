//! Every unit of the tables is a UCUM code, by a UCUM implementation of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

#[test]
fn units_are_ucum() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries");
    let (mut codes, mut wrong) = (Vec::new(), Vec::new());
    for (file, column) in [("labs/units.tsv", "ucum"), ("labs/analytes.tsv", "unit"), ("vitals.tsv", "unit")] {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let mut lines = text.lines();
        let at = lines.next().unwrap().split('\t').position(|c| c == column).unwrap();
        for (n, line) in lines.enumerate() {
            let code = line.split('\t').nth(at).unwrap_or("").trim();
            if !code.is_empty() && !codes.contains(&code.to_owned()) {
                codes.push(code.to_owned());
                if octofhir_ucum::validate(code).is_err() {
                    wrong.push(format!("{file}:{}: {code:?}", n + 2));
                }
            }
        }
    }
    println!("{} units", codes.len());
    assert!(codes.len() > 100 && wrong.is_empty(), "no UCUM code:\n{}", wrong.join("\n"));
}
