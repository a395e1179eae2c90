#!/bin/sh
# Joining clips by `longtake stitch` and by ffmpeg, turn about on the same clips: CPU seconds, wall time, peak memory, and
# whether every copied frame is its source's. Needs ffmpeg and python3 and the built program. Without arguments a quick look
# at few cases; `run.sh --rounds 3` measures all of them (an hour or two on two cores), `run.sh --list` names them.
set -eu
[ $# -gt 0 ] || set -- --quick
exec python3 "$(dirname "$0")/run.py" "$@"
