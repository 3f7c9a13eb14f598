"""copy from and to hosts that say nothing any more."""
import re
import threading
import time

import pytest
from far_host import FarHost, receive, receive_line
from router import CONFIG, Router, wait_for
from session import Session

QUESTION = r"(\]\? |Password: |\n[\w.-]+[>#])$"
FILE = b"x" * 100_000
# Long enough for a login at a busy far host.
SHORT_S = 3
SHORT = f"ip ssh time-out {SHORT_S}"


@pytest.fixture(scope="module")
def plain():
    with Router(config=CONFIG + "hostname R1\nfile prompt quiet\n",
                keys=("ed25519",)) as one:
        yield one


@pytest.fixture(scope="module")
def user(plain):
    """The time is set behind his own login."""
    with Session(plain, enable="cisco") as one:
        one.configure(SHORT)
        yield one


@pytest.fixture
def flash(plain):
    yield plain.state / "flash"
    wait_for(lambda: not list((plain.state / "flash" / ".new").iterdir()),
             "the end of unfinished files")


@pytest.fixture
def stay():
    """For functions of hosts that hold their channel open."""
    over = threading.Event()
    yield over
    over.set()


def copied(user, line):
    """What is shown behind the line, up to the prompt."""
    seen = user.type(line + "\n", QUESTION).replace("\r\n", "\n")
    return seen.partition("\n")[2].rpartition("\n")[0] + "\n"


def test_a_file_that_stops_coming(user, flash, stay):
    def serve(channel, command):
        receive(channel, 1)
        channel.sendall(b"C0644 1000000 x\n")
        receive(channel, 1)
        channel.sendall(FILE)
        stay.wait(60)
    with FarHost(command=serve) as far:
        text = copied(user, f"copy scp://lab:lab@127.0.0.1:{far.port}/x "
                      "flash:silent")
    assert re.fullmatch(
        r" Sending file modes: C0644 1000000 x\n[!.]+\.\n"
        r"%Error reading scp://\*:\*@127\.0\.0\.1:\d+/x \(Timed out\)\n", text)
    assert text.partition("\n")[2].count("!") == 12
    assert not (flash / "silent").exists()


@pytest.mark.parametrize("way", ("get", "put"))
def test_a_host_that_never_begins(user, flash, stay, way):
    """It starts the subsystem, and that is all."""
    (flash / "near").write_bytes(FILE)
    with FarHost(subsystem=lambda channel, name: stay.wait(60)) as far:
        url = f"sftp://lab:lab@127.0.0.1:{far.port}/x"
        text = copied(user, f"copy {url} flash:silent" if way == "get"
                      else f"copy flash:near {url}")
    shown = re.escape(f"sftp://*:*@127.0.0.1:{far.port}/x")
    assert re.fullmatch(("Writing x \n" if way == "put" else "")
                        + r"\.{1,9}\n%Error opening " + shown
                        + r" \(Timed out\)\n", text)


def test_a_host_that_takes_nothing_any_more(user, flash, stay):
    """More than the window and what lies between takes up."""
    (flash / "large").write_bytes(b"x" * (16 << 20))

    def serve(channel, command):
        channel.sendall(b"\0")
        receive_line(channel)
        channel.sendall(b"\0")
        stay.wait(60)
    with FarHost(command=serve) as far:
        text = copied(user, "copy flash:large "
                      f"scp://lab:lab@127.0.0.1:{far.port}/x")
    assert re.search(r"\.\n%Error writing scp://\*:\*@127\.0\.0\.1:\d+/x "
                     r"\(Timed out\)\n$", text)


def test_a_host_that_is_slow_has_its_time(user, flash):
    """Between two bytes less than that, altogether more."""
    user.configure("ip ssh time-out 4")

    def serve(channel, command):
        receive(channel, 1)
        channel.sendall(b"C0644 6 x\n")
        receive(channel, 1)
        for _ in range(6):
            threading.Event().wait(0.8)
            channel.sendall(b"x")
        channel.sendall(b"\0")
        receive(channel, 1)
    with FarHost(command=serve) as far:
        text = copied(user, f"copy scp://lab:lab@127.0.0.1:{far.port}/x "
                      "flash:slow")
    user.configure(SHORT)
    assert re.search(r"\n[.]+!\n6 bytes copied in ", text), text
    assert (flash / "slow").read_bytes() == b"xxxxxx"


def test_a_user_who_thinks_has_all_time(user, flash):
    """It is not the far host who is silent at a question."""
    def serve(channel, command):
        receive(channel, 1)
        channel.sendall(b"C0644 1 x\n")
        receive(channel, 1)
        channel.sendall(b"x\0")
        receive(channel, 1)
    with FarHost(command=serve) as far:
        user.type(f"copy scp://lab@127.0.0.1:{far.port}/x flash:late\n",
                  r"Password: $")
        asked = time.monotonic()
        wait_for(lambda: time.monotonic() > asked + SHORT_S + 0.5, "the time")
        assert "1 bytes copied" in user.type("lab\n", QUESTION)
    assert (flash / "late").read_bytes() == b"x"
