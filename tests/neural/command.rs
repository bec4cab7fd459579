//! The command with a model: every verb that reads notes takes one, and says the same of a note.

use crate::tiny::told;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// Runs the command; what stands in `env` is set, what a user's own environment says of models and the hub is not.
pub fn karuta(args: &[&str], env: &[(&str, &str)], input: Option<&Path>) -> Output {
    let mut c = Command::new(env!("CARGO_BIN_EXE_karuta"));
    for name in ["KARUTA_MODEL", "KARUTA_NO_NEURAL", "KARUTA_NEURAL", "KARUTA_PACKS", "HF_HOME", "HF_ENDPOINT", "HF_HUB_OFFLINE"] {
        c.env_remove(name);
    }
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        c.env_remove(name).env_remove(name.to_uppercase());
    }
    c.args(args).env("NO_COLOR", "1").envs(env.iter().copied());
    c.stdin(input.map_or_else(std::process::Stdio::null, |p| std::fs::File::open(p).unwrap().into()));
    c.output().unwrap()
}

/// Standard output of a run that must succeed.
pub fn said(out: &Output) -> String {
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout.clone()).unwrap()
}

/// Standard error without the breaks of its lines.
pub fn complained(out: &Output) -> String {
    assert!(!out.status.success(), "{}", String::from_utf8_lossy(&out.stdout));
    String::from_utf8(out.stderr.clone()).unwrap().chars().filter(|c| !c.is_whitespace() && *c != '│').collect()
}

/// What makes a note one in the form of case reports, where what has no code is added too.
pub const AFTER: &str = "\n再検した。\n変わりない。\n経過をみた。\n退院した。";

/// ふわふわ病 is a condition that is there; 発熱 one that is not, whatever the rules say.
fn model(folder: &Path) {
    told(folder, "ふわふわ病が続く。発熱あり", |c| match c {
        'ふ' => 1,
        'わ' | '病' => 2,
        '発' => 3,
        '熱' => 4,
        _ => 0,
    });
}

fn notes(path: &Path) {
    let texts = ["わわ病が続く。", "昨日から発熱。", "肺炎で入院。WBC 12,300", "発熱が続く。\nわわ病も続く。", "咳嗽（－）、嘔気(+)"];
    let lines: String =
        (0..600).map(|i| format!("{}\n", serde_json::json!({"id": i, "text": texts[i % texts.len()].repeat(1 + i % 7) + if i % 3 == 0 { AFTER } else { "" }}))).collect();
    std::fs::write(path, lines).unwrap();
}

#[test]
fn the_same_text_gives_the_same_facts_in_every_verb_and_for_any_threads() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, input) = (dir.path().join("model"), dir.path().join("notes.jsonl"));
    model(&folder);
    notes(&input);
    let (folder, input) = (folder.to_str().unwrap(), input.to_str().unwrap());
    let structured = |more: &[&str]| said(&karuta(&[&["structure", "--input-format", "jsonl", "--format", "jsonl", input], more].concat(), &[], None));
    let expected = structured(&["--model", folder, "--threads", "1"]);
    let rules = structured(&["--no-neural"]);
    assert!(expected.contains("neural.d-positive") && !rules.contains("neural."));
    assert_eq!(structured(&["--model", folder, "--threads", "3"]), expected);
    let facts = |text: &str| text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["facts"].clone()).collect::<Vec<_>>();
    let batch = |name: &str, more: &[&str]| {
        let out = dir.path().join(name);
        said(&karuta(&[&["batch", input, "-o", out.to_str().unwrap()], more].concat(), &[], None));
        std::fs::read_to_string(out.join("facts.jsonl")).unwrap()
    };
    let one = batch("1", &["--model", folder, "--threads", "1"]);
    assert_eq!(facts(&one), facts(&expected));
    for engine in ["rten", "rten-int8", "candle"] {
        let [a, b] = ["1", "2"].map(|n| batch(&format!("{engine}-{n}"), &["--model", folder, "--threads", n, "--engine", engine]));
        assert_eq!(a, b, "{engine}");
        assert_eq!(facts(&structured(&["--model", folder, "--engine", engine])), facts(&a), "{engine}");
    }
    // the rules alone, unless a model is asked for
    assert_eq!(facts(&batch("rules", &[])), facts(&rules));
    assert_eq!(facts(&batch("none", &["--no-neural"])), facts(&rules));
    // a run with another model is another run
    let out = dir.path().join("1");
    let again = karuta(&["batch", input, "-o", out.to_str().unwrap()], &[], None);
    assert!(complained(&again).contains("anothermodelbesidetherules"));
}

