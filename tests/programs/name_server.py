"""A name server that is not to be trusted, in its own network namespace.

    nsenter --net=... python3 name_server.py ADDRESS

What it does is the first label of what it is asked; see ANSWERS. It prints a
line when it can be asked, and then each name as it comes, with its transport.
"""
import os
import selectors
import socket
import struct
import sys

A, CNAME, AAAA = 1, 5, 28


def name_of(query):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += query[at] + 1
    return ".".join(labels), at + 1


def packed(name):
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in name.split(".")) + b"\0"


def record(name, kind, data):
    return packed(name) + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


class Query:
    def __init__(self, data, tcp):
        self.data, self.tcp = data, tcp
        self.name, end = name_of(data)
        self.kind = struct.unpack(">H", data[end:end + 2])[0]
        self.question = data[12:end + 4]

    def answer(self, *records, flags=0x8180, number=None):
        number = self.data[:2] if number is None else number
        return number + struct.pack(">HHHHH", flags, 1, len(records), 0, 0) + \
            self.question + b"".join(records)

    def address(self, last=1):
        if self.kind == AAAA:
            return []
        return [record(self.name, A, bytes([127, 0, 0, last]))]


def truncated(q):
    """All of it only by TCP."""
    if not q.tcp:
        return q.answer(flags=0x8380)
    return q.answer(*q.address(7))


def loop(q):
    return q.answer(record(q.name, CNAME, packed("b." + q.name)),
                    record("b." + q.name, CNAME, packed(q.name)))


def pointer(q):
    """A compressed name that points at itself."""
    at = 12 + len(q.question)
    return q.answer(struct.pack(">HHHIH", 0xc000 | at, A, 1, 60, 4) + b"\x7f" * 4)


ANSWERS = {
    "good": lambda q: q.answer(*q.address()),
    "none": lambda q: q.answer(flags=0x8183),
    "empty": lambda q: q.answer(),
    "silent": lambda q: None,
    "garbage": lambda q: q.data[:2] + os.urandom(200),
    "short": lambda q: q.data[:7],
    "truncated": truncated,
    "loop": loop,
    "pointer": pointer,
    "stranger": lambda q: q.answer(*q.address(), number=b"\xff\xff"),
    "many": lambda q: q.answer(*[r for n in range(1, 101)
                                 for r in q.address(n)]),
    "lying": lambda q: q.answer(packed(q.name) + struct.pack(
        ">HHIH", q.kind, 1, 60, 60000) + b"\x7f"),
    "refused": lambda q: q.answer(flags=0x8185),
}


def reply_to(data, tcp):
    query = Query(data, tcp)
    print(query.name, "tcp" if tcp else "udp", query.kind, flush=True)
    return ANSWERS.get(query.name.split(".")[0], ANSWERS["none"])(query)


def main():
    address = (sys.argv[1], 53)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp = socket.create_server(address)
    udp.bind(address)
    chosen = selectors.DefaultSelector()
    chosen.register(udp, selectors.EVENT_READ)
    chosen.register(tcp, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in chosen.select():
            if key.fileobj is udp:
                data, peer = udp.recvfrom(4096)
                reply = reply_to(data, False)
                if reply is not None:
                    udp.sendto(reply, peer)
                continue
            with tcp.accept()[0] as peer:
                peer.settimeout(10)
                data = peer.recv(2, socket.MSG_WAITALL)
                if len(data) < 2:
                    continue
                data = peer.recv(struct.unpack(">H", data)[0],
                                 socket.MSG_WAITALL)
                reply = reply_to(data, True) or b""
                peer.sendall(struct.pack(">H", len(reply)) + reply)


main()
