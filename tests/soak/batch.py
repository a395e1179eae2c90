#!/usr/bin/env python3
"""A batch against a sandbox, killed at random instants and run again, over and over, until it is whole.

Every row has a product, a price and a picture of its own; all begin and end alike. Some rows are broken. In the end every
good row has its films, which decode and have their frames and loudness; the broken ones are named; the sandbox billed what
the plan said, and no take was made twice.

usage: batch.py [--longtake PROGRAM] [--rows N] [--broken N] [--kills N] [--seed S] [--seconds S] [-p PRESET...]
"""
import argparse
import csv
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from kills import Sandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = ROOT / "tests/data/photos"


def campaign(folder, seconds):
    part = seconds / 4
    cut = {"transition": {"type": "dissolve", "seconds": 0.3}}
    return {
        "schema": "longtake/campaign/1", "description": "a product and its price",
        "variables": {
            "product": {"type": "text", "description": "its name", "max_letters": 16},
            "price": {"type": "price", "description": "what it costs", "currency": "EUR", "locale": "en-IE"},
            "image": {"type": "picture", "description": "of it"},
        },
        "storyboard": {
            "schema": "longtake/storyboard/1", "title": "${product}", "size": "1280x720", "fps": 30, "brand": "poster",
            "defaults": {"model": "kling-v1-6"},
            "shots": [
                {"id": "intro", "image": str(PHOTOS / "rocket.jpg"), "prompt": "a launch", "seconds": part},
                {"id": "product", "image": "${image}", "prompt": "slow push in", "seconds": part, **cut,
                 "overlays": [{"title": "${product}", "price": "${price}"}]},
                {"id": "world", "image": str(PHOTOS / "hubble_deep_field.jpg"), "prompt": "galaxies", "seconds": part, **cut},
                {"id": "end", "card": {"title": "Good mornings", "call_to_action": "Order now"}, "seconds": part, **cut},
            ],
            "audio": {"music": str(ROOT / "samples/coffee/music.flac")},
        },
    }


def pictures(folder, count):
    """As many pictures that differ, of one photograph: the hue goes round."""
    for i in range(count):
        subprocess.run(["ffmpeg", "-v", "error", "-i", PHOTOS / "coffee.png", "-vf", f"hue=h={360 * i / count:.1f}",
                        folder / f"cup{i}.jpg"], check=True)
    return [f"cup{i}.jpg" for i in range(count)]


def write_rows(folder, options, chance):
    images = pictures(folder, min(options.rows, 24))
    broken = set(chance.sample(range(options.rows), options.broken))
    with open(folder / "rows.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["name", "product", "price", "image"])
        for i in range(options.rows):
            row = [f"row{i}", f"Cup {i}", f"{5 + i % 90}.90", images[i % len(images)]]
            if i in broken:
                row[1 + i % 3] = ["A name far too long for it", "1.299", "none.jpg"][i % 3]
            table.writerow(row)
    return broken


def command(options, folder, *more):
    presets = [word for preset in options.preset for word in ("-p", preset)]
    return [options.longtake, "batch", folder / "rows.csv", "-s", folder / "campaign.json", "-o", folder / "out",
            "--provider", "kling", *presets, "--yes", "-y", *more]


def check_film(file, frames):
    done = subprocess.run(["ffmpeg", "-v", "error", "-xerror", "-i", file, "-map", "0:v:0", "-f", "framecrc", "-"],
                          capture_output=True, text=True)
    found = sum(1 for line in done.stdout.splitlines() if line and not line.startswith("#"))
    loudness = subprocess.run(["ffmpeg", "-nostats", "-i", file, "-map", "0:a:0", "-af", "ebur128", "-f", "null", "-"],
                              capture_output=True, text=True).stderr
    lufs = float(loudness.rsplit("I:", 1)[1].split()[0])
    if done.returncode or done.stderr or found != frames or abs(lufs + 14) > 1:
        sys.exit(f"{file}: {found} of {frames} frames, {lufs} LUFS, {done.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=pathlib.Path, default=ROOT / "build/release/longtake")
    parser.add_argument("--rows", type=int, default=24)
    parser.add_argument("--broken", type=int, default=3)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-p", "--preset", action="append")
    options = parser.parse_args()
    options.preset = options.preset or ["preview/360p"]
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        (folder / "campaign.json").write_text(json.dumps(campaign(folder, options.seconds)))
        broken = write_rows(folder, options, chance)
        sandbox = Sandbox(options.longtake)
        environment = dict(os.environ, **sandbox.environment, LONGTAKE_POLL_SECONDS="0.05", XDG_STATE_HOME=str(folder / "state"))
        plan = subprocess.run(command(options, folder, "--dry-run", "--json"), env=environment, capture_output=True, text=True)
        planned = json.loads(plan.stdout.splitlines()[-1])
        began = time.monotonic()
        for kill in range(options.kills):
            run = subprocess.Popen(command(options, folder, "-q"), env=environment, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
            time.sleep(chance.uniform(0.3, 6))
            run.send_signal(signal.SIGKILL)
            run.wait()
            time.sleep(0.5)  # rows that lose their supervisor stop by themselves
        last = subprocess.run(command(options, folder, "-q"), env=environment, capture_output=True, text=True)
        results = [json.loads(line) for line in (folder / "out/results.jsonl").read_text().splitlines()]
        made = [row for row in results if row["ok"]]
        failed = {row["row"] - 1 for row in results if not row["ok"]}
        for row in made:
            for film in row["files"]:
                check_film(film["file"], round(options.seconds * 30))
        state = sandbox.state()
        sandbox.end()
        print(json.dumps({"rows": len(results), "made": len(made), "failed": len(failed), "kills": options.kills,
                          "exit": last.returncode, "planned": planned["cost"]["amount"], "takes planned": planned["takes"],
                          "billed": round(state["total"]["amount"], 4), "takes billed": len(state["bills"]), "seconds": round(time.monotonic() - began)}))
        if len(state["bills"]) != planned["takes"] or abs(state["total"]["amount"] - planned["cost"]["amount"]) > 1e-6:
            sys.exit("billed is not what was planned")
        if failed != broken or last.returncode != (8 if broken else 0):
            sys.exit(f"failed rows {sorted(failed)}, broken {sorted(broken)}: {last.stderr}")


if __name__ == "__main__":
    main()
