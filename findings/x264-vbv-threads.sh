#!/usr/bin/env bash
# libx264 164 with a rate limit (VBV) and several frame threads: the same pictures give another file every time.
#
# Guess: libx264 is deterministic unless it is asked not to be (its option --non-deterministic), so one input and one
# command give one file, however busy the machine is.
# Seen: so without a limit, and with one thread. With -maxrate and -bufsize that are reached and three threads, four runs
# gave four files (SHA-256 of the coded video). Caches by content, resumed jobs and tests of bytes need -threads 1 there.
# Source: x264 core 164 r3095 in Debian's FFmpeg 5.1.9, as printed.
set -euo pipefail
version=7:5.1.9-0+deb12u1
x264=2:0.164.3095+gitbaee400-3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
packages=(ffmpeg libavcodec59 libavdevice59 libavfilter8 libavformat59 libavutil57 libpostproc56 libswresample4 libswscale6)
apt-get download -qq "${packages[@]/%/=$version}" "libx264-164=$x264" 2>/dev/null ||
  { echo "not to be had: ffmpeg $version, libx264 $x264" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
export PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
echo "$(ffmpeg -version | head -1)"
echo "libx264-164 $x264"

files() { # HOW MANY THREADS OPTION...: how many files four runs give
  local threads=$1
  shift
  for _ in 1 2 3 4; do
    ffmpeg -v error -nostdin -f lavfi -i "testsrc2=s=1280x720:r=30,noise=alls=30:allf=t:all_seed=1" -frames:v 90 -pix_fmt yuv420p \
      -c:v libx264 -preset veryfast -crf 18 "$@" -threads "$threads" -f h264 - | sha256sum
  done | sort -u | wc -l
}
limit=(-maxrate 3000000 -bufsize 6000000)
one=$(files 1 "${limit[@]}")
without=$(files 3)
many=$(files 3 "${limit[@]}")
echo "files from four runs: one thread with a limit $one, three threads without $without, three threads with a limit $many"
[[ $one == 1 && $without == 1 ]] || { echo "changed: these gave one file" >&2; exit 1; }
((many > 1)) || { echo "changed: it gave more than one file" >&2; exit 1; }
