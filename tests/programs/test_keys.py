"""Key pairs: made by a child of the signer, stored at once, the same after any
restart; sessions outlive the pair they began with."""
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from console import attach, wait_socket
from router import CONFIG, ROOT, Router, VTYD, wait_for

sys.path.insert(0, str(ROOT / "tests" / "peers"))
import openssh  # noqa: E402


@pytest.fixture
def fresh(tmp_path):
    """No key, no enable secret."""
    with Router(tmp_path, config=None) as router:
        yield wait_socket(router)


def configure(router, *lines):
    return attach(router, "configure terminal", *lines, "end").stdout


def port(router):
    """The port that is listened on now, by the log's last word."""
    return re.findall(r"Listening on \S+:(\d+)$", router.log(), re.M)[-1]


def host_keys(router):
    """Type and key of each host key, as ssh-keyscan sees them."""
    wait_for(lambda: "Listening on" in router.log(), "the listener")
    seen = subprocess.run(["ssh-keyscan", "-T", "60", "-p", port(router), "127.0.0.1"],
                          capture_output=True, text=True, timeout=60).stdout
    return {tuple(line.split()[1:]) for line in seen.splitlines()
            if not line.startswith("#")}


def names(router):
    return sorted(path.name for path in (router.state / "keys").iterdir())


@pytest.mark.parametrize("command,file", [
    ("crypto key generate ed25519 label k", "k.ed25519"),
    ("crypto key generate ec keysize 256 label k", "k.ec-256"),
    ("crypto key generate ec keysize 384 label k", "k.ec-384"),
    ("crypto key generate ec keysize 521 label k", "k.ec-521"),
    ("crypto key generate rsa label k modulus 1024", "k.rsa"),
])
def test_one_pair_of_any_kind_enables_ssh(fresh, command, file):
    configure(fresh, command)
    fresh.wait_log("%SSH-5-ENABLED: SSH [0-9.]+ has been enabled$")
    assert names(fresh) == [file]
    assert (fresh.state / "keys" / file).stat().st_mode & 0o7777 == 0o600
    assert "SSH Enabled - version " in attach(fresh, "show ip ssh").stdout


def test_the_host_keys_are_the_same_after_a_restart(fresh):
    configure(fresh, "crypto key generate ed25519 label k",
              "crypto key generate rsa label k modulus 2048")
    before = host_keys(fresh)
    assert len(before) == 2
    # Nothing was saved with write memory: a pair is stored at once.
    fresh.restart()
    assert host_keys(fresh) == before


def test_the_first_of_two_pairs_stays_the_first(fresh):
    """Both are made within one second; a name would order them otherwise."""
    configure(fresh, "crypto key generate rsa label zz modulus 1024",
              "crypto key generate rsa label aa modulus 1024",
              "ip ssh server algorithm hostkey rsa-sha2-512", "end",
              "write memory")
    before = host_keys(fresh)
    assert len(before) == 1
    fresh.restart()
    assert host_keys(fresh) == before
    shown = attach(fresh, "show crypto key mypubkey rsa").stdout
    assert re.findall(r"Key name: (\S+)", shown) == ["zz", "aa"]


def test_zeroize_removes_files_and_closes_the_listener(fresh):
    configure(fresh, "crypto key generate ed25519 label a",
              "crypto key generate ed25519 label b",
              "crypto key generate rsa label a modulus 1024")
    assert names(fresh) == ["a.ed25519", "a.rsa", "b.ed25519"]
    configure(fresh, "crypto key zeroize ed25519 a", "yes")
    assert names(fresh) == ["a.rsa", "b.ed25519"]
    configure(fresh, "crypto key zeroize ed25519", "yes")
    assert names(fresh) == ["a.rsa"]
    assert "DISABLED" not in fresh.log()
    configure(fresh, "crypto key zeroize rsa", "yes")
    assert names(fresh) == []
    fresh.wait_log("%SSH-5-DISABLED: SSH [0-9.]+ has been disabled$")
    fresh.restart()
    wait_socket(fresh)
    assert "ENABLED" not in fresh.log()


def ssh_session(router, *options):
    return subprocess.Popen(
        openssh.arguments(router, "-tt", *options), env=openssh.environment(),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, bufsize=0, start_new_session=True)


def read_until(process, pattern, seconds=30):
    seen, end = b"", time.monotonic() + seconds
    while not re.search(pattern, seen):
        assert time.monotonic() < end, seen
        part = process.stdout.read(65536)
        assert part, seen
        seen += part
    return seen


