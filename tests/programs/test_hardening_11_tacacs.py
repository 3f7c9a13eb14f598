"""Entry 11.4 of the hardening list: TACACS+ servers that lie or break off.

The aaa that asks servers is the real program, with a played control; servers
are of this test.
"""
import os
import pathlib
import struct
import sys

import pytest

from aaa_control import (ACCOUNT, ANSWERED, AUTHORIZE, ERROR, FAIL, PASS,
                         SILENT, STOP, TACACS, UNUSABLE, Aaa, server, string)
from router import is_sanitized, wait_for

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from tacacs_server import (  # noqa: E402
    ACCT, ACCT_ERROR, AUTHEN, AUTHOR, FOLLOW, GETDATA, GETPASS, GETUSER,
    PASS_ADD, PASS_REPL, RESTART, SUCCESS, UNENCRYPTED, TacacsServer)
from tacacs_server import ERROR as AUTHEN_ERROR  # noqa: E402
from tacacs_server import PASS as AUTHEN_PASS  # noqa: E402

KEY = b"a shared key"


@pytest.fixture(scope="module")
def aaa():
    with Aaa() as one:
        yield one


def ask(aaa, handler, key=KEY, **fields):
    """The result of one request at one server, and that server."""
    with TacacsServer(KEY, handler) as one:
        result = aaa.outcome([server(one.port, key, timeout_ms=10000)],
                             protocol=TACACS, **fields)
    return result, one


def ascii_login(aaa, one, **fields):
    return aaa.ask([server(one.port, KEY, timeout_ms=10000)], protocol=TACACS,
                   given=b"", has_given=False, **fields)


@pytest.mark.parametrize("counted,make", [
    ("malformed", lambda p: p.wrap(b"", length=2 ** 32 - 1)),
    ("malformed", lambda p: p.wrap(b"", length=65536 - 11)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, version=0xc0)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, version=0xd1)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, seq=1)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, seq=4)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, session=p.session ^ 1)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, type=AUTHOR)),
    ("unexpected", lambda p: p.reply(AUTHEN_PASS, type=ACCT)),
    ("unexpected", lambda p: p.wrap(
        struct.pack(">BBHH", AUTHEN_PASS, 0, 0, 0), flags=UNENCRYPTED)),
    ("unexpected", lambda p: p.reply(GETPASS)),
    ("bad", lambda p: p.wrap(struct.pack(">BBHH", AUTHEN_PASS, 0, 1, 0))),
    ("bad", lambda p: p.wrap(struct.pack(">BBHH", AUTHEN_PASS, 0, 0, 0) +
                             b"x")),
    ("bad", lambda p: p.wrap(struct.pack(">BBHH", AUTHEN_PASS, 0, 65535,
                                         65535))),
    ("bad", lambda p: p.wrap(b"\1\0\0\0\0")),
    ("bad", lambda p: p.wrap(b"")),
    ("bad", lambda p: p.reply(AUTHEN_PASS, key=b"another key")),
])
def test_hardening_11_4_what_is_no_answer_lets_nobody_in(aaa, counted, make):
    result, _ = ask(aaa, make)
    assert result.outcome == ERROR
    note, = result.notes
    assert {"malformed": note.malformed, "unexpected": note.unexpected,
            "bad": note.bad} == {"malformed": 0, "unexpected": 0, "bad": 0,
                                 counted: 1}
    assert note.fate == UNUSABLE


def test_hardening_11_4_the_largest_packet_is_taken(aaa):
    result, _ = ask(aaa, lambda p: p.reply(AUTHEN_PASS,
                                           b"x" * (65536 - 12 - 6)))
    assert result.outcome == PASS
    assert result.text == b"x" * 4096


@pytest.mark.parametrize("end", [None, b""])
def test_hardening_11_4_a_server_that_says_nothing_is_left(aaa, end):
    with TacacsServer(KEY, lambda p: end) as one:
        result = aaa.outcome([server(
            one.port, KEY, timeout_ms=10000 if end is None else 300)],
                             protocol=TACACS)
    assert result.outcome == ERROR
    assert result.notes[0].fate == (UNUSABLE if end is None else SILENT)


