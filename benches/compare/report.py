"""The figures as Markdown, put between two marks of a file whose analysis is written by hand and left as it is."""

import pathlib

BEGIN, END = "<!-- figures: written by benches/compare/run.py -->", "<!-- end of figures -->"
WORK = {
    "mecab": "words",
    "sudachi": "words (mode C)",
    "ginza": "words, dependencies, named entities",
    "medspacy": "English: sentences, 50 terms, ConText",
    "edsnlp": "French: sentences, 50 terms, qualifiers, dates, quantities",
    "entitynormalizer": "nearest name of its dictionary",
}


def row(*cells):
    return "| " + " | ".join(str(c) for c in cells) + " |"


def number(n):
    if n >= 1000:
        return f"{n:,.0f}"
    return f"{n:.0f}" if n >= 100 else f"{n:.1f}" if n >= 10 else f"{n:.2f}" if n >= 0.1 else f"{n:.3f}"


def table(head, rows):
    return [row(*head), row(*["---"] + ["--:"] * (len(head) - 1)), *[row(*r) for r in rows], ""]


def speeds(results, versions, own="facts, codes, assertion, times"):
    rows = []
    for r in results:
        base = r["name"].split(" ")[0]
        work = WORK.get(base, own)
        rows.append([
            f"{r['name']}{' (' + versions[base] + ')' if base in versions else ''}", work, f"{r['documents']:,}",
            f"{number(r['documents_per_second']['best'])} / {number(r['documents_per_second']['median'])}",
            f"{number(r['mb_per_second']['best'])} / {number(r['mb_per_second']['median'])}",
            number(r["mb_per_cpu_second"]), f"{number(r['start_seconds'])} / {number(r['start_cpu_seconds'])}", number(r["peak_mb"]),
        ])
    head = ["", "work", "documents", "documents/s, best / median", "MB/s, best / median", "MB per second of processor", "start, s: wall / processor", "peak MB"]
    return table(head, rows)


def markdown(figures):
    m = figures["machine"]
    out = [
        f"{m['date']}, karuta {m['karuta']}, {m['cores']} cores ({m['cpu']}), load {m['load_before']:.1f} before and {m['load_after']:.1f} after; "
        f"{figures['rounds']} rounds in turn after one to warm up; command `{m['command']}`.",
        "",
        "**Texts.** " + figures["texts"],
        "",
        *speeds(figures["speed"], figures["versions"]),
    ]
    if figures.get("ways"):
        out += ["The three ways in, by the same notes and the same work (structure, count offsets in code points, count facts, free):", ""]
        rows = [[w["name"], w["threads"], f"{w['wall_min']:.3f}", f"{w['wall_median']:.3f}", f"{w['cpu_min']:.3f}", f"{w['cpu_median']:.3f}"] for w in figures["ways"]]
        out += table(["against Rust", "threads", "wall, best", "wall, median", "processor, best", "processor, median"], rows)
    if figures.get("coding"):
        out += ["Phrases alone (`karuta code`, EntityNormalizer):", ""]
        if figures["coding"].get("speed"):
            out += speeds(figures["coding"]["speed"], figures["versions"], "standard disease name, its codes, or a refusal")
        rows = [[a["name"], *(f"{a['score'][k]['acc']:.3f} ({a['score'][k]['n']:,})" for k in ("coded_top1", "coded_top1_by_frequency", "refused"))] for a in figures["coding"].get("accuracy", [])]
        if rows:
            out += table(["accuracy", "right first code", "… by frequency", "refused where there is none"], rows)
    if figures.get("archives"):
        out += ["`karuta batch`, reading, JSON Lines and checkpoints included:", ""]
        rows = []
        for a in figures["archives"]:
            best = min(a["runs"], key=lambda r: r["seconds"])
            cpu = min(r["user"] + r["system"] for r in a["runs"])
            rows.append([
                f"{a['notes']:,} notes", a["threads"], a["format"], len(a["runs"]), f"{best['seconds']:.1f}", f"{cpu:.1f}",
                number(a["notes"] / best["seconds"]), number(a["bytes"] / 1e6 / best["seconds"]), number(a["notes"] / cpu), number(max(r["peak_mb"] for r in a["runs"])), number(a["out_bytes"] / 1e6),
            ])
        out += table(["archive", "threads", "written", "runs", "s, best", "s of processor, least", "notes/s", "MB/s", "notes per second of processor", "peak MB", "MB written"], rows)
    return "\n".join(out)


def write(path, figures):
    path = pathlib.Path(path)
    old = path.read_text(encoding="utf-8") if path.exists() else f"# Comparison\n\n{BEGIN}\n{END}\n\n## Analysis\n"
    head, rest = old.split(BEGIN, 1)
    path.write_text(f"{head}{BEGIN}\n{markdown(figures)}\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")
