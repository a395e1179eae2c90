#!/usr/bin/env bash
# The rule's own control: planted violations must be reported, each of them.
set -euo pipefail
rule=$(dirname "${BASH_SOURCE[0]}")/include_rule.sh
rule=$(realpath "$rule")
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/pipeline/{base,flow,render,sandbox} "$house"/stages/{plan,deliver}
echo '#include "pipeline/model/rate.h"' >"$house/pipeline/base/a.h"
echo '#include "stages/plan/plan.h"' >"$house/stages/deliver/b.h"
echo '#include <libavcodec/avcodec.h>' >"$house/pipeline/flow/c.cpp"
echo '#include <curl/curl.h>' >"$house/pipeline/flow/d.cpp"
echo '#include "pipeline/ledger/ledger.h"' >"$house/pipeline/render/e.h"
echo '#include "pipeline/providers/local/move.h"' >"$house/pipeline/sandbox/f.cpp"
if found=$("$rule" "$house"); then
  echo "the rule passed a broken house"; exit 1
fi
[[ $(wc -l <<<"$found") -eq 6 ]] || { echo "expected 6 complaints:"; echo "$found"; exit 1; }
