"""`interface`, `ip route`, `ipv6 route`: what is typed is done on the machine,
and what the machine refuses is not stored. In a network namespace, so as root
only."""
import re
import subprocess

import pytest

from machine import Machine
from router import VTYD

BASE = "hostname R1\n"
UNREACHABLE = "the kernel refuses it: Network is unreachable"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    with Machine(tmp_path_factory.mktemp("network"), BASE) as made:
        made.ip("link add v0 type veth peer name v1")
        made.ip("link set v1 up")
        made.ip("link add w0 type veth peer name w1")
        yield made.start()


@pytest.fixture(autouse=True)
def as_before(request):
    """What a test has configured is gone before the next."""
    yield
    if "machine" not in request.fixturenames:
        return
    machine = request.getfixturevalue("machine")
    lines = [f"no {line}" for line in machine.running().splitlines()
             if line.startswith(("ip route ", "ipv6 route "))]
    machine.answers("configure terminal", *lines, "default interface v0",
                    "default interface v1", "default interface w0")
    assert "interface" not in machine.running()
    assert machine.addresses("v0") == set()
    assert "86" not in machine.ip("route show table main")


def test_addresses_are_really_there_and_go_again(machine):
    machine.configure("interface v0", "no shutdown",
                      "ip address 10.1.0.1 255.255.255.0",
                      "ip address 10.1.1.1 255.255.255.128 secondary",
                      "ipv6 address 2001:DB8:1::1/64")
    assert machine.addresses("v0") == {"10.1.0.1/24", "10.1.1.1/25",
                                       "2001:db8:1::1/64"}
    entry, = machine.json("addr show dev v0")
    assert "UP" in entry["flags"]
    assert {a.get("broadcast") for a in entry["addr_info"]} >= {
        "10.1.0.255", "10.1.1.127"}
    assert """\
interface v0
 ip address 10.1.0.1 255.255.255.0
 ip address 10.1.1.1 255.255.255.128 secondary
 ipv6 address 2001:db8:1::1/64
!
""" in machine.running()
    assert machine.refusals("interface v0",
                            "no ip address 10.1.0.1 255.255.255.0")[1] == \
        "% Must delete secondary before deleting primary\n"
    machine.configure("interface v0",
                      "no ip address 10.1.1.1 255.255.255.128 secondary",
                      "no ipv6 address 2001:db8:1::1/64")
    assert machine.addresses("v0") == {"10.1.0.1/24"}
    machine.configure("interface v0", "no ip address")
    assert machine.addresses("v0") == set()


def test_another_primary_address_takes_the_place_of_the_first(machine):
    machine.configure("interface v0", "no shutdown",
                      "ip address 10.1.0.1 255.255.255.0",
                      "ip address 10.1.0.9 255.255.255.0 secondary",
                      "ip route 172.16.0.0 255.255.0.0 10.1.0.254",
                      "interface v0",
                      "ip address 10.1.0.2 255.255.255.0")
    # The kernel takes all addresses of the network with its first one.
    assert machine.addresses("v0") == {"10.1.0.2/24", "10.1.0.9/24"}
    assert "via 10.1.0.254" in machine.ip("route show 172.16.0.0/16")
    brief = machine.ask("show ip interface brief")
    assert "v0                     10.1.0.2        YES manual " in brief
    machine.configure("interface v0", "ip address 10.1.0.9 255.255.255.0")
    assert machine.addresses("v0") == {"10.1.0.9/24"}


def test_bad_addresses_are_refused_with_the_words_of_ios(machine):
    machine.configure("interface v1", "ip address 10.5.0.1 255.255.0.0",
                      "ipv6 address 2001:db8:5::1/48")
    asked = {
        "ip address 10.5.7.1 255.255.255.0": "% 10.5.0.0 overlaps with v1",
        "ip address 10.4.0.1 255.254.0.0": "% 10.4.0.0 overlaps with v1",
        "ip address 10.1.0.1 255.0.255.0":
            "% Bad mask 0xFF00FF00 for address 10.1.0.1",
        "ip address 10.1.0.0 255.255.255.0":
            "% Bad mask /24 for address 10.1.0.0",
        "ip address 10.1.0.255 255.255.255.0":
            "% Bad mask /24 for address 10.1.0.255",
        "ip address 224.0.0.5 255.255.255.0":
            "% Not a valid host address - 224.0.0.5",
        "ip address 127.0.0.9 255.0.0.0":
            "% Not a valid host address - 127.0.0.9",
        "ip address 10.1.0.1 255.255.255.0 secondary":
            "% Error: a primary address comes first",
        "ipv6 address ff02::5/64":
            "% Error: this is no IPv6 address of an interface",
        "ipv6 address 2001:db8:5:5::1/64":
            "% 2001:db8:5:: overlaps with v1",
        "ipv6 address 2001:db8::1": "% Invalid input detected",
    }
    for line, answer in zip(asked, machine.refusals("interface v0",
                                                    *asked)[1:]):
        assert asked[line] in answer, line
    assert machine.addresses("v0") == set()
    assert "interface v0\n no ip address\n" in machine.running()


