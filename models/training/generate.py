"""Writes charts and case reports out of the project's own dictionaries, with exact tags.

The sentences come from templates.txt; names, sites, modifiers, analytes, medicines and procedures from dictionaries/.
Noise as charts have it: full or half width, three kinds of punctuation, characters lost or doubled, spaces.
Out: JSON Lines {"id", "text", "spans": [[start, end, tag], …]}.
"""
from __future__ import annotations

import argparse
import csv
import glob
import json
import random
import re

FULL = {i: i + 0xFEE0 for i in range(0x21, 0x7F)}
CHANGE = "改善 軽快 増悪 消失 増大 縮小 低下 上昇 出現 悪化 進行 再燃 持続 残存 減少 遷延 拡大 正常化 中止 減量 増量 再開".split()
DEGREE = ["軽度の", "高度の", "著明な", "著明な", "多発する", "びまん性の", "境界不明瞭な", "軽度", "中等度の", "多数の", "少量の", "広範な", "限局性の", "散在性の",
          "比較的", "一部", "顕著な", "不整な", "弾性硬の", "難治性の"]
CONTACT = "入院 緊急入院 受診 来院 紹介 退院 転院 再入院 外来通院 経過観察 救急搬送 初診 通院 フォローアップ".split()
AFTER = "入院時 術後 術前 治療開始後 退院後 投与開始後 入院後 初診時 来院時 手術時 経過中 発症時 術後早期 化学療法後 治療前".split()
UNITS = "mg/dL g/dL U/L IU/L /μL ng/mL % mEq/L pg/mL mg/dl 倍 秒 万/μL".split()
LINK = ["を伴う", "を伴った", "を合併した", "による", "に伴う", "合併", "後の", "および", "と", "や", "、", "、", "・", "ならびに", "に起因する"]
TAILS = ["像", "の増悪", "の再発", "の進行", "の疑い", "様変化", "の既往", "の合併", "を伴う病変", "の出現", "の悪化", "再燃", "増悪", "の併発", "の形成", "状態"]


def column(path, *names):
    """Usable names of a table: plain words of at least two characters, aliases not marked as doubtful."""
    out = []
    with open(path, encoding="utf-8") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = [row.get("name") or row.get("head") or ""] if "name" in names else []
            if "aliases" in names:
                words += (row.get("aliases") or "").split("|")[:3]
            if "brands" in names:
                words += (row.get("brands") or "").split("|")[:2]
            kind = row.get("kind") or row.get("type") or ""
            out += [(w.lstrip("="), kind) for w in words if len(w) > 1 and not w.endswith("?") and not w.startswith(("-", " "))]
    return out


class Words:
    """The vocabulary of the dictionaries, by what a slot may hold."""

    def __init__(self, root):
        conditions = [x for p in sorted(glob.glob(f"{root}/disorders/*.tsv")) for x in column(p, "name", "aliases")]
        self.disorder = [w for w, k in conditions if k == "disorder"]
        self.finding = [w for w, k in conditions if k == "finding" and re.search(r"[^ぁ-ん]$", w)]
        self.head = [w for w, _ in column(f"{root}/heads.tsv", "name") if re.fullmatch(r"[^ぁ-ん]+", w)]
        self.site = [w for w, _ in column(f"{root}/sites.tsv", "name")]
        mods = column(f"{root}/modifiers.tsv", "name")
        self.side = [w for w, k in mods if k == "laterality" and not w.startswith(("・", "の"))]
        self.form = [w for w, k in mods if k in ("morphology", "cause", "course", "severity") and not w.startswith(("・", "の"))]
        self.key = [w for w, _ in column(f"{root}/labs/analytes.tsv", "name", "aliases")]
        self.drug = [w for p in sorted(glob.glob(f"{root}/drugs/[io]*.tsv")) + [f"{root}/drugs/classes.tsv"]
                     for w, _ in column(p, "name", "brands")]
        self.test, self.treat = [], []
        for p in sorted(glob.glob(f"{root}/procedures/*.tsv")):
            if p.endswith("stops.tsv"):
                continue
            for w, k in column(p, "name", "aliases"):
                tests = k in ("labtest", "imaging", "physiology", "endoscopy", "pathology", "test") or p.endswith("imaging.tsv")
                (self.test if tests else self.treat).append(w)


