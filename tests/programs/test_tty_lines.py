"""Tty lines: what is configured, how lines are numbered and shown."""
import os
import re
import tty

import pytest

from router import CONFIG, Router, wait_for
from session import Session

# Each begins where the one before it has left the lines.
pytestmark = pytest.mark.xdist_group("tty_lines")

HEAD = ("   Tty Typ     Tx/Rx    A Modem  Roty AccO AccI   Uses   Noise  "
        "Overruns   Int\n")


class Pair:
    """A pseudo-terminal: a console of ours on one side, a device's path."""

    def __init__(self):
        self.ours, self.theirs = os.openpty()
        tty.setraw(self.theirs)
        self.path = os.ttyname(self.theirs)

    def says(self, data):
        while data:
            data = data[os.write(self.ours, data):]

    def hears(self, count):
        data = b""
        while len(data) < count:
            data += os.read(self.ours, count - len(data))
        return data

    def close(self):
        os.close(self.ours)
        os.close(self.theirs)


@pytest.fixture(scope="module")
def pair():
    pair = Pair()
    yield pair
    pair.close()


@pytest.fixture(scope="module")
def router(tmp_path_factory, pair):
    lines = CONFIG.replace("line vty 0 15\n", f"""\
line 2
 device {pair.path}
 speed 115200
 parity even
 databits 7
 stopbits 1
 rotary 5
 no exec
 session-timeout 7
 location Row 3
 transport input ssh
line 4 5
line aux 0
 device /dev/serial/by-id/nothing
line vty 0 4
""")
    with Router(tmp_path_factory.mktemp("lines"), config=lines,
                keys=("ed25519",)) as router:
        yield router


@pytest.fixture(scope="module")
def user(router):
    with Session(router, enable="cisco") as session:
        yield session


def wait_shown(user, command, pattern):
    """Until the command shows it; all that it shows."""
    return wait_for(lambda: next((text for text in [user.command(command)]
                                  if re.search(pattern, text, re.M)), None),
                    pattern)


def test_lines_stand_between_console_and_vtys(user):
    shown = user.command("show running-config | begin line con")
    assert shown.startswith("line con 0\nline 2\n device /dev/pts/"), shown
    assert " transport input ssh\n databits 7\n parity even\n stopbits 1\n" \
        " speed 115200\nline 4 5\nline aux 0\n device /dev/serial/by-id/" \
        "nothing\nline vty 0 4\n login local\n" in shown


def test_numbers_follow_the_highest_line(user):
    shown = user.command("show line")
    assert shown == HEAD + """\
      0 CTY              -    -      -    -    -      0       0     0/0       -
      2 TTY 115200/115200-    -      5    -    -      0       0     0/0       -
      4 TTY              -    -      -    -    -      0       0     0/0       -
      5 TTY              -    -      -    -    -      0       0     0/0       -
      6 AUX   9600/9600  -    -      -    -    -      0       0     0/0       -
*     7 VTY              -    -      -    -    -      1       0     0/0       -
      8 VTY              -    -      -    -    -      0       0     0/0       -
      9 VTY              -    -      -    -    -      0       0     0/0       -
     10 VTY              -    -      -    -    -      0       0     0/0       -
     11 VTY              -    -      -    -    -      0       0     0/0       -

Line(s) not in async mode -or- with no hardware support:
1, 3
"""
    users = user.command("show users all")
    assert "   2 tty 2                                     00:00:00 Row 3\n" \
        "   4 tty 4" in users
    assert "   6 aux 0 " in users and "*  7 vty 0     lab" in users


def test_a_line_shows_what_its_process_knows(user, pair):
    pair.says(b"hello\r\n")
    shown = wait_shown(user, "show line 2", "^7 bytes input, 0 bytes output")
    assert shown == HEAD + f"""\
      2 TTY 115200/115200-    -      5    -    -      0       0     0/0       -

Line 2, Location: "Row 3", Type: ""
Baud rate (TX/RX) is 115200/115200, even parity, 1 stopbits, 7 databits
Status: Ready, No Exit Banner
Capabilities: EXEC Suppressed
Modem state: Ready
Timeouts:      Idle EXEC    Idle Session   Modem Answer  Session   Dispatch
               never           00:07:00                     none     not set
Modem type is unknown.
Session limit is not set.
Allowed input transports are ssh.
Device is {pair.path}, ready.
7 bytes input, 0 bytes output, 0 bytes lost, 0 breaks sent
"""
    assert user.command("show line tty 2") == shown
    aux = user.command("show line 6")
    assert "Line 6, " in aux and "Status: No Exit Banner\n" in aux
    assert "Device is /dev/serial/by-id/nothing, absent: " \
        "/dev/serial/by-id/nothing is not there.\n" in aux
    assert user.command("show line aux 0") == aux
    empty = user.command("show line 4")
    assert empty.endswith("No device is configured.\n")
    assert "Baud rate" not in empty and "bytes" not in empty


