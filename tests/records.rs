//! Literate records: every note in `corpora/records/*.md` gives the record of the table under it.
//!
//! A row names a place in the record's JSON (`diagnoses.0.outcome.code`, `course.length`) and what stands there; an empty
//! value asks for nothing there. `….code` of something with codes also holds for any of its codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use karuta::note::OffsetUnit;
use karuta::{Engine, Record};
use proptest::prelude::*;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Instant;

#[test]
fn every_note_gives_its_record() {
    let engine = Engine::new().unwrap();
    let mut worker = engine.worker();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/records");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let (mut wrong, mut notes) = (String::new(), 0);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let (mut title, mut note, mut inside, mut record) = ("", String::new(), false, Value::Null);
        for (i, l) in text.lines().enumerate() {
            if inside && l == "```" {
                inside = false;
                notes += 1;
                let found = worker.structure(&note);
                record = serde_json::to_value(Record::read(&found, worker.note())).unwrap();
            } else if inside {
                note.push_str(l);
                note.push('\n');
            } else if l == "```note" {
                inside = true;
                note.clear();
            } else if let Some(t) = l.strip_prefix("## ") {
                title = t;
            } else if let Some(row) = l.strip_prefix("| ").and_then(|r| r.strip_suffix(" |")) {
                let (path, want) = row.split_once('|').unwrap();
                let (path, want) = (path.trim(), want.trim());
                let got = values(&record, path);
                if path != "path" && !got.iter().any(|g| g == want) {
                    let _ = writeln!(wrong, "{}:{} ({title}): {path} is {got:?}, expected {want:?}", file.display(), i + 1);
                }
            }
        }
    }
    println!("{notes} notes");
    assert!(notes > 10 && wrong.is_empty(), "\n{wrong}");
}

/// What stands at a place of the record, and the codes there for `code`.
fn values(record: &Value, path: &str) -> Vec<String> {
    let mut at = record;
    let mut parts = path.split('.').peekable();
    while let Some(p) = parts.next() {
        let last = parts.peek().is_none();
        if last && p == "length" {
            return vec![at.as_array().map_or_else(|| "null".to_owned(), |a| a.len().to_string())];
        }
        if last && p == "code" {
            let codes = at["codings"].as_array().into_iter().flatten().map(|c| &c["code"]);
            return std::iter::once(&at["code"]).chain(codes).map(shown).collect();
        }
        at = p.parse::<usize>().map_or_else(|_| &at[p], |i| &at[i]);
    }
    vec![shown(at)]
}

fn shown(v: &Value) -> String {
    match v {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), |f| f.to_string()),
        other => other.to_string(),
    }
}

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

fn read(text: &str) -> Record {
    let mut worker = ENGINE.worker();
    let found = worker.structure(text);
    Record::read(&found, worker.note())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn pieces_of_charts_never_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "年齢", "性別", "75", "歳", "男", "女性", "|| ", " ||", "|", "\t", "\n", "：", "入院日", "退院日", "2024/5/4", "第10病日", "に退院", "となった", "死亡", "転帰", "軽快", "せず", "【", "】", "主訴", "を主訴に",
        "退院時診断", "#", "肺炎", "と診断した", "の1例", "退院時投薬", "なし", "アムロジピン5mg", "1T1X", "。", "、", "父", "が", "（", "）", "🌡", "é", "㎎",
    ]), 0..60)) {
        let text = pieces.concat();
        let mut record = read(&text);
        let places: Vec<(usize, usize)> = record.course.iter().map(|e| (e.entry.start, e.entry.end)).chain(record.diagnoses.iter().map(|d| (d.entry.start, d.entry.end))).collect();
        for (start, end) in places {
            prop_assert!(start <= end && text.is_char_boundary(start) && text.is_char_boundary(end), "{text:?} {start}..{end}");
        }
        record.count_in(&text, OffsetUnit::CodePoints);
    }
}

/// Twice the text takes about twice the time, whatever the lines look like.
#[test]
fn long_notes_take_linear_time() {
    for piece in [
        "肺炎と診断した。第3病日に退院した。",
        "肺炎は軽快し、",
        "|| 1 || || 肺炎 || || 軽快 ||\n",
        "アムロジピン5mgを処方し退院、",
        "年齢：",
        "75歳、男性、",
        "5/4 胃切除術を施行。",
    ] {
        let time = |n: usize| {
            let text = piece.repeat(n);
            let mut worker = ENGINE.worker();
            let found = worker.structure(&text);
            (0..3)
                .map(|_| {
                    let start = Instant::now();
                    std::hint::black_box(Record::read(&found, worker.note()).course.len());
                    start.elapsed().as_secs_f64()
                })
                .fold(f64::INFINITY, f64::min)
        };
        let (one, eight) = (time(500), time(4000));
        assert!(eight < one * 8.0 * 4.0 + 0.05, "{piece:?}: 500 times {one:.4} s, 4000 times {eight:.4} s");
    }
}
