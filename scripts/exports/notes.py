"""Gathers the notes that the exports are tried on: notes.jsonl, and few.jsonl with some of each kind.

  notes.py FOLDER
"""
import glob, json, os, re, sys
folder = sys.argv[1]
notes = []
for f in sorted(glob.glob("../shared/corpora/notes/*.jsonl")) + sorted(glob.glob("../shared/corpora/vignettes/*.jsonl")):
    kind = os.path.splitext(os.path.basename(f))[0]
    notes += [{"id": f"{kind}/{d['id']}", "text": d["text"]} for d in map(json.loads, open(f, encoding="utf-8"))]
charts = [{"id": os.path.splitext(os.path.basename(f))[0], "text": open(f, encoding="utf-8").read(), "date": "2024-05-04"} for f in sorted(glob.glob("corpora/charts/*.txt"))]
# characters that offsets go wrong on: beyond the BMP, combined, CRLF, markup, what XML cannot hold
charts.append({"id": "characters <&\"'>", "date": "2024-05-04", "text": "S) 🌡39.2℃の発熱あり。👨‍👩‍👧父が高血圧。\r\nか\u3099 咳嗽(-) <b>頭痛</b> & \"嘔気\"\x01 𠮷田\r\nO) BT39.2 BP 120/70\r\nA/P) 右橈骨遠位端骨折の術後。|肺炎^疑い~\\\r\n"})
notes = charts + [n for n in notes if n["text"].strip()]
seen, out = set(), []
for n in notes:
    while n["id"] in seen:
        n = {**n, "id": n["id"] + "'"}
    seen.add(n["id"])
    out.append(n)
# allergies are rare: the notes that speak of one are all taken
few = [n for i, n in enumerate(out) if i < len(charts) or i % 12 == 0 or re.search("アレルギー|薬疹|アナフィラキシー", n["text"])]
for name, of in (("notes", out), ("few", few)):
    with open(os.path.join(folder, f"{name}.jsonl"), "w", encoding="utf-8") as f:
        for n in of:
            f.write(json.dumps(n, ensure_ascii=False) + "\n")
# the names that the command gives to the documents of notes: those of src/cli/export.rs
names, ids = set(), {}
for i, n in enumerate(few, 1):
    stem = "".join(c if c.isalnum() or c in "-_" else "_" for c in n["id"])[:60]
    if not stem or stem in names:
        stem = f"{stem}-{i}"
    names.add(stem)
    ids[stem + ".xmi"] = n["id"]
json.dump(ids, open(os.path.join(folder, "xmi-ids.json"), "w"), ensure_ascii=False)
