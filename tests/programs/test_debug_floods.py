"""Debugging under fire: workers that lie, peers that flood, screens that are
slow, and secrets at full debug."""
import re

import pytest

from lying import Honest, Liar, LiarsRouter
from processes import SANITIZED, is_alive, rss_kib
from router import CONFIG, wait_for
from session import Session
from wire import (IGNORE, USERAUTH_FAILURE, USERAUTH_INFO_RESPONSE,
                  USERAUTH_PK_OK, USERAUTH_SUCCESS, Wire, string, u32)

# KiB by which a process may grow; a sanitizer keeps what was freed.
GROWTH = 64 * 1024 if SANITIZED else 8 * 1024
ALL = ["ip ssh", "ip ssh client", "ip ssh detail", "ip ssh packet", "ip scp"]
SSH, SSH2, SCP_SENT = 1, 2, 6  # enum trace_head
LEFT_OUT = re.compile(r": (?:SSH\d+: |SSH2 \d+: )?(\d+) more lines left out$",
                      re.M)


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    config = CONFIG + """\
ip ssh maxstartups 200
username chief privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip scp server enable
line vty 0 50
 login local
 transport input ssh
"""
    with LiarsRouter(tmp_path_factory.mktemp("floods"), config) as router:
        yield router


@pytest.fixture
def admin(router):
    with Session(router, enable="cisco") as session:
        yield session
        session.command("undebug all")


def traced(*lines):
    return b"".join(bytes([head]) + string(text) for head, text in lines)


# --- workers ----------------------------------------------------------------

def test_lines_that_nobody_asked_for_end_the_worker(router):
    with Liar.at(router, 1) as liar:
        liar.until("SETUP")
        liar.say("TRACED", lines=traced((SSH, "too early")))
        assert liar.rest(60)[1]
    assert "too early" not in router.log()


@pytest.mark.parametrize("lines", [
    b"\0" + string("no such head"), b"\x08" + string("nor this"), b"\x01",
    b"\x01\xff\xff\xff\xffx", traced((SSH, "good")) + b"\x02\0\0"])
def test_lines_that_make_no_sense_end_the_worker(router, admin, lines):
    admin.command("debug ip ssh")
    with Liar.at(router, 2) as liar:
        assert liar.until("SETUP")["debug"] == 1
        liar.say("TRACED", lines=lines)
        assert liar.rest(60)[1]


def test_a_worker_speaks_for_itself_alone_and_is_escaped(router, admin):
    admin.command("debug ip ssh")
    admin.command("debug ip scp")
    before = len(router.log())
    with Liar.at(router, 3) as liar:
        assert liar.until("SETUP")["debug"] == 0x11
        liar.say("TRACED", lines=traced(
            (SSH, "\x1b]0;owned\x07\r\n*Nov 22 00:00:00.000: SSH9: forged"),
            (SSH2, b"\xff\x80\x9b2J"), (SCP_SENT, "send \n%SYS-0-FORGED: no")))
        router.wait_log("FORGED")
        log = router.log()[before:]
    assert not re.search(r"^.{0,40}(SSH9|%SYS-0)", log, re.M)
    assert "\\x1b]0;owned\\x07\\x0d\\x0a*Nov 22 00:00:00.000: SSH9: forged" in log
    assert "\\xff\\x80\\x9b2J" in log
    assert re.search(r"SCP: \[\d+ -> 127\.0\.66\.3:\d+\] send \\x0a%SYS", log)


def test_a_flood_of_a_worker_is_counted(router, admin):
    """Not all of it reaches the log, others go on, and memory does not grow."""
    honest = Honest(router)
    admin.command("debug ip ssh")
    lines = traced(*[(SSH, f"line {i} " + "x" * 40) for i in range(400)])
    memory, before = rss_kib(router.pid), len(router.log())
    with Liar.at(router, 4) as liar:
        liar.until("SETUP")
        liar.often(500, "TRACED", lines=lines)
        liar.often(1, "TRACED", lines=traced((SSH, "the last")))
        honest.check()
        assert admin.command("show privilege") == \
            "Current privilege level is 15\n"

        def counted():
            liar.say("TRACED", lines=traced((SSH, "again")))
            return sum(map(int, LEFT_OUT.findall(router.log()[before:]))) > 190000
        wait_for(counted, "the count of what was left out", 60)
    assert len(re.findall(r"SSH\d+: line", router.log()[before:])) < 10000
    assert rss_kib(router.pid) - memory < GROWTH
    honest.wire.close()


