"""The helpers of a router that root started: what another process of their
user, a broken daemon that runs as `nobody` say, can do to them."""
import os
import pathlib
import re
import subprocess
import sys

import pytest

from processes import field
from router import CONFIG, Router, wait_for
from wire import Wire

KEYS = ("ed25519",)
COLLECTOR = "logging host 127.0.0.1 transport udp port 9\n"
HELPERS = ("vtyd-signer", "vtyd-aaa", "vtyd-notify")

# Argv: control, helper, user. Kills the helper, and tries to trace the next
# one from its first instant on until it serves; says how often it could.
TRACER = """
import ctypes, os, signal, sys, time
control, name, user = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
os.setgid(user)
os.setuid(user)
libc = ctypes.CDLL(None)
PTRACE_SEIZE = 0x4206

def children():
    path = "/proc/%d/task/%d/children" % (control, control)
    return [int(word) for word in open(path).read().split()]

def is_helper(pid):
    try:
        return open("/proc/%d/comm" % pid).read().strip() == name
    except OSError:
        return False

others = set(children())
os.kill(next(pid for pid in others if is_helper(pid)), signal.SIGKILL)
traced, end = 0, time.monotonic() + 1.5
while time.monotonic() < end:
    # From the fork on: the instant to hit is the first one of the program.
    for pid in set(children()) - others:
        traced += libc.ptrace(PTRACE_SEIZE, pid, None, None) == 0
print(traced)
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="only root gives its rights away")


@pytest.mark.parametrize("name", HELPERS)
def test_nobody_of_its_user_can_trace_a_helper(name):
    with Router(config=CONFIG + COLLECTOR, keys=KEYS) as router:
        for _ in range(3):
            pid, = wait_for(lambda: router.children(name), name)
            user = wait_for(lambda: int(field(pid, "Uid")[0]), "its user")
            result = subprocess.run(
                [sys.executable, "-c", TRACER, str(router.pid), name,
                 str(user)], capture_output=True, text=True, timeout=60)
            assert result.stdout == "0\n", result
        with Wire(router.port) as wire:
            wire.login()


@pytest.mark.parametrize("name", HELPERS)
def test_a_helper_has_an_empty_root_and_no_rights(name):
    with Router(config=CONFIG + COLLECTOR, keys=KEYS) as router:
        pid, = wait_for(lambda: router.children(name), name)
        wait_for(lambda: "0" not in field(pid, "Uid"), "its user")
        wait_for(lambda: field(pid, "CapPrm") == ["0" * 16], "its rights")
        wait_for(lambda: field(pid, "Seccomp") == ["2"], "its filter")
        assert field(pid, "Uid") == [field(pid, "Uid")[0]] * 4
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^Groups:\s*$", status, re.M)
        assert field(pid, "CapPrm") == ["0" * 16]
        assert os.listdir(f"/proc/{pid}/root") == []
