"""Hardening, section 5: the connection protocol, over TCP."""
import struct
import time

import pytest

from processes import SANITIZED, cpu_s, rss_kib, workers, workers_at_rest
from router import wait_for
from wire import (CHANNEL_CLOSE, CHANNEL_DATA, CHANNEL_EOF, CHANNEL_FAILURE,
                  CHANNEL_REQUEST, CHANNEL_SUCCESS, EXTENDED_DATA,
                  GLOBAL_REQUEST, OPEN_CONFIRMATION,
                  OPEN_FAILURE, REQUEST_FAILURE, Reader, WINDOW_ADJUST, Wire,
                  string, u32)

BIG = "show running-config"


@pytest.fixture(scope="module")
def big_router(router_of):
    """One with much to show: about 100 KB of configuration."""
    return router_of("username root privilege 15 password 0 pw\n" + "".join(
        f"username user{n:04} password 0 {'x' * 20}\n" for n in range(2200)),
        keys=("ed25519",))


def still_serves(router):
    with Wire(router.port).login() as wire:
        assert wire.exec("show privilege")[1] == 0


# --- opening -----------------------------------------------------------------

@pytest.mark.parametrize("kind,reason", [
    ("direct-tcpip", 1), ("forwarded-tcpip", 1), ("x11", 1),
    ("auth-agent@openssh.com", 1), ("direct-streamlocal@openssh.com", 1),
    ("tun@openssh.com", 1), ("sessio", 3), ("session\0", 3), ("", 3),
    ("\x1b[2J", 3), ("x" * 30000, 3)], ids=lambda v: repr(v)[:16])
def test_hardening_5_1_other_channel_types(router, kind, reason):
    extra = string("127.0.0.1") + u32(22) + string("127.0.0.1") + u32(1)
    if kind.startswith(("session", "sessio")):
        extra = b""
    with Wire(router.port).login() as wire:
        wire.send(wire.open_request(7, kind) + extra)
        reply = wire.expect(OPEN_FAILURE)
        assert reply.u32() == 7 and reply.u32() == reason
        assert wire.exec("show privilege")[1] == 0


def test_hardening_5_2_1200_opens(router):
    """Each is answered, in order: eight of them with a channel."""
    with Wire(router.port).login() as wire:
        for begin in range(0, 1200, 100):
            wire.raw(b"".join(wire.seal(wire.open_request(n))
                              for n in range(begin, begin + 100)))
            for n in range(begin, begin + 100):
                payload = wire.receive()
                reader = Reader(payload[1:])
                assert reader.u32() == n
                if n < 8:
                    assert payload[0] == OPEN_CONFIRMATION
                else:
                    assert payload[0] == OPEN_FAILURE and reader.u32() == 4


# --- numbers of channels -------------------------------------------------------

def message_for(message, channel):
    bodies = {
        WINDOW_ADJUST: u32(10), CHANNEL_DATA: string("a"),
        EXTENDED_DATA: u32(1) + string("a"), CHANNEL_EOF: b"",
        CHANNEL_CLOSE: b"",
        CHANNEL_REQUEST: string("shell") + b"\1",
        OPEN_CONFIRMATION: u32(0) + u32(10) + u32(100),
        OPEN_FAILURE: u32(1) + string("") + string(""),
        CHANNEL_SUCCESS: b"", CHANNEL_FAILURE: b"",
    }
    return bytes([message]) + u32(channel) + bodies[message]


@pytest.mark.parametrize("message", [91, 92, 93, 94, 95, 96, 97, 98, 99, 100])
def test_hardening_5_3_channels_that_do_not_exist(router, message):
    for channel in (1, 7, 8, 1 << 31, (1 << 32) - 1):
        with Wire(router.port).login() as wire:
            wire.open_session()
            wire.send(message_for(message, channel))
            assert wire.disconnect_reason() == 2


@pytest.mark.parametrize("message", [81, 82, 91, 92, 99, 100])
def test_hardening_5_3_answers_that_nobody_asked_for(router, message):
    with Wire(router.port).login() as wire:
        channel = wire.open_session()
        wire.send(bytes([message]) if message < 90
                  else message_for(message, channel))
        assert wire.disconnect_reason() == 2


