#!/usr/bin/env python3
"""What workers over one PostgreSQL ledger and one store come to: two against one, takeover, memory, and the ledger alone.

Two workers of one film at a time, each on a core of its own, against one: rows a second, in rounds of both one after the
other; the database and whatever else the machine does share their cores, so the rows for each core-second that these left to
the workers are compared as well, which is the ratio of a machine that does nothing else. Takeover: one of two workers is killed (SIGKILL) with its one row, and the other has
it. Memory: the most that a supervisor had. The ledger alone: `longtake_ledger_bench`, if it is built (-DLONGTAKE_BENCH=ON).

usage: fleet.py [--longtake PROGRAM] [--rows N] [--rounds N] [--kills N] [--waiting N]
"""
import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/soak"))
import postgres  # noqa: E402

CORES = sorted(os.sched_getaffinity(0))[:2]
TICK = os.sysconf("SC_CLK_TCK")


def busy_seconds(cores):
    """What some cores have worked, or had taken by the host; without waiting for disks."""
    seconds = 0
    for line in pathlib.Path("/proc/stat").read_text().split("\n"):
        words = line.split()
        if words and words[0] in [f"cpu{core}" for core in cores]:
            user, nice, system, _, _, interrupt, soft, steal = map(int, words[1:9])
            seconds += (user + nice + system + interrupt + soft + steal) / TICK
    return seconds


def own_seconds():
    spent = os.times()  # of children that have ended
    return spent.children_user + spent.children_system


