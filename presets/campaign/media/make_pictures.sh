#!/bin/sh
# Makes the pictures of the campaign presets from the photographs of samples/ and the drawings in drawn/.
# Needs ImageMagick 6, rsvg-convert (librsvg2-bin) and pngquant.
#
#     sh make_pictures.sh
set -eu
cd "$(dirname "$0")"
photos=../../../samples

# About twice the size, with a little sharpness: what the film enlarges less, it softens less.
jpeg() { convert "$1" -filter Lanczos -resize "$2" -unsharp "$3" -sampling-factor 4:2:0 -interlace Plane -strip -quality "$4" "$5"; }
jpeg $photos/coffee/coffee.png 1290x 0x1.4+0.7+0.01 54 coffee.jpg
jpeg $photos/coffee/chelsea.png 1240x 0x1.4+0.7+0.01 54 cat.jpg
jpeg $photos/portrait/astronaut.png 780x 0x1.2+0.6+0.01 57 astronaut.jpg
jpeg $photos/coffee/rocket.jpg 1320x 0x1.3+0.4+0.02 54 rocket.jpg
jpeg $photos/coffee/hubble_deep_field.jpg 1160x 0x0.6+0.2+0.02 32 stars.jpg

# Parts of photographs: the crema and the spoon of the coffee, the astronaut's helmet.
part() { convert "$1" -crop "$2" +repage -filter Lanczos -resize "$4" -unsharp 0x1.6+0.7+0.01 -sampling-factor 4:2:0 -interlace Plane -strip -quality 50 "$3"; }
part $photos/coffee/coffee.png 300x300+135+0 crema.jpg 700x
part $photos/coffee/coffee.png 240x240+215+150 spoon.jpg 700x
part $photos/portrait/astronaut.png 290x290+222+222 helmet.jpg 820x

# The rocket as a hurried phone would have it: low contrast, no colour, a haze over all.
convert rocket.jpg -modulate 100,32 +level 20%,72% -gamma 1.3 -blur 0x0.8 -fill '#b9b2a4' -colorize 14 -strip -quality 55 rocket-flat.jpg

for name in house living kitchen; do
    rsvg-convert -w 1040 drawn/$name.svg -o $name.png
    convert $name.png -sampling-factor 4:2:0 -interlace Plane -strip -quality 60 $name.jpg
    rm $name.png
done
# Cut-outs stand low in an empty square, so that a line of text has room above them.
drawing() {
    rsvg-convert -h "$2" "drawn/$1.svg" | convert - -background none -gravity south -splice "0x$3" -extent 900x900 PNG32:- |
        pngquant --speed 1 --quality 60-90 --strip - > "$1.png"
}
drawing bottle 660 30
drawing lemon 630 0
drawing sugar 640 0
drawing glass 600 20
