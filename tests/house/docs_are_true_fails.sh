#!/usr/bin/env bash
# The control of docs_are_true.sh: a path and a function that are not there must be reported, those that are passed.
set -euo pipefail
check=$(realpath "$(dirname "${BASH_SOURCE[0]}")/docs_are_true.sh")
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/pipeline/base "$house"/docs
echo 'int sha256_of();' >"$house/pipeline/base/hash.cpp"
touch "$house"/{CONTRIBUTING,GLOSSARY}.md "$house/docs/formats.md"
echo 'Hashed in `pipeline/base/hash.cpp` `sha256_of`.' >"$house/ARCHITECTURE.md"
"$check" "$house" >"$house/said" || { echo "true documents were not passed:"; cat "$house/said"; exit 1; }

echo 'See `pipeline/base/hash.cpp` `md5_of`, and `pipeline/base/gone.cpp`.' >>"$house/GLOSSARY.md"
if found=$("$check" "$house"); then
  echo "what is not there was passed"; exit 1
fi
[[ $(wc -l <<<"$found") -eq 2 ]] || { echo "expected 2 complaints:"; echo "$found"; exit 1; }
