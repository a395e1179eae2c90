#!/usr/bin/env bash
# FFmpeg 5.1.9 (Debian 12) shows AV1 pictures that an MP4's edit list hides.
#
# Guess: a clip cut by `-ss 0.6 -c copy` shows the same pictures whatever its codec: the keyframe before and what follows
# it up to 0.6 s are decoded and not shown.
# Seen: H.264 so, 45 of 48, and AV1 by libaom. FFmpeg's decoder of choice, libdav1d, gives all 48, the first three at
# negative times: the packets carry the discard flag, and it does not get through to the frames.
# Source: FFmpeg 5.1.9, as printed.
set -euo pipefail
# Debian's FFmpeg at this version, unpacked into a folder of its own; what it depends on has to be there (apt-get install
# ffmpeg).
version=7:5.1.9-0+deb12u1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
packages=(ffmpeg libavcodec59 libavdevice59 libavfilter8 libavformat59 libavutil57 libpostproc56 libswresample4 libswscale6)
apt-get download -qq "${packages[@]/%/=$version}" 2>/dev/null || { echo "not to be had: ffmpeg $version" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
export PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
echo "$(ffmpeg -version | head -1)"

expect() { # WHAT SEEN EXPECTED
  echo "$1: $2"
  [[ $2 == "$3" ]] || { echo "changed: it was $3" >&2; exit 1; }
}
shown() { ffmpeg -v error ${2:+-c:v "$2"} -i "$1" -fps_mode passthrough -f framecrc - | grep -vc '^#'; }
for codec in "av1 libaom-av1 -crf 30 -cpu-used 8 -usage realtime" "h264 libx264"; do
  read -r name encoder options <<<"$codec"
  # shellcheck disable=SC2086
  ffmpeg -v error -f lavfi -i testsrc2=s=192x108:r=25:d=2.4 -c:v $encoder $options -g 12 "$name.mp4"
  ffmpeg -v error -ss 0.6 -i "$name.mp4" -c copy "$name-cut.mp4"
done
expect "h264" "$(shown h264-cut.mp4)" 45
expect "av1, libaom" "$(shown av1-cut.mp4 libaom-av1)" 45
expect "av1, libdav1d" "$(shown av1-cut.mp4 libdav1d)" 48
