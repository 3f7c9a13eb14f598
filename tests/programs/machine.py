"""A machine of its own: a network namespace, and a router in it.

    with Machine(directory, config) as machine:
        machine.ip("link add v0 type veth peer name v1")
        machine.start()
        machine.ask("show arp")

The namespace lives as long as the object, so routers in it can be restarted.
"""
import ctypes
import json
import os
import re
import subprocess

import pytest

from console import attach, wait_socket
from router import CAP_NET_ADMIN, PR_CAPBSET_DROP, Router

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
PROMPT = re.compile(r"^[\w.-]+(?:\([\w+-]+\))?[#>]", re.M)


def needs_a_namespace():
    """Skips where network namespaces cannot be made: that takes root."""
    made = subprocess.run(["unshare", "-n", "true"], capture_output=True)
    if made.returncode != 0:
        pytest.skip("no right to make a network namespace")


class Machine:
    def __init__(self, directory, config="hostname R1\n"):
        needs_a_namespace()
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c",
                                        "echo; exec cat"],
                                       stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.namespace = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        self.may_change = True
        self.router = Router(directory, config=config, listen=(),
                             expect_listening=False, preexec=self.enter,
                             harmless=False)
        self.ip("link set lo up")

    def enter(self):
        """In the child that becomes the router."""
        assert LIBC.setns(self.namespace, CLONE_NEWNET) == 0
        if not self.may_change:
            assert LIBC.prctl(PR_CAPBSET_DROP, CAP_NET_ADMIN, 0, 0, 0) == 0

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        try:
            self.router.stop(check=kind is None)
        finally:
            os.close(self.namespace)
            self.holder.stdin.close()
            self.holder.wait()
            self.holder.stdout.close()

    def start(self):
        self.router.start()
        wait_socket(self.router)
        return self

    def restart(self):
        self.router.stop()
        return self.start()

    def run(self, *command):
        """A program in the namespace; what it printed."""
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", *command],
            capture_output=True, text=True)
        assert done.returncode == 0, (command, done.stderr)
        return done.stdout

    def ip(self, line):
        return self.run("ip", *line.split())

    def json(self, line):
        return json.loads(self.run("ip", "-j", "-d", *line.split()) or "[]")

    def addresses(self, link):
        """"10.0.0.1/24" of every address but link-local ones."""
        return {f"{a['local']}/{a['prefixlen']}"
                for entry in self.json(f"addr show dev {link}")
                for a in entry.get("addr_info", [])
                if a.get("scope") != "link"}

    def can_make(self, kind):
        """Whether this kernel has such interfaces."""
        made = subprocess.run(
            ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "ip", "link",
             "add", "try0", "type", kind], capture_output=True)
        if made.returncode == 0:
            self.ip("link del try0")
        return made.returncode == 0

    def answers(self, *lines):
        """What each line was answered at the console, without log lines."""
        done = attach(self.router, "terminal length 0", *lines, "end")
        assert done.returncode == 0, done
        text = re.sub(r"^[.*]?\w{3} +\d+ [\d:.]+: %.*\n", "", done.stdout,
                      flags=re.M)
        parts = PROMPT.split(text)[2:]
        assert len(parts) >= len(lines), done.stdout
        return [part.removeprefix("\n") for part in parts[:len(lines)]]

    def ask(self, line):
        return self.answers(line)[0]

    def configure(self, *lines):
        """Each line without an answer."""
        for line, answer in zip(lines, self.refusals(*lines)):
            assert answer == "", f"{line}: {answer}"

    def refusals(self, *lines):
        return self.answers("configure terminal", *lines)[1:]

    def running(self):
        return self.ask("show running-config")
