"""What lines are told, and what they then do; the watch over logins."""
import re
import socket
import subprocess

import pytest

from console import Terminal
from processes import workers_at_rest
from router import CONFIG, VTYD, Router, wait_for
from session import Session
from wire import Closed, USERAUTH_FAILURE, Wire

LINES = CONFIG.replace("line vty 0 15\n login local\n", """\
username ops privilege 7 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
line vty 0 15
 login local
 location Row 3
 privilege level 9
 logging synchronous
 history size 5
 length 0
""") + """\
login on-success log
service tcp-keepalives-in
"""


@pytest.fixture(scope="module")
def lines(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("lines"), config=LINES,
                keys=("ed25519",)) as router:
        yield router


def wait_empty(router):
    """Until nobody is there: the next one gets vty 0."""
    workers_at_rest(router)


def test_a_vty_gives_its_screen_and_privilege(lines):
    with Session(lines, rows=24) as session:
        assert "privilege level is 9" in session.command("show privilege")
        # Not paged, though the client has 24 rows.
        assert len(session.command("show line").splitlines()) == 19
        assert "Length: 0 lines, Width: 200 columns" in \
            session.command("show terminal")
    with Session(lines, user="ops") as session:
        assert "privilege level is 7" in session.command("show privilege")


def test_show_line_counts_uses_and_marks_who_is_there(lines):
    row = re.compile(r"^\* +1 VTY +- +- +- +- +- +(\d+) +0 +0/0 +-$", re.M)
    wait_empty(lines)
    with Session(lines) as session:
        first = int(row.search(session.command("show line")).group(1))
    wait_empty(lines)
    with Session(lines) as session:
        assert int(row.search(session.command("show line")).group(1)) == \
            first + 1
        shown = session.command("show line vty 0")
        assert 'Location: "Row 3", Type: "vt100"' in shown
        assert "History is enabled, history size is 5." in shown
        assert "Invalid input" in session.command("show line vty 16")


def test_log_lines_come_before_what_is_typed(lines):
    with Session(lines, enable="cisco") as other:
        other.configure("line vty 0 15", "monitor")
        session = Session(lines, rows=24)
        other.configure("line vty 0 15", "no monitor")
        session.until(r"CONFIG_I: .*\r\nRouter#$")
        session.channel.send("show cl")
        session.until("show cl$")
        other.command("configure terminal")
        other.command("end")
        seen = session.until(r"Router#show cl$")
        assert re.search(r"\r\n[^\r\n]*%SYS-5-CONFIG_I: [^\r\n]*\r\n"
                         r"Router#show cl$", seen), seen
        session.type("ock\n", r"UTC[^\n]*\n.*#$")
        session.client.close()


def test_a_login_is_logged(lines):
    with Session(lines, user="ops"):
        lines.wait_log(r"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success \[user: "
                       r"ops\] \[Source: 127.0.0.1\] \[localport: "
                       rf"{lines.port}\] at \d\d:\d\d:\d\d UTC ")


def keepalive_timers(port):
    """When the kernel asks the peers of that port next, in 1/100 s."""
    found = []
    with open("/proc/net/tcp") as table:
        for line in table:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}") and fields[3] == "01" and \
                    fields[5].startswith("02:"):
                found.append(int(fields[5][3:], 16))
    return found


def test_silent_peers_are_asked_every_minute(lines):
    with Wire(lines.port).login():
        timers = wait_for(lambda: keepalive_timers(lines.port), "the timer")
        assert all(timer <= 6000 for timer in timers)
    with Session(lines, enable="cisco") as session:
        session.configure("no service tcp-keepalives-in")
    with Wire(lines.port).login():
        wait_for(lambda: any(timer > 6000 for timer
                             in keepalive_timers(lines.port)), "the timer")


def test_without_exec_requests_fail(lines):
    with Session(lines, enable="cisco") as session:
        session.command("configure terminal")
        session.command("line vty 0 15")
        session.command("no exec")
        with Wire(lines.port).login() as wire:
            wire.open_session()
            wire.send(wire.channel_request(0, "shell"))
            with pytest.raises((Closed, AssertionError)):
                wire.until(b"#")
        session.command("exec")
    with Session(lines):
        pass


def test_a_full_house_has_room_when_somebody_was_sent_away(lines):
    """His worker stays for a moment to let him read why; his line is free."""
    wait_empty(lines)
    with Session(lines, enable="cisco") as session:
        session.configure("no line vty 5")
        others = [Wire(lines.port).login() for _ in range(4)]
        session.command("disconnect ssh 4")
        assert others[3].disconnect_reason() == 11

        def comes_in():
            try:
                return Wire(lines.port).login()
            except (OSError, Closed, AssertionError):
                return None
        wait_for(comes_in, "a free line").close()
        for wire in others:
            wire.close()


# --- the console -------------------------------------------------------------