@pytest.mark.parametrize("message", [93, 94, 95, 96, 97, 98])
def test_hardening_5_4_after_the_peers_close(router, message):
    with Wire(router.port).login() as wire:
        channel = wire.open_session()
        wire.send(bytes([CHANNEL_CLOSE]) + u32(channel))
        wire.expect(CHANNEL_CLOSE)
        wire.send(message_for(message, channel))
        assert wire.disconnect_reason() == 2


def test_hardening_5_4_data_after_eof(router):
    with Wire(router.port).login() as wire:
        channel = wire.open_session()
        wire.send(bytes([CHANNEL_EOF]) + u32(channel))
        wire.send(bytes([CHANNEL_EOF]) + u32(channel))  # ignored
        wire.data(channel, "x")
        assert wire.disconnect_reason() == 2


def test_hardening_5_4_close_is_answered_while_a_command_runs(big_router):
    """Though the command's output is stuck and goes on being so."""
    with Wire(big_router.port).login("root", "pw") as wire:
        channel = wire.open_session(window=100)
        wire.send(wire.channel_request(channel, "exec", data=string(BIG)))
        wire.expect(CHANNEL_SUCCESS)
        wire.expect(CHANNEL_DATA)
        wire.send(bytes([CHANNEL_CLOSE]) + u32(channel))
        while wire.receive()[0] != CHANNEL_CLOSE:
            pass
        # The number may be used again, by a command of its own.
        for n in range(20):
            output, status = wire.exec("show privilege", n)
            assert output == b"Current privilege level is 15\r\n"
            assert status == 0


def test_hardening_5_4_a_close_at_each_moment_of_a_shell(router):
    with Wire(router.port).login() as wire:
        for n, typed in enumerate(["", "show us", "show users\n", "enable\n",
                                   "show users\nshow ssh\nexit\n"]):
            channel = wire.shell(n)
            if typed:
                wire.data(channel, typed)
            wire.send(bytes([CHANNEL_CLOSE]) + u32(channel))
            while wire.receive()[0] != CHANNEL_CLOSE:
                pass
        assert wire.exec("show privilege", 9)[1] == 0


# --- windows -------------------------------------------------------------------

def test_hardening_5_5_a_window_beyond_4_gib(router):
    with Wire(router.port).login() as wire:
        channel = wire.open_session(window=0)
        wire.send(bytes([WINDOW_ADJUST]) + u32(channel) + u32(0xffffffff))
        assert wire.exec("show privilege", 1)[1] == 0
        wire.send(bytes([WINDOW_ADJUST]) + u32(channel) + u32(1))
        assert wire.disconnect_reason() == 2


def test_hardening_5_6_windows_and_packets_are_never_exceeded(big_router):
    with Wire(big_router.port).login("root", "pw") as wire:
        wanted, _ = wire.exec(BIG)
        channel = wire.open_session(1, window=0, packet=100)
        wire.send(wire.channel_request(channel, "exec", data=string(BIG)))
        wire.expect(CHANNEL_SUCCESS)
        got, grant = b"", 1
        while len(got) < len(wanted):
            wire.send(bytes([WINDOW_ADJUST]) + u32(channel) + u32(grant))
            granted = min(grant, len(wanted) - len(got))
            while granted > 0:
                payload = wire.receive()
                assert payload[0] == CHANNEL_DATA
                data = Reader(payload[5:]).string()
                assert 0 < len(data) <= min(100, granted)
                granted -= len(data)
                got += data
            grant = min(grant * 3, 20000)
        assert got == wanted
        assert wire.until_close(channel) == (b"", 0)


@pytest.mark.parametrize("packet", [0, 16, 63])
def test_hardening_5_6_tiny_packets(router, packet):
    with Wire(router.port).login() as wire:
        wire.send(wire.open_request(packet=packet))
        reply = wire.expect(OPEN_FAILURE)
        assert reply.u32() == 0 and reply.u32() == 4


def test_hardening_5_6_endless_window_and_packet(router):
    with Wire(router.port).login() as wire:
        channel = wire.open_session(window=(1 << 32) - 1,
                                    packet=(1 << 32) - 1)
        wire.send(wire.channel_request(channel, "exec",
                                       data=string("show users")))
        wire.expect(CHANNEL_SUCCESS)
        assert wire.until_close(channel)[1] == 0


