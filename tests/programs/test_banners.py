"""Banners: as people and tools type them, as they are written and shown."""
import re

import openssh
import pytest
from router import CONFIG, Router
from session import Session

ADMIN = CONFIG.replace("username lab", "username lab privilege 15")


@pytest.fixture(scope="module")
def router():
    with Router(config=ADMIN, keys=("ed25519",)) as one:
        yield one


def shown_banner(user, kind):
    """As Ansible's ios_banner and ios_config find it."""
    text = user.command(f"show running-config | begin banner {kind}")
    found = re.search(rf"^banner {kind} \^C(.*?)\^C", text, re.S)
    return found[1].strip() if found else None


def test_ansibles_sequence_sent_without_waiting(router):
    with Session(router) as user:
        for text in ("one line", "this is\na banner\n\nwith # and > in it"):
            for kind in ("login", "motd", "exec"):
                user.type(f"config terminal\nbanner {kind} @\n{text}\n@\nend\n"
                          "show privilege\n", r"level is 15\r\n[^\n]*#$")
                # The second run finds what the first one set.
                assert shown_banner(user, kind) == text
        user.configure("no banner login", "no banner motd", "no banner exec")
        assert shown_banner(user, "motd") is None


@pytest.mark.parametrize("delimiter", ["#", "^C", "z", "%", "\\", "\""])
def test_any_delimiter_on_one_line_and_on_several(router, delimiter):
    with Session(router) as user:
        user.configure(f"banner motd {delimiter}Hello{delimiter} ignored")
        assert shown_banner(user, "motd") == "Hello"
        user.command("configure terminal")
        seen = user.type(f"banner motd {delimiter}\n", r"'\.\r\n$")
        assert (f"\r\nEnter TEXT message.  End with the character "
                f"'{delimiter}'.\r\n") in seen
        user.type(f" first\nsecond {delimiter} not this\n")
        user.command("end")
        assert shown_banner(user, "motd") == "first\nsecond"
        user.configure("no banner motd")


def test_without_a_kind_it_is_the_motd(router):
    with Session(router) as user:
        user.configure("banner $Watched$")
        assert shown_banner(user, "motd") == "Watched"
    with Session(router) as user:
        assert user.greeting == "\r\nWatched\r\n\r\nRouter#"
        user.configure("no banner")
    with Session(router) as user:
        assert user.greeting == "\r\n\r\nRouter#"


def test_tokens_are_replaced_when_it_is_shown(router):
    tokens = "$(hostname)|$(domain)|$(line)|$(line-desc)|$(other)"
    with Session(router) as user:
        user.configure(f"banner login #{tokens}#", f"banner exec #{tokens}#",
                       "hostname R9", "ip domain name d.example",
                       "line vty 0 15", "location rack $(line)", "exit")
    expected = r"R9\|d\.example\|\d+\|rack \$\(line\)\|\$\(other\)\r\n"
    with Session(router) as user:
        assert re.search(expected, user.greeting)
    result = openssh.run(router, "show privilege")
    assert re.search(expected.encode(), result.stderr)
    assert result.stdout == b"Current privilege level is 15\r\n"
    with Session(router) as user:
        # They are kept as they were typed.
        assert shown_banner(user, "login") == tokens
        user.configure("no banner login", "no banner exec", "no hostname",
                       "no ip domain name", "line vty 0 15", "no location",
                       "exit")


def test_a_session_that_ends_in_the_middle_sets_nothing(router):
    with Session(router) as user:
        user.command("configure terminal")
        user.type("banner motd #\n", r"'\.\r\n$")
        user.channel.send("half\n")
    with Session(router) as user:
        assert shown_banner(user, "motd") is None
        user.command("configure terminal")
        user.type("banner motd #\n", r"'\.\r\n$")
        user.type("half\n\x03", r"\)#$")
        user.command("end")
        assert shown_banner(user, "motd") is None
