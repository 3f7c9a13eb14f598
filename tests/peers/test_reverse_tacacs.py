"""A TACACS+ server says who may come to which line of a terminal server."""
import pytest

import openssh
from reverse_ssh import Device, User, refusal, wait_until_free
from router import CONFIG, Router, wait_for
from tacacs_server import (ACCT, AUTHEN, AUTHOR, AUTHOR_ERROR, AUTHOR_FAIL,
                           GETPASS, NOECHO, PASS, PASS_ADD, START, STOP,
                           SUCCESS, TacacsServer)

KEY = b"a shared key"
LINES = """\
hostname R1
aaa new-model
aaa authentication login default group tacacs+ local
aaa authorization exec default group tacacs+
aaa authorization reverse-access default group tacacs+
aaa accounting connection default start-stop group tacacs+
tacacs server ONE
 address ipv4 127.0.0.1
 key {key}
 port {port}
 timeout 20
!
line 1
 device {one}
 access-user refused
 rotary 1
 transport input ssh
line 2
 device {two}
 rotary 1
 transport input ssh
"""
# Beside "yes": the ports that a user is told to have.
PORTS = {b"lab": [], b"one": ["port#1=R1/tty1"], b"two": ["port#1=R1/tty2"],
         b"both": ["port#1=tty1", "port#2=tty2"], b"odd": ["wish=obey"],
         b"polite": ["wish*ignore"]}


def handler(p):
    if p.type == AUTHEN:
        return p.reply(PASS) if p.seq > 1 else \
            p.reply(GETPASS, "Password: ", flags=NOECHO)
    if p.type != AUTHOR:
        return p.reply(SUCCESS)
    if p.argument("service") != "raccess":
        return p.reply(PASS_ADD)
    if p.user == b"silent":
        return b""
    if p.user == b"undecided":
        return p.reply(AUTHOR_ERROR)
    if p.user == b"second":
        return p.reply(PASS_ADD if p.argument("port#1") == "tty2"
                       else AUTHOR_FAIL)
    return p.reply(AUTHOR_FAIL) if p.user not in PORTS else \
        p.reply(PASS_ADD, arguments=PORTS[p.user])


@pytest.fixture(scope="module")
def server():
    with TacacsServer(KEY, handler) as one:
        yield one


@pytest.fixture(scope="module")
def devices():
    made = Device(), Device()
    yield made
    for device in made:
        device.close()


@pytest.fixture(scope="module")
def gateway(devices, server, tmp_path_factory):
    lines = LINES.format(one=devices[0].path, two=devices[1].path,
                         port=server.port, key=KEY.decode())
    with Router(tmp_path_factory.mktemp("gateway"), keys=("ed25519",),
                config=CONFIG.replace("line vty 0 15",
                                      lines + "line vty 0 15")) as router:
        yield router


def asked(server, user):
    """What was asked for him beside passwords."""
    return [p.arguments for p in server.packets
            if p.type == AUTHOR and p.user == user]


def reaches(router, name, device):
    user = User(router, name)
    user.type(name.encode())
    device.read(name.encode())
    user.leave()


def free(gateway):
    wait_until_free(gateway, 1)
    wait_until_free(gateway, 2)


def test_it_is_asked_for_the_line_and_no_exec(gateway, devices, server):
    free(gateway)
    reaches(gateway, "both:1", devices[0])
    assert asked(server, b"both") == [["service=raccess", "port#1=tty1"]]


@pytest.mark.parametrize("name", ["lab:1", "one:1", "polite:1"])
def test_who_may(gateway, devices, name):
    free(gateway)
    reaches(gateway, name, devices[0])


@pytest.mark.parametrize("name", ["two:1", "odd:1", "refused:1",
                                  "undecided:1"])
def test_who_may_not(gateway, name):
    assert refusal(gateway, name) == b"% Line 1 is not permitted\r\n"


def test_of_a_group_the_first_that_is_his(gateway, devices, server):
    free(gateway)
    reaches(gateway, "second:rotary1", devices[1])
    assert [a[1] for a in asked(server, b"second")] == \
        ["port#1=tty1", "port#1=tty2"]
    free(gateway)
    user = User(gateway, "both:rotary1")
    user.type(b"first")
    devices[0].read(b"first")
    reaches(gateway, "both:rotary1", devices[1])
    user.leave()


def test_who_goes_while_it_thinks_leaves_nothing(gateway, devices, server):
    free(gateway)
    user = User(gateway, "silent:1")
    wait_for(lambda: asked(server, b"silent"), "the question")
    shown = openssh.run(gateway, "show users all").stdout
    assert b"silent" in shown
    # Nobody waits for somebody who has no line so far.
    reaches(gateway, "one:1", devices[0])
    user.leave()
    wait_for(lambda: b"silent" not in
             openssh.run(gateway, "show users all").stdout, "his end")
    free(gateway)


def test_the_connection_is_recorded(gateway, devices, server):
    free(gateway)
    before = len(server.packets)
    reaches(gateway, "one:1", devices[0])

    def records():
        """The end of the connection before may come only now."""
        return [p.arguments for p in server.packets[before:]
                if p.type == ACCT and p.user == b"one"]

    def both():
        mine = [p for p in server.packets[before:]
                if p.type == ACCT and p.user == b"one"]
        starts, stops = [{p.argument("task_id") for p in mine
                          if p.record == kind} for kind in (START, STOP)]
        return starts & stops

    wait_for(both, "start and stop")
    for arguments in records():
        assert {"service=connection", "protocol=ssh", "addr=tty1"} <= \
            set(arguments)
