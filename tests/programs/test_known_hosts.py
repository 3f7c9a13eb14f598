"""Host keys of servers: what is configured, what is known, what is cleared."""
import base64
import hashlib
import subprocess

import pytest
from router import CONFIG, Router
from session import Session

LAB_15 = CONFIG.replace("username lab", "username lab privilege 15")


def made_key(directory, name, *options):
    """Type and base64 of a new key."""
    path = directory / name
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-f", str(path), *options],
                   check=True)
    return path.with_suffix(".pub").read_text().split()[:2]


def fingerprint(key):
    digest = hashlib.sha256(base64.b64decode(key[1])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    directory = tmp_path_factory.mktemp("keys")
    return [made_key(directory, "one", "-t", "ed25519"),
            made_key(directory, "two", "-t", "ecdsa")]


@pytest.fixture(scope="module")
def router():
    with Router(config=LAB_15, keys=("ed25519",)) as one:
        yield one


def show(router):
    with Session(router) as user:
        return user.command("show ip ssh known-hosts")


def test_nothing_is_known_at_first(router):
    assert show(router) == (
        "Configured Entries:\nLearned Entries:\n")


def test_keys_are_shown_and_cleared(router, keys):
    one, two = keys
    router.write_state("known_hosts", "".join([
        f"10.0.0.2 {one[0]} {one[1]} a comment\n",
        f"[r3.example.com]:2222,r3 {two[0]} {two[1]}\n",
        "# a comment\n", "10.0.0.9 ssh-rsa damaged\n",
        f"@revoked * {two[0]} {two[1]}\n",
        f"\x1b[2J\u009b ssh-ed25519 {one[1]}\n"]))
    assert show(router) == f"""\
Configured Entries:
Learned Entries:
 10.0.0.2 ssh-ed25519 {fingerprint(one)}
 [r3.example.com]:2222,r3 {two[0]} {fingerprint(two)}
 @revoked * {two[0]} {fingerprint(two)}
 \\x1b[2J\\xc2\\x9b ssh-ed25519 {fingerprint(one)}
"""
    with Session(router) as user:
        assert user.command("clear ip ssh known-hosts 10.0.0.2") == ""
        assert (user.command("clear ip ssh known-hosts 10.0.0.2")
                == "% No host key of 10.0.0.2 is known\n")
        assert user.command("clear ip ssh known-hosts [R3.example.com]:2222"
                            ) == ""
        shown = user.command("show ip ssh known-hosts")
    assert "10.0.0.2" not in shown and "r3" not in shown
    left = (router.state / "known_hosts").read_text()
    assert "# a comment\n10.0.0.9 ssh-rsa damaged\n@revoked *" in left


def test_a_file_that_cannot_be_read_is_told(router):
    path = router.state / "known_hosts"
    path.unlink(missing_ok=True)
    path.mkdir()
    try:
        shown = show(router)
        assert "% known_hosts cannot be used: " in shown
    finally:
        path.rmdir()


def test_a_server_of_the_pubkey_chain(router, keys):
    algorithm, text = keys[0]
    md5 = hashlib.md5(base64.b64decode(text)).hexdigest().upper()
    with Session(router) as user:
        user.command("configure terminal")
        user.command("ip ssh pubkey-chain")
        assert user.command("server R2.example.com") == ""
        user.type("key-string\r", r"\(conf-ssh-pubkey-data\)#$")
        user.type(f"{algorithm} {text} of R2\r",
                  r"\(conf-ssh-pubkey-data\)#$")
        user.type("exit\r", r"\(conf-ssh-pubkey-server\)#$")
        user.command("end")
        shown = user.command("show running-config")
        assert f"""\
ip ssh pubkey-chain
  server R2.example.com
   key-hash ssh-ed25519 {md5} of R2
  quit
""" in shown
        assert (f" R2.example.com ssh-ed25519 MD5:{md5}\n"
                in user.command("show ip ssh known-hosts"))
        user.command("configure terminal")
        user.command("ip ssh pubkey-chain")
        user.command("no server R2.example.com")
        user.command("end")
        assert "R2" not in user.command("show running-config")
