"""The router's sessions at OpenSSH's sshd, left and taken up again."""
import re
import subprocess

import pytest

from router import wait_for
from servers import router_keys, sshd, system_user
from session import Session

ESCAPE = "\x1e"
PROMPT = r"Router>$"


@pytest.fixture(scope="module")
def user():
    with system_user() as one:
        yield one


@pytest.fixture(scope="module")
def server():
    with sshd("MaxAuthTries 12") as one:
        yield one


@pytest.fixture
def session(router, user):
    user.authorize(*router_keys(router))
    with Session(router) as one:
        yield one


def begin(session, server, user, host="127.0.0.1"):
    """By key: nothing is asked."""
    session.type(f"ssh -l {user.name} -p {server.port} {host}\n", r"\$ $")


def leave(session):
    assert session.type(ESCAPE + "x", PROMPT).endswith("\r\nRouter>")


def back(session, line="", number=1, host="127.0.0.1"):
    session.channel.send(line + "\n")
    session.until(re.escape(
        f"[Resuming connection {number} to {host} ... ]\r\n") + "$")


def test_two_shells_side_by_side(session, server, user):
    begin(session, server, user)
    session.type("cd /tmp; me=one\n", r"\$ $")
    leave(session)
    begin(session, server, user, "::1")
    session.type("cd /; me=two\n", r"\$ $")
    leave(session)
    shown = session.command("show sessions").splitlines()
    assert shown[1:] == [
        "   1 127.0.0.1           127.0.0.1              0     0 127.0.0.1",
        "*  2 ::1                 ::1                    0     0 ::1"]
    back(session, "1")
    assert "one in /tmp\r\n" in session.type("echo $me in $PWD\n", r"\n\$ $")
    leave(session)
    back(session, "resume ::1", 2, "::1")
    assert "two in /\r\n" in session.type("echo $me in $PWD\n", r"\n\$ $")
    session.type("exit\n", PROMPT)
    back(session, "")
    session.type("exit\n", PROMPT)
    assert session.command("show sessions") == "% No connections open\n"


def test_a_window_that_changed_meanwhile(session, server, user):
    begin(session, server, user)
    leave(session)
    session.channel.resize_pty(123, 45)
    session.command("show privilege")
    back(session)
    session.type("\n", r"\$ $")
    wait_for(lambda: "45 123" in session.type("stty size\n", r"\d\r\n\$ $"),
             "the new size")
    session.channel.resize_pty(200, 24)
    session.type("exit\n", PROMPT)


def test_megabytes_wait_and_arrive_whole(session, server, user):
    begin(session, server, user)
    session.type("seq 700000\n", r"\r\n100\r\n")
    leave(session)
    # Its writer has to wait as well.
    wait_for(lambda: re.search(r"(?m)^\*  1 \S+ +\S+ +[1-9]\d{4,} ",
                               session.command("show sessions")),
             "bytes that wait")
    session.channel.send("\n")
    shown = session.until(r"\r\n700000\r\n\$ $", 300)
    numbers = [int(n) for n in re.findall(r"(\d+)\r\n", shown)]
    # The first one may have begun on the screen before.
    assert numbers[1:] == list(range(numbers[1], 700001))
    assert len(numbers) > 100000
    session.type("exit\n", PROMPT)


def test_the_far_end_closes_while_nobody_looks(session, server, user):
    begin(session, server, user)
    session.type("(while ! [ -e go ]; do sleep 0.1; done; rm go; "
                 "kill -HUP $$) &\n", r"\$ $")
    leave(session)
    user.write("go", b"")
    seen = ""

    def closed():
        nonlocal seen
        seen += session.type("show sessions\n", PROMPT)
        return "closed" in seen

    wait_for(closed, "the end of the far side")
    assert seen.count("[Connection to 127.0.0.1 closed by foreign host]") == 1
    assert session.command("show sessions") == "% No connections open\n"


def test_a_break_and_the_key_itself(session, server, user):
    begin(session, server, user)
    session.type("cat -v\n", r"\n$")
    # sshd does not know what a break is, and says so to nobody.
    session.type(ESCAPE + "b" + ESCAPE + ESCAPE + "\n", r"\^\^\r\n$")
    session.type("\x04", r"\$ $")
    session.type(ESCAPE + "d", PROMPT)
    assert session.command("show sessions") == "% No connections open\n"


def test_the_file_is_what_openssh_reads(router, session, server, user):
    begin(session, server, user)
    session.type("exit\n", PROMPT)
    path = router.state / "known_hosts"
    wait_for(path.exists, "the file")
    found = subprocess.run(
        ["ssh-keygen", "-F", f"[127.0.0.1]:{server.port}", "-f", str(path)],
        capture_output=True, text=True)
    assert found.returncode == 0 and "ssh-ed25519" in found.stdout
    # And the other way round: what it has hashed is still known.
    subprocess.run(["ssh-keygen", "-H", "-f", str(path)], check=True,
                   capture_output=True)
    hashed = path.read_text()
    assert "127.0.0.1" not in hashed
    begin(session, server, user)
    session.type("exit\n", PROMPT)
    assert path.read_text() == hashed
    path.unlink()
