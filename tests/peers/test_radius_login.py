"""Logging in by RADIUS with OpenSSH's client and Debian's FreeRADIUS."""
import os
import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import pexpect
import pytest

import openssh
from freeradius import KEY, FreeRadius
from radius_server import RadiusServer
from router import CONFIG, Router, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

PROGRAM = "/usr/sbin/freeradius"

# Who is known to the router as well, with another password.
AAA = """\
aaa new-model
aaa authentication login default group radius local
aaa authentication enable default group radius enable
aaa authorization exec default group radius if-authenticated
aaa accounting exec default start-stop group radius
username high privilege 5 password 0 local-password
username only privilege 15 password 0 local-password
radius server ONE
 address ipv4 127.0.0.1 auth-port {auth} acct-port {acct}
 timeout 5
 retransmit 1
 key {key}
!
radius-server deadtime 1
"""


@pytest.fixture(scope="module")
def radius(tmp_path_factory):
    if not os.path.exists(PROGRAM):
        pytest.skip("freeradius is not installed")
    with FreeRadius(tmp_path_factory.mktemp("radius")) as one:
        yield one


@pytest.fixture(scope="module")
def router(radius):
    text = AAA.format(auth=radius.auth_port, acct=radius.acct_port, key=KEY)
    with Router(config=CONFIG + text, keys=("ed25519",)) as one:
        yield one


def level(router, user, password, *options):
    """The privilege of that login; or None: he is not let in."""
    result = openssh.run(router, "show privilege", "NumberOfPasswordPrompts=1",
                         *options, user=user, password=password)
    found = re.search(rb"privilege level is (\d+)", result.stdout)
    if found is None:
        assert b"Permission denied" in result.stderr, result.stderr
        return None
    return int(found.group(1))


BY_PASSWORD = "PreferredAuthentications=password"
BY_KEYBOARD = "PreferredAuthentications=keyboard-interactive"


@pytest.mark.parametrize("method", [BY_PASSWORD, BY_KEYBOARD])
@pytest.mark.parametrize("user,rights", [
    ("high", 15), ("middle", 7), ("low", 1), ("admin", 15)])
def test_the_server_lets_users_in_at_their_level(router, method, user, rights):
    assert level(router, user, user + "-password", method) == rights


@pytest.mark.parametrize("method", [BY_PASSWORD, BY_KEYBOARD])
def test_who_is_rejected_is_not_asked_for_elsewhere(router, method):
    """The router knows these passwords; the server has said no."""
    assert level(router, "high", "local-password", method) is None
    assert level(router, "only", "local-password", method) is None
    assert level(router, "lab", "lab", method) is None


@pytest.mark.parametrize("method", [BY_PASSWORD, BY_KEYBOARD])
@pytest.mark.parametrize("user,told", [("low", b"Welcome, low\r\n"),
                                       ("lab", b"Not today\r\n")])
def test_what_the_server_says_at_last_is_shown(router, method, user, told):
    result = openssh.run(router, "show privilege", "NumberOfPasswordPrompts=1",
                         method, user=user, password=user + "-password")
    assert (b"privilege level" in result.stdout) == (user == "low")
    assert told in result.stderr


def test_a_challenge_by_keyboard_interactive(router):
    for code, let_in in (("123456", True), ("000000", False)):
        args = openssh.arguments(router, BY_KEYBOARD,
                                 "NumberOfPasswordPrompts=1", user="token")
        child = pexpect.spawn(args[0], args[1:] + ["show privilege"],
                              timeout=60, encoding="utf-8")
        child.expect("Password: ")
        child.sendline("token-password")
        child.expect("Code of your token: ")
        child.sendline(code)
        seen = child.expect(["privilege level is", "Permission denied"])
        assert (seen == 0) == let_in
        child.close()


def test_a_password_alone_answers_no_challenge(router):
    assert level(router, "token", "token-password", BY_PASSWORD) is None


