"""A router whose workers lie to it: liar.c, and what to say through it."""
import os
import re
import shutil
import socket
import struct

from messages import decode, encode
from processes import is_alive
from router import BUILD, Router
from wire import Reader, Wire, string

METHOD_PASSWORD, METHOD_QUERY, METHOD_KEY, METHOD_INTERACTIVE = 1, 2, 3, 4
ACCEPT, REJECT, ASK, KEY_OK = 0, 1, 2, 3
SHA256 = 2


class Liar:
    """A connection whose worker says what it is told."""

    def __init__(self, stream):
        self.socket = stream
        self.pending = b""
        self.seen = []  # (name, fields) of control, all of them

    @classmethod
    def at(cls, router, number=1):
        """Its number is the end of its address: logs tell it by that."""
        stream = socket.create_connection(
            ("127.0.0.1", router.port), 60,
            source_address=(f"127.0.66.{number}", 0))
        return cls(stream)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def tell(self, letter, data=b""):
        try:
            self.socket.sendall(letter.encode() + struct.pack(">I", len(data))
                                + data)
        except OSError:
            pass  # killed already

    def raw(self, data):
        self.tell("m", data)

    def say(self, name, /, **fields):
        self.raw(encode(name, **fields))

    def often(self, count, name, /, **fields):
        self.tell("n", struct.pack(">I", count) + encode(name, **fields))

    def _take(self, count):
        while len(self.pending) < count:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError
            self.pending += data
        head, self.pending = self.pending[:count], self.pending[count:]
        return head

    def hear(self):
        """The next message: its name and fields. EOFError: it was killed."""
        try:
            kind, length = struct.unpack(">cI", self._take(5))
            data = self._take(length)
        except TimeoutError:
            raise
        except OSError as error:
            raise EOFError from error
        if kind == b"e":
            # The worker lives on without a pipe.
            return self.hear()
        self.seen.append(decode(data))
        return self.seen[-1]

    def until(self, name):
        while True:
            found, fields = self.hear()
            if found == name:
                return fields

    def rest(self, seconds):
        """What comes until it is killed: a list, and whether it was."""
        before = len(self.seen)
        self.socket.settimeout(seconds)
        try:
            while True:
                self.hear()
        except TimeoutError:
            return self.seen[before:], False
        except EOFError:
            return self.seen[before:], True

    # --- what an honest worker does ---------------------------------------

    def exchange(self):
        """A signature that is due, and keys."""
        reply = self.sign()
        assert reply["hash"] and reply["signature"]
        self.session_id = self.session_id or reply["hash"]
        self.say("KEYS", kex="curve25519-sha256", ident="SSH-2.0-liar")
        return self

    session_id = None

    def offered(self):
        """The number of the Ed25519 key in SETUP."""
        if not self.seen:
            self.until("SETUP")
        blobs, keys = Reader(self.seen[0][1]["host_keys"]), []
        while blobs.data:
            keys.append(blobs.string())
        return [b"ssh-ed25519" in key for key in keys].index(True)

    def say_sign(self, **changes):
        """SIGN that the signer takes for an exchange."""
        values = {"method": "ssh-ed25519", "hash": SHA256,
                  "host_key": self.offered(),
                  "before": string("SSH-2.0-a") + string("SSH-2.0-b")
                  + string(b"\x14" * 62) * 2, "after": os.urandom(32)}
        values.update(changes)
        self.say("SIGN", **values)

    def sign(self, **changes):
        """The same, and the reply."""
        self.say_sign(**changes)
        return self.until("SIGN_REPLY")

    def password(self, password, user="lab"):
        self.say("AUTH_TRY", method=METHOD_PASSWORD, user=user,
                 password=password)
        return self.until("AUTH_RESULT")["verdict"]

    def login(self):
        self.exchange()
        assert self.password("lab") == ACCEPT
        return self

    def shell(self):
        self.login()
        self.say("SHELL", channel=0, pty=True, columns=80, rows=24)
        self.until("PROMPT")
        return self


class LiarsRouter(Router):
    def __init__(self, directory, config, **options):
        programs = directory / "programs"
        programs.mkdir()
        for name in ("vtyd", "vtyd-signer", "vtyd-aaa"):
            shutil.copy(BUILD / "src" / name, programs / name)
        shutil.copy(BUILD / "src" / "vtyd-worker",
                    programs / "vtyd-worker.honest")
        shutil.copy(BUILD / "tests" / "programs" / "liar",
                    programs / "vtyd-worker")
        super().__init__(directory, config=config, keys=("ed25519", "rsa"),
                         program=programs / "vtyd", **options)


class Honest:
    """A user of an honest worker, who stays through a test."""

    def __init__(self, router):
        self.router = router
        self.wire = Wire(router.port).login()
        self.channels = 0
        self.processes = [router.pid, *(
            pid for role in ("vtyd-signer", "vtyd-aaa")
            for pid in router.children(role))]

    def check(self):
        """He works, others can log in, nobody else is logged in, and no
        helper has died."""
        self.channels += 1
        output, status = self.wire.exec("show users", self.channels)
        assert status == 0
        users = re.findall(rb"vty \d+ +(\S+) +idle", output)
        assert users.count(b"lab") >= 1
        with Wire(self.router.port).login() as other:
            assert other.exec("show privilege")[1] == 0
        assert all(is_alive(pid) for pid in self.processes)
        assert self.router.children("vtyd-signer")[0] == self.processes[1]
        assert self.router.children("vtyd-aaa")[0] == self.processes[2]


def disconnect(router, address):
    """`disconnect ssh` of who comes from there, by the administrator."""
    with Wire(router.port).login() as wire:
        output, _ = wire.exec("show users")
        vty = re.search(rf"vty (\d+) .* {re.escape(address)}\r",
                        output.decode()).group(1)
        channel = wire.shell(1)
        wire.data(channel, "enable\n")
        wire.until(b"Password: ")
        wire.data(channel, "cisco\n")
        wire.until(b"#")
        wire.data(channel, f"disconnect ssh {vty}\n")
        wire.until(b"#")


def console_liar(router):
    """Line con 0, by console.sock, with a worker that lies."""
    stream = socket.socket(socket.AF_UNIX)
    stream.settimeout(60)
    directory = os.open(router.state, os.O_PATH)
    try:
        stream.connect(f"/proc/self/fd/{directory}/console.sock")
    finally:
        os.close(directory)
    stream.sendall(b"terminal 80 24\n")
    liar = Liar(stream)
    # The answer, behind which an honest worker would keep quiet.
    while b"ok\n" not in liar.pending:
        part = stream.recv(4096)
        liar.pending += part
        assert part and not liar.pending.startswith(b"no "), liar.pending
    liar.pending = liar.pending.replace(b"ok\n", b"", 1)
    return liar