def test_mtu_and_shutdown(machine):
    machine.configure("interface v0", "no shutdown", "mtu 1400")
    entry, = machine.json("link show dev v0")
    assert entry["mtu"] == 1400 and "UP" in entry["flags"]
    machine.configure("interface v0", "no mtu", "shutdown")
    entry, = machine.json("link show dev v0")
    assert entry["mtu"] == 1500 and "UP" not in entry["flags"]
    assert "interface v0\n no ip address\n shutdown\n" in machine.running()
    answers = machine.refusals("interface v0", "mtu 67", "mtu 1000",
                               "ipv6 address 2001:db8:6::1/64")
    assert "% Invalid input" in answers[1] and answers[2] == ""
    assert answers[3] == "% Error: IPv6 needs an MTU of at least 1280 bytes\n"
    brief = machine.ask("show ip interface brief")
    assert "v0                     unassigned      YES unset  " \
           "administratively down down    \n" in brief


def test_what_went_with_an_interface_comes_back_with_it(machine):
    machine.configure("interface v0", "no shutdown",
                      "ip address 10.1.0.1 255.255.255.0",
                      "ipv6 address 2001:db8:1::1/64", "exit",
                      "ip route 172.16.0.0 255.255.0.0 10.1.0.254",
                      "ip route 172.16.0.0 255.255.0.0 10.1.0.253",
                      "ipv6 route 2001:db8:77::/48 2001:db8:1::2")
    machine.configure("interface v0", "shutdown")
    assert machine.addresses("v0") == {"10.1.0.1/24"}
    assert machine.ip("route show 172.16.0.0/16") == ""
    machine.configure("interface v0", "no shutdown")
    assert machine.addresses("v0") == {"10.1.0.1/24", "2001:db8:1::1/64"}
    assert machine.ip("route show 172.16.0.0/16").count("nexthop") == 2
    assert "via 2001:db8:1::2" in machine.ip("-6 route show 2001:db8:77::/48")


def test_routes_are_really_there_and_go_again(machine):
    machine.configure("interface v0", "no shutdown",
                      "ip address 10.1.0.1 255.255.255.0",
                      "ipv6 address 2001:db8:1::1/64", "exit",
                      "ip route 0.0.0.0 0.0.0.0 10.1.0.254",
                      "ip route 172.16.0.0 255.255.0.0 10.1.0.2",
                      "ip route 172.16.0.0 255.255.0.0 10.1.0.3 name second",
                      "ip route 172.16.0.0 255.255.0.0 10.1.0.4 200",
                      "ip route 172.17.0.0 255.255.0.0 v0",
                      "ip route 172.18.0.0 255.255.0.0 v0 10.1.0.5",
                      "ip route 172.19.0.0 255.255.0.0 null0",
                      "ipv6 route ::/0 v0 fe80::1 7",
                      "ipv6 route 2001:db8:77::1/48 2001:db8:1::2")
    written = """\
ip route 0.0.0.0 0.0.0.0 10.1.0.254
ip route 172.16.0.0 255.255.0.0 10.1.0.2
ip route 172.16.0.0 255.255.0.0 10.1.0.3 name second
ip route 172.16.0.0 255.255.0.0 10.1.0.4 200
ip route 172.17.0.0 255.255.0.0 v0
ip route 172.18.0.0 255.255.0.0 v0 10.1.0.5
ip route 172.19.0.0 255.255.0.0 Null0
ipv6 route ::/0 v0 fe80::1 7
ipv6 route 2001:db8:77::/48 2001:db8:1::2
"""
    assert written in machine.running()
    routes = {}
    for route in machine.json("route show"):
        routes.setdefault(route["dst"], []).append(route)
    assert routes["default"][0]["gateway"] == "10.1.0.254"
    several, one = sorted(routes["172.16.0.0/16"], key=lambda r: r["metric"])
    assert [hop["gateway"] for hop in several["nexthops"]] == [
        "10.1.0.2", "10.1.0.3"]
    assert (one["gateway"], one["metric"]) == ("10.1.0.4", 200)
    assert routes["172.17.0.0/16"][0]["dev"] == "v0"
    assert routes["172.18.0.0/16"][0]["gateway"] == "10.1.0.5"
    assert routes["172.19.0.0/16"][0]["type"] == "blackhole"
    default6, = [r for r in machine.json("-6 route show")
                 if r["dst"] == "default"]
    assert (default6["gateway"], default6["metric"]) == ("fe80::1", 7)
    # One way less, another distance, and all ways of a destination.
    machine.configure("no ip route 172.16.0.0 255.255.0.0 10.1.0.2",
                      "ip route 172.17.0.0 255.255.0.0 v0 9")
    assert machine.ip("route show 172.16.0.0/16").splitlines()[0].startswith(
        "172.16.0.0/16 via 10.1.0.3 ")
    assert [r["metric"] for r in machine.json("route show 172.17.0.0/16")] == \
        [9]
    machine.configure("no ip route 172.16.0.0 255.255.0.0")
    assert machine.ip("route show 172.16.0.0/16") == ""
    assert machine.refusals("no ip route 172.16.0.0 255.255.0.0") == \
        ["%No matching route to delete\n"]


