"""karuta from Python on phrases, one thread as EntityNormalizer. `karuta_code.py TEXTS [PACK]`"""

import sys

import peer

import karuta

engine = karuta.Engine(packs=sys.argv[2:])
peer.serve(peer.texts(sys.argv[1]), lambda texts: sum(bool(engine.code(t).codings) for t in texts))
