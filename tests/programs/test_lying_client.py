"""Client workers that ask for signatures: they get one for a login of the user
who typed the line, over bytes that the signer makes, and nothing else."""
import hashlib
import os
import signal
import socket

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from lying import Honest, Liar, LiarsRouter
from router import CONFIG
from session import Session
from wire import Reader, string

ADDRESS = "127.0.66.7"  # liar.c gives connections with it to liars
BLANK = {"key": 0, "method": "rsa-sha2-256"}
SHA256 = 2
# V_C, V_S, I_C, I_S as short as they can be.
BEFORE = (string("SSH-2.0-a") + string("SSH-2.0-b")
          + string(b"\x14" * 62) * 2)


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    with LiarsRouter(tmp_path_factory.mktemp("liars"), CONFIG) as running:
        running.honest = Honest(running)
        yield running
        running.honest.check()


class LyingClient:
    """A user's `ssh` and the liar that is its worker."""

    def __init__(self, router):
        with socket.create_server((ADDRESS, 0)) as listener:
            self.user = Session(router)
            self.port = listener.getsockname()[1]
            self.user.channel.send(
                f"ssh -l there -p {self.port} {ADDRESS}\n")
            listener.settimeout(60)
            stream, _ = listener.accept()
        stream.settimeout(60)
        self.liar = Liar(stream)
        blobs = Reader(self.liar.until("CLIENT_SETUP")["keys"])
        self.keys = []
        while blobs.data:
            self.keys.append(blobs.string())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.liar.socket.close()
        self.user.client.close()

    def trust(self, **changes):
        exchange = {"blob": string("ssh-ed25519") + string(os.urandom(32)),
                    "hash": SHA256, "before": BEFORE,
                    "after": os.urandom(100), **changes}
        self.session_id = hashlib.sha256(
            exchange["before"] + string(exchange["blob"])
            + exchange["after"]).digest()
        self.liar.say("HOST_KEY", algorithm="ssh-ed25519", **exchange)
        assert self.liar.until("HOST_KEY_REPLY")["trusted"]
        return self

    def sign(self, **changes):
        self.liar.say("CLIENT_SIGN", **{**BLANK, **changes})
        return self.liar.until("CLIENT_SIGNED")["signature"]

    def expect_killed(self):
        assert self.liar.rest(60)[1], "it lives"
        seen = self.user.until(r">$")
        assert "aborted: error status 0]" in seen


def public_numbers(blob):
    reader = Reader(blob)
    assert reader.string() == b"ssh-rsa"
    e, n = (int.from_bytes(reader.string(), "big") for _ in range(2))
    return rsa.RSAPublicNumbers(e, n)


def test_what_is_signed_is_the_signers(router):
    with LyingClient(router).trust() as client:
        blob = client.keys[0]
        session_id = client.session_id
        reply = Reader(client.sign())
        assert reply.string() == b"rsa-sha2-256"
        signed = (string(session_id) + b"\x32" + string("there")
                  + string("ssh-connection") + string("publickey") + b"\x01"
                  + string("rsa-sha2-256") + string(blob))
        public = public_numbers(blob).public_key()
        signature = reply.string()
        public.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
        for other in (session_id, signed[4:], signed.replace(b"there", b"lab")):
            with pytest.raises(InvalidSignature):
                public.verify(signature, other, padding.PKCS1v15(),
                              hashes.SHA256())


@pytest.mark.parametrize("changes", [
    {"method": "ssh-ed25519"}, {"method": ""},
    {"method": "ssh-dss"}, {"method": "rsa-sha2-256,rsa-sha2-512"},
], ids=str)
def test_what_makes_no_login_gets_no_signature(router, changes):
    with LyingClient(router).trust() as client:
        assert client.sign(**changes) == b""


@pytest.mark.parametrize("changes", [
    {"before": b""}, {"before": BEFORE[:-1]}, {"before": BEFORE + string("")},
    {"before": BEFORE.replace(b"\x14", b"\x15")}, {"hash": 0}, {"hash": 255},
], ids=range(6))
def test_what_is_no_exchange_has_no_session(router, changes):
    with LyingClient(router).trust(**changes) as client:
        client.liar.say("CLIENT_SIGN", **BLANK)
        client.expect_killed()


def test_one_signature_a_key_and_no_more(router):
    with LyingClient(router).trust() as client:
        for _ in client.keys:
            assert client.sign()
        client.liar.say("CLIENT_SIGN", **BLANK)
        client.expect_killed()


def test_no_key_that_was_not_shown(router):
    for number in (2, 3, 2 ** 32 - 1):
        with LyingClient(router).trust() as client:
            assert len(client.keys) == 2
            client.liar.say("CLIENT_SIGN", **{**BLANK, "key": number})
            client.expect_killed()


def test_no_two_at_once(router):
    signer, = router.children("vtyd-signer")
    with LyingClient(router).trust() as client:
        os.kill(signer, signal.SIGSTOP)  # the first one waits
        try:
            client.liar.often(2, "CLIENT_SIGN", **BLANK)
            client.expect_killed()
        finally:
            os.kill(signer, signal.SIGCONT)


def test_not_before_the_host_key_nor_after_the_login(router):
    with LyingClient(router) as client:
        client.liar.say("CLIENT_SIGN", **BLANK)
        client.expect_killed()
    with LyingClient(router).trust() as client:
        client.liar.say("CLIENT_READY")
        client.liar.say("CLIENT_SIGN", **BLANK)
        assert client.liar.rest(60)[1]


def test_a_worker_of_the_server_has_no_such_message(router):
    with Liar.at(router, 9) as liar:
        liar.until("SETUP")
        liar.say("CLIENT_SIGN", **BLANK)
        assert liar.rest(60)[1]
