#!/usr/bin/env bash
# FFmpeg 5.1 reading fragmented MP4 with composition offsets below zero (trun version 1, as CMAF has them): pictures come late.
#
# Guess: offsets below zero exist so that the first picture is shown at 0 without an edit list; its own muxer writes them with
# -movflags cmaf, so its own demuxer reads them back: the first picture at 0.
# Seen: the first picture at 0.033333 s (30 fps, two B-frames, decode time 0 and offset 0 in the file), all others as much late,
# while the sound of the same stream stays at 0: a picture that is a frame late in players built on it. With an edit list instead
# (no cmaf flag), it is at 0. hls.js, Shaka Player and dash.js in Chromium 156 show both at 0.
# Source: FFmpeg 5.1.9 of Debian 12, as printed.
set -euo pipefail
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

ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=30:d=4 -pix_fmt yuv420p -c:v libx264 -bf 2 -g 60 -flags +cgop film.mp4
first() { # FLAGS: when a stream written with these begins
  ffmpeg -v error -nostdin -y -i film.mp4 -c copy -movflags "+frag_keyframe+delay_moov$1" -f mp4 track.mp4
  ffprobe -v error -select_streams v -show_entries stream=start_time -of csv=p=0 track.mp4
}
below_zero=$(first +cmaf)
edit_list=$(first "")
echo "the first picture: with offsets below zero $below_zero s, with an edit list $edit_list s"
[[ $edit_list == 0.000000 ]] || { echo "changed: with an edit list it was at 0" >&2; exit 1; }
[[ $below_zero == 0.033333 ]] || { echo "changed: with offsets below zero it was a frame late" >&2; exit 1; }
