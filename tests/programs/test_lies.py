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
    """A router whose workers run `say`, the text of a Python function body."""

    def __init__(self, directory, say):
        programs = directory / "programs"
        programs.mkdir()
        for name in ("vtyd", "vtyd-signer", "vtyd-aaa"):
            shutil.copy(BUILD / "src" / name, programs / name)
        self.worker = programs / "vtyd-worker"
        body = "\n".join("    " + line for line in say.splitlines())
        self.worker.write_text(
            f"#!{PYTHON}\nimport sys\nsys.path.insert(0, {PROGRAMS!r})\n"
            f"import liar, os, messages, time\n"
            f"def say(pipe):\n{body or '    pass'}\n"
            f"liar.nursery({'None' if not say else 'say'})\n")
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


def assert_killed(router, why):
    with socket.create_connection(("127.0.0.1", router.port), 10) as peer:
        peer.settimeout(10)
        router.wait_log(rf"Worker of vty \d+ \(127\.0\.0\.1\) is killed: {why}")
        try:
            assert peer.recv(100) == b""
        except ConnectionResetError:
            pass


@pytest.fixture
def liar(tmp_path):
    running = []

    def start(say):
        router = LyingRouter(tmp_path, say)
        running.append(router)
        return router.start()
    yield start
    for router in running:
        router.stop()


@pytest.mark.parametrize("name", [name for name in MESSAGES
                                  if name not in HARMLESS])
def test_no_message_has_an_effect_before_there_are_keys(liar, name):
    router = liar(f"pipe.send({name!r})")
    assert_killed(router, "it sent a message that")
    router.be_honest()


EXCHANGE = f"""\
pipe.send("SIGN", method="ssh-ed25519", hash=2, before={BEFORE!r},
          after={AFTER!r})
reply = pipe.until("SIGN_REPLY")
assert reply["hash"]
pipe.send("KEYS", kex="curve25519-sha256")
"""


@pytest.mark.parametrize("name", [name for name in MESSAGES if name not in
                                  HARMLESS | {"KEYS", "AUTH_TRY"}])
def test_no_shell_before_login(liar, name):
    router = liar(EXCHANGE + f"pipe.send({name!r})")
    assert_killed(router, "it sent a message that")
    router.be_honest()


@pytest.mark.parametrize("say,why", [
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
    # An answer to nothing.
    ('pipe.send("AUTH_ANSWER", count=1)',
     "it sent a message that makes no sense"),
    # A key that was never offered.
    ('pipe.send("SIGN", method="ssh-ed25519", host_key=7)',
     "it sent a message that makes no sense"),
])
def test_lies_about_the_login(liar, say, why):
    router = liar(EXCHANGE + say)
    assert_killed(router, why)
    router.be_honest()


@pytest.mark.parametrize("channel", [8, 0x7fffffff, 0xffffffff])
@pytest.mark.parametrize("name", ["SHELL", "EXEC", "LINE", "ANSWER", "WINDOW",
                                  "INTERRUPT", "IDLE", "CHANNEL_END",
                                  "DETACHED", "LINE_HELP", "ACTIVITY"])
def test_lies_of_a_user_about_channels(liar, name, channel):
    """Somebody logged in takes over his worker and invents channels."""
    router = liar(EXCHANGE + f"""\
pipe.send("AUTH_TRY", method=1, user="lab", password="lab")
assert pipe.until("AUTH_RESULT")["verdict"] == 0
pipe.send({name!r}, channel={channel})
time.sleep(0.3)
os._exit(0)
""")
    with socket.create_connection(("127.0.0.1", router.port), 10) as peer:
        assert peer.recv(100) == b""
    router.be_honest()


@pytest.mark.parametrize("say", [
    "pipe.raw(b'\\xff')", "pipe.raw(b'\\0')", "pipe.raw(b'x' * 65536)",
    "pipe.raw(messages.encode('REPORT', line='x') + b'x')",
    "pipe.raw(messages.encode('REPORT', line='x')[:-1])",
    "pipe.raw(messages.encode('REPORT', line=b'a\\0b'))",
], ids=["unknown", "none", "long", "trailing", "cut", "nul"])
def test_a_message_without_form_is_death(liar, say):
    router = liar(say)
    assert_killed(router, "a message cannot be decoded")
    router.be_honest()


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
    router = liar("")
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", router.port), 10) as peer:
            peer.settimeout(10)
            try:
                assert peer.recv(100) == b""
            except ConnectionResetError:
                pass
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
    with socket.create_connection(("127.0.0.1", router.port), 20) as peer:
        peer.settimeout(20)
        try:
            assert peer.recv(100) == b""
        except ConnectionResetError:
            pass
    assert 4 < time.monotonic() - begin < 10
    router.be_honest()