def test_hardening_11_4_a_packet_in_pieces_is_one(aaa):
    """Its server sends no more until the rest would be late."""
    with TacacsServer(KEY, lambda p: p.reply(AUTHEN_PASS)[:13]) as one:
        result = aaa.outcome([server(one.port, KEY, timeout_ms=300)],
                             protocol=TACACS)
    assert result.outcome == ERROR and result.notes[0].fate == SILENT


@pytest.mark.parametrize("status,outcome", [
    (FOLLOW, FAIL), (RESTART, FAIL), (AUTHEN_ERROR, ERROR), (0, ERROR),
    (200, ERROR)])
def test_hardening_11_4_no_other_status_lets_anybody_in(aaa, status, outcome):
    result, _ = ask(aaa, lambda p: p.reply(status))
    assert result.outcome == outcome
    assert result.notes[0].fate == ANSWERED


@pytest.mark.parametrize("arguments,outcome", [
    ([], PASS), (["wish*any"], PASS), (["service=shell"], PASS),
    (["cmd=show"], PASS), (["wish=any"], FAIL), (["cmd=reload"], FAIL),
    (["priv-lvl=15"], FAIL), (["nothing"], FAIL), (["=x"], FAIL),
    (["a\x1b*x"], FAIL), (["shell:cmd=show"], FAIL)])
def test_hardening_11_4_a_command_is_run_as_typed(aaa, arguments, outcome):
    asked = string(b"cmd=show") + string(b"cmd-arg=clock") + \
        string(b"cmd-arg=<cr>")
    result, one = ask(aaa, lambda p: p.reply(PASS_ADD, arguments=arguments),
                      kind=AUTHORIZE, arguments=asked)
    assert result.outcome == outcome and result.attributes == []
    packet, = one.packets
    assert packet.arguments == ["service=shell", "cmd=show", "cmd-arg=clock",
                                "cmd-arg=<cr>"]


@pytest.mark.parametrize("arguments,outcome", [
    (["service=shell", "cmd=show", "cmd-arg=<cr>"], PASS),
    (["service=shell", "cmd=reload", "cmd-arg=<cr>"], FAIL),
    (["cmd=show"], FAIL), ([], FAIL)])
def test_hardening_11_4_no_other_command_in_its_place(aaa, arguments, outcome):
    asked = string(b"cmd=show") + string(b"cmd-arg=<cr>")
    result, _ = ask(aaa, lambda p: p.reply(PASS_REPL, arguments=arguments),
                    kind=AUTHORIZE, arguments=asked)
    assert result.outcome == outcome


def test_hardening_11_4_what_cannot_be_said_is_not_allowed(aaa):
    """A command that no packet has room for is asked of no server."""
    for asked in (string(b"cmd-arg=" + b"x" * 248),
                  string(b"cmd-arg=x") * 255):
        result, one = ask(aaa, lambda p: p.reply(PASS_ADD), kind=AUTHORIZE,
                          arguments=string(b"cmd=x") + asked)
        assert result.outcome == FAIL and one.packets == []
    result, one = ask(aaa, lambda p: p.reply(AUTHEN_PASS), given=b"x" * 256)
    assert result.outcome == FAIL and one.packets == []


def test_an_exec_is_asked_for_and_its_answer_passed_on(aaa):
    result, one = ask(aaa, lambda p: p.reply(
        PASS_ADD, arguments=["priv-lvl=7", "idletime*5"]), kind=AUTHORIZE)
    assert result.attributes == [b"priv-lvl=7", b"idletime*5"]
    assert one.packets[0].arguments == ["service=shell", "cmd="]


def test_a_line_is_asked_for_by_its_own_service(aaa):
    asked = string(b"service=raccess") + string(b"port#1=tty5")
    result, one = ask(aaa, lambda p: p.reply(PASS_ADD, arguments=["x=y"]),
                      kind=AUTHORIZE, arguments=asked)
    assert one.packets[0].arguments == ["service=raccess", "port#1=tty5"]
    assert result.outcome == PASS and result.attributes == [b"x=y"]


