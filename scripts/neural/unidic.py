"""Writes the sources of a MeCab dictionary out of its compiled files, and the metadata that lindera builds it with.

  unidic.py DICDIR OUT    DICDIR: sys.dic, unk.dic, matrix.bin, char.bin (PyPI unidic-lite)

The layout is that of MeCab 0.996 (dictionary.h, char_property.h, darts.h). Words keep their first feature alone: only
where words begin and end is wanted.
"""
import json
import pathlib
import struct
import sys

import numpy as np

src, out = map(pathlib.Path, sys.argv[1:3])
out.mkdir(parents=True, exist_ok=True)
quote = lambda s: '"' + s.replace('"', '""') + '"' if any(c in s for c in ',"\n') else s


def words(path):
    """(surface, left id, right id, cost, first feature) of every word."""
    b = path.read_bytes()
    *_, dsize, tsize, fsize, _ = struct.unpack("<10I", b[:40])
    at = 72
    units = np.frombuffer(b, dtype=np.dtype([("base", "<i4"), ("check", "<u4")]), count=dsize // 8, offset=at)
    tokens = np.frombuffer(b, dtype=np.dtype([("l", "<u2"), ("r", "<u2"), ("pos", "<u2"), ("cost", "<i2"), ("feature", "<u4"), ("compound", "<u4")]), count=tsize // 16, offset=at + dsize)
    features = b[at + dsize + tsize : at + dsize + tsize + fsize]
    base, check = units["base"].astype(np.int64), units["check"].astype(np.int64)
    # a unit's check is the base that it hangs from
    children = {}
    for i in np.flatnonzero(check > 0):
        children.setdefault(int(check[i]), []).append(int(i))
    stack = [(b"", int(base[0]))]
    while stack:
        key, at_base = stack.pop()
        for i in children.get(at_base, ()):
            c = i - at_base
            if c == 0:
                if base[i] < 0:
                    v = -int(base[i]) - 1
                    n, first = v & 0xFF, v >> 8
                    for t in tokens[first : first + n]:
                        o = int(t["feature"])
                        end = min(x for x in (features.find(b",", o), features.find(b"\0", o)) if x >= 0)
                        yield key.decode("utf-8"), int(t["l"]), int(t["r"]), int(t["cost"]), features[o:end].decode("utf-8")
            elif 0 < c <= 256:
                stack.append((key + bytes([c - 1]), int(base[i])))


n = 0
with open(out / "lex.csv", "w", encoding="utf-8") as f:
    for s, l, r, cost, feature in words(src / "sys.dic"):
        f.write(f"{quote(s)},{l},{r},{cost},{quote(feature)}\n")
        n += 1
with open(out / "unk.def", "w", encoding="utf-8") as f:
    for s, l, r, cost, feature in words(src / "unk.dic"):
        f.write(f"{s},{l},{r},{cost},{quote(feature)}\n")
b = (src / "matrix.bin").read_bytes()
left, right = struct.unpack("<HH", b[:4])
costs = np.frombuffer(b, dtype="<i2", offset=4).reshape(right, left)  # [left id of the right word][right id of the left word]
with open(out / "matrix.def", "w") as f:
    f.write(f"{left} {right}\n")
    for i in range(left):
        f.write("".join(f"{i} {j} {c}\n" for j, c in enumerate(costs[:, i].tolist())))
b = (src / "char.bin").read_bytes()
(k,) = struct.unpack("<I", b[:4])
names = [b[4 + 32 * i : 36 + 32 * i].split(b"\0")[0].decode() for i in range(k)]
info = np.frombuffer(b, dtype="<u4", offset=4 + 32 * k)
kinds, default, length, group, invoke = info & 0x3FFFF, (info >> 18) & 0xFF, (info >> 26) & 15, (info >> 30) & 1, info >> 31
with open(out / "char.def", "w") as f:
    for i, name in enumerate(names):
        these = np.flatnonzero(default == i)
        j = int(these[0]) if len(these) else int(np.flatnonzero(default == names.index("DEFAULT"))[0])
        f.write(f"{name} {invoke[j]} {group[j]} {length[j]}\n")
    cats = [" ".join([names[d]] + [names[i] for i in range(k) if (m >> i) & 1 and i != d]) for m, d in zip(kinds.tolist(), default.tolist())]
    start = 0
    for u in range(1, len(cats) + 1):
        if u == len(cats) or cats[u] != cats[start]:
            if cats[start] != "DEFAULT":
                f.write(f"0x{start:04X}..0x{u - 1:04X} {cats[start]}\n")
            start = u
fields = ["surface", "left_context_id", "right_context_id", "cost", "part_of_speech"]
meta = {"name": "unidic", "encoding": "UTF-8", "default_word_cost": -10000, "default_left_context_id": 0, "default_right_context_id": 0, "default_field_value": "*",
        "flexible_csv": True, "skip_invalid_cost_or_id": False, "normalize_details": False,
        "dictionary_schema": {"fields": fields}, "user_dictionary_schema": {"fields": ["surface", "part_of_speech", "reading"]}}
(out / "metadata.json").write_text(json.dumps(meta, indent=1))
print(n, "words,", left, "×", right, "costs,", k, "categories")
