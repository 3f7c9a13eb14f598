"""What is shown of the machine is what the machine is: it is changed, and the
answer changes. In a network namespace, so as root only."""
import os
import re

import pytest

import tables
from machine import Machine
from router import wait_for

CONFIG = """\
hostname R1
interface v0
 description uplink
 ip address 10.1.0.1 255.255.255.0
 ip address 10.1.1.1 255.255.255.0 secondary
 ipv6 address 2001:db8:1::1/64
ip route 0.0.0.0 0.0.0.0 10.1.0.254
ip route 172.16.0.0 255.255.0.0 10.1.0.2
ip route 172.16.0.0 255.255.0.0 10.1.0.3
ip route 192.168.4.0 255.255.255.0 Null0
ipv6 route 2001:db8:77::/48 2001:db8:1::2
"""

# IPv6 says a word of its own on every link; here counters must not move by
# themselves.
QUIET = "/proc/sys/net/ipv6/conf/{}/disable_ipv6"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    with Machine(tmp_path_factory.mktemp("network"), CONFIG) as made:
        made.ip("link add v0 type veth peer name v1")
        made.ip("link set v0 address 02:00:00:00:00:0a")
        made.ip("link set v1 address 02:00:00:00:00:0b")
        made.ip("link set v1 up")
        made.ip("link add w0 type veth peer name w1")
        for link in ("w0", "w1"):
            made.run("sh", "-c", f"echo 1 >{QUIET.format(link)}")
            made.ip(f"link set {link} up")
        made.ip("link add d0 type veth peer name d1")
        yield made.start()


def named(rows, name):
    row, = [row for row in rows if row["interface"] == name]
    return row


def test_ip_interface_brief(machine):
    text = machine.ask("show ip interface brief")
    lines = text.splitlines()
    assert lines[0] == "Interface              IP-Address      OK? Method " \
                       "Status                Protocol"
    assert "lo                     127.0.0.1       YES other  up          " \
           "          up      " in lines
    assert "v0                     10.1.0.1        YES NVRAM  up          " \
           "          up      " in lines
    assert "d0                     unassigned      YES unset  administrati" \
           "vely down down    " in lines
    rows = tables.parse(tables.IP_INTERFACE_BRIEF, text)
    order = [link["ifname"] for link in sorted(machine.json("link show"),
                                               key=lambda l: l["ifindex"])]
    assert [row["interface"] for row in rows] == order
    machine.ip("addr add 10.9.0.1/24 dev d0")
    machine.ip("link set d0 up")
    row = named(tables.parse(tables.IP_INTERFACE_BRIEF,
                             machine.ask("show ip interface brief")), "d0")
    assert row == {"interface": "d0", "address": "10.9.0.1",
                   "method": "other", "status": "down", "protocol": "down"}
    machine.ip("link set d0 down")
    machine.ip("addr flush dev d0")
    machine.ip("link add new0 type veth peer name new1")
    assert named(tables.parse(tables.IP_INTERFACE_BRIEF,
                              machine.ask("show ip interface brief")), "new0")
    machine.ip("link del new0")
    assert "new0" not in machine.ask("show ip interface brief")