def test_nobody_is_no_user(aaa):
    result, one = ask(aaa, lambda p: p.reply(AUTHEN_PASS), user=b"")
    assert result.outcome == FAIL and one.packets == []


@pytest.mark.parametrize("status,outcome", [
    (SUCCESS, PASS), (ACCT_ERROR, ERROR), (FOLLOW, ERROR)])
def test_a_record_is_taken_or_goes_on(aaa, status, outcome):
    result, one = ask(aaa, lambda p: p.reply(status), kind=ACCOUNT,
                      accounting=STOP, arguments=string(b"task_id=1") +
                      string(b"cmd=" + b"x" * 600))
    assert result.outcome == outcome
    assert one.packets[0].arguments == ["task_id=1", "cmd=" + "x" * 251]


def test_hardening_11_4_a_server_that_speaks_out_of_turn_is_left(aaa):
    with TacacsServer(KEY, lambda p: p.reply(GETPASS, "One: ") +
                      p.reply(AUTHEN_PASS)) as one:
        request = ascii_login(aaa, one)
        aaa.hear("AAA_ASKED", request)
        aaa.send("AAA_CONTINUE", request=request, given=True, text=b"word")
        assert aaa.result(request).outcome == ERROR
    assert [p.message for p in one.packets if p.seq > 1 and not p.abort] == []


def test_hardening_11_4_questions_have_an_end(aaa):
    with TacacsServer(KEY, lambda p: p.reply(GETDATA, "More: ")) as one:
        request = ascii_login(aaa, one)
        for _ in range(32):
            aaa.hear("AAA_ASKED", request)
            aaa.send("AAA_CONTINUE", request=request, given=True, text=b"x")
        assert aaa.result(request).outcome == FAIL


def test_hardening_11_4_nobody_becomes_another_user(aaa):
    """The name is asked for again and again: it is the one, once."""
    with TacacsServer(KEY, lambda p: p.reply(GETUSER, "Username: ")) as one:
        assert aaa.result(ascii_login(aaa, one)).outcome == FAIL
    assert [p.message for p in one.packets] == [None, b"lab"]


def descriptors(aaa):
    return len(os.listdir(f"/proc/{aaa.process.pid}/fd"))


def memory(aaa):
    """Bytes that are its own."""
    text = pathlib.Path(f"/proc/{aaa.process.pid}/status").read_text()
    return int(text.split("RssAnon:")[1].split()[0]) * 1024


ABORTED = int(os.environ.get(
    "VTYD_ABORTED_LOGINS", "10000" if "VTYD_SOAK" in os.environ else "300"))


@pytest.mark.parametrize("phase", ["connecting", "asked", "answered"])
def test_hardening_11_4_aborted_logins_leave_nothing(phase):
    def handler(p):
        return p.reply(GETPASS, "Password: ") if p.seq == 1 and \
            phase != "connecting" else b""

    def abort(aaa, one):
        before = len(one.packets)
        request = ascii_login(aaa, one)
        if phase != "connecting":
            aaa.hear("AAA_ASKED", request)
        if phase == "answered":
            aaa.send("AAA_CONTINUE", request=request, given=True, text=b"x")
            wait_for(lambda: len(one.packets) >= before + 2, "the answer")
        aaa.send("AAA_CANCEL", request=request)
        assert aaa.result(request).outcome == ERROR
    with Aaa() as aaa, TacacsServer(KEY, handler) as one:
        for _ in range(50):
            abort(aaa, one)
        files, before = descriptors(aaa), memory(aaa)
        for _ in range(ABORTED):
            abort(aaa, one)
        wait_for(lambda: descriptors(aaa) <= files, "closed descriptors")
        # Sanitizers keep freed memory for a while.
        if not is_sanitized():
            assert memory(aaa) < before + 256 * 1024
