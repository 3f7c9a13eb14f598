"""Section 11 of the hardening list: AAA servers that lie, fail or are not there.

The aaa that asks servers is the real program, with a played control; servers
are of this test.
"""
import hashlib
import os
import socket
import struct
import threading

import pytest

import messages
from aaa_control import (ACCOUNT, ANSWERED, AUTHORIZE, BY_RADIUS, ENABLE, ERROR,
                         FAIL, PASS, SILENT, START, STOP, Aaa, server, string)
from radius_server import (ACCEPT, ACCOUNTING_RESPONSE, ACCT_DELAY,
                           ACCT_SESSION, CALLING_STATION, CHALLENGE, CLASS,
                           NAS_PORT_TYPE, PROMPT, PROXY_STATE, REJECT,
                           REPLY_MESSAGE, SERVICE_TYPE, SIGNATURE, STATE,
                           USER_NAME, VENDOR, RadiusServer, attribute, avpair)
from router import free_port, is_sanitized, wait_for

KEY = b"a shared key"
AVPAIR = avpair("shell:priv-lvl=7")


@pytest.fixture(scope="module")
def aaa():
    with Aaa() as one:
        yield one


def ask(aaa, handler, key=KEY, address="127.0.0.1", server_options=None,
        **fields):
    """The result of one request at one server, and that server."""
    with RadiusServer(KEY, handler, address) as radius:
        result = aaa.outcome([server(radius.port, key, address=address,
                                     **(server_options or {}))], **fields)
    return result, radius


def assert_dropped(aaa, make, **counted):
    """What `make` gives is no answer; the right one behind it is."""
    result, _ = ask(aaa, lambda q: [*make(q), q.answer(ACCEPT, AVPAIR)])
    assert result.outcome == PASS
    assert result.attributes == [b"shell:priv-lvl=7"]
    note, = result.notes
    seen = {"bad": note.bad, "malformed": note.malformed,
            "unexpected": note.unexpected}
    assert seen == {"bad": 0, "malformed": 0, "unexpected": 0, **counted}


# --- 11.1 --------------------------------------------------------------------

def test_hardening_11_1_an_answer_with_another_id_is_none(aaa):
    assert_dropped(aaa, lambda q: [q.answer(REJECT, id=(q.id + 1) % 256)],
                   unexpected=1)


def test_hardening_11_1_an_answer_from_another_port_or_address_is_none(aaa):
    strangers = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                 for _ in range(2)]
    strangers[0].bind(("127.0.0.1", 0))
    strangers[1].bind(("127.0.0.2", 0))

    def from_elsewhere(q):
        for stranger in strangers:
            stranger.sendto(q.answer(REJECT), q.peer)
        return []
    assert_dropped(aaa, from_elsewhere)
    for stranger in strangers:
        stranger.close()


def test_hardening_11_1_an_answer_that_does_not_know_the_key_is_none(aaa):
    assert_dropped(aaa, lambda q: [q.answer(ACCEPT, key=b"another")], bad=1)
    assert_dropped(aaa, lambda q: [q.answer(REJECT, authenticator=bytes(16))],
                   bad=1)


def test_hardening_11_1_a_wrong_key_is_as_good_as_silence(aaa):
    result, radius = ask(aaa, lambda q: [q.answer(ACCEPT)], key=b"another",
                         server_options={"tries": 2, "timeout_ms": 1000})
    assert result.outcome == ERROR
    assert result.notes[0].fate == SILENT and result.notes[0].bad == 2
    assert len(radius.requests) == 2


def test_hardening_11_1_a_code_that_answers_nothing_is_none(aaa):
    assert_dropped(aaa, lambda q: [q.answer(code)
                                   for code in (0, 1, 4, 5, 12, 40, 255)],
                   unexpected=7)


def test_hardening_11_1_late_and_repeated_answers_reach_nobody(aaa):
    """The answer to one request, sent again to the next one's port."""
    old = []

    def handler(q):
        answer = q.answer(ACCEPT)
        old.append(answer)
        return [*old, answer]
    with RadiusServer(KEY, handler) as radius:
        for _ in range(20):
            result = aaa.outcome([server(radius.port, KEY)])
            assert result.outcome == PASS
            note, = result.notes
            # Ids are random: an old answer may have this one's by chance.
            assert note.answers == 1
            assert note.unexpected + note.bad <= len(old) - 1


