"""SNMP notifications of a router on loopback, seen by a manager that takes
packets apart by itself; what is configured, shown, kept and debugged."""
import os
import re
import signal
import socket

import pytest

from counting import Relay
from namespaces import Cable
from processes import workers_at_rest
from router import CONFIG, Router, wait_for
from session import Session
from snmp_manager import INFORM, TRAP_1, TRAP_2, Manager
from wire import Wire

SECRET = "marker-7Hq"


def address_of(wire):
    return wire.socket.getsockname()[1]


def wait_end(router):
    """All sessions have ended, and their ends were told."""
    workers_at_rest(router)


def session(router):
    """Log in, run a command and leave; the client's port."""
    with Wire(router.port) as wire:
        wire.login()
        wire.exec(b"show clock")
        port = address_of(wire)
    return port


def host(manager, words=SECRET, tail=" tty"):
    return f"snmp-server host 127.0.0.1 {words} udp-port {manager.port}{tail}"


@pytest.fixture(scope="module")
def router():
    with Router(keys=("ed25519",)) as one:
        yield one


@pytest.fixture
def manager(router):
    """One that the router knows for the time of the test; what is configured
    for it goes again."""
    wait_end(router)
    with Manager() as one:
        yield one
        with Session(router, enable="cisco") as user:
            user.configure("no snmp-server host 127.0.0.1",
                           "no snmp-server enable traps tty",
                           "no snmp-server inform", "snmp-server",
                           "no snmp-server queue-length")


def configure(router, *lines):
    """From a session whose own end is told, too: it is the first."""
    with Session(router, enable="cisco") as user:
        user.configure(*lines)
        port = user.client.get_transport().sock.getsockname()[1]
    wait_end(router)
    return port


def variables(router, port, message):
    """All six, with the numbers that the session decides as they came."""
    elapsed, received, sent = [value for _, _, value in message[2:5]]
    index = f"127.0.0.1.{router.port}.127.0.0.1.{port}"
    # vty 0, or the next one if somebody is only just leaving.
    line = message[5][0].rpartition(".")[2]
    assert line in ("1", "2", "3")
    return [(f"1.3.6.1.4.1.9.2.9.3.1.1.{line}.1", "INTEGER", 6),
            (f"1.3.6.1.2.1.6.13.1.1.{index}", "INTEGER", 4),
            (f"1.3.6.1.4.1.9.2.6.1.1.5.{index}", "TICKS", elapsed),
            (f"1.3.6.1.4.1.9.2.6.1.1.1.{index}", "INTEGER", received),
            (f"1.3.6.1.4.1.9.2.6.1.1.2.{index}", "INTEGER", sent),
            (f"1.3.6.1.4.1.9.2.9.2.1.18.{line}", "OCTETS", "lab")]


def test_the_two_lines_of_the_guide_alone_send_the_trap(router, manager):
    port = configure(router, "snmp-server", host(manager))
    trap = manager.next()
    assert (trap.pdu, trap.version, trap.community) == (TRAP_1, "1", SECRET)
    assert (trap.enterprise, trap.agent, trap.generic, trap.specific) == \
        ("1.3.6.1.4.1.9", "127.0.0.1", 6, 1)
    assert trap.uptime > 0
    assert trap.variables == variables(router, port, trap.variables)


def test_octets_are_those_of_the_connection(router, manager):
    configure(router, host(manager))
    manager.next()
    with Relay(lambda: socket.create_connection(("127.0.0.1",
                                                 router.port))) as relay:
        with Wire(relay.port) as wire:
            wire.login()
            wire.exec(b"show clock")
        assert relay.over.wait(30)
    trap = manager.next()
    received, sent = [value for _, _, value in trap.variables[3:5]]
    assert (received, sent) == (relay.to_router, relay.to_client)


def test_version_2_translates_it(router, manager):
    port = configure(router, host(manager, "version 2c " + SECRET))
    trap = manager.next()
    assert (trap.pdu, trap.version, trap.community) == (TRAP_2, "2c", SECRET)
    assert (trap.status, trap.index) == (0, 0)
    (name, kind, _), second = trap.variables[:2]
    assert (name, kind) == ("1.3.6.1.2.1.1.3.0", "TICKS")
    assert second == ("1.3.6.1.6.3.1.1.4.1.0", "OID", "1.3.6.1.4.1.9.0.1")
    assert trap.variables[2:] == variables(router, port, trap.variables[2:])


