"""A manager that takes SNMP notifications apart by itself: BER and nothing else.

    with Manager() as manager:
        ... snmp-server host 127.0.0.1 public udp-port {manager.port} tty
        message = manager.next()
        message.variables == [("1.3.6.1...", "INTEGER", 6), ...]
"""
import select
import socket

SEQUENCE, INTEGER, OCTETS, NULL, OID = 0x30, 0x02, 0x04, 0x05, 0x06
ADDRESS, TICKS = 0x40, 0x43
RESPONSE, TRAP_1, INFORM, TRAP_2 = 0xa2, 0xa4, 0xa6, 0xa7
NAMES = {INTEGER: "INTEGER", OCTETS: "OCTETS", OID: "OID", TICKS: "TICKS",
         ADDRESS: "ADDRESS"}


def take(data):
    """Tag and contents of the first element, and what is behind it."""
    tag, length, at = data[0], data[1], 2
    if length & 0x80:
        at += length & 0x7f
        length = int.from_bytes(data[2:at], "big")
    assert at + length <= len(data), "an element is cut off"
    return tag, data[at:at + length], data[at + length:]


def elements(data):
    while data:
        tag, contents, data = take(data)
        yield tag, contents


def put(tag, contents):
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    count = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | count]) + length.to_bytes(count, "big") + contents


def integer(value):
    return put(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big",
                                       signed=True))


def oid(contents):
    numbers, value = [], 0
    for byte in contents:
        value = value << 7 | byte & 0x7f
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))


def value_of(tag, contents):
    if tag == INTEGER:
        return int.from_bytes(contents, "big", signed=True)
    if tag == TICKS:
        return int.from_bytes(contents, "big")
    if tag == OID:
        return oid(contents)
    if tag == ADDRESS:
        return socket.inet_ntoa(contents)
    return contents.decode()


class Message:
    """One notification of version 1 or 2c."""

    def __init__(self, data, peer):
        self.data, self.peer = data, peer
        tag, contents, rest = take(data)
        assert tag == SEQUENCE and not rest
        (_, version), (_, community), (self.pdu, body) = elements(contents)
        self.version = {0: "1", 1: "2c"}[version[0]]
        self.community = community.decode()
        fields = list(elements(body))
        if self.pdu == TRAP_1:
            (self.enterprise, self.agent, self.generic, self.specific,
             self.uptime) = [value_of(*one) for one in fields[:5]]
            assert [tag for tag, _ in fields[:5]] == [OID, ADDRESS, INTEGER,
                                                      INTEGER, TICKS]
        else:
            self.request, self.status, self.index = [
                value_of(*one) for one in fields[:3]]
        tag, bindings = fields[-1]
        assert tag == SEQUENCE
        self.variables = []
        for _, binding in elements(bindings):
            (_, name), (tag, value) = elements(binding)
            self.variables.append((oid(name), NAMES[tag],
                                   value_of(tag, value)))

    def answer(self, request=None, status=0, pdu=RESPONSE):
        """To an inform, with what it says."""
        request = self.request if request is None else request
        body = (integer(request) + integer(status) + integer(0) +
                put(SEQUENCE, b""))
        return put(SEQUENCE, integer(1) +
                   put(OCTETS, self.community.encode()) + put(pdu, body))


class Manager:
    """On a port of its own."""

    def __init__(self, address="127.0.0.1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.address, self.port = address, self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def next(self, seconds=60):
        ready, _, _ = select.select([self.socket], [], [], seconds)
        assert ready, "no notification came"
        data, peer = self.socket.recvfrom(65536)
        return Message(data, peer)

    def is_quiet(self):
        """Nothing has come so far."""
        return not select.select([self.socket], [], [], 0)[0]

    def send(self, message, data):
        self.socket.sendto(data, message.peer)
