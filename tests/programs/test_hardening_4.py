"""Hardening, section 4: authentication, over TCP.

Tries, times and names are in test_login.py.
"""
import statistics
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey)

from processes import cpu_s, workers_at_rest
from together import at_once, check_alike
from user_keys import OTHER_KEYS, USERS_KEYS, chain, ed25519_blob
from wire import (CHANNEL_SUCCESS, Closed, DISCONNECT, OPEN_CONFIRMATION,
                  SERVICE_ACCEPT, SERVICE_REQUEST, USERAUTH_FAILURE,
                  USERAUTH_INFO_RESPONSE, USERAUTH_PK_OK, USERAUTH_REQUEST,
                  USERAUTH_SUCCESS, Wire, mpint, string, u32)

INFO_REQUEST = 60  # also PK_OK: it depends on the request


def at_login(router):
    return Wire(router.port).connect().service()


def still_serves(router):
    with Wire(router.port).login() as wire:
        assert wire.exec("show privilege")[1] == 0


# --- messages that only a server sends, or only later ---------------------

@pytest.mark.parametrize("number", [51, 52, 53, 60])
def test_hardening_4_1_a_client_that_says_it_was_let_in(router, number):
    for connect in (Wire.identify, Wire.connect, at_service):
        with Wire(router.port) as wire:
            connect(wire)
            wire.send(bytes([number]))
            try:
                wire.send(Wire.open_request())
            except OSError:
                pass
            assert numbers_until_the_end(wire)[-1:] in ([DISCONNECT], [])


def at_service(wire):
    wire.connect().service()


def numbers_until_the_end(wire):
    """What comes, up to the end; nothing of it may be a success."""
    numbers = []
    try:
        while True:
            numbers.append(wire.receive()[0])
            assert numbers[-1] not in (USERAUTH_SUCCESS, OPEN_CONFIRMATION,
                                       CHANNEL_SUCCESS)
    except Closed:
        return numbers


def test_hardening_4_2_messages_of_the_connection_before_login(router):
    for number in range(80, 101):
        for prepare in (Wire.connect, at_service):
            with Wire(router.port) as wire:
                prepare(wire)
                wire.send(bytes([number]) + string("session") + u32(0) * 3)
                assert wire.disconnect_reason() == 2, number


def test_hardening_4_2_in_clear_after_kexinit(router):
    """CVE-2025-32433: a command run before there are even keys."""
    with Wire(router.port) as wire:
        wire.identify()
        wire.send(wire.kexinit())
        wire.send(Wire.open_request())
        wire.send(Wire.channel_request(0, "exec",
                                       data=string("show version")))
        assert 91 not in numbers_until_the_end(wire)


@pytest.mark.parametrize("name,reason", [
    ("ssh-connection", 2), ("ssh-userauth@example", 7), ("", 7),
    ("ssh-userauth\0", 7), ("x" * 20000, 7)], ids=lambda v: str(v)[:20])
def test_hardening_4_3_other_services(router, name, reason):
    with Wire(router.port).connect() as wire:
        wire.send(bytes([SERVICE_REQUEST]) + string(name))
        assert wire.disconnect_reason() == reason


def test_hardening_4_3_authentication_without_a_service(router):
    with Wire(router.port).connect() as wire:
        wire.send(Wire.password_request())
        assert wire.disconnect_reason() == 2


def test_hardening_4_3_services_after_login(router):
    with Wire(router.port).login() as wire:
        wire.send(bytes([SERVICE_REQUEST]) + string("ssh-connection"))
        wire.expect(SERVICE_ACCEPT)
        wire.send(bytes([SERVICE_REQUEST]) + string("ssh-userauth"))
        assert wire.disconnect_reason() == 2


@pytest.mark.parametrize("gap", [1, 2])
def test_hardening_4_4_a_request_put_into_an_exchange(router, gap):
    """The first one, and a later one while the service is accepted."""
    request = Wire.password_request()
    with Wire(router.port) as wire:
        wire.identify()
        with pytest.raises((Closed, OSError, AssertionError)):
            wire.exchange(strict=False, between={gap: [request]})
            wire.service()
    with at_login(router) as wire:
        with pytest.raises((Closed, OSError, AssertionError)):
            wire.exchange(between={gap: [request]})
            wire.expect(USERAUTH_SUCCESS)


