#!/usr/bin/env bash
# The rule's own control: planted violations must be reported, each of them.
set -euo pipefail
rule=$(dirname "${BASH_SOURCE[0]}")/include_rule.sh
rule=$(realpath "$rule")
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/pipeline/{base,flow} "$house"/stages/{plan,deliver}
echo '#include "pipeline/model/rate.h"' >"$house/pipeline/base/a.h"
echo '#include "stages/plan/plan.h"' >"$house/stages/deliver/b.h"
echo '#include <libavcodec/avcodec.h>' >"$house/pipeline/flow/c.cpp"
echo '#include <curl/curl.h>' >"$house/pipeline/flow/d.cpp"
if found=$("$rule" "$house"); then
  echo "the rule passed a broken house"; exit 1
fi
[[ $(wc -l <<<"$found") -eq 4 ]] || { echo "expected 4 complaints:"; echo "$found"; exit 1; }
