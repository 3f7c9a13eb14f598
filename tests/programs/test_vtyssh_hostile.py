"""vtyssh at servers that lie: section 8 of the list of attacks.

Whatever such a server says, vtyssh ends with status 255 and a line of its own;
what the server wants to show is shown harmlessly.
"""
import base64
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vtyssh import Client
from wire import (CHANNEL_CLOSE, CHANNEL_DATA, CHANNEL_OPEN, DEBUG,
                  GLOBAL_REQUEST, IGNORE, KEXINIT, OPEN_FAILURE,
                  REQUEST_FAILURE, USERAUTH_BANNER, USERAUTH_SUCCESS, Closed,
                  string, u32)
from wire_server import Listener, public_blob

INFO_REQUEST = 60
# A DISCONNECT in place of what is due; it is lost when the client has closed
# before our last packet came.
ENDS = (AssertionError, Closed, ConnectionError)


class Far:
    """A listener as vtyssh.Client wants a server."""

    def __init__(self, listener):
        self.listener, self.port, self.user = listener, listener.port, "lab"
        self.key = None

    def known_as(self):
        blob = base64.b64encode(public_blob(self.listener.key)).decode()
        return f"[127.0.0.1]:{self.port} ssh-ed25519 {blob}\n"


@pytest.fixture
def far():
    with Listener() as one:
        yield one


@pytest.fixture
def go(tmp_path, far):
    """Start vtyssh at the server: the process, and the server."""
    running = []

    def start(*command):
        client = Client(tmp_path / "user", Far(far))
        running.append(client.start(
            *command, key=False, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return running[-1], far.accept()

    yield start
    for process in running:
        process.kill()
        process.communicate()


def log_in(server):
    """It takes everybody."""
    server.greet()
    server.send(bytes([USERAUTH_SUCCESS]))
    return server.start()


def end_of(process, status=255):
    """What it has written."""
    out, err = process.communicate(timeout=60)
    assert process.returncode == status, err
    assert b"\x1b" not in err
    return out, err


def say_until_it_ends(server, data):
    with pytest.raises(OSError):
        for _ in range(100000):
            server.raw(data() if callable(data) else data)


def test_hardening_8_3_lines_without_end(go):
    process, server = go("true")
    say_until_it_ends(server, b"welcome to nothing\r\n" * 1000)
    end_of(process)


@pytest.mark.parametrize("kind", [DEBUG, IGNORE, USERAUTH_BANNER])
def test_hardening_8_3_noise_without_end(go, kind):
    process, server = go("true")
    server.greet()
    fields = string(b"\x1b[2J" + b"x" * 1000)
    if kind == DEBUG:
        fields = b"\1" + fields + string("")
    if kind == USERAUTH_BANNER:
        fields += string("")
    say_until_it_ends(server, lambda: server.seal(bytes([kind]) + fields))
    _, err = end_of(process)
    assert len(err) < 100000


@pytest.mark.parametrize("count", [17, 2 ** 31, 2 ** 32 - 1])
def test_hardening_8_3_prompts_without_end(go, count):
    process, server = go("true")
    server.greet().refuse("keyboard-interactive")
    server.request("keyboard-interactive")
    server.send(bytes([INFO_REQUEST]) + string("") * 3 + u32(count)
                + (string("?") + b"\1") * 20)
    end_of(process)


def test_hardening_8_3_a_server_opens_nothing_here(go):
    process, server = go("true")
    log_in(server)
    for kind in ("session", "x11", "forwarded-tcpip", "auth-agent@openssh.com"):
        server.send(bytes([CHANNEL_OPEN]) + string(kind) + u32(3)
                    + u32(2 ** 32 - 1) * 2)
        refused = server.expect(OPEN_FAILURE)
        assert (refused.u32(), refused.u32()) == (3, 1)
    server.send(bytes([GLOBAL_REQUEST]) + string("tcpip-forward") + b"\1")
    server.expect(REQUEST_FAILURE)
    server.send(bytes([CHANNEL_DATA]) + u32(0) + string("still here"))
    server.channel_notice("exit-status", u32(5))
    server.send(bytes([CHANNEL_CLOSE]) + u32(0))
    out, err = end_of(process, 5)
    assert out == b"still here"
    assert b"did not ask for authentication" in err


def test_hardening_8_5_a_banner_is_shown_escaped(go):
    process, server = go("true")
    server.greet()
    server.send(bytes([USERAUTH_BANNER]) + string("a \\o/\r\n\x1b]0;t\x07\n")
                + string(""))
    server.refuse("publickey")
    _, err = end_of(process)
    assert err.startswith(b"a \\o/\n\\x1b]0;t\\x07\n")


def test_hardening_8_5_a_disconnect_is_shown_escaped(go):
    process, server = go("true")
    server.greet()
    server.send(bytes([1]) + u32(2) + string("go\x1b[2J\naway") + string(""))
    _, err = end_of(process)
    assert b"go\\x1b[2J" in err


def test_hardening_8_1_another_key_than_the_known_one(go, far):
    process, server = go("true")
    server.key = Ed25519PrivateKey.generate()
    with pytest.raises(ENDS):
        server.identify()
        server.exchange()  # DISCONNECT, not NEWKEYS
    _, err = end_of(process)
    assert b"HAS CHANGED" in err


def test_hardening_3_13_a_host_key_that_changes_in_a_session(go):
    process, server = go("true")
    log_in(server)
    server.key = Ed25519PrivateKey.generate()
    ours = server.kexinit()
    server.send(ours)
    theirs = bytes([KEXINIT]) + server.expect(KEXINIT).data
    with pytest.raises(ENDS):
        server.finish_exchange(ours, theirs)
    end_of(process)


def test_a_command_ends_once(go):
    process, server = go("true")
    log_in(server)
    server.channel_notice("exit-status", u32(3))
    server.channel_notice("exit-status", u32(0))
    server.channel_notice("exit-signal", string("KILL"), b"\0", string(""),
                          string(""))
    server.send(bytes([CHANNEL_CLOSE]) + u32(0))
    _, err = end_of(process, 3)
    assert b"KILL" not in err


@pytest.mark.parametrize("status", [256, 2 ** 32 - 1])
def test_a_status_that_does_not_fit_is_no_success(go, status):
    process, server = go("true")
    log_in(server)
    server.channel_notice("exit-status", u32(status))
    server.send(bytes([CHANNEL_CLOSE]) + u32(0))
    end_of(process, 255)


def test_a_signal_with_escapes_in_its_name(go):
    process, server = go("true")
    log_in(server)
    server.channel_notice("exit-signal", string("K\x1b[2J"), b"\0", string(""),
                          string(""))
    server.send(bytes([CHANNEL_CLOSE]) + u32(0))
    _, err = end_of(process)
    assert b"K\\x1b[2J" in err


def test_hardening_2_11_a_packet_that_was_changed(go):
    process, server = go("true")
    log_in(server)
    server.send(bytes([CHANNEL_DATA]) + u32(0) + string("forged"), mac_flip=1)
    out, _ = end_of(process)
    assert out == b""


def test_data_beyond_the_window(go):
    """More than it was given leave for, to a reader that does not read."""
    process, server = go("true")
    log_in(server)
    say_until_it_ends(server, lambda: server.seal(
        bytes([CHANNEL_DATA]) + u32(0) + string(bytes(32000))))
    out, _ = end_of(process)
    assert len(out) <= 2 << 20