def test_a_session_outlives_its_host_key_and_re_keys(tmp_path):
    """What is forced here comes to every session after an hour."""
    lines = "".join(f"access-list 1 permit host 10.0.{i >> 8}.{i & 255}\n"
                    for i in range(1500))
    with Router(tmp_path, config=CONFIG + lines,
                keys=("ed25519",)) as router:
        process = ssh_session(router, "RekeyLimit=16K", "-v")
        read_until(process, b"Router>")
        process.stdin.write(b"terminal length 0\renable\rcisco\r")
        read_until(process, b"Router#")
        configure(router, "crypto key zeroize ed25519", "yes")
        router.wait_log("SSH-5-DISABLED")
        for _ in range(3):
            process.stdin.write(b"show running-config\r")
            seen = read_until(process, rb"\nend\r\n")
            assert seen.count(b"access-list 1 permit") == 1500
            # Each of them was more than one key's share.
            process.stdin.write(b"show privilege\r")
            if b"SSH2_MSG_NEWKEYS received" not in seen:
                read_until(process, rb"SSH2_MSG_NEWKEYS received")
        process.stdin.write(b"exit\r")
        process.stdout.read()
        assert process.wait(60) == 0
        process.stdin.close()
        process.stdout.close()


def test_a_signer_that_died_gets_every_key_again(tmp_path):
    with Router(tmp_path, keys=("ed25519", "rsa")) as router:
        before = host_keys(router)
        process = ssh_session(router, "-v")
        read_until(process, b"Router>")
        signer, = router.children("vtyd-signer")
        os.kill(signer, signal.SIGKILL)
        wait_for(lambda: router.children("vtyd-signer") not in ([], [signer]),
                 "another signer")
        wait_for(lambda: host_keys(router) == before, "the same keys")
        # The numbers by which sessions know the keys are the old ones.
        process.stdin.write(b"\r~R")
        read_until(process, rb"SSH2_MSG_NEWKEYS received")
        process.stdin.write(b"show privilege\r")
        read_until(process, rb"privilege level is 1")
        process.stdin.write(b"exit\r")
        process.wait(60)
        process.stdin.close()
        process.stdout.close()
        assert "DISABLED" not in router.log()


def test_a_key_maker_that_is_killed_is_a_failure_told(fresh):
    process = subprocess.Popen(
        [str(VTYD), "attach", "--state", str(fresh.state)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdin.write("configure terminal\n"
                        "crypto key generate rsa label slow modulus 4096\n")
    process.stdin.flush()
    maker, = wait_for(lambda: fresh.children("key maker"), "the maker")
    os.kill(maker, signal.SIGKILL)
    process.stdin.write("end\nshow privilege\n")
    process.stdin.close()
    seen = process.stdout.read()
    assert process.wait(60) == 0
    process.stdout.close()
    assert "[OK]" not in seen
    assert "privilege level is 15" in seen
    assert names(fresh) == []
    fresh.wait_log(r"Key file keys/slow\.rsa was not made: signal 9")
    configure(fresh, "crypto key generate rsa label slow modulus 1024")
    assert names(fresh) == ["slow.rsa"]


def test_a_key_file_is_pem_that_others_read_too(fresh):
    configure(fresh, "crypto key generate rsa label k modulus 2048")
    path = fresh.state / "keys" / "k.rsa"
    shown = subprocess.run(
        ["openssl", "pkey", "-in", str(path), "-pubout", "-outform", "DER"],
        capture_output=True, check=True, timeout=60).stdout
    text = attach(fresh, "show crypto key mypubkey rsa").stdout
    hexadecimal = "".join(re.findall(r"^  ([0-9A-F ]+)$", text, re.M))
    assert bytes.fromhex(hexadecimal) == shown


def test_a_pair_that_no_host_key_algorithm_goes_with_is_not_used(fresh):
    configure(fresh, "ip ssh server algorithm hostkey ssh-ed25519",
              "crypto key generate ec keysize 256 label k")
    fresh.wait_log("%SSH-4-UNUSED_KEY: Key pair k is not used: ")
    assert "SSH Disabled" in attach(fresh, "show ip ssh").stdout
    configure(fresh, "ip ssh server algorithm hostkey ecdsa-sha2-nistp256")
    fresh.wait_log("%SSH-5-ENABLED: SSH [0-9.]+ has been enabled$")
    assert [kind for kind, _ in host_keys(fresh)] == ["ecdsa-sha2-nistp256"]