CONSOLE = CONFIG.replace("line con 0\n", """\
line con 0
 password 7 02050D480809
 login
 privilege level 3
""") + "login on-failure log\n"


def test_the_console_asks_for_its_own_password(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "startup-config").write_text(CONSOLE)
    (state / "startup-config").chmod(0o600)
    with open(tmp_path / "log", "wb") as log, \
            Terminal(str(VTYD), "--state", str(state), "--listen",
                     "127.0.0.1:0", stderr=log) as screen:
        for _ in range(3):
            screen.expect("Password: ")
            screen.type("wrong\r")
        screen.expect("% Bad passwords\r\n")
        screen.expect("Press RETURN to get started")
        screen.type("\r")
        screen.expect("User Access Verification\r\n\r\nPassword: ")
        screen.type("cisco\r")
        screen.expect("Router#")
        screen.type("show privilege\r")
        screen.expect("privilege level is 3\r\nRouter#")
        screen.type("terminal length 0\r")
        screen.expect("Router#")
        screen.type("show line con 0\r")
        screen.expect(r"\* +0 CTY .* 1 +0 +0/0 +-\r\n")
        screen.expect("Router#")
        wait_for(lambda: (tmp_path / "log").read_text().count(
            "%SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: ] [Source: "
            "LOCAL] [localport: 0] [Reason: Login Authentication Failed] at "
        ) == 3, "three log lines")


# --- quiet mode --------------------------------------------------------------

GUARDED = CONFIG + """\
access-list 10 permit 127.0.9.9
login block-for 3 attempts 2 within 600
login quiet-mode access-class 10
"""


def is_reset(port, source):
    try:
        with socket.create_connection(("127.0.0.1", port), 60,
                                      source_address=(source, 0)) as stream:
            return stream.recv(1) == b""
    except ConnectionError:
        return True


def test_too_many_failures_block_all_but_the_permitted(tmp_path):
    with Router(tmp_path, config=GUARDED, keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as session:
        waiting = Wire(router.port, source="127.0.7.1").connect()
        with Wire(router.port, source="127.0.7.2").connect().service() as wire:
            wire.send(wire.password_request(password="wrong"))
            wire.expect(USERAUTH_FAILURE)
            wire.send(wire.password_request(user="nobody", password="wrong"))
            assert wire.disconnect_reason() == 11
        router.wait_log(r"%SEC_LOGIN-1-QUIET_MODE_ON: Still timeleft for "
                        r"watching failures is \d+ seconds, \[user: "
                        r"nobody\] \[Source: 127.0.7.2\] .* \[ACL: 10\]")
        # Who was about to log in is denied as well; who has is not.
        assert waiting.disconnect_reason() == 11
        waiting.close()
        blocked = is_reset(router.port, "127.0.7.3")
        with Wire(router.port, source="127.0.9.9").login() as wire:
            shown = wire.exec("show privilege")
        over = "QUIET_MODE_OFF" in router.log()
        assert blocked or over
        assert shown[1] == 0
        failures = session.command("show login failures")
        assert "Total failed logins: 2" in failures
        assert re.search(rf"^lab +127.0.7.2 +{router.port} +1 +\d\d:",
                         failures, re.M)
        router.wait_log(r"%SEC_LOGIN-5-QUIET_MODE_OFF: Quiet Mode is OFF, "
                        r"because block period timed out at ")
        with Wire(router.port, source="127.0.7.2").login():
            pass
        assert "presently in Normal-Mode" in session.command("show login")


def test_the_watch_ends_with_its_configuration(tmp_path):
    config = GUARDED.replace("block-for 3", "block-for 600")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as session:
        with Wire(router.port).connect().service() as wire:
            wire.send(wire.password_request(password="wrong"))
            wire.expect(USERAUTH_FAILURE)
            wire.send(wire.password_request(password="wrong"))
            assert wire.disconnect_reason() == 11
        assert is_reset(router.port, "127.0.7.3")
        assert "presently in Quiet-Mode" in session.command("show login")
        session.configure("no login block-for")
        with Wire(router.port).login():
            pass


def test_an_ssh_client_is_refused_in_quiet_mode(tmp_path):
    """Nothing is said: the connection is reset before any banner."""
    config = GUARDED.replace("block-for 3 attempts 2",
                             "block-for 600 attempts 1")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        with Wire(router.port).connect().service() as wire:
            wire.send(wire.password_request(password="wrong"))
            assert wire.disconnect_reason() == 11
        result = subprocess.run(
            ["ssh", "-p", str(router.port), "-o", "BatchMode=yes",
             "-o", "StrictHostKeyChecking=no", "-o",
             "UserKnownHostsFile=/dev/null", "lab@127.0.0.1"],
            capture_output=True, text=True, timeout=60)
        assert result.returncode == 255
        assert re.search("reset|Connection closed", result.stderr)
