"""debug, no debug, undebug, show debugging; and what a session's lines say."""
import re

import pytest

from router import CONFIG, Router, wait_for
from session import Session
from wire import CHANNEL_CLOSE, DEBUG, Wire, string, u32


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("debug"), CONFIG,
                keys=("ed25519", "rsa")) as router:
        yield router


@pytest.fixture
def admin(router):
    """Privileged; whatever is debugged ends with the test."""
    with Session(router, enable="cisco") as session:
        yield session
        session.command("undebug all")


class Watch:
    """What is told of the session that begins next."""

    def __init__(self, router):
        self.router, self.start = router, len(router.log())

    def lines(self):
        """From its first line on, its vty's number as N, without stamps."""
        log = self.router.log()[self.start:]
        begun = re.search(r"SSH(\d+): starting SSH control process", log)
        if begun is None:
            return []
        found = re.findall(
            rf"^[*.]?[A-Z].{{14}}\.\d{{3}}: ((?:SSH2 |SSH){begun[1]}|SSH2?)"
            r"(:.*)$", log[log.rfind("\n", 0, begun.start()) + 1:], re.M)
        return [(head if head in ("SSH", "SSH2")
                 else head.removesuffix(begun[1]) + "N") + rest
                for head, rest in found]

    def until(self, line):
        """All lines up to that one."""
        found = wait_for(lambda: line in self.lines() and self.lines(),
                         f"debug line {line!r}")
        return found[:found.index(line) + 1]


# --- commands ---------------------------------------------------------------

KINDS = {
    "ip ssh": "Incoming SSH debugging is ",
    "ip ssh client": "SSH Client debugging is ",
    "ip ssh detail": "ssh detail messages debugging is ",
    "ip ssh packet": "ssh packet related messages debugging is ",
    "ip scp": "Incoming SCP debugging is ",
}
ALL = """\
SSH:
  Incoming SSH debugging is on
  SSH Client debugging is on
  ssh detail messages debugging is on
  ssh packet related messages debugging is on
SCP:
  Incoming SCP debugging is on
"""


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_is_turned_on_and_off(admin, kind):
    for off in ("no debug ", "undebug "):
        heading = "SCP:" if kind == "ip scp" else "SSH:"
        assert admin.command("debug " + kind) == KINDS[kind] + "on\n"
        assert admin.command("show debugging") == (
            f"{heading}\n  {KINDS[kind]}on\n")
        assert admin.command(off + kind) == KINDS[kind] + "off\n"
        assert admin.command("show debugging") == ""


@pytest.mark.parametrize("off", ["undebug all", "no debug all", "u all",
                                 "un all"])
def test_all_are_turned_on_after_a_question_and_off_without(admin, off):
    question = ("This may severely impact network performance. "
                "Continue? (yes/[no]): ")
    for answer in ("", "no", "n"):
        assert admin.type("debug all\n", r": $").endswith("\n" + question)
        admin.command(answer)
        assert admin.command("show debugging") == ""
    admin.type("debug all\n", r": $")
    assert admin.command("yes") == \
        "All possible debugging has been turned on\n"
    assert admin.command("show debugging") == ALL
    assert admin.command(off) == "All possible debugging has been turned off\n"
    assert admin.command("show debugging") == ""


def test_only_the_privileged_debug(router):
    with Session(router) as user:
        for line in ("debug ip ssh", "undebug all", "no debug all"):
            assert "% Invalid input" in user.command(line)
        assert user.command("show debugging") == ""


# --- a session --------------------------------------------------------------

def test_a_text_of_the_peer_is_shown_escaped(router, admin):
    admin.command("debug ip ssh")
    watch = Watch(router)
    with Wire(router.port).login() as wire:
        wire.send(bytes([DEBUG]) + b"\1" + string("\x1b[2Jhe\nllo") + string(""))
        channel = wire.open_session()
        wire.send(bytes([CHANNEL_CLOSE]) + u32(channel))
        wire.expect(CHANNEL_CLOSE)
    told = watch.until("SSHN: Session terminated normally")
    assert "SSH2 N: debug message: \\x1b[2Jhe\\x0allo" in told
