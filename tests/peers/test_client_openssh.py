"""The router's `ssh` against OpenSSH's sshd."""
import os
import re
import shlex

import openssh
import pytest

from client import ABORTED, CLOSED, Session, log_in, run
from console import Terminal
from router import wait_for
from servers import router_keys, sshd, system_user

ONE_MB = 1024 * 1024

# What Debian's sshd leaves out unless it is told otherwise.
EVERYTHING = (
    "Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,"
    "aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr,aes256-cbc,"
    "aes192-cbc,aes128-cbc,3des-cbc",
    "MACs hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,"
    "hmac-sha2-256,hmac-sha2-512,hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96",
    "KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,"
    "diffie-hellman-group-exchange-sha1",
    "HostKeyAlgorithms +ssh-rsa",
)
CIPHERS = ("3des", "3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc",
           "aes128-ctr", "aes192-ctr", "aes256-ctr", "aes128-gcm",
           "aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com")
MACS = ("hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-160",
        "hmac-sha1-96", "hmac-sha2-256", "hmac-sha2-512",
        "hmac-sha2-256-etm", "hmac-sha2-512-etm@openssh.com")


@pytest.fixture(scope="module")
def user():
    with system_user() as one:
        yield one


@pytest.fixture(scope="module")
def server(user):
    """By key if the test lets the router's keys in, else by password."""
    # The router has four keys to show before it asks for a password.
    with sshd(*EVERYTHING, "LogLevel VERBOSE", "MaxAuthTries 12") as one:
        yield one


@pytest.fixture
def session(router):
    with Session(router) as one:
        yield one


@pytest.fixture
def by_password(user):
    user.authorize()


@pytest.fixture
def by_key(user, router):
    user.authorize(*router_keys(router))


def is_same(a, b):
    """Megabytes that differ are nothing to be shown."""
    return a == b


def line(server, user, rest="", host="127.0.0.1", options=""):
    return f"ssh {options} -p {server.port} -l {user.name} {host} {rest}".strip()


def test_a_session_byte_by_byte(session, server, user, by_password):
    """ios-ssh.md 6.2: an empty line, the prompt, the far end, its end."""
    typed = f"ssh -l {user.name} -p {server.port} 127.0.0.1"
    assert session.type(typed + "\n", r"Password: $") == \
        f"{typed}\r\n\r\nPassword: "
    assert session.type(user.password + "\n", r"\$ $") == "\r\n$ "
    assert session.type("id -un\n", r"\$ $") == f"id -un\r\n{user.name}\r\n$ "
    assert session.type("exit\n") == \
        "exit\r\n" + CLOSED.format("127.0.0.1") + "Router>"


def test_three_wrong_passwords(session, server, user, by_password):
    log_in(session, line(server, user), "wrong", r"\r\nPassword: $")
    assert session.type("wrong\n", r": $") == "\r\nPassword: "
    assert session.type("wrong\n") == \
        "\r\n" + CLOSED.format("127.0.0.1") + "Router>"


def test_as_many_prompts_as_were_asked_for(session, server, user, by_password):
    typed = line(server, user, options="-o numberofpasswordprompts 1")
    _, answer = log_in(session, typed, "wrong", r"[$>]$")
    assert answer == "\r\n" + CLOSED.format("127.0.0.1") + "Router>"


def test_the_terminal_is_the_users(session, server, user, by_password):
    log_in(session, line(server, user), user.password)
    assert session.type("echo $TERM; stty size\n", r"\d\r\n\$ $") == \
        "echo $TERM; stty size\r\nvt100\r\n24 200\r\n$ "
    session.channel.resize_pty(123, 45)
    # The shell there hears of it by SIGWINCH; when, nobody can say.
    wait_for(lambda: "45 123" in session.type("stty size\n", r"\d\r\n\$ $"),
             "the new size")
    session.channel.resize_pty(200, 24)
    session.type("exit\n", r"Router>$")