class Fleet:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.server = postgres.Server(folder)
        self.store = folder / "store"
        self.places = [option for pair in (("--ledger", self.server.url()), ("--store", self.store)) for option in pair]
        self.most_memory = 0  # kB of a supervisor, shared pages included

    def environment(self, home):
        return os.environ | {f"XDG_{name}_HOME": str(self.folder / home / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}

    def queue(self, storyboard, rows, name, environment):
        (self.folder / f"{name}.json").write_text(json.dumps({
            "schema": "longtake/campaign/1", "description": "a film",
            "variables": {"line": {"type": "text", "description": "what it says", "max_letters": 24}}, "storyboard": storyboard}))
        (self.folder / f"{name}.csv").write_text("name,line\n" + "".join(f"{name}{i},{name} {i}\n" for i in range(rows)))
        done = subprocess.run([self.options.longtake, "batch", self.folder / f"{name}.csv", "-s", self.folder / f"{name}.json", "-o",
                               self.folder / name, "-p", "preview/360p", "--no-poster", "--yes", "--no-work", *self.places],
                              env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stderr)

    def worker(self, home, core, environment={}):
        """With caches of its own, as on another machine."""
        return subprocess.Popen(["taskset", "-c", str(core), self.options.longtake, "worker", "-j", "1", "--until-done", "-q",
                                 *self.places], env=self.environment(home) | environment, stdout=subprocess.DEVNULL)

    def watch(self, workers):
        """Until all have ended, looks at their memory."""
        while any(worker.poll() is None for worker in workers):
            for worker in workers:
                try:
                    lines = pathlib.Path(f"/proc/{worker.pid}/status").read_text().split("\n")
                except OSError:
                    continue
                self.most_memory = max([self.most_memory, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))])
            time.sleep(0.05)

    def rows_per_second(self, workers, name):
        """Also for each core-second that was left to the workers, and the share of their cores that others had."""
        card = {"schema": "longtake/storyboard/1", "title": "${line}", "size": "640x360", "fps": 24, "provider": "local",
                "shots": [{"id": "line", "card": {"text": "${line}", "background": "#204060"}, "seconds": 8}]}
        self.server.ask("DELETE FROM batch_rows")  # what other measurements have left
        self.queue(card, self.options.rows, name, self.environment(name))
        busy, own, began, started = busy_seconds(CORES[:workers]), own_seconds(), time.monotonic(), []
        try:
            for i in range(workers):
                started.append(self.worker(f"{name}-{i}", CORES[i]))
            self.watch(started)
        finally:
            for worker in started:
                worker.kill()
                worker.wait()
        seconds = time.monotonic() - began
        others = busy_seconds(CORES[:workers]) - busy - (own_seconds() - own)
        done = self.server.ask(f"SELECT count(*) FROM batch_rows WHERE state = 'done' AND name LIKE '{name}%'")
        if done != [[str(self.options.rows)]]:
            sys.exit(f"{name}: {done} rows are done")
        return self.options.rows / seconds, self.options.rows / (workers * seconds - others), others / (workers * seconds)

    def two_against_one(self):
        ratios, left, ones = [], [], []
        for number in range(self.options.rounds):
            one, of_left, others = self.rows_per_second(1, f"one{number}x")
            two, of_left_by_two, others_of_two = self.rows_per_second(2, f"two{number}x")
            ones.append(one)
            ratios.append(two / one)
            left.append(2 * of_left_by_two / of_left)
            print(f"  {one:.2f} rows/s by one (others had {others:.0%}), {two:.2f} by two ({others_of_two:.0%}): {ratios[-1]:.2f}, "
                  f"of what was left {left[-1]:.2f}", flush=True)
        print(f"two workers of one core each: {statistics.median(ratios):.2f} times the rows of one ({statistics.median(ones):.2f} rows/s), "
              f"{statistics.median(left):.2f} of what others left of their cores")
        print(f"a supervisor had {self.most_memory / 1024:.1f} MB at most")

    def takeovers(self):
        sandbox = subprocess.Popen([self.options.longtake, "sandbox", "--json", "--size", "160x90", "--take-time", "600"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        workers = []
        try:
            environment = json.loads(sandbox.stdout.readline())["environment"]
            board = {"schema": "longtake/storyboard/1", "title": "${line}", "size": "160x90", "fps": 24, "provider": "kling",
                     "shots": [{"id": "a", "image": str(ROOT / "tests/data/photos/rocket.jpg"), "prompt": "${line}", "seconds": 5}]}
            self.queue(board, 1, "long", self.environment("long") | environment)
            workers = [self.worker(f"long-{i}", CORES[i], environment) for i in range(2)]
            times = []
            for _ in range(self.options.kills):
                time.sleep(1.5)  # the other one sleeps
                name, owner, worker = self.server.ask("SELECT name, owner, worker FROM batch_rows WHERE state = 'work'")[0]
                whose = next(i for i in range(2) if int(worker.split(":")[1]) in postgres.descendants(workers[i].pid))
                postgres.kill_all(workers[whose].pid)
                killed = time.monotonic()
                while self.server.ask("SELECT owner FROM batch_rows WHERE state = 'work'")[0][0] == owner:
                    pass
                times.append(time.monotonic() - killed)
                workers[whose].wait()
                workers[whose] = self.worker(f"long-{whose}", CORES[whose], environment)
            print(f"killed with its row: the other worker has it after {statistics.median(times):.2f} s, {max(times):.2f} at most "
                  f"({len(times)} times)")
        finally:
            for worker in workers:
                postgres.kill_all(worker.pid)
                worker.wait()
            sandbox.terminate()
            sandbox.communicate()

    def ledger_alone(self):
        bench = pathlib.Path(self.options.longtake).parent / "longtake_ledger_bench"
        if not bench.exists():
            print(f"{bench} is not built")
            return
        said = subprocess.run([bench, self.server.url(), self.store, "4000", str(self.options.waiting)], capture_output=True,
                              text=True, check=True)
        result = json.loads(said.stdout)
        for what in ("claim_and_finish", "intend"):
            for each in result[what]:
                print(f"{what} by {each['sessions']} sessions: {each['per_second']:.0f}/s, median {each['median_ms']:.1f} ms, "
                      f"p99 {each['p99_ms']:.1f}")
        print(f"a session: {result['session']['median_ms']:.1f} ms")
        for each in result["store"]:
            print(f"store, {each['bytes']} bytes: put {each['put']['median_ms']:.1f} ms, get {each['get']['median_ms']:.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=os.path.abspath, default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--waiting", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends what it began
    os.chdir("/")  # where the server's user may go, too
    folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-bench-", dir="/tmp"))
    folder.chmod(0o755)
    fleet = Fleet(options, folder)
    try:
        fleet.takeovers()
        fleet.ledger_alone()
        fleet.two_against_one()
    finally:
        fleet.server.end()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
