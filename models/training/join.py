"""Joining: the rules' facts and the tagger's spans become one list of facts. A prototype of what the library does.

Every decision is one row of THRESHOLDS or one branch below, named as it stands in a fact's `because`.
"""
from __future__ import annotations

import argparse
import json
import re

from data import core, jsonl

ASSERTION = {"d+": "present", "d-": "absent", "d?": "possible", "d*": "present"}
THRESHOLDS = {
    "add": 0.55,     # a span where the rules have nothing, in a text in report form
    "add-chart": 0.8,  # the same in any other text
    "widen": 0.1,    # a rule's condition inside the tagger's span
    "narrow": 0.1,   # the tagger's span inside a rule's, holding its core
    "assert": 0.8,   # an assertion against a rule that saw no cue
}
LIST = re.compile(r"[、，,・／/]|および|及び|ならびに|並びに|または|もしくは")
CUES = ("absent.", "possible.", "conditional.", "planned.", "present.", "notdone.", "family.", "person.")


def has_cue(fact):
    """Whether the rules read the assertion from words of the note."""
    return any(b["rule"].startswith(CUES) for b in fact["because"])


def pieces(text, start, end):
    """A span cut at what joins a list; brackets hold together."""
    out, at, depth, i = [], start, 0, start
    while i < end:
        depth += (text[i] in "（(「") - (text[i] in "）)」")
        m = LIST.match(text, i, end)
        if m and depth <= 0 and not (m.group() in ",，" and text[i - 1].isdigit() and text[m.end():m.end() + 1].isdigit()):
            out.append((at, i))
            at = i = m.end()
        else:
            i += 1
    out.append((at, end))
    return [(a, b) for a, b in out if b > a]


def in_report_form(text, sections=()):
    """Whether a text is written as case reports are: sentences, one a line, and no chart's headings (S, O, A, P).

    In such a text the tagger's spans follow the annotation of case reports (a site with its particle stands outside
    the finding); elsewhere the rules' wider spans are what a coder wants, and narrowing and widening are left undone.
    """
    lines = [x.rstrip() for x in text.splitlines() if x.strip()]
    closed = sum(len(x) for x in lines if x[-1] in "。．.")
    chart = {"subjective", "objective", "assessment_plan", "plan"} & {s["kind"] for s in sections}
    return len(lines) >= 5 and closed >= 0.9 * sum(map(len, lines)) and not chart


def join(text, facts, spans, t=THRESHOLDS, split=True, do=("add", "widen", "narrow", "assert"), report=None):
    """Facts with the tagger's spans (start, end, tag, score) joined in; the rules' facts keep codes and values."""
    facts = [dict(f) for f in facts]
    conditions = [f for f in facts if f["kind"] in ("disorder", "finding") and not f["from"]]
    others = [f for f in facts if f["kind"] not in ("disorder", "finding") and not f["from"]]
    report = in_report_form(text) if report is None else report
    if not report:
        do = [x for x in do if x not in ("widen", "narrow")]
    added = []
    for s, e, tag, score in spans:
        if tag not in ASSERTION:
            continue
        free = not any(min(f["end"], e) > max(f["start"], s) for f in conditions)
        cut = pieces(text, s, e) if split and not free else [(s, e)]
        holding = sum(any(min(f["end"], b) > max(f["start"], a) for f in conditions) for a, b in cut)
        for a, b in cut if holding > 1 else [(s, e)]:  # a list of findings, not the sites of one
            over = [f for f in conditions if min(f["end"], b) > max(f["start"], a)]
            if not over:
                if "add" in do and score >= t["add" if report else "add-chart"] and b - a > 1 and not any(min(f["end"], b) > max(f["start"], a) for f in others):
                    added.append({"kind": "finding", "text": text[a:b], "start": a, "end": b, "assertion": ASSERTION[tag],
                                  "subject": "patient", "temporality": "current", "codings": [], "confidence": score,
                                  "because": [{"rule": "neural.add", "spans": [[a, b]]}], "from": []})
                continue
            last = max(over, key=lambda f: (f["end"], f["end"] - f["start"]))
            c0, c1 = core(last)
            c0, c1 = max(c0, last["start"]), min(c1, last["end"])
            if (a, b) != (last["start"], last["end"]):
                inside = a <= last["start"] and last["end"] <= b
                free = not any(f["codings"] for f in over if f is not last)  # a coded condition is not taken into another
                if inside and free and "widen" in do and score >= t["widen"]:
                    last.update(start=a, end=b, text=text[a:b], because=last["because"] + [{"rule": "neural.widen", "spans": [[a, b]]}])
                elif not inside and a <= c0 and c1 <= b and "narrow" in do and score >= t["narrow"] and len(over) == 1:
                    last.update(start=a, end=b, text=text[a:b], because=last["because"] + [{"rule": "neural.narrow", "spans": [[a, b]]}])
            want = ASSERTION[tag]
            if "assert" in do and score >= t["assert"]:
                for f in over:
                    if f["assertion"] != want and tag != "d*" and not has_cue(f):
                        f.update(assertion=want, because=f["because"] + [{"rule": "neural.assert", "spans": [[a, b]]}])
    return sorted(facts + added, key=lambda f: (f["start"], f["end"]))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("texts", help='JSON Lines {"id", "text"}')
    p.add_argument("facts", help="the rules' facts")
    p.add_argument("spans", help='JSON Lines {"id", "spans": [[start, end, tag, score]]}')
    p.add_argument("--whole", action="store_true", help="do not cut lists")
    p.add_argument("--always", action="store_true", help="widen and narrow in every form of text")
    p.add_argument("--do", default="add,widen,narrow,assert")
    p.add_argument("--set", action="append", default=[], help="NAME=THRESHOLD")
    p.add_argument("--out", required=True)
    a = p.parse_args()
    t = {**THRESHOLDS, **{k: float(v) for k, v in (x.split("=") for x in a.set)}}
    facts = {r["id"]: r["facts"] for r in jsonl(a.facts)}
    sections = {r["id"]: r["sections"] for r in jsonl(a.facts)}
    spans = {r["id"]: r["spans"] for r in jsonl(a.spans)}
    with open(a.out, "w", encoding="utf-8") as f:
        for r in jsonl(a.texts):
            joined = join(r["text"], facts[r["id"]], spans[r["id"]], t, not a.whole, a.do.split(","),
                          True if a.always else in_report_form(r["text"], sections[r["id"]]))
            print(json.dumps({"id": r["id"], "facts": joined}, ensure_ascii=False), file=f)


if __name__ == "__main__":
    main()
