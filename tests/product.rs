//! Which product a medicine is, where a pack of masters holds the products. Every row of the masters is invented.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::Engine;
use karuta::lexicon::import::Import;
use karuta::lexicon::{Lexicon, Pack};
use std::path::Path;

/// An engine over the masters of `tests/data/masters` and a 一般名 and products of several strengths and forms.
fn engine() -> Engine {
    let mut import = Import::new();
    import.read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/masters"), None, &mut |_| {}).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("y_ALL20990301.csv");
    std::fs::write(&file, encoding_rs::SHIFT_JIS.encode(&rows()).0).unwrap();
    import.read(&file, None, &mut |_| {}).unwrap();
    let pack = Pack::from_bytes(import.pack("official").unwrap(), "official").unwrap();
    Engine::with_lexicon(Lexicon::layered(vec![pack]).unwrap()).unwrap()
}

/// Rows of the claims' master: name, 薬価基準コード, 一般名コード, 一般名.
const PRODUCTS: &[(&str, &str, &str, &str)] = &[
    ("モケモリン錠２．５ｍｇ", "9980001F1021", "9980001F1ZZZ", "【般】ヌマフジン錠２．５ｍｇ"),
    ("モケモリン錠５ｍｇ", "9980001F2028", "9980001F2ZZZ", "【般】ヌマフジン錠５ｍｇ"),
    ("モケモリンＯＤ錠５ｍｇ", "9980001F3024", "9980001F3ZZZ", "【般】ヌマフジン口腔内崩壊錠５ｍｇ"),
    ("モケモリン坐剤５ｍｇ", "9980701J1020", "", ""),
    ("ヌマフジン錠５ｍｇ「甲乙」", "9980001F2036", "9980001F2ZZZ", "【般】ヌマフジン錠５ｍｇ"),
    ("ヌマフジン錠５ｍｇ「丙丁」", "9980001F2044", "9980001F2ZZZ", "【般】ヌマフジン錠５ｍｇ"),
    ("ワメヌロン錠１０ｍｇ", "9980002F1026", "", ""),
];

fn rows() -> String {
    let row = |(i, p): (usize, &(&str, &str, &str, &str))| {
        format!(
            "\"0\",\"Y\",\"69980{i:04}\",\"9\",\"{name}\",\"0\",\"ｶﾌﾞ\",\"16\",\"1\",\"錠\",\"1\",\"10.10\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"0\",\"1\",\"0\",\"1\",\"10.10\",\"0\",\"0\",\"1\",\"\",\"20240401\",\"99999999\",\"{yj}\",\"000000000\",\"0\",\"{name}\",\"0\",\"{general}\",\"{general_name}\",\"2\",\"0\"\r\n",
            name = p.0,
            yj = p.1,
            general = p.2,
            general_name = p.3
        )
    };
    PRODUCTS.iter().enumerate().map(row).collect()
}

#[test]
fn strength_form_and_maker_say_which() {
    let engine = engine();
    let mut worker = engine.worker();
    let mut check = |text: &str, yj: Option<&str>, general: Option<&str>| {
        let found = worker.structure(text);
        let f = found.facts.iter().find(|f| f.medication.is_some()).unwrap_or_else(|| panic!("no medicine in {text}"));
        let code = |part: &str| f.codings.iter().find(|c| c.system.contains(part)).map(|c| c.code.as_str());
        assert_eq!((code("YJ-code"), code("MedicationGeneralOrderCode")), (yj, general), "{text}: {:?}", f.codings);
    };
    check("モケモリン錠2.5mg 1錠 分1", Some("9980001F1021"), Some("9980001F1ZZZ"));
    check("モケモリン5mg 1T1X", Some("9980001F2028"), Some("9980001F2ZZZ"));
    check("モケモリンOD錠5mg 1T1X", Some("9980001F3024"), Some("9980001F3ZZZ"));
    check("モケモリン坐剤5mg 1個 疼痛時", Some("9980701J1020"), None);
    // no strength, or one that no product has: the ingredient
    check("モケモリンを内服中", None, None);
    check("モケモリン20mg 1T1X", None, None);
    // a 一般名 with a strength is a prescription by 一般名; a maker names the product
    check("ヌマフジン錠5mg 1T1X", None, Some("9980001F2ZZZ"));
    check("ヌマフジン錠5mg「丙丁」 1T1X", Some("9980001F2044"), Some("9980001F2ZZZ"));
    // the only product of its name
    check("ワメヌロンを内服中", Some("9980002F1026"), None);
}

