"""A TACACS+ server of a test: it answers as the test says, also wrongly.

    with TacacsServer(b"key", handler) as server:   # server.port
        ...
        server.packets                              # what has come
        server.write_pcap(path)                     # both ways, for tshark

The handler gets each packet of a client, taken apart, and gives the bytes to
send back: packet.reply(...), or b"" for silence, or None to hang up;
packet.send(...) sends some later. With single=True a connection that is offered
for many sessions is taken for them (section 4.3). Written from RFC 8907 alone.
"""
import contextlib
import hashlib
import socket
import struct
import threading

AUTHEN, AUTHOR, ACCT = 1, 2, 3
ASCII, PAP = 1, 2
LOGIN, ENABLE = 1, 2
PASS, FAIL, GETDATA, GETUSER, GETPASS, RESTART, ERROR = 1, 2, 3, 4, 5, 6, 7
FOLLOW = 0x21
PASS_ADD, PASS_REPL, AUTHOR_FAIL, AUTHOR_ERROR = 1, 2, 0x10, 0x11
SUCCESS, ACCT_ERROR = 1, 2
START, STOP, WATCHDOG = 2, 4, 8
NOECHO = 1
UNENCRYPTED, SINGLE = 1, 4
HEADER = struct.Struct(">BBBBII")


def pad(key, session, version, seq, length):
    """Section 4.5."""
    made, last = b"", b""
    first = struct.pack(">I", session) + key + bytes([version, seq])
    while len(made) < length:
        last = hashlib.md5(first + last).digest()
        made += last
    return made[:length]


def hide(data, *how):
    return bytes(a ^ b for a, b in zip(data, pad(*how, len(data))))


class Fields:
    """A body, read from its beginning."""

    def __init__(self, data):
        self.data = data

    def take(self, size):
        assert size <= len(self.data)
        found, self.data = self.data[:size], self.data[size:]
        return found

    def numbers(self, form):
        return struct.unpack(">" + form, self.take(struct.calcsize(">" + form)))


class Packet:
    """One of a client's, the body clear."""

    def __init__(self, head, body, key):
        (self.version, self.type, self.seq, self.flags, self.session,
         _) = HEADER.unpack(head)
        self.key = key
        assert self.version >> 4 == 0xc and not self.flags & UNENCRYPTED
        self.body = hide(body, key, self.session, self.version, self.seq)
        self.arguments, self.abort = [], False
        fields = Fields(self.body)
        if self.type == AUTHEN and self.seq == 1:
            self._start(fields)
        elif self.type == AUTHEN:
            message, data, flags = fields.numbers("HHB")
            self.message, self.abort = fields.take(message), bool(flags & 1)
            fields.take(data)
        else:
            self._request(fields)
        assert fields.data == b"", "lengths do not add up"

    def _start(self, fields):
        assert self.seq == 1
        (self.action, self.level, self.kind, self.service, user, port, remote,
         data) = fields.numbers("BBBBBBBB")
        self.user, self.port = fields.take(user), fields.take(port)
        self.remote, self.data = fields.take(remote), fields.take(data)
        self.message = None

    def _request(self, fields):
        assert self.seq == 1
        if self.type == ACCT:
            self.record, = fields.numbers("B")
        (self.method, self.level, self.kind, self.service, user, port, remote,
         count) = fields.numbers("BBBBBBBB")
        lengths = fields.take(count)
        self.user, self.port = fields.take(user), fields.take(port)
        self.remote = fields.take(remote)
        self.arguments = [fields.take(n).decode() for n in lengths]

    def argument(self, name):
        return next((a.split("=", 1)[1] for a in self.arguments
                     if a.startswith(name + "=")), None)

    def command(self):
        words = [a.split("=", 1)[1] for a in self.arguments
                 if a.startswith(("cmd=", "cmd-arg="))]
        return " ".join(words)

    def wrap(self, body, key=None, version=None, type=None, seq=None, flags=0,
             session=None, length=None):
        version = self.version if version is None else version
        seq = self.seq + 1 if seq is None else seq
        session = self.session if session is None else session
        head = HEADER.pack(version, self.type if type is None else type, seq,
                           flags, session,
                           len(body) if length is None else length)
        if flags & UNENCRYPTED:
            return head + body
        return head + hide(body, self.key if key is None else key, session,
                           version, seq)

    def reply(self, status, message=b"", arguments=(), flags=0, **how):
        """What its kind of packet is answered with."""
        message = message.encode() if isinstance(message, str) else message
        if self.type == AUTHEN:
            body = struct.pack(">BBHH", status, flags, len(message), 0)
            body += message
        elif self.type == AUTHOR:
            texts = [a.encode() for a in arguments]
            body = struct.pack(">BBHH", status, len(texts), len(message), 0)
            body += bytes(map(len, texts)) + message + b"".join(texts)
        else:
            body = struct.pack(">HHB", len(message), 0, status) + message
        return self.wrap(body, **how)


