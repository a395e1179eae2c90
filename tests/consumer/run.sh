#!/usr/bin/env bash
# Installs a build into a fresh prefix, builds a consumer and the example against it with find_package, and runs both
# and the installed program.
set -euo pipefail
build=$1
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
source=$(realpath "$here/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log" || { cat "$work/install.log"; exit 1; }
cmake -S "$here" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log" 2>&1 ||
  { cat "$work/configure.log"; exit 1; }
cmake --build "$work/build" >"$work/build.log" 2>&1 || { tail -30 "$work/build.log"; exit 1; }
presets=$work/prefix/share/longtake/presets
frames=$("$work/build/consumer" "$source/samples/portrait/storyboard.json" "$presets")
[[ $frames -eq 600 ]] || { echo "the consumer counted $frames frames, not 600"; exit 1; }

clip() { # PATTERN FILE: 50 frames
  ffmpeg -nostdin -v error -f lavfi -i "$1=size=320x180:rate=25:duration=2" -c:v libx264 -pix_fmt yuv420p "$2"
}

frames_in() { # FILE
  ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of default=nw=1:nk=1 "$1"
}

clip testsrc2 "$work/a.mp4"
clip smptebars "$work/b.mp4"
frames=$("$work/build/join" "$presets" "$work/a.mp4" "$work/b.mp4" "$work/film.mp4")
read=$(frames_in "$work/film.mp4")
[[ $frames -eq 100 && $read -eq 100 ]] || { echo "the example joined $frames frames, ffprobe reads $read, not 100"; exit 1; }

"$work/prefix/bin/longtake" doctor >"$work/doctor"
grep -q "^presets *ok *.*$presets" "$work/doctor" ||
  { echo "the installed program does not find its presets:"; cat "$work/doctor"; exit 1; }
