"""expect as Debian has it: a script that types ahead."""
import os
import pathlib
import shutil
import subprocess

import pytest
from router import CONFIG, Router

SCRIPT = pathlib.Path(__file__).with_name("type_ahead.exp")


@pytest.mark.skipif(not shutil.which("expect"), reason="there is no expect")
def test_a_script_that_types_ahead(tmp_path):
    with Router(tmp_path, config=CONFIG, keys=("ed25519",)) as router:
        ran = subprocess.run(
            ["expect", "-f", str(SCRIPT), str(router.port), "lab", "lab",
             "cisco"], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=120, env={**os.environ, "TERM": "vt100"})
        seen = ran.stdout.decode()
        assert ran.returncode == 0, seen + ran.stderr.decode()
        saved = (router.state / "startup-config").read_text()
    # Nothing typed ahead was lost, doubled or shown in the wrong place.
    assert seen.count("Router#terminal length 0\r\n"
                      "Router#show privilege\r\n"
                      "Current privilege level is 15\r\nRouter#") == 1
    assert "Router(config)#line vty 0 4\r\n" \
        "Router(config-line)#exec-timeout 0\r\n" \
        "Router(config-line)#^Z\r\nRouter#" in seen
    assert "\naccess-list 9 permit 192.0.2.9\n" in saved
    assert "\nline vty 0 4\n exec-timeout 0 0\n" in saved
