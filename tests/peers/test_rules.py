"""What serves all automation clients: a test for each rule.

The rules are those of the first section of the notes on automation clients,
in their order and by their numbers; test_rule_02... is the second one. Where
other tests look at more of a rule, they are named here:

  2   programs/test_engine.py    test_one_enter_however_it_comes
  5   programs/test_engine.py    test_host_names
  9   unit/term/line_editor.c    test_a_line_within_the_width_is_one_run
  10  programs/test_engine.py    test_the_mark_follows_a_scrolled_line
  12  programs/test_engine.py    test_log_lines_come_where_they_are_wanted
  15  programs/test_banners.py   test_tokens_are_replaced_when_it_is_shown
  16  peers/test_openssh.py      test_default_options_show_the_banner_...
  17  unit/term/pager.c          all of it; test_pexpect.py, test_filters.py
  18  programs/test_commands.py  test_sixty_lines_pasted_at_once_...
                                 test_a_banner_and_a_key_pasted_with_more_...
      programs/test_engine.py    test_five_thousand_lines_through_ssh_...
  19  programs/test_hardening_5.py  test_hardening_5_13_the_end_of_200_commands
  20  programs/test_commands.py  test_exec_timeout_ends_an_idle_session

The keys (section 8) have their test at the end, and more in
programs/test_engine.py, test_keys_that_change_words. The checklist (section
12, without file transfers):

  1   test_pexpect.py   test_wrong_secrets_help_tab_and_rub_out, and the next
  2   test_openssh.py   test_several_sessions_share_a_connection,
                        test_exec_of_a_wrong_command_exits_1
  4   test_rekeying_through_200_commands, below
  5   test_netmiko.py   all of it
  6   test_conversations.py  NAPALM; test_ansible.py
  7   test_conversations.py  scrapli, Oxidized; test_rancid.py;
                        test_expect.py
"""
import re
import subprocess

import openssh
import pytest
import wire
from router import CONFIG, Router
from session import Session

INVALID = "% Invalid input detected at '^' marker.\r\n\r\n"
ENABLED = b"Router#"


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG, keys=("ed25519", "rsa")) as one:
        yield one


class Screen(wire.Wire):
    """A shell on a terminal, byte by byte."""

    def __init__(self, router, columns=80, rows=24, enable=True):
        super().__init__(router.port)
        self.login()
        self.number = self.open_session()
        size = wire.u32(columns) + wire.u32(rows) + wire.u32(0) + wire.u32(0)
        for name, data in (("pty-req", wire.string("vt100") + size +
                            wire.string("")), ("shell", b"")):
            self.send(self.channel_request(self.number, name, data=data))
            self.expect(wire.CHANNEL_SUCCESS)
        self.first = self.until(b">")
        if enable:
            self.type("enable\r", b"Password: ")
            self.type("cisco\r", ENABLED)

    def type(self, text, end=ENABLED):
        """Send this; all that comes up to that end."""
        self.data(self.number, text)
        return self.until(end).decode()

    def command(self, line, end=ENABLED):
        """What it prints: neither its echo nor the prompt."""
        seen = self.type(line + "\r", end)
        assert seen.startswith(line + "\r\n"), seen
        return seen[len(line) + 2:-len(end)]

    def nothing_more(self):
        """Nothing was on its way: the next byte is the echo of this one."""
        assert self.type("!", b"!") == "!"
        assert self.type("\x7f", b"\b \b") == "\b \b"


@pytest.fixture
def screen(router):
    with Screen(router) as one:
        yield one


def test_rule_01_each_character_is_echoed_as_it_arrives(screen):
    for each in "show privilege":
        assert screen.type(each, each.encode()) == each


@pytest.mark.parametrize("enter", ("\r", "\n", "\r\n"))
def test_rule_02_each_kind_of_enter_counts_once(screen, enter):
    for _ in range(3):
        assert screen.type("show privilege" + enter) == \
            "show privilege\r\nCurrent privilege level is 15\r\nRouter#"
    # Its two bytes in packets of their own.
    if len(enter) == 2:
        screen.data(screen.number, "show privilege\r")
        assert screen.until(ENABLED).endswith(b"15\r\nRouter#")
        screen.data(screen.number, "\n")
    screen.nothing_more()


SHOWN = ("show version", "show users", "show ip ssh", "show inventory", "dir",
         "show running-config", "show ip interface brief", "show interfaces",
         "show line", "show processes cpu", "show clock", "show aliases",
         "show nothing", "show", "show i")


