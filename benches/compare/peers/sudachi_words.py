"""SudachiPy with its core dictionary, mode C: words."""

import sys

import peer
from sudachipy import Dictionary, SplitMode

tokenizer = Dictionary().create()


def words(text):
    # its own limit on the length of a text is 49,149 bytes; ours are far below
    return len(tokenizer.tokenize(text, SplitMode.C))


peer.serve(peer.texts(sys.argv[1]), lambda texts: sum(map(words, texts)))
