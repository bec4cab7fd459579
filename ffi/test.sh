#!/usr/bin/env bash
# Builds libkaruta, runs the examples in C, C++, Java and C#, and the C test plain, under AddressSanitizer and under valgrind.
# What is not installed and can't be installed is left out and said so.
set -euo pipefail
cd "$(dirname "$0")"
target="${CARGO_TARGET_DIR:-$PWD/../target}"
out="$target/ffi"
prefix="$out/prefix"
mkdir -p "$out"
skip() { printf '%s is not installed and could not be: %s left out\n' "$1" "$2"; }

if command -v apt-get >/dev/null; then
  want=""
  command -v valgrind >/dev/null || want="$want valgrind"
  command -v javac >/dev/null || want="$want default-jdk-headless"
  command -v pkg-config >/dev/null || want="$want pkg-config"
  [ -e /usr/share/java/jna.jar ] || want="$want libjna-java"
  { command -v mcs && command -v mono; } >/dev/null || want="$want mono-mcs mono-runtime"
  sudo=""; [ "$(id -u)" = 0 ] || sudo="sudo -n"
  if [ -n "$want" ]; then
    $sudo apt-get update -q >/dev/null 2>&1 || true
    # shellcheck disable=SC2086
    $sudo apt-get install -y -q --no-install-recommends $want >/dev/null 2>&1 || echo "could not be installed:$want"
  fi
fi

./install.sh "$prefix" --profile dev
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
# shellcheck disable=SC2207
flags=($(pkg-config --cflags --libs karuta) "-Wl,-rpath,$prefix/lib")
c=(gcc -std=c11 -O1 -g -Wall -Wextra -Werror -pedantic)

echo "-- C"
"${c[@]}" examples/c/structure.c "${flags[@]}" -o "$out/structure-c"
"$out/structure-c" | tee "$out/c.txt"
grep -q '3-9 BT39.2: 体温 39.2 Cel \[http://loinc.org|8310-5\]' "$out/c.txt"
grep -q '咳嗽.*(absent)' "$out/c.txt"

echo "-- the README's lines"
awk '/^```c$/ {on = 1; next} /^```$/ {on = 0} on' ../README.md > "$out/readme.c"
"${c[@]}" "$out/readme.c" "${flags[@]}" -o "$out/readme"
"$out/readme" | grep -q '"8310-5"'

echo "-- C, statically"
# shellcheck disable=SC2046
"${c[@]}" examples/c/structure.c $(pkg-config --cflags karuta) "$prefix/lib/libkaruta.a" $(grep '^Libs.private:' "$PKG_CONFIG_PATH/karuta.pc" | cut -d: -f2) -o "$out/structure-static"
"$out/structure-static" | cmp - "$out/c.txt"

echo "-- C++"
g++ -std=c++17 -O1 -Wall -Wextra -Werror -pedantic examples/cpp/structure.cpp "${flags[@]}" -pthread -o "$out/structure-cpp"
"$out/structure-cpp" | tee "$out/cpp.txt"
grep -q '^2-8 {"sections":' "$out/cpp.txt"
grep -q '"CJTR"' "$out/cpp.txt"
grep -q '^pack: /nowhere/official.kpack' "$out/cpp.txt"

echo "-- Java"
if [ -e /usr/share/java/jna.jar ] && command -v javac >/dev/null; then
  javac -Xlint:all,-serial,-try -Werror -encoding UTF-8 -cp /usr/share/java/jna.jar -d "$out/java" examples/java/*.java
  LC_ALL=C.UTF-8 java -Dfile.encoding=UTF-8 -cp "/usr/share/java/jna.jar:$out/java" -Djna.library.path="$prefix/lib" -Djna.encoding=UTF-8 Example | tee "$out/java.txt"
  grep -q '^200 /nowhere/official.kpack' "$out/java.txt"
  test "$(grep -c true "$out/java.txt")" = 2
else
  skip "a JDK with JNA" "the Java example is"
fi

echo "-- C#"
if command -v mcs >/dev/null && command -v mono >/dev/null; then
  mcs -warnaserror -codepage:utf8 examples/csharp/*.cs -out:"$out/Example.exe"
  LC_ALL=C.UTF-8 LD_LIBRARY_PATH="$prefix/lib" mono "$out/Example.exe" | tee "$out/csharp.txt"
  grep -q '^200 /nowhere/official.kpack' "$out/csharp.txt"
  test "$(grep -c True "$out/csharp.txt")" = 2
else
  skip "Mono" "the C# example is"
fi

echo "-- the program of benches/compare"
"${c[@]}" ../benches/compare/throughput.c "${flags[@]}" -pthread -o "$out/throughput"
printf '\006\000\000\000BT39.2' > "$out/texts.bin"
printf 'round\nquit\n' | "$out/throughput" "$out/texts.bin" 2 | grep -q '"items": 2}'

echo "-- the C test, plain"
"${c[@]}" tests/karuta_test.c "${flags[@]}" -pthread -o "$out/karuta_test"
"$out/karuta_test"
echo "-- 100 MB in one note"
"$out/karuta_test" huge

echo "-- under AddressSanitizer"
if "${c[@]}" -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer tests/karuta_test.c "${flags[@]}" -pthread -o "$out/karuta_test_asan" 2>"$out/asan.txt"; then
  ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1 "$out/karuta_test_asan"
else
  cat "$out/asan.txt"
  skip "AddressSanitizer" "the test under it is"
fi

echo "-- under valgrind"
if command -v valgrind >/dev/null; then
  valgrind --quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect,possible "$out/karuta_test"
else
  skip "valgrind" "the test under it is"
fi
echo "ffi: all passed"
