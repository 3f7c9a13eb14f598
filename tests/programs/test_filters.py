"""Output filters: what passes, where they apply, how they are typed."""
import re
import stat

import openssh
import pytest
from console import attach
from router import wait_for
from session import Session

MORE = " --More-- "
ERASED = "\b" * 9 + " " * 8 + "\b" * 9
COUNT = "Number of lines which match regexp = "
NO_PATTERN = "% Failed to compile regular expression.\n"
# 3,000 lines, of which 30 end in 00: more than one message holds.
MANY = "".join(f"access-list {1 + i // 100} permit 192.0.{i // 100}.{i % 100}\n"
               for i in range(3000))


@pytest.fixture(scope="module")
def shown(router_of):
    return router_of("hostname R1\nusername root privilege 15 password 0 pw\n"
                     + MANY)


@pytest.fixture(scope="module")
def user(shown):
    with Session(shown, user="root", password="pw") as s:
        yield s


def lines(user, command):
    return user.command(command).splitlines()


def test_include_exclude_begin_and_count(user):
    whole = lines(user, "show running-config")
    assert len(whole) > 3000
    wanted = [line for line in whole if "0.7." in line]
    assert len(wanted) > 90
    assert lines(user, "show running-config | include 0\\.7\\.") == wanted
    assert lines(user, "sh run | i 0\\.7\\.") == wanted
    assert lines(user, "sh run |inc 0\\.7\\.") == wanted
    assert lines(user, "show run | exclude ^access") == \
        [line for line in whole if not line.startswith("access")]
    begin = [i for i, line in enumerate(whole)
             if line.startswith("line con")][0]
    assert lines(user, "show run | begin ^line con") == whole[begin:]
    assert user.command("show run | count ^access-list ") == f"{COUNT}3000\n"
    assert user.command("show run | include no such line") == ""


def test_an_alternation_is_one_pattern(user):
    assert lines(user, "show run | include hostname|^end") == \
        ["hostname R1", "end"]
    # Blanks at the end belong to it.
    assert lines(user, "show run | include login local") == [" login local"] * 2
    assert lines(user, "show run | include login local ") == []
    assert lines(user, "show run | i _login_local$") == [" login local"] * 2


def test_sections(user):
    vty = ["line vty 5 15", " login local", " transport input ssh"]
    assert lines(user, "show run | section vty 5") == vty
    assert lines(user, "show run | section include line vty 5") == vty
    assert lines(user, "show run | sec ^line") == \
        ["line con 0", "line vty 0 4", *vty[1:], *vty]
    # A line that is indented itself, and nothing below it.
    assert lines(user, "show run | sec login local") == [" login local"] * 2
    assert not {*vty} & {*lines(user, "show run | section exclude vty")}


@pytest.mark.parametrize("pattern", ["*", "a**", "(", "[a", "+x", "\\"])
def test_what_is_no_pattern_is_told(user, pattern):
    assert user.command(f"show run | include {pattern}") == NO_PATTERN


def test_only_show_commands_have_filters(user):
    seen = user.type("clear line 99 | include x\n")
    assert seen == ("clear line 99 | include x\r\n"
                    "                 ^\r\n"
                    "% Invalid input detected at '^' marker.\r\n\r\nR1#")
    assert user.command("show privilege |") == "% Incomplete command.\n\n"
    assert user.command("show privilege | include") == \
        "% Incomplete command.\n\n"
    user.command("configure terminal")
    seen = user.type("hostname R1 | include x\n")
    assert seen.split("\r\n")[1] == " " * (len("R1(config)#hostname R1 ")) + "^"
    assert user.command("do show run | inc ^hostname") == "hostname R1\n"
    user.command("end")


def test_help_and_tab_know_filters(user):
    seen = user.type("show privilege ?", r"\nR1#show privilege $")
    assert seen == ("show privilege ?\r\n"
                    "  |     Output modifiers\r\n  <cr>\r\n\r\n"
                    "R1#show privilege ")
    seen = user.type("| ?", r"\r\nR1#show privilege \| $")
    for word in ("append", "begin", "count", "exclude", "include", "redirect",
                 "section", "tee"):
        assert re.search(rf"^  {word} +\w", seen, re.M), word
    user.type("in\t", r"R1#show privilege \| include $")
    assert user.type("level\n").endswith(
        "level\r\nCurrent privilege level is 15\r\nR1#")


def test_hardening_10_5_bombs_end_and_nobody_waits(shown):
    text = "a" * 100 + "!"
    with Session(shown, user="root", password="pw") as one, \
            Session(shown, user="root", password="pw") as other:
        one.configure(f"banner exec ^C{text}^C")
        for bomb in ("(a+)+$", "(a|aa)+$", "((a*)*)*[bc]",
                     "(.*)*[xy]\\1"):
            assert one.command(f"show run | include {bomb}").endswith(
                "% Regular expression is too complex\n"), bomb
            assert other.command("show privilege | count 15") == f"{COUNT}1\n"
        longest = "(a*)*" * 45
        assert "R1" in one.type(f"show run | inc {longest}\n")
        one.configure("no banner exec")


def test_hardening_10_5_no_line_is_longer_than_a_typed_one(shown):
    result = openssh.run(shown, "show run | include " + "a" * 10240,
                         user="root", password="pw")
    assert result.returncode == 1
    assert result.stdout == b"% Invalid input\r\n"


