"""Version 1 for clients that nobody told to: only with what has nothing newer,
never silently, and never with a host that is known with version 2."""
import os
import re
import socket
import struct
import subprocess
import threading
import zlib

import pexpect
import pytest
from router import BUILD, CONFIG, Router, wait_for
from session import Session

VTYSSH = BUILD / "src" / "vtyssh" / "vtyssh"
# ip ssh version is not configured: both are spoken.
BOTH = CONFIG.replace("ip ssh version 2\n", "")
ONLY_1 = CONFIG.replace("ip ssh version 2\n", "ip ssh version 1\n") + """\
username chief privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip scp server enable
"""
WARNING = "% Warning: SSH version 1\r\n"
REFUSED = "% SSH version 1 refused: the host is known with version 2\n"
ED25519 = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SK"
           "rhB9mwcAhVTDHA3F")


@pytest.fixture(scope="module")
def both():
    with Router(config=BOTH, keys=("rsa", "ed25519")) as one:
        yield one


@pytest.fixture(scope="module")
def only_1():
    with Router(config=ONLY_1, keys=("rsa",)) as one:
        yield one


@pytest.fixture(scope="module")
def user(both):
    with Session(both, enable="cisco") as one:
        yield one


@pytest.fixture(autouse=True)
def forget(both):
    for name in ("known_hosts", "known_hosts.old"):
        (both.state / name).unlink(missing_ok=True)


def knows(router, *lines):
    router.write_state("known_hosts", "".join(line + "\n" for line in lines))


def known(router):
    path = router.state / "known_hosts"
    return path.read_text() if path.exists() else ""


class OldServer:
    """What answers as one of version 1 only, whoever it is; `heard`: what was
    said to it."""

    def __init__(self, ident=b"SSH-1.5-1.2.27\n", message=b""):
        self.ident, self.message, self.heard = ident, message, None

    def __enter__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.thread.join(30)

    def serve(self):
        stream, _ = self.socket.accept()
        with stream:
            stream.sendall(self.ident + self.message)
            said = b""
            while part := stream.recv(4096):
                said += part
            self.heard = said


# --- ssh -----------------------------------------------------------------------

def test_the_user_is_warned_before_he_types(user, only_1, both):
    line = f"ssh -p {only_1.port} -l lab 127.0.0.1 \"show privilege\"\n"
    for _ in range(2):
        seen = user.type(line, "Password: $")
        assert WARNING in seen
        seen = user.type("lab\n", "#$")
        assert "Current privilege level is 1\r\n" in seen
    # It is remembered once, in a form that OpenSSH passes over.
    assert re.fullmatch(rf"#rsa1 \[127\.0\.0\.1\]:{only_1.port} 2048 65537 \d+\n",
                        known(both))
    both.wait_log(rf"Host key of \[127\.0\.0\.1\]:{only_1.port} is remembered: "
                  "rsa1 SHA256:")


def test_known_keys_are_shown_and_cleared(user, only_1, both):
    line = f"ssh -p {only_1.port} -l lab 127.0.0.1 \"show privilege\"\n"
    user.type(line, "Password: $")
    user.type("lab\n", "#$")
    shown = user.command("show ip ssh known-hosts")
    assert re.search(rf"\n \[127\.0\.0\.1\]:{only_1.port} rsa1 SHA256:\S{{43}}\n",
                     shown)
    assert user.command("clear ip ssh known-hosts 127.0.0.1") == ""
    assert known(both) == ""


def test_another_key_than_the_known_one_is_refused(user, only_1, both):
    knows(both, f"[127.0.0.1]:{only_1.port} 1024 35 {10 ** 300 + 1}")
    seen = user.command(f"ssh -p {only_1.port} -l lab 127.0.0.1")
    assert "%SSH: Server Host Key Check Failed\n" in seen
    assert "has changed: known rsa1 SHA256:" in seen


