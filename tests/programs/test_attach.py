"""vtyd attach: the state directory's owner on line con 0, without a login and
at privilege 15."""
import fcntl
import os
import signal
import struct
import shutil
import subprocess
import termios

import pytest

from console import Terminal, attach, wait_socket
from router import CONFIG, Router, VTYD

# Nobody knows the enable secret any more, and the console asks for a login.
LOST = CONFIG.replace("$hx5rVt7rPNoS4wqbXKX7m0", "$AAAAAAAAAAAAAAAAAAAAA.") \
             .replace("line con 0\n", "line con 0\n login local\n")


def test_a_lost_enable_secret_is_set_anew(tmp_path):
    with Router(tmp_path, config=LOST, keys=("ed25519",)) as router:
        before = (router.state / "startup-config").read_text()
        result = attach(router, "configure terminal",
                        "enable secret a-new-one", "end", "write memory",
                        "exit")
        assert result.returncode == 0, result
        assert "Router#" in result.stdout
        assert "[OK]" in result.stdout
        assert "Password" not in result.stdout
        after = (router.state / "startup-config").read_text()
        assert "enable secret 9 " in after
        assert "$AAAA" in before and "$AAAA" not in after
        # It counts for everybody, and after a restart.
        router.restart()
        result = attach(router, "disable", "enable", "a-new-one",
                        "show privilege", "exit")
        assert "Current privilege level is 15" in result.stdout


def test_attach_starts_at_privilege_15_whatever_the_line_says(tmp_path):
    with Router(tmp_path, config=LOST) as router:
        result = attach(router, "show privilege")
        assert result.returncode == 0
        assert "Current privilege level is 15" in result.stdout


def test_the_end_of_the_input_ends_the_session_and_frees_the_line(tmp_path):
    with Router(tmp_path) as router:
        for _ in range(5):
            result = attach(router, "show privilege")
            assert result.returncode == 0
            assert result.stdout.count("privilege level is 15") == 1


def test_exit_ends_the_session_though_the_input_goes_on(tmp_path):
    with Router(tmp_path) as router:
        wait_socket(router)
        process = subprocess.Popen(
            [str(VTYD), "attach", "--state", str(router.state)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write("exit\n")
        process.stdin.flush()
        assert process.wait(60) == 0
        process.stdin.close()
        process.stdout.close()


def test_without_a_router_it_is_status_1(tmp_path):
    result = subprocess.run([str(VTYD), "attach", "--state", str(tmp_path)],
                            stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=60)
    assert result.returncode == 1
    assert "no router is running here" in result.stderr
    # One that was killed leaves its socket behind.
    router = wait_socket(Router(tmp_path).start())
    router.kill()
    assert (router.state / "console.sock").exists()
    result = subprocess.run(
        [str(VTYD), "attach", "--state", str(router.state)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "no router is running here" in result.stderr
    # And the next one takes its place.
    with router:
        assert attach(router, "show privilege").returncode == 0


def test_the_line_is_one_line(tmp_path):
    with Router(tmp_path) as router:
        wait_socket(router)
        with Terminal(str(VTYD), "attach", "--state",
                      str(router.state)) as first:
            first.expect("Router#")
            second = attach(router, "show privilege")
            assert second.returncode == 1
            assert "in use by another vtyd attach" in second.stderr
            assert second.stdout == ""
            first.type("exit\r")
            assert first.process.wait(60) == 0
        assert attach(router, "show privilege").returncode == 0


def test_a_terminal_is_edited_on_and_given_back_as_it_was(tmp_path):
    with Router(tmp_path) as router:
        wait_socket(router)
        with Terminal(str(VTYD), "attach", "--state",
                      str(router.state)) as screen:
            # 4 columns of pixels follow rows and columns.
            fcntl.ioctl(screen.slave, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 24, 80, 0, 0))
            before = screen.first_modes
            screen.expect("Router#")
            assert screen.modes() != before
            screen.type("show privx\x7filege\r")
            screen.expect("privilege level is 15")
            screen.expect("Router#")
            screen.type("exit\r")
            assert screen.process.wait(60) == 0
            assert screen.modes() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_gives_the_terminal_back(tmp_path, number):
    with Router(tmp_path) as router:
        wait_socket(router)
        with Terminal(str(VTYD), "attach", "--state",
                      str(router.state)) as screen:
            before = screen.first_modes
            screen.expect("Router#")
            screen.process.send_signal(number)
            assert screen.process.wait(60) == 1
            assert screen.modes() == before
        assert attach(router, "show privilege").returncode == 0


def test_a_killed_router_gives_the_terminal_back(tmp_path):
    router = wait_socket(Router(tmp_path).start())
    with Terminal(str(VTYD), "attach", "--state", str(router.state)) as screen:
        before = screen.first_modes
        screen.expect("Router#")
        router.kill()
        screen.process.wait(60)
        assert screen.modes() == before


def test_other_users_do_not_get_the_line(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("another user is needed")
    with Router(tmp_path) as router:
        wait_socket(router)
        # As if every mode on the way were too wide.
        for path in (router.state, *router.state.parents):
            if path.owner() == "root" and str(path).startswith("/tmp/"):
                path.chmod(path.stat().st_mode | 0o011)
        (router.state / "console.sock").chmod(0o666)
        # The build may lie where that user cannot go.
        program = shutil.copy(VTYD, tmp_path)
        result = subprocess.run(
            [program, "attach", "--state", str(router.state)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60, user=65534, group=65534)
        assert result.returncode == 1
        assert "only the state directory's owner" in result.stderr
        router.wait_log("vtyd attach by user 65534 is refused")
