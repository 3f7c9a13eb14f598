"""Both our clients against a server of libssh (libssh_server.c): the router's
`ssh` and vtyssh."""
import contextlib
import os
import pathlib
import subprocess
import tempfile

import pytest

from client import CLOSED, Session, run
from router import free_port
from servers import HOST_KEYS, host_keys, router_keys, running
from vtyssh import Client

HERE = pathlib.Path(__file__).resolve().parent
USER, PASSWORD = "peer", "peer secret"
PROMPT = r"libssh\$ $"
ONE_MB = 1 << 20

# What both have; by the names of the wire.
KEX = ("curve25519-sha256", "curve25519-sha256@libssh.org",
       "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
       "diffie-hellman-group14-sha256", "diffie-hellman-group16-sha512",
       "diffie-hellman-group18-sha512", "diffie-hellman-group14-sha1",
       "diffie-hellman-group-exchange-sha256")
CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
           "chacha20-poly1305@openssh.com", "aes128-ctr", "aes192-ctr",
           "aes256-ctr", "aes128-cbc", "aes192-cbc", "aes256-cbc", "3des-cbc")
MACS = ("hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1")
HOST_KEY_ALGORITHMS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512",
                       "rsa-sha2-256")


@pytest.fixture(scope="module")
def program():
    """It, built here."""
    with tempfile.TemporaryDirectory() as directory:
        made = pathlib.Path(directory) / "libssh_server"
        result = subprocess.run(
            ["gcc", "-O1", "-Wno-deprecated-declarations", "-o", made,
             HERE / "libssh_server.c", "-lssh", "-lutil"],
            capture_output=True, text=True)
        if "libssh/" in result.stderr and "No such file" in result.stderr:
            pytest.skip("libssh-dev is not installed")
        assert result.returncode == 0, result.stderr
        yield made


class Places:
    """Its keys, its user's, and starting it."""

    def __init__(self, program, directory, router):
        self.program, self.directory = program, directory
        self.keys = host_keys(directory)
        self.key = directory / "id_ed25519"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        str(self.key)], check=True)
        self.authorized = directory / "authorized"
        self.authorized.write_text("".join(
            line + "\n" for line in router_keys(router)
            + [self.key.with_suffix(".pub").read_text().strip()]))

    @contextlib.contextmanager
    def started(self, *options):
        port = free_port()
        with running([self.program, str(port), USER, PASSWORD,
                      str(self.authorized), *map(str, self.keys), *options],
                     port, self.directory) as server:
            server.user, server.key = USER, self.key
            server.known_as = lambda: "".join(
                f"[127.0.0.1]:{port} "
                + key.with_suffix(".pub").read_text() for key in self.keys)
            yield server


@pytest.fixture(scope="module")
def places(program, tmp_path_factory, router):
    directory = tmp_path_factory.mktemp("libssh")
    assert len(HOST_KEYS) == 3
    return Places(program, directory, router)


@pytest.fixture(scope="module")
def server(places):
    with places.started() as one:
        yield one


@pytest.fixture
def session(router):
    with Session(router) as one:
        yield one


@pytest.fixture
def user(tmp_path, server):
    return Client(tmp_path, server)


def line(server, rest="", options=""):
    return (f"ssh {options} -p {server.port} -l {USER} 127.0.0.1 {rest}"
            .replace("  ", " ").strip())


def is_same(a, b):
    """Megabytes that differ are nothing to be shown."""
    return a == b


# --- the router's ssh ------------------------------------------------------------

def look_around(session):
    """On the shell there, with its size, and back."""
    assert "24 200\r\n" in session.type("stty size; echo $TERM\n",
                                       r"vt100\r\n" + PROMPT)
    assert session.type("exit 3\n", r"Router>$").endswith(
        CLOSED.format("127.0.0.1") + "Router>")


def test_a_shell_by_key(session, server):
    session.type(line(server) + "\n", PROMPT)
    look_around(session)


def test_a_shell_by_password(session, places):
    """A wrong one first."""
    with places.started("methods=p") as server:
        session.type(line(server) + "\n", r"\r\nPassword: $")
        session.type("wrong\n", r"\r\nPassword: $")
        session.type(PASSWORD + "\n", PROMPT)
        look_around(session)


def test_a_shell_by_questions(session, places):
    with places.started("methods=i") as server:
        seen = session.type(line(server) + "\n", r"Colour: $")
        assert "Two factors\r\nLook up\r\n" in seen
        assert session.type("blue\n", r"Secret: $") == "blue\r\nSecret: "
        assert PASSWORD not in session.type(PASSWORD + "\n", PROMPT)
        look_around(session)


