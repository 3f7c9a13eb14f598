"""Hardening, section 2: identification and binary packets, over TCP.

What two cores can show each other is in tests/core/hardening_2.c. Here: what
only sockets, clocks and processes show.
"""
import os
import struct
import time

import pytest

from processes import cpu_s, rss_kib, workers, workers_at_rest
from router import wait_for
from wire import (CHANNEL_DATA, Closed, DEBUG, DISCONNECT, IGNORE,
                  KEX_INIT, SERVICE_REQUEST, UNIMPLEMENTED, USERAUTH_FAILURE,
                  Wire, string, u32)

PING = 192  # of OpenSSH; here an unknown message
MISMATCH = b"Protocol mismatch.\r\n"

FOREIGN = [
    b"GET / HTTP/1.0\r\n\r\n", b"POST /a HTTP/1.1\r\nHost: b\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"EHLO a\r\n",
    b"HELP\r\n", b"QUIT\r\n", b"\r\n", b"\n", b"\r", b"ssh-2.0-a\r\n",
    b"Ssh-2.0-a\r\n", b" SSH-2.0-a\r\n", b"SH-2.0-a\r\n", b"\xff\xfb\x1f",
    b"\x03\x00\x00\x13\x0e\xe0", b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
    b"USER a\r\n", b"* OK\r\n", b"\x80\x2e\x01\x00\x02", b"SS\r\n",
]


def still_serves(router):
    with Wire(router.port).login() as wire:
        assert wire.exec("show privilege")[1] == 0


def newest_worker(router, before):
    return wait_for(lambda: workers(router) - before, "a worker").pop()


def test_hardening_2_1_foreign_greetings(router):
    wires = [Wire(router.port) for _ in FOREIGN]
    for wire, greeting in zip(wires, FOREIGN):
        wire.raw(greeting)
    for wire, greeting in zip(wires, FOREIGN):
        ident, _, said = wire.rest().partition(b"\r\n")
        assert ident.startswith(b"SSH-2.0-vtyd_")
        assert said == MISMATCH, greeting
        wire.close()
    # A flood of them would not fill a disk.
    router.wait_log("Session from 127.0.0.1 ended")
    assert router.log().count("Session from 127.0.0.1 ended") <= 5
    still_serves(router)


def test_hardening_2_1_random_bytes(router):
    wires = [Wire(router.port) for _ in range(5)]
    for wire in wires:
        try:
            wire.raw(b"\x01" + os.urandom(65536))
        except OSError:
            pass  # it was closed while we were still sending
    for wire in wires:
        wire.rest()
        wire.close()
    still_serves(router)


@pytest.mark.parametrize("length,taken", [
    (255, True), (256, False), (8192, False), (1 << 20, False)])
def test_hardening_2_2_length_of_the_identification(router, length, taken):
    wire = Wire(router.port)
    wire.IDENT = b"SSH-2.0-" + b"a" * (length - 10)
    with wire:
        if taken:
            wire.login()
            return
        try:
            wire.raw(wire.IDENT + b"\r\n")
        except OSError:
            pass
        assert wire.rest().count(b"\n") <= 1


def test_hardening_2_4_a_nul_in_the_identification(router):
    with Wire(router.port) as wire:
        wire.raw(b"SSH-2.0-a\0b\r\n")
        assert wire.rest().count(b"\n") <= 1


