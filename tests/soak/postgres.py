"""A PostgreSQL server of a test's own, with a synchronous standby where one is asked for."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time


def programs():
    """The folder of PostgreSQL's server programs; None where they are not installed."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: float(file.parts[-3]))
    return found[-1].parent if found else None


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def as_server(*words):
    """initdb and postgres refuse root."""
    prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return [*prefix, *map(str, words)]


def descendants(pid):
    """A process and all below it, itself first."""
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


def kill_all(pid):
    """SIGKILL for a process and all below it, the one above all others first."""
    for each in descendants(pid):
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Server:
    def __init__(self, folder, listen="127.0.0.1"):
        self.bin = programs()
        self.folder = folder / "postgres"
        self.folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self.listen = listen
        self.data = self.folder / "data"
        self.ports = [free_port()]
        self.port = self.ports[0]
        self.standby = None
        subprocess.run(as_server(self.bin / "initdb", "-D", self.data, "-U", "longtake", "-A", "trust", "--no-sync"),
                       check=True, stdout=subprocess.DEVNULL)
        with open(self.data / "pg_hba.conf", "a") as rules:
            rules.write("host all all 10.0.0.0/8 trust\n")
        self.start()
        subprocess.run(as_server(self.bin / "createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "longtake", "films"), check=True)

    def pg_ctl(self, *words, data=None):
        subprocess.run(as_server(self.bin / "pg_ctl", "-D", data or self.data, *words), check=True, stdout=subprocess.DEVNULL)

    def start(self, data=None, port=None):
        self.pg_ctl("-l", self.folder / "log", "-w", "-t", 120, "start", "-o",
                    f"-k '{self.folder}' -p {port or self.port} -c listen_addresses='{self.listen}' -c max_connections=100",
                    data=data)

    def stop(self):
        """At once, as a crash: the next start recovers."""
        self.pg_ctl("-m", "immediate", "stop")

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def add_standby(self):
        """A second server that has every commit before whoever made it is told so."""
        port = free_port()
        data = self.folder / "standby"
        subprocess.run(as_server(self.bin / "pg_basebackup", "-D", data, "-h", "127.0.0.1", "-p", self.port, "-U", "longtake",
                                 "-R", "-c", "fast", "--no-sync"), check=True)
        self.start(data, port)
        self.standby = (data, port)
        self.ports.append(port)
        # Not before the copy, which would inherit it: once promoted it would wait for a standby of its own at every commit.
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask("SELECT pg_reload_conf()")
        while self.ask("SELECT sync_state FROM pg_stat_replication") != [["sync"]]:
            time.sleep(0.1)

    def fail_over(self):
        """Kills the primary with all its processes, and promotes the standby."""
        lines = (self.data / "postmaster.pid").read_text().split("\n")
        kill_all(int(lines[0]))
        subprocess.run(["ipcrm", "-m", lines[6].split()[1]])  # what a killed postmaster leaves behind in the kernel
        (self.data, self.port), self.standby = self.standby, None
        self.pg_ctl("-w", "promote")

    def end(self):
        self.stop()
        if self.standby:
            self.pg_ctl("-m", "immediate", "stop", data=self.standby[0])

    def url(self, host="127.0.0.1"):
        hosts = ",".join(f"{host}:{port}" for port in self.ports)
        return f"postgresql://longtake@{hosts}/films?target_session_attrs=read-write"

    def ask(self, sql):
        said = subprocess.run([self.bin / "psql", "-qtAX", "-F", "|", self.url(), "-c", "SET search_path=longtake", "-c", sql],
                              capture_output=True, text=True, check=True)
        return [line.split("|") for line in said.stdout.split("\n") if line]
