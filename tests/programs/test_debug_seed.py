"""The session of the vendor's guide, played again: `debug ip ssh` of it.

debug_ip_ssh.txt is the guide's transcript, letter by letter but for two slips
of the guide: a missing line end behind `type 21`, and a line that it had broken
for the page. The client does what the one of the transcript did, in packets of
the same sizes and, as far as the transcript shows it, the same segments.
"""
import os
import pathlib
import re

import pytest

from old_wire import OldWire
from router import KEY_COMMANDS, Router, wait_for
from session import Session
from wire import (CHANNEL_CLOSE, IGNORE, KEXINIT, SERVICE_ACCEPT,
                  SERVICE_REQUEST, USERAUTH_FAILURE, USERAUTH_SUCCESS, string,
                  u32)

TRANSCRIPT = (pathlib.Path(__file__).parent / "debug_ip_ssh.txt").read_text()

# What is not ours to repeat; everything else is compared letter by letter.
FIELDS = {
    "time stamp": (r"^\d\d:\d\d:\d\d: ", "<time>: "),
    "our software": (r"(sent protocol version id SSH-1\.99-).*", r"\1<ours>"),
    "our KEXINIT's length": (
        r"(send: len )\d+ \(includes padlen \d+\)(?=\n.*SSH2_MSG_KEXINIT sent)",
        r"\1<kexinit>"),
}

CONFIG = """\
hostname c7200-25-20
service timestamps debug uptime
enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
username lab privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip ssh server algorithm kex diffie-hellman-group1-sha1 diffie-hellman-group14-sha1
ip ssh server algorithm hostkey ssh-rsa
ip ssh server algorithm encryption aes128-cbc 3des-cbc aes192-cbc aes256-cbc
ip ssh server algorithm mac hmac-sha1 hmac-sha1-96 hmac-md5 hmac-md5-96
ip ssh server algorithm authentication password
ip ssh dh min size 1024
line con 0
line vty 0 4
 login local
 transport input ssh
"""
KEY_COMMANDS["rsa768"] = "crypto key generate rsa label test modulus 768"


def without_fields(text):
    for pattern, instead in FIELDS.values():
        text = re.sub(pattern, instead, text, flags=re.M)
    return text.splitlines()


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("seed"), CONFIG,
                keys=("rsa768",)) as router:
        yield router


class Replay:
    """One try of it; the lines that it made."""

    def __init__(self, router):
        self.router, self.start = router, len(router.log())

    def told(self):
        return re.findall(r"^\d\d:\d\d:\d\d: SSH.*$",
                          self.router.log()[self.start:], re.M)

    def wait(self, end):
        """Until a line ends so."""
        wait_for(lambda: any(line.endswith(end) for line in self.told()),
                 f"a line with {end!r}")

    def exchange(self, wire):
        """Up to keys; false: our values are not as long as they were then,
        which nobody can choose."""
        wire.identify()
        theirs = bytes([KEXINIT]) + wire.expect(KEXINIT).data
        self.wait("SSH2_MSG_KEXINIT sent")
        ours = wire.kexinit(616)
        packet = wire.seal(ours)
        assert len(packet) == 632
        wire.raw(packet[:536])
        self.wait("partial packet 8, need 624, maclen 0")
        wire.raw(packet[536:])
        self.wait("expecting SSH2_MSG_KEXDH_INIT")
        wire.segment(wire.kex_init())
        if wire.kex_reply(ours, theirs) >> 1023 == 0:
            return False
        self.wait("waiting for SSH2_MSG_NEWKEYS")
        wire.new_keys()
        return True

    def login(self, wire):
        wire.segment(bytes([SERVICE_REQUEST]) + string("ssh-userauth"))
        wire.expect(SERVICE_ACCEPT)
        wire.segment(wire.auth_request("none"))
        assert wire.expect(USERAUTH_FAILURE).string() == b"password"
        wire.segment(wire.password_request(),
                     bytes([IGNORE]) + string(os.urandom(48)))
        wire.expect(USERAUTH_SUCCESS)
        self.wait("received packet type 2")

    def shell(self, wire):
        channel = wire.open_session()
        wire.segment(
            wire.channel_request(
                channel, "pty-req", False, string("xterm") + u32(80) + u32(24)
                + u32(0) + u32(0) + string("")),
            wire.channel_request(
                channel, "x11-req", False, b"\0" + string("MIT-MAGIC-COOKIE-1")
                + string("0" * 32) + u32(0)))
        self.wait("x11-req request")
        wire.segment(wire.channel_request(channel, "shell", False))
        assert wire.until(b"#") == b"\r\n\r\nc7200-25-20#"
        for key in "exit":
            wire.data(channel, key)
            assert wire.until(key.encode()) == key.encode()
        wire.data(channel, "\r")
        wire.until(b"\r\n")
        # exit-status and EOF; the connection is closed without a word.
        while wire.receive()[0] != CHANNEL_CLOSE:
            pass

    def play(self):
        with OldWire(self.router.port) as wire:
            done = self.exchange(wire)
            if done:
                self.login(wire)
                self.shell(wire)
        wait_for(lambda: any("Session " in line for line in self.told()),
                 "the session's end")
        return done


def test_the_guides_session_is_told_line_by_line(router):
    with Session(router) as admin:  # on vty 0
        assert admin.command("debug ip ssh") == \
            "Incoming SSH debugging is on\n"
        for _ in range(30):
            replay = Replay(router)
            if replay.play():
                break
            # Its vty has to be free again.
            wait_for(lambda: " vty 1 " not in admin.command("show users"),
                     "a free vty 1")
        told = [line for line in replay.told() if "SSH2 0" not in line]
        admin.command("undebug all")
    assert without_fields("\n".join(told) + "\n") == without_fields(TRANSCRIPT)
