"""vtyssh on a terminal: questions, a raw session, escapes, and its end."""
import os
import re
import signal
import subprocess
import termios

import asyncssh
import pexpect
import pytest

from router import wait_for
from servers import asyncssh_server
from sshd import PASSWORD, Sshd, can_have_namespace, make_key
from vtyssh import Client

PROMPT = "prompt> "
SHELL = "PS1='prompt> ' exec sh"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Sshd(tmp_path_factory.mktemp("sshd")) as shared:
        yield shared


@pytest.fixture
def client(tmp_path, server):
    return Client(tmp_path / "user", server)


def modes(child):
    return termios.tcgetattr(child.child_fd)


def first_modes():
    """Of a terminal that nobody has changed: its program may be quick."""
    master, slave = os.openpty()
    try:
        return termios.tcgetattr(master)
    finally:
        os.close(slave)
        os.close(master)


def wait_modes(child, before):
    wait_for(lambda: modes(child) == before, "the terminal's modes")


def ended(child):
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus


# --- hosts ------------------------------------------------------------------

def test_a_new_host_is_remembered(tmp_path, server):
    client = Client(tmp_path / "user", server, knows=False)
    child = client.spawn("echo", "there")
    child.expect_exact("no key of 127.0.0.1 is known")
    listed = subprocess.run(
        ["ssh-keygen", "-lf", str(server.directory / "host_ed25519")],
        capture_output=True, check=True, text=True).stdout
    child.expect_exact(listed.split()[1])
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("yes")
    child.expect_exact("remembered in " + str(client.known_hosts))
    child.expect("there\r\n")
    assert ended(child) == 0
    assert client.known_hosts.read_text() == server.known_as()
    # OpenSSH reads what we wrote.
    found = subprocess.run(
        ["ssh-keygen", "-F", f"[127.0.0.1]:{server.port}", "-f",
         str(client.known_hosts)], capture_output=True)
    assert found.returncode == 0
    child = client.spawn("echo", "again")
    assert child.expect(["again\r\n", "yes/no"]) == 0
    assert ended(child) == 0


def test_a_new_host_that_is_not_wanted(tmp_path, server):
    client = Client(tmp_path / "user", server, knows=False)
    for answer in ("no\r", "\x04", "\x03"):
        child = client.spawn("echo", "there")
        child.expect_exact("(yes/no/fingerprint)? ")
        child.send(answer)
        assert ended(child) == 255
    assert client.known_hosts.read_text() == ""


# --- passwords and passphrases ----------------------------------------------

needs_pam = pytest.mark.skipif(not can_have_namespace(),
                               reason="a mount namespace takes root")


@pytest.fixture(scope="module", params=["KbdInteractiveAuthentication",
                                        "PasswordAuthentication"])
def pam_server(tmp_path_factory, request):
    with Sshd(tmp_path_factory.mktemp("pam"),
              f"UsePAM yes\n{request.param} yes") as shared:
        yield shared


@needs_pam
def test_a_password(tmp_path, pam_server):
    client = Client(tmp_path / "user", pam_server)
    child = client.spawn("echo", "there", key=False)
    before = first_modes()
    child.expect("assword: ")
    wait_for(lambda: not modes(child)[3] & termios.ECHO, "no echo")
    child.sendline(PASSWORD)
    child.expect("there\r\n")
    assert PASSWORD not in child.before.decode()
    assert ended(child) == 0
    assert modes_of_end(child, before)


def modes_of_end(child, before):
    """The terminal may be gone with its last user."""
    try:
        return modes(child) == before
    except (OSError, termios.error, ValueError):
        return True


@needs_pam
@pytest.mark.parametrize("prompts", [1, 3])
def test_wrong_passwords(tmp_path, pam_server, prompts):
    client = Client(tmp_path / "user", pam_server)
    child = client.spawn("echo", "there", key=False, options=[
        "-o", "numberofpasswordprompts", str(prompts)])
    for _ in range(prompts):
        child.expect("assword: ", timeout=60)
        child.sendline("wrong")
    assert child.expect(["authentication failed", "assword: "],
                        timeout=60) == 0
    assert ended(child) == 255


@needs_pam
def test_the_second_password_is_right(tmp_path, pam_server):
    client = Client(tmp_path / "user", pam_server)
    child = client.spawn("echo", "there", key=False)
    child.expect("assword: ")
    child.sendline("wrong")
    child.expect("assword: ", timeout=60)
    child.sendline(PASSWORD)
    child.expect("there\r\n")
    assert ended(child) == 0


@needs_pam
def test_a_password_without_a_terminal(tmp_path, pam_server):
    result = Client(tmp_path / "user", pam_server).run("true", key=False)
    assert result.returncode == 255
    assert b"no terminal to ask on" in result.stderr


