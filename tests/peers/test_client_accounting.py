"""The records of a connection from the router to OpenSSH's sshd."""
import pytest

from client import Session, log_in
from radius_server import (ACCOUNTING_RESPONSE, ACCT_INPUT, ACCT_OUTPUT,
                           ACCT_STATUS, RadiusServer)
from router import wait_for
from servers import sshd, system_user

KEY = b"a shared key"
AAA = """\
aaa new-model
aaa authentication login default local
aaa accounting connection default start-stop group radius
radius-server host 127.0.0.1 auth-port {port} acct-port {port} timeout 20 \
retransmit 1 key {key}
"""
START, STOP = 1, 2


@pytest.fixture(scope="module")
def radius():
    with RadiusServer(KEY, lambda q: [q.answer(ACCOUNTING_RESPONSE)]) as one:
        yield one


@pytest.fixture(scope="module")
def router(router_of, radius):
    return router_of(AAA.format(port=radius.port, key=KEY.decode()))


def test_its_end_says_how_much_came_and_went(router, radius):
    with system_user() as user, sshd() as server, Session(router) as session:
        user.authorize()
        log_in(session, f"ssh -p {server.port} -l {user.name} 127.0.0.1",
               user.password)
        session.type("exit\n", r"Router>$")
        start, stop = wait_for(
            lambda: len(radius.requests) == 2 and list(radius.requests),
            "two records")
    assert (start.number(ACCT_STATUS), stop.number(ACCT_STATUS)) == \
        (START, STOP)
    assert start.number(ACCT_INPUT) is None
    # What that machine showed, and what it was given.
    assert (stop.number(ACCT_INPUT), stop.number(ACCT_OUTPUT)) == \
        (len("$ exit\r\n"), len("exit\n"))
