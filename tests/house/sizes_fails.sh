#!/usr/bin/env bash
# The control of sizes.sh: what is one too large must be reported, what is just not must be passed.
set -euo pipefail
sizes=$(realpath "$(dirname "${BASH_SOURCE[0]}")/sizes.sh")
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/pipeline/{base,model} "$house"/stages/plan "$house"/tests/base
for i in {1..20}; do touch "$house/pipeline/base/$i.cpp" "$house/pipeline/model/$i.cpp"; done
printf '//%.0s\n' {1..500} | tee "$house/stages/plan/plan.cpp" >"$house/tests/base/a_test.cpp"
"$sizes" "$house" >"$house/said" || { echo "a house in order was not passed:"; cat "$house/said"; exit 1; }

touch "$house/pipeline/model/21.cpp"
echo '//' | tee -a "$house/stages/plan/plan.cpp" >>"$house/tests/base/a_test.cpp"
if found=$("$sizes" "$house"); then
  echo "a large file was passed"; exit 1
fi
[[ $(wc -l <<<"$found") -eq 3 ]] || { echo "expected 3 complaints:"; echo "$found"; exit 1; }
