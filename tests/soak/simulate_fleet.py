#!/usr/bin/env python3
"""A million films by 1 to 1,000 workers, simulated: what is exhausted first, and what that costs.

Discrete events. A film is claimed, fetches its inputs, asks for its takes all at once, encodes when they are there, ships and
is finished. It queues, first come, first served, for:
  ledger    flushes of the database's log
  account   intents, one after the other: each locks the row of the account that has the places
  places    takes that the account may have under way
  store     its bandwidth, one file after the other
  cores     of its own worker
What each takes is measured (`tests/bench/scale/fleet.py`, this script's --check) or assumed: see Costs.

--check holds the model against the program: sandbox, PostgreSQL and workers here, predicted and measured rows a second.

usage: simulate_fleet.py [--rows N] [--plot FILE] [--check] [--longtake PROGRAM]
"""
import argparse
import dataclasses
import heapq
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Costs:
    """Of a film of three takes of five seconds; seconds, bytes and USD."""
    flush: float = 1 / 2000  # measured: 1,000 rows/s claimed and finished by 16 sessions, two flushes each
    intend: float = 1 / 310  # measured: 310 intents/s of one account by 16 sessions
    flushes: int = 7  # measured by --check: of a film, beside four of each take
    apart: float = 0.4  # measured by --check on a busy machine: what is neither the service's nor encoding
    takes: int = 3
    service: float = 120  # assumed: from submit to footage
    service_spread: float = 0.25  # assumed: standard deviation, as a share of it
    bandwidth: float = 500e6  # measured for 10 MB and a local folder; a network of 5 Gbit/s has as much
    inputs: float = 3e6  # assumed: three pictures
    footage: float = 10e6  # assumed: a take
    film: float = 25e6  # assumed
    encode: float = 60  # assumed: core-seconds, 15 s of 1080p in one preset
    take_usd: float = 0.28  # presets/models: kling-v1-6, std, 5 s
    core_hour_usd: float = 0.04  # assumed: a rented core


class Station:
    """Servers that are taken first come, first served."""

    def __init__(self, servers):
        self.free = [0.0] * servers
        self.busy = 0.0

    def use(self, now, seconds):
        """When the work that arrives now is done. Arrivals have to come in the order of time."""
        self.busy += seconds
        end = max(now, self.free[0]) + seconds
        heapq.heapreplace(self.free, end)
        return end

    def load(self, until):
        return self.busy / (until * len(self.free))


