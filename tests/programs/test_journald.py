"""systemd's journal: what a router tells it whose standard error goes there.
Debian's systemd-journald runs by itself, in a mount namespace of the test's."""
import ctypes
import json
import os
import re
import signal
import socket
import subprocess

import pytest

from router import CONFIG, Router, wait_for
from session import Session

JOURNALD = "/lib/systemd/systemd-journald"
CLONE_NEWNS = 0x00020000
LIBC = ctypes.CDLL(None, use_errno=True)


def is_possible():
    return os.geteuid() == 0 and os.path.exists(JOURNALD) and \
        subprocess.run(["unshare", "-m", "true"],
                       capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(
    not is_possible(),
    reason="takes root, a mount namespace and systemd-journald")


class Journal:
    """systemd-journald with a /run of its own, which is seen from outside."""

    def __init__(self, directory):
        self.run = directory / "run"
        (self.run / "systemd/journal").mkdir(parents=True)
        (self.run / "log/journal").mkdir(parents=True)

    def __enter__(self):
        self.process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c",
             "mount --make-rprivate / && mount --bind \"$1\" /run && "
             "exec \"$2\"", "sh", str(self.run), JOURNALD],
            stderr=subprocess.DEVNULL)
        wait_for(lambda: (self.run / "systemd/journal/stdout").exists(),
                 "systemd-journald")
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait(60)

    def enter(self):
        """Into its mount namespace; in a process that has been forked."""
        space = os.open(f"/proc/{self.process.pid}/ns/mnt", os.O_RDONLY)
        assert LIBC.setns(space, CLONE_NEWNS) == 0
        os.close(space)

    def entries(self):
        text = subprocess.run(
            ["journalctl", "-q", "-o", "json", "--no-pager", "-D",
             str(self.run / "log/journal")], capture_output=True,
            text=True).stdout
        return [json.loads(line) for line in text.splitlines()]


class JournalRouter(Router):
    """Its standard error is a stream of the journal's, as systemd makes it."""

    def __init__(self, journal, directory, **options):
        self.journal = journal
        self.stream = socket.socket(socket.AF_UNIX)
        about = os.fstat(self.stream.fileno())
        super().__init__(
            directory, preexec=self.join, environment={
                "JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"}, **options)

    def join(self):
        self.journal.enter()
        self.stream.connect("/run/systemd/journal/stdout")
        # Identifier, unit, priority; prefixes; not to be forwarded.
        self.stream.sendall(b"vtyd\n\n6\n1\n0\n0\n0\n")
        os.dup2(self.stream.fileno(), 2)

    def own(self):
        return [entry for entry in self.journal.entries()
                if entry.get("_PID") == str(self.pid)]

    def log(self):
        return "".join(f"{entry['MESSAGE']}\n" for entry in self.own())

    def find(self, mnemonic, **fields):
        return [entry for entry in self.own()
                if entry.get("VTYD_MNEMONIC") == mnemonic
                and all(entry.get(name) == value
                        for name, value in fields.items())]


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    with Journal(tmp_path_factory.mktemp("journal")) as journal:
        yield journal


@pytest.fixture(scope="module")
def router(journal, tmp_path_factory):
    config = CONFIG + "hostname R1\nlogin on-success log\n" \
        "ip ssh logging events\nlogging facility local3\n"
    with JournalRouter(journal, tmp_path_factory.mktemp("router"),
                       config=config, keys=("ed25519",)) as router:
        yield router


def test_an_entry_is_a_record_with_fields(router):
    entry, = wait_for(lambda: router.find("ENABLED"), "ENABLED")
    assert entry["MESSAGE"] == "%SSH-5-ENABLED: SSH 2.0 has been enabled"
    assert entry["PRIORITY"] == "5"
    assert entry["SYSLOG_FACILITY"] == "19"
    assert entry["SYSLOG_IDENTIFIER"] == "vtyd"
    assert entry["VTYD_FACILITY"] == "SSH"
    assert entry["_TRANSPORT"] == "journal"
    assert not {"VTYD_SESSION", "VTYD_USER", "VTYD_SOURCE"} & set(entry)


def test_several_lines_are_one_entry(router):
    entry, = wait_for(lambda: router.find("RESTART"), "RESTART")
    assert re.match(r"%SYS-5-RESTART: System restarted --\n\w.*\n",
                    entry["MESSAGE"])


def test_a_session_is_followed_by_its_fields(router):
    with Session(router, enable="cisco") as session:
        session.configure("hostname R1")
        configured = wait_for(lambda: router.find("CONFIG_I"), "CONFIG_I")[-1]
    assert configured["VTYD_USER"] == "lab"
    assert configured["VTYD_SOURCE"] == "127.0.0.1"
    number = configured["VTYD_SESSION"]
    for mnemonic in ("SSH2_SESSION", "SSH2_USERAUTH", "LOGIN_SUCCESS",
                     "SSH2_CLOSE"):
        found = wait_for(
            lambda: router.find(mnemonic, VTYD_SESSION=number), mnemonic)
        assert len(found) == 1
        assert found[0]["VTYD_SOURCE"] == "127.0.0.1"
        # Nobody has said who he is when keys are exchanged.
        assert found[0].get("VTYD_USER") == \
            (None if mnemonic == "SSH2_SESSION" else "lab")
    with Session(router, enable="cisco") as session:
        session.configure("hostname R1")
        wait_for(lambda: len({entry["VTYD_SESSION"] for entry
                              in router.find("CONFIG_I")}) == 2, "another")


def test_nothing_comes_twice(router):
    numbers = [int(entry["VTYD_SEQUENCE"]) for entry in router.own()
               if "VTYD_SEQUENCE" in entry]
    assert numbers == list(range(1, len(numbers) + 1))
    assert not [entry for entry in router.own()
                if entry["_TRANSPORT"] == "stdout"]


def test_a_journal_that_does_not_read_stops_nobody(router, journal):
    os.kill(journal.process.pid, signal.SIGSTOP)
    try:
        with Session(router, enable="cisco") as session:
            for _ in range(300):
                session.configure("hostname R1")
    finally:
        os.kill(journal.process.pid, signal.SIGCONT)
    assert router.process.poll() is None
