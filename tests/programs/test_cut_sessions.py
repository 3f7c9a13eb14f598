"""Sessions that are cut in the middle of a command: nothing of it stays."""
import os
import socket
import struct

import pytest

from processes import descriptors
from router import wait_for
from session import Session

LARGE = 1 << 32
MERGE = "".join(f"access-list {1 + i % 99} permit 10.1.{i >> 8}.{i & 255}\n"
                for i in range(4000))

# Where one stands, what is typed, and what then must be on the screen.
CASES = (
    ("configure terminal",
     "crypto key import rsa in pem terminal passphrase\n", "\n.*\n"),
    ("configure terminal", "crypto key generate rsa label large modulus 4096\n",
     r"Generating"),
    ("configure terminal", "crypto key generate rsa label other\n", r"\]: $"),
    ("configure terminal", "crypto key zeroize rsa\n", r"\]: $"),
    ("configure terminal", "username eve secret a-secret\n", "secret"),
    ("configure terminal", "banner motd #\nfirst\nsecond\n", "second\r\n"),
    ("configure terminal", "ip ssh pubkey-chain\nusername lab\nkey-string\n"
     "AAAA\n", "AAAA\r\n"),
    ("", "copy flash:large flash:new\n\n", r"\]\? "),
    ("", "copy running-config flash:new\n", r"\]\? $"),
    ("", "copy flash:merge running-config\n\n", r"\]\? "),
    ("", "verify /md5 flash:large\n", r"\.\."),
    ("terminal length 24", "more flash:merge\n", "--More-- $"),
    ("terminal length 24", "show tech-support\n", "--More-- $"),
    ("terminal length 24", "show running-config | include .\n", "--More-- $"),
    ("terminal length 24", "show tech-support | tee flash:tee\n",
     "--More-- $"),
    ("", "delete flash:merge\n", r"\]\? $"),
    ("", "reload in 5\n", r"\]:? ?$"),
    ("", "write erase\n", "confirm]$"),
    ("", "configure\n", r"\]\? $"),
    ("disable", "enable\n", "Password: $"),
    ("", "ping 127.0.0.1 repeat 100000000\n", "!!!"),
    ("", "configure replace flash:merge\n", r"\]:? ?$"),
)

# What a command may have completed all the same.
FINISHED = {"flash/tee", "keys/large.rsa"}


@pytest.fixture(scope="module")
def shown(router_of):
    router = router_of("hostname R1\nusername root privilege 15 password 0 pw\n")
    flash = router.state / "flash"
    with login(router):
        (flash / "merge").write_text(MERGE)
        with open(flash / "large", "wb") as large:
            large.truncate(LARGE)
    return router


def login(router):
    return Session(router, user="root", password="pw")


def cut(session):
    """A reset: no word of the end."""
    connection = session.client.get_transport().sock
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                          struct.pack("ii", 1, 0))
    session.client.close()


def holdings(router):
    """How many descriptors it has, and each of its helpers; how many children.
    Workers made in stock have what all of them have."""
    helpers = [pid for role in ("nursery", "signer", "aaa")
               for pid in router.children(role)]
    try:
        return (descriptors(router.pid),
                tuple(sorted(descriptors(pid) for pid in helpers)),
                len(router.children()))
    except FileNotFoundError:
        return None  # one of them ends


def files(router):
    return sorted(str(path.relative_to(router.state))
                  for path in router.state.rglob("*"))


def configuration(session):
    return session.command("show running-config | exclude ^!|^Current")


@pytest.fixture(scope="module")
def at_rest(shown):
    """What it has while one other user is there, who never leaves."""
    with login(shown) as other:
        other.command("show clock")
        with login(shown) as one:
            one.command("show running-config")
        seen = []

        def settled():
            seen.append(holdings(shown))
            return len(seen) > 100 and len(set(seen[-100:])) == 1
        wait_for(settled, "rest")
        yield other, seen[-1], files(shown), configuration(other)


@pytest.mark.parametrize("first, typed, seen", CASES)
def test_a_cut_session_leaves_nothing(shown, at_rest, first, typed, seen):
    other, held, there, config = at_rest
    one = login(shown)
    if first:
        one.command(first)
    one.type(typed, seen)
    cut(one)
    assert other.command("show privilege").endswith(" 15\n")
    last = []

    def as_before():
        last[:] = [holdings(shown), (set(files(shown)) ^ set(there)) - FINISHED]
        return last == [held, set()]
    try:
        # A large pair whose making has begun takes its time.
        wait_for(as_before, f"{held}", 180)
    except AssertionError:
        raise AssertionError(f"{last}, but before {held}")
    # Those that may have been quicker leave what they were to.
    if not typed.startswith(("username", "ip ssh", "copy flash:merge")):
        assert configuration(other) == config
    other.configure("no username eve", "no ip ssh pubkey-chain", *(f"no access-list {1 + i}"
                                         for i in range(99)))
