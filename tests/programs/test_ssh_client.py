"""`ssh` at the router's prompt, towards the router itself and towards nobody.

Texts are those of the reference, to the letter; other people's servers are in
tests/peers/test_client_*.py.
"""
import contextlib
import os
import re
import signal
import socket
import threading

import pytest

from console import attach
from router import CONFIG, KEYS, Router, free_port, wait_for
from session import Session

HOSTS = """\
ip host HQhost 127.0.0.1
ip host six ::1
no ip domain lookup
username chief privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
"""
CLOSED = "\n[Connection to {} closed by foreign host]\n"
ABORTED = "[Connection to {} aborted: error status 0]\n"
PASSWORD = "Authorized users only\r\nPassword: "


@pytest.fixture(scope="module")
def router():
    port = free_port()
    with Router(config=CONFIG.replace("line con 0", HOSTS + "line con 0"),
                keys=KEYS,
                listen=(f"127.0.0.1:{port}", f"[::1]:{port}")) as one:
        yield one


@pytest.fixture
def user(router):
    with Session(router) as one:
        yield one


@pytest.fixture(autouse=True)
def nothing_stays(router):
    """Whatever a test does, no process of a connection is left behind."""
    yield
    wait_for(lambda: not router.children("client"), "the end of all clients")


def log_in(user, line, prompt=r"Router>$"):
    user.type(line + "\n", r"Password: $")
    return user.type("lab\n", prompt)


def here(router, rest="", host="127.0.0.1"):
    return f"ssh -p {router.port} -l lab {host} {rest}".strip()


# --- sessions -----------------------------------------------------------------


def test_a_session_to_the_letter(router, user):
    """The seed's client transcript, up to its trap."""
    line = f"ssh -l lab -p {router.port} 127.0.0.1"
    assert user.type(line + "\n", r"Password: $") == \
        f"{line}\r\n\r\n{PASSWORD}"
    assert user.type("lab\n", r"Router>$") == "\r\n\r\n\r\nRouter>"
    assert user.type("exit\n", r"\]\r\nRouter>$") == \
        "exit\r\n" + CLOSED.format("127.0.0.1").replace("\n", "\r\n") + "Router>"


def test_who_and_where_in_one_word(router, user):
    log_in(user, f"ssh -p {router.port} lab@HQhost")
    assert user.type("exit\n", r"\]\r\nRouter>$").count("to HQhost closed") == 1


def test_the_user_is_the_one_who_is_here(router, user):
    log_in(user, f"ssh -p {router.port} 127.0.0.1")
    assert "lab" in user.command("show users")
    user.type("exit\n", r"\]\r\nRouter>$")


@pytest.mark.parametrize("host", ("::1", "six"))
def test_over_ipv6(router, user, host):
    log_in(user, here(router, host=host))
    assert user.type("exit\n", r"\]\r\nRouter>$").count(f"to {host} closed") == 1


def test_one_session_within_another(router, user):
    """Each end gives the prompt of the one before it back."""
    log_in(user, here(router))
    log_in(user, here(router, host="HQhost"))
    assert "to HQhost closed" in user.type("exit\n", r"\]\r\nRouter>$")
    assert "to 127.0.0.1 closed" in user.type("exit\n", r"\]\r\nRouter>$")
    assert user.command("show privilege") == "Current privilege level is 1\n"


def test_two_sessions_of_two_users(router, user):
    with Session(router) as other:
        log_in(user, here(router))
        log_in(other, here(router))
        for one in (user, other):
            assert one.command("show privilege") == \
                "Current privilege level is 1\n"
        for one in (user, other):
            one.type("exit\n", r"\]\r\nRouter>$")


def test_what_is_typed_ahead_arrives(router, user):
    """Password, a command there and the end there, in one go."""
    user.channel.send(here(router) + "\nlab\nshow privilege\nexit\n")
    seen = user.until(r"closed by foreign host\]\r\nRouter>$")
    assert seen.count("Current privilege level is 1") == 1
    user.channel.send(here(router) + "\r\nlab\r\nshow privilege\r\nexit\r\n")
    seen = user.until(r"closed by foreign host\]\r\nRouter>$")
    assert seen.count("Router>") == 3