def test_hardening_2_6_stopping_after_each_message(router_of):
    """Nobody lives past the deadline, wherever he stopped."""
    router = router_of("ip ssh time-out 5\n", keys=("ed25519",))
    begin = time.monotonic()

    def stopped(*steps):
        wire = Wire(router.port)
        for step in steps:
            step(wire)
        return wire

    def half_a_kexinit(wire):
        wire.raw(wire.seal(wire.kexinit())[:100])

    # Before there are keys nothing is said, then the reason is 11.
    silent = [
        stopped(), stopped(lambda w: w.raw(b"SSH-2.0-")),
        stopped(Wire.identify), stopped(Wire.identify, half_a_kexinit),
        stopped(Wire.identify, lambda w: w.send(w.kexinit())),
        stopped(Wire.identify, lambda w: w.send(w.kexinit()),
                lambda w: w.send(bytes([KEX_INIT]) + string(b"\1" * 32))),
    ]
    told = [
        stopped(Wire.connect), stopped(Wire.connect, Wire.service),
        stopped(Wire.connect, Wire.service,
                lambda w: w.send(w.password_request(password="no"))),
        stopped(Wire.connect, Wire.service,
                lambda w: w.raw(w.seal(w.password_request())[:20])),
    ]
    user = Wire(router.port).login()
    for wire in silent:
        assert DISCONNECT not in clear_messages(wire.rest())
    for wire in told:
        assert wire.disconnect_reason() == 11
    assert time.monotonic() - begin > 4.9
    # Whoever has logged in is not meant.
    time.sleep(0.5)
    assert user.exec("show privilege")[1] == 0
    wait_for(lambda: len(workers(router)) == 1, "the end of the others")
    user.close()


def clear_messages(data):
    """Numbers of the messages that came in clear, behind the line."""
    numbers, data = [], data.partition(b"\r\n")[2]
    while len(data) >= 6:
        length = struct.unpack(">I", data[:4])[0]
        numbers.append(data[5])
        data = data[4 + length:]
    return numbers


LENGTHS = [0, 1, 4, 13, 17, 35001, 70000, 1 << 31, (1 << 32) - 1]


@pytest.mark.parametrize("length", LENGTHS)
def test_hardening_2_7_lengths_in_clear(router, length):
    with Wire(router.port) as wire:
        wire.identify()
        wire.raw(u32(length) + b"\x0a" + b"\x14" * 59)
        assert wire.disconnect_reason() == 2


@pytest.mark.parametrize("length", LENGTHS)
def test_hardening_2_7_lengths_under_a_cipher(router, length):
    before = workers_at_rest(router)
    with Wire(router.port).connect() as wire:
        worker = newest_worker(router, before)
        size = rss_kib(worker)
        wire.send(bytes([IGNORE]) + string(b"a" * 30), length=length)
        reason = wire.disconnect_reason()
        assert reason == 2
        try:
            assert rss_kib(worker) < size + 2048
        except OSError:
            pass  # it has gone
    still_serves(router)


@pytest.mark.parametrize("padding", [0, 3, 255])
def test_hardening_2_9_padding_though_authentic(router, padding):
    with Wire(router.port).connect() as wire:
        # Whole blocks, so that nothing but the padding is wrong.
        payload = bytes([IGNORE]) + string(b"a" * (27 + (-padding) % 16))
        packet = bytearray(u32(0) + bytes([padding]) + payload)
        packet += bytes(-len(packet) % 16)
        packet[:4] = u32(len(packet) - 4)
        wire.raw(authentic(wire, bytes(packet)))
        assert wire.disconnect_reason() == 2


def authentic(wire, clear):
    """Encrypted and with a right MAC, whatever it is."""
    import hmac
    encryptor, mac_key = wire.cipher_out
    return encryptor.update(clear) + hmac.digest(
        mac_key, u32(wire.seq_out) + clear, "sha256")


def test_hardening_2_9_an_empty_payload(router):
    with Wire(router.port).connect() as wire:
        wire.send(b"")
        assert wire.disconnect_reason() == 2


def test_hardening_2_11_a_wrong_mac(router):
    with Wire(router.port).connect() as wire:
        wire.send(bytes([SERVICE_REQUEST]) + string("ssh-userauth"),
                  mac_flip=1)
        assert wire.disconnect_reason() == 5


def flood(wire, payload, count, patience_s=3):
    """Send it so often, reading nothing; False: the server stopped taking."""
    wire.socket.settimeout(patience_s)
    try:
        for _ in range(0, count, 100):
            wire.raw(b"".join(wire.seal(payload) for _ in range(100)))
    except OSError:  # closed, or it does not read any more
        return False
    finally:
        wire.socket.settimeout(60)
    return True


