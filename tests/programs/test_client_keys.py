"""The router logs in elsewhere with key pairs of its own, by the signer.

The other host is the router itself, which is all the same to both of them.
"""
import base64
import hashlib
import subprocess

import pytest

from router import CONFIG, Router
from session import Session

PAIRS = {"rsa": ("rsa", "ssh-rsa"), "ec": ("ec256", "ecdsa-sha2-nistp256"),
         "ed25519": ("ed25519", "ssh-ed25519")}
NO_WAY_IN = "[Connection to 127.0.0.1 closed by foreign host]"


@pytest.fixture(scope="module")
def router(tmp_path_factory):
    config = CONFIG.replace("banner login", "username keyed privilege 7\n"
                            "banner login", 1)
    keys = tuple(key for key, _ in PAIRS.values())
    with Router(tmp_path_factory.mktemp("router"), config, keys=keys) as running:
        yield running


def key_hash(router, algorithm):
    """Of the host key of that type: the same pair logs in elsewhere."""
    shown = subprocess.run(
        ["ssh-keyscan", "-T", "60", "-p", str(router.port), "-t",
         algorithm.removeprefix("ssh-").split("-")[0], "127.0.0.1"],
        capture_output=True, text=True, check=True).stdout
    blob = next(line.split()[2] for line in shown.splitlines()
                if not line.startswith("#"))
    return hashlib.md5(base64.b64decode(blob)).hexdigest().upper()


def trust(user, line):
    user.command("configure terminal")
    user.command("ip ssh pubkey-chain")
    user.command("no username keyed")
    if line is not None:
        user.command("username keyed")
        user.command(line)
    user.command("end")


@pytest.mark.parametrize("kind", PAIRS)
def test_each_pair_logs_in_without_a_question(router, kind):
    algorithm = PAIRS[kind][1]
    with Session(router, enable="cisco") as user:
        trust(user, f"key-hash {algorithm} {key_hash(router, algorithm)}")
        answer = user.command(
            f'ssh -l keyed -p {router.port} 127.0.0.1 "show privilege"')
        assert "Current privilege level is 7\n" in answer
        assert "Password" not in answer


def test_a_pair_that_is_not_known_there_leaves_the_password(router):
    with Session(router, enable="cisco") as user:
        trust(user, f"key-hash ssh-rsa {32 * '0'}")
        user.type(f'ssh -l keyed -p {router.port} 127.0.0.1\n', "Password: $")
        user.type("\x03", r"#$")
        assert user.command("show clock")


def test_a_session_ends_in_the_middle(router):
    """A signature that is asked for and not waited for harms nobody."""
    with Session(router, enable="cisco") as user:
        trust(user, f"key-hash ssh-rsa {key_hash(router, 'ssh-rsa')}")
    for _ in range(5):
        user = Session(router)
        user.channel.send(f"ssh -l keyed -p {router.port} 127.0.0.1\n")
        user.client.close()
    with Session(router) as user:
        assert "level is 7" in user.command(
            f'ssh -l keyed -p {router.port} 127.0.0.1 "show privilege"')