def test_interfaces_tell_what_the_kernel_knows(machine):
    text = machine.ask("show interfaces")
    rows = tables.parse(tables.INTERFACES, text)
    assert len(rows) == len(machine.json("link show"))
    v0 = named(rows, "v0")
    assert v0["mac"] == "0200.0000.000a"
    assert v0["description"] == "uplink"
    assert v0["address"] == "10.1.0.1/24"
    assert (v0["mtu"], v0["bandwidth"]) == ("1500", "10000000 Kbit/sec")
    assert (v0["duplex"], v0["speed"]) == ("Full", "10000Mb/s")
    assert v0["encapsulation"] == "ARPA"
    lo = named(rows, "lo")
    assert (lo["hardware"], lo["bandwidth"], lo["duplex"]) == (
        "Loopback", "unknown", "")
    assert text.startswith("lo is up, line protocol is up \n"
                           "  Hardware is Loopback\n")
    # One alone, its name in another case; and none.
    one = machine.ask("show interfaces V0")
    assert one.startswith("v0 is up, line protocol is up \n"
                          "  Hardware is veth, address is 0200.0000.000a\n"
                          "  Description: uplink\n"
                          "  Internet address is 10.1.0.1/24\n"
                          "  MTU 1500 bytes, BW 10000000 Kbit/sec\n")
    assert machine.ask("show interfaces nosuch") == \
        "% Invalid interface type and number\n"
    # Patterns of clients in wide use.
    assert re.search(r"^(\S+) is (.+), line protocol is (up|down)", one)
    assert re.search(r"MTU\s+(\d+).+BW\s+(\d+)\s+([KMG]?bit)", one)
    assert re.search(r"Hardware is .*, address is (\S+)", one)