def test_an_inform_comes_again_until_it_is_answered(router, manager):
    configure(router, "snmp-server inform timeout 1 retries 50",
              host(manager, "informs version 2c " + SECRET))
    first = manager.next()
    assert first.pdu == INFORM
    again = manager.next()
    assert again.data == first.data
    # What no manager would say ends nothing, and harms nobody.
    for data in (b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80" * 500,
                 first.data, first.answer(request=first.request ^ 1),
                 first.answer(pdu=0xa8), first.answer()[:-1],
                 b"\x30\x03\x02\x01\x01", bytes(65000)):
        manager.send(first, data)
    third = manager.next()
    assert third.data == first.data
    manager.send(third, third.answer())
    with Session(router, enable="cisco") as user:
        wait_for(lambda: "1 Inform response PDUs" in user.command("show snmp"),
                 "the answer")
        shown = user.command("show snmp")
        assert re.search(r"1 sent, 0 in-flight, [2-9] retries, 0 failed, "
                         r"0 dropped", shown), shown
        assert "0 Responses with errors" in shown
    assert "vtyd-notify" not in router.log()


def test_a_dead_manager_has_a_bounded_queue_and_delays_nobody(router, manager):
    """Nobody answers: two wait, the others are dropped, and counted."""
    with Manager() as dead:
        configure(router, "snmp-server queue-length 2",
                  host(dead, "informs version 2c dead"), host(manager))
        for _ in range(4):
            session(router)
        for _ in range(5):
            assert manager.next().pdu == TRAP_1

        def told():
            """What was sent to the one, if it agrees with the other's."""
            shown = user.command("show snmp")
            sent = int(re.search(r"/2, (\d+) sent, 0 dropped", shown)[1])
            rest = sent - 2
            return sent if f"    {rest} Drops" in shown and (
                f"0 sent, 2 in-flight, 0 retries, 0 failed, {rest} dropped"
                in shown) else 0
        with Session(router, enable="cisco") as user:
            wait_for(lambda: told() >= 5, "the numbers of both")


def test_kinds_and_the_whole_are_switched(router, manager):
    """An entry without a kind wants those that are enabled."""
    configure(router, host(manager, tail=""))
    configure(router, "snmp-server enable traps tty")
    assert manager.next()
    assert manager.is_quiet()
    configure(router, "no snmp-server")
    session(router)
    wait_end(router)
    with Session(router, enable="cisco") as user:
        assert user.command("show snmp") == "%SNMP agent not enabled\n"
        assert "\nno snmp-server\n" in user.command("show running-config")
        user.configure("snmp-server")
        assert "no snmp-server" not in user.command("show running-config")
    assert manager.next()
    assert manager.is_quiet()


def test_ipv6_has_both_addresses_in_the_new_table(tmp_path):
    with Manager() as manager, \
            Router(tmp_path, config=CONFIG + "!\n" + host(manager) + "\n" +
                   host(manager, "version 2c other") + "\n",
                   keys=("ed25519",), listen=("[::1]:0",)) as router:
        with socket.create_connection(("::1", router.port)) as one:
            one.recv(100)
            port = one.getsockname()[1]
        messages = sorted((manager.next(), manager.next()),
                          key=lambda message: message.version)
        ends = [("1.3.6.1.4.1.9.2.9.3.1.1.1.1", "INTEGER", 6),
                ("1.3.6.1.4.1.9.2.9.2.1.18.1", "OCTETS", "")]
        assert messages[0].variables == ends
        loopback = "2.16." + "0." * 15 + "1"
        assert messages[1].variables[2:] == [
            ends[0], (f"1.3.6.1.2.1.6.19.1.7.{loopback}.{router.port}."
                      f"{loopback}.{port}", "INTEGER", 5), ends[1]]


def test_a_manager_has_a_name(router, manager):
    configure(router, "ip host manager.lab 127.0.0.1",
              host(manager).replace("127.0.0.1", "manager.lab"))
    assert manager.next().variables[5][2] == "lab"
    configure(router, "no snmp-server host manager.lab " + SECRET,
              "no ip host manager.lab")


def test_a_manager_has_an_address_of_ipv6(router):
    with Manager("::1") as manager:
        configure(router, host(manager).replace("127.0.0.1", "::1"))
        trap = manager.next()
        assert trap.agent == "0.0.0.0"  # RFC 3584: it has none of IPv4
        assert trap.variables[5][2] == "lab"
        configure(router, "no snmp-server host ::1 " + SECRET)


