"""What each process may do, and what it is when it dies.

Names, users, filters and the deaths of helpers are in test_service.py and
test_faults.py.
"""
import os
import pathlib
import re
import signal
import subprocess
import time

import pytest

from processes import (CRASH, SANITIZED, field, is_alive, workers,
                       workers_at_rest)
from router import Router, wait_for
from wire import KEXINIT, Wire

ROLES = ("vtyd-signer", "vtyd-aaa", "vtyd-nursery", "vtyd-worker: server")
MIB = 1024 * 1024


@pytest.fixture
def roles(router):
    """One process of each role, while somebody is logged in."""
    workers_at_rest(router)
    with Wire(router.port).login() as wire:
        wire.shell()
        yield {role: router.children(role)[0] for role in ROLES}


def limit(pid, name):
    text = pathlib.Path(f"/proc/{pid}/limits").read_text()
    return re.search(rf"^{name}\s+(\S+)\s+(\S+)", text, re.M).groups()


def test_hardening_10_9_no_core_is_ever_written(router, roles):
    for pid in [router.pid, *roles.values()]:
        assert limit(pid, "Max core file size") == ("0", "0")


def as_user_of(pid, *command):
    """Run it as the user of that process, who is not root."""
    how = {}
    if os.geteuid() == 0:
        how = {"user": int(field(pid, "Uid")[0]),
               "group": int(field(pid, "Gid")[0]), "extra_groups": []}
    return subprocess.run(command, capture_output=True, **how)


def test_hardening_10_9_nobody_looks_into_a_process(router, roles):
    """Not dumpable: not even its own user reads its memory, or traces it."""
    for role, pid in roles.items():
        for name in ("mem", "maps", "environ", "auxv"):
            result = as_user_of(pid, "cat", f"/proc/{pid}/{name}")
            assert result.returncode != 0, (role, name)
            assert result.stdout == b""
    if os.geteuid() != 0:
        assert as_user_of(router.pid, "cat",
                          f"/proc/{router.pid}/environ").returncode != 0


def test_hardening_12_3_limits_of_a_worker(roles):
    worker = roles["vtyd-worker: server"]
    assert limit(worker, "Max open files") == ("320", "320")
    assert limit(worker, "Max processes") == ("0", "0")
    if not SANITIZED:
        assert limit(worker, "Max address space") == (str(256 * MIB),) * 2


def test_hardening_12_2_no_process_has_rights_but_control(router, roles):
    for role, pid in roles.items():
        assert field(pid, "NoNewPrivs") == ["1"]
        assert field(pid, "Seccomp") == ["2"]
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            assert int(field(pid, name)[0], 16) == 0 or \
                os.geteuid() != 0, (role, name)
    assert field(router.pid, "NoNewPrivs") == ["1"]
    assert field(router.pid, "Seccomp") == ["2"]


def test_hardening_12_2_each_has_the_descriptors_it_needs(roles):
    """A pipe to control and, for a worker, its connection; for aaa what its
    loop waits with. No socket of the network, no file of keys."""
    if os.geteuid() != 0:
        pytest.skip("looks into processes that are not dumpable")
    for role, pid in roles.items():
        kinds = {}
        for name in os.listdir(f"/proc/{pid}/fd"):
            target = os.readlink(f"/proc/{pid}/fd/{name}")
            kinds[int(name)] = target
        above = {number: target for number, target in kinds.items()
                 if number > 2}
        sockets = [target for target in above.values()
                   if target.startswith("socket:")]
        assert len(sockets) == (2 if "worker" in role else 1), (role, kinds)
        if role != "vtyd-aaa":
            assert len(above) == len(sockets), (role, kinds)
        assert not any("keys" in target or "startup" in target
                       for target in kinds.values())


def test_hardening_10_9_no_secret_among_arguments_or_environment(roles):
    for role, pid in roles.items():
        if os.geteuid() == 0:
            text = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            assert len(text.strip(b"\0 ")) < 80, (role, text)
        text = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        assert len(text.strip(b"\0 ")) < 40


