#!/usr/bin/env bash
# FFmpeg 5.1.9 (Debian 12) with SVT-AV1 1.4.1 writes an AV1 header into MP4 that is not the stream's.
#
# Guess: the sequence header in av1C (configOBUs) is the one in front of the key frames, as it is with libaom and rav1e.
# Seen: in av1C enable_cdef, enable_restoration, enable_warped_motion and others are 0, in the stream 1. Players show such files, for the
# stream's header comes after; what goes by av1C alone is misled. libaom's is the same in both.
# Source: FFmpeg 5.1.9, as printed; AV1 Codec ISO Media File Format Binding 2.3.4: from a sync sample, what is in av1C and then the
# samples form the stream (https://aomediacodec.github.io/av1-isobmff/).
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
flags() { # FILE: of the header in av1C, then of the first packet's
  ffmpeg -nostdin -nostats -i "$1" -c copy -bsf:v trace_headers -f null - 2>&1 |
    awk '/Packet:/ { place = 1 }
         / enable_(cdef|restoration|warped_motion) / { seen[place + 0] = seen[place + 0] $NF }
         place && / show_frame / { exit } END { print seen[0] " " seen[1] }'
}
export SVT_LOG=1
for encoder in libsvtav1 libaom-av1; do
  speed=$([[ $encoder == libsvtav1 ]] && echo preset || echo cpu-used)
  ffmpeg -v error -f lavfi -i testsrc2=s=192x108:r=25:d=0.4 -c:v $encoder -"$speed" 8 "$encoder.mp4"
done
expect "libsvtav1: warped motion, cdef, restoration in av1C and in the stream" "$(flags libsvtav1.mp4)" "000 111"
read -r record stream <<<"$(flags libaom-av1.mp4)"
expect "libaom-av1: the same in both" "$([[ $record == "$stream" ]] && echo yes)" yes
