"""The router's `ssh` against servers as they were: short keys, ssh-dss, SHA-1,
groups of a server's own, and whole suites of an old router."""
import subprocess

import pytest

from client import ABORTED, CLOSED, Session, run
from servers import router_keys, sshd, system_user

# What an IOS of its time offers, and nothing else.
OLD_ROUTER = (
    "KexAlgorithms diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,"
    "diffie-hellman-group-exchange-sha1",
    "HostKeyAlgorithms ssh-rsa",
    "Ciphers aes128-cbc,3des-cbc,aes192-cbc,aes256-cbc",
    "MACs hmac-sha1,hmac-sha1-96,hmac-md5,hmac-md5-96")


@pytest.fixture(scope="module")
def user():
    with system_user() as one:
        yield one


def host_key(directory, kind, *options):
    path = directory / kind
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path),
                    *options], check=True)
    return path


def call(router, server, user, options=""):
    """A command there, with the router's key; what the user sees."""
    user.authorize(*router_keys(router))
    with Session(router) as session:
        out, status = run(session, f"ssh {options} -p {server.port} "
                                   f"-l {user.name} 127.0.0.1 id -un")
    return out.decode(), status


@pytest.mark.parametrize("options", ["", "-c 3des -m hmac-md5-96",
                                     "-c aes256-cbc -m hmac-sha1-96"])
def test_an_old_router(router, user, options):
    with sshd(*OLD_ROUTER) as server:
        out, status = call(router, server, user, options)
        assert (out, status) == (
            f"{user.name}\n" + CLOSED.format("127.0.0.1"), 0)


@pytest.fixture(scope="module")
def every(tmp_path_factory):
    """A server with all that OpenSSH still has."""
    keys = tmp_path_factory.mktemp("keys")
    lines = [f"HostKey {host_key(keys, *kind)}" for kind in (
        ("dsa",), ("ecdsa", "-b", "384"))]
    with sshd("KexAlgorithms +diffie-hellman-group1-sha1,"
              "diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1",
              "HostKeyAlgorithms +ssh-rsa,ssh-dss", "LogLevel DEBUG1",
              *lines) as server:
        yield server


@pytest.fixture(scope="module")
def named(router_of):
    """A router whose client is told what to offer."""
    return router_of("")


def offer(router, server, line):
    with Session(router, enable="cisco") as session:
        session.command(f"clear ip ssh known-hosts [127.0.0.1]:{server.port}")
        session.configure("default ip ssh client algorithm kex",
                          "default ip ssh client algorithm hostkey",
                          f"ip ssh client algorithm {line}")
    return len(server.log())


@pytest.mark.parametrize("kex", [
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group-exchange-sha256", "diffie-hellman-group1-sha1",
    "diffie-hellman-group14-sha1", "diffie-hellman-group14-sha256",
    "diffie-hellman-group16-sha512", "diffie-hellman-group18-sha512",
    "ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521",
    "curve25519-sha256", "curve25519-sha256@libssh.org"])
def test_each_key_exchange(named, every, user, kex):
    start = offer(named, every, f"kex {kex}")
    assert call(named, every, user)[1] == 0
    assert f"kex: algorithm: {kex} " in every.log()[start:]


@pytest.mark.parametrize("algorithm", [
    "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512", "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384", "ssh-ed25519", "ssh-dss"])
def test_each_host_key(named, every, user, algorithm):
    start = offer(named, every, f"hostkey {algorithm}")
    assert call(named, every, user)[1] == 0
    assert f"kex: host key algorithm: {algorithm} " in every.log()[start:]


def test_a_short_rsa_key_is_warned_of(router, user, tmp_path):
    path = host_key(tmp_path, "rsa", "-b", "1024")
    # The first of a kind is the one that sshd shows.
    with sshd(f"HostKey {path}", "HostKeyAlgorithms rsa-sha2-256") as server:
        out, status = call(router, server, user)
        assert (status, out.splitlines()[1:3]) == (0, [
            "% Warning: the RSA host key has 1024 bits, less than 2048",
            user.name])


def test_dsa_is_taken_only_where_it_is_named(router, user, tmp_path):
    path = host_key(tmp_path, "dsa")
    with sshd(f"HostKey {path}", "HostKeyAlgorithms ssh-dss") as server:
        out, status = call(router, server, user)
        assert out.endswith(ABORTED.format("127.0.0.1")) and status == 1
        router.wait_log("No matching hostkey algorithm found: .* server "
                        "ssh-dss$")
