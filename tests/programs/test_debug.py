"""debug, no debug, undebug, show debugging; and what a session's lines say."""
import re
import socket

import pytest

from debugging import HEAD, Watch, check_numbers
from raw_scp import Channels
from router import CONFIG, Router, wait_for
from session import Session
from wire import CHANNEL_CLOSE, DEBUG, IGNORE, Wire, string, u32


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("debug"), CONFIG + """\
username chief privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip scp server enable
""", keys=("ed25519", "rsa")) as router:
        yield router


@pytest.fixture
def admin(router):
    """Privileged; whatever is debugged ends with the test."""
    with Session(router, enable="cisco") as session:
        yield session
        session.command("undebug all")


# --- commands ---------------------------------------------------------------

KINDS = {
    "ip ssh": "Incoming SSH debugging is ",
    "ip ssh client": "SSH Client debugging is ",
    "ip ssh detail": "ssh detail messages debugging is ",
    "ip ssh packet": "ssh packet related messages debugging is ",
    "ip scp": "Incoming SCP debugging is ",
}
ALL = """\
SSH:
  Incoming SSH debugging is on
  SSH Client debugging is on
  ssh detail messages debugging is on
  ssh packet related messages debugging is on
SCP:
  Incoming SCP debugging is on
SNMP:
  SNMP packet debugging is on
"""


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_is_turned_on_and_off(admin, kind):
    for off in ("no debug ", "undebug "):
        heading = "SCP:" if kind == "ip scp" else "SSH:"
        assert admin.command("debug " + kind) == KINDS[kind] + "on\n"
        assert admin.command("show debugging") == (
            f"{heading}\n  {KINDS[kind]}on\n")
        assert admin.command(off + kind) == KINDS[kind] + "off\n"
        assert admin.command("show debugging") == ""


@pytest.mark.parametrize("off", ["undebug all", "no debug all", "u all",
                                 "un all"])
def test_all_are_turned_on_after_a_question_and_off_without(admin, off):
    question = ("This may severely impact network performance. "
                "Continue? (yes/[no]): ")
    for answer in ("", "no", "n"):
        assert admin.type("debug all\n", r": $").endswith("\n" + question)
        admin.command(answer)
        assert admin.command("show debugging") == ""
    admin.type("debug all\n", r": $")
    assert admin.command("yes") == \
        "All possible debugging has been turned on\n"
    assert admin.command("show debugging") == ALL
    assert admin.command(off) == "All possible debugging has been turned off\n"
    assert admin.command("show debugging") == ""


def test_only_the_privileged_debug(router):
    with Session(router) as user:
        for line in ("debug ip ssh", "undebug all", "no debug all"):
            assert "% Invalid input" in user.command(line)
        assert user.command("show debugging") == ""


# --- a session --------------------------------------------------------------

def test_a_text_of_the_peer_is_shown_escaped(router, admin):
    admin.command("debug ip ssh")
    watch = Watch(router)
    with Wire(router.port).login() as wire:
        wire.send(bytes([DEBUG]) + b"\1" + string("\x1b[2Jhe\nllo") + string(""))
        channel = wire.open_session()
        wire.send(bytes([CHANNEL_CLOSE]) + u32(channel))
        wire.expect(CHANNEL_CLOSE)
    told = watch.until("SSHN: Session terminated normally")
    assert "SSH2 N: debug message: \\x1b[2Jhe\\x0allo" in told


def session(router, wire_class=Wire):
    """Log in, have a shell, leave it."""
    with wire_class(router.port).login() as wire:
        channel = wire.shell()
        wire.data(channel, "exit\r")
        wire.until_close(channel)


def test_the_numbers_of_a_session_add_up(router, admin):
    admin.command("debug ip ssh")
    watch = Watch(router)
    session(router)
    told = watch.whole()
    came, went = check_numbers(told, strict=True)
    assert came >= 6 and went >= 8
    for line in ("SSHN: starting SSH control process",
                 "SSHN: sent protocol version id SSH-2.0-vtyd_0.1.0",
                 "SSHN: protocol version id is - SSH-2.0-wire_1.0",
                 "SSH2 N: SSH2_MSG_KEXINIT sent",
                 "SSH2 N: SSH2_MSG_KEXINIT received",
                 "SSH2: kex: client->server aes128-ctr hmac-sha2-256 none",
                 "SSH2: kex: server->client aes128-ctr hmac-sha2-256 none",
                 "SSH2 N: expecting SSH2_MSG_KEX_ECDH_INIT",
                 "SSH2 N: SSH2_MSG_KEX_ECDH_INIT received",
                 "SSH2 N: signature length 83",
                 "SSH2 N: authentication successful for lab",
                 "SSH2 N: starting shell for vty",
                 "SSHN: Session terminated normally"):
        assert told.count(line) == 1, line


def test_new_keys_in_the_middle_are_told_and_numbers_begin_anew(router, admin):
    admin.command("debug ip ssh")
    watch = Watch(router)
    with Wire(router.port).login() as wire:
        wire.exchange()
        wire.send(bytes([IGNORE]) + string(""))
        told = watch.until("SSH2 N: received packet type 2")
    assert told.count("SSH2 N: SSH2_MSG_NEWKEYS received") == 2
    # Strict key exchange.
    assert told[-3] == "SSH2 N: MAC #0 ok"