def test_hardening_4_5_requests_after_success(router):
    workers_at_rest(router)  # what they logged is there
    with Wire(router.port).login() as wire:
        lines = router.log().count("\n")
        for n in range(50):
            wire.send(Wire.password_request("admin", f"{n}"))
            wire.send(Wire.auth_request("none", "root"))
            wire.send(bytes([USERAUTH_REQUEST]) + b"\xff" * 8)
            wire.send(bytes([USERAUTH_INFO_RESPONSE]) + u32(0))
        output, _ = wire.exec("show users")
        assert b" lab " in output and b"admin" not in output
        assert router.log().count("\n") == lines


# --- who is a user is nobody's business -----------------------------------

def conversation(router, user, requests):
    """The messages that answer these requests, their order and times."""
    seen = []
    with at_login(router) as wire:
        for request in requests:
            begin = time.monotonic()
            wire.send(request(wire, user))
            try:
                payload = wire.receive()
            except Closed:
                payload = b"closed"
            if payload[0] == 53:  # the banner comes before the first answer
                payload = wire.receive()
            seen.append((payload, time.monotonic() - begin))
            if payload[0] == DISCONNECT:
                break
    return [payload for payload, _ in seen], [s for _, s in seen]


STRANGERS_KEY = Ed25519PrivateKey.generate()
REQUESTS = {
    "none": lambda w, u: w.auth_request("none", u),
    "password": lambda w, u: w.password_request(u, "wrong"),
    "empty password": lambda w, u: w.password_request(u, ""),
    "long password": lambda w, u: w.password_request(u, "x" * 20000),
    "change of password": lambda w, u: w.auth_request(
        "password", u, b"\1" + string("old") + string("new")),
    "keyboard-interactive": lambda w, u: w.auth_request(
        "keyboard-interactive", u, string("") + string("")),
    "key": lambda w, u: w.key_request(
        "ssh-ed25519", ed25519_blob(STRANGERS_KEY), user=u),
    "key that is none": lambda w, u: w.key_request(
        "ssh-ed25519", b"\xff" * 40, user=u),
    "signature": lambda w, u: w.key_request(
        "ssh-ed25519", ed25519_blob(STRANGERS_KEY),
        string("ssh-ed25519") + string(STRANGERS_KEY.sign(w.signed_data(
            "ssh-ed25519", ed25519_blob(STRANGERS_KEY), u))), user=u),
    "cut request": lambda w, u: w.key_request(
        "ssh-ed25519", ed25519_blob(STRANGERS_KEY), user=u)[:-5],
    "left over": lambda w, u: w.password_request(u, "x") + b"y",
    "hostbased": lambda w, u: w.auth_request("hostbased", u, b"\xff" * 20),
}


@pytest.fixture(scope="module")
def users_router(router_of):
    """Users of all kinds; `keyed` has a key."""
    return router_of(
        "username clear password 0 right\n"
        "username nine secret 9 $9$nhEmQVczB7dqsO$"
        "X.HsgL6x1il0RxkOSSvyQYwucySCt7qFm4v7pqCxkKM\n"
        "username keyed\n"
        "ip ssh authentication-retries 5\n" + chain("keyed", USERS_KEYS))


PAIRS = list(zip(USERS_KEYS, OTHER_KEYS))
PAIR_NAMES = [key.algorithm for key in USERS_KEYS]


@pytest.mark.parametrize("name", REQUESTS)
def test_hardening_4_6_every_user_gets_the_same_answers(users_router, name):
    request = REQUESTS[name]

    def times():
        talks = at_once({
            user: lambda user=user: conversation(users_router, user, [request])
            for user in ("unknown", "lab", "clear", "nine", "keyed")})
        answers = {user: talk[0] for user, talk in talks.items()}
        assert all(value == answers["unknown"] for value in answers.values()), \
            answers
        return {user: min(talk[1]) for user, talk in talks.items()}
    check_alike(times, 0.1)


