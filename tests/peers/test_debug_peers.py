"""Debugging of sessions with other people's clients and servers: the lines of
version 2 add up, those of version 1 are the known ones, no secret is told."""
import re

import openssh
import pytest

from client import Session as Terminal
from client import log_in
from debugging import Watch, check_numbers
from router import CONFIG, KEYS, Router
from servers import sshd, system_user
from session import Session
from test_version_1 import home, plink, ssh1  # noqa: F401

BOTH = CONFIG.replace("ip ssh version 2\n", "") + """\
username chief privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip scp server enable
"""


@pytest.fixture(scope="module")
def debugged():
    with Router(config=BOTH, keys=KEYS) as one:
        with Session(one, enable="cisco") as admin:
            for kind in ("ip ssh", "ip ssh client", "ip scp"):
                admin.command("debug " + kind)
            yield one


def events(lines):
    """Those that are no packets', without lengths."""
    return [re.sub(r"length \d+, type", "length L, type", line)
            for line in lines if not re.search(
                r"ssh_receive|packet|pad|MAC|signature|newkeys|send:", line)]


# --- version 2 --------------------------------------------------------------

@pytest.mark.parametrize("cipher, mac", [
    ("aes128-cbc", "hmac-sha1"), ("aes256-ctr", "hmac-sha2-256"),
    ("aes256-ctr", "hmac-sha2-512-etm@openssh.com"),
    ("aes128-gcm@openssh.com", None), ("chacha20-poly1305@openssh.com", None)])
def test_openssh(debugged, cipher, mac):
    watch = Watch(debugged)
    result = openssh.run(debugged, "show privilege", f"Ciphers={cipher}",
                         *([f"MACs={mac}"] if mac else []))
    assert result.returncode == 0, result.stderr
    told = watch.whole()
    came, went = check_numbers(told, strict=True)
    assert came >= 6 and went >= 6
    assert f"SSH2: kex: client->server {cipher} {mac or 'implicit'} none" in told
    for line in ("SSH2 N: authentication successful for lab",
                 "SSH2 N: exec request", "SSH2 N: starting exec for vty",
                 "SSHN: Session terminated normally"):
        assert line in told


@pytest.mark.parametrize("kex, names", [
    ("diffie-hellman-group14-sha256", ["KEXDH_INIT"]),
    ("ecdh-sha2-nistp256", ["KEX_ECDH_INIT"]),
    ("diffie-hellman-group-exchange-sha256",
     ["KEX_DH_GEX_REQUEST", "KEX_DH_GEX_INIT"])])
def test_key_exchanges_by_their_names(debugged, kex, names):
    watch = Watch(debugged)
    result = openssh.run(debugged, "show privilege", f"KexAlgorithms={kex}")
    assert result.returncode == 0, result.stderr
    told = watch.whole()
    for name in names:
        assert f"SSH2 N: expecting SSH2_MSG_{name}" in told
        assert f"SSH2 N: SSH2_MSG_{name} received" in told
    if len(names) > 1:
        assert "SSH2 N: SSH2_MSG_KEX_DH_GEX_GROUP sent" in told


# --- version 1 --------------------------------------------------------------

OLD = """\
SSHN: starting SSH control process
SSHN: sent protocol version id SSH-1.99-vtyd_0.1.0
SSHN: protocol version id is - {ident}
SSHN: SSH_SMSG_PUBLIC_KEY msg
SSHN: SSH_CMSG_SESSION_KEY msg - length L, type 0x03
SSH: RSA decrypt started
SSH: RSA decrypt finished
SSH: RSA decrypt started
SSH: RSA decrypt finished
SSHN: sending encryption confirmation
SSHN: keys exchanged and encryption on
SSHN: SSH_CMSG_USER message received
SSHN: authentication request for userid lab
SSHN: SSH_SMSG_FAILURE message sent
SSHN: SSH_CMSG_AUTH_PASSWORD message received
SSHN: authentication successful for lab
"""
SHELL = """\
SSHN: requesting TTY
SSHN: setting TTY - requested: length {rows}, width {columns}; \
set: length {rows}, width {columns}
SSHN: SSH_CMSG_EXEC_SHELL message received
SSHN: starting shell for vty
SSHN: Session terminated normally
"""


def told_of(watch):
    return "".join(line + "\n" for line in events(watch.whole()))


