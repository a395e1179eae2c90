#!/usr/bin/env bash
# Contact sheets to look at: captions in many scripts over a photograph, at 16:9, 1:1 and 9:16, one with the spoken word
# standing out. No test runs this; look for clipped letters, boxes, lines outside the safe box, more than two lines.
# Usage: captions.sh [OUT [LONGTAKE]]   (ffmpeg and ImageMagick; about a minute)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=$(realpath -m "${1:-build/sheets}")
longtake=$(realpath "${2:-build/release/longtake}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

texts=(
  "Every morning begins in the dark."
  "We roast in small batches on Tuesdays and Fridays, and what leaves the shop is never older than a week."
  "يقع مقهانا في وسط المدينة ويفتح أبوابه كل يوم من السابعة صباحًا"
  "हमारी कॉफ़ी की दुकान हर दिन सुबह सात बजे खुलती है, जहाँ ताज़ी भुनी हुई कॉफ़ी मिलती है।"
  "ร้านกาแฟของเราเปิดให้บริการทุกวันตั้งแต่เช้าจนถึงเย็น"
  "コーヒーショップは毎日営業しています。豆は毎朝ていねいに焙煎します。"
  "我们的咖啡店位于市中心，每天早上七点开门，提供新鲜烘焙的咖啡。"
  "בית הקפה שלנו פתוח כל יום משבע בבוקר עד עשר בלילה"
)
{
  printf 'WEBVTT\n\n'
  for i in "${!texts[@]}"; do
    printf '00:%02d.000 --> 00:%02d.000\n%s\n\n' $((4 * i)) $((4 * i + 4)) "${texts[i]}"
  done
  at=$((4 * ${#texts[@]}))
  printf '00:%02d.000 --> 00:%02d.000\nThe <00:%02d.500>spoken <00:%02d.000>word <00:%02d.000>stands <00:%02d.500>out\n' \
    $at $((at + 4)) $at $((at + 1)) $((at + 3)) $((at + 3))
} >"$work/words.vtt"
seconds=$((4 * ${#texts[@]} + 4))
ffmpeg -v error -loop 1 -i samples/coffee/chelsea.png -t $seconds -r 10 -vf scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720 \
  -c:v libx264 -preset ultrafast -pix_fmt yuv420p "$work/photo.mp4"
cat >"$work/board.json" <<JSON
{ "schema": "longtake/storyboard/1", "title": "captions", "fps": 10, "captions": "words.vtt",
  "shots": [{ "clip": "photo.mp4", "focus": "centre" }] }
JSON
"$longtake" run "$work/board.json" -o "$work/out" -p youtube/1080p30 -p square/1080x1080 -p reels/1080x1920 -q --no-poster
for film in "$work"/out/*.mp4; do
  name=$(basename "$film" .mp4)
  ffmpeg -v error -i "$film" -vf "fps=1/2,scale=-2:480" "$work/$name-%03d.png"
  montage "$work/$name"-*.png -tile 4x -geometry +4+4 "$out/$name.jpg"
  echo "$out/$name.jpg"
done
