#!/usr/bin/env bash
# FFmpeg 5.1.9 (Debian 12) writes Opus into Matroska some 7 ms early beside its picture.
#
# Guess: picture and sound that both begin at 0 are read back as beginning together, whatever the codec's pre-skip.
# Seen: the muxer moves every track by Opus' pre-skip (6.5 ms, 7 in whole milliseconds) so that no timestamp is negative,
# and also writes CodecDelay, which readers take off the sound again: the picture begins at 0.007, the sound (after its
# pre-skip) at 0.000. Each further copy into Matroska adds as much.
# Source: Matroska's CodecDelay (RFC 9559, 5.1.4.1.28); FFmpeg 5.1.9, as printed.
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
starts() { ffprobe -v error -show_entries stream=codec_name,start_time -of csv=p=0 "$1" | tr '\n' ' '; }
ffmpeg -v error -f lavfi -i testsrc2=s=192x108:r=25:d=1 -f lavfi -i sine=d=1 -c:v libx264 -bf 0 -c:a libopus once.mkv
ffmpeg -v error -i once.mkv -c copy twice.mkv
expect "written once" "$(starts once.mkv)" "h264,0.007000 opus,-0.007000 "
expect "copied" "$(starts twice.mkv)" "h264,0.014000 opus,-0.007000 "