class Writer:
    def __init__(self, words, rng):
        self.w, self.r = words, rng

    def site(self):
        s = self.r.choice(self.w.site)
        if self.r.random() < 0.25:
            s = self.r.choice(self.w.side) + s
        if self.r.random() < 0.12:
            s += self.r.choice(["から", "・", "、", "および"]) + self.r.choice(self.w.site)
        return s + (self.r.choice(["周囲", "内", "近傍", "領域", "表面", "全体"]) if self.r.random() < 0.12 else "")

    def condition(self, disorder, depth=0):
        r = self.r.random()
        if disorder or r < 0.45:
            w = self.r.choice(self.w.disorder if disorder and r < 0.9 else self.w.finding)
        else:
            w = self.r.choice(self.w.head)
            if self.r.random() < 0.5:
                w = self.r.choice(self.w.site) + w
        if self.r.random() < 0.2:
            w = self.r.choice(self.w.form) + w
        if self.r.random() < 0.1:
            w = self.r.choice(self.w.side) + w
        if self.r.random() < 0.08:
            w += self.r.choice(TAILS)
        if self.r.random() < 0.05:
            w += "（" + self.r.choice(self.w.disorder) + "）"
        if depth < 2 and self.r.random() < 0.16:
            w += self.r.choice(LINK) + self.condition(disorder, depth + 1)
        return w

    def date(self):
        n = self.r.randint
        return self.r.choice([f"{n(1, 12)}か月前", f"{n(1, 20)}年前", f"{n(1, 30)}日前", f"{n(1, 6)}週間前", f"20{n(10, 24)}年{n(1, 12)}月", f"{n(1, 12)}月{n(1, 28)}日",
                              f"X年{n(1, 12)}月", f"平成{n(1, 30)}年{n(1, 12)}月", f"令和{n(1, 7)}年", "昨日", "今朝", "数日前", "翌日", f"20{n(10, 24)}/{n(1, 12)}/{n(1, 28)}", "その後", "今回",
                              f"第{n(1, 60)}病日", f"{n(1, 12)}/{n(1, 28)}"])

    def fill(self, slot):
        """A slot's parts: [(text, tag or None)]."""
        n, choice = self.r.randint, self.r.choice
        if slot[0] in "DF" and slot[1:] in "+-?*":
            parts = []
            text = self.condition(slot[0] == "D")
            if slot[0] == "F" and self.r.random() < 0.2:
                parts.append((choice(DEGREE), "f"))
                if parts[0][0][-1] in "のな":
                    parts = [(parts[0][0][:-1], "f"), (parts[0][0][-1], None)]
            return parts + [(text, "d" + slot[1:])]
        if slot == "f":
            d = choice(DEGREE)
            return [(d[:-1], "f"), (d[-1], None)] if d[-1] in "のな" else [(d, "f")]
        dose = f"{choice([1, 2, 2.5, 5, 10, 20, 30, 40, 60, 100, 200, 250, 500, 800])}{choice(['mg', 'mg', 'mg/日', 'g', 'mg/day', 'μg', 'mL'])}"
        return [{
            "a": lambda: (self.site(), "a"),
            "c": lambda: (choice(CHANGE), "c"),
            "age": lambda: (choice([f"{n(1, 95)}歳", f"{n(2, 9)}0歳代", f"{n(1, 11)}か月", f"{n(2, 9)}0代"]), "timex3"),
            "date": lambda: (self.date(), "timex3"),
            "dur": lambda: (choice([f"{n(1, 12)}か月", f"{n(1, 10)}年", f"{n(1, 30)}日間", f"約{n(1, 10)}年間", f"{n(1, 8)}週間"]), "timex3"),
            "set": lambda: (choice(["毎日", f"週{n(1, 3)}回", f"1日{n(2, 5)}回", f"計{n(2, 6)}回"]), "timex3"),
            "med": lambda: (choice(AFTER) if self.r.random() < 0.7 else f"{choice(['術後', '投与', '入院', '治療開始', '発症'])}{n(1, 30)}{choice(['日目', '日', 'か月後', '週後'])}", "timex3"),
            "test": lambda: (choice(self.w.test), "t-test"),
            "k": lambda: (choice(self.w.key), "t-key"),
            "val": lambda: (choice([f"{n(1, 999)}", f"{n(1, 99)}.{n(0, 9)}", f"{n(1, 30)},{n(100, 999)}"]) + choice(UNITS), "t-val"),
            "m": lambda: (choice(self.w.drug), "m-key"),
            "v": lambda: (dose, "m-val"),
            "r": lambda: (choice(self.w.treat), "r"),
            "cc": lambda: (choice(CONTACT), "cc"),
            "size": lambda: (f"{choice(['', '約', '径', '長径'])}{n(1, 90)}{choice(['mm', 'cm', 'mm大', '×' + str(n(2, 60)) + 'mm', 'cm大'])}", "f"),
        }[slot]()]

    def sentence(self, template):
        parts = []
        for bit in re.split(r"(\{[^}]+\})", template):
            if bit.startswith("{"):
                parts += self.fill(bit[1:-1])
            elif bit:
                parts.append((re.sub(r"[^、。は：に|]+(\|[^、。は：に|]+)+", lambda m: self.r.choice(m.group().split("|")), bit), None))
        return parts

    def article(self, templates):
        kind = self.r.choices(["prose", "chart"], [0.72, 0.28])[0]
        pool = [t for k, t in templates if k in ("pg" if kind == "prose" else "c")]
        general = [t for k, t in templates if k == "g"]
        full, comma, stop = self.r.random() < (0.6 if kind == "prose" else 0.15), *self.r.choice(["，．", "、。", "，。", "、。"])
        lines = []
        for _ in range(self.r.randint(4, 9)):
            t = self.r.choice(general if kind == "prose" and self.r.random() < 0.12 else pool)
            row = self.sentence(t)
            if self.r.random() < 0.25:  # two clauses in one sentence
                row = row[:-1] + [(re.sub("。$", "、", row[-1][0]), row[-1][1])] + self.sentence(self.r.choice(pool))
            lines.append(row)
        text, spans = "", []
        sep = "" if self.r.random() < 0.2 and kind == "prose" else "\n"
        for row in lines:
            for part, tag in row:
                part = part.replace("、", comma).replace("。", stop)
                if full:
                    part = part.translate(FULL)
                if self.r.random() < 0.006 and len(part) > 3:  # a slip: a character lost or doubled
                    i = self.r.randrange(1, len(part) - 1)
                    part = part[:i] + self.r.choice(["", part[i] * 2]) + part[i + 1:]
                if tag:
                    spans.append([len(text), len(text) + len(part), tag])
                text += part
            text += sep
        return text, spans


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--dictionaries", default="../../dictionaries")
    p.add_argument("--templates", default="templates.txt")
    p.add_argument("--articles", type=int, default=4000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    with open(a.templates, encoding="utf-8") as f:
        templates = [tuple(line.rstrip("\n").split("\t", 1)) for line in f if line.strip() and not line.startswith("#")]
    writer = Writer(Words(a.dictionaries), random.Random(a.seed))
    with open(a.out, "w", encoding="utf-8") as f:
        for i in range(a.articles):
            text, spans = writer.article(templates)
            print(json.dumps({"id": f"g{i}", "text": text, "spans": spans}, ensure_ascii=False), file=f)


if __name__ == "__main__":
    main()
