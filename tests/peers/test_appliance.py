"""Perl's Net::Appliance::Session as Debian has it, unchanged."""
import pathlib
import shutil
import subprocess

import pytest
from router import CONFIG, Router

SCRIPT = pathlib.Path(__file__).with_name("appliance.pl")
MODULE = ("-MNet::Appliance::Session", "-e", "1")


def is_there():
    return shutil.which("perl") and subprocess.run(
        ["perl", *MODULE], capture_output=True).returncode == 0


@pytest.mark.skipif(not is_there(), reason="no Net::Appliance::Session")
def test_privileged_configure_and_back(tmp_path):
    """Its terminal has no size (0 columns, 0 rows)."""
    with Router(tmp_path, config=CONFIG, keys=("ed25519",)) as router:
        ran = subprocess.run(
            ["perl", str(SCRIPT), str(router.port), "lab", "lab", "cisco"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120)
        assert ran.returncode == 0, ran.stdout + ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "user: Current privilege level is 1"
    assert lines[1] == "privileged: Current privilege level is 15"
    assert int(lines[2].removeprefix("lines: ")) > 20
    assert lines[3:] == ["hostname Appliance",
                         "access-list 8 permit 192.0.2.8",
                         "again: Current privilege level is 15",
                         "left: Current privilege level is 1", "closed"]
