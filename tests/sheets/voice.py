#!/usr/bin/env python3
"""Voice over music, to be looked at: momentary loudness (EBU R128, 400 ms) of the voice, of the music under it and of the
whole, as an SVG plot, with what of it the reference asks for as numbers.

    tests/sheets/voice.py [FOLDER] [--longtake build/release/longtake]

The voice is FFmpeg's flite (two sentences, a pause, a third), the music samples/coffee's. The film is made three times at
its own levels: with both, with the voice alone, and with the music alone; the music under the voice is the first less the
second.
"""
import argparse
import array
import json
import math
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
RATE = 48000
SENTENCES = ["Every morning begins in the dark. Water, a handful of beans, and time.", "Then somebody opens the door."]


def run(*command, **more):
    return subprocess.run([str(word) for word in command], check=True, stdin=subprocess.DEVNULL, **more)


def samples(file):
    raw = run("ffmpeg", "-v", "error", "-i", file, "-ac", "1", "-ar", RATE, "-f", "f32le", "-", stdout=subprocess.PIPE).stdout
    return array.array("f", raw)


def make_voice(folder):
    parts = []
    for i, sentence in enumerate(SENTENCES):
        part = folder / f"part{i}.wav"
        run("ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"flite=text='{sentence}':voice=slt", "-ar", RATE, part)
        parts.append(part)
    voice = folder / "voice.wav"
    run("ffmpeg", "-v", "error", "-y", "-i", parts[0], "-f", "lavfi", "-t", "0.8", "-i", f"anullsrc=r={RATE}:cl=mono", "-i", parts[1],
        "-filter_complex", "[0][1][2]concat=n=3:v=0:a=1", voice)
    return voice


def film(longtake, folder, name, audio):
    board = {"schema": "longtake/storyboard/1", "title": name, "size": "320x180", "fps": 25, "ending": "cut",
             "audio": {**audio, "loudness": "keep"},
             "shots": [{"card": {"text": "before"}, "seconds": 4}, {"card": {"text": "voice"}, "seconds": 12},
                       {"card": {"text": "after"}, "seconds": 4}]}
    if audio.pop("speak", None):
        board["audio"].pop("speak")
        board["shots"][1]["voice"] = "voice.wav"
    (folder / f"{name}.json").write_text(json.dumps(board))
    out = folder / f"{name}.mov"
    run(longtake, "run", folder / f"{name}.json", "-o", out, "-y", "--workdir", folder / f"work-{name}", "-q")
    return samples(out)


def momentary(values, folder, name):
    """Seconds and LUFS, every 100 ms."""
    raw = folder / f"{name}.f32"
    raw.write_bytes(values.tobytes())
    text = run("ffmpeg", "-v", "info", "-nostats", "-f", "f32le", "-ar", RATE, "-ac", "1", "-i", raw, "-af",
               "aformat=channel_layouts=stereo,ebur128=framelog=info", "-f", "null", "-", stderr=subprocess.PIPE, text=True).stderr
    points = re.findall(r"t: *([\d.]+) .*?M: *(-?[\d.]+|-?inf)", text)
    integrated = re.findall(r"I: *(-?[\d.]+) LUFS", text)[-1]
    return [(float(t), max(-70.0, float(m))) for t, m in points], float(integrated)


def level(values, begin, end):
    part = values[int(begin * RATE):int(end * RATE)]
    return 10 * math.log10(sum(x * x for x in part) / max(1, len(part)) + 1e-12)


def spoken(voice):
    hop = RATE // 50
    loud = [i * hop / RATE for i in range(len(voice) // hop) if level(voice, i / 50, (i + 1) / 50) > -50]
    return loud[0], loud[-1] + 0.02


def plot(curves, begin, end, file):
    width, height, left, top = 1200, 420, 60, 20
    last = max(points[-1][0] for _, points, _ in curves)
    x = lambda t: left + t / last * (width - left - 20)
    y = lambda lufs: top + -lufs / 70 * (height - top - 40)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="13">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             f'<rect x="{x(begin):.1f}" y="{top}" width="{x(end) - x(begin):.1f}" height="{height - top - 40}" fill="#f3ead8"/>']
    for lufs in range(0, -71, -10):
        lines.append(f'<path d="M{left} {y(lufs):.1f}H{width - 20}" stroke="#ddd"/><text x="8" y="{y(lufs) + 4:.1f}">{lufs} LUFS</text>')
    for second in range(0, int(last) + 1, 2):
        lines.append(f'<text x="{x(second):.1f}" y="{height - 20}">{second} s</text>')
    for i, (name, points, colour) in enumerate(curves):
        path = "M" + "L".join(f"{x(t):.1f} {y(m):.1f}" for t, m in points)
        lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="{width - 220}" y="{top + 18 + 18 * i}" fill="{colour}">{name}</text>')
    file.write_text("\n".join(lines + ["</svg>"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=pathlib.Path("build/voice-sheet"))
    parser.add_argument("--longtake", type=pathlib.Path, default=ROOT / "build/release/longtake")
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    make_voice(folder)
    music = str(ROOT / "samples/coffee/music.flac")
    both = film(options.longtake.resolve(), folder, "both", {"music": music, "speak": True})
    voice = film(options.longtake.resolve(), folder, "voice-alone", {"speak": True})
    alone = film(options.longtake.resolve(), folder, "music-alone", {"music": music})
    under = array.array("f", (a - b for a, b in zip(both, voice)))
    begin, end = spoken(voice)
    curves, loudness = [], {}
    for name, values, colour in (("voice", voice, "#1b6ca8"), ("music", under, "#c8102e"), ("programme", both, "#222222")):
        points, loudness[name] = momentary(values, folder, name)
        curves.append((name, points, colour))
    plot(curves, begin, end, folder / "voice.svg")

    def down(at, length=0.1):
        return level(under, at, at + length) - level(alone, at, at + length)

    print(f"speech from {begin:.2f} to {end:.2f} s; loudness: " + ", ".join(f"{n} {v:.1f}" for n, v in loudness.items()) + " LUFS")
    print(f"music, dB by which it is lowered: 1 s before {down(begin - 1):+.1f}, 20 ms before the first word {down(begin - 0.03, 0.02):+.1f}, "
          f"in the pause {max(down(begin + t / 10) for t in range(0, int(10 * (end - begin)))):+.1f} at the least, "
          f"1 s after {down(end + 1):+.1f}, 2.2 s after {down(end + 2.2):+.1f}")
    print(f"plot: {folder / 'voice.svg'}")


if __name__ == "__main__":
    sys.exit(main())
