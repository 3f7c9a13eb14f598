"""SFTP as no good client speaks it (hardening 9.6), packet by packet."""
import os
import pathlib
import shutil
import struct
import subprocess

import pytest

from router import CONFIG, Router, wait_for
from wire import CHANNEL_CLOSE, CHANNEL_DATA, CHANNEL_FAILURE, \
    CHANNEL_SUCCESS, Reader, WINDOW_ADJUST, Wire, string, u32

STORED = "$1$mERr$fkBP9ONQItjeJIjNZlaSA."
SERVING = ("ip sftp server enable\n"
           f"username admin privilege 15 secret 5 {STORED}\n" + CONFIG)
OK, EOF, NO_FILE, DENIED, FAILURE, BAD, UNSUPPORTED = 0, 1, 2, 3, 4, 5, 8
OPEN, CLOSE, READ, WRITE, FSTAT, SETSTAT, OPENDIR, READDIR, REMOVE, MKDIR, \
    RMDIR, REALPATH, STAT, RENAME, READLINK, SYMLINK = \
    3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
STATUS, HANDLE, DATA, NAME, ATTRS = 101, 102, 103, 104, 105
WINDOW = 4 << 20
INIT = string(b"\1" + u32(3))
PUT = 0x1A  # WRITE, CREAT, TRUNC


def u64(value):
    return struct.pack(">Q", value)


@pytest.fixture(scope="module")
def router():
    with Router(config=SERVING, keys=("ed25519",)) as shared:
        shared.flash = shared.state / "flash"
        yield shared


@pytest.fixture(autouse=True)
def empty_flash(router):
    yield
    wait_for(lambda: not list((router.flash / ".new").iterdir()),
             "the end of unfinished files")
    for entry in router.flash.iterdir():
        if entry.name != ".new":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


class Files:
    """One channel with the subsystem; requests are numbered as they go."""

    def __init__(self, connection, number=0, greet=True, window=WINDOW,
                 packet=32768, step=0):
        """`step`: so far the window is opened each time that it is used up."""
        self.connection, self.number = connection, number
        self.channel = connection.open_session(number, window=window,
                                               packet=packet)
        connection.send(connection.channel_request(
            self.channel, "subsystem", data=string("sftp")))
        connection.expect(CHANNEL_SUCCESS)
        self.buffer, self.id, self.received = b"", 0, 0
        self.granted, self.step = window, step
        if greet:
            self.send(INIT)
            assert self.packet()[:5] == b"\2" + u32(3)

    def send(self, data):
        for at in range(0, len(data), 32768):
            self.connection.data(self.channel, data[at:at + 32768])

    def ask(self, kind, fields):
        self.id += 1
        self.send(string(bytes([kind]) + u32(self.id) + fields))
        return self.id

    def fill(self, count):
        while len(self.buffer) < count:
            if self.step and self.received >= self.granted:
                self.connection.send(bytes([WINDOW_ADJUST]) + u32(self.channel)
                                     + u32(self.step))
                self.granted += self.step
            payload = self.connection.receive()
            if payload[0] != CHANNEL_DATA:
                continue
            reader = Reader(payload[1:])
            assert reader.u32() == self.number
            data = reader.string()
            self.buffer += data
            self.received += len(data)

    def packet(self):
        self.fill(4)
        length = struct.unpack(">I", self.buffer[:4])[0]
        self.fill(4 + length)
        packet = self.buffer[4:4 + length]
        self.buffer = self.buffer[4 + length:]
        return packet

    def answer(self, number=None):
        """Type and fields of the answer to the last request."""
        packet = self.packet()
        assert packet[1:5] == u32(self.id if number is None else number)
        return packet[0], packet[5:]

    def status(self, kind, fields):
        self.ask(kind, fields)
        answer, rest = self.answer()
        assert answer == STATUS, (kind, answer)
        return struct.unpack(">I", rest[:4])[0]

    def open(self, path="x", flags=PUT):
        self.ask(OPEN, string(path) + u32(flags) + u32(0))
        answer, rest = self.answer()
        assert answer == HANDLE, rest
        return Reader(rest).string()

    def is_closed(self):
        """The channel is; the connection is not."""
        while True:
            payload = self.connection.receive()
            if payload[0] == CHANNEL_CLOSE:
                break
        self.connection.send(bytes([CHANNEL_CLOSE]) + u32(self.channel))
        output, status = self.connection.exec("show privilege", 5)
        return b"privilege level is 15" in output and status == 0


