"""A worker of role line without a router: the test plays control."""
import os
import pty
import select
import socket
import subprocess
import tty

from messages import decode, encode
from router import BUILD, wait_for

ROLE_LINE = 4
TTY, TCP, TELNET = 1, 2, 3
SETUP = {"buffer": 65536, "speed": 9600, "databits": 8, "stopbits": 2}
NOBODY = "65534"


class Nursery:
    """The real program, waiting for STARTs."""

    def __init__(self):
        self.pipe, end = socket.socketpair(socket.AF_UNIX,
                                           socket.SOCK_SEQPACKET)
        self.pipe.settimeout(60)
        # Its pipe is to be its descriptor 3.
        self.process = subprocess.Popen(
            [BUILD / "src" / "vtyd-worker", NOBODY, NOBODY], pass_fds=[3],
            stdin=subprocess.DEVNULL,
            preexec_fn=lambda: os.dup2(end.fileno(), 3))
        end.close()
        self.count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pipe.close()
        assert self.process.wait(60) == 0

    def line(self, **setup):
        """A worker, whose pipe answers like control's."""
        self.count += 1
        ours, end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        socket.send_fds(self.pipe, [encode(
            "START", connection=self.count, role=ROLE_LINE,
            line=self.count)], [end.fileno()])
        end.close()
        name, fields = decode(self.pipe.recv(65536))
        assert name == "STARTED" and fields["pid"] > 0
        return Line(ours, fields["pid"], self.count, **setup)


class Line:
    def __init__(self, pipe, pid, number, **setup):
        self.pipe, self.pid, self.number = pipe, pid, number
        self.pipe.settimeout(60)
        self.heard = []  # (name, fields), not yet asked for
        self.setup(**setup)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.pipe.close()
        wait_for(lambda: not os.path.exists(f"/proc/{self.pid}") or
                 self.is_over(), "the worker's end")

    def is_over(self):
        """Its parent, which is this process, may not have waited yet."""
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == self.pid
        except ChildProcessError:
            return not os.path.exists(f"/proc/{self.pid}")

    def send(self, name, fd=None, /, **fields):
        data = encode(name, **fields)
        if fd is None:
            self.pipe.send(data)
        else:
            socket.send_fds(self.pipe, [data], [fd])

    def setup(self, **changes):
        self.send("LINE_SETUP", **{**SETUP, **changes})

    def hear(self, name):
        """The fields of the next message of that name."""
        while True:
            for i, (found, fields) in enumerate(self.heard):
                if found == name:
                    del self.heard[i]
                    return fields
            data = self.pipe.recv(65536)
            assert data, f"it ended before {name}"
            self.heard.append(decode(data))

    def device(self, fd, kind=TTY, held=True):
        self.send("LINE_DEVICE", fd, kind=kind, held=held)

    def user(self, number, writer=True, name="lab"):
        """A stream to it."""
        ours, end = socket.socketpair()
        self.send("LINE_USER", end.fileno(), id=number, writer=writer,
                  name=name)
        end.close()
        ours.settimeout(60)
        # What the device says from now on comes to him.
        self.count(request=1000 + number)
        return ours

    def count(self, request=1):
        self.send("LINE_COUNT", request=request)
        fields = self.hear("LINE_COUNTED")
        assert fields.pop("request") == request
        return fields

    def ring(self):
        """What it holds."""
        fd = os.memfd_create("ring")
        self.send("LINE_BUFFER", fd, request=7)
        fields = self.hear("LINE_BUFFER_DONE")
        with os.fdopen(fd, "rb") as file:
            file.seek(0)
            data = file.read()
        assert fields["bytes"] == len(data)
        return data


class Port:
    """A pseudo-terminal; `near` is where the device sits."""

    def __init__(self):
        self.near, self.far = pty.openpty()
        tty.setraw(self.far)
        os.set_blocking(self.far, False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for fd in (self.near, self.far):
            if fd >= 0:
                os.close(fd)

    def unplug(self):
        """As when a USB adapter is drawn."""
        os.close(self.near)
        self.near = -1

    def prints(self, data):
        data = memoryview(data)
        while data:
            data = data[os.write(self.near, data[:65536]):]

    def reads(self, count):
        data = bytearray()
        while len(data) < count:
            assert select.select([self.near], [], [], 60)[0], "nothing comes"
            part = os.read(self.near, 65536)
            assert part
            data += part
        return bytes(data)


def receive(stream, count):
    data = bytearray()
    while len(data) < count:
        part = stream.recv(min(65536, count - len(data)))
        assert part, data[-200:]
        data += part
    return bytes(data)


def until(stream, text):
    data = b""
    while text not in data:
        part = stream.recv(65536)
        assert part, data
        data += part
    return data
