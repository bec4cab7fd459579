"""Fine-tunes on the articles outside a fold and tags those inside it, fold by fold; or on all articles for the model that ships.

Writes JSON Lines {"id", "spans": [[start, end, tag, score]]} of the held-out articles (join.py and score.py read them).
"""
import argparse
import json
import pickle
import random

import torch

from data import generated, medtxt, spans_of, windows, with_facts
from decode import Both
from linear import Linear, kinds_of
from model import Tagger, read_vocab, seed_all
from train import fit


def tag(tagger, articles):
    """For each article its spans by the tagger."""
    flat = [(k, w) for k, a in enumerate(articles) for w in windows(a)]
    out = [{"id": a.id, "spans": []} for a in articles]
    for (k, w), (labels, scores) in zip(flat, tagger.tag([w for _, w in flat])):
        out[k]["spans"] += spans_of(labels, w.at, scores)
    return out


def whole(articles, mixed, n):
    """Windows of the articles, and n of each mixed file."""
    out = [w for x in articles for w in windows(x)]
    for m in mixed:
        rows = [w for x in m for w in windows(x)]
        out += random.Random(1).sample(rows, min(n, len(rows)))
    return out


def exact(articles, tagged):
    """Exact spans with certainty of conditions: F1 of the tagger alone."""
    hit = want = got = 0
    for a, t in zip(articles, tagged):
        gold = {s for s in a.spans if s[2].startswith("d")}
        found = {tuple(s[:3]) for s in t["spans"] if s[2].startswith("d")}
        hit, want, got = hit + len(gold & found), want + len(gold), got + len(found)
    return round(2 * hit / max(1, want + got), 4)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--medtxt", required=True)
    p.add_argument("--facts", required=True, help="the rules' facts of its texts")
    p.add_argument("--vocab", required=True)
    p.add_argument("--pretrained", help="weights of pretrain.py")
    p.add_argument("--mix", nargs="*", default=[], help="TEXT.jsonl:FACTS.jsonl trained on beside the articles")
    p.add_argument("--mix-windows", type=int, default=40, help="windows of each mixed file in an epoch's data")
    p.add_argument("--splits", default="splits.json")
    p.add_argument("--folds", default="0,1,2,3,4", help="which folds, or `all`: train on every article and save")
    p.add_argument("--layers", type=int, default=3)
    p.add_argument("--hidden", type=int, default=192)
    p.add_argument("--epochs", type=int, default=20)
    p.add_argument("--lr", type=float, default=7e-4)
    p.add_argument("--batch-tokens", type=int, default=1024)
    p.add_argument("--dropout", type=float, default=0.2)
    p.add_argument("--p-char", type=float, default=0.1)
    p.add_argument("--p-type", type=float, default=0.08)
    p.add_argument("--p-swap", type=float, default=0.0, help="share of mentions replaced by others of their tag")
    p.add_argument("--average", type=float, default=0.995)
    p.add_argument("--no-rules", action="store_true", help="without the rule channel")
    p.add_argument("--loss", default="ce", choices=["crf", "ce", "both"])
    p.add_argument("--no-local", action="store_true", help="start attention at random (without --pretrained)")
    p.add_argument("--linear", type=float, nargs=2, metavar=("C1", "C2"), help="the penalties of the linear part; without it there is none")
    p.add_argument("--linear-mix", type=int, default=60, help="windows of each mixed file that the linear part learns from")
    p.add_argument("--share", type=float, default=1.0, help="the weight of the encoder's word beside the linear part")
    p.add_argument("--encoders", help="the encoders of an earlier run with --out of that name: they are not trained again")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    vocab = read_vocab(a.vocab)
    articles = with_facts(list(medtxt(a.medtxt)), a.facts)
    mixed = [generated(*pair.split(":")) for pair in a.mix]
    if a.no_rules:
        for x in articles + [y for m in mixed for y in m]:
            x.facts = []
    with open(a.splits) as f:
        folds = json.load(f)["folds"]
    open(a.out, "wb").close()
    for k in [None] if a.folds == "all" else map(int, a.folds.split(",")):
        held = [x for x in articles if k is not None and x.id in folds[k]]
        learn = [x for x in articles if k is None or x.id not in folds[k]]
        name = "all" if k is None else k
        seed_all(a.seed, a.threads)
        rng = random.Random(a.seed)
        data = [w for x in learn for w in windows(x, 128)]
        for m in mixed:
            rows = [w for x in m for w in windows(x, 128)]
            data += rng.sample(rows, min(a.mix_windows, len(rows)))
        linear = Linear.fit(whole(learn, mixed, a.linear_mix), vocab, *a.linear) if a.linear else None
        model = Tagger(len(vocab), layers=a.layers, hidden=a.hidden, dropout=a.dropout, loss=a.loss, local=not a.no_local)
        if a.encoders:
            model.load_state_dict(torch.load(f"{a.encoders}.{name}.pt"))
        elif a.pretrained:
            weights = torch.load(a.pretrained)
            if a.loss == "ce":
                weights.update({k: v for k, v in model.state_dict().items() if k.startswith("crf.")})
            model.load_state_dict(weights)
            for m in model.modules():
                if isinstance(m, torch.nn.Dropout):
                    m.p = a.dropout
        if not a.encoders:
            model = fit(model, data, vocab, epochs=a.epochs, lr=a.lr, batch_tokens=a.batch_tokens, seed=a.seed, p_char=a.p_char,
                        p_type=a.p_type, p_swap=a.p_swap, average=a.average, every=5)
            torch.save(model.state_dict(), f"{a.out}.{name}.pt")
        if k is None:
            if linear:
                with open(f"{a.out}.linear.pkl", "wb") as f:
                    pickle.dump(linear, f)
            return
        tagged = tag(Both(model, linear, a.share, vocab, kinds_of(vocab)), held)
        print(f"fold {k}: exact+certainty of the tagger alone {exact(held, tagged)}", flush=True)
        with open(a.out, "a", encoding="utf-8") as f:
            for r in tagged:
                print(json.dumps(r, ensure_ascii=False), file=f)


if __name__ == "__main__":
    main()
