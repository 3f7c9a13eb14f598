"""Role line: a device, its users, its ring and its log."""
import os
import random
import re
import socket
import threading

import pytest

from line_worker import TCP, Nursery, Port, receive, until


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as running:
        yield running


@pytest.fixture
def line(nursery):
    with nursery.line() as started, Port() as port:
        started.port = port
        started.device(port.far)
        yield started


def some_bytes(count, seed):
    return random.Random(seed).randbytes(count)


def test_its_title_has_its_number(line):
    line.count()  # it runs by now
    with open(f"/proc/{line.pid}/cmdline", "rb") as file:
        assert file.read().startswith(
            b"vtyd-worker: line %d" % line.number)


def test_a_writer_and_the_device(line):
    with line.user(1) as user:
        user.sendall(b"show version\r")
        assert line.port.reads(13) == b"show version\r"
        line.port.prints(b"\r\nRouter>")
        assert receive(user, 9) == b"\r\nRouter>"
        assert line.count() == {"bytes_in": 9, "bytes_out": 13, "lost": 0,
                                "breaks": 0}


def test_what_is_printed_while_nobody_is_there_is_kept(line):
    line.port.prints(b"panic: out of cheese\r\n")
    with line.user(1) as user:
        line.port.prints(b"more")
        # The beginning came before him, or with him: he gets the rest.
        assert b"more" in until(user, b"more")
    assert line.ring() == b"panic: out of cheese\r\nmore"


def test_the_ring_keeps_the_newest(nursery):
    data = some_bytes(300_000, 1)
    with nursery.line(buffer=100_000) as line, Port() as port:
        line.device(port.far)
        port.prints(data)
        while line.count()["bytes_in"] < len(data):
            pass
        assert line.ring() == data[-100_000:]
        line.setup(buffer=5000)
        assert line.ring() == data[-5000:]
        line.setup(buffer=70_000)
        port.prints(b"end")
        while line.count()["bytes_in"] < len(data) + 3:
            pass
        assert line.ring() == data[-5000:] + b"end"


@pytest.mark.parametrize("megabytes", [10])
def test_both_ways_byte_for_byte(line, megabytes):
    there, back = (some_bytes(megabytes << 20, seed) for seed in (2, 3))
    got = {}
    with line.user(1) as user:
        work = [threading.Thread(target=call) for call in (
            lambda: user.sendall(there), lambda: line.port.prints(back),
            lambda: got.update(there=line.port.reads(len(there))))]
        for thread in work:
            thread.start()
        assert receive(user, len(back)) == back
        for thread in work:
            thread.join()
    assert got["there"] == there
    assert line.count()["lost"] == 0


def test_a_slow_watcher_holds_nobody_up_and_is_told(line):
    data = some_bytes(3 << 20, 4).replace(b"[", b"(")
    with line.user(1) as writer, line.user(2, writer=False) as watcher:
        thread = threading.Thread(target=line.port.prints, args=(data,))
        thread.start()
        assert receive(writer, len(data)) == data
        thread.join()
        seen = until(watcher, data[-40:])
    losses = [int(n) for n in
              re.findall(rb"\r\n\[(\d+) bytes lost: read too slowly\]\r\n",
                         seen)]
    assert losses and len(seen) < len(data)
    plain = re.sub(rb"\r\n\[\d+ bytes lost: read too slowly\]\r\n", b"", seen)
    assert len(plain) + sum(losses) == len(data)
    assert line.count()["lost"] == sum(losses)


def test_a_writer_who_does_not_read_loses_nothing(line):
    """The device waits for him: it is a pseudo-terminal."""
    data = some_bytes(2 << 20, 5)
    with line.user(1) as writer:
        thread = threading.Thread(target=line.port.prints, args=(data,))
        thread.start()
        # It can be asked for other things meanwhile.
        before = -1
        while before != (now := line.count()["bytes_in"]) or now == 0:
            before = now
            line.ring()
        assert before < len(data)
        assert receive(writer, len(data)) == data
        thread.join()