def test_the_terminals_modes_are_the_users(router, server, user, by_key):
    """From his own terminal, by way of the router, to the one there."""
    command = ("stty erase '^H' kill '^Y' -ixany; exec "
               + shlex.join(openssh.arguments(router)))
    with Terminal("sh", "-c", command,
                  env={**openssh.environment(), "TERM": "vt100"}) as one:
        one.expect("Router>$")
        one.type(line(server, user) + "\r")
        one.expect(r"\$ $")
        one.type("stty -a\r")
        modes = one.expect(r"(?s)erase.*\$ $")
        one.type("exit\r")
        one.expect("Router>$")
    assert "erase = ^H" in modes and "kill = ^Y" in modes


def test_keys_that_mean_something_here_go_there(session, server, user,
                                                by_password):
    log_in(session, line(server, user), user.password)
    session.type("cat -v\n", r"\n$")
    session.channel.send("a\x01b\n")
    assert session.until(r"b\r\n.*\n").endswith("a^Ab\r\n")
    session.channel.send("\x03")
    session.until(r"\$ $")
    session.type("exit\n", r"Router>$")


def test_by_the_routers_key(session, server, user, by_key):
    out, status = run(session, line(server, user, "id -un"))
    assert (out.decode(), status) == (
        f"{user.name}\n" + CLOSED.format("127.0.0.1"), 0)


@pytest.mark.parametrize("kind", ("ssh-ed25519", "ecdsa-sha2-nistp256",
                                  "ssh-rsa"))
def test_by_each_key_alone(session, server, user, router, kind):
    user.authorize(*[key for key in router_keys(router)
                     if key.startswith(kind + " ")])
    out, status = run(session, line(server, user, "id -un"))
    assert (out.split()[0].decode(), status) == (user.name, 0)


def test_over_ipv6(session, server, user, by_key):
    out, status = run(session, line(server, user, "echo $SSH_CONNECTION",
                                    host="::1"))
    assert out.startswith(b"::1 ") and status == 0
    assert out.endswith(CLOSED.format("::1").encode())


@pytest.mark.parametrize("cipher", CIPHERS)
def test_each_cipher(session, server, user, by_key, cipher):
    out, status = run(session, line(server, user, "echo here",
                                    options=f"-c {cipher}"))
    assert (out.split()[0], status) == (b"here", 0)


@pytest.mark.parametrize("mac", MACS)
def test_each_mac(session, server, user, by_key, mac):
    out, status = run(session, line(server, user, "echo here",
                                    options=f"-m {mac}"))
    assert (out.split()[0], status) == (b"here", 0)


def test_a_status_is_told(session, server, user, by_key):
    typed = line(server, user, '"echo out; echo err >&2; exit 3"')
    assert session.type(typed + "\n") == (
        typed + "\r\nout\r\nerr\r\n" + CLOSED.format("127.0.0.1") +
        "% The remote command ended with status 3\r\nRouter>")
    out, status = run(session, line(server, user, '"exit 3"'))
    assert status == 1 and out.endswith(b"ended with status 3\r\n")
    out, status = run(session, line(server, user, '"kill -KILL $$"'))
    assert status == 1 and out.endswith(b"ended by signal KILL\r\n")


def test_lines_are_for_a_screen_only_on_one(session, server, user, by_key):
    """A terminal gets CR LF, an exec request the bytes."""
    typed = line(server, user, '"printf ' + r"'1\n2\r\n3\n'" + '"')
    assert session.type(typed + "\n").startswith(
        typed + "\r\n1\r\n2\r\n3\r\n")
    assert run(session, typed)[0].startswith(b"1\n2\r\n3\n")


def test_a_megabyte_comes_whole(session, server, user, by_key):
    data = os.urandom(ONE_MB)
    user.write("data", data)
    out, status = run(session, line(server, user, "cat data"))
    assert status == 0
    assert is_same(out[:len(data)], data)
    assert out[len(data):] == CLOSED.format("127.0.0.1").encode()


def test_a_megabyte_goes_there_and_back(session, server, user, by_key):
    """All bytes of the input, its end, and what is printed after that."""
    data = os.urandom(ONE_MB)
    out, status = run(session, line(server, user, '"cat; echo end"'), data)
    assert status == 0
    assert is_same(out[:len(data)], data)
    assert out[len(data):] == b"end\n" + CLOSED.format("127.0.0.1").encode()


