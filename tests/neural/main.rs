//! The tagger beside the rules, over tiny models that are made here: no network, no file of others.
#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, clippy::cast_precision_loss)]

#[cfg(feature = "cli")]
mod command;
#[cfg(all(feature = "cli", feature = "hub"))]
mod hub;
mod tiny;

use karuta::Engine;
use karuta::model::{Applicability, Assertion, Structured};
use karuta::neural::{Batch, Candle, Crf, Embedder, Engine as Runner, EngineChoice, Files, LoadOptions, ModelConfig, Native, Onnx, Precision, Source, Tagged, Tagger};
use std::path::Path;
use std::sync::Arc;
use tiny::{LABELS, Numbers, Shape, config, random, safetensors, told, vocabulary};

fn tagger(folder: &Path, options: &LoadOptions) -> Tagger {
    Tagger::open(&Source::Folder(folder.to_owned()), options).unwrap()
}

#[test]
fn engines_say_the_same() {
    let s = Shape { vocab: 60, hidden: 32, layers: 3, heads: 2, inner: 64, positions: 48, types: 3 };
    let config: ModelConfig = serde_json::from_value(config(&s, &LABELS, serde_json::json!({}))).unwrap();
    let weights = safetensors(&random(&s, LABELS.len()));
    let candle = Candle::new(&config, &weights, None, Precision::F32).unwrap();
    let rten = Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, false).unwrap();
    let int8 = Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, true).unwrap();
    let native = |int8: bool| native(&config, &weights, int8);
    let mut rounded = 0f32;
    for n in [1usize, 2, 7, 31, 48] {
        let ids: Vec<u32> = (0..n as u32).map(|i| (i * 7 + 3) % 60).collect();
        let batch = Batch::new(std::iter::once((ids.as_slice(), &[][..])), 0, 1);
        let (a, b, c) = (candle.run(&batch).unwrap(), rten.run(&batch).unwrap(), int8.run(&batch).unwrap());
        assert_eq!((a.length, a.width, b.data.len()), (n, LABELS.len(), a.data.len()));
        for ((a, b), c) in a.data.iter().zip(&b.data).zip(&c.data) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
            rounded = rounded.max((a - c).abs());
        }
        for (int8, bar) in [(false, 1e-3), (true, 0.5)] {
            let Some(engine) = native(int8) else { continue };
            let found = engine.run(&batch).unwrap();
            assert_eq!((found.length, found.width), (n, LABELS.len()));
            assert!(a.data.iter().zip(&found.data).all(|(a, b)| (a - b).abs() < bar), "{int8} {n}");
        }
    }
    // a random model in 8 bits is near, not equal
    assert!(rounded > 0.0 && rounded < 0.5, "{rounded}");
    // filled up and masked, each sequence says what it says alone
    let rows: Vec<Vec<u32>> = vec![vec![3, 4, 5], (0..20).collect(), vec![9]];
    let all = candle.run(&Batch::new(rows.iter().map(|r| (r.as_slice(), &[][..])), 0, 16)).unwrap();
    for (i, row) in rows.iter().enumerate() {
        let alone = candle.run(&Batch::new(std::iter::once((row.as_slice(), &[][..])), 0, 1)).unwrap();
        assert!(alone.data.iter().zip(all.row(i)).all(|(a, b)| (a - b).abs() < 1e-4));
    }
    // not filled up: not a bit is another
    for engine in [false, true].into_iter().filter_map(native) {
        let batch = |rows: &[Vec<u32>]| engine.run(&Batch::new(rows.iter().map(|r| (r.as_slice(), &[][..])), 0, 1)).unwrap();
        let all = batch(&rows);
        for (i, row) in rows.iter().enumerate() {
            let alone = batch(std::slice::from_ref(row));
            assert_eq!(alone.data, all.row(i)[..alone.data.len()]);
        }
    }
}

/// Our own steps, where this CPU has vectors for them.
fn native(config: &ModelConfig, weights: &[u8], int8: bool) -> Option<Native> {
    match Native::new(Path::new("model.safetensors"), config, weights, int8) {
        Ok(found) => Some(found),
        Err(e) => {
            assert!(e.to_string().contains("a CPU without"), "{e}");
            None
        }
    }
}

