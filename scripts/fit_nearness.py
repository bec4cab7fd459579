#!/usr/bin/env python3
"""Fits the weights of src/coding/near.rs and prints them as Rust constants.

  KARUTA_PACKS=official.kpack KARUTA_SAMPLES=samples.tsv cargo test --lib coding::near -- --ignored
  fit_nearness.py samples.tsv

A sample is one line: phrase, rank, whether the name is meant, features. Only the first names are fitted on.
"""
import math, random, sys

def fit(X, Y, epochs=10):
    random.seed(1)
    k = len(X[0]); w = [0.0] * k; g2 = [1e-6] * k; order = list(range(len(X)))
    for _ in range(epochs):
        random.shuffle(order)
        for i in order:
            x = X[i]; e = share(w, x) - Y[i]
            for j in range(k):
                g = e * x[j] + 1e-5 * w[j]; g2[j] += g * g; w[j] -= 0.3 * g / math.sqrt(g2[j])
    return w

def share(w, x): return 1 / (1 + math.exp(-max(-30, min(30, sum(a * b for a, b in zip(w, x))))))

def main(path):
    X, Y = [], []
    for line in open(path, encoding="utf-8"):
        c = line.split("\t")
        if c[1] == "0": Y.append(int(c[2])); X.append([float(v) for v in c[3:]])
    w = fit(X, Y)
    print(f"const FIRST: [f64; FEATURES] = [{', '.join(f'{v:.2f}' for v in w)}];")
    bins = [[0, 0] for _ in range(10)]
    for y, x in zip(Y, X):
        b = bins[min(9, int(share(w, x) * 10))]; b[0] += 1; b[1] += y
    for i, (n, y) in enumerate(bins): print(f"// share {i / 10:.1f}: {n} samples, {y / max(n, 1):.3f} meant")

main(sys.argv[1])