def test_a_stalled_user_stops_only_his_peer(router, session, server, user,
                                            by_key):
    """Nothing is lost while he does not read, and the others go on."""
    data = os.urandom(8 * ONE_MB)
    user.write("data", data)
    with Session(router) as other:
        channel = other.client.get_transport().open_session()
        channel.exec_command(line(server, user, "cat data"))
        assert session.command("show privilege") == \
            "Current privilege level is 1\n"
        log_in_line = line(server, user, "echo here")
        assert run(session, log_in_line)[0].startswith(b"here\n")
        out = channel.recv(65536)
        while len(out) < len(data):
            part = channel.recv(65536)
            assert part
            out += part
        assert is_same(out[:len(data)], data)


def test_without_a_common_algorithm(router, session, user):
    with sshd("Ciphers aes128-ctr") as modern:
        typed = line(modern, user, options="-c aes256-cbc")
        assert session.type(typed + "\n") == \
            typed + "\r\n" + ABORTED.format("127.0.0.1") + "Router>"
        router.wait_log("No matching cipher found: client aes256-cbc server "
                        "aes128-ctr")
        typed = line(modern, user, options="-c aes128-ctr -m hmac-md5-96")
        assert session.type(typed + "\n") == \
            typed + "\r\n" + ABORTED.format("127.0.0.1") + "Router>"
        router.wait_log("No matching mac found: client hmac-md5-96 server ")


def test_a_session_goes_on_through_new_keys(session, user, by_key):
    data = os.urandom(ONE_MB)
    user.write("data", data)
    with sshd("RekeyLimit 128K", "LogLevel DEBUG1") as strict:
        out, status = run(session, line(strict, user, "cat data"))
        assert status == 0 and is_same(out[:len(data)], data)
        out, status = run(session, line(strict, user, "cat"), data)
        assert status == 0 and is_same(out[:len(data)], data)
        assert len(re.findall("rekeying in progress|set_newkeys",
                              strict.log())) > 8


def test_a_banner_stands_before_the_question(session, user, by_password):
    banner = user.write("banner", b"Hands \x1b[31moff\nthis\tmachine\n")
    with sshd(f"Banner {banner}") as warning:
        asked, _ = log_in(session, line(warning, user), user.password)
        assert asked.partition("\r\n")[2] == (
            "\r\nHands \\x1b[31moff\r\nthis\tmachine\r\nPassword: ")
        session.type("exit\n", r"Router>$")


def test_questions_by_pam(session, user, by_password):
    with sshd("UsePAM yes", "KbdInteractiveAuthentication yes",
              "PasswordAuthentication no") as asking:
        log_in(session, line(asking, user), "wrong", r"Password: $")
        assert session.type(user.password + "\n", r"\$ $").endswith("$ ")
        session.type("exit\n", r"Router>$")


def test_a_forced_command(session, user, by_key):
    with sshd("ForceCommand echo forced $SSH_ORIGINAL_COMMAND") as forcing:
        out, status = run(session, line(forcing, user, '"id -un"'))
        assert (out, status) == (
            b"forced id -un\n" + CLOSED.format("127.0.0.1").encode(), 0)
        # A shell there is that command as well, on a terminal.
        typed = line(forcing, user)
        assert session.type(typed + "\n") == \
            typed + "\r\nforced\r\n" + CLOSED.format("127.0.0.1") + "Router>"


def test_a_peer_that_refuses_terminals(session, user, by_key):
    with sshd("PermitTTY no") as refusing:
        session.type(line(refusing, user) + "\n", r"\n$")
        session.channel.send("tty\n")
        session.until(r"not a tty\n")
        session.channel.send("exit\n")
        session.until(r"Router>$")


def test_it_closes_while_the_user_thinks(session, user, by_password):
    with sshd("LoginGraceTime 10") as impatient:
        session.type(line(impatient, user) + "\n", r"Password: $")
        assert session.until(r"Router>$") == \
            "\r\n" + CLOSED.format("127.0.0.1") + "Router>"


def test_from_a_users_exec_with_a_terminal(session, server, user, by_key):
    out, status = run(session, line(server, user, "echo here"),
                      pty=("vt100", 80, 24))
    assert status == 0 and out.startswith(b"here\r\n")