def test_hardening_4_6_long_and_short_passwords_take_the_same_time(
        users_router):
    def median(user, length):
        _, taken = conversation(
            users_router, user,
            [lambda w, u: w.password_request(u, "x" * length)] * 4)
        return statistics.median(taken)
    check_alike(lambda: at_once({
        (user, length): lambda user=user, length=length: median(user, length)
        for user in ("unknown", "lab", "clear") for length in (5, 20000)}),
        0.05)


def test_hardening_4_7_a_password_beyond_the_packet_limit(users_router):
    with at_login(users_router) as wire:
        wire.send(wire.password_request("lab", "x" * 30000))
        wire.expect(USERAUTH_FAILURE)
        wire.send(wire.password_request("lab", "x" * 200000))
        assert wire.disconnect_reason() in (2, None)


def test_hardening_4_10_names_of_reverse_ssh(users_router):
    def fails(user):
        with at_login(users_router) as wire:
            wire.send(wire.password_request(user, "lab"))
            wire.expect(USERAUTH_FAILURE)
    at_once({user: lambda user=user: fails(user) for user in (
        "lab:99999999999", "lab:-1", "lab:::", "lab:{999.9.9.9}",
        "lab:rotary", "lab:rotary128", "lab:" + "9" * 60, ":",
        "lab" + ":" * 2000)})

    def comes_in(user):
        """A line is looked up afterwards: whoever asks learns nothing of it."""
        with at_login(users_router) as wire:
            wire.send(wire.password_request(user, "lab"))
            wire.expect(USERAUTH_SUCCESS)
    at_once({user: lambda user=user: comes_in(user) for user in (
        "lab:1", "lab:rotary127")})
    still_serves(users_router)


# --- one request, one verdict ---------------------------------------------

def test_hardening_4_12_a_channel_behind_a_wrong_password(router):
    with at_login(router) as wire:
        wire.raw(wire.seal(wire.password_request(password="no"))
                 + wire.seal(wire.open_request())
                 + wire.seal(wire.channel_request(
                     0, "exec", data=string("show users"))))
        numbers = numbers_until_the_end(wire)
        assert numbers[-2:] == [USERAUTH_FAILURE, DISCONNECT]


def test_hardening_4_12_a_channel_behind_the_right_one(router):
    with at_login(router) as wire:
        wire.raw(wire.seal(wire.password_request())
                 + wire.seal(wire.open_request())
                 + wire.seal(wire.channel_request(
                     0, "exec", data=string("show privilege"))))
        wire.expect(USERAUTH_SUCCESS)
        wire.expect(OPEN_CONFIRMATION)
        wire.expect(CHANNEL_SUCCESS)
        output, status = wire.until_close(0)
        assert b"privilege level is 1" in output and status == 0


def test_hardening_4_12_the_verdict_is_of_its_own_request(router):
    """A good password behind a wrong one: an answer each, in order."""
    with at_login(router) as wire:
        wire.raw(wire.seal(wire.password_request(password="no"))
                 + wire.seal(wire.password_request("nobody", "lab"))
                 + wire.seal(wire.password_request()))
        wire.expect(USERAUTH_FAILURE)
        wire.expect(USERAUTH_FAILURE)
        wire.expect(USERAUTH_SUCCESS)
        assert wire.exec("show users")[0].count(b" lab ") == 1


# --- public keys ------------------------------------------------------------

@pytest.mark.parametrize("key,other", PAIRS, ids=PAIR_NAMES)
def test_hardening_4_13_a_right_signature_lets_in(users_router, key, other):
    with at_login(users_router) as wire:
        wire.send(key.request(wire))
        wire.expect(USERAUTH_SUCCESS)
        assert wire.exec("show privilege")[1] == 0
    with at_login(users_router) as wire:
        wire.send(other.request(wire))
        wire.expect(USERAUTH_FAILURE)


