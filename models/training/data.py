"""Reading: MedTxt-CR articles, the rules' facts, and how both become windows of tokens.

A token is one character of the NFKC-normalised text; white space and control characters are no tokens.
A window is one or more whole lines, packed greedily; `[SEP]` stands after each line.
"""
from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CERTAINTY = {"positive": "d+", "negative": "d-", "suspicious": "d?", "general": "d*"}
TAGS = ["d+", "d-", "d?", "d*", "a", "f", "c", "timex3", "t-test", "t-key", "t-val", "m-key", "m-val", "r", "cc", "p"]
LABELS = ["O"] + [f"{b}-{t}" for t in TAGS for b in "BI"]
LABEL_ID = {label: i for i, label in enumerate(LABELS)}
MAX_TOKENS = 254  # of a window, [CLS] and the [SEP]s included
STOPS = "。．!?！？"


@dataclass
class Article:
    """A text with its tagged spans (start, end, tag) and the facts that the rules found in it."""

    id: str
    text: str
    spans: list = field(default_factory=list)
    facts: list = field(default_factory=list)


@dataclass
class Window:
    """Tokens of one window: ids' characters, each with its place in the text (-1 for special tokens)."""

    tokens: list
    at: list
    types: list
    labels: list


def medtxt(path):
    """The articles of a MedTxt-CR-JA file; nested tags all become spans, the outer first."""
    for a in ET.parse(path).getroot().iter("article"):
        text, spans = [], []

        def walk(e, start):
            at = start
            if e.text:
                text.append(e.text)
                at += len(e.text)
            for child in e:
                at = walk(child, at)
                if child.tail:
                    text.append(child.tail)
                    at += len(child.tail)
            if e is not a:
                tag = CERTAINTY[e.get("certainty", "positive")] if e.tag == "d" else e.tag
                if tag in TAGS:
                    spans.append((start, at, tag))
            return at

        walk(a, 0)
        yield Article(a.get("id"), "".join(text), sorted(spans, key=lambda s: (s[0], -s[1])))


def jsonl(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def with_facts(articles, path):
    """Gives each article the facts of `karuta structure --input-format jsonl --format jsonl`."""
    facts = {r["id"]: r["facts"] for r in jsonl(path)}
    for a in articles:
        a.facts = facts[a.id]
    return articles


# ---- the rules' facts as an input channel (token_type_ids); models/README.md says the same in words ----
TYPE_SIZE = 16
OTHER_KINDS = {"lab": 10, "vital": 10, "score": 10, "medication": 11, "procedure": 12, "time": 13,
               "allergy": 14, "lifestyle": 14, "preference": 14}
CONDITION = {"present": 1, "absent": 4}  # possible, conditional and planned: 7


def core(fact):
    """The part of a condition that a term or a head of the dictionaries named: what its first reason points at."""
    for b in fact["because"]:
        if b["rule"].startswith(("term:", "term.", "head.")) and b["spans"]:
            return b["spans"][0][0], b["spans"][0][1]
    return fact["start"], fact["end"]


def type_channel(text, facts):
    """One type id for each character of the text."""
    out = [0] * len(text)
    stated = [f for f in facts if not f["from"]]
    for f in stated:
        if f["kind"] in OTHER_KINDS:
            for i in range(f["start"], f["end"]):
                out[i] = OTHER_KINDS[f["kind"]]
    for f in stated:
        if f["kind"] in ("disorder", "finding"):
            base = CONDITION.get(f["assertion"], 7)
            start, end = core(f)
            for i in range(f["start"], f["end"]):
                out[i] = base
            for i in range(max(start, f["start"]), min(end, f["end"])):
                out[i] = base + 1 if i == max(start, f["start"]) else base + 2
    return out


def is_token(c):
    """Whether BertJapaneseTokenizer (basic, character) keeps this character."""
    return not (c.isspace() or c in "\0\ufffd" or unicodedata.category(c) in ("Cc", "Cf"))


def characters(text):
    """(character of the NFKC form, index in the text); a half-width voicing mark joins the kana before it."""
    i = 0
    while i < len(text):
        j = i + 1
        while j < len(text) and (text[j] in "ﾞﾟ" or unicodedata.combining(text[j])):
            j += 1
        for c in unicodedata.normalize("NFKC", text[i:j]):
            yield c, i
        i = j


def lines(text):
    """Half-open spans of lines; a line too long for a window is cut after a full stop, else where it must be."""
    start = 0
    room = MAX_TOKENS - 2
    for line in text.splitlines(keepends=True):
        end = start + len(line)
        at = start
        while end - at > room:
            cut = max((i + 1 for i in range(at, at + room) if text[i] in STOPS), default=at + room)
            yield at, cut
            at = cut
        yield at, end
        start = end


def windows(article, max_tokens=MAX_TOKENS):
    """The article's windows, labels by BIO; of nested spans the outer one is told."""
    types = type_channel(article.text, article.facts)
    label = ["O"] * len(article.text)
    for start, end, tag in article.spans:
        if all(x == "O" for x in label[start:end]):
            label[start:end] = ["B-" + tag] + ["I-" + tag] * (end - start - 1)
    now = Window(["[CLS]"], [-1], [0], ["O"])
    for start, end in lines(article.text):
        row = [(c, start + i) for c, i in characters(article.text[start:end]) if is_token(c)]
        if not row:
            continue
        if len(now.tokens) > 1 and len(now.tokens) + len(row) + 1 > max_tokens:
            yield now
            now = Window(["[CLS]"], [-1], [0], ["O"])
        begun = None
        for c, i in row[:max_tokens - 2]:
            now.tokens.append(c)
            now.at.append(i)
            now.types.append(types[i])
            tag = label[i]
            # a character that NFKC makes several of, or a span whose first character is no token
            if tag.startswith("B-") and begun == i:
                tag = "I-" + tag[2:]
            now.labels.append(tag)
            begun = i
        now.tokens.append("[SEP]")
        now.at.append(-1)
        now.types.append(0)
        now.labels.append("O")
    if len(now.tokens) > 1:
        yield now


def spans_of(labels, at, scores):
    """BIO labels back to (start, end, tag, mean score); end is after the last character."""
    out, cur = [], None
    for lab, i, s in zip(labels, at, scores):
        if i < 0 or lab == "O" or (cur and lab[2:] != cur[2]) or lab.startswith("B-"):
            if cur:
                out.append(cur)
            cur = None
        if i >= 0 and lab != "O":
            if cur is None:
                cur = [i, i + 1, lab[2:], [s]]
            else:
                cur[1] = i + 1
                cur[3].append(s)
    if cur:
        out.append(cur)
    return [(a, b, t, sum(s) / len(s)) for a, b, t, s in out]


def generated(path, facts):
    """The articles that generate.py or silver.py wrote, with the rules' facts of them."""
    return with_facts([Article(r["id"], r["text"], [tuple(s) for s in r["spans"]]) for r in jsonl(path)], facts)
