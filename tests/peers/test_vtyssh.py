"""vtyssh against other people's servers, without a terminal."""
import hashlib
import os
import re
import signal
import socket
import subprocess
import threading


import pytest

from router import wait_for
from sshd import (Dropbear, KEY_TYPES, PASSWORD, Sshd, can_have_namespace,
                  make_key)
from vtyssh import VTYSSH, Client

CIPHERS = ["chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com",
           "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr",
           "aes256-cbc", "aes192-cbc", "aes128-cbc", "3des"]
MACS = ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com",
        "hmac-sha2-256", "hmac-sha2-512", "hmac-sha1", "hmac-sha1-160",
        "hmac-sha1-96", "hmac-md5", "hmac-md5-96"]
KEX = ["curve25519-sha256", "curve25519-sha256@libssh.org",
       "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
       "diffie-hellman-group-exchange-sha256",
       "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
       "diffie-hellman-group14-sha256"]
HOST_KEYS = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
             "ecdsa-sha2-nistp521", "rsa-sha2-512", "rsa-sha2-256"]
BYTES = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Sshd(tmp_path_factory.mktemp("sshd"),
              host_keys=tuple(KEY_TYPES)) as shared:
        yield shared


@pytest.fixture
def client(tmp_path, server):
    return Client(tmp_path / "user", server)


def new_log(server):
    """A function that gives what the server has logged since now."""
    start = len(server.log())
    return lambda: server.log()[start:]


# --- algorithms -------------------------------------------------------------

@pytest.mark.parametrize("cipher", CIPHERS)
def test_ciphers(client, server, cipher):
    log = new_log(server)
    result = client.run("cat", options=["-c", cipher], stdin=BYTES)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout == BYTES
    name = "3des-cbc" if cipher == "3des" else cipher
    assert f"client->server cipher: {name} " in log()
    assert f"server->client cipher: {name} " in log()


@pytest.mark.parametrize("mac", MACS)
def test_macs(client, server, mac):
    log = new_log(server)
    result = client.run("cat", options=["-c", "aes128-ctr", "-m", mac],
                        stdin=BYTES)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout == BYTES
    name = "hmac-sha1" if mac == "hmac-sha1-160" else mac
    assert f"client->server cipher: aes128-ctr MAC: {name} " in log()


@pytest.mark.parametrize("kex", KEX)
def test_key_exchanges(tmp_path, kex):
    with Sshd(tmp_path / "sshd", f"KexAlgorithms {kex}") as server:
        client = Client(tmp_path / "user", server)
        result = client.run("echo", "there")
        assert (result.stdout, result.stderr) == (b"there\n", b"")
        assert f"kex: algorithm: {kex}" in server.log()


@pytest.mark.parametrize("algorithm", HOST_KEYS)
def test_host_keys(tmp_path, algorithm):
    with Sshd(tmp_path / "sshd", f"HostKeyAlgorithms {algorithm}",
              host_keys=tuple(KEY_TYPES)) as server:
        client = Client(tmp_path / "user", server)
        result = client.run("echo", "there")
        assert (result.stdout, result.stderr) == (b"there\n", b"")
        assert f"kex: host key algorithm: {algorithm}" in server.log()


def test_nothing_in_common(tmp_path):
    with Sshd(tmp_path / "sshd", "Ciphers aes256-ctr") as server:
        client = Client(tmp_path / "user", server)
        result = client.run("true", options=["-c", "aes128-cbc"])
        assert result.returncode == 255
        assert result.stderr.startswith(b"vtyssh: 127.0.0.1: ")


# --- commands ---------------------------------------------------------------

@pytest.mark.parametrize("status", [0, 1, 7, 254, 255])
def test_exit_status(client, status):
    result = client.run(f"exit {status}")
    assert (result.returncode, result.stdout) == (status, b"")


def test_a_signal_is_told(client):
    result = client.run("kill -KILL $$")
    assert result.returncode == 255
    assert b"signal KILL" in result.stderr


def test_output_and_errors_are_two_streams(client):
    result = client.run("echo out; echo err >&2")
    assert (result.stdout, result.stderr) == (b"out\n", b"err\n")


def test_words_are_joined_by_blanks(client):
    result = client.run("printf", "'%s|'", "a", "b  c")
    assert result.stdout == b"a|b|c|"


def test_without_a_command_the_shell_reads_standard_input(client):
    result = client.run(stdin=b"echo $((6 * 7)); exit 3\n")
    assert (result.returncode, result.stdout) == (3, b"42\n")


def test_the_end_of_input_is_passed_on(client):
    result = client.run("cat; echo the end", stdin=b"text\n")
    assert result.stdout == b"text\nthe end\n"


