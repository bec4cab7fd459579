"""What run.py measures with: texts, virtual environments of the peers, and karuta built for its three ways in."""

import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# each in an environment of its own: their needs exclude one another
PEERS = {
    "sudachi": ["sudachipy", "sudachidict_core"],
    "ginza": ["ginza", "ja_ginza"],
    "medspacy": ["medspacy"],
    "edsnlp": ["edsnlp"],
    "entitynormalizer": ["EntityNormalizer"],
}


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def run(*command, **more):
    say("+", *command)
    return subprocess.run([str(c) for c in command], check=True, **more)


def target():
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()


def environment(folder, packages):
    """A virtual environment with these packages; None where they can't be had."""
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if stamp.exists() and stamp.read_text() == "\n".join(packages):
        return python
    try:
        venv.create(folder, with_pip=True, clear=True)
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages)
    except (subprocess.CalledProcessError, OSError) as e:
        say(f"{folder.name} could not be installed and is left out: {e}")
        return None
    stamp.write_text("\n".join(packages))
    return python


def version(python, package):
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def peers(work, only):
    """The interpreters of the peers that are there, with their versions."""
    found = {}
    for name, packages in PEERS.items():
        if only and name not in only:
            continue
        python = environment(work / "venvs" / name, packages)
        if python:
            found[name] = (python, ", ".join(f"{p} {version(python, p)}" for p in packages))
    return found


def mecab(work):
    """The program that drives libmecab with IPADIC, and what it is; None where MeCab is not there and can't be installed."""
    if not shutil.which("mecab-config") and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run([*sudo, "apt-get", "update", "-q"], check=False, **quiet)
        subprocess.run([*sudo, "apt-get", "install", "-y", "-q", "libmecab-dev", "mecab", "mecab-ipadic-utf8"], check=False, **quiet)
    if not shutil.which("mecab-config"):
        say("MeCab could not be installed and is left out")
        return None
    ask = lambda o: subprocess.run(["mecab-config", o], capture_output=True, text=True, check=True).stdout.split()
    dictionary = next((d for d in ("/var/lib/mecab/dic/ipadic-utf8", *(f"{p}/ipadic" for p in ask("--dicdir"))) if os.path.isdir(d)), None)
    if not dictionary:
        say("MeCab's IPADIC is not there: left out")
        return None
    program = work / "mecab"
    run("gcc", "-O2", "-Wall", "-Wextra", HERE / "peers" / "mecab.c", *ask("--cflags"), *ask("--libs"), "-o", program)
    return program, dictionary, f"MeCab {ask('--version')[0]}, IPADIC"


def karuta(work, build=True):
    """The command, the programs in Rust and C, and an interpreter that has the wheel."""
    python = environment(work / "venvs" / "karuta", ["maturin>=1.16,<2"])
    prefix, wheels = work / "prefix", work / "wheels"
    if build:
        run("cargo", "build", "--locked", "--release", "--bin", "karuta", cwd=ROOT)
        # with the library as C has it
        run("cargo", "build", "--locked", "--release", "-p", "karuta-ffi", "--lib", "--example", "throughput", cwd=ROOT)
        run(ROOT / "ffi" / "install.sh", prefix)
        shutil.rmtree(wheels, ignore_errors=True)
        run(python, "-m", "maturin", "build", "--locked", "--release", "--out", wheels, "--interpreter", python, cwd=ROOT / "python")
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall", "--no-deps", *wheels.glob("karuta-*.whl"))
    c = work / "throughput-c"
    lib = prefix / "lib"
    run("gcc", "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", HERE / "throughput.c", f"-I{prefix}/include", f"-L{lib}", "-lkaruta", f"-Wl,-rpath,{lib}", "-pthread", "-o", c)
    release = target() / "release"
    return {"command": release / "karuta", "rust": release / "examples" / "throughput", "c": c, "python": python}


def pack(path, texts):
    """Texts as every program reads them: a length (32 bits, little-endian) and as many bytes each."""
    with open(path, "wb") as out:
        for t in texts:
            b = t.encode("utf-8")
            out.write(struct.pack("<I", len(b)) + b)
    return path


def archive(path, notes, characters=600):
    if not path.exists():
        run(sys.executable, ROOT / "benches" / "archive.py", path, "--notes", notes, "--characters", characters)
    return path


def windows(lines, notes, characters):
    """Notes of about so many characters, cut as benches/archive.py cuts the charts."""
    out, at = [], 0
    for n in range(notes):
        text = ""
        while len(text) < characters:
            text += lines[at % len(lines)] + "\n"
            at += 1
        at += n % 7
        out.append(text[:characters])
    return out


def texts(work, notes):
    """The sets of texts: Japanese, and English and French of our own for those that read nothing else."""
    path = archive(work / f"archive-{notes}.jsonl", notes)
    japanese = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    sets = {"ja": japanese}
    for language in ("en", "fr"):
        lines = (HERE / "texts" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
        # 600 characters of Japanese say what 1,500 of English or French say
        sets[language] = windows(lines, 200, 1500)
    return sets
