"""Access lists: typed, shown, counted, and who may come in by them."""
import socket

import pytest
from router import CONFIG, Router
from session import Session


@pytest.fixture(scope="module")
def router():
    with Router(config="username root privilege 15 password 0 pw\n" + CONFIG,
                keys=("ed25519",),
                listen=("127.0.0.1:0", "[::1]:0")) as one:
        yield one


@pytest.fixture
def user(router):
    with Session(router, "pw", "root") as s:
        s.type("configure terminal\n", r"\(config\)#$")
        yield s
        s.command("end")
        s.configure("no access-list 10", "no ip access-list standard LAB",
                    "no ipv6 access-list V6", "line vty 0 15",
                    "no access-class", "no ipv6 access-class")


def test_a_numbered_list_is_one_list_however_it_is_typed(user):
    for line in ("access-list 10 remark the lab", "access-list 10 deny any",
                 "ip access-list standard 10", "5 permit 10.1.1.7 0.0.0.255",
                 "permit host 10.9.9.9"):
        assert user.command(line) == ""
    assert user.prompt == "Router(config-std-nacl)#"
    assert user.command("15 deny 10.7.7.7") == ""
    assert user.command("15 permit any") == "% Duplicate sequence number\n"
    assert user.command("do show access-lists 10") == (
        "Standard IP access list 10\n"
        "    5 permit 10.1.1.0, wildcard bits 0.0.0.255\n"
        "    10 deny   any\n"
        "    15 deny   10.7.7.7\n"
        "    20 permit 10.9.9.9\n")
    assert user.command("no 10") == ""
    assert user.command("no deny 10.7.7.7") == ""
    assert user.command("ip access-list resequence 10 10 10") == ""
    assert ("access-list 10 permit 10.1.1.0 0.0.0.255\n"
            "access-list 10 remark the lab\n"
            "access-list 10 permit 10.9.9.9\n") in \
        user.command("do show running-config")


def test_named_lists_are_written_in_blocks(user):
    for line in ("ip access-list standard LAB", "remark servers",
                 "permit 192.0.2.0 0.0.0.255", "deny any", "exit",
                 "ipv6 access-list V6", "deny ipv6 2001:db8:1::/48 any",
                 "permit ipv6 any any", "sequence 15 permit ipv6 host ::1 any"):
        assert user.command(line) == ""
    assert user.prompt == "Router(config-ipv6-acl)#"
    text = user.command("do show running-config")
    assert ("ip access-list standard LAB\n remark servers\n"
            " permit 192.0.2.0 0.0.0.255\n deny any\n!\n") in text
    assert ("ipv6 access-list V6\n deny ipv6 2001:db8:1::/48 any\n"
            " sequence 15 permit ipv6 host ::1 any\n"
            " sequence 20 permit ipv6 any any\n!\n") in text
    assert user.command("do show ipv6 access-list V6") == (
        "IPv6 access list V6\n"
        "    deny ipv6 2001:db8:1::/48 any sequence 10\n"
        "    permit ipv6 host ::1 any sequence 15\n"
        "    permit ipv6 any any sequence 20\n")
    assert user.command("ip access-list standard 2LAB") == \
        "% Invalid access list name.\n"


def answers(router, source):
    """It greets somebody from there; a refusal resets the connection."""
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    port = router.ports[1] if ":" in source else router.port
    host = "::1" if ":" in source else "127.0.0.1"
    with socket.socket(family) as peer:
        peer.settimeout(60)
        peer.bind((source, 0))
        try:
            peer.connect((host, port))
            return peer.recv(4) == b"SSH-"
        except ConnectionResetError:
            return False


def test_a_named_access_class_admits_and_counts(router, user):
    for line in ("ip access-list standard LAB", "permit 127.0.0.1",
                 "deny 127.0.0.9", "line vty 0 15", "access-class LAB in"):
        assert user.command(line) == ""
    assert answers(router, "127.0.0.1")
    assert not answers(router, "127.0.0.9")
    assert not answers(router, "127.0.0.8")
    # A line that has a list for IPv4 only lets nobody in over IPv6.
    assert not answers(router, "::1")
    assert user.command("do show ip access-lists LAB") == (
        "Standard IP access list LAB\n"
        "    10 permit 127.0.0.1 (1 match)\n"
        "    20 deny   127.0.0.9 (1 match)\n")
    assert user.command("do clear access-list counters LAB") == ""
    assert "match" not in user.command("do show access-lists")
    for line in ("ipv6 access-list V6", "permit ipv6 host ::1 any",
                 "line vty 0 15", "ipv6 access-class V6 in"):
        assert user.command(line) == ""
    assert answers(router, "::1")
    assert user.command("do show ipv6 access-list") == (
        "IPv6 access list V6\n"
        "    permit ipv6 host ::1 any (1 match) sequence 10\n")
