"""The answer to a session key of version 1 takes as long whatever is wrong with
it, or nothing: its time must not tell what was decrypted.

Prints the medians; a machine that others share is no place to assert a time.
"""
import os
import secrets
import socket
import statistics
import struct
import time
import zlib

from router import CONFIG, Router

TRIES = 400
ONLY_1 = CONFIG.replace("ip ssh version 2\n", "ip ssh version 1\n")
PUBLIC_KEY, SESSION_KEY, TRIPLE_DES = 2, 3, 3


def packet(payload):
    """In clear: length, padding, and the CRC of both (start value 0)."""
    padded = bytes(8 - (len(payload) + 4) % 8) + payload
    crc = zlib.crc32(padded, 0xffffffff) ^ 0xffffffff
    return struct.pack(">I", len(payload) + 4) + padded + struct.pack(">I", crc)


def read_exactly(stream, size):
    data = b""
    while len(data) < size:
        part = stream.recv(size - len(data))
        assert part, "the router closed"
        data += part
    return data


def read_packet(stream):
    length, = struct.unpack(">I", read_exactly(stream, 4))
    return read_exactly(stream, (length + 8) & ~7)


class Numbers:
    """Fields of a message, as section 2 of the protocol has them."""

    def __init__(self, data):
        self.data = data

    def take(self, size):
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def number(self):
        bits, = struct.unpack(">H", self.take(2))
        return int.from_bytes(self.take((bits + 7) // 8), "big")

    def key(self):
        self.take(4)
        exponent = self.number()
        return exponent, self.number()


def size_of(modulus):
    return (modulus.bit_length() + 7) // 8


def block(modulus, data, kind=2):
    """PKCS #1 v1.5 around the data, as many bytes as the modulus has."""
    padding = bytes(1 + secrets.randbelow(255)
                    for _ in range(size_of(modulus) - 3 - len(data)))
    return bytes([0, kind]) + padding + b"\0" + data


def raw(key, data):
    return pow(int.from_bytes(data, "big"), key[0], key[1]).to_bytes(
        size_of(key[1]), "big")


def wrapped(server, host, inner=2, outer=2, key_size=32):
    small, large = sorted((server, host), key=lambda key: key[1])
    once = raw(small, block(small[1], os.urandom(key_size), inner))
    return raw(large, block(large[1], once, outer))


def unpadded(server, host):
    """No zero byte ends the padding of the inner layer."""
    small, large = sorted((server, host), key=lambda key: key[1])
    text = b"\0\2" + bytes(1 + secrets.randbelow(255)
                           for _ in range(size_of(small[1]) - 2))
    return raw(large, block(large[1], raw(small, text)))


KINDS = {
    "right": wrapped,
    "outer padding": lambda s, h: wrapped(s, h, outer=1),
    "inner padding": lambda s, h: wrapped(s, h, inner=1),
    "both paddings": lambda s, h: wrapped(s, h, inner=1, outer=1),
    "no end of it": unpadded,
    "longer key": lambda s, h: wrapped(s, h, key_size=48),
    "shorter key": lambda s, h: wrapped(s, h, key_size=16),
    "not below n": lambda s, h: max(s[1], h[1]).to_bytes(
        size_of(max(s[1], h[1])), "big"),
    "random": lambda s, h: raw(max(s, h, key=lambda key: key[1]),
                               b"\0" + os.urandom(
                                   size_of(max(s[1], h[1])) - 1)),
}


def one(router, kind):
    """Seconds from the session key to the answer."""
    with socket.create_connection(("127.0.0.1", router.port), 30) as stream:
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while read_exactly(stream, 1) != b"\n":
            pass
        stream.sendall(b"SSH-1.5-timing\n")
        message = Numbers(read_packet(stream).lstrip(b"\0")[1:])
        cookie = message.take(8)
        server, host = message.key(), message.key()
        number = KINDS[kind](server, host)
        request = packet(bytes([SESSION_KEY, TRIPLE_DES]) + cookie
                         + struct.pack(">H", 8 * len(number)) + number
                         + bytes(4))
        # The worker is at rest when it comes.
        time.sleep(0.002)
        started = time.perf_counter()
        stream.sendall(request)
        answer = read_exactly(stream, 12)
        taken = time.perf_counter() - started
        assert answer[:4] == b"\0\0\0\5"
        return taken


def test_medians_of_session_keys(capsys):
    kinds = list(KINDS)
    times = {kind: [] for kind in kinds}
    with Router(config=ONLY_1, keys=("rsa",)) as router:
        for turn in range(TRIES):
            # In another order each time, so that none always comes first.
            start = turn % len(kinds)
            for kind in kinds[start:] + kinds[:start]:
                times[kind].append(one(router, kind))
    medians = {kind: statistics.median(t) for kind, t in times.items()}
    quick = {kind: statistics.quantiles(t, n=20)[0]
             for kind, t in times.items()}
    with capsys.disabled():
        print(f"\nsession keys, {TRIES} of each, in ms: median, fastest "
              "twentieth:")
        for kind in kinds:
            print(f"  {kind:14} {medians[kind] * 1000:8.3f} "
                  f"{quick[kind] * 1000:8.3f}")
        for name, by_kind in (("median", medians), ("fastest", quick)):
            spread = max(by_kind.values()) / min(by_kind.values()) - 1
            print(f"  {name}: largest over smallest +{spread * 100:.2f} %")
    assert all(len(t) == TRIES for t in times.values())
