//! Tokens a second of the engines over one model, for `benches/neural.py`, which runs PyTorch and onnxruntime beside it.
//!
//! `neural FOLDER ENGINE ROWS LENGTH SECONDS`; ENGINE: candle, native, native-int8, rten, rten-int8. Threads: `RAYON_NUM_THREADS`.
//! Rows are run as notes are: grouped as the engine wants it, groups beside one another on the threads there are.
//! Prints one JSON line: tokens a second (the best and the median round), milliseconds to load, peak memory in MB.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::cast_precision_loss, clippy::indexing_slicing)]

use karuta::neural::{Batch, Candle, Engine, Files, ModelConfig, Native, Onnx, Precision};
use rayon::prelude::*;
use std::path::Path;
use std::time::Instant;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [folder, name, rows, length, seconds] = args.as_slice() else {
        eprintln!("usage: neural FOLDER ENGINE ROWS LENGTH SECONDS");
        return;
    };
    let (rows, length): (usize, usize) = (rows.parse().unwrap(), length.parse().unwrap());
    let seconds: f64 = seconds.parse().unwrap();
    let config = ModelConfig::read(&Files::Folder(folder.into())).unwrap();
    let path = Path::new(folder).join("model.safetensors");
    let begun = Instant::now();
    let weights = std::fs::read(&path).unwrap();
    let engine: Box<dyn Engine> = match name.as_str() {
        "candle" => Box::new(Candle::new(&config, &weights, None, Precision::F32).unwrap()),
        "native" => Box::new(Native::new(&path, &config, &weights, false).unwrap()),
        "native-int8" => Box::new(Native::new(&path, &config, &weights, true).unwrap()),
        "rten" => Box::new(Onnx::from_weights(&path, &config, &weights, false).unwrap()),
        _ => Box::new(Onnx::from_weights(&path, &config, &weights, true).unwrap()),
    };
    drop(weights);
    let load = begun.elapsed().as_secs_f64() * 1000.0;
    let ids: Vec<Vec<u32>> = (0..rows).map(|r| (0..length).map(|i| u32::try_from((r * 131 + i * 17) % config.vocab_size).unwrap()).collect()).collect();
    let groups = engine.batching().groups(&vec![length; rows]);
    let batches: Vec<Batch> = groups.iter().map(|g| Batch::new(g.iter().map(|i| (ids[*i].as_slice(), &[][..])), 0, 1)).collect();
    let mut rounds = Vec::new();
    engine.within(&mut || {
        let all = || batches.par_iter().for_each(|b| drop(std::hint::black_box(engine.run(b).unwrap())));
        all();
        let begun = Instant::now();
        while begun.elapsed().as_secs_f64() < seconds || rounds.len() < 3 {
            let at = Instant::now();
            all();
            rounds.push((rows * length) as f64 / at.elapsed().as_secs_f64());
        }
    });
    rounds.sort_by(f64::total_cmp);
    let (best, median) = (rounds.last().copied().unwrap(), rounds.get(rounds.len() / 2).copied().unwrap());
    println!("{}", serde_json::json!({ "best": best.round(), "median": median.round(), "load_ms": load.round(), "peak_mb": peak() }));
}

/// The most memory that was resident, in MB.
fn peak() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? / 1024.0)
}
