#!/usr/bin/env python3
"""Fill in the displays of tests and allergens, row by row, from the reader's own copies of the masters.

  displays.py --masters DIR [--profiles DIR]           fill blank displays in place, report what has none
  displays.py --masters DIR [--profiles DIR] --check   change nothing, report; exit 1 when a display is not its master's

  labs/analytes.tsv   display_jlac10   the name of jlac10_17 in the JLAC10 list of MEDIS (medis/lab_jlac10_17.json.gz)
  allergens.tsv       display          the name of the row's code in J-FAGY (jfagy/*.csv.gz)
  export/codes.tsv    core-lab         checked only: the code is in the service's list (jlac/clins_jlac10_11.tsv.gz) under the
                                       name that the profile fixes as display, or a spelling of it that stands in SPELT;
                                       with --profiles the display must be one that JP_Observation_LabResult_eCS fixes
"""
import argparse, collections, csv, glob, gzip, json, os, re, sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
# the profile writes some names of the service's list otherwise
SPELT = {"PT-sec": "PT-秒", "PT-act": "PT-活性%", "U-pc": "U-P/C", "U-ac": "U-A/C", "ABO-BLD": "⾎液型-ABO", "Rh-BLD": "⾎液型-Rh"}

def tsv(f): return csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE)

def jlac10(root):
    def walk(cs):
        for c in cs:
            yield c["code"], c.get("display", "")
            yield from walk(c.get("concept", []))
    with gzip.open(f"{root}/medis/lab_jlac10_17.json.gz", "rt", encoding="utf-8") as f: return dict(walk(json.load(f)["concept"]))

def jfagy(root):
    out = {}
    for path in sorted(glob.glob(f"{root}/jfagy/*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as f:
            for r in csv.DictReader(f):
                if r["ENDDATE"] == "99999999": out.setdefault(r["JFAGYCODE"], r["JPTERM"])
    return out

def service(root):
    out = collections.defaultdict(set)
    with gzip.open(f"{root}/jlac/clins_jlac10_11.tsv.gz", "rt", encoding="utf-8", newline="") as f:
        for r in tsv(f): out[r["JLAC10コード"]].add(r["FHIR識別文字列"])
    return out

def fixed(root):
    """Displays that the profile fixes for its core tests."""
    for path in glob.glob(f"{root}/**/StructureDefinition-JP-Observation-LabResult-eCS.json", recursive=True):
        with open(path, encoding="utf-8") as f:
            elements = json.load(f)["snapshot"]["element"]
        return {e["fixedString"] for e in elements if re.search(r"coding:coreLaboJLAC10/.*\.display$", e["id"])}
    return None

def fill(path, codes, column, names, check, say):
    with open(path, encoding="utf-8") as f: lines = f.read().split("\n")
    header = lines[0].split("\t"); at = header.index(column); places = [header.index(c) for c in codes]; n = blank = 0
    for i, line in enumerate(lines[1:], 1):
        if not line or line.startswith("#"): continue
        cells = line.split("\t"); cells += [""] * (len(header) - len(cells))
        code = next((cells[p] for p in places if cells[p] not in ("", "-")), "")
        name = names.get(code, ""); n += bool(name); blank += bool(code and not name)
        if cells[at] and cells[at] != name: say(f"{path}:{i + 1}: display {cells[at]!r} of {code}, its master's is {name!r}")
        elif name and not cells[at]:
            if check: say(f"{path}:{i + 1}: no display of {code}, its master's is {name!r}")
            cells[at] = name; lines[i] = "\t".join(cells)
    if not check:
        with open(path, "w", encoding="utf-8", newline="\n") as f: f.write("\n".join(lines))
    print(f"{path}: {n} displays; {blank} codes are in no list that names them")

def main():
    p = argparse.ArgumentParser(); p.add_argument("--masters", required=True); p.add_argument("--profiles"); p.add_argument("--check", action="store_true"); a = p.parse_args()
    bad = 0
    def say(what):
        nonlocal bad; bad += 1; print(what)
    fill(f"{HERE}/labs/analytes.tsv", ["jlac10_17"], "display_jlac10", jlac10(a.masters), a.check, say)
    fill(f"{HERE}/allergens.tsv", ["jfagy_food", "jfagy_medication", "jfagy_other"], "display", jfagy(a.masters), a.check, say)
    listed, displays, n = service(a.masters), a.profiles and fixed(a.profiles), 0
    with open(f"{HERE}/labs/analytes.tsv", encoding="utf-8") as f: coded = {r["jlac10_17"] for r in tsv(f)}
    with open(f"{HERE}/export/codes.tsv", encoding="utf-8") as f:
        for r in tsv(f):
            if r["use"] != "core-lab": continue
            n += 1; d = r["display"]
            if r["key"] != r["code"]: say(f"core-lab {r['key']}: another code {r['code']}")
            if r["key"] not in coded: say(f"core-lab {r['key']}: no test of analytes.tsv has that code")
            if SPELT.get(d, d) not in listed.get(r["code"], ()): say(f"core-lab {r['code']} {d!r}: the service's list has {sorted(listed.get(r['code'], []))}")
            if displays is not None and d not in displays: say(f"core-lab {r['code']}: the profile fixes no display {d!r}")
    print(f"export/codes.tsv: {n} tests of the service's list")
    sys.exit(1 if bad and a.check else 0)
main()
