#!/usr/bin/env python3
"""CPU of a film of a batch over that of the same film made alone, by longtake and by ffmpeg.

A campaign of 20 s: an intro, a product with its name and price, a second picture, an end card; dissolves of 0.3 s and music.
Rows differ in product, price and picture. `batch` makes all of them; `run` makes a few one by one, each in a working
directory of its own; `ffmpeg` makes as many by one command line each: zoompan over the same pictures, drawtext, xfade, the
music mixed, loudnorm in one pass, and the preset's encoder settings. ffmpeg neither measures nor proves what it made.

    run.py                          12 rows, 3 by each peer
    run.py --rows 100 --peers 10
"""
import argparse
import csv
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/soak"))
from batch import PHOTOS, campaign, pictures  # noqa: E402

MUSIC = ROOT / "samples/coffee/music.flac"
SIZES = {"web/h264-720p": (1280, 720), "reels/1080x1920": (1080, 1920)}


def preset(program, name):
    shown = subprocess.run([program, "presets", "show", name], capture_output=True, text=True, check=True)
    return json.loads(shown.stdout)


def spent(command, **more):
    """CPU and wall seconds of a command and all its children."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr[-2000:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - began


def ffmpeg_film(folder, row, name, facts, seconds):
    width, height = SIZES[name]
    part, fade = seconds / 4, 0.3
    frames = round((part + fade) * 30)
    fill = f"scale={width * 2}:{height * 2}:force_original_aspect_ratio=increase,crop={width * 2}:{height * 2}"
    move = f"{fill},zoompan=z='1+0.0004*on':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':d={frames}:s={width}x{height}:fps=30,setsar=1,format=yuv420p"
    text = f"drawtext=text='{row['product']}':fontcolor=white:fontsize={height // 14}:x=w*0.08:y=h*0.7," \
           f"drawtext=text='{row['price']}':fontcolor=white:fontsize={height // 10}:x=w*0.08:y=h*0.8"
    graph = [f"[0]{move}[a]", f"[1]{move},{text}[b]", f"[2]{move}[c]",
             f"color=0x7a1f10:s={width}x{height}:r=30:d={part + fade},drawtext=text='Good mornings':fontcolor=white:"
             f"fontsize={height // 12}:x=(w-tw)/2:y=h*0.4,format=yuv420p[d]",
             f"[a][b]xfade=fade:{fade}:{part - fade}[e]", f"[e][c]xfade=fade:{fade}:{2 * part - fade}[f]",
             f"[f][d]xfade=fade:{fade}:{3 * part - fade},trim=0:{seconds}[v]",
             f"[3]atrim=0:{seconds},volume=-16dB,afade=out:st={seconds - 1.5}:d=1.5,loudnorm=I=-14:TP=-1,aresample=48000[s]"]
    video = facts["video"]
    rate = ["-crf", video["crf"]] if "crf" in video else []
    if "max_bitrate" in video:
        rate += ["-maxrate", video["max_bitrate"], "-bufsize", 2 * video["max_bitrate"]]
    return ["ffmpeg", "-v", "error", "-y", "-i", PHOTOS / "rocket.jpg", "-i", folder / row["image"],
            "-i", PHOTOS / "hubble_deep_field.jpg", "-i", MUSIC, "-filter_complex", ";".join(graph), "-map", "[v]", "-map", "[s]",
            "-c:v", "libx264", "-preset", video.get("encoder_preset", "medium"), *rate, "-g", "60", "-c:a", "aac",
            "-b:a", facts["audio"].get("bitrate", 192000), folder / f"peer-{row['name']}-{name.replace('/', '-')}.mp4"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=pathlib.Path, default=ROOT / "build/release/longtake")
    parser.add_argument("--rows", type=int, default=12)
    parser.add_argument("--peers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        (folder / "campaign.json").write_text(json.dumps(campaign(folder, options.seconds)))
        images = pictures(folder, options.rows)
        rows = [{"name": f"row{i}", "product": f"Cup {i}", "price": f"{5 + i}.90", "image": images[i]} for i in range(options.rows)]
        with open(folder / "rows.csv", "w", newline="") as file:
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(rows)
        presets = [word for name in SIZES for word in ("-p", name)]
        cpu, wall = spent([options.longtake, "batch", "rows.csv", "-s", "campaign.json", "-o", "out", *presets, "-q", "--no-poster"], cwd=folder)
        batch = cpu / options.rows
        print(f"batch   {batch:7.2f} CPU s a row, {wall / options.rows:.2f} s of wall", flush=True)
        alone = sum(spent([options.longtake, "run", folder / f"out/batch.longtake/rows/{row['name']}/storyboard.json", "--no-report", "-o", folder / "alone" / row["name"],
                           "--workdir", folder / "work" / row["name"], *presets, "-q", "--no-poster"])[0] for row in rows[:options.peers]) / options.peers
        print(f"run     {alone:7.2f} CPU s a row: batch is {batch / alone:.3f} of it", flush=True)
        facts = {name: preset(options.longtake, name) for name in SIZES}
        peer = sum(spent(ffmpeg_film(folder, row, name, facts[name], options.seconds))[0]
                   for row in rows[:options.peers] for name in SIZES) / options.peers
        print(f"ffmpeg  {peer:7.2f} CPU s a row: batch is {batch / peer:.3f} of it", flush=True)


if __name__ == "__main__":
    main()
