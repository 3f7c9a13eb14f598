"""Version 1.5, with the clients that still speak it: ssh1, scp1, plink, pscp."""
import hashlib
import json
import os
import re
import socket
import subprocess

import pexpect
import pytest

import openssh
from router import CONFIG, Router, free_port, wait_for
from session import Session
from vtyssh import VTYSSH, Client

BASE = CONFIG.replace("ip ssh version 2\n", "") + """\
username chief privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip scp server enable
"""

KEYS_USED = ("rsa", "ed25519")

# ssh1 wants single DES from libcrypto, whatever cipher is used.
LEGACY = """\
openssl_conf = openssl_init
[openssl_init]
providers = provider_sect
[provider_sect]
default = default_sect
legacy = legacy_sect
[default_sect]
activate = 1
[legacy_sect]
activate = 1
"""


def started(config):
    return Router(config=config, keys=KEYS_USED)


@pytest.fixture(scope="module")
def both():
    with started(BASE) as router:
        yield router


@pytest.fixture(scope="module")
def only_1():
    with started(BASE + "ip ssh version 1\n") as router:
        yield router


@pytest.fixture
def home(tmp_path):
    (tmp_path / "legacy.cnf").write_text(LEGACY)
    ask = tmp_path / "ask"
    ask.write_text("#!/bin/sh\nprintf '%s\\n' \"$VTYD_TEST_PASSWORD\"\n")
    ask.chmod(0o700)
    return tmp_path


def environment(home, password="lab"):
    return {"PATH": os.environ["PATH"], "HOME": str(home), "DISPLAY": ":9",
            "SSH_ASKPASS": str(home / "ask"), "VTYD_TEST_PASSWORD": password,
            "OPENSSL_CONF": str(home / "legacy.cnf")}


def options(router, port="-p"):
    return ["-1", "-F", "/dev/null", "-o", "StrictHostKeyChecking=no",
            "-o", "UserKnownHostsFile=/dev/null", "-o", "NumberOfPasswordPrompts=1",
            port, str(router.port)]


def ssh1(router, home, *command, password="lab", user="lab", more=(), stdin=b""):
    # Without a terminal it takes the password from SSH_ASKPASS.
    return subprocess.run(
        ["setsid", "ssh1", *options(router), *more, "-l", user, "127.0.0.1",
         *command], env=environment(home, password), input=stdin,
        capture_output=True, timeout=60)


def scp1(router, home, source, target):
    return subprocess.run(
        ["setsid", "scp1", *options(router, "-P"), source, target],
        env=environment(home), stdin=subprocess.DEVNULL, capture_output=True,
        timeout=120)


