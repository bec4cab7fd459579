"""medspaCy on English: sentences, terms of a list, ConText (negated, possible, family, historical)."""

import sys

import peer
from loguru import logger

logger.remove()
logger.disable("PyRuSH")

import medspacy  # noqa: E402
from medspacy.ner import TargetRule  # noqa: E402

nlp = medspacy.load()
terms = [t for t in open(sys.argv[2], encoding="utf-8").read().splitlines() if t]
nlp.get_pipe("medspacy_target_matcher").add([TargetRule(t, "PROBLEM") for t in terms])


def work(texts):
    return sum(1 for d in nlp.pipe(texts) for e in d.ents if e._.is_negated is not None)


peer.serve(peer.texts(sys.argv[1]), work)
