"""Makes vocab.txt: the special tokens, then every character of the given texts (NFKC), in code point order."""
import argparse
import glob

from data import SPECIAL, is_token, characters, jsonl

p = argparse.ArgumentParser(description=__doc__)
p.add_argument("texts", nargs="+", help="JSON Lines with \"text\"")
p.add_argument("--dictionaries", default="../../dictionaries")
p.add_argument("--out", required=True)
a = p.parse_args()
seen = set()
for path in a.texts:
    for record in jsonl(path):
        seen.update(c for c, _ in characters(record["text"]))
for path in sorted(glob.glob(f"{a.dictionaries}/**/*.tsv", recursive=True)):
    with open(path, encoding="utf-8") as f:
        seen.update(c for c, _ in characters(f.read()))
seen.update(map(chr, range(0x21, 0x7F)))
with open(a.out, "w", encoding="utf-8") as f:
    f.writelines(t + "\n" for t in SPECIAL + sorted(c for c in seen if is_token(c)))
