"""Machines on one switch, each in a network namespace, whose cables can be pulled. Needs root.

All of it is in namespaces of this run's own, and gone with its last process: nothing of the machine's network is touched.
"""
import os
import subprocess
import sys

ADDRESS = "10.77.0.1"  # of the machine that has the database and the service
_OWN = "LONGTAKE_SOAK_NETWORK"


def begin_again_apart():
    """Runs this script again in a network of its own, unless that is where it is."""
    if os.environ.get(_OWN) != "own":
        os.environ[_OWN] = "own"
        os.execvp("unshare", ["unshare", "--net", sys.executable, *sys.argv])


def ip(*words):
    subprocess.run(["ip", *map(str, words)], check=True)


def allow_loopback_routes(device, inside=()):
    subprocess.run([*inside, "sh", "-c", f"echo 1 >/proc/sys/net/ipv4/conf/{device}/route_localnet"], check=True)


class Switch:
    """A service that listens on 127.0.0.1 alone is reached by the machines as 127.0.0.1, over their cables (route_localnet)."""

    def __init__(self):
        self.anchors = []
        ip("link", "set", "lo", "up")
        ip("link", "add", "switch", "type", "bridge")
        ip("address", "add", f"{ADDRESS}/24", "dev", "switch")
        ip("link", "set", "switch", "up")
        allow_loopback_routes("switch")

    def plug(self):
        """One more machine: the words before a command that run it there."""
        number = len(self.anchors)
        anchor = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "sh", "-c", "echo; exec sleep infinity"],
                                  stdout=subprocess.PIPE)
        anchor.stdout.readline()  # it is there
        self.anchors.append(anchor)
        inside = ["nsenter", f"--net=/proc/{anchor.pid}/ns/net"]
        ip("link", "add", f"port{number}", "type", "veth", "peer", "name", "cable", "netns", anchor.pid)
        ip("link", "set", f"port{number}", "master", "switch", "up")
        for words in (f"address add 10.77.0.{number + 10}/24 dev cable", "link set cable up", f"route add 127.0.0.1 via {ADDRESS}"):
            subprocess.run([*inside, "ip", *words.split()], check=True)
        allow_loopback_routes("cable", inside)
        return inside

    def cut(self, number):
        """What goes either way is dropped, and nobody is told: both ends still see a link."""
        subprocess.run(["bridge", "link", "set", "dev", f"port{number}", "state", "0"], check=True)

    def mend(self, number):
        subprocess.run(["bridge", "link", "set", "dev", f"port{number}", "state", "3"], check=True)

    def end(self):
        for anchor in self.anchors:
            anchor.kill()
            anchor.wait()
