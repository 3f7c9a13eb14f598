"""Conversations of tools that Debian does not have, line by line."""
import os
import re
import socket
import time
import warnings

import conversations
import pexpect
import pytest
from router import CONFIG, Router, wait_for
from session import Session

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

NAME, FILE = "Core-1", "merge_config.txt"
SECONDS = 60


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG + f"hostname {NAME}\n",
                keys=("ed25519", "rsa")) as one:
        (one.state / "flash" / FILE).write_text(
            "access-list 18 permit 192.0.2.18\n")
        yield one


def flags(letters):
    return sum({"m": re.M, "i": re.I}[each] for each in letters)


class Paramiko:
    """A shell over paramiko, by the method password, never by
    keyboard-interactive (section 2)."""

    def __init__(self, router, conversation):
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        self.client.connect("127.0.0.1", router.port, "lab", "lab",
                            look_for_keys=False, allow_agent=False,
                            banner_timeout=60, auth_timeout=60)
        self.channel = self.client.invoke_shell(
            conversation.terminal, conversation.columns, conversation.rows)

    def send(self, text):
        self.channel.sendall(text)

    def receive(self, seconds):
        """Bytes; none at the end, or when none came in that time."""
        self.channel.settimeout(seconds)
        try:
            return self.channel.recv(65536)
        except socket.timeout:
            return b""

    def end(self):
        """The exit status, once the channel is closed."""
        status = self.channel.recv_exit_status()
        while self.receive(SECONDS):
            pass
        # Both ends of it: an EOF alone hangs Oxidized.
        wait_for(lambda: self.channel.closed, "CLOSE")
        return status

    def close(self):
        self.client.close()


class System:
    """A shell over the real ssh, on a terminal of its own."""

    def __init__(self, router, conversation):
        self.screen = pexpect.spawn(
            "ssh", ["-oStrictHostKeyChecking=no", "-oLogLevel=ERROR",
                    "-oUserKnownHostsFile=/dev/null", "-tt",
                    "-oPubkeyAuthentication=no", "-p", str(router.port),
                    "lab@127.0.0.1"], echo=False,
            dimensions=(conversation.rows, conversation.columns),
            env={**os.environ, "TERM": conversation.terminal})
        self.screen.delaybeforesend = None
        self.screen.expect("(?i)password:", timeout=SECONDS)
        self.screen.send("lab\n")

    def send(self, text):
        self.screen.send(text)

    def receive(self, seconds):
        try:
            return self.screen.read_nonblocking(65536, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b""

    def end(self):
        self.screen.expect(pexpect.EOF, timeout=SECONDS)
        self.screen.wait()
        return self.screen.exitstatus

    def close(self):
        self.screen.close(force=True)


class Player:
    """Plays one conversation on a shell."""

    def __init__(self, router, conversation):
        transport = System if conversation.system else Paramiko
        self.shell = transport(router, conversation)
        self.pending = ""  # came, and nothing has been waited for in it
        self.seen = ""     # what the last Until() has read

    def fill(self, what):
        """More of what comes; nothing is more than a failure."""
        part = self.shell.receive(max(0.1, self.end - time.monotonic()))
        assert part, f"{what} did not come: {self.pending!r}"
        self.pending += part.decode()

    def play(self, step):
        words = {"name": NAME, "secret": "cisco", "file": FILE}

        def filled(text, wrap=str):
            for word, value in words.items():
                text = text.replace("{" + word + "}", wrap(value))
            return text

        self.end = time.monotonic() + SECONDS
        match step:
            case conversations.Send(text):
                self.shell.send(filled(text))
            case conversations.Type(text, enter):
                self.pending = ""
                self.shell.send(filled(text))
                while re.sub(r"[\b\s]", "", filled(text)).lower() not in \
                        re.sub(r"[\b\s]", "", self.pending).lower():
                    self.fill(f"the echo of {text!r}")
                self.shell.send(enter)
            case conversations.Until(pattern, letters):
                pattern = re.compile(filled(pattern, re.escape),
                                     flags(letters))
                while not (found := pattern.search(self.pending)):
                    self.fill(repr(pattern.pattern))
                self.seen = self.pending[:found.end()]
                self.pending = self.pending[found.end():]
            case conversations.Holds(pattern, letters):
                assert re.search(filled(pattern, re.escape), self.seen,
                                 flags(letters)), (pattern, self.seen)
            case conversations.Lacks(pattern, letters):
                assert not re.search(filled(pattern, re.escape), self.seen,
                                     flags(letters)), (pattern, self.seen)
            case conversations.Starts(text):
                behind = self.seen.partition("\r\n")[2]
                if text:
                    assert behind.startswith(text), self.seen
                else:
                    assert "\n" not in behind, self.seen
            case conversations.Closed(status):
                assert self.shell.end() == status
            case _:
                raise AssertionError(f"unknown step {step!r}")


@pytest.mark.parametrize("conversation", conversations.ALL,
                         ids=lambda each: each.name.replace(" ", "-"))
def test_conversation(router, conversation):
    if conversation.lines:
        configure(router, *conversation.lines)
    player = Player(router, conversation)
    try:
        for step in conversation.steps:
            player.play(step)
    finally:
        player.shell.close()
        if conversation.lines:
            configure(router, *("no " + each for each in conversation.lines))


def configure(router, *lines):
    with Session(router, enable="cisco") as session:
        session.configure(*lines)
