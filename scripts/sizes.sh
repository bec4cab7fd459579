#!/usr/bin/env bash
# Prints how large what is handed out is: the crates as cargo packages them, and the command, the library and the wheel
# where they have been built. It builds nothing: cargo build --release, ffi/install.sh PREFIX, maturin build --release.
#   scripts/sizes.sh [PREFIX of ffi/install.sh] [FOLDER of wheels]
set -euo pipefail
cd "$(dirname "$0")/.."
target="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
prefix="${1:-$target/ffi/prefix}"
wheels="${2:-$target/wheels}"
# crates.io takes no more
largest=10485760

size() { stat -c %s "$1" 2>/dev/null || stat -f %z "$1"; }
mb() { awk -v n="$1" 'BEGIN { printf "%.2f MB", n / 1e6 }'; }
line() { printf '%-46s %12s%s\n' "$1" "$2" "${3:-}"; }

status=0
# together: karuta needs karuta-ipadic, which need not be on the registry yet
cargo package --locked --no-verify --allow-dirty --quiet -p karuta-ipadic -p karuta-model -p karuta 2>&1 | grep -v '^warning: manifest has no\|^  |\|= note: see' || true
version="$(cargo pkgid -p karuta | sed 's/.*[#@]//')"
for crate in karuta-ipadic karuta-model karuta; do
  file="$target/package/$crate-$version.crate"
  n="$(size "$file")"
  line "crate $crate" "$(mb "$n")" "  $(tar -tzf "$file" | wc -l) files"
  [ "$n" -le "$largest" ] || { echo "found $n bytes, expected at most $largest"; status=1; }
done
for f in "$target/release/karuta" "$prefix"/lib/libkaruta.so.*.*.* "$prefix/lib/libkaruta.a" "$wheels"/karuta-*.whl; do
  [ -e "$f" ] || continue
  line "$(basename "$f")" "$(mb "$(size "$f")")"
  case "$f" in
    */release/karuta | *.so.*)
      cp "$f" "$target/sizes.tmp" && strip "$target/sizes.tmp" 2>/dev/null && line "  without symbols" "$(mb "$(size "$target/sizes.tmp")")"
      rm -f "$target/sizes.tmp"
      ;;
  esac
done
exit "$status"
