#!/usr/bin/env python3
"""One long film by one worker of one core, and by two: the wall clock of one over that of two, and whether the bytes are one.

A film of clips with dissolves goes to one preset. Workers are pinned to a core each and make one film at a time; the database is
PostgreSQL, the store a folder. Rounds take turns, and their median counts. Meant for a machine with two cores that are free.

usage: long_film.py [--longtake PROGRAM] [--shots N] [--preset NAME] [--rounds N]
"""
import argparse
import hashlib
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT / "tests/soak"), str(ROOT / "tests/bench/stitch")]
from clips import Look, clips  # noqa: E402
from postgres import Server  # noqa: E402


def campaign(folder, files, preset):
    shots = [{"id": f"shot{i:02}", "clip": str(file), "in": 0, "out": 5} for i, file in enumerate(files)]
    (folder / "long.json").write_text(json.dumps({
        "schema": "longtake/campaign/1", "description": "a long film",
        "variables": {"line": {"type": "text", "description": "what it says", "max_letters": 24}},
        "storyboard": {"schema": "longtake/storyboard/1", "title": "${line}", "size": "1280x720", "fps": 30, "provider": "local",
                       "defaults": {"transition": {"type": "dissolve", "seconds": 0.3}}, "shots": shots}}))
    (folder / "rows.csv").write_text("name,line\nlong,Long\n")
    return ["batch", folder / "rows.csv", "-s", folder / "long.json", "-p", preset, "-o", folder / "out"]


class Bench:
    def __init__(self, longtake, work, preset, files):
        self.longtake, self.work, self.files, self.preset = longtake, work, files, preset
        self.server = Server(work)
        self.core = sorted(os.sched_getaffinity(0))[:2]

    def made(self, workers):
        """Wall and CPU seconds, and the film's SHA-256."""
        folder = self.work / f"by{workers}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self.server.ask("DROP SCHEMA IF EXISTS longtake CASCADE")
        environment = {**os.environ, "LONGTAKE_LEDGER": self.server.url(), "LONGTAKE_STORE": str(folder / "store")}
        batch = [self.longtake, *campaign(folder, self.files, self.preset)]
        subprocess.run([*batch, "--no-work", "-q"], env=environment, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        fleet = [subprocess.Popen(["taskset", "-c", str(self.core[i]), self.longtake, "worker", "-j", "1", "--until-done"],
                                  env={**environment, "XDG_CACHE_HOME": str(folder / f"cache{i}")}, stdout=subprocess.DEVNULL)
                 for i in range(workers)]
        if any(worker.wait() for worker in fleet):
            sys.exit("a worker failed")
        wall = time.monotonic() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        films = list((folder / "store/films").rglob("*.mp4"))
        if len(films) != 1:
            sys.exit(f"{len(films)} films in the store")
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, cpu, hashlib.sha256(films[0].read_bytes()).hexdigest()


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--longtake", default=ROOT / "build/release/longtake", type=pathlib.Path)
    asked.add_argument("--shots", type=int, default=24)
    asked.add_argument("--preset", default="youtube/1080p30")
    asked.add_argument("--rounds", type=int, default=1)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="longtake-long-") as folder:
        work = pathlib.Path(folder)
        work.chmod(0o755)  # the database runs as another user
        files = clips(work / "clips", options.shots, Look(seconds=6, size="1280x720", fps=30), distinct=min(8, options.shots))[0]
        bench = Bench(options.longtake, work, options.preset, files)
        try:
            ratios = []
            for _ in range(options.rounds):
                one, two = bench.made(1), bench.made(2)
                ratios.append(one[0] / two[0])
                print(f"one worker {one[0]:.1f} s wall, {one[1]:.1f} CPU; two {two[0]:.1f} s, {two[1]:.1f} CPU: "
                      f"{ratios[-1]:.2f} times, {'the same bytes' if one[2] == two[2] else 'OTHER BYTES'}")
            print(f"median {statistics.median(ratios):.2f}")
        finally:
            bench.server.stop()


if __name__ == "__main__":
    main()
