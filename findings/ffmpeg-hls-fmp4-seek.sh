#!/usr/bin/env bash
# FFmpeg 5.1 seeking in HLS of fragmented MP4 that it wrote itself.
#
# Guess: -ss before the input leads to the media segment with that time, as it does in HLS of MPEG transport streams.
# Seen: from transport streams 27 pictures of 0.9 s come; from fragmented MP4 none, be the media segments files or ranges of one.
# Players built on it (mpv 0.35) play such streams from their beginning and stop, or wait for ever, when they are told to begin
# later. hls.js, Shaka Player, Chromium's own HLS and GStreamer 1.22 seek in them.
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

ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=30:d=12 -pix_fmt yuv420p -c:v libx264 -g 60 film.mp4
pictures() { # OPTION...: that come from 5.55 s on, 0.9 s of them
  ffmpeg -v error -nostdin -y -i film.mp4 -c copy -f hls -hls_time 4 -hls_playlist_type vod "$@" film.m3u8
  { timeout 60 ffmpeg -v quiet -nostdin -ss 5.55 -t 0.9 -i film.m3u8 -map 0:v:0 -f framemd5 - || true; } | grep -vc '^#' || true
}
stream=$(pictures -hls_segment_filename 'film%d.ts')
files=$(pictures -hls_segment_type fmp4 -hls_segment_filename 'film%d.m4s')
ranges=$(pictures -hls_segment_type fmp4 -hls_flags single_file -hls_segment_filename film.m4s)
echo "pictures after a seek: transport streams $stream, fragmented MP4 in files $files, in ranges of one file $ranges"
[[ $stream == 27 ]] || { echo "changed: from transport streams 27 came" >&2; exit 1; }
[[ $files == 0 && $ranges == 0 ]] || { echo "changed: from fragmented MP4 none came" >&2; exit 1; }