#[test]
fn export_find_and_timeline_take_a_model() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, input) = (dir.path().join("model"), dir.path().join("note.txt"));
    model(&folder);
    std::fs::write(&input, format!("わわ病が続く。\n昨日から発熱。{AFTER}")).unwrap();
    let (folder, input) = (folder.to_str().unwrap(), input.to_str().unwrap());
    let run = |args: &[&str], more: &[&str]| said(&karuta(&[args, more, &[input]].concat(), &[], None));
    for args in [&["export", "--format", "csv"][..], &["timeline", "--format", "jsonl"]] {
        assert!(run(args, &["--model", folder]).contains("わわ病"), "{args:?}");
        assert!(!run(args, &[]).contains("わわ病") && !run(args, &["--no-neural"]).contains("わわ病"), "{args:?}");
        assert!(complained(&karuta(&[args, &["--model", "no-such-folder", input]].concat(), &[], None)).contains("no-such-folder"));
    }
    let absent = ["find", "--name", "発熱", "--assertion", "absent"];
    assert!(run(&absent, &["--model", folder]).contains("1 found"));
    assert!(run(&absent, &[]).contains("0 found"));
    // by the environment, too
    let by_env = said(&karuta(&["export", "--format", "csv", input], &[("KARUTA_MODEL", folder)], None));
    assert!(by_env.contains("わわ病"));
}

#[test]
#[cfg(feature = "model")]
fn the_carried_model_is_there_where_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("note.txt");
    std::fs::write(&input, "肝S8に造影効果が乏しい小腫瘤を認める。\n再検した。\n変わりない。\n経過をみた。\n退院した。").unwrap();
    let input = input.to_str().unwrap();
    let run = |args: &[&str]| said(&karuta(&[&["timeline", "--format", "jsonl"], args, &[input]].concat(), &[], None));
    let facts = |s: &str| s.lines().map(|l| serde_json::from_str::<Value>(l).unwrap()["fact"].clone()).collect::<Vec<_>>();
    let structured = said(&karuta(&["structure", "--format", "jsonl", input], &[], None));
    let all: Value = serde_json::from_str(structured.trim()).unwrap();
    let told: Vec<Value> = all["facts"].as_array().unwrap().iter().filter(|f| f["kind"] != "time").cloned().collect();
    assert_eq!(facts(&run(&["--neural"])), told);
    assert!(facts(&run(&[])).len() <= told.len());
}

#[test]
fn code_takes_a_model_as_a_ranker() {
    let dir = tempfile::tempdir().unwrap();
    told(dir.path(), "膝関節靱帯の炎症蓋損傷", |c| usize::from(c == '蓋'));
    let folder = dir.path().to_str().unwrap();
    let code = |more: &[&str]| said(&karuta(&[&["code", "-p", "膝関節靱帯の炎症"], more].concat(), &[], None));
    assert!(code(&[]).contains("膝蓋靱帯炎") && !code(&[]).contains("rank."));
    let ranked = code(&["--model", folder]);
    assert!(ranked.contains("膝靱帯損傷") && ranked.contains("rank.margin"), "{ranked}");
    let line: Value = serde_json::from_str(&code(&["--model", folder, "--format", "jsonl"])).unwrap();
    assert_eq!(line["candidates"][0]["ranked"]["place"], 2);
}

#[test]
#[cfg(feature = "model")]
fn the_form_of_a_text_may_be_told() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("note.txt");
    let input = input.to_str().unwrap();
    let facts = |text: &str, form: &str| {
        std::fs::write(input, text).unwrap();
        let all: Value = serde_json::from_str(said(&karuta(&["structure", "--format", "jsonl", "--form", form, input], &[], None)).trim()).unwrap();
        all["facts"].clone()
    };
    let report = "肝S8に造影効果が乏しい小腫瘤を認める。\n再検した。\n変わりない。\n経過をみた。\n退院した。";
    assert_eq!(facts(report, "auto"), facts(report, "report"));
    // the site stands outside a report's finding
    let starts = |facts: &Value| facts[0]["start"].as_u64().unwrap();
    assert!(starts(&facts(report, "chart")) < starts(&facts(report, "report")));
    let chart = "S) 変わりない\nO) CT：肝S8に造影効果が乏しい小腫瘤を認める";
    assert_eq!(facts(chart, "auto"), facts(chart, "chart"));
}
