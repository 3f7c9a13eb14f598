"""Logging in by TACACS+ with OpenSSH's client, and what users may do then."""
import re
import shutil
import signal
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor

import pexpect
import pytest

import openssh
from router import CONFIG, Router, wait_for
from session import Session
from tacacs_server import (ACCT, ASCII, AUTHEN, AUTHOR, AUTHOR_ERROR,
                           AUTHOR_FAIL, ENABLE, ERROR, FAIL, GETDATA, GETPASS,
                           GETUSER, NOECHO, PAP, PASS, PASS_ADD, PASS_REPL,
                           START, STOP, SUCCESS, TacacsServer)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

KEY = b"a shared key"
BY_PASSWORD = "PreferredAuthentications=password"
BY_KEYBOARD = "PreferredAuthentications=keyboard-interactive"
pytestmark = pytest.mark.skipif(shutil.which("tshark") is None,
                                reason="tshark is not installed")

TYPES = {AUTHEN: "Authentication", AUTHOR: "Authorization",
         ACCT: "Accounting"}
LEVELS = {b"high": 15, b"middle": 7, b"low": 1}

# Some are known to the router as well, with another password.
AAA = """\
aaa new-model
aaa authentication login default group tacacs+ local
aaa authentication enable default group tacacs+ enable
aaa authorization exec default group tacacs+ if-authenticated
aaa authorization commands 1 default group tacacs+ if-authenticated
aaa authorization commands 15 default group tacacs+ if-authenticated
aaa accounting exec default start-stop group tacacs+
aaa accounting commands 15 default stop-only group tacacs+
username high privilege 5 password 0 local-password
username only privilege 15 password 0 local-password
tacacs server ONE
 address ipv4 127.0.0.1
 key {key}
 port {port}
 timeout {timeout}
!
"""


def authenticate(p):
    """ASCII and PAP; users' passwords are called after them."""
    user = p.user if p.seq == 1 else p.talk["user"]
    good = b"enable-password" if p.seq > 1 and p.talk["enables"] else \
        user + b"-password"
    if p.seq == 1 and p.kind == PAP:
        if user == b"broken":
            return p.reply(ERROR)
        return p.reply(PASS if p.data == good else FAIL, "PAP says so")
    if p.seq == 1:
        assert p.kind == ASCII
        p.talk.update(user=user, enables=p.service == ENABLE)
        if user == b"named":
            return p.reply(GETUSER, "Username: ")
        return p.reply(GETPASS, "Welcome to \x1b[1mTACACS\r\nWord of "
                       + user.decode() + ": ", flags=NOECHO)
    if p.talk.get("token"):
        return p.reply(PASS if p.message == b"4711" else FAIL)
    if user == b"named" and p.seq == 3:
        assert p.message == user
        return p.reply(GETPASS, "Password: ", flags=NOECHO)
    if p.message != good:
        return p.reply(FAIL, "No such user")
    if user == b"token":
        p.talk["token"] = True
        return p.reply(GETDATA, "Token code: ")
    return p.reply(PASS)


def authorize(p):
    assert p.argument("service") == "shell"
    if p.argument("cmd"):
        denied = p.command() == "show clock <cr>"
        replaced = p.command() == "show version <cr>"
        mandatory = p.command() == "show users <cr>"
        if replaced:
            return p.reply(PASS_REPL, arguments=["service=shell", "cmd=reload"])
        if mandatory:
            return p.reply(PASS_ADD, arguments=["wish=unknown"])
        return p.reply(AUTHOR_FAIL if denied else PASS_ADD)
    given = {b"unknown": ["priv-lvl=15", "wish=obey"],
             b"optional": ["priv-lvl=15", "wish*ignore"],
             b"twice": ["priv-lvl=15", "priv-lvl=15"],
             b"wild": ["priv-lvl=999"],
             b"empty": ["priv-lvl15"],
             b"auto": ["priv-lvl=15", "autocmd=show privilege"]}
    if p.user == b"refused":
        return p.reply(AUTHOR_FAIL, "Not here")
    if p.user == b"undecided":
        return p.reply(AUTHOR_ERROR)
    level = LEVELS.get(p.user)
    return p.reply(PASS_ADD, arguments=given.get(
        p.user, [f"priv-lvl={level}"] if level else []))


def handler(p):
    if p.type == AUTHEN:
        return authenticate(p)
    return authorize(p) if p.type == AUTHOR else p.reply(SUCCESS)


