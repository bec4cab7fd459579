//! Official layouts, read as publishers hand them out. Every row under `tests/data/masters` is invented.
#![cfg(feature = "import")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::lexicon::import::{Event, Import, ImportError, MasterKind};
use karuta::lexicon::{Attr, ConceptKind, Lexicon, Pack, Relation, System};
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

/// Reads paths; returns the import and what was set aside.
fn read(paths: &[(Option<MasterKind>, &Path)]) -> (Import, Vec<String>) {
    let (mut import, mut broken) = (Import::new(), Vec::new());
    for (kind, path) in paths {
        let mut on = |e: Event<'_>| {
            if let Event::Broken(e) = e {
                broken.push(e.to_string());
            }
        };
        import.read(path, *kind, &mut on).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }
    (import, broken)
}

fn lexicon(import: &Import) -> Lexicon {
    Lexicon::layered(vec![Pack::from_bytes(import.pack("official").unwrap(), "official").unwrap()]).unwrap()
}

fn all() -> Lexicon {
    lexicon(&read(&[(None, &data("masters"))]).0)
}

/// The codes of the concept with that id, of a system.
#[track_caller]
fn codes(l: &Lexicon, id: &str, system: System) -> Vec<String> {
    let c = l.concept(l.by_id(id).unwrap_or_else(|| panic!("no {id}"))).unwrap();
    c.codes().filter(|k| k.system == system).map(|k| k.code.to_owned()).collect()
}

#[test]
fn broken_rows_are_told_with_their_place_and_set_aside() {
    let (import, broken) = read(&[(None, &data("masters"))]);
    let told: Vec<&str> = broken.iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "clins.tsv:3:58: found \"壊れ\" for JLAC10コード (field 10), expected 17 letters and digits",
            "Loinc.csv:5:1: found \"not a code\" for LOINC_NUM (field 1), expected a LOINC code: digits, a hyphen, a check digit",
            "card.obo:23:1: found a term without an id, expected id: HP:0001945",
            "mondo-ja.tab:3:1: found \"s\" for id (field 1), expected an id such as MONDO:0005249",
            "phenotype.hpoa:9:1: found \"OMIM:999500\" with \"HP:broken\", expected an id of a disease and one such as HP:0001945",
            "b_20990101.txt:4:33: found 6 fields, expected 46 fields",
            "b_20990101.txt:10:9: found \"999A001\" for 傷病名コード (field 3), expected 7 digits",
        ]
    );
    let dates: Vec<&str> = import.masters().sources().iter().filter(|s| s.kind == MasterKind::Disease).map(|s| s.date.as_str()).collect();
    assert_eq!(dates, ["2099-01-01", "2099-01-01"]);
    assert!(!import.masters().sources().iter().any(|s| s.file.contains("frFR") || s.file.contains("readme")));
}

#[test]
fn disorders_carry_every_code_and_their_old_ones() {
    let l = all();
    let c = l.concept(l.by_id("b:ZZ04").unwrap()).unwrap();
    assert_eq!((c.kind(), c.name()), (ConceptKind::Disorder, "1型札幌髙﨑症候群"));
    let all: Vec<_> = c.codes().map(|k| (k.system, k.code, k.display)).collect();
    let name = "①型札幌髙﨑症候群";
    assert_eq!(
        all,
        [
            (System::DiseaseExchange, "ZZ04", name),
            (System::DiseaseKey, "29900004", name),
            (System::DiseaseReceipt, "9990004", name),
            (System::Icd10, "G719", ""),
            (System::Icd10, "H031", ""),
        ]
    );
    assert_eq!(c.attr(Attr::Kana), Some("１ガタサッポロタカサキショウコウグン"));
    // quotes inside quotes, escaped or not
    assert_eq!(l.concept(l.by_id("b:ZZ05").unwrap()).unwrap().name(), "読み札\"上の句\"失認症");
    assert_eq!(codes(&l, "b:ZZ05", System::Icd10), ["T08-0"]);
    assert_eq!(l.concept(l.by_id("b:ZZ06").unwrap()).unwrap().attr(Attr::Flags), Some("単独使用禁止"));
    // wordings of one disorder: the usual one is named by their exchange code
    assert_eq!(l.concept(l.by_id("b:ZZ02").unwrap()).unwrap().name(), "歌留多性腎盂炎");
    assert_eq!(l.concept(l.by_id("b:9990003").unwrap()).unwrap().name(), "かるた腎盂炎");
    // symptoms are findings
    assert_eq!(l.concept(l.by_id("b:ZZ01").unwrap()).unwrap().kind(), ConceptKind::Finding);
    // old codes and names, over two steps, from both files
    assert_eq!(codes(&l, "b:ZZ01", System::DiseaseReceiptFormer), ["9970001", "9970003", "9980001", "9980002"]);
    for old in ["9980001", "9970003", "古花札熱", "旧花札熱", "花札熱発作"] {
        assert_eq!(l.concept(l.named(old)[0]).unwrap().id(), "b:ZZ01", "{old}");
    }
    assert!(l.named("行方知れず病").is_empty());
}

