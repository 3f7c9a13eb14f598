"""Hardening, section 3: key exchange, over TCP.

The sweep of every message over every gap of every method is in
tests/core/hardening_3.c; here a sample over sockets, and what takes clocks
and processes.
"""
import os
import threading
import time

import pytest

from wire import (CHANNEL_DATA, Closed, DEBUG, DISCONNECT, EXT_INFO,
                  GLOBAL_REQUEST, IGNORE, KEX_INIT, KEX_REPLY, KEXINIT,
                  NEWKEYS, Reader, SERVICE_ACCEPT, SERVICE_REQUEST,
                  UNIMPLEMENTED, USERAUTH_FAILURE, USERAUTH_SUCCESS,
                  WINDOW_ADJUST, Wire, string, u32)

# What must not come between the messages of a strict exchange.
STRANGERS = {
    "IGNORE": bytes([IGNORE]) + string(b""),
    "UNIMPLEMENTED": bytes([UNIMPLEMENTED]) + u32(0),
    "DEBUG": bytes([DEBUG, 0]) + string(b"") + string(b""),
    "SERVICE_REQUEST": bytes([SERVICE_REQUEST]) + string("ssh-userauth"),
    "EXT_INFO": bytes([EXT_INFO]) + u32(0),
    "GEX_REQUEST": bytes([34]) + u32(2048) + u32(2048) + u32(4096),
    "USERAUTH_REQUEST": Wire.password_request(),
    "GLOBAL_REQUEST": bytes([GLOBAL_REQUEST]) + string("a") + b"\1",
    "CHANNEL_OPEN": Wire.open_request(),
    "PING": bytes([192]) + string(b"a"),
    "200": bytes([200]),
}


def messages_until_the_end(wire):
    """Numbers of all that still comes; opened as far as keys are known."""
    numbers = []
    try:
        while True:
            numbers.append(wire.receive()[0])
    except (Closed, AssertionError):
        return numbers


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("gap", [0, 1, 2])
def test_hardening_3_1_strangers_in_a_strict_exchange(router, name, gap):
    with Wire(router.port) as wire:
        wire.identify()
        try:
            wire.exchange(between={gap: [STRANGERS[name]]})
            wire.service()
            pytest.fail("the exchange was completed")
        except (Closed, OSError):
            pass  # in the middle of it
        except AssertionError as wrong:
            # DISCONNECT came in place of what was expected.
            assert str(wrong).startswith(f"{DISCONNECT} came"), wrong


@pytest.mark.parametrize("gap", [1, 2])
def test_hardening_3_1_a_second_newkeys_or_kexinit(router, gap):
    for message in (bytes([NEWKEYS]), None):
        with Wire(router.port) as wire:
            wire.identify()
            wire.session_id = None
            stranger = message or wire.kexinit()
            with pytest.raises((Closed, OSError, AssertionError)):
                wire.exchange(between={gap: [stranger]})
                wire.service()


def test_hardening_3_1_not_strict_noise_is_passed_over(router):
    """The same without the marker: RFC 4253 allows it, nothing is lost."""
    noise = [STRANGERS["IGNORE"], STRANGERS["DEBUG"]]
    with Wire(router.port) as wire:
        wire.identify()
        wire.exchange(strict=False, between={0: noise, 1: noise, 2: noise})
        wire.service()
        wire.send(wire.password_request())
        wire.expect(USERAUTH_SUCCESS)
        assert wire.exec("show privilege")[1] == 0


def test_hardening_3_1_deleting_after_the_noise_is_noticed(router):
    """Terrapin takes the first encrypted packet out."""
    with Wire(router.port).connect() as wire:
        assert wire.strict
        wire.seal(bytes([IGNORE]) + string(b""))  # sealed, and lost
        wire.send(bytes([SERVICE_REQUEST]) + string("ssh-userauth"))
        assert wire.disconnect_reason() in (2, 5)


@pytest.mark.parametrize("number", [5, 6, 7, 21, 30, 50, 52, 80, 90, 192])
def test_hardening_3_1_first_packet_is_no_kexinit(router, number):
    with Wire(router.port) as wire:
        wire.identify()
        wire.send(bytes([number]) + string(b""))
        assert wire.disconnect_reason() == 2


def test_hardening_3_4_kexinit_flood(router):
    with Wire(router.port) as wire:
        wire.identify()
        try:
            for _ in range(300):
                wire.send(wire.kexinit())
        except OSError:
            pass
        assert KEX_REPLY not in messages_until_the_end(wire)


@pytest.mark.parametrize("public", [
    b"", b"\0" * 31, b"\0" * 33, b"\0" * 32, b"\1" + b"\0" * 31,
    (2 ** 255 - 20).to_bytes(32, "little"),
    (2 ** 255 - 19).to_bytes(32, "little"),
    (2 ** 255 - 18).to_bytes(32, "little"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd8662"
                  "05165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d822"
                  "4eddd09f1157"),
    b"\0" * 31 + b"\x80",
], ids=lambda value: value.hex()[:8] or "empty")
def test_hardening_3_6_low_order_points_are_not_signed(router, public):
    with Wire(router.port) as wire:
        wire.identify()
        wire.send(wire.kexinit())
        wire.expect(KEXINIT)
        wire.send(bytes([KEX_INIT]) + string(public))
        reason = wire.disconnect_reason()
        assert reason == (3 if len(public) == 32 else 2)


GROUP16_BITS = 4096


