"""What the peers in Python share with run.py: texts in, "ready" after the first one, then a round for every line that comes in."""

import json
import struct
import sys
import time


def texts(path):
    data = open(path, "rb").read()
    out, at = [], 0
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at)
        out.append(data[at + 4 : at + 4 + length].decode("utf-8"))
        at += 4 + length
    return out


def serve(given, work):
    """`work` takes texts and says how many items (words, terms, facts) it found in them."""
    work(given[:1])
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        started = time.perf_counter()
        items = work(given)
        print(json.dumps({"seconds": time.perf_counter() - started, "items": items}), flush=True)
