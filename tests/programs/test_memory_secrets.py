"""No secret stays where strangers' bytes are read, nor is shown anywhere.

Reads the memory of live processes, so it takes root."""
import hashlib
import os

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat,
    load_pem_private_key)

from console import attach
from processes import SANITIZED, memory, workers
from router import CONFIG, KEYS, Router, wait_for
from wire import (CHANNEL_SUCCESS, USERAUTH_FAILURE, USERAUTH_INFO_RESPONSE,
                  USERAUTH_SUCCESS, Wire, string, u32)

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0,
                       reason="reads other processes' memory"),
    pytest.mark.skipif(SANITIZED, reason="a sanitizer's shadow memory has "
                       "terabytes"),
]

# Nothing else in any process looks like these.
GOOD = b"Gd7xMarkerOfAGoodPassword"
WRONG = b"Wr0ngMarkerOfAGuess"
ENABLE = b"En4bleMarkerOfASecret"
PASTED = b"P4stedMarkerOfANewUser"


def number_forms(value):
    """A number's bytes in both orders; the middle, which no length or sign
    byte disturbs."""
    size = (value.bit_length() + 7) // 8
    big = value.to_bytes(size, "big")
    part = slice(size // 2 - 8, size // 2 + 8)
    return [big[part], big[::-1][part]]


def key_material(router):
    """What only the signer may hold: name and bytes."""
    found = {}
    for path in (router.state / "keys").iterdir():
        text = path.read_bytes()
        pem = text[text.index(b"-----BEGIN"):]
        key = load_pem_private_key(pem, None)
        numbers = {}
        if isinstance(key, ed25519.Ed25519PrivateKey):
            seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw,
                                     NoEncryption())
            found["ed25519 seed"] = [seed[:16], seed[16:]]
            scalar = hashlib.sha512(seed).digest()
            # Its ends are changed before use.
            found["ed25519 scalar"] = [scalar[8:24], scalar[32:48]]
        elif isinstance(key, rsa.RSAPrivateKey):
            private = key.private_numbers()
            numbers = {"rsa " + name: getattr(private, name) for name in
                       ("d", "p", "q", "dmp1", "dmq1", "iqmp")}
        elif isinstance(key, ec.EllipticCurvePrivateKey):
            numbers = {f"ec {key.key_size}":
                       key.private_numbers().private_value}
        for name, value in numbers.items():
            found[name] = number_forms(value)
        lines = pem.split(b"\n")
        found[f"{path.name} as text"] = [lines[1][20:52]]
    assert len(found) > 10
    return found


def found_in(pid, secrets):
    """Which of the secrets lie in that process, and where."""
    places = []
    for where, begin, data in memory(pid):
        for name, forms in secrets.items():
            places += [(name, where, hex(begin + data.find(form)))
                       for form in forms if form in data]
    return places


def interactive(wire, password):
    wire.send(Wire.auth_request("keyboard-interactive", "mark",
                                fields=string("") + string("")))
    wire.expect(60)
    wire.send(bytes([USERAUTH_INFO_RESPONSE]) + u32(1) + string(password))


def typed(wire):
    """A shell in which the enable secret was typed, and a wrong one."""
    channel = wire.open_session(5)
    wire.send(wire.channel_request(channel, "pty-req", data=string("xterm")
                                   + u32(80) + u32(24) + u32(0) * 2
                                   + string(b"\0")))
    wire.expect(CHANNEL_SUCCESS)
    wire.send(wire.channel_request(channel, "shell"))
    wire.expect(CHANNEL_SUCCESS)
    wire.until(b">")
    wire.data(channel, "enable\r")
    wire.until(b"Password: ")
    wire.data(channel, WRONG + b"\r")
    wire.until(b"Password: ")
    # A key at a time, and with corrections.
    for key in ENABLE[:9]:
        wire.data(channel, bytes([key]))
    wire.data(channel, b"x\x7f" + ENABLE[9:] + b"\r")
    wire.until(b"#")
    return channel


@pytest.fixture(scope="module")
def marked():
    """A router that has seen all the markers, with its live workers."""
    config = CONFIG.replace(
        "enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0", "hostname R1")
    with Router(config=config, keys=KEYS) as router:
        result = attach(router, "configure terminal",
                        f"username mark privilege 15 secret {GOOD.decode()}",
                        f"enable secret {ENABLE.decode()}",
                        "username lab privilege 1", "end")
        assert result.returncode == 0
        wires = []
        for n in range(10):
            wire = Wire(router.port).connect().service()
            if n == 4:
                wire.send(wire.password_request("mark", WRONG))
                wire.expect(USERAUTH_FAILURE)
            if n % 2:
                interactive(wire, GOOD)
            else:
                wire.send(wire.password_request("mark", GOOD))
            wire.expect(USERAUTH_SUCCESS)
            assert wire.exec("show privilege", n + 10)[1] == 0
            wires.append(wire)
        with Wire(router.port).connect().service() as failed:
            failed.send(failed.password_request("mark", WRONG))
            failed.expect(USERAUTH_FAILURE)
        user = Wire(router.port).login()
        typed(user)
        # Re-keyed, so that each exchange has had its turn here as well.
        wires[0].exchange()
        assert wires[0].exec("show privilege", 50)[1] == 0
        # Whoever has failed is gone.
        wait_for(lambda: len(workers(router)) == 11, "eleven workers")
        yield router, [*wires, user]
        for wire in [*wires, user]:
            wire.close()


