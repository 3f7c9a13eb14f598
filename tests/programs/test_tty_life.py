"""A serial line's life in the router: its worker, its device, its log."""
import fcntl
import os
import signal
import socket
import struct

import pytest

from processes import CRASH
from router import CONFIG, Router, wait_for
from session import Session
from terminal_server import Terminal

# Each begins where the one before it has left the line.
pytestmark = pytest.mark.xdist_group("tty_life")

TCGETS2 = 0x802c542a  # of x86

LINES = """\
line 1
 device {directory}/dev1
 speed 57600
 logging flash:one.log size 64 files 3
line 2
 device tcp 127.0.0.1 {port}
 logging flash:two.log timestamps
"""


class Device:
    """A port that can be drawn and put in again."""

    def __init__(self, path):
        self.path, self.terminal = path, None

    def plug(self):
        self.terminal = Terminal()
        os.symlink(self.terminal.path, self.path)

    def unplug(self):
        os.unlink(self.path)
        self.terminal.__exit__()

    def prints(self, data):
        data = memoryview(data)
        while data:
            data = data[os.write(self.terminal.near, data[:4096]):]

    def speed(self):
        modes = fcntl.ioctl(self.terminal.keeper, TCGETS2, bytes(44))
        return struct.unpack_from("I", modes, 40)[0]


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tty")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(60)
    lines = LINES.format(directory=directory,
                         port=listener.getsockname()[1])
    with Router(directory, CONFIG + lines, keys=("ed25519",)) as running:
        running.device = Device(directory / "dev1")
        running.listener = listener
        running.flash = running.state / "flash"
        yield running
    listener.close()


def await_log(router, name, text):
    def there():
        path = router.flash / name
        return path.exists() and text in path.read_bytes()
    wait_for(there, f"{text!r} in {name}")


def await_logged(router, pattern, count):
    wait_for(lambda: router.log().count(pattern) == count,
             f"{pattern!r} {count} times")


def test_a_device_that_comes_goes_and_comes_again(router):
    await_logged(router, "dev1 is not there", 1)
    router.device.plug()
    await_logged(router, "Line 1: the device is there", 1)
    assert router.device.speed() == 57600
    worker = router.children("vtyd-worker: line 1")
    router.device.prints(b"first words\r\n")
    await_log(router, "one.log", b"first words\r\n")
    router.device.unplug()
    await_logged(router, "Line 1: the device is gone: it hung up", 1)
    router.device.plug()
    await_logged(router, "Line 1: the device is there", 2)
    router.device.prints(b"again\r\n")
    await_log(router, "one.log", b"first words\r\nagain\r\n")
    assert router.children("vtyd-worker: line 1") == worker


def test_a_speed_changes_without_a_new_beginning(router):
    worker = router.children("vtyd-worker: line 1")
    with Session(router, enable="cisco") as admin:
        admin.configure("line 1", "speed 19200")
        wait_for(lambda: router.device.speed() == 19200, "the speed")
        admin.configure("line 1", "speed 57600")
        wait_for(lambda: router.device.speed() == 57600, "the speed")
    assert router.children("vtyd-worker: line 1") == worker
    await_logged(router, "Line 1: the device is there", 2)


def test_files_of_a_log_move_on(router):
    data = b"".join(b"%07d\n" % i for i in range(40 * 1024))
    before = (router.flash / "one.log").read_bytes()
    router.device.prints(data)

    await_log(router, "one.log", data[-20:])
    files = {name: (router.flash / name).read_bytes()
             for name in os.listdir(router.flash) if "one.log" in name}
    assert sorted(files) == ["one.log", "one.log.1", "one.log.2"]
    assert len(files["one.log.1"]) == len(files["one.log.2"]) == 64 * 1024
    kept = files["one.log.2"] + files["one.log.1"] + files["one.log"]
    assert (before + data).endswith(kept)


@pytest.mark.parametrize("role", ["vtyd-nursery", "vtyd-signer", "vtyd-aaa"])
def test_the_death_of_others_is_none_of_a_line(router, role):
    worker = router.children("vtyd-worker: line 1")
    old = router.children(role)
    os.kill(old[0], signal.SIGKILL)
    wait_for(lambda: router.children(role) not in ([], old), role)
    router.device.prints(role.encode() + b" died\r\n")
    await_log(router, "one.log", role.encode() + b" died\r\n")
    assert router.children("vtyd-worker: line 1") == worker


def test_another_worker_after_the_death_of_one(router):
    worker = router.children("vtyd-worker: line 1")
    os.kill(worker[0], CRASH)
    router.wait_log(r"Worker of line 1 ended with signal")
    wait_for(lambda: router.children("vtyd-worker: line 1")
             not in ([], worker), "another worker")
    router.device.prints(b"behind the crash\r\n")
    await_log(router, "one.log", b"behind the crash\r\n")


def test_a_tcp_device_is_connected_to_again(router):
    for words in (b"one", b"two"):
        device, _ = router.listener.accept()
        with device:
            device.sendall(words + b"\r\n")
            await_log(router, "two.log", b"Z " + words + b"\r\n")
    router.wait_log("Line 2: the device is gone: it hung up")


def test_who_has_the_port_keeps_it(router):
    """Also against the router itself, by another name."""
    with Session(router, enable="cisco") as admin:
        admin.configure("line 3", f"device {router.device.terminal.path}")
        router.wait_log(r"Line 3: /dev/pts/\d+ is in use by another line")
        admin.configure("line 1", "no device")
        router.wait_log(r"Line 3: the device is there")
        assert not router.children("vtyd-worker: line 1")
        admin.configure("line 3", "no device", "line 1",
                        f"device {router.device.path}")
        wait_for(lambda: router.children("vtyd-worker: line 1"), "a worker")
        router.device.prints(b"line 1 has it again\r\n")
        await_log(router, "one.log", b"line 1 has it again\r\n")
        assert not router.children("vtyd-worker: line 3")


def test_a_device_that_is_no_terminal(router):
    with Session(router, enable="cisco") as admin:
        admin.configure("line 3", "device /dev/null")
        router.wait_log("Line 3: /dev/null is no terminal")
        admin.configure("line 3", "no device")


def test_a_restart_serves_again(router):
    router.restart()
    wait_for(lambda: router.children("vtyd-worker: line 1"), "a worker")
    router.device.prints(b"behind the restart\r\n")
    await_log(router, "one.log", b"behind the restart\r\n")
