"""The router's `ssh` at servers that lie: section 8 of the list of attacks.

Whatever such a server says, the connection ends with the line for it and the
user is at his prompt again; what it wants to show is shown harmlessly.
"""
import struct

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from router import CONFIG, Router
from session import Session
from wire import (CHANNEL_CLOSE, CHANNEL_DATA, CHANNEL_OPEN, DEBUG,
                  GLOBAL_REQUEST, IGNORE, KEXINIT, OPEN_FAILURE,
                  REQUEST_FAILURE, USERAUTH_BANNER, USERAUTH_SUCCESS, string,
                  u32)
from wire_server import Listener

ABORTED = "[Connection to 127.0.0.1 aborted: error status 0]"
CLOSED = "[Connection to 127.0.0.1 closed by foreign host]"
PROMPT = r"Router>$"
INFO_REQUEST = 60


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    directory = tmp_path_factory.mktemp("router")
    with Router(directory, CONFIG + "ip ssh time-out 10\n",
                keys=("ed25519",)) as running:
        yield running
        log = running.log()
        assert "ended with" not in log and "is killed" not in log


@pytest.fixture
def user(router):
    with Session(router) as one:
        yield one
        assert "level is 1" in one.command("show privilege")


@pytest.fixture
def far():
    with Listener() as one:
        yield one


def go(user, far, command=""):
    user.channel.send(f"ssh -l lab -p {far.port} 127.0.0.1 {command}\n")
    return far.accept()


def log_in(user, far, command=""):
    server = go(user, far, command)
    server.greet().refuse("password")
    user.type("any\n", r"\n$")
    server.request("password")
    server.send(bytes([USERAUTH_SUCCESS]))
    return server.start()


def say_until_it_ends(server, data):
    """The client leaves before long, and closes."""
    with pytest.raises(OSError):
        for _ in range(100000):
            server.raw(data() if callable(data) else data)


def test_hardening_8_3_lines_without_end(user, far):
    server = go(user, far)
    say_until_it_ends(server, b"welcome to nothing\r\n")
    assert ABORTED in user.until(PROMPT)


@pytest.mark.parametrize("greeting", [
    b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0\r\n", b"SSH-9.9-x\r\n",
    b"SSH-2.0-" + b"x" * 300 + b"\r\n", b"\0" * 64,
    b"SSH-2.0-x\r\n\xff\xff\xff\xff\xff\xff\xff\xff",
    b"SSH-2.0-x\r\n" + struct.pack(">IB", 12, 4) + b"\x15" + b"\0" * 10,
], ids=range(7))
def test_hardening_8_3_no_server_at_all(user, far, greeting):
    server = go(user, far)
    server.raw(greeting)
    server.socket.shutdown(1)
    seen = user.until(PROMPT)
    assert ABORTED in seen or CLOSED in seen


def test_hardening_8_3_a_server_that_falls_silent(user, far):
    """`ip ssh time-out` holds for the keys."""
    go(user, far).identify()
    assert ABORTED in user.until(PROMPT)


@pytest.mark.parametrize("kind", [DEBUG, IGNORE, USERAUTH_BANNER])
def test_hardening_8_3_noise_without_end(user, far, kind):
    server = go(user, far).greet()
    fields = string(b"\x1b[2J" + b"x" * 1000)
    if kind == DEBUG:
        fields = b"\1" + fields + string("")
    if kind == USERAUTH_BANNER:
        fields += string("")
    say_until_it_ends(server, lambda: server.seal(bytes([kind]) + fields))
    seen = user.until(PROMPT)
    assert ABORTED in seen and "\x1b" not in seen and len(seen) < 100000


def test_hardening_8_4_names_are_neither_options_nor_commands(user):
    for host in ("-oProxyCommand=id", "127.0.0.1;id", "$(id)", "`id`", "-x",
                 "a/b", "127.0.0.1%lo", "[::1]", "a..b", "h" * 64 + ".example"):
        assert user.command(f"ssh -p 1 -l lab {host}") == \
            "% Bad IP address or host name\n"
    for name in ("-x", "-oProxyCommand=id"):
        assert user.command(f"ssh -p 1 -l {name} 127.0.0.1") == \
            "% Invalid user name\n"
    # No shell looks at it: it goes to the far end as it is.
    assert user.command("ssh -p 1 -l $(id) 127.0.0.1") == \
        "% Connection refused by remote host\n"


