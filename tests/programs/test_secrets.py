"""What lies in the memory of a live router: no host key, and no password that
somebody typed, where neither belongs."""
import os
import re

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding, NoEncryption, PrivateFormat, load_pem_private_key)

from router import CONFIG, KEYS, Router, is_sanitized, wait_for
from wire import Wire

PASSWORD = "Xyzzy-marker-5417"  # typed; only its hash is configured
HASH = "$1$mERr$"


def memory_of(pid):
    """All readable and writable memory of a process."""
    pieces = []
    with open(f"/proc/{pid}/maps") as maps, \
            open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            place, mode = line.split()[:2]
            if "rw" not in mode or "[v" in line:
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            try:
                memory.seek(start)
                pieces.append(memory.read(end - start))
            except (OSError, OverflowError):
                pass
    return b"\0".join(pieces)


def key_secrets(directory):
    """What is secret in each key file, as it may lie in memory."""
    found = {}
    for path in directory.iterdir():
        text = path.read_bytes()
        pem = re.search(rb"-----BEGIN.*-----END[^\n]*\n", text, re.S).group()
        key = load_pem_private_key(pem, None)
        body = b"".join(pem.split(b"\n")[1:-2])
        secrets = [body[60:100]]
        if hasattr(key, "private_bytes_raw") or "Ed25519" in repr(type(key)):
            secrets.append(key.private_bytes(Encoding.Raw, PrivateFormat.Raw,
                                             NoEncryption()))
        else:
            numbers = key.private_numbers()
            number = getattr(numbers, "p", None) or numbers.private_value
            size = (number.bit_length() + 7) // 8
            secrets += [number.to_bytes(size, "big"),
                        number.to_bytes(size, "little")]
        found[path.name] = secrets
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look")
@pytest.mark.skipif(is_sanitized(), reason="a sanitizer keeps freed memory")
def test_live_processes_hold_neither_host_key_nor_typed_password():
    import crypt
    config = CONFIG + f"username mark secret 5 {crypt.crypt(PASSWORD, HASH)}\n"
    config += "logging host 127.0.0.1 transport udp port 9\n"
    with Router(config=config, keys=KEYS) as router:
        secrets = key_secrets(router.state / "keys")
        wires = []
        for _ in range(10):
            wire = Wire(router.port).login("mark", PASSWORD)
            wire.exec("show privilege")
            wires.append(wire)
        processes = {role: router.children(role) for role in (
            "vtyd-worker: server", "vtyd-nursery", "vtyd-aaa", "vtyd-signer",
            "vtyd-notify")}
        assert len(processes["vtyd-worker: server"]) == 10
        processes["control"] = [router.pid]
        for role, pids in processes.items():
            for pid in pids:
                # Who has answered wipes behind it.
                wait_for(lambda: PASSWORD.encode() not in memory_of(pid),
                         f"{role} without the password")
                memory = memory_of(pid)
                for name, forms in secrets.items():
                    for form in forms:
                        assert role == "vtyd-signer" or form not in memory, \
                            f"{name} in {role}"
        # The search does find what is there: the signer's own key.
        assert any(form in memory_of(processes["vtyd-signer"][0])
                   for forms in secrets.values() for form in forms)
        for wire in wires:
            wire.close()
