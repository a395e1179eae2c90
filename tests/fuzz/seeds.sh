#!/usr/bin/env bash
# The seeds of a fuzz target, each behind the bytes that choose what is asked for: tests/fuzz/seeds.sh TARGET FOLDER
set -euo pipefail
target=$1
out=$(realpath "$2")
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
case $target in
  prepare)
    kind=pictures
    choices=('\000\002' '\004\003' '\051\020' '\206\007') # strict, salvaging, a mask, blurred and measured
    ;;
  demux)
    kind=clips
    choices=('\000' '\003') # strict, salvaging
    ;;
  decode)
    kind=clips
    # from the beginning; salvaging, from the third picture, twice the rate; as displayed, from the sixteenth
    choices=('\000\000\000' '\073\003\003' '\200\020\010')
    ;;
  brand)
    kind=brands
    choices=('') # their first bytes are theirs
    ;;
  text)
    kind=texts
    choices=('\361\361\040\000' '\161\161\020\003') # a wide box of a large picture, a narrow one of a small
    ;;
esac
"$here/seeds/$kind.sh" "$made"
for i in "${!choices[@]}"; do
  for file in "$made"/*; do
    [[ -s $file ]] || continue
    { printf '%b' "${choices[i]//\\/\\0}"; cat "$file"; } >"$out/$(basename "$file")-$i"
  done
done
echo "$(find "$out" -type f | wc -l) seeds"
