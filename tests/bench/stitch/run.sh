#!/bin/sh
# Joining clips by `longtake stitch` and by ffmpeg, turn about on the same clips: CPU seconds, wall time, peak memory, and
# whether every copied frame is its source's. Needs ffmpeg and python3 and the built program; arguments go to run.py
# (`--list`, `--quick`, CASE...). Making the clips takes some minutes the first time; build/bench-clips keeps them.
set -eu
exec python3 "$(dirname "$0")/run.py" "$@"
