"""One connection to a TACACS+ server for many requests: RFC 8907 section 4.3.

The aaa that asks servers is the real program, with a played control; servers
are of this test.
"""
import pathlib
import sys
import threading

import pytest

from aaa_control import ERROR, FAIL, PASS, SILENT, TACACS, UNUSABLE, Aaa, server
from router import wait_for

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
from tacacs_server import (  # noqa: E402
    GETPASS, PASS as AUTHEN_PASS, SINGLE, TacacsServer)
from tacacs_server import FAIL as AUTHEN_FAIL  # noqa: E402

KEY = b"a shared key"


@pytest.fixture(scope="module")
def aaa():
    with Aaa() as one:
        yield one


def judge(p):
    """ASCII asks for the password; who is called "lost" gets no answer."""
    if p.user_name == b"lost":
        return b""
    if p.seq == 1 and p.data == b"":
        return p.reply(GETPASS, "Password: ")
    return p.reply(AUTHEN_PASS if (p.data if p.seq == 1 else p.message) ==
                   b"secret" else AUTHEN_FAIL)


def named(handler):
    def handle(p):
        if p.seq == 1:
            p.talk["user"] = p.user
        p.user_name = p.talk["user"]
        return handler(p)
    return handle


def shared(handler=judge, **how):
    return TacacsServer(KEY, named(handler), single=True, **how)


def place(one, timeout_ms=5000):
    return [server(one.port, KEY, timeout_ms=timeout_ms, single=True)]


def log_in(aaa, one, **fields):
    return aaa.outcome(place(one), protocol=TACACS, **fields)


def begin(aaa, one, user=b"slow"):
    """A login whose user is asked, and thinks."""
    request = aaa.ask(place(one), protocol=TACACS, user=user, given=b"",
                      has_given=False)
    aaa.hear("AAA_ASKED", request)
    return request


def go_on(aaa, request, text=b"secret"):
    aaa.send("AAA_CONTINUE", request=request, given=True, text=text)
    return aaa.result(request).outcome


def test_an_agreed_connection_serves_one_after_the_other(aaa):
    with shared() as one:
        for given, outcome in ((b"secret", PASS), (b"wrong", FAIL)) * 3:
            result = log_in(aaa, one, given=given)
            assert result.outcome == outcome
            assert result.notes[0].opened == 0
        assert one.connections == 1
    assert [bool(p.flags & SINGLE) for p in one.packets] == \
        [True] + [False] * 5
    assert len({p.session for p in one.packets}) == 6


def test_a_server_that_does_not_agree_has_one_for_each(aaa):
    with TacacsServer(KEY, named(judge)) as one:
        for _ in range(3):
            assert log_in(aaa, one).outcome == PASS
        assert one.connections == 3
    # Each time it is asked.
    assert all(p.flags & SINGLE for p in one.packets)


def test_an_answer_that_comes_late_is_not_waited_for_by_others(aaa):
    """Nothing else may be sent before the server has agreed."""
    with shared() as one:
        first = aaa.ask(place(one), protocol=TACACS, user=b"lost")
        wait_for(lambda: len(one.packets) == 1, "the first")
        assert log_in(aaa, one).outcome == PASS
        assert one.connections == 2
        assert [bool(p.flags & SINGLE) for p in one.packets] == [True, False]
        one.packets[0].send(one.packets[0].reply(AUTHEN_PASS))
        assert aaa.result(first).outcome == PASS
        assert log_in(aaa, one).outcome == PASS
        assert one.connections == 2


def test_sessions_are_interleaved(aaa):
    with shared() as one:
        requests = [begin(aaa, one)]
        requests += [begin(aaa, one) for _ in range(20)]
        assert log_in(aaa, one).outcome == PASS
        for at, request in reversed(list(enumerate(requests))):
            wanted = at % 2 == 0
            assert go_on(aaa, request, b"secret" if wanted else b"x") == \
                (PASS if wanted else FAIL)
        assert one.connections == 1
    talks = [p.session for p in one.packets]
    assert len(talks) == 43 and len(set(talks)) == 22


def test_an_idle_connection_that_the_server_closes_is_made_anew(aaa):
    with shared() as one:
        assert log_in(aaa, one).outcome == PASS
        one.cut()
        wait_for(lambda: not one.open, "its end")
        result = log_in(aaa, one)
        assert result.outcome == PASS and one.connections == 2


def test_a_connection_that_ends_as_it_is_used_is_no_answer(aaa):
    """Once: the server has it twice, and is asked no third time."""
    state = {"close": 0}

    def handler(p):
        if state["close"]:
            state["close"] -= 1
            return None
        return judge(p)
    with shared(handler) as one:
        assert log_in(aaa, one).outcome == PASS
        state["close"] = 1
        result = log_in(aaa, one)
        assert (result.outcome, result.notes[0].sent) == (PASS, 2)
        assert one.connections == 2
        state["close"] = 2
        result = log_in(aaa, one)
        assert (result.outcome, result.notes[0].fate) == (ERROR, UNUSABLE)
        assert log_in(aaa, one).outcome == PASS


def test_who_waits_on_a_connection_that_ends_is_told(aaa):
    with shared() as one:
        waiting = [begin(aaa, one) for _ in range(5)]
        one.cut()
        for request in waiting:
            result = aaa.result(request)
            assert (result.outcome, result.notes[0].fate) == (ERROR, UNUSABLE)
        assert log_in(aaa, one).outcome == PASS