@pytest.mark.parametrize("how", ["", "-c 3des "])
def test_a_host_known_with_version_2_is_not_tried_with_1(user, both, how):
    with OldServer() as far:
        knows(both, f"[127.0.0.1]:{far.port} {ED25519}")
        seen = user.command(f"ssh {how}-p {far.port} -l lab 127.0.0.1")
        assert seen == REFUSED
        wait_for(lambda: far.heard is not None, "the end")
        # What it was told is not of version 1.
        assert re.fullmatch(rb"(SSH-2\.0-\S+\r\n.*)?", far.heard, re.S)
    wait_for(lambda: "%SSH-4-DOWNGRADE: SSH version 1 refused: 127.0.0.1 is known "
             "with version 2" in both.log(), "the warning")


def test_what_only_version_1_has_is_refused_at_once(user, both, only_1):
    knows(both, f"[127.0.0.1]:{only_1.port} {ED25519}")
    assert user.command(f"ssh -c des -p {only_1.port} -l lab 127.0.0.1") == REFUSED


def test_the_user_may_insist(user, both, only_1):
    knows(both, f"[127.0.0.1]:{only_1.port} {ED25519}")
    seen = user.type(f"ssh -v 1 -p {only_1.port} -l lab 127.0.0.1 "
                     "\"show privilege\"\n", "Password: $")
    assert WARNING not in seen
    assert "Current privilege level is 1\r\n" in user.type("lab\n", "#$")
    assert "\n#rsa1 [127.0.0.1]:" in known(both)
    # It has both keys now, and is no host of version 1 for that.
    assert user.command(f"ssh -p {only_1.port} -l lab 127.0.0.1") == REFUSED


def test_newer_is_better(user, both):
    """A server of both is spoken to with version 2, and remembered with it."""
    seen = user.type(f"ssh -p {both.port} -l lab 127.0.0.1 \"show privilege\"\n",
                     "Password: $")
    assert WARNING not in seen
    user.type("lab\n", "#$")
    assert "rsa1" not in known(both)


@pytest.mark.parametrize("option", ["-v 2", "-m hmac-sha1", "-c aes128-cbc"])
def test_what_asks_for_version_2_gets_no_other(user, only_1, option):
    seen = user.command(f"ssh {option} -p {only_1.port} -l lab 127.0.0.1")
    assert seen.endswith("[Connection to 127.0.0.1 aborted: error status 0]\n")
    assert "Warning" not in seen


def test_other_versions_are_no_downgrade(user, both):
    with OldServer(b"SSH-3.0-future\r\n") as far:
        knows(both, f"[127.0.0.1]:{far.port} {ED25519}")
        seen = user.command(f"ssh -p {far.port} -l lab 127.0.0.1")
    assert seen.endswith("[Connection to 127.0.0.1 aborted: error status 0]\n")


def test_the_configuration_decides(both, only_1):
    with Router(config=CONFIG, keys=("rsa", "ed25519")) as one, \
            Session(one, enable="cisco") as user:
        line = f"ssh -p {only_1.port} -l lab 127.0.0.1"
        assert "aborted: error status 0" in user.command(line)
        user.configure("ip ssh version 1")
        # The session goes on; a server of both is spoken to with 1 now.
        line = f"ssh -p {both.port} -l lab 127.0.0.1 \"show privilege\"\n"
        assert WARNING in user.type(line, "Password: $")
        assert "Current privilege level is 1\r\n" in user.type("lab\n", "#$")
        knows(one, f"[127.0.0.1]:{both.port} {ED25519}")
        assert user.command(f"ssh -p {both.port} -l lab 127.0.0.1") == REFUSED
        assert (user.command(f"copy sftp://lab@127.0.0.1:{both.port}/x null:")
                .endswith("/x (SFTP needs SSH version 2)\n"))


def test_the_pubkey_chain_is_known_with_version_2(user, both, only_1):
    user.command("configure terminal")
    user.command("ip ssh pubkey-chain")
    user.command("server 127.0.0.1")
    user.command("key-hash ssh-ed25519 0123456789ABCDEF0123456789ABCDEF")
    user.command("end")
    try:
        assert (user.command(f"ssh -p {only_1.port} -l lab 127.0.0.1")
                == REFUSED)
    finally:
        user.configure("ip ssh pubkey-chain", "no server 127.0.0.1")


