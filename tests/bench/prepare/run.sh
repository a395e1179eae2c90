#!/usr/bin/env bash
# A 24-megapixel JPEG to 1920 px, beside vipsthumbnail, ImageMagick and ffmpeg: wall and CPU seconds (the least of
# ROUNDS, taken in turns), peak memory, PSNR to a Lanczos reduction (ImageMagick, 16 bits) of what the JPEG was made
# from. Then MANY such pictures at once, peak memory for 200 megapixels, and a decompression bomb.
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
  convert "$2" "$work/original.ppm"
else # a photograph with the grain and detail of a camera's
  ffmpeg -nostdin -v error -i tests/data/photos/coffee.png \
    -vf "scale=6000:4000:flags=lanczos,noise=alls=8:all_seed=1,unsharp=5:5:1,format=rgb24" -frames:v 1 "$work/original.ppm"
  ffmpeg -nostdin -v error -i "$work/original.ppm" -vf format=yuvj420p -q:v 3 "$work/in.jpg"
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
convert "$work/original.ppm" -filter Lanczos -resize 1920x -depth 16 "$reference"
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
echo -n "longtake      " && time "$longtake" prepare "$work"/many/*.jpg --max-side 1920 -y -q -o "$work/out" >/dev/null
command -v vipsthumbnail >/dev/null &&
  echo -n "vipsthumbnail " && time vipsthumbnail "$work"/many/*.jpg --size 1920x -o "$work/vips-%s.jpg[Q=95]"
echo -n "ffmpeg        " && time for f in "$work"/many/*.jpg; do echo "$f"; done |
  xargs -P "$(nproc)" -I{} ffmpeg -nostdin -v error -y -i {} -vf scale=1920:-1:flags=lanczos -q:v 1 {}.ff.jpg

echo "200 megapixels:"
ffmpeg -nostdin -v error -i tests/data/photos/coffee.png \
  -vf "scale=16320:12240:flags=bicubic,noise=alls=6:all_seed=1,format=yuvj420p" -frames:v 1 -q:v 3 "$work/large.jpg"
for side in 300 1920 4000 4096 6000 8192; do
  /usr/bin/time -f "to $side px  %e s  %M KB" "$longtake" prepare "$work/large.jpg" --max-side "$side" -y -q -o "$work/out" >/dev/null
done
python3 - "$work/bomb.png" <<'END'
import struct, sys, zlib

def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

side = 30000
rows = zlib.compress(bytes(side * (1 + side // 8)))
header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))
END
echo "30000x30000 PNG of one colour, refused:"
/usr/bin/time -f "%e s" "$longtake" prepare "$work/bomb.png" -y -q -o "$work/out" || true
