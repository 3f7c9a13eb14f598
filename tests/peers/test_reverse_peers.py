"""Serial lines behind SSH, reached with other people's clients: PuTTY, dropbear,
OpenSSH and ssh1; and a terminal server behind them that is ser2net."""
import os
import re
import subprocess

import pytest

import openssh
from reverse_ssh import (Device, Peer, Port, User, refusal, rotary_port,
                         wait_until_free)
from router import CONFIG, Router, free_port, wait_for
from session import Session
from terminal_server import Terminal, TerminalServer
from test_version_1 import LEGACY

LINES = """\
line 1
 device {one}
 login local
 access-user lab
 rotary 1
 transport input ssh
line 2
 device {two}
 login local
 access-user lab
 rotary 3
 transport input ssh
line 3
 device tcp 127.0.0.1 {telnet} telnet
 login local
 access-user lab
 transport input ssh
"""


@pytest.fixture(scope="module")
def devices():
    made = Device(), Device()
    yield made
    for device in made:
        device.close()


@pytest.fixture(scope="module")
def terminal():
    with Terminal() as made:
        yield made


@pytest.fixture(scope="module")
def server(tmp_path_factory, terminal):
    with TerminalServer(tmp_path_factory.mktemp("ser2net"),
                        terminal.path) as running:
        yield running


@pytest.fixture(scope="module")
def gateway(devices, server, tmp_path_factory):
    rotary, port = rotary_port(), free_port()
    lines = LINES.format(one=devices[0].path, two=devices[1].path,
                         telnet=server.ports["rfc2217"])
    config = CONFIG.replace("ip ssh version 2", "logging host 127.0.0.1 "
                            "transport udp port 9\n"
                            f"ip ssh port {rotary} rotary 1 3").replace("line vty 0 15",
                                           lines + "line vty 0 15")
    with Router(tmp_path_factory.mktemp("gateway"), config=config,
                keys=("rsa", "ed25519"),
                listen=[f"127.0.0.1:{port}", f"[::1]:{port}"]) as router:
        router.rotary = rotary
        yield router


@pytest.fixture
def home(tmp_path):
    (tmp_path / "legacy.cnf").write_text(LEGACY)
    return tmp_path


def environment(home):
    return {**openssh.environment(), "HOME": str(home),
            "DROPBEAR_PASSWORD": "lab",
            "OPENSSL_CONF": str(home / "legacy.cnf")}


