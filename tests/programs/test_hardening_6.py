"""Hardening, section 6: resources. Who gets a place and what runs out is in
test_listener.py and test_faults.py; here growth, forks, half-closed
connections and signals."""
import contextlib
import fcntl
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import termios
import time

import pytest

from processes import (cpu_s, descriptors, field, is_alive, rss_kib,
                       workers, workers_at_rest, zombies)
from router import Router, wait_for
from wire import (CHANNEL_SUCCESS, Closed, USERAUTH_FAILURE, Wire, string,
                  u32)


def still_serves(router):
    with Wire(router.port).login() as wire:
        assert wire.exec("show privilege")[1] == 0


def abort(wire):
    """A reset instead of an orderly end."""
    wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack("ii", 1, 0))
    wire.close()


def try_wrong(wire):
    wire.connect().service()
    wire.send(wire.password_request(password="no"))


def run_exec(wire):
    wire.login()
    channel = wire.open_session()
    wire.send(wire.channel_request(channel, "exec",
                                   data=string("show users")))


# Each leaves the connection in a state of its own.
STATES = {
    "accepted": lambda w: None,
    "identified": Wire.identify,
    "half a packet": lambda w: (w.identify(), w.raw(u32(100) + b"\x0a")),
    "proposed": lambda w: (w.identify(), w.send(w.kexinit())),
    "signing": lambda w: (w.identify(), w.send(w.kexinit()),
                          w.send(bytes([30]) + string(b"\x09" * 32))),
    "keys": Wire.connect,
    "service": lambda w: w.connect().service(),
    "judged": try_wrong,
    "logged in": Wire.login,
    "channel": lambda w: w.login().open_session(),
    "shell": lambda w: w.login().shell(),
    "asked": lambda w: w.data(w.login().shell(), "enable\n"),
    "command": run_exec,
    "re-keying": lambda w: (w.login(), w.send(w.kexinit())),
}


@pytest.mark.heavy
def test_hardening_6_2_aborts_in_each_state_leave_nothing(router_of):
    """No descriptor, zombie or memory is kept, however many there were."""
    router = router_of("", keys=("ed25519",))

    def churn(rounds):
        for n in range(rounds):
            for prepare in STATES.values():
                wire = Wire(router.port)
                prepare(wire)
                if n % 2:
                    abort(wire)
                else:
                    wire.close()
        wait_for(lambda: not workers(router), "the end of all workers")

    churn(8)
    wait_for(lambda: len(router.children()) == 3, "the old nurseries' end")
    before = descriptors(router.pid), rss_kib(router.pid)
    helpers = {pid: rss_kib(pid) for role in ("vtyd-signer", "vtyd-aaa")
               for pid in router.children(role)}
    churn(25)
    wait_for(lambda: len(router.children()) == 3, "the old nurseries' end")
    wait_for(lambda: descriptors(router.pid) <= before[0], "all descriptors")
    wait_for(lambda: not zombies(router), "the end of zombies")
    assert rss_kib(router.pid) < before[1] + 512
    for pid, size in helpers.items():
        assert rss_kib(pid) < size + 512
    still_serves(router)


@pytest.mark.parametrize("state", STATES)
def test_hardening_6_3_half_closed(router, state):
    """The client's FIN is the end of its input: the worker goes, says no
    more than was due, and it is no breach of the protocol."""
    before = workers_at_rest(router)
    lines = router.log()
    with Wire(router.port) as wire:
        STATES[state](wire)
        wire.socket.shutdown(socket.SHUT_WR)
        wire.rest()
        wait_for(lambda: workers(router) <= before, "the worker's end")
    news = router.log()[len(lines):]
    assert "WORKER" not in news and "PROTOCOL" not in news, news
    still_serves(router)


class Counting(Wire):
    """It knows how many bytes have come, and how many wait."""

    taken = 0

    def _take(self, count):
        self.taken += count
        return super()._take(count)

    def waiting(self):
        return len(self.pending) + struct.unpack("i", fcntl.ioctl(
            self.socket, termios.FIONREAD, bytes(4)))[0]


def test_hardening_6_3_output_that_was_due_comes_after_a_fin(router):
    """An answer that was made before the FIN is not lost to it."""
    with Counting(router.port).login() as wire:
        def ask(number):
            channel = wire.open_session(number)
            wire.send(wire.channel_request(channel, "exec",
                                           data=string("show privilege")))
            wire.expect(CHANNEL_SUCCESS)
            return channel
        channel, before = ask(0), wire.taken
        wire.until_close(channel)
        length = wire.taken - before
        ask(1)
        wait_for(lambda: wire.waiting() >= length, "all of an answer")
        wire.socket.shutdown(socket.SHUT_WR)
        numbers = []
        try:
            while True:
                numbers.append(wire.receive()[0])
        except Closed:
            pass
        assert 94 in numbers and 97 in numbers