def test_counters_move_with_the_traffic(machine):
    def counters():
        rows = tables.parse(tables.INTERFACES, machine.ask("show interfaces"))
        return named(rows, "w0"), named(rows, "w1")

    machine.ip("addr add 192.0.2.1/24 dev w0")
    machine.ip("neigh add 192.0.2.9 lladdr 02:00:00:00:00:99 dev w0")
    before, other_before = counters()
    machine.run("python3", "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(25):
    s.sendto(b"x" * 100, ("192.0.2.9", 9))
""")
    after, other_after = counters()
    assert int(after["out_packets"]) - int(before["out_packets"]) == 25
    assert int(after["out_bytes"]) - int(before["out_bytes"]) == 25 * 142
    assert int(other_after["in_packets"]) - \
        int(other_before["in_packets"]) == 25
    statistics = machine.json("-s link show dev w0")[0]["stats64"]["tx"]
    assert statistics["packets"] == int(after["out_packets"])
    machine.ip("addr flush dev w0")


def test_rates_are_of_the_traffic_since_somebody_asked(machine):
    machine.ip("addr add 192.0.2.1/24 dev w0")
    machine.ip("neigh add 192.0.2.9 lladdr 02:00:00:00:00:99 dev w0")
    machine.ask("show interfaces w0")

    def rates(label):
        machine.run("python3", "-c", """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(500):
    s.sendto(b"x" * 1000, ("192.0.2.9", 9))
""")
        return re.search(
            rf"  {label} input rate 0 bits/sec, 0 packets/sec\n"
            rf"  {label} output rate [1-9]\d* bits/sec, [1-9]\d* packets/sec\n"
            r" +\d+ packets input", machine.ask("show interfaces w0"))

    wait_for(lambda: rates("5 minute"), "a rate of what was sent")
    machine.configure("interface w0", "load-interval 30")
    assert rates("30 second")
    assert machine.refusals("interface w0", "load-interval 45")[1] == \
        "% Load interval must be in increments of 30 seconds\n"
    assert " load-interval 30\n" in machine.ask("show running-config")
    machine.configure("interface w0", "no load-interval")
    assert rates("5 minute")
    machine.ip("addr flush dev w0")


def test_ip_interface(machine):
    rows = tables.parse(tables.IP_INTERFACE, machine.ask("show ip interface"))
    v0 = named(rows, "v0")
    assert (v0["address"], v0["secondary"], v0["mtu"], v0["broadcast"]) == (
        "10.1.0.1/24", ["10.1.1.1/24"], "1500", "10.1.0.255")
    assert named(rows, "d1")["address"] == ""
    one = machine.ask("show ip interface v0")
    assert one.startswith("""\
v0 is up, line protocol is up
  Internet address is 10.1.0.1/24
  Broadcast address is 10.1.0.255
  Address determined by non-volatile memory
  MTU is 1500 bytes
  Secondary address 10.1.1.1/24
  Multicast reserved groups joined: 224.0.0.1
""")
    for proxy, word in (("1", "enabled"), ("0", "disabled")):
        machine.run("sh", "-c", f"echo {proxy} "
                                ">/proc/sys/net/ipv4/conf/v0/proxy_arp")
        assert f"  Proxy ARP is {word}\n" in machine.ask(
            "show ip interface v0")


def test_ipv6_interfaces(machine):
    def settled():
        text = machine.ask("show ipv6 interface v0")
        return None if "[TEN]" in text else text
    text = wait_for(settled, "the end of duplicate address detection")
    assert text.startswith("""\
v0 is up, line protocol is up
  IPv6 is enabled, link-local address is FE80::FF:FE00:A \n\
  Global unicast address(es):
    2001:DB8:1::1, subnet is 2001:DB8:1::/64 \n\
  Joined group address(es):
""")
    assert "    FF02::1\n" in text
    assert "  MTU is 1500 bytes\n" in text
    assert re.findall(r"\s+(.+), subnet", text) == ["2001:DB8:1::1"]
    rows = tables.parse(tables.IPV6_INTERFACE_BRIEF,
                        machine.ask("show ipv6 interface brief"))
    assert named(rows, "v0")["addresses"] == ["FE80::FF:FE00:A",
                                              "2001:DB8:1::1"]
    assert named(rows, "d0")["addresses"] == ["unassigned"]
    assert named(rows, "d0")["status"] == "administratively down"
    assert "v0                         [up/up]\n    FE80::FF:FE00:A\n" in \
        machine.ask("show ipv6 interface brief")
    assert machine.ask("show ipv6 interface w0") == \
        "IPv6 is disabled on this interface\n"


def test_ip_routes(machine):
    machine.ip("route add 10.2.4.0/23 via 10.1.0.7 metric 50")
    text = machine.ask("show ip route")
    assert text.startswith("""\
Codes: C - connected, S - static, R - RIP, M - mobile, B - BGP
       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area \n\
       N1 - OSPF NSSA external type 1, N2 - OSPF NSSA external type 2
       E1 - OSPF external type 1, E2 - OSPF external type 2
       i - IS-IS, su - IS-IS summary, L1 - IS-IS level-1, L2 - IS-IS level-2
       ia - IS-IS inter area, * - candidate default, U - per-user static route
       o - ODR, P - periodic downloaded static route

Gateway of last resort is 10.1.0.254 to network 0.0.0.0

     10.0.0.0/8 is variably subnetted, 3 subnets, 2 masks
C       10.1.0.0/24 is directly connected, v0
C       10.1.1.0/24 is directly connected, v0
S       10.2.4.0/23 [50/0] via 10.1.0.7
S    172.16.0.0/16 [1/0] via 10.1.0.2
                   [1/0] via 10.1.0.3
""")
    assert "S    192.168.4.0/24 is directly connected, Null0\n" in text
    assert text.endswith("S*   0.0.0.0/0 [1/0] via 10.1.0.254\n")
    rows = tables.parse(tables.IP_ROUTE, text)
    assert {(r["code"], r["network"], r["length"], r["gateway"])
            for r in rows} >= {("S*", "0.0.0.0", "0", "10.1.0.254"),
                               ("S", "10.2.4.0", "23", "10.1.0.7"),
                               ("", "172.16.0.0", "16", "10.1.0.3")}
    assert machine.ask("show ip route 172.16.9.9") == """\
Routing entry for 172.16.0.0/16
  Known via "static", distance 1, metric 0
  Routing Descriptor Blocks:
  * 10.1.0.2, via v0
    10.1.0.3, via v0
"""
    assert machine.ask("show ip route 198.51.100.1") == \
        "% Network not in table\n"
    machine.ip("route del 10.2.4.0/23")
    assert "     10.0.0.0/24 is subnetted, 2 subnets\n" \
           "C       10.1.0.0 is directly connected, v0\n" in \
        machine.ask("show ip route")


def test_ipv6_routes(machine):
    text = machine.ask("show ipv6 route")
    assert "C   2001:DB8:1::/64 [0/0]\n     via ::, v0\n" in text
    assert "S   2001:DB8:77::/48 [1/0]\n     via 2001:DB8:1::2, v0\n" in text
    rows = tables.parse(tables.IPV6_ROUTE, text)
    assert text.startswith(
        f"IPv6 Routing Table - {len({r['prefix'] for r in rows if r['gateway']})} "
        "entries\n")
    machine.ip("-6 route add 2001:db8:78::/48 via 2001:db8:1::3")
    assert "S   2001:DB8:78::/48 [1024/0]\n" in machine.ask("show ipv6 route")
    assert machine.ask("show ipv6 route 2001:db8:78::9") == """\
Routing entry for 2001:DB8:78::/48
  Known via "static", distance 1024, metric 0
  Routing paths:
    2001:DB8:1::3, v0
"""
    assert machine.ask("show ipv6 route 2001:db8:1::/64") == """\
Routing entry for 2001:DB8:1::/64
  Known via "connected", distance 0, metric 0, type connected
  Routing paths:
    directly connected via v0
"""
    machine.ip("-6 route del 2001:db8:78::/48")
    for where in ("2001:db8:78::9", "2001:db8:1::/65", "2001:db8:78::/48"):
        assert machine.ask(f"show ipv6 route {where}") == \
            "% Route not found\n"


def test_neighbours(machine):
    machine.ip("neigh add 10.1.0.66 lladdr 02:00:00:00:00:66 dev v0")
    machine.ip("neigh add 10.1.0.67 lladdr 02:00:00:00:00:67 dev v0 nud stale")
    machine.ip("-6 neigh add 2001:db8:1::66 lladdr 02:00:00:00:00:66 dev v0 "
               "nud stale")
    text = machine.ask("show arp")
    assert text == machine.ask("show ip arp")
    lines = text.splitlines()
    assert lines[0] == "Protocol  Address          Age (min)  Hardware Addr" \
                       "   Type   Interface"
    assert "Internet  10.1.0.1                -   0200.0000.000a  ARPA   v0" \
        in lines
    assert "Internet  10.1.0.66               -   0200.0000.0066  ARPA   v0" \
        in lines
    assert re.search(r"^Internet  10.1.0.67              [ \d]\d   "
                     r"0200.0000.0067  ARPA   v0$", text, re.M)
    rows = tables.parse(tables.ARP, text)
    assert ("10.1.0.67", "v0") in {(r["address"], r["interface"])
                                   for r in rows}
    machine.ip("neigh del 10.1.0.67 dev v0")
    assert "10.1.0.67" not in machine.ask("show arp")
    neighbours = machine.ask("show ipv6 neighbors")
    assert re.search(r"^2001:DB8:1::66                             [ \d]\d "
                     r"0200.0000.0066  STALE v0$", neighbours, re.M)
    assert tables.parse(tables.IPV6_NEIGHBORS, neighbours)


def test_everyone_may_look(machine):
    answers = machine.answers("disable", "show ip interface brief",
                              "show interfaces v0", "show ip route",
                              "show arp")
    assert not any("%" in answer for answer in answers), answers


def test_looking_costs_no_descriptor(machine):
    """A hundred times, and control is as it was."""
    lines = ["show ip interface brief", "show interfaces", "show ip interface",
             "show ip route", "show ip route 10.1.0.1", "show ipv6 interface",
             "show ipv6 route", "show arp", "show ipv6 neighbors",
             "show interfaces nosuch"]

    def descriptors():
        return len(os.listdir(f"/proc/{machine.router.pid}/fd"))

    machine.answers(*lines)
    before = wait_for(descriptors, "descriptors")
    machine.answers(*(lines * 10))
    wait_for(lambda: descriptors() <= before, "as few descriptors as before")
