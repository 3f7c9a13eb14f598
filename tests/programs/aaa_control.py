"""Control, played to the aaa that asks servers.

    with Aaa() as aaa:
        request = aaa.ask([server(port, b"key")], user=b"lab", given=b"lab")
        aaa.result(request)
"""
import os
import select
import socket
import struct
import subprocess
import time

import messages
from router import BUILD

AUTHENTICATE, AUTHORIZE, ACCOUNT = 1, 2, 3
RADIUS, TACACS = 1, 2
LOGIN, ENABLE = 1, 2
START, STOP, UPDATE = 1, 2, 3
PASS, FAIL, ERROR = 1, 2, 3
ANSWERED, SILENT, UNUSABLE, LEFT = 1, 2, 3, 4
BY_LOCAL, BY_RADIUS = 1, 4
NOTE = struct.Struct(">IBIIIIIIIIQ")


def string(value):
    return struct.pack(">I", len(value)) + value


def strings(data):
    found = []
    while data:
        size = struct.unpack(">I", data[:4])[0]
        found.append(data[4:4 + size])
        data = data[4 + size:]
    return found


def server(port, key, address="127.0.0.1", timeout_ms=10000, tries=1,
           source=b"", single=False):
    """A record of a server: ipc/aaa.h."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return string(socket.inet_pton(family, address)) + \
        struct.pack(">H", port) + string(key) + \
        struct.pack(">II?", timeout_ms, tries, single) + string(source)


class Note:
    def __init__(self, data):
        (self.server, self.fate, self.opened, self.sent, self.timeouts,
         self.answers, self.challenges, self.malformed, self.bad, self.unexpected,
         self.round_trip_us) = NOTE.unpack(data)


class Result:
    def __init__(self, fields):
        self.outcome, self.text = fields["outcome"], fields["text"]
        self.attributes = strings(fields["attributes"])
        self.notes = [Note(fields["notes"][at:at + NOTE.size])
                      for at in range(0, len(fields["notes"]), NOTE.size)]


class Aaa:
    def __init__(self, program=BUILD / "src" / "vtyd-aaa"):
        ours, theirs = socket.socketpair(socket.AF_UNIX,
                                         socket.SOCK_SEQPACKET)
        self.pipe, self.last = ours, 0
        self.waiting = []
        fd = theirs.fileno()

        def prepare():
            if fd == 3:
                os.set_inheritable(3, True)
            else:
                os.dup2(fd, 3)
        self.process = subprocess.Popen(
            [str(program), "servers"], stdin=subprocess.DEVNULL,
            preexec_fn=prepare, pass_fds=(3, fd) if fd != 3 else (3,),
            env={"LD_BIND_NOW": "1"})
        theirs.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.pipe.close()
        try:
            status = self.process.wait(60)
        finally:
            self.process.kill()
        if kind is None:
            assert status == 0

    def send(self, name, **fields):
        self.pipe.send(messages.encode(name, **fields))

    def ask(self, servers, kind=AUTHENTICATE, **fields):
        """The number of the request."""
        self.last += 1
        fields.setdefault("user", b"lab")
        if kind == AUTHENTICATE:
            fields.setdefault("given", b"secret")
            fields.setdefault("has_given", True)
        fields.setdefault("service", LOGIN)
        fields.setdefault("port", "tty3")
        fields.setdefault("remote", "192.0.2.7")
        fields.setdefault("router", "R1")
        fields.setdefault("protocol", RADIUS)
        self.send("AAA_REQUEST", request=self.last, kind=kind,
                  servers=b"".join(servers), **fields)
        return self.last

    def hear(self, name, request, seconds=60):
        """The fields of the next such message about the request."""
        end = time.monotonic() + seconds
        while True:
            for at, (found, fields) in enumerate(self.waiting):
                if found == name and fields["request"] == request:
                    return self.waiting.pop(at)[1]
            left = max(0, end - time.monotonic())
            assert select.select([self.pipe], [], [], left)[0], \
                f"no {name} of {request}"
            data = self.pipe.recv(1 << 17)
            assert data, f"it ended with {self.process.wait(10)}"
            self.waiting.append(messages.decode(data))

    def result(self, request, seconds=60):
        return Result(self.hear("AAA_RESULT", request, seconds))

    def outcome(self, servers, **fields):
        """Ask, and what comes of it."""
        return self.result(self.ask(servers, **fields))
