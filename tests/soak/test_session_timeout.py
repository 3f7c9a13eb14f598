"""`session-timeout` of a tty line, which is a minute at least."""
import time

from reverse_ssh import Device, User, wait_until_free
from router import CONFIG, Router

LINE = """\
line {number}
 device {path}
 login local
 access-user lab
 session-timeout 1{output}
 transport input ssh
"""


def test_silence_ends_a_session_on_a_line(tmp_path):
    """What the user types counts, and by `output` what comes; of a command
    always what comes."""
    devices = [Device() for _ in range(3)]
    lines = "".join(
        LINE.format(number=number, path=device.path,
                    output=" output" if number == 2 else "")
        for number, device in enumerate(devices, 1))
    with Router(tmp_path, keys=("ed25519",), config=CONFIG.replace(
            "line vty 0 15", lines + "line vty 0 15")) as router:
        for number in (1, 2, 3):
            wait_until_free(router, number)
        users = [User(router, "lab:1"), User(router, "lab:2"),
                 User(router, "lab:3", command="show", terminal=False)]
        users[0].type(b"one")
        users[1].type(b"two")
        devices[0].read(b"one")
        devices[1].read(b"two")
        devices[2].read(b"show\r")
        devices[2].say(b"answer")
        began = time.monotonic()
        while users[0].process.poll() is None:
            assert time.monotonic() < began + 90
            for device in devices[:2]:
                device.say(b".")
            time.sleep(5)
        assert time.monotonic() > began + 55
        assert users[0].end()[1].endswith(
            b"[Line 1 idle too long; timed out]\r\n")
        assert users[2].end() == (0, b"answer")
        assert users[1].process.poll() is None
        users[1].wait_for(b"[Line 2 idle too long; timed out]\r\n", 90)
        assert users[1].end()[0] == 0
        assert time.monotonic() > began + 115
    for device in devices:
        device.close()
