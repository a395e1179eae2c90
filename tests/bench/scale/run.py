#!/usr/bin/env python3
"""A hundred small films: `batch -j2` alone and over a PostgreSQL ledger, beside GNU parallel with `longtake run`.

CPU is all processes' of one way, user and system, the database's included; both as ratios to GNU parallel's in the same
round. The same is done with `longtake run` of one film, to say what a row costs beyond its film.

usage: run.py [--longtake PROGRAM] [--rows N] [--rounds N]
"""
import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/soak"))
from postgres import Server  # noqa: E402


def campaign(folder):
    (folder / "card.json").write_text(json.dumps({
        "schema": "longtake/campaign/1", "description": "a card",
        "variables": {"line": {"type": "text", "description": "what it says", "max_letters": 24}},
        "storyboard": {"schema": "longtake/storyboard/1", "title": "${line}", "size": "160x90", "fps": 24, "provider": "local",
                       "shots": [{"id": "line", "card": {"text": "${line}", "background": "#204060"}, "seconds": 1}]}}))


def server_cpu(server):
    """Seconds of all processes of a PostgreSQL server; of those that have ended, as the postmaster counts them."""
    main = int((server.folder / "data/postmaster.pid").read_text().split()[0])
    ticks = 0
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split() if entry.name.isdigit() else None
        except OSError:
            continue
        if fields and int(entry.name) == main:
            ticks += sum(int(field) for field in fields[11:15])
        elif fields and int(fields[1]) == main:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def timed(command, environment, server=None):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    at_server = server_cpu(server) if server else 0
    began = time.monotonic()
    done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu + (server_cpu(server) - at_server if server else 0), wall


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--longtake", type=os.path.abspath, default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--rows", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.chdir("/")  # where the server's user may go, too
    folder = pathlib.Path(tempfile.mkdtemp(prefix="longtake-bench-", dir="/tmp"))
    folder.chmod(0o755)
    server = Server(folder, "127.0.0.1")
    campaign(folder)
    (folder / "rows.csv").write_text("name,line\n" + "".join(f"row{i},Line {i}\n" for i in range(options.rows)))
    (folder / "list.txt").write_text("".join(f"{i}\n" for i in range(options.rows)))
    ratios = {"batch": ([], []), "ledger": ([], [])}
    beyond = {"parallel": [], "batch": [], "ledger": []}
    try:
        for number in range(options.rounds):
            place = folder / f"round{number}"
            place.mkdir()
            environment = os.environ | {f"XDG_{name}_HOME": str(place / name.lower()) for name in ("CACHE", "STATE", "CONFIG")}
            batch = [options.longtake, "batch", folder / "rows.csv", "-s", folder / "card.json", "-p", "preview/360p", "-j", "2",
                     "--no-poster", "-q"]
            run = f"{options.longtake} run {folder}/card.json -p preview/360p --set 'line=Line {{}}' -o {place}/p/{{}} " \
                  f"--workdir {place}/w/{{}} -q --no-report"
            (place / "p").mkdir()
            (place / "w").mkdir()
            # one film in one process again and again: what there is to do at all
            film = timed(["bash", "-c", f"for i in 0 1 2 3 4; do {run.replace('{}', 'alone$i')}; done"], environment)[0] / 5
            ways = {
                "parallel": timed(["parallel", "-j2", "-a", folder / "list.txt", run], environment),
                "batch": timed([*batch, "-o", place / "batch"], environment),
                "ledger": timed([*batch, "-o", place / "fleet", "--ledger", server.url(), "--store", place / "store"], environment,
                                server),
            }
            for name, (cpu, wall) in ways.items():
                beyond[name].append(1000 * (cpu / options.rows - film))
                if name in ratios:
                    ratios[name][0].append(cpu / ways["parallel"][0])
                    ratios[name][1].append(wall / ways["parallel"][1])
        for name, (cpu, wall) in ratios.items():
            print(f"{options.rows} rows by {name}: CPU {statistics.median(cpu):.3f} of GNU parallel's, wall {statistics.median(wall):.3f}")
        print("CPU of a row beyond one `longtake run` of its film, ms: " +
              ", ".join(f"{name} {statistics.median(each):+.1f}" for name, each in beyond.items()))
    finally:
        server.stop()
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