@pytest.mark.parametrize("role", ROLES[:3])
@pytest.mark.parametrize("number", [CRASH, signal.SIGSYS, signal.SIGKILL])
def test_hardening_12_5_a_helper_that_crashes(router, role, number):
    """Told, started again; a session that works meanwhile works on."""
    with Wire(router.port).login() as session:
        channel = session.shell()
        old = router.children(role)[0]
        os.kill(old, number)
        session.data(channel, "show privilege\n")
        assert b"level is 1" in session.until(b">")
        wait_for(lambda: set(router.children(role)) - {old}, "a new one")
        router.wait_log(rf"(vtyd-\w+ \(process {old}\)|Nursery {old}) ended "
                        rf"with signal {int(number)} ")
        assert not is_alive(old)

        def works():
            try:
                with Wire(router.port).login() as wire:
                    return wire.exec("show privilege")[1] == 0
            except Exception:
                return False
        wait_for(works, "a login")
        # A new exchange with the keys that the new signer was given.
        session.exchange()
        session.data(channel, "show privilege\n")
        assert b"level is 1" in session.until(b">")


@pytest.mark.parametrize("number", [CRASH, signal.SIGSYS, signal.SIGKILL])
def test_hardening_12_4_a_worker_that_crashes(router, number):
    before = workers_at_rest(router)
    with Wire(router.port).login() as session:
        channel = session.shell()
        mine = workers(router)
        with Wire(router.port).login():
            victim = (workers(router) - mine).pop()
            os.kill(victim, number)
            wait_for(lambda: not is_alive(victim), "its end")
            session.data(channel, "show users\n")
            wait_for(lambda: workers(router) == mine, "the end of its worker")
            session.until(b">")

        def users():
            session.data(channel, "show users\n")
            return session.until(b">").count(b" lab ")
        wait_for(lambda: users() == 1, "the end of its line")
    wait_for(lambda: workers(router) == before, "the end")


def layout(pid):
    """Where its program lies: by those parts that a file is behind."""
    if os.geteuid() != 0:
        pytest.skip("the memory map of a process that is not dumpable")
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
    return re.findall(r"^(\w+)-\w+ r-[x-]p .* /", maps, re.M)


def test_hardening_12_4_a_crash_gives_nobody_a_second_guess():
    """After it the address layout is another one."""
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).connect():
            first = workers(router).pop()
            old = layout(first)
            assert old and old == layout(router.children("vtyd-nursery")[0])
            os.kill(first, CRASH)
            # Until control has heard of it, the old nursery serves.
            router.wait_log("%SYS-2-WORKER: ")
        with Wire(router.port).connect():
            assert layout(workers(router).pop()) != old


def cookies(router, count):
    """The random bytes in the KEXINIT of so many workers."""
    seen = []
    while len(seen) < count:
        wires = [Wire(router.port) for _ in range(20)]
        for wire in wires:
            wire.identify()
            seen.append(wire.expect(KEXINIT).take(16))
            wire.close()
    return seen


@pytest.mark.parametrize("count", [
    200, pytest.param(1000, marks=pytest.mark.heavy)])
def test_hardening_10_12_no_two_workers_share_random_bytes(router, count):
    seen = cookies(router, count)
    assert len(set(seen)) == len(seen)
    # Nor any half of them.
    assert len({cookie[:8] for cookie in seen}
               | {cookie[8:] for cookie in seen}) == 2 * len(seen)


def test_hardening_10_12_a_restarted_router_begins_anew():
    seen = []
    for _ in range(5):
        with Router(keys=("ed25519",)) as router:
            seen += cookies(router, 20)
    assert len(set(seen)) == len(seen)


def test_hardening_12_5_control_dies_and_all_go_within_a_second():
    """Also those that are stuck: one whose peer does not read, a helper that
    is stopped. A machine with other work may take its time once or twice."""
    def took():
        router = Router(keys=("ed25519",))
        with router:
            with Wire(router.port).login(), Wire(router.port):
                children = router.children()
                os.kill(router.children("vtyd-aaa")[0], signal.SIGSTOP)
                router.kill()
                begin = time.monotonic()
                wait_for(lambda: not any(is_alive(pid) for pid in children),
                         "the end of all")
                end = time.monotonic()
            router.process = None
        return end - begin
    assert any(took() < (1 if not SANITIZED else 5) for _ in range(3))
