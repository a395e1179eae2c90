#!/usr/bin/env bash
# Runs a fuzz target over the seeds and what earlier runs found: tests/fuzz/run.sh BUILD_DIR SECONDS
# What breaks it is left in BUILD_DIR/fuzz/prepare/found; replay one with BUILD_DIR/.../longtake_fuzz_prepare FILE.
set -euo pipefail
build=$(realpath "$1")
seconds=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$build/fuzz/prepare
mkdir -p "$work"/{seeds,corpus,found}
[[ -n $(ls -A "$work/seeds") ]] || "$here/seeds.sh" "$work/seeds"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:quarantine_size_mb=16
export LSAN_OPTIONS=suppressions=$here/leaks.txt:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
exec "$build/tests/fuzz/longtake_fuzz_prepare" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2500 \
  -max_len=200000 -print_final_stats=1 -artifact_prefix="$work/found/" "$work/corpus" "$work/seeds"