def test_hardening_11_1_each_request_has_its_own_port_id_and_authenticator(aaa):
    with RadiusServer(KEY, lambda q: [q.answer(ACCEPT)]) as radius:
        for _ in range(50):
            assert aaa.outcome([server(radius.port, KEY)]).outcome == PASS
    ports = [q.peer[1] for q in radius.requests]
    assert len({q.authenticator for q in radius.requests}) == 50
    assert len(set(ports)) > 30
    assert len({q.id for q in radius.requests}) > 20
    steps = {abs(b - a) for a, b in zip(ports, ports[1:])}
    assert len(steps) > 10, "ports can be guessed"


# --- 11.2 --------------------------------------------------------------------

def test_hardening_11_2_requests_are_signed_first_of_all(aaa):
    result, radius = ask(aaa, lambda q: [q.answer(ACCEPT)])
    assert result.outcome == PASS
    request, = radius.requests
    assert request.attributes[0][0] == SIGNATURE and request.is_signed()
    assert [kind for kind, _ in request.attributes].count(SIGNATURE) == 1


@pytest.mark.parametrize("code", [ACCEPT, REJECT, CHALLENGE])
@pytest.mark.parametrize("sign", [None, "wrong", "twice"])
def test_hardening_11_2_an_answer_without_a_right_signature_is_none(aaa, code,
                                                                    sign):
    assert_dropped(aaa, lambda q: [q.answer(code, AVPAIR, sign=sign)], bad=1)


def test_hardening_11_2_a_signature_may_stand_last(aaa):
    result, _ = ask(aaa, lambda q: [q.answer(ACCEPT, AVPAIR, sign="last")])
    assert result.outcome == PASS


def test_hardening_11_2_a_proxys_state_that_was_not_sent_is_refused(aaa):
    assert_dropped(aaa, lambda q: [q.answer(
        REJECT, attribute(PROXY_STATE, b"\x00" * 100))], bad=1)


# --- 11.3 --------------------------------------------------------------------

def resealed(q, body, length=None):
    """An answer whose authenticator is right, whatever it says."""
    head = struct.pack(">BBH", ACCEPT, q.id,
                       20 + len(body) if length is None else length)
    return head + hashlib.md5(head + q.authenticator + body +
                              q.key).digest() + body


@pytest.mark.parametrize("body", [
    b"\x12\x00", b"\x12\x01", b"\x12", b"\x12\xff" + bytes(10),
    attribute(REPLY_MESSAGE, b"x") + b"\x12\x03"])
def test_hardening_11_3_attributes_of_wrong_lengths(aaa, body):
    assert_dropped(aaa, lambda q: [resealed(q, body)], malformed=1)


@pytest.mark.parametrize("length", [0, 19, 100, 4097, 65535])
def test_hardening_11_3_packets_of_wrong_lengths(aaa, length):
    assert_dropped(aaa, lambda q: [resealed(q, b"", length)], malformed=1)


def test_hardening_11_3_datagrams_that_are_too_short_or_too_long(aaa):
    assert_dropped(aaa, lambda q: [b"\x02", q.answer(ACCEPT)[:19],
                                   resealed(q, bytes(4100))], malformed=3)


@pytest.mark.parametrize("value", [
    attribute(VENDOR, b"\0\0"), attribute(VENDOR, b"\0\0\0\x09\x01"),
    attribute(VENDOR, b"\0\0\0\x09\x01\x09shell"),
    attribute(VENDOR, b"\0\0\0\x09\x01\x00"),
    avpair("shell:x=\x1b[31m"), attribute(SERVICE_TYPE, b"\x06"),
    attribute(SERVICE_TYPE, b"\0\0\0\0\x06")])
def test_hardening_11_3_values_that_are_not_of_their_kind(aaa, value):
    assert_dropped(aaa, lambda q: [q.answer(ACCEPT, value)], malformed=1)


@pytest.mark.parametrize("level", ["999", "16", "-1", "", "0x1", "15 ", "1e1",
                                   "015"])
