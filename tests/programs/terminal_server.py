"""Debian's ser2net as a terminal server, watched by strace: what it does to
its port is what a device at a real one would notice."""
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import tty

import pytest

from router import free_port, wait_for

ACCEPTERS = {"rfc2217": "telnet(rfc2217),tcp", "telnet": "telnet,tcp",
             "raw": "tcp"}


class TerminalServer:
    """Three ports, one for each way, to the terminal `path`."""

    def __init__(self, directory, path):
        for program in ("ser2net", "strace"):
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed")
        self.directory, self.path = pathlib.Path(directory), path
        self.ports = {kind: free_port() for kind in ACCEPTERS}
        (self.directory / "ser2net.yaml").write_text("%YAML 1.1\n---\n" + "".join(
            f"connection: &{kind}\n"
            f"  accepter: {accepter},127.0.0.1,{self.ports[kind]}\n"
            f"  connector: serialdev,{path},9600n81,local\n"
            for kind, accepter in ACCEPTERS.items()))
        self.trace = self.directory / "trace"

    def __enter__(self):
        self.process = subprocess.Popen(
            ["strace", "-f", "-q", "-e", "trace=ioctl", "-e", "signal=none",
             "-o", self.trace, "ser2net", "-n", "-u", "-l", "-c",
             self.directory / "ser2net.yaml"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        for port in self.ports.values():
            wait_for(lambda: self.listens(port), "ser2net")
        return self

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)  # strace, and whom it sees
        self.process.wait(60)

    @staticmethod
    def listens(port):
        wanted = f"0100007F:{port:04X} 00000000:0000 0A"
        return wanted in pathlib.Path("/proc/net/tcp").read_text()

    def is_free(self):
        """It serves one connection at a time."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/"
                                f"{self.process.pid}/children").read_text()
        return not any(os.readlink(fd) == self.path
                       for pid in children.split()
                       for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir())

    def connect(self, kind):
        wait_for(self.is_free, "the end of the connection before")
        return socket.create_connection(("127.0.0.1", self.ports[kind]), 60)

    def calls(self):
        """Its calls for breaks, and the settings it made, in order."""
        return re.findall(r"TIOCSBRK|TIOCCBRK|TCSBRK(?!P)|B\d+\|CS\d[^,]*",
                          self.trace.read_text())

    def await_call(self, pattern):
        return wait_for(lambda: [call for call in self.calls()
                                 if re.search(pattern, call)],
                        f"{pattern} of ser2net")


class Terminal:
    """A pseudo-terminal with a device at its near end."""

    def __init__(self):
        self.near, far = pty.openpty()
        tty.setraw(far)
        self.path = os.ttyname(far)
        # Somebody has it open, so that nothing that is printed is lost.
        self.keeper = far

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.near)
        os.close(self.keeper)

    def read(self):
        """What the device gets next."""
        assert select.select([self.near], [], [], 60)[0], "nothing comes"
        return os.read(self.near, 65536)
