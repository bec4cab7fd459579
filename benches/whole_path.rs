//! The whole path, tokenizer included, on one thread: MB/s of UTF-8, beside `mecab -Owakati` on the same text in
//! the same run; time from start to the first fact; resident memory.
//!
//! `cargo bench --bench whole_path` reads the charts under `corpora/charts`; `KARUTA_BENCH_NOTES=a.jsonl:b.jsonl`
//! names other notes ({"text"} lines).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

// as the command does
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let notes = notes();
    let bytes: usize = notes.iter().map(String::len).sum();
    println!("{} notes, {:.2} MB of UTF-8", notes.len(), bytes as f64 / 1e6);
    let started = Instant::now();
    let engine = karuta::Engine::new().expect("engine");
    let mut worker = engine.worker();
    let built = started.elapsed();
    assert!(!worker.structure("BT39.2").facts.is_empty());
    println!("engine built in {:.1} ms, first fact after {:.1} ms", built.as_secs_f64() * 1e3, started.elapsed().as_secs_f64() * 1e3);

    let mut rates = Vec::new();
    let mut facts = 0;
    for _ in 0..7 {
        let t = Instant::now();
        facts = notes.iter().map(|n| std::hint::black_box(worker.structure(n)).facts.len()).sum();
        rates.push(bytes as f64 / 1e6 / t.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    println!("karuta, whole path, one thread: {:.1} MB/s (median of 7; {:.1} to {:.1}), {facts} facts", rates[3], rates[0], rates[6]);
    println!("resident: {} MB", resident());
    let beside = mecab(&notes);
    match beside {
        Some(rate) => println!("mecab -Owakati (IPADIC): {rate:.1} MB/s as a process, start included; karuta at {:.2} of it", rates[3] / rate),
        None => println!("mecab is not installed (Debian: mecab mecab-ipadic-utf8)"),
    }
    // on a slow or busy machine both are slow: half of MeCab's rate is what the least rate is on the machine it was set on
    if let Some(least) = std::env::var("KARUTA_BENCH_LEAST").ok().and_then(|v| v.parse::<f64>().ok()) {
        assert!(rates[3] >= least || beside.is_some_and(|m| rates[3] >= m / 2.0), "{:.1} MB/s, expected at least {least} or half of MeCab's", rates[3]);
    }
}

fn notes() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpora/charts");
    let files: Vec<PathBuf> = match std::env::var("KARUTA_BENCH_NOTES") {
        Ok(list) => list.split(':').map(PathBuf::from).collect(),
        Err(_) => std::fs::read_dir(root).expect("corpora/charts").map(|e| e.expect("entry").path()).collect(),
    };
    let mut out = Vec::new();
    for f in files {
        let text = std::fs::read_to_string(&f).unwrap_or_else(|e| panic!("{}: {e}", f.display()));
        if f.extension().is_some_and(|e| e == "jsonl") {
            out.extend(text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok()?["text"].as_str().map(str::to_owned)));
        } else if f.extension().is_some_and(|e| e == "txt") {
            out.push(text);
        }
    }
    // enough text to measure, when there are only a few charts
    let once = out.clone();
    while !once.is_empty() && out.iter().map(String::len).sum::<usize>() < 1_500_000 {
        out.extend(once.iter().cloned());
    }
    out
}

fn mecab(notes: &[String]) -> Option<f64> {
    let mut rates = Vec::new();
    for _ in 0..3 {
        let t = Instant::now();
        let mut child = Command::new("mecab").arg("-Owakati").arg("-b").arg("1000000").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let mut stdin = child.stdin.take()?;
        for n in notes {
            stdin.write_all(n.as_bytes()).ok()?;
            stdin.write_all(b"\n").ok()?;
        }
        drop(stdin);
        child.wait().ok()?;
        rates.push(notes.iter().map(String::len).sum::<usize>() as f64 / 1e6 / t.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    rates.get(1).copied()
}

/// Resident set in MB, from the system's account of this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmRSS:")).and_then(|l| l.split_whitespace().next()).and_then(|k| k.parse::<u64>().ok()).map_or(0, |k| k / 1024)
}
