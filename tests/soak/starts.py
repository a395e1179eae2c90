#!/usr/bin/env python3
"""Starts several first runs of one storyboard at the same instant, over and over, and shows that one of them works and
the others let it: every take is billed once, every run ends with 0 or 7, and the ledger is whole.

With --delayed, one run of each trial is held for a moment between making its folder and locking it, by a small library
loaded before the others (needs a C compiler).

usage: starts.py [--longtake PROGRAM] [--trials N] [--delayed N] [--runs N]
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHOTS = 3
SLOW_LOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>
int flock(int fd, int operation)
{
    int (*real)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "flock");
    usleep((unsigned)atoi(getenv("SLOW_LOCK_MICROSECONDS")));
    return real(fd, operation);
}
"""


def slow_lock_library(folder):
    source = folder / "slow_lock.c"
    source.write_text(SLOW_LOCK)
    library = folder / "slow_lock.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


def storyboard(folder, number):
    shots = [{"id": f"s{i}", "image": str(ROOT / "tests/data/photos/coffee.png"), "prompt": f"trial {number} shot {i}",
              "seconds": 5, "transition": {"type": "cut"}} for i in range(SHOTS)]
    file = folder / "film.json"
    file.write_text(json.dumps({"schema": "longtake/storyboard/1", "provider": "kling", "size": "64x36", "fps": 24,
                                "shots": shots, "deliver": ["preview/360p"]}))
    return file


def billed(url):
    with urllib.request.urlopen(url + "sandbox/state") as reply:
        return len(json.load(reply)["bills"])


def check_ledger(folder):
    ledger = folder / "film.longtake" / "ledger.db"
    with sqlite3.connect(ledger) as database:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
        done = database.execute("SELECT count(*) FROM takes WHERE state = 'done'").fetchone()[0]
    return [] if whole == "ok" and done == SHOTS else [f"ledger: {whole}, {done} takes done"]


def trial(program, environment, url, number, runs, library, chance):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-starts-"))
    try:
        film = storyboard(folder, number)
        before = billed(url)
        processes = []
        for run in range(runs):
            own = dict(environment)
            if library and run == 0:
                own |= {"LD_PRELOAD": str(library), "SLOW_LOCK_MICROSECONDS": str(chance.randrange(1000, 400_000))}
            processes.append(subprocess.Popen([program, "run", film, "--yes", "-o", folder / "out"], env=own,
                                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        said = [process.communicate()[1] for process in processes]
        codes = sorted(process.returncode for process in processes)
        problems = [] if set(codes) <= {0, 7} and 0 in codes else [f"exits {codes}: {said}"]
        if billed(url) - before != SHOTS:
            problems.append(f"billed {billed(url) - before}, planned {SHOTS}")
        return codes.count(7), problems + check_ledger(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--delayed", type=int, default=10, help="further trials with the lock of one run delayed")
    parser.add_argument("--runs", type=int, default=5, help="at once in each trial")
    options = parser.parse_args()
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="longtake-starts-") as name:
        library = slow_lock_library(pathlib.Path(name)) if options.delayed else None
        sandbox = subprocess.Popen([options.longtake, "sandbox", "--json", "--size", "64x36", "--queue-time", "0",
                                    "--take-time", "0.05", "--slots", "50"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        hello = json.loads(sandbox.stdout.readline())
        environment = os.environ | hello["environment"] | {
            "LONGTAKE_POLL_SECONDS": "0.05", "XDG_STATE_HOME": name + "/state", "XDG_CONFIG_HOME": name + "/config"}
        wrong = waited = 0
        try:
            for number in range(options.trials + options.delayed):
                preload = library if number >= options.trials else None
                sevens, problems = trial(options.longtake, environment, hello["url"], number, options.runs, preload, chance)
                waited += sevens
                wrong += bool(problems)
                for problem in problems:
                    print(f"trial {number}: {problem}", flush=True)
            total = billed(hello["url"])
        finally:
            sandbox.send_signal(signal.SIGINT)
            sandbox.communicate()  # it says at the end all that happened
    trials = options.trials + options.delayed
    print(f"{trials} trials of {options.runs} starts ({options.delayed} with a lock delayed): {trials * SHOTS} takes "
          f"planned, {total} billed, {waited} runs ended with 7; {wrong} trials wrong")
    sys.exit(1 if wrong or total != trials * SHOTS else 0)


if __name__ == "__main__":
    main()
