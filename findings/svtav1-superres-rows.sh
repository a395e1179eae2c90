#!/usr/bin/env bash
# SVT-AV1 1.4.1 (Debian 12) with super-resolution makes pictures of more rows than it was given.
#
# Guess: a film of 320x180 coded with superres-mode=1 is one of 320x180: super-resolution narrows what is coded, and decoders widen
# it again.
# Seen: every frame says a height of 184, the next multiple of eight, while the sequence header says 180 at the most; decoders show
# 184 rows, four of which nobody drew. Without super-resolution it is 180, and of 176 rows it is 176 with it.
# Source: FFmpeg 5.1.9 and SVT-AV1 1.4.1, as printed; AV1 Bitstream & Decoding Process Specification, frame size semantics:
# frame_height_minus_1 is not to be more than max_frame_height_minus_1.
set -euo pipefail
# Debian's FFmpeg and SVT-AV1 at these versions, unpacked into a folder of their own; what they depend on has to be there (apt-get
# install ffmpeg).
version=7:5.1.9-0+deb12u1
svt=1.4.1+dfsg-1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
packages=(ffmpeg libavcodec59 libavdevice59 libavfilter8 libavformat59 libavutil57 libpostproc56 libswresample4 libswscale6)
apt-get download -qq "${packages[@]/%/=$version}" "libsvtav1enc1=$svt" 2>/dev/null ||
  { echo "not to be had: ffmpeg $version, libsvtav1enc1 $svt" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
export PATH=$work/root/usr/bin:$PATH
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH
echo "$(ffmpeg -version | head -1)"

expect() { # WHAT SEEN EXPECTED
  echo "$1: $2"
  [[ $2 == "$3" ]] || { echo "changed: it was $3" >&2; exit 1; }
}
probed() { ffprobe -v error -show_entries "$1=height" -of csv=p=0 out.mp4; } # stream or frame
heights() { # SIZE PARAMETERS: of the stream, then of its pictures
  SVT_LOG=1 ffmpeg -v error -y -f lavfi -i "testsrc2=s=$1:r=25:d=0.16" -c:v libsvtav1 -preset 10 -svtav1-params "$2" out.mp4 2>/dev/null
  echo "$(probed stream) $(probed frame | sort -u)"
}
superres=superres-mode=1:superres-denom=12:superres-kf-denom=12
expect "plain, 180 rows" "$(heights 320x180 superres-mode=0)" "180 180"
expect "with super-resolution, 180 rows" "$(heights 320x180 $superres)" "180 184"
expect "with super-resolution, 176 rows" "$(heights 320x176 $superres)" "176 176"
