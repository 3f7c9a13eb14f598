"""Client workers that say what they may not say, or not now, or too much of it.

Each time that worker ends, its user is told and goes on, and nobody else
notices anything. What they may have signed is in test_lying_client.py.
"""
import base64
import os
import re

import pytest

from lying import Honest, LiarsRouter
from processes import is_alive
from router import CONFIG, wait_for
from test_lying_client import ADDRESS, LyingClient
from wire import string

ABORTED = f"[Connection to {ADDRESS} aborted: error status 0]\r\n"
CLOSED = f"[Connection to {ADDRESS} closed by foreign host]\r\n"
DONE, CLOSED_BY_PEER, NO_ALGORITHM, PROTOCOL = 1, 2, 3, 6

# Messages of client workers, of others, and of control.
NAMES = ("HOST_KEY", "CLIENT_ASK", "CLIENT_SIGN", "CLIENT_SHOW", "CLIENT_READY",
         "CLIENT_FILE", "CLIENT_MOVED", "AUTH_TRY", "LINE", "SHELL", "DETACHED",
         "ENDED", "START", "STARTED", "CLIENT_SETUP", "CLIENT_ANSWER",
         "VERDICT", "USER_SIGNED")
ALLOWED = {
    "keys": {"HOST_KEY", "CLIENT_SHOW"},
    "login": {"CLIENT_ASK", "CLIENT_SIGN", "CLIENT_SHOW", "CLIENT_READY"},
    "running": set(),
}


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with LiarsRouter(tmp_path_factory.mktemp("liars"), CONFIG) as running:
        running.honest = Honest(running)
        yield running
        running.honest.check()


def client_in(router, state):
    client = LyingClient(router)
    if state != "keys":
        client.trust()
    if state == "running":
        client.liar.say("CLIENT_READY")
    return client


def goes_on(client, seen):
    assert seen.endswith("Router>")
    assert client.user.command("show privilege") == \
        "Current privilege level is 1\n"


@pytest.mark.parametrize("state, name", [
    (state, name) for state, allowed in ALLOWED.items() for name in NAMES
    if name not in allowed])
def test_what_is_not_in_the_table_ends_it(router, state, name):
    with client_in(router, state) as client:
        client.liar.say(name)
        assert client.liar.rest(60)[1], "it lives"
        seen = client.user.until(r"Router>$")
        assert ABORTED in seen
        goes_on(client, seen)


def test_version_1_is_not_its_to_choose(router):
    with LyingClient(router) as client:
        client.liar.say("HOST_KEY", algorithm="rsa1",
                        blob=string("rsa1") + string(b"\3")
                        + string(b"\x7f" * 128))
        assert ABORTED in client.user.until(r"Router>$")


def test_there_is_one_host_key(router):
    """A worker does not go on until one is trusted."""
    known, other = (string("ssh-ed25519") + string(os.urandom(32))
                    for _ in range(2))
    with LyingClient(router) as client:
        router.write_state(
            "known_hosts", f"[{ADDRESS}]:{client.port} ssh-ed25519 "
            + base64.b64encode(known).decode() + "\n")
        try:
            client.liar.say("HOST_KEY", algorithm="ssh-ed25519", blob=other)
            assert not client.liar.until("HOST_KEY_REPLY")["trusted"]
            client.liar.say("HOST_KEY", algorithm="ssh-ed25519", blob=known)
            assert ABORTED in client.user.until(r"Router>$")
        finally:
            (router.state / "known_hosts").unlink()


@pytest.mark.parametrize("raw", [b"", b"\0", b"\xff", b"\x05" * 100,
                                 os.urandom(1000)], ids=range(5))
def test_what_is_no_message_ends_it(router, raw):
    with client_in(router, "login") as client:
        if raw:
            client.liar.raw(raw)
        else:
            client.liar.tell("c")
        assert ABORTED in client.user.until(r"Router>$")


def test_a_descriptor_is_of_no_use(router):
    with client_in(router, "login") as client:
        client.liar.tell("d", b"\xff")
        assert ABORTED in client.user.until(r"Router>$")


def test_a_question_must_wait_for_its_answer(router):
    with client_in(router, "login") as client:
        client.liar.often(2, "CLIENT_ASK", prompt="Name: ", echo=True)
        assert ABORTED in client.user.until(r"Router>$")


def test_questions_are_not_without_end(router):
    with client_in(router, "login") as client:
        for _ in range(64):
            client.liar.say("CLIENT_ASK", prompt="Name: ", echo=True)
            client.user.type("x\n", r"x\r\n$")
        client.liar.say("CLIENT_ASK", prompt="Name: ", echo=True)
        assert ABORTED in client.user.until(r"Router>$")


def test_text_is_not_without_end(router):
    with client_in(router, "login") as client:
        client.liar.often(20, "CLIENT_SHOW", text=b"x" * 60000)
        assert ABORTED in client.user.until(r"Router>$")


def test_nothing_of_it_is_taken_for_keys_of_the_screen(router):
    """No byte that a terminal obeys, in texts, questions and the log."""
    evil = b"\x1b]0;x\x07\x9b2J\xe2\x80\xae\r\nRouter#"
    with client_in(router, "login") as client:
        client.liar.say("CLIENT_SHOW", text=evil)
        client.liar.say("CLIENT_ASK", prompt=evil, echo=True)
        seen = client.user.until(r"Router#$")
        client.user.type("x\n", r"\n$")
        client.liar.say("CLIENT_ENDED", end=PROTOCOL, text=evil, signal=evil)
        seen += client.user.until(r"Router>$")
        assert ABORTED in seen
        assert re.fullmatch(r"[\x20-\x7e\r\n]*", seen), seen
    line = router.wait_log(r"^.*%SSH-3-CLIENT: Connection to .*x1b\]0;x.*$")
    assert re.fullmatch(r"[\x20-\x7e]*", line.group(0))


def test_a_status_may_be_anything(router):
    with client_in(router, "running") as client:
        client.liar.say("CLIENT_ENDED", end=DONE, has_status=1,
                        status=2 ** 32 - 1)
        seen = client.user.until(r"Router>$")
        assert CLOSED in seen
        goes_on(client, seen)


@pytest.mark.parametrize("end", (0, 10, 255))
def test_an_end_that_there_is_not(router, end):
    with client_in(router, "running") as client:
        client.liar.say("CLIENT_ENDED", end=end)
        goes_on(client, client.user.until(r"Router>$"))


def test_it_does_not_outlive_its_last_word(router):
    """Nor does one that says nothing, and whose user leaves."""
    with client_in(router, "login") as client:
        [pid] = router_liars(router)
        client.liar.say("CLIENT_ENDED", end=CLOSED_BY_PEER)
        assert CLOSED in client.user.until(r"Router>$")
        wait_for(lambda: not is_alive(pid), "its end")
    with client_in(router, "running") as client:
        [pid] = router_liars(router)
    wait_for(lambda: not is_alive(pid), "its end")


def is_worker(pid):
    """False also of one that has just ended."""
    try:
        return os.readlink(f"/proc/{pid}/exe").endswith("/vtyd-worker")
    except FileNotFoundError:
        return False


def router_liars(router):
    """Workers that are no honest ones'."""
    def found():
        pids = [pid for pid in router.children()
                if is_worker(pid)
                and pid != nursery_of(router)]
        return pids if len(pids) == 1 else None
    return wait_for(found, "the liar")


def nursery_of(router):
    """The liars' nursery is the oldest of them."""
    return min(pid for pid in router.children()
               if is_worker(pid))
