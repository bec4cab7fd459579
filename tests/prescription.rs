//! The prescription grammar: what is written in any habit is read back; nothing is read where nothing is prescribed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use karuta::Engine;
use karuta::model::{Fact, FactKind};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Instant;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

const NAMES: &[(&str, &str)] = &[
    ("アムロジピン", "アムロジピン"),
    ("メトグルコ", "メトホルミン"),
    ("ロキソニン", "ロキソプロフェン"),
    ("バイアスピリン", "アスピリン"),
    ("クレストール", "ロスバスタチン"),
    ("ラシックス", "フロセミド"),
    ("フェブリク", "フェブキソスタット"),
    ("ビソプロロール", "ビソプロロール"),
];

/// Conditions under which a medicine is taken.
const NEEDS: &[&str] = &["疼痛時", "発熱時", "便秘時", "不眠時", "嘔気時", "不安時", "咳嗽時", "掻痒時", "頭痛時", "38.5℃以上", "38度以上", "動悸時", "下痢時", "不穏時"];

/// A prescription of tablets.
#[derive(Debug, Clone)]
struct Rx {
    name: &'static str,
    ingredient: &'static str,
    strength: &'static str,
    count: u32,
    times: u32,
    days: u32,
}

fn rx() -> impl Strategy<Value = Rx> {
    (prop::sample::select(NAMES.to_vec()), prop::sample::select(vec!["0.625", "2.5", "5", "10", "20", "100", "250"]), 1u32..7, 1u32..4, 2u32..91)
        .prop_map(|((name, ingredient), strength, count, times, days)| Rx { name, ingredient, strength, count, times, days })
}

impl Rx {
    fn timing(&self) -> &'static str {
        ["朝食後", "朝夕食後", "毎食後"][self.times as usize - 1]
    }

    /// The day's dose, and how the prescription is written.
    fn written(&self, habit: usize) -> (f64, String) {
        let Self { name, strength, count, times, days, .. } = self;
        let mass: f64 = strength.parse().unwrap();
        let (divided, per_dose) = (f64::from(*count) * mass, f64::from(count * times) * mass);
        match habit {
            0 => (divided, format!("{name}錠{strength}mg {count}錠 分{times} {} {days}日分", self.timing())),
            1 => (divided, format!("{name}{strength}mg{count}T{times}X {}×{days}日分", self.timing())),
            2 => (divided, format!("{name}錠{strength}mg「サワイ」　　{count}錠\n分{times}　{}　　{days}日分", self.timing())),
            3 => (per_dose, format!("{name} {strength}mg 1回{count}錠 1日{times}回{} {days}日間", self.timing())),
            4 => (divided, full_width(&format!("{name}錠{strength}mg {count}錠分{times}{} {days}日分", self.timing()))),
            5 => (divided, format!("{name}（{strength}mg）{count}T {times}x{}、{days}日分", self.timing())),
            6 => (divided, format!("{name}{strength}mg {count}T{times}×{} {days}日分", self.timing())),
            7 => (divided, format!("{name}{strength}mg {count}T{times}× {} {days}TD", self.timing())),
            _ => (divided, format!("・{name}錠{strength}mg||{count}錠||分{times} {}||{days}日分", self.timing())),
        }
    }
}

fn full_width(s: &str) -> String {
    s.chars().map(|c| if ('!'..='~').contains(&c) { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c }).collect()
}