def hold_busy(router, kex, until):
    """Force one dear exchange after another, at no cost of our own."""
    while time.monotonic() < until:
        try:
            with Wire(router.port, source="127.0.0.99") as wire:
                wire.identify()
                wire.send(wire.kexinit(kex=kex))
                wire.expect(KEXINIT)
                # 1 < e < p - 1: p begins with 64 bits set.
                e = b"\x7f" + os.urandom(GROUP16_BITS // 8 - 1)
                wire.send(bytes([KEX_INIT]) + string(e))
                wire.expect(KEX_REPLY)
        except (Closed, OSError, AssertionError):
            pass


@pytest.mark.heavy
def test_hardening_3_10_dear_exchanges_leave_room_for_a_login(router):
    until = time.monotonic() + 4
    crowd = [threading.Thread(
        target=hold_busy,
        args=(router, "diffie-hellman-group16-sha512", until))
        for _ in range(24)]
    for one in crowd:
        one.start()
    worst = 0
    try:
        while time.monotonic() < until:
            begin = time.monotonic()
            with Wire(router.port).login() as wire:
                assert wire.exec("show privilege")[1] == 0
            worst = max(worst, time.monotonic() - begin)
            time.sleep(0.3)
    finally:
        for one in crowd:
            one.join()
    assert worst < 20, worst


def test_hardening_3_12_service_request_in_clear_after_the_reply(router):
    with Wire(router.port) as wire:
        wire.identify()
        wire.send(wire.kexinit(strict=False))
        wire.expect(KEXINIT)
        wire.send(bytes([KEX_INIT]) + string(b"\x09" + b"\0" * 31))
        wire.expect(KEX_REPLY)
        wire.send(bytes([SERVICE_REQUEST]) + string("ssh-userauth"))
        assert SERVICE_ACCEPT not in messages_until_the_end(wire)


def test_hardening_3_12_clear_text_after_newkeys(router):
    with Wire(router.port).connect() as wire:
        keys, wire.cipher_out = wire.cipher_out, None
        wire.send(bytes([SERVICE_REQUEST]) + string("ssh-userauth"))
        # Taken for encrypted: too little for a packet, or a wrong one.
        wire.raw(b"\0" * 128)
        wire.cipher_out = keys
        assert wire.disconnect_reason() in (2, 5)


def test_hardening_3_13_a_rekey_before_authentication(router):
    """Nothing is forgotten: the accepted service, the number of tries."""
    with Wire(router.port).connect() as wire:
        wire.service()
        wire.send(wire.password_request(password="no"))
        wire.expect(USERAUTH_FAILURE)
        wire.exchange()
        wire.send(wire.password_request(password="no"))
        wire.expect(USERAUTH_FAILURE)
        wire.exchange()
        wire.send(wire.password_request(password="no"))
        assert wire.disconnect_reason() == 14


def test_hardening_3_13_a_storm_of_rekeys(router):
    with Wire(router.port).login() as wire:
        done = 0
        try:
            for done in range(60):
                wire.exchange()
        except (Closed, OSError, AssertionError):
            pass
        # A burst of some is taken, a storm is not.
        assert 4 <= done <= 9


def test_hardening_3_13_a_rekey_dropped_in_the_middle(router):
    with Wire(router.port).login() as other:
        for _ in range(5):
            with Wire(router.port).login() as wire:
                wire.send(wire.kexinit())
                wire.expect(KEXINIT)
        assert other.exec("show privilege")[1] == 0


def test_hardening_3_13_a_rekey_with_nothing_in_common(router):
    with Wire(router.port).login() as wire:
        wire.send(wire.kexinit(kex="curve25519-sha25"))
        assert wire.disconnect_reason() == 3


def test_hardening_3_14_a_rekey_while_a_command_prints(router_of):
    """Between its KEXINIT and its NEWKEYS nothing else comes from the router,
    and no output is lost."""
    router = router_of("".join(
        f"username user{n:04} password 0 {'x' * 20}\n" for n in range(2000))
        + "username root privilege 15 password 0 pw\n", keys=("ed25519",))
    with Wire(router.port).login("root", "pw") as wire:
        wanted, _ = wire.exec("show running-config", number=1)
        channel = wire.open_session(2, window=20000)
        wire.send(wire.channel_request(channel, "exec", reply=False,
                                       data=string("show running-config")))
        got = b""
        while len(got) < 10000:
            got += data_of(wire.receive())
        ours = wire.kexinit()
        wire.send(ours)
        theirs = wire.receive()
        while theirs[0] != KEXINIT:  # output that was on its way
            got += data_of(theirs)
            theirs = wire.receive()
        wire.finish_exchange(ours, theirs)
        wire.send(bytes([WINDOW_ADJUST]) + u32(channel) + u32(1 << 20))
        assert got + wire.until_close(channel)[0] == wanted


def data_of(payload):
    """The bytes of a CHANNEL_DATA."""
    assert payload[0] == CHANNEL_DATA
    return Reader(payload[5:]).string()


def test_hardening_3_18_sha1_is_off_in_the_factory_configuration(
        factory_router):
    with Wire(factory_router.port) as wire:
        wire.identify()
        reader = wire.expect(KEXINIT)
        reader.take(16)
        kex, keys, *others = (reader.string().split(b",") for _ in range(6))
        assert not any(b"sha1" in name for name in kex)
        assert b"ssh-rsa" not in keys
        for names in others:
            assert not any(b"md5" in n or b"sha1" in n or b"cbc" in n
                           or b"-96" in n for n in names)
