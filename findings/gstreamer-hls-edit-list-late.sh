#!/usr/bin/env bash
# GStreamer 1.22 playing HLS of fragmented MP4 whose pictures with B-frames begin at 0 by an edit list, or by offsets below zero.
#
# Guess: either way the first picture is shown at 0, as it is when the same file is opened itself: qtdemux moves the segment's start
# there.
# Seen: by HLS (and DASH) the segment starts at 0 and the first picture comes at 0.066667 s with the edit list (30 fps, two B-frames
# in a pyramid), at 0.033333 s with offsets below zero, while the sound of the stream is in time: 67 and 33 ms apart for the whole
# film. In time in GStreamer, FFmpeg 5.1, hls.js, Shaka Player and dash.js alike: decode times that begin at 0 and are squeezed until
# every offset is zero or more.
# Source: GStreamer 1.22.0 of Debian 12, as printed.
set -euo pipefail
packages=(gstreamer1.0-tools=1.22.0-2+deb12u1 libgstreamer1.0-0=1.22.0-2+deb12u1 libgstreamer-plugins-base1.0-0=1.22.0-3+deb12u7
  libgstreamer-plugins-bad1.0-0=1.22.0-4+deb12u8 gstreamer1.0-plugins-base=1.22.0-3+deb12u7
  gstreamer1.0-plugins-good=1.22.0-5+deb12u4 gstreamer1.0-plugins-bad=1.22.0-4+deb12u8)
command -v ffmpeg >/dev/null || { echo "ffmpeg makes the film: it is not installed" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq "${packages[@]}" 2>/dev/null || { echo "not to be had: ${packages[*]}" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
lib=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH=$lib GST_PLUGIN_SYSTEM_PATH_1_0=$lib/gstreamer-1.0 GST_REGISTRY=$work/registry
export GST_PLUGIN_SCANNER=$lib/gstreamer1.0/gstreamer-1.0/gst-plugin-scanner
gst=$work/root/usr/bin/gst-launch-1.0
"$gst" --version | head -1

ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=30:d=4 -pix_fmt yuv420p -c:v libx264 -bf 2 -g 120 film.mp4
first() { # FLAGS: when the first picture of a stream written with these is shown, by itself and by HLS
  ffmpeg -v error -nostdin -y -i film.mp4 -c copy -movflags "+frag_keyframe+delay_moov+default_base_moof+skip_trailer$1" -f mp4 track.mp4
  local at size
  at=$(grep -obUa moof track.mp4 | head -1 | cut -d: -f1)
  at=$((at - 4)) size=$(stat -c %s track.mp4)
  printf '%s\n' '#EXTM3U' '#EXT-X-VERSION:7' '#EXT-X-TARGETDURATION:4' '#EXT-X-PLAYLIST-TYPE:VOD' \
    "#EXT-X-MAP:URI=\"track.mp4\",BYTERANGE=\"$at@0\"" '#EXTINF:4.0,' "#EXT-X-BYTERANGE:$((size - at))@$at" track.mp4 '#EXT-X-ENDLIST' > track.m3u8
  for chain in "filesrc location=track.mp4 ! qtdemux" "filesrc location=$work/track.m3u8 ! hlsdemux ! qtdemux"; do
    # shellcheck disable=SC2086 # a pipeline is words
    timeout 60 "$gst" -v $chain ! fakesink silent=false sync=false num-buffers=1 2>/dev/null | grep -oE 'start=\(guint64\)[0-9]+|pts: [0-9:.]+' |
      sed -n '1s/.*)//p;$s/.*://p' | paste -sd' ' | awk '{printf "%.6f ", $2 - $1 / 1e9}'
  done
}
read -r file_edit hls_edit <<< "$(first "")"
read -r file_below hls_below <<< "$(first +cmaf)"
echo "the first picture with an edit list: file $file_edit s, HLS $hls_edit s; with offsets below zero: file $file_below s, HLS $hls_below s"
[[ $file_edit == 0.000000 && $file_below == 0.000000 ]] || { echo "changed: files began at 0" >&2; exit 1; }
[[ $hls_edit == 0.066667 && $hls_below == 0.033333 ]] || { echo "changed: by HLS they were late" >&2; exit 1; }
