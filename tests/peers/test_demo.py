"""scripts/demo, as the README tells to use it: no option on either side."""
import contextlib
import pathlib
import subprocess
import tempfile
import types

import pexpect
import pytest

import openssh
from router import ROOT, free_port, wait_for


@pytest.fixture
def state():
    """Outside the tree; the demonstration keeps its state where it is told."""
    with tempfile.TemporaryDirectory() as directory:
        yield pathlib.Path(directory) / "demo"


@contextlib.contextmanager
def demo(state, log):
    """The demonstration, without a terminal; its address."""
    port = free_port()
    with open(log, "w") as out:
        process = subprocess.Popen(
            [str(ROOT / "scripts" / "demo"), str(state), str(port)],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            start_new_session=True)
    try:
        def listening():
            assert process.poll() is None, log.read_text()
            return f"Listening on 127.0.0.1:{port}" in log.read_text()
        wait_for(listening, "the demonstration", 300)
        yield types.SimpleNamespace(port=port)
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0, log.read_text()


def host_keys(router):
    scan = subprocess.run(["ssh-keyscan", "-T", "60", "-p",
                           str(router.port), "127.0.0.1"],
                          capture_output=True, text=True)
    return sorted(line.split()[2] for line in scan.stdout.splitlines())


def shell(router):
    args = openssh.arguments(router)
    return pexpect.spawn(args[0], args[1:], timeout=60, encoding="utf-8",
                         env=openssh.environment())


def test_the_walk_of_the_readme(state, tmp_path):
    with demo(state, tmp_path / "first") as router:
        child = shell(router)
        child.expect_exact("nothing on it is secret")
        for prompt, typed in (
                ("Router>", "enable"), ("Password: ", "cisco"),
                ("Router#", "configure terminal"),
                ("Router(config)#", "hostname R1"), ("R1(config)#", "end"),
                ("R1#", "show ip ssh")):
            child.expect_exact(prompt)
            child.sendline(typed)
        child.expect_exact("SSH Enabled - version 2.0\r\n")
        child.expect_exact("R1#")
        child.sendline("show ssh")
        child.expect("0 +2.0 +IN .*Session started +lab")
        child.expect_exact("R1#")
        child.sendline("write memory")
        child.expect_exact("Building configuration...\r\n[OK]\r\n")
        child.sendline("exit")
        child.expect(pexpect.EOF)
        child.wait()
        assert child.exitstatus == 0
        before = host_keys(router)

    with demo(state, tmp_path / "second") as router:
        assert host_keys(router) == before and before
        result = openssh.run(router, "show ip ssh")
        assert result.returncode == 0, result.stderr
        assert b"SSH Enabled - version 2.0" in result.stdout
        child = shell(router)
        child.expect_exact("R1>")
        child.close()