def test_rule_03_lines_end_in_cr_lf_and_the_prompt_stands_alone(screen):
    screen.command("terminal length 0")
    for command in SHOWN:
        seen = screen.command(command)
        assert seen.endswith("\r\n"), command
        assert "\r\r" not in seen, command
        assert seen.count("\r") == seen.count("\n") == seen.count("\r\n"), \
            command
    assert screen.command("show privilege") == \
        "Current privilege level is 15\r\n"


def test_rule_04_nothing_stands_behind_a_prompt(screen):
    assert screen.first.endswith(b"\r\nRouter>") or \
        screen.first == b"Router>"
    seen = screen.type("\r\r\r", b"\r\nRouter#\r\nRouter#\r\nRouter#")
    seen += screen.type("configure terminal\r", b"(config)#")
    seen += screen.type("line vty 0 4\r", b"(config-line)#")
    seen += screen.type("end\r")
    screen.nothing_more()
    assert not set(seen) & set("\x1b\a\x9b")


def test_rule_05_long_names_are_cut_in_front_of_a_mode(router, screen):
    name = "edge-router-in-the-basement-of-the-north-building"
    try:
        screen.type(f"configure terminal\rhostname {name}\r",
                    f"{name[:20]}(config)#".encode())
        screen.type("end\r", f"\r\n{name}#".encode())
        screen.type("configure terminal\r", f"{name[:20]}(config)#".encode())
        screen.type("line vty 0 4\r", f"{name[:20]}(config-line)#".encode())
        # As scrapli and Netmiko look at it.
        assert re.fullmatch(r"[\w.\-@/:]{1,63}#", name + "#")
    finally:
        screen.type("no hostname\r", b"Router(config)#")


MODES = ("line vty 0 4", "line con 0", "ip ssh pubkey-chain",
         "ip access-list standard 10", "ipv6 access-list SIX")


def test_rule_06_modes_are_named_and_left(screen):
    for leave in ("end\r", "\x1a"):
        for mode in MODES:
            screen.type("configure terminal\r", b"Router(config)#")
            seen = screen.type(mode + "\r", b")#")
            assert "% Invalid" not in seen, mode
            # One of IOS's own names is shorter.
            assert re.search(r"\r\nRouter\(conf(ig-[\w-]+|-ssh-pubkey)\)#\Z",
                             seen), mode
            assert screen.type(leave).endswith("\r\nRouter#"), mode
            screen.nothing_more()


def test_rule_07_an_empty_line_has_the_prompt_for_an_answer(screen):
    # An LF behind a CR would be a part of it.
    for enter in ("   \n", "\n", "\r", "   \r"):
        assert screen.type(enter).strip(" ") == "\r\nRouter#"


@pytest.mark.parametrize("command", (
    "terminal length 0", "terminal width 0", "terminal width 132",
    "terminal width 511", "terminal width 512", "term len 0",
    "term length 0", "term width 0", "term width 512", "term wid 511"))
def test_rule_08_terminal_settings_are_silent_for_everybody(router, command):
    with Screen(router, enable=False) as user:
        assert user.command(command, b"Router>") == ""


@pytest.mark.parametrize("width", (0, 511, 512))
def test_rule_09_a_long_command_is_echoed_in_one_run(screen, width):
    screen.command(f"terminal width {width}")
    line = "show running-config | include " + "x" * 200
    assert screen.type(line + "\r") == line + "\r\nRouter#"


def test_rule_09_a_width_breaks_no_line_of_output(router):
    with Screen(router, 40, 24) as screen:
        screen.command("terminal length 0")
        text = screen.command("show running-config all")
        assert max(map(len, text.split("\r\n"))) > 80


@pytest.mark.parametrize("command, answer", (
    ("show nothing", " " * 12 + "^\r\n" + INVALID),
    ("terminal length 513", " " * 23 + "^\r\n" + INVALID),
    ("show", "% Incomplete command.\r\n\r\n"),
    ("show i", '% Ambiguous command:  "show i"\r\n')))
def test_rule_10_errors_have_their_texts(screen, command, answer):
    assert screen.command(command) == answer


def test_rule_10_what_went_well_reads_like_no_error(screen):
    screen.command("terminal length 0")
    for command in SHOWN[:-3]:
        assert not re.search(
            r"% ?Error|ERROR:|not found|invalid input|Bad mask",
            screen.command(command), re.I), command


