"""The router as a service: its processes, signals and its supervisor."""
import os
import pathlib
import re
import signal
import socket
import time

import pytest

import openssh
from processes import workers_at_rest
from router import CONFIG, KEYS, Router, is_sanitized, wait_for
from wire import Wire


def status_field(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return line.split(":", 1)[1].split()
    return None


def title(pid):
    return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().strip(b"\0 ")


def test_ps_names_the_roles_and_each_is_sandboxed(router):
    workers_at_rest(router)
    with Wire(router.port).login():
        for role in ("vtyd-signer: keys", "vtyd-aaa: local", "vtyd-nursery",
                     "vtyd-worker: server"):
            pids = router.children(role)
            assert len(pids) == 1, role
            pid = pids[0]
            assert title(pid).decode().startswith(role)
            assert status_field(pid, "Seccomp") == ["2"], role
            assert status_field(pid, "NoNewPrivs") == ["1"], role
            if os.geteuid() == 0:
                assert "0" not in status_field(pid, "Uid"), role
                assert "0" not in status_field(pid, "Gid"), role
                assert status_field(pid, "Groups") == [], role
        assert status_field(router.pid, "Seccomp") == ["2"]


def test_a_worker_has_an_empty_root_and_two_descriptors(router):
    if os.geteuid() != 0:
        pytest.skip("an empty root takes root to give")
    workers_at_rest(router)
    with Wire(router.port).login():
        pid = router.children("vtyd-worker: server")[0]
        assert os.listdir(f"/proc/{pid}/root/") == []
        kinds = {name: os.readlink(f"/proc/{pid}/fd/{name}").split(":")[0]
                 for name in os.listdir(f"/proc/{pid}/fd")}
    streams = [kinds.pop(name, "") for name in "012"]
    assert sorted(kinds) == ["3", "4"] and set(kinds.values()) == {"socket"}
    # Sanitizers tell what they find on standard error.
    assert is_sanitized() or set(streams) == {"/dev/null"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT,
                                    signal.SIGHUP])
def test_a_signal_ends_sessions_in_order_and_exits_0(number):
    with Router(keys=KEYS) as router:
        with Wire(router.port).login() as wire:
            helpers = router.children()
            assert len(helpers) == 4
            router.signal(number)
            assert wire.disconnect_reason() == 11
            assert router.process.wait(60) == 0
            # Nobody is left behind.
            wait_for(lambda: not any(os.path.exists(f"/proc/{pid}")
                                     for pid in helpers), "the end of all")


def test_a_session_that_does_not_go_is_killed_after_5_seconds():
    with Router(keys=KEYS) as router:
        with Wire(router.port).login():
            worker = router.children("vtyd-worker: server")[0]
            os.kill(worker, signal.SIGSTOP)
            begin = time.monotonic()
            router.signal(signal.SIGTERM)
            assert router.process.wait(60) == 0
            assert time.monotonic() - begin > 4.5


def test_children_do_not_survive_the_death_of_control():
    router = Router(keys=KEYS)
    with router:
        with Wire(router.port).login() as wire:
            children = router.children()
            router.kill()
            assert wire.disconnect_reason() is None
            wait_for(lambda: not any(
                pathlib.Path(f"/proc/{pid}").exists() for pid in children),
                "the end of all children")
        router.process = None


def test_a_supervisor_is_told(tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        notify.settimeout(60)
        with Router(keys=("ed25519",), expect_listening=False,
                    environment={"NOTIFY_SOCKET": path}) as router:
            assert notify.recv(100) == b"READY=1"
            # Ready means ready: somebody can log in.
            port, = re.findall(r"Listening on \S+:(\d+)$", router.log(), re.M)
            router.ports = [int(port)]
            assert Wire(router.port).login().exec("show privilege")[1] == 0
            router.end()
            assert notify.recv(100) == b"STOPPING=1"


def test_a_supervisor_with_an_abstract_name_is_told():
    name = f"vtyd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind("\0" + name)
        notify.settimeout(60)
        with Router(environment={"NOTIFY_SOCKET": "@" + name}):
            assert notify.recv(100) == b"READY=1"


def test_bad_lines_of_startup_config_are_named_and_the_good_ones_hold():
    config = CONFIG + "nonsense here\nhostname Kept\nip ssh time-out 999\n"
    first_bad = CONFIG.count("\n") + 1
    with Router(config=config, keys=("ed25519",)) as router:
        router.wait_log(rf"startup-config line {first_bad} is not understood")
        router.wait_log(rf"startup-config line {first_bad + 2} ")
        output, _ = Wire(router.port).login().exec("show users")
        assert output
        result = openssh.run(router, None, "-tt", stdin=b"exit\n")
        assert b"Kept>" in result.stdout


def test_the_soft_limit_of_descriptors_is_raised_to_the_hard_one(router):
    limits = pathlib.Path(f"/proc/{router.pid}/limits").read_text()
    fields = [line for line in limits.splitlines()
              if line.startswith("Max open files")][0].split()
    assert fields[3] == fields[4]
