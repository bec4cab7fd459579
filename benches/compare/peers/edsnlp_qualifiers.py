"""EDS-NLP on French: sentences, terms of a list, negation, hypothesis, family, history, dates, quantities."""

import sys

import peer
from loguru import logger

logger.remove()

import edsnlp  # noqa: E402

terms = [t for t in open(sys.argv[2], encoding="utf-8").read().splitlines() if t]
nlp = edsnlp.blank("eds")
nlp.add_pipe("eds.sentences")
nlp.add_pipe("eds.normalizer")
nlp.add_pipe("eds.matcher", config={"terms": {"problem": terms}, "attr": "NORM"})
for pipe in ("eds.negation", "eds.hypothesis", "eds.family", "eds.history", "eds.dates"):
    nlp.add_pipe(pipe)
nlp.add_pipe("eds.quantities", config={"quantities": "all"})


def work(texts):
    return sum(len(d.ents) + len(d.spans["dates"]) + len(d.spans["quantities"]) for d in nlp.pipe(texts))


peer.serve(peer.texts(sys.argv[1]), work)
