"""Makes splits.json: five folds of articles, by a fixed seed."""
import argparse
import json
import random

from data import medtxt

p = argparse.ArgumentParser(description=__doc__)
p.add_argument("medtxt")
p.add_argument("--folds", type=int, default=5)
p.add_argument("--seed", type=int, default=20261120)
p.add_argument("--out", default="splits.json")
a = p.parse_args()
ids = sorted(x.id for x in medtxt(a.medtxt))
random.Random(a.seed).shuffle(ids)
with open(a.out, "w") as f:
    json.dump({"seed": a.seed, "folds": [sorted(ids[i::a.folds]) for i in range(a.folds)]}, f, indent=1)
