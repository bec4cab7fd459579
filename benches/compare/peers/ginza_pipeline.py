"""GiNZA (ja_ginza): words, dependencies and named entities."""

import sys

import peer
import spacy

nlp = spacy.load("ja_ginza")
peer.serve(peer.texts(sys.argv[1]), lambda texts: sum(len(d.ents) for d in nlp.pipe(texts)))