def wrong_proofs(key, other):
    """Requests that name the user's key and do not prove it."""
    def signed(data_of):
        return lambda w: key.request(w, signature=key.signature(data_of(w)))

    def data(w, **changes):
        return w.signed_data(key.algorithm, key.blob, **{"user": "keyed",
                                                         **changes})
    return {
        "no signature": lambda w: w.key_request(key.algorithm, key.blob, b"",
                                                "keyed"),
        "empty": lambda w: key.request(
            w, signature=string(key.algorithm) + string(b"")),
        "zeros": lambda w: key.request(
            w, signature=string(key.algorithm) + string(bytes(
                len(key.raw_signature(b""))))),
        "cut": lambda w: key.request(
            w, signature=string(key.algorithm)
            + string(key.raw_signature(data(w))[:-1])),
        "another key's": lambda w: key.request(
            w, signature=other.signature(data(w))),
        "another session": signed(lambda w: data(w, session_id=b"\0" * 32)),
        "no session": signed(lambda w: data(w)[36:]),
        "another user's": signed(lambda w: data(w, user="lab")),
        "another name": lambda w: key.request(
            w, signature=string("ssh-rsa") + string(
                key.raw_signature(data(w)))),
        "behind it": lambda w: key.request(
            w, signature=key.signature(data(w)) + b"x"),
        "two of them": lambda w: key.request(
            w, signature=key.signature(data(w)) * 2),
    }


@pytest.mark.parametrize("key,other", PAIRS, ids=PAIR_NAMES)
def test_hardening_4_13_a_key_without_its_proof(users_router, key, other):
    def fails(proof):
        with at_login(users_router) as wire:
            # That the key would do is said, and is no credit.
            wire.send(wire.key_request(key.algorithm, key.blob, user="keyed"))
            reply = wire.expect(USERAUTH_PK_OK)
            assert reply.string() == key.algorithm.encode()
            assert reply.string() == key.blob
            wire.send(proof(wire))
            wire.expect(USERAUTH_FAILURE)
            wire.send(Wire.open_request())
            assert wire.disconnect_reason() == 2
    at_once({name: lambda proof=proof: fails(proof)
             for name, proof in wrong_proofs(key, other).items()})


def test_hardening_4_13_a_signature_of_another_connection(users_router):
    key = USERS_KEYS[0]
    with at_login(users_router) as one, at_login(users_router) as two:
        request = key.request(one)
        two.send(request)
        two.expect(USERAUTH_FAILURE)
        one.send(request)
        one.expect(USERAUTH_SUCCESS)


def test_hardening_4_13_a_flag_that_contradicts_the_signature(users_router):
    key = USERS_KEYS[0]
    with at_login(users_router) as wire:
        wire.send(key.request(wire, signed=False))
        assert wire.disconnect_reason() == 2
    with at_login(users_router) as wire:
        wire.send(key.request(wire, rest=b"x"))
        assert wire.disconnect_reason() == 2


# --- keys that are none -------------------------------------------------------

def rsa_blob(e, n):
    return string("ssh-rsa") + mpint(e) + mpint(n)


def raw_rsa_blob(e, n):
    return string("ssh-rsa") + string(e) + string(n)


N2048 = USERS_KEYS[2].private.public_key().public_numbers().n
P256 = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1


def ec_blob(point, curve="nistp256", name="ecdsa-sha2-nistp256"):
    return string(name) + string(curve) + string(point)