def fingerprint(router, home):
    """plink wants it named; it says itself what it is."""
    said = subprocess.run(
        ["plink", "-ssh", "-1", "-batch", "-P", str(router.port), "-l", "lab",
         "-pw", "lab", "127.0.0.1", "x"], env=environment(home),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return re.search(r"\b((?:[0-9a-f]{2}:){15}[0-9a-f]{2})\b",
                     said.stderr + said.stdout).group(1)


def plink(router, home, *command, password="lab", more=(), stdin=b""):
    return subprocess.run(
        ["plink", "-ssh", "-1", "-batch", "-P", str(router.port), "-l", "lab",
         "-pw", password, "-hostkey", fingerprint(router, home), *more,
         "127.0.0.1", *command], env=environment(home), input=stdin,
        capture_output=True, timeout=60)


def choose(home, cipher):
    """PuTTY takes a cipher from a saved session only."""
    sessions = home / ".putty" / "sessions"
    sessions.mkdir(parents=True)
    (sessions / cipher).write_text(f"Cipher={cipher},WARN\n")
    return ["-load", cipher]


# --- ssh1 ---------------------------------------------------------------------

@pytest.mark.parametrize("cipher", ["3des", "des"])
def test_ssh1_exec(both, home, cipher):
    result = ssh1(both, home, "show privilege", more=["-c", cipher])
    assert result.returncode == 0, result.stderr
    assert result.stdout == b"Current privilege level is 1\r\n"


def test_ssh1_exit_status_and_large_output(both, home):
    result = ssh1(both, home, "show nonsense")
    assert result.returncode == 1, result
    assert b"% Invalid input detected" in result.stdout
    result = ssh1(both, home, "show tech-support", user="chief")
    assert result.returncode == 0, result.stderr
    headings = re.findall(rb"-{18} show (.*) -{18}\r\n", result.stdout)
    assert len(headings) > 10 and len(result.stdout) > 10000


def test_ssh1_is_in_the_json_of_show_ssh(both, home):
    wait_for(lambda: not both.children("worker: server"),
             "the end of those before")
    result = ssh1(both, home, "show ssh | json")
    assert result.returncode == 0, result.stderr
    mine = json.loads(result.stdout)["connections"][-1]
    assert (mine["version"], mine["user"]) == ("1.5", "lab")
    assert mine["state"] == "started" and "SSH-1.5" in mine["client"]
    assert mine["cipher_in"] == "3des" and mine["mac_in"] == "none"


def test_ssh1_shell_with_a_terminal(both, home):
    result = ssh1(both, home, more=["-tt"],
                  stdin=b"show privilege\rexit\r")
    assert result.returncode == 0, result.stderr
    assert b"Router>show privilege\r\nCurrent privilege level is 1" in result.stdout


def test_ssh1_wrong_password(both, home):
    result = ssh1(both, home, "show privilege", password="wrong")
    assert result.returncode == 255
    assert b"Permission denied" in result.stderr


def test_no_banner_before_the_password(both, home):
    result = ssh1(both, home, "show privilege")
    assert b"Authorized users only" not in result.stderr + result.stdout


def test_what_ssh1_is_refused_and_goes_on_without(both, home):
    """Compression, X11, forwarding: FAILURE, and the session comes."""
    result = ssh1(both, home, "show privilege", more=[
        "-C", "-X", "-v", "-R", f"{free_port()}:127.0.0.1:9"])
    assert result.returncode == 0, result.stderr
    assert result.stdout == b"Current privilege level is 1\r\n"
    assert b"Remote host refused compression" in result.stderr, result.stderr
    assert b"Remote host denied X11 forwarding" in result.stderr
    assert b"Could not request remote forwarding" in result.stderr


def test_tries_are_counted(home):
    with started(BASE + "ip ssh authentication-retries 2\n") as router:
        child = pexpect.spawn("ssh1", [
            "-o", "NumberOfPasswordPrompts=9", *options(router), "-l", "lab",
            "127.0.0.1"], env=environment(home), timeout=60)
        prompts = 0
        while child.expect(["password: ", pexpect.EOF]) == 0:
            child.sendline("wrong")
            prompts += 1
        assert prompts == 2


def test_the_time_to_log_in_ends(home):
    with started(BASE + "ip ssh time-out 1\n") as router, \
            socket.create_connection(("127.0.0.1", router.port), 30) as stream:
        stream.sendall(b"SSH-1.5-silent\n")
        # The line, the public keys; then the end comes by itself.
        while stream.recv(4096):
            pass


# --- plink ----------------------------------------------------------------------

@pytest.mark.parametrize("cipher", ["3des", "des"])
def test_plink_exec(both, home, cipher):
    result = plink(both, home, "show privilege", more=choose(home, cipher))
    assert result.returncode == 0, result.stderr
    assert b"Current privilege level is 1" in result.stdout


def test_plink_shell(both, home):
    result = plink(both, home, more=["-t"], stdin=b"show privilege\rexit\r")
    assert result.returncode == 0, result.stderr
    assert b"Current privilege level is 1" in result.stdout


def test_plink_wrong_password(both, home):
    result = plink(both, home, "show privilege", password="wrong")
    assert result.returncode != 0
    assert b"Current privilege" not in result.stdout


# --- copies ---------------------------------------------------------------------

@pytest.fixture
def sample(tmp_path):
    path = tmp_path / "sample"
    path.write_bytes(os.urandom(3 * 1024 * 1024))
    return path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_scp1_both_ways(both, home, sample, tmp_path):
    there = scp1(both, home, str(sample), "chief@127.0.0.1:flash:scp1.bin")
    assert there.returncode == 0, there.stderr
    back = scp1(both, home, "chief@127.0.0.1:flash:scp1.bin", str(tmp_path / "back"))
    assert back.returncode == 0, back.stderr
    assert digest(tmp_path / "back") == digest(sample)


@pytest.mark.parametrize("cipher", ["3des", "des"])
def test_pscp_both_ways(both, home, sample, tmp_path, cipher):
    common = ["pscp", *choose(home, cipher), "-1", "-scp", "-batch",
              "-P", str(both.port), "-pw", "lab",
              "-hostkey", fingerprint(both, home)]
    for arguments in ([str(sample), "chief@127.0.0.1:flash:pscp.bin"],
                      ["chief@127.0.0.1:flash:pscp.bin", str(tmp_path / "back")]):
        done = subprocess.run([*common, *arguments], env=environment(home),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120)
        assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "back") == digest(sample)