def test_routes_that_cannot_be_are_refused(machine):
    machine.configure("interface v0", "no shutdown",
                      "ip address 10.1.0.1 255.255.255.0")
    machine.ip("route add 172.20.0.0/16 via 10.1.0.9 metric 1")
    before = machine.running()
    asked = {
        "ip route 172.16.0.0 255.255.0.0 203.0.113.9":
            f"% Error: route 172.16.0.0/16 203.0.113.9: {UNREACHABLE}\n",
        "ip route 172.16.1.0 255.255.0.0 10.1.0.2":
            "%Inconsistent address and mask\n",
        "ip route 172.16.0.0 255.255.0.0 nosuch":
            "% Invalid interface type and number\n",
        "ip route 172.16.0.0 255.255.0.0 Null0 10.1.0.2":
            "% Error: there is no gateway behind Null0\n",
        "ip route 172.20.0.0 255.255.0.0 10.1.0.2":
            "% Error: route 172.20.0.0/16 10.1.0.2: another program has made "
            "a route with this metric\n",
        "ipv6 route 2001:db8:8::/48 2001:db8:99::1":
            "% Error: route 2001:db8:8::/48 2001:db8:99::1: the kernel refuses "
            "it: ",
        "ip route 10.0.0.0 255.0.0.0": "% Incomplete command.\n\n",
    }
    for line, answer in zip(asked, machine.refusals(*asked)):
        assert answer.startswith(asked[line]), (line, answer)
    machine.ip("route del 172.20.0.0/16")
    assert machine.running() == before


def test_what_others_have_set_is_shown_but_never_removed(machine):
    machine.ip("addr add 10.8.0.1/24 dev v1")
    machine.ip("route add 172.21.0.0/16 via 10.8.0.9")
    assert "10.8.0.1" not in machine.running()
    assert "v1                     10.8.0.1        YES other " in \
        machine.ask("show ip interface brief")
    assert "S    172.21.0.0/16 [0/0] via 10.8.0.9\n" in \
        machine.ask("show ip route")
    # Asked for what is there, then not any more: it stays.
    machine.configure("interface v1", "ip address 10.8.0.1 255.255.255.0",
                      "no ip address")
    assert machine.addresses("v1") == {"10.8.0.1/24"}
    assert machine.refusals("no ip route 172.21.0.0 255.255.0.0") == \
        ["%No matching route to delete\n"]
    machine.configure("default interface v1")
    assert machine.addresses("v1") == {"10.8.0.1/24"}
    assert "172.21.0.0/16" in machine.ip("route show")
    machine.ip("addr flush dev v1")


def test_names_of_interfaces(machine):
    answers = machine.refusals("interface nosuch", "no interface v0",
                               "no interface nosuch", "interface ../etc",
                               "interface averyveryverylongname",
                               "interface Loopback123456789",
                               "interface v 0", "interface v0 0",
                               "interface lo5 0")
    invalid = "% Invalid interface type and number\n"
    assert answers == [invalid, "% Removal of physical interfaces is not "
                                "permitted\n"] + 7 * [invalid]
    assert "% Invalid input" in machine.refusals("shutdown")[0]


