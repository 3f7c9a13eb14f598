"""Debian's ssh-audit finds nothing to fail or warn about in the factory's lists."""
import json
import subprocess

# The version Debian 12 has warns about these for reasons of its own age only.
AGE_ONLY = {"kex-strict-s-v00@openssh.com", "kex-strict-s "}


def test_factory_algorithms_pass_ssh_audit(factory_router):
    result = subprocess.run(
        ["ssh-audit", "--json", "--timeout=60", "--port",
         str(factory_router.port), "127.0.0.1"],
        capture_output=True, text=True, timeout=180)
    report = json.loads(result.stdout)
    assert report["kex"], "no report"
    text = subprocess.run(
        ["ssh-audit", "--no-colors", "--timeout=60", "--port",
         str(factory_router.port), "127.0.0.1"],
        capture_output=True, text=True, timeout=180).stdout
    complaints = [line for line in text.splitlines()
                  if ("[fail]" in line or "[warn]" in line)
                  and not any(name in line for name in AGE_ONLY)]
    assert not complaints, "\n".join(complaints)
