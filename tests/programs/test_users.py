"""Who may do what: levels, users' own commands, the console without a
password."""
import os

import pytest
from console import Terminal
from router import CONFIG, Router, VTYD
from session import Session
from wire import USERAUTH_FAILURE, Wire

USERS = """\
enable secret level 7 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
enable password level 5 five
username once password 0 once
username once autocommand show privilege
username stay password 0 stay
username stay nohangup autocommand show privilege
username open nopassword
"""


@pytest.fixture(scope="module")
def router():
    with Router(config=USERS + CONFIG, keys=("ed25519",)) as one:
        yield one


def test_each_level_asks_for_its_own(router):
    with Session(router) as s:
        assert s.command("enable 3") == "% No password set\n"
        s.type("enable 5\n", r"Password: $")
        s.type("five\n", r"#$")
        assert s.command("show privilege") == "Current privilege level is 5\n"
        s.type("enable 7\n", r"Password: $")
        for _ in range(2):
            s.type("five\n", r"Password: $")
        assert "% Bad secrets\r\n\r\n" in s.type("five\n", r"#$")
        s.type("enable 7\n", r"Password: $")
        s.type("cisco\n", r"#$")
        assert s.command("show privilege") == "Current privilege level is 7\n"
        s.command("disable")
        s.type("enable 5\n", r"Password: $")
        for _ in range(2):
            s.type("cisco\n", r"Password: $")
        assert "% Bad passwords\r\n\r\n" in s.type("cisco\n", r">$")


def test_an_autocommand_is_all_that_its_user_gets(router):
    with Wire(router.port).login("once", "once") as wire:
        channel = wire.shell(prompt=b"is 1\r\n")
        output, status = wire.until_close(channel)
        assert (output, status) == (b"", 0)
        # Nor does an exec request bring another command.
        assert wire.exec("show users", 1) == \
            (b"Current privilege level is 1\r\n", 0)


def test_nohangup_goes_on_at_the_prompt(router):
    with Session(router, user="stay", password="stay") as s:
        assert "Current privilege level is 1\r\nRouter>" in s.greeting
        assert "stay" in s.command("show users")


def test_nopassword_is_for_the_console_only(router, tmp_path):
    with Wire(router.port).connect().service() as wire:
        for password in ("", "open"):
            wire.send(wire.password_request("open", password))
            wire.expect(USERAUTH_FAILURE)
    router = Router(tmp_path, config="username open privilege 15 nopassword\n"
                                     "line con 0\n login local\n")
    terminal = Terminal(str(VTYD), "--state", str(router.state), "--console",
                        stderr=open(os.devnull, "wb"))
    with terminal:
        terminal.type("\r")
        terminal.expect("Username: ")
        terminal.type("open\r")
        terminal.expect("Router#")
