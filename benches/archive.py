#!/usr/bin/env python3
"""Writes an archive of case reports to measure `karuta batch` with: `archive.py OUT.jsonl [--notes 100000] [--characters 600]`.

The texts are cut from corpora/charts, a different window for each, so that no two neighbours are alike.
"""

import argparse
import json
import pathlib

CHARTS = pathlib.Path(__file__).resolve().parent.parent / "corpora" / "charts"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--notes", type=int, default=100_000)
    parser.add_argument("--characters", type=int, default=600)
    args = parser.parse_args()
    all_lines = [line for f in sorted(CHARTS.glob("*.txt")) for line in f.read_text(encoding="utf-8").splitlines(keepends=True)]
    with args.out.open("w", encoding="utf-8") as out:
        at = 0
        for n in range(args.notes):
            text = ""
            while len(text) < args.characters:
                text += all_lines[at % len(all_lines)]
                at += 1
            at += n % 7
            note = {"id": f"case-{n:06}", "date": f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", "text": text[: args.characters]}
            out.write(json.dumps(note, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