# --- which version -----------------------------------------------------------------

def ident(router):
    with socket.create_connection(("127.0.0.1", router.port), timeout=30) as s:
        line = s.makefile("rb").readline()
        # Nothing follows before the client has said what it speaks.
        s.settimeout(0.5)
        try:
            more = s.recv(100)
        except TimeoutError:
            more = b""
    return line, more


def test_identification_lines(both, only_1):
    line, more = ident(both)
    assert re.fullmatch(rb"SSH-1\.99-vtyd_[\w.]+\r\n", line)
    assert more == b""
    assert re.fullmatch(rb"SSH-1\.5-vtyd_[\w.]+\n", ident(only_1)[0])


def test_version_2_is_refused_where_only_1_is_spoken(only_1):
    done = subprocess.run(
        ["ssh", "-F", "/dev/null", "-p", str(only_1.port), "lab@127.0.0.1", "x"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 255
    assert b"rotocol major versions differ: 2 vs. 1" in done.stderr


def scan(router, scripts="+sshv1"):
    """What nmap finds, told to look although the port is not SSH's."""
    return subprocess.run(
        ["nmap", "-Pn", "-n", "-p", str(router.port), "--script", scripts,
         "--script-args", "ssh_hostkey=sha256", "127.0.0.1"], capture_output=True, text=True, timeout=120).stdout


def audit(router, *more):
    return subprocess.run(
        ["ssh-audit", *more, "--no-colors", "--timeout=60", "--port",
         str(router.port), "127.0.0.1"], capture_output=True, text=True,
        timeout=180).stdout


def test_scanners_find_no_version_1_in_the_factory(factory_router):
    found = scan(factory_router)
    assert "/tcp open" in found and "SSHv1" not in found, found
    assert "SSH1" not in audit(factory_router)
    assert "SSH1" not in audit(factory_router, "-1")


def test_scanners_find_it_where_it_is(both, only_1):
    assert "SSHv1" in scan(both)
    found = scan(only_1, "+sshv1,+ssh-hostkey")
    assert "Server supports SSHv1" in found and "(RSA)" not in found
    assert "protocol SSH1 enabled" in audit(both, "-1")
    # The fingerprint is the one that the router's clients know it by.
    fingerprint = re.search(r"(SHA256:\S+) \(RSA1\)", found).group(1)
    with Session(both, enable="cisco") as user:
        user.type(f"ssh -p {only_1.port} -l lab 127.0.0.1 x\n", "Password: $")
        user.type("lab\n", "Router#$", seconds=30)
        assert f"rsa1 {fingerprint}" in user.command("show ip ssh known-hosts")
        user.command("clear ip ssh known-hosts 127.0.0.1")


def test_without_an_rsa_key_there_is_no_version_1():
    with Router(config=BASE, keys=("ed25519",)) as router:
        assert ident(router)[0].startswith(b"SSH-2.0-")
        assert openssh.run(router, "show ip ssh").stdout.startswith(
            b"SSH Enabled - version 2.0\r\n")


def test_version_1_is_refused_by_the_factory(factory_router, home):
    result = ssh1(factory_router, home, "show privilege")
    assert result.returncode == 255
    assert b"rotocol major versions differ" in result.stderr
    line, _ = ident(factory_router)
    assert line.startswith(b"SSH-2.0-")


def test_show_ip_ssh_says_which(both, only_1, home):
    shown = ssh1(both, home, "show ip ssh").stdout
    assert b"SSH Enabled - version 1.99" in shown
    shown = ssh1(only_1, home, "show ip ssh").stdout
    assert b"SSH Enabled - version 1.5" in shown
    assert b"SSH 1.5 has been enabled" in only_1.log().encode()


# --- what the guide shows -------------------------------------------------------------

SESSION_1 = " 0              1.5      3DES              Session started     lab\n"
HEAD_1 = "Connection      Version Encryption      State                Username\n"
HEAD_2 = ("Connection Version Mode Encryption  Hmac         State"
          "                 Username\n")
SESSION_2 = "".join(
    f"1          2.0     {mode:4} aes128-cbc  hmac-md5     Session started       lab\n"
    for mode in ("IN", "OUT"))


class Held:
    """A connection of version 1 with a shell, for as long as the block lasts."""

    def __init__(self, router, home):
        self.process = subprocess.Popen(
            ["setsid", "ssh1", *options(router), "-tt", "-l", "lab", "127.0.0.1"],
            env=environment(home), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def __enter__(self):
        text = b""
        while not text.endswith(b"Router>"):
            byte = self.process.stdout.read(1)
            assert byte, text
            text += byte
        return self

    def __exit__(self, *_):
        self.process.communicate(b"exit\r", timeout=60)


def show(router, command):
    """From version 2, as a second connection."""
    done = openssh.run(router, command, "-c", "aes128-cbc", "-m", "hmac-md5")
    return done.stdout.decode().replace("\r", "")


def test_show_ssh_with_both_versions(home):
    with started(BASE) as router, Held(router, home):
        assert show(router, "show ssh") == HEAD_1 + SESSION_1 + HEAD_2 + SESSION_2
        assert show(router, "show ip ssh").startswith(
            "SSH Enabled - version 1.99\n"
            "Authentication timeout: 120 secs; Authentication retries: 3\n")


def test_show_ssh_with_version_1_alone(home):
    with started(BASE + "ip ssh version 1\n") as router:
        shown = ssh1(router, home, "show ssh").stdout.decode().replace("\r", "")
        assert shown == (HEAD_1 + SESSION_1 +
                         "%No SSHv2 server connections running.\n")
        shown = ssh1(router, home, "show ip ssh").stdout.decode()
        assert shown.replace("\r", "").startswith(
            "SSH Enabled - version 1.5\n"
            "Authentication timeout: 120 secs; Authentication retries: 3\n")


def test_a_session_is_disconnected(home):
    with started(BASE) as router, Session(router, enable="cisco") as user:
        process = subprocess.Popen(
            ["setsid", "ssh1", *options(router), "-tt", "-l", "lab",
             "127.0.0.1"], env=environment(home), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        text = b""
        while not text.endswith(b"Router>"):
            byte = process.stdout.read(1)
            assert byte, text
            text += byte
        number = re.search(r"^ (\d+) +1\.5 ", user.command("show ssh"),
                           re.M).group(1)
        user.command(f"disconnect ssh {number}")
        _, error = process.communicate(timeout=60)
        assert process.returncode != 0, error
        wait_for(lambda: " 1.5 " not in user.command("show ssh"), "its end")


# --- the router and vtyssh as clients ---------------------------------------------------

def test_the_client_reaches_a_version_1_server(both, only_1):
    """No package has a server of version 1: the router's own is there."""
    with Session(both, enable="cisco") as user:
        for server, cipher in ((both, ""), (only_1, "-c 3des "), (both, "-c des ")):
            text = user.type(f"ssh -v 1 {cipher}-p {server.port} -l lab 127.0.0.1 "
                             "\"show ssh\"\n", "Password: $")
            text = user.type("lab\n", "Router#$", seconds=30)
            name = "DES " if "-c des" in cipher else "3DES"
            assert re.search(rf" \d+ +1\.5 +{name} +Session started +lab", text)
            assert "[Connection to 127.0.0.1 closed by foreign host]" in text


def test_the_client_has_a_session_with_a_terminal(both, only_1):
    with Session(both, enable="cisco") as user:
        user.type(f"ssh -v 1 -p {only_1.port} -l lab 127.0.0.1\n", "Password: $")
        user.type("wrong\n", "Password: $", seconds=30)
        user.type("lab\n", "Router>$", seconds=30)
        assert "Current privilege level is 1" in user.type("show privilege\n",
                                                           "Router>$")
        text = user.type("exit\n", "Router#$", seconds=30)
        assert "[Connection to 127.0.0.1 closed by foreign host]" in text


def test_the_client_counts_prompts_and_tells_the_status(both, only_1):
    with Session(both, enable="cisco") as user:
        line = (f"ssh -v 1 -o numberofpasswordprompts 2 -p {only_1.port} -l lab "
                "127.0.0.1 \"show nonsense\"\n")
        user.type(line, "Password: $")
        user.type("wrong\n", "Password: $", seconds=30)
        text = user.type("wrong\n", "Router#$", seconds=30)
        assert "[Connection to 127.0.0.1 closed by foreign host]" in text
        user.type(line, "Password: $")
        text = user.type("lab\n", "Router#$", seconds=30)
        assert "% Invalid input detected" in text
        assert "% The remote command ended with status 1" in text


def test_what_the_client_refuses(both, factory_router):
    with Session(both, enable="cisco") as user:
        for line in ("ssh -v 1 -m hmac-md5 -l lab 127.0.0.1",
                     "ssh -v 1 -c aes128-cbc -l lab 127.0.0.1",
                     "ssh -v 2 -c des -l lab 127.0.0.1"):
            assert re.fullmatch("% SSH version .*\n", user.command(line)), line
        text = user.command(f"ssh -v 1 -p {factory_router.port} -l lab 127.0.0.1")
        assert "[Connection to 127.0.0.1 aborted: error status 0]" in text


class Known:
    """A router as vtyssh.Client wants a server."""

    def __init__(self, port):
        self.port, self.key, self.user = port, None, "lab"


@pytest.mark.parametrize("cipher", ["3des", "des"])
def test_vtyssh_speaks_version_1(both, home, cipher):
    user = Client(home / "user", Known(both.port), knows=False)
    child = user.spawn("show nonsense", options=["-v", "1", "-c", cipher], key=False)
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("yes")
    child.expect_exact("Password: ")
    child.sendline("lab")
    child.expect_exact("% Invalid input detected")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 1


@pytest.mark.parametrize("options", [
    ["-v", "1", "-m", "hmac-md5"], ["-v", "1", "-c", "aes128-cbc"],
    ["-v", "2", "-c", "des"], ["-v", "3"]])
def test_what_vtyssh_refuses(home, options):
    done = subprocess.run([str(VTYSSH), *options, "127.0.0.1"],
                          capture_output=True, timeout=60)
    assert done.returncode == 2