def test_exec_requests(shown):
    result = openssh.run(
        shown, "show run | include ^hostname\nshow privilege | count 15",
        user="root", password="pw")
    assert result.returncode == 0
    assert result.stdout.decode().replace("\r", "") == \
        f"hostname R1\n{COUNT}1\n"
    result = openssh.run(shown, "show run | inc [a\nshow privilege",
                         user="root", password="pw")
    assert result.returncode == 1
    assert result.stdout.decode().replace("\r", "") == \
        NO_PATTERN + "Current privilege level is 15\n"


def test_on_the_console(shown):
    text = attach(shown, "enable", "show running-config | include ^hostname",
                  "show running-config | count ^access").stdout
    assert "\nhostname R1\n" in text and f"{COUNT}3000\n" in text


def test_pages_count_the_lines_that_pass(shown):
    with Session(shown, user="root", password="pw", rows=5) as s:
        seen = s.type("show run | include list 1 permit 192.0.0.1\n",
                      f"{MORE}$")
        assert seen.count("\r\n") == 5, seen
        seen = s.type(" ", f"{MORE}$")
        assert seen.startswith(ERASED) and seen.count("\r\n") == 4
        s.type("q", r"R1#$")
        assert s.command("show privilege") == "Current privilege level is 15\n"


def test_a_search_at_the_page(shown):
    with Session(shown, user="root", password="pw", rows=5) as s:
        s.type("show run\n", f"{MORE}$")
        seen = s.type("/^line vty\n", r"R1#$|--More-- $")
        assert seen == (f"{ERASED}/^line vty\r\nfiltering...\r\n"
                        "line vty 0 4\r\n login local\r\n"
                        " transport input ssh\r\nline vty 5 15\r\n" + MORE)
        s.type(" ", r"end\r\n --More-- $")
        s.type(" ", r"\r\nR1#$")
        s.type("show run\n", f"{MORE}$")
        seen = s.type("+0\\.29\\.9[0-3]$\n")
        assert seen.startswith(f"{ERASED}+0\\.29\\.9[0-3]$\r\nfiltering...\r\n"
                               "access-list 30 permit 192.0.29.90\r\n")
        assert seen.count("access-list") == 4
        s.type("show run\n", f"{MORE}$")
        seen = s.type("-access-list\n", f"{MORE}$")
        assert "access-list" not in seen[40:]
        s.type("q", r"R1#$")
        # A pattern that is none leaves the page.
        s.type("show run\n", f"{MORE}$")
        s.type("/*\n", f"% Failed to compile regular expression.\r\n{MORE}$")
        s.type("q", r"R1#$")


# --- into files ---------------------------------------------------------------

LEVEL = "Current privilege level is 15\n"


def test_output_goes_into_a_file(shown, user):
    flash = shown.state / "flash"
    assert user.command("show privilege | redirect flash:one") == ""
    assert (flash / "one").read_text() == LEVEL
    assert stat.S_IMODE((flash / "one").stat().st_mode) == 0o600
    assert user.command("show privilege | append flash:/one") == ""
    assert (flash / "one").read_text() == LEVEL * 2
    assert user.command("show privilege | append flash:new") == ""
    assert (flash / "new").read_text() == LEVEL
    assert user.command("show privilege | tee one") == LEVEL
    assert (flash / "one").read_text() == LEVEL
    assert user.command("more flash:one | count level") == f"{COUNT}1\n"


def test_large_output_goes_into_a_file(shown, user):
    whole = user.command("show running-config")
    assert user.command("show running-config | redirect flash:large") == ""
    assert (shown.state / "flash" / "large").read_text() == whole
    assert user.command("show running-config | tee flash:large") == whole
    assert user.command("show running-config | append flash:large") == ""
    assert (shown.state / "flash" / "large").read_text() == whole * 2


@pytest.mark.parametrize("name, reason", [
    ("nvram:startup-config", "Permission denied"),
    ("system:running-config", "Permission denied"),
    ("tftp:x", "No such device"),
    ("flash:../../etc/x", None),
    ("flash:none/x", "No such file or directory"),
    ("flash:", None),
])
def test_odd_files_are_refused(shown, user, name, reason):
    before = sorted(p.name for p in shown.state.rglob("*"))
    answer = user.command(f"show privilege | redirect {name}")
    assert re.fullmatch(r"%Error (opening|writing) .*\(.+\)\n", answer), answer
    assert reason is None or reason in answer
    assert sorted(p.name for p in shown.state.rglob("*")) == before


def test_exec_requests_go_into_files(shown):
    result = openssh.run(shown, "show privilege | redirect flash:exec\n"
                         "show privilege | redirect flash:no/exec\n"
                         "more flash:exec", user="root", password="pw")
    assert result.returncode == 1
    assert result.stdout.decode().replace("\r", "") == (
        "%Error writing flash:/no/exec (No such file or directory)\n" + LEVEL)
    assert (shown.state / "flash" / "exec").read_text() == LEVEL


def test_a_session_that_ends_leaves_no_half_file(shown):
    with Session(shown, user="root", password="pw") as s:
        s.channel.send("show running-config | redirect flash:half\n")
    with Session(shown, user="root", password="pw") as s:
        s.command("show privilege")
    path = shown.state / "flash" / "half"

    def settled():
        return not path.exists() or path.read_text().endswith("\nend\n\n")
    wait_for(settled, "a whole file or none")
    assert not list((shown.state / "flash").glob("*half?*"))


def test_below_level_15_no_file_is_written(shown):
    with Session(shown) as s:
        assert s.command("show privilege | redirect flash:low").endswith(
            "% Invalid input detected at '^' marker.\n\n")
        assert not (shown.state / "flash" / "low").exists()
