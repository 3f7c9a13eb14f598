"""RADIUS servers: how they are configured, chosen, counted and shown."""
import os
import re
import signal

import pytest

from radius_server import (ACCEPT, CHALLENGE, REJECT, REPLY_MESSAGE, STATE,
                           RadiusServer, attribute, avpair)
from router import CONFIG, Router, wait_for
from session import Session

KEY = b"a shared key"


def handler(q):
    """As the password says."""
    word = q.password()
    if word == b"yes":
        return [q.answer(ACCEPT, avpair("shell:priv-lvl=15"))]
    if word == b"ask":
        return [q.answer(CHALLENGE, attribute(STATE, b"s"),
                         attribute(REPLY_MESSAGE, b"Code\x1b[1m: "))]
    if word == b"silence":
        return []
    if word == b"12":
        return [q.answer(ACCEPT)]
    return [q.answer(REJECT, attribute(REPLY_MESSAGE, b"\x1b[2Jno\r\n"))]


@pytest.fixture(scope="module")
def radius():
    with RadiusServer(KEY, handler) as one:
        yield one


@pytest.fixture(scope="module")
def user(router):
    with Session(router, enable="cisco") as one:
        yield one


def aaa_of(router):
    return router.children("vtyd-aaa: servers")


def running(user, pattern):
    return user.command(f"show running-config | {pattern}")


def attempt(user, password, group="radius", kind="legacy"):
    return user.command(f"test aaa group {group} lab {password} {kind}",
                        60).splitlines()


def one_server(radius):
    return (f"radius-server host 127.0.0.1 auth-port {radius.port} acct-port 0 "
            f"timeout 3 retransmit 0 key {KEY.decode()}")


@pytest.fixture
def configured(user, radius):
    """One server; nothing is left of what a test says beside it."""
    user.configure(one_server(radius))
    yield
    lines = running(user, "include ^radius|^aaa group").splitlines()
    user.configure(*(f"no {line}" for line in lines))


# --- settings ----------------------------------------------------------------

def test_lines_are_written_as_ios_does(router, user):
    lines = ["aaa group server radius LAB", " server name ISE",
             " server 192.0.2.1 auth-port 1812 acct-port 1813",
             " ip radius source-interface lo", " deadtime 5",
             "ip radius source-interface Loopback3",
             "radius-server dead-criteria time 5 tries 3",
             "radius-server host 192.0.2.1 auth-port 1812 acct-port 1813 "
             "timeout 7 retransmit 2 key with blanks",
             "radius-server host 2001:db8::1 auth-port 1645 acct-port 1646",
             "radius-server retransmit 1", "radius-server timeout 3",
             "radius-server deadtime 9", "radius-server key 7 02050D480809",
             "radius server ISE",
             " address ipv4 192.0.2.9 auth-port 1645 acct-port 1646",
             " timeout 10", " retransmit 4", " key lab"]
    # First the one that, behind the group, would be the group's.
    user.configure(lines[5], *lines[:5], *lines[6:])
    text = user.command("show running-config")
    assert [line for line in lines if f"\n{line}\n" not in text] == [], text
    at = [text.index("\n" + line + "\n") for line in lines]
    assert at == sorted(at)
    masked = user.command("show tech-support")
    assert "retransmit 2 key <removed>\n" in masked
    assert "blanks" not in masked and "02050D480809" not in masked
    user.configure("service password-encryption")
    text = running(user, "include key|radius-server host")
    assert "with blanks" not in text and "key lab" not in text
    assert len(re.findall(r"key 7 [0-9A-F]{6,}$", text, re.M)) == 3
    user.configure("no service password-encryption", "no radius server ISE",
                   "no aaa group server radius LAB",
                   "no radius-server host 192.0.2.1 auth-port 1812 "
                   "acct-port 1813", "no radius-server host 2001:db8::1",
                   "no radius-server key", "no radius-server timeout",
                   "no radius-server retransmit", "no radius-server deadtime",
                   "no radius-server dead-criteria",
                   "no ip radius source-interface")
    assert running(user, "include radius") == ""


