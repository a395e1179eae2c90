#!/usr/bin/env python3
"""Starts two runs that write the same output file, over and over, and shows that whatever has the file's name is a whole
film: one of the two, decoded to its end. A run may be refused (2); a broken file may not come of it.

usage: pairs.py [--longtake PROGRAM] [--pairs N]
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FRAMES = {"one": 12, "two": 18}


def storyboard(folder, name, number):
    file = folder / f"{name}.json"
    file.write_text(json.dumps({
        "schema": "longtake/storyboard/1", "title": name, "size": "320x180", "fps": 24,
        "shots": [{"id": "a", "card": {"text": f"{name} {number}"}, "seconds": FRAMES[name] / 24}]}))
    return file


def decoded_frames(file):
    """Frames of the whole file; damage is an exit status other than 0."""
    probe = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", file, "-f", "framemd5", "-"], capture_output=True,
                           text=True)
    if probe.returncode != 0 or probe.stderr:
        return None
    return sum(1 for line in probe.stdout.splitlines() if line and not line.startswith("#"))


def pair(program, environment, folder, number):
    output = folder / "film.mp4"
    overwrite = ["-y"] if number % 2 else []
    if number % 4 == 0:
        output.unlink(missing_ok=True)
    runs = [subprocess.Popen([program, "run", storyboard(folder, name, number), "-o", output, *overwrite],
                             env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for name in FRAMES]
    said = [run.communicate()[1] for run in runs]
    codes = [run.returncode for run in runs]
    problems = []
    if not set(codes) <= {0, 2} or (overwrite and codes != [0, 0]):
        problems.append(f"exits {codes}: {said}")
    if decoded_frames(output) not in FRAMES.values():
        problems.append(f"{output.name} is no whole film of either run")
    left = [entry.name for entry in folder.iterdir() if ".part" in entry.name]
    return codes.count(2), problems + ([f"left lying: {left}"] if left else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--pairs", type=int, default=40)
    options = parser.parse_args()
    wrong = refused = 0
    with tempfile.TemporaryDirectory(prefix="longtake-pairs-") as name:
        folder = pathlib.Path(name)
        environment = os.environ | {"XDG_STATE_HOME": name + "/state", "XDG_CONFIG_HOME": name + "/config"}
        for number in range(options.pairs):
            twos, problems = pair(options.longtake, environment, folder, number)
            refused += twos
            wrong += bool(problems)
            for problem in problems:
                print(f"pair {number}: {problem}", flush=True)
    print(f"{options.pairs} pairs of runs on one output: {refused} runs refused, {wrong} pairs wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
