"""A hundred megabytes through a line, each way at once, byte for byte."""
import hashlib
import os
import random
import socket
import threading

from line_worker import Nursery, Port

MEGABYTES = 100
PIECE = 64 * 1024


def pieces(seed):
    """The stream, always the same."""
    rng = random.Random(seed)
    for _ in range(MEGABYTES * 1024 * 1024 // PIECE):
        yield rng.randbytes(PIECE)


def digest(parts):
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.digest()


def taken(read):
    left = MEGABYTES * 1024 * 1024
    while left > 0:
        part = read(min(PIECE, left))
        assert part
        left -= len(part)
        yield part


def test_a_hundred_megabytes_each_way():
    with Nursery() as nursery, nursery.line() as line, Port() as port:
        line.device(port.far)
        user = line.user(1)
        user.settimeout(120)
        got = {}
        work = [threading.Thread(target=call) for call in (
            lambda: [user.sendall(piece) for piece in pieces(1)],
            lambda: [port.prints(piece) for piece in pieces(2)],
            lambda: got.update(device=digest(
                taken(lambda most: os.read(port.near, most)))),
            lambda: got.update(user=digest(taken(user.recv))))]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        assert got == {"device": digest(pieces(1)), "user": digest(pieces(2))}
        counted = line.count()
        assert counted["lost"] == 0
        assert counted["bytes_in"] == counted["bytes_out"] == \
            MEGABYTES * 1024 * 1024
        user.shutdown(socket.SHUT_RDWR)
        user.close()