def decoded_by_tshark(server, path):
    """Each packet in its words; none of them malformed."""
    server.write_pcap(path)
    result = subprocess.run(
        ["tshark", "-r", str(path), "-V", "-o", f"tacplus.key:{KEY.decode()}",
         "-d", "tcp.port==49,tacplus"], capture_output=True, text=True,
        timeout=120)
    assert result.returncode == 0, result.stderr
    assert "Malformed" not in result.stdout
    assert "Exception" not in result.stdout
    return result.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with TacacsServer(KEY, handler) as one:
        yield one
    # Nothing comes any more; tests may be shared with another process.
    text = decoded_by_tshark(one, tmp_path_factory.mktemp("t") / "t.pcap")
    for what in {packet.type for packet in one.packets}:
        assert f"Type: {TYPES[what]}" in text
    assert text.count("Decrypted Request") + \
        text.count("Decrypted Reply") == len(one.bytes)


@pytest.fixture(scope="module")
def router(server):
    text = AAA.format(port=server.port, key=KEY.decode(), timeout=20)
    with Router(config=CONFIG + text, keys=("ed25519",)) as one:
        yield one


def level(router, user, password, *options):
    """The privilege of that login; or None: he is not let in."""
    result = openssh.run(router, "show privilege", "NumberOfPasswordPrompts=1",
                         *options, user=user, password=password)
    found = re.search(rb"privilege level is (\d+)", result.stdout)
    return int(found.group(1)) if found else None


@pytest.mark.parametrize("method", [BY_PASSWORD, BY_KEYBOARD])
@pytest.mark.parametrize("user,rights", [("high", 15), ("middle", 7),
                                         ("low", 1), ("optional", 15)])
def test_the_server_lets_users_in_at_their_level(router, server, method, user,
                                                 rights):
    before = len(server.packets)
    assert level(router, user, user + "-password", method) == rights
    # The end of the session before may have come meanwhile.
    first = next(p for p in server.packets[before:] if p.type == AUTHEN)
    assert first.kind == (PAP if method == BY_PASSWORD else ASCII)
    assert (first.user, first.remote) == (user.encode(), b"127.0.0.1")
    assert first.port.startswith(b"tty")


@pytest.mark.parametrize("method", [BY_PASSWORD, BY_KEYBOARD])
def test_who_is_rejected_is_not_asked_for_elsewhere(router, method):
    """The router knows these passwords; the server has said no."""
    assert level(router, "high", "local-password", method) is None
    assert level(router, "only", "local-password", method) is None


@pytest.mark.parametrize("user", ["unknown", "twice", "wild", "empty",
                                  "refused"])
def test_hardening_11_4_what_cannot_be_obeyed_lets_nobody_in(router, user):
    assert level(router, user, user + "-password", BY_PASSWORD) is None


@pytest.mark.parametrize("password", ["low-password", "wrong"])
def test_what_the_server_says_at_last_is_shown(router, password):
    result = openssh.run(router, "show privilege", "NumberOfPasswordPrompts=1",
                         BY_PASSWORD, user="low", password=password)
    assert (b"privilege level is 1" in result.stdout) == \
        (password != "wrong")
    assert b"PAP says so\r\n" in result.stderr


def test_an_error_goes_on_to_the_next_method(router):
    """of authentication: the router's own users; of authorization: level 1."""
    assert level(router, "undecided", "undecided-password", BY_PASSWORD) == 1
    assert level(router, "broken", "broken-password", BY_PASSWORD) is None


def test_the_words_are_the_servers(router, server):
    args = openssh.arguments(router, BY_KEYBOARD, "NumberOfPasswordPrompts=1",
                             user="token")
    for code, let_in in (("4711", True), ("0000", False)):
        child = pexpect.spawn(args[0], args[1:] + ["show privilege"],
                              timeout=60, encoding="utf-8")
        child.expect_exact("Welcome to")
        child.expect_exact("Word of token: ")
        assert "\x1b" not in child.before
        child.sendline("token-password")
        child.expect_exact("Token code: ")
        child.sendline(code)
        seen = child.expect(["privilege level is", "Permission denied"])
        assert (seen == 0) == let_in
        child.close()
    assert level(router, "named", "named-password", BY_KEYBOARD) == 1


def test_a_login_that_is_left_is_aborted_at_the_server(router, server):
    before = len(server.packets)
    args = openssh.arguments(router, BY_KEYBOARD, user="low")
    child = pexpect.spawn(args[0], args[1:], timeout=60, encoding="utf-8")
    child.expect_exact("Word of low: ")
    # Before its terminal: that one's end would be an empty answer.
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()
    wait_for(lambda: any(p.abort for p in server.packets[before:]), "abort")


def test_enable_asks_the_server(router, server):
    with Session(router, user="low", password="low-password") as user:
        assert "% Error in authentication" in user.type(
            "enable\n", r": $") + user.type("cisco\n")
        user.type("enable\n", r": $")
        user.type("enable-password\n", r"#$")
    assert any(p.type == AUTHEN and p.seq == 1 and p.service == ENABLE and
               p.level == 15 for p in server.packets)


