"""`ping`: real echoes, shown as IOS shows them, by a probe of its own.

Peers that are far, or silent, are in network namespaces, so those tests are
for root only.
"""
import os
import re
import signal

import pytest

from machine import LIBC, PR_CAPBSET_DROP, Machine
from processes import SANITIZED, field, is_alive
from router import Router, wait_for
from session import Session
from wire import Wire

HEAD = "Type escape sequence to abort.\nSending {}, {}-byte ICMP Echos to " \
       "{}, timeout is {} seconds:\n"
CAP_NET_RAW = 13
TIMES = r", round-trip min/avg/max = (\d+)/(\d+)/(\d+) ms\n$"


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("ping"), keys=("ed25519",)) as made:
        yield made


@pytest.fixture(scope="module")
def session(router):
    with Session(router) as user:
        if "may not send" in user.command("ping 127.0.0.1 repeat 1"):
            pytest.skip("no right to send ICMP echos")
        yield user


def probes(router):
    return router.children("probe")


@pytest.mark.parametrize("words, repeat, size, to", [
    ("127.0.0.1", 5, 100, "127.0.0.1"),
    ("::1", 5, 100, "::1"),
    ("ip 127.0.0.1 size 36 repeat 3", 3, 36, "127.0.0.1"),
    ("ipv6 ::1 repeat 2 size 18024", 2, 18024, "::1"),
    ("ipv6 ::1 size 48 repeat 1", 1, 48, "::1"),
    ("127.0.0.1 size 18024 repeat 75", 75, 18024, "127.0.0.1"),
])
def test_echoes_come_back(session, words, repeat, size, to):
    answer = session.command(f"ping {words}")
    head = HEAD.format(repeat, size, to, 2)
    assert answer.startswith(head)
    marks, rate = answer[len(head):].split("Success", 1)
    lines = ["!" * 70] * (repeat // 70) + ["!" * (repeat % 70)]
    assert marks == "".join(line + "\n" for line in lines if line)
    assert rate.startswith(f" rate is 100 percent ({repeat}/{repeat})")
    least, mean, most = map(int, re.search(TIMES, rate).groups())
    assert 1 <= least <= mean <= most


def test_a_source_address_must_be_ours(session):
    answer = session.command("ping 127.0.0.1 source 127.0.0.2 repeat 1")
    assert "\nPacket sent with a source address of 127.0.0.2 \n!\n" in answer
    assert session.command("ping 127.0.0.1 source 192.0.2.77") == \
        "% Invalid source address- IP address not on any of our up " \
        "interfaces\n"
    assert session.command("ping 127.0.0.1 source ::1").startswith(
        "% Invalid source address")


def test_words_that_make_no_ping(session):
    assert session.command("ping") == "% Incomplete command.\n\n"
    assert "% Invalid input" in session.command("ping 127.0.0.1 size 35")
    assert "% Invalid input" in session.command("ping 127.0.0.1 repeat 0")
    assert session.command("ping ::1 size 47") == \
        "% Invalid size: IPv6 needs 48 bytes at least\n"


@pytest.mark.parametrize("key", ["\x03", "\x1e"], ids=["ctrl-c", "ctrl-^"])
def test_a_key_stops_it(router, session, key):
    session.type("ping 127.0.0.1 repeat 2000000\n", r"!!!!!$")
    answer = session.type(key)
    done, sent = map(int, re.search(r"\nSuccess rate is \d+ percent "
                                    r"\((\d+)/(\d+)\)", answer).groups())
    assert 5 <= done <= sent <= done + 1
    wait_for(lambda: not probes(router), "the probe's end")
    assert session.command("show privilege") == "Current privilege level is 1\n"


def test_the_probe_may_do_nothing_else(router, session):
    session.type("ping 127.0.0.1 repeat 2000000\n", r"!!!!!$")
    pid, = wait_for(lambda: probes(router), "the probe")
    assert field(pid, "NoNewPrivs") == ["1"] and field(pid, "Seccomp") == ["2"]
    assert int(field(pid, "CapEff")[0], 16) == 0 or os.geteuid() != 0
    if os.geteuid() == 0:
        assert "0" not in field(pid, "Uid")
    held = os.listdir(f"/proc/{pid}/fd")
    # Streams, its pipe, one socket; a sanitizer may hold more.
    assert len(held) == 5 or SANITIZED
    session.type("\x03")
    wait_for(lambda: not probes(router), "the probe's end")


def test_a_probe_that_dies_is_told_and_logged(router, session):
    session.type("ping 127.0.0.1 repeat 2000000\n", r"!!!!!$")
    os.kill(probes(router)[0], signal.SIGKILL)
    answer = session.until(r">$")
    assert "\nSuccess rate is 100 percent (" in answer
    assert "% The probe ended before it was done\r\n" in answer
    router.wait_log(r"%SYS-4-PROBE: A probe \(process \d+\) ended with signal "
                    r"9")
    wait_for(lambda: not probes(router), "the probe's end")


def test_it_ends_with_its_session(router, session):
    with Session(router) as other:
        other.type("ping 127.0.0.1 repeat 2000000\n", r"!!!!!$")
        assert len(probes(router)) == 1
    wait_for(lambda: not probes(router), "the probe's end")


def test_a_user_who_does_not_read_stops_the_probe(router, session):
    """Nothing piles up on the way to him, and he misses nothing."""
    with Session(router) as slow:
        slow.channel.send("ping 127.0.0.1 repeat 300\n")
        wait_for(lambda: probes(router), "the probe")
        answer = session.command("ping ::1 repeat 2")
        assert "Success rate is 100 percent (2/2)" in answer
        # On a busy machine an answer may come too late; none is passed over.
        text = slow.until(r"\n\S+>$")
        assert re.search(r"\((2[5-9]\d|300)/300\)", text), text
        assert len(re.findall(r"[!.](?=[!.\r])", text)) >= 300


def test_an_exec_request_pings(router, session):
    with Wire(router.port).login() as wire:
        output, status = wire.exec("ping 127.0.0.1 repeat 3")
    assert status == 0
    assert b"!!!" in output


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """v0 leads to a router behind which 10.9.0.0/16 cannot be reached."""
    directory = tmp_path_factory.mktemp("machine")
    with Machine(directory / "near") as made, \
            Machine(directory / "far") as far:
        made.ip("link add v0 type veth peer name v1")
        made.ip(f"link set v1 netns {far.holder.pid}")
        made.ip("addr add 10.1.0.1/24 dev v0")
        made.ip("-6 addr add 2001:db8:1::1/64 dev v0 nodad")
        made.ip("link set v0 up")
        far.ip("addr add 10.1.0.2/24 dev v1")
        far.ip("-6 addr add 2001:db8:1::2/64 dev v1 nodad")
        far.ip("link set v1 up")
        far.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward; "
                "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")
        far.ip("route add unreachable 10.9.0.0/16")
        far.ip("-6 route add unreachable 2001:db8:9::/48")
        made.ip("route add 10.9.0.0/16 via 10.1.0.2")
        made.ip("-6 route add 2001:db8:9::/48 via 2001:db8:1::2")
        # On the wire, and nobody there.
        made.ip("neigh add 10.1.0.3 lladdr 02:00:00:00:00:03 dev v0")
        made.ip("-6 neigh add 2001:db8:1::3 lladdr 02:00:00:00:00:03 dev v0")
        yield made.start()


