#!/usr/bin/env python3
"""What viewers of `longtake watch` cost: its CPU over a real offline run with one viewer and with many.

Every viewer reads its events to the end and holds what it knows against the others'. A run is made twice, each time anew;
shown are the CPU of `watch` as a share of one core over the run, the run's own, the changes that were sent, and how late
viewers heard of the end.

usage: run.py [--longtake PROGRAM] [--viewers N] [--seconds S]
"""
import argparse
import json
import os
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[3]
PHOTOS = ROOT / "tests/data/photos"


def board(folder, seconds):
    shots = [{"id": f"shot-{i}", "image": str(PHOTOS / name), "prompt": "slow push in", "seconds": seconds / 5}
             for i, name in enumerate(("coffee.png", "chelsea.png", "rocket.jpg", "astronaut.png", "hubble_deep_field.jpg"))]
    file = folder / "film.json"
    file.write_text(json.dumps({"schema": "longtake/storyboard/1", "title": "Watched", "provider": "local", "size": "1280x720",
                                "fps": 30, "deliver": ["web/h264-720p", "preview/360p"], "shots": shots}))
    return file


class Viewer(threading.Thread):
    """Reads a stream as a browser does; cheap, as it shares the machine with what is measured."""

    def __init__(self, port, path):
        super().__init__(daemon=True)
        self.events = self.bytes = 0
        self.ended = None
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(f"GET {path}events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n".encode())

    def run(self):
        rest = b""
        while piece := self.socket.recv(1 << 16):
            self.bytes += len(piece)
            self.events += piece.count(b"event: ")
            rest += piece
            if b'"outcome"],"done"' in rest:
                self.ended = time.monotonic()
                return
            rest = rest[-64:]


def cpu(process):
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(program, viewers, seconds):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = {**os.environ, "HOME": name, "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": ""}
        film = board(folder, seconds)
        watch = subprocess.Popen([program, "watch", film], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        port, path = re.match(r"http://127\.0\.0\.1:(\d+)(\S+)", watch.stdout.readline()).groups()
        crowd = [Viewer(int(port), path) for _ in range(viewers)]
        for viewer in crowd:
            viewer.start()
        time.sleep(1)
        before, began = cpu(watch.pid), time.monotonic()
        run = subprocess.Popen([program, "run", film, "-o", folder / "out", "-q", "--no-report"], stdout=subprocess.DEVNULL, env=environment)
        _, status, used = os.wait4(run.pid, 0)
        over = time.monotonic()
        for viewer in crowd:
            viewer.join(10)
        spent = cpu(watch.pid) - before
        peak = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{watch.pid}/status").read_text()).group(1)
        watch.terminate()
        watch.wait()
        if status != 0 or any(viewer.ended is None for viewer in crowd):
            raise SystemExit(f"status {status}; {sum(viewer.ended is None for viewer in crowd)} of {viewers} did not see the end")
        wall = over - began
        print(f"{viewers:4} viewers: watch {100 * spent / wall:5.2f} % of a core over {wall:.0f} s (the run itself {(used.ru_utime + used.ru_stime):.0f} s of CPU), "
              f"{int(peak) / 1024:.0f} MB at most, {crowd[0].events} events of {crowd[0].bytes / 1e3:.0f} kB each, "
              f"the end {1000 * max(viewer.ended - over for viewer in crowd):.0f} ms after the run at the latest")


arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
arguments.add_argument("--longtake", default=ROOT / "build/release/longtake")
arguments.add_argument("--viewers", type=int, default=50)
arguments.add_argument("--seconds", type=float, default=60, help="of the film")
given = arguments.parse_args()
for number in (1, given.viewers):
    measured(given.longtake, number, given.seconds)
