"""A human at a client on a terminal, played by python3-pexpect."""
import os
import re
import subprocess

import pytest
from router import CONFIG, Router

pexpect = pytest.importorskip("pexpect")
SSH = ("-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null",
       "-oLogLevel=ERROR", "-oPubkeyAuthentication=no", "-tt")
MORE = " --More-- "
COLUMNS = 250  # no line takes a second row


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG, keys=("ed25519",)) as one:
        yield one


def host_key(port):
    """The fingerprint that PuTTY's client wants to be told."""
    found = subprocess.run(
        ["ssh-keyscan", "-T", "60", "-t", "ed25519", "-p", str(port),
         "127.0.0.1"],
        capture_output=True, check=True)
    listing = subprocess.run(["ssh-keygen", "-lf", "-"], input=found.stdout,
                             capture_output=True, check=True)
    return listing.stdout.split()[1].decode()


def client(name, port):
    """The command line of a client that a human has."""
    if name == "plink":
        return name, ["-ssh", "-t", "-no-antispoof", "-P", str(port),
                      "-hostkey", host_key(port), "lab@127.0.0.1"]
    if name == "dbclient":
        return name, ["-y", "-y", "-t", "-p", str(port), "lab@127.0.0.1"]
    return name, [*SSH, "-p", str(port), "lab@127.0.0.1"]


@pytest.fixture
def human(request, router, tmp_path):
    name, arguments = client(getattr(request, "param", "ssh"), router.port)
    screen = pexpect.spawn(
        name, arguments, dimensions=(24, COLUMNS), timeout=60,
        encoding="utf-8",
        env={**os.environ, "HOME": str(tmp_path), "TERM": "vt100"})
    # It sleeps before each line unless told otherwise.
    screen.delaybeforesend = None
    screen.expect("assword: ")
    screen.send("lab\r")
    screen.expect(r"Router>")
    yield screen
    screen.close(force=True)


def rows(shown):
    """How many rows of the screen this takes; a rubbed-out mark none."""
    return shown.count("\r\n")


def enable(human):
    human.send("enable\r")
    human.expect_exact("Password: ")
    human.send("cisco\r")
    human.expect_exact("Router#")


CLIENTS = pytest.mark.parametrize("human", ("ssh", "plink", "dbclient"),
                                  indirect=True)


@CLIENTS
def test_wrong_secrets_help_tab_and_rub_out(human):
    """Point 1 of the checklist (automation-clients.md 12)."""
    human.send("enable\r")
    for _ in range(3):
        human.expect_exact("Password: ")
        human.send("wrong\r")
    human.expect_exact("% Bad secrets\r\n\r\nRouter>")
    enable(human)
    # Word help, the line repainted behind it; then line help.
    human.send("show pri?")
    human.expect_exact("?\r\nprivilege\r\n")
    human.expect_exact("\r\nRouter#show pri")
    human.send("\t")
    human.expect_exact("\r\nRouter#show privilege")
    human.send(" ?")
    human.expect(r"  \|  +Output modifiers\r\n  <cr>\s*\r\n")
    human.expect_exact("Router#show privilege ")
    human.send("\r")
    human.expect_exact("Current privilege level is 15\r\nRouter#")
    # Rubbed out by either key, then a right word in its place.
    human.send("show privx\x7f")
    human.expect_exact("x\b \b")
    human.send("y\b")
    human.expect_exact("y\b \b")
    human.send("\r")
    human.expect_exact("Current privilege level is 15\r\nRouter#")
    human.send("exit\r")
    human.expect(pexpect.EOF)
    human.wait()
    assert human.exitstatus == 0


@CLIENTS
def test_more_is_paged_by_its_keys_and_follows_the_window(human):
    enable(human)
    human.send("show running-config all\r")
    human.expect_exact(MORE)
    # The page, and the rest of the command's own line.
    assert rows(human.before) == 24
    human.send("\r")
    human.expect_exact(MORE)
    # Rubbed out by backspaces and blanks, never by escape sequences.
    assert re.match(r"[\b\r]+ +[\b\r]+[^\r\n]*\r\n$", human.before)
    human.send(" ")
    human.expect_exact(MORE)
    assert rows(human.before) == 23
    human.setwinsize(10, COLUMNS)
    # The client tells it when it comes to it; from then on pages have it.
    for _ in range(4):
        human.send(" ")
        human.expect_exact(MORE)
        if rows(human.before) == 9:
            break
    assert rows(human.before) == 9
    human.send("q")
    human.expect_exact("Router#")
    assert "\x1b" not in human.before
    human.send("show privilege\r")
    human.expect_exact("Router#")
    assert human.before.startswith("show privilege\r\n")


def test_ctrl_c_drops_the_line_and_ctrl_z_leaves_the_mode(human):
    enable(human)
    human.send("show run\x03")
    human.expect_exact("Router#")
    human.send("configure terminal\r")
    human.expect_exact("(config)#")
    human.send("interface x\x15hostname Ctrl\x1a")
    human.expect_exact("Ctrl#")
    human.send("configure terminal\r")
    human.expect_exact("(config)#")
    human.send("no hostname\r")
    human.expect_exact("Router(config)#")
    human.send("\x03")
    human.expect_exact("Router#")
