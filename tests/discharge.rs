//! The discharge summaries that lie beside the checkout give what they say of the stay. Only values are kept here: ages,
//! dates, codes, ingredients; the summaries themselves may not be copied.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use karuta::model::{Assertion, Coding};
use karuta::record::Treatment;
use karuta::{Engine, Record};
use std::path::Path;

/// Ingredients joined by ・, strength, doses a day, amount a day with its unit; 0 and "" where the summary does not tell.
type Medicine = (&'static str, &'static str, f64, f64, &'static str);

struct Expected {
    id: &'static str,
    age: f64,
    sex: &'static str,
    admission: &'static str,
    discharge: &'static str,
    days: i64,
    complaints: &'static [&'static str],
    /// 標準病名-like name, ICD-10, outcome, whether only suspected.
    diagnoses: &'static [(&'static str, &'static str, &'static str, bool)],
    medicines: &'static [Medicine],
}

const EXPECTED: &[Expected] = &[
    Expected {
        id: "DS/01_118B49-50_高Ca血症",
        age: 78.0,
        sex: "female",
        admission: "2024-08-05",
        discharge: "2024-08-09",
        days: 5,
        complaints: &["食欲不振", "意識障害"],
        diagnoses: &[("高カルシウム血症", "E835", "improved", false)],
        medicines: &[("オルメサルタン", "10mg", 1.0, 10.0, "mg/d"), ("アムロジピン", "5mg", 1.0, 5.0, "mg/d"), ("ドネペジル", "3mg", 1.0, 3.0, "mg/d")],
    },
    Expected {
        id: "DS/02_118C66-68_脾損傷",
        age: 61.0,
        sex: "male",
        admission: "2025-03-24",
        discharge: "2025-04-09",
        days: 17,
        complaints: &["交通外傷", "脾損傷", "小腸損傷"],
        diagnoses: &[("脾損傷", "S360", "removed", false), ("小腸損傷", "S364", "removed", false)],
        medicines: &[("アスピリン", "100mg", 1.0, 100.0, "mg/d"), ("ボノプラザン", "10mg", 1.0, 10.0, "mg/d")],
    },
    Expected {
        id: "DS/06_118F64-66_胸髄損傷",
        age: 35.0,
        sex: "male",
        admission: "2025-03-17",
        discharge: "2025-04-18",
        days: 33,
        complaints: &["転落"],
        diagnoses: &[("胸髄損傷", "S241", "sequelae", false)],
        medicines: &[],
    },
    Expected {
        id: "DS/09_118A19_肺血栓塞栓症",
        age: 20.0,
        sex: "male",
        admission: "2025-02-01",
        discharge: "2025-02-10",
        days: 10,
        complaints: &["呼吸困難"],
        diagnoses: &[("肺塞栓症", "I269", "improved", false)],
        medicines: &[("エドキサバン", "60mg", 1.0, 60.0, "mg/d")],
    },
    Expected {
        id: "DS/117B41-42_急性虫垂炎",
        age: 28.0,
        sex: "male",
        admission: "2024-05-05",
        discharge: "2024-05-09",
        days: 5,
        complaints: &["腹痛"],
        diagnoses: &[("急性虫垂炎", "K358", "improved", false)],
        medicines: &[("アセトアミノフェン", "200mg", 0.0, 0.0, "")],
    },
    Expected {
        id: "DS/117B45-46_肝膿瘍",
        age: 59.0,
        sex: "male",
        admission: "2024-08-01",
        discharge: "2024-08-15",
        days: 15,
        complaints: &["倦怠感", "悪心", "嘔吐", "発熱"],
        diagnoses: &[("肝膿瘍", "K750", "improved", false)],
        medicines: &[("アモキシシリン・クラブラン酸", "250mg", 3.0, 750.0, "mg/d"), ("アモキシシリン", "250mg", 3.0, 750.0, "mg/d")],
    },
    Expected {
        id: "DS/117B47-48_月経過多に伴う貧血",
        age: 39.0,
        sex: "female",
        admission: "2024-09-11",
        discharge: "2024-09-15",
        days: 5,
        complaints: &["動悸", "息切れ"],
        diagnoses: &[("鉄欠乏性貧血", "D509", "improved", false), ("子宮筋腫", "D259", "unchanged", true)],
        medicines: &[("クエン酸第一鉄ナトリウム", "", 1.0, 1.0, "{tablet}/d")],
    },
    Expected {
        id: "DS/117C66-68_IE",
        age: 52.0,
        sex: "female",
        admission: "2024-01-15",
        discharge: "2024-02-20",
        days: 37,
        complaints: &["意識障害"],
        diagnoses: &[("感染性心内膜炎", "I330", "improved", false), ("くも膜下出血", "I609", "improved", false)],
        medicines: &[("アスピリン", "", 1.0, 1.0, "{tablet}/d"), ("ビソプロロール", "0.625mg", 1.0, 0.625, "mg/d")],
    },
    Expected {
        id: "DS/15_118C50_腎損傷",
        age: 19.0,
        sex: "male",
        admission: "2025-03-12",
        discharge: "2025-03-27",
        days: 16,
        complaints: &["交通外傷", "ショック"],
        diagnoses: &[("腎損傷", "S370", "discharged", false)],
        medicines: &[],
    },
];

