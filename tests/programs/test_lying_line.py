"""Workers of lines that lie: what makes no sense ends them, and there is
another; whoever else is on the router notices nothing."""
import socket
import struct

import pytest

from lying import Honest, Liar, LiarsRouter
from messages import MESSAGES
from router import CONFIG

LINE = 66  # liar.c gives this one, and those behind it, to liars
BY_LINES = {"LINE_GONE", "LINE_LEFT", "LINE_LOG_FULL", "LINE_BUFFER_DONE",
            "LINE_COUNTED", "REPORT"}


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    device = f"device tcp 127.0.0.1 {listener.getsockname()[1]}"
    with LiarsRouter(tmp_path_factory.mktemp("liars"),
                     CONFIG + f"line {LINE}\n {device}\n") as running:
        running.listener = listener
        running.honest = Honest(running)
        yield running
        running.honest.check()
    listener.close()


@pytest.fixture
def liar(router):
    """The worker that runs now."""
    stream, _ = router.listener.accept()
    stream.settimeout(60)
    with Liar(stream) as one:
        yield one
        # The next one is another.
        one.tell("x", b"\0")


def test_what_it_may_say_without_being_asked(router, liar):
    liar.say("LINE_LEFT", id=7)
    liar.say("LINE_LOG_FULL", error=0)
    liar.say("LINE_LOG_FULL", error=28)
    liar.say("REPORT", level=3, line="odd \x1b[2J words")
    router.wait_log(r"Worker of line 66: odd \\x1b\[2J words")
    liar.often(1000, "LINE_LEFT", id=1)
    liar.say("LINE_GONE", text="bored\x1b[2J" + 300 * "x")
    router.wait_log(r"Line 66: the device is gone: bored\\x1b\[2Jx+$")
    assert not liar.rest(0.5)[1]


@pytest.mark.parametrize("name,fields", [
    ("LINE_COUNTED", {"request": 1}), ("LINE_COUNTED", {"request": 0}),
    ("LINE_BUFFER_DONE", {"request": 1, "bytes": 5}),
    ("REPORT", {"level": 200, "line": "x"})])
def test_answers_that_nobody_asked_for(router, liar, name, fields):
    liar.say(name, **fields)
    assert liar.rest(60)[1], "it lives"
    router.wait_log("Worker of line 66 is killed: it sent a message that makes "
                    "no sense")


@pytest.mark.parametrize("raw", [b"\0", b"\xff" * 9, bytes([200]),
                                 struct.pack(">BI", 1, 2)])
def test_what_is_no_message(router, liar, raw):
    liar.raw(raw)
    assert liar.rest(60)[1], "it lives"


def test_what_others_say(router):
    """Three of them stand for all; the table is the same for each."""
    for name in ("AUTH_TRY", "LINE", "CLIENT_ENDED"):
        assert name in MESSAGES and name not in BY_LINES
        stream, _ = router.listener.accept()
        stream.settimeout(60)
        with Liar(stream) as one:
            one.say(name)
            assert one.rest(60)[1], name
