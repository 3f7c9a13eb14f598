"""Files that no 32 bits count, from and to another host, and back."""
import hashlib
import shutil

import pytest
from router import CONFIG, Router
from session import Session
from sshd import PASSWORD, USER, Sshd, can_have_namespace

SIZE = (5 << 30) + 12345
PIECE = 1 << 20
RATE = rf"\n{SIZE} bytes copied in \d+\.\d{{3}} secs[^#]*#$"
HOUR = 3600


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make(path):
    """Mostly a hole, so that it costs no room, but no two pieces are equal."""
    with open(path, "wb") as file:
        for number in range(0, SIZE, PIECE):
            file.seek(number)
            file.write(number.to_bytes(8, "big"))
        file.truncate(SIZE)


@pytest.mark.parametrize("scheme", ["scp", "sftp"])
def test_five_gibibytes_are_copied_there_and_back(tmp_path, scheme):
    if not can_have_namespace():
        pytest.skip("a server with a password needs a mount namespace")
    if shutil.disk_usage(tmp_path).free < 3 * SIZE:
        pytest.skip("the disk has no room for it")
    with Router(tmp_path / "r1", CONFIG + "hostname R1\nfile prompt quiet\n",
                keys=("ed25519",)) as router, \
            Sshd(tmp_path / "peer", "UsePAM yes\nPasswordAuthentication yes\n"
                 "Subsystem sftp internal-sftp\n") as server, \
            Session(router, enable="cisco") as user:
        user.channel.settimeout(HOUR)
        flash = router.state / "flash"
        url = f"{scheme}://{USER}:{PASSWORD}@127.0.0.1:{server.port}/big"
        make(flash / "big")
        before = digest(flash / "big")
        user.type(f"copy flash:big {url}\n", RATE, seconds=HOUR)
        (flash / "big").unlink()
        user.type(f"copy {url} flash:back\n", RATE, seconds=HOUR)
        assert digest(flash / "back") == before