fn medicines(text: &str) -> Vec<Fact> {
    ENGINE.worker().structure(text).facts.into_iter().filter(|f| f.kind == FactKind::Medication).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_written_is_read(rx in rx(), habit in 0usize..9, before in prop::sample::select(vec!["", "Rp. ", "処方内容\n", "内服：", "1) "])) {
        let (daily, text) = rx.written(habit);
        let text = format!("{before}{text}");
        let found = medicines(&text);
        prop_assert_eq!(found.len(), 1, "{}", text);
        let m = found[0].medication.as_deref().unwrap();
        prop_assert_eq!(m.ingredients.join("・"), rx.ingredient, "{}", text);
        prop_assert_eq!(m.strength.clone(), Some(format!("{}mg", rx.strength)), "{}", text);
        prop_assert_eq!(m.times_per_day, Some(f64::from(rx.times)), "{}", text);
        prop_assert_eq!(m.days, Some(f64::from(rx.days)), "{}", text);
        let got = m.daily.as_ref().and_then(|d| d.number).unwrap_or(-1.0);
        prop_assert!((got - daily).abs() < 1e-6, "{text}: {got} a day, not {daily}");
        prop_assert_eq!(m.daily.as_ref().and_then(|d| d.unit.as_deref()), Some("mg/d"));
        prop_assert_eq!(m.status.as_deref(), Some("active"));
    }

    #[test]
    fn what_it_is_needed_for_is_kept(rx in rx(), need in prop::sample::select(NEEDS.to_vec()), habit in 0usize..4) {
        let Rx { name, strength, count, .. } = &rx;
        let text = match habit {
            0 => format!("{name}錠{strength}mg 1回{count}錠 {need} 頓用 10回分"),
            1 => format!("{name}{strength}mg {count}T {need}"),
            2 => format!("Rp. {name}錠{strength}mg　1回{count}錠　頓服（{need}）"),
            _ => format!("{name} {strength}mg {count}錠 頓用 {need}"),
        };
        let found = medicines(&text);
        prop_assert_eq!(found.len(), 1, "{}", text);
        let m = found[0].medication.as_deref().unwrap();
        prop_assert_eq!(m.as_needed.as_deref(), Some(need), "{}", text);
        prop_assert_eq!(m.times_per_day, None, "{}", text);
        prop_assert_eq!(m.status.as_deref(), Some("active"), "{}", text);
        // the condition is none of the patient's measurements
        let all = ENGINE.worker().structure(&text).facts;
        prop_assert!(all.iter().all(|f| f.kind != FactKind::Vital), "{}", text);
    }

    #[test]
    fn several_on_a_line_keep_their_own(all in prop::collection::vec(rx(), 2..5)) {
        let text: Vec<String> = all.iter().map(|r| r.written(1).1).collect();
        let found = medicines(&text.join("、"));
        prop_assert_eq!(found.len(), all.len());
        for (f, rx) in found.iter().zip(&all) {
            let m = f.medication.as_deref().unwrap();
            prop_assert_eq!(m.ingredients.join("・"), rx.ingredient);
            prop_assert_eq!(m.times_per_day, Some(f64::from(rx.times)));
            prop_assert_eq!(m.days, Some(f64::from(rx.days)));
        }
    }

    #[test]
    fn no_medicine_in_a_telephone_number(a in 1u32..100, b in 1000u32..10000, c in 1000u32..10000, mark in prop::sample::select(vec!["-", "－", "ー", "(", " "])) {
        let text = format!("連絡先：0{a}{mark}{b}{mark}{c}（長男）。〒{b}-{c}");
        prop_assert!(medicines(&text).is_empty(), "{}", text);
    }

    #[test]
    fn no_medicine_inside_another_word(rx in rx(), around in prop::sample::select(vec!["ヌ", "ケ", "モ", "ワ"])) {
        let text = format!("{around}{name}{around}を見た。{name}{around}や{around}{name}も同じ。", name = rx.name);
        prop_assert!(medicines(&text).is_empty(), "{}", text);
    }

    #[test]
    fn an_insulin_by_meals_adds_up(units in prop::collection::vec(0u32..40, 4)) {
        prop_assume!(units.iter().any(|u| *u > 0));
        let [a, b, c, d] = units[..] else { unreachable!() };
        for text in [format!("ノボラピッド {a}単位-{b}-{c}-{d}"), format!("ヒューマログ（{a}-{b}-{c}-{d}単位）")] {
            let found = medicines(&text);
            prop_assert_eq!(found.len(), 1, "{}", text);
            let m = found[0].medication.as_deref().unwrap();
            prop_assert_eq!(m.daily.as_ref().and_then(|d| d.number), Some(f64::from(a + b + c + d)), "{}", text);
            prop_assert_eq!(m.times_per_day, Some(units.iter().filter(|u| **u > 0).count() as f64), "{}", text);
        }
    }

    #[test]
    fn pieces_of_prescriptions_never_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "アムロジピン", "5mg", "１０㎎", "(5)", "錠", "OD錠", "分", "3", "×", "T", "1日", "回", "毎食後", "q8h", "→", "-", "単位", "週", "mL/h", "μg/kg/min", "500の3本回し", "日分", "\n", "||",
        "「", "」", "、", "。", "インスリン", "中止", "開始予定", "アレルギー", "喫煙", "20本/日", "なし", "ビール", "合", "半錠", "0", ".", "9999999999999999",
    ]), 0..40)) {
        let text = pieces.concat();
        for f in ENGINE.worker().structure(&text).facts {
            prop_assert!(f.start <= f.end && text.is_char_boundary(f.start) && text.is_char_boundary(f.end));
        }
    }
}

/// Twice the text takes about twice the time, whatever the lines look like.
#[test]
fn long_prescriptions_take_linear_time() {
    let mut worker = ENGINE.worker();
    for line in ["アムロジピン錠5mg 1錠\n", "アムロジピン、", "分3毎食後14日分\n", "10-8-6-0単位", "アムロジピン錠5mg→10mg→", "卵アレルギー、", "喫煙、飲酒、"]
    {
        let mut time = |n: usize| {
            let text = line.repeat(n);
            (0..3)
                .map(|_| {
                    let start = Instant::now();
                    let found = worker.structure(&text);
                    std::hint::black_box(found.facts.len());
                    start.elapsed().as_secs_f64()
                })
                .fold(f64::INFINITY, f64::min)
        };
        let (one, eight) = (time(500), time(4000));
        assert!(eight < one * 8.0 * 4.0 + 0.05, "{line:?}: 500 times {one:.4} s, 4000 times {eight:.4} s");
    }
}
