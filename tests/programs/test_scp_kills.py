"""Either side of a transfer is killed at instants all over it: what was there
before, or the whole new file, and no process is left.

tests/soak has the long form: VTYD_SOAK is set.
"""
import os
import random
import shutil
import signal
import subprocess

import pytest
import scp_clients
from router import CONFIG, Router, wait_for

SERVING = CONFIG.replace("username lab secret",
                         "username lab privilege 15 secret") \
    + "ip scp server enable\nip sftp server enable\n"
SOAK = "VTYD_SOAK" in os.environ
INSTANTS = 200 if SOAK else 10
INSIDE = INSTANTS // 4  # at least
SIZE = (64 if SOAK else 5) << 20
OLD = b"what was there before\n"

pytestmark = pytest.mark.long


class Transfer:
    """OpenSSH's scp under way, by its own protocol (-O) or SFTP (-s)."""

    def __init__(self, router, new, back, sends, protocol):
        self.router, self.sends, self.back = router, sends, back
        self.flash = router.state / "flash"
        # What is only read is there from the first time on.
        if sends:
            (self.flash / "file").write_bytes(OLD)
        elif not (self.flash / "file").exists():
            shutil.copyfile(new, self.flash / "file")
        back.write_bytes(b"")
        names = [str(new), scp_clients.remote("flash:file")] if sends \
            else [scp_clients.remote("flash:file"), str(back)]
        self.client = subprocess.Popen(
            ["scp", protocol, "-F", "none", "-P", str(router.port),
             "-o", "StrictHostKeyChecking=no",
             "-o", "UserKnownHostsFile=/dev/null",
             # Slow enough to be met in the middle.
             "-l", str(SIZE // 32), *names],
            env=scp_clients.openssh.environment(), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def sizes(self):
        if not self.sends:
            return [self.back.stat().st_size]
        found = []
        for path in (self.flash / ".new").iterdir():
            try:
                found.append(path.stat().st_size)
            except FileNotFoundError:
                pass  # in its place by now
        return found

    def has_come_to(self, part):
        """Or it is over."""
        return self.client.poll() is not None \
            or any(size >= part * SIZE for size in self.sizes())

    def is_inside(self):
        return self.client.poll() is None \
            and any(0 < size < SIZE for size in self.sizes())

    def workers(self):
        return self.router.children("vtyd-worker: server")

    def kill(self, side):
        for pid in self.workers() if side == "worker" else [-self.client.pid]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it is over
        self.client.wait(60)

    def end(self):
        """No process, nothing unfinished."""
        wait_for(lambda: self.workers() == [], "the worker's end")
        wait_for(lambda: os.listdir(self.flash / ".new") == [], "a clean flash")
        return (self.flash / "file").read_bytes()


def begins(transfer, part, draw):
    """Come to that part of it. Below 0: somewhere before the data, by the
    number of processes that there are; above 1: behind its end."""
    if part < 0:
        if draw.random() < 0.5:
            wait_for(transfer.workers, "a worker")
    elif part > 1:
        transfer.client.wait(60)
    else:
        wait_for(lambda: transfer.has_come_to(part), "the data")


@pytest.mark.parametrize("protocol", ("-O", "-s"), ids=("scp", "sftp"))
@pytest.mark.parametrize("sends", (True, False), ids=("put", "get"))
@pytest.mark.parametrize("side", ("client", "worker"))
def test_kills_at_instants_leave_nothing(tmp_path, side, sends, protocol):
    if shutil.which("scp") is None:
        pytest.skip("openssh-client is not installed")
    draw = random.Random(f"{side} {sends} {protocol}")
    new, back = tmp_path / "new", tmp_path / "back"
    content = draw.randbytes(1 << 20) * (SIZE >> 20)
    new.write_bytes(content)
    inside = whole = 0
    with Router(tmp_path, config=SERVING, keys=("ed25519",)) as router:
        (router.state / "flash").mkdir(exist_ok=True)
        for _ in range(INSTANTS):
            transfer = Transfer(router, new, back, sends, protocol)
            begins(transfer, draw.uniform(-0.2, 1.2), draw)
            inside += transfer.is_inside()
            transfer.kill(side)
            left = transfer.end()
            assert left == content or (sends and left == OLD)
            whole += left == content
    print(f"\n{side}, {'put' if sends else 'get'} {protocol}: {INSTANTS} kills, "
          f"{inside} inside the transfer, {whole} whole files")
    assert inside >= INSIDE
