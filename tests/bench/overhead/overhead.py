#!/usr/bin/env python3
"""Overhead of the program per paid take, measured up to the last take (the film's own encoding comes after it)."""
import argparse
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_megabytes(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--longtake", default=str(ROOT / "build/release/longtake"))
    parser.add_argument("--shots", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--take-time", type=float, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="longtake-overhead-") as name:
        folder = pathlib.Path(name)
        sandbox = subprocess.Popen(
            [options.longtake, "sandbox", "--json", "--size", "64x36", "--queue-time", "0", "--take-time",
             str(options.take_time), "--slots", str(options.jobs)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        hello = json.loads(sandbox.stdout.readline())
        shots = [{"id": f"s{i}", "image": str(ROOT / "tests/data/photos/coffee.png"), "prompt": f"shot {i}", "seconds": 5,
                  "transition": {"type": "cut"}} for i in range(options.shots)]
        (folder / "many.json").write_text(json.dumps(
            {"schema": "longtake/storyboard/1", "provider": "kling", "size": "64x36", "fps": 24, "shots": shots,
             "deliver": ["preview/360p"]}))
        environment = os.environ | hello["environment"] | {
            "LONGTAKE_POLL_SECONDS": "0.1", "XDG_STATE_HOME": name, "XDG_CONFIG_HOME": name}
        begun = time.monotonic()
        run = subprocess.Popen([options.longtake, "run", folder / "many.json", "--yes", "--json", "--no-report", "--jobs",
                                str(options.jobs), "-o", folder / "out"],
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        done = 0
        first = cpu_before = None
        for line in run.stdout:
            event = json.loads(line)
            if event.get("stage") == "generate" and event["event"] == "finished":
                done += 1
            if event.get("stage") == "prepare" and event["event"] in ("finished", "reused"):
                first, cpu_before = time.monotonic(), cpu_seconds(run.pid)
            if done == options.shots:
                break
        wall = time.monotonic() - first
        cpu = cpu_seconds(run.pid) - cpu_before
        memory = peak_megabytes(run.pid)
        preparing = first - begun
        run.terminate()
        run.communicate()
        sandbox.send_signal(signal.SIGINT)
        sandbox.communicate()  # it says at the end all that happened
    ideal = options.shots * options.take_time / options.jobs
    print(f"{done} takes, {options.jobs} at once, {options.take_time:g} s each on the server: {wall:.1f} s, {ideal:.1f} s of "
          f"them the server's; preparing {preparing:.1f} s before")
    print(f"per take: {1000 * (wall - ideal) * options.jobs / done:.0f} ms of wall time beyond the server's own (a look every "
          f"100 ms, growing, included), {1000 * cpu / done:.1f} ms of CPU; peak memory {memory:.0f} MB")


if __name__ == "__main__":
    main()
