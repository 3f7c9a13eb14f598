"""The log: what is in it, where it goes, who reads it."""
import re

import pytest
from console import Terminal, attach, wait_socket
from router import CONFIG, Router, VTYD, is_sanitized, wait_for
from session import Session
from wire import CHANNEL_SUCCESS, USERAUTH_FAILURE, Wire

LOGGING = """\
username other secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username admin privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
logging buffered 65536
"""
STAMP = r"[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3}: "


@pytest.fixture(scope="module")
def router():
    with Router(config=LOGGING + CONFIG, keys=("ed25519",)) as one:
        yield one


def privileged(router, **how):
    return Session(router, enable="cisco", **how)


def line(session):
    """The absolute number of its line: an earlier session may still leave."""
    return int(re.search(r"^\* +(\d+) vty", session.command("show users"),
                         re.M)[1])


def fail(router, user):
    """To log in."""
    with Wire(router.port) as wire:
        wire.connect()
        wire.service()
        wire.send(wire.password_request(user, "wrong"))
        wire.expect(USERAUTH_FAILURE)


def log(session):
    """The lines of the buffer."""
    shown = session.command("show logging")
    return shown.partition(" bytes):\n\n")[2].splitlines()


def count(session, place):
    shown = session.command("show logging")
    return int(re.search(rf"{place} logging: .*, (\d+) messages", shown)[1])


def test_show_logging_is_laid_out_as_ios_does(router):
    with privileged(router) as s:
        tty = line(s)
        s.command("send log 4 here it begins")
        shown = s.command("show logging")
    assert re.fullmatch(rf"""Syslog logging: enabled \(\d+ messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled\)

No Active Message Discriminator\.



No Inactive Message Discriminator\.


    Console logging: level debugging, 0 messages logged, xml disabled,
                     filtering disabled
    Monitor logging: level debugging, 0 messages logged, xml disabled,
                     filtering disabled
    Buffer logging:  level debugging, \d+ messages logged, xml disabled,
                    filtering disabled
    Exception Logging: disabled
    Count and timestamp logging messages: disabled
    Persistent logging: disabled

No active filter modules\.

(.*\n)*?Log Buffer \(65536 bytes\):

(.*\n)*{STAMP}%SYS-4-USERLOG_WARNING: Message from tty{tty}\(user id: lab\): here it begins
""", shown), shown


def test_a_monitor_sees_lines_of_its_level(router):
    with privileged(router) as s, privileged(router) as watcher:
        before = count(s, "Monitor")
        watcher.command("terminal monitor")
        s.command("send log 5 seen")
        assert re.search(rf"\r\n{STAMP}%SYS-5-USERLOG_NOTICE: Message from "
                         rf"tty{line(s)}\(user id: lab\): seen\r\n$",
                         watcher.until(r"seen\r\n$"))
        s.configure("logging monitor warnings")
        s.command("send log 5 not seen")
        s.command("send log 3 seen again")
        shown = watcher.until(r"seen again\r\n$")
        assert "not seen" not in shown
        # The line of CONFIG_I is above that level, too.
        assert count(s, "Monitor") == before + 2
        s.configure("no logging monitor")
        s.command("send log 0 nobody sees it")
        s.configure("logging monitor")
        s.command("send log 0 everybody sees it")
        assert "nobody sees" not in watcher.until(r"body sees it\r\n$")
        watcher.command("terminal no monitor")
        s.command("send log 0 too late")
        assert "too late" not in watcher.command("show clock")


def test_a_line_comes_between_output_and_what_was_typed_is_there_again(router):
    with privileged(router) as s, privileged(router) as watcher:
        s.configure("line vty 0 15", "logging synchronous")
        watcher.command("terminal monitor")
        watcher.type("show cl", r"show cl$")
        s.command("send log 5 in between")
        watcher.until(r"\r\n\S.*in between\r\nRouter#show cl$")
        assert re.match(r"ock\r\n[*.]?\d\d:", watcher.type("ock\n"))
        s.configure("line vty 0 15", "no logging synchronous")
        watcher.until(r"CONFIG_I: .*\r\n$")
        watcher.type("show cl", r"show cl$")
        s.command("send log 5 once more")
        watcher.until(r"\r\n\S.*once more\r\n$")
        assert re.match(r"ock\r\n[*.]?\d\d:", watcher.type("ock\n"))