def test_hardening_5_7_data_beyond_the_window(big_router):
    """While a command runs what is typed waits, and the window stays shut."""
    with Wire(big_router.port).login("root", "pw") as wire:
        channel = wire.open_session(window=0)
        wire.send(wire.channel_request(channel, "exec", data=string(BIG)))
        wire.expect(CHANNEL_SUCCESS)
        try:
            for _ in range(128):
                wire.data(channel, b"a" * 32768)
        except OSError:
            pass
        assert wire.disconnect_reason() in (2, None)
    still_serves(big_router)


def test_hardening_5_7_more_than_a_packet_may_hold(router):
    with Wire(router.port).login() as wire:
        channel = wire.shell()
        wire.data(channel, b"a" * 32769)
        assert wire.disconnect_reason() == 2


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["one byte", "empty", "stderr", "adjust"])
def test_hardening_5_8_floods_of_small_packets(router, kind):
    """Cheap for the server, and the terminal is as it was."""
    before = workers_at_rest(router)
    with Wire(router.port).login() as wire:
        worker = wait_for(lambda: workers(router) - before, "it").pop()
        channel = wire.open_session()
        payload = {
            "one byte": bytes([CHANNEL_DATA]) + u32(channel) + string("a"),
            "empty": bytes([CHANNEL_DATA]) + u32(channel) + string(""),
            "stderr": bytes([EXTENDED_DATA]) + u32(channel) + u32(1)
            + string("a"),
            "adjust": bytes([WINDOW_ADJUST]) + u32(channel) + u32(1),
        }[kind]
        size, spent = rss_kib(worker), cpu_s(worker)
        for _ in range(300):
            wire.raw(b"".join(wire.seal(payload) for _ in range(100)))
        wire.send(bytes([GLOBAL_REQUEST]) + string("x") + b"\1")
        wire.expect(REQUEST_FAILURE)
        assert cpu_s(worker) - spent < 1
        assert rss_kib(worker) < size + 1024
        wire.send(wire.channel_request(channel, "exec",
                                       data=string("show privilege")))
        wire.expect(CHANNEL_SUCCESS)
        assert wire.until_close(channel)[1] == 0


# --- requests --------------------------------------------------------------------

def test_hardening_5_9_second_starts_are_refused(router):
    starts = {"shell": b"", "exec": string("show privilege"),
              "subsystem": string("sftp")}
    for first in ("shell", "exec"):
        for second, data in starts.items():
            with Wire(router.port).login() as wire:
                channel = wire.open_session()
                wire.raw(wire.seal(wire.channel_request(
                    channel, first, data=starts[first]))
                    + wire.seal(wire.channel_request(
                        channel, second, data=data)))
                answers = []
                while len(answers) < 2:
                    payload = wire.receive()
                    if payload[0] in (CHANNEL_SUCCESS, CHANNEL_FAILURE):
                        answers.append(payload[0])
                assert answers == [CHANNEL_SUCCESS, CHANNEL_FAILURE], (
                    first, second)


def pty(term="xterm", columns=80, rows=24, modes=b"\0"):
    return string(term) + u32(columns) + u32(rows) + u32(0) * 2 + string(
        modes)


@pytest.mark.parametrize("data,number", [
    (pty(columns=0, rows=0), CHANNEL_SUCCESS),
    (pty(columns=(1 << 32) - 1, rows=(1 << 32) - 1), CHANNEL_SUCCESS),
    (pty(columns=1, rows=1), CHANNEL_SUCCESS),
    (pty(term="\x1b[2J%n"), CHANNEL_SUCCESS),
    (pty(term="x" * 30000), CHANNEL_SUCCESS),
    (pty(term=""), CHANNEL_SUCCESS),
    (pty(modes=b""), CHANNEL_SUCCESS),
    (pty(modes=b"\x01\0\0\0\x03" * 200), CHANNEL_SUCCESS),
    (pty(modes=b"\xff\xff\xff"), CHANNEL_SUCCESS),
    (pty(modes=b"\x01\0\0"), CHANNEL_FAILURE),
    (pty()[:-1], CHANNEL_FAILURE),
    (pty() + b"x", CHANNEL_FAILURE),
    (string("xterm") + u32(80), CHANNEL_FAILURE),
    (u32((1 << 32) - 1), CHANNEL_FAILURE),
], ids=range(14))
def test_hardening_5_10_terminals(router, data, number):
    with Wire(router.port).login() as wire:
        channel = wire.open_session()
        wire.send(wire.channel_request(channel, "pty-req", data=data))
        wire.expect(number)
        wire.send(wire.channel_request(channel, "shell"))
        wire.expect(CHANNEL_SUCCESS)
        wire.until(b">")
        # More than a page, on whatever size it has.
        wire.data(channel, "show running-config ?\nshow users\n?" + "q" * 9)
        wire.send(wire.channel_request(channel, "window-change", reply=False,
                                       data=u32(0) * 4))
        wire.send(wire.channel_request(channel, "window-change", reply=False,
                                       data=u32((1 << 32) - 1) * 4))
        wire.data(channel, "\x15\nexit\n" * 3)
        while wire.receive()[0] != CHANNEL_CLOSE:
            pass
    assert "\x1b" not in router.log()
    still_serves(router)


