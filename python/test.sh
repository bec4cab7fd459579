#!/usr/bin/env bash
# Builds the wheel in a virtual environment under target/, checks the types, runs the tests and the tutorial.
# KARUTA_PYTHON names the interpreter (3.10 or later); --ray runs that example too. Spark is tested where Java 17 is there.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p "${CARGO_TARGET_DIR:-../target}"
target="$(cd "${CARGO_TARGET_DIR:-../target}" && pwd)"
export CARGO_TARGET_DIR="$target"
out="$target/python"
python="${KARUTA_PYTHON:-python3}"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "Python 3.10 or later is not there: the package is left out"; exit 0; }
mkdir -p "$out"

[ -x "$out/venv/bin/python" ] || "$python" -m venv "$out/venv" || { echo "python3-venv is not installed: the package is left out"; exit 0; }
pip() { "$out/venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"; }
pip install 'maturin>=1.16,<2' mypy pytest pandas pandas-stubs polars pyarrow tqdm spacy jupytext nbclient ipykernel
if command -v java >/dev/null; then pip install pyspark || echo "pyspark could not be installed: the test with Spark is left out"; fi

echo "-- the wheel"
rm -rf "$out/wheels"
"$out/venv/bin/maturin" build --locked --out "$out/wheels" --interpreter "$out/venv/bin/python"
pip install --force-reinstall --no-deps "$out"/wheels/karuta-*.whl

echo "-- types"
"$out/venv/bin/mypy"
"$out/venv/bin/python" -m mypy.stubtest karuta --mypy-config-file pyproject.toml --allowlist tests/stubtest.txt --concise

echo "-- tests"
"$out/venv/bin/python" -m pytest

echo "-- the tutorial as a notebook"
"$out/venv/bin/jupytext" --to ipynb --output "$out/tutorial.ipynb" examples/tutorial.md
"$out/venv/bin/python" - "$out/tutorial.ipynb" <<'PY'
import sys

import nbclient
import nbformat

notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=120).execute()
marked = [o for c in notebook.cells for o in c.get("outputs", []) if "<mark" in str(o.get("data", {}).get("text/html", ""))]
assert marked, "the note shows no marks"
PY
for example in "$@"; do
  case "$example" in
    --ray) pip install 'ray[data]' && "$out/venv/bin/python" examples/ray_data.py ;;
    *) echo "found $example, expected --ray"; exit 2 ;;
  esac
done
echo "python: all passed"
