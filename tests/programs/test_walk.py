"""A walk over all that `?` shows: whatever it lists is there and works."""
import re

import pytest

from session import Session

pytestmark = pytest.mark.long

# What a value is called in help, and one of its values.
VALUES = (
    (r"<(-?\d+)[- ].*>", r"\1"), (r"A\.B\.C\.D", "192.0.2.1"),
    (r"X:X::X", "2001:db8::1"), (r"X:X:X:X::X/<0-128>", "2001:db8::/64"),
    ("hh:mm:ss", "12:30:00"), (r"hhh?:mm", "12:30"), ("LINE|WORD", "word"),
    ("[^A-Z<>].*|[A-Z][a-z]+.*", None),
)
ERRORS = ("% Invalid input", "% Incomplete", "% Ambiguous",
          "% Unrecognized command", "% Unknown")
# One day and one month stand for all of them.
OTHERS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
          "January", "February", "March", "June", "July", "August",
          "September", "October", "November", "December", "April"}
LEAVES = {"exit", "logout", "quit", "end", "do", "<cr>", "|"} | OTHERS
NEGATIONS = {"no", "default"}

MODES = {
    "exec": (),
    "config": ("configure terminal",),
    "console": ("configure terminal", "line con 0"),
    "vty": ("configure terminal", "line vty 0 4"),
    "interface": ("configure terminal", "interface lo"),
    "list": ("configure terminal", "ip access-list standard LIST"),
    "ipv6-list": ("configure terminal", "ipv6 access-list SIX"),
    "pubkey": ("configure terminal", "ip ssh pubkey-chain"),
    "pubkey-user": ("configure terminal", "ip ssh pubkey-chain",
                    "username lab"),
    "pubkey-server": ("configure terminal", "ip ssh pubkey-chain",
                      "server 192.0.2.1"),
    "tty": ("configure terminal", "line 1"),
    "archive": ("configure terminal", "archive"),
    "archive-log": ("configure terminal", "archive", "log config"),
    "radius-group": ("configure terminal", "aaa new-model",
                     "aaa group server radius G"),
    "radius-server": ("configure terminal", "aaa new-model",
                      "radius server S"),
    "tacacs-group": ("configure terminal", "aaa new-model",
                     "aaa group server tacacs+ G"),
    "tacacs-server": ("configure terminal", "aaa new-model",
                      "tacacs server S"),
}

CLEAN = re.compile(r"[\x20-\x7e\r\n]*")
SECRET = "m4rk3r"
# Terminal escapes in every form, formats, commands and ends of banners.
NASTY = "\x1b[2J\x07\x9b31m\u202ex\x7f\x08%n%s$($(hostname)) ^C | end"
CONFIG = f"""\
hostname R1
service timestamps log datetime msec
enable password level 3 0 {SECRET}enable
username root privilege 15 password 0 {SECRET}
username low privilege 1 password 0 {SECRET}
username mid privilege 7 password 0 {SECRET}
privilege exec level 7 show running-config
privilege exec level 7 show startup-config
privilege exec level 7 show tech-support
line con 0
 password 0 {SECRET}line
"""
# Each with something nasty behind: it is refused, or shown without harm.
ENDLESS = ("interface lo\n description ", "alias exec nasty show ",
           "access-list 9 remark ", "ip access-list standard A\n remark ",
           "ipv6 access-list B\n remark ", "line con 0\n location ",
           "line 1\n location ", "line 2\n device /dev/",
           "line 1\n access-user ",
           "banner exec #", "banner incoming #", "hostname ", "username ",
           "username lab autocommand ", "ip domain name ", "enable secret 0 ",
           "privilege exec level 3 ", "ip ssh rsa keypair-name ",
           "alias exec ", "ip route 10.9.0.0 255.255.0.0 Null0 name ",
           "clock timezone ", "archive\n path flash:", "ip host ")


def login(router, user="root"):
    return Session(router, user=user, password=SECRET, columns=500)


def help_on(user, line):
    """The words, and what is said about them."""
    seen = user.type(line + "?",
                     rf"\n[\w.-]+(\([\w+-]+\))?[>#]{re.escape(line)}$")
    if line:
        user.type("\x15\n")
    return dict(re.findall(r"^  (<[^>]*>|\S+)(?: +(\S.*?))?\r$", seen, re.M))