@pytest.fixture
def connection(router):
    with Wire(router.port) as wire:
        yield wire.login("admin")


@pytest.fixture
def files(connection):
    return Files(connection)


@pytest.mark.parametrize("data", [
    u32(0), u32(0xFFFFFFFF) + b"\5", u32(34001) + b"\5", u32(1 << 20) + b"\6",
    INIT,  # a second one
    string(b"\5"), string(b"\5\0\0\0"),  # no number to answer to
    string(b"\6" + u32(1) + u32(0xFFFFFFFF) + b"x" * 20),  # a handle
    string(b"\6" + u32(1) + u32(257) + b"x" * 300),
    string(b"\6" + u32(1) + string(b"12345678") + u64(0) + u32(4) + b"xx"),
    string(b"\6" + u32(1) + string(b"12345678") + u64(0) + u32(1) + b"xx"),
], ids=["0", "2^32-1", "34001", "1 MiB", "INIT again", "type alone",
        "no number", "endless handle", "long handle", "short WRITE",
        "long WRITE"])
def test_hardening_9_6_bad_framing_closes_the_channel(files, data):
    files.send(data + b"\0" * 5)
    assert files.is_closed()


@pytest.mark.parametrize("kind", [OPEN, STAT, REALPATH, 0, 2, 101, 200, 255])
def test_hardening_9_6_nothing_comes_before_init(connection, kind):
    files = Files(connection, greet=False)
    files.ask(kind, string("x") + u32(1) + u32(0))
    assert files.is_closed()


def test_hardening_9_6_handles_of_others(connection, router):
    (router.flash / "x").write_bytes(b"secret")
    one, two = Files(connection), Files(connection, 1)
    mine = one.open("y")
    closed = one.open("x", 1)
    assert one.status(CLOSE, string(closed)) == OK
    slot, generation = struct.unpack(">II", mine)
    bogus = [b"", b"\0", b"\0" * 8, b"\xff" * 8, closed, mine + b"\0",
             struct.pack(">II", slot, generation + 1),
             struct.pack(">II", slot + 1, generation),
             struct.pack(">II", 32, 1), struct.pack(">II", 1 << 31, 1),
             b"x" * 256, b"x" * 257, b"x" * 30000]
    for handle in bogus:
        for kind, fields in ((CLOSE, b""), (READ, u64(0) + u32(9)),
                             (FSTAT, b""), (READDIR, b"")):
            assert one.status(kind, string(handle) + fields) == FAILURE
        if len(handle) <= 256:
            assert one.status(WRITE, string(handle) + u64(0)
                              + string(b"x")) == FAILURE
    # That of another channel is, to this one, a bogus one.
    assert two.status(READ, string(mine) + u64(0) + u32(9)) == FAILURE
    assert one.status(WRITE, string(mine) + u64(0) + string(b"z")) == OK
    assert one.status(CLOSE, string(mine)) == OK
    assert (router.flash / "y").read_bytes() == b"z"


