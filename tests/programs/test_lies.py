"""A broken worker cannot grant itself anything: one that lies in each message
type, and one that breaks the form of messages."""
import os
import re
import shutil
import signal
import socket
import time

import pytest

from messages import MESSAGES
from router import BUILD, Router, wait_for
from wire import Closed, Wire, string

PROGRAMS = os.path.dirname(os.path.abspath(__file__))
PYTHON = "/usr/bin/python3"

# What a worker may send before there are keys; SIGN is looked at by itself.
HARMLESS = {"SIGN", "REPORT", "ENDED"}

# A key exchange that a signer must take for one: V_C, V_S, I_C, I_S before
# the host key's blob, and something like e, f, K behind it.
BEFORE = (string("SSH-2.0-liar") + string("SSH-2.0-vtyd") + string(b"\x14" * 80)
          + string(b"\x14" * 80))
AFTER = string(b"e" * 32) + string(b"f" * 32) + string(b"\x01" * 32)


class LyingRouter(Router):
    """A router whose workers run `says`, one after the other: bodies of Python
    functions that have a pipe to control."""

    def __init__(self, directory, *says):
        programs = directory / "programs"
        programs.mkdir()
        for name in ("vtyd", "vtyd-signer", "vtyd-aaa"):
            shutil.copy(BUILD / "src" / name, programs / name)
        self.worker = programs / "vtyd-worker"
        functions = "".join(
            f"def say_{n}(pipe):\n"
            + "".join(f"    {line}\n" for line in say.splitlines())
            for n, say in enumerate(says))
        names = ", ".join(f"say_{n}" for n in range(len(says)))
        self.worker.write_text(
            f"#!{PYTHON}\nimport sys\nsys.path.insert(0, {PROGRAMS!r})\n"
            f"import liar, os, messages, time\n{functions}"
            f"liar.nursery([{names}])\n")
        self.worker.chmod(0o755)
        super().__init__(directory, keys=("ed25519",),
                         program=programs / "vtyd")

    def be_honest(self):
        """The real worker takes over; a login works, and nobody else is in."""
        replacement = self.worker.with_suffix(".new")
        shutil.copy(BUILD / "src" / "vtyd-worker", replacement)
        liars = self.children("vtyd-worker")
        os.replace(replacement, self.worker)
        for pid in liars:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

        def alone():
            try:
                with Wire(self.port).login() as wire:
                    users = wire.exec("show users")[0]
                    return users.count(b"vty") == 1
            except (OSError, AssertionError, Closed):
                return False
        wait_for(alone, "an honest login")


def ends(router):
    """The next connection gets nothing but its end, which is when its worker
    was killed: no liar ends by itself."""
    with socket.create_connection(("127.0.0.1", router.port), 60) as peer:
        peer.settimeout(60)
        try:
            return peer.recv(100) == b""
        except ConnectionResetError:
            return True


def assert_killed(router, why):
    assert ends(router)
    router.wait_log(rf"Worker of vty \d+ \(127\.0\.0\.1\) is killed: {why}")


@pytest.fixture
def liar(tmp_path):
    running = []

    def start(*says):
        router = LyingRouter(tmp_path, *says)
        running.append(router)
        return router.start()
    yield start
    for router in running:
        router.stop()


def test_no_message_has_an_effect_before_there_are_keys(liar):
    names = [name for name in MESSAGES if name not in HARMLESS]
    router = liar(*(f"pipe.send({name!r})" for name in names))
    for name in names:
        assert ends(router), name
    assert router.log().count("is killed: it sent a message that") >= 5
    router.be_honest()


EXCHANGE = f"""\
pipe.send("SIGN", method="ssh-ed25519", hash=2, before={BEFORE!r},
          after={AFTER!r})
reply = pipe.until("SIGN_REPLY")
assert reply["hash"]
pipe.send("KEYS", kex="curve25519-sha256")
"""


def test_no_shell_before_login(liar):
    names = [name for name in MESSAGES
             if name not in HARMLESS | {"KEYS", "AUTH_TRY"}]
    router = liar(*(EXCHANGE + f"pipe.send({name!r})" for name in names))
    for name in names:
        assert ends(router), name
    router.be_honest()


def test_lies_about_the_login(liar):
    lies = [
        # A shell right behind a wrong proof, before or after its answer.
        ('pipe.send("AUTH_TRY", method=1, user="lab", password="wrong")\n'
         'pipe.send("SHELL")', "it sent a message that it may not send now"),
        ('pipe.send("AUTH_TRY", method=1, user="lab", password="wrong")\n'
         'assert pipe.until("AUTH_RESULT")["verdict"] == 1\n'
         'pipe.send("EXEC", command="show users")',
         "it sent a message that it may not send now"),
        # Two proofs at once.
        ('pipe.send("AUTH_TRY", method=1, user="lab", password="a")\n'
         'pipe.send("AUTH_TRY", method=1, user="lab", password="b")',
         "it sent a message that makes no sense"),
        # An answer to nothing; a key that was never offered.
        ('pipe.send("AUTH_ANSWER", count=1)',
         "it sent a message that makes no sense"),
        ('pipe.send("SIGN", method="ssh-ed25519", host_key=7)',
         "it sent a message that makes no sense"),
    ]
    router = liar(*(EXCHANGE + say for say, _ in lies))
    for _, why in lies:
        assert_killed(router, why)
    router.be_honest()