class TacacsServer:
    def __init__(self, key, handler, address="127.0.0.1", single=False):
        self.key, self.handler, self.single = key, handler, single
        self.packets, self.bytes = [], []  # (client's port, from it, bytes)
        self.connections, self.failed = 0, None
        self.sources = []  # addresses that connections came from
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.create_server((address, 0), family=family,
                                           backlog=128)
        self.port = self.socket.getsockname()[1]
        self.threads, self.open, self.ended = [], set(), False
        self.lock = threading.Lock()

    def _receive(self, peer, size):
        got = b""
        while len(got) < size:
            part = peer.recv(size - len(got))
            if not part:
                return None
            got += part
        return got

    def _talk(self, peer, port):
        talks, agreed = {}, None  # the handler's own, of each session

        def send(answer):
            # Only the first packets of either side say how it will be.
            nonlocal agreed
            if agreed is not None and agreed[1]:
                agreed = (False, False)
                answer = answer[:3] + bytes([answer[3] | SINGLE]) + answer[4:]
            with self.lock:
                self.bytes.append((port, False, answer))
            peer.sendall(answer)
        while True:
            head = self._receive(peer, HEADER.size)
            if head is None:
                return
            body = self._receive(peer, HEADER.unpack(head)[5])
            if body is None:
                return
            packet = Packet(head, body, self.key)
            packet.talk = talks.setdefault(packet.session, {})
            packet.send, packet.client = send, port
            if agreed is None:
                agreed = (True, self.single and bool(packet.flags & SINGLE))
            with self.lock:
                self.bytes.append((port, True, head + body))
                self.packets.append(packet)
            if packet.abort:
                continue
            answer = self.handler(packet)
            if answer is None:
                return
            if answer:
                send(answer)

    def _serve_one(self, peer, port):
        try:
            self._talk(peer, port)
        except OSError:  # the client is gone
            pass
        except Exception as error:  # told by the test, which looks
            self.failed = error
        finally:
            with self.lock:
                self.open.discard(peer)
            peer.close()

    def _serve(self):
        while True:
            peer, address = self.socket.accept()
            if self.ended:
                peer.close()
                return
            with self.lock:
                self.connections += 1
                self.sources.append(address[0])
                self.open.add(peer)
            thread = threading.Thread(target=self._serve_one,
                                      args=(peer, address[1]), daemon=True)
            thread.start()
            self.threads.append(thread)

    def __enter__(self):
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self.ended = True
        socket.create_connection(self.socket.getsockname()[:2], 60).close()
        self.thread.join(60)
        self.socket.close()
        self.cut()
        for thread in self.threads:
            thread.join(60)
        if kind is None:
            assert self.failed is None, repr(self.failed)

    def cut(self):
        """End all connections, also those that the client has just ended."""
        with self.lock:
            for peer in self.open:
                with contextlib.suppress(OSError):
                    peer.shutdown(socket.SHUT_RDWR)

    def write_pcap(self, path, port=49):
        """Its bytes as TCP segments of made-up addresses and sequences."""
        with self.lock:
            sent = list(self.bytes)
        sequences = {}
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535,
                                  101))
            for at, (client, ours, data) in enumerate(sent):
                mine, theirs = sequences.setdefault(client, [1, 1])
                if not ours:
                    mine, theirs = theirs, mine
                ports = (client, port) if ours else (port, client)
                tcp = struct.pack(">HHIIBBHHH", *ports, mine, theirs, 5 << 4,
                                  0x18, 65535, 0, 0)
                hosts = [bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])]
                source, target = hosts if ours else hosts[::-1]
                whole = struct.pack(">BBHHHBBH", 0x45, 0,
                                    20 + len(tcp) + len(data), at & 0xffff, 0,
                                    64, 6, 0) + source + target + tcp + data
                sequences[client][0 if ours else 1] += len(data)
                out.write(struct.pack("<IIII", at, 0, len(whole), len(whole)))
                out.write(whole)
