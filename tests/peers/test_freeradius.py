"""RADIUS against Debian's FreeRADIUS, which knows nothing of vtyd."""
import os

import pytest

from aaa_control import (ACCOUNT, BY_RADIUS, ERROR, FAIL, PASS, START, STOP,
                         UPDATE, Aaa, server, string)
from freeradius import KEY, FreeRadius
from router import CONFIG, Router, wait_for
from session import Session

PROGRAM = "/usr/sbin/freeradius"
pytestmark = pytest.mark.skipif(not os.path.exists(PROGRAM),
                                reason="freeradius is not installed")

SERVERS = """\
radius server ONE
 address ipv4 127.0.0.1 auth-port {auth} acct-port {acct}
 timeout 5
 retransmit 1
 key {key}
!
radius server STRANGER
 address ipv4 127.0.0.2 auth-port {auth} acct-port {acct}
 timeout 1
 retransmit 0
 key another key
!
aaa group server radius WRONG
 server name STRANGER
aaa group server radius RIGHT
 server name ONE
"""


@pytest.fixture(scope="module")
def radius(tmp_path_factory):
    with FreeRadius(tmp_path_factory.mktemp("radius")) as one:
        yield one


@pytest.fixture(scope="module")
def user(radius):
    text = SERVERS.format(auth=radius.auth_port, acct=radius.acct_port,
                          key=KEY)
    with Router(config=CONFIG + text, keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as one:
        yield one


def attempt(user, name, password, group="RIGHT", kind="new-code"):
    """What stands behind the first line."""
    return user.command(f"test aaa group {group} {name} {password} {kind}",
                        60).splitlines()[1:]


SUCCESS = "User was successfully authenticated."
REJECTED = "User authentication request was rejected by server."
NOBODY = "No authoritative response from any server."


@pytest.mark.parametrize("name,attributes", [
    ("high", ["service-type=7", "shell:priv-lvl=15",
              "class=" + b"of high".hex()]),
    ("middle", ["shell:priv-lvl=7"]),
    ("admin", ["service-type=6"])])
def test_users_are_let_in_with_their_rights(user, name, attributes):
    assert attempt(user, name, name + "-password") == [
        SUCCESS, "", "USER ATTRIBUTES", "", *attributes]


def test_what_the_server_says_is_shown(user):
    assert attempt(user, "low", "low-password") == ["Welcome, low", SUCCESS]
    assert attempt(user, "lab", "lab") == ["Not today", REJECTED]


def test_a_wrong_password_is_rejected(user):
    assert attempt(user, "high", "low-password") == [REJECTED]
    assert attempt(user, "nobody", "low-password") == [REJECTED]


def test_a_wrong_key_is_silence(user, radius):
    assert attempt(user, "high", "high-password", group="WRONG") == [NOBODY]
    wait_for(lambda: "invalid Message-Authenticator" in radius.log(),
             "the server's word on it")


def test_a_challenge_is_answered_by_the_user(user):
    user.type("test aaa group RIGHT token token-password legacy\n",
              "Code of your token: $")
    assert SUCCESS in user.type("123456\n")
    user.type("test aaa group RIGHT token token-password legacy\n",
              "Code of your token: $")
    assert REJECTED in user.type("654321\n")
    assert attempt(user, "token", "another") == [REJECTED]


def test_a_server_that_is_down_and_back(user, radius):
    radius.stop()
    assert attempt(user, "high", "high-password") == [NOBODY]
    radius.start()
    assert attempt(user, "high", "high-password")[0] == SUCCESS


def test_records_are_in_its_file(radius):
    session = string(b"task_id=000000AB") + string(b"class=6f66")
    end = session + string(b"elapsed_time=61") + string(b"disc-cause=1") + \
        string(b"bytes_in=7") + string(b"bytes_out=%d" % (1 << 32 | 5))
    with Aaa() as aaa:
        for accounting, arguments in ((START, session), (UPDATE, end),
                                      (STOP, end)):
            result = aaa.outcome(
                [server(radius.acct_port, KEY.encode(), timeout_ms=20000)],
                kind=ACCOUNT, accounting=accounting, arguments=arguments,
                method=BY_RADIUS, user=b"high")
            assert result.outcome == PASS
    start, update, stop = radius.records()[-3:]
    for record, kind in ((start, "Start"), (update, "Interim-Update"),
                         (stop, "Stop")):
        assert record["Acct-Status-Type"] == kind
        assert record["Acct-Session-Id"] == "000000AB"
        assert record["User-Name"] == "high"
        assert record["Acct-Authentic"] == "RADIUS"
        assert record["NAS-Port-Id"] == "tty3"
        assert record["NAS-Port-Type"] == "Virtual"
        assert record["Calling-Station-Id"] == "192.0.2.7"
        assert record["Acct-Delay-Time"] == "0"
    assert stop["Acct-Session-Time"] == "61"
    assert stop["Acct-Terminate-Cause"] == "User-Request"
    assert (stop["Acct-Input-Octets"], stop["Acct-Output-Octets"],
            stop["Acct-Output-Gigawords"]) == ("7", "5", "1")
    assert "Acct-Session-Time" not in start
    assert "Acct-Terminate-Cause" not in update


def test_a_connections_record_says_where_it_leads(radius):
    with Aaa() as aaa:
        result = aaa.outcome(
            [server(radius.acct_port, KEY.encode(), timeout_ms=20000)],
            kind=ACCOUNT, accounting=START, user=b"high",
            arguments=b"".join(map(string, (
                b"task_id=1", b"service=connection", b"protocol=ssh",
                b"addr=tty5"))))
        assert result.outcome == PASS
    text = (radius.directory / "detail").read_text().rstrip().split("\n\n")[-1]
    assert 'Service-Type = Login-User\n' in text
    assert 'Cisco-AVPair = "protocol=ssh"\n' in text
    assert 'Cisco-AVPair = "addr=tty5"\n' in text


def test_a_record_under_a_wrong_key_is_not_taken(radius):
    count = len(radius.records())
    with Aaa() as aaa:
        result = aaa.outcome(
            [server(radius.acct_port, b"another", timeout_ms=300)],
            kind=ACCOUNT, accounting=START, arguments=string(b"task_id=1"))
        assert result.outcome == ERROR
        result = aaa.outcome(
            [server(radius.auth_port, KEY.encode(), timeout_ms=20000)],
            user=b"$enab15$", given=b"enable-password")
        assert result.outcome == PASS
        result = aaa.outcome(
            [server(radius.auth_port, KEY.encode(), timeout_ms=20000)],
            service=2, privilege=14, given=b"enable-password")
        assert result.outcome == FAIL
    assert len(radius.records()) == count
