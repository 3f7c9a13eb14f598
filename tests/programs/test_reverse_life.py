"""A user on a line and the end of the router, of time, of the device."""
import os
import signal
import socket

import pytest

from reverse_ssh import Device, User, wait_until_free
from router import CONFIG, Router, wait_for
from session import Session


@pytest.fixture(scope="module")
def device():
    made = Device()
    yield made
    made.close()


def config(device, more=""):
    return CONFIG.replace(
        "line vty 0 15", f"line 1\n device {device.path}\n login local\n"
        f" access-user lab\n transport input ssh\n{more}line vty 0 15")


def on_line(router, device, word):
    user = User(router, "lab:1")
    user.type(word)
    assert device.read(word) == word
    return user




@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_router_ends_and_another_one_serves(tmp_path, device, number):
    """Whatever ended it: all of it goes, and no lock stays behind."""
    first = Router(tmp_path, config=config(device), keys=("ed25519",))
    first.start()
    try:
        wait_until_free(first)
        user = on_line(first, device, b"one")
        children = first.children()
        os.kill(first.pid, number)
        assert user.end()[0] == 255
        first.process.wait(60)
        wait_for(lambda: not any(is_alive(pid) for pid in children),
                 "the end of all processes")
    finally:
        if first.process.poll() is None:
            first.process.kill()
    with Router(tmp_path, config=config(device),
                keys=("ed25519",)) as second:
        wait_until_free(second)
        user = on_line(second, device, b"two")
        device.say(b"three")
        user.wait_for(b"three")
        user.leave()


def is_alive(pid):
    try:
        stat = open(f"/proc/{pid}/stat").read()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def test_exec_timeout_of_the_line(tmp_path, device):
    with Router(tmp_path, config=config(device, " exec-timeout 0 3\n"),
                keys=("ed25519",)) as router:
        wait_until_free(router)
        user = on_line(router, device, b"one")
        status, seen = user.end()
        assert status == 0
        assert seen.endswith(b"[Line 1 idle too long; timed out]\r\n")
        # A command's answer keeps it; silence ends it, and says nothing.
        wait_until_free(router)
        user = User(router, "lab:1", command="show", terminal=False)
        device.read(b"show\r")
        device.say(b"answer")
        assert user.end() == (0, b"answer")


@pytest.mark.parametrize("autohangup", [True, False])
def test_autohangup_hangs_up_behind_the_last_user(tmp_path, autohangup):
    """A connection has its end for the modem line that it lacks."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        port = listener.getsockname()[1]
        text = CONFIG.replace(
            "line vty 0 15", f"line 1\n device tcp 127.0.0.1 {port}\n"
            " login local\n access-user lab\n share\n transport input ssh\n" +
            (" autohangup\n" if autohangup else "") + "line vty 0 15")
        with Router(tmp_path, config=text, keys=("ed25519",)) as router:
            console, _ = listener.accept()
            console.settimeout(30)
            wait_until_free(router)
            writer = User(router, "lab:1")
            writer.type(b"one")
            assert console.recv(3, socket.MSG_WAITALL) == b"one"
            watcher = User(router, "lab:1")
            watcher.wait_for(b"you watch")
            writer.leave()
            console.sendall(b"still here")
            watcher.wait_for(b"still here")
            watcher.leave()
            if autohangup:
                assert console.recv(1) == b""
                console.close()
                console, _ = listener.accept()
            wait_until_free(router)
            again = User(router, "lab:1")
            again.type(b"two")
            console.settimeout(30)
            assert console.recv(3, socket.MSG_WAITALL) == b"two"
            again.leave()
            console.close()


def test_absolute_timeout_is_a_vtys(tmp_path, device):
    """No line takes what would do nothing."""
    with Router(tmp_path, config=config(device), keys=("ed25519",)) as router:
        with Session(router, enable="cisco") as admin:
            admin.command("configure terminal")
            admin.command("line 1")
            assert "% Invalid input" in admin.command("absolute-timeout 1")