def test_the_end_of_output_is_passed_on(client):
    """Whoever reads it sees its end while the command still reads."""
    running = client.start("echo first; exec >&-; exec 2>&-; cat >/dev/null",
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert running.stdout.read() == b"first\n"
    assert running.poll() is None
    running.stdin.close()
    assert running.wait(timeout=60) == 0


def test_a_forced_command_and_a_banner(tmp_path):
    banner = tmp_path / "banner"
    banner.write_text("Only for \x1b[31mfriends\x1b[0m\nof the house\n")
    with Sshd(tmp_path / "sshd", f"Banner {banner}\n"
              'ForceCommand echo "not $SSH_ORIGINAL_COMMAND"') as server:
        client = Client(tmp_path / "user", server)
        result = client.run("what was asked")
        assert result.stdout == b"not what was asked\n"
        assert result.stderr == (b"Only for \\x1b[31mfriends\\x1b[0m\n"
                                 b"of the house\n")


def test_a_server_that_gives_no_shell(tmp_path):
    with Sshd(tmp_path / "sshd", "MaxSessions 0") as server:
        result = Client(tmp_path / "user", server).run("true")
        assert result.returncode == 255
        assert b"opens no session" in result.stderr


# --- bytes ------------------------------------------------------------------

def test_many_bytes_there_and_back(client):
    data = os.urandom(1 << 20) * 40
    result = client.run("cat", stdin=data)
    assert result.returncode == 0
    assert hashlib.sha256(result.stdout).digest() == \
        hashlib.sha256(data).digest()


@pytest.mark.parametrize("cipher", ["aes128-ctr",
                                    "chacha20-poly1305@openssh.com"])
def test_new_keys_while_bytes_flow(tmp_path, cipher):
    with Sshd(tmp_path / "sshd", "RekeyLimit 1M") as server:
        client = Client(tmp_path / "user", server)
        data = os.urandom(1 << 20) * 20
        result = client.run("cat", options=["-c", cipher], stdin=data)
        assert (result.returncode, result.stderr) == (0, b"")
        assert result.stdout == data
        assert server.log().count("set_newkeys: rekeying") > 10


def test_a_slow_reader_gets_all(client):
    """A pipe that nobody empties holds the far side, and nothing is lost."""
    running = client.start("head -c 8000000 /dev/zero; echo end",
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    with running:
        first = running.stdout.read(1)
        # It fills what it may, and then waits in poll(2).
        wait_for(lambda: "S (sleeping)" in open(
            f"/proc/{running.pid}/status").read(), "the wait")
        assert len(first + running.stdout.read()) == 8000004
        assert running.wait(timeout=60) == 0


def test_a_reader_that_has_enough_ends_it(client):
    """`vtyssh host yes | head -1` does not run for ever."""
    running = client.start("yes", stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE)
    with running:
        assert running.stdout.read(2) == b"y\n"
        running.stdout.close()
        assert running.wait(timeout=60) == 255


@pytest.mark.parametrize("blocking", [True, False])
def test_sockets_as_standard_streams(client, blocking):
    """As rsync starts it: both streams are one socket, which stays as it is."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(blocking)
    running = client.start("cat", stdin=theirs, stdout=theirs)
    with ours, theirs, running:
        data = os.urandom(1 << 20)
        writer = threading.Thread(
            target=lambda: (ours.sendall(data), ours.shutdown(socket.SHUT_WR)))
        writer.start()
        got = b""
        while len(got) < len(data):
            got += ours.recv(1 << 20)
        writer.join()
        assert got == data
        assert running.wait(timeout=60) == 0
        assert theirs.getblocking() is blocking


def test_a_file_keeps_its_offset(client, tmp_path):
    path = tmp_path / "out"
    with open(path, "wb") as out:
        out.write(b"before\n")
        out.flush()
        assert client.start("echo within", stdin=subprocess.DEVNULL,
                            stdout=out).wait(timeout=60) == 0
        out.seek(0, os.SEEK_END)
        out.write(b"after\n")
    assert path.read_text() == "before\nwithin\nafter\n"


def test_a_full_disk_is_told(client):
    with open("/dev/full", "wb") as full:
        running = client.start("cat /dev/zero", stdin=subprocess.DEVNULL,
                               stdout=full, stderr=subprocess.PIPE)
        with running:
            assert running.wait(timeout=60) == 255
            assert b"standard output: No space left" in running.stderr.read()


def test_standard_streams_that_are_closed(client):
    command = client.arguments("echo there >&2; exit 4")
    result = subprocess.run(
        ["sh", "-c", '"$@" <&- >&-', "sh", *command], env=client.environment,
        capture_output=True, timeout=60, start_new_session=True)
    assert result.returncode == 4
    assert result.stderr.endswith(b"there\n")


def test_a_connection_that_is_cut(client, server):
    """The process of this connection dies in the middle of a transfer."""
    log = new_log(server)
    running = client.start("echo $PPID; cat /dev/zero",
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE)
    with running:
        victim = int(running.stdout.readline())
        assert running.stdout.read(1000) == bytes(1000)
        os.kill(victim, signal.SIGKILL)
        running.stdout.read()
        assert running.wait(timeout=60) == 255
        assert b"connection to 127.0.0.1 closed" in running.stderr.read()
    assert "127.0.0.1" in log()


def test_a_signal_ends_it(client):
    running = client.start("echo there; cat", stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with running:
        assert running.stdout.readline() == b"there\n"
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=60) == 255
        assert b"by a signal" in running.stderr.read()


# --- keys -------------------------------------------------------------------

@pytest.mark.parametrize("kind", KEY_TYPES)
@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
def test_key_files(tmp_path, server, client, kind, form):
    if kind == "ed25519" and form != "RFC4716":
        form = "RFC4716"  # ssh-keygen writes it in no other form
    key = make_key(tmp_path / "key", kind, "", "-m", form)
    server.authorize(key)
    result = client.run("echo there", key=key)
    assert (result.stdout, result.stderr) == (b"there\n", b"")


def test_the_usual_files_are_tried(server, client):
    name = client.ssh / "id_ecdsa"
    make_key(client.ssh / "id_ed25519")
    server.authorize(make_key(name, "ecdsa256"))
    result = client.run("echo there", key=False)
    assert (result.stdout, result.stderr) == (b"there\n", b"")


def test_a_key_that_others_can_read_is_not_used(tmp_path, server, client):
    key = make_key(tmp_path / "key")
    server.authorize(key)
    key.chmod(0o640)
    result = client.run("true", key=key)
    assert result.returncode == 255
    assert b"for its owner alone" in result.stderr


def test_no_key_at_all(client):
    result = client.run("true", key=False)
    assert result.returncode == 255
    assert b"no authentication method is left" in result.stderr
    result = client.run("true", key="/nonexistent/key")
    assert result.returncode == 255
    assert b"/nonexistent/key: No such file or directory" in result.stderr


@pytest.fixture
def agent(tmp_path):
    path = tmp_path / "agent"
    running = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)],
                               stdout=subprocess.DEVNULL)
    environment = {"SSH_AUTH_SOCK": str(path), "PATH": os.environ["PATH"]}
    # 2: there is none, or it does not listen yet.
    wait_for(lambda: subprocess.run(["ssh-add", "-l"], env=environment,
                                    capture_output=True).returncode != 2,
             "the agent")
    yield environment
    running.terminate()
    running.wait()


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_an_agent_signs(tmp_path, server, client, agent, kind):
    key = make_key(tmp_path / "key", kind)
    server.authorize(key)
    subprocess.run(["ssh-add", "-q", str(key)], env=agent, check=True)
    key.unlink()
    client.environment.update(agent)
    result = client.run("echo there", key=False)
    assert (result.stdout, result.stderr) == (b"there\n", b"")


def test_an_agent_signs_for_a_file_under_a_passphrase(tmp_path, server, client,
                                                      agent):
    key = make_key(tmp_path / "key")
    server.authorize(key)
    subprocess.run(["ssh-add", "-q", str(key)], env=agent, check=True)
    subprocess.run(["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f",
                    str(key)], check=True, capture_output=True)
    client.environment.update(agent)
    result = client.run("echo there", key=key)
    assert (result.stdout, result.stderr) == (b"there\n", b"")


def test_what_answers_like_no_agent(tmp_path, client):
    path = tmp_path / "agent"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer():
            visitor, _ = listener.accept()
            with visitor:
                visitor.recv(100)
                visitor.sendall(b"\xff\xff\xff\xff" + bytes(100))
        thread = threading.Thread(target=answer)
        thread.start()
        client.environment["SSH_AUTH_SOCK"] = str(path)
        result = client.run("echo there")
        thread.join()
    assert result.stdout == b"there\n"
    assert b"does not answer as one" in result.stderr


# --- hosts ------------------------------------------------------------------

def test_without_a_terminal_an_unknown_host_is_refused(tmp_path, server):
    client = Client(tmp_path / "user", server, knows=False)
    result = client.run("true")
    assert result.returncode == 255
    assert b"no terminal to ask on" in result.stderr
    assert not client.known_hosts.exists()


def test_a_changed_key_is_refused_with_both_fingerprints(tmp_path, server,
                                                         client):
    other = make_key(tmp_path / "other")
    text = other.with_suffix(".pub").read_text().split()
    client.known_hosts.write_text(
        f"[127.0.0.1]:{server.port} {text[0]} {text[1]}\n")
    result = client.run("true")
    assert result.returncode == 255
    assert b"HAS CHANGED" in result.stderr
    for key in (other, server.directory / "host_ed25519"):
        listed = subprocess.run(["ssh-keygen", "-lf", str(key)],
                                capture_output=True, check=True).stdout
        assert listed.split()[1] in result.stderr


def test_hashed_names(client):
    subprocess.run(["ssh-keygen", "-H", "-f", str(client.known_hosts)],
                   capture_output=True, check=True)
    assert "127.0.0.1" not in client.known_hosts.read_text()
    assert client.run("true").returncode == 0


def test_a_known_type_goes_before_a_better_one(server, client):
    """The host has an Ed25519 key too; known is the one of P-384."""
    lines = [line for line in server.known_as().splitlines(True)
             if "nistp384" in line]
    client.known_hosts.write_text("".join(lines))
    log = new_log(server)
    assert client.run("true").returncode == 0
    assert "host key algorithm: ecdsa-sha2-nistp384" in log()


def test_a_revoked_key(server, client):
    client.known_hosts.write_text(
        server.known_as() + "".join(
            "@revoked * " + line.split(" ", 1)[1]
            for line in server.known_as().splitlines(True)))
    result = client.run("true")
    assert result.returncode == 255
    assert b"is revoked" in result.stderr


# --- failures ---------------------------------------------------------------

def run_alone(*arguments):
    return subprocess.run([str(VTYSSH), *arguments], capture_output=True,
                          timeout=60, start_new_session=True)


def test_nobody_listens(client):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        result = run_alone("-p", str(unused.getsockname()[1]), "127.0.0.1")
    assert result.returncode == 255
    assert b"Connection refused" in result.stderr


def test_an_unknown_name():
    result = run_alone("nothing.invalid", "true")
    assert result.returncode == 255
    assert result.stderr.startswith(b"vtyssh: nothing.invalid: ")


@pytest.mark.parametrize("arguments", [
    (), ("-v", "3", "host"), ("-c", "nothing", "host"), ("-oProxyCommand=id",
                                                         "host")])
def test_bad_usage(arguments):
    result = run_alone(*arguments)
    assert result.returncode == 2
    assert b"usage: vtyssh" in result.stderr


def test_help_and_version():
    result = run_alone("--help")
    assert result.returncode == 0
    assert b"usage: vtyssh" in result.stdout
    result = run_alone("--version")
    assert re.fullmatch(rb"vtyssh \S+, OpenSSL .*\n", result.stdout)


@pytest.mark.parametrize("answer", [
    b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-1.5-old\r\n", b"",
    b"SSH-2.0-x\r\n" + bytes(5000), b"x" * 100000])
def test_what_is_no_ssh_server(tmp_path, answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            visitor, _ = listener.accept()
            with visitor:
                try:
                    visitor.sendall(answer)
                    visitor.recv(100)
                except OSError:
                    pass
        thread = threading.Thread(target=serve)
        thread.start()
        result = run_alone("-p", str(listener.getsockname()[1]), "127.0.0.1")
        thread.join()
    assert result.returncode == 255
    assert result.stderr.startswith(b"vtyssh: 127.0.0.1: ")


# --- the process ------------------------------------------------------------

def test_it_lives_in_a_sandbox(client):
    running = client.start("echo there; cat", stdin=subprocess.PIPE,
                           stdout=subprocess.PIPE)
    with running:
        assert running.stdout.readline() == b"there\n"
        with open(f"/proc/{running.pid}/status") as status:
            text = status.read()
        assert re.search(r"^Seccomp:\s+2$", text, re.M)
        assert re.search(r"^NoNewPrivs:\s+1$", text, re.M)
        with open(f"/proc/{running.pid}/limits") as limits:
            assert re.search(r"^Max core file size\s+0\s+0\s", limits.read(),
                             re.M)
        running.stdin.close()
        assert running.wait(timeout=60) == 0


# --- dropbear ---------------------------------------------------------------

@pytest.mark.skipif(not can_have_namespace(),
                    reason="a mount namespace takes root")
def test_dropbear(tmp_path):
    with Dropbear(tmp_path / "dropbear") as server:
        client = Client(tmp_path / "user", server)
        data = os.urandom(1 << 20)
        result = client.run("cat; echo err >&2; exit 5", stdin=data)
        assert (result.returncode, result.stderr) == (5, b"err\n")
        assert result.stdout == data