def test_lines_at_a_prompt_are_no_page_of_the_next_command(router):
    with privileged(router) as s, privileged(router, rows=10) as watcher:
        watcher.command("terminal monitor")
        for number in range(12):
            s.command(f"send log 5 line {number} of many")
        watcher.until(r"line 11 of many\r\n$")
        assert watcher.command("show privilege") == \
            "Current privilege level is 15\n"


def test_the_console_has_lines_without_asking_for_them(router):
    with privileged(router) as s:
        s.configure("line con 0", "logging synchronous")
        before = count(s, "Console")
        wait_socket(router)
        with Terminal(str(VTYD), "attach", "--state",
                      str(router.state)) as console:
            console.expect("Router#$")
            console.type("show cl")
            console.expect("show cl$")
            s.command("send log 5 to the console")
            console.expect(r"\r\n\S.*%SYS-5-USERLOG_NOTICE: .*to the console\r\n"
                           r"Router#show cl$")
            console.type("ock\r")
            console.expect(r"ock\r\n[*.]?\d\d:")
            s.configure("logging console errors")
            s.command("send log 4 not there")
            s.command("send log 3 but there")
            assert "not there" not in console.expect("but there")
            s.configure("line con 0", "no logging synchronous")
            s.configure("logging console")
        # The two, CONFIG_I of the last time, and nothing else.
        assert count(s, "Console") == before + 3


def test_stamps_are_as_configured(router):
    forms = {
        "no service timestamps log": "",
        "service timestamps log": r"\d\d:\d\d:\d\d: ",
        "service timestamps log uptime": r"\d\d:\d\d:\d\d: ",
        "service timestamps log datetime":
            r"[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d: ",
        "service timestamps log datetime msec localtime show-timezone":
            r"[*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3} JST: ",
        "service timestamps log datetime year":
            r"[*.]?[A-Z][a-z]{2} [ \d]\d 20\d\d \d\d:\d\d:\d\d: ",
        "service timestamps log datetime msec": STAMP,
    }
    with privileged(router) as s:
        tty = line(s)
        s.configure("clock timezone JST 9")
        for i, (form, pattern) in enumerate(forms.items()):
            s.configure(form)
            s.command(f"send log 5 form {i}")
            assert re.fullmatch(pattern + "%SYS-5-USERLOG_NOTICE: Message from "
                                rf"tty{tty}\(user id: lab\): form {i}",
                                [one for one in log(s)
                                 if "USERLOG" in one][-1]), form
        s.configure("no clock timezone", "service sequence-numbers")
        s.command("send log 5 first")
        s.command("send log 5 second")
        first, second = [re.match(r"(?:(\d{6}): )?", line)[1]
                         for line in log(s) if "USERLOG" in line][-2:]
        assert int(second) == int(first) + 1
        s.configure("no service sequence-numbers")


def test_another_size_keeps_the_newest_lines(router):
    with privileged(router) as s:
        for i in range(100):
            s.command(f"send log 6 line {i} of many that are in the buffer")
        many = log(s)
        s.configure("logging buffered 4096")
        few = log(s)
        assert len(few) < len(many)
        assert few[1:-1] == many[-len(few) + 2:]
        assert sum(len(line) + 1 for line in few) == 4096
        s.configure("logging buffered 65536 warnings")
        before = count(s, "Buffer")
        s.command("send log 5 not kept")
        s.command("send log 4 kept")
        assert log(s)[-1].endswith("kept") and "not kept" not in log(s)[-2]
        assert count(s, "Buffer") == before + 1
        s.configure("logging buffered 65536")
        s.type("clear logging\n", r"Clear logging buffer \[confirm\]$")
        s.type("\n")
        assert log(s) == []
        assert ", 1 flushes, " in s.command("show logging")


