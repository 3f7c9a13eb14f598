"""Collectors of log lines, for tests: datagrams and TCP connections.

    with Datagrams() as collector:
        collector.port
        collector.wait_line("CONFIG_I")
    with Listener() as collector:
        connection = collector.accept()
        connection.wait_line("CONFIG_I")
"""
import re
import socket
import threading
import time

from router import wait_for


class Datagrams:
    """Receives all that comes to a port of loopback."""

    def __init__(self, address="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.socket.bind((address, port))
        self.port = self.socket.getsockname()[1]
        self.lines, self.sources = [], []
        self.ending = False
        self.thread = threading.Thread(target=self.receive, daemon=True)
        self.thread.start()

    def receive(self):
        self.socket.settimeout(0.1)
        while not self.ending:
            try:
                data, source = self.socket.recvfrom(1 << 16)
            except TimeoutError:
                continue
            self.lines.append(data)
            self.sources.append(source)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.ending = True
        self.thread.join()
        self.socket.close()

    def find(self, pattern):
        return [line for line in self.lines
                if re.search(pattern.encode(), line)]

    def wait_line(self, pattern):
        """The first line that matches."""
        return wait_for(lambda: self.find(pattern), pattern)[0]


class Connection:
    """One that a router has made; its frames."""

    def __init__(self, stream):
        self.stream, self.seen = stream, b""

    def close(self):
        self.stream.close()

    def reset(self):
        self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                               b"\1\0\0\0\0\0\0\0")
        self.stream.close()

    def frames(self):
        """What is complete of what has come: octets counted, or lines."""
        found, rest = [], self.seen
        while rest:
            if rest[:1] == b"<":
                line, end, rest = rest.partition(b"\n")
                if not end:
                    break
                found.append(line)
                continue
            length = re.match(rb"(\d+) ", rest)
            if not length or len(rest) < length.end() + int(length[1]):
                break
            end = length.end() + int(length[1])
            found.append(rest[length.end():end])
            rest = rest[end:]
        return found

    def wait_line(self, pattern, seconds=60):
        """Read until a frame matches; that."""
        end = time.monotonic() + seconds
        while True:
            for line in self.frames():
                if re.search(pattern.encode(), line):
                    return line
            self.stream.settimeout(max(0.01, end - time.monotonic()))
            data = self.stream.recv(1 << 16)
            assert data, (pattern, self.frames())
            self.seen += data


class Listener:
    def __init__(self, address="127.0.0.1", port=0):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, port), family=family)
        self.port = self.socket.getsockname()[1]
        self.socket.settimeout(60)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def accept(self):
        return Connection(self.socket.accept()[0])
