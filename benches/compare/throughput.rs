//! Karuta from Rust for `run.py`: structures or codes the texts of a file on so many threads, a round whenever a line comes in.
//!
//! `throughput structure|code TEXTS THREADS [PACK]`; TEXTS is made of a length (32 bits, little-endian) and as many bytes of UTF-8 each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use karuta::Engine;
use karuta::lexicon::{Lexicon, Pack};
use karuta::note::OffsetUnit;
use std::io::BufRead;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Texts that a thread takes at a time.
const BLOCK: usize = 16;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let bytes = std::fs::read(&args[1]).expect("texts");
    let texts = texts(&bytes);
    let threads: usize = args[2].parse().expect("threads");
    let packs = args[3..].iter().map(|p| Pack::open(Path::new(p)).expect("pack")).collect();
    let engine = Engine::with_lexicon(Lexicon::layered(packs).expect("packs")).expect("engine");
    let code = args[0] == "code";
    one(code, &engine, &mut engine.worker(), texts[0]);
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        if line.expect("a line") == "quit" {
            return;
        }
        let started = Instant::now();
        let items = round(code, &engine, &texts, threads);
        println!("{{\"seconds\": {}, \"items\": {items}}}", started.elapsed().as_secs_f64());
    }
}

fn texts(mut rest: &[u8]) -> Vec<&str> {
    let mut out = Vec::new();
    while let Some((length, tail)) = rest.split_first_chunk::<4>() {
        let (text, tail) = tail.split_at(u32::from_le_bytes(*length) as usize);
        out.push(std::str::from_utf8(text).expect("UTF-8"));
        rest = tail;
    }
    out
}

fn round(code: bool, engine: &Engine, texts: &[&str], threads: usize) -> usize {
    let (next, items) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|s| {
        for _ in 0..threads {
            s.spawn(|| {
                let mut worker = engine.worker();
                while let Some(block) = texts.chunks(BLOCK).nth(next.fetch_add(1, Ordering::Relaxed)) {
                    let n = block.iter().map(|t| one(code, engine, &mut worker, t)).sum::<usize>();
                    items.fetch_add(n, Ordering::Relaxed);
                }
            });
        }
    });
    items.into_inner()
}

fn one(code: bool, engine: &Engine, worker: &mut karuta::Worker<'_>, text: &str) -> usize {
    if code {
        return usize::from(!std::hint::black_box(engine.code(text)).codings.is_empty());
    }
    let mut found = worker.structure(text);
    found.count_in(text, OffsetUnit::CodePoints);
    std::hint::black_box(found).facts.len()
}