#[test]
fn synonyms_and_ontologies_meet_the_disorder_they_name() {
    let l = all();
    assert_eq!(codes(&l, "b:ZZ01", System::Hpo), ["HP:9999001"]);
    assert_eq!(codes(&l, "b:ZZ02", System::Mondo), ["MONDO:9999001"]);
    let card = l.by_id("b:ZZ01").unwrap();
    for word in ["花札熱っぽい", "歌仙札病", "花札性の熱"] {
        let found: Vec<_> = l.candidates(word).collect();
        assert_eq!(found.len(), 1, "{word}");
        assert_eq!((found[0].0, found[0].1 & 32), (card, 32), "{word} is unsure");
        assert_eq!(l.lookup(word).count(), 0, "{word} is no name");
    }
    // targets that do not exist, and several targets
    assert_eq!(l.candidates("見知らぬ病").count() + l.candidates("多重札症").count() + l.candidates("謎の熱").count(), 0);
    // an index's word for a category of ICD-10
    assert_eq!(l.candidates("札熱").map(|c| l.concept(c.0).unwrap().id().to_owned()).collect::<Vec<_>>(), ["b:ZZ01"]);
    // classes that no disorder bears the name of are for search only
    for (word, id) in [
        ("札盲", "HP:9999002"),
        ("稀な歌留多症候群", "MONDO:9999002"),
        ("難治カルタ病", "NANDO:9999001"),
        ("札熱，詳細不明", "icd10:R509"),
        ("札取り動作訓練", "http://hospital.example/CodeSystem/karuta|K1"),
    ] {
        let c = l.candidates(word).next().unwrap().0;
        assert_eq!(l.concept(c).unwrap().id(), id);
        assert!(l.concept(c).unwrap().is_reference(), "{word}");
        assert_eq!(l.lookup(word).count(), 0, "{word}");
    }
    assert!(l.named("廃札").is_empty() && l.named("古札").is_empty());
}

#[test]
fn modifiers_know_their_place() {
    let l = all();
    let of = |id: &str| {
        let c = l.concept(l.by_id(id).unwrap()).unwrap();
        (c.kind(), c.attr(Attr::Position).unwrap().to_owned(), c.attr(Attr::Type).unwrap().to_owned())
    };
    assert_eq!(of("z:Y001"), (ConceptKind::Site, "prefix".into(), "site".into()));
    assert_eq!(of("z:Y002"), (ConceptKind::Modifier, "prefix".into(), "cause".into()));
    assert_eq!(of("z:Y003"), (ConceptKind::Modifier, "suffix".into(), "suffix".into()));
    assert_eq!(l.lookup("負け越し").count(), 1);
    assert_eq!(l.lookup("三枚型").count(), 1);
    assert_eq!(l.lookup("古札側").count(), 0, "abolished");
}

