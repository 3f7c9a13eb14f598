"""The command line of vtyd and its exit statuses: 0 in order, 1 a failure,
2 bad usage."""
import os
import re
import signal
import subprocess

import pytest

from console import is_served, wait_socket
from router import Router, VTYD, wait_for


def vtyd(*words, **how):
    return subprocess.run([str(VTYD), *words], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, **how)


def test_version_names_the_program_and_its_libcrypto():
    result = vtyd("--version")
    assert result.returncode == 0
    assert re.fullmatch(r"vtyd \d+\.\d+\.\d+ \(OpenSSL [^)]+\)\n",
                        result.stdout)
    assert result.stderr == ""


@pytest.mark.parametrize("words", [
    ["--unknown"], ["stray"], ["--listen"], ["--listen", "here"],
    ["--listen", "127.0.0.1:99999"], ["--state"], ["--user"],
    ["--console", "--no-console"], ["check"], ["check", "a", "b"],
    ["attach", "a"], ["attach", "--listen", "127.0.0.1:1"],
])
def test_bad_usage_is_status_2(words):
    result = vtyd(*words)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "usage: vtyd" in result.stderr


def test_a_state_directory_that_cannot_be_is_status_1(tmp_path):
    (tmp_path / "file").write_text("")
    result = vtyd("--state", str(tmp_path / "file"), "--no-console",
                  "--listen", "127.0.0.1:0")
    assert result.returncode == 1
    assert str(tmp_path / "file") in result.stderr


def test_a_user_who_does_not_exist_is_status_1(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root changes the user of processes")
    result = vtyd("--state", str(tmp_path / "state"), "--no-console",
                  "--listen", "127.0.0.1:0", "--user", "no-such-user")
    assert result.returncode == 1


def test_a_second_router_on_one_directory_is_status_1(tmp_path):
    with Router(tmp_path) as router:
        wait_socket(router)
        result = vtyd("--state", str(router.state), "--no-console",
                      "--listen", "127.0.0.1:0")
        assert result.returncode == 1
        assert "in use by another router" in result.stderr
        router.assert_running()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_ends_in_order_with_status_0(tmp_path, number):
    with Router(tmp_path) as router:
        wait_socket(router)
        router.signal(number)
        assert router.process.wait(60) == 0
        # Nobody can come to a console that is not there.
        assert not (router.state / "console.sock").exists()


def test_reload_is_status_0(tmp_path):
    with Router(tmp_path, script="enable\ncisco\nreload\n\n") as router:
        assert router.process.wait(60) == 0


def test_a_fresh_state_directory_is_private(tmp_path):
    state = tmp_path / "fresh"
    process = subprocess.Popen(
        [str(VTYD), "--state", str(state), "--no-console",
         "--listen", "127.0.0.1:0"],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def served():
            assert process.poll() is None
            return (state / "console.sock").exists() and is_served(state)
        wait_for(served, "the console")
        assert state.stat().st_mode & 0o7777 == 0o700
        assert (state / "keys").stat().st_mode & 0o7777 == 0o700
        assert (state / "console.sock").stat().st_mode & 0o7777 == 0o600
        assert list((state / "keys").iterdir()) == []
    finally:
        process.terminate()
        assert process.wait(60) == 0
