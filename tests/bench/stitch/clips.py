#!/usr/bin/env python3
"""Test clips for joining: moving photographs with light grain, made with ffmpeg and kept in a folder.

A scene is one of tests/data/photos, mirrored into a larger picture, seen through a window that pans and zooms by
fractions of a pixel; a piece of another photograph travels across it, and every frame has its own grain. Scenes differ
in picture, move and tone. A file that is already in the folder is not made again.

    clips.py FOLDER --clips 8 --seconds 5 --size 1920x1080 --fps 24 --keyint 24 48 250
"""
import argparse
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
#: Strength of the grain: 2 gives clips of 2.5 to 5.5 Mb/s at 1080p and crf 20, 5 of 12 to 19.
grain = int(os.environ.get("GRAIN", "2"))
PHOTOS = ["hubble_deep_field.jpg", "coffee.png", "astronaut.png", "rocket.jpg", "chelsea.png"]


@dataclasses.dataclass(frozen=True)
class Look:
    """How a clip is coded; `x264` is appended to x264's own options (or x265's) and wins over the rest. AV1 is SVT-AV1's at
    preset 8, or where `encoder` names one of libaom-av1 and librav1e theirs."""
    seconds: float = 5
    size: str = "1920x1080"
    fps: int = 24
    keyint: int = 24
    bframes: int = 3
    crf: int = 20
    sound: bool = False
    x264: str = ""
    codec: str = "h264"
    encoder: str = ""

    @property
    def frames(self):
        return round(self.seconds * self.fps)

    def name(self, scene):
        extra = "" if not self.x264 else "-" + "".join(c if c.isalnum() else "_" for c in self.x264)
        sound = ("" if self.codec == "h264" else f"-{self.codec}") + self.encoder + ("-aac" if self.sound else "")
        return (f"scene{scene:02}-n{grain}-{self.size}-{self.fps}fps-{self.frames}f-g{self.keyint}-bf{self.bframes}"
                f"-crf{self.crf}{extra}{sound}.mp4")


