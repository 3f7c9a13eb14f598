"""Files of up to 5 GiB there and back, with every client."""
import hashlib
import shutil

import pytest
import sftp_clients
import test_scp_peers
from router import Router
from test_scp_peers import good, headers_of_libssh

SERVING = test_scp_peers.SERVING + "ip sftp server enable\n"
CLIENTS = {**test_scp_peers.CLIENTS, **sftp_clients.CLIENTS}

SIZES = (0, 1, 32768, 1 << 20, 1 << 30, (4 << 30) + 1, 5 << 30)
ROOM = 3 * max(SIZES) + (1 << 30)


def write(path, size):
    """No two MiB of it are alike; its digest."""
    digest = hashlib.sha256()
    block = hashlib.shake_128(b"block").digest(1 << 20)
    with open(path, "wb") as file:
        for number in range(-(-size // len(block))):
            part = number.to_bytes(8, "big") + block[8:]
            part = part[:size - number * len(block)]
            digest.update(part)
            file.write(part)
    return digest.digest()


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").digest()


@pytest.mark.parametrize("name", CLIENTS)
def test_sizes_there_and_back(tmp_path, name):
    client = CLIENTS[name]
    if shutil.which(client.tool) is None or \
            (name == "libssh" and not headers_of_libssh()):
        pytest.skip("it is not installed")
    if shutil.disk_usage(tmp_path).free < ROOM:
        pytest.skip(f"less than {ROOM >> 30} GiB are free")
    with Router(tmp_path, config=SERVING, keys=("ed25519",)) as router:
        for size in SIZES:
            mine, back = tmp_path / "mine", tmp_path / "back"
            digest = write(mine, size)
            good(client.put(router, mine, "flash:file"))
            mine.unlink()
            good(client.get(router, "flash:file", back))
            assert back.stat().st_size == size
            assert digest_of(back) == digest
            back.unlink()
            print(f"{name}: {size} bytes there and back")