def test_enable_asks_the_server_for_that_level(router, server):
    """Which may be another than 15, and has no password of its own here."""
    before = len(server.packets)
    with Session(router, user="low", password="low-password") as user:
        user.type("enable 7\n", r": $")
        assert "% Error in authentication" in user.type("wrong\n")
        user.type("enable 7\n", r": $")
        user.type("enable-password\n", r"#$")
        assert "privilege level is 7" in user.command("show privilege")
        user.type("enable 3\n", r"#$")
        assert "privilege level is 3" in user.command("show privilege")
    asked = [p.level for p in server.packets[before:]
             if p.type == AUTHEN and p.seq == 1 and p.service == ENABLE]
    assert asked == [7, 7]


def test_commands_are_authorized_and_recorded(router, server):
    with Session(router, user="high", password="high-password") as user:
        before = len(server.packets)
        assert "Command authorization failed" in user.command("show clock")
        assert "Command authorization failed" in user.command("show version")
        assert "Command authorization failed" in user.command("show users")
        assert "privilege level is 15" in user.command("show privilege")
        user.command("show running-config | include hostname")
        asked = [p.command() for p in server.packets[before:]
                 if p.type == AUTHOR]
        assert asked[:4] == ["show clock <cr>", "show version <cr>",
                             "show users <cr>", "show privilege <cr>"]

    def records():
        return [p for p in server.packets[before:]
                if p.type == ACCT and p.user == b"high"]
    wait_for(lambda: any(p.argument("service") == "shell" and
                         p.argument("elapsed_time") for p in records()),
             "the end of the session")
    # Each has a connection of its own, which may be the slower one.
    wait_for(lambda: any(p.argument("cmd") for p in records()), "the command")
    commands = [p for p in records() if p.argument("cmd")]
    assert [p.argument("cmd") for p in commands] == \
        ["show running-config | include hostname <cr>"]
    # The session's start may have come after the first command.
    assert all(p.record == STOP for p in commands)
    assert all(p.argument("task_id") for p in records())


def test_sessions_are_recorded(router, server):
    before = len(server.packets)
    assert level(router, "middle", "middle-password", BY_PASSWORD) == 7

    def both():
        """In any order, and not those of sessions before: the end of one may
        come only now."""
        mine = [p for p in server.packets[before:]
                if p.type == ACCT and p.user == b"middle"]
        return [(start, stop) for start in mine for stop in mine
                if (start.record, stop.record) == (START, STOP)
                and start.argument("task_id") == stop.argument("task_id")]
    start, stop = wait_for(both, "both records")[-1]
    assert int(stop.argument("elapsed_time")) < 60
    assert stop.argument("disc-cause") == "1"
    assert int(stop.argument("bytes_in")) > 1000
    assert int(stop.argument("bytes_out")) > 1000


def test_show_tacacs_counts(router, server):
    with Session(router, user="high", password="high-password") as user:
        text = user.command("show tacacs")
        assert f"Tacacs+ Server            : 127.0.0.1/{server.port}\n" in text
        numbers = dict(re.findall(r"(\S[\w ]+): +(\d+)\n", text))
        assert int(numbers["Socket opens"]) > 5
        assert int(numbers["Total Packets Recv"]) <= \
            int(numbers["Total Packets Sent"])
        assert f"TACACS+: id 1, priority 1, host 127.0.0.1, port " \
            f"{server.port}" in user.command("show aaa servers")


def test_lines_are_written_as_ios_does(router):
    lines = ["aaa group server tacacs+ LAB", " server name ISE",
             " server 127.0.0.9", " ip tacacs source-interface lo",
             "ip tacacs source-interface Loopback3",
             "tacacs-server host 127.0.0.9 single-connection port 50 timeout 7 "
             "key with blanks",
             "tacacs-server host 2001:db8::1", "tacacs-server timeout 3",
             "tacacs-server key 7 02050D480809", "tacacs server ISE",
             " address ipv6 2001:db8::9", " key lab", " timeout 10",
             " single-connection"]
    with Session(router, user="high", password="high-password") as user:
        user.configure(lines[4], *lines[:4], *lines[5:])
        text = user.command("show running-config")
        assert [line for line in lines if f"\n{line}\n" not in text] == []
        at = [text.index("\n" + line + "\n") for line in lines]
        assert at == sorted(at)
        masked = user.command("show tech-support")
        assert "timeout 7 key <removed>\n" in masked
        assert "blanks" not in masked and "02050D480809" not in masked
        for refused in ("tacacs-server key 7 00", "aaa group server tacacs+ "
                        "radius", "tacacs-server key",
                        "aaa group server radius LAB"):
            user.command("configure terminal")
            assert re.search("^% |^Invalid", user.command(refused), re.M)
            user.command("end")
        user.configure("service password-encryption")
        text = user.command("show running-config | include key")
        assert "with blanks" not in text and "key lab" not in text
        user.configure("no service password-encryption",
                       "no tacacs server ISE",
                       "no aaa group server tacacs+ LAB",
                       "no tacacs-server host 127.0.0.9",
                       "no tacacs-server host 2001:db8::1",
                       "no tacacs-server key", "no tacacs-server timeout",
                       "no ip tacacs source-interface")
        text = user.command("show running-config | include tacacs")
        assert "tacacs-server" not in text and "ip tacacs" not in text