ED_ORDER1 = b"\1" + b"\0" * 31
DEGENERATE = {
    "ed25519 of 31 bytes": ("ssh-ed25519", string("ssh-ed25519")
                            + string(b"\1" * 31)),
    "ed25519 of 33 bytes": ("ssh-ed25519", string("ssh-ed25519")
                            + string(b"\1" * 33)),
    "ed25519 empty": ("ssh-ed25519", string("ssh-ed25519") + string(b"")),
    "ed25519 and more": ("ssh-ed25519", string("ssh-ed25519")
                         + string(b"\1" * 32) + b"x"),
    "rsa n 0": ("rsa-sha2-256", rsa_blob(65537, 0)),
    "rsa n 1": ("rsa-sha2-256", rsa_blob(65537, 1)),
    "rsa e 0": ("rsa-sha2-256", rsa_blob(0, N2048)),
    "rsa e 1": ("rsa-sha2-256", rsa_blob(1, N2048)),
    "rsa e even": ("rsa-sha2-256", rsa_blob(2, N2048)),
    "rsa e huge": ("rsa-sha2-256", rsa_blob(2 ** 64 + 1, N2048)),
    "rsa n even": ("rsa-sha2-256", rsa_blob(65537, N2048 - 1)),
    "rsa n negative": ("rsa-sha2-256", raw_rsa_blob(
        b"\1\0\1", b"\x80" + b"\1" * 255)),
    "rsa n of 512 bits": ("rsa-sha2-256", rsa_blob(65537, 2 ** 511 + 1)),
    "rsa n of 16392 bits": ("rsa-sha2-256", rsa_blob(
        65537, 2 ** 16391 + 1)),
    "rsa n of 30000 bytes": ("rsa-sha2-256", rsa_blob(
        65537, 2 ** 239999 + 1)),
    "rsa cut": ("rsa-sha2-256", rsa_blob(65537, N2048)[:-1]),
    "ec infinity": ("ecdsa-sha2-nistp256", ec_blob(b"\0")),
    "ec zero": ("ecdsa-sha2-nistp256", ec_blob(b"\4" + b"\0" * 64)),
    "ec off curve": ("ecdsa-sha2-nistp256", ec_blob(b"\4" + b"\1" * 64)),
    "ec beyond p": ("ecdsa-sha2-nistp256", ec_blob(
        b"\4" + P256.to_bytes(32, "big") * 2)),
    "ec compressed": ("ecdsa-sha2-nistp256", ec_blob(b"\2" + b"\1" * 32)),
    "ec other curve": ("ecdsa-sha2-nistp256", ec_blob(
        b"\4" + b"\1" * 96, "nistp384")),
    "ec as ed25519": ("ssh-ed25519", ec_blob(b"\4" + b"\1" * 64)),
    "dss": ("ssh-rsa", string("ssh-dss") + mpint(0) * 4),
    "no key at all": ("ssh-ed25519", b""),
    "names that lie": ("ssh-ed25519", u32(1 << 31) + b"ssh-ed25519"),
}


@pytest.fixture(scope="module")
def degenerate_router(router_of):
    """Their hashes are configured: the key itself is what stops them."""
    keys = [("ssh-rsa" if "rsa" in algorithm else algorithm, blob)
            for algorithm, blob in DEGENERATE.values()]
    keys.append(("ssh-ed25519", string("ssh-ed25519") + string(ED_ORDER1)))
    keys += [("ssh-rsa", USERS_KEYS[2].blob)]
    return router_of("username keyed\n" + chain("keyed", keys))


def processor_time(router):
    return sum(cpu_s(pid) for pid in router.children("vtyd-aaa"))


def test_hardening_4_14_degenerate_keys(degenerate_router):
    def fails(algorithm, blob, signature):
        with at_login(degenerate_router) as wire:
            wire.send(wire.key_request(algorithm, blob, signature, "keyed"))
            wire.expect(USERAUTH_FAILURE)

    def signatures(algorithm):
        yield None
        for raw in (b"\1" * 256, mpint(1) + mpint(1), b"\0" * 64):
            yield string(algorithm) + string(raw)
    before = processor_time(degenerate_router)
    calls = {
        (name, n): lambda values=(algorithm, blob, signature): fails(*values)
        for name, (algorithm, blob) in DEGENERATE.items()
        for n, signature in enumerate(signatures(algorithm))}
    at_once(calls)
    assert processor_time(degenerate_router) - before < 0.02 * len(calls)


def test_hardening_4_14_a_point_of_order_one_proves_nothing(
        degenerate_router):
    """Ed25519: with the neutral element as key, S = 0 and R = the neutral
    element satisfy the equation for every message."""
    blob = string("ssh-ed25519") + string(ED_ORDER1)
    with at_login(degenerate_router) as wire:
        wire.send(wire.key_request(
            "ssh-ed25519", blob,
            string("ssh-ed25519") + string(ED_ORDER1 + b"\0" * 32), "keyed"))
        wire.expect(USERAUTH_FAILURE)


