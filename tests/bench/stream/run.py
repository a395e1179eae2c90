#!/usr/bin/env python3
"""A film to a stream in several sizes: `longtake deliver -p stream/hls` beside one ffmpeg that scales and encodes all sizes of the
same ladder into HLS of fragmented MP4, turn about.

CPU seconds (user and system, all threads), wall time and peak memory come as ratios, medians of the rounds' own, below 1 means
longtake needs less. Then, of longtake alone: when the first fragment of every size is on disk, and whether `--memory` is kept.

    run.py --seconds 24 --size 1280x720 --rounds 2
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


def ladder(longtake, height):
    """The sizes longtake would make: what ffmpeg is told."""
    shown = subprocess.run([longtake, "presets", "show", "stream/hls"], capture_output=True, text=True, check=True)
    preset = json.loads(shown.stdout)
    return preset, [rung for rung in preset["ladder"] if rung["short_side"] <= height]


def by_ffmpeg(film, preset, rungs, fps, out):
    names = "".join(f"[v{i}]" for i in range(len(rungs)))
    graph = f"split={len(rungs)}{names}"
    coding, maps = [], []
    for i, rung in enumerate(rungs):
        graph += f";[v{i}]scale=-2:{rung['short_side']}[o{i}]"
        video = preset["video"] | rung["video"]
        coding += ["-map", f"[o{i}]", f"-crf:v:{i}", video["crf"], f"-maxrate:v:{i}", video["max_bitrate"], f"-bufsize:v:{i}",
                   2 * video["max_bitrate"]]
        maps.append(f"v:{i},agroup:sound")
    return ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", film, "-filter_complex", graph, *coding, "-map", "0:a", "-c:v", "libx264",
            "-preset", preset["video"]["encoder_preset"], "-bf", preset["video"]["bframes"], "-g", round(2 * fps), "-keyint_min",
            round(2 * fps), "-sc_threshold", 0, "-c:a", "aac", "-b:a", preset["audio"]["bitrate"], "-f", "hls", "-hls_time",
            preset["segment_seconds"], "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "single_file",
            "-master_pl_name", "master.m3u8", "-var_stream_map", " ".join([*maps, "a:0,agroup:sound"]), out / "%v.m3u8"]


def by_longtake(longtake, film, out, *more):
    return [longtake, "deliver", film, "-p", "stream/hls", "-o", out, "-y", "-q", *more]


class Watcher(threading.Thread):
    """Looks at a process's memory, and for the time when a first fragment of every one of `sizes` tracks is on disk."""

    def __init__(self, process, folder, sizes):
        super().__init__()
        self.process, self.folder, self.sizes = process, folder, sizes
        self.began, self.first, self.memory = time.monotonic(), None, 0

    def run(self):
        while self.process.poll() is None:
            try:
                found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())
                self.memory = max(self.memory, int(found[1]) if found else 0)
            except OSError:
                break
            if self.first is None:
                parts = [part for part in self.folder.rglob(".*p*.mp4.longtake-*.part") if self.has_fragment(part)]
                if len(parts) >= self.sizes:
                    self.first = time.monotonic() - self.began
            time.sleep(0.02)

    @staticmethod
    def has_fragment(part):
        try:
            return b"moof" in part.read_bytes()[:200_000]
        except OSError:
            return False


def measured(command, folder, sizes):
    before = os.times()
    began = time.monotonic()
    process = subprocess.Popen([str(one) for one in command], stdout=subprocess.DEVNULL)
    watcher = Watcher(process, folder, sizes)
    watcher.start()
    if process.wait():
        sys.exit(f"failed: {command[0]}")
    wall = time.monotonic() - began
    watcher.join()
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"CPU": cpu, "wall": wall, "memory": watcher.memory / 1024, "first": watcher.first}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=24)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--memory", type=float, default=0.5, help="GB that longtake is given in the last run")
    parser.add_argument("--longtake", default=ROOT / "build/release/longtake")
    parser.add_argument("--clips", default=ROOT / "build/bench-clips")
    options = parser.parse_args()
    [[film]] = clips(options.clips, 1, Look(options.seconds, options.size, options.fps, options.fps, sound=True))
    preset, rungs = ladder(options.longtake, int(options.size.split("x")[1]))
    ratios = {"CPU": [], "wall": [], "memory": []}
    with tempfile.TemporaryDirectory(prefix="longtake-stream-") as temporary:
        work = pathlib.Path(temporary)
        for k in range(options.rounds):
            theirs_out, ours_out = work / f"ffmpeg{k}", work / f"longtake{k}"
            theirs_out.mkdir()
            ours = measured(by_longtake(options.longtake, film, ours_out), ours_out, len(rungs))
            theirs = measured(by_ffmpeg(film, preset, rungs, options.fps, theirs_out), theirs_out, len(rungs))
            for name in ratios:
                ratios[name].append(ours[name] / theirs[name])
            first = "not seen" if ours["first"] is None else f"{ours['first']:.1f} s"
            print(f"round {k + 1}: " + ", ".join(f"{name} {ours[name]:.1f} to {theirs[name]:.1f}" for name in ratios) +
                  f"; first fragment of all {len(rungs)} sizes after {first}", flush=True)
        bounded = measured(by_longtake(options.longtake, film, work / "bounded", "--memory", options.memory), work / "bounded", len(rungs))
    print(f"{len(rungs)} sizes, {options.seconds:g} s of {options.size}: " +
          ", ".join(f"{name} {statistics.median(values):.2f}" for name, values in ratios.items()) +
          f"; with --memory {options.memory:g} at most {bounded['memory']:.0f} MB")


if __name__ == "__main__":
    main()
