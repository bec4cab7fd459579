//! What each export writes for a short note, and what they all must keep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice)]

use karuta::Engine;
use karuta::export::{Framing, Settings, Source, by_name, formats};
use karuta::model::Structured;
use karuta::note::OffsetUnit;
use std::sync::LazyLock;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

const NOTE: &str = "S) 3日前から発熱🌡。咳嗽(-) <b>\nO) BT39.2 WBC 12,300 尿蛋白(2+)\nA/P) 肺炎疑い。父が高血圧。右橈骨遠位端骨折の術後。\nアムロジピン5mg 1T1X 朝食後 14日分。ペニシリンで発疹。明日CT\n";

fn settings() -> Settings {
    let patient = serde_json::json!({ "resourceType": "Patient", "id": "p" });
    Settings { institution: Some("1310000001".to_owned()), department: Some(("08".to_owned(), "循環器科".to_owned())), patient: Some(patient), ..Settings::default() }
}

fn write(format: &str, id: &str, text: &str, found: &Structured) -> String {
    let exporter = by_name(format, &settings()).unwrap();
    let mut out = Vec::new();
    exporter.begin(&mut out).unwrap();
    exporter.note(&Source { date: Some(jiff::civil::date(2024, 5, 4)), ..Source::new(id, text, found) }, &mut out).unwrap();
    exporter.end(&mut out).unwrap();
    // packs are named by the hash of all tables, and the version stands in many places
    let out = String::from_utf8(out).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION").replace('\r', "\n");
    let mut parts = out.split("curated@");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |all, p| all + "curated@HASH" + p.trim_start_matches(|c: char| c.is_ascii_hexdigit()))
}

fn structured(text: &str) -> Structured {
    ENGINE.worker().structure_at(text, Some(jiff::civil::date(2024, 5, 4)))
}

#[test]
fn every_format_of_a_short_note() {
    let found = structured(NOTE);
    for f in formats() {
        insta::assert_snapshot!(f.name.replace('-', "_"), write(f.name, "n1", NOTE, &found));
    }
}

