#!/bin/sh
# Makes the three clips of this sample from the photographs of ../coffee, with the ffmpeg program.
# zoompan places whole pixels, so the picture is enlarged first and the move made small in it.
set -eu
cd "$(dirname "$0")"
photos=../coffee

# move PHOTO SIZE FPS FRAMES TOP ZOOM X Y OUT: a camera move over a photograph, cut to the clip's shape TOP of the way down
move() {
    photo=$1 size=$2 fps=$3 frames=$4 top=$5 zoom=$6 x=$7 y=$8 out=$9
    aspect=$(echo "$size" | sed 's/x/\//')
    ffmpeg -v error -y -i "$photo" -filter_complex "[0:v]crop=iw:min(ih\,iw/($aspect)):0:(ih-oh)*$top,scale=5120:-2:flags=lanczos,\
zoompan=z='$zoom':x='$x':y='$y':d=$frames:s=$size:fps=$fps,\
format=yuv420p,setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv[v]" \
        -map "[v]" -c:v libx264 -preset slow -crf 21 -movflags +faststart -map_metadata -1 -fflags +bitexact "$out"
}

middle_x='iw/2-iw/zoom/2'

# 1280x720, 30 fps, 4 s, with sound: the murmur of a room, and a spoon on a cup.
move $photos/coffee.png 1280x720 30 120 0.1 '1.02+0.15*on/119' "$middle_x" '(ih-ih/zoom)*0.15' cup-picture.mp4
ffmpeg -v error -y -i cup-picture.mp4 \
    -f lavfi -i "anoisesrc=color=brown:amplitude=0.25:seed=7:sample_rate=48000:duration=4" \
    -f lavfi -i "aevalsrc='0.25*sin(2*PI*2637*t)*exp(-9*mod(t+3,1.3))+0.12*sin(2*PI*4186*t)*exp(-14*mod(t+3,1.3))':s=48000:d=4" \
    -filter_complex "[1:a]lowpass=f=700[room];[2:a]volume=0.5[spoon];[room][spoon]amix=inputs=2:normalize=0,\
aformat=channel_layouts=stereo,afade=t=in:d=0.2,afade=t=out:st=3.6:d=0.4[a]" \
    -map 0:v -map "[a]" -c:v copy -c:a aac -b:a 128k -movflags +faststart -map_metadata -1 -fflags +bitexact 1-cup.mp4
rm cup-picture.mp4

# 960x540, 25 fps, 3.6 s, silent.
move $photos/chelsea.png 960x540 25 90 0.3 '1.25' "(iw-iw/zoom)*(0.1+0.8*on/89)" "(ih-ih/zoom)*0.3" 2-cat.mp4

# 640x360, 23.976 fps, 3 s, silent.
move $photos/rocket.jpg 640x360 24000/1001 72 1 '1.3' "$middle_x" "(ih-ih/zoom)*(0.95-0.85*on/71)" 3-launch.mp4

ls -l ./*.mp4
