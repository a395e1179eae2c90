#!/usr/bin/env bash
# Clips of 64x48 and under a second in every container and codec that is read, and with what has been read wrong once:
# tests/fuzz/seeds/clips.sh FOLDER
set -euo pipefail
out=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

make() { # NAME ARGUMENTS...; what this machine cannot make is left out
  local name=$1
  shift
  ffmpeg -hide_banner -loglevel error -nostdin -y "$@" "$name" 2>/dev/null || { rm -f "$name"; echo "not made: $name" >&2; }
}
seed() { # NAME ARGUMENTS...
  make "$@"
  [[ ! -f $1 ]] || mv "$1" "$out/"
}
copy() { # NAME FROM ARGUMENTS...: the same packets again
  local name=$1 from=$2
  shift 2
  seed "$name" -i "$from" -map 0 -c copy "$@"
}
test_picture=testsrc2=s=64x48:r=25:d=0.4
picture=(-f lavfi -i "$test_picture")
moving=(-f lavfi -i testsrc2=s=64x48:r=50:d=0.48)
sound=(-f lavfi -i sine=f=440:r=48000:d=0.4)
yuv=(-pix_fmt yuv420p)
bt709=(-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709) # or nothing is copied
h264=(-c:v libx264 "${yuv[@]}" "${bt709[@]}" -x264-params log-level=none:threads=1 -g 5)
hevc=(-c:v libx265 "${yuv[@]}" -x265-params log-level=none:keyint=5:pools=none)

# What others are made from.
make h264.mp4 "${picture[@]}" "${sound[@]}" "${h264[@]}" -c:a aac -b:a 32k
make silent.mp4 "${picture[@]}" "${h264[@]}" -bf 2
make hevc.mp4 "${picture[@]}" "${hevc[@]}" -tag:v hvc1
make long.mp4 -f lavfi -i testsrc2=s=64x48:r=25:d=0.8 -c:v libx264 "${yuv[@]}" -x264-params log-level=none:open-gop=1:keyint=8:min-keyint=8:scenecut=0:threads=1
make long.ts -f lavfi -i testsrc2=s=64x48:r=25:d=0.8 -c:v mpeg2video -g 6 -bf 2

containers() { # H.264, HEVC and AAC wherever they may be
  local name
  for name in copy.mkv copy.ts copy.flv copy.mov copy.avi copy.3gp copy.nut; do
    copy "$name" h264.mp4
  done
  copy fragmented.mp4 h264.mp4 -movflags frag_keyframe+empty_moov+default_base_moof
  copy first.mp4 h264.mp4 -movflags +faststart
  copy start.mp4 h264.mp4 -output_ts_offset 1 -movflags +use_metadata_tags -metadata comment=words
  copy editless.mp4 silent.mp4 -use_editlist 0
  copy bare.h264 silent.mp4 -bsf:v h264_mp4toannexb -f h264
  copy bare.hevc hevc.mp4 -bsf:v hevc_mp4toannexb -f hevc
  copy hevc.mkv hevc.mp4
  copy hevc.ts hevc.mp4
  copy hevc-hev1.mp4 hevc.mp4 -tag:v hev1
  copy m2ts.ts h264.mp4 -mpegts_m2ts_mode 1
  copy cluster.mkv h264.mp4 -cluster_time_limit 100 -reserve_index_space 1000
  copy piped.mkv h264.mp4 -live 1
  copy cut.mkv long.mp4 -ss 0.12
  copy cut.ts long.ts -ss 0.12
  seed edits.mp4 -ss 0.1 -i h264.mp4 -c copy
  seed shifted.mp4 -itsoffset 0.2 -i h264.mp4 -i silent.mp4 -map 0:a -map 1:v -c copy
  cp h264.mp4 silent.mp4 hevc.mp4 "$out/"
  cat "$out/copy.ts" "$out/copy.ts" >"$out/joined.ts"
  head -c 6000 h264.mp4 >"$out/half.mp4"
  head -c 3000 "$out/copy.mkv" >"$out/half.mkv"
  tail -c +4137 "$out/copy.ts" >"$out/behind.ts" # 22 packets later
  python3 - "$out" <<'PYTHON'
import struct, sys
out = sys.argv[1]
ts = open(out + "/copy.ts", "rb").read()
open(out + "/lost.ts", "wb").write(ts[:188 * 12] + ts[188 * 13:])
for name, (a, b, c, d, x, y) in {
        "rot90": (0, 1, -1, 0, 48, 0), "rot180": (-1, 0, 0, -1, 64, 48), "rot270": (0, -1, 1, 0, 0, 64),
        "hflip": (-1, 0, 0, 1, 64, 0), "transpose": (0, 1, 1, 0, 0, 0), "flat": (0, 0, 0, 0, 0, 0)}.items():
    mp4 = bytearray(open("silent.mp4", "rb").read())
    at = mp4.find(b"tkhd") + 4 + 40
    fixed = [int(v * 65536) for v in (a, b, 0, c, d, 0, x, y)]
    struct.pack_into(">9i", mp4, at, *fixed, 0x40000000)
    open(f"{out}/{name}.mp4", "wb").write(mp4)
PYTHON
}

