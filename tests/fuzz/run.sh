#!/usr/bin/env bash
# Runs a fuzz target over the seeds and what earlier runs found:
# tests/fuzz/run.sh BUILD_DIR TARGET SECONDS [OPTION OF LIBFUZZER...]
# What breaks it is left in BUILD_DIR/fuzz/TARGET/found; replay one with BUILD_DIR/.../longtake_fuzz_TARGET FILE.
set -euo pipefail
build=$(realpath "$1")
target=$2
seconds=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$build/fuzz/$target
mkdir -p "$work"/{seeds,corpus,found}
[[ -n $(ls -A "$work/seeds") ]] || "$here/seeds.sh" "$target" "$work/seeds"
case $target in
  prepare) options=(-max_len=200000) ;;
  demux | decode) options=(-max_len=60000 -dict="$here/clips.dict") ;;
  brand) options=(-max_len=4000 -dict="$here/brand.dict") ;;
  text) options=(-max_len=3000 -dict="$here/text.dict") ;; # a card has a thousand letters at the most
esac
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=16
export LSAN_OPTIONS=suppressions=$here/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
exec "$build/tests/fuzz/longtake_fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2500 \
  "${options[@]}" -print_final_stats=1 -artifact_prefix="$work/found/" "${@:4}" "$work/corpus" "$work/seeds"