def test_hardening_8_5_banners_and_prompts_are_shown_escaped(user, far):
    server = go(user, far).greet()
    server.send(bytes([USERAUTH_BANNER]) + string("a \\o/\r\n\x1b]0;t\x07\n")
                + string(""))
    server.refuse("keyboard-interactive")
    server.request("keyboard-interactive")
    server.send(bytes([INFO_REQUEST]) + string("") + string("\x9b2J") + string("")
                + u32(1) + string("Say\x08\n\x1b[5mwhat: ") + b"\1")
    seen = user.until(r"what: $")
    assert "\r\na \\o/\r\n\\x1b]0;t\\x07\r\n\\xc2\\x9b2J\r\nSay\\x08\r\n" \
        "\\x1b[5mwhat: " in seen
    assert "\x1b" not in seen
    user.type("\x03", PROMPT)


def test_a_banner_at_the_prompt_waits_for_the_answer(user, far):
    server = go(user, far).greet()
    server.refuse("password")
    user.until(r"Password: $")
    for _ in range(50):
        server.send(bytes([USERAUTH_BANNER]) + string("between") + string(""))
    seen = user.type("any\n", r"(between\r\n){50}$")
    assert seen.startswith("\r\nbetween")
    server.request("password")
    server.close()
    user.until(PROMPT)


@pytest.mark.parametrize("count", [17, 2 ** 31, 2 ** 32 - 1])
def test_hardening_8_3_prompts_without_end(user, far, count):
    server = go(user, far).greet()
    server.refuse("keyboard-interactive")
    server.request("keyboard-interactive")
    server.send(bytes([INFO_REQUEST]) + string("") * 3 + u32(count)
                + (string("?") + b"\1") * 20)
    seen = user.until(PROMPT)
    assert ABORTED in seen and "?" not in seen


def test_hardening_8_3_a_server_opens_nothing_here(user, far):
    server = log_in(user, far)
    for kind in ("session", "x11", "forwarded-tcpip", "auth-agent@openssh.com"):
        server.send(bytes([CHANNEL_OPEN]) + string(kind) + u32(3)
                    + u32(2 ** 32 - 1) * 2)
        refused = server.expect(OPEN_FAILURE)
        assert (refused.u32(), refused.u32()) == (3, 1)
    server.send(bytes([GLOBAL_REQUEST]) + string("hostkeys-00@openssh.com")
                + b"\0" + string("key"))
    for name in ("hostkeys-prove-00@openssh.com", "tcpip-forward"):
        server.send(bytes([GLOBAL_REQUEST]) + string(name) + b"\1")
        server.expect(REQUEST_FAILURE)
    server.send(bytes([CHANNEL_DATA]) + u32(0) + string("still here"))
    user.until("still here$")
    server.send(bytes([CHANNEL_CLOSE]) + u32(0))
    assert CLOSED in user.until(PROMPT)


def test_hardening_3_13_a_host_key_that_changes_in_a_session(user, far):
    server = log_in(user, far)
    server.exchange()
    server.send(bytes([CHANNEL_DATA]) + u32(0) + string("same key"))
    user.until("same key$")
    server.key = Ed25519PrivateKey.generate()
    ours = server.kexinit()
    server.send(ours)
    theirs = bytes([KEXINIT]) + server.expect(KEXINIT).data
    with pytest.raises(AssertionError):
        server.finish_exchange(ours, theirs)  # DISCONNECT, not NEWKEYS
    assert ABORTED in user.until(PROMPT)


def test_hardening_4_17_a_server_that_asks_for_nothing(user, far):
    server = go(user, far).greet()
    server.send(bytes([USERAUTH_SUCCESS]))
    server.start()
    user.until("% The remote host did not ask for authentication\r\n")
    server.close()
    user.until(PROMPT)


def test_an_expired_password_is_not_changed(user, far):
    server = go(user, far).greet()
    server.refuse("password")
    user.type("any\n", r"\n$")
    server.request("password")
    server.send(bytes([INFO_REQUEST]) + string("New password: ") + string(""))
    seen = user.until(PROMPT)
    assert "New password: \r\n% The remote host demands a new password\r\n" \
        in seen
    assert CLOSED in seen


def test_a_command_ends_once(user, far):
    server = log_in(user, far, '"show clock"')
    server.channel_notice("exit-status", u32(3))
    server.channel_notice("exit-status", u32(0))
    server.channel_notice("exit-signal", string("KILL"), b"\0", string(""),
                          string(""))
    server.send(bytes([CHANNEL_CLOSE]) + u32(0))
    seen = user.until(PROMPT)
    assert "% " in seen and " 3" in seen and "KILL" not in seen


def test_hardening_2_11_a_packet_that_was_changed(user, far):
    server = log_in(user, far)
    server.send(bytes([CHANNEL_DATA]) + u32(0) + string("forged"), mac_flip=1)
    seen = user.until(PROMPT)
    assert ABORTED in seen and "forged" not in seen
