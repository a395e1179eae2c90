#!/bin/sh
# One master to four platform files, beside ffmpeg. Needs ffmpeg and python3 and the built program. See run.py.
set -eu
exec python3 "$(dirname "$0")/run.py" "$@"
