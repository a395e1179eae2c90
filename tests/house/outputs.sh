#!/usr/bin/env bash
# The SHA-256 of what the samples, joined clips and prepared pictures come out as, a line each: for a change that is to
# change no film, run before and after it and compared (encoders give the same bytes on one machine, not on any two).
# Usage: outputs.sh [LONGTAKE] > FILE    (ffmpeg and python3; about two minutes)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

longtake=$(realpath "${1:-build/release/longtake}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { # NAME FILE...: their hashes, without the folder
  local name=$1 file
  shift
  for file in "$@"; do
    printf '%s  %s/%s\n' "$(sha256sum <"$file" | cut -c1-64)" "$name" "${file##*/}"
  done
}

samples() {
  local sample folder
  for sample in samples/*/storyboard.json; do
    folder=$work/$(basename "$(dirname "$sample")")
    local sandbox=()
    grep -q '"provider": "kling"' "$sample" && sandbox=(--sandbox)
    "$longtake" run "$sample" "${sandbox[@]}" --workdir "$folder.work" -o "$folder" -q >/dev/null
    say "${folder##*/}" "$folder"/*
  done
}

joins() { # what tests/bench/stitch measures: cuts, holds, overlaps, another size, another rate
  local clips=$work/clips
  python3 tests/bench/stitch/clips.py "$clips" --clips 6 --seconds 4 --size 640x360 --fps 24 --keyint 48 --sound >/dev/null
  local how
  while IFS=: read -r name how; do
    # shellcheck disable=SC2086 # options are words
    "$longtake" stitch "$clips"/*.mp4 -o "$work/$name.mp4" -q $how >/dev/null
    say joins "$work/$name.mp4"
  done <<'JOINS'
cuts:
hold:--transition dissolve:0.5 --timing hold
overlap:--transition dissolve:0.5 --timing overlap
morph:--transition morph:0.5 --timing overlap
wipe:--transition wipe_left:0.5 --timing overlap
scaled:--size 960x540
rate:--fps 30
encoded:--no-copy
JOINS
  "$longtake" deliver "$work/cuts.mp4" -p tiktok/1080x1920 -p youtube/1080p30 -p x/720p -o "$work/delivered" -q >/dev/null
  say delivered "$work"/delivered/*
}

pictures() { # each as sent to a service, for two shapes
  local pictures
  mapfile -t pictures < <(find samples tests/data -type f \( -name '*.png' -o -name '*.jpg' -o -name '*.webp' \
    -o -name '*.tif' -o -name '*.heic' \) | sort)
  local shape
  for shape in 16:9 9:16; do
    "$longtake" prepare "${pictures[@]}" --aspect-ratio "$shape" -o "$work/${shape/:/x}" -q >/dev/null || true
    say "pictures-$shape" "$work/${shape/:/x}"/*
  done
}

samples
joins
pictures
