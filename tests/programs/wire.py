"""A raw SSH-2 client: it can send any payload in any state, and broken packets.

It speaks curve25519-sha256, aes128-ctr and hmac-sha2-256, checks nothing about
the host key but that the exchange succeeds, and has no opinion of its own on
what is allowed when.
"""
import hashlib
import hmac
import os
import socket
import struct

from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey, X25519PublicKey)
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import (
    Encoding, PublicFormat)

DISCONNECT, IGNORE, UNIMPLEMENTED, DEBUG = 1, 2, 3, 4
SERVICE_REQUEST, SERVICE_ACCEPT, EXT_INFO = 5, 6, 7
KEXINIT, NEWKEYS, KEX_INIT, KEX_REPLY = 20, 21, 30, 31
USERAUTH_REQUEST, USERAUTH_FAILURE, USERAUTH_SUCCESS = 50, 51, 52
USERAUTH_BANNER, USERAUTH_PK_OK, USERAUTH_INFO_RESPONSE = 53, 60, 61
GLOBAL_REQUEST, REQUEST_SUCCESS, REQUEST_FAILURE = 80, 81, 82
CHANNEL_OPEN, OPEN_CONFIRMATION, OPEN_FAILURE = 90, 91, 92
WINDOW_ADJUST, CHANNEL_DATA, EXTENDED_DATA = 93, 94, 95
CHANNEL_EOF, CHANNEL_CLOSE, CHANNEL_REQUEST = 96, 97, 98
CHANNEL_SUCCESS, CHANNEL_FAILURE = 99, 100


def u32(value):
    return struct.pack(">I", value)


def string(value):
    if isinstance(value, str):
        value = value.encode()
    return u32(len(value)) + value


