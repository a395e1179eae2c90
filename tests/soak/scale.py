#!/usr/bin/env python3
"""Many workers over one PostgreSQL ledger and one store, in a hostile world; then counts.

A sandbox bills every submit that it accepts and loses some of its answers. Workers, each a "machine" with a copy of its own,
are killed with all their processes (SIGKILL) and begun again; the database server is ended at once and begun again; with
--partitions every machine is in a network namespace, and the cable of one is pulled for 20 s, while one of its films is
frozen and wakes up when the cable is back; with --failover the database has a synchronous standby, which is promoted when
the primary is killed; every second machine can be a CPU that prepares other bytes. All of that comes at random points of the
run. In the end every row is done, what was billed is what was planned and what was reserved, no take was made twice, rows of
a machine that was cut off were made by others, begun within 15 s, and the account never had more takes under way than it has
places. With --cap-half nothing is paid beyond half the plan, to the cent.

usage: scale.py [--longtake PROGRAM] [--rows N] [--workers N] [--kills N] [--restarts N] [--partitions N] [--failover]
                [--places N] [--cap-half] [--other-cpu] [--store s3://...] [--seed S] [--keep]
Ends with 77 where PostgreSQL's server programs are not installed.
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import network
import postgres
from kills import Sandbox as PlainSandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = ROOT / "tests/data/photos"


CUT_SECONDS = 20
TAKEOVER_SECONDS = 15


class Sandbox(PlainSandbox):
    def __init__(self, program, slots):
        self.process = subprocess.Popen(
            [program, "sandbox", "--json", "--size", "160x90", "--queue-time", "0.05", "--take-time", "0.3", "--slots", str(slots),
             "--fault", "drop-after-accept:every/50", "--fault", "html-before-accept:every/97"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        hello = json.loads(self.process.stdout.readline())
        self.url = hello["url"]
        self.environment = hello["environment"]


def write_batch(folder, rows):
    """Every film begins alike, and has a take and a card of its own."""
    (folder / "campaign.json").write_text(json.dumps({
        "schema": "longtake/campaign/1", "description": "a product",
        "variables": {"product": {"type": "text", "description": "its name", "max_letters": 16}},
        "storyboard": {
            "schema": "longtake/storyboard/1", "title": "${product}", "size": "160x90", "fps": 24, "provider": "kling",
            "defaults": {"model": "kling-v1-6"},
            "shots": [
                {"id": "intro", "image": str(PHOTOS / "rocket.jpg"), "prompt": "a launch", "seconds": 5},
                {"id": "product", "image": str(PHOTOS / "coffee.png"), "prompt": "${product}", "seconds": 5},
                {"id": "end", "card": {"text": "${product}", "background": "#204060"}, "seconds": 0.5},
            ]}}))
    with open(folder / "rows.csv", "w") as table:
        table.write("name,product\n" + "".join(f"row{i},Cup {i}\n" for i in range(rows)))
    return 10.5 * 24


class Machine:
    """A worker, its own cache, and how it is reached: `inside` is what runs a command in its network."""

    def __init__(self, number, options, folder, environment, ledger, store, inside):
        self.number = number
        self.log = folder / f"machine{number}.log"
        home = folder / f"machine{number}"
        self.environment = environment | {"XDG_CACHE_HOME": str(home / "cache"), "XDG_STATE_HOME": str(home / "state")}
        if options.other_cpu and number % 2:
            self.environment["OPENCV_CPU_DISABLE"] = "AVX2,FMA3"
        self.command = [*inside, options.longtake, "worker", "--ledger", ledger, "--store", store, "-j", "2", "--until-done",
                        "--stall", "1"]
        self.begin()

    def begin(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)

    def kill(self):
        postgres.kill_all(self.process.pid)  # the supervisor first: what dies by our hand is no crash of its row
        self.process.wait()

    def over(self):
        return self.process.poll() is not None


class Harm:
    """What comes over a run, each when so large a share of the rows is done or failed."""

    def __init__(self, options, server, switch, machines, chance):
        self.options = options
        self.server = server
        self.switch = switch
        self.machines = machines
        self.chance = chance
        self.takeovers = []  # seconds
        self.wrong = []
        kinds = {self.kill: options.kills, self.restart: options.restarts, self.fail_over: int(options.failover),
                 self.partition: options.partitions}
        last = 0.4 if options.cap_half else 0.8  # beyond the cap rows fail in no time
        self.due = sorted(((chance.uniform(0.02, last), kind) for kind, times in kinds.items() for _ in range(times)),
                          key=lambda event: event[0])

    def until_done(self):
        while True:
            rows = {state: int(count) for state, count in self.server.ask("SELECT state, count(*) FROM batch_rows GROUP BY 1")}
            ended = rows.get("done", 0) + rows.get("failed", 0)
            if ended == self.options.rows and all(machine.over() for machine in self.machines):
                return
            while self.due and ended >= self.due[0][0] * self.options.rows:
                self.due.pop(0)[1]()
            for machine in self.machines:
                if machine.over() and ended < self.options.rows:
                    machine.begin()
            time.sleep(self.chance.uniform(0.1, 0.3))

    def at_work(self, machine):
        """Name and owning session of the rows that a machine has, and the processes that make them."""
        pids = postgres.descendants(machine.process.pid)
        rows = self.server.ask("SELECT name, owner, worker FROM batch_rows WHERE state = 'work'")
        return {name: (owner, int(worker.rsplit(":", 1)[1])) for name, owner, worker in rows if int(worker.rsplit(":", 1)[1]) in pids}

    def somebody(self):
        """A machine that has a row."""
        for _ in range(600):
            for machine in self.chance.sample(self.machines, len(self.machines)):
                if self.at_work(machine):
                    return machine
            time.sleep(0.05)
        raise RuntimeError("no machine has had a row for 30 s")

    def kill(self):
        machine = self.chance.choice(self.machines)
        if not machine.over():
            machine.kill()
        machine.begin()

    def restart(self):
        self.server.stop()
        time.sleep(self.chance.uniform(0.2, 2))
        self.server.start()

    def fail_over(self):
        self.server.fail_over()

    def partition(self):
        rows = {}
        while not rows:  # it may end what it has at the last moment
            machine = self.somebody()
            self.switch.cut(machine.number)
            cut = time.monotonic()
            rows = self.at_work(machine)
            if not rows:
                self.switch.mend(machine.number)
        frozen = self.chance.choice([pid for _, pid in rows.values()])
        os.kill(frozen, signal.SIGSTOP)
        left = dict(rows)
        while time.monotonic() - cut < CUT_SECONDS:
            owners = dict(self.server.ask("SELECT name, owner FROM batch_rows"))
            for name, (owner, _) in list(left.items()):
                if owners[name] != owner:
                    del left[name]
                    self.takeovers.append(time.monotonic() - cut)
            time.sleep(0.05)
        self.switch.mend(machine.number)
        os.kill(frozen, signal.SIGCONT)
        self.wrong += [f"{name} of a machine that was cut off was not taken over" for name in left]
        self.look_whose(rows, machine)

    def look_whose(self, rows, machine):
        """What a machine had when it was cut off it has lost, and says so; its late writes changed nothing."""
        pids = {pid for _, pid in rows.values()}
        while pids & set(postgres.descendants(machine.process.pid)):
            time.sleep(0.1)
        said = machine.log.read_text()
        for name, worker in self.server.ask("SELECT name, worker FROM batch_rows"):
            if name in rows and int(worker.rsplit(":", 1)[1]) == rows[name][1]:
                self.wrong.append(f"{name} was written by a machine that had lost it")
            if name in rows and not re.search(rf"{name}: lost it on the way", said):
                self.wrong.append(f"machine {machine.number} does not say that it lost {name}")


def count(options, server, sandbox, began, plan):
    wrong = []
    rows = dict(server.ask("SELECT state, count(*) FROM batch_rows GROUP BY 1"))
    if options.cap_half:
        outcomes = dict(server.ask("SELECT outcome, count(*) FROM batch_rows GROUP BY 1"))
        if set(outcomes) - {"done", "budget"}:
            wrong.append(f"rows came to {outcomes}")
    elif rows != {"done": str(options.rows)}:
        wrong.append(f"rows: {rows}")
        for name, outcome, message in server.ask("SELECT name, outcome, message FROM batch_rows WHERE state <> 'done' LIMIT 5"):
            wrong.append(f"  {name}: {outcome}: {message}")
    state = sandbox.state()
    bills = state["bills"]
    billed = round(state["total"]["amount"], 6)
    reserved = int(server.ask("SELECT COALESCE(sum(micros), 0) FROM sums WHERE name LIKE 'film/%'")[0][0]) / 1e6
    takes = int(server.ask("SELECT count(*) FROM takes WHERE state = 'done' AND provider = 'kling'")[0][0])
    if abs(billed - reserved) > 1e-6:
        wrong.append(f"billed {billed}, reserved {reserved}")
    if abs(billed - plan) > 1e-6:
        wrong.append(f"billed {billed}, and the {'cap' if options.cap_half else 'plan'} is {plan}")
    if len(bills) != takes:
        wrong.append(f"{len(bills)} bills for {takes} takes")
    crowded = [refusal for refusal in state["refused"] if "1303" in json.dumps(refusal)]
    if crowded:
        wrong.append(f"{len(crowded)} submits found no place")
    claims = server.ask("SELECT max(claims), max(crashes) FROM batch_rows")[0]
    print(f"{options.rows} rows by {options.workers} workers in {time.time() - began:.0f} s: {rows}; {takes} takes, {len(bills)} bills, "
          f"billed {billed}, reserved {reserved}, {'cap' if options.cap_half else 'planned'} {plan:.2f}; "
          f"a row was begun {claims[0]} times at most, {claims[1]} crashes")
    return wrong


def look_at_films(folder, rows, frames):
    wrong = []
    for i in range(rows):
        file = folder / f"out/row{i}-preview-360p.mp4"
        said = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                               "stream=nb_read_frames", "-of", "csv=p=0", file], capture_output=True, text=True)
        if said.stdout.strip() != str(int(frames)):
            wrong.append(f"{file.name}: {said.stdout.strip() or said.stderr.strip()} frames, not {frames:.0f}")
    return wrong


def run(options, folder):
    chance = random.Random(options.seed)
    switch = network.Switch() if options.partitions else None
    server = postgres.Server(folder, "*" if switch else "127.0.0.1")
    sandbox = Sandbox(options.longtake, options.places)
    machines = []
    try:
        if options.failover:
            server.add_standby()
        frames = write_batch(folder, options.rows)
        config = folder / "config/longtake"
        config.mkdir(parents=True)
        (config / "config.json").write_text(json.dumps({"providers": {"kling": {
            "concurrency": options.places, "submit_timeout": 4, "reconcile_seconds": 1}}}))
        environment = os.environ | sandbox.environment | {
            "XDG_CONFIG_HOME": str(folder / "config"), "XDG_CACHE_HOME": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state"),
            "LONGTAKE_POLL_SECONDS": "0.1"}
        store = options.store or str(folder / "store")
        batch = [options.longtake, "batch", folder / "rows.csv", "-s", folder / "campaign.json", "-o", folder / "out",
                 "-p", "preview/360p", "--no-poster", "--ledger", server.url(), "--store", store, "--yes"]
        planned = subprocess.run([*batch, "--dry-run", "--json"], env=environment, capture_output=True, text=True, check=True)
        plan = json.loads(planned.stdout.splitlines()[-1])["cost"]["amount"]
        if options.cap_half:
            # a whole number of takes: the shared one, and half of the rows' own
            each = plan / (options.rows + 1)
            plan = round(each * (1 + options.rows // 2), 6)
        began = time.time()
        subprocess.run([*batch, "--no-work"], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if options.cap_half:  # a cap below the plan is refused as a whole: here it falls when rows are queued already
            server.ask(f"UPDATE batches SET settings = jsonb_set(settings::jsonb, '{{max_cost}}', '{plan}')::text")
        for number in range(options.workers):
            inside = switch.plug() if switch else []
            ledger = server.url(network.ADDRESS if switch else "127.0.0.1")
            machines.append(Machine(number, options, folder, environment, ledger, store, inside))
        harm = Harm(options, server, switch, machines, chance)
        harm.until_done()
        wrong = harm.wrong + count(options, server, sandbox, began, plan)
        if not options.cap_half:
            subprocess.run([*batch], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wrong += look_at_films(folder, options.rows, frames)
        print(f"{options.kills} machines killed, {options.restarts} server restarts, {int(options.failover)} failovers, "
              f"{options.partitions} cables pulled for {CUT_SECONDS} s; what those had was taken over after " +
              (", ".join(f"{seconds:.1f}" for seconds in harm.takeovers) or "no") + " s")
        if harm.due:
            wrong.append(f"{len(harm.due)} harms came too late")
        if any(seconds > TAKEOVER_SECONDS for seconds in harm.takeovers):
            wrong.append(f"a takeover took over {TAKEOVER_SECONDS} s")
        return wrong
    finally:
        for machine in machines:
            if not machine.over():
                machine.kill()
        sandbox.end()
        server.end()
        if switch:
            switch.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=os.path.abspath, default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--restarts", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=0)
    parser.add_argument("--failover", action="store_true")
    parser.add_argument("--places", type=int, default=6)
    parser.add_argument("--cap-half", action="store_true")
    parser.add_argument("--other-cpu", action="store_true")
    parser.add_argument("--store")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if not postgres.programs():
        print("PostgreSQL's server programs are not installed (Debian: postgresql)")
        sys.exit(77)
    if options.partitions:
        network.begin_again_apart()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends what it began
    os.chdir("/")  # where the server's user may go, too
    folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-scale-", dir="/tmp"))
    folder.chmod(0o755)
    wrong = run(options, folder)
    for line in wrong:
        print("WRONG:", line)
    if wrong or options.keep:
        print("kept:", folder)
    else:
        shutil.rmtree(folder)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
