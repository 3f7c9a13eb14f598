"""show running-config and show startup-config, to the letter and back."""
import re

import pytest
from console import attach
from machine import Machine
from router import CONFIG, Router
from session import Session

STAMP = (r"\d\d:\d\d:\d\d UTC (Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
         r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,2} \d{4}")
LIMIT = 4 * 1024 * 1024

# At least one line of each kind of setting.
RICH = r"""
service timestamps log datetime msec localtime show-timezone
service sequence-numbers
hostname rich-1.a_b
enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
clock timezone CET 1 30
clock summer-time CEST recurring last Sun Mar 2:00 last Sun Oct 3:00
ip domain name example.com
username lab privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username op privilege 5 access-class 10 noescape password 0 marker-pass word
username none
ip ssh time-out 77
ip ssh authentication-retries 2
ip ssh version 2
ip ssh maxstartups 20
ip ssh logging events
ip ssh server algorithm encryption aes128-ctr aes256-ctr
ip ssh pubkey-chain
  username lab
   key-hash ssh-rsa 0123456789ABCDEF0123456789ABCDEF somebody
access-list 10 permit 192.0.2.1
access-list 10 deny 192.0.2.0 0.0.0.255
access-list 10 permit any
access-list 1300 deny any
banner exec ^C
One line | include x
 and ! more $(hostname)
^C
banner login ^C
A
^C
banner motd ^C
#####
^C
alias exec srb show running-config | begin
privilege exec level 5 show running-config
privilege exec level 5 show startup-config
privilege exec level 5 more
line con 0
 exec-timeout 0 0
line vty 0 4
 access-class 10 in
 exec-timeout 5 30
 login local
 transport input ssh
line vty 5 15
 login local
 transport input ssh
end
"""


@pytest.fixture(scope="module")
def rich():
    with Router(config=RICH, keys=("ed25519",)) as router:
        yield router


def split(text):
    """The heads, and what is behind them."""
    lines = text.split("\n")
    assert lines[:2] == ["Building configuration...", ""]
    found = re.fullmatch(r"Current configuration : (\d+) bytes", lines[2])
    body = "\n".join(lines[3:])
    assert found and body.endswith("\nend\n\n")
    assert int(found.group(1)) == len(body.encode()) - 1
    return body


def settings(body):
    """Without what tells of time and of who it was."""
    return re.sub(r"(?m)^! (Last|NVRAM) .*\n", "", body).replace(
        "!\n!\n", "!\n")


def test_heads_and_tail_before_any_change(rich):
    with Session(rich) as s:
        text = s.command("show running-config")
        assert split(text).startswith("!\nversion 12.4\nservice timestamps ")
        assert "Last configuration" not in text and "NVRAM" not in text
        # Byte for byte the same while nothing changes.
        assert s.command("show run") == text
        assert s.command("write terminal") == text
        assert s.command("write t") == text
        assert s.command("show running-config full") == text


def test_sections_stand_in_order(rich):
    with Session(rich) as s:
        body = split(s.command("show running-config"))
    wanted = ["version 12.4", "service timestamps", "hostname", "enable secret",
              "clock timezone", "ip domain name", "username lab",
              "ip ssh time-out", "ip ssh authentication-retries",
              "ip ssh version", "ip ssh server algorithm encryption",
              "ip ssh pubkey-chain", "access-list 10", "access-list 1300",
              "banner", "alias exec", "privilege exec", "line con 0",
              "line vty 0 4", "end"]
    at = [body.index("\n" + word) for word in wanted]
    assert at == sorted(at)
    assert "\n!\nhostname rich-1.a_b\n!\n" in body
    assert "\n line" not in body and "\n!\n!" not in body


def test_what_it_shows_makes_it_again(rich):
    with Session(rich) as s:
        body = split(s.command("show running-config"))
        everything = split(s.command("show running-config all"))
    # Every line of the text that was loaded is in it.
    for line in RICH.strip().splitlines():
        if not line.startswith("service"):
            assert f"\n{line}\n" in body, line
    # Read at a start.
    for text in (body, everything):
        with Router(config=text, keys=("ed25519",)) as again, \
                Session(again, user="lab") as s:
            assert split(s.command("show running-config")) == body
            assert split(s.command("show running-config all")) == everything
            assert not re.search(r"startup-config:\d+", again.log())


def test_typed_in_it_makes_it_again(rich):
    with Session(rich) as s:
        body = split(s.command("show running-config"))
    with Router(config="hostname Fresh\n", keys=("ed25519",)) as fresh:
        shown = attach(fresh, "terminal length 0", "configure terminal",
                       *body.rstrip("\n").split("\n"),
                       "show running-config").stdout
        assert "% " not in shown
        shown = shown[shown.index("Building configuration..."):]
        shown = shown[:shown.index("\nend\n\n") + len("\nend\n\n")]
        assert settings(split(shown)) == settings(body)


def test_all_has_defaults_and_linenum_numbers(rich):
    with Session(rich) as s:
        text = s.command("show running-config")
        every = s.command("show running-config all")
        assert {*text.splitlines()[3:]} <= {*every.splitlines()}
        for line in ("ip ssh dh min size 1024", "ip ssh rekey time 60",
                     " exec-timeout 5 30"):
            assert line in every.splitlines()
        lines = s.command("show running-config linenum").splitlines()
        assert lines[:3] == text.splitlines()[:3]
        assert [line.partition(" : ")[2] for line in lines[3:-1]] == \
            text.splitlines()[3:-1]
        assert lines[3] == "   1 : !" and lines[4] == "   2 : version 12.4"
        assert s.command("show run linenum | include : version") == \
            "   2 : version 12.4\n"
        assert s.command("show run | section vty 5") == (
            "line vty 5 15\n login local\n transport input ssh\n")


