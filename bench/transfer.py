"""Files to and from a server, with OpenSSH's clients: what they cost it.

One transfer at a time, from memory to memory. CPU is all that the server's
processes take, login and end included; seconds are those of the client.
"""
import contextlib
import filecmp
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time

import servers

CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
           "chacha20-poly1305@openssh.com")
PROTOCOLS = ("scp", "sftp")
DIRECTIONS = ("to", "from")
GIB = 1 << 30


class Failed(Exception):
    """A client could not move its file."""


class Client:
    """OpenSSH's clients, with a password and files of their own."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        askpass = self.directory / "askpass"
        askpass.write_text(f"#!/bin/sh\necho {servers.PASSWORD}\n")
        askpass.chmod(0o700)
        self.environment = {**os.environ, "SSH_ASKPASS": str(askpass),
                            "SSH_ASKPASS_REQUIRE": "force"}

    def options(self, server, cipher):
        return ["-q", "-F", "none", "-P", str(server.port), "-c", cipher,
                "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null",
                "-o", "PreferredAuthentications=password",
                "-o", "BatchMode=no"]

    def command(self, server, protocol, cipher, direction, local, remote):
        """The command and its standard input."""
        there = server.files.prefix + remote
        login = f"{server.files.user}@127.0.0.1"
        if protocol == "scp":
            names = [str(local), f"{login}:{there}"]
            if direction == "from":
                names.reverse()
            return ["scp", "-O", *self.options(server, cipher), *names], ""
        line = (f"put {local} {there}" if direction == "to"
                else f"get {there} {local}")
        return ["sftp", *self.options(server, cipher), "-b", "-", login], line

    def start(self, *what, nice=0):
        command, line = self.command(*what)
        process = subprocess.Popen(
            ["nice", "-n", str(nice), *command], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=self.environment, start_new_session=True)
        with contextlib.suppress(BrokenPipeError):  # it says why it ended
            process.stdin.write(line + "\n")
            process.stdin.close()
        process.stdin = None
        return process

    @staticmethod
    def end(process):
        """With the ssh that it has started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def move(self, server, *what):
        """Seconds that it took."""
        began = time.perf_counter()
        process = self.start(server, *what)
        try:
            _, said = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            self.end(process)
            raise Failed(f"{server.name}: no end within 300 s") from None
        if process.returncode != 0:
            server.check()
            raise Failed(f"{server.name}: {' '.join(process.args)}: "
                         f"{said.strip()}")
        return time.perf_counter() - began


def fill(path, size):
    """A file of so many bytes that nothing can compress."""
    piece = os.urandom(1 << 20)
    with path.open("wb") as to:
        for i in range(size >> 20):
            to.write(piece[i & 0xff:] + piece[:i & 0xff])


@contextlib.contextmanager
def client(size):
    """A client and a file of so many bytes."""
    with tempfile.TemporaryDirectory(
            dir=servers.memory_directory()) as directory:
        one = Client(directory)
        one.source = one.directory / "source"
        fill(one.source, size)
        yield one


def place(server, source):
    """The file that is fetched, without the network."""
    target = server.files.directory / "source"
    if not target.exists():
        with source.open("rb") as one, target.open("wb") as other:
            while piece := one.read(1 << 20):
                other.write(piece)
        target.chmod(0o644)


def measure(one, server, protocol, cipher, direction, check):
    """CPU seconds and seconds a GiB of one transfer."""
    size = one.source.stat().st_size
    if direction == "to":
        local, remote = one.source, "target"
        target = server.files.directory / remote
    else:
        place(server, one.source)
        local, remote = one.directory / "target", "source"
        target = local
    before = server.group.cpu_seconds()
    seconds = one.move(server, protocol, cipher, direction, local, remote)
    server.group.settle(server.idle_processes)
    spent = server.group.cpu_seconds() - before
    if check and not filecmp.cmp(one.source, target, shallow=False):
        raise Failed(f"{server.name}: {protocol} {direction}: "
                     "what came is not what was sent")
    target.unlink()
    return spent * GIB / size, seconds * GIB / size


def pairs(everyone, size, rounds):
    """Medians by protocol, cipher, direction and server, servers in turn."""
    table = {}
    with client(size) as one:
        for protocol in PROTOCOLS:
            for cipher in CIPHERS:
                for direction in DIRECTIONS:
                    taken = {server.name: [] for server in everyone}
                    # The first one of each warms up, and is looked at.
                    for turn in range(1 + rounds):
                        for server in everyone:
                            figures = measure(one, server, protocol, cipher,
                                              direction, turn == 0)
                            if turn > 0:
                                taken[server.name].append(figures)
                    table[protocol, cipher, direction] = {
                        name: tuple(statistics.median(column)
                                    for column in zip(*figures))
                        for name, figures in taken.items()}
    return table


@contextlib.contextmanager
def crowd(one, server, count):
    """So many transfers under way, half of them each way.

    The clients have the lowest priority: they stand for machines elsewhere.
    """
    place(server, one.source)
    clients = []
    try:
        for i in range(count):
            names = ((one.source, f"target{i}") if i % 2
                     else (pathlib.Path("/dev/null"), "source"))
            clients.append(one.start(
                server, "scp", CIPHERS[i % len(CIPHERS)],
                "to" if i % 2 else "from", *names, nice=19))
        end = time.monotonic() + 60
        while server.group.processes() < server.idle_processes + count:
            server.check()
            if time.monotonic() > end:
                raise Failed(f"{server.name}: {count} transfers did not begin")
            time.sleep(0.1)
        time.sleep(1)
        yield
        done = [c.returncode for c in clients if c.poll() is not None]
        if done:
            raise Failed(f"{server.name}: {len(done)} of {count} transfers "
                         f"were over too early: {done}")
    finally:
        for process in clients:
            one.end(process)
        server.group.settle(server.idle_processes, 30)
        for left in server.files.directory.glob("target*"):
            left.unlink()