DETAIL = """\
SSHN: starting SSH control process
SSHN: sent protocol version id SSH-2.0-vtyd_0.1.0
SSHN: protocol version id is - SSH-2.0-wire_1.0
SSH2 N: SSH2_MSG_KEXINIT sent
SSH2 N: SSH2_MSG_KEXINIT received
SSH2:kex: client->server enc:aes128-ctr mac:hmac-sha2-256
SSH2:kex: server->client enc:aes128-ctr mac:hmac-sha2-256
SSH2 N: Using kex_algo = curve25519-sha256
SSH2 N: expecting SSH2_MSG_KEX_ECDH_INIT
SSH2 N: SSH2_MSG_KEX_ECDH_INIT received
SSH2: kex_derive_keys complete
SSH2 N: SSH2_MSG_NEWKEYS sent
SSH2 N: waiting for SSH2_MSG_NEWKEYS
SSH2 N: SSH2_MSG_NEWKEYS received
SSH2 N: Using method = password
SSH2 N: authentication successful for lab
SSH2 N: channel open request
SSH2 N: shell request
SSH2 N: shell message received
SSH2 N: starting shell for vty
SSHN: Session terminated normally
"""


def test_detail_tells_events_in_the_newer_words(router, admin):
    admin.command("debug ip ssh detail")
    watch = Watch(router)
    session(router)
    assert "".join(line + "\n" for line in watch.whole()) == DETAIL


PACKET = [
    r"SSH2 N: send:packet of  length \d+ \(length also includes padlen of \d+\)",
    r"SSH2 N: ssh_receive: \d+ bytes received",
    r"SSH2 N: input: total packet length of \d+ bytes",
    r"SSH2 N: partial packet length\(block size\)\d+ bytes,needed \d+ bytes, "
    r"maclen \d+",
    r"SSH2 N: input: padlength \d+ bytes",
    r"SSH2 N: signature length \d+",
    r"SSH2 N: newkeys: mode [01]",
    r"SSH2 N: MAC compared for #\d+ :ok",
    r"SSH2 N: done calculated MAC out #\d+",
]


def test_packet_tells_packets_in_the_newer_words(router, admin):
    admin.command("debug ip ssh packet")
    before = len(router.log())
    session(router)

    def all_shapes():
        told = [re.sub(r"^SSH2 \d+", "SSH2 N", line)
                for line in HEAD.findall(router.log()[before:])
                if line.startswith("SSH")]
        found = {next((p for p in PACKET if re.fullmatch(p, line)), line)
                 for line in told}
        assert found <= set(PACKET)
        return found == set(PACKET)
    wait_for(all_shapes, "a line of each shape")


def test_what_is_turned_on_counts_for_living_sessions(router, admin):
    with Wire(router.port).login() as wire:
        before = len(router.log())
        wire.send(bytes([IGNORE]) + string("a"))
        wire.shell()
        assert "SSH2 " not in router.log()[before:]
        admin.command("debug ip ssh")
        wire.send(bytes([IGNORE]) + string("b"))
        router.wait_log(r"SSH2 \d+: received packet type 2$")
        admin.command("undebug all")
        before = len(router.log())
        wire.shell(1)
        assert "SSH2 " not in router.log()[before:]


def test_ends_that_are_not_in_order_have_a_number(router, admin):
    admin.command("debug ip ssh")
    watch = Watch(router)
    with Wire(router.port) as wire:
        wire.connect()
        wire.send(b"\x63")
        wire.rest()
    assert watch.whole()[-1] == "SSHN: Session disconnected - error 0x00"
    watch = Watch(router)
    with Wire(router.port) as wire:
        wire.connect().service()
        for _ in range(4):
            wire.send(wire.password_request("lab", "wrong"))
        wire.rest()
    assert watch.whole()[-1] == "SSHN: Session disconnected - error 0x0A"
    watch = Watch(router)
    with socket.create_connection(("127.0.0.1", router.port)) as stranger:
        stranger.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while stranger.recv(4096):
            pass
    assert watch.whole()[-1] == "SSHN: Session disconnected - error 0x00"


def test_who_is_shown_the_log_is_not_debugged(router, admin):
    """Each line would make packets, and each packet lines."""
    admin.command("debug ip ssh")
    with Session(router, enable="cisco") as user:
        user.type("terminal monitor\n", r"#")
        session(router)
        user.until(r"SSH\d+: Session terminated normally\r\n")
        before = len(router.log())
        for _ in range(3):
            user.type("show clock\n", r"UTC.*\n")
        # The admin's own keys are told to him who watches, and end there.
        admin.command("show clock")
        assert "left out" not in router.log()[before:]
        user.type("terminal no monitor\n", r"monitor\r\n")
        router.wait_log(r"SSH2 \d+: send: len")


# --- scp --------------------------------------------------------------------

def scp_lines(router, before):
    return re.findall(r": (SCP: \[.*)$", router.log()[before:], re.M)


def test_a_copy_is_told_in_both_directions(router, admin):
    admin.command("debug ip scp")
    before = len(router.log())
    with Channels(router, "chief") as channels:
        port = channels.client.get_transport().sock.getsockname()[1]
        assert channels.put("flash:x", b"abc", name=b"na\x1bme") == ""
        assert channels.get("flash:x") == (b"abc", "")
        assert "Error" in channels.get("flash:none")[1]
    sent, came = (f"SCP: [{router.port} {arrow} 127.0.0.1:{port}] "
                  for arrow in ("->", "<-"))
    told = wait_for(lambda: (lines := scp_lines(router, before))
                    and "(File not found)" in "".join(lines) and lines, "the error")
    assert [line for line in told if "<EOF>" not in line] == [
        sent + "send <OK>",
        came + r"recv C0644 3 na\x1bme",
        sent + "send <OK>",
        came + "recv 3 bytes",
        came + "recv <OK>",
        sent + "send <OK>",
        came + "recv <OK>",
        sent + "send C0644 3 flash:x",
        came + "recv <OK>",
        sent + "send 3 bytes",
        sent + "send <OK>",
        came + "recv <OK>",
        came + "recv <OK>",
        sent + "send %Error opening flash:none (File not found)",
    ]
    assert came + "recv <EOF>" in told
