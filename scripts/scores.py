#!/usr/bin/env python3
"""Scores the built command on annotated notes that lie beside the checkout, against the least figures below.

  scores.py KARUTA SHARED     KARUTA is the command, SHARED the folder with eval/ and corpora/
"""
import json, subprocess, sys, tempfile, os

LEAST = {
    "notes": {
        "vital.f1": 0.95, "lab.f1": 0.88, "lab.loinc": 0.96, "lab.any_code": 0.97, "condition.f1": 0.84, "condition.assertion": 0.92,
        "condition.assertion_not_present": 0.85, "condition.icd10_3": 0.86,
        "drug.f1": 0.90, "drug.ingredient": 0.92, "drug.coded": 0.95, "drug.times_per_day": 0.90, "drug.strength": 0.90, "drug.status": 0.75,
        "time.f1": 0.80, "time.date": 0.85, "procedure.f1": 0.85, "allergy.f1": 0.80, "lifestyle.f1": 0.80,
    },
    "medtxt": {"partial+certainty.f1": 0.74, "exact+certainty.f1": 0.55},
}

def run(karuta, source, out):
    with open(source, "rb") as i, open(out, "wb") as o:
        subprocess.run([karuta, "structure", "--input-format", "jsonl", "--format", "jsonl"], stdin=i, stdout=o, check=True)

def score(shared, kind, gold, facts):
    r = subprocess.run([sys.executable, f"{shared}/eval/score.py", kind, gold, facts, "--json"], capture_output=True, text=True, check=True)
    return json.loads(r.stdout)

def main(karuta, shared):
    with tempfile.TemporaryDirectory() as tmp:
        facts, texts = os.path.join(tmp, "facts.jsonl"), os.path.join(tmp, "texts.jsonl")
        results = {}
        gold = f"{shared}/eval/gold_notes.jsonl"
        run(karuta, gold, facts)
        results["notes"] = score(shared, "notes", gold, facts)
        xml = f"{shared}/corpora/medtxt/MedTxt-CR-JA.xml"
        with open(texts, "w", encoding="utf-8") as o:
            subprocess.run([sys.executable, f"{shared}/eval/score.py", "texts", xml], stdout=o, check=True)
        run(karuta, texts, facts)
        results["medtxt"] = score(shared, "medtxt", xml, facts)
        for folder in ("notes", "vignettes"):
            for f in sorted(os.listdir(f"{shared}/corpora/{folder}")):
                run(karuta, f"{shared}/corpora/{folder}/{f}", facts)
    bad = 0
    for kind, least in LEAST.items():
        for figure, want in least.items():
            name, _, part = figure.rpartition(".")
            got = results[kind].get(figure, {}).get("acc") if part != "f1" else results[kind][name]["f1"]
            ok = got is not None and got >= want
            bad += not ok
            print(f"{kind:7}{figure:34}{got}  least {want}{'' if ok else '   TOO LOW'}")
    sys.exit(1 if bad else 0)

main(*sys.argv[1:3])