timing() {
  seed variable.mp4 "${moving[@]}" -vf "select='not(mod(n,7))+gte(n,12)'" -vsync vfr -video_track_timescale 60000 "${h264[@]}"
  seed slides.mp4 -f lavfi -i testsrc2=s=64x48:r=2:d=1.5 "${h264[@]}"
  seed held.mp4 -i silent.mp4 -c copy -bsf:v "setts=ts=TS:duration=if(eq(N\,9)\,2000\,512)"
  seed still.mp4 -f lavfi -i testsrc2=s=64x48:r=25:d=0.04 "${sound[@]}" "${h264[@]}" -c:a aac
  seed wobble.mkv -i h264.mp4 -c copy -bsf:a "setts=ts=TS+12*mod(N\,2)"
  seed ntsc.mp4 -f lavfi -i testsrc2=s=64x48:r=30000/1001:d=0.4 "${h264[@]}"
  seed timecode.mov "${picture[@]}" "${h264[@]}" -timecode 01:00:00:00
  seed leap.mkv -i silent.mp4 -c copy -bsf:v "setts=ts=TS+if(gte(N\,5)\,512000\,0)"
}

shapes() {
  seed anamorphic.mp4 "${picture[@]}" -vf setsar=4/3 "${h264[@]}"
  copy pasp.mp4 silent.mp4 -aspect 16:9
  seed odd.mkv -f lavfi -i testsrc2=s=63x47:r=25:d=0.2 -c:v ffv1 -pix_fmt yuv420p
  seed shared.mkv -f lavfi -i testsrc2=s=63x47:r=25:d=0.1 -c:v ffv1 -pix_fmt yuv411p -color_primaries bt2020
  seed fields.mp4 "${moving[@]}" -vf interlace=scan=tff:lowpass=0,setfield=tff "${h264[@]}" -flags +ildct+ilme
  seed fields.mpg "${moving[@]}" -vf interlace=scan=bff:lowpass=0,setfield=bff -c:v mpeg2video -flags +ildct+ilme
  seed deep.mp4 "${picture[@]}" -c:v libx264 -pix_fmt yuv422p10le -x264-params log-level=none:threads=1
  seed hlg.mp4 "${picture[@]}" -c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=none:pools=none \
    -color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc -tag:v hvc1
  seed pq.mkv "${picture[@]}" -c:v libx265 -pix_fmt yuv420p10le -color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc \
    -x265-params "log-level=none:pools=none:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,1):max-cll=1000,400"
  seed p3.mp4 "${picture[@]}" "${h264[@]}" -color_primaries smpte432 -color_trc iec61966-2-1 -colorspace bt709 -color_range pc
  seed changing.ts -f lavfi -i testsrc2=s=64x48:r=25:d=0.2 "${h264[@]}"
  make other.ts -f lavfi -i testsrc2=s=48x64:r=25:d=0.2 "${h264[@]}"
  cat other.ts >>"$out/changing.ts"
  seed alpha.webm "${picture[@]}" -vf format=yuva420p,colorchannelmixer=aa=0.5 -c:v libvpx-vp9 -cpu-used 8 -auto-alt-ref 0
  seed alpha8.webm "${picture[@]}" -vf format=yuva420p,colorchannelmixer=aa=0.5 -c:v libvpx -auto-alt-ref 0
  seed alpha.mov "${picture[@]}" -vf format=yuva444p10le,colorchannelmixer=aa=0.5 -frames:v 2 -c:v prores_ks -profile:v 4
  seed palette.gif "${picture[@]}" -frames:v 4
  seed alpha.apng "${picture[@]}" -vf format=rgba,colorchannelmixer=aa=0.5 -frames:v 3 -f apng
}