def test_who_watches_does_not_write(line):
    with line.user(1) as writer, line.user(2, False, "bob") as watcher:
        watcher.sendall(b"reload\r")
        # It is read before what comes behind it on another stream.
        line.ring()
        writer.sendall(b"a")
        assert line.port.reads(1) == b"a"
        line.send("LINE_WRITER", id=2)
        assert until(writer, b"\r\n[bob writes from now on]\r\n")
        watcher.sendall(b"b")
        assert line.port.reads(1) == b"b"
        line.port.prints(b"both see it")
        assert receive(writer, 11) == receive(watcher, 11) == b"both see it"


def test_users_leave_and_are_dropped(line):
    with line.user(1) as user:
        line.ring()
        user.sendall(b"last words")
    assert line.hear("LINE_LEFT")["id"] == 1
    assert line.port.reads(10) == b"last words"
    with line.user(2) as user:
        line.ring()
        line.send("LINE_DROP", id=2)
        assert user.recv(10) == b""


def test_who_types_no_more_still_reads(line):
    with line.user(1) as user:
        user.sendall(b"show clock\r")
        user.shutdown(socket.SHUT_WR)
        assert line.port.reads(11) == b"show clock\r"
        line.port.prints(b"12:00")
        assert receive(user, 5) == b"12:00"
    assert line.hear("LINE_LEFT")["id"] == 1


def test_a_device_that_goes_away_and_comes_back(line):
    with line.user(1) as user:
        line.port.prints(b"last words")
        while line.count()["bytes_in"] < 10:
            pass
        line.port.unplug()
        assert line.hear("LINE_GONE")["text"] == b"it hung up"
        assert receive(user, 10) == b"last words"
        assert user.recv(1) == b""
    with line.user(2) as early:  # it crossed the news
        assert early.recv(1) == b""
    with Port() as other:
        line.device(other.far)
        with line.user(3) as user:
            other.prints(b"again")
            assert b"again" in until(user, b"again")
        assert line.ring() == b"last wordsagain"


def test_users_of_a_device_that_is_replaced_leave(line):
    with Port() as other, line.user(1) as user:
        line.device(other.far)
        assert user.recv(1) == b""
        assert line.hear("LINE_LEFT")["id"] == 1


def test_a_tcp_device_ends_with_its_connection(nursery):
    ours, theirs = socket.socketpair()
    with nursery.line() as line:
        line.device(theirs.fileno(), TCP)
        theirs.close()
        with line.user(1) as user:
            user.sendall(b"\xff\r\n")
            assert receive(ours, 3) == b"\xff\r\n"
            ours.sendall(b"\0\xff")
            assert receive(user, 2) == b"\0\xff"
            ours.close()
            assert line.hear("LINE_GONE")["text"] == b"it hung up"
            assert user.recv(1) == b""


def test_a_log_and_the_next_one(line, tmp_path):
    first = os.open(tmp_path / "1", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line.port.prints(b"before")
    while line.count()["bytes_in"] < 6:
        pass
    line.send("LINE_LOG", first, room=10)
    os.close(first)
    line.ring()
    line.port.prints(b"0123456789abcdef")
    assert line.hear("LINE_LOG_FULL")["error"] == 0
    second = os.open(tmp_path / "2", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    line.send("LINE_LOG", second, room=1000)
    os.close(second)
    line.port.prints(b"end")
    while line.count()["bytes_in"] < 25:
        pass
    line.ring()
    assert (tmp_path / "1").read_bytes() == b"0123456789"
    assert (tmp_path / "2").read_bytes() == b"abcdefend"


def test_time_stamps_before_each_line(nursery, tmp_path):
    with nursery.line(timestamps=True) as line, Port() as port:
        line.device(port.far)
        log = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
        line.send("LINE_LOG", log, room=1 << 20)
        os.close(log)
        port.prints(b"one\r\ntw")
        while line.count()["bytes_in"] < 7:
            pass
        port.prints(b"o\r\n")
        while line.count()["bytes_in"] < 10:
            pass
        line.ring()
    stamp = rb"20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z "
    assert re.fullmatch(stamp + rb"one\r\n" + stamp + rb"two\r\n",
                        (tmp_path / "log").read_bytes())


def test_what_is_typed_behind_a_break_comes_behind_it(line):
    with line.user(1) as user:
        user.sendall(b"before")
        line.send("LINE_BREAK", ms=200)
        line.ring()
        user.sendall(b"behind")
        assert line.port.reads(12) == b"beforebehind"
    # Not every kernel says that a pseudo-terminal has none.
    assert line.count()["breaks"] <= 1
