#!/usr/bin/env bash
# Checks that a program was built hardened. Usage: hardened.sh PROGRAM
set -euo pipefail
program=$1
failed=0

need() { # WHAT PATTERN, in what readelf says
  grep -qE "$2" <<<"$said" && return
  echo "$program: $1" >&2
  failed=1
}

said=$(readelf -hldW "$program")
need "is loaded at a fixed address (no PIE)" 'Type: +DYN'
need "has relocations that stay writable (no RELRO)" 'GNU_RELRO'
need "resolves symbols late, so that their table stays writable" 'FLAGS_1.*NOW'
if grep -E 'GNU_STACK' <<<"$said" | grep -q 'RWE'; then
  echo "$program: its stack can be executed" >&2
  failed=1
fi
said=$(readelf -W --dyn-syms "$program")
need "does not guard its stack" '__stack_chk_fail'
need "does not check its copies (_FORTIFY_SOURCE)" '__[a-z]+_chk(@|$)'
exit "$failed"
