#!/usr/bin/env bash
# The map's own control: planted faults must be reported, each of them, and a house in order passed.
set -euo pipefail
map=$(realpath "$(dirname "${BASH_SOURCE[0]}")/test_map.sh")
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/pipeline/base "$house"/stages/plan "$house"/tests/{house,base,stages/plan}
touch "$house"/pipeline/base/{a,b,c,d,e,untested}.cpp "$house"/stages/plan/plan.cpp
touch "$house"/tests/base/{a,e}_test.cpp "$house"/tests/stages/plan/plan_test.cpp
echo 'TEST(Known, Works)' >"$house/tests/base/a_test.cpp"

says() { # COUNT of complaints that the lines on standard input bring about
  cat >"$house/tests/house/tested_elsewhere.txt"
  local found status=0
  found=$("$map" "$house") || status=$?
  [[ $(grep -vc '^test map:' <<<"$found" || true) -eq $1 && $status -eq $(($1 > 0)) ]] ||
    { echo "expected $1 complaints:"; echo "$found"; exit 1; }
}

says 6 <<'LINES'
# a source gone, a test file gone, a suite gone, a test of its own, a line twice; `untested` is nowhere
pipeline/base/gone.cpp  tests/base/a_test.cpp
pipeline/base/b.cpp  tests/base/gone_test.cpp
pipeline/base/c.cpp  tests/base/a_test.cpp Forgotten
pipeline/base/e.cpp  tests/base/a_test.cpp
pipeline/base/d.cpp  tests/base/a_test.cpp
pipeline/base/d.cpp  tests/base/a_test.cpp Known
LINES
says 0 <<'LINES'
pipeline/base/b.cpp  tests/base/a_test.cpp
pipeline/base/c.cpp  tests/base/a_test.cpp Known
pipeline/base/d.cpp  tests/base/e_test.cpp
pipeline/base/untested.cpp  tests/base/a_test.cpp
LINES
