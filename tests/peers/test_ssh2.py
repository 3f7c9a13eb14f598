"""ssh2 from the npm registry, at the version of the lock file."""
import pathlib
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules" / "ssh2").is_dir()
    or shutil.which("node") is None,
    reason="npm package ssh2 is not installed (no registry)")


@pytest.mark.parametrize("legacy", [(), ("legacy",)],
                         ids=["default", "legacy"])
@pytest.mark.parametrize("kind,text", [
    ("exec", "SSH Enabled - version 2.0"),
    ("shell", "Current privilege level is 1")])
def test_ssh2(router, kind, text, legacy):
    result = subprocess.run(
        ["node", str(HERE / "ssh2.js"), str(router.port), kind, *legacy],
        capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert text in result.stdout