def test_nobody_forges_a_line(router):
    forged = "x\x1b[2J\r\n%SYS-0-FORGED: y"
    with privileged(router) as s:
        s.configure("login on-failure log", "ip ssh logging events")
        fail(router, forged)
        router.wait_log("LOGIN_FAILED")
        s.configure("no login on-failure log", "no ip ssh logging events")
        s.command("send log 5 \u202eturned \\x41 around")
        shown = "\n".join(log(s))
    assert "\n%SYS-0-FORGED" not in shown and "\x1b" not in shown
    assert not re.search(r"^[^%]*%SYS-0-FORGED", shown, re.M)
    assert r"\xe2\x80\xaeturned" in shown
    assert "\x1b" not in router.log()


def test_messages_for_other_users(router):
    with privileged(router) as s, privileged(router, user="other") as other:
        ours, theirs = line(s), line(other)
        s.type(f"send vty {theirs - 1}\n", r"Enter message, end with CTRL/Z; abort with "
               r"CTRL/C:\r\n$")
        s.type("Hello\nthere\x1a", r"Send message\? \[confirm\]$")
        s.type("\n")
        assert other.until(r"there\r\n$").endswith(
            f"\r\n\r\n***\r\n***\r\n*** Message from tty{ours} to tty{theirs}:\r\n***\r\n"
            "Hello\r\nthere\r\n")
        # Not sent.
        s.type(f"send {theirs}\n", r"CTRL/C:\r\n$")
        s.type("No\x1a", r"\[confirm\]$")
        s.type("n")
        s.type(f"send vty {theirs - 1}\n", r"CTRL/C:\r\n$")
        s.type("Nor that\x03")
        s.type("send *\n", r"CTRL/C:\r\n$")
        s.type("To all\x1b[2J\x1a", r"\[confirm\]$")
        s.channel.send("\n")
        for one in (s, other):
            shown = one.until(r"To all\S*\r\n(Router#)?$")
            assert f"*** Message from tty{ours} to all terminals:\r\n" in shown
            assert "No" not in shown and "\x1b" not in shown
        assert s.command("send vty 9") == "% Nobody is on line 10\n"


def test_logins_and_what_ends_them(router):
    with privileged(router) as s:
        s.type("clear logging\n", r"\[confirm\]$")
        s.type("\n")
        s.configure("ip ssh logging events", "logging userinfo")
        with Session(router, user="other") as gone:
            tty = line(gone)
            gone.type("enable\n", r"Password: $")
            for _ in range(2):
                gone.type("wrong\n", r"Password: $")
            gone.type("wrong\n", r">$")
            gone.type("enable\n", r"Password: $")
            gone.type("cisco\n", r"#$")
        router.wait_log("%SYS-6-LOGOUT: User other")
        fail(router, "other")
        wait_for(lambda: all(any("SSH2_CLOSE" in one and user in one
                                 for one in log(s))
                             for user in ("'other'", "''")), "both ends")
        s.configure("no ip ssh logging events", "no logging userinfo")
        said = [re.sub("^" + STAMP, "", line) for line in log(s)]
    crypto = r"using crypto cipher '[^']+', hmac '[^']+'"
    for pattern in [
            r"%SYS-5-PRIV_AUTH_FAIL: Authentication to privilege level 15 "
            rf"failed by other on vty{tty - 1} \(127\.0\.0\.1\)",
            r"%SYS-5-PRIV_AUTH_PASS: Privilege level set to 15 by other on "
            rf"vty{tty - 1} \(127\.0\.0\.1\)",
            r"%SSH-5-SSH2_USERAUTH: User 'other' authentication for SSH2 "
            rf"Session from 127\.0\.0\.1 \(tty = {tty - 1}\) {crypto} Succeeded",
            r"%SSH-5-SSH2_USERAUTH: User '' authentication for SSH2 "
            rf"Session from 127\.0\.0\.1 \(tty = \d+\) {crypto} Failed",
            r"%SSH-5-SSH2_CLOSE: SSH2 Session from 127\.0\.0\.1 "
            rf"\(tty = {tty - 1}\) for user 'other' {crypto} closed",
            r"%SYS-6-LOGOUT: User other has exited tty session "
            rf"{tty}\(127\.0\.0\.1\)"]:
        found = [line for line in said if re.fullmatch(pattern, line)]
        assert len(found) == 1, (pattern, said)
    assert sum("%SSH-5-SSH2_SESSION: SSH2 Session request" in line
               for line in said) == 2


