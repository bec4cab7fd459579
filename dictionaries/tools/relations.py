#!/usr/bin/env python3
"""Resolve and check the relation tables of dictionaries/relations/.

  relations.py --check FILE.tsv …       resolve every name, check columns and ids; print edges; exit 1 when a row is wrong
  relations.py --find PATTERN …         print the concepts whose name, English name or alias matches (regular expression)
  relations.py --fix FILE.tsv …         write the main name where a value is an alias of just one concept of its kind; print what was changed
  relations.py --edges FILE.tsv …       print the edges: file:line, relation, from, to

A concept is written as its main name, exactly as in its table. Disorders and findings are plain names; other kinds have a prefix:
  lab: vital: score: drug: class: regimen: proc: site: org: state:     (state = relations/states.tsv)
Only the columns site and organisms of the profiles hold their names without prefix. "|" separates several values in a cell.
"""
import argparse, collections, difflib, glob, os, re, sys

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
TABLES = {
    "": ["disorders/*.tsv"], "lab": ["labs/analytes.tsv"], "vital": ["vitals.tsv"], "score": ["scores.tsv"],
    "drug": ["drugs/injection.tsv", "drugs/oral_*.tsv"], "class": ["drugs/classes.tsv"], "regimen": ["drugs/regimens.tsv"],
    "proc": ["procedures/imaging.tsv", "procedures/nursing.tsv", "procedures/operations.tsv", "procedures/treatment.tsv"],
    "site": ["sites.tsv"], "org": ["organisms.tsv"], "state": ["relations/states.tsv"],
}
KIND = {"": "disorder or finding"}
D = {"", "state"}
# column: (relation, kinds a value may be of, the kind of a value without prefix)
PROFILE = {
    "is_a": ("is_a", {""}, ""), "site": ("finding_site", {"site"}, "site"),
    "causes": ("caused_by", D | {"drug", "class", "proc", "org"}, ""), "symptoms": ("has_symptom", D, ""),
    "lab_findings": ("has_lab_finding", D, ""), "tests": ("tested_by", {"lab", "vital", "score", "proc"}, None),
    "treatments": ("treated_by", {"drug", "class", "regimen", "proc"}, None), "complications": ("has_complication", D, ""),
    "organisms": ("caused_by_organism", {"org"}, "org"),
}
DRUGS = {"adverse_effects": ("has_adverse_effect", D, ""), "contraindicated_in": ("contraindicated_in", D, ""), "treats": ("treats", D, "")}
SCHEMAS = {
    "profiles": ["id", "disorder"] + list(PROFILE), "causal": ["id", "chain", "note"],
    "measured": ["id", "finding", "measured_by", "direction", "note"],
    "drugs": ["id", "drug"] + list(DRUGS), "states": ["id", "name", "en", "note"],
    "hierarchy": ["id", "disorder", "is_a"], "icd10": ["id", "name", "en", "is_a"],
}
DIRECTIONS = {"high", "low", "positive"}


def lines(path):
    """(line number, cells) of every line that is neither empty nor a comment; the first is the header."""
    with open(path, encoding="utf-8") as f:
        for n, l in enumerate(f, 1):
            l = l.rstrip("\r\n")
            if l.strip() and not l.startswith("#"):
                yield n, l.split("\t")


