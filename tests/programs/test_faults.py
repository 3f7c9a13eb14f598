"""Processes that die, descriptors that run out: logged, survived, and the
next login works."""
import os
import resource
import signal
import subprocess
import time

import pytest

from router import CONFIG, KEYS, VTYD, Router, free_port, is_sanitized, \
    wait_for
from wire import Closed, Wire


def logs_in(router):
    with Wire(router.port).login() as wire:
        return wire.exec("show privilege")[1] == 0


def keeps_logging_in(router):
    """A login works again, at the latest when all was started anew."""
    def works():
        try:
            return logs_in(router)
        except (Closed, AssertionError, OSError):
            return False
    wait_for(works, "a login")


@pytest.mark.parametrize("role,line", [
    ("vtyd-signer", r"%SYS-2-HELPER: vtyd-signer .* ended with signal 9"),
    ("vtyd-aaa", r"%SYS-2-HELPER: vtyd-aaa .* ended with signal 9"),
    ("vtyd-nursery", r"%SYS-2-NURSERY: Nursery \d+ ended with signal 9"),
])
def test_a_helper_that_dies_is_started_again(role, line):
    with Router(keys=KEYS) as router:
        with Wire(router.port).login() as session:
            for _ in range(3):
                old = router.children(role)
                assert len(old) == 1
                os.kill(old[0], signal.SIGKILL)
                wait_for(lambda: router.children(role)
                         and router.children(role) != old, role)
                keeps_logging_in(router)
            router.wait_log(line)
            # Who was there has noticed nothing.
            assert session.exec("show privilege")[1] == 0


def test_all_helpers_dying_at_once_are_started_again():
    with Router(keys=KEYS) as router:
        with Wire(router.port).login() as session:
            for role in ("vtyd-signer", "vtyd-aaa", "vtyd-nursery"):
                for pid in router.children(role):
                    os.kill(pid, signal.SIGKILL)
            keeps_logging_in(router)
            assert session.exec("show privilege")[1] == 0


def test_a_rekey_without_a_signer_ends_that_session_only():
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).login() as session, \
                Wire(router.port).login() as other:
            os.kill(router.children("vtyd-signer")[0], signal.SIGSTOP)
            session.send(session.kexinit())
            # The exchange waits for a signer that does not answer, then dies.
            pid = router.children("vtyd-signer")[0]
            time.sleep(0.2)
            os.kill(pid, signal.SIGKILL)
            assert other.exec("show privilege")[1] == 0
            keeps_logging_in(router)


@pytest.mark.parametrize("number,name", [(signal.SIGSEGV, "11"),
                                         (signal.SIGSYS, "31"),
                                         (signal.SIGABRT, "6")])
def test_a_worker_that_crashes_drops_its_own_session_only(number, name):
    if number == signal.SIGSEGV and is_sanitized():
        pytest.skip("a sanitizer reports this signal as a find of its own")
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).login() as other:
            first = router.children("vtyd-worker: server")
            with Wire(router.port).login() as victim:
                pid = (set(router.children("vtyd-worker: server"))
                       - set(first)).pop()
                nursery = router.children("vtyd-nursery")
                os.kill(pid, number)
                assert victim.disconnect_reason() is None
            router.wait_log(rf"%SYS-2-WORKER: Worker of vty 1 "
                            rf"\(127\.0\.0\.1\) ended with signal {name}")
            # No attacker gets a second guess at the same address layout.
            wait_for(lambda: router.children("vtyd-nursery")
                     and not set(router.children("vtyd-nursery"))
                     & set(nursery), "a new nursery")
            assert other.exec("show privilege")[1] == 0
            keeps_logging_in(router)
            wait_for(lambda: b"vty 1 " not in other.exec("show users")[0],
                     "the end of vty 1")


def test_300_crashes_in_a_row_leave_the_router_whole():
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).login() as other:
            mine = set(router.children("vtyd-worker: server"))
            crashes = 0
            while crashes < 300:
                wires = [Wire(router.port) for _ in range(10)]
                workers = wait_for(
                    lambda: set(router.children("vtyd-worker: server"))
                    - mine, "workers")
                for pid in workers:
                    try:
                        os.kill(pid, signal.SIGABRT)
                        crashes += 1
                    except ProcessLookupError:
                        pass
                for wire in wires:
                    wire.close()
            assert other.exec("show privilege")[1] == 0
        keeps_logging_in(router)
        # Rate-limited: some dozens of lines, not hundreds.
        assert router.log().count("%SYS-2-WORKER") < 40


def test_descriptors_running_out_are_survived():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))
    config_lines = "line vty 0 199\n login local\n transport input ssh\n"
    with Router(config=CONFIG + config_lines, keys=("ed25519",),
                preexec=few) as router:
        with Wire(router.port).login() as session:
            crowd = []
            for _ in range(120):
                try:
                    crowd.append(Wire(router.port, timeout=5))
                except OSError:
                    pass
            router.wait_log(r"%SYS-2-RESOURCE")
            # Waiting for better times takes no processor time to speak of.
            wait_for(lambda: spent([router.pid], 1) < 0.5, "rest")
            assert session.exec("show privilege")[1] == 0
            for wire in crowd:
                wire.close()
        keeps_logging_in(router)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spent(pids, seconds):
    """Processor time that they take from now on, in so many seconds."""
    try:
        before = sum(cpu_seconds(pid) for pid in pids)
        time.sleep(seconds)
        return sum(cpu_seconds(pid) for pid in pids) - before
    except OSError:
        return float("inf")  # one of them has ended


def test_an_idle_router_uses_no_processor_time():
    with Router(keys=("ed25519",)) as router:
        with Wire(router.port).login():
            # What it still had to do for the login may take a moment.
            wait_for(lambda: spent([router.pid, *router.children()], 2)
                     <= 0.02, "rest")


def test_a_standard_error_that_nobody_reads_stops_nothing():
    read_end, write_end = os.pipe()
    port = free_port()
    router = Router(keys=("ed25519",), listen=(f"127.0.0.1:{port}",))
    router.expect_listening = False
    process = subprocess.Popen(
        [str(VTYD), "--state", str(router.state), "--no-console", "--listen",
         f"127.0.0.1:{port}"], stdin=subprocess.DEVNULL, stderr=write_end)
    try:
        os.set_blocking(write_end, False)
        try:
            while True:
                os.write(write_end, b"x" * 1024)
        except BlockingIOError:
            pass
        os.set_blocking(write_end, True)

        def works():
            try:
                with Wire(port).login() as wire:
                    return wire.exec("show privilege")[1] == 0
            except OSError:
                return False
        wait_for(works, "a login")
        for _ in range(20):  # each makes a line that cannot be written
            wire = Wire(port)
            wire.raw(b"GET / HTTP/1.0\r\n\r\n")
            wire.rest()
        assert works()
    finally:
        process.terminate()
        assert process.wait(60) == 0
        os.close(read_end)
        os.close(write_end)
        router.stop()