#[test]
fn what_our_steps_can_not_run_others_do() {
    // heads 8 wide
    let s = Shape { vocab: 60, hidden: 32, layers: 1, heads: 4, inner: 64, positions: 48, types: 3 };
    let json = config(&s, &LABELS, serde_json::json!({ "tokenizer": "characters" }));
    let config: ModelConfig = serde_json::from_value(json.clone()).unwrap();
    let weights = safetensors(&random(&s, LABELS.len()));
    let refused = Native::new(Path::new("model.safetensors"), &config, &weights, false).unwrap_err().to_string();
    assert!(refused.contains("multiple of 16") || refused.contains("a CPU without"), "{refused}");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("model.safetensors"), weights).unwrap();
    std::fs::write(folder.path().join("config.json"), json.to_string()).unwrap();
    std::fs::write(folder.path().join("vocab.txt"), vocabulary("熱がある").join("\n") + "\n").unwrap();
    for engine in [EngineChoice::Fastest, EngineChoice::FastestInt8] {
        assert_eq!(tagger(folder.path(), &LoadOptions { engine, ..LoadOptions::default() }).model().engine.name(), "rten");
    }
}

#[test]
fn rows_beside_one_another_change_no_bit() {
    let s = Shape { vocab: 60, hidden: 48, layers: 2, heads: 3, inner: 600, positions: 80, types: 1 };
    let config: ModelConfig = serde_json::from_value(config(&s, &LABELS, serde_json::json!({}))).unwrap();
    let rten = Onnx::from_weights(Path::new("model.safetensors"), &config, &safetensors(&random(&s, LABELS.len())), false).unwrap();
    for n in [2u32, 5, 33, 79] {
        let rows: Vec<Vec<u32>> = (0..6).map(|r| (0..n).map(|i| (i * 7 + r * 11) % 60).collect()).collect();
        let all = rten.run(&Batch::new(rows.iter().map(|r| (r.as_slice(), &[][..])), 0, 1)).unwrap();
        for (i, row) in rows.iter().enumerate() {
            let alone = rten.run(&Batch::new(std::iter::once((row.as_slice(), &[][..])), 0, 1)).unwrap();
            assert_eq!(alone.data, all.row(i), "{n}");
        }
    }
}

#[test]
fn types_of_tokens_reach_the_engines() {
    let s = Shape { vocab: 20, hidden: 16, layers: 2, heads: 1, inner: 32, positions: 16, types: 16 };
    let config: ModelConfig = serde_json::from_value(config(&s, &LABELS, serde_json::json!({ "types": "facts" }))).unwrap();
    let weights = safetensors(&random(&s, LABELS.len()));
    let candle = Candle::new(&config, &weights, None, Precision::F32).unwrap();
    let rten = Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, false).unwrap();
    let native = native(&config, &weights, false);
    let run = |types: &[u32]| {
        let batch = Batch::new(std::iter::once((&[2u32, 8, 9, 3][..], types)), 0, 1);
        let candle = candle.run(&batch).unwrap().data;
        assert!(native.as_ref().is_none_or(|n| n.run(&batch).unwrap().data.iter().zip(&candle).all(|(a, b)| (a - b).abs() < 1e-3)));
        (candle, rten.run(&batch).unwrap().data)
    };
    let ((a, b), (c, _)) = (run(&[0, 4, 5, 0]), run(&[]));
    assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3));
    assert!(a.iter().zip(&c).any(|(a, c)| (a - c).abs() > 1e-2));
}

#[test]
fn the_best_path_is_the_best_of_all() {
    let mut numbers = Numbers(7);
    let (start, end, between) = (numbers.many(3, 1.0), numbers.many(3, 1.0), numbers.many(9, 1.0));
    let crf = Crf::new(start.clone(), end.clone(), between.clone()).unwrap();
    for n in 1..=5usize {
        let logits = numbers.many(n * 3, 1.0);
        let score = |p: &[usize]| {
            start[p[0]] + end[p[n - 1]] + p.iter().enumerate().map(|(i, l)| logits[i * 3 + l]).sum::<f32>() + p.windows(2).map(|w| between[w[0] * 3 + w[1]]).sum::<f32>()
        };
        let all = (0..3usize.pow(n as u32)).map(|mut k| {
            (0..n)
                .map(|_| {
                    let l = k % 3;
                    k /= 3;
                    l
                })
                .collect::<Vec<_>>()
        });
        let best = all.max_by(|a, b| score(a).total_cmp(&score(b))).unwrap();
        assert_eq!(crf.best(&logits), best);
    }
    assert!(crf.best(&[]).is_empty());
}

