"""The whole router is killed at instants all over an upload: after the next
start there is the old file or the whole new one, nothing unfinished, and no
process of the run before.

tests/soak has the long form: VTYD_SOAK is set.
"""
import pathlib
import random
import shutil

import pytest
from far_host import FarHost, program
from router import Router, wait_for
from session import Session
from test_scp_kills import INSIDE, INSTANTS, OLD, SERVING, SIZE, Transfer

SFTP = "/usr/lib/openssh/sftp-server"

pytestmark = pytest.mark.long


class Upload(Transfer):
    """By a client of the router's."""

    def __init__(self, router, new, back, protocol):
        super().__init__(router, new, back, True, protocol)

    def is_over(self):
        return self.client.poll() is not None

    def begun(self):
        return self.workers()

    def close(self):
        self.client.wait(60)


class Copy(Transfer):
    """By the router itself, from another host."""

    def __init__(self, router, far, scheme):
        self.router, self.sends = router, True
        self.flash = router.state / "flash"
        (self.flash / "file").write_bytes(OLD)
        self.session = Session(router)
        self.session.channel.send(
            f"copy {scheme}://lab:lab@127.0.0.1:{far.port}/new flash:file\n")

    def is_over(self):
        return (self.flash / "file").stat().st_size != len(OLD)

    def has_come_to(self, part):
        return self.is_over() or any(size >= part * SIZE
                                     for size in self.sizes())

    def is_inside(self):
        return not self.is_over() and any(0 < size < SIZE
                                          for size in self.sizes())

    def begun(self):
        return self.router.children("vtyd-worker: client")

    def close(self):
        self.session.client.close()


def processes_of(session):
    """Pids whose session that is: the router's and all that it started."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if entry.name.isdigit() and int(fields[3]) == session \
                and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def come_to(upload, part, draw):
    """That part of it; below 0: before the data, above 1: behind its end."""
    if part < 0:
        if draw.random() < 0.5:
            wait_for(upload.begun, "its worker")
    elif part > 1:
        wait_for(upload.is_over, "its end")
    else:
        wait_for(lambda: upload.has_come_to(part), "the data")


def kill_all(router):
    router.process.kill()
    router.process.wait()
    wait_for(lambda: not processes_of(router.pid), "the end of all processes")


@pytest.fixture
def place(tmp_path):
    content = random.Random(5).randbytes(1 << 20) * (SIZE >> 20)
    there = tmp_path / "there"
    there.mkdir()
    (there / "new").write_bytes(content)
    with Router(tmp_path / "near", config=SERVING + "file prompt quiet\n",
                keys=("ed25519",)) as router:
        (router.state / "flash").mkdir(exist_ok=True)
        yield router, there / "new", content


def kill_at_instants(router, content, start, name):
    draw = random.Random(name)
    flash = router.state / "flash"
    inside = whole = 0
    for _ in range(INSTANTS):
        upload = start()
        come_to(upload, draw.uniform(-0.2, 1.2), draw)
        inside += upload.is_inside()
        kill_all(router)
        upload.close()
        router.start()
        assert list((flash / ".new").iterdir()) == []
        left = (flash / "file").read_bytes()
        assert left in (OLD, content)
        whole += left == content
    print(f"\n{name}: {INSTANTS} kills of the router, {inside} inside the "
          f"upload, {whole} whole files")
    assert inside >= INSIDE


@pytest.mark.parametrize("protocol", ("-O", "-s"), ids=("scp", "sftp"))
def test_kills_of_the_router_during_an_upload(place, tmp_path, protocol):
    if shutil.which("scp") is None:
        pytest.skip("openssh-client is not installed")
    router, new, content = place
    kill_at_instants(router, content, lambda: Upload(
        router, new, tmp_path / "back", protocol), f"put {protocol}")


@pytest.mark.parametrize("scheme", ("scp", "sftp"))
def test_kills_of_the_router_during_its_copy(place, scheme):
    router, new, content = place
    with FarHost(command=program(directory=new.parent),
                 subsystem=program(SFTP, directory=new.parent)) as far:
        kill_at_instants(router, content,
                         lambda: Copy(router, far, scheme), f"copy {scheme}:")
