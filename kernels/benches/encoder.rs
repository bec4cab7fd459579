//! Milliseconds of an encoder of random weights, the best of a second: `encoder WIDTH LAYERS TOKENS ROWS [floats]`. Threads: `RAYON_NUM_THREADS`.
#![allow(clippy::unwrap_used, missing_docs)]

use karuta_kernels::{Activation, Dense, Embeddings, Encoder, LayerWeights, Norm, Numbers, Sequence, Shape};
use std::time::{Duration, Instant};

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let (n, layers, tokens, rows) = if let [n, layers, tokens, rows] = sizes.as_slice() { (*n, *layers, *tokens, *rows) } else { (128, 3, 254, 1) };
    let numbers = if std::env::args().any(|a| a == "floats") { Numbers::Floats } else { Numbers::Bytes };
    let mut seed = 1u32;
    let mut some = |len: usize| -> Vec<f32> {
        let next = || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (f64::from(seed) / f64::from(u32::MAX) - 0.5) as f32
        };
        std::iter::repeat_with(next).take(len).collect()
    };
    let (square, wide, bias) = (some(n * n), some(4 * n * n), some(4 * n));
    let (narrow, head) = (Dense { weight: &square, bias: &bias[..n] }, some(33 * n));
    let norm = Norm { weight: vec![1.0; n], bias: vec![0.0; n] };
    let layer = LayerWeights {
        asked: [narrow; 3],
        read: narrow,
        read_norm: norm.clone(),
        up: Dense { weight: &wide, bias: &bias },
        down: Dense { weight: &wide, bias: &bias[..n] },
        norm: norm.clone(),
    };
    let shape = Shape { hidden: n, heads: if n > 128 { n / 64 } else { n / 32 }, inner: 4 * n, activation: Activation::Gelu, eps: 1e-12, numbers };
    let embeddings = Embeddings { words: some(100 * n), positions: some(512 * n), types: some(n), norm };
    let mut encoder = Encoder::new(shape, embeddings).unwrap().with_classifier(Dense { weight: &head, bias: &bias[..33] }).unwrap();
    for _ in 0..layers {
        encoder = encoder.with_layer(&layer).unwrap();
    }
    let ids: Vec<u32> = (0..u32::try_from(tokens).unwrap()).map(|i| i * 7 % 100).collect();
    let sequences = vec![Sequence { tokens: &ids, types: &[] }; rows];
    encoder.run(&sequences).unwrap();
    let (begun, mut best) = (Instant::now(), Duration::MAX);
    while begun.elapsed() < Duration::from_secs(1) {
        let at = Instant::now();
        std::hint::black_box(encoder.run(&sequences).unwrap());
        best = best.min(at.elapsed());
    }
    println!("{encoder:?}: {rows} × {tokens} tokens in {:.3} ms", best.as_secs_f64() * 1000.0);
}
