#!/usr/bin/env bash
# What the program itself costs for each paid take: 500 shots against the sandbox, 20 at work at once, each ready after
# 1 s and tiny. Prints wall time per take beyond the server's own second, and the program's CPU time and memory.
exec "$(dirname "$0")/overhead.py" "$@"