def test_the_size_there_is_the_users(router, user):
    log_in(user, here(router))
    assert "Length: 24 lines, Width: 200 columns" in user.command(
        "show terminal | include Length")
    user.channel.resize_pty(100, 30)
    wait_for(lambda: "Length: 30 lines, Width: 100 columns" in user.command(
        "show terminal | include Length"), "the new size")
    user.type("exit\n", r"\]\r\nRouter>$")


# --- commands -----------------------------------------------------------------


def test_a_command_there(router, user):
    line = here(router, '"show privilege"', "HQhost")
    user.type(line + "\n", r"Password: $")
    assert user.type("lab\n", r"Router>$") == (
        "\r\nCurrent privilege level is 1\r\n"
        + CLOSED.format("HQhost").replace("\n", "\r\n") + "Router>")


def test_a_command_that_fails_there(router, user):
    line = here(router, "nonsense")
    user.type(line + "\n", r"Password: $")
    seen = user.type("lab\n", r"Router>$")
    assert seen.endswith(CLOSED.format("127.0.0.1").replace("\n", "\r\n")
                         + "% The remote command ended with status 1\r\n"
                         "Router>")


def exec_here(user, line, stdin):
    channel = user.client.get_transport().open_session()
    channel.settimeout(30)
    channel.exec_command(line)
    channel.sendall(stdin)
    channel.shutdown_write()
    out = b""
    while part := channel.recv(65536):
        out += part
    return out.decode(), channel.recv_exit_status()


def test_by_an_exec_request(router, user):
    out, status = exec_here(user, here(router, '"show privilege"'), b"lab\n")
    assert out.endswith("Current privilege level is 1\r\n\r\n[Connection to "
                        "127.0.0.1 closed by foreign host]\r\n")
    assert status == 0
    out, status = exec_here(user, here(router, "nonsense"), b"lab\n")
    assert "% The remote command ended with status 1" in out and status == 1
    out, status = exec_here(user, here(router, "nonsense"), b"")
    assert out.endswith("% Connection aborted by user\r\n") and status == 1


def test_on_the_console(router):
    done = attach(router, here(router, '"show privilege"'), "lab")
    assert "Current privilege level is 1\n" in done.stdout
    assert CLOSED.format("127.0.0.1") in done.stdout
    # Whoever is there has no name that could be used.
    done = attach(router, f"ssh -p {router.port} 127.0.0.1")
    assert "% No user specified nor available for SSH client\n" in done.stdout


def test_long_output_of_a_command_comes_whole(router):
    """To the byte what the same command prints here."""
    with Session(router, user="chief") as user:
        direct, _ = exec_here(user, "show running-config all", b"")
        there = here(router, '"show running-config all"').replace("lab", "chief")
        out, status = exec_here(user, there, b"lab\n")
    end = CLOSED.format("127.0.0.1").replace("\n", "\r\n")
    assert status == 0 and out.endswith(direct + end)


# --- no connection ------------------------------------------------------------


def test_refused(user):
    assert user.command(f"ssh -p {free_port()} 127.0.0.1") == \
        "% Connection refused by remote host\n"


def test_no_way(user):
    assert user.command("ssh 255.255.255.255") == \
        "% Destination unreachable; gateway or host down\n"


@pytest.mark.parametrize("host", ("nowhere", "-far", "a..b", "$(id)", "far;id"))
def test_no_such_host(user, host):
    assert user.command(f"ssh {host}") == "% Bad IP address or host name\n"