class Names:
    def __init__(self, root=ROOT):
        self.main, self.alias, self.rows = {k: {} for k in TABLES}, {k: collections.defaultdict(list) for k in TABLES}, []
        self.sure = {k: collections.defaultdict(set) for k in TABLES}   # aliases that are not marked as having other meanings
        for kind, patterns in TABLES.items():
            for path in sorted(p for g in patterns for p in glob.glob(os.path.join(root, g))):
                header = None
                for n, c in lines(path):
                    if header is None:
                        header = c
                        continue
                    r = dict(zip(header, c))
                    name = r.get("name", "").strip()
                    if not name:
                        continue
                    self.main[kind].setdefault(name, (path, n))
                    self.rows.append((kind, name, r.get("en", ""), r.get("aliases", ""), r.get("brands", "")))
                    for a in (r.get("aliases", "") + "|" + r.get("brands", "") + "|" + r.get("standard", "")).split("|"):
                        a = a.lstrip("=").rstrip("?")
                        if a and a != "-" and a != name:
                            self.alias[kind][a].append(name)
                    for a in (r.get("aliases", "") + "|" + r.get("brands", "")).split("|"):
                        if a and a != name and not a.endswith("?"): self.sure[kind][a.lstrip("=")].add(name)

    def near(self, kind, name):
        """A word of help: the concept whose alias it is, the same name in another table, or names that look like it."""
        out = [f"{mark(kind, m)} (alias)" for m in dict.fromkeys(self.alias[kind].get(name, []))][:4]
        out += [mark(k, name) for k in TABLES if k != kind and name in self.main[k]]
        if not out:
            out = [mark(k, m) + " (alias)" for k in TABLES if k != kind for m in self.alias[k].get(name, [])[:1]]
        close = difflib.get_close_matches(name, list(self.main[kind]) + list(self.alias[kind]), n=6, cutoff=0.6)
        close += sorted((m for m in self.main[kind] if len(name) > 1 and name in m), key=len)[:4]
        for m in close:
            out.append(mark(kind, m) if m in self.main[kind] else f"{mark(kind, self.alias[kind][m][0])} (alias {m})")
        return ", ".join(list(dict.fromkeys(out))[:8]) or "nothing near"


def mark(kind, name): return f"{kind}:{name}" if kind else name


def fix(names, path):
    """Aliases → main names, in place; blanks around values go."""
    header, out = None, []
    defaults = {c: d for c, (_, _, d) in list(PROFILE.items()) + list(DRUGS.items())} | {"disorder": "", "finding": "", "chain": "", "drug": None, "measured_by": None}
    def one(n, v, default):
        v = v.strip()
        m = re.match(r"([a-z]+):(.+)$", v)
        kind, name = (m[1], m[2]) if m and m[1] in TABLES else (default, v)
        if kind is None or name in names.main[kind] or len(names.sure[kind].get(name, ())) != 1: return v
        new = next(iter(names.sure[kind][name]))
        new = new if kind == default else mark(kind, new)
        print(f"{path}:{n}: {v} → {new}")
        return new
    for n, l in enumerate(open(path, encoding="utf-8"), 1):
        l = l.rstrip("\r\n")
        if l.strip() and not l.startswith("#"):
            c = l.split("\t")
            if header is None: header = c
            else:
                for i, col in enumerate(header[:len(c)]):
                    if col in defaults and c[i].strip():
                        sep = r"\s>\s" if col == "chain" else r"\|"
                        c[i] = (" > " if col == "chain" else "|").join(dict.fromkeys(one(n, v, defaults[col]) for v in re.split(sep, c[i])))
                l = "\t".join(c)
        out.append(l)
    with open(path, "w", encoding="utf-8") as f: f.write("\n".join(out) + "\n")


