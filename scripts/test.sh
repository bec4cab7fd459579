#!/usr/bin/env bash
# Installs what the tests need and runs all of them. A Rust toolchain with cargo must be there.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf '\n== %s ==\n' "$*"; }

say "what the tests are compared with"
if ! command -v mecab >/dev/null && command -v apt-get >/dev/null; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo -n"
  $sudo apt-get update -q >/dev/null 2>&1 || true
  $sudo apt-get install -y -q mecab mecab-ipadic-utf8 python3 >/dev/null 2>&1 || echo "mecab could not be installed: the tests against it are left out"
fi

say "format and lints"
cargo fmt --all --check
cargo clippy --locked --workspace --all-targets -- -D warnings
cargo check --locked --no-default-features --lib

say "tests"
cargo test --locked --workspace

say "the C interface: examples, AddressSanitizer, valgrind"
./ffi/test.sh

say "exports against other implementations"
# the tests have built the command
scripts/test-exports.sh "${CARGO_TARGET_DIR:-target}/debug/karuta"

say "tokenizers and encoders against other implementations"
scripts/test-neural.sh

say "the graph against the real HPO and MONDO"
scripts/test-ontology.sh "${CARGO_TARGET_DIR:-target}/debug/karuta"

say "the README's command lines"
scripts/test-readme.sh "${CARGO_TARGET_DIR:-target}/debug/karuta"

say "the Python package: wheel, types, tests, tutorial"
./python/test.sh

say "licences"
if command -v cargo-deny >/dev/null; then cargo deny --locked check licenses bans sources; else echo "cargo-deny is not installed: licences are checked where it is (cargo install cargo-deny)"; fi

say "speed, whole path on one thread"
# what the path does not need is not built for it
bench="cargo bench --locked --no-default-features --features ipadic --bench whole_path"
if [ -d ../shared/corpora/notes ]; then
  # notes of the usual density: MB/s of text, or half of MeCab's rate on a slow or busy machine
  notes=$(printf '%s:' ../shared/corpora/notes/*.jsonl ../shared/corpora/vignettes/*.jsonl)
  KARUTA_BENCH_NOTES="${notes%:}" KARUTA_BENCH_LEAST="${KARUTA_BENCH_LEAST:-6}" $bench
else
  # our own charts hold a fact in every 25 bytes: twice as many
  KARUTA_BENCH_LEAST="${KARUTA_BENCH_LEAST:-3}" $bench
fi

# Reference masters and annotated notes that may not be distributed lie beside the checkout for those who have them.
if [ -d ../shared/eval ]; then
  say "development scores"
  python3 scripts/scores.py "${CARGO_TARGET_DIR:-target}/debug/karuta" ../shared
fi
if [ -d ../shared/masters ]; then
  say "codes of the tables against the masters"
  python3 dictionaries/tools/fill.py --masters ../shared/masters --check dictionaries/disorders/*.tsv
  profiles=(); [ ! -d target/exports/profiles ] || profiles=(--profiles target/exports/profiles)
  python3 dictionaries/tools/displays.py --masters ../shared/masters --check "${profiles[@]}"
  log="${CARGO_TARGET_DIR:-target}/masters.log"
  "${CARGO_TARGET_DIR:-target}/debug/karuta" terms check --masters ../shared/masters --dictionaries dictionaries 2>"$log" || { tail -n 3 "$log"; false; }
fi
say "all passed"