def test_a_window_that_changes(session, server):
    session.type(line(server) + "\n", PROMPT)
    session.channel.resize_pty(111, 44)
    session.type("while ! stty size | grep '44 111'; do sleep 0.1; done\n",
                 r"44 111\r\n" + PROMPT)
    session.type("exit\n", r"Router>$")


def there_and_back(session, typed, greeting=b""):
    """A megabyte each way through `cat`, and statuses."""
    data = os.urandom(ONE_MB)
    out, status = run(session, typed + " cat", data)
    assert status == 0
    assert is_same(out, data + CLOSED.format("127.0.0.1").encode())
    out, status = run(session, typed + ' "echo done; exit 7"')
    assert status == 1 and out.startswith(b"done\n")
    assert out.endswith(b"ended with status 7\r\n")
    out, status = run(session, typed + ' "kill -TERM $$"')
    assert status == 1 and out.endswith(b"ended by signal TERM\r\n")


def test_commands(session, server):
    there_and_back(session, line(server))


@pytest.mark.parametrize("kex", KEX)
def test_key_exchanges(session, places, kex):
    with places.started(f"kex={kex}") as server:
        out, status = run(session, line(server, '"echo hello"'))
    assert out.startswith(b"hello\n") and status == 0


@pytest.mark.parametrize("algorithm", HOST_KEY_ALGORITHMS)
def test_host_keys(session, places, algorithm):
    with places.started(f"hostkeys={algorithm}") as server:
        out, status = run(session, line(server, '"echo hello"'))
    assert out.startswith(b"hello\n") and status == 0


def test_ciphers_and_macs(session, places):
    """Each that both have, named by -c and -m, with some data."""
    data = os.urandom(100_000)
    with places.started("ciphers=" + ",".join(CIPHERS),
                        "macs=" + ",".join(MACS)) as server:
        for number, cipher in enumerate(CIPHERS):
            options = f"-c {cipher}"
            if "@" not in cipher:
                options += f" -m {MACS[number % len(MACS)]}"
            out, status = run(session, line(server, "cat", options), data)
            assert status == 0 and is_same(out[:len(data)], data), options
        for mac in MACS:
            out, status = run(session, line(
                server, "cat", f"-c aes128-ctr -m {mac}"), data)
            assert status == 0 and is_same(out[:len(data)], data), mac


def test_what_it_lacks_ends_the_attempt(session, places):
    with places.started("ciphers=aes256-ctr", "macs=hmac-sha2-256") as server:
        assert session.command(line(server, options="-c aes128-cbc")) == \
            "[Connection to 127.0.0.1 aborted: error status 0]\n"


# --- vtyssh -----------------------------------------------------------------------

def test_vtyssh_by_key(user):
    data = os.urandom(ONE_MB)
    result = user.run("cat", stdin=data)
    assert result.returncode == 0, result.stderr
    assert is_same(result.stdout, data)
    assert user.run("exit 7").returncode == 7


def test_vtyssh_on_a_terminal(user):
    child = user.spawn(size=(33, 99))
    child.expect(r"libssh\$ ")
    child.send("stty size; echo $TERM; exit 5\r")
    child.expect_exact("33 99\r\nxterm-256color\r\n")
    child.wait()
    child.close()
    assert child.exitstatus == 5


@pytest.mark.parametrize("method", ("p", "i"))
def test_vtyssh_by_what_is_typed(tmp_path, places, method):
    with places.started(f"methods={method}") as server:
        child = Client(tmp_path, server).spawn("echo hello", key=False)
        if method == "i":
            child.expect_exact("Colour: ")
            child.send("blue\r")
            child.expect_exact("Secret: ")
        else:
            child.expect("[Pp]assword: ")
        child.send(PASSWORD + "\r")
        child.expect_exact("hello\r\n")
        child.wait()
        child.close()
    assert child.exitstatus == 0


def test_vtyssh_with_its_algorithms(tmp_path, places):
    data = os.urandom(100_000)
    # It does not offer SHA-1 of itself.
    for number, kex in enumerate(each for each in KEX if "sha1" not in each):
        cipher, mac = CIPHERS[number], MACS[number % len(MACS)]
        with places.started(f"kex={kex}", f"ciphers={cipher}",
                            f"macs={mac}") as server:
            result = Client(tmp_path / str(number), server).run(
                "cat", options=("-c", cipher), stdin=data)
        assert result.returncode == 0, (kex, cipher, mac, result.stderr)
        assert is_same(result.stdout, data)
