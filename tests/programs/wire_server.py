"""A raw SSH-2 server: it says what it likes to the clients that come to it.

    with Listener() as far:
        ... ssh -p {far.port} ...
        server = far.accept().connect()

As wire.py, with the roles exchanged; it proves itself by an Ed25519 key.
"""
import hashlib
import socket

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat)

from wire import (CHANNEL_OPEN, CHANNEL_REQUEST, CHANNEL_SUCCESS,
                  KEX_INIT, KEX_REPLY, KEXINIT, NEWKEYS, OPEN_CONFIRMATION,
                  SERVICE_ACCEPT, SERVICE_REQUEST, USERAUTH_FAILURE,
                  USERAUTH_REQUEST, USERAUTH_SUCCESS, Wire, mpint, string, u32)


def public_blob(private):
    raw = private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return string("ssh-ed25519") + string(raw)


class WireServer(Wire):
    IDENT = b"SSH-2.0-wire_server"

    def __init__(self, stream, key):
        self.socket = stream
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.key = key
        self.pending = b""
        self.seq_out = self.seq_in = 0
        self.cipher_out = self.cipher_in = None
        self.strict = False
        self.session_id = None

    def kexinit(self, kex=None, strict=True, follows=False, host_key=None):
        payload = super().kexinit(kex, strict, follows,
                                  host_key or "ssh-ed25519")
        return payload.replace(b"kex-strict-c", b"kex-strict-s")

    def exchange(self, strict=True, between=()):
        ours = self.kexinit(strict=strict)
        self.send(ours)
        theirs = bytes([KEXINIT]) + self.expect(KEXINIT).data
        if self.session_id is None:
            self.strict = strict and b"kex-strict-c-v00@openssh.com" in theirs
        self.finish_exchange(ours, theirs)

    def finish_exchange(self, ours, theirs, gaps=()):
        private = X25519PrivateKey.generate()
        public = private.public_key().public_bytes(Encoding.Raw,
                                                   PublicFormat.Raw)
        peer = self.expect(KEX_INIT).string()
        shared = private.exchange(X25519PublicKey.from_public_bytes(peer))
        k = mpint(int.from_bytes(shared, "big"))
        blob = public_blob(self.key)
        exchange_hash = hashlib.sha256(
            string(self.server_ident) + string(self.IDENT) + string(theirs)
            + string(ours) + string(blob) + string(peer) + string(public)
            + k).digest()
        if self.session_id is None:
            self.session_id = exchange_hash
        self.keys = lambda letter, size: hashlib.sha256(
            k + exchange_hash + letter + self.session_id).digest()[:size]
        signature = string("ssh-ed25519") + string(self.key.sign(exchange_hash))
        self.send(bytes([KEX_REPLY]) + string(blob) + string(public)
                  + string(signature))
        self.send(bytes([NEWKEYS]))
        self._new_keys_out()
        self.expect(NEWKEYS)
        self._new_keys_in()

    def _new_keys_out(self):
        cipher = Cipher(algorithms.AES(self.keys(b"D", 16)),
                        modes.CTR(self.keys(b"B", 16)))
        self.cipher_out = (cipher.encryptor(), self.keys(b"F", 32))
        if self.strict:
            self.seq_out = 0

    def _new_keys_in(self):
        cipher = Cipher(algorithms.AES(self.keys(b"C", 16)),
                        modes.CTR(self.keys(b"A", 16)))
        self.cipher_in = (cipher.decryptor(), self.keys(b"E", 32))
        if self.strict:
            self.seq_in = 0

    def service(self, name="ssh-userauth"):
        assert self.expect(SERVICE_REQUEST).string() == name.encode()
        self.send(bytes([SERVICE_ACCEPT]) + string(name))
        return self

    def request(self, method):
        """The next request for authentication; what follows the method."""
        fields = self.expect(USERAUTH_REQUEST)
        fields.string(), fields.string()
        assert fields.string() == method.encode()
        return fields

    def greet(self):
        """Up to the client's first request, which is for "none"."""
        self.connect().service().request("none")
        return self

    def refuse(self, methods, partial=False):
        self.send(bytes([USERAUTH_FAILURE]) + string(methods)
                  + bytes([partial]))

    def login(self, user=None, password=None):
        """Any password will do."""
        self.greet().refuse("password")
        self.request("password")
        self.send(bytes([USERAUTH_SUCCESS]))
        return self

    def session(self):
        """Logged in, with one shell or command on the client's channel 0."""
        self.login()
        return self.start()

    def start(self):
        opened = self.expect(CHANNEL_OPEN)
        assert opened.string() == b"session"
        self.channel = opened.u32()
        self.send(bytes([OPEN_CONFIRMATION]) + u32(self.channel) + u32(9)
                  + u32(1 << 20) + u32(32768))
        while True:
            asked = self.expect(CHANNEL_REQUEST)
            asked.u32()
            name = asked.string()
            self.send(bytes([CHANNEL_SUCCESS]) + u32(self.channel))
            if name in (b"shell", b"exec"):
                return self

    def channel_notice(self, name, *fields, reply=False):
        self.send(bytes([CHANNEL_REQUEST]) + u32(self.channel) + string(name)
                  + bytes([reply]) + b"".join(fields))


class Listener:
    """Where it waits; each has a host key of its own."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(60)
        self.port = self.socket.getsockname()[1]
        self.key = Ed25519PrivateKey.generate()
        self.servers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        for server in self.servers:
            server.close()

    def accept(self):
        stream, _ = self.socket.accept()
        stream.settimeout(60)
        self.servers.append(WireServer(stream, self.key))
        return self.servers[-1]
