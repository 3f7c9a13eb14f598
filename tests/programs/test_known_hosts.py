"""Host keys of servers: what is configured, what is known, what is cleared."""
import base64
import hashlib
import re
import subprocess

import pytest
from router import CONFIG, Router, free_port
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


# --- the client ---------------------------------------------------------------


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """A router that can come back with other keys: far(*keys) is its port."""
    port, running = free_port(), []

    def serve(*keys):
        while running:
            running.pop().stop()
        running.append(Router(tmp_path_factory.mktemp("far") / "router",
                              config="hostname Far\n" + LAB_15, keys=keys,
                              listen=(f"127.0.0.1:{port}",)).start())
        return port

    yield serve
    while running:
        running.pop().stop()


@pytest.fixture
def user(router):
    for name in ("known_hosts", "known_hosts.old"):
        (router.state / name).unlink(missing_ok=True)
    with Session(router) as one:
        yield one


def known(router):
    return (router.state / "known_hosts").read_text()


def scanned(port, kind, *options):
    """Its line of known_hosts."""
    text = subprocess.run(["ssh-keyscan", "-T", "60", "-t", kind, "-p",
                           str(port), *options, "127.0.0.1"],
                          capture_output=True, text=True).stdout
    return "".join(line + "\n" for line in text.splitlines()
                   if not line.startswith("#"))


def log_in(user, port, *commands):
    """What the commands said there."""
    user.type(f"ssh -l lab -p {port} 127.0.0.1\n", r"Password: $")
    user.type("lab\n", r"Far#$")
    shown = "".join(user.type(line + "\n", r"Far#$") for line in commands)
    assert "closed by foreign host" in user.type("exit\n", r"\nRouter#$")
    return shown


def refused(user, port):
    return user.command(f"ssh -l lab -p {port} 127.0.0.1")


def test_a_key_is_remembered_and_another_refused(router, far, user):
    port = far("ed25519")
    log_in(user, port)
    first = known(router)
    assert first.startswith(f"[127.0.0.1]:{port} ssh-ed25519 AAAA")
    router.wait_log("%SSH-6-HOST_KEY_NEW: Host key of ")
    log_in(user, port)
    assert known(router) == first
    far("ec256")
    text = refused(user, port)
    assert re.fullmatch(
        r"\n%SSH: Server Host Key Check Failed\n"
        rf"Host key of \[127\.0\.0\.1\]:{port} has changed: "
        rf"known ssh-ed25519 {re.escape(fingerprint(first.split()[1:3]))}, "
        r"offered ecdsa-sha2-nistp256 SHA256:[\w+/]{43}\n"
        r"\[Connection to 127\.0\.0\.1 aborted: error status 0\]\n", text)
    router.wait_log("%SSH-4-HOST_KEY_CHECK: Host key of ")
    assert known(router) == first
    assert user.command("clear ip ssh known-hosts 127.0.0.1") == ""
    log_in(user, port)
    assert "ecdsa-sha2-nistp256" in known(router)


def test_the_known_one_of_several_keys_is_asked_for(router, far, user):
    port = far("ed25519", "rsa", "ec256")
    for kind in ("rsa", "ecdsa", "ed25519"):
        line = scanned(port, kind)
        router.write_state("known_hosts", line)
        log_in(user, port)
        assert known(router) == line


def test_strict_checking(router, far, user):
    port = far("ed25519")
    user.configure("ip ssh stricthostkeycheck")
    text = refused(user, port)
    assert (f"Host key of [127.0.0.1]:{port} is not known: "
            "ssh-ed25519 SHA256:") in text
    assert not (router.state / "known_hosts").exists()
    router.write_state("known_hosts", scanned(port, "ed25519", "-H"))
    log_in(user, port)
    user.configure("no ip ssh stricthostkeycheck")


def test_the_pubkey_chain_counts_more_than_the_file(router, far, user):
    port = far("ed25519", "rsa")
    log_in(user, port)
    text = scanned(port, "rsa").split()[2]
    md5 = hashlib.md5(base64.b64decode(text)).hexdigest().upper()
    user.configure("ip ssh pubkey-chain", "server 127.0.0.1",
                   "key-hash ssh-rsa " + "0" * 32)
    assert "is not that of pubkey-chain: offered" in refused(user, port)
    user.configure("ip ssh pubkey-chain", "server 127.0.0.1",
                   "key-hash ssh-rsa " + md5)
    # Its RSA key is asked for, though the file has the other one.
    log_in(user, port)
    user.configure("ip ssh pubkey-chain", "no server 127.0.0.1")


def test_a_file_that_cannot_be_used_refuses_all(router, far, user):
    port = far("ed25519")
    path = router.state / "known_hosts"
    path.mkdir()
    try:
        assert "known_hosts cannot be used: " in refused(user, port)
    finally:
        path.rmdir()


def test_the_clients_algorithms_are_those_of_its_settings(router, far, user):
    port = far("ed25519", "rsa")
    names = {"kex": "ecdh-sha2-nistp384", "hostkey": "rsa-sha2-256",
             "encryption": "aes192-ctr", "mac": "hmac-sha2-512"}
    user.configure(*(f"ip ssh client algorithm {kind} {name}"
                     for kind, name in names.items()))
    shown = log_in(user, port, "show ssh")
    assert "aes192-ctr" in shown and "hmac-sha2-512" in shown
    assert f"[127.0.0.1]:{port} ssh-rsa" in known(router)
    user.configure(*(f"no ip ssh client algorithm {kind}" for kind in names))