def test_hardening_4_14_names_that_do_not_agree(degenerate_router):
    key = USERS_KEYS[2]

    def fails(requested, named):
        with at_login(degenerate_router) as wire:
            data = wire.signed_data(requested, key.blob, "keyed")
            wire.send(wire.key_request(
                requested, key.blob, string(named)
                + string(key.raw_signature(data)), "keyed"))
            wire.expect(USERAUTH_FAILURE)
    at_once({names: lambda names=names: fails(*names) for names in (
        ("rsa-sha2-256", "ssh-rsa"), ("rsa-sha2-512", "rsa-sha2-256"),
        ("ssh-rsa", "rsa-sha2-256"), ("ssh-ed25519", "rsa-sha2-256"),
        ("rsa-sha2-256-cert-v01@openssh.com", "rsa-sha2-256"))})


# --- keyboard-interactive -----------------------------------------------------

INTERACTIVE = Wire.auth_request("keyboard-interactive",
                                fields=string("") + string(""))


def answer(*texts, count=None):
    return (bytes([USERAUTH_INFO_RESPONSE])
            + u32(len(texts) if count is None else count)
            + b"".join(string(text) for text in texts))


def test_hardening_4_15_an_answer_that_nobody_asked_for(router):
    with at_login(router) as wire:
        wire.send(answer("lab"))
        wire.expect(USERAUTH_FAILURE)
        wire.send(answer("lab", "lab"))
        wire.expect(USERAUTH_FAILURE)
        wire.send(wire.password_request())
        wire.expect(USERAUTH_SUCCESS)


def test_hardening_4_15_wrong_numbers_of_answers(router):
    def fails(response):
        with at_login(router) as wire:
            wire.send(INTERACTIVE)
            wire.expect(INFO_REQUEST)
            wire.send(response)
            wire.expect(USERAUTH_FAILURE)
            # The method is over: the right answer comes too late.
            wire.send(answer("lab"))
            wire.expect(USERAUTH_FAILURE)
    at_once({response: lambda response=response: fails(response)
             for response in (answer(), answer("lab", "lab"),
                              answer(count=(1 << 32) - 1),
                              answer(count=1 << 31))})


def test_hardening_4_15_another_request_cancels_the_question(router):
    with at_login(router) as wire:
        wire.send(INTERACTIVE)
        wire.expect(INFO_REQUEST)
        wire.send(wire.auth_request("none"))
        wire.expect(USERAUTH_FAILURE)
        wire.send(answer("lab"))
        wire.expect(USERAUTH_FAILURE)


def test_hardening_4_15_the_answer_is_for_the_user_who_was_asked(router_of):
    router = router_of("username admin privilege 15 password 0 secret\n",
                       keys=("ed25519",))
    with at_login(router) as wire:
        wire.send(Wire.auth_request("keyboard-interactive", "admin",
                                    string("") + string("")))
        wire.expect(INFO_REQUEST)
        wire.send(INTERACTIVE)
        wire.expect(INFO_REQUEST)
        wire.send(answer("secret"))
        wire.expect(USERAUTH_FAILURE)


def test_hardening_4_15_ten_thousand_devices(router):
    with at_login(router) as wire:
        wire.send(Wire.auth_request("keyboard-interactive", fields=string("")
                                    + string(",".join(["pam"] * 7000))))
        wire.expect(INFO_REQUEST)
        wire.send(answer("lab"))
        wire.expect(USERAUTH_SUCCESS)


def test_hardening_4_16_methods_that_nobody_has(router):
    def fails(method, fields):
        with at_login(router) as wire:
            wire.send(wire.auth_request(method, fields=fields))
            names = wire.expect(USERAUTH_FAILURE).string()
            assert names == b"publickey,keyboard-interactive,password"
    at_once({(method, fields): lambda m=method, f=fields: fails(m, f)
             for method, fields in (
                 ("gssapi-with-mic", u32((1 << 32) - 1)),
                 ("gssapi-with-mic", b""), ("hostbased", b"\xff" * 30),
                 ("gssapi-keyex", string(b"x")), ("", b""),
                 ("x" * 20000, b""),
                 ("password\0", b"\0" + string("lab")), ("\x1b[2J", b""))})
    assert "\x1b" not in router.log()


def test_hardening_4_16_none_is_refused_for_everybody(users_router):
    for user in ("lab", "keyed", "unknown", ""):
        with at_login(users_router) as wire:
            wire.send(wire.auth_request("none", user))
            assert b"none" not in wire.expect(USERAUTH_FAILURE).string()
