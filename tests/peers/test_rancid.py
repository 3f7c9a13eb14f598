"""RANCID as Debian has it, unchanged: clogin, and a whole collection."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from router import CONFIG, Router

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not shutil.which("clogin") or
                       not shutil.which("rancid"), reason="no rancid")]

# Its words: a method with a port, the two secrets, and an ssh that asks
# nobody about the key of a router that was made a moment ago.
LOGINS = """\
add user * {{lab}}
add password * {{lab}} {{{enable}}}
add method * {{ssh:{port}}}
add sshcmd * {{{{ssh -oStrictHostKeyChecking=no \
-oUserKnownHostsFile=/dev/null -oLogLevel=ERROR}}}}
"""
EXTRA = """\
hostname Border
service show-version ios
access-list 7 permit 192.0.2.1
"""


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG + EXTRA, keys=("ed25519", "rsa")) as one:
        yield one


@pytest.fixture
def run(router, tmp_path):
    """Run one of its programs in a home of its own."""
    def start(*command, enable="cisco", seconds=120):
        logins = tmp_path / ".cloginrc"
        logins.write_text(LOGINS.format(enable=enable, port=router.port))
        logins.chmod(0o600)
        return subprocess.run(
            command, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="replace", timeout=seconds)
    return start


def test_clogin_runs_a_list_of_commands(run):
    ran = run("clogin", "-c", "show privilege;show ip ssh;show nothing",
              "127.0.0.1")
    assert ran.returncode == 0, ran.stdout
    # Each answer is known by the prompt and the command on one line.
    assert "\nBorder#show privilege\n" \
        "Current privilege level is 15\n" \
        "Border#show ip ssh\n" \
        "SSH Enabled - version 2.0\n" in ran.stdout
    assert "% Invalid input detected at '^' marker.\n\nBorder#exit" \
        in ran.stdout


def test_clogin_tells_a_wrong_secret(run):
    ran = run("clogin", "-t", "5", "-c", "show privilege", "127.0.0.1",
              enable="wrong")
    assert ran.returncode != 0
    assert "Current privilege level" not in ran.stdout


def collect(run, directory):
    ran = run("rancid", "-t", "cisco", "127.0.0.1")
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    path = pathlib.Path(directory) / "127.0.0.1.new"
    text = path.read_text()
    path.unlink()
    # Others fill the same disk.
    return re.sub(r"\(\d+% free\)", "(some free)", text)


def test_rancid_collects_a_configuration_twice_the_same(run, router,
                                                        tmp_path):
    first = collect(run, tmp_path)
    for line in (r"!Image: Software: VTYD-\S+-M, \d+\.\d+\.\d+, .*",
                 r"!Image: unix:/.*/vtyd", r"!Memory: main \d+K/\d+K",
                 r"!Flash: nvram: .* startup-config", r"!PID: \S+",
                 r"config-register 0x2102"):
        assert re.search(f"^{line}$", first, re.M), line
    chassis = re.search(r"^!Chassis type: (.*)$", first, re.M).group(1)
    pid = re.search(r"^!PID: (\S+)$", first, re.M).group(1)
    assert chassis.split()[0] == pid
    assert "\nhostname Border\n" in first
    assert "\naccess-list 7 permit 192.0.2.1\n" in first
    assert first.endswith("\n!\nend\n")
    assert collect(run, tmp_path) == first