def test_the_block_of_an_interface(tmp_path):
    with Machine(tmp_path, "hostname R1\n") as machine:
        machine.ip("link add v0 type veth peer name v1")
        machine.start()
        machine.configure("interface v0", "description here",
                          "interface v1", "description there")
        blocks = [("v0", "v0", "here"), ("v1", "v1", "there")]
        if machine.can_make("dummy"):
            machine.configure("interface loopback5", "description inside")
            blocks.append(("Loopback5", "lo5", "inside"))
        whole = machine.ask("show running-config")
        for name, asked, text in blocks:
            block = re.search(rf"^interface {name}\n( .*\n)+", whole,
                              re.M).group(0)
            assert f" description {text}\n" in block
            shown = machine.ask(f"show running-config interface {asked}")
            assert f" bytes\n!\n{block}end\n" in shown
        assert "% Interface nowhere is not configured\n" in \
            machine.ask("show run int nowhere")


def test_help_names_the_options(rich):
    with Session(rich) as s:
        seen = s.type("show running-config ?",
                      r"show running-config $").split("\r\n", 1)[1]
        assert seen == (
            "  all        Configuration with defaults\r\n"
            "  full       full configuration\r\n"
            "  interface  Show interface configuration\r\n"
            "  linenum    Display line numbers in output\r\n"
            "  |          Output modifiers\r\n"
            "  <cr>\r\n\r\nrich-1.a_b#show running-config ")


def test_what_clients_cut_off(rich):
    """NAPALM, Oxidized, RANCID and Ansible know the heads like this."""
    with Session(rich) as s:
        text = s.command("show running-config")
        assert re.match(r"^Building configuration.*\n+Current configuration"
                        r" : (\d+) bytes\n*!", text)
        assert text.split("\n")[3] == "!"
        assert re.search(r"^end$", text, re.M)
        text = s.command("show startup-config")
        assert re.match(r"^Using \d+ out of \d+ bytes", text)


def test_secrets_are_for_level_15(rich):
    with Session(rich, user="op", password="marker-pass word") as s:
        for option in ("", " all", " linenum"):
            text = s.command("show running-config" + option)
            assert "$1$" not in text and "marker-pass" not in text
            assert "enable secret 5 <removed>" in text
            assert re.search(
                r"username op privilege 5 .*password 0 <removed>", text)
        for command in ("show startup-config", "show startup | include user",
                        "more nvram:startup-config",
                        "more system:running-config"):
            text = s.command(command)
            assert "$1$" not in text and "marker-pass" not in text
        assert s.command("show configuration").endswith(
            "% Invalid input detected at '^' marker.\n\n")


def test_heads_tell_of_changes_and_saves():
    with Router(config=CONFIG + "username root privilege 15 password 0 pw\n",
                keys=("ed25519",)) as router:
        with Session(router, user="root", password="pw") as s:
            first = s.command("show startup-config")
            s.configure("hostname R2")
            body = split(s.command("show running-config"))
            assert re.match(rf"!\n! Last configuration change at {STAMP} "
                            r"by root\n!\nversion 12\.4\n", body)
            s.command("write memory")
            body = split(s.command("show running-config"))
            assert re.match(rf"!\n! Last configuration change at {STAMP} "
                            rf"by root\n! NVRAM config last updated at {STAMP}"
                            r" by root\n!\nversion 12\.4\n", body)
            assert split(s.command("show running-config")) == body
            # What is saved is what is shown.
            saved = s.command("show startup-config")
            head, _, rest = saved.partition("\n")
            assert rest == body
            assert head == f"Using {len(body) - 1} out of {LIMIT} bytes"
            assert (router.state / "startup-config").read_text() == body[:-1]
            assert s.command("show configuration") == saved
            assert first.startswith("Using ") and "R2" not in first
        attach(router, "enable", "cisco", "configure terminal",
               "hostname R3", "end")
        with Session(router, user="root", password="pw") as s:
            text = s.command("show running-config | include Last")
            assert re.fullmatch(rf"! Last configuration change at {STAMP}\n",
                                text)


def test_without_a_startup_config():
    with Router(config=CONFIG + "username root privilege 15 password 0 pw\n",
                keys=("ed25519",)) as router, \
            Session(router, user="root", password="pw") as s:
        (router.state / "startup-config").unlink()
        assert s.command("show startup-config") == \
            "startup-config is not present\n"
        (router.state / "startup-config").mkdir()
        assert s.command("show startup-config").startswith(
            "%Error opening nvram:/startup-config (")
        (router.state / "startup-config").rmdir()


def test_the_version_is_a_line_of_every_text(rich):
    with Session(rich) as s:
        s.command("configure terminal")
        assert s.command("version 12.4") == ""
        assert s.command("version 15.1").endswith("'^' marker.\n\n")
        assert s.command("no version 12.4") == \
            "% The version of the language cannot be changed\n"
        s.command("end")
