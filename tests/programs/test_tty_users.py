"""Who is on tty lines: as others see it, and how they are sent away."""
import os
import re
import tty
import warnings

import pytest
from router import CONFIG, Router, wait_for
from session import Session

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

# Each begins where the one before it has left the lines.
pytestmark = pytest.mark.xdist_group("tty_users")


class Guest:
    """Somebody whose name leads to a line."""

    def __init__(self, router, name):
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        self.client.connect("127.0.0.1", router.port, name, "lab",
                            look_for_keys=False, allow_agent=False)
        self.channel = self.client.invoke_shell("vt100", 80, 24)
        self.channel.settimeout(30)
        self.seen = b""

    def wait_for(self, expected):
        while expected not in self.seen:
            part = self.channel.recv(65536)
            assert part, self.seen
            self.seen += part

    def end(self):
        while part := self.channel.recv(65536):
            self.seen += part
        self.client.close()
        return self.seen.decode()


class Device:
    def __init__(self):
        self.far, self.near = os.openpty()
        tty.setraw(self.near)
        self.path = os.ttyname(self.near)

    def hears(self, expected):
        got = b""
        while expected not in got:
            got += os.read(self.far, 65536)

    def close(self):
        os.close(self.far)
        os.close(self.near)


@pytest.fixture(scope="module")
def devices():
    devices = [Device(), Device()]
    yield devices
    for device in devices:
        device.close()


@pytest.fixture(scope="module")
def router(tmp_path_factory, devices):
    config = CONFIG + "username other password 0 lab\n"
    for line, device in zip(("line 2", "line aux 0"), devices):
        config += f"""\
{line}
 device {device.path}
 login local
 access-user lab other
 share
 transport input ssh
"""
    with Router(tmp_path_factory.mktemp("users"), config=config,
                keys=("ed25519",)) as router:
        yield router


@pytest.fixture(scope="module")
def admin(router):
    with Session(router, enable="cisco") as session:
        for line in ("2", "aux 0"):
            wait_shown(session, f"show line {line}", "^Device is .*, ready")
        yield session


def wait_shown(user, command, pattern):
    return wait_for(lambda: next((text for text in [user.command(command)]
                                  if re.search(pattern, text, re.M)), None),
                    pattern)


def join(router, device, name):
    """On the line, as the one who writes."""
    guest = Guest(router, name)
    guest.channel.send(name)
    device.hears(name.encode())
    return guest


def test_others_see_who_writes_and_who_watches(router, admin, devices):
    writer = join(router, devices[0], "lab:2")
    watcher = Guest(router, "other:2")
    watcher.wait_for(b"you watch")
    shown = admin.command("show users")
    assert re.search(r"Location\n   2 tty 2     lab        incoming +"
                     r"00:00:\d\d 127.0.0.1\n"
                     r"   2 tty 2     other      watching +"
                     r"00:00:\d\d 127.0.0.1\n"
                     r"\*  4 vty 0     lab        idle .*\n"
                     r"   5 vty 1     lab        tty 2 .*\n"
                     r"   6 vty 2     other      tty 2 ", shown), shown
    shown = wait_shown(admin, "show line 2", " 5 bytes output,")
    assert re.search(r"^\*     2 TTY .* 2       0     0/0       -$", shown,
                     re.M), shown
    assert "Status: Ready, Active, No Exit Banner\n" in shown
    assert re.search(r"^User lab writes for \d\d:\d\d:\d\d, from 127.0.0.1\n"
                     r"User other watches for ", shown, re.M), shown
    assert admin.command("show line summary").startswith("    0: - U-UUU")
    # Of the configuration no word has changed who is there.
    admin.type("clear line 2\n", r"\[confirm\]$")
    admin.type("\n")
    assert "[Line 2 cleared]" in writer.end()
    assert "[Line 2 cleared]" in watcher.end()
    wait_shown(admin, "show line 2", r"^      2 TTY ")
    assert "User " not in admin.command("show line 2")


def test_aux_keeps_its_number_while_somebody_is_there(router, admin, devices):
    guest = join(router, devices[1], "lab:3")
    assert "   3 aux 0     lab        incoming" in admin.command("show users")
    admin.configure("line 5", "location elsewhere")
    shown = admin.command("show line")
    assert re.search(r"^\*     3 AUX ", shown, re.M), shown
    assert re.search(r"^      5 TTY ", shown, re.M), shown
    guest.channel.send("on")
    devices[1].hears(b"on")
    admin.type("clear line aux 0\n", r"\[confirm\]$")
    admin.type("\n")
    assert "[Line 3 cleared]" in guest.end()
    wait_shown(admin, "show line", r"^      6 AUX ")
    guest = join(router, devices[1], "lab:6")
    admin.type("clear line 6\n", r"\[confirm\]$")
    admin.type("\n")
    assert "[Line 6 cleared]" in guest.end()
    admin.configure("no line 5")


def test_uses_are_counted_by_line(admin):
    # A line has its own number again when nobody is on it.
    shown = wait_shown(admin, "show line", r"^      3 AUX ")
    assert re.search(r"^      2 TTY .* 2       0     0/0 ", shown, re.M), shown
    assert re.search(r"^      3 AUX .* 2       0     0/0 ", shown, re.M), shown
