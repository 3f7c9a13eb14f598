"""Logging in: methods, tries, times and who may."""
import statistics
import struct
import time

import pytest

import openssh
from together import check_alike
from wire import (Closed, USERAUTH_FAILURE, USERAUTH_INFO_RESPONSE,
                  USERAUTH_REQUEST, USERAUTH_SUCCESS, Wire, string, u32)

INFO_REQUEST = 60  # RFC 4256
ANSWER_S = 0.3     # when a failed try is answered
METHODS = b"publickey,keyboard-interactive,password"


def request(method, user="lab", rest=b""):
    return (bytes([USERAUTH_REQUEST]) + string(user)
            + string("ssh-connection") + string(method) + rest)


def at_login(router, **options):
    return Wire(router.port, **options).connect().service()


def failure(wire):
    """The methods that USERAUTH_FAILURE lists."""
    reply = wire.expect(USERAUTH_FAILURE)
    names = reply.string()
    assert reply.u8() == 0 and reply.data == b""
    return names


def test_none_lists_the_methods_and_is_no_try(router):
    with at_login(router) as wire:
        for _ in range(8):
            wire.send(request("none"))
            assert failure(wire) == METHODS
        wire.send(wire.password_request())
        wire.expect(USERAUTH_SUCCESS)


def test_each_method_logs_in(router):
    with at_login(router) as wire:
        wire.send(request("keyboard-interactive", rest=string("") + string("")))
        question = wire.expect(INFO_REQUEST)
        assert question.string() == b"" and question.string() == b""
        question.string()
        assert question.u32() == 1
        assert question.string() == b"Password: " and question.u8() == 0
        wire.send(bytes([USERAUTH_INFO_RESPONSE]) + u32(1) + string("lab"))
        wire.expect(USERAUTH_SUCCESS)
    with Wire(router.port).login() as wire:
        assert wire.exec("show privilege") == (
            b"Current privilege level is 1\r\n", 0)


def test_three_wrong_tries_end_the_connection(router):
    with at_login(router) as wire:
        for _ in range(2):
            wire.send(wire.password_request(password="wrong"))
            assert failure(wire) == METHODS
        wire.send(wire.password_request(password="wrong"))
        assert wire.disconnect_reason() == 14


@pytest.mark.parametrize("retries,tries", [(0, 1), (1, 1), (5, 5)])
def test_authentication_retries_counts_the_tries(router_of, retries, tries):
    router = router_of(f"ip ssh authentication-retries {retries}\n",
                       keys=("ed25519",))
    with at_login(router) as wire:
        for _ in range(tries - 1):
            wire.send(wire.password_request(password="wrong"))
            failure(wire)
        wire.send(wire.password_request(password="wrong"))
        assert wire.disconnect_reason() == 14


def test_twenty_requests_of_any_kind_are_all(router):
    with at_login(router) as wire:
        for _ in range(20):
            wire.send(request("none"))
            failure(wire)
        wire.send(request("none"))
        assert wire.disconnect_reason() == 14


def test_500_pipelined_requests_get_few_answers(router):
    with at_login(router) as wire:
        wire.raw(b"".join(wire.seal(wire.password_request(password=f"{n}"))
                          for n in range(500)))
        answers = 0
        try:
            while True:
                payload = wire.receive()
                answers += payload[0] == USERAUTH_FAILURE
        except (Closed, AssertionError):
            pass
        assert answers <= 3


@pytest.mark.parametrize("user,password", [
    ("lab", "wrong"), ("lab", ""), ("lab", "x" * 256), ("lab", "x" * 20000),
    ("lab", "lab\0x"), ("lab\0x", "lab"), ("lab ", "lab"), ("", "lab"),
    ("nobody", "lab"), ("x" * 64, "x"), ("x" * 65, "x"), ("x" * 2000, "x"),
    ("-froot", "x"), ("../lab", "x"), ("%n%s", "x"), ("a\r\nb", "x"),
    ("\x1b[2Jlab", "x"), ("lab:x", "lab"), (":" * 2000, "x"),
], ids=lambda text: repr(text[:12]))
def test_each_failure_is_answered_alike_at_the_one_instant(
        router, user, password):
    with at_login(router) as wire:
        begin = time.monotonic()
        wire.send(wire.password_request(user, password))
        assert failure(wire) == METHODS
        assert time.monotonic() - begin > ANSWER_S - 0.01


