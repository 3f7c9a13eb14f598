"""The router's `ssh` against dropbear, TinySSH and a server of asyncssh."""
import asyncio
import contextlib
import os

import asyncssh
import pytest

from client import ABORTED, CLOSED, Session, run
from router import free_port
from servers import (asyncssh_server, dropbear, router_keys, system_user,
                     tinysshd)

ONE_MB = 1024 * 1024


@pytest.fixture(scope="module")
def user(router):
    with system_user() as one:
        one.authorize(*router_keys(router))
        yield one


@pytest.fixture
def session(router):
    with Session(router) as one:
        yield one


def is_same(a, b):
    """Megabytes that differ are nothing to be shown."""
    return a == b


def there_and_back(session, line):
    """A megabyte each way through `cat`, and its status."""
    data = os.urandom(ONE_MB)
    out, status = run(session, line + " cat", data)
    assert status == 0
    assert is_same(out[:len(data)], data)
    assert out[len(data):] == CLOSED.format("127.0.0.1").encode()
    out, status = run(session, line + ' "exit 7"')
    assert status == 1 and out.endswith(b"ended with status 7\r\n")


def test_dropbear_by_key(session, user):
    with dropbear() as server:
        there_and_back(session, f"ssh -p {server.port} -l {user.name} "
                       "127.0.0.1")


def test_dropbear_by_password(session, user, router):
    with dropbear() as server:
        user.authorize()
        try:
            line = f"ssh -p {server.port} -l {user.name} 127.0.0.1"
            session.type(line + "\n", r"assword: $")
            session.type(user.password + "\n", r"\$ $")
            assert "24 200\r\n" in session.type("stty size\n", r"\$ $")
            assert session.type("exit\n", r"Router>$").endswith(
                CLOSED.format("127.0.0.1") + "Router>")
        finally:
            user.authorize(*router_keys(router))


def test_tinysshd(session, router):
    """By Ed25519 alone, as the user that it runs as."""
    home = os.path.expanduser("~root")
    path = os.path.join(home, ".ssh", "authorized_keys")
    if os.geteuid() != 0 or os.path.exists(path):
        pytest.skip("it looks for keys in root's home, where this test has "
                    "no business")
    made = not os.path.isdir(os.path.dirname(path))
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    with open(path, "w") as to:
        to.writelines(key + "\n" for key in router_keys(router))
    os.chmod(path, 0o600)
    try:
        with tinysshd() as server:
            there_and_back(session, f"ssh -p {server.port} -l root 127.0.0.1")
    finally:
        os.remove(path)
        if made:
            # Unless somebody else has put something there.
            with contextlib.suppress(OSError):
                os.rmdir(os.path.dirname(path))


# --- a server that does what a test wants ----------------------------------------


OPEN = "\r\n% The remote host did not ask for authentication\r\n"


class Door(asyncssh.SSHServer):
    """It lets everybody in."""

    def begin_auth(self, username):
        return False


class Questions(asyncssh.SSHServer):
    """Two questions at once, one of them echoed, after a text of its own."""
    asked = 0

    def kbdint_auth_supported(self):
        return True

    def get_kbdint_challenge(self, username, lang, submethods):
        return ("Two \x1b[31mfactors\x1b[0m", "Look at your\ncard", "",
                [("Colour: ", True), ("Secret:\x07 ", False)])

    def validate_kbdint_response(self, username, responses):
        return responses == ["blue", "sea"]


class Banners(asyncssh.SSHServer):
    """A hostile crier: more text than anybody would read."""

    def connection_made(self, conn):
        self.conn = conn

    def begin_auth(self, username):
        for number in range(200):
            self.conn.send_auth_banner(f"line {number} " + "x" * 900 + "\n")
        return True

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return password == "lab"


def serve(process, server=Door):
    return asyncssh_server(server, process)


def test_keyboard_interactive_with_two_questions(session):
    async def hello(process):
        process.stdout.write(b"hello\n")
        process.exit(0)

    with serve(hello, Questions) as server:
        line = f"ssh -p {server.port} 127.0.0.1 hi"
        seen = session.type(line + "\n", r"Colour: $")
        assert "Two \\x1b[31mfactors\\x1b[0m\r\nLook at your\r\ncard\r\n" in seen
        assert session.type("blue\n", r"Secret:.* $") == \
            "blue\r\nSecret:\\x07 "
        seen = session.type("sea\n", r"Router>$")
        assert seen == ("\r\nhello\r\n" + CLOSED.format("127.0.0.1")
                        + "Router>")


