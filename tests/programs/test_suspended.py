"""Sessions on other machines, left and taken up again."""
import os
import re
import signal

import pytest
from console import Terminal, wait_socket
from processes import is_alive
from router import CONFIG, VTYD, Router, wait_for
from session import Session

LAB_15 = CONFIG.replace("username lab", "username lab privilege 15").replace(
    "banner login ^C\nAuthorized users only\n^C\n", "")
ESCAPE = "\x1e"
NEAR, FAR = r"\nNear#$", r"Far#$"
MANY = 200000
SHOW_LENGTH = "show terminal | include Length\n"


@pytest.fixture(scope="module")
def near():
    with Router(config="hostname Near\n" + LAB_15, keys=("ed25519",)) as one:
        yield one


@pytest.fixture(scope="module")
def far():
    config = "hostname Far\n" + LAB_15.replace("vty 0 15", "vty 0 31")
    with Router(config=config, keys=("ed25519",)) as one:
        # More than any socket's buffer holds.
        (one.state / "flash" / "many").write_text(
            "".join(f"line {n} of many\n" for n in range(MANY)))
        yield one


@pytest.fixture
def user(near):
    with Session(near) as one:
        yield one


def log_in(user, far):
    user.type(f"ssh -l lab -p {far.port} 127.0.0.1\n", r"Password: $")
    user.type("lab\n", FAR)


def suspend(user):
    return user.type(ESCAPE + "x", NEAR)


def open_one(user, far):
    log_in(user, far)
    suspend(user)


RESUMED = "[Resuming connection {} to 127.0.0.1 ... ]\r\n"
CLOSED = "[Connection to 127.0.0.1 closed by foreign host]\r\n"


def back(user, line, number=1):
    """Typed, it brings the session back; Enter brings the far prompt."""
    user.channel.send(line + "\n")
    seen = user.until(re.escape(RESUMED.format(number)) + "$")
    assert user.type("\n", FAR) == "\r\nFar#"
    return seen


def test_without_sessions_there_is_nothing(user):
    for line in ("show sessions", "where", "resume", "disconnect", "resume 1"):
        assert user.command(line) == "% No connections open\n"
    # Neither a number nor an empty line means anything.
    assert user.type("\n", NEAR) == "\r\nNear#"
    assert "Near#" in user.command("1") or "%" in user.command("1")


def test_a_session_is_left_and_taken_up(user, far):
    log_in(user, far)
    assert suspend(user) == "\r\nNear#"
    assert user.command("show sessions") == (
        "Conn Host                Address             Byte  Idle Conn Name\n"
        "*  1 127.0.0.1           127.0.0.1              0     0 127.0.0.1\n")
    assert user.command("where") == user.command("show sessions")
    assert re.search(r"(?m)^\* +\d vty \d +lab +127\.0\.0\.1 +\d\d:\d\d:\d\d ",
                     user.command("show users"))
    for line in ("", "resume", "1", "resume 1", "resume 127.0.0.1", " 1 ", "r"):
        assert back(user, line) == line + "\r\n" + RESUMED.format(1)
        suspend(user)
    assert user.command("2") == "% No such connection\n"
    assert user.command("resume 2") == "% No such connection\n"
    assert user.command("resume nobody") == "% No such connection\n"
    back(user, "")
    user.type("exit\n", NEAR)
    assert user.command("show sessions") == "% No connections open\n"


def test_keys_behind_the_escape_key(user, far):
    log_in(user, far)
    shown = user.type(ESCAPE + "?", r"escape character\r\n$")
    assert shown == ("\r\n[Special escape help]\r\n^^B  send BREAK\r\n"
                     "^^D  disconnect\r\n^^X  suspend\r\n"
                     "^^^^  send the escape character\r\n")
    # A break is nothing to a router; the escape key itself is there to use.
    assert user.type(ESCAPE + "b\n", FAR).endswith("\r\nFar#")
    user.type("ping 127.0.0.1 repeat 100000 timeout 1\n", "!!!")
    shown = user.type(ESCAPE + ESCAPE, FAR)
    assert "\r\nSuccess rate is " in shown
    user.type(ESCAPE + "d", NEAR)
    assert user.command("show sessions") == "% No connections open\n"


