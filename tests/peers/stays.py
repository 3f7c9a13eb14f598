"""Sessions of five kinds that stay until they are ended, each behind a relay
that counts its octets: OpenSSH's shell and exec, scp's protocol over OpenSSH,
version 1 with ssh1, and a user on a serial line."""
import os
import time

import openssh
import test_version_1
from reverse_ssh import Peer, Port
from wire import CHANNEL_SUCCESS, KEXINIT, Wire, string

USER, PASSWORD = "ops", "lab"
KINDS = ("shell", "exec", "scp", "version-1", "reverse")
EXEC = "delete flash:nothing"  # it asks, and waits for the answer
SCP = "scp -t flash:up"
ASKS = b"Delete filename [nothing]? "


class Stay:
    """`kind`, by a relay from `source`; there when the constructor returns."""

    def __init__(self, kind, relay, home, device, line=1):
        """`device`: the far end of that line, for the kind that goes there."""
        self.kind, self.relay, self.device = kind, relay, device
        self.user = USER + (f":{line}" if kind == "reverse" else "")
        self.begin(home)
        self.there = time.monotonic()

    def begin(self, home):
        self.client = Peer(*self.program(home))
        self.wait_until_there()

    def program(self, home):
        if self.kind == "version-1":
            return (["ssh1", *test_version_1.options(Port(self.relay.port)),
                     "-tt", "-l", USER, "127.0.0.1"],
                    test_version_1.environment(home, PASSWORD))
        options = ["-tt"] if self.kind in ("shell", "reverse") else []
        arguments = openssh.arguments(Port(self.relay.port), *options,
                                      user=self.user)
        command = {"exec": [EXEC], "scp": [SCP]}.get(self.kind, [])
        return arguments + command, openssh.environment(PASSWORD)

    def wait_until_there(self):
        if self.kind == "reverse":
            self.client.type(b"ready")
            self.greet()
        self.client.wait_for({"exec": ASKS, "scp": b"\0",
                              "reverse": b"hello"}.get(self.kind, b"#"))

    def greet(self):
        """What is typed arrives: so does what the device says."""
        self.device.read(b"ready")
        self.device.say(b"hello")

    def log_out(self):
        """What the user came for is done."""
        if self.kind in ("shell", "version-1"):
            self.client.type(b"logout\r")
        elif self.kind == "exec":
            self.client.type(b"\n")
            self.client.type(b"\n")
        elif self.kind == "scp":
            self.client.type(b"C0644 1 x\n")
            self.client.wait_for(b"\0")
            self.client.type(b"a\0")
            self.client.wait_for(b"\0")
            self.client.process.stdin.close()
        else:
            self.client.type(b"\r~.")

    def exit(self):
        """`exit`, the end of the input, or a device that hangs up."""
        if self.kind in ("shell", "version-1"):
            self.client.type(b"exit\r")
        elif self.kind == "reverse":
            self.device.close()
        else:
            self.client.process.stdin.close()

    def kill(self):
        self.client.process.kill()

    def clean_up(self):
        self.client.process.kill()
        self.client.process.stdin = None
        self.client.process.communicate(timeout=60)


class WireStay(Stay):
    """By a client that can do what none does."""

    def begin(self, home):
        self.wire = Wire(self.relay.port)
        self.wire.login(self.user, PASSWORD)
        channel = self.wire.open_session()
        command = {"exec": EXEC, "scp": SCP}.get(self.kind)
        self.wire.send(self.wire.channel_request(
            channel, "exec" if command else "shell",
            data=string(command) if command else b""))
        self.wire.expect(CHANNEL_SUCCESS)
        if self.kind == "reverse":
            self.wire.data(channel, b"ready")
            self.greet()
        self.wire.until({"exec": ASKS, "scp": b"\0",
                         "reverse": b"hello"}.get(self.kind, b"#"))

    def break_keys(self):
        """A second key exchange begins with a list of names that has no end."""
        self.wire.send(bytes([KEXINIT]) + os.urandom(16) + b"\0\0\xff\xff")

    def clean_up(self):
        self.wire.close()


class Stranger(WireStay):
    """Who has keys, and no user."""

    def __init__(self, relay):
        self.kind, self.relay = "stranger", relay
        self.wire = Wire(relay.port).connect()
        self.there = time.monotonic()
