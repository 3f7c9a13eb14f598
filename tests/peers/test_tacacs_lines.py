"""TACACS+ says to which lines users may come, and `test aaa group` asks it."""
import pytest

from reverse_ssh import Device, User, refusal, wait_until_free
from router import CONFIG, Router
from session import Session
from tacacs_server import (AUTHEN, AUTHOR, AUTHOR_FAIL, FAIL, PASS, PASS_ADD,
                           SUCCESS, TacacsServer)

LINES = """\
hostname R1
aaa new-model
aaa authentication login default group tacacs+ local
aaa authorization reverse-access default group tacacs+
tacacs-server host 127.0.0.1 port {port} key a shared key
line 1
 device {device}
 transport input ssh
"""
GIVEN = {b"free": [], b"named": ["port#1=R1/tty1"], b"other": ["port#1=tty9"],
         b"unknown": ["wish=obey"]}


def handler(p):
    if p.type == AUTHEN:
        return p.reply(PASS if p.data == b"lab" else FAIL)
    if p.type == AUTHOR:
        assert p.arguments == ["service=raccess", "port#1=tty1"]
        if p.user not in GIVEN:
            return p.reply(AUTHOR_FAIL)
        return p.reply(PASS_ADD, arguments=GIVEN[p.user])
    return p.reply(SUCCESS)


@pytest.fixture(scope="module")
def device():
    made = Device()
    yield made
    made.close()


@pytest.fixture(scope="module")
def gateway(device):
    with TacacsServer(b"a shared key", handler) as server, \
            Router(config=CONFIG.replace("line vty 0 15", LINES.format(
                port=server.port, device=device.path) + "line vty 0 15"),
                keys=("ed25519",)) as one:
        yield one


@pytest.mark.parametrize("user", ["other", "unknown", "denied"])
def test_a_line_that_is_not_his(gateway, user):
    assert refusal(gateway, f"{user}:1") == b"% Line 1 is not permitted\r\n"


@pytest.mark.parametrize("user", ["free", "named"])
def test_a_line_that_is_his(gateway, device, user):
    wait_until_free(gateway, 1)
    guest = User(gateway, f"{user}:1")
    guest.type(user.encode())
    device.read(user.encode())
    guest.leave()


def test_test_aaa_group(gateway):
    with Session(gateway, enable="cisco") as user:
        for word, said in (("lab", "User was successfully authenticated."),
                           ("no", "User authentication request was rejected")):
            text = user.command(f"test aaa group tacacs+ lab {word} legacy")
            assert "server-group tacacs+ using tacacs+" in text
            assert said in text