tracks() {
  local several=("${picture[@]}" "${sound[@]}" -f lavfi -i sine=f=880:r=48000:d=0.4)
  printf '1\n00:00:00,000 --> 00:00:00,300\nwords\n' >words.srt
  seed two.mp4 "${several[@]}" -map 0 -map 1 -map 2 "${h264[@]}" -c:a aac -disposition:a:0 0 -disposition:a:1 default
  seed words.mkv "${several[@]}" -i words.srt -map 0 -map 1 -map 2 -map 3 "${h264[@]}" -c:a libmp3lame -c:s srt -metadata:s:a:1 language=ger
  seed words.mp4 "${picture[@]}" -i words.srt -map 0 -map 1 "${h264[@]}" -c:s mov_text
  seed camera.mxf "${several[@]}" -map 0 -map 1 -map 2 -frames:v 3 -c:v mpeg2video -b:v 500k -c:a pcm_s16le -ac 1
  seed pictures.mp4 "${picture[@]}" "${picture[@]}" -map 0 -map 1 "${h264[@]}"
  seed cover.mp3 "${sound[@]}" "${picture[@]}" -map 0 -map 1 -frames:v 1 -c:v mjpeg -c:a libmp3lame -disposition:v attached_pic
  seed surround.mkv -f lavfi -i "sine=d=0.2,aformat=channel_layouts=5.1" -c:a ac3
  seed chapters.mkv -i h264.mp4 -c copy -metadata title=title
}

codecs() { # NAME CODEC ARGUMENTS...
  local args
  while read -r -a args; do
    seed "${args[0]}" "${picture[@]}" -frames:v "${args[1]}" -c:v "${args[2]}" "${args[@]:3}"
  done <<'LIST'
mpeg1.mpg 10 mpeg1video
mpeg2.vob 10 mpeg2video
mpeg2.m2v 10 mpeg2video
mpeg4.avi 10 mpeg4 -bf 2
mpeg4.mp4 10 mpeg4
msmpeg4.avi 6 msmpeg4
msmpeg4v2.avi 6 msmpeg4v2
wmv2.asf 6 wmv2
wmv1.wmv 6 wmv1
flv1.flv 6 flv
h263.3gp 6 h263 -s 128x96
h261.mkv 4 h261 -s 176x144
vp8.webm 6 libvpx
vp9.webm 6 libvpx-vp9 -cpu-used 8
vp9.mp4 6 libvpx-vp9 -cpu-used 8
vp8.ivf 6 libvpx
av1.mp4 5 libaom-av1 -cpu-used 8
av1.mkv 5 libaom-av1 -cpu-used 8
av1.obu 5 libaom-av1 -cpu-used 8
theora.ogv 6 libtheora -pix_fmt yuv420p
prores.mov 2 prores_ks
dnxhr.mov 1 dnxhd -profile:v dnxhr_lb -s 256x120 -pix_fmt yuv422p
ffv1.mkv 2 ffv1 -level 3 -slicecrc 1
ffvhuff.avi 2 ffvhuff
huffyuv.avi 2 huffyuv
utvideo.avi 2 utvideo
v210.mov 2 v210
v410.mov 2 v410
raw.avi 1 rawvideo -pix_fmt bgr24
raw.nut 1 rawvideo -pix_fmt yuv420p
raw.y4m 2 wrapped_avframe -pix_fmt yuv420p
mjpeg.avi 3 mjpeg
mjpeg.mov 3 mjpeg
bare.mjpeg 2 mjpeg -f mjpeg
qtrle.mov 2 qtrle
rpza.mov 2 rpza
svq1.mov 3 svq1
cinepak.avi 2 cinepak
cfhd.mov 1 cfhd -pix_fmt yuv422p10le
png.mov 1 png
picture.png 1 png
picture.jpg 1 mjpeg
picture.webp 1 libwebp
picture.tiff 1 tiff
picture.bmp 1 bmp
LIST
  while read -r -a args; do
    seed "${args[0]}" "${sound[@]}" -t 0.15 -c:a "${args[1]}" "${args[@]:2}"
  done <<'LIST'
pcm.wav pcm_s16le
float.wav pcm_f32le -ac 2
adpcm.wav adpcm_ms
ima.wav adpcm_ima_wav
law.au pcm_mulaw
pcm.aiff pcm_s16be
pcm.w64 pcm_s24le
pcm.caf pcm_s16be
ima.mov adpcm_ima_qt
alac.m4a alac
aac.aac aac
latm.ts aac -mpegts_flags latm
aac.m4a aac
mp3.mp3 libmp3lame
mp2.mp2 mp2
ac3.ac3 ac3
eac3.eac3 eac3
dts.dts dca -strict -2 -ac 2
truehd.mkv truehd -strict -2
flac.flac flac
flac.ogg flac
flac.mp4 flac -strict -2
vorbis.ogg libvorbis
opus.ogg libopus
opus.webm libopus
speex.ogg libspeex -ar 16000
wma.wma wmav2
wavpack.wv wavpack
tta.tta tta
gsm.wav libgsm_ms -ar 8000 -ac 1
g722.wav g722 -ar 16000
nelly.flv nellymoser -ar 22050
LIST
}

containers
timing
shapes
tracks
codecs
find "$out" -size +100k -exec sh -c 'echo "too large: $1" >&2; rm "$1"' _ {} \;
