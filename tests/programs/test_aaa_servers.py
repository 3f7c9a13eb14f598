"""aaa new-model with RADIUS servers: logins, levels, silence, and who waits."""
import os
import select
import signal
import threading

import paramiko
import pytest

from radius_server import (ACCEPT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE,
                           ACCT_AUTHENTIC, ACCT_SESSION, ACCT_STATUS,
                           ACCT_TIME, CHALLENGE, CLASS, REJECT, REPLY_MESSAGE,
                           STATE, USER_NAME, RadiusServer, attribute, avpair)
from router import Router, wait_for
from session import Session
from wire import Wire

KEY = b"shared secret"
START, STOP = 1, 2
RADIUS_SAID = 1  # Acct-Authentic
SERVICE_TYPE = 6

# User lab with password lab, level 15; enable secret cisco.
CONFIG = """\
hostname R1
enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
aaa new-model
aaa authentication login default group radius local
aaa authentication login LOCAL local
aaa authentication enable default group radius enable
aaa authorization exec default group radius local
username lab privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip ssh version 2
ip ssh authentication-retries 1
ip ssh maxstartups 256
line con 0
line vty 0 99
 transport input ssh
"""


def answers(request):
    """Users are called as they are served."""
    if request.code == ACCOUNTING_REQUEST:
        return [request.answer(ACCOUNTING_RESPONSE, sign=None,
                               authenticator=request.authenticator)]
    name = request.get(USER_NAME).decode()
    if name == "silent":
        return []
    if name.startswith("$enab"):
        good = request.password() == b"up"
        return [request.answer(ACCEPT if good else REJECT)]
    if request.get(STATE) == b"asked":
        good = request.password() == b"4711"
        return [request.answer(ACCEPT if good else REJECT)]
    if request.password() != b"pw":
        return [request.answer(REJECT)]
    if name == "token":
        return [request.answer(CHALLENGE, attribute(STATE, b"asked"),
                               attribute(REPLY_MESSAGE, "Token code: "))]
    level = {"seven": avpair("shell:priv-lvl=7"),
             "admin": attribute(SERVICE_TYPE, 6),
             "prompt": attribute(SERVICE_TYPE, 7),
             "wild": avpair("shell:priv-lvl=999"),
             "auto": avpair("shell:autocmd=show privilege"),
             "classy": attribute(CLASS, b"\0gold")}
    return [request.answer(ACCEPT, *filter(None, [level.get(name)]))]


@pytest.fixture(scope="module")
def server():
    with RadiusServer(KEY, answers) as server:
        yield server


@pytest.fixture(scope="module")
def router(server):
    config = CONFIG + (
        f"radius-server host 127.0.0.1 auth-port {server.port} acct-port {server.port}\n"
        f"radius-server key {KEY.decode()}\n"
        "radius-server timeout 1\nradius-server retransmit 1\n")
    with Router(config=config, keys=("ed25519",)) as router:
        yield router


def level_of(router, user, password="pw"):
    with Session(router, user=user, password=password) as session:
        text = session.command("show privilege")
    return int(text.split()[-1])


@pytest.mark.parametrize("user, level", [
    ("plain", 1), ("seven", 7), ("admin", 15), ("prompt", 1)])
def test_the_server_says_who_comes_in_and_how_far(router, user, level):
    assert level_of(router, user) == level


@pytest.mark.parametrize("user, password", [
    ("plain", "wrong"),
    ("lab", "lab"),    # known here, refused there
    ("wild", "pw"),    # a level that is none
])
def test_a_no_is_a_no(router, user, password):
    with pytest.raises(paramiko.AuthenticationException):
        Session(router, user=user, password=password)


def test_an_automatic_command_of_the_servers(router):
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", router.port, "auto", "pw",
                       look_for_keys=False, allow_agent=False)
        _, output, _ = client.exec_command("show version")
        assert output.read() == b"Current privilege level is 1\r\n"


def test_a_challenge_is_asked_and_answered(router):
    transport = paramiko.Transport(("127.0.0.1", router.port))
    transport.start_client()
    asked = []

    def answer(title, instructions, prompts):
        asked.append((instructions, prompts))
        return [{"Password: ": "pw"}.get(prompt[0], "4711")
                for prompt in prompts]
    try:
        transport.auth_interactive("token", answer)
        assert transport.is_authenticated()
    finally:
        transport.close()
    assert asked[0] == ("", [("Password: ", False)])
    assert "Token code:" in asked[1][0] + asked[1][1][0][0]


def test_a_challenge_to_a_password_is_a_no(router):
    with pytest.raises(paramiko.AuthenticationException):
        Session(router, user="token", password="pw")