def test_rule_11_nul_is_nothing(screen):
    assert screen.type("\0sh\0ow priv\0\0ilege\0\r\0") == \
        "show privilege\r\nCurrent privilege level is 15\r\nRouter#"
    screen.nothing_more()


def test_rule_12_no_log_line_comes_unasked(router, screen):
    with Session(router, enable="cisco") as other:
        other.configure("access-list 12 permit 192.0.2.12",
                        "no access-list 12")
    router.wait_log("%SYS-5-CONFIG_I: ")
    screen.nothing_more()
    assert screen.command("show privilege") == \
        "Current privilege level is 15\r\n"
    screen.nothing_more()


def test_rule_13_enable_asks_three_times(router):
    with Screen(router, enable=False) as user:
        assert user.type("enable\r", b": ") == "enable\r\nPassword: "
        assert user.type("wrong\r", b": ") == "\r\nPassword: "
        assert user.type("wrong\n", b": ") == "\r\nPassword: "
        assert user.type("wrong\r", b">") == \
            "\r\n% Bad secrets\r\n\r\nRouter>"
        assert user.type("enable\n", b": ") == "enable\r\nPassword: "
        assert user.type("cisco\n") == "\r\nRouter#"
        assert user.type("enable\n") == "enable\r\nRouter#"


def test_rule_14_show_privilege(router, screen):
    with Screen(router, enable=False) as user:
        assert user.command("show privilege", b"Router>") == \
            "Current privilege level is 1\r\n"
    assert screen.command("show privilege") == \
        "Current privilege level is 15\r\n"


def test_rule_15_and_16_banners_come_before_the_prompt(router):
    """The one of the login while it lasts, the others on the channel, and
    never a page of them."""
    motd = "".join(f"Line {i} of the day\n" for i in range(60))
    with Session(router, enable="cisco") as session:
        session.command("configure terminal")
        for kind, text in (("motd", motd), ("exec", "Be careful\n")):
            session.type(f"banner {kind} ^C\n{text}^C\n",
                         r"\^C\r\n\S*\(config\)#$")
        session.command("end")
        try:
            with Screen(router, 80, 10, enable=False) as user:
                first = user.first.decode()
        finally:
            session.configure("no banner motd", "no banner exec")
    assert "Authorized users only" not in first
    assert "More" not in first
    assert first.index("Line 59 of the day\r\n") < \
        first.index("Be careful\r\n")
    assert first.endswith("\r\nRouter>")
    assert not re.search(r"[>#]\r?$", first[:-1], re.M)


def test_rule_17_pages(router):
    more = " --More-- "
    with Screen(router, 80, 10) as screen:
        seen = screen.type("show running-config\r", more.encode())
        # The command's own line, and one less than the page has.
        assert seen.count("\r\n") == 10
        for key, lines in (("\r", 1), (" ", 9), ("\n", 1)):
            seen = screen.type(key, more.encode())
            assert re.match(r"[\b\r]+ +[\b\r]+[^\b\r]", seen), seen
            assert seen.count("\r\n") == lines
        for key in ("q", "x", "\x03"):
            seen = screen.type(key)
            assert seen.count("\r\n") <= 1 and "\x1b" not in seen
            # The key was for the page alone.
            screen.nothing_more()
            screen.type("show running-config\r", more.encode())
        screen.type("q")
        screen.command("terminal length 0")
        assert more not in screen.command("show running-config")


def test_rule_18_what_is_typed_ahead_comes_in_order(screen):
    screen.command("terminal length 0")
    lines = ["show running-config", "show privilege", "show clock",
             "configure terminal", "hostname Ahead", "no hostname", "end",
             "show privilege"]
    seen = screen.type("\r".join(lines) + "\rshow users",
                       b"Router#show users")
    at = -1
    for prompt, line in zip(("", "Router#", "Router#", "Router#",
                             "Router(config)#", "Ahead(config)#",
                             "Router(config)#", "Router#"), lines):
        at = seen.index(prompt + line + "\r\n", at + 1)
    assert seen.endswith("Current privilege level is 15\r\n"
                         "Router#show users")
    screen.type("\r")


def test_rule_18_what_is_typed_meanwhile_is_echoed_behind_the_prompt(screen):
    # A command that lasts, whether this machine lets it ping or not.
    screen.data(screen.number, "ping 127.0.0.1 repeat 3\r")
    screen.data(screen.number, "show privilege\r")
    end = b"Router#show privilege\r\nCurrent privilege level is 15\r\nRouter#"
    seen = screen.until(end)
    assert seen.count(b"show privilege") == 1
    assert seen.count(b"Router#") == 2