@contextlib.contextmanager
def answering(answer):
    """A server that says this to each connection, and its port."""
    done = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    answer(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_it_closes_at_once(user):
    with answering(lambda connection: None) as port:
        assert user.command(f"ssh -p {port} 127.0.0.1") == \
            CLOSED.format("127.0.0.1")


@pytest.mark.parametrize("nonsense", [
    b"HTTP/1.0 400 Bad Request\r\n\r\n" * 2000,
    b"SSH-9.9-future\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 70000,
    b"SSH-2.0-" + b"x" * 300 + b"\r\n", b"SSH-2.0-x\r\n\0\0\0\x0c\x0a\x14",
], ids=("web", "version", "length", "ident", "cut"))
def test_it_is_no_server(router, user, nonsense):
    def answer(connection):
        with contextlib.suppress(OSError):
            connection.sendall(nonsense)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    with answering(answer) as port:
        seen = user.command(f"ssh -p {port} 127.0.0.1")
    assert seen in (ABORTED.format("127.0.0.1"), CLOSED.format("127.0.0.1"))
    assert user.command("show privilege") == "Current privilege level is 1\n"


def test_the_user_gives_up_while_it_says_nothing(user):
    release = threading.Event()
    with answering(lambda connection: release.wait(60)) as port:
        user.channel.send(f"ssh -p {port} 127.0.0.1\n")
        user.until(r"127\.0\.0\.1\r\n$")
        assert user.type("\x1e", r"Router>$").endswith(
            "% Connection aborted by user\r\nRouter>")
        release.set()


def test_the_user_gives_up_at_the_question(router, user):
    user.type(here(router) + "\n", r"Password: $")
    assert user.type("\x03", r"Router>$").endswith(
        "% Connection aborted by user\r\nRouter>")


# --- ends nobody asked for ------------------------------------------------------


def client_of(router):
    return wait_for(lambda: router.children("client"), "the client")[0]


@pytest.mark.parametrize("number", (signal.SIGKILL, signal.SIGTRAP))
def test_a_worker_that_dies_ends_that_connection(router, user, number):
    log_in(user, here(router))
    os.kill(client_of(router), number)
    assert user.until(r"Router>$").endswith(
        ABORTED.format("127.0.0.1").replace("\n", "\r\n") + "Router>")
    assert user.command("show privilege") == "Current privilege level is 1\n"


def test_a_worker_that_dies_at_the_question(router, user):
    user.type(here(router) + "\n", r"Password: $")
    os.kill(client_of(router), signal.SIGKILL)
    assert user.until(r"Router>$").endswith(
        ABORTED.format("127.0.0.1").replace("\n", "\r\n") + "Router>")


@pytest.mark.parametrize("at", ("question", "session"))
def test_who_leaves_takes_his_connection_along(router, at):
    with Session(router) as user:
        if at == "question":
            user.type(here(router) + "\n", r"Password: $")
        else:
            log_in(user, here(router))
        assert client_of(router)
    # nothing_stays() sees to the rest


def test_a_line_that_is_cleared(router, user):
    """The user's own line there ends, and the one here goes on."""
    def vtys(text, mark):
        return set(re.findall(rf"^{mark} +\d+ vty (\d+) .*127\.0\.0\.1$", text,
                              re.M))

    with Session(router, enable="cisco") as admin:
        # Whoever was there before them has left.
        before = wait_for(lambda: next((
            text for text in [admin.command("show users")]
            if text.count(" vty ") == 2), None), "two users")
        log_in(user, here(router))
        there = (vtys(admin.command("show users"), " ") - vtys(before, " "))
        assert len(there) == 1
        admin.command(f"disconnect ssh {there.pop()}")
    assert user.until(r"Router>$").endswith(
        CLOSED.format("127.0.0.1").replace("\n", "\r\n") + "Router>")


def test_without_a_server_and_without_keys(router, tmp_path):
    """The client needs neither."""
    with Router(tmp_path, config="hostname bare\n", keys=(),
                expect_listening=False) as bare:
        done = attach(bare, here(router, '"show privilege"'), "lab")
    assert "Current privilege level is 1\n" in done.stdout


# --- old hosts --------------------------------------------------------------------


def test_a_host_key_of_768_bits_is_warned_of(user, tmp_path):
    """As short as the seed's examples make them."""
    script = ("enable\ncisco\nconfigure terminal\n"
              "crypto key generate rsa label old modulus 768\nend\n")
    with Router(tmp_path, config="hostname Old\n" + CONFIG,
                script=script) as old:
        port = old.wait_listening()[0]
        user.type(f"ssh -p {port} -l lab 127.0.0.1\n", r"Password: $")
        seen = user.type("lab\n", r"Old>$")
        assert "Old>" in seen
        user.type("exit\n", r"\]\r\nRouter>$")
        seen = user.type(f"ssh -p {port} -l lab 127.0.0.1\n", r"Password: $")
        user.type("\x03")
    assert ("\r\n% Warning: the RSA host key has 768 bits, less than 2048\r\n"
            in seen)