#[test]
fn the_summaries_beside_the_checkout_give_what_they_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora/notes/DS.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("left out: {} is not there", file.display());
        return;
    };
    let engine = Engine::new().unwrap();
    let mut worker = engine.worker();
    let mut read = 0;
    for line in text.lines() {
        let note: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(want) = EXPECTED.iter().find(|e| note["id"] == e.id) else { continue };
        let found = worker.structure(note["text"].as_str().unwrap());
        check(want, &Record::read(&found, worker.note()));
        read += 1;
    }
    assert_eq!(read, EXPECTED.len(), "summaries with expected values in {}", file.display());
}

fn check(want: &Expected, got: &Record) {
    let id = want.id;
    let start = |t: &Option<karuta::model::TimeRange>| t.as_ref().and_then(|t| t.start.as_ref().map(ToString::to_string)).unwrap_or_default();
    let age = got.age.as_ref().unwrap_or_else(|| panic!("{id}: no age"));
    assert_eq!((age.value.number, age.value.unit.as_deref()), (Some(want.age), Some("a")), "{id}");
    assert_eq!(got.sex.as_ref().map(|s| s.code.as_str()), Some(want.sex), "{id}");
    assert_eq!((start(&got.admission).as_str(), start(&got.discharge).as_str(), got.length_of_stay), (want.admission, want.discharge, Some(want.days)), "{id}");
    let complaints: Vec<&str> = got.chief_complaints.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(complaints, want.complaints, "{id}");
    let diagnoses: Vec<_> = got
        .diagnoses
        .iter()
        .map(|d| (d.entry.name.as_str(), icd(&d.entry.codings), d.outcome.as_ref().map_or("", |o| o.code.as_str()), d.entry.assertion == Assertion::Possible))
        .collect();
    assert_eq!(diagnoses, want.diagnoses, "{id}");
    let medicines: Vec<_> = got.discharge_medications.as_ref().unwrap_or_else(|| panic!("{id}: nothing of discharge medications")).iter().map(medicine).collect();
    let expected: Vec<_> = want.medicines.iter().map(|m| (m.0.to_owned(), m.1.to_owned(), m.2, m.3, m.4.to_owned())).collect();
    assert_eq!(medicines, expected, "{id}");
    assert_eq!(got.disposition.as_ref().map(|o| o.code.as_str()), Some("discharged"), "{id}");
}

fn icd(codings: &[Coding]) -> &str {
    codings.iter().find(|c| c.system.contains("ICD10")).map_or("", |c| c.code.as_str())
}

fn medicine(t: &Treatment) -> (String, String, f64, f64, String) {
    let m = t.medication.as_deref().unwrap();
    let daily = m.daily.as_ref();
    (
        m.ingredients.join("・"),
        m.strength.clone().unwrap_or_default(),
        m.times_per_day.unwrap_or_default(),
        daily.and_then(|d| d.number).unwrap_or_default(),
        daily.and_then(|d| d.unit.as_ref().map(ToString::to_string)).unwrap_or_default(),
    )
}