@needs_pam
@pytest.mark.parametrize("second", ["keyboard-interactive:pam", "password"])
def test_a_key_and_then_a_password(tmp_path, second):
    with Sshd(tmp_path / "sshd", "UsePAM yes\nKbdInteractiveAuthentication yes\n"
              "PasswordAuthentication yes\n"
              f"AuthenticationMethods publickey,{second}") as server:
        client = Client(tmp_path / "user", server)
        child = client.spawn("echo", "there")
        child.expect("assword: ")
        child.sendline("wrong")
        child.expect("assword: ", timeout=60)
        child.sendline(PASSWORD)
        child.expect("there\r\n")
        assert ended(child) == 0


def test_two_questions_one_of_them_echoed(tmp_path):
    class Questions(asyncssh.SSHServer):
        def kbdint_auth_supported(self):
            return True

        def get_kbdint_challenge(self, username, lang, submethods):
            return ("Two \x1b[31mfactors\x1b[0m", "Look at your\ncard", "",
                    [("Colour: ", True), ("Secret:\x07 ", False)])

        def validate_kbdint_response(self, username, responses):
            return responses == ["blue", "sea"]

    def hello(process):
        process.stdout.write(b"hello\n")
        process.exit(4)

    with asyncssh_server(Questions, hello) as server:
        server.user = "lab"
        client = Client(tmp_path / "user", server, knows=False)
        child = client.spawn("hi", key=False)
        child.expect("fingerprint")
        child.sendline("yes")
        child.expect_exact("Two \\x1b[31mfactors\\x1b[0m\r\n"
                           "Look at your\r\ncard\r\n")
        child.expect_exact("Colour: ")
        child.sendline("blue")
        child.expect_exact("blue")
        child.expect_exact("Secret:\\x07 ")
        wait_for(lambda: not modes(child)[3] & termios.ECHO, "no echo")
        child.sendline("sea")
        assert child.expect_exact(["hello", "sea"]) == 0
        assert ended(child) == 4


@pytest.mark.parametrize("options", [
    [], ["-Z", "aes128-cbc"], ["-m", "PEM"], ["-m", "PKCS8"]])
def test_a_passphrase(tmp_path, server, client, options):
    kind = "ed25519" if not options else "ecdsa256"
    key = make_key(tmp_path / "key", kind, "open sesame", "-a", "2", *options)
    server.authorize(key)
    child = client.spawn("echo", "there", key=key)
    child.expect_exact(f"Passphrase for key {key}: ")
    child.sendline("wrong")
    child.expect_exact(f"Passphrase for key {key}: ")
    child.sendline("open sesame")
    child.expect("there\r\n")
    assert ended(child) == 0


def test_a_passphrase_that_is_not_known(tmp_path, server, client):
    key = make_key(tmp_path / "key", "ed25519", "open sesame", "-a", "2")
    server.authorize(key)
    child = client.spawn("echo", "there", key=key)
    child.expect("Passphrase")
    child.sendline("")
    assert ended(child) == 255


def test_a_key_that_is_refused_costs_no_passphrase(tmp_path, client):
    key = make_key(tmp_path / "key", "ed25519", "open sesame", "-a", "2")
    child = client.spawn("echo", "there", key=key)
    assert child.expect(["no authentication method", "Passphrase"]) == 0
    assert ended(child) == 255


# --- a session --------------------------------------------------------------

@pytest.fixture
def shell(client):
    """A shell on a remote terminal; `first`: the modes before."""
    child = client.spawn(SHELL, options=["-t"], size=(31, 97))
    child.expect_exact(PROMPT)
    yield child
    child.close(force=True)


def test_the_remote_terminal_is_like_the_local_one(shell):
    shell.sendline("stty size; echo =$TERM=")
    shell.expect_exact("31 97")
    shell.expect_exact("=xterm-256color=")
    shell.setwinsize(40, 120)
    # What is typed may overtake it.
    shell.sendline("while ! stty size | grep '40 120'; do sleep 0.1; done")
    shell.expect_exact("\n40 120\r\n")
    shell.sendline("exit 9")
    assert ended(shell) == 9


def test_modes_of_the_local_terminal_are_taken_over(client):
    """A terminal with another interrupt key and without IXON."""
    script = ("stty intr ^X -ixon erase ^H; exec " +
              " ".join(f"'{word}'" for word in client.arguments(
                  "stty -a", options=["-t"])))
    child = pexpect.spawn("sh", ["-c", script], env=client.environment,
                          timeout=60)
    child.expect_exact("intr = ^X;")
    child.expect_exact("-ixon")
    assert ended(child) == 0


def test_interrupts_are_the_remote_sides(shell):
    shell.sendline("trap 'echo caught; over=1' INT; echo beg''un; "
                   "while [ -z \"$over\" ]; do sleep 0.1; done")
    # Sooner, it would be the end of the line.
    shell.expect_exact("begun")
    shell.send("\x03")
    shell.expect_exact("caught")
    shell.expect_exact(PROMPT)
    shell.sendline("exit 0")
    assert ended(shell) == 0


