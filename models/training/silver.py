"""The rules' own reading of the project's dummy charts, as tags: what a chart (not a case report) should look like.

In: the charts and the notes of the literate cases, structured by the command. Out: JSON Lines as generate.py writes them.
"""
import argparse
import glob
import json
import re
import subprocess

TAG = {"present": "d+", "absent": "d-"}
OTHER = {"time": "timex3", "medication": "m-key", "procedure": "r"}


def texts(corpora):
    for path in sorted(glob.glob(f"{corpora}/charts/*.txt")):
        with open(path, encoding="utf-8") as f:
            yield f.read().rstrip("\n")
    for path in sorted(glob.glob(f"{corpora}/*/*.md")):
        with open(path, encoding="utf-8") as f:
            yield from (m.group(1) for m in re.finditer(r"```note[^\n]*\n(.*?)\n```", f.read(), re.S))


def spans(text, facts, sure):
    """Spans of facts that are sure enough; the longer of two that overlap."""
    taken, out = [False] * len(text), []
    for f in sorted(facts, key=lambda f: f["start"] - f["end"]):
        if f["from"] or f["confidence"] < sure or any(taken[f["start"]:f["end"]]):
            continue
        if f["kind"] in ("disorder", "finding"):
            tag = TAG.get(f["assertion"], "d?")
        elif f["kind"] in ("lab", "vital"):
            m = re.match(r"(.*?[^\d\s:：=.<>≧≦+\-±(（])[\s:：=]*([<>≧≦(（+\-±\d].*)$", f["text"], re.S)
            if not m:
                continue
            cut = f["start"] + m.start(2)
            out += [[f["start"], f["start"] + m.end(1), "t-key"], [cut, f["end"], "t-val"]]
            tag = None
        else:
            tag = OTHER.get(f["kind"])
        if tag:
            out.append([f["start"], f["end"], tag])
        taken[f["start"]:f["end"]] = [True] * (f["end"] - f["start"])
    return sorted(out)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpora", default="../../corpora")
    p.add_argument("--karuta", default="../../target/release/karuta", help="the command")
    p.add_argument("--sure", type=float, default=0.8, help="least confidence of a fact that is believed")
    p.add_argument("--out", required=True, help="also writes OUT.facts, the rules' facts")
    a = p.parse_args()
    notes = [{"id": f"s{i}", "text": t} for i, t in enumerate(texts(a.corpora))]
    given = "".join(json.dumps(n, ensure_ascii=False) + "\n" for n in notes)
    done = subprocess.run([a.karuta, "structure", "--input-format", "jsonl", "--format", "jsonl"],
                          input=given.encode(), capture_output=True, check=True).stdout.decode()
    with open(a.out + ".facts", "w", encoding="utf-8") as f:
        f.write(done)
    with open(a.out, "w", encoding="utf-8") as f:
        for n, line in zip(notes, done.splitlines()):
            print(json.dumps({**n, "spans": spans(n["text"], json.loads(line)["facts"], a.sure)}, ensure_ascii=False), file=f)


if __name__ == "__main__":
    main()
