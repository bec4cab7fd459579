//! The tagger beside the rules, over tiny models that are made here: no network, no file of others.
#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice, clippy::cast_precision_loss)]

use karuta::Engine;
use karuta::model::{Applicability, Assertion, Structured};
use karuta::neural::{Batch, Candle, Crf, Engine as Runner, EngineChoice, Files, LoadOptions, ModelConfig, Onnx, Precision, Source, Tagged, Tagger};
use std::path::Path;
use std::sync::Arc;

type Tensors = Vec<(String, Vec<usize>, Vec<f32>)>;

/// A safetensors file.
fn safetensors(tensors: &Tensors) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (name, shape, values) in tensors {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "{name}");
        let start = data.len();
        data.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        header.insert(name.clone(), serde_json::json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] }));
    }
    let mut header = serde_json::to_vec(&header).unwrap();
    header.resize(header.len().next_multiple_of(8), b' ');
    [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat()
}

/// Numbers that look random and are the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 2.0
    }

    fn many(&mut self, n: usize, scale: f32) -> Vec<f32> {
        (0..n).map(|_| self.next() * scale).collect()
    }
}

struct Shape {
    vocab: usize,
    hidden: usize,
    layers: usize,
    heads: usize,
    inner: usize,
    positions: usize,
    types: usize,
}

/// The weights of a BERT: each made by `make` from its name, its shape and its length.
fn bert(s: &Shape, labels: usize, mut make: impl FnMut(&str, usize) -> Vec<f32>) -> Tensors {
    let mut out = Tensors::new();
    let mut add = |name: String, shape: Vec<usize>| {
        let n = shape.iter().product();
        let values = make(&name, n);
        out.push((name, shape, values));
    };
    let h = s.hidden;
    for (name, n) in [("word", s.vocab), ("position", s.positions), ("token_type", s.types)] {
        add(format!("bert.embeddings.{name}_embeddings.weight"), vec![n, h]);
    }
    let mut both = |name: String, shape: Vec<usize>| {
        add(format!("{name}.bias"), vec![shape[0]]);
        add(format!("{name}.weight"), shape);
    };
    both("bert.embeddings.LayerNorm".into(), vec![h]);
    for i in 0..s.layers {
        let p = format!("bert.encoder.layer.{i}");
        for x in ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"] {
            both(format!("{p}.{x}"), vec![h, h]);
        }
        both(format!("{p}.attention.output.LayerNorm"), vec![h]);
        both(format!("{p}.intermediate.dense"), vec![s.inner, h]);
        both(format!("{p}.output.dense"), vec![h, s.inner]);
        both(format!("{p}.output.LayerNorm"), vec![h]);
    }
    both("classifier".into(), vec![labels, h]);
    out
}

fn random(s: &Shape, labels: usize) -> Tensors {
    let mut numbers = Numbers(42);
    bert(s, labels, |name, n| match name {
        _ if name.ends_with("LayerNorm.weight") => numbers.many(n, 0.2).into_iter().map(|x| 1.0 + x).collect(),
        _ if name.ends_with("bias") => numbers.many(n, 0.1),
        _ => numbers.many(n, 0.4),
    })
}

const LABELS: [&str; 7] = ["O", "B-d+", "I-d+", "B-d-", "I-d-", "B-a", "I-a"];

fn config(s: &Shape, labels: &[&str], extra: serde_json::Value) -> serde_json::Value {
    let names: serde_json::Map<_, _> = labels.iter().enumerate().map(|(i, l)| (i.to_string(), (*l).into())).collect();
    serde_json::json!({
        "model_type": "bert", "architectures": ["BertForTokenClassification"], "vocab_size": s.vocab, "hidden_size": s.hidden, "num_hidden_layers": s.layers,
        "num_attention_heads": s.heads, "intermediate_size": s.inner, "max_position_embeddings": s.positions, "type_vocab_size": s.types, "hidden_act": "gelu",
        "layer_norm_eps": 1e-12, "pad_token_id": 0, "id2label": names, "karuta": extra
    })
}