#[test]
fn medicines_are_put_together_from_every_list() {
    let l = all();
    let id = "yj:9990001F1021";
    let c = l.concept(l.by_id(id).unwrap()).unwrap();
    let attr = |k| c.attr(k).unwrap_or("");
    assert_eq!((attr(Attr::Ingredients), attr(Attr::Strength), attr(Attr::Form), attr(Attr::Maker)), ("フダノール", "5mg", "錠", "花札薬品"));
    for (system, code) in [
        (System::Yj, "9990001F1021"),
        (System::Hot9, "999000101"),
        (System::Hot7, "9990001"),
        (System::Hot13, "9990001010101"),
        (System::DrugReceipt, "699900001"),
        (System::GenericOrder, "9990001F1ZZZ"),
    ] {
        assert_eq!(codes(&l, id, system), [code], "{system:?}");
    }
    // the layout of 2026 has two columns more
    assert_eq!(codes(&l, "yj:9990001F2028", System::DrugReceipt), ["699900005"]);
    // a 統一名 price code is no YJ; a HOT9 of a list without codes goes to the product of that name
    assert_eq!(codes(&l, "y:699900004", System::Yj), [] as [&str; 0]);
    assert_eq!(codes(&l, "y:699900004", System::Hot9), ["999000401"]);
    assert_eq!(codes(&l, "yj:9990001F1030", System::Hot9), ["999000201"]);
    assert_eq!(codes(&l, "hot9:999000901", System::Hot9), ["999000901"]);
    // a brand finds its products for the one who knows strength and form
    let products: Vec<_> = l.lookup("カルタジン").map(|r| l.concept(r.0).unwrap()).collect();
    assert_eq!(products.iter().filter(|c| c.attr(Attr::Strength) == Some("10mg")).map(|c| c.id()).collect::<Vec<_>>(), ["yj:9990001F2028"]);
    assert_eq!(products.iter().filter(|c| c.id() == "brand:カルタジン").count(), 1);
    let general = l.lookup("フダノール").map(|r| l.concept(r.0).unwrap()).find(|c| c.id() == "general:9990001F2ZZZ").unwrap();
    assert_eq!(general.attr(Attr::Strength), Some("10mg"));
}

#[test]
fn labs_and_allergens_are_found_by_name_and_code() {
    let l = all();
    let c = l.concept(l.by_id("jlac10:9Z010000002327101").unwrap()).unwrap();
    assert_eq!((c.code(System::Jlac10), c.code(System::ClinsJlac11)), (Some("9Z010000002327101"), Some("Y9002000025000155")));
    assert_eq!(l.concept(l.named("9999901-3")[0]).unwrap().name(), "カルタ [血清/血漿]");
    assert!(l.named("9999902-1").is_empty(), "no Japanese name");
    let fruit = l.concept(l.lookup("絵札の実").next().unwrap().0).unwrap();
    assert_eq!((fruit.kind(), fruit.code(System::JfagyFood)), (ConceptKind::Allergen, Some("J9FZ99990001")));
    assert!(l.named("旧札の実").is_empty(), "abolished");
}

#[test]
fn a_pack_of_masters_is_not_noisy() {
    let engine = karuta::Engine::with_lexicon(all()).unwrap();
    let mut worker = engine.worker();
    let found = worker.structure("カルタ検診で花札熱再燃確認。カルタジンは続ける。歌留多性腎盂炎なし。札埃は平気。歌仙札病あり。");
    let names: Vec<(&str, &str)> = found.facts.iter().map(|f| (f.text.as_str(), f.name.as_str())).collect();
    assert!(names.contains(&("花札熱", "花札熱")) && names.contains(&("歌留多性腎盂炎", "歌留多性腎盂炎")), "{names:?}");
    // a wording that a machine paired, an examination and an allergen are no terms of a note
    assert!(!names.iter().any(|n| n.0.contains("検診") || n.0.contains("札埃") || n.0 == "歌仙札病" || n.0.contains("確認")), "{names:?}");
    assert_eq!(found.facts.iter().find(|f| f.name == "歌留多性腎盂炎").unwrap().assertion, karuta::model::Assertion::Absent);
}

