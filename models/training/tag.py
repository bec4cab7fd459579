"""Tags texts with the shipped model by onnxruntime, on one thread; also measures the network's time for a note of 600 characters."""
import argparse
import json
import time

import numpy as np
import onnxruntime as ort
from safetensors.numpy import load_file

from data import Article, jsonl, spans_of, windows, with_facts
from decode import labelled
from linear import Linear, kinds_of
from model import read_vocab


class OnnxTagger:
    def __init__(self, folder, name):
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(f"{folder}/{name}", options)
        self.vocab = read_vocab(f"{folder}/vocab.txt")
        crf = load_file(f"{folder}/model.safetensors")
        self.linear = Linear.of_tensors(crf) if "linear.keys" in crf else None
        self.kinds = kinds_of(self.vocab)
        self.start, self.end, self.tr = (crf[f"crf.{k}"].astype(np.float32) for k in ("start_transitions", "end_transitions", "transitions"))

    def logits(self, w):
        ids = np.array([[self.vocab.get(c, 1) for c in w.tokens]])
        return self.session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.array([w.types])})[0][0]

    def labels(self, w):
        logits = self.logits(w) + (self.linear.logits(w, self.vocab, self.kinds) if self.linear else 0)
        return labelled(logits, self.start, self.tr, self.end)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("texts", help='JSON Lines {"id", "text"}')
    p.add_argument("facts", help="the rules' facts")
    p.add_argument("--model", default="../default")
    p.add_argument("--file", default="model.onnx")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    tagger = OnnxTagger(a.model, a.file)
    articles = with_facts([Article(r["id"], r["text"]) for r in jsonl(a.texts)], a.facts)
    with open(a.out, "w", encoding="utf-8") as f:
        for x in articles:
            spans = [s for w in windows(x) for s in spans_of(*(lambda y: (y[0], w.at, y[1]))(tagger.labels(w)))]
            print(json.dumps({"id": x.id, "spans": spans}, ensure_ascii=False), file=f)
    sized = min(articles, key=lambda x: abs(len(x.text) - 600))
    rows, times = list(windows(sized)), []
    for _ in range(30):
        begun = time.perf_counter()
        for w in rows:
            tagger.logits(w)
        times.append((time.perf_counter() - begun) * 1000)
    print(f"{a.file}: {len(sized.text)} characters in {len(rows)} windows, best {min(times):.1f} ms, median {sorted(times)[15]:.1f} ms")


if __name__ == "__main__":
    main()
