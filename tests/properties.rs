//! Properties that hold for any text: offsets, determinism, no panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use karuta::Engine;
use karuta::note::{Normalized, OffsetIndex, OffsetUnit};
use proptest::prelude::*;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new().unwrap());

/// Any string, or pieces of charts thrown together with what breaks parsers.
fn text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "発熱",
        "39.2℃",
        "ＢＴ３９．２",
        "BP",
        "120/80",
        "（＋）",
        "（ー）",
        "なし",
        "認めない",
        "、",
        "。",
        "\n",
        "\r\n",
        "|| ",
        " ||",
        "##",
        "# ",
        "S)",
        "O ",
        "A/P",
        "WBC",
        "12,300",
        "15.2万",
        "㎎",
        "ｶﾞｰｾﾞ",
        "㎡",
        "Ⅱ-10",
        "JCS",
        "GCS",
        "E4V5M6",
        "〜",
        "→",
        "<",
        ">=",
        "(",
        ")",
        "「",
        "」",
        "の",
        "が",
        "疑い",
        "?",
        "父",
        "既往歴：",
        "【",
        "】",
        "右",
        "下腿浮腫",
        "\u{3099}",
        "\u{200d}",
        "👨‍👩‍👧",
        "🇯🇵",
        "e\u{301}",
        "\u{feff}",
        "10^3",
        "³",
        "①",
        "R6.5.4",
        "2024/5/4",
        "3T3x",
        "アムロジピン5mg",
        "9999999999999999999",
        "1e400",
        "-",
        "+",
        "±",
        "：",
        " ",
        "　",
        "\t",
        "\0",
        "尿所見：蛋白（-）",
    ]);
    prop_oneof![any::<String>(), prop::collection::vec(pieces, 0..40).prop_map(|v| v.concat()), "[ぁ-んァ-ヶ一-龥0-9０-９A-Za-z、。（）/:.,+\\-\n]{0,80}",]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn offsets_go_there_and_back(s in any::<String>(), at in 0usize..200) {
        let chars: Vec<char> = s.chars().collect();
        let n = at.min(chars.len());
        let byte: usize = chars[..n].iter().map(|c| c.len_utf8()).sum();
        for (unit, want) in [(OffsetUnit::CodePoints, n), (OffsetUnit::Utf16, chars[..n].iter().map(|c| c.len_utf16()).sum()), (OffsetUnit::Bytes, byte)] {
            let index = OffsetIndex::new(&s, unit);
            prop_assert_eq!(index.of_byte(byte), want);
            prop_assert_eq!(index.to_byte(want), byte);
        }
    }

    #[test]
    fn normalised_spans_land_on_graphemes(s in text(), a in 0usize..300, len in 0usize..60) {
        let n = Normalized::new(&s);
        prop_assert_eq!(n.text().len(), n.folded().len());
        let t = n.text();
        let starts: Vec<usize> = t.char_indices().map(|(i, _)| i).chain([t.len()]).collect();
        let (i, j) = (a.min(starts.len() - 1), (a + len).min(starts.len() - 1));
        let (start, end) = n.original_span(starts[i], starts[j]);
        prop_assert!(start <= end && end <= s.len());
        let bounds: Vec<usize> = s.grapheme_indices(true).map(|(i, _)| i).chain([s.len()]).collect();
        prop_assert!(bounds.contains(&start) && bounds.contains(&end), "{start}..{end} of {s:?}");
        // all of the text comes from all of the original, but for what is invisible
        prop_assert_eq!(n.original_span(0, t.len()).1 <= s.len(), true);
    }

    #[test]
    fn normalising_is_stable(s in text()) {
        let once = Normalized::new(&s).text().to_owned();
        let again = Normalized::new(&once);
        let twice = Normalized::new(again.text());
        prop_assert_eq!(again.text(), twice.text());
    }

    #[test]
    fn any_text_is_read_without_panic_and_spans_hold(s in text()) {
        let found = ENGINE.worker().structure(&s);
        let bounds: std::collections::HashSet<usize> = s.grapheme_indices(true).map(|(i, _)| i).chain([s.len()]).collect();
        for f in &found.facts {
            prop_assert_eq!(&s[f.start..f.end], f.text.as_str());
            prop_assert!(f.start < f.end);
            prop_assert!(bounds.contains(&f.start) && bounds.contains(&f.end));
            prop_assert!(f.value.as_ref().and_then(|v| v.number).is_none_or(f64::is_finite));
            for r in &f.because {
                for (a, b) in &r.spans {
                    prop_assert!(a <= b && *b <= s.len());
                }
            }
            for id in &f.from {
                prop_assert!(found.facts.iter().any(|g| &g.id == id));
            }
        }
        for r in &found.relations {
            prop_assert!(found.facts.iter().any(|f| f.id == r.from) && found.facts.iter().any(|f| f.id == r.to));
        }
    }

    #[test]
    fn a_used_worker_reads_as_a_fresh_one(a in text(), b in text()) {
        let mut used = ENGINE.worker();
        used.structure(&a);
        prop_assert_eq!(used.structure(&b), ENGINE.worker().structure(&b));
    }
}

#[test]
fn threads_agree() {
    let notes: Vec<String> = (0..64).map(|i| format!("S) {i}日前から咳嗽（＋）、発熱なし\nO) BT3{}.{} WBC 1{i},300 尿蛋白（±）\nA) 肺炎疑い", 6 + i % 4, i % 10)).collect();
    let alone: Vec<_> = notes.iter().map(|n| ENGINE.worker().structure(n)).collect();
    let together: Vec<Vec<_>> = std::thread::scope(|s| {
        let handles: Vec<_> = (0..8)
            .map(|_| {
                s.spawn(|| {
                    let mut w = ENGINE.worker();
                    notes.iter().map(|n| w.structure(n)).collect::<Vec<_>>()
                })
            })
            .collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    });
    for t in together {
        assert_eq!(t, alone);
    }
}

/// Twice the text takes about twice the time, for the texts that trap careless parsers.
#[test]
fn time_grows_with_the_length_only() {
    for piece in ["発熱、", "((((((", "1,", "12/", "認めない", "が", "WBC ", "39", "||", "の", "#\n", "：", "あ", "\u{301}", "右右右", "疑い疑い"] {
        let time = |n: usize| {
            let s = piece.repeat(n);
            let mut w = ENGINE.worker();
            let t = std::time::Instant::now();
            std::hint::black_box(w.structure(&s));
            t.elapsed().as_secs_f64()
        };
        let (small, large) = (time(4_000).max(0.002), time(32_000));
        assert!(large < small * 8.0 * 6.0, "{piece:?}: {small:.3} s for 4,000, {large:.3} s for 32,000");
    }
}