def test_text_without_end_before_the_login(session):
    """Some of it is shown, and the login goes on."""
    async def hello(process):
        process.stdout.write(b"hello\n")
        process.exit(0)

    with serve(hello, Banners) as server:
        session.channel.send(f"ssh -p {server.port} 127.0.0.1 hi\n")
        seen = ""
        while not seen.rstrip().endswith("Password:"):
            seen += session.until(r"--More-- $|Password: ?$")
            if seen.endswith("--More-- "):
                session.channel.send(" ")
        assert "line 0 x" in seen and len(seen) < 64 * 1024
        assert "hello\r\n" in session.type("lab\n", r"Router>$")


def test_it_ends_right_behind_its_output(session):
    """What was sent before the end has come, to the last byte."""
    data = os.urandom(ONE_MB)

    async def pour(process):
        process.stdout.write(data)
        process.exit(0)

    with serve(pour) as server:
        for _ in range(5):
            out, status = run(session, f"ssh -p {server.port} 127.0.0.1 pour")
            assert status == 0 and out.startswith(OPEN.encode())
            assert is_same(out[len(OPEN):len(OPEN) + len(data)], data)


def test_errors_and_output_come_in_their_order(session):
    async def both(process):
        for number in range(100):
            process.stdout.write(b"out %d\n" % number)
            process.stderr.write(b"err %d\n" % number)
        process.exit(0)

    with serve(both) as server:
        out, _ = run(session, f"ssh -p {server.port} 127.0.0.1 both")
    expected = b"".join(b"out %d\nerr %d\n" % (n, n) for n in range(100))
    assert out.startswith(OPEN.encode() + expected)


def test_it_goes_away_in_the_middle(session):
    async def leave(process):
        process.stdout.write(b"so far\n")
        await process.stdout.drain()
        process.channel.get_connection().abort()

    with serve(leave) as server:
        out, status = run(session, f"ssh -p {server.port} 127.0.0.1 leave")
    end = CLOSED.format("127.0.0.1")
    assert out.decode() in (OPEN + "so far\n" + end, OPEN + end)


def test_it_opens_no_session(session):
    class Shut(Door):
        def session_requested(self):
            return False

    with serve(None, Shut) as server:
        out, status = run(session, f"ssh -p {server.port} 127.0.0.1 any")
    assert (out.decode(), status) == (OPEN + CLOSED.format("127.0.0.1"), 1)


def test_it_carries_out_no_command(session):
    class Deaf(asyncssh.SSHServerSession):
        def exec_requested(self, command):
            return False

    class Refuses(Door):
        def session_requested(self):
            return Deaf()

    with serve(None, Refuses) as server:
        out, status = run(session, f"ssh -p {server.port} 127.0.0.1 any")
    assert (out.decode(), status) == (OPEN + CLOSED.format("127.0.0.1"), 1)


def test_a_command_is_given_up_by_its_key(session):
    """^C, and ^^ without a letter behind it, end a command that goes on."""
    async def endless(process):
        process.stdout.write(b"begun\n")
        await asyncio.sleep(3600)

    with serve(endless) as server:
        for key in ("\x03", "\x1e"):
            session.type(f"ssh -p {server.port} 127.0.0.1 any\n",
                         r"begun\r\n$")
            assert session.type(key, r"Router>$").endswith(
                "% Connection aborted by user\r\nRouter>")


def test_another_key_of_the_host_is_refused(session):
    async def hello(process):
        process.stdout.write(b"hello\n")
        process.exit(0)

    def serve_at(port):
        return asyncssh_server(Door, hello, port=port)

    port = free_port()
    with serve_at(port):
        assert run(session, f"ssh -p {port} 127.0.0.1 any")[1] == 0
    with serve_at(port):
        out, status = run(session, f"ssh -p {port} 127.0.0.1 any")
    assert out.decode().endswith(ABORTED.format("127.0.0.1")) and status == 1
    assert b"hello" not in out
