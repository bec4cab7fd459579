"""karuta from Python: structure_many. `karuta_structure.py TEXTS THREADS`"""

import sys

import peer

import karuta

given = peer.texts(sys.argv[1])
threads = int(sys.argv[2])
engine = karuta.Engine()


def work(texts):
    notes = engine.structure_many(texts, threads=threads)
    return len(notes.to_arrow())


peer.serve(given, work)