def test_ssh1(debugged, home):  # noqa: F811
    watch = Watch(debugged)
    result = ssh1(debugged, home, more=["-tt"], stdin=b"exit\r")
    assert result.returncode == 0, result.stderr
    told = told_of(watch)
    ident = re.search(r"version id is - (SSH-1.*)", told)[1]
    size = re.search(r"requested: length (\d+), width (\d+)", told)
    assert told == OLD.format(ident=ident) + SHELL.format(
        rows=size[1], columns=size[2])


def test_what_version_1_is_refused(debugged, home):  # noqa: F811
    watch = Watch(debugged)
    result = ssh1(debugged, home, "show privilege", more=["-C", "-X"])
    assert result.returncode == 0, result.stderr
    told = told_of(watch)
    assert "SSHN: invalid request - 0x25\n" in told  # compression
    assert "SSHN: SSH_CMSG_EXEC_CMD message received\n" in told
    assert "SSHN: starting exec for vty\n" in told


def test_a_wrong_password_of_version_1(debugged, home):  # noqa: F811
    watch = Watch(debugged)
    marker = "Marker-pa55word-1"
    before = len(debugged.log())
    assert ssh1(debugged, home, "show privilege",
                password=marker).returncode == 255
    told = told_of(watch)
    assert ("SSHN: SSH_CMSG_AUTH_PASSWORD message received\n"
            "SSHN: password authentication failed for lab\n"
            "SSHN: SSH_SMSG_FAILURE message sent\n") in told
    assert marker not in debugged.log()[before:]


def test_plink_speaks_version_1(debugged, home):  # noqa: F811
    result = plink(debugged, home, "show privilege")
    assert result.returncode == 0, result.stderr
    debugged.wait_log(r"SSH\d+: protocol version id is - SSH-1\.5-PuTTY")


# --- the router as a client -------------------------------------------------

def test_a_connection_to_openssh(debugged):
    with system_user(password="Marker-pa55word-2") as user, sshd() as server:
        user.authorize()
        with Terminal(debugged) as terminal:
            watch = Watch(debugged, client=True)
            before = len(debugged.log())
            log_in(terminal, f"ssh -p {server.port} -l {user.name} 127.0.0.1",
                   user.password)
            terminal.type("exit\r")
            told = watch.whole()
        came, went = check_numbers(told, strict=True)
        assert came > 6 and went > 6
        assert told[0].startswith("SSH CLIENTN: ")
        for line in ("SSH2 CLIENT N: SSH2_MSG_KEXINIT sent",
                     "SSH2 CLIENT N: SSH2_MSG_NEWKEYS received",
                     "SSH2 CLIENT N: authentication successful",
                     "SSH2 CLIENT N: channel open request",
                     "SSH2 CLIENT N: pty-req request",
                     "SSH2 CLIENT N: shell request",
                     "SSH CLIENTN: Session terminated normally"):
            assert told.count(line) == 1, line
        assert user.password not in debugged.log()[before:]


def test_a_connection_of_version_1_to_itself(debugged):
    """Both ends are told, each in its own words."""
    with Terminal(debugged) as terminal:
        watch = Watch(debugged, client=True)
        log_in(terminal,
               f"ssh -v 1 -p {debugged.port} -l lab 127.0.0.1", "lab", r">$")
        terminal.type("exit\r")
        told = events(watch.whole())
    there = Watch(debugged)
    there.start, there.number = watch.start, None
    mine = [line for line in told if "CLIENT" in line]
    assert [line for line in mine if "version id" not in line] == [
        "SSH CLIENTN: SSH_SMSG_PUBLIC_KEY msg",
        "SSH CLIENTN: SSH_CMSG_SESSION_KEY msg - length L, type 0x03",
        "SSH CLIENTN: keys exchanged and encryption on",
        "SSH CLIENTN: SSH_CMSG_USER message sent",
        "SSH CLIENTN: SSH_SMSG_FAILURE message received",
        "SSH CLIENTN: SSH_CMSG_AUTH_PASSWORD message sent",
        "SSH CLIENTN: authentication successful",
        "SSH CLIENTN: SSH_CMSG_REQUEST_PTY message sent",
        "SSH CLIENTN: SSH_CMSG_EXEC_SHELL message sent",
        "SSH CLIENTN: Session terminated normally",
    ]
    assert "SSHN: authentication successful for lab" in there.whole()