/// The vocabulary of the characters of `text`.
fn vocabulary(text: &str) -> Vec<String> {
    let mut out: Vec<String> = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned).to_vec();
    for c in text.chars().map(String::from) {
        if !out.contains(&c) {
            out.push(c);
        }
    }
    out
}

/// A model that tells each character's label by the character alone: `says` names the label of each.
fn told(folder: &Path, says: &str, label: impl Fn(char) -> usize) -> Shape {
    let vocab = vocabulary(says);
    let s = Shape { vocab: vocab.len(), hidden: 8, layers: 1, heads: 2, inner: 8, positions: 64, types: 2 };
    let of: Vec<usize> = vocab.iter().map(|v| if v.chars().count() == 1 { label(v.chars().next().unwrap()) } else { 0 }).collect();
    let tensors = bert(&s, LABELS.len(), |name, n| match name {
        // a token's vector points to its label; all else leaves it
        "bert.embeddings.word_embeddings.weight" => of.iter().flat_map(|l| (0..8).map(move |i| if i == *l { 9.0 } else { 0.0 })).collect(),
        "classifier.weight" => (0..LABELS.len()).flat_map(|l| (0..8).map(move |i| if i == l { 4.0 } else { 0.0 })).collect(),
        _ if name.ends_with("LayerNorm.weight") => vec![1.0; n],
        _ => vec![0.0; n],
    });
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("model.safetensors"), safetensors(&tensors)).unwrap();
    std::fs::write(folder.join("config.json"), config(&s, &LABELS, serde_json::json!({ "tokenizer": "characters", "input": "line" })).to_string()).unwrap();
    std::fs::write(folder.join("vocab.txt"), vocab.join("\n") + "\n").unwrap();
    s
}

fn tagger(folder: &Path, options: &LoadOptions) -> Tagger {
    Tagger::open(&Source::Folder(folder.to_owned()), options).unwrap()
}

#[test]
fn both_engines_say_the_same() {
    let s = Shape { vocab: 60, hidden: 32, layers: 3, heads: 4, inner: 64, positions: 48, types: 3 };
    let config: ModelConfig = serde_json::from_value(config(&s, &LABELS, serde_json::json!({}))).unwrap();
    let weights = safetensors(&random(&s, LABELS.len()));
    let candle = Candle::new(&config, &weights, None, Precision::F32).unwrap();
    let rten = Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, false).unwrap();
    let int8 = Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, true).unwrap();
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
}

#[test]
fn types_of_tokens_reach_both_engines() {
    let s = Shape { vocab: 20, hidden: 16, layers: 2, heads: 2, inner: 32, positions: 16, types: 16 };
    let config: ModelConfig = serde_json::from_value(config(&s, &LABELS, serde_json::json!({ "types": "facts" }))).unwrap();
    let weights = safetensors(&random(&s, LABELS.len()));
    let candle = Candle::new(&config, &weights, None, Precision::F32).unwrap();
    let rten = Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, false).unwrap();
    let run = |types: &[u32]| {
        let batch = Batch::new(std::iter::once((&[2u32, 8, 9, 3][..], types)), 0, 1);
        (candle.run(&batch).unwrap().data, rten.run(&batch).unwrap().data)
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
    let found = engine.worker().structure("わわ病が続く");
    let f = found.facts.iter().find(|f| f.text.contains("わわ病")).unwrap();
    assert_eq!(f.applicability, Applicability::Confirm);
    assert!(f.confidence < 0.9 && f.id == "f1", "{f:?}");
    // the rules read what is said of it, whatever the tag
    for (text, said) in [("わわ病を認めない。熱が続く。", Assertion::Absent), ("母にわわ病が強く疑われた。", Assertion::Possible)] {
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
    let s = Shape { vocab: 40, hidden: 32, layers: 2, heads: 4, inner: 64, positions: 64, types: 2 };
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
    for choice in [EngineChoice::Candle, EngineChoice::Rten, EngineChoice::RtenInt8] {
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