@pytest.mark.parametrize("name,data", [
    ("env", string("LD_PRELOAD") + string("/tmp/x.so")),
    ("env", string("") + string("\0" * 5000)),
    ("x11-req", b"\0" + string("MIT") + string("00") + u32(0)),
    ("auth-agent-req@openssh.com", b""), ("subsystem", string("sftp")),
    ("subsystem", string("netconf")), ("subsystem", string("\x1b" * 3000)),
    ("keepalive@openssh.com", b""), ("x" * 30000, b""), ("", b""),
    ("exit-status", u32(0)), ("pty-req\0", pty()),
], ids=lambda v: repr(v)[:20])
def test_hardening_5_11_requests_that_are_refused(router, name, data):
    with Wire(router.port).login() as wire:
        channel = wire.open_session()
        wire.send(wire.channel_request(channel, name, data=data))
        assert wire.expect(CHANNEL_FAILURE).u32() == channel
        # Without the wish for an answer there is none.
        wire.send(wire.channel_request(channel, name, reply=False, data=data))
        wire.send(wire.channel_request(channel, "exec",
                                       data=string("show privilege")))
        wire.expect(CHANNEL_SUCCESS)
        assert wire.until_close(channel)[1] == 0


@pytest.mark.parametrize("command,status", [
    ("x" * 30000, 1), ("show users\0id", 1), ("show \x1b[2Jusers", 1),
    ("show users; id", 1), ("$(id)", 1), ("`id`", 1), ("| id", 1),
    ("show users | id", 1), ("show users && id", 1), ("show users\rid", 1),
    ("show users > /tmp/x", 1), ("%n%s%n", 1), ("x" * 255, 1),
    ("show privilege" + " " * 240, 0), ("", 0), ("\n\n\n", 0),
    ("show privilege\nshow privilege", 0), ("x\nshow privilege", 1),
    ("\n".join(["show privilege"] * 300), 0), (b"\xff\xfe show", 1),
], ids=lambda v: repr(v)[:24])
def test_hardening_5_12_commands(router, command, status):
    with Wire(router.port).login() as wire:
        output, got = wire.exec(command)
        assert b"uid=" not in output and b"\x1b" not in output
        assert got == status, output
    assert "\x1b" not in router.log()


@pytest.mark.parametrize("length", [65473, 65536, 66300])
def test_hardening_5_12_the_longest_commands_are_refused(router, length):
    """What no message inside the router carries ends no connection."""
    with Wire(router.port).login() as wire:
        channel = wire.open_session()
        wire.send(wire.channel_request(channel, "exec",
                                       data=string("x" * length)))
        assert wire.expect(CHANNEL_FAILURE).u32() == channel
        wire.send(wire.channel_request(channel, "exec",
                                       data=string("show privilege")))
        wire.expect(CHANNEL_SUCCESS)
        assert wire.until_close(channel)[1] == 0


def test_hardening_5_13_the_end_of_200_commands(router):
    """All data, exit-status, EOF, CLOSE; nothing lost when the client has
    sent EOF, with another channel idle."""
    with Wire(router.port).login() as wire:
        wire.shell(1000)
        for n in range(200):
            channel = wire.open_session(n)
            wire.raw(wire.seal(wire.channel_request(
                channel, "exec", reply=False,
                data=string("show privilege")))
                + wire.seal(bytes([CHANNEL_EOF]) + u32(channel)))
            numbers, output = [], b""
            while numbers[-1:] != [CHANNEL_CLOSE]:
                payload = wire.receive()
                if payload[0] == WINDOW_ADJUST:
                    continue
                assert struct.unpack(">I", payload[1:5])[0] == n
                numbers.append(payload[0])
                if payload[0] == CHANNEL_DATA:
                    output += Reader(payload[5:]).string()
            assert output == b"Current privilege level is 1\r\n"
            assert numbers[-3:] == [CHANNEL_REQUEST, CHANNEL_EOF,
                                    CHANNEL_CLOSE]
            wire.send(bytes([CHANNEL_CLOSE]) + u32(channel))