def test_hardening_9_6_reads_are_bounded(files, router):
    (router.flash / "x").write_bytes(b"x" * 100000)
    handle = string(files.open("x", 1))
    for length, expected in ((0xFFFFFFFF, 32768), (32769, 32768), (1, 1)):
        files.ask(READ, handle + u64(0) + u32(length))
        kind, rest = files.answer()
        assert kind == DATA and rest == string(b"x" * expected)
    assert files.status(READ, handle + u64(0) + u32(0)) == EOF
    assert files.status(READ, handle + u64(100000) + u32(1)) == EOF
    assert files.status(READ, handle + u64(1 << 62) + u32(9)) == EOF
    assert files.status(READ, handle + u64((1 << 64) - 1) + u32(9)) == FAILURE
    assert files.status(READ, handle + u64(1 << 63) + u32(9)) == FAILURE
    assert files.status(WRITE, handle + u64(0) + string(b"y")) == FAILURE


def test_hardening_9_6_writes_far_away(files, router):
    handle = string(files.open())
    assert files.status(WRITE, handle + u64((1 << 64) - 1)
                        + string(b"y")) == FAILURE
    assert files.status(WRITE, handle + u64((1 << 63) - 1)
                        + string(b"y")) == FAILURE
    assert files.status(WRITE, handle + u64(5) + string(b"y" * 32768)) == OK
    assert files.status(CLOSE, handle) == OK
    assert (router.flash / "x").read_bytes() == b"\0" * 5 + b"y" * 32768


def test_hardening_9_6_flags_that_lie(files):
    for fields in (string("x") + u32(1), string("x") + u32(0x40000000),
                   string("x") + u32(0x80000000) + u32(0xFFFFFFFF),
                   string("x") + u32(0x80000000) + u32(65)
                   + 65 * (string("a") + string("b")),
                   string("x"), u32(100), b"", string("x") + u32(0) + b"\0"):
        assert files.status(SETSTAT, fields) == BAD
    assert files.status(MKDIR, string("d") + u32(0)) == OK


def test_hardening_9_6_long_paths(files):
    for path in ("x" * 4097, "x/" * 2000, "/" * 5000, "x" * 30000):
        assert files.status(STAT, string(path)) == NO_FILE
        assert files.status(REALPATH, string(path)) == NO_FILE
        assert files.status(REMOVE, string(path)) == DENIED
        assert files.status(MKDIR, string(path) + u32(0)) == DENIED


def test_hardening_9_6_a_flood_of_handles(files, router):
    (router.flash / "x").write_bytes(b"x")
    handles = [files.open("x", 1) for _ in range(32)]
    assert len(set(handles)) == 32
    for _ in range(200):
        assert files.status(OPEN, string("x") + u32(1) + u32(0)) == FAILURE
        assert files.status(OPENDIR, string("/")) == FAILURE
    for handle in handles:
        assert files.status(CLOSE, string(handle)) == OK
    for _ in range(300):  # none of them comes again
        fresh = files.open("x", 1)
        assert fresh not in handles
        handles.append(fresh)
        assert files.status(CLOSE, string(fresh)) == OK


def test_hardening_9_6_unknown_requests(files):
    for kind in (0, 2, 21, 100, 103, 199, 202, 255, READLINK, SYMLINK):
        assert files.status(kind, string("x") + string("y")) == UNSUPPORTED
    for name in ("hardlink@openssh.com", "copy-data", "", "x" * 10000):
        assert files.status(200, string(name) + string("x")
                            + string("y")) == UNSUPPORTED


# 9.1: each of them, by each request.
PATHS = ["..", "../x", "/..", "/../etc/passwd", "flash:/..", "flash:/../x",
         "d/../x", "d/..", "/flash:/d/../../x", "..\\x", "d\\x", "\\\\x",
         "%2e%2e/x", ".new", ".new/0", "d/.x", ".", "d/...", "nvram:x",
         "nvram:startup-config", "system:running-config", "null:", "tftp:x",
         "C:x", "x:y", "d/flash", "x\0y", "x\0", "\x01x", "x\n", "x\x7f",
         b"\xc0\xae\xc0\xae/x", b"x\xff", b"\xc2\x80x", b"\xe2\x80\xaex",
         " x", "x ", "d/ x", "x" * 129, "/".join("x" * 17), "keys/x",
         "startup-config", "flash:flash:.x", "~", "~/x", "$HOME", "d//.y"]
