#!/usr/bin/env python3
"""Kills deliveries at random instants and shows that the films come out as if nobody had: the same bytes.

A film of four clips with dissolves and a card goes to two presets. Each trial starts from nothing, is killed (SIGKILL) up to
three times after a random share of the time a run takes, and then runs to its end; its files are held against those of a run
that was left alone. At the end no part of a file is left, and a store of segments that is damaged is made whole.

usage: deliveries.py [--longtake PROGRAM] [--kills N] [--seed S]
"""
import argparse
import hashlib
import json
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/bench/stitch"))
from clips import Look, clips  # noqa: E402


def board(files):
    shots = [{"id": f"shot{i}", "clip": str(file)} for i, file in enumerate(files)]
    return {"schema": "longtake/storyboard/1", "title": "Kills", "size": "320x180", "fps": 24,
            "defaults": {"transition": {"type": "dissolve", "seconds": 0.3}},
            "shots": [*shots, {"id": "end", "card": {"text": "The end"}, "seconds": 1}],
            "deliver": ["web/h264-720p", "preview/360p"]}


class Film:
    def __init__(self, longtake, folder, files):
        self.longtake, self.folder = longtake, folder
        folder.mkdir()
        (folder / "film.json").write_text(json.dumps(board(files)))

    def start(self):
        return subprocess.Popen([self.longtake, "run", "film.json", "-o", "out"], cwd=self.folder,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def finish(self):
        run = self.start()
        complaint = run.communicate()[1].decode()
        if run.returncode != 0:
            sys.exit(f"failed with {run.returncode}: {complaint}")
        return complaint

    def hashes(self):
        return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in (self.folder / "out").iterdir()}

    def parts(self):
        return [str(file) for file in self.folder.rglob("*.part")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=pathlib.Path, default=ROOT / "build/release/longtake")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        [files] = clips(work / "clips", 4, Look(2, "320x180", 24, keyint=48, sound=True))
        longtake = str(options.longtake.resolve())
        alone = Film(longtake, work / "alone", files)
        begun = time.monotonic()
        alone.finish()
        seconds = time.monotonic() - begun
        right = alone.hashes()
        kills = wrong = trials = 0
        while kills < options.kills:
            film = Film(longtake, work / "film", files)
            for _ in range(chance.randint(1, 3)):
                run = film.start()
                time.sleep(chance.random() * seconds)
                if run.poll() is None:
                    run.send_signal(signal.SIGKILL)
                    kills += 1
                run.communicate()
            film.finish()
            trials += 1
            if film.hashes() != right or film.parts():
                wrong += 1
                print(f"trial {trials}: {film.hashes()} {film.parts()}", file=sys.stderr)
            shutil.rmtree(film.folder)
        segments = sorted((alone.folder / "film.longtake/segments").rglob("*.mp4"))
        for i, file in enumerate(segments):
            data = bytearray(file.read_bytes())
            if i % 3 == 0:
                data = data[:len(data) // 2]
            elif i % 3 == 1:
                data[len(data) // 2] ^= 1
            if i % 3 == 2:
                file.unlink()
            else:
                file.write_bytes(data)
        shutil.rmtree(alone.folder / "out")
        said = alone.finish()
        wrong += alone.hashes() != right
        print(f"{kills} kills in {trials} films of two files: {wrong} wrong; {len(segments)} damaged segments, "
              f"{said.count('warning')} named")
        sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