def picture(scene, width, height):
    """A filter chain: one photograph of the scene, mirrored to twice its width and height, covering a canvas of 1.25 times
    the clip's size."""
    turn = ["", "hflip,", "vflip,", "hflip,vflip,"][scene // len(PHOTOS) % 4]
    canvas_width, canvas_height = width * 5 // 4 // 2 * 2, height * 5 // 4 // 2 * 2
    return (f"{turn}split[p][q];[q]hflip[r];[p][r]hstack,split[s][t];[t]vflip[u];[s][u]vstack,"
            f"scale={canvas_width}:{canvas_height}:force_original_aspect_ratio=increase:flags=lanczos,"
            f"crop={canvas_width}:{canvas_height},format=yuv420p")


def window(scene, frames):
    """The perspective filter that shows a moving part of the canvas, by fractions of a pixel."""
    p = f"(on/{frames})"
    zoom = f"(1.25{'+' if scene % 2 else '-'}{0.08 + 0.015 * (scene % 5):.3f}*{p})"
    across = f"({0.15 + 0.1 * (scene % 4):.2f}+{(0.3 if scene % 3 else -0.15):.2f}*{p})"
    down = f"(0.5+{0.3 if scene % 4 < 2 else -0.3:.2f}*sin({p}*{1 + scene % 3}))"
    x, y = f"(W*(1-1/{zoom})*{across})", f"(H*(1-1/{zoom})*{down})"
    right, bottom = f"({x}+W/{zoom})", f"({y}+H/{zoom})"
    return (f"perspective=x0='{x}':y0='{y}':x1='{right}':y1='{y}':x2='{x}':y2='{bottom}':x3='{right}':y3='{bottom}'"
            f":interpolation=cubic:eval=frame")


def graph(scene, look, outputs):
    width, height = (int(part) for part in look.size.split("x"))
    box = height // 5 // 2 * 2
    speed = width / look.frames * (0.6 + 0.1 * (scene % 4))
    start = f"{-box}+{speed:.3f}*n" if scene % 2 == 0 else f"W-{speed:.3f}*n"
    labels = "".join(f"[o{i}]" for i in range(outputs))
    return (f"[0:v]{picture(scene, width, height)},loop=loop=-1:size=1,fps={look.fps},{window(scene, look.frames)},"
            f"scale={width}:{height}:flags=bicubic[scene];"
            f"[1:v]scale={box}:{box},format=yuv420p,loop=loop=-1:size=1,fps={look.fps}[thing];"
            f"[scene][thing]overlay=x='{start}':y='H*(0.4+0.2*sin(n/{11 + scene % 5}))':eval=frame,"
            f"noise=alls={grain}:allf=t:all_seed={scene + 1},setsar=1,trim=end_frame={look.frames},split={outputs}{labels}")


def tone(scene, look):
    """A chord of its own for every scene, gently swelling, over a noise floor of -55 dBFS. (Mathematically pure tones take
    FFmpeg's AAC encoder three times as long as recordings do.)"""
    root = 220 * 2 ** ((scene * 5 % 12) / 12)
    left = "+".join(f"0.1*sin({root * k:.3f}*2*PI*t)" for k in (1, 1.26, 1.5))
    right = "+".join(f"0.1*sin({root * k:.3f}*2*PI*t)" for k in (1, 1.19, 2))
    noise = "0.006*"
    swell = f"(0.7+0.3*sin(2*PI*t*{0.5 + scene % 3}))"
    return f"aevalsrc='({left})*{swell}+{noise}(random(0)-0.5)|({right})*{swell}+{noise}(random(1)-0.5)':s=48000:d={look.frames / look.fps}"


#: Encoders of AV1 at speeds that are near each other's, and about as good as the others at crf 20.
AV1 = {"": ["libsvtav1", "-preset", "8", "-crf", "16"], "libaom-av1": ["libaom-av1", "-cpu-used", "6", "-crf", "18"],
       "librav1e": ["librav1e", "-speed", "9", "-qp", "60"]}


def coding(look):
    """Closed groups of pictures of exactly `keyint` frames, as an encoder makes them that cuts no scene."""
    tags = ["-pix_fmt", "yuv420p", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
            "-video_track_timescale", str(look.fps * 512)]
    sound = ["-c:a", "aac", "-b:a", "160k"] if look.sound else []
    if look.codec == "av1":
        return ["-c:v", *AV1[look.encoder], "-g", str(look.keyint), *tags, *sound, "-movflags", "+faststart"]
    options = f"open-gop=0:scenecut=0:keyint={look.keyint}:min-keyint={min(look.keyint, 125)}:bframes={look.bframes}"
    if look.x264:
        options += f":{look.x264}"
    encoder = (["libx264", "-profile:v", "high", "-x264-params", options] if look.codec == "h264" else
               ["libx265", "-tag:v", "hvc1", "-x265-params", f"log-level=error:{options}"])
    return ["-c:v", *encoder, "-preset", "medium", "-crf", str(look.crf), *tags, *sound, "-movflags", "+faststart"]


def make(folder, scene, looks):
    """Makes those of the scene's looks that are missing, drawing the scene once. All have one size, rate and length."""
    missing = [look for look in looks if not (folder / look.name(scene)).exists()]
    if not missing:
        return
    photo = ROOT / "tests/data/photos" / PHOTOS[scene % len(PHOTOS)]
    thing = ROOT / "tests/data/photos" / PHOTOS[(scene * 2 + 1) % len(PHOTOS)]
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", photo, "-i", thing]
    if any(look.sound for look in missing):
        command += ["-f", "lavfi", "-i", tone(scene, missing[0])]
    command += ["-filter_complex", graph(scene, missing[0], len(missing))]
    parts = []
    for index, look in enumerate(missing):
        target = folder / look.name(scene)
        part = target.with_suffix(".part.mp4")
        parts.append((part, target))
        command += ["-map", f"[o{index}]", *(["-map", "2:a"] if look.sound else []), *coding(look), part]
    subprocess.run([str(word) for word in command], check=True, env=os.environ | {"SVT_LOG": "1"})
    for part, target in parts:
        os.replace(part, target)


def clips(folder, count, *looks, distinct=None):
    """`count` clips in each of the looks, as one list of paths for every look. With `distinct` only that many scenes are
    encoded and further clips are byte copies of them under other names."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    distinct = min(count, distinct or count)
    alike = {}
    for look in looks:
        alike.setdefault((look.seconds, look.size, look.fps), []).append(look)
    for group in alike.values():
        for scene in range(distinct):
            if any(not (folder / look.name(scene)).exists() for look in group):
                print(f"making clip {scene + 1} of {distinct}, {group[0].size}", file=sys.stderr)
            make(folder, scene, group)
    return [[named(folder, look, index, distinct) for index in range(count)] for look in looks]


def named(folder, look, index, distinct):
    original = folder / look.name(index % distinct)
    if index < distinct:
        return original
    copy = folder / f"copy{index:03}-of-{original.name}"
    if not copy.exists():
        shutil.copyfile(original, copy)
    return copy


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--distinct", type=int, help="encode only so many scenes, copy them under other names")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--fps", type=int, default=24)
    parser.add_argument("--keyint", type=int, nargs="+", default=[24])
    parser.add_argument("--bframes", type=int, default=3)
    parser.add_argument("--sound", action="store_true", help="with an AAC chord")
    options = parser.parse_args()
    looks = [Look(options.seconds, options.size, options.fps, keyint, options.bframes, sound=options.sound)
             for keyint in options.keyint]
    for made in clips(options.folder, options.clips, *looks, distinct=options.distinct):
        print("\n".join(str(path) for path in made))


if __name__ == "__main__":
    main()
