"""The command line's conduct on a real router: aliases, levels, help, modes.

What one line does is in tests/unit/cli; here is what takes a session, a
terminal or several commands.
"""
import re

import openssh
import pytest
from console import attach
from router import CONFIG, Router, wait_for
from session import Session

INVALID = "% Invalid input detected at '^' marker.\n\n"
ENTER = "Enter configuration commands, one per line.  End with CNTL/Z.\n"


@pytest.fixture(scope="module")
def plain():
    """User lab, level 1."""
    with Router(config=CONFIG, keys=("ed25519",)) as one:
        yield one


# --- aliases ------------------------------------------------------------------

def test_built_in_aliases_are_those_of_commands_that_are_there(plain):
    with Session(plain) as user:
        text = user.command("show aliases")
        assert text.startswith("Exec mode aliases:\n"
                               "  h                     help\n"
                               "  lo                    logout\n")
        assert "  s                     show\n" in text
        for line in text.splitlines()[1:]:
            name, command = line.split(maxsplit=1)
            answer = user.type(name + " ?", rf">{name} $")
            assert "% Unrecognized" not in answer, (name, command)
            user.type("\x15\n")
        assert user.command("s privilege") == user.command("show privilege")
        assert user.command("h").startswith("Type a question mark")


def test_an_alias_is_configured_shown_used_and_removed(plain):
    with Session(plain, enable="cisco") as user:
        user.configure("alias exec level show privilege",
                       "alias exec cfg show running-config",
                       "alias exec level  sh  PRIV")
        assert user.command("level") == "Current privilege level is 15\n"
        assert "  level                 sh  PRIV\n" in \
            user.command("show aliases")
        text = user.command("show running-config")
        assert "\nalias exec level sh  PRIV\n" in text
        assert "\nalias exec cfg show running-config\n" in text
        user.command("configure terminal")
        assert user.command("do level") == "Current privilege level is 15\n"
        user.command("end")
        # Help stands where the command's own would.
        assert re.search(r"level\?\r\n\*level=\"sh  PRIV\"",
                         user.type("level?", "#level$"))
        user.type("\x15\n")
        # It opens nothing to whoever may not use the command itself.
        user.command("disable")
        assert user.command("cfg") == "       ^\n" + INVALID
        user.type("enable\n", "Password: $")
        user.type("cisco\n")
        user.configure("no alias exec level", "no alias exec cfg")
        assert "level" not in user.command("show aliases")
        # The l begins other words.
        assert user.command("level") == "        ^\n" + INVALID
        user.command("configure terminal")
        assert user.command("alias exec !x show clock") == \
            "% Invalid alias name\n"


# --- levels -------------------------------------------------------------------

def test_a_commands_level_is_moved_in_parser_help_and_completion(plain):
    with Session(plain, enable="cisco") as user, Session(plain) as other:
        assert other.command("clear line 77") == "       ^\n" + INVALID
        user.configure("privilege exec level 1 clear line",
                       "privilege exec level 15 sh user")
        assert ("\nprivilege exec level 1 clear line\n"
                "privilege exec level 15 show users\n") in \
            user.command("show running-config")
        assert "clear" in other.type("cl?", ">cl$")
        other.type("\x15\n")
        other.type("cl\t", r"\n\S+>clear $")
        other.type("\x15\n")
        assert other.command("show users") == \
            "            ^\n" + INVALID
        assert "users" not in other.type("show ?", r">show $")
        other.type("\x15\n")
        assert " vty " in user.command("show users")
        user.configure("privilege exec reset show users",
                       "no privilege exec level 1 clear line")
        assert "privilege exec" not in user.command("show running-config")
        assert " vty " in other.command("show users")
        assert other.command("clear line 77") == "       ^\n" + INVALID


def test_a_level_is_of_words_inside_a_choice_too(plain):
    with Session(plain, enable="cisco") as user, Session(plain) as other:
        user.configure("privilege exec level 1 write mem",
                       "privilege exec level 7 show running-config all")
        assert ("privilege exec level 1 write memory\n"
                "privilege exec level 7 show running-config all\n") in \
            user.command("show running-config | include ^privilege exec")
        assert "[OK]" in other.command("write memory")
        assert other.command("write") == "% Incomplete command.\n\n"
        assert other.command("write erase") == \
            " " * len("Router>write ") + "^\n" + INVALID
        seen = other.type("write ?", r">write $")
        assert "  memory  " in seen and "erase" not in seen
        assert "<cr>" not in seen
        other.type("\x15\n")
        # What is the whole row's stays with it.
        user.command("enable 15")
        assert "[OK]" in user.command("write")
        user.configure("privilege exec reset write memory",
                       "privilege exec reset show running-config all")
        assert other.command("write memory").endswith("^\n" + INVALID)