/// 「造影効果が乏しい小腫瘤」: the first character begins a condition, the others go on.
fn long_finding(folder: &Path) -> Shape {
    told(folder, "造影効果が乏しい小腫瘤、肝にを認める。", |c| match c {
        '造' => 1,
        c if "影効果が乏しい小腫瘤".contains(c) => 2,
        '肝' => 5,
        _ => 0,
    })
}

#[test]
fn the_tagger_adds_widens_and_tells_why() {
    let folder = tempfile::tempdir().unwrap();
    long_finding(folder.path());
    // the form of a case report: sentences, a line each
    let text = "肝に造影効果が乏しい小腫瘤を認める。\n再検した。\n変わりない。\n経過をみた。\n退院した。";
    let rules = Engine::new().unwrap().worker().structure(text);
    let engine = Engine::new().unwrap().with_tagger(Some(Arc::new(tagger(folder.path(), &LoadOptions::default()))));
    let found = engine.worker().structure(text);
    let f = found.facts.iter().find(|f| f.text == "造影効果が乏しい小腫瘤").unwrap();
    assert_eq!(f.assertion, Assertion::Present);
    assert!(f.because.iter().any(|b| b.rule == "neural.d-positive"), "{:?}", f.because);
    // what the rules coded stays coded
    for r in &rules.facts {
        assert!(found.facts.iter().any(|f| f.start <= r.start && r.end <= f.end && f.codings == r.codings), "{}", r.text);
    }
    assert_eq!(engine.worker().rules_at(text, None), rules);
    // a word that the rules do not have
    let folder = tempfile::tempdir().unwrap();
    told(folder.path(), "ふわふわ病が続く", |c| match c {
        'ふ' => 1,
        'わ' | '病' => 2,
        _ => 0,
    });
    let engine = Engine::new().unwrap().with_tagger(Some(Arc::new(tagger(folder.path(), &LoadOptions::default()))));
    // in the form of case reports, too: in charts only what has a code is added
    const AFTER: &str = "\n再検した。\n変わりない。\n経過をみた。\n退院した。";
    let found = engine.worker().structure(&format!("わわ病が続く。{AFTER}"));
    let f = found.facts.iter().find(|f| f.text.contains("わわ病")).unwrap();
    assert_eq!(f.applicability, Applicability::Confirm);
    assert!(f.confidence < 0.9 && f.id == "f1", "{f:?}");
    // the rules read what is said of it, whatever the tag
    for (text, said) in [("わわ病を認めない。熱が続く。", Assertion::Absent), ("母にわわ病が強く疑われた。", Assertion::Possible)] {
        let text = &format!("{text}{AFTER}");
        let found = engine.worker().structure(text);
        let f = found.facts.iter().find(|f| f.text.contains("わわ病")).unwrap();
        assert_eq!(f.assertion, said, "{f:?}");
        let cue = f.because.iter().find(|b| b.rule.starts_with("absent.") || b.rule.starts_with("possible.")).unwrap();
        assert!(cue.spans.iter().all(|s| text.get(s.0..s.1).is_some_and(|t| !t.is_empty() && text.find(t) >= text.find("わ"))), "{cue:?}");
    }
}