def test_eight_bits_pass(shell):
    shell.sendline("echo grün | od -An -tx1")
    shell.expect_exact("67 72 c3 bc 6e 0a")


def test_escapes(server, shell):
    shell.sendline("")
    shell.expect_exact(PROMPT)
    shell.send("\r~?")
    shell.expect_exact("~.   end the connection")
    shell.expect_exact("~~   one ~\r\n")
    log = len(server.log())
    shell.send("~R")
    wait_for(lambda: "rekey" in server.log()[log:], "new keys")
    shell.send("~~echo one\r")
    shell.expect_exact("~echo: not found")
    shell.send("echo a~.b\r")
    shell.expect_exact("a~.b\r\n")
    shell.expect_exact(PROMPT)
    shell.send("\r~.")
    shell.expect_exact("connection to 127.0.0.1 closed")
    assert ended(shell) == 255


def test_a_break(server, shell):
    log = len(server.log())
    shell.send("\r~B")
    wait_for(lambda: "break" in server.log()[log:], "the break")


def under_a_shell(client, *command):
    """As a user has it: a shell with job control starts it."""
    child = pexpect.spawn("sh", env={**client.environment, "PS1": "local> ",
                                     "ENV": ""}, timeout=60)
    child.expect_exact("local> ")
    child.sendline("set -m")
    child.expect_exact("local> ")
    before = modes(child)
    child.sendline(" ".join(f"'{word}'" for word in command))
    return child, before


def test_suspended_and_taken_up_again(client):
    child, before = under_a_shell(
        client, *client.arguments(SHELL.replace("'", '"'), options=["-t"]))
    # What was typed has the prompt in it too.
    wait_for(lambda: modes(child) != before, "raw modes")
    child.expect_exact(PROMPT)
    child.expect_exact(PROMPT)
    raw = modes(child)
    child.send("\r")
    child.expect_exact(PROMPT)
    child.send("~\x1a")
    child.expect_exact("local> ")
    wait_modes(child, before)
    child.sendline("echo local $((6 * 7))")
    child.expect_exact("local 42")
    child.setwinsize(44, 111)
    child.sendline("fg")
    wait_modes(child, raw)
    child.send("stty size\r")
    child.expect_exact("44 111")
    child.send("exit 3\r")
    child.expect_exact("local> ")
    wait_modes(child, before)
    child.sendline("echo status=$?")
    child.expect_exact("status=3")
    child.close(force=True)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP,
                                 signal.SIGKILL, signal.SIGSEGV])
def test_the_terminal_is_restored_whatever_happens(client, how):
    """Without job control no shell puts the modes back."""
    words = " ".join(f"'{word}'" for word in client.arguments(
        SHELL.replace("'", '"'), options=["-t"]))
    # Who waits for it is no interactive shell, which would set modes itself.
    child = pexpect.spawn("sh", ["-c", f"{words}; echo over; cat"],
                          env=client.environment, timeout=60)
    before = first_modes()
    child.expect_exact(PROMPT)
    assert modes(child) != before
    child.sendline("echo pid of $PPID")
    [pid] = [pid for pid in descendants(child.pid)
             if b"-t" in open(f"/proc/{pid}/cmdline", "rb").read()
             and state_name(pid) == "vtyssh"]
    os.kill(pid, how)
    child.expect_exact("over")
    wait_modes(child, before)
    # Nothing stays behind.
    wait_for(lambda: names_below(child.pid) == ["cat"],
             "the end of the keeper")
    child.close(force=True)


def state_name(pid):
    with open(f"/proc/{pid}/comm") as name:
        return name.read().strip()


def names_below(pid):
    """None when one has ended in between."""
    try:
        return [state_name(each) for each in descendants(pid)]
    except OSError:
        return None


def descendants(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        for child in map(int, children.read().split()):
            yield child
            yield from descendants(child)


def test_the_session_is_the_servers_to_end(server, shell):
    shell.sendline("kill -9 $PPID")
    shell.expect_exact("connection to 127.0.0.1 closed")
    assert ended(shell) == 255


def test_without_a_remote_terminal(client):
    child = client.spawn("tty", options=["-T"])
    child.expect_exact("not a tty")
    assert ended(child) == 1


def test_an_interrupt_of_a_command_without_terminal(client):
    child = client.spawn("echo begun; sleep 100")
    child.expect_exact("begun")
    child.send("\x03")
    child.expect_exact("by a signal")
    assert ended(child) == 255


def test_the_shell_by_default(client):
    child = client.spawn()
    child.send("echo $((6 * 7))=; exit 2\r")
    child.expect_exact("42=")
    child.expect_exact("connection to 127.0.0.1 closed")
    assert ended(child) == 2
    assert re.search(r"\r\n", child.before.decode())
