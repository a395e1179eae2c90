#!/usr/bin/env bash
# Contact sheets to look at: cards with short and long texts in many scripts, at 9:16, 1:1 and 16:9. No test runs this;
# look at the sheets when text is set or drawn in another way: uneven lines, a word alone on the last, a 。 at a line's
# start, clipped letters, the wrong direction. What the plan says of each card stands in OUT/notes.txt.
# Usage: cards.sh [OUT [LONGTAKE]]   (ffmpeg and ImageMagick; about a minute)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=$(realpath -m "${1:-build/sheets}")
longtake=$(realpath "${2:-build/release/longtake}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# One card a line: NAME TEXT
cards() {
  cat <<'TEXTS'
latin-short Open every day
latin-title The morning belongs to those who make good coffee
latin-long We roast in small batches on Tuesdays and Fridays, and what leaves the shop is never older than a week. Come by, take a seat by the window, and tell us how you like it: we will remember.
german-words Donaudampfschifffahrtsgesellschaftskapitänsmützenverkauf am Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz
german-title Jetzt neu: Geschirrspülmaschinenreinigungstabs für Großküchen
address Order at https://shop.example.com/landing/spring-sale-2026?utm_source=newsletter&utm_campaign=abcdefghij until Sunday
thai-short เปิดทุกวัน
thai-long ร้านกาแฟของเราเปิดให้บริการทุกวันตั้งแต่เช้าจนถึงเย็นขอเชิญทุกท่านมาลิ้มลองเครื่องดื่มร้อนและเย็นพร้อมขนมอบสดใหม่
japanese-short 毎日営業しています。
japanese-long コーヒーショップは毎日営業しています。「新鮮な豆」を毎朝ていねいに焙煎し、焼きたてのパンと一緒にお届けします。ご家族やお友達と、ごゆっくりお過ごしください。
chinese-short 每天营业，欢迎光临！
chinese-long 我们的咖啡店位于市中心，每天早上七点开门，提供新鲜烘焙的咖啡、手工面包和季节限定甜点，欢迎您带上家人和朋友一起来品尝，周末还有现场音乐和免费试饮活动，期待您的光临。
korean-long 우리 카페는 매일 아침 일곱 시에 문을 열고 갓 볶은 커피와 직접 구운 빵을 준비합니다. 가족과 친구와 함께 오세요.
arabic-short مفتوح كل يوم
arabic-long يقع مقهانا في وسط المدينة ويفتح أبوابه كل يوم من السابعة صباحًا (حتى العاشرة مساءً)، ونقدم قهوة محمصة طازجة من Ethiopia و Yemen مع خبز وحلويات موسمية.
hindi-long हमारी कॉफ़ी की दुकान हर दिन सुबह सात बजे खुलती है, जहाँ ताज़ी भुनी हुई कॉफ़ी, हाथ से बनी ब्रेड और मौसमी मिठाइयाँ मिलती हैं। परिवार के साथ आइए!
hebrew-long בית הקפה שלנו פתוח כל יום משבע בבוקר (עד עשר בלילה) ומגיש קפה קלוי טרי, לחם בעבודת יד וקינוחים לפי העונה. מחכים לכם ברחוב Allenby 12!
khmer-burmese ហាងកាហ្វេរបស់យើងបើករាល់ថ្ងៃពីព្រឹកដល់ល្ងាច\nကျွန်ုပ်တို့၏ကော်ဖီဆိုင်ကိုနေ့စဉ်ဖွင့်ပါသည်
mixed Latté & 咖啡 ☕\u2028−30 % نقدًا اليوم\n100 % Ελληνικός, Кофе
lines One\n\nTwo\u000bThree\u0085Four
TEXTS
}

storyboard() { # SIZE
  local name text
  printf '{"schema": "longtake/storyboard/1", "title": "cards", "size": "%s", "fps": 10, "shots": [' "$1"
  cards | while read -r name text; do
    printf '%s{"id": "%s", "seconds": 0.1, "card": {"text": "%s"}}' "${comma:-}" "$name" "$text"
    comma=,
  done
  echo ']}'
}

sheet() { # NAME SIZE TILES SHOWN
  local name=$1 frames=$work/$1
  mkdir -p "$frames"
  storyboard "$2" >"$work/$name.json"
  "$longtake" plan "$work/$name.json" | sed -n "s/^note: /$name: /p" >>"$out/notes.txt"
  "$longtake" run "$work/$name.json" -o "$work/$name.mkv" -q -y --crf 4
  ffmpeg -v error -y -i "$work/$name.mkv" "$frames/%02d.png"
  montage "$frames"/*.png -tile "$3" -resize "$4" -geometry +4+4 -background '#808080' "$out/cards-$name.png"
}

: >"$out/notes.txt"
sheet 9x16 1080x1920 7x 360x
sheet 1x1 1080x1080 5x 480x
sheet 16x9 1920x1080 4x 640x
ls "$out"/cards-*.png
