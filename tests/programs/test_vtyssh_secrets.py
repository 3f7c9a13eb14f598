"""What a login of vtyssh has taken stays in no memory of it, nor of its keeper."""
import hashlib
import subprocess

import pexpect
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, load_ssh_private_key)

from processes import SANITIZED, memory
from sshd import Sshd, can_have_namespace, make_key
from vtyssh import Client

pytestmark = [
    pytest.mark.skipif(not can_have_namespace(),
                       reason="reads other processes' memory"),
    pytest.mark.skipif(SANITIZED, reason="a sanitizer's shadow memory has "
                       "terabytes"),
]

GOOD = "Gd7xMarkerOfAGoodPassword"
WRONG = "Wr0ngMarkerOfAGuess"
PHRASE = "Phr4seMarkerOfAPassphrase"


def forms(number):
    """A number's bytes in both orders, without its ends."""
    size = (number.bit_length() + 7) // 8
    big = number.to_bytes(size, "big")
    part = slice(size // 2 - 8, size // 2 + 8)
    return [big[part], big[::-1][part]]


def material(path, passphrase):
    """What of a private key nobody may find."""
    key = load_ssh_private_key(path.read_bytes(),
                               passphrase.encode() if passphrase else None)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        seed = key.private_bytes(Encoding.Raw, PrivateFormat.Raw,
                                 NoEncryption())
        scalar = hashlib.sha512(seed).digest()
        return [seed[:16], seed[16:], scalar[8:24], scalar[32:48]]
    numbers = key.private_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return [form for name in ("d", "p", "q", "dmp1", "dmq1", "iqmp")
                for form in forms(getattr(numbers, name))]
    return forms(numbers.private_value)


def family(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return [pid, *map(int, children.read().split())]


def check(child, secrets):
    """None of them is in a process of this vtyssh while it runs."""
    pids = family(child.pid)
    assert len(pids) == 2
    for pid in pids:
        with open(f"/proc/{pid}/comm") as name:
            process = name.read().strip()
        for place, begin, piece in memory(pid):
            for secret in secrets:
                at = piece.find(secret)
                assert at < 0, f"{secret} is in {process}, {place}, at " \
                    f"{begin + at:#x}: {piece[max(at - 64, 0):at + 128]}"


def in_session(child):
    child.expect_exact("in session")


def end(child):
    child.send("\n")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


@pytest.mark.parametrize("method", ["KbdInteractiveAuthentication",
                                    "PasswordAuthentication"])
def test_passwords(tmp_path, method):
    with Sshd(tmp_path / "sshd", f"UsePAM yes\n{method} yes",
              password=GOOD) as server:
        client = Client(tmp_path / "user", server)
        child = client.spawn("echo in session; read line", key=False,
                             options=["-t"])
        for password in (WRONG, GOOD):
            child.expect("assword: ", timeout=60)
            child.sendline(password)
        in_session(child)
        check(child, [GOOD.encode(), WRONG.encode()])
        end(child)


@pytest.mark.parametrize("passphrase", ["", PHRASE])
@pytest.mark.parametrize("kind,form", [
    ("ed25519", "RFC4716"),  # ssh-keygen writes it in no other form
    *((kind, form) for kind in ("rsa", "ecdsa256")
      for form in ("RFC4716", "PEM", "PKCS8"))])
def test_keys(tmp_path, kind, passphrase, form):
    key = make_key(tmp_path / "key", kind, passphrase, "-a", "2")
    secrets = material(key, passphrase)
    if form != "RFC4716":
        subprocess.run(["ssh-keygen", "-q", "-p", "-P", passphrase, "-N",
                        passphrase, "-m", form, "-f", str(key)], check=True,
                       capture_output=True)
    if not passphrase:
        # The file is base64 of the key; the public half comes first.
        lines = key.read_bytes().splitlines()
        secrets += [line[:40] for line in lines[len(lines) // 2:-2]]
    with Sshd(tmp_path / "sshd") as server:
        server.authorize(key)
        client = Client(tmp_path / "user", server)
        child = client.spawn("echo in session; read line", key=key,
                             options=["-t"])
        if passphrase:
            for typed in (WRONG, passphrase):
                child.expect("Passphrase")
                child.sendline(typed)
        in_session(child)
        check(child, secrets + [PHRASE.encode(), WRONG.encode()])
        end(child)