@pytest.mark.parametrize("to", ["10.1.0.2", "2001:db8:1::2"])
def test_a_peer_on_the_wire(machine, to):
    assert f"!!!!!\nSuccess rate is 100 percent (5/5), round-trip " \
        in machine.ask(f"ping {to}")


@pytest.mark.parametrize("to, mark", [
    ("10.1.0.3", "."), ("2001:db8:1::3", "."),  # silence
    ("10.9.0.1", "U"), ("2001:db8:9::1", "N"),  # a router's refusal
    ("10.8.0.1", "."), ("2001:db8:8::1", "."),  # no route to it
])
def test_a_peer_that_is_not_there(machine, to, mark):
    # Silence is awaited, a refusal comes.
    seconds = 1 if mark == "." else 10
    answer = machine.ask(f"ping {to} repeat 2 timeout {seconds}")
    assert answer == HEAD.format(2, 100, to, seconds) + mark * 2 + \
        "\nSuccess rate is 0 percent (0/2)\n"


def test_without_raw_sockets(machine):
    """Sockets of the kernel's own for echoes, as for any user of Linux."""
    machine.run("sh", "-c", "echo 0 2147483647 "
                ">/proc/sys/net/ipv4/ping_group_range")
    for to in ("10.1.0.2", "2001:db8:1::2", "127.0.0.1", "::1"):
        assert "!!\nSuccess rate is 100 percent (2/2)" in \
            machine.ask(f"ping {to} repeat 2 size 3000")
    for to, mark in (("10.1.0.3", "."), ("10.9.0.1", "U"),
                     ("2001:db8:9::1", "N")):
        seconds = 1 if mark == "." else 10
        answer = machine.ask(f"ping {to} repeat 1 timeout {seconds}")
        assert f"\n{mark}\nSuccess rate is 0 percent (0/1)\n" in answer


def test_where_nothing_is_permitted(tmp_path):
    with Machine(tmp_path) as machine:
        def without_the_right():
            machine.enter()
            assert LIBC.prctl(PR_CAPBSET_DROP, CAP_NET_RAW, 0, 0, 0) == 0

        machine.router.preexec = without_the_right
        machine.start()
        for to in ("127.0.0.1", "::1"):
            assert machine.ask(f"ping {to}") == \
                "% The router's process may not send ICMP echos\n"


def test_the_router_ends_while_it_runs(tmp_path, session):
    with Router(tmp_path, keys=("ed25519",)) as router:
        user = Session(router)
        user.channel.send("ping 127.0.0.1 repeat 2000000\n")
        pid, = wait_for(lambda: probes(router), "the probe")
        assert router.end() == 0
        wait_for(lambda: not is_alive(pid), "the probe's end")
        user.client.close()
