#!/usr/bin/env bash
# A 24-megapixel JPEG to 1920 px, beside vipsthumbnail, ImageMagick and ffmpeg: wall and CPU seconds (the least of
# ROUNDS, taken in turns), peak memory, PSNR to a lossless Lanczos reduction. Then MANY such pictures at once.
# Tools that are not installed are left out. Usage: run.sh [LONGTAKE [PICTURE.jpg]]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

longtake=$(realpath "${1:-build/release/longtake}")
rounds=${ROUNDS:-7}
many=${MANY:-64}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [[ -n ${2:-} ]]; then
  cp "$2" "$work/in.jpg"
else # a photograph with the grain and detail of a camera's
  ffmpeg -nostdin -v error -i tests/data/photos/hubble_deep_field.jpg \
    -vf "scale=6000:4000:flags=lanczos,noise=alls=8:all_seed=1,unsharp=5:5:1,format=yuvj420p" -q:v 3 "$work/in.jpg"
fi
echo "picture: $(stat -c %s "$work/in.jpg") bytes, $(nproc) cores"

declare -A command=([longtake]="'$longtake' prepare '$work/in.jpg' --max-side 1920 -y -q -o '$work/longtake'")
command -v vipsthumbnail >/dev/null && command[vips]="vipsthumbnail '$work/in.jpg' --size 1920x -o '$work/vips.jpg[Q=95]'"
command -v convert >/dev/null && command[imagemagick]="convert '$work/in.jpg' -resize 1920x -quality 95 '$work/im.jpg'"
command[ffmpeg]="ffmpeg -nostdin -v error -y -i '$work/in.jpg' -vf scale=1920:-1:flags=lanczos -q:v 1 '$work/ff.jpg'"
declare -A result=([longtake]="$work/longtake/in.jpg" [vips]="$work/vips.jpg" [imagemagick]="$work/im.jpg" [ffmpeg]="$work/ff.jpg")

for ((round = 0; round < rounds; ++round)); do
  for tool in "${!command[@]}"; do
    /usr/bin/time -a -o "$work/$tool.times" -f '%e %U %S %M' bash -c "exec ${command[$tool]} >/dev/null"
  done
done

reference="$work/reference.png"
ffmpeg -nostdin -v error -i "$work/in.jpg" \
  -vf "scale=1920:-1:flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp,format=rgb24" "$reference"
command -v vips >/dev/null && vips resize "$work/in.jpg" "$reference" 0.32 --kernel lanczos3
psnr() {
  ffmpeg -nostdin -hide_banner -i "$1" -i "$reference" \
    -lavfi "[0]format=gbrp[a];[1]format=gbrp[b];[a][b]psnr" -f null - 2>&1 | sed -n 's/.*average:\([0-9.inf]*\).*/\1/p'
}
printf '%-12s %8s %8s %8s %9s %7s\n' tool wall_s cpu_s peak_MB bytes PSNR
for tool in "${!command[@]}"; do
  printf '%-12s %8s %8s %8s %9s %7s\n' "$tool" "$(cut -d' ' -f1 "$work/$tool.times" | sort -n | head -1)" \
    "$(awk '{print $2 + $3}' "$work/$tool.times" | sort -n | head -1)" \
    "$(awk '{print int($4 / 1024)}' "$work/$tool.times" | sort -n | tail -1)" \
    "$(stat -c %s "${result[$tool]}")" "$(psnr "${result[$tool]}")"
done

mkdir "$work/many"
for ((i = 0; i < many; ++i)); do
  ln "$work/in.jpg" "$work/many/$i.jpg"
done
echo "$many pictures:"
TIMEFORMAT='%R s'
echo -n "longtake      " && time "$longtake" prepare "$work"/many/*.jpg --max-side 1920 -y -q -o "$work/out"
command -v vipsthumbnail >/dev/null &&
  echo -n "vipsthumbnail " && time vipsthumbnail "$work"/many/*.jpg --size 1920x -o "$work/vips-%s.jpg[Q=95]"
echo -n "ffmpeg        " && time for f in "$work"/many/*.jpg; do echo "$f"; done |
  xargs -P "$(nproc)" -I{} ffmpeg -nostdin -v error -y -i {} -vf scale=1920:-1:flags=lanczos -q:v 1 {}.ff.jpg
