"""As many lines as there can be, each with a device: 4,096. Those beyond what
the kernel has pseudo-terminals for are TCP consoles."""
import os
import pathlib
import re
import resource
import socket
import threading
import time

import pytest

import openssh
from reverse_ssh import User
from router import CONFIG, Router, wait_for

LINES = 4096
LINE = """\
line {number}
 device {device}
 login local
 access-user lab
 transport input ssh
"""


@pytest.fixture
def devices():
    """Paths and addresses, and what is at their ends."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20000), hard))
    free = int(pathlib.Path("/proc/sys/kernel/pty/max").read_text()) - \
        int(pathlib.Path("/proc/sys/kernel/pty/nr").read_text()) - 64
    made, names, accepted = [], [], []
    for _ in range(min(free, LINES)):
        master, slave = os.openpty()
        names.append(os.ttyname(slave))
        os.close(slave)
        made.append(master)
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    names += [f"tcp 127.0.0.1 {listener.getsockname()[1]}"] * \
        (LINES - len(names))

    def accept():
        while True:
            try:
                accepted.append(listener.accept()[0])
            except OSError:
                return
    threading.Thread(target=accept, daemon=True).start()
    yield names, made
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for one in accepted:
        one.close()
    for one in made:
        os.close(one)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def proportional_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss: +(\d+)", text, re.M).group(1))


def show(router, line):
    began = time.monotonic()
    text = openssh.run(router, line, timeout=120).stdout.decode()
    return text, time.monotonic() - began


def test_4096_lines_with_devices(tmp_path, devices, capsys):
    names, masters = devices
    text = "".join(LINE.format(number=number, device=name)
                   for number, name in enumerate(names, 1))
    began = time.monotonic()
    with Router(tmp_path, keys=("ed25519",), config=CONFIG.replace(
            "line vty 0 15", text + "line vty 0 15")) as router:
        served = time.monotonic() - began
        wait_for(lambda: len(router.children()) > LINES, "all processes", 180)
        wait_for(lambda: re.search(r"^ +0 lines whose device is absent",
                                   show(router, "show line summary")[0], re.M),
                 "all devices", 180)
        everybody = router.children()
        started = time.monotonic() - began
        lines, took = show(router, "show line")
        assert len(re.findall(r"^[ *]+\d+ +(?:\d+ )?TTY", lines, re.M)) == LINES
        for number in (1, len(masters), LINES):
            user = User(router, f"lab:{number}", terminal=False)
            user.type(b"here")
            if number <= len(masters):
                assert os.read(masters[number - 1], 4) == b"here"
                os.write(masters[number - 1], b"there")
                user.wait_for(b"there")
            user.leave()
        one, one_took = show(router, f"show line {LINES}")
        assert f"Line {LINES}" in one
        kib = sum(map(proportional_kib, everybody))
        with capsys.disabled():
            print(f"\n{LINES} lines: vtys served after {served:.1f} s, all "
                  f"lines after {started:.1f} s; {kib / 1024:.0f} MiB, "
                  f"{kib / LINES:.0f} KiB a line, control "
                  f"{proportional_kib(router.pid) / 1024:.1f} MiB; show line "
                  f"{took:.2f} s, one {one_took:.2f} s")
        assert took < 5 and one_took < 3
