"""The linear part of the tagger: weights of short patterns of characters and of what the rules found.

A pattern is one of TEMPLATES filled in at a token: the values of channels at places beside it. Channels read only what the
encoder reads, the ids and types of tokens. The library computes the same keys (`src/neural/linear.rs`).
"""
from __future__ import annotations

import os
import tempfile

import numpy as np
import pycrfsuite

from data import LABEL_ID, LABELS

# a letter names a channel, the number behind it the place beside the token
TEMPLATES = (
    [""]
    + [f"{channel}{k}" for channel in "ckr" for k in range(-3, 4)]
    + [f"c{k} c{k + 1}" for k in range(-2, 2)]
    + [f"r{k} r{k + 1}" for k in range(-2, 2)]
    + [f"r{k} c{k + 1}" for k in range(-2, 2)]
    + [f"c{k} c{k + 1} c{k + 2}" for k in range(-2, 1)]
    + ["r-2 r-1 r0 r1 r2", "n0 r0", "h0"]
)
FAR = 12  # how many tokens ahead `n` and `h` look
OUTSIDE = 0xFFFF  # the value of a place outside the window
MASK = (1 << 64) - 1


def kind(token):
    """The class of a token of the vocabulary: `k` of the channels."""
    if len(token) != 1:
        return 0
    c = ord(token)
    if 0x3041 <= c <= 0x309F:
        return 1
    if 0x30A0 <= c <= 0x30FF:
        return 2
    if 0x3400 <= c <= 0x9FFF or 0xF900 <= c <= 0xFAFF or c == 0x3005 or c >= 0x20000:
        return 3
    if 0x30 <= c <= 0x39:
        return 4
    if 0x41 <= c <= 0x5A or 0x61 <= c <= 0x7A or 0x370 <= c <= 0x3FF:
        return 5
    return 6 if token in "、,。." else 7 if token in "()「」" else 8


def channels(ids, types, kinds):
    """The channels of a window: a list of values for each letter."""
    k = [kinds[i] for i in ids]
    n, h = [], []
    for i in range(len(ids)):
        ahead = range(i + 1, min(len(ids), i + FAR))
        n.append(next((types[j] + 1 for j in ahead if types[j] != types[i]), 0))
        h.append(next(((ids[j] << 16) | (ids[j + 1] if j + 1 < len(ids) else OUTSIDE) for j in [i, *ahead] if k[j] == 1), 0))
    return {"c": ids, "k": k, "r": types, "n": n, "h": h}


def parsed(template):
    return [(part[0], int(part[1:])) for part in template.split()]


def mixed(h, value):
    h = ((h ^ value) * 0x9E3779B97F4A7C15) & MASK
    return h ^ (h >> 29)


def keys(window, vocab, kinds):
    """For each token of a window the keys of its patterns: numbers of 64 bits."""
    unk = vocab["[UNK]"]
    ids = [vocab.get(c, unk) for c in window.tokens]
    of = channels(ids, window.types, kinds)
    out = [[] for _ in ids]
    for number, template in enumerate(TEMPLATES):
        parts = parsed(template)
        for i in range(len(ids)):
            h = mixed(0, number + 1)
            for letter, place in parts:
                at = i + place
                h = mixed(h, of[letter][at] if 0 <= at < len(ids) else OUTSIDE)
            out[i].append(h)
    return out


def kinds_of(vocab):
    return [kind(t) for t, _ in sorted(vocab.items(), key=lambda x: x[1])]


class Linear:
    """A linear-chain CRF over patterns: weights {key: [(label, weight)]} and scores of labels after labels."""

    def __init__(self, weights, transitions, unseen):
        self.weights, self.transitions, self.unseen = weights, transitions, unseen

    @classmethod
    def fit(cls, windows, vocab, c1, c2, iterations=80):
        """L-BFGS with an L1 (c1) and an L2 (c2) penalty."""
        kinds = kinds_of(vocab)
        trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params({"c1": c1, "c2": c2, "max_iterations": iterations, "feature.possible_transitions": True})
        for w in windows:
            trainer.append([[f"{k:x}" for k in row] for row in keys(w, vocab, kinds)], w.labels)
        with tempfile.TemporaryDirectory() as folder:
            at = os.path.join(folder, "crf")
            trainer.train(at)
            tagger = pycrfsuite.Tagger()
            tagger.open(at)
            return cls.of(tagger.info())

    @classmethod
    def of(cls, info):
        weights = {}
        for (key, label), w in info.state_features.items():
            weights.setdefault(int(key, 16), []).append((LABEL_ID[label], w))
        transitions = np.zeros((len(LABELS), len(LABELS)), np.float32)
        for a in LABELS:
            for b in LABELS:
                if b.startswith("I-") and a[2:] != b[2:]:
                    transitions[LABEL_ID[a], LABEL_ID[b]] = -8
        for (a, b), w in info.transitions.items():
            transitions[LABEL_ID[a], LABEL_ID[b]] = w
        return cls(weights, transitions, [i for label, i in LABEL_ID.items() if label not in info.labels])

    def tensors(self):
        """The weights as the model's file holds them: the numbers of key i are those between ends[i - 1] and ends[i]."""
        rows = sorted(self.weights.items())
        flat = [x for _, row in rows for x in row]
        return {
            "linear.keys": np.array([k for k, _ in rows], np.uint64).view(np.int64),
            "linear.ends": np.cumsum([len(row) for _, row in rows]).astype(np.uint32),
            "linear.labels": np.array([label for label, _ in flat], np.uint8),
            "linear.weights": np.array([w for _, w in flat], np.float16),
        }

    @classmethod
    def of_tensors(cls, t):
        ends = t["linear.ends"].tolist()
        pairs = list(zip(t["linear.labels"].tolist(), t["linear.weights"].astype(np.float32).tolist()))
        keys = t["linear.keys"].view(np.uint64).tolist()
        return cls({k: pairs[a:b] for k, a, b in zip(keys, [0, *ends], ends)}, None, [])

    def logits(self, window, vocab, kinds):
        """[tokens, labels]"""
        out = np.zeros((len(window.tokens), len(LABELS)), np.float32)
        out[:, self.unseen] = -3
        for row, of_token in zip(out, keys(window, vocab, kinds)):
            for k in of_token:
                for label, w in self.weights.get(k, ()):
                    row[label] += w
        return out