@pytest.mark.parametrize("leave", ("exit", "logout", "quit"))
def test_rule_19_the_end_of_a_shell(screen, leave):
    screen.data(screen.number, leave + "\r")
    order = []
    while wire.CHANNEL_CLOSE not in order:
        payload = screen.receive()
        order.append(payload[0])
        if payload[0] == wire.CHANNEL_REQUEST:
            reader = wire.Reader(payload[5:])
            assert reader.string() == b"exit-status"
            assert (reader.u8(), reader.u32()) == (0, 0)
    assert [each for each in order if each != wire.CHANNEL_DATA] == \
        [wire.CHANNEL_REQUEST, wire.CHANNEL_EOF, wire.CHANNEL_CLOSE]
    screen.send(bytes([wire.CHANNEL_CLOSE]) + wire.u32(screen.number))
    # The connection is still good for another.
    assert screen.exec("show privilege", 7) == \
        (b"Current privilege level is 1\r\n", 0)


def test_rule_20_both_forms_of_no_timeout(router, screen):
    screen.command("terminal length 0")
    for form in ("exec-timeout 0", "exec-timeout 0 0"):
        screen.type("configure terminal\rline vty 0 4\r", b"(config-line)#")
        screen.type("exec-timeout 5 0\r", b"(config-line)#")
        assert screen.type(form + "\r", b"#") == \
            form + "\r\nRouter(config-line)#"
        screen.type("end\r")
        assert "\r\n exec-timeout 0 0\r\n" in \
            screen.command("show running-config | section line vty 0 4")
    screen.type("configure terminal\rline vty 0 4\r", b"(config-line)#")
    screen.type("default exec-timeout\rend\r")


# --- keys (section 8) --------------------------------------------------------

@pytest.mark.parametrize("typed", (
    "show privx\bilege", "show privx\x7filege",
    "garbage\x15show privilege", "garbage\x18show privilege",
    "show nothing\x17privilege", "show privilegexx\x02\x02\x0b",
    "privilege\x01show \x05", "how privilege\x01s",
    "show pivilege\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D\x1b[Dr",
    "show prvilege\x02\x02\x02\x02\x02\x02i\x06",
    "show priv\t", "show priv\x12ilege", "show priv\x0cilege",
    "show clock\r\x10\x10\x0e\x15show privilege",
    "show users\rshow privilege\r\x1b[A\x1b[A\x1b[B"))
def test_keys_that_edit(screen, typed):
    screen.command("terminal length 0")
    screen.data(screen.number, typed + "\r")
    times = 2 if "\rshow privilege\r" in typed else 1
    seen = b""
    while seen.count(b"Current privilege level is 15\r\nRouter#") < times:
        seen += screen.until(b"\r\nRouter#")
    screen.nothing_more()


def test_keys_that_leave(screen):
    assert screen.type("show nothing\x03").endswith("\r\nRouter#")
    screen.type("configure terminal\r", b"(config)#")
    assert screen.type("hostname No\x03").endswith("\r\nRouter#")
    screen.type("configure terminal\r", b"(config)#")
    assert screen.type("hostname Yes\x1a", b"Yes#") == \
        "hostname Yes^Z\r\nYes#"
    screen.type("configure terminal\r", b"(config)#")
    screen.type("no hostname\rend\r")


def test_a_question_mark_helps_at_once_but_not_in_a_secret(router, screen):
    assert screen.type("show pri?", b"Router#show pri") == \
        "show pri?\r\nprivilege\r\n\r\nRouter#show pri"
    screen.type("\x15\r")
    # Quoted, it is a character.
    assert screen.type("show a\x16?b", b"?b").endswith("show a?b")
    screen.type("\x15\r")
    with Screen(router, enable=False) as user:
        user.type("enable\r", b"Password: ")
        assert user.type("ci?sco\r", b": ") == "\r\nPassword: "


# --- the checklist (section 12) ------------------------------------------------

def test_rekeying_through_200_commands(router):
    """Point 4."""
    ran = subprocess.run(
        openssh.arguments(router, "RekeyLimit=16K") + ["-T"],
        env=openssh.environment(), input=b"show version\n" * 200,
        capture_output=True, timeout=120, start_new_session=True)
    assert ran.returncode == 0, ran.stderr
    assert len(re.findall(rb"^Router uptime is ", ran.stdout, re.M)) == 200