MARKERS = {"password": [GOOD], "wrong password": [WRONG],
           "enable secret": [ENABLE]}


def test_the_search_finds_what_is_there(marked):
    """It is not blind: the signer does hold the keys, a worker what its
    client is called."""
    router, _ = marked
    found = found_in(router.children("vtyd-signer")[0], key_material(router))
    names = {name for name, *_ in found}
    assert "rsa d" in names and any("ed25519" in name for name in names)
    for pid in workers(router):
        assert found_in(pid, {"ident": [Wire.IDENT]}) != []


@pytest.mark.parametrize("role", ["vtyd-worker: server", "vtyd-nursery",
                                  "vtyd-aaa", "control"])
def test_no_host_key_outside_the_signer(marked, role):
    router, _ = marked
    material = key_material(router)
    pids = [router.pid] if role == "control" else router.children(role)
    assert pids
    for pid in pids[:3]:
        assert found_in(pid, material) == []


@pytest.mark.parametrize("role", ["vtyd-worker: server", "vtyd-nursery",
                                  "vtyd-signer", "vtyd-aaa", "control"])
def test_no_typed_password_stays_anywhere(marked, role):
    router, _ = marked
    pids = [router.pid] if role == "control" else router.children(role)
    if role == "vtyd-worker: server":
        assert len(pids) == 11
    for pid in pids:
        # Who has answered wipes behind it: that may just be under way.
        wait_for(lambda: found_in(pid, MARKERS) == [], f"{role} without them")


SHOWS = ["show running-config", "show startup-config", "show users",
         "show ssh", "show ip ssh", "show version", "show history",
         "show privilege", "show crypto key mypubkey all", "show logging",
         "show running-config all", "show access-lists", "show clock"]


def test_hardening_10_7_no_marker_is_ever_shown(marked):
    router, wires = marked
    wire = wires[1]
    output = wire.exec("write memory", 60)[0]
    for number, command in enumerate(SHOWS, 61):
        output += wire.exec(command, number)[0]
    output += router.log().encode() + router.console().encode()
    for path in router.state.rglob("*"):
        if path.is_file():
            output += path.read_bytes()
    for forms in MARKERS.values():
        assert forms[0] not in output
    for name, forms in key_material(router).items():
        if "as text" not in name:
            assert not any(form in output for form in forms), name


def test_hardening_10_7_a_new_secret_is_stored_hashed(marked):
    """What was given as plain text is kept as type 9, in every form."""
    router, wires = marked
    wire = wires[2]
    channel = wire.shell(90, b"#")
    for line, end in (("configure terminal", b"(config)#"),
                      (f"username new secret {PASTED.decode()}",
                       b"(config)#"), ("end", b"#"),
                      ("write memory", b"#"), ("show history", b"#")):
        wire.data(channel, line + "\n")
        wire.until(end)
    text = (router.state / "startup-config").read_text()
    assert "\nusername new secret 9 $9$" in text
    wait_for(lambda: PASTED.decode() not in router.log(), "a log without it")
    with Wire(router.port).login("new", PASTED.decode()):
        pass
    for role in ("vtyd-aaa", "vtyd-signer", "vtyd-nursery"):
        for pid in router.children(role):
            # A helper wipes behind its answer: that may just be under way.
            wait_for(lambda: found_in(pid, {"pasted": [PASTED]}) == [],
                     f"{role} without it")


def test_a_pair_comes_and_goes_and_leaves_no_trace(tmp_path):
    """The private half is clear in the signer alone; the passphrase nowhere."""
    phrase = "P4ssphraseMarkerOfATransfer"
    private = rsa.generate_private_key(65537, 1024)
    sealed = private.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL,
        BestAvailableEncryption(phrase.encode())).decode()
    material = {name: number_forms(getattr(private.private_numbers(), name))
                for name in ("d", "p", "q", "dmp1", "dmq1", "iqmp")}
    with Router(tmp_path, config=CONFIG, keys=("ed25519",)) as router:
        told = attach(router, "configure terminal",
                      f"crypto key import rsa k exportable pem terminal "
                      f"{phrase}", "quit", *sealed.splitlines(), "quit",
                      f"crypto key export rsa k pem terminal 3des {phrase}",
                      "end").stdout
        assert "% Key pair import succeeded." in told
        assert "DEK-Info: DES-EDE3-CBC" in told
        signer = router.children("vtyd-signer")[0]
        assert found_in(signer, material) != []
        wait_for(lambda: found_in(
            signer, {"passphrase": [phrase.encode()]}) == [],
            "a signer without the passphrase")
        others = [router.pid, *router.children("vtyd-aaa"),
                  *router.children("vtyd-nursery")]
        assert len(others) == 3
        for pid in others:
            assert found_in(pid, material) == []
            wait_for(lambda: found_in(
                pid, {"passphrase": [phrase.encode()]}) == [],
                "others without the passphrase")
        assert phrase not in router.log()