def test_configuring_stays_with_level_15(plain):
    with Session(plain, enable="cisco") as user:
        user.configure("privilege exec level 1 configure")
        with Session(plain) as other:
            assert other.command("configure terminal") == ENTER
            assert other.prompt == "Router(config)#"
            assert other.command("hostname Mine") == \
                " " * len("Router(config)#") + "^\n" + INVALID
            assert other.command("do show privilege") == \
                "Current privilege level is 1\n"
            other.command("exit")
            assert other.prompt == "Router>"
        user.configure("privilege exec reset configure")


@pytest.mark.parametrize("command", ("show nothing", "nonsense", "show privilege x",
                                     "clear line vty 1", "hostname"))
def test_a_level_is_of_first_words_only(plain, command):
    with Session(plain, enable="cisco") as user:
        user.command("configure terminal")
        assert user.command(f"privilege exec level 3 {command}") == \
            "% These are not the first words of an EXEC command\n"
        assert user.command("no privilege exec level 3") == \
            "% Incomplete command.\n\n"


# --- help, modes, levels of a session -------------------------------------------

def test_help_is_there_in_every_mode(plain):
    with Session(plain, enable="cisco") as user:
        text = user.command("help")
        assert text.count("\n") == 8
        user.command("configure terminal")
        for line in ("line con 0", "line vty 0", "ip ssh pubkey-chain",
                     "username lab"):
            user.command(line)
            prompt = user.prompt
            assert user.command("help") == text
            assert user.prompt == prompt
        user.command("end")


def test_configure_asks_from_where(plain):
    question = "Configuring from terminal, memory, or network [terminal]? "
    with Session(plain, enable="cisco") as user:
        for answer, prompt in (("", "Router(config)#"),
                               ("term", "Router(config)#"),
                               ("network", "Router#"), ("\x03", "Router#")):
            seen = user.type("configure\n", r"\]\? $")
            assert seen == "configure\r\n" + question
            seen = user.type(answer if answer == "\x03" else answer + "\n")
            assert seen.endswith("\r\n" + prompt)
            assert (ENTER.strip() in seen) == ("config" in prompt)
            user.command("end" if "config" in prompt else "")


@pytest.mark.parametrize("command", ("configure memory", "conf mem",
                                     "configure\nmem"))