def test_hardening_11_3_a_level_that_there_is_not_lets_nobody_in(aaa, level):
    result, _ = ask(aaa, lambda q: [q.answer(
        ACCEPT, avpair("shell:priv-lvl=" + level))])
    assert result.outcome == FAIL and result.attributes == []


def test_hardening_11_3_other_vendors_and_types_do_not_count(aaa):
    result, _ = ask(aaa, lambda q: [q.answer(
        ACCEPT, attribute(VENDOR, b"\0\0\1\x37junk"), attribute(200, b"x"),
        attribute(SERVICE_TYPE, 6), AVPAIR, attribute(CLASS, b"\x00\xff"),
        avpair("shell:autocmd=show version"))])
    assert result.outcome == PASS
    assert result.attributes == [b"service-type=6", b"shell:priv-lvl=7",
                                 b"class=00ff", b"shell:autocmd=show version"]


# --- 11.5 --------------------------------------------------------------------

def test_hardening_11_5_who_does_not_answer_delays_nobody_else(aaa):
    """Fifty wait for a server that is silent; others are let in meanwhile."""
    with RadiusServer(KEY, lambda q: []) as silent, \
            RadiusServer(KEY, lambda q: [q.answer(ACCEPT)]) as radius:
        waiting = [aaa.ask([server(silent.port, KEY, timeout_ms=60000)])
                   for _ in range(50)]
        for _ in range(50):
            assert aaa.outcome([server(radius.port, KEY)]).outcome == PASS
        assert not any(name == "AAA_RESULT" for name, _ in aaa.waiting)
        for request in waiting:
            aaa.send("AAA_CANCEL", request=request)
            assert aaa.result(request).outcome == ERROR


def test_hardening_11_5_all_of_it_ends_at_the_deadline(aaa):
    with RadiusServer(KEY, lambda q: []) as silent:
        request = aaa.ask([server(silent.port, KEY, timeout_ms=60000, tries=9)],
                          deadline_ms=100)
        result = aaa.result(request)
    assert result.outcome == ERROR and result.notes[0].timeouts == 0


def test_hardening_11_5_the_next_server_is_asked_in_order(aaa):
    """With a new packet under its own key; the silent one had all its tries."""
    other = b"another key"
    with RadiusServer(KEY, lambda q: []) as silent, \
            RadiusServer(other, lambda q: [q.answer(REJECT)]) as second, \
            RadiusServer(KEY, lambda q: [q.answer(ACCEPT)]) as third:
        result = aaa.outcome([server(silent.port, KEY, timeout_ms=50, tries=3),
                              server(second.port, other),
                              server(third.port, KEY)])
    assert result.outcome == FAIL  # who says no is believed
    assert [n.fate for n in result.notes] == [SILENT, ANSWERED]
    assert [n.sent for n in result.notes] == [3, 1]
    assert third.requests == []
    assert len({q.data for q in silent.requests}) == 1  # RFC 5080 2.2.1
    assert len({q.peer for q in silent.requests}) == 1
    assert second.requests[0].is_signed()
    assert second.requests[0].authenticator != \
        silent.requests[0].authenticator


def test_hardening_11_5_an_icmp_error_ends_nothing(aaa):
    """That nobody listens may be a lie, or a server that just starts."""
    port = free_port()
    request = aaa.ask([server(port, KEY, timeout_ms=200, tries=50)])
    late = RadiusServer.__new__(RadiusServer)
    late.key, late.requests, late.failed = KEY, [], None
    late.handler = lambda q: [q.answer(ACCEPT)]
    late.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    late.socket.bind(("127.0.0.1", port))
    late.port = port
    late.thread = threading.Thread(target=late._serve, daemon=True)
    with late:
        assert aaa.result(request).outcome == PASS


# --- the protocol itself -----------------------------------------------------

def test_what_a_login_says(aaa):
    result, radius = ask(aaa, lambda q: [q.answer(
        ACCEPT, attribute(REPLY_MESSAGE, b"one, "),
        attribute(REPLY_MESSAGE, b"two"))], given=b"p" * 128)
    assert result.outcome == PASS and result.text == b"one, two"
    request, = radius.requests
    assert request.get(USER_NAME) == b"lab"
    assert request.password() == b"p" * 128
    assert request.number(5) == 3 and request.get(87) == b"tty3"
    assert request.number(NAS_PORT_TYPE) == 5
    assert request.get(CALLING_STATION) == b"192.0.2.7"
    assert request.get(4) == bytes([127, 0, 0, 1])
    assert request.get(32) == b"R1"
    assert request.number(SERVICE_TYPE) == 1