#[test]
fn a_curated_concept_keeps_its_id_kind_and_codes() {
    let curated = Lexicon::curated().unwrap();
    let fever = curated.concept(curated.lookup("発熱").next().unwrap().0).unwrap();
    let (id, key) = (fever.id().to_owned(), fever.code(System::DiseaseKey).unwrap().to_owned());
    let hpo = fever.code(System::Hpo).unwrap().to_owned();
    // name and key number of the curated one; everything else is invented
    let mut row: Vec<String> = vec![String::new(); 46];
    for (i, v) in
        [(0, "0"), (1, "B"), (2, "9991000"), (3, "9991000"), (5, "発熱"), (7, "絵札熱"), (9, "エフダネツ"), (10, &key), (11, "1"), (12, "ZZ77"), (15, "R999"), (23, "99999999")]
    {
        row[i] = v.to_owned();
    }
    let line: String = row.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("b.txt");
    std::fs::write(&file, format!("{line}\r\n")).unwrap();
    let l = lexicon(&read(&[(None, &file)]).0);
    let r = l.by_id(&id).unwrap();
    assert_eq!(r.pack, 0);
    assert_eq!(l.by_id("b:ZZ77"), Some(r), "the official concept is the curated one");
    assert_eq!(l.lookup("絵札熱").next().unwrap().0, r);
    let c = l.concept(r).unwrap();
    assert_eq!((c.kind(), c.name()), (ConceptKind::Finding, "発熱"));
    assert_eq!((c.code(System::DiseaseExchange), c.code(System::Icd10)), (Some("ZZ77"), Some("R999")), "the official pack's codes are preferred");
    assert_eq!((c.code(System::DiseaseKey), c.code(System::Hpo)), (Some(key.as_str()), Some(hpo.as_str())), "and none is lost");
    assert_eq!(l.labels_of(r).len(), 2);
    let engine = karuta::Engine::with_lexicon(l).unwrap();
    let found = engine.worker().structure("発熱あり。絵札熱あり。");
    assert_eq!(
        found.facts.iter().map(|f| (f.text.as_str(), f.name.as_str(), f.codings[0].code.as_str())).collect::<Vec<_>>(),
        [("発熱", "発熱", "ZZ77"), ("絵札熱", "発熱", "ZZ77")]
    );
}

