//! The dictionaries behind the facts, with a pack of invented masters laid over the built-in one.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;
use std::process::Command;

fn karuta(args: &[&str]) -> (String, String, i32) {
    let out = Command::new(env!("CARGO_BIN_EXE_karuta")).args(args).env_remove("KARUTA_PACKS").env("NO_COLOR", "1").output().unwrap();
    (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap(), out.status.code().unwrap())
}

const MASTERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/masters");

fn pack(folder: &Path) -> String {
    let out = folder.join("official.kpack").display().to_string();
    let (_, err, code) = karuta(&["terms", "import", MASTERS, "--out", &out]);
    assert_eq!(code, 1, "rows were set aside: {err}");
    assert!(err.contains("karuta::terms::row") && err.contains("7 rows were set aside"), "{err}");
    out
}

#[test]
fn search_show_and_info_over_the_layers() {
    let folder = tempfile::tempdir().unwrap();
    let pack = pack(folder.path());
    let (out, err, code) = karuta(&["terms", "search", "花札", "--pack", &pack]);
    assert_eq!((err.as_str(), code), ("", 0));
    let first = out.lines().next().unwrap();
    assert!(first.starts_with("花札熱  finding  ZZ01 R509 HP:9999001") && first.contains("b:ZZ01 official@"), "{out}");
    let (out, ..) = karuta(&["terms", "search", "花札", "--limit", "1", "--format", "json", "--pack", &pack]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((json[0]["id"].as_str(), json[0]["matched"].as_str(), json.as_array().unwrap().len()), (Some("b:ZZ01"), Some("花札熱"), 1));

    let (out, _, code) = karuta(&["terms", "show", "9980001", "--pack", &pack]);
    assert_eq!(code, 0);
    for part in ["花札熱  Card fever", "病名交換用コード", "旧花札熱", "for search:", "花札熱っぽい~"] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let (out, _, code) = karuta(&["terms", "show", "R50.9", "--format", "json", "--pack", &pack]);
    assert_eq!(code, 0);
    assert!(out.contains("\"発熱\"") && out.contains("\"花札熱\""));
    let (_, err, code) = karuta(&["terms", "show", "存在しない語"]);
    assert_eq!(code, 2);
    assert!(err.contains("no term has the id"), "{err}");

    let (out, _, code) = karuta(&["terms", "info", &pack]);
    assert_eq!(code, 0);
    assert!(out.contains("official@") && out.contains("b_20990101.txt") && out.contains("2099-01-01") && out.contains("1 set aside"), "{out}");
    let (out, ..) = karuta(&["terms", "info", "--format", "json", "--pack", &pack]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(json[1]["hash"].as_str().unwrap().len(), 64);
}

#[test]
fn a_file_of_the_wrong_kind_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("p.kpack");
    let file = format!("drug={MASTERS}/ssk/z_20990101.txt");
    let (_, err, code) = karuta(&["terms", "import", &file, "--out", &out.display().to_string()]);
    assert_eq!(code, 2);
    assert!(err.contains("this looks like 修飾語マスター"), "{err}");
    assert!(!out.exists());
}

#[test]
fn check_tells_each_problem_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &[&str]| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, rows.join("\n")).unwrap();
    };
    write(
        "disorders/cards.tsv",
        &[
            "id\tkind\tname\ten\tstandard\taliases\ticd10\ticd10_2\texchange\tkanri\treceipt\tkana\thpo\tmondo\tnando",
            "c-1\tfinding\t花札熱\t\t花札熱\t\tR509\t\tZZ01\t29900001\t9990001\t\tHP:9999001\t\t",
            "c-2\tdisorder\t名違い\t\t別の名\t\tN119\t\tZZ02\t29900002\t9990002\t\t\t\t",
            "c-3\tdisorder\t骨折\t\t取り札骨折\t\tT142\t\tZZ06\t29900006\t9990006\t\t\t\t",
            "c-4\tdisorder\t旧\t\t古花札熱\t\t\t\tZZ97\t29999998\t9970001\t\t\t\t",
            "c-5\tdisorder\t無い\t\t無い\t\tR509\t\tZZ99\t29999999\t9999999\t\tHP:9999004\tMONDO:1234567\tNANDO:9999002",
            "c-6\tdisorder\t混ざり\t\t花札熱\t\tR50\t\tZZ05\t29900001\t9990001\t\t\t\t",
            "c-7\tdisorder\t合成\t\t取り札骨折+の負け越し\t\tT142\t\tZZ06+Y003\t29900006+27990003\t9990006+8990\t\t\t\t",
            "c-8\tdisorder\t合成違い\t\t取り札骨折+古札側\t\tT142\t\tZZ06+Y005\t29900006+27990005\t9990006+2990\t\t\t\t",
            "c-0\tdisorder\t半端\t\t花札熱\t\t\t\t\t\t9990001\t\t\t\t",
            "c-9\tdisorder\t無分類\t\t-\t\tQ999\t\t\t\t\t\t\t\t",
        ],
    );
    write(
        "labs/analytes.tsv",
        &[
            "id\tname\ten\tunit\tloinc\tdisplay\tjlac10\tjlac10_17\tjlac11",
            "l-1\tカルタ\t\tmg/dL\t9999901-3\tKaruta [Mass/volume] in Serum or Plasma\t\t9Z010000002327101\tY9002000025000155",
            "l-2\t札数\t\tmmol/L\t9999901-3\tKaruta\t\t\t",
            "l-3\t札量\t\tmmol/L\t9999902-1\t\t\t\t",
            "l-4\t札桁\t\t\t9999901-4\t\t\t9Z01\tYYYYYYYYYYYYYYYYY",
        ],
    );
    write(
        "drugs/cards.tsv",
        &["id\tname\ten\thot9\tyj\tgeneral", "d-1\tフダノール\t\t999000101\t9990001F1021\t9990001F1ZZZ", "d-2\tフダチン\t\t123456789\t1234567F1234\t1234567F1ZZZ"],
    );
    let root = folder.path().display().to_string();
    let (out, err, code) = karuta(&["terms", "check", "--masters", MASTERS, "--dictionaries", &root]);
    assert_eq!(code, 1, "{err}");
    let out = out.replace(&root, "");
    insta::assert_snapshot!(out);
    // the built-in tables know none of the invented codes
    let (_, err, code) = karuta(&["terms", "check", "--masters", MASTERS]);
    assert_eq!(code, 1);
    assert!(err.contains("concepts checked against"), "{err}");
}