def test_who_configured_what_is_kept(router, tmp_path):
    with privileged(router) as s:
        vty = line(s) - 1
        s.configure("archive", "log config", "logging enable", "notify syslog")
        s.configure("username kept password 0 cleartext",
                    "banner motd #by lab#")
        s.command("configure terminal")
        assert "% Invalid" in s.command("hostname no good")
        s.command("end")
        # By an exec request, at the console, and as a file.
        with Session(router, user="admin") as admin:
            admin.client.exec_command("configure terminal\nhostname R1\n"
                                      "hostname Router\nend")[1].read()
        attach(router, "configure terminal", "ip domain name lab.example",
               "end", "show running-config | redirect flash:lines")
        attach(router, "copy flash:lines running-config", "")
        shown = s.command("show archive log config all")
        assert shown.startswith(
            " idx   sess           user@line      Logged command\n"
            f"    1     1            lab@vty{vty}     |  logging enable\n"
            f"    2     1            lab@vty{vty}     |  notify syslog\n"
            f"    3     2            lab@vty{vty}     |username kept password "
            "0 *****\n")
        assert re.search(r"^ +5 +3 +admin@vty\d +\|hostname R1\n"
                         r" +6 +3 +admin@vty\d +\|hostname Router\n"
                         r" +7 +4 +console@console +\|ip domain name "
                         r"lab\.example\n +8 +5 +console@console", shown,
                         re.M), shown
        assert "cleartext" not in shown and "no good" not in shown
        assert "|line vty 5 15\n" in shown
        assert s.command("show archive log config 3 5").splitlines() == [
            shown.splitlines()[0], *shown.splitlines()[3:6]]
        assert "%PARSER-5-CFGLOG_LOGGEDCMD: User:lab  logged command:" \
            "username kept password 0 *****" in "\n".join(log(s))
        assert s.command("show archive log config user admin provisioning") \
            == "hostname R1\nhostname Router\n"
        s.configure("no archive", "no banner motd", "no username kept")
        assert "cleartext" not in router.log()


def test_the_rate_can_be_limited(router):
    with privileged(router) as s:
        s.configure("logging rate-limit all 1 except errors")
        for _ in range(30):
            s.command("send log 6 often")
        s.command("send log 3 an error")
        shown = s.command("show logging")
        limited = int(re.search(r"(\d+) messages rate-limited", shown)[1])
        assert limited > 0
        assert 30 - limited <= shown.count(": often") < 30
        assert shown.count(": an error") == 1
        s.configure("no logging rate-limit")


def test_without_logging_nobody_but_the_console_is_told(router):
    with privileged(router) as s:
        s.configure("no logging on")
        before = log(s)
        s.command("send log 0 lost")
        assert log(s) == before
        assert "Syslog logging: disabled (" in s.command("show logging")
        seen = attach(router, "send log 0 to the console").stdout
        assert re.search(r"%SYS-0-USERLOG_EMERG: Message from tty0\(user id: "
                         r"\): to the console", seen)
        s.configure("logging on")


def test_a_screen_that_nobody_reads_stops_nobody(router):
    with Session(router, user="admin") as s, Wire(router.port).login() as slow:
        channel = slow.open_session(0, window=300)
        slow.send(slow.channel_request(channel, "shell"))
        slow.expect(CHANNEL_SUCCESS)
        slow.until(b">")
        slow.data(channel, "terminal monitor\n")
        slow.until(b">")
        sent, flood = 0, "\n".join(["send log 6 " + "x" * 200] * 200)
        # Two of them fill the buffer.
        while sent < 2 or "(0 messages dropped" in s.command("show logging"):
            assert sent < 100
            s.client.exec_command(flood)[1].read()
            sent += 1
        # Everybody else goes on, and the buffer has what it has room for.
        assert s.command("show privilege") == "Current privilege level is 15\n"
        assert sum(len(one) + 1 for one in log(s)) == 65536
        memory = (f"/proc/{router.pid}/statm")
        with open(memory) as pages:
            before = int(pages.read().split()[1])
        for _ in range(4):
            s.client.exec_command(flood)[1].read()
        with open(memory) as pages:
            after = int(pages.read().split()[1])
        # What is freed stays for a while where sanitizers look for its users.
        assert after < before + 1024 or is_sanitized()