def test_lies_of_a_user_about_channels(liar):
    """Somebody logged in takes over his worker and invents channels: some may
    have been there a moment ago, so not all of it is death; but no harm."""
    lies = [(name, channel) for channel in (8, 0x7fffffff, 0xffffffff)
            for name in ("SHELL", "EXEC", "LINE", "ANSWER", "WINDOW",
                         "INTERRUPT", "IDLE", "DETACHED", "LINE_HELP",
                         "ACTIVITY")]
    router = liar(*(EXCHANGE + f"""\
pipe.send("AUTH_TRY", method=1, user="lab", password="lab")
assert pipe.until("AUTH_RESULT")["verdict"] == 0
pipe.send({name!r}, channel={channel})
time.sleep(0.05)
os._exit(0)
""" for name, channel in lies))
    for lie in lies:
        assert ends(router), lie
    router.be_honest()


def test_a_message_without_form_is_death(liar):
    router = liar("pipe.raw(b'\\xff')", "pipe.raw(b'\\0')",
                  "pipe.raw(b'x' * 65536)",
                  "pipe.raw(messages.encode('REPORT', line='x') + b'x')",
                  "pipe.raw(messages.encode('REPORT', line='x')[:-1])",
                  "pipe.raw(messages.encode('REPORT', line=b'a\\0b'))")
    for _ in range(6):
        assert_killed(router, "a message cannot be decoded")
    router.be_honest()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look")
def test_a_descriptor_is_not_taken(liar):
    router = liar("pipe.raw(messages.encode('REPORT', line='x'), [0])")
    before = len(os.listdir(f"/proc/{router.pid}/fd"))
    assert_killed(router, "it sent a descriptor")
    wait_for(lambda: len(os.listdir(f"/proc/{router.pid}/fd")) <= before,
             "the descriptor's end")
    router.be_honest()


def test_a_signer_signs_nothing_but_an_exchange(liar):
    """What does not look like V_C, V_S, I_C, I_S gets no signature."""
    router = liar("""\
for before in (b"", b"data to be signed", b"\\0\\0\\0\\x04root" * 4):
    pipe.send("SIGN", method="ssh-ed25519", hash=2, before=before, after=b"x")
    reply = pipe.until("SIGN_REPLY")
    pipe.send("REPORT", level=5,
              line="signed" if reply["signature"] else "refused")
""")
    with socket.create_connection(("127.0.0.1", router.port), 10):
        wait_for(lambda: router.log().count("line 1: refused") == 3,
                 "three refusals")
    assert "line 1: signed" not in router.log()
    router.be_honest()


def test_a_report_full_of_escapes_is_logged_sanitised(liar):
    router = liar("pipe.send('REPORT', level=3, "
                  "line=b'\\x1b[2J\\r\\n*Nov 22 00:00:00.000: %SYS-0-FORGED')")
    with socket.create_connection(("127.0.0.1", router.port), 10):
        router.wait_log(r"\\x1b\[2J\\x0d\\x0a")
    assert not re.search(r"^\S+ +\d+ \S+ %SYS-0-FORGED", router.log(), re.M)
    router.be_honest()


def test_a_nursery_that_cannot_fork_is_told_and_survived(liar):
    router = liar()
    for _ in range(3):
        assert ends(router)
    router.wait_log("%SYS-2-FORK: No worker could be started")
    router.be_honest()


def test_a_worker_that_reads_nothing_is_ended(liar):
    """Help for a line, again and again, and its answers are never read."""
    router = liar(EXCHANGE + """\
pipe.send("AUTH_TRY", method=1, user="lab", password="lab")
assert pipe.until("AUTH_RESULT")["verdict"] == 0
pipe.send("SHELL", channel=0, pty=True)
while True:
    pipe.send("LINE_HELP", channel=0, text="show ")
""")
    with socket.create_connection(("127.0.0.1", router.port), 10):
        router.wait_log("is killed: it does not read what it is sent", 60)
    router.be_honest()


def test_a_worker_that_closes_its_pipe_and_stays_is_killed(liar):
    router = liar("pipe.socket.close()\ntime.sleep(1000)")
    begin = time.monotonic()
    assert ends(router)
    assert time.monotonic() - begin > 4
    router.be_honest()
