"""paramiko 2.12: threads, its own idea of re-keying, repeated service requests."""
import time

import paramiko
import pytest

LEGACY = {"_preferred_kex": ("diffie-hellman-group1-sha1",),
          "_preferred_ciphers": ("3des-cbc",),
          "_preferred_macs": ("hmac-md5",)}


def transport(router, legacy=False, password="lab"):
    t = paramiko.Transport(("127.0.0.1", router.port))
    t.banner_timeout = t.auth_timeout = 60
    if legacy:
        for name, value in LEGACY.items():
            setattr(t, name, value)
    t.start_client(timeout=60)
    t.auth_password("lab", password)
    return t


def run(t, command):
    channel = t.open_session()
    channel.exec_command(command)
    out = channel.makefile("rb").read()
    return out, channel.recv_exit_status()


def read_until(channel, text, seconds=60):
    seen = b""
    end = time.monotonic() + seconds
    while text not in seen:
        assert time.monotonic() < end, seen
        seen += channel.recv(4096)
    return seen


@pytest.mark.parametrize("legacy", [False, True], ids=["default", "legacy"])
def test_exec(router, legacy):
    t = transport(router, legacy)
    try:
        if legacy:
            assert t.remote_cipher == "3des-cbc"
            assert t.remote_mac == "hmac-md5"
        out, status = run(t, "show ip ssh")
        assert b"SSH Enabled - version 2.0" in out and status == 0
        out, status = run(t, "show nonsense")
        assert status == 1
    finally:
        t.close()


@pytest.mark.parametrize("legacy", [False, True], ids=["default", "legacy"])
def test_shell(router, legacy):
    t = transport(router, legacy)
    try:
        channel = t.open_session()
        channel.get_pty()
        channel.invoke_shell()
        read_until(channel, b"Router>")
        channel.send("terminal length 0\n")
        read_until(channel, b"Router>")
        channel.send("exit\n")
        assert channel.recv_exit_status() == 0
    finally:
        t.close()


def test_wrong_password(router):
    with pytest.raises(paramiko.AuthenticationException):
        transport(router, password="wrong")


def test_keyboard_interactive(router):
    t = paramiko.Transport(("127.0.0.1", router.port))
    t.banner_timeout = t.auth_timeout = 60
    try:
        t.start_client(timeout=60)
        asked = []

        def answer(title, instructions, prompts):
            asked.append((title, instructions, prompts))
            return ["lab"] * len(prompts)

        t.auth_interactive("lab", answer)
        assert asked == [("", "", [("Password: ", False)])]
        assert t.is_authenticated()
    finally:
        t.close()


def test_rekey_asked_by_the_client_with_data_in_flight(router):
    """In a shell: a channel's end that crosses paramiko's own KEXINIT would
    make its only thread wait for itself."""
    t = transport(router)
    try:
        channel = t.open_session()
        channel.get_pty()
        channel.invoke_shell()
        read_until(channel, b"Router>")
        for _ in range(3):
            channel.send("show ip ssh\n")
            t.renegotiate_keys()
            assert b"SSH Enabled" in read_until(channel, b"Router>")
    finally:
        t.close()