def number(value):
    size = (value.bit_length() + 7) // 8
    return struct.pack(">H", value.bit_length()) + value.to_bytes(size, "big")


def public_keys(server, host):
    """SMSG_PUBLIC_KEY in clear, with these as exponents and moduli."""
    payload = bytes([2]) + bytes(8)
    for exponent, modulus in (server, host):
        payload += (struct.pack(">I", modulus.bit_length()) + number(exponent)
                    + number(modulus))
    payload += struct.pack(">III", 0, 0x0c, 0x08)
    padded = bytes(8 - (len(payload) + 4) % 8) + payload
    crc = zlib.crc32(padded, 0xffffffff) ^ 0xffffffff
    return struct.pack(">I", len(payload) + 4) + padded + struct.pack(">I", crc)


GOOD = (65537, 2 ** 1023 + 1)
SERVER = (65537, 2 ** 767 + 1)


@pytest.mark.parametrize("server, host", [
    (SERVER, (65537, 2 ** 500 + 1)), (SERVER, (1, GOOD[1])),
    (SERVER, (65537, 2 ** 1023 + 2)), (SERVER, (0, GOOD[1])),
    (SERVER, (65537, 0)), ((65537, 2 ** 1000 + 1), GOOD),
    (SERVER, (2 ** 64 + 1, GOOD[1])), (SERVER, (65537, 2 ** 17000 + 1))],
    ids=["short", "e 1", "even", "e 0", "none", "near", "long e", "long"])
def test_what_is_no_key_is_not_remembered(user, both, server, host):
    with OldServer(message=public_keys(server, host)) as far:
        seen = user.command(f"ssh -p {far.port} -l lab 127.0.0.1")
        assert seen.endswith("[Connection to 127.0.0.1 aborted: error status 0]\n")
        wait_for(lambda: far.heard is not None, "the end")
    assert known(both) == ""


# --- copy ------------------------------------------------------------------------

def test_copies_both_ways(user, both, only_1):
    size = 3 * 1024 * 1024
    content = os.urandom(size)
    (both.state / "flash" / "mine").write_bytes(content)
    there = f"scp://chief:lab@127.0.0.1:{only_1.port}"
    user.command("configure terminal")
    user.command("file prompt quiet")
    seen = user.command("end")
    seen = user.command(f"copy flash:mine {there}/yours", seconds=120)
    assert WARNING.replace("\r", "") in seen, seen
    assert f"{size} bytes copied" in seen, seen
    assert (only_1.state / "flash" / "yours").read_bytes() == content
    seen = user.command(f"copy {there}/yours flash:again", seconds=120)
    assert f"{size} bytes copied" in seen, seen
    assert (both.state / "flash" / "again").read_bytes() == content
    seen = user.command(f"copy {there}/nothing flash:none", seconds=120)
    assert re.search(r"%Error opening scp://\S+/nothing \(.+\)\n", seen), seen
    assert not (both.state / "flash" / "none").exists()


def test_no_copy_from_a_host_known_with_version_2(user, both):
    with OldServer() as far:
        knows(both, f"[127.0.0.1]:{far.port} {ED25519}")
        seen = user.command(f"copy scp://lab:lab@127.0.0.1:{far.port}/x null:")
        assert seen.endswith("(SSH version 1 refused, host known with version 2)\n")
        wait_for(lambda: far.heard is not None, "the end")
        assert b"SSH-1" not in far.heard


# --- vtyssh ----------------------------------------------------------------------

class Unix:
    """Somebody with a home directory of his own."""

    def __init__(self, home):
        self.home = home
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(home),
                            "TERM": "vt100"}
        self.hosts = home / ".ssh" / "known_hosts"
        self.hosts.parent.mkdir(mode=0o700)

    def arguments(self, port, *options):
        return ["-p", str(port), "-l", "lab", *options, "127.0.0.1",
                "show privilege"]

    def spawn(self, port, *options):
        return pexpect.spawn(str(VTYSSH), self.arguments(port, *options),
                             env=self.environment, timeout=30)

    def run(self, port, *options):
        """Without a terminal, the files as they are."""
        return subprocess.run(
            [str(VTYSSH), *self.arguments(port, *options)], text=True,
            env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=60, start_new_session=True)


