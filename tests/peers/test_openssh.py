"""OpenSSH's client, with its own defaults and with every algorithm it shares."""
import subprocess

import pexpect
import pytest

import openssh
from router import wait_for

SHOW_IP_SSH = b"SSH Enabled - version 2.0\r\n"


def common(query, ours):
    """What both ends have, in our order."""
    theirs = subprocess.run(["ssh", "-Q", query], capture_output=True,
                            text=True, check=True).stdout.split()
    return [name for name in ours if name in theirs]


KEX = common("kex", """
    curve25519-sha256 curve25519-sha256@libssh.org ecdh-sha2-nistp256
    ecdh-sha2-nistp384 ecdh-sha2-nistp521 diffie-hellman-group16-sha512
    diffie-hellman-group18-sha512 diffie-hellman-group14-sha256
    diffie-hellman-group-exchange-sha256 diffie-hellman-group-exchange-sha1
    diffie-hellman-group14-sha1 diffie-hellman-group1-sha1""".split())
HOST_KEYS = common("HostKeyAlgorithms", """
    ssh-ed25519 ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
    rsa-sha2-512 rsa-sha2-256 ssh-rsa""".split())
CIPHERS = common("cipher", """
    chacha20-poly1305@openssh.com aes256-gcm@openssh.com aes128-gcm@openssh.com
    aes256-ctr aes192-ctr aes128-ctr aes256-cbc aes192-cbc aes128-cbc
    3des-cbc""".split())
MACS = common("mac", """
    hmac-sha2-256-etm@openssh.com hmac-sha2-512-etm@openssh.com hmac-sha2-256
    hmac-sha2-512 hmac-sha1 hmac-sha1-96 hmac-md5 hmac-md5-96""".split())


def shell(router, *options, rows=24, columns=80, password="lab"):
    """An interactive session on a pseudo-terminal, past the password."""
    args = openssh.arguments(router, *options)
    child = pexpect.spawn(args[0], args[1:], dimensions=(rows, columns),
                          env=openssh.environment(password), timeout=60,
                          encoding="utf-8")
    return child


def test_default_options_show_the_banner_and_give_a_prompt(router):
    child = shell(router)
    child.expect_exact("Authorized users only")
    child.expect_exact("Router>")
    child.sendline("enable")
    child.expect_exact("Password: ")
    child.sendline("cisco")
    child.expect_exact("Router#")
    child.sendline("exit")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


def test_exec_prints_and_exits_0(router):
    result = openssh.run(router, "show ip ssh")
    assert result.returncode == 0, result.stderr
    assert SHOW_IP_SSH in result.stdout
    assert b"Router" not in result.stdout


def test_exec_of_a_wrong_command_exits_1(router):
    result = openssh.run(router, "show nonsense")
    assert result.returncode == 1
    assert b"% Invalid input detected at '^' marker." in result.stdout


def test_exec_runs_several_lines_in_order(router):
    result = openssh.run(router, "show privilege\nshow ip ssh")
    assert result.returncode == 0
    first, second = (result.stdout.index(b"Current privilege level is 1"),
                     result.stdout.index(b"SSH Enabled"))
    assert first < second


def test_wrong_password_is_refused_three_times(router):
    result = openssh.run(router, "show ip ssh", password="wrong")
    assert result.returncode == 255
    assert b"SSH Enabled" not in result.stdout
    assert b"Permission denied" in result.stderr \
        or b"Too many authentication failures" in result.stderr \
        or b"Received disconnect" in result.stderr


def test_ipv6(router):
    result = openssh.run(router, "show ip ssh", address="::1")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("kex", KEX)
