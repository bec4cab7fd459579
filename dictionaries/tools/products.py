#!/usr/bin/env python3
"""Writes the codes of products by strength and form, looked up in the reader's own copies of the masters.

  products.py --masters DIR DICTIONARIES            writes codes/products.tsv and the columns form, strength of drugs/*.tsv
  products.py --masters DIR --check DICTIONARIES    changes nothing; exit 1 where a row says what the masters do not

The names are those of drugs/*.tsv (name, brands, aliases); of the masters only the products that those names name are taken:
of a brand the product itself, of an ingredient the 一般名処方 of each form and strength, where it has none the first nine digits
that all its products of that form and strength share.
"""
import argparse, collections, csv, gzip, io, json, re, sys, unicodedata

HEAD = "drug stem form strength hot yj general".split()
TABLES = ["injection", "oral_internal", "oral_neuro"]

def nfkc(s): return re.sub(r"\s", "", unicodedata.normalize("NFKC", s or "")).replace("−", "-").replace("‐", "-").replace("µ", "μ")
def fold(s): return nfkc(s).lower()

UNIT = r"(?:mg|μg|mcg|g|%|万単位|単位|国際単位|mL|mEq|kcal)"
SIZE = re.compile(rf"(?<![A-Za-z])(\d[\d.,]*{UNIT})(?:/[\d.]*(?:mL|g|body|袋|包|回|シート|V|瓶|筒|キット))?")
LETTERS = re.compile(r"(?<![A-Za-z])(HD|LD|AP|BP|MD|EX|T\d+|L\d*|H|M)(?![A-Za-z])|(?<![\d.])(\d+)(?=ディスカス|エアゾール|エアー|エリプタ|タービュ|ロタ|mgディスカス)|(?:錠|カプセル|坐剤)(\d+(?:\.\d+)?)$")

VOLUME = re.compile(r"[\d.,]+(?:mL|cm|g|mg|%|×|mm|mol)[\d.×xcm]*|(?:バッグ|NP|VTRS|生食|付|分包|キット)+$|^[-・]|用$")

def split(rest):
    """Form and strength of what follows a name: 錠5mg, OD錠20mg, 静注用1g, 配合錠HD."""
    rest = re.sub(r"「[^」]*」|\([^)]*\)|小児用|成人用", "", rest)
    # 坐剤200 200mg tells it twice
    rest = re.sub(r"(\d{2,4})(?=\1mg)", "", rest)
    m = SIZE.search(rest)
    if m: form, s = rest[:m.start()] + rest[m.end():], m.group(1).replace(",", "")
    else:
        m = LETTERS.search(rest)
        s = next((g for g in m.groups() if g), "") if m else ""
        form = rest if not m else rest[:m.end() - len(s)] if m.group(3) else rest[:m.start()] + rest[m.end():]
        if m and m.group(3): s += "mg"
    while (cut := VOLUME.sub("", form)) != form: form = cut
    return form, s

# medicines of fewer products in use are left to an imported pack
LEAST = 2
FORM = re.compile(r"(?:OD|口腔内崩壊|徐放|腸溶|舌下|チュアブル|配合|配合OD|糖衣|速放|徐放性|CR|LA|SR|ER|XR|L|R|N|S|D|バッカル|フィルムコーティング|分散|粒状|LX|RM|RS)*(?:錠|カプセル|細粒|散|顆粒|ドライシロップ|DS|シロップ|シロップ用|ODフィルム|フィルム|内用液|内服液|経口液|内服ゼリー|経口ゼリー|ゼリー|エリキシル)"
                  r"|(?:点滴|静注|筋注|皮下注|注|注射|持続|水懸|硬膜外|脊椎|髄注|動注|液|用|シリンジ|ペン|オートインジェクター|カート|ソロスター|フレックスペン|フレックスタッチ|ミリオペン|アテオス)+"
                  r"|坐剤|サポ|注腸|テープ|パッチ|パップ|\d日用テープ|MTパッチ|貼付剤|ディスカス(?:吸入)?|ロタディスク|エアゾール(?:吸入)?|エリプタ(?:\d+吸入)?|タービュヘイラー(?:\d+吸入)?|レスピマット|吸入液|点鼻液|点眼液|配合点眼液|眼軟膏|軟膏|クリーム|ローション|ゲル|", re.X)

