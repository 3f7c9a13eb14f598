"""`ip ssh ...`: every setting is looked at where it acts, on the wire."""
import re
import socket
import subprocess

import openssh
import pytest
from console import attach
from processes import workers_at_rest
from router import CONFIG, Router, wait_for
from session import Session
from wire import (GLOBAL_REQUEST, OPEN_CONFIRMATION, USERAUTH_FAILURE, Wire,
                  string)

ADMIN = CONFIG.replace("username lab", "username lab privilege 15").replace(
    "ip ssh version 2\n", "")


@pytest.fixture(scope="module")
def router():
    with Router(config=ADMIN, keys=("ed25519",),
                listen=("127.0.0.1:0", "[::1]:0")) as one:
        yield one


@pytest.fixture
def console(router):
    """Configures; what was set is taken back at the end."""
    before = running(router)

    def configure(*lines):
        return attach(router, "configure terminal", *lines, "end").stdout

    yield configure
    configure(*("default " + re.sub("^no ", "", line)
                for line in running(router) if line not in before))
    assert running(router) == before


def running(router):
    text = attach(router, "show running-config").stdout
    return [line for line in text.splitlines() if "ip ssh" in line]


def test_the_help_is_that_of_ios(router):
    with Session(router) as user:
        user.command("configure terminal")
        shown = user.type("ip ssh ?", r"#ip ssh $").replace("\r\n", "\n")
        user.type("\x15\r")
    assert shown.partition("\n")[2] == """\
  authentication-retries  Specify number of authentication retries
  break-string            break-string
  client                  Configuration for client
  dh                      Diffie-Hellman
  dscp                    IP DSCP value for SSH traffic
  logging                 Configure logging for SSH
  maxstartups             Maximum concurrent sessions allowed
  port                    Starting (or only) Port number to listen on
  precedence              IP Precedence value for SSH traffic
  pubkey-chain            pubkey-chain
  rekey                   Configure rekey values
  rsa                     Configure RSA keypair name for SSH
  server                  Configuration for server
  source-interface        Specify interface for source address in SSH
                          connections
  stricthostkeycheck      Enable SSH Server Authentication
  time-out                Specify SSH time-out interval
  version                  Version Supported
  window-size             Specify the receive window of a channel

Router(config)#ip ssh """


@pytest.mark.parametrize("line,first", [
    ("ip ssh time-out", 0), ("ip ssh time-out 121", 16),
    ("ip ssh timeout 0", 15), ("ip ssh authentication-retries 6", 30),
    ("ip ssh version 0", 15), ("ip ssh version 3", 15),
    ("ip ssh dh min size 512", 19), ("ip ssh dh min size 8192", 19),
    ("ip ssh maxstartups 0", 19), ("ip ssh maxstartups 1025", 19),
    ("ip ssh window-size 8191", 19), ("ip ssh window-size 131073", 19),
    ("ip ssh dscp 64", 12), ("ip ssh precedence 8", 18),
    ("ip ssh rekey time 9", 18), ("ip ssh rekey volume 99", 20),
    ("ip ssh port 1999 rotary 1", 12), ("ip ssh port 2001 rotary 128", 24),
    ("ip ssh stricthostkeycheck accept-all", 26),
    ("ip ssh source-interface", 0),
    ("ip ssh client algorithm mac hmac-sha9", 28),
    ("ip ssh client algorithm publickey ssh-rsa", 24),
    ("ip ssh server authenticate user nobody", 32), ("ip ssh", 0),
])
def test_what_is_out_of_range_or_not_there_is_refused(router, line, first):
    with Session(router) as user:
        user.command("configure terminal")
        answer = user.command(line)
    if first == 0:
        assert answer == "% Incomplete command.\n\n"
    else:
        mark, text = answer.split("\n", 1)
        assert text == "% Invalid input detected at '^' marker.\n\n"
        offset = len(mark) - 1 - len("Router(config)#")
        # Classic IOS marks the character where the word differs.
        assert first <= offset <= first + len(line.split()[-1])


def test_written_in_the_order_of_ios_and_read_again(console, router):
    lines = ["ip ssh time-out 60", "ip ssh authentication-retries 5",
             "ip ssh window-size 8192", "ip ssh source-interface lo",
             "ip ssh rsa keypair-name any",
             "ip ssh version 2", "ip ssh dh min size 2048",
             "ip ssh maxstartups 10", "ip ssh logging events",
             "ip ssh dscp 46", "ip ssh rekey time 30",
             "ip ssh rekey volume 5000", "ip ssh stricthostkeycheck",
             "no ip ssh server authenticate user keyboard",
             "ip ssh client algorithm mac hmac-sha2-256 hmac-sha1",
             "ip ssh client algorithm encryption aes128-cbc",
             "ip ssh client algorithm kex curve25519-sha256",
             "ip ssh client algorithm hostkey ssh-rsa ssh-ed25519"]
    assert "%" not in console(*reversed(lines)).replace("%SYS", "")
    assert running(router) == lines
    console(*("default " + line.replace("no ", "") for line in lines))
    assert running(router) == []