#[test]
fn a_composed_disorder_has_its_modifiers_in_place() {
    let text = "右橈骨遠位端骨折の術後";
    let json: serde_json::Value = serde_json::from_str(&write("fhir", "n", text, &structured(text))).unwrap();
    let c = json["entry"].as_array().unwrap().iter().map(|e| &e["resource"]).find(|r| r["resourceType"] == "Condition").unwrap();
    let base: Vec<&str> = c["code"]["coding"].as_array().unwrap().iter().map(|c| c["code"].as_str().unwrap()).collect();
    assert!(base.contains(&"CJTR"), "{base:?}");
    let modifier = |name: &str| {
        let e = c["code"]["extension"].as_array().unwrap().iter().find(|e| e["url"].as_str().unwrap().ends_with(name)).unwrap();
        e["valueCodeableConcept"]["coding"][0]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!((modifier("JP_Condition_DiseasePrefixModifier").as_str(), modifier("JP_Condition_DiseasePostfixModifier").as_str()), ("5194", "1486"));
}

#[test]
fn states_are_told_as_fhir_tells_them() {
    let text = "A) 肺炎疑い。頭痛(-)。高血圧。母が糖尿病。肝障害に注意。";
    let json: serde_json::Value = serde_json::from_str(&write("fhir", "n", text, &structured(text))).unwrap();
    let all: Vec<&serde_json::Value> = json["entry"].as_array().unwrap().iter().map(|e| &e["resource"]).collect();
    let status = |words: &str| {
        let c = all.iter().find(|r| r["resourceType"] == "Condition" && r["code"]["text"] == words).unwrap();
        (c["verificationStatus"]["coding"][0]["code"].clone(), c["clinicalStatus"]["coding"][0]["code"].clone())
    };
    assert_eq!(status("肺炎"), ("provisional".into(), "active".into()));
    assert_eq!(status("頭痛"), ("refuted".into(), serde_json::Value::Null));
    assert_eq!(status("高血圧"), ("confirmed".into(), "active".into()));
    let mother = all.iter().find(|r| r["resourceType"] == "FamilyMemberHistory").unwrap();
    assert_eq!(mother["relationship"]["coding"][0]["code"], "MTH");
    assert!(all.iter().any(|r| r["resourceType"] == "RiskAssessment" && r["prediction"][0]["outcome"]["text"] == "肝障害"));
    assert!(!all.iter().any(|r| r["resourceType"] == "Condition" && r["code"]["text"] == "肝障害"));
}

/// The resources of a type that JP-CLINS gets, and why facts were left out.
fn clins(kind: &str, text: &str, found: &Structured) -> (Vec<serde_json::Value>, Vec<&'static str>) {
    let mut out = Vec::new();
    let source = Source { date: Some(jiff::civil::date(2024, 5, 4)), ..Source::new("n", text, found) };
    let left = by_name("fhir-clins", &settings()).unwrap().note(&source, &mut out).unwrap();
    let bundles = String::from_utf8(out).unwrap();
    let bundles = bundles.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let all = bundles.flat_map(|b| b["entry"].as_array().unwrap().iter().map(|e| e["resource"].clone()).collect::<Vec<_>>());
    (all.filter(|r| r["resourceType"] == kind).collect(), left.iter().map(|l| l.why).collect())
}

#[test]
fn the_national_service_gets_allergens_by_their_own_codes() {
    let text = "アレルギー：そば、ラテックス。卵アレルギーなし。ペニシリンで発疹。";
    let (allergies, left) = clins("AllergyIntolerance", text, &structured(text));
    let told: Vec<_> = allergies.iter().map(|a| (a["code"]["coding"][0]["display"].as_str().unwrap(), a["category"][0].as_str().unwrap())).collect();
    assert_eq!(told, [("そば", "food"), ("ラテックス（天然ゴム）", "environment"), ("鶏卵", "food")]);
    assert_eq!(allergies[2]["verificationStatus"]["coding"][0]["code"], "refuted");
    for a in &allergies {
        assert!(a["code"]["coding"].as_array().unwrap().iter().all(|c| c["system"].as_str().unwrap().contains("/JP_Jfagy")), "{a}");
        assert!(a["code"]["text"].is_string() && a["identifier"].is_array() && a["meta"]["lastUpdated"].is_string());
    }
    // a group of medicines is no product
    assert!(left.iter().any(|w| w.starts_with("a medicine's allergy without a product")), "{left:?}");
    let none = "アレルギーなし。";
    let (allergies, left) = clins("AllergyIntolerance", none, &structured(none));
    assert!(allergies.is_empty() && left.iter().any(|w| w.starts_with("no known allergy")), "{left:?}");
}

#[test]
fn a_medicine_s_allergy_needs_its_product() {
    let text = "レボフロキサシン錠250mgで薬疹。";
    let mut found = structured(text);
    assert!(clins("AllergyIntolerance", text, &found).0.is_empty());
    // as a pack of the official masters names it
    let codings = found.facts.iter_mut().flat_map(|f| &mut f.codings);
    codings.filter(|c| c.system.ends_with("MedicationGeneralOrderCode")).for_each(|c| c.display = "【般】レボフロキサシン錠２５０ｍｇ".into());
    let (allergies, left) = clins("AllergyIntolerance", text, &found);
    assert_eq!(allergies.len(), 1, "{left:?}");
    let coding = allergies[0]["code"]["coding"].as_array().unwrap();
    assert_eq!((coding.len(), coding[0]["display"].as_str()), (1, Some("レボフロキサシン錠２５０ｍｇ")));
    assert!(coding[0]["system"].as_str().unwrap().contains("/GCM/") && coding[0]["code"].as_str().unwrap().starts_with("GCM"));
    assert_eq!((&allergies[0]["category"][0], &allergies[0]["criticality"]), (&"medication".into(), &"high".into()));
}

#[test]
fn the_national_service_gets_tests_under_its_own_names() {
    let text = "O) K 4.2、フェリチン 120、残尿 30mL";
    let (results, _) = clins("Observation", text, &structured(text));
    let codes = |i: usize| {
        let all = results[i]["code"]["coding"].as_array().unwrap();
        all.iter().map(|c| (c["system"].as_str().unwrap().rsplit('/').next().unwrap(), c["display"].as_str().unwrap())).collect::<Vec<_>>()
    };
    // one of the service's core tests, a test that JLAC10 alone has, and one that neither has
    assert_eq!(codes(0)[1..], [("master-JLAC10-17digits", "カリウム_血清_電位差測定_定量値"), ("JP_CLINS_ObsLabResult_CoreLabo_CS", "K")]);
    assert!(codes(1).iter().any(|c| c.0 == "master-JLAC10-17digits") && codes(1).len() == 2, "{:?}", codes(1));
    assert_eq!(codes(2).last(), Some(&("JP_CLINS_ObsLabResult_Uncoded_CS", "未標準化コード項目(JLAC)")));
}

#[test]
fn what_fhir_cannot_hold_is_told() {
    let (text, found) = ("昨日から発熱。", structured("昨日から発熱。"));
    let mut out = Vec::new();
    let left = by_name("fhir", &Settings::default()).unwrap().note(&Source::new("n", text, &found), &mut out).unwrap();
    assert!(left.iter().any(|l| l.text == "昨日から" && l.why.starts_with("a time expression")), "{left:?}");
    assert!(String::from_utf8(out).unwrap().contains("OperationOutcome"));
}

#[test]
fn facts_that_were_written_out_give_the_same() {
    let found = structured(NOTE);
    let mut counted = found.clone();
    counted.count_in(NOTE, OffsetUnit::CodePoints);
    let json = serde_json::to_string(&counted).unwrap();
    let mut read: Structured = serde_json::from_str(&json).unwrap();
    read.count_from(NOTE, OffsetUnit::CodePoints);
    assert_eq!(found, read);
}

#[test]
fn nothing_breaks_on_facts_that_do_not_fit_their_text() {
    let mut found = structured(NOTE);
    for (i, f) in found.facts.iter_mut().enumerate() {
        (f.start, f.end) = match i % 4 {
            0 => (5, 3),
            1 => (1, 4),
            2 => (0, 1_000_000),
            _ => (usize::MAX, usize::MAX),
        };
        f.from = vec!["f1".to_owned(), "f999".to_owned()];
        f.because.iter_mut().for_each(|r| r.spans = vec![(7, 2), (2, usize::MAX)]);
    }
    for f in formats() {
        for text in [NOTE, "", "短"] {
            write(f.name, "n", text, &found);
        }
    }
}

#[test]
fn several_notes_make_one_stream() {
    let found = structured(NOTE);
    for f in formats().filter(|f| f.framing == Framing::Stream && f.extension == "json" || f.name == "jsonld") {
        let exporter = by_name(f.name, &settings()).unwrap();
        let mut out = Vec::new();
        exporter.begin(&mut out).unwrap();
        for (i, id) in ["a", "b"].into_iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(exporter.separator().as_bytes());
            }
            exporter.note(&Source::new(id, NOTE, &found), &mut out).unwrap();
        }
        exporter.end(&mut out).unwrap();
        serde_json::from_slice::<serde_json::Value>(&out).unwrap();
    }
}