@pytest.mark.parametrize("name", [
    "tcpip-forward", "cancel-tcpip-forward", "keepalive@openssh.com",
    "streamlocal-forward@openssh.com", "hostkeys-prove-00@openssh.com",
    "x" * 30000, ""])
def test_hardening_5_14_global_requests(router, name):
    with Wire(router.port).login() as wire:
        request = (bytes([GLOBAL_REQUEST]) + string(name) + b"\1"
                   + string("0.0.0.0") + u32(22))
        count = 100 if len(name) < 1000 else 5
        wire.raw(b"".join(wire.seal(request) for _ in range(count)))
        for _ in range(count):
            assert wire.receive() == bytes([REQUEST_FAILURE])
        assert wire.exec("show privilege")[1] == 0


def test_hardening_5_15_signals_and_breaks(router):
    # A nursery may just be retiring; the helpers stay.
    others = {pid for role in ("vtyd-signer", "vtyd-aaa")
              for pid in router.children(role)}
    with Wire(router.port).login() as wire:
        channel = wire.shell()
        for name in ("KILL", "TERM", "HUP", "INT", "SEGV", "X" * 300,
                     "\x1b[2J", ""):
            wire.send(wire.channel_request(channel, "signal", reply=False,
                                           data=string(name)))
        for length in (0, 500, (1 << 32) - 1):
            wire.send(wire.channel_request(channel, "break",
                                           data=u32(length)))
            wire.expect(CHANNEL_FAILURE)
        wire.data(channel, "show privilege\n")
        assert b"privilege level is 1" in wire.until(b">")
    assert others <= set(router.children())


# --- a client that stops reading -------------------------------------------------

@pytest.mark.heavy
def test_hardening_5_7_a_client_that_stops_reading(big_router):
    """Bounded buffers, no processor time, and nobody else notices. When it
    reads again nothing is missing."""
    before = workers_at_rest(big_router)
    control = rss_kib(big_router.pid)
    with Wire(big_router.port).login("root", "pw") as wire:
        worker = wait_for(lambda: workers(big_router) - before, "it").pop()
        wanted, _ = wire.exec(BIG, 100)
        commands = "\n".join([BIG] * 60)
        channel = wire.open_session(window=(1 << 32) - 1)
        wire.send(wire.channel_request(channel, "exec", reply=False,
                                       data=string(commands)))

        def rest():
            spent = cpu_s(worker) + cpu_s(big_router.pid)
            time.sleep(0.5)
            return cpu_s(worker) + cpu_s(big_router.pid) - spent < 0.05
        wait_for(rest, "a full pipe")
        with Wire(big_router.port).login() as other:
            sizes, times = [], cpu_s(worker) + cpu_s(big_router.pid)
            for _ in range(5):
                assert other.exec("show privilege")[1] == 0
                sizes.append(rss_kib(worker))
                time.sleep(0.2)
        assert cpu_s(worker) + cpu_s(big_router.pid) - times < 0.5
        if not SANITIZED:
            assert max(sizes) < 8 * 1024, sizes
            assert rss_kib(big_router.pid) < control + 8 * 1024
        output, status = wire.until_close(channel)
        assert status == 0 and output == wanted * 60


@pytest.mark.heavy
def test_hardening_5_7_one_who_stops_reading_in_each_state(router):
    """Before keys, before login, in a shell: the crowd costs nobody else."""
    crowd = []
    for prepare in (lambda w: w, Wire.identify, Wire.connect,
                    lambda w: w.connect().service(), Wire.login,
                    lambda w: w.login().shell()):
        wire = Wire(router.port, timeout=2)
        prepare(wire)
        crowd.append(wire)
        try:
            for _ in range(300):
                if wire.session_id:
                    wire.raw(wire.seal(bytes([192])) * 1)
                else:
                    wire.raw(wire.seal(bytes([3]) + u32(0)))
        except OSError:
            pass
    still_serves(router)
    for wire in crowd:
        wire.close()