# What is no way out is a name like any other.
HARMLESS = {".", "%2e%2e/x", "d/flash", "keys/x", "startup-config", "~", "~/x",
            "$HOME"}


@pytest.mark.parametrize("path", PATHS, ids=[repr(p)[:30] for p in PATHS])
def test_hardening_9_6_no_request_leads_out(files, router, path):
    (router.flash / "d").mkdir()
    (router.flash / "file").write_bytes(b"file")
    raw = path if isinstance(path, bytes) else path.encode()
    before = tree(router.state)
    asked = [(STAT, string(raw)), (OPEN, string(raw) + u32(1) + u32(0)),
             (OPENDIR, string(raw))]
    changing = [(OPEN, string(raw) + u32(PUT) + u32(0)),
                (OPEN, string(raw) + u32(0x0A) + u32(0)),
                (MKDIR, string(raw) + u32(0)), (REMOVE, string(raw)),
                (RMDIR, string(raw)),
                (RENAME, string("file") + string(raw)),
                (RENAME, string(raw) + string("other")),
                (200, string("posix-rename@openssh.com") + string("file")
                 + string(raw)),
                (SETSTAT, string(raw) + u32(4) + u32(0o600))]
    if path in HARMLESS:
        return
    for kind, fields in asked + changing:
        assert files.status(kind, fields) in (NO_FILE, DENIED, FAILURE)
    assert tree(router.state) == before


def tree(directory):
    return sorted(str(path.relative_to(directory))
                  for path in pathlib.Path(directory).rglob("*"))


def test_links_and_devices_are_not_there(files, router):
    (router.flash / "x").write_bytes(b"x")
    os.symlink("x", router.flash / "link")
    os.symlink("/etc", router.flash / "away")
    os.mkfifo(router.flash / "fifo")
    for name in ("link", "away", "away/passwd", "fifo"):
        for kind, fields in ((STAT, b""), (OPEN, u32(1) + u32(0)),
                             (OPEN, u32(PUT) + u32(0)), (OPENDIR, b""),
                             (SETSTAT, u32(4) + u32(0o600))):
            assert files.status(kind, string(name) + fields) != OK
    files.ask(OPENDIR, string("."))
    handle = string(Reader(files.answer()[1]).string())
    files.ask(READDIR, handle)
    kind, rest = files.answer()
    assert kind == NAME and b"link" not in rest and b"fifo" not in rest
    os.unlink(router.flash / "link")
    os.unlink(router.flash / "away")
    os.unlink(router.flash / "fifo")


def test_answers_come_for_64_requests_in_flight(files, router):
    content = os.urandom(64 * 32768 + 5)
    (router.flash / "x").write_bytes(content)
    handle = string(files.open("x", 1))
    numbers = [files.ask(READ, handle + u64(i * 32768) + u32(32768))
               for i in range(66)]
    got = b""
    for number in numbers[:65]:
        kind, rest = files.answer(number)
        assert kind == DATA
        got += Reader(rest).string()
    assert got == content
    assert files.answer(numbers[65])[0] == STATUS


@pytest.mark.parametrize("packet", [64, 1000, 20000, 32780, 100000])
@pytest.mark.parametrize("window", [97, 24576, 40000])
def test_small_windows_and_packets(connection, router, packet, window):
    content = os.urandom(100000)
    (router.flash / "x").write_bytes(content)
    files = Files(connection, window=window, packet=packet, step=window)
    handle = string(files.open("x", 1))
    for _ in range(3):
        numbers = [files.ask(READ, handle + u64(at) + u32(32768))
                   for at in range(0, 100000, 32768)]
        got = b""
        for number in numbers:
            kind, rest = files.answer(number)
            assert kind == DATA
            got += Reader(rest).string()
        assert got == content


