#!/bin/sh
# What an edit costs of a film that was delivered before, as a share of the first delivery. Needs ffmpeg and python3 and the
# built program; the clips are made once and kept. See run.py.
set -eu
exec python3 "$(dirname "$0")/run.py" "$@"
