#!/usr/bin/env python3
"""What an edit costs of a film that was delivered before: CPU of the run after the edit over that of the first delivery.

A film of clips at 1280x720 with dissolves of 0.3 s and an end card goes to web/h264-720p and square/1080x1080. Then, each
time from the film as it was delivered first: one shot is trimmed, one dropped, two are swapped, the card's text changes, and
nothing changes at all. Every edited film is compared, picture by picture, with the one made from nothing.

    run.py                        12 shots, every edit, once
    run.py --shots 60 trim        one edit of a longer film
    run.py --rounds 3             medians of three
    run.py --kill 0.9             what is left of a delivery that was killed at nine tenths, too
"""
import argparse
import copy
import json
import pathlib
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/bench/stitch"))
import media  # noqa: E402
from clips import Look, clips  # noqa: E402

PRESETS = ["web/h264-720p", "square/1080x1080"]


def board(files, seconds):
    shots = [{"id": f"shot{i:02}", "clip": str(file), "in": 0, "out": seconds} for i, file in enumerate(files)]
    return {"schema": "longtake/storyboard/1", "title": "Edit", "size": "1280x720", "fps": 30,
            "defaults": {"transition": {"type": "dissolve", "seconds": 0.3}},
            "shots": [*shots, {"id": "end", "card": {"text": "Open every day"}, "seconds": 3}], "deliver": PRESETS}


def trim(film):
    film["shots"][5]["out"] -= 1


def drop(film):
    del film["shots"][5]


def swap(film):
    shots = film["shots"]
    shots[3], shots[7] = shots[7], shots[3]


def card(film):
    film["shots"][-1]["card"]["text"] = "Open on Sundays"


def nothing(film):
    pass


EDITS = {"trim": trim, "drop": drop, "swap": swap, "card": card, "nothing": nothing}


class Bench:
    def __init__(self, options, work, first):
        self.longtake, self.work, self.first = str(options.longtake), work, first

    def write(self, name, film):
        folder = self.work / name
        folder.mkdir(exist_ok=True)
        (folder / "film.json").write_text(json.dumps(film))
        return folder

    def command(self, folder):
        return [self.longtake, "run", folder / "film.json", "-o", folder / "out", "-y", "-q", "--no-report"]

    def cpu(self, folder):
        """CPU seconds of one run, all threads."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        media.run(*self.command(folder), stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def from_nothing(self, name, film):
        folder = self.write(name, film)
        shutil.rmtree(folder / "film.longtake", ignore_errors=True)
        shutil.rmtree(folder / "out", ignore_errors=True)
        return folder, self.cpu(folder)

    def edited(self, name, film, base):
        """After the first delivery, in a copy of its working directory."""
        folder = self.write(name, film)
        for part in ["film.longtake", "out"]:
            shutil.rmtree(folder / part, ignore_errors=True)
            shutil.copytree(base / part, folder / part)
        return folder, self.cpu(folder)

    def killed(self, film, seconds):
        """CPU of the run after one that was killed after so many seconds."""
        folder = self.write("killed", film)
        for part in ["film.longtake", "out"]:
            shutil.rmtree(folder / part, ignore_errors=True)
        run = subprocess.Popen([str(word) for word in self.command(folder)], stdout=subprocess.DEVNULL)
        time.sleep(seconds)
        run.send_signal(signal.SIGKILL)
        run.wait()
        return folder, self.cpu(folder)


def same_films(a, b):
    for file in sorted((a / "out").glob("*.mp4")):  # posters lie beside them
        pictures, complaint = media.frame_md5(file)
        if complaint or pictures != media.frame_md5(b / "out" / file.name)[0]:
            return False
    return True


def one_round(bench, options):
    film = bench.first
    started = time.monotonic()
    base, whole = bench.from_nothing("first", film)
    wall = time.monotonic() - started
    shares = {}
    for name in options.edits:
        changed = copy.deepcopy(film)
        EDITS[name](changed)
        folder, cost = bench.edited(name, changed, base)
        fresh, _ = bench.from_nothing("fresh", changed) if options.check else (None, 0)
        shares[name] = cost / whole
        verdict = "" if fresh is None else ", as from nothing" if same_films(folder, fresh) else ", OTHER PICTURES"
        print(f"{name:8} {cost:7.2f} of {whole:.2f} CPU s: {cost / whole:.3f}{verdict}", flush=True)
    if options.kill:
        folder, cost = bench.killed(film, options.kill * wall)
        same = all((folder / "out" / f.name).read_bytes() == f.read_bytes() for f in (base / "out").iterdir())
        shares["killed"] = cost / whole
        print(f"killed   {cost:7.2f} of {whole:.2f} CPU s: {cost / whole:.3f}, {'the same' if same else 'OTHER'} bytes")
    return shares


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edits", nargs="*", help=", ".join(EDITS))
    parser.add_argument("--longtake", type=pathlib.Path, default=ROOT / "build/release/longtake")
    parser.add_argument("--clips", type=pathlib.Path, default=pathlib.Path(tempfile.gettempdir()) / "longtake-bench-clips")
    parser.add_argument("--shots", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--kill", type=float, default=0)
    parser.add_argument("--no-check", dest="check", action="store_false", help="do not compare with films from nothing")
    options = parser.parse_args()
    unknown = set(options.edits) - set(EDITS)
    if unknown:
        parser.error(f"no such edit: {', '.join(sorted(unknown))}")
    options.edits = options.edits or list(EDITS)
    look = Look(options.seconds, "1280x720", 30, keyint=250)
    [files] = clips(options.clips, min(options.shots, 12), look)
    files = [files[i % len(files)] for i in range(options.shots)]
    film = board(files, options.seconds)
    for i, shot in enumerate(film["shots"][:-1]):  # a clip that comes again is seen from another place
        shot["in"] = round(i // len(set(files)) * 0.1, 1)
    if options.shots > 12:
        film["deliver"] = PRESETS[:1]  # the other takes at most a minute
    with tempfile.TemporaryDirectory() as work:
        bench = Bench(options, pathlib.Path(work), film)
        rounds = [one_round(bench, options) for _ in range(options.rounds)]
    print(json.dumps({name: round(statistics.median(r[name] for r in rounds), 4) for name in rounds[0]}))


if __name__ == "__main__":
    main()