def test_noise_ends_what_is_new_and_nothing_that_was_begun(aaa):
    """Section 4.4: who has begun may go on."""
    def handler(p):
        if p.user_name == b"noisy":
            return p.reply(AUTHEN_PASS, key=b"another key")
        return judge(p)
    with shared(handler) as one:
        assert log_in(aaa, one).outcome == PASS
        waiting = begin(aaa, one)
        result = log_in(aaa, one, user=b"noisy")
        assert result.outcome == ERROR and result.notes[0].bad == 1
        assert log_in(aaa, one).outcome == PASS
        assert one.connections == 2
        assert go_on(aaa, waiting) == PASS
        wait_for(lambda: len(one.open) == 1, "the first one's end")
    assert len({p.client for p in one.packets[:3]}) == 1


def test_who_gets_no_answer_leaves_the_connection_to_nobody(aaa):
    with shared() as one:
        assert log_in(aaa, one).outcome == PASS
        result = aaa.outcome(place(one, 300), protocol=TACACS, user=b"lost")
        assert (result.outcome, result.notes[0].fate) == (ERROR, SILENT)
        assert log_in(aaa, one).outcome == PASS
        assert one.connections == 2


def test_an_answer_to_nobody_is_nobodys(aaa):
    with shared() as one:
        assert log_in(aaa, one).outcome == PASS
        request = aaa.ask(place(one), protocol=TACACS, user=b"lost")
        wait_for(lambda: len(one.packets) == 2, "the request")
        aaa.send("AAA_CANCEL", request=request)
        assert aaa.result(request).outcome == ERROR
        late = one.packets[1]
        late.send(late.reply(AUTHEN_PASS))
        assert log_in(aaa, one, given=b"wrong").outcome == FAIL
        assert one.connections == 1


def test_hardening_11_4_an_answer_under_anothers_number_lets_nobody_in(aaa):
    """Nobody gets it, or whoever it names and has not asked for it."""
    sessions = {}

    def handler(p):
        sessions[p.user_name] = p.session
        if p.user_name == b"confused":
            return p.reply(AUTHEN_PASS, session=sessions[b"slow"], seq=4)
        return judge(p)
    with shared(handler) as one:
        assert log_in(aaa, one).outcome == PASS
        waiting = begin(aaa, one)
        result = aaa.outcome(place(one, 500), protocol=TACACS,
                             user=b"confused")
        assert (result.outcome, result.notes[0].fate) == (ERROR, SILENT)
        assert go_on(aaa, waiting, b"wrong") != PASS
        assert log_in(aaa, one, given=b"wrong").outcome == FAIL


@pytest.mark.parametrize("length", [2 ** 32 - 1, 65536 - 11])
def test_hardening_11_4_a_length_that_cannot_be_ends_it(aaa, length):
    def handler(p):
        if p.user_name == b"long":
            return p.wrap(b"", length=length)
        return judge(p)
    with shared(handler) as one:
        assert log_in(aaa, one).outcome == PASS
        waiting = begin(aaa, one)
        # On the shared one, then on one of its own.
        result = log_in(aaa, one, user=b"long")
        assert result.outcome == ERROR
        assert aaa.result(waiting).outcome == ERROR
        assert log_in(aaa, one).outcome == PASS


def test_a_login_that_is_left_is_aborted_and_the_connection_stays(aaa):
    with shared() as one:
        request = begin(aaa, one)
        aaa.send("AAA_CANCEL", request=request)
        assert aaa.result(request).outcome == ERROR
        wait_for(lambda: any(p.abort for p in one.packets), "abort")
        assert log_in(aaa, one).outcome == PASS
        assert one.connections == 1


def test_another_key_is_another_connection(aaa):
    with shared() as one:
        assert log_in(aaa, one).outcome == PASS
        result = aaa.outcome([server(one.port, b"other", single=True)],
                             protocol=TACACS)
        assert result.outcome == ERROR
        assert log_in(aaa, one).outcome == PASS
        wait_for(lambda: one.failed is not None, "noise, to it")
        assert one.connections == 2
        one.failed = None


def test_control_knows_how_many_there_are():
    with Aaa() as aaa, shared() as one:
        assert log_in(aaa, one).outcome == PASS
        assert log_in(aaa, one).outcome == PASS
        one.cut()
        wait_for(lambda: not one.open, "its end")
        assert log_in(aaa, one).outcome == PASS
        told = [(fields["port"], fields["open"]) for name, fields
                in aaa.waiting if name == "AAA_CONNECTION"]
        assert told == [(one.port, 1), (one.port, 0), (one.port, 1)]


def test_packets_in_pieces_and_in_one_piece(aaa):
    """Answers of two sessions in one segment; one in two."""
    both, together = threading.Event(), []

    def handler(p):
        if p.user_name != b"pair":
            return judge(p)
        together.append(p.reply(AUTHEN_PASS))
        if len(together) < 2:
            return b""
        whole = b"".join(together)
        p.send(whole[:40])
        both.set()
        return whole[40:]
    with shared(handler) as one:
        assert log_in(aaa, one).outcome == PASS
        requests = [aaa.ask(place(one), protocol=TACACS, user=b"pair")
                    for _ in range(2)]
        assert both.wait(60)
        assert [aaa.result(r).outcome for r in requests] == [PASS, PASS]
        assert one.connections == 1
