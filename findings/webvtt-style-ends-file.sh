#!/usr/bin/env bash
# FFmpeg 5.1.9 (Debian 12) takes a WebVTT file to be over where a STYLE or REGION block stands.
#
# Guess: a file with a STYLE block before its cues is read like one without: the block is passed over, as NOTE blocks are.
# Seen: not one cue comes out, at exit status 0 and without an error (a warning says that the output is empty). A NOTE block is passed
# over. Who converts captions of a player's authoring tool, which style their cues, gets files without any.
# Source: FFmpeg 5.1.9, as printed; the format allows both blocks before the first cue (https://www.w3.org/TR/webvtt1/).
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
cues() { # BLOCK
  printf 'WEBVTT\n\n%b00:01.000 --> 00:02.000\nOne\n\n00:03.000 --> 00:04.000\nTwo\n' "$1" >in.vtt
  ffmpeg -v error -y -i in.vtt out.srt # ends with 0
  grep -c -e '-->' out.srt || true
}
expect "cues of a file without blocks" "$(cues '')" 2
expect "with a NOTE block" "$(cues 'NOTE by hand\n\n')" 2
expect "with a STYLE block" "$(cues 'STYLE\n::cue { color: white }\n\n')" 0
expect "with a REGION block" "$(cues 'REGION\nid:low\n\n')" 0