#[test]
fn the_same_text_gives_the_same_facts_for_any_batch_and_threads() {
    let folder = tempfile::tempdir().unwrap();
    let s = Shape { vocab: 40, hidden: 32, layers: 2, heads: 2, inner: 64, positions: 64, types: 2 };
    let letters = "発熱あり咳嗽なし頭痛、が続く。肝に造影効果乏しい小腫瘤認め";
    let vocab = vocabulary(letters);
    let s = Shape { vocab: vocab.len(), ..s };
    std::fs::write(folder.path().join("model.safetensors"), safetensors(&random(&s, LABELS.len()))).unwrap();
    std::fs::write(folder.path().join("config.json"), config(&s, &LABELS, serde_json::json!({ "tokenizer": "characters" })).to_string()).unwrap();
    std::fs::write(folder.path().join("vocab.txt"), vocab.join("\n") + "\n").unwrap();
    let mut numbers = Numbers(3);
    let chars: Vec<char> = letters.chars().collect();
    let notes: Vec<String> =
        (0..40).map(|i| (0..(i * 7) % 190 + 1).map(|_| if numbers.next() > 0.95 { '\n' } else { chars[(numbers.next().abs() * 27.9) as usize] }).collect()).collect();
    for choice in [EngineChoice::Candle, EngineChoice::Rten, EngineChoice::RtenInt8, EngineChoice::Fastest, EngineChoice::FastestInt8] {
        let mut first: Option<Vec<_>> = None;
        for (threads, batch) in [(1, None), (3, None), (2, Some(64)), (4, Some(4096))] {
            let pool = rayon_pool(threads);
            let found = pool.install(|| {
                let t = tagger(folder.path(), &LoadOptions { engine: choice, batch_tokens: batch, ..LoadOptions::default() });
                let given: Vec<Tagged<'_>> = notes.iter().map(|n| Tagged { text: n, facts: &[] }).collect();
                let together = t.tag(&given).unwrap();
                let alone: Vec<_> = given.iter().map(|n| t.tag(std::slice::from_ref(n)).unwrap().remove(0)).collect();
                assert_eq!(spans(&together), spans(&alone));
                together
            });
            let found = spans(&found);
            assert!(found.iter().flatten().count() > 50);
            // batches fill up: the numbers may differ in their last bit, the spans not
            if let Some(f) = &first {
                assert_eq!(f, &found, "{choice:?} {threads} {batch:?}");
            }
            first.get_or_insert(found);
        }
    }
}

fn rayon_pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()
}

fn spans(tags: &[Vec<karuta::neural::Tag>]) -> Vec<Vec<(usize, usize, String)>> {
    tags.iter().map(|t| t.iter().map(|t| (t.start, t.end, t.label.clone())).collect()).collect()
}

#[test]
fn what_is_missing_or_unsuitable_is_refused_with_what_was_expected() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let refused = |at: &Path| Tagger::open(&Source::Folder(at.to_owned()), &LoadOptions::default()).unwrap_err().to_string();
    assert!(refused(&at.join("none")).contains("a folder with config.json"));
    assert!(refused(at).contains("config.json: not found"));
    long_finding(at);
    let config = std::fs::read_to_string(at.join("config.json")).unwrap();
    let with = |from: &str, to: &str| std::fs::write(at.join("config.json"), config.replace(from, to)).unwrap();
    with("\"bert\"", "\"gpt2\"");
    let why = refused(at);
    assert!(why.contains("gpt2") && why.contains("deberta-v2"), "{why}");
    with("\"num_hidden_layers\":1", "\"num_hidden_layers\":2");
    let why = refused(at);
    assert!(why.contains("model.safetensors") && why.contains("encoder.layer.1"), "{why}");
    with("B-a", "B-mystery");
    let why = refused(at);
    assert!(why.contains("labels.tsv") && why.contains("mystery"), "{why}");
    std::fs::write(at.join("labels.tsv"), "id\tlabel\tkind\tassertion\tadds\nx\td+\tillness\t-\talways\n").unwrap();
    let why = refused(at);
    assert!(why.contains("line 2") && why.contains("a kind of fact"), "{why}");
    std::fs::remove_file(at.join("labels.tsv")).unwrap();
    with("", "");
    std::fs::write(at.join("checksums.b3"), format!("{}  vocab.txt\n", "0".repeat(64))).unwrap();
    assert!(refused(at).contains("BLAKE3"));
    let sum = std::fs::read(at.join("vocab.txt")).unwrap();
    std::fs::write(at.join("checksums.b3"), format!("{}  vocab.txt\n", blake3::hash(&sum).to_hex())).unwrap();
    tagger(at, &LoadOptions::default());
    std::fs::write(at.join("model.safetensors"), b"not one").unwrap();
    assert!(refused(at).contains("model.safetensors"));
    std::fs::remove_file(at.join("model.safetensors")).unwrap();
    assert!(refused(at).contains("weights in safetensors"));
    std::fs::remove_file(at.join("vocab.txt")).unwrap();
    assert!(refused(at).contains("vocab.txt"));
    let hub = Source::parse("hf:nobody/nothing@0000000").unwrap();
    let why = Tagger::open(&hub, &LoadOptions { offline: true, ..LoadOptions::default() }).unwrap_err().to_string();
    assert!(why.contains("nobody/nothing@0000000"), "{why}");
}