NOISE = {
    "ignore": bytes([IGNORE]) + string(b"x" * 64),
    "debug": bytes([DEBUG, 1]) + string(b"\x1b[2J%n" * 8) + string(b""),
    "unimplemented": bytes([UNIMPLEMENTED]) + u32(7),
}


@pytest.mark.parametrize("kind", NOISE)
def test_hardening_2_17_noise_before_login_is_bounded(router, kind):
    """Before keys and after them: 2,000 packets or 1 MiB, then the end."""
    with Wire(router.port) as wire:
        wire.identify()
        flood(wire, NOISE[kind], 30000)
        assert wire.disconnect_reason() in (2, None)
    with Wire(router.port).connect() as wire:
        flood(wire, NOISE[kind], 30000)
        assert wire.disconnect_reason() in (2, None)
    assert "\x1b" not in router.log()
    still_serves(router)


@pytest.mark.heavy
@pytest.mark.parametrize("kind", NOISE)
def test_hardening_2_17_noise_after_login_costs_no_memory(router, kind):
    before = workers_at_rest(router)
    control = rss_kib(router.pid)
    with Wire(router.port).login() as wire:
        worker = newest_worker(router, before)
        assert flood(wire, NOISE[kind], 1000, 60)
        size = rss_kib(worker)
        assert flood(wire, NOISE[kind], 30000, 60)
        assert wire.exec("show privilege")[1] == 0
        assert rss_kib(worker) < size + 512
    assert rss_kib(router.pid) < control + 1024
    assert "\x1b" not in router.log()


@pytest.mark.heavy
def test_hardening_2_18_answers_that_nobody_reads(router):
    """Each ping is worth an UNIMPLEMENTED; they pile up to a limit, then the
    server stops reading, and nobody else feels it."""
    before = workers_at_rest(router)
    control = rss_kib(router.pid)
    with Wire(router.port).login() as wire, \
            Wire(router.port).login() as other:
        mine = workers(router) - before
        flood(wire, bytes([PING]) + string(b"x" * 8), 1000000)
        for worker in mine:
            assert rss_kib(worker) < 8 * 1024

        def rest():
            busy = {worker: cpu_s(worker) for worker in mine}
            time.sleep(0.5)
            return all(cpu_s(worker) - busy[worker] < 0.1 for worker in mine)
        # One that waits for its peer to read takes no time.
        wait_for(rest, "workers at rest")
        assert other.exec("show privilege")[1] == 0
        still_serves(router)
    assert rss_kib(router.pid) < control + 1024


def test_hardening_2_18_pings_during_an_exchange(router):
    """None of them waits for the end of it: the connection ends."""
    with Wire(router.port).login() as wire:
        wire.send(wire.kexinit())
        flood(wire, bytes([PING]) + string(b"x" * 8), 200)
        assert wire.disconnect_reason() in (2, None)
    still_serves(router)


@pytest.mark.parametrize("text", [
    string(b"\x1b[2J\r\n%n" * 2000) + string(b""), string(b"\xff\xfe"), b"",
    u32(1 << 31)], ids=["ansi", "not UTF-8", "cut", "length lies"])
def test_hardening_2_19_texts_of_a_disconnect(router, text):
    for connect in (Wire.identify, Wire.connect, Wire.login):
        with Wire(router.port) as wire:
            connect(wire)
            wire.send(bytes([DISCONNECT]) + u32(11) + text)
            # What comes behind it is not looked at.
            try:
                wire.send(bytes([CHANNEL_DATA]))
            except OSError:
                pass
            try:
                while True:
                    assert wire.receive()[0] not in (DISCONNECT,
                                                     USERAUTH_FAILURE)
            except Closed:
                pass
    assert "\x1b" not in router.log()
    still_serves(router)


def test_hardening_6_4_loopback_is_never_penalised(router):
    """However often it breaks the protocol."""
    for _ in range(12):
        with Wire(router.port) as wire:
            wire.identify()
            wire.raw(u32(1) + b"\x14" * 60)
            wire.disconnect_reason()
    assert "refused" not in router.log()
    still_serves(router)