def test_another_escape_character(user, far):
    assert user.command("terminal escape-character q") == ""
    assert "qx " in user.command("show terminal")
    log_in(user, far)
    assert user.type(ESCAPE + "qq\x15\n", FAR).endswith("\r\nFar#")
    user.type("qx", NEAR)
    back(user, "")
    user.type("qd", NEAR)
    assert user.command("terminal escape-character none") == ""
    log_in(user, far)
    user.type(ESCAPE + "xq", r"q$")
    user.type("\x15exit\n", NEAR)


def test_several_at_once(user, far):
    for _ in range(3):
        open_one(user, far)
    shown = user.command("show sessions").splitlines()[1:]
    assert [line[:4] for line in shown] == ["   1", "   2", "*  3"]
    back(user, "2", 2)
    user.type("terminal length 17\n", FAR)
    suspend(user)
    back(user, "1", 1)
    assert "Length: 24 lines" in user.type(SHOW_LENGTH, FAR)
    suspend(user)
    back(user, "2", 2)
    assert "Length: 17 lines" in user.type(SHOW_LENGTH, FAR)
    suspend(user)
    asked = user.type("disconnect 1\n", r"\[confirm\]$")
    assert asked == "disconnect 1\r\nClosing connection to 127.0.0.1 [confirm]"
    user.type("n", NEAR)
    assert len(user.command("show sessions").splitlines()) == 4
    user.type("disconnect 1\n", r"\[confirm\]$")
    user.type("\n", NEAR)
    shown = user.command("show sessions").splitlines()[1:]
    assert [line[:4] for line in shown] == ["*  2", "   3"]
    # The number that is free is the next one's.
    open_one(user, far)
    shown = user.command("show sessions").splitlines()[1:]
    assert [line[:4] for line in shown] == ["*  1", "   2", "   3"]
    asked = user.type("exit\n", r"\[confirm\]$")
    assert asked == "exit\r\n (You have open connections) [confirm]"
    user.type("n", NEAR)
    user.type("logout\n", r"\[confirm\]$")
    user.channel.send("\n")
    assert read_all(user) == "\r\n" + 3 * "Closing: 127.0.0.1 !\r\n"


def read_all(user):
    seen = b""
    while True:
        part = user.channel.recv(65536)
        if not part:
            return seen.decode()
        seen += part


def sessions_at(far):
    with Session(far) as other:
        return other.command("show users").count("vty") - 1


def test_sessions_go_with_their_user(near, far):
    user = Session(near)
    for _ in range(2):
        open_one(user, far)
    # Whoever was there before has left.
    wait_for(lambda: sessions_at(far) == 2, "no others")
    user.client.close()
    wait_for(lambda: sessions_at(far) == 0, "the end of both sessions")


def test_an_end_is_told_at_the_next_prompt(user, far):
    for _ in range(2):
        open_one(user, far)
    wait_for(lambda: sessions_at(far) == 2, "no others")
    with Session(far) as other:
        wait_for(lambda: other.command("show users").count("vty") == 3,
                 "the end of who has looked")
        own = re.search(r"(?m)^\* *\d+ vty (\d+)",
                        other.command("show users")).group(1)
        for vty in re.findall(r"(?m)^  +\d+ vty (\d+)",
                              other.command("show users")):
            assert vty != own
            other.type(f"clear line vty {vty}\n", r"\[confirm\]$")
            other.type("\n")
    wait_for(lambda: sessions_at(far) == 0, "the end of both sessions")
    # Between two of these prompts the second end may come.
    told = ""
    while told.count(CLOSED) < 2:
        told += user.type("show privilege\n", NEAR)
    assert user.command("show sessions") == "% No connections open\n"