def test_traps_come_from_where_they_shall(tmp_path):
    with Cable() as cable:
        cable.near.run("ip", "link", "add", "other", "type", "veth", "peer",
                       "name", "end")
        cable.near.run("ip", "address", "add", "10.78.0.1/24", "dev", "other")
        for link in ("other", "end"):
            cable.near.run("ip", "link", "set", link, "up")
        address = cable.FAR.format(10)
        with cable.far.call(Manager, address) as manager, \
                Router(tmp_path, config=CONFIG + "!\nsnmp-server trap-source "
                       "other\n" + host(manager).replace("127.0.0.1", address)
                       + "\n", keys=("ed25519",), listen=(f"{cable.NEAR}:22",),
                       preexec=cable.near.enter):
            cable.far.call(socket.create_connection, (cable.NEAR, 22)).close()
            trap = manager.next()
            assert trap.peer[0] == trap.agent == "10.78.0.1"


def test_all_that_is_to_be_told_is_told_at_the_end(tmp_path):
    """The router ends, and so does a session: its trap leaves first."""
    with Manager() as manager:
        router = Router(tmp_path, config=CONFIG + "!\n" + host(manager) + "\n",
                        keys=("ed25519",)).start()
        with Wire(router.port) as wire:
            wire.login()
            router.stop()
            assert manager.next().variables[5][2] == "lab"


def test_when_notify_dies_nothing_is_lost(router, manager):
    configure(router, host(manager, "informs version 2c " + SECRET))
    first = manager.next()
    pid = wait_for(lambda: router.children("vtyd-notify"), "notify")[0]
    os.kill(pid, signal.SIGKILL)
    again = manager.next()
    assert again.variables == first.variables and again.peer != first.peer
    manager.send(again, again.answer())
    with Session(router, enable="cisco") as user:
        wait_for(lambda: ", 0 in-flight, " in user.command("show snmp"),
                 "the answer")


SEED = """\
SNMP: Queuing packet to 127.0.0.1
SNMP: V1 Trap, ent cisco, addr 127.0.0.1, gentrap 6, spectrap 1 
 local.9.3.1.1.<line>.1 = 6 
 tcpConnEntry.1.127.0.0.1.<port>.127.0.0.1.<port> = 4 
 ltcpConnEntry.5.127.0.0.1.<port>.127.0.0.1.<port> = <number> 
 ltcpConnEntry.1.127.0.0.1.<port>.127.0.0.1.<port> = <number> 
 ltcpConnEntry.2.127.0.0.1.<port>.127.0.0.1.<port> = <number> 
 local.9.2.1.18.<line> = lab
SNMP: Packet sent via UDP to 127.0.0.1
"""


def logged(router, begin):
    """Lines since then, without stamps; only of debugging."""
    text = re.sub(r"^[*.]?\w{3} [ \d]\d [\d:.]+: ", "", router.log()[begin:],
                  flags=re.M)
    return re.sub(r"^%.*\n", "", text, flags=re.M)


def test_debug_shows_what_the_guide_shows(router, manager):
    configure(router, host(manager))
    manager.next()
    with Session(router, enable="cisco") as user:
        assert user.command("debug snmp packet") == \
            "SNMP packet debugging is on\n"
        assert user.command("show debugging") == \
            "SNMP:\n  SNMP packet debugging is on\n"
        begin = len(router.log())
        session(router)
        manager.next()
        router.wait_log("Packet sent via UDP to 127.0.0.1$")
        assert user.command("undebug snmp packet") == \
            "SNMP packet debugging is off\n"
    pattern = re.escape(SEED)
    for field in ("<line>", "<port>", "<number>"):
        pattern = pattern.replace(re.escape(field), r"\d+")
    assert re.search("^" + pattern, logged(router, begin), re.M), \
        logged(router, begin)
    assert SECRET not in router.log()


def test_debug_shows_informs_and_their_answers(router, manager):
    configure(router, host(manager, "informs version 2c " + SECRET))
    first = manager.next()
    manager.send(first, first.answer())
    with Session(router, enable="cisco") as user:
        user.command("debug snmp packet")
        begin = len(router.log())
        session(router)
        inform = manager.next()
        manager.send(inform, inform.answer())
        router.wait_log("SNMP: Response, ")
        user.command("undebug all")
    text = logged(router, begin)
    uptime = inform.variables[0][2]
    assert (f"SNMP: Inform request, reqid {inform.request}, errstat 0, "
            f"erridx 0 \n sysUpTime.0 = {uptime} \n"
            " snmpTrapOID.0 = cisco.0.1 \n") in text
    assert ("SNMP: Packet received via UDP from 127.0.0.1\n"
            f"SNMP: Response, reqid {inform.request}, errstat 0, erridx 0 \n"
            ) in text


