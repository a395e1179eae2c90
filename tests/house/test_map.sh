#!/usr/bin/env bash
# Every source is tested where one looks for it: pipeline/av/probe.cpp in tests/av/probe_test.cpp, stages/plan/plan.cpp
# in tests/stages/plan/plan_test.cpp. What has no such test has a line in tests/house/tested_elsewhere.txt that says which
# test exercises it. Prints every source without either, and every line that is not or no longer true; fails if there is
# one. Usage: test_map.sh [HOUSE]
set -euo pipefail
cd "${1:-.}"
list=tests/house/tested_elsewhere.txt
broken=0

complain() { echo "$1"; broken=1; }

mirrored() { # SOURCE: the path its own test has
  local name=${1#pipeline/}
  echo "tests/${name%.cpp}_test.cpp"
}

has_suite() { # TESTFILE SUITE
  grep -qE "^TEST(_F|_P)?\($2," "$1"
}

declare -A elsewhere=()

check_line() { # SOURCE TESTFILE [SUITE]
  local source=$1 test=$2 suite=$3
  [[ -z ${elsewhere[$source]:-} ]] || complain "$list: $source stands twice"
  elsewhere[$source]=$test
  [[ -f $source ]] || { complain "$list: there is no $source"; return; }
  [[ ! -f $(mirrored "$source") ]] || complain "$list: $source has a test of its own, $(mirrored "$source")"
  [[ $test == *_test.cpp && -f $test ]] || { complain "$list: $source: there is no test file '$test'"; return; }
  [[ -z $suite ]] || has_suite "$test" "$suite" || complain "$list: $source: $test has no suite $suite"
}

check_sources() {
  local source
  while read -r source; do
    [[ -f $(mirrored "$source") || -n ${elsewhere[$source]:-} ]] ||
      complain "$source: neither $(mirrored "$source") nor a line in $list"
  done < <(find pipeline stages -name '*.cpp' | sort)
}

while read -r source test suite; do
  [[ -z $source || $source == '#'* ]] || check_line "$source" "$test" "$suite"
done <"$list"
check_sources

((broken)) || echo "test map: every source is tested somewhere"
exit "$broken"
