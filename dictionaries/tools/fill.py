#!/usr/bin/env python3
"""Fill in the code columns of the disorder and finding tables from the reader's own copies of the masters.

  fill.py --masters DIR FILE.tsv …          fill blank code columns in place, report what could not be found
  fill.py --masters DIR --check FILE.tsv …  change nothing, report; exit 1 when a row is wrong

An author writes  kind, name, en, standard, aliases, icd10  (an id and the other columns may stay empty):
  kind      disorder | finding
  name      the name a chart uses
  standard  the 標準病名 it is coded as. Empty: the same as name, if the master has it. "-": no 標準病名 fits.
            A composed one is written with its parts: 右+橈骨遠位端骨折+の術後
  aliases   other ways of writing it, split by "|". An abbreviation that also means other things ends in "?".
  icd10     only where there is no 標準病名: the ICD-10 category a coder would choose, without a point
"""
import argparse, collections, csv, gzip, io, json, os, re, sys, unicodedata, zipfile

COLUMNS = "id kind name en standard aliases icd10 icd10_2 exchange kanri receipt kana hpo mondo nando".split()

def fold(s): return re.sub(r"[\s　]", "", unicodedata.normalize("NFKC", s or "")).lower().replace("‐", "-").replace("−", "-").replace("–", "-")

class Masters:
    def __init__(self, root):
        self.disease, self.modifier, self.icd = {}, {}, set()
        with gzip.open(f"{root}/tables/disease.tsv.gz", "rt", encoding="utf-8", newline="") as f:
            for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
                if r["abolished"] == "99999999":
                    self.disease.setdefault(fold(r["name"]), r); self.icd.update(c for c in (r["icd10_2013_1"], r["icd10_2013_2"]) if c)
        z = zipfile.ZipFile(f"{root}/ssk/z_20250601.zip")
        for r in csv.reader(io.StringIO(z.read([n for n in z.namelist() if not n.endswith("/")][0]).decode("cp932"))):
            if r[15] == "99999999": self.modifier.setdefault(fold(r[6]), {"receipt": r[2], "name": r[6], "kanri": r[16], "exchange": r[17]}) if len(r) > 17 else None
        def walk(cs):
            for c in cs:
                self.icd.add(c["code"].replace(".", "")); walk(c.get("concept", []))
        with gzip.open(f"{root}/mhlw/icd10_2013_ja.json.gz", "rt", encoding="utf-8") as f: walk(json.load(f).get("concept", []))
        self.hpo, self.mondo, self.nando = {}, {}, {}
        with gzip.open(f"{root}/ontology/hp-ja.babelon.tsv.gz", "rt", encoding="utf-8", newline="") as f:
            for r in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
                if r["predicate_id"] == "rdfs:label" and not r["source_value"].startswith("obsolete "):
                    for k in (r["translation_value"], r["source_value"]):
                        if k and k != "NA": self.hpo.setdefault(fold(k), r["subject_id"])
        with gzip.open(f"{root}/ontology/mondo-ja.tab.gz", "rt", encoding="utf-8") as f:
            for l in f:
                c = l.rstrip("\n").split("\t")
                if len(c) >= 3:
                    self.mondo.setdefault(fold(c[2]), c[0]); self.mondo.setdefault(fold(c[1]), c[0])
        with gzip.open(f"{root}/ontology/nando.ttl.gz", "rt", encoding="utf-8") as f:
            for block in f.read().split("\n\n"):
                i = re.search(r"NANDO[_:/]?(\d{7})", block)
                if i and "owl:deprecated true" not in block:
                    for l in re.findall(r'"([^"]+)"@(?:ja|en)\b(?!-)', block): self.nando.setdefault(fold(l), f"NANDO:{i.group(1)}")

def read(path):
    rows = []
    for n, l in enumerate(open(path, encoding="utf-8"), 1):
        l = l.rstrip("\r\n")
        if not l.strip() or l.startswith("#"): rows.append((n, l, None)); continue
        c = l.split("\t")
        if c[:2] == ["id", "kind"]: rows.append((n, l, None)); continue
        rows.append((n, l, dict(zip(COLUMNS, c + [""] * (len(COLUMNS) - len(c))))))
    return rows