def test_modes_have_the_prompts_of_ios(user):
    user.command("configure terminal")
    user.command("radius server A")
    assert user.prompt.endswith("(config-radius-server)#")
    user.command("aaa group server radius G")
    assert user.prompt.endswith("(config-sg-radius)#")
    # A line with an exclamation mark leaves no mode, as on IOS.
    user.command("!")
    user.command("ip radius source-interface lo")
    assert user.prompt.endswith("(config-sg-radius)#")
    assert user.command("aaa group server radius RADIUS").startswith("% ")
    user.command("end")
    assert " ip radius source-interface lo" in running(user, "section group")
    user.configure("no aaa group server radius G", "no radius server A")


@pytest.mark.parametrize("line", ["radius-server key", "radius-server key 0",
                                  "radius-server key 7 00",
                                  "radius-server host 192.0.2.1 key",
                                  "radius-server host 192.0.2.1 key 7 15",
                                  "radius-server key 7 ABC"])
def test_hardening_11_6_an_empty_key_is_refused(user, line):
    user.command("configure terminal")
    assert user.command(line) != ""
    user.command("radius server X")
    if "host" not in line:
        assert user.command(line.removeprefix("radius-server ")) != ""
    user.command("end")
    user.configure("no radius server X")
    assert running(user, "include key") == ""


def test_hardening_11_6_a_server_without_a_key_is_not_asked(user, radius):
    user.configure(f"radius-server host 127.0.0.1 auth-port {radius.port}")
    before = len(radius.requests)
    assert attempt(user, "yes")[-1] == \
        "No authoritative response from any server."
    assert len(radius.requests) == before
    user.configure("no radius-server host 127.0.0.1")


# --- the process -------------------------------------------------------------

def test_it_runs_only_while_there_is_a_server(router, user):
    wait_for(lambda: not aaa_of(router), "no process")
    user.configure("radius server A", "key lab")
    # One that was just started again for others may only now be ending.
    wait_for(lambda: not aaa_of(router), "no process still")
    user.configure("radius server A", "address ipv4 192.0.2.1")
    first = wait_for(lambda: aaa_of(router), "the process")
    user.configure("radius-server host 192.0.2.2", "no radius server A")
    assert aaa_of(router) == first
    user.configure("no radius-server host 192.0.2.2")
    wait_for(lambda: not aaa_of(router), "its end")
    assert "%SYS-2-HELPER" not in router.log()


def test_its_death_fails_what_it_was_asked(router, user, configured):
    user.configure("radius-server timeout 60", "radius server S", "key lab",
                   "address ipv4 127.0.0.1 auth-port 9", "exit",
                   "no radius-server host 127.0.0.1")
    [pid] = wait_for(lambda: aaa_of(router), "the process")
    with Session(router, enable="cisco") as other:
        other.type("test aaa group radius lab silence legacy\n",
                   r"using radius\r\n")
        os.kill(pid, signal.SIGKILL)
        assert "No authoritative response" in other.until(r"#$")
        assert other.command("show privilege") == \
            "Current privilege level is 15\n"
    wait_for(lambda: aaa_of(router) not in ([], [pid]), "another")
    router.wait_log(r"%SYS-2-HELPER: vtyd-aaa .* ended with signal 9")
    user.configure("no radius-server timeout")


@pytest.mark.parametrize("hangs", [False, True])
def test_who_is_asked_while_another_still_ends_waits(router, user, radius,
                                                     configured, hangs):
    [pid] = wait_for(lambda: aaa_of(router), "the process")
    if hangs:
        os.kill(pid, signal.SIGSTOP)
    user.configure("no radius-server host 127.0.0.1", one_server(radius))
    assert attempt(user, "yes")[-1] == "User was successfully authenticated."
    assert aaa_of(router) not in ([], [pid])