def test_enable_asks_the_server(router):
    with Session(router, user="plain", password="pw") as session:
        session.type("enable\n", "Password: $")
        assert session.type("cisco\n", ">$") == \
            "\r\n% Error in authentication.\r\n\r\nR1>"
        session.type("enable\n", "Password: $")
        session.type("up\n", "#$")


def test_only_silence_goes_on_to_local_users(router):
    with Session(router, user="admin", password="pw") as admin:
        admin.configure("radius-server key other")
        try:
            assert level_of(router, "lab", "lab") == 15
            with pytest.raises(paramiko.AuthenticationException):
                Session(router, user="plain", password="pw")
        finally:
            admin.configure(f"radius-server key {KEY.decode()}")


def wait_at_server(router):
    """A login that waits for a server that says nothing."""
    wire = Wire(router.port).connect().service()
    wire.send(wire.password_request("silent", "pw"))
    return wire


def still_waits(wire):
    return not select.select([wire.socket], [], [], 0)[0]


def test_who_waits_for_a_server_delays_nobody(router):
    with Session(router, user="admin", password="pw") as admin:
        # Lines that come behind those of the waiting ones.
        admin.configure("radius-server timeout 60",
                        "line vty 56 99", "login authentication LOCAL")
        try:
            waiting = [wait_at_server(router) for _ in range(50)]
            holders = [Wire(router.port).connect() for _ in range(10)]
            for _ in range(10):
                assert level_of(router, "lab", "lab") == 15
            assert all(still_waits(wire) for wire in waiting)
            for wire in waiting + holders:
                wire.close()
        finally:
            admin.configure("radius-server timeout 1", "line vty 56 99",
                            "no login authentication")


def records(server, user):
    return [request for request in list(server.requests)
            if request.code == ACCOUNTING_REQUEST
            and request.get(USER_NAME) == user]


def test_an_exec_is_recorded_from_its_start_to_its_stop(router, server):
    with Session(router, user="admin", password="pw") as admin:
        # Nothing is sent twice, however busy the server's machine is.
        admin.configure("radius-server timeout 60",
                        "aaa accounting exec default start-stop group radius",
                        "aaa accounting commands 1 default stop-only "
                        "group radius")
        with Session(router, user="classy", password="pw") as session:
            session.command("show privilege")
            start = wait_for(lambda: records(server, b"classy"), "the start")
        both = wait_for(lambda: len(records(server, b"classy")) > 1
                        and records(server, b"classy"), "the stop")
        assert [r.number(ACCT_STATUS) for r in both] == [START, STOP]
        assert all(r.is_authentic() for r in both)
        assert both[0].get(ACCT_SESSION) == both[1].get(ACCT_SESSION)
        assert both[0].number(ACCT_AUTHENTIC) == RADIUS_SAID
        assert both[1].number(ACCT_TIME) is not None
        assert {r.get(CLASS) for r in both} == {b"\0gold"}
        assert len(start) == 1
        admin.configure("aaa accounting exec default stop-only group radius")
        with Session(router, user="seven", password="pw"):
            pass
        stop = wait_for(lambda: records(server, b"seven"), "the stop")
        assert [r.number(ACCT_STATUS) for r in stop] == [STOP]
        admin.configure("no aaa accounting exec default",
                        "no aaa accounting commands 1 default",
                        "radius-server timeout 1")


def test_the_last_records_go_out_before_the_router_ends(server, tmp_path):
    config = CONFIG + (
        "aaa accounting exec default stop-only group radius\n"
        f"radius-server host 127.0.0.1 auth-port {server.port} "
        f"acct-port {server.port}\n"
        f"radius-server key {KEY.decode()}\n")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        session = Session(router, user="last", password="pw")
        assert not records(server, b"last")
        assert router.end() == 0
        assert [r.number(ACCT_STATUS)
                for r in records(server, b"last")] == [STOP]
        session.client.close()


def test_helpers_that_die_fail_closed(router, server):
    results, before = [], len(server.requests)

    def try_it():
        try:
            Session(router, user="silent", password="pw")
            results.append(True)
        except paramiko.AuthenticationException:
            results.append(False)
    thread = threading.Thread(target=try_it)
    thread.start()
    wait_for(lambda: any(request.get(USER_NAME) == b"silent"
                         for request in server.requests[before:]),
             "the question")
    helper, = router.children("vtyd-aaa: servers")
    os.kill(helper, signal.SIGKILL)
    thread.join(60)
    assert results == [False]
    router.wait_log("vtyd-aaa|aaa")
    assert level_of(router, "plain") == 1