class Fleet:
    """`cores` are of each worker, which makes as many films at once as `films`; `shared`: all workers have the same ones."""

    def __init__(self, costs, workers, places, cores, films, shared=False, seed=1):
        self.costs = costs
        self.chance = random.Random(seed)
        self.films = films
        self.workers = workers
        self.stations = {"ledger": Station(1), "account": Station(1), "store": Station(1), "places": Station(places)}
        self.cores = [Station(cores)] * workers if shared else [Station(cores) for _ in range(workers)]
        self.shared = shared

    def run(self, rows):
        """Seconds until all rows are done."""
        costs = self.costs
        ledger, account, store, places = self.stations.values()
        gauss = self.chance.gauss
        begin, ask, generated, encode, ship = range(5)
        # time, which film of all at once, step; a film that ended begins the next row
        events = [(0.0, film, begin) for film in range(min(self.workers * self.films, rows))]
        missing = [0] * len(events)
        left = rows - len(events)
        last = 0.0
        # half of the flushes before the takes, half after them
        early, late = costs.flush * (costs.flushes // 2), costs.flush * (costs.flushes - costs.flushes // 2)
        while events:
            now, film, step = heapq.heappop(events)
            if step == begin:
                fetched = store.use(ledger.use(now, early), costs.inputs / costs.bandwidth)
                heapq.heappush(events, (fetched + costs.apart, film, ask))
            elif step == ask:
                missing[film] = costs.takes
                for _ in range(costs.takes):
                    intended = account.use(ledger.use(now, costs.flush), costs.intend)
                    latency = max(gauss(costs.service, costs.service * costs.service_spread), costs.service / 4)
                    heapq.heappush(events, (places.use(intended, latency), film, generated))
            elif step == generated:
                kept = store.use(ledger.use(now, 3 * costs.flush), costs.footage / costs.bandwidth)
                missing[film] -= 1
                if missing[film] == 0:
                    heapq.heappush(events, (kept, film, encode))
            elif step == encode:
                heapq.heappush(events, (self.cores[film // self.films].use(now, costs.encode), film, ship))
            else:
                last = ledger.use(store.use(now, costs.film / costs.bandwidth), late)
                if left:
                    left -= 1
                    heapq.heappush(events, (last, film, begin))
        return last

    def loads(self, until):
        """Share of the time that each station was at work."""
        cores = self.cores[:1] if self.shared else self.cores
        return {name: station.load(until) for name, station in self.stations.items()} | {
            "cores": sum(core.load(until) for core in cores) / len(cores)}


def table(rows, costs, cores=4, films=12):
    """One line a fleet; rows a second by places, for the plot."""
    curves = {}
    print(f"{'workers':>7} {'places':>6} {'rows/s':>8} {'days':>7} {'sessions':>8} {'fullest':>14} {'ledger':>7} {'account':>7} {'store':>6} "
          f"{'places':>6} {'cores':>6} {'core hours':>20} {'USD cores':>10}")
    for places in (5, 100, 1000, 20000):
        for workers in (1, 10, 100, 1000):
            fleet = Fleet(costs, workers, places, cores, films)
            seconds = fleet.run(rows)
            loads = fleet.loads(seconds)
            fullest = max(loads, key=loads.get)
            if loads[fullest] < 0.8:
                fullest = "films at once"  # they wait for the service
            hired = workers * cores * seconds / 3600
            curves.setdefault(places, []).append((workers, rows / seconds))
            print(f"{workers:7} {places:6} {rows / seconds:8.3f} {seconds / 86400:7.1f} {workers * (films + 1):8} {fullest:>14} " +
                  " ".join(f"{loads[name]:{width}.0%}" for name, width in
                           (("ledger", 7), ("account", 7), ("store", 6), ("places", 6), ("cores", 6))) +
                  f" {rows * costs.encode / 3600:9,.0f} of {hired:,.0f} {hired * costs.core_hour_usd:10,.0f}", flush=True)
    print(f"the service: USD {rows * costs.takes * costs.take_usd:,.0f}, however many workers")
    return curves


def plot(curves, costs, file):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "longtake"  # the same file again from the same figures
    figure, axes = pyplot.subplots(figsize=(7.2, 4.2))
    for (places, curve), marker in zip(curves.items(), "osD^"):
        line, = axes.loglog(*zip(*curve), marker=marker)
        axes.text(1300, curve[-1][1], f"{places:,} places", fontsize=8, color=line.get_color(), va="center")
    for what, limit, right in (("flushes of the ledger", 1 / (costs.flush * (costs.flushes + 4 * costs.takes)), False),
                               ("intents of one account", 1 / (costs.intend * costs.takes), True),
                               ("the store's bandwidth", costs.bandwidth / (costs.inputs + costs.takes * costs.footage + costs.film),
                                False)):
        axes.hlines(limit, 1, 1000, color="0.6", linewidth=0.8, linestyle="--")
        axes.text(1000 if right else 1, limit * 1.12, what, fontsize=8, color="0.35", ha="right" if right else "left")
    axes.set_xlabel("workers (4 cores, 12 films at once each)")
    axes.set_ylabel("films a second")
    axes.set_title("A million films of three takes, simulated", fontsize=11)
    axes.set_xlim(0.8, 8000)
    axes.set_ylim(0.005, 300)
    axes.grid(True, which="major", color="0.9")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


class Real:
    """The program with a sandbox whose takes last 3 s, so that this machine's two cores are not what counts."""

    def __init__(self, longtake, folder):
        import postgres
        import scale
        self.scale = scale
        self.longtake = longtake
        self.folder = folder
        self.server = postgres.Server(folder)

    def run(self, name, rows, workers, films, places):
        """Rows a second, flushes a row and CPU seconds a row."""
        folder = self.folder / name
        folder.mkdir()
        sandbox = subprocess.Popen([self.longtake, "sandbox", "--json", "--size", "160x90", "--queue-time", "0", "--take-time",
                                    "3", "--slots", str(places)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        machines = []
        try:
            environment = os.environ | json.loads(sandbox.stdout.readline())["environment"] | {"LONGTAKE_POLL_SECONDS": "0.1"}
            environment |= {f"XDG_{each}_HOME": str(folder / each.lower()) for each in ("CONFIG", "CACHE", "STATE")}
            (folder / "config/longtake").mkdir(parents=True)
            (folder / "config/longtake/config.json").write_text(json.dumps({"providers": {"kling": {"concurrency": places}}}))
            self.scale.write_batch(folder, rows)
            # takes of its own, as what one batch has paid for another finds
            (folder / "rows.csv").write_text("name,product\n" + "".join(f"row{i},{name} {i}\n" for i in range(rows)))
            where = ["--ledger", self.server.url(), "--store", self.folder / "store"]
            subprocess.run([self.longtake, "batch", folder / "rows.csv", "-s", folder / "campaign.json", "-o", folder / "out", "-p",
                            "preview/360p", "--no-poster", "--yes", "--no-work", "-q", *where], env=environment, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
            flushes = self.flushes()
            before = os.times()
            began = time.monotonic()
            machines = [subprocess.Popen([self.longtake, "worker", "-j", str(films), "--until-done", "-q", *where],
                                         env=environment | {"XDG_CACHE_HOME": str(folder / f"cache{i}")}, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL) for i in range(workers)]
            for machine in machines:
                machine.wait()
            seconds = time.monotonic() - began
            after = os.times()
            cpu = after.children_user + after.children_system - before.children_user - before.children_system
            return rows / seconds, (self.flushes() - flushes) / rows, cpu / rows
        finally:
            for machine in machines:
                machine.kill()
            sandbox.terminate()
            sandbox.communicate()

    def flushes(self):
        time.sleep(1.5)  # sessions tell of what they did when they end, or after a second
        return int(self.server.ask("SELECT wal_sync FROM pg_stat_wal")[0][0])


def check(longtake):
    """One film at a time, and one place, say what a film and a take cost; the model says what others come to."""
    os.chdir("/")  # where the server's user may go, too
    folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-simulate-", dir="/tmp"))
    folder.chmod(0o755)
    real = Real(longtake, folder)
    try:
        speed, flushes, cpu = real.run("alone", 12, 1, 1, 8)
        place = 1 / real.run("place", 12, 1, 3, 1)[0]
        apart = max(0, 1 / speed - place - cpu)
        print(f"a film: {1 / speed:.2f} s alone, of those {place:.2f} s with a place and {cpu:.2f} s of CPU; {flushes:.1f} flushes")
        costs = Costs(takes=1, service=place, service_spread=0, inputs=1e5, footage=1e5, film=1e5, flushes=round(flushes) - 4,
                      apart=apart, encode=cpu)
        for workers, films, places, rows in ((1, 2, 8, 16), (4, 1, 8, 40), (4, 2, 16, 64), (4, 2, 3, 36)):
            model = Fleet(costs, workers, places, cores=len(os.sched_getaffinity(0)), films=films, shared=True)
            predicted = rows / model.run(rows)
            measured = real.run(f"w{workers}f{films}p{places}", rows, workers, films, places)[0]
            print(f"{workers} workers of {films}, {places} places: predicted {predicted:.2f} rows/s, measured {measured:.2f} "
                  f"({measured / predicted - 1:+.0%})", flush=True)
    finally:
        real.server.end()
        shutil.rmtree(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=os.path.abspath, default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--plot", type=os.path.abspath)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if options.check:
        sys.exit(check(options.longtake))
    costs = Costs()
    curves = table(options.rows, costs)
    if options.plot:
        plot(curves, costs, options.plot)


if __name__ == "__main__":
    main()
