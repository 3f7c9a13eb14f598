"""copy from and to another host, ended from any side at any instant."""
import contextlib
import os
import random
import time

import pytest
from far_host import FarHost, program
from router import CONFIG, Router, wait_for
from session import Session

KILLS = 200 if "VTYD_SOAK" in os.environ else 12
SIZE = 4 << 20
QUESTION = r"(\]\? |\n[\w.-]+[>#])$"
WHO = ("worker", "far host", "session", "interrupt")
SFTP = "/usr/lib/openssh/sftp-server"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def plain():
    with Router(config=CONFIG + "hostname R1\nfile prompt quiet\n",
                keys=("ed25519",)) as one:
        yield one


@pytest.fixture
def there(tmp_path):
    (tmp_path / "far").write_bytes(os.urandom(SIZE))
    return tmp_path


class Copy:
    """One copy, `get` or `put`, by one of the protocols."""

    def __init__(self, router, there, get, scheme):
        self.router, self.there, self.get = router, there, get
        self.flash = router.state / "flash"
        self.far = FarHost(command=program(directory=there),
                           subsystem=program(SFTP, directory=there))
        self.scheme = scheme

    def __enter__(self):
        self.far.__enter__()
        self.session = Session(self.router, enable="cisco")
        url = f"{self.scheme}://lab:lab@127.0.0.1:{self.far.port}"
        line = (f"copy {url}/far flash:here" if self.get
                else f"copy flash:near {url}/there")
        self.session.channel.send(line + "\n")
        self.session.until(r"\n!")
        return self

    def __exit__(self, *unused):
        self.session.client.close()
        self.far.__exit__()

    def is_under_way(self):
        return bool(self.router.children("client"))

    def end(self, who):
        if who == "worker":
            for pid in self.router.children("client"):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
        elif who == "far host":
            self.far.drop()
        elif who == "session":
            self.session.client.close()
        else:
            self.session.channel.send("\x03")

    def check(self, who):
        """It is over, whole or without a trace."""
        if who not in ("session", "nobody"):
            self.session.until(r"\nR1#$")
        wait_for(lambda: not self.is_under_way(), "the end of the worker")
        wait_for(lambda: not list((self.flash / ".new").iterdir()),
                 "the end of unfinished files")
        here = self.flash / "here"
        if here.exists():
            assert here.read_bytes() == (self.there / "far").read_bytes()
            here.unlink()


def test_an_end_at_any_instant_leaves_nothing_behind(plain, there):
    """At instants drawn over the time that a whole copy takes."""
    (plain.state / "flash" / "near").write_bytes(os.urandom(SIZE))
    draw = random.Random(4)
    lasts, inside = {}, 0
    for n in range(KILLS):
        kind = (n % 2 == 0, ("scp", "sftp")[n // 2 % 2])
        if kind not in lasts:
            with Copy(plain, there, *kind) as whole:
                begun = time.monotonic()
                whole.session.until(rf"\n{SIZE} bytes copied[^#]*#$")
                lasts[kind] = time.monotonic() - begun
                whole.check("nobody")
        who = WHO[n // 4 % len(WHO)]
        with Copy(plain, there, *kind) as copy:
            time.sleep(draw.uniform(0, lasts[kind]))
            if copy.is_under_way():
                inside += 1
            else:  # quicker than the first one was
                lasts[kind] *= 0.7
            copy.end(who)
            copy.check(who)
    print(f"{inside} of {KILLS} inside the transfer")
    assert inside >= KILLS // 4
