"""What may be a password, and how fast one may be tried."""
import time

import pytest

from router import CONFIG, Router
from session import Session
from wire import USERAUTH_FAILURE, Wire

SHORT = ("% Password too short - must be at least 10 characters. "
         "Password configuration failed")


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("rules"), config=CONFIG,
                keys=("ed25519",)) as router:
        yield router


def test_a_short_password_is_refused_and_changes_nothing(router):
    with Session(router, enable="cisco") as user:
        user.configure("security passwords min-length 10")
        before = user.command("show running-config")
        user.command("configure terminal")
        for line in ("username new secret short", "enable secret short",
                     "username new password short", "enable password short"):
            assert user.command(line).splitlines() == [SHORT]
        user.command("end")
        assert user.command("show running-config") == before
        user.configure("username new secret long-enough")
        assert "username new secret 9 $9$" in \
            user.command("show running-config | include ^username new")
        user.configure("no username new", "no security passwords min-length")
        assert user.command("enable") == ""


def test_a_failed_try_is_answered_later_by_the_delay(router):
    def one_try():
        wire = Wire(router.port).connect().service()
        began = time.monotonic()
        wire.send(wire.password_request("lab", "wrong"))
        wire.expect(USERAUTH_FAILURE)
        wire.close()
        return time.monotonic() - began

    with Session(router, enable="cisco") as user:
        user.configure("login delay 2")
        assert one_try() >= 2
        user.configure("no login delay")