def test_the_last_word_on_new_hosts_counts(console, router):
    console("ip ssh stricthostkeycheck")
    console("ip ssh stricthostkeycheck accept-new")
    assert running(router) == ["ip ssh stricthostkeycheck accept-new"]
    console("no ip ssh stricthostkeycheck")
    assert running(router) == []


def test_dscp_and_precedence_take_each_others_place(console, router):
    console("ip ssh dscp 10")
    console("ip ssh precedence 5")
    assert running(router) == ["ip ssh precedence 5"]
    console("ip ssh dscp 63")
    assert running(router) == ["ip ssh dscp 63"]
    console("no ip ssh precedence")
    assert running(router) == ["ip ssh dscp 63"]


def service_byte(port, address="127.0.0.1"):
    """What the kernel says of our end of a connection that is open."""
    with socket.create_connection((address, port), 30) as one:
        assert one.recv(4) == b"SSH-"
        shown = subprocess.run(
            ["ss", "--tos", "-tnH", "state", "established",
             f"( sport = :{port} and dport = :{one.getsockname()[1]} )"],
            capture_output=True, text=True, check=True).stdout
    found = re.search(r"\b(?:tos|tclass):0x([0-9a-f]+)", shown)
    return int(found[1], 16) if found else 0


def test_what_is_sent_is_marked(console, router):
    assert service_byte(router.port) == 0
    console("ip ssh dscp 46")
    assert service_byte(router.port) == 46 << 2
    assert service_byte(router.ports[1], "::1") == 46 << 2
    console("ip ssh precedence 6")
    assert service_byte(router.port) == 6 << 5
    console("no ip ssh precedence")
    assert service_byte(router.port) == 0
    assert service_byte(router.ports[1], "::1") == 0


def test_the_window_is_the_one_that_is_offered(console, router):
    def offered():
        with Wire(router.port).login() as wire:
            wire.send(wire.open_request())
            reply = wire.expect(OPEN_CONFIRMATION)
            reply.u32(), reply.u32()
            return reply.u32()

    before = offered()
    assert before > 8192
    console("ip ssh window-size 8192")
    assert offered() == 8192
    # Pasted text goes through it all the same.
    with Session(router) as user:
        assert user.command("show privilege" + 60 * " ")
        user.channel.sendall(b"! " + 200 * b"x" + b"\r" + 199 *
                             (b"! " + 200 * b"x" + b"\r") + b"show privilege\r")
        user.until(r"level is 15\r\nRouter#$")
    console("no ip ssh window-size")
    assert offered() == before


def kex(router, *options):
    return openssh.run(router, "show privilege", *options)


def test_groups_below_the_minimum_are_not_agreed_upon(console, router):
    group14 = "KexAlgorithms=diffie-hellman-group14-sha256"
    group16 = "KexAlgorithms=diffie-hellman-group16-sha512"
    both = "KexAlgorithms=diffie-hellman-group14-sha1," \
           "diffie-hellman-group16-sha512"
    assert kex(router, group14).returncode == 0
    console("ip ssh dh min size 4096")
    refused = kex(router, group14)
    assert refused.returncode == 255
    assert b"no matching key exchange method" in refused.stderr
    router.wait_log(r"%SSH-3-NO_MATCH: No matching kex algorithm found: client "
                    r"diffie-hellman-group14-sha256,\S+ server "
                    r"(?!\S*group14)\S*,diffie-hellman-group16-sha512,\S+$")
    assert kex(router, group16).returncode == 0
    assert kex(router, both).returncode == 0
    assert kex(router, "KexAlgorithms=curve25519-sha256").returncode == 0
    assert kex(router, "KexAlgorithms=diffie-hellman-group-exchange-sha256"
               ).returncode == 0
    console("no ip ssh dh min size")
    assert kex(router, group14).returncode == 0


@pytest.mark.parametrize("option,what,client", [
    ("Ciphers=aes128-ctr", "cipher", "aes128-ctr"),
    ("MACs=umac-64@openssh.com", "mac", "umac-64@openssh.com"),
    ("HostKeyAlgorithms=ssh-rsa", "hostkey algorithm", "ssh-rsa"),
])
def test_what_no_algorithm_was_found_for_is_told(console, router, option, what,
                                                client):
    console("ip ssh server algorithm encryption aes256-ctr aes192-ctr")
    options = [option] if what == "cipher" else \
        [option, "Ciphers=aes192-ctr"]
    assert kex(router, *options).returncode == 255
    found = router.wait_log(rf"%SSH-3-NO_MATCH: No matching {what} found: "
                            rf"client {re.escape(client)} server (\S+)$")
    if what == "cipher":
        assert found[1] == "aes256-ctr,aes192-ctr"