ENDING = re.compile(r"(?:徐放性?|徐放剤|腸溶|口腔内崩壊|内用液|内服液|ゼリー|od|d|cr|la|sr|er|xr|l|r|lx|pf|rs|rm|注射液|注射用|注射|静注用|静注|点滴静注|点滴用|皮下注|筋注|注|坐剤|坐薬|座薬|サポ|錠|od錠|カプセル|細粒|顆粒|散|ds|ドライシロップ|シロップ|テープ|軟膏|クリーム|ゲル|ローション|点眼|点眼液|点鼻|点鼻液|吸入|吸入液|ディスカス|エアゾール|エアー|エリプタ|タービュヘイラー|ロタディスク|レスピマット|パップ|パッチ)$")

class Masters:
    def __init__(self, root):
        def read(f):
            with gzip.open(f"{root}/{f}", "rt", encoding="utf-8", newline="") as h: return list(csv.DictReader(h, delimiter="\t", quoting=csv.QUOTE_NONE))
        concepts = lambda f: json.load(gzip.open(f"{root}/{f}", "rt", encoding="utf-8"))["concept"]
        # a product's name may have changed since: the code is the same where it is none of a 統一名
        self.claims = [r for r in read("tables/drug.tsv.gz") if r["abolished"] == "99999999" and re.match(r"\d{7}[A-Z]", r["yakka_code"])]
        self.yj = {c["code"]: nfkc(c["display"]) for c in concepts("medis/yj.json.gz")}
        self.of_name = collections.defaultdict(set)
        for k, n in self.yj.items(): self.of_name[n].add(k)
        self.hot = collections.defaultdict(set)
        for c in concepts("medis/hot9.json.gz"): self.hot[nfkc(c["display"].rsplit("・", 1)[0])].add(c["code"])
        self.hot_name = {c["code"]: nfkc(c["display"].rsplit("・", 1)[0]) for c in concepts("medis/hot9.json.gz")}

def hot(m, name):
    """HOT9 where one company sells it; the seven digits that they share where several do."""
    all_ = m.hot.get(name, set())
    if len(all_) == 1: return next(iter(all_))
    return next(iter({h[:7] for h in all_})) if len({h[:7] for h in all_}) == 1 else ""

def right(m, stem, strength, yj):
    """Whether the list of YJ codes says the name and the strength of this code."""
    return m.yj.get(yj, "").lower().startswith(stem.lower()) and re.search(rf"(?<![\d.,]){re.escape(strength.removesuffix('mg'))}(?![\d.])", m.yj[yj].replace(",", ""))

def tables(root):
    for t in TABLES:
        with open(f"{root}/drugs/{t}.tsv", encoding="utf-8") as f: lines = f.read().split("\n")
        head = lines[0].split("\t")
        yield t, head, [dict(zip(head, l.split("\t") + [""] * len(head))) if l and not l.startswith("#") else l for l in lines[1:]]

def build(m, root):
    names = {}
    for _, _, rows in tables(root):
        for r in rows:
            if isinstance(r, str): continue
            # a brand is a product's own name; 〜OD and 〜坐剤 among the aliases end with a form and need no stem of their own
            for n in r["brands"].split("|"):
                if n.strip("=?"): names.setdefault(fold(n.strip("=?")), (r["name"], n.strip("=?"), False))
            for n in [r["name"]] + r["aliases"].split("|"):
                n = n.strip("=?")
                if len(n) > 2: names.setdefault(fold(n), (r["name"], n, True))
    # オルメテックOD is オルメテック with a form
    for k in [k for k in names if (c := ENDING.sub("", k)) != k and names.get(c, "  ")[0] == names[k][0]]: del names[k]
    longest = max(map(len, names))
    def owner(product):
        f = fold(product)
        for k in range(min(longest, len(f)), 1, -1):
            if f[:k] in names: return names[f[:k]], product[k:]
        return None, ""
    out, nine, generals, sold, seven = set(), collections.defaultdict(set), collections.defaultdict(set), collections.Counter(), collections.defaultdict(set)
    seen = set()
    for r in m.claims:
        name = nfkc(r["name"])
        who, rest = owner(name)
        if r["ipanmei_code"]:
            g, grest = owner(nfkc(r["ipanmei"]).replace("【般】", ""))
            if g and not grest.startswith(("・", "/", "+")): generals[(g[0], *split(grest))].add(r["ipanmei_code"])
        if not who or name in seen or rest.startswith(("・", "/", "+")): continue
        seen.add(name)
        drug, stem, generic = who
        sold[drug] += 1
        form, s = split(rest)
        # YJ and the price code differ for a 統一名: the list of YJ codes names the product
        code = next(iter(m.of_name[name])) if len(m.of_name.get(name, ())) == 1 else r["yakka_code"]
        if FORM.fullmatch(form): seven[drug].add(code[:7])
        if not FORM.fullmatch(form) or not s or s.endswith("mL"): continue
        # of an injection in per cent the volume says the rest
        if s.endswith("%") and "400" <= r["yakka_code"][4:7] < "700": continue
        if generic or "「" in name: nine[(drug, form, s)].add(r["yakka_code"][:9])
        elif right(m, stem, s, code): out.add((drug, stem, form, s, hot(m, m.yj[code]), code, r["ipanmei_code"]))
        # newer than the list of YJ codes: form and strength are sure, the product's own digits are not
        elif code not in m.yj: out.add((drug, stem, form, s, "", code[:9], r["ipanmei_code"]))
    told = {(k[0], c[:9]) for k, g in generals.items() if len(g) == 1 and FORM.fullmatch(k[1]) and k[2] for c in g}
    for k in set(nine) | set(generals):
        if not FORM.fullmatch(k[1]) or not k[2] or k[2].endswith("mL"): continue
        g, n = generals.get(k, set()), nine.get(k, set())
        if len(g) == 1: out.add((k[0], "", k[1], k[2], "", "", next(iter(g))))
        elif not g and len(n) == 1 and (k[0], next(iter(n))) not in told: out.add((k[0], "", k[1], k[2], "", next(iter(n)), ""))
    # two codes of one name, form and strength: the words do not say which
    times = collections.Counter(r[:4] for r in out)
    out = {r for r in out if sold[r[0]] >= LEAST and times[r[:4]] == 1}
    # the other ways in which an ingredient is used, in seven digits
    known = collections.defaultdict(set)
    for r in out: known[r[0]].add((r[5] or r[6])[:7])
    for _, _, rows in tables(root):
        for r in rows:
            if not isinstance(r, str): known[r["name"]].add((r["yj"] or r["general"])[:7])
    # folded, so that the engine need not when it starts
    out = {(d, fold(n), fold(f), *r) for d, n, f, *r in out}
    return sorted(out | {(d, "", "", "", "", c, "") for d, all_ in seven.items() for c in all_ - known[d]})