def test_one_that_hangs_is_not_left_behind(router, user, configured):
    [pid] = wait_for(lambda: aaa_of(router), "the process")
    os.kill(pid, signal.SIGSTOP)
    user.configure("no radius-server host 127.0.0.1")
    wait_for(lambda: not aaa_of(router), "its end")
    assert f"%SYS-2-HELPER: vtyd-aaa (process {pid})" not in router.log()


# --- test aaa group ----------------------------------------------------------

def test_what_servers_say_is_told(user, configured):
    begin = "Attempting authentication test to server-group radius using radius"
    assert attempt(user, "yes") == [
        begin, "User was successfully authenticated."]
    assert attempt(user, "yes", kind="new-code") == [
        begin, "User was successfully authenticated.", "", "USER ATTRIBUTES",
        "", "shell:priv-lvl=15"]
    assert attempt(user, "no") == [
        begin, "\\x1b[2Jno",
        "User authentication request was rejected by server."]
    assert attempt(user, "silence") == [
        begin, "No authoritative response from any server."]
    assert attempt(user, "yes", group="NONE") == [
        "% Server group NONE is not defined"]


def test_no_history_and_no_log_has_a_key_or_a_password(router, user,
                                                        configured):
    user.configure("radius-server key marker-one",
                   "radius-server host 192.0.2.3 key 0 marker-two",
                   "no radius-server host 192.0.2.3", "no radius-server key",
                   "aaa group server radius EMPTY")
    attempt(user, "marker-three", group="EMPTY")
    assert "marker" not in user.command("show history")
    assert "marker" not in router.log()


def test_a_challenge_is_put_to_the_user(user, configured):
    user.type("test aaa group radius lab ask legacy\n", r"Code\\x1b\[1m: $")
    assert "successfully" in user.type("12\n")
    user.type("test aaa group radius lab ask legacy\n", r"Code\\x1b\[1m: $")
    assert "rejected" in user.type("34\n")
    user.type("test aaa group radius lab ask legacy\n", r"Code\\x1b\[1m: $")
    user.type("\x03")
    with_no_reply = user.command("show privilege")
    assert with_no_reply == "Current privilege level is 15\n"


def test_a_session_that_ends_meanwhile_leaves_nothing(router, configured):
    for word in ("silence", "ask"):
        with Session(router, enable="cisco") as other:
            other.type(f"test aaa group radius lab {word} legacy\n",
                       r"using radius\r\n")
    router.assert_running()


def test_a_groups_servers_are_asked_in_order(user, configured, radius):
    user.configure("aaa group server radius G", "server name GONE",
                   "server name DOWN",
                   f"server 127.0.0.1 auth-port {radius.port} acct-port 0",
                   "radius server DOWN", "timeout 1", "retransmit 0",
                   "key lab", "address ipv4 127.0.0.1 auth-port 9")
    assert attempt(user, "yes", group="G")[-1] == \
        "User was successfully authenticated."
    assert radius.requests[-1].get(32) == b"Router"


# --- dead or alive -----------------------------------------------------------

def states(user):
    """Of each server: what `show aaa servers` says first."""
    text = user.command("show aaa servers")
    return dict(re.findall(r"auth-port (\d+), .*\n +State: current (\w+)",
                           text))


