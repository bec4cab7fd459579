"""Pre-trains the tagger on generated text (tags and masked characters together); no article of MedTxt is read."""
import argparse
import random

import torch

from data import generated, windows
from model import Tagger, read_vocab, seed_all
from train import fit

p = argparse.ArgumentParser(description=__doc__)
p.add_argument("--generated", nargs="+", required=True, help="TEXT.jsonl:FACTS.jsonl, of generate.py or silver.py")
p.add_argument("--vocab", required=True)
p.add_argument("--out", required=True)
p.add_argument("--layers", type=int, default=3)
p.add_argument("--hidden", type=int, default=192)
p.add_argument("--epochs", type=int, default=1)
p.add_argument("--lr", type=float, default=1e-3)
p.add_argument("--batch-tokens", type=int, default=2048)
p.add_argument("--articles", type=int, default=0, help="at most so many of each file (0: all)")
p.add_argument("--mlm", type=float, default=0.2, help="weight of guessing masked characters")
p.add_argument("--loss", default="ce", choices=["crf", "ce", "both"])
p.add_argument("--no-local", action="store_true", help="start attention at random")
p.add_argument("--seed", type=int, default=1)
p.add_argument("--threads", type=int, default=1)
a = p.parse_args()
seed_all(a.seed, a.threads)
vocab = read_vocab(a.vocab)
data = []
for pair in a.generated:
    articles = generated(*pair.split(":"))
    data += [w for x in articles[:a.articles or None] for w in windows(x, random.Random(x.id).choice([96, 160, 254]))]
print(len(data), "windows,", sum(len(w.tokens) for w in data), "tokens,", len(vocab), "characters", flush=True)
model = Tagger(len(vocab), layers=a.layers, hidden=a.hidden, dropout=0.1, loss=a.loss, local=not a.no_local)
model = fit(model, data, vocab, epochs=a.epochs, lr=a.lr, batch_tokens=a.batch_tokens, seed=a.seed, p_char=0.1, p_type=0.1, mlm=a.mlm,
            log_steps=50)
torch.save(model.state_dict(), a.out)
