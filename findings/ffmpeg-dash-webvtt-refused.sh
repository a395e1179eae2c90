#!/usr/bin/env bash
# FFmpeg 5.1.9's DASH reader and a manifest that has captions as a WebVTT file beside the film.
#
# Guess: it plays picture and sound and leaves out the captions it has no use for, as it does with small pictures
# (image/jpeg), which the same manifest may have.
# Seen: it refuses the whole manifest ("Filename extension of 'captions.vtt' is not a common multimedia extension, blocked for
# security reasons"), and with it players such as mpv; without that AdaptationSet it plays. Small pictures do no harm. A stream
# with captions is better opened there by its HLS playlist, whose captions it reads.
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

ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=25:d=4 -pix_fmt yuv420p -c:v libx264 -g 50 -f dash -seg_duration 2 film.mpd
printf 'WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n' > captions.vtt
captions='<AdaptationSet contentType="text" mimeType="text/vtt" lang="en"><Representation id="text" bandwidth="100"><BaseURL>captions.vtt</BaseURL></Representation></AdaptationSet>'
sed "s|</Period>|$captions</Period>|" film.mpd > with-captions.mpd
frames() { ffprobe -v error -count_packets -select_streams v:0 -show_entries stream=nb_read_packets -of csv=p=0 "$1" 2>/dev/null | head -1 | tr -d , || true; }
plain=$(frames film.mpd)
captioned=$(frames with-captions.mpd)
echo "pictures read: without captions ${plain:-none}, with captions ${captioned:-none}"
[[ $plain == 100 ]] || { echo "changed: without captions it read 100" >&2; exit 1; }
[[ -z $captioned ]] || { echo "changed: with captions it read none" >&2; exit 1; }
