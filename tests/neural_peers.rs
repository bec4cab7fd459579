//! Tokenizers against transformers and encoders against onnxruntime or transformers, over files that `scripts/test-neural.sh` makes.
//!
//! `KARUTA_PEERS` names their folder; without it nothing is compared.
#![cfg(feature = "neural")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use karuta::neural::{Batch, Candle, Engine, Files, ModelConfig, Native, Onnx, Precision, TextTokenizer};
use serde::Deserialize;
use std::path::{Path, PathBuf};

fn folders(with: &str) -> Vec<PathBuf> {
    let Some(root) = std::env::var_os("KARUTA_PEERS") else {
        eprintln!("KARUTA_PEERS is not set: not compared");
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|f| f.unwrap().path()).filter(|f| f.join(with).is_file()).collect();
    found.sort();
    assert!(!found.is_empty(), "no folder with {with}");
    found
}

#[derive(Deserialize)]
struct Expected {
    text: String,
    ids: Vec<u32>,
    words: Option<PathBuf>,
}

#[test]
fn tokens_are_those_of_transformers() {
    for folder in folders("expected.jsonl") {
        let files = Files::Folder(folder.clone());
        let config = ModelConfig::read(&files).unwrap();
        let rows: Vec<Expected> = std::fs::read_to_string(folder.join("expected.jsonl")).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        let tokenizer = TextTokenizer::open(&files, &config, rows[0].words.as_deref()).unwrap();
        let (mut same, mut tokens, mut tokens_same, mut shown) = (0, 0, 0, 0);
        for row in &rows {
            let ours = tokenizer.tokens(&row.text);
            let ids: Vec<u32> = ours.iter().map(|t| t.id).collect();
            tokens += row.ids.len();
            if ids == row.ids {
                same += 1;
                tokens_same += row.ids.len();
            } else {
                tokens_same += common(&ids, &row.ids);
            }
            if ids != row.ids && shown < 6 {
                shown += 1;
                let i = ids.iter().zip(&row.ids).take_while(|(a, b)| a == b).count();
                let at = ours.get(i.saturating_sub(1)).map_or(0, |t| t.start);
                eprintln!(
                    "  {:?}… ours {:?}, transformers {:?}",
                    row.text[at..].chars().take(24).collect::<String>(),
                    &ids[i.min(ids.len())..ids.len().min(i + 6)],
                    &row.ids[i.min(row.ids.len())..row.ids.len().min(i + 6)]
                );
            }
            // each token is aligned to whole characters of the text, in order
            let mut last = 0;
            for t in &ours {
                assert!(t.start >= last && t.end >= t.start && row.text.get(t.start..t.end).is_some(), "{:?}: {t:?}", row.text);
                last = t.start;
            }
        }
        println!("{}: {same} of {} lines, {tokens_same} of {tokens} tokens are the same", folder.file_name().unwrap().display(), rows.len());
        assert_eq!(tokens_same, tokens, "{}", folder.display());
    }
}

/// The length of the longest common subsequence.
fn common(a: &[u32], b: &[u32]) -> usize {
    let mut row = vec![0; b.len() + 1];
    for x in a {
        let mut corner = 0;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = if x == y { corner + 1 } else { above.max(row[j]) };
            corner = above;
        }
    }
    row[b.len()]
}

#[derive(Deserialize)]
struct Logits {
    rows: Vec<Vec<u32>>,
    logits: Vec<Vec<f32>>,
}

#[test]
fn logits_are_those_of_others() {
    for folder in folders("logits.json") {
        let config = ModelConfig::read(&Files::Folder(folder.clone())).unwrap();
        let weights = std::fs::read(folder.join("model.safetensors")).unwrap();
        let expected: Logits = serde_json::from_slice(&std::fs::read(folder.join("logits.json")).unwrap()).unwrap();
        let candle = Candle::new(&config, &weights, None, Precision::F32).unwrap();
        // together, filled up, and each alone
        let together = Batch::new(expected.rows.iter().map(|r| (r.as_slice(), &[][..])), config.pad_token_id.unwrap_or(0), 1);
        let all = candle.run(&together).unwrap();
        let most = expected.logits.iter().enumerate().map(|(i, e)| difference(e, &all.row(i)[..e.len()])).fold(0f32, f32::max);
        println!("{}: candle, filled up, differs by {most:e}", folder.file_name().unwrap().display());
        assert!(most < 1e-3, "{}", folder.display());
        alone(&candle, &expected, &folder);
        if config.model_type != "deberta-v2" {
            alone(&Onnx::from_weights(Path::new("model.safetensors"), &config, &weights, false).unwrap(), &expected, &folder);
            match Native::new(Path::new("model.safetensors"), &config, &weights, false) {
                Ok(native) => alone(&native, &expected, &folder),
                Err(e) => assert!(e.to_string().contains("a CPU without"), "{e}"),
            }
        }
        let onnx = folder.join("model.onnx");
        if onnx.is_file() {
            alone(&Onnx::open(&onnx, std::fs::read(&onnx).unwrap(), &config).unwrap(), &expected, &folder);
        }
    }
}

fn alone(engine: &dyn Engine, expected: &Logits, folder: &Path) {
    let mut most = 0f32;
    for (row, e) in expected.rows.iter().zip(&expected.logits) {
        let out = engine.run(&Batch::new(std::iter::once((row.as_slice(), &[][..])), 0, 1)).unwrap();
        most = most.max(difference(e, &out.data));
    }
    println!("{}: {} differs by {most:e}", folder.file_name().unwrap().display(), engine.name());
    assert!(most < 1e-3, "{} {}", folder.display(), engine.name());
}

fn difference(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max)
}
