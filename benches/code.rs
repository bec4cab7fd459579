//! Phrases coded a second on one thread, with the curated pack and with the pack that `KARUTA_BENCH_PACK` names;
//! time from start to the first phrase that is looked for by nearness; resident memory.
//!
//! `KARUTA_BENCH_PACK=official.kpack cargo bench --bench code`; `KARUTA_BENCH_PHRASES=a.jsonl` names phrases
//! ({"text"} lines), else the names of the tables and misspellings of them are coded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use karuta::Engine;
use karuta::lexicon::{ConceptKind, Lexicon, Pack};
use std::path::Path;
use std::time::Instant;

fn main() {
    let phrases = phrases();
    measure("curated", Vec::new(), &phrases);
    if let Ok(path) = std::env::var("KARUTA_BENCH_PACK") {
        let started = Instant::now();
        let pack = Pack::open(Path::new(&path)).expect("KARUTA_BENCH_PACK");
        println!("{path}: {:.1} MB, opened in {:.0} ms", pack.size() as f64 / 1e6, started.elapsed().as_secs_f64() * 1e3);
        measure("with the pack", vec![pack], &phrases);
    }
}

fn measure(what: &str, packs: Vec<Pack>, phrases: &[String]) {
    let started = Instant::now();
    let engine = Engine::with_lexicon(Lexicon::layered(packs).expect("lexicon")).expect("engine");
    std::hint::black_box(engine.code("橈骨遠位端部の骨折線"));
    let first = started.elapsed();
    let mut rates = Vec::new();
    let mut coded = 0;
    for _ in 0..5 {
        let t = Instant::now();
        coded = phrases.iter().filter(|p| engine.code(p).refused.is_none()).count();
        rates.push(phrases.len() as f64 / t.elapsed().as_secs_f64());
    }
    rates.sort_by(f64::total_cmp);
    println!(
        "{what}: {:.0} phrases/s on one thread (median of 5; {:.0} to {:.0}), {coded} of {} coded, first near name after {:.0} ms, resident {} MB",
        rates[2],
        rates[0],
        rates[4],
        phrases.len(),
        first.as_secs_f64() * 1e3,
        resident()
    );
    if let Some(least) = std::env::var("KARUTA_BENCH_LEAST").ok().and_then(|v| v.parse::<f64>().ok()) {
        assert!(rates[2] >= least, "{:.0} phrases/s, expected at least {least}", rates[2]);
    }
}

/// Names of the tables, each third as it is, with its first character doubled, and without its last.
fn phrases() -> Vec<String> {
    if let Ok(path) = std::env::var("KARUTA_BENCH_PHRASES") {
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        return text.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok()?["text"].as_str().map(str::to_owned)).collect();
    }
    let engine = Engine::new().expect("engine");
    let pack = &engine.lexicon().packs()[0];
    let names = pack.concepts().filter(|c| matches!(c.1.kind(), ConceptKind::Disorder | ConceptKind::Finding)).map(|c| c.1.name().to_owned());
    let bent = |(i, n): (usize, String)| match i % 3 {
        0 => n,
        1 => n.chars().take(1).chain(n.chars()).collect(),
        _ => n.chars().take(n.chars().count().saturating_sub(1)).collect(),
    };
    names.enumerate().map(bent).collect()
}

/// Resident memory in MB, where `/proc` tells.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmRSS:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()).unwrap_or(0) / 1024
}