def compose(m, standard):
    """Codes of a 標準病名, composed or not; None when a part is not in the masters."""
    parts = standard.split("+")
    if len(parts) == 1:
        r = m.disease.get(fold(standard))
        return r and {"standard": r["name"], "exchange": r["exchange_code"], "kanri": r["kanri_no"], "receipt": r["receipt_code"], "icd10": r["icd10_2013_1"], "icd10_2": r["icd10_2013_2"], "kana": r["kana"], "single": r["single_use_prohibited"]}
    base = max((i for i, p in enumerate(parts) if fold(p) in m.disease), key=lambda i: len(parts[i]), default=None)
    if base is None: return None
    out = collections.defaultdict(list); r = None
    for i, p in enumerate(parts):
        if i == base:
            r = m.disease[fold(p)]
            for k, v in (("standard", r["name"]), ("exchange", r["exchange_code"]), ("kanri", r["kanri_no"]), ("receipt", r["receipt_code"])): out[k].append(v)
        else:
            z = m.modifier.get(fold(p))
            if not z: return None
            for k, v in (("standard", z["name"]), ("exchange", z["exchange"]), ("kanri", z["kanri"]), ("receipt", z["receipt"])): out[k].append(v)
    d = {k: "+".join(v) for k, v in out.items()}
    d.update(icd10=r["icd10_2013_1"], icd10_2=r["icd10_2013_2"], kana="", single=""); return d

def main():
    p = argparse.ArgumentParser(); p.add_argument("--masters", required=True); p.add_argument("--check", action="store_true"); p.add_argument("files", nargs="+"); a = p.parse_args()
    m = Masters(a.masters); bad = 0; seen = {}
    for path in a.files:
        stem = re.sub(r"\W", "_", os.path.splitext(os.path.basename(path))[0]); rows = read(path)
        used = [int(x.group(1)) for _, _, r in rows if r and (x := re.search(r"-(\d+)$", r["id"]))]; nxt = max(used, default=0) + 1
        out = []
        def say(n, what):
            nonlocal bad; bad += 1; print(f"{path}:{n}: {what}")
        for n, l, r in rows:
            if r is None:
                if not l.startswith("id\t"): out.append(l)
                continue
            if r["kind"] not in ("disorder", "finding"): say(n, f"kind is {r['kind']!r}, expected disorder or finding"); out.append(l); continue
            if not r["name"]: say(n, "empty name"); continue
            if not r["id"]: r["id"] = f"{stem}-{nxt:04d}"; nxt += 1
            if r["standard"] != "-":
                c = compose(m, r["standard"] or r["name"])
                if c:
                    if c["single"] == "01": say(n, f"{c['standard']} must not be used alone (単独使用禁止)")
                    for k in ("standard", "exchange", "kanri", "receipt", "icd10", "icd10_2"): r[k] = c[k]
                    if fold(r["name"]) == fold(c["standard"]): r["kana"] = r["kana"] or c["kana"]
                elif r["standard"]: say(n, f"{r['name']}: no 標準病名 or 修飾語 {r['standard']!r}")
                elif not r["icd10"]: say(n, f"{r['name']}: not in the master: give standard, or '-' and icd10")
            if r["icd10"] and not any(c in m.icd for c in (r["icd10"], r["icd10"] + "0", r["icd10"][:4], r["icd10"][:3])): say(n, f"{r['name']}: no ICD-10 {r['icd10']!r}")
            names = [r["name"], r["en"]] + [x.rstrip("?") for x in r["aliases"].split("|")]
            for k in ("hpo", "mondo", "nando"):
                if not r[k]: r[k] = next((t[fold(x)] for t in (getattr(m, k),) for x in names if len(x) > 3 and fold(x) in t), "") or getattr(m, k).get(fold(r["name"]), "")
            al = []
            for x in [r["name"]] + r["aliases"].split("|"):
                x = x.strip(); f = fold(x)
                if not f: continue
                key = f.rstrip("?")
                if key in seen and seen[key][2] != r["id"]:
                    q = seen[key]
                    if (x == r["name"] or not x.endswith("?")) and not q[4]: say(n, f"{x!r} of {r['name']} stands already in {q[0]}:{q[1]} ({q[3]})")
                    if x != r["name"] and not x.endswith("?") and not q[4]: continue
                else: seen[key] = (path, n, r["id"], r["name"], x.endswith("?"))
                if x != r["name"] and x not in al: al.append(x)
            r["aliases"] = "|".join(al)
            out.append("\t".join(r[k] for k in COLUMNS))
        if not a.check:
            with open(path, "w", encoding="utf-8", newline="\n") as f: f.write("\t".join(COLUMNS) + "\n" + "\n".join(out) + "\n")
        c = [r for _, _, r in rows if r]
        print(f"{path}: {len(c)} concepts, {sum(1 + len([x for x in r['aliases'].split('|') if x]) for r in c)} surface forms, {sum(bool(r['exchange']) for r in c)} with 標準病名")
    sys.exit(1 if a.check and bad else 0)
main()
