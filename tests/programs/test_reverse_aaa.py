"""`aaa authorization reverse-access`: who may come to a line, in place of
`access-user`; and the records of who was there."""
import pytest
from radius_server import (ACCEPT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE,
                           ACCT_SESSION, ACCT_STATUS, REJECT, USER_NAME,
                           RadiusServer, avpair)
from reverse_ssh import Device, User, refusal, wait_until_free
from router import CONFIG, Router, wait_for
from session import Session

KEY = b"a shared key"
# What a user's profile says of ports.
PORTS = {b"one": [b"raccess:port#1=R1/tty1"],
         b"bare": [b"raccess:port#1=tty1"],
         b"any": [b"raccess:port=any/any"],
         b"both": [b"raccess:port#1=R1/tty7", b"raccess:port#2=R1/tty2"],
         b"far": [b"raccess:port#1=other/tty1"],
         b"shell": [b"shell:priv-lvl=15"],
         b"nothing": []}
LINES = """\
hostname R1
aaa new-model
aaa authentication login default group radius local
aaa authorization exec default group radius
aaa authorization reverse-access default group radius
aaa authorization reverse-access LOCAL local
aaa authorization reverse-access NONE none
aaa accounting exec default start-stop group radius
aaa accounting connection default start-stop group radius
radius-server host 127.0.0.1 auth-port {radius} acct-port {radius} timeout 2 \
retransmit 1 key {key}
line 1
 device {one}
 access-user nothing
 rotary 1
 transport input ssh
line 2
 device {two}
 rotary 1
 transport input ssh
line 3
 transport input ssh
 authorization reverse-access LOCAL
line 4
 transport input ssh
 authorization reverse-access NONE
"""


def handler(q):
    if q.code == ACCOUNTING_REQUEST:
        return [q.answer(ACCOUNTING_RESPONSE)]
    ports = PORTS.get(q.get(USER_NAME))
    if ports is None:
        return [q.answer(REJECT)]
    return [q.answer(ACCEPT, *[avpair(port) for port in ports])]


@pytest.fixture(scope="module")
def radius():
    with RadiusServer(KEY, handler) as one:
        yield one


@pytest.fixture(scope="module")
def devices():
    made = Device(), Device()
    yield made
    for device in made:
        device.close()


@pytest.fixture(scope="module")
def gateway(devices, radius, tmp_path_factory):
    lines = LINES.format(one=devices[0].path, two=devices[1].path,
                         radius=radius.port, key=KEY.decode())
    with Router(tmp_path_factory.mktemp("gateway"), keys=("ed25519",),
                config=CONFIG.replace("line vty 0 15",
                                      lines + "line vty 0 15")) as router:
            yield router


def reaches(router, name, device):
    """The user writes there."""
    user = User(router, name)
    user.type(name.encode())
    device.read(name.encode())
    user.leave()


@pytest.mark.parametrize("name", ["one", "bare", "any"])
def test_whose_line_it_is(gateway, devices, name):
    free(gateway)
    reaches(gateway, f"{name}:1", devices[0])


def free(gateway):
    wait_until_free(gateway, 1, "shell")
    wait_until_free(gateway, 2, "shell")


@pytest.mark.parametrize("name", ["both", "far", "shell", "nothing"])
def test_whose_it_is_not_whatever_access_user_says(gateway, name):
    assert refusal(gateway, f"{name}:1") == b"% Line 1 is not permitted\r\n"


def test_a_group_has_the_first_that_is_his(gateway, devices):
    free(gateway)
    reaches(gateway, "both:rotary1", devices[1])
    free(gateway)
    reaches(gateway, "any:rotary1", devices[0])
    free(gateway)
    assert refusal(gateway, "far:rotary1").startswith(b"% Line ")


def test_lists_of_the_line_itself(gateway):
    assert refusal(gateway, "any:3") == b"% Line 3 is not permitted\r\n"
    assert refusal(gateway, "any:4") == b"% Line 4 has no device\r\n"


def records(radius, name):
    """Session and status of each, once however often it was sent; the EXECs of
    others left out."""
    return {(q.get(ACCT_SESSION), q.number(ACCT_STATUS))
            for q in radius.requests if q.code == ACCOUNTING_REQUEST
            and q.get(USER_NAME) == name}


def pairs(radius, name):
    """Every session that has begun has ended."""
    found = records(radius, name)
    begun, ended = ({session for session, status in found if status == wanted}
                    for wanted in (1, 2))
    return begun == ended


def test_who_was_there_is_recorded_and_no_exec(gateway, devices, radius):
    free(gateway)
    wait_for(lambda: pairs(radius, b"one"), "the stop of another test")
    del radius.requests[:]
    reaches(gateway, "one:1", devices[0])
    wait_for(lambda: records(radius, b"one"), "a record")
    wait_for(lambda: pairs(radius, b"one"), "its stop")
    assert len(records(radius, b"one")) == 2


def test_a_line_has_its_own_list_of_records(gateway, devices, radius):
    free(gateway)
    with Session(gateway, user="shell", enable=None) as admin:
        admin.configure("aaa accounting connection QUIET none",
                        "line 1", "accounting connection QUIET")
        assert "\n accounting connection QUIET\n" in admin.command(
            "show running-config | section line 1")
        wait_for(lambda: pairs(radius, b"one"), "the stop of another test")
        del radius.requests[:]
        reaches(gateway, "one:1", devices[0])
        free(gateway)
        admin.configure("line 1", "no accounting connection")
        reaches(gateway, "any:1", devices[0])
    wait_for(lambda: {q.number(ACCT_STATUS) for q in radius.requests
                      if q.code == ACCOUNTING_REQUEST
                      and q.get(USER_NAME) == b"any"} == {1, 2}, "records")
    assert not [q for q in radius.requests if q.code == ACCOUNTING_REQUEST
                and q.get(USER_NAME) == b"one"]


def test_without_aaa_authorization_names_decide_again(gateway, devices):
    free(gateway)
    with Session(gateway, user="shell", enable=None) as admin:
        admin.configure("no aaa authorization reverse-access default")
        reaches(gateway, "nothing:1", devices[0])
        assert refusal(gateway, "any:1") == b"% Line 1 is not permitted\r\n"
        admin.configure("aaa authorization reverse-access default group radius")
