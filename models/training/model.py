"""The tagger: a character BERT for token classification, with a linear-chain CRF over its labels."""
from __future__ import annotations

import random

import numpy as np
import torch
from torch import nn
from transformers import BertConfig, BertForTokenClassification

from data import LABEL_ID, LABELS, MAX_TOKENS, SPECIAL, TYPE_SIZE

OFFSETS = [(-1, 1, -2, 2), (-1, 1, -3, 3), (None, None, -1, 1), (None, None, None, None)]  # of each layer's heads at the start


class Crf(nn.Module):
    """The CRF of pytorch-crf: scores start[y1] + sum(transitions[y, y'] + emission) + end[yn]."""

    def __init__(self, n):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.zeros(n))
        self.end_transitions = nn.Parameter(torch.zeros(n))
        self.transitions = nn.Parameter(torch.zeros(n, n))
        forbid = torch.zeros(n, n)
        for a in LABELS:
            for b in LABELS:
                if b.startswith("I-") and a[2:] != b[2:]:
                    forbid[LABEL_ID[a], LABEL_ID[b]] = -8.0
        self.transitions.data += forbid

    def loss(self, logits, y, mask):
        """Mean negative log-likelihood of a token; logits [b, n, k], y [b, n], mask [b, n] of 0 and 1."""
        keep = mask.float()
        one = logits.gather(2, y[..., None])[..., 0]
        gold = self.start_transitions[y[:, 0]] + one[:, 0]
        gold = gold + ((self.transitions[y[:, :-1], y[:, 1:]] + one[:, 1:]) * keep[:, 1:]).sum(1)
        last = y.gather(1, mask.sum(1, keepdim=True) - 1)[:, 0]
        gold = gold + self.end_transitions[last]
        a = self.start_transitions + logits[:, 0]
        for t in range(1, logits.shape[1]):
            # a log-sum-exp over the previous label as a matrix product: exact, and far less memory
            top = a.max(1, keepdim=True).values
            nxt = torch.log(torch.exp(a - top) @ torch.exp(self.transitions) + 1e-30) + top + logits[:, t]
            a = torch.where(mask[:, t, None] > 0, nxt, a)
        return (torch.logsumexp(a + self.end_transitions, 1) - gold).sum() / keep.sum()


class Tagger(nn.Module):
    def __init__(self, vocab_size, layers=4, hidden=192, heads=4, dropout=0.15, crf=True, local=True, loss="ce"):
        super().__init__()
        self.config = BertConfig(
            vocab_size=vocab_size, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
            intermediate_size=4 * hidden, max_position_embeddings=512, type_vocab_size=TYPE_SIZE,
            hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout, hidden_act="gelu",
            id2label=dict(enumerate(LABELS)), label2id=LABEL_ID, pad_token_id=0,
        )
        self.bert = BertForTokenClassification(self.config)
        self.crf = Crf(len(LABELS)) if crf else None
        self.loss_kind = loss
        self.mlm = nn.Linear(hidden, vocab_size)  # only for pre-training; not shipped
        if local:
            self.start_local()

    def start_local(self):
        """Starts the heads as looks at neighbours, which little data would not teach them.

        The last `size` dimensions of the position embeddings are sines of the position; a head's queries turn them by its
        offset, its keys do not, so that the head begins by looking that far to the left or right. All of it is trained on.
        """
        c = self.config
        size = c.hidden_size // c.num_attention_heads
        half = size // 2
        rate = 10000.0 ** (-torch.arange(half) / half) * 1.5
        angle = torch.arange(c.max_position_embeddings)[:, None] * rate
        e = self.bert.bert.embeddings
        with torch.no_grad():
            e.word_embeddings.weight.normal_(0, 0.05)[0] = 0
            e.token_type_embeddings.weight.normal_(0, 0.05)
            e.word_embeddings.weight[:, -size:] = 0
            e.token_type_embeddings.weight[:, -size:] = 0
            e.position_embeddings.weight.zero_()
            e.position_embeddings.weight[:, -size:] = 0.08 * torch.cat([angle.sin(), angle.cos()], 1)
            for layer, offsets in zip(self.bert.bert.encoder.layer, OFFSETS):
                a = layer.attention.self
                for head, offset in enumerate(offsets[:c.num_attention_heads]):
                    if offset is None:
                        continue
                    rows = slice(head * size, (head + 1) * size)
                    turn = offset * rate
                    q = torch.zeros(size, size)
                    i = torch.arange(half)
                    q[i, i], q[i, i + half] = turn.cos(), turn.sin()
                    q[i + half, i], q[i + half, i + half] = -turn.sin(), turn.cos()
                    a.query.weight[rows] = 0.02 * torch.randn(size, c.hidden_size)
                    a.key.weight[rows] = 0.02 * torch.randn(size, c.hidden_size)
                    a.query.weight[rows, -size:] += q * 2.2
                    a.key.weight[rows, -size:] += torch.eye(size) * 2.2

    def hidden(self, batch):
        return self.bert.bert(input_ids=batch["ids"], attention_mask=batch["mask"], token_type_ids=batch["types"])[0]

    def logits(self, batch):
        return self.bert.classifier(self.bert.dropout(self.hidden(batch)))

    def logits_of(self, windows, vocab):
        """For each window its logits as numpy: [tokens, labels]."""
        self.eval()
        out = [None] * len(windows)
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].tokens))
        with torch.no_grad():
            for k in range(0, len(order), 16):
                ids = order[k:k + 16]
                for row, i in zip(self.logits(collate([windows[i] for i in ids], vocab)), ids):
                    out[i] = row[:len(windows[i].tokens)].numpy()
        return out

    def loss_of(self, logits, batch):
        """"crf": the CRF's likelihood; "ce": each token's own cross-entropy (the CRF then only keeps BIO lawful, and the
        softmax of a logit is a usable score); "both": their mean."""
        if self.loss_kind == "crf":
            return self.crf.loss(logits, batch["labels"], batch["mask"])
        keep = batch["mask"].bool()
        own = nn.functional.cross_entropy(logits[keep], batch["labels"][keep])
        return own if self.loss_kind == "ce" else (own + self.crf.loss(logits, batch["labels"], batch["mask"])) / 2


def seed_all(seed, threads):
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(threads)


def read_vocab(path):
    with open(path, encoding="utf-8") as f:
        return {line.rstrip("\n"): i for i, line in enumerate(f)}


def collate(windows, vocab):
    """Windows to tensors [batch, length], padded with 0."""
    n = max(len(w.tokens) for w in windows)
    unk = vocab["[UNK]"]
    row = lambda values: values + [0] * (n - len(values))
    return {
        "ids": torch.tensor([row([vocab.get(c, unk) for c in w.tokens]) for w in windows]),
        "types": torch.tensor([row(list(w.types)) for w in windows]),
        "labels": torch.tensor([row([LABEL_ID[x] for x in w.labels]) for w in windows]),
        "mask": torch.tensor([row([1] * len(w.tokens)) for w in windows]),
    }


def batches(windows, size_tokens, rng):
    """Shuffled batches of like length, at most size_tokens padded tokens each."""
    order = sorted(range(len(windows)), key=lambda i: len(windows[i].tokens) + rng.random() * 24)
    out, now = [], []
    for i in order:
        widest = max([len(windows[j].tokens) for j in now] + [len(windows[i].tokens)])
        if now and widest * (len(now) + 1) > size_tokens:
            out.append(now)
            now = []
        now.append(i)
    if now:
        out.append(now)
    rng.shuffle(out)
    return [[windows[i] for i in b] for b in out]