def test_a_name_full_of_escapes_reaches_no_log_raw(router):
    with at_login(router) as wire:
        wire.send(wire.password_request("\x1b[2J\r\n%SYS-0-FORGED", "x"))
        failure(wire)
    assert "\x1b" not in router.log() and "FORGED" not in router.log()


def test_failures_are_answered_alike_for_all_kinds_of_users(router_of):
    router = router_of(
        "username clear password 0 right\n"
        "username five secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0\n"
        "username eight secret 8 $8$dsYGNam3K1SIJO$"
        "7nv/35M/qr6t.dVc7UY9zrJDWRVqncHub1PE9UlMQFs\n"
        "username nine secret 9 $9$nhEmQVczB7dqsO$"
        "X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM\n", keys=("ed25519",))

    def times(user):
        taken = []
        for _ in range(4):
            with at_login(router) as wire:
                for _ in range(2):
                    begin = time.monotonic()
                    wire.send(wire.password_request(user, "wrong"))
                    failure(wire)
                    taken.append(time.monotonic() - begin)
        return statistics.median(taken)
    check_alike(lambda: {user: times(user) for user in (
        "unknown", "clear", "five", "eight", "nine")}, 0.02)
    for user, password in (("eight", "cisco"), ("nine", "cisco"),
                           ("clear", "right"), ("five", "cisco")):
        with Wire(router.port).login(user, password):
            pass


def test_the_name_of_a_local_user_has_no_letter_case(router):
    with Wire(router.port).login("LAB", "lab"):
        pass


def test_a_wrong_answer_to_a_question_is_a_try(router):
    with at_login(router) as wire:
        for answers in (u32(0), u32(2) + string("lab") + string("lab")):
            wire.send(request("keyboard-interactive",
                              rest=string("") + string("")))
            wire.expect(INFO_REQUEST)
            wire.send(bytes([USERAUTH_INFO_RESPONSE]) + answers)
            failure(wire)


def test_a_line_without_login_local_lets_nobody_in(router_of):
    for words in ("no login local", "no login"):
        router = router_of(f"line vty 0 15\n {words}\n", keys=("ed25519",))
        with at_login(router) as wire:
            begin = time.monotonic()
            wire.send(wire.password_request())
            assert failure(wire) == METHODS
            assert time.monotonic() - begin > ANSWER_S - 0.01


def test_only_configured_methods_are_offered(router_of):
    router = router_of("ip ssh server algorithm authentication keyboard\n",
                       keys=("ed25519",))
    with at_login(router) as wire:
        wire.send(wire.password_request())
        assert failure(wire) == b"keyboard-interactive"


def test_a_user_keeps_the_privilege_of_the_configuration(router_of):
    router = router_of("username admin privilege 15 password 0 pw\n",
                       keys=("ed25519",))
    with Wire(router.port).login("admin", "pw") as wire:
        assert wire.exec("show privilege")[0] == \
            b"Current privilege level is 15\r\n"


def test_the_deadline_is_absolute_and_silent_before_keys(router_of):
    router = router_of("ip ssh time-out 5\n", keys=("ed25519",))
    begin = time.monotonic()
    with Wire(router.port) as silent, Wire(router.port) as trickling, \
            at_login(router) as slow:
        for byte in b"SSH-2.0-":
            trickling.raw(bytes([byte]))
            slow.send(request("none"))
            time.sleep(0.2)
        assert slow.disconnect_reason() == 11
        assert time.monotonic() - begin > 4.9
        assert silent.rest().startswith(b"SSH-2.0-")
        trickling.rest()


def test_banner_tokens_are_expanded_once(router_of):
    router = router_of("hostname R7\nbanner login ^C\n"
                       "$(hostname) %n%s $($(x)) line $(line)\n^C\n",
                       keys=("ed25519",))
    result = openssh.run(router, "show privilege")
    assert b"R7 %n%s $($(x)) line 1\r\n" in result.stderr


def test_idents_and_disconnect_texts_do_not_reach_the_screen_raw(router):
    wire = Wire(router.port)
    wire.IDENT = b"SSH-2.0-\x1b[2J%n"
    with wire, Wire(router.port).login() as other:
        wire.identify()
        output, _ = other.exec("show ssh")
        assert b"\x1b" not in output
        wire.exchange()
        output, _ = other.exec("show ssh\nshow users")
        assert b"\x1b" not in output
        wire.send(bytes([1]) + struct.pack(">I", 11)
                  + string("\x1b[31m%n" * 50) + string(""))
    assert "\x1b" not in router.log()
