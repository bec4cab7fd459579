//! Times: every habit of writing a date reads as that date, and what only looks like one is none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use jiff::civil::{Date, date};
use karuta::Engine;
use karuta::fact::{Fact, FactKind};
use proptest::prelude::*;
use std::sync::LazyLock;
use std::time::Instant;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

fn times(text: &str, on: Option<Date>) -> Vec<Fact> {
    ENGINE.worker().structure_at(text, on).facts.into_iter().filter(|f| f.kind == FactKind::Time).collect()
}

fn wide(s: &str) -> String {
    s.chars().map(|c| if c.is_ascii_graphic() { char::from_u32(c as u32 + 0xFEE0).unwrap() } else { c }).collect()
}

/// A date in a habit that tells the year.
fn full(d: Date, habit: usize) -> String {
    let (y, m, day) = (d.year(), d.month(), d.day());
    let reiwa = y - 2018;
    match habit {
        0 => format!("{y}/{m}/{day}"),
        1 => format!("{y}/{m:02}/{day:02}"),
        2 => format!("{y}.{m:02}.{day:02}"),
        3 => format!("{y}.{m}.{day}"),
        4 => format!("{y}-{m:02}-{day:02}"),
        5 => format!("{y}年{m}月{day}日"),
        6 => wide(&format!("{y}年{m}月{day}日")),
        7 => wide(&format!("{y}/{m}/{day}")),
        8 => format!("{y}年 {m}月 {day}日"),
        9 if reiwa == 1 => format!("令和元年{m}月{day}日"),
        9 => format!("令和{reiwa}年{m}月{day}日"),
        10 => format!("R{reiwa}.{m}.{day}"),
        11 => format!("R{reiwa}/{m}/{day}"),
        12 => format!("令和{reiwa}.{m}.{day}"),
        13 => format!("'{:02}/{m}/{day}", y - 2000),
        _ => format!("{:02}/{m}/{day}", y - 2000),
    }
}

fn iso(f: &Fact) -> &str {
    f.time.as_ref().and_then(|t| t.start.as_deref()).unwrap_or("")
}

/// What follows a date in a chart.
fn tail() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["に発熱", "より咳嗽あり", " 入院", "から腹痛", "、嘔吐", "腹腔鏡下虫垂切除術", "\n", "", "～下痢", "（月）入院", "：発熱"])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_written_date_reads_as_that_date(y in 2020i16..2032, n in 0i32..365, habit in 0usize..14, tail in tail(), lead in prop::sample::select(vec!["", "前医で加療。", "・", "発症："])) {
        let d = Date::new(y, 1, 1).unwrap().checked_add(jiff::Span::new().days(n)).unwrap();
        let written = full(d, habit);
        let text = format!("{lead}{written}{tail}");
        let found = times(&text, None);
        prop_assert_eq!(found.len(), 1, "{}: {:?}", text, found.iter().map(|f| &f.text).collect::<Vec<_>>());
        prop_assert_eq!(iso(&found[0]), d.to_string(), "{}", text);
        prop_assert_eq!(&found[0].text, &written);
    }

    #[test]
    fn two_digits_of_a_year_read_by_the_note(y in 2013i16..2032, n in 0i32..365, tail in tail()) {
        let d = Date::new(y, 1, 1).unwrap().checked_add(jiff::Span::new().days(n)).unwrap();
        let text = format!("{}{tail}", full(d, 14));
        let found = times(&text, Some(date(y, 12, 31)));
        prop_assert_eq!(found.len(), 1, "{}", text);
        prop_assert_eq!(iso(&found[0]), d.to_string(), "{}", text);
    }

    #[test]
    fn a_day_without_a_year_is_the_nearest(y in 2020i16..2032, n in 0i32..365, back in 0i32..90, kanji: bool, tail in prop::sample::select(vec!["に発熱", "より咳嗽あり", "から腹痛", "手術"])) {
        let note = Date::new(y, 1, 1).unwrap().checked_add(jiff::Span::new().days(n)).unwrap();
        let d = note.checked_sub(jiff::Span::new().days(back)).unwrap();
        let written = if kanji { format!("{}月{}日", d.month(), d.day()) } else { format!("{}/{}", d.month(), d.day()) };
        let text = format!("{written}{tail}");
        let found = times(&text, Some(note));
        prop_assert_eq!(found.len(), 1, "{}", text);
        prop_assert_eq!(iso(&found[0]), d.to_string(), "{} in a note of {}", text, note);
    }

    #[test]
    fn a_count_of_days_is_resolved_and_the_open_year_kept(n in 1u16..60, m in 1i8..=12, day in 1i8..=28) {
        let text = format!("{m}月{day}日に発症、その{n}日後に受診。{n}日前から発熱。");
        let found = times(&text, None);
        prop_assert_eq!(found.len(), 3, "{}", text);
        let want = Date::new(2023, m, day).unwrap().checked_add(jiff::Span::new().days(i32::from(n))).unwrap();
        prop_assert_eq!(iso(&found[1]), format!("--{:02}-{:02}", want.month(), want.day()));
        prop_assert_eq!(iso(&found[2]), format!("-P{n}D"));
    }

    #[test]
    fn numbers_that_are_no_time(a in 1u32..=12, b in 1u32..=28, c in 1000u32..9999, d in 100u32..999, n in 1u32..30) {
        for text in [
            format!("TEL 0{a}-{c}-{d}1"),
            format!("電話 09{a:02}-{c}-{c}"),
            format!("ID {c}-{d}-{b}"),
            format!("カルテ番号{c}{d}{a}"),
            format!("患者ID: A{a}/{b}"),
            format!("FFP:PCを{a}:{a}で投与"),
            format!("BP {}/{}mmHg", 90 + b, 50 + a),
            format!("血圧{}/{}", 90 + b, 50 + a),
            format!("MMT {a}/{b}"),
            format!("NRS {a}/10"),
            format!("疼痛スケール{a}/10"),
            format!("Levine {a}/6"),
            format!("主食{a}/10摂取"),
            format!("アムロジピン5mg 1T1x {n}日分"),
            format!("分3 毎食後 {n}日分"),
            format!("1日{a}回"),
            format!("週{a}回"),
            format!("{a}日に1回"),
            format!("{a}時間ごと"),
            format!("尿中赤血球{a}/{b}HPF"),
            format!("{c}mL/日"),
            format!("脈拍{}/分", 50 + n),
            format!("Version {a}.{b}.{d}"),
            format!("10.{a}.{b}.{d}"),
        ] {
            let found = times(&text, None);
            prop_assert!(found.is_empty(), "{}: {:?}", text, found.iter().map(|f| &f.text).collect::<Vec<_>>());
        }
    }

    #[test]
    fn any_text(parts in prop::collection::vec(prop_oneof![
        3 => prop::sample::select(vec!["2024", "/", "5", "月", "日", "年", "～", "-", ".", "：", "R6", "S38", "令和", "元", "第", "病日", "POD", "day ", "数", "半", "か月", "ヶ", "週", "時間", "時", "分", "歳", "代", "前", "後", "目", "約", "以上", "術後", "入院", "昨日", "翌", "翌日", "同月", "妊娠", "生後", "日齢", "午後", "の", "から", "に", "、", "。", "\n", " ", "（", "）", "'", "23", "昨年", "年齢", "|| "]).prop_map(str::to_owned),
        1 => "\\PC{0,3}",
        1 => "[0-9０-９/.:年月日時分歳]{1,8}",
    ], 0..40), on in prop::option::of((1900i16..2100, 1i8..=12, 1i8..=28))) {
        let text = parts.concat();
        let on = on.and_then(|(y, m, d)| Date::new(y, m, d).ok());
        let found = times(&text, on);
        for f in &found {
            prop_assert_eq!(text.get(f.start..f.end), Some(f.text.as_str()));
            prop_assert!(!f.text.is_empty());
            let t = f.time.as_ref().unwrap();
            for s in [&t.start, &t.end].into_iter().flatten() {
                prop_assert!(is_iso(s), "{:?} of {:?} in {:?}", s, f.text, text);
            }
        }
        // the same text again gives the same
        prop_assert_eq!(found, times(&text, on));
    }
}