#[test]
fn archives_with_several_members() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("masters.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    let mut inner = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    inner.start_file("y_ALL20990101.csv", options).unwrap();
    inner.write_all(&std::fs::read(data("masters/ssk/y_ALL20990101.csv")).unwrap()).unwrap();
    let inner = inner.finish().unwrap().into_inner();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(&std::fs::read(data("masters/ssk/z_20990101.txt")).unwrap()).unwrap();
    for (name, bytes) in [
        ("お読みください.txt", "説明書".as_bytes().to_vec()),
        ("master/b_20990101.txt", std::fs::read(data("masters/ssk/b_20990101.txt")).unwrap()),
        ("z.txt.gz", gz.finish().unwrap()),
        ("y.zip", inner),
        ("__MACOSX/x", vec![0; 40]),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap();
    let (import, _) = read(&[(None, &path)]);
    let files: Vec<(MasterKind, &str)> = import.masters().sources().iter().map(|s| (s.kind, s.file.as_str())).collect();
    assert_eq!(
        files,
        [(MasterKind::Disease, "masters.zip!b_20990101.txt"), (MasterKind::Modifier, "masters.zip!z.txt.gz"), (MasterKind::Drug, "masters.zip!y.zip!y_ALL20990101.csv")]
    );
    // the kind that was asked for, of all that are there
    let (import, _) = read(&[(Some(MasterKind::Modifier), &path)]);
    assert_eq!(import.masters().sources().len(), 1);
}

#[test]
fn workbooks_with_titles_and_merged_headings() {
    let folder = tempfile::tempdir().unwrap();
    let price = folder.path().join("tp20990101-01_01.xlsx");
    let merged = rust_xlsxwriter::Format::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 8, "収載品目リスト", &merged).unwrap();
    for (c, h) in ["区分", "薬価基準収載医薬品コード", "成分名", "規格"].iter().enumerate() {
        sheet.merge_range(1, c as u16, 2, c as u16, h, &merged).unwrap();
    }
    sheet.merge_range(1, 4, 2, 7, "品名", &merged).unwrap();
    sheet.write(1, 8, "メーカー名").unwrap();
    for (r, row) in [
        ["内用薬", "9990001F1021", "フダノール塩酸塩", "５ｍｇ１錠", "局", "", "※", "カルタジン錠５ｍｇ", "花札薬品"],
        ["内用薬", "9990003B1010", "フダチン", "１％１ｇ", "", "", "", "フダチン散", ""],
        ["内用薬", "壊れ", "フダチン", "１％１ｇ", "", "", "", "フダチン散", ""],
    ]
    .iter()
    .enumerate()
    {
        for (c, cell) in row.iter().enumerate() {
            sheet.write(r as u32 + 3, c as u16, *cell).unwrap();
        }
    }
    book.save(&price).unwrap();
    let general = folder.path().join("ippan_990101.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.merge_range(0, 0, 0, 4, "一般名処方マスタ", &merged).unwrap();
    for (r, row) in
        [["区分", "一般名コード", "一般名処方の標準的な記載", "成分名", "規格"], ["内用薬", "9990001F1ZZZ", "【般】フダノール錠５ｍｇ", "フダノール塩酸塩", "５ｍｇ１錠"]]
            .iter()
            .enumerate()
    {
        for (c, cell) in row.iter().enumerate() {
            sheet.write(r as u32 + 2, c as u16, *cell).unwrap();
        }
    }
    book.save(&general).unwrap();
    let jlac = folder.path().join("137jlac10.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (r, row) in [
        ["大分類", "分析物コード", "分析物名(1)", "分析物名(2)", "分析物名(英名)", "更新区分（T：登録、S：削除、H：変更）"],
        ["9Z", "9Z010", "札度[血清]", "フダド", "card degree", ""],
        ["", "9Z011", "旧札度", "", "", "S"],
    ]
    .iter()
    .enumerate()
    {
        for (c, cell) in row.iter().enumerate() {
            sheet.write(r as u32 + 4, c as u16, *cell).unwrap();
        }
    }
    let specimens = book.add_worksheet();
    specimens.write(0, 0, "コード").unwrap();
    specimens.write(0, 1, "材料名").unwrap();
    specimens.write(1, 0, "023").unwrap();
    specimens.write(1, 1, "血清").unwrap();
    book.save(&jlac).unwrap();

    let (import, broken) = read(&[(None, folder.path())]);
    assert_eq!(broken, ["tp20990101-01_01.xlsx:6:2: found \"壊れ\" for 薬価基準収載医薬品コード, expected 12 digits and letters"]);
    let l = lexicon(&import);
    let c = l.concept(l.by_id("yj:9990001F1021").unwrap()).unwrap();
    assert_eq!((c.name(), c.attr(Attr::Ingredients), c.attr(Attr::Strength), c.attr(Attr::Maker)), ("カルタジン錠5mg", Some("フダノール塩酸塩"), Some("5mg"), Some("花札薬品")));
    assert!(l.by_id("yj:9990003B1010").is_none(), "a 統一名 is no product");
    assert_eq!(codes(&l, "general:9990001F1ZZZ", System::GenericOrder), ["9990001F1ZZZ"]);
    let a = l.concept(l.candidates("札度").next().unwrap().0).unwrap();
    assert_eq!((a.id(), a.en(), a.attr(Attr::JlacAnalyte)), ("jlac10:9Z010", "card degree", Some("9Z010")));
    assert!(l.by_id("jlac10:9Z011").is_none(), "deleted");
    let kinds: Vec<_> = import.masters().sources().iter().map(|s| (s.kind, s.date.as_str())).collect();
    assert_eq!(kinds, [(MasterKind::Jlac10, ""), (MasterKind::General, "2099-01-01"), (MasterKind::Price, "2099-01-01")]);
}

#[test]
fn a_wrong_file_is_refused_with_what_it_looks_like() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let p = folder.path().join(name);
        std::fs::write(&p, bytes).unwrap();
        p
    };
    let refused = |kind: Option<MasterKind>, path: &Path| match Import::new().read(path, kind, &mut |_| {}) {
        Err(ImportError::WrongKind { found, expected, .. }) => (found, expected),
        other => panic!("{other:?}"),
    };
    let z = data("masters/ssk/z_20990101.txt");
    assert_eq!(refused(Some(MasterKind::Drug), &z), ("修飾語マスター (SSK z_)".to_owned(), "医薬品マスター (SSK y_)".to_owned()));
    assert_eq!(refused(None, &file("a.pdf", b"%PDF-1.7 ...")).0, "a PDF");
    assert_eq!(refused(None, &file("a.html", b"<!DOCTYPE html><html>")).0, "a web page or XML that begins \"<!DOCTYPE html><html>\"");
    assert_eq!(refused(None, &file("a.csv", "名前,年齢\r\n花札,3\r\n".as_bytes())).0, "text that begins \"名前,年齢\"");
    assert_eq!(refused(Some(MasterKind::Disease), &file("b.csv", "名前,年齢\r\n花札,3\r\n".as_bytes())).0, "text that begins \"名前,年齢\"");
    assert_eq!(refused(None, &file("a.bin", &[0; 900])).0, "binary data");
    assert_eq!(refused(None, &file("empty", b"")).0, "an empty file");
    assert!(matches!(Import::new().read(Path::new("no/such/file"), None, &mut |_| {}), Err(ImportError::Io { .. })));
    assert!(matches!(Import::new().pack("x"), Err(ImportError::Empty)));
}

