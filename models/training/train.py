"""The training loop that pre-training and fine-tuning share."""
from __future__ import annotations

import argparse
import copy
import random
import time

import torch
from torch import nn

from data import Window
from model import batches, collate


def noisy(w, rng, vocab_chars, p_char, p_type):
    """A copy with some characters unknown or swapped and some rule facts forgotten, so that neither is leaned on alone."""
    tokens, types = list(w.tokens), list(w.types)
    for i, at in enumerate(w.at):
        if at >= 0 and rng.random() < p_char:
            tokens[i] = "[MASK]" if rng.random() < 0.7 else rng.choice(vocab_chars)
    i = 0
    while i < len(types):
        j = i + 1
        if types[i]:
            while j < len(types) and types[j] and (types[j] in (types[i], types[i] + 1) or types[j] // 3 == types[i] // 3):
                j += 1
            if rng.random() < p_type:
                types[i:j] = [0] * (j - i)
        i = j
    return Window(tokens, w.at, types, w.labels)


def mentions(windows):
    """Every tagged mention of the windows: tag -> [(tokens, types)]."""
    pool = {}
    for w in windows:
        i = 0
        while i < len(w.tokens):
            j = i + 1
            if w.labels[i].startswith("B-"):
                tag = w.labels[i][2:]
                while j < len(w.tokens) and w.labels[j] == "I-" + tag:
                    j += 1
                pool.setdefault(tag, []).append((w.tokens[i:j], w.types[i:j]))
            i = j
    return pool


def swapped(w, pool, rng, p, room=254):
    """A copy with some mentions put in the place of others of their tag, the rules' facts of them included."""
    out, i = Window([], [], [], []), 0
    while i < len(w.tokens):
        j = i + 1
        tokens, types, labels = w.tokens[i:j], w.types[i:j], w.labels[i:j]
        if w.labels[i].startswith("B-"):
            tag = w.labels[i][2:]
            while j < len(w.tokens) and w.labels[j] == "I-" + tag:
                j += 1
            tokens, types = w.tokens[i:j], w.types[i:j]
            if tag in pool and rng.random() < p:
                tokens, types = rng.choice(pool[tag])
            labels = ["B-" + tag] + ["I-" + tag] * (len(tokens) - 1)
        out.tokens += tokens
        out.types += types
        out.labels += labels
        out.at += [0 if len(t) == 1 else -1 for t in tokens]
        i = j
    return out if len(out.tokens) <= room else w


def fit(model, data, vocab, *, epochs, lr, batch_tokens, seed, p_char=0.05, p_type=0.05, mlm=0.0, warm=0.1,
        average=0.0, p_swap=0.0, say=print, every=1, log_steps=0):
    """AdamW with warm-up and linear decay; returns the averaged weights' model when `average` is a decay rate."""
    rng = random.Random(seed)
    chars = [c for c in vocab if len(c) == 1]
    decay = [p for n, p in model.named_parameters() if p.dim() > 1 and "crf" not in n]
    crf = [p for n, p in model.named_parameters() if n.startswith("crf")]
    rest = [p for n, p in model.named_parameters() if p.dim() <= 1 and "crf" not in n]
    opt = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0},
                             {"params": crf, "weight_decay": 0.0, "lr": lr * 10, "scale": 10}], lr=lr)
    pool = mentions(data) if p_swap else {}
    steps = epochs * len(batches(data, batch_tokens, random.Random(0)))
    step, ema, begun = 0, copy.deepcopy(model) if average else None, time.time()
    for epoch in range(epochs):
        model.train()
        total = seen = 0.0
        for group in batches(data, batch_tokens, rng):
            rate = lr * min((step + 1) / max(1, warm * steps), max(0.0, (steps - step) / ((1 - warm) * steps + 1)))
            for g in opt.param_groups:
                g["lr"] = rate * g.get("scale", 1)
            if p_swap:
                group = [swapped(w, pool, rng, p_swap) if rng.random() < 0.7 else w for w in group]
            batch = collate([noisy(w, rng, chars, p_char, p_type) for w in group], vocab)
            h = model.hidden(batch)
            loss = model.loss_of(model.bert.classifier(model.bert.dropout(h)), batch)
            if mlm:
                true = collate(group, vocab)["ids"]
                hit = batch["ids"] != true
                if hit.any():
                    loss = loss + mlm * nn.functional.cross_entropy(model.mlm(h[hit]), true[hit])
            opt.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            opt.step()
            step += 1
            if ema is not None:
                d = min(average, (1 + step) / (10 + step))
                with torch.no_grad():
                    for a, b in zip(ema.parameters(), model.parameters()):
                        a.lerp_(b, 1 - d)
            total += loss.item()
            seen += 1
            if log_steps and step % log_steps == 0:
                say(f"step {step}/{steps} loss {loss.item():.4f} {time.time() - begun:.0f} s", flush=True)
        if (epoch + 1) % every == 0:
            say(f"epoch {epoch + 1}/{epochs} loss {total / seen:.4f} {time.time() - begun:.0f} s", flush=True)
    return ema if ema is not None else model
