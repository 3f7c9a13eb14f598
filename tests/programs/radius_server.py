"""A RADIUS server of a test: it answers as the test says, also wrongly.

    with RadiusServer(b"key", handler) as server:   # server.port
        ...
        server.requests                             # what has come

The handler gets each Request and gives the datagrams to send back. Written from
RFC 2865, 2866 and 2869 alone.
"""
import hashlib
import hmac
import socket
import struct
import threading

ACCESS_REQUEST, ACCEPT, REJECT = 1, 2, 3
ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE, CHALLENGE = 4, 5, 11
USER_NAME, USER_PASSWORD, NAS_IP, NAS_PORT, SERVICE_TYPE = 1, 2, 4, 5, 6
REPLY_MESSAGE, STATE, CLASS, VENDOR = 18, 24, 25, 26
CALLING_STATION, NAS_IDENTIFIER, PROXY_STATE = 31, 32, 33
ACCT_STATUS, ACCT_DELAY, ACCT_INPUT, ACCT_OUTPUT = 40, 41, 42, 43
ACCT_SESSION, ACCT_AUTHENTIC, ACCT_TIME, ACCT_CAUSE = 44, 45, 46, 49
INPUT_GIGAWORDS = 52
NAS_PORT_TYPE, PROMPT, SIGNATURE, NAS_PORT_ID, NAS_IPV6 = 61, 76, 80, 87, 95


def attribute(kind, value):
    if isinstance(value, int):
        value = struct.pack(">I", value)
    if isinstance(value, str):
        value = value.encode()
    return bytes([kind, len(value) + 2]) + value


def avpair(text):
    """Cisco-AVPair."""
    return attribute(VENDOR, struct.pack(">I", 9) + attribute(1, text))


class Request:
    def __init__(self, data, peer, key):
        self.data, self.peer, self.key = data, peer, key
        self.code, self.id, length = struct.unpack(">BBH", data[:4])
        assert length == len(data)
        self.authenticator = data[4:20]
        self.attributes, at = [], 20
        while at < len(data):
            kind, size = data[at], data[at + 1]
            assert size >= 2 and at + size <= len(data)
            self.attributes.append((kind, data[at + 2:at + size]))
            at += size

    def get(self, kind):
        return next((v for k, v in self.attributes if k == kind), None)

    def number(self, kind):
        value = self.get(kind)
        return None if value is None else struct.unpack(">I", value)[0]

    def is_signed(self):
        """The first attribute is the signature, and it is right."""
        if self.attributes[0][0] != SIGNATURE:
            return False
        bare = self.data[:22] + bytes(16) + self.data[38:]
        return hmac.new(self.key, bare, "md5").digest() == \
            self.attributes[0][1]

    def is_authentic(self):
        """Of accounting: the authenticator is right."""
        bare = self.data[:4] + bytes(16) + self.data[20:] + self.key
        return hashlib.md5(bare).digest() == self.authenticator

    def password(self):
        hidden, last, clear = self.get(USER_PASSWORD), self.authenticator, b""
        for at in range(0, len(hidden), 16):
            mask = hashlib.md5(self.key + last).digest()
            last = hidden[at:at + 16]
            clear += bytes(a ^ b for a, b in zip(last, mask))
        return clear.rstrip(b"\0")

    def answer(self, code, *attributes, id=None, key=None, sign="first",
               authenticator=None, length=None):
        """A datagram. `sign`: "first", "last", "wrong", "twice", None."""
        key = self.key if key is None else key
        asked = authenticator or self.authenticator
        id = self.id if id is None else id
        room = attribute(SIGNATURE, bytes(16))
        body = b"".join(attributes)
        body = {"first": room + body, "wrong": room + body,
                "last": body + room, "twice": room + body + room,
                None: body}[sign]
        head = struct.pack(">BBH", code, id,
                           20 + len(body) if length is None else length)
        if sign:
            at = body.rindex(room) if sign == "last" else body.index(room)
            made = hmac.new(key, head + asked + body, "md5").digest()
            if sign == "wrong":
                made = bytes(b ^ 1 for b in made)
            body = body[:at + 2] + made + body[at + 18:]
        return head + hashlib.md5(head + asked + body + key).digest() + body


class RadiusServer:
    def __init__(self, key, handler, address="127.0.0.1"):
        """`handler`: a function of the request; what it gives is sent."""
        self.key, self.handler = key, handler
        self.requests = []
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.failed = None

    def _serve(self):
        while True:
            data, peer = self.socket.recvfrom(65536)
            if peer[1] == self.port:  # its own: the end
                return
            try:
                request = Request(data, peer, self.key)
                self.requests.append(request)
                for one in self.handler(request) or ():
                    self.socket.sendto(one, peer)
            except Exception as error:  # told by the test, which looks
                self.failed = error
                raise

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self.socket.sendto(b"", self.socket.getsockname()[:2])
        self.thread.join(10)
        self.socket.close()
        if kind is None:
            assert self.failed is None, self.failed