def test_enable_asks_the_server(router):
    args = openssh.arguments(router, BY_PASSWORD, user="low")
    child = pexpect.spawn(args[0], args[1:], timeout=60, encoding="utf-8")
    child.expect("password: ")
    child.sendline("low-password")
    child.expect("Router>")
    child.sendline("enable")
    child.expect("Password: ")
    child.sendline("cisco")  # the secret; the server says no
    child.expect("% Error in authentication.|% Access denied|% Bad")
    child.expect("Router>")
    child.sendline("enable")
    child.expect("Password: ")
    child.sendline("enable-password")
    child.expect("Router#")
    child.sendline("exit")
    child.expect(pexpect.EOF)


def test_sessions_are_recorded(router, radius):
    before = len(radius.records())
    assert level(router, "middle", "middle-password", BY_PASSWORD) == 7

    def both():
        """Not those of sessions before, whose end may come only now."""
        mine = [r for r in radius.records()[before:]
                if r["User-Name"] == "middle"]
        return [(start, stop) for start in mine for stop in mine
                if start["Acct-Status-Type"] == "Start"
                and stop["Acct-Status-Type"] == "Stop"
                and start["Acct-Session-Id"] == stop["Acct-Session-Id"]]
    start, stop = wait_for(both, "both records")[-1]
    assert start["Acct-Authentic"] == "RADIUS"
    assert int(stop["Acct-Session-Time"]) < 60
    assert stop["Acct-Terminate-Cause"] == "User-Request"
    assert int(stop["Acct-Input-Octets"]) > 1000
    assert int(stop["Acct-Output-Octets"]) > 1000
    assert "Acct-Terminate-Cause" not in start
    assert start["Calling-Station-Id"] == "127.0.0.1"


def test_without_an_answer_the_router_decides_itself(router, radius):
    radius.stop()
    try:
        assert level(router, "only", "local-password", BY_PASSWORD) == 1
        assert level(router, "high", "high-password", BY_PASSWORD) is None
        router.wait_log("%RADIUS-4-RADIUS_DEAD: RADIUS server "
                        rf"127\.0\.0\.1:{radius.auth_port},"
                        rf"{radius.acct_port} is not responding")
    finally:
        radius.start()
    # All are dead: it is asked all the same, and is alive again.
    assert level(router, "high", "high-password", BY_PASSWORD) == 15
    router.wait_log("RADIUS_ALIVE")


def alone(pids):
    """None while the one before is ending."""
    return pids if len(pids) == 1 else None


def test_a_death_of_aaa_loses_no_session(router):
    args = openssh.arguments(router, BY_PASSWORD, user="high")
    child = pexpect.spawn(args[0], args[1:], timeout=60, encoding="utf-8")
    child.expect("password: ")
    child.sendline("high-password")
    child.expect("Router#")
    for role in ("vtyd-aaa: servers", "vtyd-aaa: local"):
        [pid] = wait_for(lambda: alone(router.children(role)), role)
        os.kill(pid, 9)
        wait_for(lambda: router.children(role) not in ([], [pid]), "another")
    child.sendline("show privilege")
    child.expect("level is 15")
    child.close()
    assert level(router, "high", "high-password", BY_PASSWORD) == 15


WAITING = 50
SLOW = """\
aaa new-model
aaa authentication login SLOW group radius local
aaa authentication login HERE local
radius-server host 127.0.0.1 auth-port {port} timeout 300 retransmit 0 key lab
line vty 0 {last}
 login authentication SLOW
line vty {next} {end}
 login authentication HERE
"""


def log_in(router):
    """A connection whose user has been let in."""
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", router.port, "lab", "lab", allow_agent=False,
                   look_for_keys=False, banner_timeout=120, auth_timeout=600)
    client.close()


def test_hardening_11_5_fifty_who_wait_delay_no_login():
    text = CONFIG.replace("line vty 0 15\n login local\n", "line vty 0 15\n")
    with RadiusServer(b"lab", lambda q: []) as silent, \
            ThreadPoolExecutor(WAITING) as pool, \
            Router(config=text + SLOW.format(
                port=silent.port, last=WAITING - 1, next=WAITING,
                end=WAITING + 20), keys=("ed25519",)) as router:
        waiting = [pool.submit(log_in, router) for _ in range(WAITING)]
        wait_for(lambda: len(silent.requests) == WAITING, "all of them", 120)
        for _ in range(10):
            log_in(router)
        assert not any(one.done() for one in waiting)
        # Their router ends; so do they.
        router.stop()
        assert all(one.exception() is not None for one in waiting)