def value_of(word):
    for pattern, value in VALUES:
        if re.fullmatch(pattern, word):
            return word if value is None else re.sub(pattern, value, word)
    raise AssertionError(f"{word}: neither a word nor a value")


def walk(user, start="", skip=LEAVES):
    """Every line that may end, by what `?` shows on the way."""
    complete, lines = [], [(start, frozenset())]
    while lines:
        line, above = lines.pop()
        offered = help_on(user, line)
        assert offered, f"nothing behind {line!r}"
        for word, text in offered.items():
            assert text or word == "<cr>", f"{line}{word} is not explained"
        if "<cr>" in offered:
            complete.append(line.strip())
        words = frozenset(offered) - skip
        # Options that may stand in any order do so once; those of ssh and of
        # users, which have values, one at a time.
        if not words <= above:
            known = (above | words if line.startswith(("ssh ", "username "))
                     else words)
            lines += [(f"{line}{value_of(word)} ", known) for word in words]
    return sorted(complete)


@pytest.fixture
def walked(router_of):
    """One for each mode: much is changed on the way."""
    return router_of(CONFIG + "line 1\nline aux 0\n")


@pytest.fixture(scope="module")
def nasty(router_of):
    """One that was told nasty things, each in a file of its own."""
    router = router_of(CONFIG)
    with login(router) as user:
        user.configure("file prompt quiet", "line 1", "line aux 0")
        for i, start in enumerate(ENDLESS):
            path = router.state / "flash" / f"nasty{i}"
            path.write_bytes(f"{start}{NASTY}#\n".encode())
            user.command(f"copy flash:nasty{i} running-config")
        user.command("write memory")
    return router


# --- show ------------------------------------------------------------------------

SHOWS_SECRETS = ("show running-config", "show startup-config",
                 "show configuration", "show ssh", "show history")


@pytest.mark.parametrize("name", ("low", "mid", "root"))
def test_every_show_command_runs_clean_and_tells_no_secret(nasty, name):
    with login(nasty, name) as user:
        lines = walk(user, "show ")
        assert len(lines) > 25
        for line in lines:
            seen = user.type(line + "\n")
            assert not any(error in seen for error in ERRORS), seen
            assert CLEAN.fullmatch(seen), (line, seen)
            assert SECRET not in seen or \
                name == "root" and line.startswith(SHOWS_SECRETS), (line, seen)
    assert CLEAN.fullmatch(nasty.log().replace("\n", "\r\n"))


# --- every other mode ------------------------------------------------------------

# It may end with a prompt, a question, or the wish for a text.
ANSWERED = (r"(\n[\w.-]+(\([\w+-]+\))?[>#]|[?:\])] ?"
            r"|character '.'\.\r\n|by itself\.\r\n|itself\.\r\n"
            r"|CTRL/C:\r\n)$")
# Without them the walk would go on elsewhere, or last.
SKIPPED = ("crypto key generate rsa", "hostname", "disconnect", "clear line",
           "reload", "show", "disable", "enable 0", "enable 1", "line vty",
           "ip ssh server algorithm", "exec-timeout", "absolute-timeout",
           "no exec", "monitor", "crypto key zeroize", "login", "transport",
           "write", "ip ssh version", "ping", "traceroute", "configure",
           "access-class", "ipv6 access-class")


def run(user, line):
    """What it says; questions are given up."""
    seen = ""
    try:
        seen = user.type(line + "\n", ANSWERED)
        if not re.search(r"\n[\w.-]+(\([\w+-]+\))?[>#]$", seen) or \
                "pubkey-data" in seen:
            # Given up before it was asked: the prompt is on the same line.
            seen += user.type("\x03", r"(^|\n)[\w.-]+(\([\w+-]+\))?[>#]$")
    except TimeoutError as late:
        raise AssertionError(f"{line}: {seen!r}, then {late}")
    return seen


@pytest.mark.parametrize("mode", MODES)
def test_what_help_shows_is_there(walked, mode):
    with login(walked) as user:
        def enter():
            user.command("end" if user.prompt.endswith(")#") else "")
            for line in MODES[mode]:
                assert "%" not in user.command(line)
        user.command("")
        enter()
        lines = walk(user, skip=LEAVES | (NEGATIONS if MODES[mode] else set()))
        for line in lines:
            if line.startswith(SKIPPED):
                continue
            enter()
            seen = run(user, line)
            assert not any(error in seen for error in ERRORS), (line, seen)
            user.command("")