def test_there_is_no_agent(router):
    with Session(router, enable="cisco") as user:
        user.command("configure terminal")
        for line in ("snmp-server community public ro", "snmp-server view v "
                     "iso included", "snmp-server host 127.0.0.1 vrf x y"):
            assert "% Invalid input detected at '^' marker." in \
                user.command(line)
        user.command("end")


CONFIGURED = """\
snmp-server engineID local 800000090500112233445566
snmp-server engineID remote 10.0.0.9 udp-port 1162 800000000102030405060708
snmp-server group G v3 priv
snmp-server trap-source lo
snmp-server queue-length 20
snmp-server location Rack 7
snmp-server contact the operator
snmp-server enable traps tty
snmp-server host 10.0.0.2 public  tty
snmp-server host manager.example version 2c public
snmp-server host 10.0.0.3 informs version 3 priv operator udp-port 1162 tty
snmp-server inform pending 50 retries 5 timeout 10
"""


def test_settings_are_written_as_ios_writes_them(tmp_path):
    with Router(tmp_path, config=CONFIG + "!\n" + CONFIGURED +
                "snmp-server user operator G v3 auth sha one priv des two\n",
                keys=("ed25519",)) as router:
        with Session(router, enable="cisco") as user:
            assert user.command("show running-config | include snmp") == \
                CONFIGURED
            assert user.command("show snmp engineID") == (
                "Local SNMP engineID: 800000090500112233445566\n"
                "Remote Engine ID          IP-addr    Port\n"
                "800000000102030405060708  10.0.0.9 1162\n")
            assert user.command("show snmp host") == (
                "Notification host: 10.0.0.2 udp-port: 162   type: trap\n"
                "user: public    security model: v1\n\n"
                "Notification host: manager.example udp-port: 162   "
                "type: trap\nuser: public    security model: v2c\n\n"
                "Notification host: 10.0.0.3 udp-port: 1162   type: inform\n"
                "user: operator    security model: v3 priv\n\n")
            users = user.command("show snmp user")
            assert users == (
                "User name: operator\nEngine ID: 800000090500112233445566\n"
                "storage-type: nonvolatile\t active\n"
                "Authentication Protocol: SHA\nPrivacy Protocol: DES\n"
                "Group-name: G\n\n")
            shown = user.command("show snmp")
            assert shown.startswith("Contact: the operator\n"
                                    "Location: Rack 7\n"
                                    "0 SNMP packets output\n"
                                    "    0 Trap PDUs\n"
                                    "SNMP global trap: enabled\n")
            user.configure("snmp-server engineID local 1234")
            assert user.command("show snmp user") == ""
            assert "local 123400000000000000000000\n" in \
                user.command("show running-config")
            user.configure("snmp-server engineID local "
                           "800000090500112233445566")
        # Users stand in no configuration, and outlive the router.
        router.write_state("startup-config", CONFIG + "!\n" + CONFIGURED)
        router.restart()
        with Session(router, enable="cisco") as user:
            assert user.command("show snmp user") == users
            user.configure("no snmp-server user operator G v3")
            assert user.command("show snmp user") == ""


def test_communities_and_passwords_are_secrets(tmp_path):
    """Hardening 10.7 and 10.8: in no log, history or text for others."""
    lines = [f"snmp-server host 127.0.0.1 {SECRET} tty",
             f"snmp-server host 127.0.0.1 version 2c {SECRET} nonsense",
             f"snmp-server user u G v3 auth sha {SECRET} priv aes 128 {SECRET}",
             f"snmp-server user u G v3 auth sha {SECRET} nonsense"]
    with Router(tmp_path, keys=("ed25519",)) as router:
        with Session(router, enable="cisco") as user:
            user.command("debug snmp packet")
            user.command("configure terminal")
            for line in lines:
                user.command(line)
            history = user.command("do show history")
            user.command("end")
            assert SECRET not in history
            assert SECRET in user.command("show running-config")
            assert SECRET in user.command("show snmp host")
            assert SECRET not in user.command("show tech-support", 60)
            user.command("disable")
            assert "<removed>" in user.command("show snmp host")
        wait_for(lambda: (router.state / "snmp").exists(), "the file")
        assert (router.state / "snmp").stat().st_mode & 0o777 == 0o600
        assert SECRET not in (router.state / "snmp").read_text()
        assert SECRET not in router.log()
