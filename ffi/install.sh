#!/usr/bin/env bash
# Builds libkaruta and installs it with its header and pkg-config file: ffi/install.sh PREFIX [--profile release|dev]
# DESTDIR is put before PREFIX where it is set, as packagers expect.
set -euo pipefail
prefix="${1:?a folder to install into, such as /usr/local}"
profile="release"
[ "${2:-}" = "--profile" ] && profile="${3:?release or dev}"
case "$prefix" in /*) ;; *) prefix="$PWD/$prefix" ;; esac
cd "$(dirname "$0")"

cargo build --locked -p karuta-ffi --profile "$profile"
built="${CARGO_TARGET_DIR:-../target}/$profile"
[ "$profile" = dev ] && built="${CARGO_TARGET_DIR:-../target}/debug"
version="$(cargo pkgid -p karuta-ffi | sed 's/.*[#@]//')"
major_minor="${version%.*}"
to="${DESTDIR:-}$prefix"

mkdir -p "$to/lib/pkgconfig" "$to/include"
install -m 644 include/karuta.h include/karuta.hpp "$to/include/"
install -m 644 "$built/libkaruta_ffi.a" "$to/lib/libkaruta.a"
case "$(uname -s)" in
  Darwin)
    install -m 755 "$built/libkaruta_ffi.dylib" "$to/lib/libkaruta.$major_minor.dylib"
    install_name_tool -id "$prefix/lib/libkaruta.$major_minor.dylib" "$to/lib/libkaruta.$major_minor.dylib"
    ln -sf "libkaruta.$major_minor.dylib" "$to/lib/libkaruta.dylib"
    private="-framework CoreFoundation -lSystem -lm"
    ;;
  *)
    install -m 755 "$built/libkaruta_ffi.so" "$to/lib/libkaruta.so.$version"
    ln -sf "libkaruta.so.$version" "$to/lib/libkaruta.so.$major_minor"
    ln -sf "libkaruta.so.$major_minor" "$to/lib/libkaruta.so"
    private="-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc"
    ;;
esac
sed -e "s|@PREFIX@|$prefix|" -e "s|@VERSION@|$version|" -e "s|@LIBS_PRIVATE@|$private|" karuta.pc.in > "$to/lib/pkgconfig/karuta.pc"
echo "libkaruta $version is in $to"