def test_configure_memory_adds_startup_config(tmp_path, command):
    text = CONFIG + "hostname Saved\n"
    with Router(tmp_path, config=text, keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as user:
        user.configure("hostname Other", "ip domain name example.org")
        seen = user.type(command + "\n", r"Saved#$")
        assert "%" not in seen
        router.wait_log(r"%SYS-5-CONFIG_I: Configured from memory by lab on "
                        r"vty0 \(127\.0\.0\.1\)$")
        shown = user.command("show running-config")
        assert "\nhostname Saved\n" in shown
        assert "\nip domain name example.org\n" in shown
        (router.state / "startup-config").unlink()
        assert "%Error opening nvram:" in user.command("configure memory")
        assert user.command("show privilege").endswith(" 15\n")


@pytest.mark.parametrize("leave", ("exit", "logout", "quit", "lo", "lo\t",
                                   "LOGO", "ex"))
@pytest.mark.parametrize("level", (None, 0, 1, 7, 15))
def test_every_word_that_leaves_does_so_at_every_level(plain, leave, level):
    with Session(plain, enable="cisco" if level else None) as user:
        if level is not None:
            user.command(f"disable {level}")
        user.channel.send(leave + "\n")
        assert user.channel.recv_exit_status() == 0


def test_levels_of_a_session(plain):
    with Session(plain, enable="cisco") as user:
        for line, level in (("disable 7", 7), ("disable 2", 2), ("disable", 1),
                            ("enable 0", 0), ("enable 0", 0)):
            assert user.command(line) == ""
            assert user.prompt == ("Router#" if level > 1 else "Router>")
            assert user.command("enable 16") == \
                " " * len(user.prompt + "enable ") + "^\n" + INVALID
            if level > 0:
                assert user.command("show privilege") == \
                    f"Current privilege level is {level}\n"
        # A level that has no secret of its own cannot be reached.
        user.command("disable 0")
        assert user.command("enable 7") == "% No password set\n"


def test_the_console_has_the_same_language(tmp_path):
    with Router(tmp_path, config="") as router:
        text = attach(router, "h", "s privilege", "lo").stdout
        assert "Current privilege level is 15\n" in text


def test_two_at_once_both_see_what_they_typed(plain):
    """Also where the other removes what one stands in: a line that is right
    brings it back, one that is refused does not."""
    shown = "do show running-config | include ^ip access|^ permit|username one"
    with Session(plain, enable="cisco") as one, \
            Session(plain, enable="cisco") as other:
        for user in (one, other):
            user.command("configure terminal")
        for line in ("ip access-list standard BOTH", "permit 10.0.0.1"):
            one.command(line)
        assert other.command(shown) == \
            "ip access-list standard BOTH\n permit 10.0.0.1\n"
        other.command("ip access-list standard BOTH")
        other.command("permit 10.0.0.2")
        assert one.command(shown).endswith(" permit 10.0.0.2\n")
        other.command("no ip access-list standard BOTH")
        one.command("permit 10.0.0.3")
        assert other.command(shown) == \
            "ip access-list standard BOTH\n permit 10.0.0.3\n"
        other.command("no ip access-list standard BOTH")
        one.command("ip ssh pubkey-chain")
        one.command("username one")
        other.command("no ip ssh pubkey-chain")
        assert one.command("key-hash ssh-rsa zzz").startswith("% ")
        assert other.command(shown) == ""
        def named():
            return re.findall(r"CONFIG_I: Configured from console by lab on "
                              r"(vty\d+) ", plain.log())
        before = len(named())
        for user in (one, other):
            user.command("end")
        wait_for(lambda: len(set(named()[before:])) == 2, "both names")


# --- history --------------------------------------------------------------------

def test_history_is_shown_limited_and_recalled(plain):
    with Session(plain) as user:
        user.command("terminal history size 3")
        for line in ("show privilege", "show privilege", "  ", "", "! note"):
            user.command(line)
        assert user.command("show history") == \
            "  show privilege\n  ! note\n  show history\n"
        user.type("\x10\x10", "! note *\x08*$")
        user.type("\x15\n")
        user.command("terminal no history")
        assert user.command("show history") == ""
        user.type("\x10\x10zz", "zz$")
        user.type("\x15\n")
        user.command("terminal history")
        user.command("terminal no history size")
        assert user.command("show history") == \
            "  terminal no history size\n  show history\n"
        assert user.command("terminal history size 257").endswith(INVALID)


@pytest.mark.parametrize("line, kept", (
    ("username eve secret marker", "username eve secret "),
    ("user eve priv 3 sec 0 marker", "user eve priv 3 sec 0 "),
    ("  enable  secret marker", "  enable  secret "),
    ("usrname eve secret 0 marker", "usrname eve secret "),
    ("username eve pass", "username eve pass"),
    ("crypto key export rsa x pem terminal 3des marker-passphrase",
     "crypto key export rsa x pem terminal 3des "),
    ("crypto kex export rsa x pem terminal 3des marker-passphrase",
     "crypto kex export rsa x pem terminal "),
    ("terminal length long", "terminal length long"),
    ("snmp secret marker x", "snmp secret "),
    ("snmp passw marker x", "snmp passw "),
))
def test_history_holds_no_secrets(plain, line, kept):
    with Session(plain, enable="cisco") as user:
        user.command("configure terminal")
        user.command(line)
        user.command("no username eve")
        user.command("enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0")
        text = user.command("do show history")
        assert "marker" not in text
        hidden = "*****" if kept != line else ""
        assert f"\n  {kept}{hidden}\n" in text
        # What comes back by the keys stops in front of the secret.
        seen = user.type("\x10\x10\x10\x10", re.escape(kept) + " *\x08*$")
        assert "marker" not in seen
        user.type("\x03")


# --- log lines ------------------------------------------------------------------

def test_log_lines_come_where_they_are_wanted(plain):
    with Session(plain, enable="cisco") as user, Session(plain) as other:
        user.configure()
        assert user.command("terminal monitor") == ""
        other.type("enable\n", "Password: $")
        other.type("cisco\n")
        other.configure()
        line = (r"\r\n\S+ +\d+ [\d:.]+: %SYS-5-CONFIG_I: Configured from "
                r"console by lab on vty\d+ \(127\.0\.0\.1\)\r\n$")
        user.until(line)
        # The prompt does not come again by itself; the line goes on.
        assert user.type("\n") == "\r\nRouter#"
        user.command("terminal no monitor")
        other.configure()
        assert user.command("show privilege") == \
            "Current privilege level is 15\n"
        assert other.command("show privilege") == \
            "Current privilege level is 15\n"


def test_the_console_monitors_anyway(tmp_path):
    with Router(tmp_path, config="") as router:
        text = attach(router, "terminal monitor", "terminal no monitor").stdout
        assert "% Console already monitors\n" in text
        assert "% Console always monitors\n" in text


def test_the_next_user_of_the_console_has_no_history(tmp_path):
    with Router(tmp_path, config="",
                script="enable\nshow privilege\nexit\n\nshow history\n") as \
            router:
        wait_for(lambda: "  show history\n" in
                 router.console().replace("\r", ""), "the history")
        assert "  show privilege" not in router.console()


# --- what is typed, at full speed -------------------------------------------------

# Of several kinds: plain settings, sections with global lines behind them,
# texts of several lines, lines that are wrong.
PASTED = [line for i in range(625) for line in (
    f"access-list {1 + i % 9} permit 10.{i >> 8}.{i & 255}.1",
    f"alias exec a{i} show ip ssh",
    f"line vty {i % 16}", f" exec-timeout {i % 60} {i % 61}",
    f"hostname R{i}", "! a comment",
    f"access-list 99 permit 172.16.{i >> 8}.{i & 255}", "nonsense")]
BANNER = ["banner exec #", *(f"line {i} $ ^ |" for i in range(40)), "#"]


def pasted(*last):
    return "\n".join(["configure terminal", *PASTED, *BANNER, "end",
                      *last, ""]).encode()


def assert_pasted(router, seen):
    assert seen.count(b"% Invalid input detected") == 625
    assert seen.count(b"%") == 625
    text = openssh.run(router, "show running-config").stdout.decode()
    lines = text.replace("\r", "").split("\n")
    for kind in ("access-list", "alias exec"):
        assert sorted(line for line in lines if line.startswith(kind)) == \
            sorted(line for line in PASTED if line.startswith(kind))
    assert "hostname R624" in lines
    at = lines.index("banner exec ^C")
    assert lines[at + 1:at + 42] == [*BANNER[1:-1], "^C"]
    for i in range(609, 625):
        # The last word on each line; what is the default is not written.
        assert (i % 60, i % 61) == (10, 0) or \
            f" exec-timeout {i % 60} {i % 61}" in lines


@pytest.mark.parametrize("options", (("-tt",), ("-T",)))
def test_five_thousand_lines_through_ssh_lose_nothing(tmp_path, options):
    config = CONFIG.replace("username lab", "username lab privilege 15")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        result = openssh.run(router, None, *options, stdin=pasted("exit"))
        assert result.returncode == 0
        if options == ("-tt",):
            # Every line was echoed whole, behind its prompt.
            echoed = re.findall(rb"\)#(.*)\r\n", result.stdout)
            assert [line.decode() for line in echoed
                    if line.decode() not in BANNER] == \
                [*PASTED, "end"]
        assert_pasted(router, result.stdout)


# --- the screen -------------------------------------------------------------------

def test_the_mark_follows_a_scrolled_line(plain):
    with Session(plain, columns=40) as user:
        line = "show privilege and more words than fit"
        seen = user.type(line, r"fit\x08*$")
        assert "$" in seen
        seen = user.type("\x05\n")
        # Ten columns are out of sight: the word that is wrong begins at 15.
        mark = seen.splitlines()[-4]
        assert mark == " " * (len("Router>") + 15 - 10) + "^"
        # On a screen as wide as the line it is one run of characters.
        for width in ("0", "512", str(len("Router>") + len(line) + 1)):
            user.command(f"terminal width {width}")
            assert user.type(line + "\n").startswith(line + "\r\n")


def test_keys_that_change_words(plain):
    steps = (
        ("shwo\x14", "shwo" + "\b\bow"),
        ("\x15", 4 * "\b" + 4 * " " + 4 * "\b"),
        ("one two three", "one two three"),
        ("\x17", 5 * "\b" + 5 * " " + 5 * "\b"),
        ("\x17", 4 * "\b" + 4 * " " + 4 * "\b"),
        ("\x19", "two "),
        ("\x1by", 3 * "\b" + "hree"),
        ("\x1bb", 5 * "\b"),
        ("\x1bu", "THREE"),
        ("\x1bB\x1bl", 5 * "\b" + "three"),
        ("\x1bb\x1bc", 5 * "\b" + "Three"),
        ("\x01\x1bF", 9 * "\b" + "one"),
        ("\x1bd", 6 * " " + 6 * "\b"),
    )
    with Session(plain) as user:
        for typed, seen in steps:
            user.channel.send(typed)
            got = ""
            while len(got) < len(seen):
                got += user.channel.recv(4096).decode()
            assert got == seen, (typed, got)
        user.type("\x03")


@pytest.mark.parametrize("ends", (("\r",), ("\n",), ("\r\n",),
                                  ("\r", "\n"), ("\r", "\0", "\n")))
def test_one_enter_however_it_comes(plain, ends):
    with Session(plain) as user:
        seen = ""
        user.channel.send("show privilege")
        for end in ends:
            user.channel.send(end)
        seen = user.type("show users\r", r"Peer Address\r\nRouter>$")
        assert seen.count("Router>") == 2
        assert seen.startswith("show privilege\r\nCurrent privilege level")


def test_bytes_that_are_no_text(plain):
    with Session(plain) as user:
        # Half a character, a wrong one, controls of the second kind, NUL.
        user.channel.send(b"sh\xc3ow\xff \xc2\x80pr\0ivilege\x0e\x1b[99~\n")
        assert user.until("level is 1\r\nRouter>$").startswith(
            "show privilege\r\n")
        # A literal one is a character that no command has.
        line = "show \u00e9t\u00e9"
        assert user.command(line) == \
            " " * len("Router>show ") + "^\n" + INVALID


def test_ctrl_z_runs_the_line_and_leaves(plain):
    with Session(plain, enable="cisco") as user:
        user.command("configure terminal")
        assert user.type("hostname Left\x1a") == "hostname Left^Z\r\nLeft#"
        user.command("configure terminal")
        user.command("line con 0")
        assert user.type("\x1a") == "^Z\r\nLeft#"
        user.command("configure terminal")
        # A line that is wrong leaves as well.
        assert user.type("nonsense\x1a").endswith(
            "marker.\r\n\r\nLeft#")
        user.configure("no hostname")


# --- names and lists --------------------------------------------------------------

def test_host_names(plain):
    longest = "h" + 61 * "-" + "t"
    with Session(plain, enable="cisco") as user:
        user.command("configure terminal")
        for name in ("1st", "-a", "a-", "a!b", "a/b", "a\u00e9",
                     longest + "x"):
            assert user.command(f"hostname {name}") == \
                "% Hostname contains one or more illegal characters.\n", name
            assert user.prompt == "Router(config)#"
        # The name is cut in configuration modes only.
        user.command(f"hostname {longest}")
        assert user.prompt == longest[:20] + "(config)#"
        user.command("line con 0")
        assert user.prompt == longest[:20] + "(config-line)#"
        user.command("end")
        assert user.prompt == longest + "#"
        assert user.command("show clock x").startswith(
            " " * len(longest + "#show clock ") + "^\n")
        user.configure("default hostname")
        assert user.prompt == "Router#"


def test_lists_of_commands_have_a_heading(plain):
    with Session(plain, enable="cisco") as user:
        text = user.type("?", "Router#$")
        assert text.startswith("?\r\nExec commands:\r\n  ")
        assert text.endswith("\r\n\r\nRouter#")
        for line, heading in (
                ("configure terminal", "Configure commands:"),
                ("line vty 0", "Line configuration commands:"),
                ("ip ssh pubkey-chain", "SSH public key commands:")):
            user.command(line)
            text = user.type("?", r"\)#$")
            assert text.startswith(f"?\r\n{heading}\r\n"), text
            # No line is wider than a screen, what is wrapped is aligned.
            lines = text.split("\r\n")[2:-2]
            column = re.match(r"  \S+ +", lines[0]).end()
            for one in lines:
                assert len(one) < 80
                assert one[:2] == "  " and one[column - 1] == " " \
                    or one == "  <cr>"
            # The engine's own words are among them; behind them is more.
            assert any(one.startswith("  do ") for one in lines)
            assert user.type("do show privilege ?", "privilege $").endswith(
                "  <cr>\r\n\r\n" + user.prompt + "do show privilege ")
            user.type("\x15do sh priv\t", "#do sh privilege $")
            user.type("\x15no ?", "#no $")
            user.type("\x15zz ?", "% Unrecognized command\r\n.*#zz $")
            user.type("\x15\n")
        user.command("end")
