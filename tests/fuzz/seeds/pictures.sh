#!/usr/bin/env bash
# Small pictures in every format and header oddity: tests/fuzz/seeds/pictures.sh FOLDER
set -euo pipefail
out=$(realpath "$1")
photos=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../data/photos" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
convert "$photos/coffee.png" -resize 48x32! in.png
convert in.png -resize 20x30! -alpha set -channel A -evaluate multiply 0.5 alpha.png

variant() { # NAME ARGUMENTS...; what this machine cannot make is left out
  local name=$1
  shift
  convert "$@" "made-$name" 2>/dev/null || echo "not made: $name" >&2
}
variant plain.jpg in.png
variant progressive.jpg in.png -interlace plane
variant cmyk.jpg in.png -colorspace CMYK
variant grey.jpg in.png -colorspace Gray
variant chroma.jpg in.png -sampling-factor 4:4:4
variant thin.jpg in.png -resize 96x8!
variant plain.png in.png
variant alpha.png alpha.png
variant interlaced.png in.png -interlace PNG
variant deep.png alpha.png -depth 16
variant palette.png in.png -colors 9 -type Palette
variant two.png in.png -monochrome
variant grey.png in.png -colorspace Gray -depth 4
variant gamma.png in.png -gamma 1.0 -set gamma 1.0
variant plain.webp in.png
variant lossless.webp alpha.png -define webp:lossless=true
variant animated.webp in.png alpha.png
for compression in None LZW Zip JPEG RLE LZMA WebP ZSTD; do
  variant "$compression.tif" in.png -compress "$compression"
done
variant fax.tif in.png -monochrome -compress Group4
variant fax3.tif in.png -monochrome -compress Fax
variant tiled.tif in.png -define tiff:tile-geometry=16x16
variant planar.tif in.png -interlace plane
variant deep.tif alpha.png -depth 16 -endian MSB
variant cmyk.tif in.png -colorspace CMYK
variant palette.tif in.png -colors 16 -type Palette
variant lab.tif in.png -colorspace Lab
variant float.tif in.png -depth 32 -define quantum:format=floating-point
variant big.tiff64 in.png
variant plain.gif in.png
variant clear.gif alpha.png
variant animated.gif in.png alpha.png
variant interlaced.gif in.png -interlace GIF
variant plain.bmp in.png
variant palette.bmp in.png -colors 16 -type Palette
variant rle.bmp in.png -colors 16 -type Palette -compress RLE
variant alpha.bmp alpha.png
variant plain.jp2 in.png
variant code.j2k in.png
variant plain.ppm in.png
variant plain.pgm in.png
variant words.ppm in.png -compress None
variant bitmap.pbm in.png
heif-enc -q 50 in.png -o made-plain.heic >/dev/null || true
heif-enc -A -q 50 in.png -o made-plain.avif >/dev/null || true
heif-enc -A -q 50 alpha.png -o made-alpha.avif >/dev/null || true
if command -v exiftool >/dev/null; then
  for orientation in 3 6; do
    cp made-plain.jpg "made-turned$orientation.jpg"
    exiftool -q -n -overwrite_original -Orientation=$orientation -GPSLatitude=52 -GPSLatitudeRef=N "made-turned$orientation.jpg"
  done
fi
for file in made-*; do
  mv "$file" "$out/${file#made-}"
done
