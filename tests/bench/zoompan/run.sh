#!/bin/sh
# The same eased zoom (x1 to x2 in 5 s, 1280x720, 30 fps) by ffmpeg's zoompan and by longtake's local renderer:
# how unevenly a dot of the picture moves, and what a frame costs in CPU time (all threads). Needs ffmpeg, g++ and
# OpenCV; run it from anywhere.
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root"

local=pipeline/providers/local
# shellcheck disable=SC2046
g++ -std=c++20 -O3 -DNDEBUG -I. $(pkg-config --cflags opencv4 | sed s,-I,-isystem,g) "-DLONGTAKE_SOURCE_DIR=\"$root\"" \
    tests/bench/zoompan/zoompan.cpp $(ls $local/*.cpp | grep -v "$local/local") pipeline/base/error.cpp \
    pipeline/model/rate.cpp -o "$work/zoompan" -lopencv_core -lopencv_imgproc -lopencv_imgcodecs -lopencv_video -lfmt

# CPU milliseconds a frame of a command that makes 150 frames.
cpu() {
    bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>"$0.log"' "$work/cpu" "$@" 2>&1 |
        awk '{ printf "%.2f", ($1 + $2) / 150 * 1000 }'
}

"$work/zoompan" draw "$work/dots.png"

# The renderer's easing (begins and ends at 0.35 of the cruising speed 1 / 4.35), written as zoompan's expression.
t='(on/30)'
r="(5-$t)"
progress="if(lt($t,1),(0.35*$t+0.65*($t^3-$t^4/2))/4.35,if(lt($t,4),($t-0.325)/4.35,1-(0.35*$r+0.65*($r^3-$r^4/2))/4.35))"
pan="zoompan=z='pow(2,$progress)':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d=150:s=1280x720:fps=30,format=yuv420p"

for way in "zoompan" "zoompan after scale=4x"; do
    filter=$pan
    [ "$way" = zoompan ] || filter="scale=4*iw:-1,$pan"
    ffmpeg -v error -i "$work/dots.png" -vf "$filter" -frames:v 150 -f rawvideo -y "$work/their.yuv"
    theirs=$(cpu ffmpeg -v error -i "$work/dots.png" -vf "$filter" -frames:v 150 -f null -)
    echo "$way: $("$work/zoompan" measure "$work/their.yuv"), $theirs ms CPU a frame"
    [ "$way" = zoompan ] && plain=$theirs || scaled=$theirs
done

ours=$("$work/zoompan" render "$work/dots.png" "$work/ours.yuv")
echo "longtake: $("$work/zoompan" measure "$work/ours.yuv"), $ours ms CPU a frame"
encode=$(cpu ffmpeg -v error -f rawvideo -s 1280x720 -r 30 -i "$work/ours.yuv" -c:v libx264 -preset fast -crf 15 \
    -threads 1 -f null -)
awk -v ours="$ours" -v plain="$plain" -v scaled="$scaled" -v encode="$encode" 'BEGIN {
    printf "CPU, zoompan / longtake: %.2f; after scale=4x: %.2f\n", plain / ours, scaled / ours
    printf "CPU, rendering / encoding the dots (libx264 fast, crf 15, 1 thread, %.2f ms): %.2f\n", encode, ours / encode }'

# What the budget is about: a photograph.
photo=tests/data/photos/coffee.png
ours=$("$work/zoompan" render "$photo" "$work/ours.yuv")
encode=$(cpu ffmpeg -v error -f rawvideo -s 1280x720 -r 30 -i "$work/ours.yuv" -c:v libx264 -preset fast -crf 15 \
    -threads 1 -f null -)
awk -v ours="$ours" -v encode="$encode" 'BEGIN {
    printf "photograph: rendering %.2f ms, encoding %.2f ms CPU a frame; ratio %.2f\n", ours, encode, ours / encode }'