def test_what_enable_says(aaa):
    result, radius = ask(aaa, lambda q: [q.answer(ACCEPT)], service=ENABLE,
                         privilege=15, remote="async", port="tty0")
    request, = radius.requests
    assert result.outcome == PASS
    assert request.get(USER_NAME) == b"$enab15$"
    assert request.number(SERVICE_TYPE) == 6
    assert request.number(NAS_PORT_TYPE) == 0
    assert request.get(CALLING_STATION) is None


def test_over_ipv6_and_from_a_given_address(aaa):
    result, radius = ask(aaa, lambda q: [q.answer(ACCEPT)], address="::1")
    assert result.outcome == PASS
    assert radius.requests[0].get(95) == bytes(15) + b"\1"
    with RadiusServer(KEY, lambda q: [q.answer(ACCEPT)]) as radius:
        result = aaa.outcome([server(radius.port, KEY,
                                     source=bytes([127, 0, 0, 9]))])
    assert result.outcome == PASS
    assert radius.requests[0].peer[0] == "127.0.0.9"
    assert radius.requests[0].get(4) == bytes([127, 0, 0, 9])


@pytest.mark.parametrize("fields", [
    {"user": b""}, {"user": b"x" * 254}, {"given": b""},
    {"given": b"x" * 129}])
def test_what_no_server_would_be_asked_is_refused(aaa, fields):
    """An error would lead on to the next method, which may be none."""
    result, radius = ask(aaa, lambda q: [q.answer(ACCEPT)], **fields)
    assert result.outcome == FAIL and radius.requests == []


def test_radius_alone_cannot_authorize(aaa):
    result, radius = ask(aaa, lambda q: [q.answer(ACCEPT)], kind=AUTHORIZE)
    assert result.outcome == ERROR and radius.requests == []


def test_a_challenge_asks_the_user(aaa):
    def handler(q):
        if q.get(STATE) is None:
            return [q.answer(CHALLENGE, attribute(STATE, b"one"),
                             attribute(REPLY_MESSAGE, b"Code: "),
                             attribute(PROMPT, 1))]
        if q.get(STATE) == b"one":
            return [q.answer(CHALLENGE, attribute(STATE, b"two"))]
        good = q.get(STATE) == b"two" and q.password() == b"again"
        return [q.answer(ACCEPT if good else REJECT)]
    with RadiusServer(KEY, handler) as radius:
        request = aaa.ask([server(radius.port, KEY)], has_given=False,
                          given=b"")
        first = aaa.hear("AAA_ASKED", request)
        assert first["prompt"] == b"Password: " and not first["echo"]
        assert radius.requests == []
        aaa.send("AAA_CONTINUE", request=request, given=True, text=b"lab")
        second = aaa.hear("AAA_ASKED", request)
        assert second["prompt"] == b"Code: " and second["echo"]
        aaa.send("AAA_CONTINUE", request=request, given=True, text=b"123456")
        third = aaa.hear("AAA_ASKED", request)
        assert third["prompt"] == b"Password: " and not third["echo"]
        aaa.send("AAA_CONTINUE", request=request, given=True, text=b"again")
        result = aaa.result(request)
    assert result.outcome == PASS and result.notes[0].challenges == 2
    assert [q.password() for q in radius.requests] == [b"lab", b"123456",
                                                       b"again"]
    assert len({q.peer for q in radius.requests}) == 3
    assert len({q.authenticator for q in radius.requests}) == 3


def test_who_does_not_answer_a_challenge_is_refused(aaa):
    with RadiusServer(KEY, lambda q: [q.answer(
            CHALLENGE, attribute(STATE, b"s"))]) as radius:
        for given, outcome in ((False, FAIL), (True, FAIL)):
            request = aaa.ask([server(radius.port, KEY)])
            for _ in range(17):
                if aaa_result_is_there(aaa, request):
                    break
                aaa.send("AAA_CONTINUE", request=request, given=given,
                         text=b"x")
            assert aaa.result(request).outcome == outcome


