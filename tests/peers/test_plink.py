"""PuTTY's command-line client."""
import os
import re
import subprocess

import pytest


@pytest.fixture
def plink(router, tmp_path):
    """Run plink with settings of its own; legacy ones by a saved session."""
    sessions = tmp_path / ".putty" / "sessions"
    sessions.mkdir(parents=True)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    def host_keys():
        """plink wants the keys named beforehand; ssh-keyscan knows them."""
        scan = subprocess.run(
            ["ssh-keyscan", "-T", "60", "-p", str(router.port), "127.0.0.1"],
            capture_output=True, text=True, check=True).stdout
        keys = tmp_path / "scan"
        keys.write_text(scan)
        listing = subprocess.run(["ssh-keygen", "-lf", keys],
                                 capture_output=True, text=True, check=True)
        return re.findall(r"(SHA256:\S+)", listing.stdout)

    def run(*command, stdin=b"", settings=None):
        args = ["plink", "-ssh", "-batch", "-pw", "lab", "-l", "lab",
                "-P", str(router.port)]
        for key in host_keys():
            args += ["-hostkey", key]
        if settings:
            (sessions / "legacy").write_text(
                "\n".join(f"{k}={v}" for k, v in settings.items()) + "\n")
            args += ["-load", "legacy"]
        return subprocess.run([*args, "127.0.0.1", *command], env=env,
                              input=stdin, capture_output=True, timeout=60)
    return run


LEGACY = {"Protocol": "ssh", "Cipher": "3des,WARN", "KEX": "dh-group1-sha1,WARN",
          "HostKey": "rsa,WARN"}


def test_exec(plink):
    result = plink("show ip ssh")
    assert result.returncode == 0, result.stderr
    assert b"SSH Enabled - version 2.0" in result.stdout


def test_exec_with_legacy_algorithms(plink):
    result = plink("show ip ssh", settings=LEGACY)
    assert result.returncode == 0, result.stderr
    assert b"SSH Enabled - version 2.0" in result.stdout


def test_shell_reads_commands_from_its_input(plink):
    result = plink("-T", stdin=b"show privilege\r\nexit\r\n")
    assert result.returncode == 0, result.stderr
    assert b"Current privilege level is 1" in result.stdout


def test_shell_with_a_terminal(plink):
    result = plink("-t", stdin=b"show privilege\rexit\r")
    assert result.returncode == 0, result.stderr
    assert b"Router>" in result.stdout
    assert b"Current privilege level is 1" in result.stdout