class Check:
    def __init__(self, names):
        self.names, self.errors, self.warnings = names, [], []
        self.edges = []        # (path, line, relation, from, to)
        self.ids, self.first = {}, {}

    def error(self, path, n, text): self.errors.append(f"{path}:{n}: {text}")

    def resolve(self, path, n, column, value, kinds, default):
        """The marked name of a reference, or None after an error."""
        if value != value.strip():
            self.error(path, n, f"{column}: blank around {value!r}")
            value = value.strip()
        if not value:
            self.error(path, n, f"{column}: empty value")
            return None
        kind, name = default, value
        m = re.match(r"([a-z]+):(.+)$", value)
        if m and m[1] in TABLES and m[1]:
            kind, name = m[1], m[2]
            if default not in (None, "") and kind == default:
                self.error(path, n, f"{column}: {value}: this column holds plain {default} names, without prefix")
        elif m and re.match(r"[a-z]{2,9}:", value) and value not in self.names.main[""]:
            self.error(path, n, f"{column}: {value}: no such prefix (there are {', '.join(k + ':' for k in TABLES if k)})")
            return None
        if kind is None:
            self.error(path, n, f"{column}: {value}: needs a prefix ({', '.join(sorted(k + ':' for k in kinds))}); near: {self.anywhere(name, kinds)}")
            return None
        if kind not in kinds:
            self.error(path, n, f"{column}: {value}: a {KIND.get(kind, kind)} is not allowed here ({', '.join(sorted(KIND.get(k, k + ':') for k in kinds))})")
            return None
        if name not in self.names.main[kind]:
            self.error(path, n, f"{column}: {value}: no such {KIND.get(kind, kind)}; near: {self.names.near(kind, name)}")
            return None
        return mark(kind, name)

    def anywhere(self, name, kinds):
        return "; ".join(t for t in (self.names.near(k, name) for k in sorted(kinds)) if t != "nothing near") or "nothing near"

    def edge(self, path, n, relation, a, b, repeat=False):
        if a is None or b is None:
            return
        if a == b:
            self.error(path, n, f"{relation}: {a}: points at itself")
            return
        key = (relation, a, b)
        seen = self.first.get(key)
        if seen is None:
            self.first[key] = (path, n)
            self.edges.append((path, n, relation, a, b))
        elif not repeat:
            text = f"{relation}: {a} → {b}: already at {seen[0]}:{seen[1]}"
            if seen[0] == path: self.error(path, n, text)
            else: self.warnings.append(f"{path}:{n}: {text}")

    def table(self, path):
        base = os.path.basename(path)
        schema = re.split(r"[-.]", base)[0]
        if schema not in SCHEMAS:
            self.error(path, 1, f"name of the file is none of {', '.join(s + '*.tsv' for s in SCHEMAS)}")
            return
        columns, header, chains, subjects = SCHEMAS[schema], None, {}, {}
        count = 0
        for n, c in lines(path):
            if header is None:
                header = c
                if c != columns:
                    self.error(path, n, f"header is {' '.join(c)}; expected {' '.join(columns)}")
                continue
            count += 1
            if len(c) > len(columns):
                self.error(path, n, f"{len(c)} cells; there are {len(columns)} columns")
            if len(c) < 2:
                self.error(path, n, "one cell only; is the line TAB-separated?")
                continue
            r = dict(zip(columns, c + [""] * (len(columns) - len(c))))
            if not r["id"]: self.error(path, n, "no id")
            elif r["id"] in self.ids: self.error(path, n, f"id {r['id']}: already at {self.ids[r['id']][0]}:{self.ids[r['id']][1]}")
            else: self.ids[r["id"]] = (path, n)
            if r["id"] and schema != "icd10" and not re.fullmatch(r"[a-z0-9_]+([.-][a-z0-9_]+)+", r["id"]): self.error(path, n, f"id {r['id']!r}: expected such as {schema}.x-001")
            cells = lambda col: [v for v in r[col].split("|")] if r[col].strip() else []
            if schema == "states":
                if not r["name"] or not r["en"]: self.error(path, n, "a state needs name and en")
                if self.names.main["state"].get(r["name"], (0, n))[1] != n: self.error(path, n, f"name {r['name']}: declared twice")
                for k in TABLES:
                    if k != "state" and r["name"] in self.names.main[k]:
                        self.error(path, n, f"name {r['name']}: is {mark(k, r['name'])} already")
                if r["name"] in self.names.alias[""]:
                    self.error(path, n, f"name {r['name']}: is an alias of {self.names.alias[''][r['name']][0]}")
            elif schema == "icd10":
                if not re.fullmatch(r"icd10:[A-Z]\d\d-[A-Z]\d\d", r["id"]) or not r["name"]: self.error(path, n, "a block needs an id such as icd10:J09-J18, and a name")
                for v in cells("is_a"): self.edge(path, n, "is_a", r["id"], self.resolve(path, n, "is_a", v, {""}, ""))
            elif schema == "hierarchy":
                d = self.resolve(path, n, "disorder", r["disorder"], {"", "class", "org", "proc"}, "")
                for v in cells("is_a"): self.edge(path, n, "is_a", d, self.resolve(path, n, "is_a", v, {"", "class", "org", "proc"}, ""))
            elif schema == "profiles":
                d = self.resolve(path, n, "disorder", r["disorder"], {""}, "")
                if r["disorder"] in subjects: self.error(path, n, f"disorder {r['disorder']}: already at line {subjects[r['disorder']]}")
                subjects.setdefault(r["disorder"], n)
                before = len(self.edges)
                for col, (relation, kinds, default) in PROFILE.items():
                    for v in cells(col):
                        self.edge(path, n, relation, d, self.resolve(path, n, col, v, kinds, default))
                if len(self.edges) == before and d: self.error(path, n, "a row without an edge")
            elif schema == "causal":
                steps = [s.strip() for s in re.split(r"\s>\s", r["chain"])]
                if len(steps) < 2: self.error(path, n, "a chain needs two steps or more, joined by ' > '")
                if r["chain"] in chains: self.error(path, n, f"chain: already at line {chains[r['chain']]}")
                chains.setdefault(r["chain"], n)
                if len(set(steps)) < len(steps): self.error(path, n, "chain comes back to a step it has already")
                found = [self.resolve(path, n, "chain", s, D | {"drug", "class", "proc", "org"}, "") for s in steps]
                for a, b in zip(found, found[1:]):
                    self.edge(path, n, "has_result", a, b, repeat=True)
            elif schema == "measured":
                if r["direction"] not in DIRECTIONS: self.error(path, n, f"direction {r['direction']!r}: expected {', '.join(sorted(DIRECTIONS))}")
                d = self.resolve(path, n, "finding", r["finding"], D, "")
                vs = cells("measured_by")
                if not vs: self.error(path, n, "measured_by: empty")
                for v in vs:
                    self.edge(path, n, f"measured_by_{r['direction']}", d, self.resolve(path, n, "measured_by", v, {"lab", "vital", "score"}, None))
            elif schema == "drugs":
                d = self.resolve(path, n, "drug", r["drug"], {"drug", "class", "regimen"}, None)
                if r["drug"] in subjects: self.error(path, n, f"drug {r['drug']}: already at line {subjects[r['drug']]}")
                subjects.setdefault(r["drug"], n)
                for col, (relation, kinds, default) in DRUGS.items():
                    for v in cells(col):
                        self.edge(path, n, relation, d, self.resolve(path, n, col, v, kinds, default))
        if header is None: self.error(path, 1, "no header line")
        return count

    def cycles(self):
        """Each cycle of is_a once."""
        up = collections.defaultdict(list)
        for path, n, relation, a, b in self.edges:
            if relation == "is_a": up[a].append((b, path, n))
        state, told = {}, set()
        for start in list(up):
            if start in state: continue
            stack, trail = [(start, iter(up[start]))], [start]
            state[start] = 1
            while stack:
                node, it = stack[-1]
                for b, path, n in it:
                    if state.get(b) == 1:
                        cyc = trail[trail.index(b):] + [b]
                        if frozenset(cyc) not in told:
                            told.add(frozenset(cyc)); self.error(path, n, "is_a: cycle: " + " → ".join(cyc))
                    elif b not in state:
                        state[b] = 1; trail.append(b); stack.append((b, iter(up.get(b, [])))); break
                else:
                    state[node] = 2; trail.pop(); stack.pop()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--check", action="store_true", help="resolve and check the files")
    p.add_argument("--edges", action="store_true", help="print every edge")
    p.add_argument("--find", action="store_true", help="look names up in the tables")
    p.add_argument("--fix", action="store_true", help="aliases to main names, in place")
    p.add_argument("--root", default=ROOT, help="the dictionaries folder")
    p.add_argument("args", nargs="+", metavar="FILE|PATTERN")
    a = p.parse_args()
    names = Names(a.root)
    if a.find:
        for pattern in a.args:
            x = re.compile(pattern, re.I)
            for kind, name, en, aliases, brands in names.rows:
                if any(x.search(t) for t in [name, en] + aliases.split("|") + brands.split("|")):
                    print(mark(kind, name), en, aliases[:60], sep="\t")
        return
    if a.fix:
        for path in a.args: fix(names, path)
    c, rows = Check(names), {}
    for path in a.args:
        try:
            rows[path] = c.table(path)
        except (OSError, UnicodeDecodeError) as e:
            c.errors.append(f"{path}:1: {e}")
    c.cycles()
    if a.edges:
        for path, n, relation, x, y in c.edges: print(f"{path}:{n}", relation, x, y, sep="\t")
    for w in c.warnings: print("note:", w)
    for e in c.errors: print(e)
    per_file, per_kind = collections.Counter(e[0] for e in c.edges), collections.Counter(e[2] for e in c.edges)
    if not a.edges:
        for path in a.args: print(f"{path}: {rows.get(path) or 0} rows, {per_file[path]} edges")
        for k, v in per_kind.most_common(): print(f"  {k}: {v}")
        print(f"{len(c.edges)} edges, {len(c.errors)} errors, {len(c.warnings)} notes")
    sys.exit(1 if c.errors else 0)


if __name__ == "__main__":
    main()