def test_a_server_may_be_named_as_in_ip_host(router):
    with Session(router, user="high", password="high-password") as user:
        user.configure("ip host ISE 192.0.2.9", "tacacs-server host ise key x",
                       "radius-server host ISE key y")
        text = user.command("show running-config")
        assert "\ntacacs-server host 192.0.2.9 key x\n" in text
        assert "\nradius-server host 192.0.2.9 auth-port 1645 acct-port 1646 " \
            "key y\n" in text
        user.command("configure terminal")
        assert user.command("tacacs-server host nobody key x") == \
            '% There is no such name in "ip host"\n'
        user.command("end")
        user.configure("no tacacs-server host ISE", "no radius-server host ISE",
                       "no ip host ISE")
        assert "192.0.2.9" not in user.command("show running-config")


def test_many_users_share_one_connection(tmp_path):
    with TacacsServer(KEY, handler, single=True) as one:
        text = AAA.format(port=one.port, key=KEY.decode(), timeout=20)
        text = text.replace(" timeout 20\n",
                            " timeout 20\n single-connection\n")
        with Router(config=CONFIG + text, keys=("ed25519",)) as router, \
                Session(router, user="high", password="high-password") as user:
            with ThreadPoolExecutor(6) as pool:
                found = pool.map(
                    lambda n: level(router, "middle", "middle-password",
                                    BY_KEYBOARD if n % 2 else BY_PASSWORD),
                    range(12))
                assert list(found) == [7] * 12
            user.type("enable\n", r"#$")
            text = user.command("show tacacs")
            assert re.search(r"Socket opens: +1\n +Socket closes: +0\n", text)
        text = decoded_by_tshark(one, tmp_path / "t.pcap")
    assert one.connections == 1
    assert len(re.findall(r"Single Connection: (?:Set|True)", text)) == 2


# --- servers that do not answer -----------------------------------------------

@pytest.mark.parametrize("key", [KEY.decode(), "another key"])
def test_a_dead_server_or_another_key_leaves_it_to_the_router(server, key):
    port = server.port
    if key == KEY.decode():
        with TacacsServer(KEY, handler) as gone:
            port = gone.port
    text = AAA.format(port=port, key=key, timeout=2)
    text = re.sub(r"aaa acc.*\n", "", text)
    with TacacsServer(KEY, handler) as other, \
            Router(config=CONFIG + text.replace(str(server.port),
                                                str(other.port)),
                   keys=("ed25519",)) as router:
        other.failed = None
        assert level(router, "only", "local-password", BY_PASSWORD) == 1
        assert level(router, "only", "local-password", BY_KEYBOARD) == 1
        assert level(router, "high", "high-password", BY_PASSWORD) is None
        other.failed = None  # noise, to it


def test_the_second_server_is_asked(server):
    text = AAA.format(port=server.port, key=KEY.decode(), timeout=20)
    first = "tacacs-server host 127.0.0.2 timeout 1 key lab\n"
    with Router(config=CONFIG + text + first, keys=("ed25519",)) as router:
        assert level(router, "middle", "middle-password", BY_KEYBOARD) == 7


WAITING = 50
SLOW = """\
aaa new-model
aaa authentication login SLOW group tacacs+ local
aaa authentication login HERE local
tacacs-server host 127.0.0.1 port {port} timeout 300 key lab
line vty 0 {last}
 login authentication SLOW
line vty {next} {end}
 login authentication HERE
"""


def log_in(router):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", router.port, "lab", "lab", allow_agent=False,
                   look_for_keys=False, banner_timeout=120, auth_timeout=600)
    client.close()


def test_hardening_11_5_fifty_who_wait_for_tacacs_delay_no_login():
    text = CONFIG.replace("line vty 0 15\n login local\n", "line vty 0 15\n")
    with TacacsServer(b"lab", lambda p: b"") as silent, \
            ThreadPoolExecutor(WAITING) as pool, \
            Router(config=text + SLOW.format(
                port=silent.port, last=WAITING - 1, next=WAITING,
                end=WAITING + 20), keys=("ed25519",)) as router:
        waiting = [pool.submit(log_in, router) for _ in range(WAITING)]
        wait_for(lambda: len(silent.packets) == WAITING, "all of them", 120)
        for _ in range(10):
            log_in(router)
        assert not any(one.done() for one in waiting)
        router.stop()
        assert all(one.exception() is not None for one in waiting)