def aaa_result_is_there(aaa, request):
    """It asks again (false), or has ended (true)."""
    while not any(f["request"] == request for _, f in aaa.waiting):
        aaa.waiting.append(messages.decode(aaa.pipe.recv(1 << 17)))
    if any(n == "AAA_RESULT" and f["request"] == request
           for n, f in aaa.waiting):
        return True
    aaa.hear("AAA_ASKED", request)
    return False


def test_accounting_counts_the_time_it_has_waited(aaa):
    arguments = b"".join(map(string, [
        b"task_id=0000002A", b"service=shell", b"elapsed_time=61",
        b"bytes_in=7", b"bytes_out=%d" % (3 << 32 | 5), b"disc-cause=1",
        b"class=00ff"]))
    seen = threading.Event()

    def handler(q):
        assert q.is_authentic()
        if len(radius.requests) < 3:
            return []
        seen.set()
        return [q.answer(ACCOUNTING_RESPONSE, sign=None)]
    with RadiusServer(KEY, handler) as radius:
        request = aaa.ask([server(radius.port, KEY, timeout_ms=600, tries=5)],
                          kind=ACCOUNT, accounting=STOP, arguments=arguments,
                          method=BY_RADIUS)
        assert aaa.result(request).outcome == PASS
    assert seen.is_set()
    first, second, third = radius.requests[:3]
    assert [q.id for q in (second, third)] == \
        [(first.id + 1) % 256, (first.id + 2) % 256]
    assert first.number(ACCT_DELAY) == 0 and third.number(ACCT_DELAY) >= 1
    assert third.get(ACCT_SESSION) == b"0000002A"
    assert third.get(USER_NAME) == b"lab"
    assert {kind: third.number(kind) for kind in (40, 42, 43, 45, 46, 49, 53)
            } == {40: 2, 42: 7, 43: 5, 45: 1, 46: 61, 49: 1, 53: 3}
    assert third.number(52) is None
    assert third.get(CLASS) == b"\x00\xff"


def test_accounting_takes_an_answer_to_any_of_its_packets(aaa):
    def handler(q):
        if len(radius.requests) < 2:
            return []
        return [radius.requests[0].answer(ACCOUNTING_RESPONSE, sign=None)]
    with RadiusServer(KEY, handler) as radius:
        result = aaa.outcome([server(radius.port, KEY, tries=5,
                                     timeout_ms=300)], kind=ACCOUNT,
                             accounting=START, arguments=string(b"task_id=1"))
    assert result.outcome == PASS


def test_accounting_without_a_session_is_an_error(aaa):
    result, radius = ask(aaa, lambda q: [], kind=ACCOUNT, accounting=START)
    assert result.outcome == ERROR and radius.requests == []


def test_ten_thousand_requests_that_are_given_up_leave_nothing():
    """Descriptors and memory of an aborted login are freed (11.4's law)."""
    with Aaa() as aaa, RadiusServer(KEY, lambda q: []) as silent:
        fds = f"/proc/{aaa.process.pid}/fd"

        def memory():
            with open(f"/proc/{aaa.process.pid}/statm") as text:
                return int(text.read().split()[1])

        def give_up(count):
            for _ in range(count):
                requests = [aaa.ask([server(silent.port, KEY,
                                            timeout_ms=60000)])
                            for _ in range(50)]
                for request in requests:
                    aaa.send("AAA_CANCEL", request=request)
                for request in requests:
                    assert aaa.result(request).outcome == ERROR
        give_up(20)
        before = memory(), len(os.listdir(fds))
        give_up(180)
        wait_for(lambda: len(os.listdir(fds)) <= before[1], "its descriptors")
        # Sanitizers keep what was freed.
        assert is_sanitized() or memory() < before[0] + 128, "pages"


def test_what_is_no_request_ends_it():
    for data in (b"\xff", b""):
        aaa = Aaa()
        aaa.pipe.send(data or b"\0")
        wait_for(lambda: aaa.process.poll() is not None, "its end")
        aaa.pipe.close()


def test_its_sandbox_is_on():
    with Aaa() as aaa:
        wait_for(lambda: "Seccomp:\t2" in open(
            f"/proc/{aaa.process.pid}/status").read(), "the filter")
