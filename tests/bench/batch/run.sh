#!/bin/sh
# What a film of a batch costs beside the same film alone, and beside an ffmpeg command line. Needs ffmpeg and python3 and the
# built program. See run.py.
set -eu
exec python3 "$(dirname "$0")/run.py" "$@"
