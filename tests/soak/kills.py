#!/usr/bin/env python3
"""Kills runs at random instants and shows that no take is paid for twice, whatever the provider.

For each dialect: a sandbox, a film with an end-framed and a chained shot, and SIGKILL after a random share of the time a
run takes, or as soon as the service has accepted a take, over and over; films that come to their end are followed by the
next one. A take whose answer was lost to a kill is ambiguous where the service cannot be asked: then this script does what
its user would, looks at the sandbox's list of tasks, and adopts the task if it is there or lets it be submitted again if it
is not. --harm full-disk (needs root, for a tmpfs) and --harm locked do not kill, but fill the disk that the ledger is on, or
lock the ledger, for a while, over and over.

usage: kills.py [--longtake PROGRAM] [--kills N] [--harm kill|full-disk|locked] [--seed S] [PROVIDER...]
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROVIDERS = ["kling", "newapi", "dmxapi", "wavespeed", "302ai"]
ID_PREFIX = {"newapi": "task_", "302ai": "kling_"}  # how these services spell the ids of their tasks
SECONDS = {"cup": 5, "cat": 5, "launch": 10}


def board(folder, number, provider):
    photos = ROOT / "tests/data/photos"
    shots = [
        {"id": "cup", "image": str(photos / "coffee.png")},
        {"id": "cat", "image": str(photos / "chelsea.png"), "end_image": str(photos / "coffee.png")},
        {"id": "launch", "image": str(photos / "rocket.jpg"), "continue": "last-frame"},
    ]
    for shot in shots:
        shot |= {"prompt": f"{shot['id']} of film {number}", "seconds": SECONDS[shot["id"]]}
    if provider in ("kling", "dmxapi"):  # they extend as well
        shots.append({"id": "long", "image": str(photos / "coffee.png"), "prompt": f"long {number}", "seconds": 9,
                      "continue": "extend"})
    film = {
        "schema": "longtake/storyboard/1", "title": f"film {number}", "provider": provider, "size": "320x180",
        "fps": 24, "defaults": {"model": "kling-v1-6", "mode": "pro", "transition": {"type": "cut"}},
        "shots": shots, "deliver": ["preview/360p"],
    }
    file = folder / f"film{number}.json"
    while True:
        try:
            file.write_text(json.dumps(film))
            break
        except OSError:  # the disk is full just now
            time.sleep(0.1)
    return file, sum(shot["seconds"] for shot in shots) * 24


class Sandbox:
    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "sandbox", "--json", "--size", "160x90", "--queue-time", "0.05", "--take-time", "0.2",
             "--fault", "slow-submit:every/4"],  # a wide window between accepting and writing down
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        hello = json.loads(self.process.stdout.readline())
        self.url = hello["url"]
        self.environment = hello["environment"]

    def state(self):
        with urllib.request.urlopen(self.url + "sandbox/state") as reply:
            return json.load(reply)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.communicate()  # it says at the end all that happened


def full_disk(folder, chance, over):
    """Fills the disk for a while, from time to time, until it is over; the number of times."""
    filler = folder / "filler"
    times = 0
    while not over.wait(chance.uniform(0.1, 1.5)):
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                times += 1
        over.wait(chance.uniform(0.2, 3))
        filler.unlink()
    return times


def locked(folder, chance, over):
    """Locks the newest ledger for a while, from time to time, once for longer than the program waits at first."""
    times = 0
    while not over.wait(chance.uniform(0.1, 1)):
        ledgers = sorted(folder.glob("*.longtake/ledger.db"), key=lambda file: file.stat().st_mtime)
        if not ledgers:
            continue
        try:
            database = sqlite3.connect(ledgers[-1], timeout=5, isolation_level=None)
            database.execute("BEGIN EXCLUSIVE")
            times += 1
            over.wait(22 if times == 3 else chance.uniform(0.2, 3))
            database.execute("ROLLBACK")
            database.close()
        except sqlite3.OperationalError:
            pass
    return times


HARMS = {"full-disk": full_disk, "locked": locked}


class Soak:
    def __init__(self, program, provider, folder, chance, harm):
        self.program, self.provider, self.folder, self.chance = program, provider, folder, chance
        self.harm = harm
        self.windows = set()  # tasks that were accepted, but not written down when the run was killed
        self.sandbox = Sandbox(program)
        self.environment = os.environ | self.sandbox.environment | {
            "LONGTAKE_POLL_SECONDS": "0.05", "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config")}
        config = {"providers": {provider: {"reconcile_seconds": 1, "daily_cap": 1000,
                                           "prices": {"kling-v1-6": {"pro": 0.098}}}}}
        (folder / "config/longtake").mkdir(parents=True)
        (folder / "config/longtake/config.json").write_text(json.dumps(config))
        self.kills = self.films = self.planned = self.adopted = self.resubmitted = 0

    def run(self, film, *more, kill_after=None):
        """The exit status, None if it was killed, and what it said. `kill_after`: seconds, or "accepted"."""
        process = subprocess.Popen(
            [self.program, "run", film, "--yes", "-y", "-j", "4", "-o", self.folder / "out", *more],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if kill_after == "accepted":
            self.wait_for_acceptance(process)
            kill_after = 0
        try:
            out, err = process.communicate(timeout=kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.note_windows(film)
            return None, ""
        return process.returncode, out + err

    def wait_for_acceptance(self, process):
        before = len(self.sandbox.state()["bills"])
        while process.poll() is None and len(self.sandbox.state()["bills"]) == before:
            time.sleep(0.01)

    def lost_tasks(self, film):
        """Of a film, by prompt: ids of tasks that the ledger does not know."""
        ledger = film.with_suffix(".longtake") / "ledger.db"
        jobs = set()
        if ledger.exists():
            with sqlite3.connect(ledger) as database:
                made = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'takes'").fetchone()[0]
                if made:  # it may have been killed while it made the file
                    jobs = {row[0].split("/")[-1] for row in database.execute("SELECT job FROM takes")}
        prefix = ID_PREFIX.get(self.provider, "")
        mine = film.stem.replace("film", "film ")
        return {prefix + task["id"]: task["prompt"] for task in self.sandbox.state()["tasks"]
                if task["prompt"].endswith(mine) and prefix + task["id"] not in jobs}

    def note_windows(self, film):
        self.windows |= set(self.lost_tasks(film))

    def takes(self, film):
        out = subprocess.run([self.program, "plan", "--json", film], env=self.environment, capture_output=True, text=True)
        return len(json.loads(out.stdout.splitlines()[-1])["takes"])

    def settle(self, film, said):
        """What the user of an ambiguous take does: --adopt what the service has, --resubmit what it has not."""
        status = subprocess.run([self.program, "status", "--json", film], capture_output=True, text=True, check=True)
        takes = json.loads(status.stdout.splitlines()[-1])["takes"]
        known = {take.get("job", "").split("/")[-1] for take in takes}
        prefix = ID_PREFIX.get(self.provider, "")
        more = []
        for shot in sorted(set(re.findall(r"--resubmit ([\w+]+)", said))):
            prompt = f"{shot.split('+')[0]} of {film.stem.replace('film', 'film ')}"
            lost = [prefix + task["id"] for task in self.sandbox.state()["tasks"]
                    if prompt == task["prompt"] and prefix + task["id"] not in known]
            if lost:
                more += ["--adopt", f"{shot}={lost[0]}"]
                self.adopted += 1
            else:
                more += ["--resubmit", shot]
                self.resubmitted += 1
        return more

    def one_film(self, wanted, length):
        film, frames = board(self.folder, self.films, self.provider)
        self.planned += self.takes(film)
        more = []
        while True:
            kill_after = None
            if not self.harm and self.kills < wanted:
                aimed = self.chance.random() < 0.5
                kill_after = "accepted" if aimed else length * self.chance.uniform(0.02, 0.9)
            code, said = self.run(film, *more, kill_after=kill_after)
            more = []
            if code is None:
                self.kills += 1
            elif code == 0:
                break
            elif "--resubmit" in said:
                more = self.settle(film, said)
            elif adopted := re.findall(r"--adopt (\S+=[^\s`]+)", said):  # the answer came, and could not be written down
                more = [word for task in adopted for word in ("--adopt", task)]
            elif code == 2 and more:  # looked at again, it was written down after all
                more = []
            elif code != 7 and not (self.harm and code in (1, 5, 8)):
                sys.exit(f"{self.provider}: exit {code}\n{said}")
        output = self.folder / "out" / f"film-{self.films}-preview-360p.mp4"
        probe = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                                "stream=nb_read_frames", "-of", "csv=p=0", output], capture_output=True, text=True)
        if int(probe.stdout) != frames:
            sys.exit(f"{self.provider}: film {self.films} has {probe.stdout} frames, not {frames}")
        self.films += 1

    def suffer(self, wanted):
        """Films while the harm is done, until it was done often enough."""
        over = threading.Event()
        done = []
        thread = threading.Thread(target=lambda: done.append(HARMS[self.harm](self.folder, self.chance, over)))
        thread.start()
        begun = time.monotonic()
        while time.monotonic() - begun < wanted * 1.5:
            self.one_film(0, 0)
            shutil.rmtree(self.folder / f"film{self.films - 1}.longtake")  # a small disk holds few films
            shutil.rmtree(self.folder / "out")
        over.set()
        thread.join()
        self.harms = done[0]

    def go(self, wanted):
        begun = time.monotonic()
        self.one_film(0, 0)
        length = time.monotonic() - begun
        if self.harm:
            self.suffer(wanted)
        else:
            while self.kills < wanted:
                self.one_film(wanted, length)
        state = self.sandbox.state()
        right = len(state["bills"]) == self.planned and not state["leaks"]
        what = f"{self.kills} kills, {len(self.windows)} between accepting and writing down"
        what = f"{self.harms} times {self.harm}" if self.harm else what
        print(f"{self.provider:<10} {what}, {self.films} films whole, {self.planned} takes planned, "
              f"{len(state['bills'])} billed, {self.adopted} adopted, {self.resubmitted} sent again after a look; "
              f"{'once each' if right else 'WRONG'}", flush=True)
        return right


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--kills", type=int, default=40, help="of each provider")
    parser.add_argument("--harm", choices=["kill", "full-disk", "locked"], default="kill")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("providers", nargs="*", default=PROVIDERS)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    right = True
    for provider in options.providers or PROVIDERS:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-kills-"))
        harm = None if options.harm == "kill" else options.harm
        if harm == "full-disk":
            subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder], check=True)
        try:
            soak = Soak(options.longtake, provider, folder, chance, harm)
            try:
                right &= soak.go(options.kills)
            finally:
                soak.sandbox.end()
        finally:
            if harm == "full-disk":
                subprocess.run(["umount", folder], check=True)
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
