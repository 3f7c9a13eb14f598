"""dropbear's client: it guesses the key exchange and pings by channel request."""
import os
import subprocess


def dbclient(router, *command, options=(), stdin=b"", password="lab"):
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent",
           "DROPBEAR_PASSWORD": password}
    return subprocess.run(
        ["dbclient", "-y", "-y", "-p", str(router.port), *options,
         "lab@127.0.0.1", *command],
        env=env, input=stdin, capture_output=True, timeout=60)


def test_exec(router):
    result = dbclient(router, "show ip ssh")
    assert result.returncode == 0, result.stderr
    assert b"SSH Enabled - version 2.0" in result.stdout


def test_exec_with_the_oldest_algorithms_it_has(router):
    result = dbclient(router, "show ip ssh",
                      options=["-c", "aes128-ctr", "-m", "hmac-sha1"])
    assert result.returncode == 0, result.stderr
    assert b"SSH Enabled - version 2.0" in result.stdout


def test_shell_reads_commands_from_its_input(router):
    result = dbclient(router, options=["-T"],
                      stdin=b"show privilege\nexit\n")
    assert result.returncode == 0, result.stderr
    assert b"Current privilege level is 1" in result.stdout


def test_keepalives_by_channel_request(router):
    result = dbclient(router, "show ip ssh", options=["-K", "1"])
    assert result.returncode == 0, result.stderr


def test_wrong_password_is_refused(router):
    result = dbclient(router, "show ip ssh", password="wrong")
    assert b"SSH Enabled" not in result.stdout
