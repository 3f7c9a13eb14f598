"""Users of serial lines, and what is at the other end of these."""
import os
import re
import select
import subprocess
import tempfile
import tty

import openssh
from router import free_port, wait_for


def readable(fd, seconds):
    """Any descriptor; select() knows but the first thousand."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


class Device:
    """A serial port: its far end, and the path of the other one."""

    def __init__(self):
        self.far, self.near = os.openpty()
        tty.setraw(self.near)
        # A name that goes with it: the number of a pseudo-terminal is the
        # next one's, which a router that looks for this one would take.
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.directory.name, "port")
        os.symlink(os.ttyname(self.near), self.path)

    def read(self, expected, seconds=60):
        """What was typed there, up to and including `expected`."""
        got = b""
        while expected not in got:
            ready, _, _ = select.select([self.far], [], [], seconds)
            assert ready, got
            got += os.read(self.far, 65536)
        return got

    def say(self, what):
        os.write(self.far, what)

    def is_silent(self):
        return not select.select([self.far], [], [], 0.3)[0]

    def close(self):
        self.directory.cleanup()
        for fd in (self.far, self.near):
            os.close(fd)


class Peer:
    """A client on a line, bytes in and bytes out."""

    def __init__(self, arguments, environment):
        self.process = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)
        self.seen = b""

    def type(self, what):
        self.process.stdin.write(what)
        self.process.stdin.flush()

    def wait_for(self, expected, seconds=60):
        out = self.process.stdout.fileno()
        while expected not in self.seen:
            assert readable(out, seconds), self.seen
            got = os.read(out, 65536)
            assert got, self.seen
            self.seen += got
        before, _, self.seen = self.seen.partition(expected)
        return before

    def end(self):
        """The exit status, and what was still to be seen."""
        out, _ = self.process.communicate(timeout=60)
        return self.process.returncode, self.seen + out

    def leave(self):
        self.process.terminate()
        self.process.communicate(timeout=60)


class User(Peer):
    """With OpenSSH."""

    def __init__(self, router, name, *options, command=None, password="lab",
                 terminal=True):
        escape = [] if "-e" in options else ["-e", "none"]
        arguments = openssh.arguments(
            router, *escape, *(["-tt"] if terminal else []), *options,
            user=name)
        super().__init__(arguments + ([command] if command else []),
                         openssh.environment(password))


class Port:
    def __init__(self, port):
        self.port = port


def rotary_port():
    return free_port(2000, 9990)


def wait_until_free(router, line=1, admin="lab"):
    """Nobody is on the line, and its device is there."""
    def is_free():
        shown = openssh.run(router, "show users all", user=admin).stdout.decode()
        return re.search(rf"^ +{line} tty {line} +00:00:00", shown, re.M)
    wait_for(is_free, f"line {line} without a user")


def refusal(router, name, password="lab"):
    result = openssh.run(router, None, "-T", user=name, password=password)
    assert result.returncode == 1
    return result.stdout


def exchange(user, device, total):
    """So many bytes each way at once, each of them looked at."""
    block = bytes(range(256)) * 256
    far, out = device.far, user.process.stdout.fileno()
    into = user.process.stdin.fileno()
    to_device = from_device = typed = said = 0
    os.set_blocking(far, False)
    os.set_blocking(into, False)
    try:
        while to_device < total or from_device < total:
            writes = ([into] if typed < total else []) \
                + ([far] if said < total else [])
            readable, writable, _ = select.select([far, out], writes, [], 60)
            assert readable or writable, (to_device, from_device)
            if far in readable:
                got = os.read(far, 65536)
                at = to_device % 256
                assert got == (block + block)[at:at + len(got)]
                to_device += len(got)
            if out in readable:
                got = os.read(out, 65536)
                at = from_device % 256
                assert got == (block + block)[at:at + len(got)]
                from_device += len(got)
            if far in writable:
                said += os.write(far, block[said % 256:][:min(4096,
                                                              total - said)])
            if into in writable:
                typed += os.write(into, block[typed % 256:][:min(
                    16384, total - typed)])
    finally:
        os.set_blocking(far, True)