# --- peers ------------------------------------------------------------------

def flood(wire, megabytes):
    """Small packets, each of them three or more lines; how long it took."""
    packets = b"".join(wire.seal(bytes([IGNORE]) + string("x" * 100))
                       for _ in range(megabytes * 1024 * 1024 // 176))
    wire.socket.settimeout(60)
    wire.raw(packets)
    wire.open_session(7)


def test_a_flood_of_packets_is_not_stalled_and_counted(router, admin):
    """Also with somebody who is shown the log and does not read."""
    admin.command("debug ip ssh")
    with Session(router, enable="cisco") as slow:
        slow.channel.send("terminal monitor\n")
        with Wire(router.port).login() as wire:
            workers = {pid: rss_kib(pid)
                       for pid in router.children("vtyd-worker: server")}
            memory, before = rss_kib(router.pid), len(router.log())
            flood(wire, 8)
            assert rss_kib(router.pid) - memory < GROWTH
            for pid, then in workers.items():
                if is_alive(pid):  # not one of an earlier test
                    assert rss_kib(pid) - then < GROWTH
            # 48,000 packets.
            wait_for(lambda: LEFT_OUT.findall(router.log()[before:]),
                     "the count of lines")
            told = len(re.findall(r"SSH2 \d+:", router.log()[before:]))
            assert told < 40000
            assert admin.command("show privilege") == \
                "Current privilege level is 15\n"


# --- secrets ----------------------------------------------------------------

MARKER = "Marker-pa55word-Zq"


def type_secret(wire):
    """At a prompt that does not echo; and a command with a secret in it."""
    channel = wire.shell()
    wire.data(channel, "enable\r")
    wire.until(b"Password: ")
    for key in MARKER:
        wire.data(channel, key)
    wire.data(channel, "\r")
    wire.until(b"Password: ")
    wire.data(channel, "cisco\r")
    wire.until(b"#")


def test_no_secret_at_full_debug(router, admin):
    for kind in ALL:
        admin.command("debug " + kind)
    before = len(router.log())
    with Wire(router.port) as wire:
        wire.connect().service()
        wire.send(wire.password_request("lab", MARKER))
        wire.expect(USERAUTH_FAILURE)
        wire.send(bytes([IGNORE]) + string(MARKER))
        wire.send(wire.auth_request("keyboard-interactive", "lab",
                                    string("") * 2))
        wire.expect(USERAUTH_PK_OK)  # the same number: INFO_REQUEST
        wire.send(bytes([USERAUTH_INFO_RESPONSE]) + u32(1) + string(MARKER))
        wire.expect(USERAUTH_FAILURE)
        wire.send(wire.password_request())
        wire.expect(USERAUTH_SUCCESS)
        type_secret(wire)
        channel = wire.open_session(3)
        wire.send(wire.channel_request(channel, "env", False,
                                       string("TOKEN") + string(MARKER)))
        wire.send(wire.channel_request(channel, "exec", data=string(
            "username x password 0 " + MARKER)))
        wire.until_close(channel)
        keys = [wire.keys(letter, 16) for letter in (b"A", b"B", b"C", b"D")]
        keys += [wire.keys(letter, 32) for letter in (b"E", b"F")]
        session_id = wire.session_id
    router.wait_log(r"SSH2 \d+: (received packet type 97|send:packet)")
    admin.command("show users")
    log = router.log()[before:]
    assert "SSH2" in log
    assert MARKER not in log and MARKER[::-1] not in log
    for secret in [*keys, session_id, MARKER.encode()]:
        assert secret.hex() not in log.lower()