def test_who_does_not_read_is_not_read(connection, router):
    """READs for 45 MB: no more is read than the window takes."""
    (router.flash / "x").write_bytes(b"x" * 32768)
    files = Files(connection)
    handle = string(files.open("x", 1))
    request = string(bytes([READ]) + u32(7) + handle + u64(0) + u32(32768))
    files.send(request * (60000 // len(request)))
    counted = 0
    while counted < WINDOW - 1000:  # what was answered before is in it
        reader = connection.expect(CHANNEL_DATA)
        assert reader.u32() == 0
        counted += len(reader.string())
    output, status = connection.exec("show privilege", 3)
    assert b"privilege level is 15" in output and status == 0


@pytest.mark.parametrize("count", [1000, *range(1140, 1165, 3), 3000])
def test_whatever_waits_is_answered_in_the_end(connection, count):
    """Requests that came while answers could not be sent: also the last one,
    when it was taken already as answers to those in front of it filled up."""
    files = Files(connection, window=2000)
    handle = string(files.open())
    packets = b""
    for i in range(count):
        files.id += 1
        packets += string(bytes([WRITE]) + u32(files.id) + handle + u64(i)
                          + string(b"x"))
    files.id += 1
    files.send(packets + string(bytes([FSTAT]) + u32(files.id) + handle))
    while files.received < 2000:
        files.fill(len(files.buffer) + 1)
    assert connection.exec("show privilege", 3)[1] == 0
    connection.send(bytes([WINDOW_ADJUST]) + u32(files.channel) + u32(1 << 20))
    for number in range(files.id - count, files.id):
        assert files.answer(number)[0] == STATUS
    assert files.answer()[0] == ATTRS


def test_a_channel_that_is_over_gives_its_files_up(connection, router):
    """Though its client does not say that he has seen that."""
    files = Files(connection)
    files.open("x"), files.open("y")
    assert len(list((router.flash / ".new").iterdir())) == 2
    connection.send(b"\x60" + u32(files.channel))
    wait_for(lambda: not list((router.flash / ".new").iterdir()),
             "the end of unfinished files")
    assert connection.until_close(files.channel) == (b"", 0)


def test_a_channel_closed_with_requests_in_flight(connection, router):
    (router.flash / "x").write_bytes(b"x" * 100000)
    for number in range(20):
        files = Files(connection, number)
        handle = string(files.open("y" if number % 2 else "x",
                                   PUT if number % 2 else 1))
        for i in range(30):
            files.ask(READ, handle + u64(i) + u32(32768))
            files.ask(OPEN, string(f"z{i}") + u32(PUT) + u32(0))
            files.ask(OPENDIR, string("."))
        connection.send(bytes([CHANNEL_CLOSE]) + u32(files.channel))
        while connection.receive()[0] != CHANNEL_CLOSE:
            pass
    files = Files(connection, 99)
    assert files.status(REMOVE, string("x")) == OK
    wait_for(lambda: tree(router.flash) == [".new"], "a clean flash")


def test_an_exit_status_of_0_at_an_orderly_end(connection):
    files = Files(connection)
    connection.send(b"\x60" + u32(files.channel))  # EOF
    assert connection.until_close(files.channel) == (b"", 0)


def test_an_exit_status_of_1_in_the_middle_of_a_request(connection):
    files = Files(connection)
    files.send(u32(100) + b"\5")
    connection.send(b"\x60" + u32(files.channel))
    assert connection.until_close(files.channel) == (b"", 1)


# --- hardening 9.7 ---------------------------------------------------------

@pytest.fixture
def small_disk(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "vtyd-test",
         str(state)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", str(state)], check=True)


def test_hardening_9_7_a_full_disk_spoils_the_upload_alone(small_disk):
    with Router(small_disk, config=SERVING, keys=("ed25519",)) as router, \
            Wire(router.port) as wire:
        flash = router.state / "flash"
        (flash / "old").write_text("old")
        files = Files(wire.login("admin"))
        handle = string(files.open("old"))
        other = string(files.open("other"))
        answers = [files.status(WRITE, handle + u64(i * 32768)
                                + string(b"x" * 32768)) for i in range(192)]
        assert answers[0] == OK and answers[-1] == FAILURE
        assert answers == sorted(answers)  # once full, it stays spoilt
        assert files.status(WRITE, handle + u64(0) + string(b"y")) == FAILURE
        # What there is room for once it is gone goes on.
        assert files.status(CLOSE, handle) == FAILURE
        assert (flash / "old").read_text() == "old"
        assert files.status(WRITE, other + u64(0) + string(b"y")) == OK
        assert files.status(CLOSE, other) == OK
        assert (flash / "other").read_text() == "y"
        # To change a file is to have it twice.
        (flash / "big").write_bytes(b"z" * (3 << 20))
        assert files.status(OPEN, string("big") + u32(0x02)
                            + u32(0)) == FAILURE
        wait_for(lambda: not list((flash / ".new").iterdir()), "a clean flash")
        assert "[OK]" in wire.exec("write memory", 4)[0].decode()


def test_one_channel_serves_once(connection):
    files = Files(connection)
    connection.send(connection.channel_request(files.channel, "subsystem",
                                               data=string("sftp")))
    connection.expect(CHANNEL_FAILURE)
    connection.send(connection.channel_request(files.channel, "shell"))
    connection.expect(CHANNEL_FAILURE)
    assert files.status(STAT, string("nothing")) == NO_FILE


# --- requests that do not wait for each other's answers ------------------------

def answers(connection, wanted):
    """So many answers to requests, in their order; what came as data."""
    got, data = [], b""
    while len(got) < wanted:
        payload = connection.receive()
        if payload[0] in (CHANNEL_SUCCESS, CHANNEL_FAILURE):
            got.append(payload[0])
        elif payload[0] == CHANNEL_DATA:
            data += payload[9:]
    return got, data


def at_once(connection, *messages):
    connection.raw(b"".join(connection.seal(each) for each in messages))


@pytest.mark.parametrize("name", ["netconf", "sftpx"])
def test_what_follows_a_refused_subsystem_is_served(connection, name):
    """As PuTTY's pscp falls back from sftp to scp, and without waiting: bytes
    in front of the second request were for the first, those behind it are
    its own."""
    channel = connection.open_session()
    at_once(connection,
            connection.channel_request(channel, "subsystem",
                                       data=string(name)),
            bytes([CHANNEL_DATA]) + u32(channel) + string(INIT),
            connection.channel_request(channel, "pty-req", data=string(
                "vt220") + u32(80) + u32(24) + u32(0) * 2 + string(b"\0")),
            connection.channel_request(channel, "shell"),
            bytes([CHANNEL_DATA]) + u32(channel)
            + string("show privilege\nexit\n"))
    got, data = answers(connection, 3)
    assert got == [CHANNEL_FAILURE, CHANNEL_SUCCESS, CHANNEL_SUCCESS]
    shown, status = connection.until_close(channel)
    assert b"Current privilege level is 15" in data + shown and status == 0


def test_what_follows_a_subsystem_that_is_served_is_refused(connection):
    channel = connection.open_session()
    at_once(connection,
            connection.channel_request(channel, "subsystem",
                                       data=string("sftp")),
            connection.channel_request(channel, "exec",
                                       data=string("show privilege")),
            connection.channel_request(channel, "shell"),
            bytes([CHANNEL_DATA]) + u32(channel) + string(INIT))
    got, data = answers(connection, 3)
    assert got == [CHANNEL_SUCCESS, CHANNEL_FAILURE, CHANNEL_FAILURE]
    while len(data) < 9:
        payload = connection.receive()
        assert payload[0] == CHANNEL_DATA
        data += payload[9:]
    assert data[4:9] == b"\2" + u32(3)