#[test]
fn an_unfinished_pack_never_replaces_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("official.kpack");
    let (import, _) = read(&[(None, &data("masters"))]);
    import.write("official", &out).unwrap();
    let good = std::fs::read(&out).unwrap();
    assert!(matches!(Import::new().write("official", &out), Err(ImportError::Empty)));
    assert_eq!(std::fs::read(&out).unwrap(), good);
    // the same masters give the same pack, and nothing is left beside it
    import.write("official", &out).unwrap();
    assert_eq!(std::fs::read(&out).unwrap(), good);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(import.write("official", &folder.path().join("no/such/folder/p.kpack")).is_err());
}

/// Packs of each version of the format, made of the invented masters. They are never made anew: what was written once is
/// read for ever.
#[test]
fn packs_of_every_version_are_read_back() {
    for version in ["packs/version-1.kpack", "packs/version-2.kpack"] {
        is_read_back(version);
    }
}

fn is_read_back(version: &str) {
    let pack = Pack::open(&data(version)).unwrap();
    pack.verify().unwrap();
    assert_eq!(pack.meta()["name"], "invented");
    let l = Lexicon::layered(vec![pack]).unwrap();
    assert_eq!(l.concept(l.by_id("b:ZZ04").unwrap()).unwrap().name(), "1型札幌髙﨑症候群");
    assert_eq!(codes(&l, "yj:9990001F1021", System::Hot9), ["999000101"]);
    assert!(l.named("9980001").iter().any(|r| l.concept(*r).unwrap().id() == "b:ZZ01"));
    assert!(!l.search("花札", 5).is_empty());
    let engine = karuta::Engine::with_lexicon(l).unwrap();
    assert!(engine.worker().structure("歌留多性腎盂炎あり。").facts.iter().any(|f| f.name == "歌留多性腎盂炎"));
}

#[test]
fn ontologies_bring_their_hierarchies_and_frequencies() {
    let l = all();
    let graph = karuta::graph::Graph::load(&l).unwrap();
    let o = karuta::graph::Ontology::new(&l, &graph);
    let id = |r| l.concept(r).unwrap().id().to_owned();
    let at = |id: &str| o.named(id).unwrap_or_else(|| panic!("no {id}"));
    // the class bears the name of a 標準病名, which it therefore is
    let above: Vec<String> = o.ancestors(at("歌留多性腎盂炎")).into_iter().map(|a| id(a.concept)).collect();
    assert!(above.contains(&"MONDO:9999010".to_owned()), "{above:?}");
    assert_eq!(o.ancestors(at("MONDO:9999012")).iter().map(|a| o.name(a.concept)).collect::<Vec<_>>(), ["card disease"]);
    assert_eq!(o.ancestors(at("NANDO:9999001")).iter().map(|a| o.name(a.concept)).collect::<Vec<_>>(), ["歌留多系疾患"]);
    assert!(o.edges_from(at("NANDO:9999001")).any(|e| e.relation == Relation::CloseMatch && o.name(e.to) == "稀な歌留多症候群"));
    let symptoms = |disease: &str| -> Vec<(String, u32, u32, String)> {
        o.edges_from(at(disease)).filter(|e| e.relation == Relation::HasSymptom).map(|e| (o.name(e.to).to_owned(), e.n, e.of, e.note.to_owned())).collect()
    };
    assert_eq!(symptoms("歌留多性腎盂炎"), [("花札熱".to_owned(), 3, 7, "3/7".to_owned())]);
    assert_eq!(symptoms("MONDO:9999012"), [("札盲".to_owned(), 545, 1000, "HP:0040282".to_owned())]);
    assert_eq!(symptoms("OMIM:999500"), [("札盲".to_owned(), 250, 1000, "25%".to_owned())]);
    assert!(l.by_id("UBERON:0000001").is_none());
}

