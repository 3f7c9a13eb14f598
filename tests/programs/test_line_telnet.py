"""A line behind a terminal server: Debian's ser2net, and python3-serial's
RFC 2217 as a second witness."""
import os
import socket
import threading

import pytest

from line_worker import TCP, TELNET, Nursery, receive
from router import wait_for
from terminal_server import Terminal, TerminalServer


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as running:
        yield running


@pytest.fixture(scope="module")
def terminal():
    with Terminal() as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory, terminal):
    with TerminalServer(tmp_path_factory.mktemp("ser2net"),
                        terminal.path) as running:
        yield running


def connect(line, server, kind):
    with server.connect(kind) as device:
        line.device(device.fileno(), TCP if kind == "raw" else TELNET)


def read(terminal, count):
    data = b""
    while len(data) < count:
        data += terminal.read()
    return data


@pytest.mark.parametrize("kind", ["rfc2217", "telnet", "raw"])
def test_every_byte_passes_both_ways(nursery, server, terminal, kind):
    data = bytes(range(256)) * 40 + b"\r\0\r\n\xff\xff\r"
    with nursery.line() as line:
        connect(line, server, kind)
        with line.user(1) as user:
            # This waits until BINARY is agreed upon: with a NUL it is two.
            user.sendall(b"\r")
            assert read(terminal, 1) == b"\r"
            for byte in b"xyz":
                os.write(terminal.near, bytes([byte]))
                assert receive(user, 1) == bytes([byte])
            thread = threading.Thread(target=user.sendall, args=(data,))
            thread.start()
            assert read(terminal, len(data)) == data
            thread.join()
            thread = threading.Thread(
                target=lambda: [os.write(terminal.near, data[i:i + 512])
                                for i in range(0, len(data), 512)])
            thread.start()
            assert receive(user, len(data)) == data
            thread.join()


def test_settings_and_a_real_break_by_rfc_2217(nursery, server):
    with nursery.line(speed=57600, databits=7, parity=2, stopbits=4) as line:
        connect(line, server, "rfc2217")
        server.await_call(r"B57600\|CS\d")
        before = server.calls().count("TIOCSBRK")
        with line.user(1) as user:
            user.sendall(b"before")
            line.send("LINE_BREAK", ms=100)
            wait_for(lambda: server.calls().count("TIOCSBRK") == before + 1,
                     "a break")
            at = len(server.calls()) - 1
            wait_for(lambda: "TIOCCBRK" in server.calls()[at:], "its end")
            assert line.count()["breaks"] == 1
            line.setup(speed=19200)
            server.await_call(r"B19200\|CS\d")


def test_a_break_by_telnet_alone(nursery, server):
    with nursery.line() as line:
        connect(line, server, "telnet")
        before = server.calls().count("TCSBRK")
        with line.user(1) as user:
            line.send("LINE_BREAK", ms=100)
            wait_for(lambda: server.calls().count("TCSBRK") == before + 1,
                     "a break")
            user.sendall(b"goes on")


def test_without_telnet_there_is_no_break(nursery, server, terminal):
    with nursery.line() as line:
        connect(line, server, "raw")
        with line.user(1) as user:
            line.send("LINE_BREAK", ms=100)
            assert line.count()["breaks"] == 0
            user.sendall(b"goes through")
            # Behind what other tests have typed.
            data = b""
            while b"goes through" not in data:
                data += terminal.read()


class Witness:
    """What python3-serial makes of it."""

    def __init__(self):
        rfc2217 = pytest.importorskip("serial.rfc2217")
        self.events = []
        self.baudrate, self.bytesize = 9600, 8
        self.parity, self.stopbits = "N", 1
        self.rtscts = self.xonxoff = False
        self.cts = self.dsr = self.ri = self.cd = False
        self.ours, self.theirs = socket.socketpair()
        self.theirs.setblocking(False)
        self.manager = rfc2217.PortManager(self, self)
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def __setattr__(self, name, value):
        if "events" in self.__dict__ and name in (
                "break_condition", "baudrate", "bytesize", "parity",
                "stopbits", "rtscts", "xonxoff", "dtr"):
            self.events.append((name, value))
        object.__setattr__(self, name, value)

    def write(self, data):
        self.ours.sendall(data)

    def serve(self):
        while data := self.ours.recv(4096):
            plain = b"".join(self.manager.filter(data))
            if plain:
                self.events.append(("data", plain))


def test_the_second_witness_of_breaks_and_settings(nursery):
    witness = Witness()
    witness.thread.start()
    with nursery.line(speed=38400, databits=7, parity=1, stopbits=4, flow=2,
                      hang_up=True) as line:
        line.device(witness.theirs.fileno(), TELNET)
        witness.theirs.close()
        wanted = {("baudrate", 38400), ("bytesize", 7), ("parity", "O"),
                  ("stopbits", 2), ("rtscts", True)}
        wait_for(lambda: wanted <= set(witness.events), "the settings")
        with line.user(1) as user:
            user.sendall(b"before\xff")
            # Not before BINARY is refused, or a second has passed.
            wait_for(lambda: ("data", b"before\xff") in witness.events, "it")
            line.send("LINE_BREAK", ms=50)
            wait_for(lambda: witness.events[-1] == ("break_condition", False),
                     "a break")
            user.sendall(b"behind")
            wait_for(lambda: ("data", b"behind") in witness.events, "the rest")
        wait_for(lambda: ("dtr", False) in witness.events, "DTR to fall")
        wait_for(lambda: witness.events[-1] == ("dtr", True), "DTR to rise")
    said = [event for event in witness.events
            if event[0] in ("data", "break_condition")]
    assert said[-4:] == [("data", b"before\xff"), ("break_condition", True),
                         ("break_condition", False), ("data", b"behind")]
