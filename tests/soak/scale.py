#!/usr/bin/env python3
"""Many workers over one PostgreSQL ledger and one store, in a hostile world; then counts.

A sandbox bills every submit that it accepts and loses some of its answers. Workers, each a "machine" with a copy of its own,
are killed with all their processes (SIGKILL) at random instants and begun again; the database server is ended at once and
begun again; every second machine can be a CPU that prepares other bytes. In the end
every row is done, what was billed is what was planned and what was reserved, no take was made twice, and the account never
had more takes under way than it has places. With --cap-half nothing is paid beyond half the plan, to the cent.

usage: scale.py [--longtake PROGRAM] [--rows N] [--workers N] [--kills N] [--restarts N] [--places N] [--cap-half]
                [--other-cpu] [--store s3://...] [--seed S] [--keep]
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from kills import Sandbox as PlainSandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
PHOTOS = ROOT / "tests/data/photos"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def as_server(*words):
    """initdb and postgres refuse root."""
    prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, words)]


class Server:
    """A PostgreSQL server of our own."""

    def __init__(self, folder, listen):
        self.bin = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        self.folder = folder / "postgres"
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.port = free_port()
        self.listen = listen
        subprocess.run(as_server(self.bin / "initdb", "-D", self.folder / "data", "-U", "longtake", "-A", "trust", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL)
        with open(self.folder / "data/pg_hba.conf", "a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        self.start()
        subprocess.run(as_server(self.bin / "createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "longtake", "films"), check=True)

    def start(self):
        subprocess.run(as_server(self.bin / "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "start", "-o",
                                 f"-k '{self.folder}' -p {self.port} -c listen_addresses='{self.listen}' -c max_connections=100"),
                       check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        subprocess.run(as_server(self.bin / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"),
                       stdout=subprocess.DEVNULL)

    def url(self, host="127.0.0.1"):
        return f"postgresql://longtake@{host}:{self.port}/films"

    def ask(self, sql):
        said = subprocess.run([self.bin / "psql", "-qtAX", "-F", "|", self.url(), "-c", "SET search_path=longtake", "-c", sql],
                              capture_output=True, text=True, check=True)
        return [line.split("|") for line in said.stdout.split("\n") if line]


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


def descendants(pid):
    """A process and all below it."""
    found = [pid]
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        if parent == pid:
            found += descendants(int(entry.name))
    return found


class Machine:
    """A worker, its own cache, and how it is reached."""

    def __init__(self, number, options, folder, environment, ledger, store):
        self.number = number
        self.options = options
        self.folder = folder / f"machine{number}"
        self.folder.mkdir()
        self.environment = environment | {"XDG_CACHE_HOME": str(self.folder / "cache"), "XDG_STATE_HOME": str(self.folder / "state")}
        if options.other_cpu and number % 2:
            self.environment["OPENCV_CPU_DISABLE"] = "AVX2,FMA3"
        self.command = [options.longtake, "worker", "--ledger", ledger, "--store", store, "-j", "2", "--until-done", "--stall", "1"]
        self.killed = 0
        self.begin()

    def begin(self):
        log = open(self.folder / "log.txt", "a")
        self.process = subprocess.Popen(self.command, env=self.environment, stdout=log, stderr=log)

    def kill(self):
        for pid in descendants(self.process.pid):  # the supervisor first: what dies by our hand is no crash of its row
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.killed += 1

    def over(self):
        return self.process.poll() is not None


def hostile(options, machines, server, chance):
    """Kills and restarts, spread over the run, until every worker has ended by itself."""
    kills, restarts = options.kills, options.restarts
    while True:
        time.sleep(chance.uniform(0.2, 0.8) if kills else 0.2)
        if all(machine.over() for machine in machines):
            states = dict(server.ask("SELECT state, count(*) FROM batch_rows GROUP BY 1"))
            if not kills or set(states) <= {"done", "failed"}:
                return
        if kills:
            machine = chance.choice(machines)
            if not machine.over():
                machine.kill()
                kills -= 1
        if restarts and kills <= options.kills * restarts // (options.restarts + 1):
            server.stop()
            time.sleep(chance.uniform(0.2, 2))
            server.start()
            restarts -= 1
        for machine in machines:
            if machine.over():
                machine.begin()


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
          f"billed {billed}, reserved {reserved}, planned {plan}; a row was begun {claims[0]} times at most, {claims[1]} crashes")
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
    server = Server(folder, "127.0.0.1")
    sandbox = Sandbox(options.longtake, options.places)
    machines = []
    try:
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
        machines = [Machine(i, options, folder, environment, server.url(), store) for i in range(options.workers)]
        hostile(options, machines, server, chance)
        wrong = count(options, server, sandbox, began, plan)
        if not options.cap_half:
            subprocess.run([*batch], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wrong += look_at_films(folder, options.rows, frames)
        print(f"{sum(machine.killed for machine in machines)} machines killed, {options.restarts} server restarts")
        return wrong
    finally:
        for machine in machines:
            if not machine.over():
                machine.kill()
        sandbox.end()
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=os.path.abspath, default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--rows", type=int, default=40)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--restarts", type=int, default=1)
    parser.add_argument("--places", type=int, default=6)
    parser.add_argument("--cap-half", action="store_true")
    parser.add_argument("--other-cpu", action="store_true")
    parser.add_argument("--store")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
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
