"""Version 1 needs a key that the signer makes first: who comes before it is
there waits, and is never told of other versions than there are."""
import os
import re
import signal
import socket

import pytest
from router import CONFIG, Router, wait_for
from session import Session

BOTH = CONFIG.replace("ip ssh version 2\n", "")
VERSIONS = {BOTH: b"SSH-1.99-", BOTH + "ip ssh version 1\n": b"SSH-1.5-"}


def first_line(router):
    with socket.create_connection(("127.0.0.1", router.port), timeout=60) as s:
        return s.makefile("rb").readline()


@pytest.mark.parametrize("config", VERSIONS, ids=["both", "only 1"])
def test_the_first_answer_is_the_right_one(config):
    with Router(config=config, keys=("rsa", "ed25519")) as router:
        assert first_line(router).startswith(VERSIONS[config])


def signer(router):
    return next(iter(router.children("vtyd-signer")), None)


@pytest.mark.parametrize("config", VERSIONS, ids=["both", "only 1"])
def test_a_signer_that_died_has_left_no_key(config):
    with Router(config=config, keys=("rsa", "ed25519")) as router:
        assert first_line(router).startswith(VERSIONS[config])
        for _ in range(2):
            old = wait_for(lambda: signer(router), "the signer")
            os.kill(old, signal.SIGKILL)
            wait_for(lambda: signer(router) != old, "its end")
            assert first_line(router).startswith(VERSIONS[config])
        # The address was listened on all the time.
        assert len(re.findall(r"Listening on", router.log())) == 1


def test_versions_change_in_an_instant():
    with Router(config=CONFIG, keys=("rsa", "ed25519")) as router, \
            Session(router, enable="cisco") as user:
        for line, wanted in (("no ip ssh version", b"SSH-1.99-"),
                             ("ip ssh version 2", b"SSH-2.0-"),
                             ("ip ssh version 1", b"SSH-1.5-"),
                             ("no ip ssh version", b"SSH-1.99-")):
            user.configure(line)
            assert first_line(router).startswith(wanted)