def test_an_interface_that_is_down_is_shut_down_when_first_named(machine):
    machine.ip("link set w0 down")
    machine.configure("interface w0", "description spare, not found yet")
    assert "interface w0\n description spare, not found yet\n" \
           " no ip address\n shutdown\n" in machine.running()
    assert "UP" not in machine.json("link show dev w0")[0]["flags"]
    assert "w0                             admin down     down     " \
           "spare, not found yet\n" in machine.ask(
               "show interfaces description")


def test_loopbacks_are_made_and_removed(machine):
    if not machine.can_make("dummy"):
        refused, = machine.refusals("interface Loopback7")
        assert refused.startswith(
            "% Error: Loopback7: the kernel refuses it: ")
        assert "Loopback7" not in machine.running()
        pytest.skip("this kernel has no dummy interfaces")
    machine.configure("interface lo7", "ip address 10.7.0.1 255.255.255.255")
    entry, = machine.json("link show dev Loopback7")
    assert entry["linkinfo"]["info_kind"] == "dummy"
    assert "UP" in entry["flags"]
    assert "interface Loopback7\n ip address 10.7.0.1 255.255.255.255\n" in \
        machine.running()
    assert "Loopback7              10.7.0.1        YES manual up     " \
           "               up      \n" in machine.ask("show ip interface brief")
    # It comes back with the next line about it, and its routes go with it.
    machine.ip("link del Loopback7")
    machine.configure("interface Loopback7", "description back",
                      "ip address 10.7.0.2 255.255.255.0", "exit",
                      "ip route 172.30.0.0 255.255.0.0 Loopback7",
                      "ip route 172.31.0.0 255.255.0.0 10.7.0.9")
    assert machine.addresses("Loopback7") >= {"10.7.0.2/24"}
    machine.configure("no interface Loopback7")
    assert "Loopback7" not in machine.ip("link show")
    running = machine.running()
    assert "Loopback7" not in running and "172.30.0.0" not in running
    machine.router.wait_log("LINK-3-RESTORE: .*172.31.0.0/16 10.7.0.9")
    # One that somebody else has made stays.
    machine.ip("link add Loopback8 type dummy")
    assert "another program" in machine.refusals("no interface lo8")[0]
    machine.ip("link del Loopback8")


# --- start ------------------------------------------------------------------

SAVED = """\
hostname R1
interface v0
 description to the core
 mtu 1450
 ip address 10.1.0.1 255.255.255.0
 ipv6 address 2001:db8:1::1/64
interface v1
 shutdown
interface usb7
 ip address 10.99.0.1 255.255.255.0
ip route 172.16.0.0 255.255.0.0 10.1.0.254
ip route 172.17.0.0 255.255.0.0 203.0.113.9
ipv6 route 2001:db8:77::/48 2001:db8:1::2
"""


def test_a_start_does_what_startup_config_says(tmp_path):
    with Machine(tmp_path, SAVED) as machine:
        machine.ip("link add v0 type veth peer name v1")
        machine.ip("link set v1 up")
        machine.start()
        # The lines below an interface that is not there belong to no other.
        for line in ("line 9 .*Invalid interface type", "line 10 ",
                     f"line 12 .*{UNREACHABLE}"):
            machine.router.wait_log(line)
        log = machine.router.log()
        assert log.count("CONFIG_LINE") == 3, log
        assert machine.addresses("v0") == {"10.1.0.1/24", "2001:db8:1::1/64"}
        assert machine.json("link show dev v0")[0]["mtu"] == 1450
        assert "UP" not in machine.json("link show dev v1")[0]["flags"]
        assert "via 10.1.0.254" in machine.ip("route show 172.16.0.0/16")
        assert "v0                     10.1.0.1        YES NVRAM " in \
            machine.ask("show ip interface brief")
        running = machine.running()
        for gone in ("usb7", "172.17.0.0", "10.99.0.1"):
            assert gone not in running
        # Saved, restarted with all of it there, and after a reboot.
        machine.answers("configure terminal", "interface v0",
                        "ip address 10.1.0.2 255.255.255.0", "end",
                        "write memory")
        machine.restart()
        assert machine.addresses("v0") == {"10.1.0.2/24", "2001:db8:1::1/64"}
        machine.router.stop()
        machine.ip("link set v0 down")
        machine.ip("addr flush dev v0")
        machine.start()
        assert machine.addresses("v0") == {"10.1.0.2/24", "2001:db8:1::1/64"}
        assert "via 10.1.0.254" in machine.ip("route show 172.16.0.0/16")
        assert "via 2001:db8:1::2" in machine.ip(
            "-6 route show 2001:db8:77::/48")
        assert "CONFIG_LINE" not in machine.router.log()