def mpint(value):
    raw = value.to_bytes((value.bit_length() + 8) // 8, "big")
    return string(raw if value else b"")


class Closed(Exception):
    """The server ended the connection; `data` is what came before the end."""


class Reader:
    def __init__(self, data):
        self.data = data

    def take(self, count):
        head, self.data = self.data[:count], self.data[count:]
        assert len(head) == count
        return head

    def u8(self):
        return self.take(1)[0]

    def u32(self):
        return struct.unpack(">I", self.take(4))[0]

    def string(self):
        return self.take(self.u32())


class Wire:
    """One connection. `source` is the loopback address to come from."""

    IDENT = b"SSH-2.0-wire_1.0"
    KEX = "curve25519-sha256"

    def __init__(self, port, source=None, timeout=60):
        self.socket = socket.create_connection(
            ("127.0.0.1", port), timeout=timeout,
            source_address=(source, 0) if source else None)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""
        self.seq_out = self.seq_in = 0
        self.cipher_out = self.cipher_in = None
        self.strict = False
        self.session_id = None

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- bytes ------------------------------------------------------------

    def raw(self, data):
        self.socket.sendall(data)

    def _fill(self, count):
        while len(self.pending) < count:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise Closed(self.pending)
            self.pending += data

    def _take(self, count):
        self._fill(count)
        head, self.pending = self.pending[:count], self.pending[count:]
        return head

    def rest(self):
        """All that still comes, until the server closes."""
        try:
            while True:
                self._fill(len(self.pending) + 1)
        except Closed as end:
            return end.args[0]

    # --- packets ----------------------------------------------------------

    def seal(self, payload, padding=None, length=None, mac_flip=0):
        """A packet; with wrong fields where the arguments say so."""
        block = 16 if self.cipher_out else 8
        if padding is None:
            padding = block - (5 + len(payload)) % block
            if padding < 4:
                padding += block
        if length is None:
            length = 1 + len(payload) + padding
        clear = u32(length) + bytes([padding & 255]) + payload + b"\0" * padding
        if not self.cipher_out:
            packet = clear
        else:
            encryptor, mac_key = self.cipher_out
            tag = hmac.digest(mac_key, u32(self.seq_out) + clear, "sha256")
            tag = bytes([tag[0] ^ mac_flip]) + tag[1:]
            packet = encryptor.update(clear) + tag
        self.seq_out = (self.seq_out + 1) & 0xffffffff
        return packet

    def send(self, payload, **wrong):
        self.raw(self.seal(payload, **wrong))

    def receive(self):
        """The next payload."""
        if not self.cipher_in:
            length = struct.unpack(">I", self._take(4))[0]
            body = self._take(length)
        else:
            decryptor, mac_key = self.cipher_in
            head = decryptor.update(self._take(16))
            length = struct.unpack(">I", head[:4])[0]
            clear = head + decryptor.update(self._take(length + 4 - 16))
            tag = self._take(32)
            assert tag == hmac.digest(mac_key, u32(self.seq_in) + clear,
                                      "sha256")
            body = clear[4:]
        self.seq_in = (self.seq_in + 1) & 0xffffffff
        return body[1:len(body) - body[0]]

    def expect(self, number):
        """The next payload but DEBUG, IGNORE, EXT_INFO, banner; a Reader."""
        while True:
            payload = self.receive()
            if payload[0] == number:
                return Reader(payload[1:])
            if payload[0] not in (IGNORE, DEBUG, EXT_INFO, USERAUTH_BANNER,
                                  WINDOW_ADJUST):
                raise AssertionError(f"{payload[0]} came, not {number}: "
                                     f"{payload[:80]!r}")

    def disconnect_reason(self):
        """Read on to the DISCONNECT; its reason, None for a bare close."""
        try:
            while True:
                payload = self.receive()
                if payload[0] == DISCONNECT:
                    return struct.unpack(">I", payload[1:5])[0]
        except Closed:
            return None

    # --- conversation -----------------------------------------------------

    def identify(self):
        self.raw(self.IDENT + b"\r\n")
        line = b""
        while not line.endswith(b"\n"):
            line += self._take(1)
        self.server_ident = line.rstrip(b"\r\n")
        return self.server_ident

    def kexinit(self, kex=None, strict=True, follows=False, host_key=None):
        names = kex or self.KEX
        if strict and self.session_id is None:
            names += ",kex-strict-c-v00@openssh.com"
        host_key = host_key or "ssh-ed25519,rsa-sha2-256"
        lists = [names, host_key, "aes128-ctr", "aes128-ctr",
                 "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", ""]
        return (bytes([KEXINIT]) + os.urandom(16)
                + b"".join(string(name) for name in lists)
                + bytes([follows]) + u32(0))

    def exchange(self, strict=True, between=()):
        """A whole key exchange. `between` maps gaps 0..2 to payloads sent
        there: before KEXINIT, before the init, before NEWKEYS."""
        gaps = dict(between)
        for payload in gaps.get(0, ()):
            self.send(payload)
        ours = self.kexinit(strict=strict)
        self.send(ours)
        theirs = bytes([KEXINIT]) + self.expect(KEXINIT).data
        if self.session_id is None:
            self.strict = (strict and
                           b"kex-strict-s-v00@openssh.com" in theirs)
        self.finish_exchange(ours, theirs, gaps)

    def finish_exchange(self, ours, theirs, gaps=()):
        """What follows after both KEXINITs."""
        gaps = dict(gaps)
        private = X25519PrivateKey.generate()
        public = private.public_key().public_bytes(Encoding.Raw,
                                                   PublicFormat.Raw)
        for payload in gaps.get(1, ()):
            self.send(payload)
        self.send(bytes([KEX_INIT]) + string(public))
        reply = self.expect(KEX_REPLY)
        self.host_key, peer = reply.string(), reply.string()
        self.signature = reply.string()
        shared = private.exchange(X25519PublicKey.from_public_bytes(peer))
        k = mpint(int.from_bytes(shared, "big"))
        exchange_hash = hashlib.sha256(
            string(self.IDENT) + string(self.server_ident) + string(ours)
            + string(theirs) + string(self.host_key) + string(public)
            + string(peer) + k).digest()
        if self.session_id is None:
            self.session_id = exchange_hash
        self.keys = lambda letter, size: hashlib.sha256(
            k + exchange_hash + letter + self.session_id).digest()[:size]
        for payload in gaps.get(2, ()):
            self.send(payload)
        self.send(bytes([NEWKEYS]))
        self._new_keys_out()
        self.expect(NEWKEYS)
        self._new_keys_in()

    def _new_keys_out(self):
        cipher = Cipher(algorithms.AES(self.keys(b"C", 16)),
                        modes.CTR(self.keys(b"A", 16)))
        self.cipher_out = (cipher.encryptor(), self.keys(b"E", 32))
        if self.strict:
            self.seq_out = 0

    def _new_keys_in(self):
        cipher = Cipher(algorithms.AES(self.keys(b"D", 16)),
                        modes.CTR(self.keys(b"B", 16)))
        self.cipher_in = (cipher.decryptor(), self.keys(b"F", 32))
        if self.strict:
            self.seq_in = 0

    def connect(self, strict=True):
        """Up to encrypted packets."""
        self.identify()
        self.exchange(strict=strict)
        return self

    def service(self, name="ssh-userauth"):
        self.send(bytes([SERVICE_REQUEST]) + string(name))
        self.expect(SERVICE_ACCEPT)
        return self

    @staticmethod
    def auth_request(method, user="lab", fields=b"",
                     service="ssh-connection"):
        return (bytes([USERAUTH_REQUEST]) + string(user) + string(service)
                + string(method) + fields)

    @classmethod
    def password_request(cls, user="lab", password="lab"):
        return cls.auth_request("password", user, b"\0" + string(password))

    @classmethod
    def key_request(cls, algorithm, blob, signature=None, user="lab",
                    signed=None, rest=b""):
        """publickey: a query, or with a signature. `signed` overrules the
        flag that says which; `rest` is left over at the end."""
        flag = signature is not None if signed is None else signed
        fields = bytes([flag]) + string(algorithm) + string(blob)
        if signature is not None:
            fields += string(signature)
        return cls.auth_request("publickey", user, fields + rest)

    def signed_data(self, algorithm, blob, user="lab", session_id=None):
        """What a user's key signs (RFC 4252 section 7)."""
        if session_id is None:
            session_id = self.session_id
        return (string(session_id)
                + self.key_request(algorithm, blob, None, user, signed=True))

    def login(self, user="lab", password="lab"):
        """From the start to USERAUTH_SUCCESS."""
        self.connect()
        self.service()
        self.send(self.password_request(user, password))
        self.expect(USERAUTH_SUCCESS)
        return self

    @staticmethod
    def open_request(number=0, kind="session", window=1 << 20,
                     packet=32768):
        return (bytes([CHANNEL_OPEN]) + string(kind) + u32(number)
                + u32(window) + u32(packet))

    def open_session(self, number=0, **limits):
        """The server's number of a new session channel."""
        self.send(self.open_request(number, **limits))
        reply = self.expect(OPEN_CONFIRMATION)
        assert reply.u32() == number
        return reply.u32()

    @staticmethod
    def channel_request(channel, name, reply=True, data=b""):
        return (bytes([CHANNEL_REQUEST]) + u32(channel) + string(name)
                + bytes([reply]) + data)

    def exec(self, command, number=0):
        """Run a command; its output and exit status."""
        channel = self.open_session(number)
        self.send(self.channel_request(channel, "exec", data=string(command)))
        self.expect(CHANNEL_SUCCESS)
        return self.until_close(channel)

    def until_close(self, channel):
        """What a channel still prints, and its exit status (None: none)."""
        output, status = b"", None
        while True:
            payload = self.receive()
            reader = Reader(payload[1:])
            if payload[0] == CHANNEL_DATA:
                reader.u32()
                output += reader.string()
            elif payload[0] == CHANNEL_REQUEST:
                reader.u32()
                assert reader.string() == b"exit-status"
                reader.u8()
                status = reader.u32()
            elif payload[0] == CHANNEL_CLOSE:
                self.send(bytes([CHANNEL_CLOSE]) + u32(channel))
                return output, status

    def data(self, channel, text):
        """Type it."""
        if isinstance(text, str):
            text = text.encode()
        self.send(bytes([CHANNEL_DATA]) + u32(channel) + string(text))

    def until(self, end):
        """Data of the only channel up to this end."""
        output = b""
        while not output.endswith(end):
            reader = self.expect(CHANNEL_DATA)
            reader.u32()
            output += reader.string()
        return output

    def shell(self, number=0, prompt=b">"):
        """The server's number of a new shell, which has shown its prompt."""
        channel = self.open_session(number)
        self.send(self.channel_request(channel, "shell"))
        self.expect(CHANNEL_SUCCESS)
        self.until(prompt)
        return channel