#[test]
fn a_damaged_pack_is_told_or_harmless() {
    let (import, _) = read(&[(None, &data("masters"))]);
    let good = import.pack("official").unwrap();
    let note = "歌留多性腎盂炎あり。カルタジン5mg。花札熱なし。発熱あり。";
    for cut in [0, 7, 12, 47, 48, 600, good.len() / 2, good.len() - 1] {
        assert!(Pack::from_bytes(good[..cut].to_vec(), "cut").is_err(), "{cut}");
    }
    let mut told = 0;
    for at in (0..good.len()).step_by(97) {
        let mut bytes = good.clone();
        bytes[at] ^= 0xFF;
        match Pack::from_bytes(bytes, "damaged") {
            Err(_) => told += 1,
            Ok(pack) => {
                told += usize::from(pack.verify().is_err());
                let l = Lexicon::layered(vec![pack]).unwrap();
                let _ = karuta::graph::Graph::load(&l);
                l.search("花札", 3);
                l.named("ZZ01");
                karuta::Engine::with_lexicon(l).unwrap().worker().structure(note);
            }
        }
    }
    // padding between sections is no content
    assert!(told * 97 + 97 * 12 > good.len(), "{told} of {}", good.len() / 97);
}

/// With the reference masters beside the checkout: everything is read, the pack opens at once, and finds what it must.
#[test]
fn the_real_masters_where_they_are() {
    let Some(folder) = reference() else { return };
    let started = std::time::Instant::now();
    let (import, _) = read(&[(None, &folder)]);
    let out = tempfile::tempdir().unwrap();
    let path = out.path().join("all.kpack");
    import.write("official", &path).unwrap();
    // a debug build is slower, and a shared machine too
    assert!(started.elapsed().as_secs() < 180, "{:?}", started.elapsed());
    for s in import.masters().sources() {
        assert!(s.rows > 0 && s.set_aside * 100 < s.rows.max(100), "{} {} rows, {} set aside", s.file, s.rows, s.set_aside);
    }
    let opened = std::time::Instant::now();
    let l = Lexicon::layered(vec![Pack::open(&path).unwrap()]).unwrap();
    assert!(opened.elapsed().as_millis() < 2000, "{:?}", opened.elapsed());
    assert_eq!(l.concept(l.named("7806011")[0]).unwrap().name(), "発熱");
    assert!(!l.named("100988001").is_empty());
    assert!(l.packs()[1].len() > 100_000);
}

/// The curated tables checked against the reference masters, where these are.
#[test]
fn the_curated_tables_against_the_real_masters() {
    let Some(folder) = reference() else { return };
    let (import, _) = read(&[(None, &folder)]);
    let (entries, broken) = karuta::lexicon::check::entries_of_tables(&Path::new(env!("CARGO_MANIFEST_DIR")).join("dictionaries")).unwrap();
    assert_eq!(broken, []);
    let problems = karuta::lexicon::check::check(import.masters(), &entries);
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    // a few rows differ on purpose; a table that drifts from its master shows as many
    assert!(told.len() < 60, "{}", told.join("\n"));
    assert_eq!(karuta::lexicon::check::unchecked(import.masters(), &entries), [] as [&str; 0]);
}

/// The reference masters beside the checkout, or where `KARUTA_TEST_MASTERS` says.
fn reference() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/masters");
    Some(std::env::var_os("KARUTA_TEST_MASTERS").map_or(beside, PathBuf::from)).filter(|f| f.is_dir())
}
