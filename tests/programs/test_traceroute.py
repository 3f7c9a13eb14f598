"""`traceroute`: the routers on the way, in the layout of IOS. On loopback; with
routers on the way in network namespaces, so as root only.
"""
import re

import pytest

from console import Terminal
from machine import Machine
from router import VTYD, Router, wait_for
from session import Session

TIME = r"\d+ msec"


def lines(to, *hops):
    """A pattern: T is a time."""
    return re.compile(
        r"Type escape sequence to abort\.\nTracing the route to " +
        re.escape(to) + r"\n\n" +
        "".join(re.escape(hop).replace("T", TIME) + "\n" for hop in hops))


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """v0 - near - far; 10.3.0.0/24 is behind far, 10.9.0.0/16 nowhere."""
    directory = tmp_path_factory.mktemp("machine")
    with Machine(directory / "one") as one, Machine(directory / "two") as two, \
            Machine(directory / "three") as three:
        one.ip("link add v0 type veth peer name v1")
        one.ip(f"link set v1 netns {two.holder.pid}")
        two.ip("link add w0 type veth peer name w1")
        two.ip(f"link set w1 netns {three.holder.pid}")
        for place, link, net, last in ((one, "v0", 1, 1), (two, "v1", 1, 2),
                                       (two, "w0", 2, 1), (three, "w1", 2, 2)):
            place.ip(f"addr add 10.{net}.0.{last}/24 dev {link}")
            place.ip(f"-6 addr add 2001:db8:{net}::{last}/64 dev {link} nodad")
            place.ip(f"link set {link} up")
            # Linux would say only so much a second to one host.
            place.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; "
                      "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; "
                      "echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; "
                      "echo 0 >/proc/sys/net/ipv6/icmp/ratelimit")
        one.ip("route add default via 10.1.0.2")
        one.ip("-6 route add default via 2001:db8:1::2")
        three.ip("route add default via 10.2.0.1")
        three.ip("-6 route add default via 2001:db8:2::1")
        two.ip("route add unreachable 10.9.0.0/16")
        two.ip("route add prohibit 10.10.0.0/16")
        two.ip("-6 route add unreachable 2001:db8:9::/48")
        two.ip("neigh add 10.2.0.3 lladdr 02:00:00:00:00:03 dev w0")
        yield one.start()


@pytest.mark.parametrize("words, to, hops", [
    ("10.2.0.2", "10.2.0.2", ["  1 10.1.0.2 T T T", "  2 10.2.0.2 T T T"]),
    ("2001:db8:2::2 probe 1", "2001:db8:2::2",
     ["  1 2001:db8:1::2 T", "  2 2001:db8:2::2 T"]),
    ("ip 10.1.0.2 probe 2 source 10.1.0.1", "10.1.0.2",
     ["  1 10.1.0.2 T T"]),
    ("10.1.0.1", "10.1.0.1", ["  1 10.1.0.1 T T T"]),
    ("2001:db8:9::1 probe 1", "2001:db8:9::1", ["  1 2001:db8:1::2 !N "]),
])
def test_the_routers_on_the_way(machine, words, to, hops):
    assert lines(to, *hops).fullmatch(machine.ask(f"traceroute {words}"))


@pytest.mark.parametrize("to, mark", [("10.9.0.1", "!H"), ("10.10.0.1", "!A"),
                                      ("192.0.2.1", "!N")])
def test_a_router_that_has_no_way(machine, to, mark):
    """Linux says so about once a second to each host."""
    answer = machine.ask(f"traceroute {to} probe 2 timeout 2")
    assert re.search(rf"\n\n  1 ( \* )?10\.1\.0\.2 {mark} ( \* | {mark} )?\n$",
                     answer), answer


def test_a_name_is_shown_with_its_address(machine):
    machine.configure("ip host far 10.2.0.2")
    assert lines("far (10.2.0.2)", "  1 10.1.0.2 T", "  2 10.2.0.2 T") \
        .fullmatch(machine.ask("traceroute far probe 1"))
    machine.configure("no ip host far")


def test_who_is_silent_is_a_star(machine):
    """On the wire, and nobody there: stars, until a key."""
    with Terminal(str(VTYD), "attach", "--state",
                  str(machine.router.state)) as console:
        console.type("traceroute 10.2.0.3 probe 2 timeout 2\r")
        console.expect(r"  1 10\.1\.0\.2 \d+ msec \d+ msec\r\n"
                       r"  2  \*  \* \r\n  3  \* ")
        console.type("\x1e")
        console.expect(r"\r\n\S+#$")


def test_a_source_that_is_not_ours(machine):
    assert machine.ask("traceroute 10.1.0.2 source 10.1.0.77") == \
        "% Invalid source address- IP address not on any of our up " \
        "interfaces\n"
    assert machine.ask("traceroute 10.1.0.2 source ::1") == \
        "% Invalid source address- it is of another protocol\n"


def test_on_loopback_it_takes_no_rights(tmp_path):
    with Router(tmp_path, keys=("ed25519",)) as router, \
            Session(router) as user:
        assert lines("127.0.0.1", "  1 127.0.0.1 T T T").fullmatch(
            user.command("traceroute 127.0.0.1"))
        assert lines("::1", "  1 ::1 T").fullmatch(
            user.command("traceroute ipv6 ::1 probe 1"))
        assert "% Invalid input" in user.command("traceroute 127.0.0.1 ttl")
        wait_for(lambda: not router.children("probe"), "the probe's end")
