"""AAA servers by IPv6, and from the address of a source interface: a router, a
FreeRADIUS and a TACACS+ server on a machine of their own, with two addresses
of either kind. Takes the right to make a network namespace."""
import os
import pathlib
import sys
import threading

import pytest

from freeradius import KEY, FreeRadius
from router import wait_for
from tacacs_server import (ACCT, AUTHEN, PASS, SUCCESS, TacacsServer)

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "programs"))
from machine import Machine, needs_a_namespace  # noqa: E402

SERVER4, SERVER6 = "192.0.2.1", "2001:db8::1"
ROUTER4, ROUTER6 = "192.0.2.2", "2001:db8::2"
GRANTED = "User was successfully authenticated."
SILENT = "No authoritative response from any server."
CONFIG = """\
hostname R1
aaa new-model
"""
RADIUS = """\
radius server FOUR
address ipv4 {four} auth-port {auth} acct-port {acct}
key {key}
timeout 1
retransmit 0
radius server SIX
address ipv6 {six} auth-port {auth} acct-port {acct}
key {key}
timeout 1
retransmit 0
aaa group server radius R4
server name FOUR
aaa group server radius R6
server name SIX
ip radius source-interface v0
"""
TACACS = """\
tacacs server TFOUR
address ipv4 {four}
key {key}
port {four_port}
tacacs server TSIX
address ipv6 {six}
key {key}
port {six_port}
aaa group server tacacs+ T4
server name TFOUR
aaa group server tacacs+ T6
server name TSIX
ip tacacs source-interface v0
"""


def inside(machine, act):
    """What `act` gives, called in the machine's network."""
    found = []

    def run():
        machine.enter()
        found.append(act())
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    needs_a_namespace()
    with Machine(tmp_path_factory.mktemp("machine"), CONFIG) as one:
        one.ip("link add v0 type veth peer name v1")
        for link in ("v0", "v1"):
            one.ip(f"link set {link} up")
        for address, link in ((SERVER4 + "/32", "lo"), (ROUTER4 + "/32", "v0"),
                              (SERVER6 + "/128", "lo"),
                              (ROUTER6 + "/128", "v0")):
            nodad = " nodad" if ":" in address else ""
            one.ip(f"addr add {address} dev {link}{nodad}")
        one.start()
        yield one


def ask(machine, group, user="high", password="high-password"):
    return machine.ask(f"test aaa group {group} {user} {password} legacy")


def is_granted(machine, group):
    """The time it has to answer is short, since others shall be silent."""
    wait_for(lambda: GRANTED in ask(machine, group), f"an answer to {group}")


def test_radius_from_the_source_interface_and_by_ipv6(machine,
                                                      tmp_path_factory):
    """The server answers the interface's addresses alone."""
    if not os.path.exists("/usr/sbin/freeradius"):
        pytest.skip("freeradius is not installed")
    with FreeRadius(tmp_path_factory.mktemp("radius"), (SERVER4, SERVER6),
                    (ROUTER4, ROUTER6), machine.enter) as radius:
        machine.configure(*RADIUS.format(
            four=SERVER4, six=SERVER6, key=KEY, auth=radius.auth_port,
            acct=radius.acct_port).splitlines())
        assert SILENT in ask(machine, "R4")
        is_granted(machine, "R6")
        machine.configure("ip radius source-interface v0",
                          "aaa group server radius R6",
                          "no ip radius source-interface")
        # What holds for all holds for either group.
        assert GRANTED in ask(machine, "R4")
        is_granted(machine, "R6")
        machine.configure("no ip radius source-interface")
        assert SILENT in ask(machine, "R4")
        assert SILENT in ask(machine, "R6")
        # No address of the kind: from wherever it goes, as on IOS.
        machine.ip(f"addr del {ROUTER4}/32 dev v0")
        machine.configure("ip radius source-interface v0")
        assert SILENT in ask(machine, "R4")
        machine.ip(f"addr add {ROUTER4}/32 dev v0")
        is_granted(machine, "R4")


def test_tacacs_from_the_source_interface_and_by_ipv6(machine):
    def handler(p):
        if p.type == ACCT:
            return p.reply(SUCCESS)
        assert p.type == AUTHEN
        return p.reply(PASS)
    servers = [inside(machine, lambda at=at: TacacsServer(KEY.encode(),
                                                          handler, at))
               for at in (SERVER4, SERVER6)]
    for one in servers:
        one.__enter__()
    try:
        machine.configure(*TACACS.format(
            four=SERVER4, six=SERVER6, key=KEY, four_port=servers[0].port,
            six_port=servers[1].port).splitlines())
        assert GRANTED in ask(machine, "T4") and GRANTED in ask(machine, "T6")
        machine.configure("ip tacacs source-interface v0")
        assert GRANTED in ask(machine, "T4")
        assert [one.sources for one in servers] == \
            [[SERVER4, ROUTER4], [ROUTER6]]
    finally:
        for one in servers:
            inside(machine, lambda: one.__exit__(None, None, None))