def test_a_buffer_is_shown_without_harm(user, pair):
    pair.says(b"\x1b[2J\x00 caf\xc3\xa9 \xff\r\nlogin: ")
    shown = wait_shown(user, "show line 2 buffer", "login")
    assert shown.endswith("\\x1b[2J\\x00 caf\u00e9 \\xff\nlogin: \n")
    assert "hello\n" in shown
    assert user.command("show line vty 0 buffer") == "% Line 7 has no buffer\n"
    assert user.command("show line 4 buffer") == "% Line 4 has no buffer\n"
    user.command("disable")
    assert "Invalid input" in user.command("show line 2 buffer")
    user.type("enable\n", r"Password: $")
    user.type("cisco\n", r"#$")


def test_a_summary_has_a_sign_for_each_line(user):
    assert user.command("show line summary") == """\
    0: - - --xU-- --

    1 lines in use                  (U)
    8 lines never used              (-)
    0 lines used before, free now   (.)
    1 lines whose device is absent  (x)
"""


def test_no_such_line_is_marked(user):
    for line in ("show line 1", "show line tty 3", "clear line 12",
                 "show line 99 buffer"):
        assert "% Invalid input detected at '^' marker." in user.command(line)


def test_a_session_keeps_its_number_until_it_ends(router, user):
    with Session(router, enable="cisco") as other:
        user.configure("line 9", "no line aux 0")
        assert "*  8 vty 1     lab" in other.command("show users")
        shown = user.command("show line")
        assert "*     7 VTY " in shown and "*     8 VTY " in shown
        # Lines without a session have moved.
        assert "\n     12 VTY " in shown and "\n     14 VTY " in shown
        assert "AUX" not in shown and "\n     10 VTY " not in shown
        assert "Line 8, " in user.command("show line 8")
    wait_shown(user, "show line", r"\n +11 VTY ")
    with Session(router) as other:
        assert "* 11 vty 1     lab" in other.command("show users")
    user.configure("no line 9", "line aux 0",
                   "device /dev/serial/by-id/nothing")


def test_processes_are_named_by_their_lines(router, user):
    for line in ("2", "aux 0"):
        wait_for(lambda: len(router.children(f"worker: line {line}")) == 1,
                 f"the process of line {line}")
    user.configure("no line aux 0")
    wait_for(lambda: not router.children("worker: line aux"), "its end")
    user.configure("line 2", "no device")
    wait_for(lambda: not router.children("worker: line 2"), "its end")


def test_what_is_configured_is_explained(user):

    user.command("configure terminal")
    shown = user.type("line ?", r"#line $")
    assert "<1-4096>  First Line number" in shown
    assert re.search(r"aux +Auxiliary line\r\n", shown)
    assert re.search(r"tty +Terminal controller\r\n", shown)
    user.type("tty 20\n")
    shown = user.type("?", r"\(config-line\)#$")
    for word in ("access-user", "autohangup", "buffer", "databits", "device",
                 "exec", "exec-timeout", "flowcontrol", "location", "logging",
                 "login", "parity", "rotary", "session-timeout", "share",
                 "speed", "stopbits", "transport"):
        assert re.search(rf"\n  {word} ", shown), word
    for word in ("password", "privilege", "history", "length", "width",
                 "monitor", "motd-banner", "access-class"):
        assert not re.search(rf"\n  {word} ", shown), word
    user.command("no line 20")
    user.command("end")


def lines_of(user):
    return user.command("show running-config | section ^line")


def test_lines_are_replaced_by_others(router, user):
    """Devices and logs change places, ranges divide and join, lines go."""
    user.configure("line 30", "device /dev/pts/first", "logging flash:one",
                   "line 31", "device /dev/pts/second", "logging flash:two",
                   "line 32 40", "transport input ssh", "location here",
                   "line 50", "databits 5", "stopbits 1.5")
    before = lines_of(user)
    user.type("copy running-config flash:lines\n", r"\? $")
    assert "copied" in user.type("\n")
    user.configure("line 30", "device /dev/pts/second", "logging flash:three",
                   "line 31", "device /dev/pts/first", "logging flash:one",
                   "line 30", "logging flash:two",
                   "line 33 35", "location there", "no line 38 40",
                   "line 60", "rotary 7", "no line 50", "line 50",
                   "no location", "line aux 0", "speed 300")
    assert lines_of(user) != before
    user.command("configure replace flash:lines force")
    assert lines_of(user) == before
    user.configure("no line 30 60", "no line aux 0")


def test_thousands_of_lines_are_configured_and_shown(tmp_path_factory):
    config = CONFIG + "".join(
        f"line {n}\n location {n}\n access-user lab\n" for n in
        range(1, 4097)) + "line 1 4096\n speed 115200\n"
    with Router(tmp_path_factory.mktemp("many"), config=config,
                keys=("ed25519",)) as router:
        with Session(router, enable="cisco") as user:
            assert user.command("show line").count("TTY") == 4096
            assert "Line 4096, Location: \"4096\"" in \
                user.command("show line 4096")
            assert "*4097 vty 0 " in user.command("show users")
            assert user.command("show running-config").count(
                " speed 115200\n") == 4096
            user.configure("line 1 4096", "no location")
            assert "\nline 1 4096\n access-user lab\n speed 115200\n" in \
                user.command("show running-config")