/// A date, date and time, open date, time of day or duration of ISO 8601.
fn is_iso(s: &str) -> bool {
    let duration = s.strip_prefix('-').filter(|r| r.starts_with('P')).unwrap_or(s);
    if let Some(rest) = duration.strip_prefix('P') {
        return !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit() || "YMWDTH".contains(c)) && rest.ends_with(|c: char| c.is_ascii_alphabetic() && c != 'T');
    }
    let (day, clock) = s.split_once('T').map_or((s, None), |(d, c)| (d, Some(c)));
    let clock_ok = clock.is_none_or(|c| c.len() == 5 && c.as_bytes()[2] == b':' && c[..2].parse::<u8>().is_ok_and(|h| h <= 24) && c[3..].parse::<u8>().is_ok_and(|m| m < 60));
    let day_ok = match day.strip_prefix("--") {
        Some(open) => format!("2024-{open}{}", if open.len() == 2 { "-01" } else { "" }).parse::<Date>().is_ok(),
        None => day.is_empty() && clock.is_some() || format!("{day}{}", &"-01-01"[..10usize.saturating_sub(day.len())]).parse::<Date>().is_ok(),
    };
    clock_ok && day_ok
}

/// Time that grows with the length: four times the text takes nowhere near sixteen times as long.
#[test]
fn long_texts_take_linear_time() {
    for piece in [
        "1/1/",
        "5/4 ",
        "2024/5/4、",
        "約",
        "3日前の",
        "術後",
        "昨日の",
        "数十",
        "2024年5月4日～",
        "10:30",
        "'24",
        "第",
        "|| 5/4 ||",
        "1日1",
        "（5/4）",
        "入院時",
        "5/4\n",
        "－1",
        "半月",
        "その3日後",
    ] {
        let mut took = [0.0; 2];
        for (i, n) in [20_000, 80_000].into_iter().enumerate() {
            let text: String = piece.chars().cycle().take(n).collect();
            let mut worker = ENGINE.worker();
            let best = (0..2).map(|_| {
                let t = Instant::now();
                let _ = worker.structure(&text);
                t.elapsed().as_secs_f64()
            });
            took[i] = best.fold(f64::INFINITY, f64::min);
        }
        assert!(took[1] < took[0] * 10.0 + 0.25, "{piece:?}: {:.3} s, then {:.3} s for four times as much", took[0], took[1]);
    }
}
