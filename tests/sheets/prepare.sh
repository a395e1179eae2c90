#!/usr/bin/env bash
# Contact sheets to look at: 20 varied pictures, made from the test photographs, before and after `longtake prepare`
# under each fit, at 16:9 and 9:16. No test runs this; look at the sheets when the fits, the crop, the enlarging or the
# choice of a format has changed. What each picture became stands in OUT/actions.txt.
# Usage: prepare.sh [OUT [LONGTAKE]]   (ImageMagick and heif-enc; about a minute)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=$(realpath -m "${1:-build/sheets}")
longtake=$(realpath "${2:-build/release/longtake}")
photos=$PWD/tests/data/photos
icc=/usr/share/color/icc/ghostscript
in=$out/in
mkdir -p "$in"
cd "$in"

make_pictures() {
  convert "$photos/astronaut.png" -crop 400x512+60+0 +repage 01-portrait.png
  cp "$photos/coffee.png" 02-landscape.png
  convert "$photos/hubble_deep_field.jpg" -crop 1000x260+0+300 +repage 03-panorama.jpg
  convert -size 20x20 xc:none -fill '#d03020' -draw 'roundrectangle 1,1 18,18 4,4' -fill white -draw 'polygon 8,5 15,10 8,15' 04-icon.png
  convert -size 700x700 xc:none -fill '#8a5a2b' -draw 'roundrectangle 200,120 500,600 60,60' \
    -fill '#c98f4e' -draw 'ellipse 350,180 120,40 0,360' -blur 0x2 05-product-alpha.png
  convert -size 900x600 xc:white -fill none -stroke black -strokewidth 2 -draw 'circle 450,300 450,120' \
    -draw 'line 0,0 900,600' -draw 'bezier 100,500 200,100 500,600 800,80' -stroke none -fill black -pointsize 40 -annotate +40+560 'Line art' 06-line-art.png
  convert "$photos/chelsea.png" -depth 16 -define png:bit-depth=16 -evaluate multiply 1.003 07-sixteen-bits.png
  if [[ -r $icc/default_cmyk.icc ]]; then # ghostscript's, where it is installed
    convert "$photos/coffee.png" -profile "$icc/default_rgb.icc" -profile "$icc/default_cmyk.icc" -resize 900x 08-cmyk.jpg
  else
    convert "$photos/coffee.png" -colorspace CMYK -resize 900x 08-cmyk.jpg
  fi
  convert "$photos/rocket.jpg" 09-adobe-rgb.jpg
  convert "$photos/astronaut.png" -crop 400x512+60+0 +repage -rotate -90 -quality 92 turned.jpg
  { # with an Exif segment: orientation 6
    head -c 2 turned.jpg
    printf '\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0'
    tail -c +3 turned.jpg
  } >10-phone-turned.jpg
  rm turned.jpg
  convert "$photos/rocket.jpg" -sigmoidal-contrast 20,50% 11-high-contrast.jpg
  convert "$photos/hubble_deep_field.jpg" -level 15%,100% -resize 900x 12-night-sky.jpg
  convert "$photos/astronaut.png" -crop 330x512+180+0 +repage \( -size 500x512 xc:'#7d8790' \) +swap +append 13-face-at-the-edge.jpg
  convert \( "$photos/astronaut.png" -crop 300x512+90+0 +repage \) \( -size 500x512 gradient:'#9ab'-'#456' \) \
    \( "$photos/astronaut.png" -flop -crop 300x512+120+0 +repage -modulate 90,60 \) +append 14-two-faces.jpg
  convert -size 1280x720 gradient:'#101830'-'#c05020' -fill '#f0e0c0' -draw 'circle 900,500 900,440' 15-gradient.png
  convert -size 1100x800 xc:'#f4f4f2' -fill '#2b6cb0' -draw 'rectangle 60,60 1040,160' -fill '#333333' -pointsize 24 \
    -annotate +80+240 'A screenshot: words, lines and boxes.' -fill white -annotate +80+120 'Settings' \
    -fill none -stroke '#cccccc' -draw 'rectangle 60,200 1040,740' 16-screenshot.png
  convert -size 600x900 radial-gradient:'#ffffff'-'#e4e4e8' \( "$photos/coffee.png" -resize 420x \) -gravity center -composite 17-studio-shot.jpg
  convert "$photos/chelsea.png" -resize 200x 18-small-photo.jpg
  convert "$photos/astronaut.png" -colorspace Gray -resize 900x 19-grey.jpg
  convert "$photos/rocket.jpg" -crop 220x427+150+0 +repage 20-tall.webp
}

# One row of a sheet: the picture before and after.
pair() { # BEFORE AFTER NAME
  convert \( "$1[0]" -auto-orient -colorspace sRGB -background '#b0b0b0' -alpha remove -resize 250x250 -gravity center -extent 256x256 \) \
    \( "$2" -strip -resize 250x250 -background '#b0b0b0' -gravity center -extent 256x256 \) +append -strip -gravity south \
    -background '#404040' -splice 0x18 -fill white -pointsize 13 -annotate +0+2 "${1##*/}" "$3"
}

sheet() { # NAME ARGS...
  local name=$1 done_to=$out/$1 pairs=$out/pairs-$1
  shift
  rm -rf "$done_to"
  mkdir -p "$done_to" "$pairs"
  "$longtake" prepare "$in"/* -o "$done_to" -y --json "$@" >"$done_to.json" || true
  sed -n 's/.*"actions":\(\[[^]]*\]\).*"bytes":\([0-9]*\).*"input":"[^"]*\/\([^"]*\)".*/\3 \2 \1/p' "$done_to.json" |
    sed "s/^/$name /" >>"$out/actions.txt"
  local before after
  for before in "$in"/*; do
    after=$(basename "${before%.*}")
    after=$(ls "$done_to/$after".{png,jpg} 2>/dev/null || true)
    [[ -n $after ]] && pair "$before" "$after" "$pairs/$(basename "${before%.*}").png"
  done
  montage "$pairs"/*.png -tile 4x -geometry +4+4 -background '#808080' "$out/$name.jpg"
  rm -r "$pairs"
}

make_pictures
: >"$out/actions.txt"
for aspect in 16:9 9:16; do
  sheet "blur-${aspect/:/x}" --fit blur --aspect-ratio "$aspect"
  sheet "pad-${aspect/:/x}" --fit pad --background '#e8e0d0' --aspect-ratio "$aspect"
  sheet "edge-${aspect/:/x}" --fit pad --background edge --aspect-ratio "$aspect"
  sheet "crop-${aspect/:/x}" --fit crop --aspect-ratio "$aspect"
  "$longtake" prepare "$in"/* -o "$out/reject" -y --fit reject --aspect-ratio "$aspect" >"$out/reject-${aspect/:/x}.txt" 2>&1 || true
done
ls "$out"/*.jpg