def group_request(router, least, wanted, most):
    """The bits of the group that was answered, 0 for an end."""
    name = "diffie-hellman-group-exchange-sha256"
    with Wire(router.port) as wire:
        wire.identify()
        wire.send(wire.kexinit(kex=name, strict=False))
        wire.expect(20)
        wire.send(bytes([34]) + b"".join(n.to_bytes(4, "big")
                                         for n in (least, wanted, most)))
        try:
            prime = wire.expect(31).string()
        except (AssertionError, ConnectionError) as end:
            assert "1 came" in str(end)
            return 0
        return int.from_bytes(prime, "big").bit_length()


def test_an_exchanged_group_has_the_minimum(console, router):
    assert group_request(router, 2048, 2048, 8192) == 2048
    console("ip ssh dh min size 4096")
    assert group_request(router, 2048, 2048, 8192) == 4096
    assert group_request(router, 1024, 8192, 8192) == 8192
    assert "DH_RANGE_FAIL" not in router.log()
    assert group_request(router, 2048, 2048, 3072) == 0
    router.wait_log("%SSH-3-DH_RANGE_FAIL: Client DH key range mismatch with "
                    "minimum configured DH key on server$")


def methods(router):
    with Wire(router.port).connect().service() as wire:
        wire.send(wire.auth_request("none"))
        return wire.expect(USERAUTH_FAILURE).string().decode().split(",")


def test_each_method_of_proof_can_be_taken_away(console, router):
    assert methods(router) == ["publickey", "keyboard-interactive", "password"]
    console("no ip ssh server authenticate user keyboard")
    assert methods(router) == ["publickey", "password"]
    console("no ip ssh server authenticate user password")
    assert methods(router) == ["publickey"]
    with Wire(router.port).connect().service() as wire:
        wire.send(wire.password_request())
        wire.expect(USERAUTH_FAILURE)
    assert "% SSH command rejected: All authentication algorithms cannot be " \
        "disabled" in console("no ip ssh server authenticate user publickey")
    assert methods(router) == ["publickey"]
    console("ip ssh server authenticate user password")
    assert methods(router) == ["publickey", "password"]


def test_settings_that_leave_no_method_are_warned_of(console, router):
    console("default ip ssh server authenticate user password")
    console("default ip ssh server authenticate user keyboard")
    keys = "% Warning: public keys are the only authentication method, and " \
        "no user has one"
    assert keys in console("ip ssh server algorithm authentication publickey")
    none = "% Warning: no authentication method is left; nobody can log in " \
        "by SSH"
    assert none in console("no ip ssh server authenticate user publickey")
    assert "Warning" not in console(
        "ip ssh server algorithm authentication publickey password")
    assert methods(router) == ["password"]
    console("ip ssh server authenticate user publickey")
    console("no ip ssh server algorithm authentication")
    assert methods(router) == ["publickey", "keyboard-interactive", "password"]


def test_events_are_told_when_they_are_asked_for(console, router):
    def told():
        return re.findall(r"%SSH-5-SSH2_\w+: .*$", router.log()[mark:], re.M)

    # Another test had it told as well: who was there then is gone.
    workers_at_rest(router)
    mark = len(router.log())
    with Wire(router.port).login():
        pass
    workers_at_rest(router)
    assert told() == []
    console("ip ssh logging events")
    end = r"using crypto cipher 'aes128-ctr', hmac 'hmac-sha2-256'"
    from_us = r"from 127\.0\.0\.1 \(tty = 0\)"
    with Wire(router.port).connect().service() as wire:
        wire.send(wire.password_request("x\nforged", "wrong"))
        wire.expect(USERAUTH_FAILURE)
        wire.send(wire.password_request())
        wire.expect(52)
        wire.send(bytes([GLOBAL_REQUEST]) + string("nothing") + b"\1")
        wire.expect(82)
    wait_for(lambda: any("CLOSE" in line for line in told()), "the end")
    expected = [
        rf"SSH2_SESSION: SSH2 Session request {from_us} {end} Succeeded",
        rf"SSH2_USERAUTH: User '' authentication for SSH2 Session {from_us} "
        rf"{end} Failed",
        rf"SSH2_USERAUTH: User 'lab' authentication for SSH2 Session "
        rf"{from_us} {end} Succeeded",
        rf"SSH2_CLOSE: SSH2 Session {from_us} for user 'lab' {end} closed",
    ]
    assert len(told()) == len(expected)
    for line, pattern in zip(told(), expected):
        assert re.fullmatch("%SSH-5-" + pattern, line), line
    workers_at_rest(router)
    with Wire(router.port) as wire:
        wire.identify()
    router.wait_log(rf"SSH2_SESSION: SSH2 Session request {from_us} using "
                    r"crypto cipher '', hmac '' Failed$")