#[test]
fn labels_of_published_models_have_a_ready_mapping() {
    let folder = tempfile::tempdir().unwrap();
    for labels in [
        &["O", "B-d_positive", "I-d_positive", "B-timex3_date", "I-timex3_date", "B-m-key_executed", "B-t-val", "B-cc_other"][..],
        &["O", "B-d+", "I-d?", "B-timex3", "B-t-test", "B-m-val", "B-cc", "B-p"],
    ] {
        let names: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        let m = karuta::neural::Mapping::of(&Files::Folder(folder.path().to_owned()), &names).unwrap();
        let d = m.meaning(if labels.contains(&"B-d+") { "d?" } else { "d_suspicious" }).unwrap();
        assert_eq!(d.assertion, Some(Assertion::Possible));
    }
}

#[test]
fn no_text_makes_the_tagger_fail() {
    let folder = tempfile::tempdir().unwrap();
    long_finding(folder.path());
    let engine = Engine::new().unwrap().with_tagger(Some(Arc::new(tagger(folder.path(), &LoadOptions::default()))));
    let mut worker = engine.worker();
    for text in ["", "\n\n", "造", "小腫瘤", "か\u{3099}造影", &"造影効果が乏しい小腫瘤".repeat(300), &"👨‍👩‍👧‍👦造影🇯🇵🇯🇵".repeat(20), "\u{FEFF}造\u{0}影"]
    {
        let found: Structured = worker.structure(text);
        for f in &found.facts {
            assert!(text.get(f.start..f.end).is_some_and(|t| t == f.text || !f.from.is_empty()), "{text:?} {f:?}");
        }
        assert!(found.facts.iter().enumerate().all(|(i, f)| f.id == format!("f{}", i + 1)));
    }
}

#[test]
fn a_ranker_reorders_only_what_the_string_leaves_open() {
    let engine = Engine::new().unwrap();
    let phrase = "膝関節靱帯の炎症";
    let by_string = engine.code(phrase);
    let names = |c: &karuta::coding::Coded| c.candidates.iter().take(2).map(|k| k.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&by_string), ["膝蓋靱帯炎", "膝靱帯損傷"]);
    assert!(by_string.candidates.iter().all(|k| k.ranked.is_none()));
    // 蓋 alone points elsewhere: the name without it is nearer to the phrase
    let folder = tempfile::tempdir().unwrap();
    told(folder.path(), "膝関節靱帯の炎症蓋損傷", |c| usize::from(c == '蓋'));
    let ranker = Arc::new(Embedder::open(&Source::Folder(folder.path().to_owned()), &LoadOptions::default()).unwrap());
    let vectors = ranker.embed(&["膝", "蓋", ""]).unwrap();
    assert!(vectors[0].len() == 8 && vectors[2].is_empty() && vectors[0] != vectors[1]);
    let engine = engine.with_ranker(Some(Arc::clone(&ranker)));
    let ranked = engine.code(phrase);
    assert_eq!(names(&ranked), ["膝靱帯損傷", "膝蓋靱帯炎"]);
    assert_eq!((&ranked.name, &ranked.codings), (&by_string.candidates[1].name, &by_string.candidates[1].codings));
    let why = ranked.candidates[0].ranked.as_ref().unwrap();
    assert_eq!((why.rule.as_str(), why.place), ("rank.margin", 2));
    assert_eq!(engine.code_by_string(phrase), by_string);
    // what is refused, and what the string decides, stay as they are
    for sure in ["特記事項なし", "右橈骨遠位端骨折の術後", "急性気管気管支の炎症", "前十字靱帯の切れ", ""] {
        let (a, b) = (engine.code(sure), engine.code_by_string(sure));
        assert_eq!((a.codings, a.name, a.refused), (b.codings, b.name, b.refused), "{sure}");
    }
    // many at once as each alone
    let mut all: Vec<_> = [phrase, "前十字靱帯の切れ", phrase].iter().map(|p| engine.code_by_string(p)).collect();
    ranker.rank(&mut all).unwrap();
    assert_eq!(all, [phrase, "前十字靱帯の切れ", phrase].map(|p| engine.code(p)));
}