def test_every_common_key_exchange(router, kex):
    result = openssh.run(router, "show ip ssh", f"KexAlgorithms={kex}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("algorithm", HOST_KEYS)
def test_every_common_host_key(router, algorithm):
    result = openssh.run(router, "show ip ssh",
                         f"HostKeyAlgorithms={algorithm}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("cipher", CIPHERS)
def test_every_common_cipher(router, cipher):
    result = openssh.run(router, "show ip ssh", f"Ciphers={cipher}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("mac", MACS)
def test_every_common_mac(router, mac):
    result = openssh.run(router, "show ip ssh", "Ciphers=aes128-ctr",
                         f"MACs={mac}")
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("kind,bits", [("rsa", 2048), ("ecdsa", 256),
                                       ("ecdsa", 521), ("ed25519", None)])
def test_public_keys(router_of, tmp_path, kind, bits):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", key,
                    *(["-b", str(bits)] if bits else [])], check=True)
    body = key.with_suffix(".pub").read_text().split()[1]
    pieces = "\n".join("   " + body[i:i + 72]
                       for i in range(0, len(body), 72))
    router = router_of(f"ip ssh pubkey-chain\n  username lab\n   key-string\n"
                       f"{pieces}\n   exit\n  exit\n exit\n")
    accepted = openssh.run(router, "show ip ssh", "-i", str(key),
                           "PreferredAuthentications=publickey")
    assert accepted.returncode == 0, accepted.stderr

    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", other],
                   check=True)
    refused = openssh.run(router, "show ip ssh", "-i", str(other),
                          "PreferredAuthentications=publickey")
    assert refused.returncode == 255


def test_several_sessions_share_a_connection(router, tmp_path):
    control = f"ControlPath={tmp_path}/mux"
    master = subprocess.Popen(
        openssh.arguments(router, "-N", "-M", control),
        env=openssh.environment(), stdin=subprocess.DEVNULL,
        start_new_session=True)
    try:
        wait_for((tmp_path / "mux").exists, "the master's socket")
        children = [subprocess.Popen(
            openssh.arguments(router, control) + ["show ip ssh"],
            env=openssh.environment("no password is asked"),
            stdout=subprocess.PIPE, start_new_session=True)
            for _ in range(5)]
        for child in children:
            out, _ = child.communicate(timeout=60)
            assert child.returncode == 0
            assert SHOW_IP_SSH in out
    finally:
        master.terminate()
        master.wait(timeout=60)


def test_rekeying_through_20_megabytes_of_output(router_of):
    """RekeyLimit is 64 KiB: some three hundred exchanges in one transfer."""
    lists = "".join(f"access-list 10 permit 10.{n >> 8}.{n & 255}.1\n"
                    for n in range(4000))
    router = router_of("username lab privilege 15\n" + lists)
    once = openssh.run(router, "show running-config").stdout
    assert len(once) > 100_000
    times = 20_000_000 // len(once) + 1
    many = openssh.run(router, "\n".join(["show running-config"] * times),
                       "RekeyLimit=64K", timeout=240)
    assert many.returncode == 0, many.stderr[-500:]
    assert len(many.stdout) >= 20_000_000
    assert many.stdout.count(b"access-list 10 permit 10.15.159.1") == times


def test_window_change_is_followed_by_the_pager(router_of):
    lists = "".join(f"access-list 10 permit 10.0.{n}.1\n" for n in range(99))
    router = router_of("username lab privilege 15\n" + lists)
    child = shell(router, rows=24)
    child.expect_exact("Router#")
    child.setwinsize(50, 80)
    # The client tells the router when it comes to it.
    length = 0
    while length != 50:
        child.sendline("show terminal | include Length")
        child.expect(r"Length: (\d+) lines")
        length = int(child.match[1])
        child.expect_exact("Router#")
    child.sendline("show running-config")
    child.expect_exact(" --More-- ")
    assert child.before.count("\r\n") in (49, 50), child.before
    child.send("q")
    child.expect_exact("Router#")
    child.close()


def test_break_is_survived(router):
    child = shell(router)
    child.expect_exact("Router>")
    child.send("\r")
    child.expect_exact("Router>")
    child.send("~B")
    child.sendline("show privilege")
    child.expect_exact("Current privilege level is 1")
    child.close()


def test_a_shell_without_a_terminal_reads_its_input_to_the_end(router):
    result = openssh.run(router, None, "-T",
                         stdin=b"show privilege\nshow ip ssh\n")
    assert result.returncode == 0, result.stderr
    assert b"Current privilege level is 1\r\n" in result.stdout
    assert SHOW_IP_SSH in result.stdout
