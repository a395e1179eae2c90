#!/usr/bin/env bash
# Contact sheets to look at: a card in each style at 16:9, 9:16 and 1:1, scripts in them, text and a logo over pictures,
# and how a card comes. No test runs this; look at the sheets when a style or the setting of text is changed: what is
# read first, even spaces, one edge at the left, nothing in a corner, ink that stands out.
# Usage: styles.sh [OUT [LONGTAKE]]   (ffmpeg and ImageMagick; about a minute)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=$(realpath -m "${1:-build/sheets}")
longtake=$(realpath "${2:-build/release/longtake}")
samples=$PWD/samples
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
mapfile -t styles < <(basename -s .json -a presets/brand/*.json)

film() { # NAME SIZE SHOTS [MORE]: every picture of it
  printf '{"schema": "longtake/storyboard/1", "title": "%s", "size": "%s", "fps": 10, %s "shots": [%s]}' \
    "$1" "$2" "${4:-}" "$3" >"$work/$1.json"
  "$longtake" plan "$work/$1.json" | sed -n "s/^note: /$1: /p" >>"$out/notes.txt"
  "$longtake" run "$work/$1.json" -o "$work/$1.mp4" -q -y --crf 4
}

sheet() { # NAME FRAMES TILES SHOWN: those frames, separated by blanks
  local picked
  picked=$(printf "eq(n\,%s)+" $2)
  mkdir -p "$work/$1"
  ffmpeg -v error -y -i "$work/$1.mp4" -vf "select='${picked%+}'" -vsync 0 "$work/$1/%03d.png"
  montage "$work/$1"/*.png -tile "$3" -resize "$4" -geometry +6+6 -background '#808080' "$out/$1.png"
}

cards() { # a card of every style, two seconds each, and a last one that nobody looks at
  local style comma=
  for style in "${styles[@]}"; do
    printf '%s{"id": "%s", "seconds": 2, "card": {"style": "%s", %s}}' "$comma" "$style" "$style" "$1"
    comma=,
  done
}

middles() { seq -s ' ' 12 20 $((20 * ${#styles[@]} - 1)); }

whole='"title": "Coffee worth getting up for", "subtitle": "Roasted on Tuesday, in your cup by Friday", "price": "€ 12.90", "call_to_action": "Order now"'
short='"title": "Open every day", "subtitle": "7 am to 6 pm"'
sizes=(16x9:1920x1080:3x:640x 9x16:1080x1920:6x:360x 1x1:1080x1080:3x:480x)

: >"$out/notes.txt"
for entry in "${sizes[@]}"; do
  IFS=: read -r shape size tiles shown <<<"$entry"
  film "styles-$shape" "$size" "$(cards "$whole")"
  sheet "styles-$shape" "$(middles)" "$tiles" "$shown"
  film "short-$shape" "$size" "$(cards "$short")"
  sheet "short-$shape" "$(middles)" "$tiles" "$shown"
done

scripts='{"id": "ar", "seconds": 2, "card": {"style": "studio", "title": "قهوة تستحق الاستيقاظ", "subtitle": "محمصة يوم الثلاثاء، في فنجانك يوم الجمعة", "call_to_action": "اطلب الآن"}},
{"id": "hi", "seconds": 2, "card": {"style": "editorial", "title": "हर सुबह ताज़ी कॉफ़ी", "subtitle": "मंगलवार को भुनी, शुक्रवार को आपके कप में", "call_to_action": "अभी मंगाएँ"}},
{"id": "th", "seconds": 2, "card": {"style": "poster", "title": "กาแฟที่คุ้มค่ากับการตื่นเช้า", "subtitle": "คั่ววันอังคาร ถึงแก้ววันศุกร์", "call_to_action": "สั่งเลย"}},
{"id": "ja", "seconds": 2, "card": {"style": "luxe", "title": "早起きしたくなる一杯のコーヒー", "subtitle": "火曜に焙煎、金曜にはあなたのカップへ", "call_to_action": "今すぐ注文"}},
{"id": "zh", "seconds": 2, "card": {"style": "terminal", "title": "值得为它早起的咖啡", "subtitle": "周二烘焙，周五送到您的杯中", "call_to_action": "立即订购"}},
{"id": "de", "seconds": 2, "card": {"style": "fresh", "title": "Geschirrspülmaschinenreinigungstabs", "subtitle": "Für Großküchen und Kantinen", "price": "9,90 €"}}'
for entry in "${sizes[@]}"; do
  IFS=: read -r shape size tiles shown <<<"$entry"
  film "scripts-$shape" "$size" "$scripts"
  sheet "scripts-$shape" "$(seq -s ' ' 12 20 119)" "$tiles" "$shown"
done

pictures="{\"id\": \"a\", \"image\": \"$samples/coffee/coffee.png\", \"seconds\": 2, \"overlays\": [{\"title\": \"Slow mornings\", \"subtitle\": \"A cup that takes its time\"}]},
{\"id\": \"b\", \"image\": \"$samples/coffee/coffee-close.png\", \"seconds\": 2, \"overlays\": [{\"text\": \"Mara Lindqvist\\nRoaster, Gothenburg\", \"style\": \"lower_third\"}]},
{\"id\": \"c\", \"image\": \"$samples/coffee/rocket.jpg\", \"seconds\": 2, \"overlays\": [{\"text\": \"-30 %\", \"style\": \"price\", \"at\": \"upper\"}, {\"text\": \"Only until Sunday, in all of our shops\", \"style\": \"caption\"}]},
{\"id\": \"d\", \"image\": \"$samples/coffee/chelsea.png\", \"seconds\": 2, \"overlays\": [{\"title\": \"Meet Chelsea\", \"call_to_action\": \"Adopt\", \"at\": \"centre\"}]}"
convert -size 600x200 xc:none -fill white -draw 'circle 100,100 100,20' -font Noto-Sans-Bold -pointsize 130 \
  -annotate +210+148 'acme' "$work/logo.png"
for entry in "${sizes[@]}"; do
  IFS=: read -r shape size tiles shown <<<"$entry"
  film "pictures-$shape" "$size" "$pictures" "\"defaults\": {\"fit\": \"crop\"}, \"brand\": {\"logo\": {\"file\": \"$work/logo.png\", \"at\": \"top_right\"}},"
  sheet "pictures-$shape" '12 32 52 72' 4x "$shown"
done
film logo 1920x1080 "{\"id\": \"e\", \"seconds\": 2, \"card\": {\"style\": \"studio\", \"title\": \"Open every day\", \"call_to_action\": \"acme.example\"}}" \
  "\"brand\": {\"logo\": {\"file\": \"$work/logo.png\", \"width\": 0.25}},"
sheet logo '12' 1x 960x
film motion 960x540 "$(cards "$whole")"
sheet motion "$(for s in 0 40 80; do seq -s ' ' $s $((s + 8)); done | tr '\n' ' ')" 9x 320x
ls "$out"/*.png
