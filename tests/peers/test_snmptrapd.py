"""Notifications of sessions' ends against Debian's snmptrapd: every version,
every level of security, traps and informs, without a MIB."""
import os
import re

import pytest

from router import CONFIG, Router, free_port, wait_for
from session import Session
from snmptrapd import PROGRAM, Snmptrapd
from wire import Wire

pytestmark = [pytest.mark.skipif(not os.path.exists(PROGRAM),
                                 reason="snmptrapd is not installed"),
              pytest.mark.xdist_group("snmptrapd")]

OURS = "800000090500112233445566"   # of the router
THEIRS = "80000000010203040506070809"  # of snmptrapd
USERS = [("plain", "noauth", ""), ("md5", "auth", "auth md5 md5-password"),
         ("sha", "auth", "auth sha sha-password"),
         ("des", "priv", "auth md5 md5-password priv des des-password"),
         ("aes", "priv", "auth sha sha-password priv aes 128 aes-password")]


def create_users():
    """The same users for snmptrapd: with our engine for traps, with its own
    for informs."""
    lines = [f"exactEngineID 0x{THEIRS}"]
    for name, level, words in USERS:
        words = re.sub("auth (md5|sha)", lambda m: m[1].upper(), words)
        words = words.replace("priv des", "DES").replace("priv aes 128", "AES")
        lines += [f"createUser -e 0x{OURS} {name} {words}",
                  f"createUser -e 0x{THEIRS} {name}i {words}",
                  f"authUser log {name} {level}",
                  f"authUser log {name}i {level}"]
    return "\n".join(lines)


def config(port):
    lines = [f"snmp-server engineID local {OURS}",
             f"snmp-server engineID remote 127.0.0.1 udp-port {port} {THEIRS}",
             "snmp-server group all v3 noauth",
             "snmp-server inform retries 20 timeout 1"]
    for name, level, words in USERS:
        lines += [f"snmp-server user {name} all v3 {words}",
                  f"snmp-server user {name}i all remote 127.0.0.1 "
                  f"udp-port {port} v3 {words}"]
    return CONFIG + "!\n" + "\n".join(lines) + "\n"


def hosts(port):
    """One for each way."""
    to = "snmp-server host 127.0.0.1"
    return [f"{to} public udp-port {port} tty",
            f"{to} version 2c public2 udp-port {port} tty",
            f"{to} informs version 2c public2 udp-port {port} tty",
            *[f"{to} {kind}version 3 {level} {name} udp-port {port} tty"
              for user, level, _ in USERS
              for kind, name in (("", user), ("informs ", user + "i"))]]


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    one = Snmptrapd(tmp_path_factory.mktemp("snmptrapd"), create_users())
    yield one
    one.stop()


@pytest.fixture(scope="module")
def router(manager):
    with Router(config=config(manager.port), keys=("ed25519",)) as one:
        yield one


def session(router):
    """Log in and leave; the client's port."""
    with Wire(router.port) as wire:
        wire.login()
        wire.exec(b"show clock")
        return wire.socket.getsockname()[1]


def expected(router, line, port, elapsed, received, sent):
    index = f"127.0.0.1.{router.port}.127.0.0.1.{port}"
    return [(f"1.3.6.1.4.1.9.2.9.3.1.1.{line}.1", "INTEGER: 6"),
            (f"1.3.6.1.2.1.6.13.1.1.{index}", "INTEGER: 4"),
            (f"1.3.6.1.4.1.9.2.6.1.1.5.{index}", elapsed),
            (f"1.3.6.1.4.1.9.2.6.1.1.1.{index}", received),
            (f"1.3.6.1.4.1.9.2.6.1.1.2.{index}", sent),
            (f"1.3.6.1.4.1.9.2.9.2.1.18.{line}", 'STRING: "lab"')]


def assert_is_end(variables, router, port):
    """The six variables; what the session did, test_snmp.py counts."""
    elapsed, received, sent = [value for _, value in variables[2:5]]
    assert re.fullmatch(r"Timeticks: \(\d+\) [\d:.]+", elapsed)
    assert re.fullmatch(r"INTEGER: [1-9]\d*", received)
    assert re.fullmatch(r"INTEGER: [1-9]\d*", sent)
    # vty 0, or the next one if somebody is only just leaving.
    line = variables[5][0].rpartition(".")[2]
    assert line in ("1", "2", "3")
    assert variables == expected(router, line, port, elapsed, received, sent)


def once(notifications):
    """Without informs that came again, since their answer took its time."""
    found = {}
    for number, one in enumerate(notifications):
        found.setdefault(one.line if "INFORM" in one.head else number, one)
    return list(found.values())


def test_every_version_and_level_arrives(router, manager):
    with Session(router, enable="cisco") as user:
        user.configure(*hosts(manager.port))
    wait_for(lambda: not router.children("worker: server"), "the end")
    # Nobody was told that one's end: informs are tried again until then.
    manager.start()
    informs = 1 + len(USERS)
    manager.wait(informs)
    assert len(once(manager.notifications())) == informs
    port = session(router)
    count = 3 + 2 * len(USERS)

    def ours():
        return once(one for one in manager.notifications()
                    if f".{port} = " in one.line)

    wait_for(lambda: len(ours()) >= count, f"{count} notifications")
    ours = ours()
    assert len(ours) == count
    for one in ours:
        if one.line.startswith("1\t"):
            assert one.head.startswith("TRAP, SNMP v1, community public")
            assert (one.enterprise, one.agent, one.generic, one.specific) == \
                (".1.3.6.1.4.1.9", "127.0.0.1", "6", ".1")
            assert_is_end(one.variables, router, port)
            continue
        (uptime, ticks), kind = one.variables[:2]
        assert uptime == "1.3.6.1.2.1.1.3.0"
        assert re.fullmatch(r"Timeticks: \(\d+\) [\d:.]+", ticks)
        assert kind == ("1.3.6.1.6.3.1.1.4.1.0",
                        "OID: .1.3.6.1.4.1.9.0.1")
        assert_is_end(one.variables[2:], router, port)
    users = {one.head.split("user ")[1].split(",")[0] for one in ours
             if "user " in one.head}
    assert users == {name + end for name, _, _ in USERS for end in ("", "i")}


def test_version_3_is_believed_after_a_restart(router, manager):
    """Its engine has booted once more, or snmptrapd would drop it as old."""
    with Session(router, enable="cisco") as user:
        assert "[OK]" in user.command("write memory")
    router.restart()
    port = session(router)
    users = {f"user {name}," for name, level, _ in USERS if level != "noauth"}
    wait_for(lambda: all(any(user in one.head and f".{port} = " in one.line
                             for one in manager.notifications())
                         for user in users), "traps of all users")
