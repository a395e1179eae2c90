#!/usr/bin/env bash
# FFmpeg 5.1.9 (Debian 12): captions that go through its decoder lose the times of words, and its WebVTT encoder writes
# letters that WebVTT takes for markup.
#
# Guess: WebVTT to WebVTT keeps what players show: the timestamps by which the spoken word stands out, and `&lt;3` as it is.
# Seen: copying keeps both; encoding (which happens as soon as captions are shifted by a filter, or come from another format)
# drops every timestamp, and writes `& three <3`, of which browsers show nothing from the `<` on.
# Source: FFmpeg 5.1.9, as printed; https://www.w3.org/TR/webvtt1/, cue text.
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
printf 'WEBVTT\n\n00:01.000 --> 00:03.000\nOne <00:00:02.000>two &amp; three &lt;3\n' >in.vtt
ffmpeg -v error -i in.vtt -c:s copy copied.vtt
ffmpeg -v error -i in.vtt -c:s webvtt encoded.vtt
expect "copied" "$(sed -n 4p copied.vtt)" "One <00:00:02.000>two &amp; three &lt;3"
expect "encoded" "$(sed -n 4p encoded.vtt)" "One two & three <3"