def test_without_the_right_nothing_is_changed_or_stored(tmp_path):
    with Machine(tmp_path, BASE) as machine:
        machine.ip("link add v0 type veth peer name v1")
        machine.ip("link set v0 up")
        machine.ip("link set v1 up")
        machine.may_change = False
        machine.start()
        answers = machine.refusals(
            "interface v0", "ip address 10.1.0.1 255.255.255.0", "mtu 1400",
            "shutdown", "ipv6 address 2001:db8:1::1/64",
            "ip route 172.16.0.0 255.255.0.0 v0", "interface Loopback1")
        right = "the router has no right to change the machine's network " \
                "(CAP_NET_ADMIN)\n"
        assert answers[0] == ""
        assert answers[1:5] == [f"% Error: v0: {right}"] * 4
        assert answers[5] == f"% Error: route 172.16.0.0/16 v0: {right}"
        assert answers[6] == f"% Error: Loopback1: {right}"
        assert "interface v0\n no ip address\n!\n" in machine.running()
        assert "172.16" not in machine.running()
        # What changes nothing needs no right; what is shown neither.
        machine.configure("interface v0", "no shutdown", "description x")
        assert "v0 is up" in machine.ask("show interfaces v0")


def test_a_check_of_a_file_touches_no_machine(tmp_path):
    with Machine(tmp_path / "m", BASE) as machine:
        machine.ip("link add v0 type veth peer name v1")
        path = tmp_path / "config"
        path.write_text(SAVED + "interface loopback 5\n description five\n"
                        "interface LO 6\n description six\n")
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{machine.holder.pid}/ns/net", str(VTYD),
             "check", str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done
        assert "interface usb7\n ip address 10.99.0.1 255.255.255.0\n" in \
            done.stdout
        assert "interface Loopback5\n description five\n no ip address\n!\n" \
               "interface Loopback6\n description six\n" in done.stdout
        assert machine.addresses("v0") == set()


FIRST = """\
hostname R1
interface w0
 mtu 1400
interface v0
 no shutdown
 ip address 10.1.0.1 255.255.255.0
 ip address 10.1.1.1 255.255.255.128 secondary
ip route 172.16.0.0 255.255.0.0 10.1.0.254
line con 0
line vty 0 4
end
"""

SECOND = """\
hostname R1
interface v0
 no shutdown
 ip address 10.1.1.1 255.255.255.0
ip route 172.16.0.0 255.255.0.0 10.1.1.254
ip route 172.17.0.0 255.255.0.0 Null0
line con 0
line vty 0 4
end
"""


def routes(machine):
    return {re.split(" dev | proto ", line)[0].strip()
            for line in machine.ip("route show table main").splitlines()
            if "172." in line}


def test_the_machine_follows_when_all_is_replaced(machine):
    """And where it does not, everything is as it was."""
    flash = machine.router.state / "flash"
    (flash / "first").write_text(FIRST)
    (flash / "second").write_text(SECOND)
    (flash / "third").write_text(SECOND.replace(
        "Null0", "10.99.0.1").replace("R1", "R3"))
    answer = machine.ask("configure replace flash:first force")
    assert "Rollback Done" in answer, answer
    assert machine.addresses("v0") == {"10.1.0.1/24", "10.1.1.1/25"}
    assert machine.json("link show dev w0")[0]["mtu"] == 1400
    assert routes(machine) == {"172.16.0.0/16 via 10.1.0.254"}
    answer = machine.ask("configure replace flash:second force")
    assert "Rollback Done" in answer, answer
    assert machine.addresses("v0") == {"10.1.1.1/24"}
    assert machine.json("link show dev w0")[0]["mtu"] == 1500
    assert routes(machine) == {"172.16.0.0/16 via 10.1.1.254",
                               "blackhole 172.17.0.0/16"}
    before = machine.running()
    answer = machine.ask("configure replace flash:third force")
    assert "10.99.0.1" in answer and "Rollback failed" in answer
    assert "original configuration has been successfully restored" in answer
    assert machine.running().partition("version")[2] == \
        before.partition("version")[2]
    assert routes(machine) == {"172.16.0.0/16 via 10.1.1.254",
                               "blackhole 172.17.0.0/16"}
