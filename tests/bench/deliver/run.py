#!/usr/bin/env python3
"""One master to four platform files: `longtake deliver` beside ffmpeg with the same encoders, rates and framing, turn about.

ffmpeg runs four times, once for each file, and once for all of them with `split`. CPU seconds (user and system, all threads)
come first, then wall time and peak memory; ratios are medians of the rounds' own, below 1 means longtake needs less. It also
measures loudness and proves every file, which the others do not.

    run.py --seconds 20 --rounds 3
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/bench/stitch"))
from clips import Look, clips  # noqa: E402

PRESETS = ["youtube/1080p30", "reels/1080x1920", "square/1080x1080", "feed/1080x1350"]


def preset_of(longtake, name):
    done = subprocess.run([longtake, "presets", "show", name], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def framing(preset):
    """The filter of one output: the picture whole, over its own enlargement, blurred at an eighth of the size."""
    width, height = map(int, preset["size"].split("x"))
    if width * 9 == height * 16:
        return f"scale={width}:{height}"
    small = f"{round(width / 16) * 2}:{round(height / 16) * 2}"
    return (f"split[a][b];[a]scale={small}:force_original_aspect_ratio=increase,crop={small},gblur=sigma=5,"
            f"scale={width}:{height}[ground];[b]scale={width}:{height}:force_original_aspect_ratio=decrease"
            f":force_divisible_by=2[picture];[ground][picture]overlay=(W-w)/2:(H-h)/2:format=yuv420,format=yuv420p")


def coding(preset, fps):
    video, audio = preset["video"], preset["audio"]
    rate = video["max_bitrate"]
    return ["-c:v", "libx264", "-preset", video["encoder_preset"], "-profile:v", video["profile"], "-crf", video["crf"],
            "-maxrate", rate, "-bufsize", 2 * rate, "-bf", video["bframes"], "-g", round(fps * video["gop_seconds"]),
            "-flags", "+cgop", "-c:a", "aac", "-b:a", audio["bitrate"], "-movflags", "+faststart"]


def four_runs(master, presets, fps, out):
    return [["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", master, "-vf", framing(preset), *coding(preset, fps),
             out / f"run{i}.mp4"] for i, preset in enumerate(presets)]


def split_run(master, presets, fps, out):
    names = "".join(f"[v{i}]" for i in range(len(presets)))
    graph = f"split={len(presets)}{names}"
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", master]
    outputs = []
    for i, preset in enumerate(presets):
        graph += f";[v{i}]{framing(preset).replace('[', f'[x{i}')}[o{i}]"
        outputs += ["-map", f"[o{i}]", "-map", "0:a", *coding(preset, fps), out / f"split{i}.mp4"]
    return [[*command, "-filter_complex", graph, *outputs]]


def peak_memory(process, found):
    """Watches the process's resident set; wait4 would give the largest child's of all before."""
    while process.poll() is None:
        try:
            text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        except OSError:
            break
        peak = re.search(r"VmHWM:\s+(\d+)", text)
        found[0] = max(found[0], int(peak[1]) if peak else 0)
        time.sleep(0.05)


def measured(commands):
    """CPU seconds, wall seconds and peak memory (MB) of commands one after the other."""
    before, begun, peak = os.times(), time.monotonic(), [0]
    for command in commands:
        process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
        watcher = threading.Thread(target=peak_memory, args=(process, peak))
        watcher.start()
        if process.wait() != 0:
            sys.exit(f"failed: {command}")
        watcher.join()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"cpu": cpu, "wall": time.monotonic() - begun, "memory": peak[0] / 1024}


def compare(options, master, work):
    presets = [preset_of(options.longtake, name) for name in PRESETS]
    rounds = []
    for number in range(options.rounds):
        out = work / f"round{number}"
        out.mkdir()
        ours = [[options.longtake, "deliver", master, *[w for p in PRESETS for w in ("-p", p)], "-o", out / "ours", "-q"]]
        row = {"longtake": measured(ours), "four runs": measured(four_runs(master, presets, 30, out)),
               "split": measured(split_run(master, presets, 30, out))}
        rounds.append(row)
        for name, figures in row.items():
            print(f"{name:10}" + "".join(f"  {key} {value:8.1f}" for key, value in figures.items()), flush=True)
    for other in ["four runs", "split"]:
        print(f"against {other}: " + ", ".join(
            f"{key} {statistics.median(r['longtake'][key] / r[other][key] for r in rounds):.3f}"
            for key in ["cpu", "wall", "memory"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=pathlib.Path, default=ROOT / "build/release/longtake")
    parser.add_argument("--clips", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "longtake-bench-clips")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    [[master]] = clips(options.clips, 1, Look(options.seconds, "1920x1080", 30, keyint=60, crf=14, sound=True))
    with tempfile.TemporaryDirectory() as work:
        compare(options, master, pathlib.Path(work))


if __name__ == "__main__":
    main()