@pytest.fixture
def unix(tmp_path):
    return Unix(tmp_path)


def test_vtyssh_warns_and_remembers(unix, only_1):
    child = unix.spawn(only_1.port)
    child.expect_exact("% Warning: SSH version 1\r\n")
    child.expect_exact("no key of 127.0.0.1 is known")
    child.expect_exact("it shows  rsa1 SHA256:")
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("yes")
    child.expect_exact("Password: ")
    child.sendline("lab")
    child.expect_exact("Current privilege level is 1")
    child.expect(pexpect.EOF)
    child = unix.spawn(only_1.port)
    child.expect_exact("% Warning: SSH version 1\r\n")
    assert child.expect_exact(["(yes/no", "Password: "]) == 1
    child.close()
    assert unix.hosts.read_text().startswith(
        f"#rsa1 [127.0.0.1]:{only_1.port} 2048 65537 ")


def test_the_file_is_as_good_for_openssh(unix, only_1, both):
    """Its tools find, show, hash and remove what is theirs."""
    unix.hosts.write_text(f"one.example {ED25519}\n")
    child = unix.spawn(only_1.port)
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("yes")
    child.expect_exact("Password: ")
    child.close()

    def keygen(*arguments):
        done = subprocess.run(["ssh-keygen", *arguments, "-f", str(unix.hosts)],
                              capture_output=True, text=True, timeout=60)
        assert "invalid" not in done.stderr
        return done

    assert "ED25519" in keygen("-l").stdout
    assert keygen("-F", "one.example").returncode == 0
    assert keygen("-H").returncode == 0
    assert keygen("-R", "one.example").returncode == 0
    left = unix.hosts.read_text()
    assert "ssh-ed25519" not in left and left.startswith("#rsa1 [127.0.0.1]:")
    # And what OpenSSH of that time wrote counts here.
    unix.hosts.write_text(left.replace("#rsa1 ", ""))
    assert "Warning: SSH version 1" in unix.run(only_1.port).stderr
    child = unix.spawn(only_1.port)
    assert child.expect_exact(["(yes/no", "Password: "]) == 1
    child.close()


def test_vtyssh_refuses_a_downgrade(unix):
    with OldServer() as far:
        unix.hosts.write_text(f"[127.0.0.1]:{far.port} {ED25519}\n")
        done = unix.run(far.port)
        assert done.returncode == 255
        assert ("127.0.0.1 is known with version 2 of the protocol, and is not "
                "connected to with version 1\n") in done.stderr
        assert "-v 1" in done.stderr and "Warning" not in done.stderr
        wait_for(lambda: far.heard is not None, "the end")
        assert b"SSH-1" not in far.heard
        # What version 2 does not have is refused before anybody is asked.
        done = unix.run(far.port, "-c", "des")
        assert done.returncode == 255 and "is known with version 2" in done.stderr


def test_vtyssh_can_be_told_to(unix, only_1):
    unix.hosts.write_text(f"[127.0.0.1]:{only_1.port} {ED25519}\n")
    child = unix.spawn(only_1.port, "-v", "1")
    child.expect_exact("keys of version 2 are known, but none of version 1")
    assert "Warning" not in child.before.decode()
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("no")
    child.expect(pexpect.EOF)


def test_vtyssh_knows_another_key(unix, only_1):
    unix.hosts.write_text(f"#rsa1 [127.0.0.1]:{only_1.port} 1024 35 "
                          f"{10 ** 300 + 1}\n")
    done = unix.run(only_1.port)
    assert done.returncode == 255
    assert "THE HOST KEY OF 127.0.0.1 HAS CHANGED" in done.stderr
    assert "line 1" in done.stderr and "remove that line" in done.stderr