def test_a_dead_server_is_left_alone(router, user, configured, radius):
    with RadiusServer(b"lab", lambda q: []) as silent:
        user.configure("aaa group server radius G", "deadtime 1",
                       "server name S",
                       f"server 127.0.0.1 auth-port {radius.port} acct-port 0",
                       "radius server S", "timeout 2", "retransmit 1",
                       "key lab",
                       f"address ipv4 127.0.0.1 auth-port {silent.port}")
        assert attempt(user, "yes", group="G")[-1].startswith("User was succ")
        wait_for(lambda: len(silent.requests) == 2, "both requests")
        router.wait_log(r"%RADIUS-4-RADIUS_DEAD: RADIUS server "
                        rf"127\.0\.0\.1:{silent.port},1646 is not responding")
        assert states(user) == {str(silent.port): "DEAD",
                                str(radius.port): "UP"}
        for _ in range(3):
            assert attempt(user, "yes", group="G")[-1].startswith("User was")
        assert len(silent.requests) == 2
        # Where there is nobody else it is asked all the same.
        silent.handler = lambda q: [q.answer(ACCEPT)]
        user.configure("aaa group server radius G",
                       f"no server 127.0.0.1 auth-port {radius.port} "
                       "acct-port 0")
        assert attempt(user, "yes", group="G")[-1].startswith("User was succ")
        router.wait_log(r"%RADIUS-4-RADIUS_ALIVE: RADIUS server "
                        rf"127\.0\.0\.1:{silent.port},1646 is being marked "
                        "alive")
        assert states(user)[str(silent.port)] == "UP"


def test_dead_criteria_count_packets(user, configured):
    user.configure("radius-server dead-criteria tries 3",
                   "radius-server deadtime 1")
    for state in ("UP", "UP", "DEAD"):
        attempt(user, "silence")
        assert list(states(user).values()) == [state]


# --- show --------------------------------------------------------------------

COUNTS = """\

RADIUS: id 1, priority 1, host 127.0.0.1, auth-port PORT, acct-port 0
     State: current UP, duration Ns, previous duration Ns
     Dead: total time Ns, count 1
     Authen: request 4, timeouts 1, failover 1, retransmission 0
             Response: accept 2, reject 1, challenge 1
             Response: unexpected 0, server error 0, incorrect 0, time Nms
             Transaction: success 3, failure 1
     Account: request 0, timeouts 0, failover 0, retransmission 0
             Response: unexpected 0, server error 0, incorrect 0, time Nms
             Transaction: success 0, failure 0
     Elapsed time since counters last cleared: 0d0h0m
"""

STATISTICS = """\
                                   Auth.      Acct.       Both
        Total responses seen:          4          0          4
      Packets with responses:          3          0          3
   Packets without responses:          1          0          1
              Access Rejects:          1          0          1
  Average response delay(ms):          N          0          N
  Maximum response delay(ms):          N          0          N
   Number of Radius timeouts:          1          0          1
         Malformed Responses:          0          0          0
          Bad Authenticators:          0          0          0
           Unknown Responses:          0          0          0

Elapsed time since counters last cleared: 0m
"""


def test_counters_are_real(router, user):
    with RadiusServer(KEY, handler) as own:
        user.configure(f"radius-server host 127.0.0.1 auth-port {own.port} "
                       f"acct-port 0 timeout 3 retransmit 0 key {KEY.decode()}")
        wait_for(lambda: aaa_of(router), "the process")
        user.command("clear aaa counters servers all")
        for word in ("yes", "no", "silence"):
            attempt(user, word)
        user.type("test aaa group radius lab ask legacy\n", r": $")
        user.type("12\n")
        shown = user.command("show aaa servers").replace(str(own.port), "PORT")
        assert re.sub(r"(duration |total time |time )\d+", r"\1N", shown) == \
            COUNTS
        shown = user.command("show radius statistics")
        # A number of more digits takes the place of blanks.
        assert re.sub(r"(delay\(ms\):) +\d+ +0 +\d+",
                      r"\1          N          0          N",
                      shown) == STATISTICS
        user.command("clear radius statistics")
        assert "request 0, timeouts 0" in user.command("show aaa servers")
        user.configure("no radius-server host 127.0.0.1")
    assert user.command("show aaa servers") == ""


def test_a_start_with_servers_begins_with_the_process():
    with Router(config=CONFIG + "radius-server host 192.0.2.1 key lab\n",
                keys=("ed25519",)) as router:
        wait_for(lambda: aaa_of(router), "the process")
