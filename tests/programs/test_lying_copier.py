"""Client workers that lie about the file of a copy: they end, the file with
them, and nobody believes how much of it there is."""
import re
import socket

import pytest

from lying import Honest, Liar, LiarsRouter
from router import CONFIG, wait_for
from session import Session
from test_lying_client import ADDRESS, BEFORE, SHA256
from wire import string

FILE = {"mode": 0o644, "bytes": 100, "name": b"x"}
DONE, FAILED = {"end": 1}, {"end": 11, "status": 2 ** 32 - 1}


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with LiarsRouter(tmp_path_factory.mktemp("liars"),
                     CONFIG + "hostname R1\nfile prompt quiet\n") as running:
        running.honest = Honest(running)
        yield running
        running.honest.check()


class LyingCopier:
    """A user's `copy scp://... TARGET` and the liar that is its worker, which
    says that it has logged in."""

    def __init__(self, router, target="flash:x"):
        self.flash = router.state / "flash"
        with socket.create_server((ADDRESS, 0)) as listener:
            self.user = Session(router, enable="cisco")
            port = listener.getsockname()[1]
            self.user.channel.send(
                f"copy scp://lab:lab@{ADDRESS}:{port}/x {target}\n")
            listener.settimeout(60)
            stream, _ = listener.accept()
        stream.settimeout(60)
        self.liar = Liar(stream)
        setup = self.liar.until("CLIENT_SETUP")
        assert setup["path"] == b"x" and setup["command"] == b"scp -f x"
        self.liar.say("HOST_KEY", algorithm="ssh-ed25519",
                      blob=string("ssh-ed25519") + string(b"k" * 32),
                      hash=SHA256, before=BEFORE, after=b"a" * 100)
        assert self.liar.until("HOST_KEY_REPLY")["trusted"]
        self.liar.say("CLIENT_READY")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.liar.socket.close()
        self.user.client.close()
        wait_for(lambda: not list((self.flash / ".new").iterdir()),
                 "the end of unfinished files")
        assert not (self.flash / "x").exists()

    def says(self):
        return self.user.until(r"\nR1#$").replace("\r\n", "\n")

    def expect_killed(self):
        assert self.liar.rest(60)[1], "it lives"
        assert re.search(r"\n%Error [^\n]+ \(Resource temporarily "
                         r"unavailable\)\nR1#$", self.says())


LIES = {
    "before the file": [("CLIENT_MOVED", {"bytes": 1})],
    "two files": [("CLIENT_FILE", FILE), ("CLIENT_FILE", FILE)],
    "less": [("CLIENT_FILE", FILE), ("CLIENT_MOVED", {"bytes": 8192}),
             ("CLIENT_MOVED", {"bytes": 8191})],
    "no number": [("CLIENT_FILE", FILE), ("CLIENT_MOVED",
                                          {"bytes": 2 ** 64 - 1})],
    "no silence": [("CLIENT_STALLED", {"parts": 0})],
    "too much of it": [("CLIENT_STALLED", {"parts": 10})],
}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES)
def test_what_a_copier_may_not_say_ends_it(router, lies):
    with LyingCopier(router) as copier:
        for name, fields in lies:
            copier.liar.say(name, **fields)
        copier.expect_killed()


def test_more_than_a_configuration_ends_it(router):
    with LyingCopier(router, "running-config") as copier:
        copier.liar.say("CLIENT_FILE", **FILE)
        copier.liar.say("CLIENT_MOVED", bytes=4 * 1024 * 1024 + 1)
        copier.expect_killed()


def test_bytes_that_nobody_wrote_make_no_file(router):
    """And not more marks than a screen can take."""
    with LyingCopier(router) as copier:
        copier.liar.say("CLIENT_FILE", **FILE)
        for exponent in range(10, 63):
            copier.liar.say("CLIENT_MOVED", bytes=2 ** exponent)
        copier.liar.say("CLIENT_ENDED", **DONE)
        seen = copier.says()
        assert seen.endswith("%Error writing flash:/x (Input/output error)\n"
                             "R1#")
        assert 700 < seen.count("!") < 64 * 700


def test_silence_takes_its_time(router):
    """However often it is told: the screen is not flooded with its marks."""
    with LyingCopier(router) as copier:
        copier.liar.often(20000, "CLIENT_STALLED", parts=5)
        copier.liar.say("CLIENT_ENDED", **DONE)
        shown, error, _ = copier.says().partition("%Error")
        assert error and 0 < shown.count(".") < 2000


def test_an_end_without_a_file_is_no_success(router):
    with LyingCopier(router) as copier:
        copier.liar.say("CLIENT_ENDED", **DONE)
        assert "%Error opening scp://*:*@" in copier.says()


def test_an_empty_configuration_is_none(router):
    saved = (router.state / "startup-config").read_text()
    with LyingCopier(router, "startup-config") as copier:
        copier.liar.say("CLIENT_FILE", **FILE)
        copier.liar.say("CLIENT_MOVED", bytes=1000)  # NULs, as they were made
        copier.liar.say("CLIENT_ENDED", **DONE)
        assert "%Error writing nvram:/startup-config (Invalid argument)\n" in \
            copier.says()
    assert (router.state / "startup-config").read_text() == saved


def test_reasons_are_for_screens(router):
    with LyingCopier(router) as copier:
        copier.liar.say("CLIENT_FILE", mode=0xffffffff, bytes=2 ** 64 - 1,
                        name=b"\x1b[2J\n%Error x\xff")
        copier.liar.say("CLIENT_ENDED", end=10, text=b"\x1b]0;x\x07\nR1#")
        seen = copier.says()
        assert " Sending file modes: C7777 18446744073709551615 " \
            "\\x1b[2J\\x0a%Error x\\xff\n" in seen
        assert "/x (\\x1b]0;x\\x07\\x0aR1#)\n" in seen
    with LyingCopier(router) as copier:
        copier.liar.say("CLIENT_FILE", **FILE)
        copier.liar.say("CLIENT_ENDED", **FAILED)
        assert "%Error writing flash:/x (" in copier.says()


def test_a_shell_has_no_file(router):
    with socket.create_server((ADDRESS, 0)) as listener, \
            Session(router) as user:
        port = listener.getsockname()[1]
        user.channel.send(f"ssh -l there -p {port} {ADDRESS}\n")
        listener.settimeout(60)
        stream, _ = listener.accept()
        stream.settimeout(60)
        liar = Liar(stream)
        liar.until("CLIENT_SETUP")
        liar.say("HOST_KEY", algorithm="ssh-ed25519",
                 blob=string("ssh-ed25519") + string(b"k" * 32),
                 hash=SHA256, before=BEFORE, after=b"a" * 100)
        assert liar.until("HOST_KEY_REPLY")["trusted"]
        liar.say("CLIENT_READY")
        liar.say("CLIENT_FILE", **FILE)
        assert liar.rest(60)[1], "it lives"