#[test]
fn a_format_says_what_it_lacks() {
    let found = structured(NOTE);
    let Err(e) = by_name("fihr", &Settings::default()) else { panic!("no such format") };
    assert!(e.to_string().starts_with("no format \"fihr\"; expected one of fhir, fhir-ndjson"));
    let Err(e) = by_name("fhir-clins", &Settings::default()) else { panic!("settings are needed") };
    assert!(e.to_string().contains("institution"));
    let e = by_name("omop-note", &Settings::default()).unwrap().note(&Source::new("n", NOTE, &found), &mut Vec::new()).unwrap_err();
    assert!(e.to_string().contains("no date"));
}

#[cfg(feature = "rdf")]
#[test]
fn turtle_is_read_back() {
    let turtle = write("turtle", "n1", NOTE, &structured(NOTE));
    let triples: Vec<_> = oxttl::TurtleParser::new().for_slice(turtle.as_bytes()).collect::<Result<_, _>>().unwrap();
    let has = |p: &str, o: &str| triples.iter().any(|t| t.predicate.as_str().ends_with(p) && t.object.to_string().contains(o));
    assert!(has(":code", "HP_0001945") && has(":assertion", "absent") && has(":derivedFrom", "urn:uuid"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_is_written_in_every_format(parts in proptest::collection::vec(proptest::sample::select(PIECES), 0..12), odd in "\\PC{0,6}") {
        let text = parts.concat() + &odd;
        let found = structured(&text);
        for f in formats() {
            let out = write(f.name, &odd, &text, &found);
            if f.extension == "json" || f.extension == "jsonld" {
                serde_json::from_str::<serde_json::Value>(&out).unwrap();
            } else if f.extension == "ndjson" {
                out.lines().for_each(|l| { serde_json::from_str::<serde_json::Value>(l).unwrap(); });
            }
        }
    }
}

const PIECES: &[&str] = &[
    "BT39.2",
    "\r\n",
    "🌡",
    "肺炎疑い。",
    "咳嗽(-)",
    "か\u{3099}",
    "<b>",
    "]]>",
    "&amp;",
    "\u{0}",
    "\u{FFFF}",
    "|^~\\&",
    "\"'",
    "WBC 12,300 ",
    "父が高血圧",
    "アムロジピン5mg 1T1X ",
    "右",
    "骨折",
    "昨日",
    "S) ",
    "ペニシリンアレルギー",
    "\u{202E}",
    "<script>",
    ";=",
    "尿蛋白(2+)",
];