def process_limit(pid):
    """The soft limit, as prlimit(1) takes it."""
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    return re.search(r"^Max processes\s+(\S+)", limits, re.M).group(1)


def limit_processes(pid, soft):
    """As the user of that process: only he may without further rights."""
    how = {}
    if os.geteuid() == 0:
        how = {"user": int(field(pid, "Uid")[0]),
               "group": int(field(pid, "Gid")[0]), "extra_groups": []}
    subprocess.run(["prlimit", "--pid", str(pid), f"--nproc={soft}:"],
                   check=True, **how)


def test_hardening_6_2_no_process_can_be_forked():
    """The nursery's limit is reached: told once, survived, and the next login
    works when there is room again."""
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).login() as session:
            nursery = router.children("vtyd-nursery")[0]
            before = process_limit(nursery)
            limit_processes(nursery, "0")
            for _ in range(50):
                with Wire(router.port) as wire:
                    assert wire.rest() == b""
            router.wait_log("%SYS-2-FORK")
            assert router.log().count("%SYS-2-FORK") <= 30
            assert session.exec("show privilege")[1] == 0
            limit_processes(nursery, before)
            still_serves(router)
            wait_for(lambda: len(workers(router)) == 1 and not zombies(router),
                     "the end of others")
            assert session.exec("show users", 1)[0].count(b" vty ") == 1


def test_hardening_6_2_a_nursery_that_hangs_is_not_waited_for():
    """Connections wait for it, those who are in do not."""
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).login() as session:
            nursery = router.children("vtyd-nursery")[0]
            os.kill(nursery, signal.SIGSTOP)
            waiting = [Wire(router.port) for _ in range(20)]
            time.sleep(0.2)
            assert session.exec("show privilege")[1] == 0
            os.kill(nursery, signal.SIGCONT)
            for wire in waiting:
                assert wire.identify().startswith(b"SSH-2.0-vtyd")
                wire.close()
            still_serves(router)


@pytest.mark.heavy
def test_hardening_6_3_the_login_deadline_of_many_at_once(router_of):
    """A hundred at the same instant, in the middle of logins of others."""
    router = router_of("ip ssh time-out 6\nip ssh maxstartups 200\n"
                       "line vty 0 199\n login local\n transport input ssh\n",
                       keys=("ed25519",))
    crowd = [Wire(router.port, source="127.0.0.88") for _ in range(100)]
    for n, wire in enumerate(crowd):
        if n % 2:
            wire.identify()
    begin = time.monotonic()
    while time.monotonic() - begin < 6.5:
        still_serves(router)
        time.sleep(0.2)
    for wire in crowd:
        wire.rest()
        wire.close()
    wait_for(lambda: not workers(router), "the end of all")
    assert router.log().count("%SYS-2") == 0


def test_hardening_6_3_storms_of_signals(router):
    workers_at_rest(router)
    with Wire(router.port).login() as session:
        spent = cpu_s(router.pid)
        for pid in [router.pid, *router.children()]:
            # A nursery may be replaced meanwhile.
            with contextlib.suppress(ProcessLookupError):
                for _ in range(2000):
                    os.kill(pid, signal.SIGCHLD)
                    os.kill(pid, signal.SIGPIPE)
        for role in ("vtyd-signer", "vtyd-aaa", "vtyd-nursery",
                     "vtyd-worker: server"):
            for pid in router.children(role):
                os.kill(pid, signal.SIGHUP)
                os.kill(pid, signal.SIGINT)
                assert is_alive(pid)
        assert session.exec("show privilege")[1] == 0
        assert cpu_s(router.pid) - spent < 1
    still_serves(router)


def test_hardening_6_2_unread_answers_to_failed_tries(router):
    """A crowd that asks and never listens to the answer."""
    crowd = []
    for n in range(20):
        wire = Wire(router.port, source="127.0.0.90").connect().service()
        for _ in range(5):
            wire.send(wire.password_request(f"user{n}", "x" * 200))
        crowd.append(wire)
    still_serves(router)
    for wire in crowd:
        wire.expect(USERAUTH_FAILURE)
        abort(wire)
