#!/usr/bin/env bash
# Installs a build into a fresh prefix, builds a consumer against it with find_package, and runs both programs there.
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
frames=$("$work/build/consumer" "$source/samples/portrait/storyboard.json" "$work/prefix/share/longtake/presets")
[[ $frames -eq 600 ]] || { echo "the consumer counted $frames frames, not 600"; exit 1; }
"$work/prefix/bin/longtake" doctor >"$work/doctor"
grep -q "^presets *ok *.*$work/prefix/share/longtake/presets" "$work/doctor" ||
  { echo "the installed program does not find its presets:"; cat "$work/doctor"; exit 1; }
