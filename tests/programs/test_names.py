"""Names: `ip host`, `ip name-server` and the servers that are really asked,
also such as are not to be trusted; `show hosts`. Servers are in a network
namespace of their own, so these tests are for root only.
"""
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from console import Terminal
from machine import Machine
from router import VTYD, wait_for

HERE = pathlib.Path(__file__).parent
BAD = "127.0.0.66"  # name_server.py
GOOD = "127.0.0.53"  # dnsmasq
NOBODY = "127.0.0.99"  # nobody listens there
BASE = f"""\
hostname R1
no ip domain lookup
ip domain name test.com
ip host R2 127.0.0.2 127.0.0.3
ip host six ::1
ip name-server {BAD}
"""
NO_HOST = "% Unrecognized host or address, or protocol not running.\n"


def start(machine, *command):
    return subprocess.Popen(
        ["nsenter", f"--net=/proc/{machine.holder.pid}/ns/net", *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    with Machine(tmp_path_factory.mktemp("names"), BASE) as made:
        server = start(made, sys.executable, str(HERE / "name_server.py"), BAD)
        try:
            assert server.stdout.readline() == "ready\n"
            made.start()
            made.configure("ip domain lookup")
            yield made
        finally:
            server.kill()
            server.wait()
            server.stdout.close()


@pytest.fixture(scope="module")
def dnsmasq(machine):
    program = shutil.which("dnsmasq", path="/usr/sbin:/usr/bin")
    if program is None:
        pytest.skip("no dnsmasq")
    server = start(machine, program, "--keep-in-foreground", "--log-facility=-",
                   "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                   "--user=root", "--pid-file=", f"--listen-address={GOOD}",
                   "--bind-interfaces", "--host-record=near.test.com,127.0.0.4",
                   "--host-record=both.test.com,127.0.0.5,::1",
                   "--host-record=only6.test.com,::1",
                   "--cname=other.test.com,near.test.com")
    try:
        for line in server.stdout:
            if "started" in line:
                break
        else:
            pytest.fail("dnsmasq does not run")
        yield server
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture
def good(machine, dnsmasq):
    machine.configure(f"no ip name-server {BAD}", f"ip name-server {GOOD}")
    yield machine
    machine.configure("no ip name-server", f"ip name-server {BAD}")


def ping(machine, name, form="ping"):
    return machine.ask(f"{form} {name} repeat 1")


def asked(name, *servers, found=True):
    return f'Translating "{name}"...domain server' + \
        "".join(f" ({server})" for server in servers) + \
        (" [OK]\n\n" if found else "\n" + NO_HOST)


def reached(answer, address):
    return f"\nSending 1, 100-byte ICMP Echos to {address}, " in answer and \
        "100 percent (1/1)" in answer


def test_show_hosts(machine):
    head = f"""\
Default domain is test.com
Name/address lookup uses domain service
Name servers are {BAD}
"""
    assert machine.ask("show hosts summary") == head
    table = """
Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate
       temp - temporary, perm - permanent
       NA - Not Applicable None - Not defined

Host                      Port  Flags      Age Type   Address(es)
"""
    r2 = """\
R2                        None  (perm, OK)  0   IP    127.0.0.2
                                                IP    127.0.0.3
"""
    six = "six                       None  (perm, OK)  0   IPV6  ::1\n"
    assert machine.ask("show hosts") == head + table + r2 + six
    assert machine.ask("show hosts r2") == head + table + r2
    assert machine.ask("show hosts nobody") == head + table


def test_the_configuration_in_the_order_of_ios(machine):
    machine.configure("no ip domain-lookup", f"ip name-server {BAD} ::1")
    assert f"""
no ip domain lookup
ip domain name test.com
ip host R2 127.0.0.2 127.0.0.3
ip host six ::1
ip name-server {BAD}
ip name-server ::1
!
""" in machine.running()
    machine.configure("ip domain lookup", "no ip name-server ::1",
                      "ip host R2 10.0.0.1", "no ip host r2 10.0.0.1",
                      "ip host R2 127.0.0.2 127.0.0.3 127.0.0.2",
                      "no ip host six", "no ip host six", "ip host six ::1")
    text = machine.running()
    assert "ip host R2 127.0.0.2 127.0.0.3\n" in text
    assert f"ip name-server {BAD}\n!" in text and "lookup" not in text


def test_what_is_refused(machine):
    answers = machine.refusals(
        "ip name-server 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 10.0.0.5 10.0.0.6",
        "ip host R2", "ip host a/b 10.0.0.1", "ip name-server")
    assert answers == [
        "% Name-server table is full; 10.0.0.6 not added\n",
        "% Incomplete command.\n\n",
        "% Host name contains one or more illegal characters.\n",
        "% Incomplete command.\n\n"]
    assert "10.0.0" not in machine.running()


def test_hosts_of_the_configuration_come_first(machine):
    answer = ping(machine, "r2")
    assert answer.startswith("Type escape") and reached(answer, "127.0.0.2")
    assert reached(ping(machine, "six"), "::1")
    assert ping(machine, "six", "ping ip").endswith(NO_HOST)
    assert "\nTracing the route to R2 (127.0.0.2)\n\n  1 127.0.0.2 " in \
        machine.ask("traceroute R2")


def test_without_lookup_nobody_is_asked(machine):
    machine.configure("no ip domain lookup")
    assert ping(machine, "good") == NO_HOST
    machine.configure("ip domain lookup")


def test_a_real_server(good):
    assert ping(good, "near").startswith(
        asked("near", GOOD) + "Type escape sequence to abort.\n")
    assert reached(ping(good, "near.test.com"), "127.0.0.4")
    assert reached(ping(good, "other"), "127.0.0.4")
    assert reached(ping(good, "both"), "127.0.0.5")
    assert reached(ping(good, "both", "ping ipv6"), "::1")
    assert reached(ping(good, "only6"), "::1")
    assert ping(good, "only6", "ping ip") == asked("only6", GOOD, found=False)
    assert ping(good, "nobody") == asked("nobody", GOOD, found=False)


def test_the_next_server_is_asked_when_one_is_not_there(good):
    good.configure("no ip name-server", f"ip name-server {NOBODY} {GOOD}")
    answer = ping(good, "near")
    assert answer.startswith(asked("near", NOBODY, GOOD))
    assert reached(answer, "127.0.0.4")


@pytest.mark.parametrize("name, address", [
    ("good", "127.0.0.1"), ("truncated", "127.0.0.7"), ("many", "127.0.0.1")])
def test_an_untrusted_server_that_answers(machine, name, address):
    answer = ping(machine, name)
    assert answer.startswith(asked(name, BAD))
    assert reached(answer, address)


@pytest.mark.parametrize("name", ["none", "empty", "loop", "pointer", "lying",
                                  "refused", "garbage", "short", "stranger"])
def test_an_untrusted_server_that_does_not(machine, name):
    assert ping(machine, name) == asked(name, BAD, found=False)
    machine.router.assert_running()
    assert "SYS-4-PROBE" not in machine.router.log()


def test_names_that_are_none(machine):
    for name in ("a..b", ".a", "x" * 250, "sp%c", "-", "1.2.3"):
        assert NO_HOST in ping(machine, name)


def test_a_key_stops_the_question(machine):
    with Terminal(str(VTYD), "attach", "--state",
                  str(machine.router.state)) as console:
        console.type("ping silent\r")
        console.expect(re.escape(f"domain server ({BAD})"))
        wait_for(lambda: machine.router.children("probe"), "the probe")
        console.type("\x03")
        console.expect(r"\n\S+#$")
        wait_for(lambda: not machine.router.children("probe"), "its end")
    assert reached(ping(machine, "good"), "127.0.0.1")
