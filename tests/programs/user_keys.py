"""Key pairs by which users prove who they are."""
import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey)
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat)

from wire import mpint, string


def ed25519_blob(private):
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return string("ssh-ed25519") + string(raw)


class UsersKey:
    """A key pair of a user: blob, algorithms and signatures."""

    def __init__(self, private, algorithm):
        self.private, self.algorithm = private, algorithm
        if algorithm == "ssh-ed25519":
            self.blob = ed25519_blob(private)
        elif algorithm.startswith("ecdsa"):
            point = private.public_key().public_bytes(
                Encoding.X962, PublicFormat.UncompressedPoint)
            self.blob = (string(algorithm) + string(algorithm[-8:])
                         + string(point))
        else:
            numbers = private.public_key().public_numbers()
            self.blob = (string("ssh-rsa") + mpint(numbers.e)
                         + mpint(numbers.n))

    @property
    def key_type(self):
        return "ssh-rsa" if "rsa-" in self.algorithm else self.algorithm

    def raw_signature(self, data):
        if self.algorithm == "ssh-ed25519":
            return self.private.sign(data)
        if self.algorithm.startswith("ecdsa"):
            r, s = utils.decode_dss_signature(
                self.private.sign(data, ec.ECDSA(hashes.SHA256())))
            return mpint(r) + mpint(s)
        return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def signature(self, data):
        return string(self.algorithm) + string(self.raw_signature(data))

    def request(self, wire, user="keyed", **changes):
        data = wire.signed_data(self.algorithm, self.blob, user)
        values = {"algorithm": self.algorithm, "blob": self.blob,
                  "signature": self.signature(data), "user": user}
        values.update(changes)
        return wire.key_request(**values)


USERS_KEYS = [
    UsersKey(Ed25519PrivateKey.generate(), "ssh-ed25519"),
    UsersKey(ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256"),
    UsersKey(rsa.generate_private_key(65537, 2048), "rsa-sha2-256"),
]
OTHER_KEYS = [
    UsersKey(Ed25519PrivateKey.generate(), "ssh-ed25519"),
    UsersKey(ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256"),
    UsersKey(rsa.generate_private_key(65537, 2048), "rsa-sha2-256"),
]


def chain(user, keys):
    """`ip ssh pubkey-chain` for these keys (or bare blobs with a type)."""
    lines = ["ip ssh pubkey-chain", f" username {user}"]
    for key in keys:
        key_type, blob = key if isinstance(key, tuple) else (key.key_type,
                                                             key.blob)
        digest = hashlib.md5(blob).hexdigest().upper()
        lines.append(f"  key-hash {key_type} {digest} test")
    return "\n".join(lines) + "\n"