def main():
    p = argparse.ArgumentParser(); p.add_argument("--masters", required=True); p.add_argument("--check", action="store_true"); p.add_argument("root"); a = p.parse_args()
    m = Masters(a.masters); bad = 0
    if a.check:
        generals = {r["ipanmei_code"] for r in m.claims}; nines = {y[:9] for y in m.yj} | {r["yakka_code"][:9] for r in m.claims}
        with open(f"{a.root}/codes/products.tsv", encoding="utf-8") as f:
            for n, l in enumerate(f, 1):
                c = dict(zip(HEAD, l.rstrip("\n").split("\t")))
                if n == 1: continue
                wrong = []
                if len(c["yj"]) == 12 and not right(m, nfkc(c["stem"]), c["strength"], c["yj"]): wrong.append("yj")
                if len(c["yj"]) in (7, 9) and not any(x.startswith(c["yj"]) for x in nines): wrong.append("yj")
                if len(c["hot"]) == 9 and m.hot_name.get(c["hot"]) != m.yj.get(c["yj"]): wrong.append("hot")
                if c["general"] and c["general"] not in generals: wrong.append("general")
                if wrong: bad += 1; print(f"codes/products.tsv:{n}: {wrong} of {c}")
        print(f"{n - 1} rows, {bad} problems"); sys.exit(bool(bad))
    rows = build(m, a.root)
    with open(f"{a.root}/codes/products.tsv", "w", encoding="utf-8", newline="\n") as f:
        f.write("\t".join(HEAD) + "\n" + "".join("\t".join(r) + "\n" for r in rows))
    print(len(rows), "products of", len({r[0] for r in rows}), "medicines")
    for t, head, lines in tables(a.root):
        for k in ("form", "strength"):
            if k not in head: head.insert(head.index("note"), k)
        with open(f"{a.root}/drugs/{t}.tsv", "w", encoding="utf-8", newline="\n") as f:
            f.write("\t".join(head) + "\n" + "\n".join(l if isinstance(l, str) else "\t".join(stated(m, l).get(k, "") for k in head) for l in lines))

def stated(m, row):
    """The row with the form and the strength of the product whose codes it holds."""
    product = m.yj.get(row["yj"], "")
    names = sorted((nfkc(n.strip("=?")) for k in ("name", "brands", "aliases") for n in row[k].split("|")), key=len, reverse=True)
    stem = next((n for n in names if n and product.lower().startswith(n.lower()) and not ENDING.search(n.lower())), None) or next((n for n in names if n and product.lower().startswith(n.lower())), "")
    form, strength = split(product[len(stem):]) if product and stem else ("", "")
    row["form"], row["strength"] = (form, strength) if FORM.fullmatch(form) else ("", strength)
    return row

main()