def host_keys(router, home, version):
    """plink wants them named; it says itself what they are."""
    said = subprocess.run(
        ["plink", "-ssh", version, "-batch", "-P", str(router.port), "-l",
         "lab", "-pw", "lab", "127.0.0.1", "x"], env=environment(home),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    said = said.stderr + said.stdout
    return re.findall(r"SHA256:[\w+/]+|\b(?:[0-9a-f]{2}:){15}[0-9a-f]{2}\b",
                      said)


def plink(router, home, version, name):
    named = [argument for key in host_keys(router, home, version)
             for argument in ("-hostkey", key)]
    return ["plink", "-ssh", version, "-batch", "-t", "-P", str(router.port),
            "-l", name, "-pw", "lab", *named, "127.0.0.1"]


def dbclient(router, _, name):
    # Without a terminal, for it wants to set its own.
    return ["dbclient", "-T", "-y", "-y", "-p", str(router.port), "-l", name,
            "127.0.0.1"]


def ssh1(router, _, name):
    return ["ssh1", "-1", "-F", "/dev/null", "-tt", "-e", "none",
            "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-p", str(router.port),
            "-l", name, "127.0.0.1"]


CLIENTS = {
    "plink": lambda router, home, name: plink(router, home, "-2", name),
    "plink -1": lambda router, home, name: plink(router, home, "-1", name),
    "dbclient": dbclient,
    "ssh1": ssh1,
}


@pytest.mark.parametrize("name", ["lab:1", "lab:rotary1"])
@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_gets_there(gateway, devices, home, client, name):
    every = bytes(range(256))
    wait_until_free(gateway)
    peer = Peer(CLIENTS[client](gateway, home, name), environment(home))
    peer.type(b"begin" + every)
    assert devices[0].read(every) == b"begin" + every
    devices[0].say(b"<" + bytes(range(256)) + b">")
    peer.wait_for(b"<" + bytes(range(256)) + b">")
    peer.leave()


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_is_told_why_not(gateway, home, client):
    peer = Peer(CLIENTS[client](gateway, home, "lab:9"), environment(home))
    peer.wait_for(b"% There is no line 9\r\n")
    assert peer.end()[0] == 1


# --- ports --------------------------------------------------------------------

@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_port_for_each_group_on_each_address(gateway, devices, address):
    for offset, device, line in ((0, devices[0], 1), (2, devices[1], 2)):
        wait_until_free(gateway, line)
        port = Port(gateway.rotary + offset)
        user = Peer(openssh.arguments(port, "-tt", address=address),
                    openssh.environment())
        user.type(b"by port")
        assert device.read(b"by port") == b"by port"
        user.leave()


def test_the_port_of_a_group_without_a_line(gateway):
    assert refusal(Port(gateway.rotary + 1), "lab") == \
        b"% There is no line in rotary group 2\r\n"


# --- break ---------------------------------------------------------------------

def breaks(server):
    return server.calls().count("TIOCSBRK")


def read(terminal, expected):
    got = b""
    while expected not in got:
        got += terminal.read()
    return got


def test_openssh_sends_a_break_to_the_terminal_server(gateway, server,
                                                      terminal):
    wait_until_free(gateway, 3)
    before = breaks(server)
    user = User(gateway, "lab:3", "-e", "~")
    user.type(b"before\r")
    read(terminal, b"before\r")
    user.type(b"~B")
    wait_for(lambda: breaks(server) == before + 1, "a break at ser2net")
    user.type(b"behind")
    assert read(terminal, b"behind") == b"behind"
    user.leave()


@pytest.mark.parametrize("client", CLIENTS)
def test_the_text_for_a_break_is_one(gateway, server, terminal, home, client):
    wait_until_free(gateway, 3)
    before = breaks(server)
    peer = Peer(CLIENTS[client](gateway, home, "lab:3"), environment(home))
    peer.type(b"before~br")
    read(terminal, b"before")
    peer.type(b"eakbehind")
    assert read(terminal, b"behind") == b"behind"
    wait_for(lambda: breaks(server) == before + 1, "a break at ser2net")
    peer.leave()


# --- processes -----------------------------------------------------------------

@pytest.mark.parametrize("title", ["vtyd-nursery", "vtyd-signer", "vtyd-aaa",
                                   "vtyd-notify"])
def test_helpers_die_and_nobody_on_a_line_notices(gateway, devices, title):
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.type(b"one")
    devices[0].read(b"one")
    old = gateway.children(title)
    assert old
    for pid in old:
        os.kill(pid, 9)
    user.type(b"two")
    assert devices[0].read(b"two") == b"two"
    devices[0].say(b"three")
    user.wait_for(b"three")
    wait_for(lambda: len(set(gateway.children(title)) - set(old)) >= len(old),
             "new ones")
    user.type(b"four")
    assert devices[0].read(b"four") == b"four"
    user.leave()


def test_what_is_said_to_a_killed_worker_is_in_the_buffer(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.type(b"x")
    devices[0].read(b"x")
    devices[0].say(b"the first words\r\n")
    user.wait_for(b"the first words")
    os.kill(max(gateway.children("worker: server")), 9)
    devices[0].say(b"the last words\r\n")
    assert user.end()[0] == 255
    wait_until_free(gateway)

    with Session(gateway, enable="cisco") as admin:
        def both():
            shown = admin.command("show line 1 buffer")
            return "the first words" in shown and "the last words" in shown

        wait_for(both, "both in the buffer")
