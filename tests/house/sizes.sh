#!/usr/bin/env bash
# No source or test is over 500 lines long, and no folder of sources holds over 20 of them. Prints what is larger and
# fails if anything is. Usage: sizes.sh [HOUSE]
set -euo pipefail
cd "${1:-.}"
max_lines=500
max_sources=20
broken=0

complain() { echo "$1"; broken=1; }

while read -r lines file; do
  [[ $file == total ]] || ((lines <= max_lines)) || complain "$file: $lines lines, over $max_lines"
done < <(find pipeline stages tests \( -name '*.cpp' -o -name '*.h' \) -exec wc -l {} + | sort -k2)

while read -r sources folder; do
  ((sources <= max_sources)) || complain "$folder: $sources sources, over $max_sources"
done < <(find pipeline stages -name '*.cpp' -printf '%h\n' | sort | uniq -c)

((broken)) || echo "sizes: kept"
exit "$broken"