def test_output_waits_for_its_reader(user, far):
    log_in(user, far)
    user.type("terminal length 0\n", FAR)
    user.type("more flash:many\n", "line 0 of many")
    suspend(user)
    # It is more than fits anywhere; nobody is told to hurry.
    full = r"(?m)^\*  1 127\.0\.0\.1 +127\.0\.0\.1 +([1-9]\d{4,}) "
    wait_for(lambda: re.search(full, user.command("show sessions")),
             "bytes that wait")
    user.channel.send("\n")
    shown = user.until(FAR, 120)
    numbers = [int(n) for n in re.findall(r"line (\d+) of many\r\n", shown)]
    assert numbers == list(range(numbers[0], MANY)) and len(numbers) > 10000
    user.type("exit\n", NEAR)


def test_what_was_said_before_an_end_is_shown(user, far):
    log_in(user, far)
    user.type("terminal length 0\n", FAR)
    user.channel.send("more flash:many | count 7\nexit\n" + ESCAPE + "x")
    user.until(NEAR)
    if "No connections" not in user.command("show sessions"):
        user.channel.send("\n")
        shown = user.until(r"host\]\r\nNear#$")
        assert shown.endswith("\r\n" + CLOSED + "Near#")
    assert user.command("show sessions") == "% No connections open\n"


def test_sixteen_and_no_more(near, far):
    with Session(near) as user:
        for _ in range(15):
            open_one(user, far)
        log_in(user, far)
        suspend(user)
        assert (user.command(f"ssh -l lab -p {far.port} 127.0.0.1")
                == "% All 16 connections are open\n")
        assert user.command("show sessions").count("127.0.0.1") == 3 * 16
        back(user, "16", 16)
        user.type("exit\n", NEAR)
        # Another user has his own.
        with Session(near) as other:
            assert other.command("show sessions") == "% No connections open\n"
            open_one(other, far)
            back(other, "1")
            suspend(other)
    wait_for(lambda: sessions_at(far) == 0, "the end of all sessions")


def test_on_the_console(near, far):
    wait_socket(near)
    with Terminal(str(VTYD), "attach", "--state", str(near.state)) as console:
        console.expect(r"Near#")
        console.type(f"ssh -l lab -p {far.port} 127.0.0.1\r")
        console.expect(r"Password: ")
        console.type("lab\r")
        console.expect(r"Far#")
        console.type(ESCAPE + "x")
        console.expect(r"\r\nNear#")
        console.type("\r")
        console.expect(re.escape(RESUMED.format(1)))
        console.type("\r")
        console.expect(r"Far#")
        console.type(ESCAPE + "x")
        console.expect(r"\r\nNear#")
        console.type("exit\r")
        console.expect(r" \(You have open connections\) \[confirm\]")
        console.type("\r")
        console.expect(r"Closing: 127\.0\.0\.1 !\r\n")


def test_a_worker_that_dies_is_told(near, user, far):
    open_one(user, far)
    # Those of the tests before have gone, or do so now.
    wait_for(lambda: len(near.children("vtyd-worker: client")) == 1,
             "the only client")
    (pid,) = near.children("vtyd-worker: client")
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not is_alive(pid), "its end")
    seen = ""
    while "aborted" not in seen:
        seen += user.type("show privilege\n", NEAR)
    assert "[Connection to 127.0.0.1 aborted: error status 0]\r\n" in seen
    assert user.command("show sessions") == "% No connections open\n"


def test_a_user_without_an_escape_key_stays_there(near, far):
    with Session(near) as user:
        user.configure("username stay privilege 15 noescape password 0 stay")
    with Session(near, user="stay", password="stay") as user:
        log_in(user, far)
        # What would have been the key is for the far router.
        user.type(ESCAPE + "x" + "\x15" + "\n", FAR)
        user.channel.send("exit\n")
        assert CLOSED in user.until(NEAR)
        assert user.command("show sessions") == "% No connections open\n"
