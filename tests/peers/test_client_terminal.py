"""The user's own terminal, as a host behind the router sees it: OpenSSH's client
at this end, asyncssh's server or OpenSSH's sshd at the other."""
import asyncssh
import pexpect
import pytest

import openssh
from servers import asyncssh_server, router_keys, sshd, system_user

FAR_PROMPT = r"\$ $"


class Door(asyncssh.SSHServer):
    """It lets everybody in."""

    def begin_auth(self, username):
        return False


def users_client(router, command, terminal="xterm", stty=None):
    """OpenSSH's client on a terminal that stty(1) has set up."""
    words = openssh.arguments(router, "-tt") + command
    environment = {**openssh.environment(), "TERM": terminal}
    if stty is not None:
        words = ["sh", "-c", f'stty {stty}; exec "$@"', "sh", *words]
    return pexpect.spawn(words[0], words[1:], env=environment, timeout=60,
                         encoding="utf-8", dimensions=(33, 99))


async def tell_breaks(process):
    """What comes in place of bytes."""
    process.stdout.write("ready\r\n")
    while True:
        try:
            line = await process.stdin.readline()
            if line.startswith("exit") or not line:
                break
        except asyncssh.BreakReceived as got:
            process.stdout.write(f"break of {got.msec} ms\r\n")
    process.exit(0)


def serve_breaks():
    return asyncssh_server(Door, tell_breaks, encoding="utf-8",
                           line_editor=False)


def test_a_break_goes_on_to_the_far_end(router):
    """~B asks for one second; ^^ b for half a second."""
    with serve_breaks() as far:
        child = users_client(router, [])
        child.expect_exact("Router>")
        child.send("\r~B")
        child.send("show privilege\r")
        child.expect_exact("Current privilege level is 1")
        child.expect_exact("Router>")
        child.send(f"ssh -p {far.port} 127.0.0.1\r")
        child.expect_exact("ready")
        child.send("\r~B")
        child.expect_exact("break of 1000 ms")
        child.send("\x1eb")
        child.expect_exact("break of 500 ms")
        # Back at the prompt it is for nobody.
        child.send("\x1ex")
        child.expect_exact("Router>")
        child.send("show clock\r~Bshow privilege\r")
        child.expect_exact("Current privilege level is 1")
        child.expect_exact("Router>")
        child.send("resume 1\r")
        child.expect_exact("[Resuming connection 1 to 127.0.0.1 ... ]")
        child.send("exit\n")
        child.expect_exact("Router>")
        assert "break of" not in child.before
        child.close()


def test_a_break_goes_on_to_a_command(router):
    """Which has no terminal there."""
    with serve_breaks() as far:
        child = users_client(router, [f"ssh -p {far.port} 127.0.0.1 any"])
        child.expect_exact("ready")
        child.send("\r~B")
        child.expect_exact("break of 1000 ms")
        child.send("exit\r")
        child.expect(pexpect.EOF)
        child.close()


@pytest.fixture(scope="module")
def far(router):
    with system_user() as user, sshd() as server:
        user.authorize(*router_keys(router))
        server.user = user.name
        yield server


def test_an_exec_request_with_a_terminal_has_the_users_own(router, far):
    """Its type, its size and its modes; a window that changes, too."""
    child = users_client(
        router, [f"ssh -l {far.user} -p {far.port} 127.0.0.1"],
        terminal="screen-256color", stty="erase ^H kill ^X -ixon")
    child.expect(FAR_PROMPT)
    child.send("echo [$TERM]; stty -a; stty size\r")
    child.expect_exact("[screen-256color]\r\n")
    child.expect(FAR_PROMPT)
    shown = child.before
    assert "erase = ^H" in shown and "kill = ^X" in shown
    assert "-ixon" in shown and "33 99\r\n" in shown
    child.setwinsize(44, 111)
    child.send("while ! stty size | grep '44 111'; do sleep 0.1; done\r")
    child.expect_exact("\n44 111\r\n")
    child.expect(FAR_PROMPT)
    child.send("exit\r")
    child.expect(pexpect.EOF)
    child.close()