/// The codes of a medicine: YJ, its first digits, 一般名コード.
fn codes(text: &str) -> (Vec<String>, Vec<String>, Vec<String>) {
    let engine = Engine::new().unwrap();
    let found = engine.worker().structure(text);
    let f = found.facts.iter().find(|f| f.medication.is_some()).unwrap_or_else(|| panic!("no medicine in {text}"));
    let of = |part: &str| f.codings.iter().filter(|c| c.system.ends_with(part)).map(|c| c.code.to_string()).collect();
    (of("YJ-code"), of("YJ-code#prefix"), of("MedicationGeneralOrderCode"))
}

#[test]
fn without_a_pack_a_strength_has_its_own_code() {
    let check = |text: &str, yj: &[&str], digits: &[&str], general: &[&str]| {
        let own = |v: &[&str]| v.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
        assert_eq!(codes(text), (own(yj), own(digits), own(general)), "{text}");
    };
    check("タケキャブ20mg 1T1X", &["2329030F2027"], &[], &[]);
    check("タケキャブ錠10mg 1錠 分1 朝食後", &["2329030F1020"], &[], &[]);
    // newer than the list: form and strength, in nine digits
    check("タケキャブOD錠20mg 1T1X", &[], &["2329030F4"], &[]);
    // no strength, and one that is not sold: the ingredient
    check("タケキャブを内服中", &[], &["2329030"], &[]);
    check("タケキャブ30mg 1T1X", &[], &["2329030"], &[]);
    // by 一般名: a prescription by 一般名 of that form
    check("アムロジピン5mg 1T1X", &[], &[], &["2171022F2ZZZ"]);
    check("アムロジピンOD錠2.5mg 1T1X", &[], &[], &["2171022F3ZZZ"]);
    check("バイアスピリン錠100mg 1錠 朝食後", &["3399007H1021"], &[], &["3399007H1ZZZ"]);
    check("ボルタレンサポ25mg 1個 疼痛時", &["1147700J2061"], &[], &["1147700J2ZZZ"]);
    check("ミカムロ配合錠BP 1錠", &["2149117F2021"], &[], &["2149117F2ZZZ"]);
    // a dose is no strength of a product
    check("CTRX 2g q24h", &[], &["6132419"], &[]);
}

#[test]
fn ways_of_use_that_are_left_open_are_all_told() {
    let (yj, digits, _) = codes("ジアゼパムを使用した。");
    assert!(yj.is_empty() && digits.contains(&"1124017".to_owned()) && digits.contains(&"1124402".to_owned()), "{digits:?}");
    let (_, digits, _) = codes("ジアゼパム 静注");
    assert_eq!(digits, ["1124402"]);
    // what the patient is allergic to is a substance
    let engine = Engine::new().unwrap();
    let found = engine.worker().structure("アレルギー：ロキソニンで皮疹");
    assert!(found.facts.iter().flat_map(|f| &f.codings).all(|c| !c.system.ends_with("YJ-code") && !c.system.ends_with("HOT9")), "{:?}", found.facts);
}

#[test]
fn a_product_of_another_route_is_not_taken_for_it() {
    // without a pack the tables know one product of an ingredient
    let engine = Engine::new().unwrap();
    let found = engine.worker().structure("ボルタレン坐剤25mg 1個 疼痛時");
    let f = &found.facts[0];
    assert_eq!(f.medication.as_ref().unwrap().route.as_deref(), Some("pr"));
    assert!(f.codings.iter().all(|c| !c.code.starts_with("1147002F")), "{:?}", f.codings);
}
