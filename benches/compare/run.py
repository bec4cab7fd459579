#!/usr/bin/env python3
"""Karuta from Rust, C and Python beside MeCab, SudachiPy, GiNZA, EntityNormalizer, medspaCy and EDS-NLP, in one run.

It builds karuta, installs the others into environments of their own under --work (outside the repository), and writes
JSON and Markdown. Best run on a machine that does nothing else; the load is recorded.
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys

import measure
import prepare
import report
from prepare import HERE, ROOT, say

# peers that take long get fewer documents; the figures say how many
SAMPLES = {"ginza": 12, "medspacy": 50, "edsnlp": 50}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", type=pathlib.Path, default=pathlib.Path.home() / ".cache" / "karuta-compare")
    p.add_argument("--notes", type=int, default=2000, help="Japanese notes of 600 characters")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    p.add_argument("--archives", type=int, nargs="*", default=[1000, 10000, 100000], help="sizes of the archives for karuta batch; none to leave them out")
    p.add_argument("--only", nargs="+", help="peers to measure, of " + ", ".join(["mecab", *prepare.PEERS]))
    p.add_argument("--no-build", action="store_true", help="take karuta as an earlier run has built it")
    p.add_argument("--coding", type=pathlib.Path, default=ROOT.parent / "shared", help="a folder with eval/score.py and corpora/coding, where there is one")
    p.add_argument("--pack", type=pathlib.Path, help="an official pack (karuta terms import), to code with it too")
    today = datetime.date.today()
    p.add_argument("--out", type=pathlib.Path, default=ROOT / "benches" / "record" / f"compare-{today:%Y-%m}", help="without .json and .md")
    return p.parse_args()


def speed(args, made, texts, there, mecab):
    """Everyone on documents, a round each in turn."""
    peer = lambda script: HERE / "peers" / script
    at = lambda name, given: prepare.pack(args.work / f"{name}.bin", given)
    ja = at("ja", texts["ja"])
    programs = []
    for n in args.threads:
        programs.append(measure.Served(f"karuta, Rust, {n} thread{'s'[:n > 1]}", [made["rust"], "structure", ja, n], texts["ja"]))
        programs.append(measure.Served(f"karuta, C, {n} thread{'s'[:n > 1]}", [made["c"], ja, n], texts["ja"]))
        programs.append(measure.Served(f"karuta, Python, {n} thread{'s'[:n > 1]}", [made["python"], peer("karuta_structure.py"), ja, n], texts["ja"]))
    if mecab:
        programs.append(measure.Served("mecab", [mecab[0], ja, mecab[1]], texts["ja"]))
    scripts = {"sudachi": ("sudachi_words.py", "ja"), "ginza": ("ginza_pipeline.py", "ja"), "medspacy": ("medspacy_context.py", "en"), "edsnlp": ("edsnlp_qualifiers.py", "fr")}
    for name, (script, language) in scripts.items():
        if name in there:
            given = texts[language][: SAMPLES.get(name)]
            terms = [] if language == "ja" else [HERE / "texts" / f"{language}_terms.txt"]
            programs.append(measure.Served(name, [there[name][0], peer(script), at(f"{name}-{language}", given), *terms], given))
    return measure.interleaved(programs, args.rounds, say)


def ways(args, results):
    """C and Python against Rust: time over time, so above 1 is slower."""
    out = []
    by_name = {r["name"]: r for r in results}
    for n in args.threads:
        end = f"{n} thread{'s'[:n > 1]}"
        rust = by_name[f"karuta, Rust, {end}"]
        for way in ("C", "Python"):
            r = by_name[f"karuta, {way}, {end}"]
            ratio = lambda kind, which: r[kind][which] / rust[kind][which]
            out.append({
                "name": way, "threads": n, "wall_min": ratio("seconds", "min"), "wall_median": ratio("seconds", "median"),
                "cpu_min": ratio("cpu_seconds", "min"), "cpu_median": ratio("cpu_seconds", "median"),
                "wall_by_round_median": statistics.median(a / b for a, b in zip(r["seconds"]["all"], rust["seconds"]["all"])),
            })
    return out


def coding(args, made, there):
    """Phrases: speed, and accuracy by the given scorer where the phrases are there."""
    gold, scorer = args.coding / "corpora" / "coding" / "uth_disease_code.tsv", args.coding / "eval" / "score.py"
    if not gold.exists():
        say(f"{gold} is not there: coding is left out")
        return None
    rows = [line.split("\t") for line in gold.read_text(encoding="utf-8").splitlines()[1:]]
    phrases = [r[0] for r in rows]
    packed = prepare.pack(args.work / "phrases.bin", phrases)
    peer = lambda script: HERE / "peers" / script
    packs = [args.pack.resolve()] if args.pack else []
    programs = [
        measure.Served("karuta, Rust, 1 thread", [made["rust"], "code", packed, 1], phrases),
        measure.Served("karuta, Python, 1 thread", [made["python"], peer("karuta_code.py"), packed], phrases),
    ]
    if packs:
        programs.append(measure.Served("karuta, Rust, official pack, 1 thread", [made["rust"], "code", packed, 1, *packs], phrases))
    accuracy = []

    def score(name, coded):
        r = subprocess.run([sys.executable, scorer, "coding", gold, coded, "--json"], capture_output=True, text=True, check=True)
        accuracy.append({"name": name, "score": json.loads(r.stdout)})

    for name, more in [("karuta", []), ("karuta, official pack", ["--pack", *packs])][: 1 + len(packs)]:
        coded = args.work / "coded.jsonl"
        with coded.open("w") as out:
            subprocess.run([made["command"], "code", "--format", "jsonl", *more], input="\n".join(phrases), text=True, stdout=out, check=True)
        score(name, coded)
    if "entitynormalizer" in there:
        names = args.work / "names.jsonl"
        program = measure.Served("entitynormalizer", [there["entitynormalizer"][0], peer("entity_names.py"), packed, names], phrases)
        programs.append(program)
    results = measure.interleaved(programs, min(args.rounds, 5), say)
    if "entitynormalizer" in there:
        # it names a standard disease name; a name that the phrases know has the code that they give it
        codes = {r[1]: r[2] for r in rows if r[2] != "----"}
        coded = args.work / "coded-en.jsonl"
        with coded.open("w", encoding="utf-8") as out:
            for line in names.read_text(encoding="utf-8").splitlines():
                r = json.loads(line)
                # -1 and [AMB] are how its dictionary says that there is none, or more than one
                none = r["name"] in (None, "-1", "[AMB]")
                codings = [] if none else [{"system": "http://medis.or.jp/CodeSystem/master-disease-exCode", "code": codes.get(r["name"], "another")}]
                out.write(json.dumps({"text": r["text"], "codings": codings}, ensure_ascii=False) + "\n")
        score("EntityNormalizer, its own dictionary, threshold 70", coded)
    return {"speed": results, "accuracy": accuracy}


def archives(args, made):
    """karuta batch over archives of several sizes on one and more threads."""
    out = []
    for notes in args.archives:
        path = prepare.archive(args.work / f"archive-{notes}.jsonl", notes)
        kinds = [(n, "jsonl") for n in args.threads] + [(max(args.threads), "parquet")]
        runs = {k: [] for k in kinds}
        sizes = {}
        for _ in range(1 if notes > 10_000 else 3):
            for threads, form in kinds:
                folder = args.work / "run"
                shutil.rmtree(folder, ignore_errors=True)
                once = measure.once([made["command"], "batch", path, "-o", folder, "--threads", threads, "--format", form])
                runs[threads, form].append(once)
                sizes[threads, form] = sum(f.stat().st_size for f in folder.iterdir())
                say(f"batch of {notes}, {threads} threads, {form}: {once}")
        shutil.rmtree(args.work / "run", ignore_errors=True)
        out += [{"notes": notes, "bytes": path.stat().st_size, "threads": t, "format": f, "runs": r, "out_bytes": sizes[t, f]} for (t, f), r in runs.items()]
    return out


def cpu():
    info = pathlib.Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    return names[0] if names else platform.machine()


def main():
    args = arguments()
    args.work = args.work.resolve()
    args.work.mkdir(parents=True, exist_ok=True)
    if args.work.is_relative_to(ROOT):
        sys.exit(f"--work: found {args.work}, expected a folder outside the repository")
    made = prepare.karuta(args.work, not args.no_build)
    there = prepare.peers(args.work, args.only)
    mecab = prepare.mecab(args.work) if not args.only or "mecab" in args.only else None
    texts = prepare.texts(args.work, args.notes)
    load = os.getloadavg()[0]
    versions = {name: v for name, (_, v) in there.items()} | ({"mecab": mecab[2]} if mecab else {})
    figures = {"rounds": args.rounds, "versions": versions}
    figures["texts"] = (
        f"{args.notes:,} Japanese notes of 600 characters cut from corpora/charts (benches/archive.py); GiNZA, which takes long, {SAMPLES['ginza']} of them. "
        "medspaCy reads English and EDS-NLP French: they get notes of our own in those languages (benches/compare/texts, 1,500 characters each), "
        "a list of 50 terms that stand in them, and the part of karuta's work that they do; they are no comparison on the same text."
    )
    version = subprocess.run([made["command"], "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    figures["machine"] = {
        "date": str(datetime.date.today()), "karuta": f"{version} ({commit})", "cores": os.cpu_count(), "cpu": cpu(), "system": platform.platform(),
        "load_before": load, "command": "benches/compare/run.py " + " ".join(settings(sys.argv[1:])),
    }
    sections = [
        ("speed", lambda: speed(args, made, texts, there, mecab)),
        ("ways", lambda: ways(args, figures["speed"])),
        ("coding", lambda: coding(args, made, there)),
        ("archives", lambda: archives(args, made)),
    ]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for name, section in sections:
        figures[name] = section()
        figures["machine"]["load_after"] = os.getloadavg()[0]
        # what has been measured is kept, whatever comes after it
        args.out.with_suffix(".json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        report.write(args.out.with_suffix(".md"), figures)
        say(f"{name} written: {args.out}.json, {args.out}.md")


def settings(given):
    """The arguments without paths, which say nothing to another reader."""
    out, skip = [], False
    for a in given:
        if skip or a in ("--work", "--out", "--coding", "--pack"):
            skip = not skip
            continue
        out.append(a)
    return out


if __name__ == "__main__":
    main()
