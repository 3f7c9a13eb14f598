"""vtyssh and our own router."""
import re

import pexpect
import pytest

from sshd import make_key
from vtyssh import Client


class Known:
    """A router as vtyssh.Client wants a server."""

    def __init__(self, port, key=None):
        self.port, self.key, self.user = port, key, "lab"


@pytest.fixture
def client(tmp_path, router):
    """Who has met the router."""
    met = Client(tmp_path / "user", Known(router.port), knows=False)
    child = met.spawn("show privilege", key=False)
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("yes")
    child.expect("assword: ")
    child.sendline("lab")
    child.expect_exact("Current privilege level is 1")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0
    return met


def test_a_command_line(client):
    child = client.spawn(key=False, size=(24, 100))
    child.expect_exact("Authorized users only")
    child.expect("assword: ")
    child.sendline("lab")
    child.expect_exact("Router>")
    child.sendline("enable")
    child.expect_exact("Password: ")
    child.sendline("cisco")
    child.expect_exact("Router#")
    child.sendline("show terminal | include Length|Type")
    child.expect(r"Length: 24 lines, Width: 100 columns")
    child.expect_exact("Router#")
    # The terminal is raw: one ^C is the router's.
    child.send("show ver\x03")
    child.expect_exact("Router#")
    child.sendline("exit")
    child.expect_exact("connection to 127.0.0.1 closed")
    child.expect(pexpect.EOF)


@pytest.mark.parametrize("options", [
    ["-c", "3des", "-m", "hmac-md5"], ["-c", "aes128-cbc", "-m", "hmac-sha1-96"],
    ["-c", "aes256-cbc", "-m", "hmac-sha1-160"],
    ["-c", "aes192-cbc", "-m", "hmac-md5-96"]])
def test_the_seeds_algorithms(client, options):
    child = client.spawn("show ssh", key=False, options=["-v", "2", *options])
    child.expect("assword: ")
    child.sendline("lab")
    cipher = "3des-cbc" if options[1] == "3des" else options[1]
    mac = "hmac-sha1" if options[3] == "hmac-sha1-160" else options[3]
    child.expect(rf"IN +{cipher} +{re.escape(mac)} ")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 0


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa256"])
def test_a_key_of_the_user(tmp_path, router_of, kind):
    key = make_key(tmp_path / "key", kind)
    base64 = key.with_suffix(".pub").read_text().split()[1]
    lines = "\n".join(base64[i:i + 200] for i in range(0, len(base64), 200))
    router = router_of(f"ip ssh pubkey-chain\n  username lab\n   key-string\n"
                       f"{lines}\nexit\n")
    met = Client(tmp_path / "user", Known(router.port, key), knows=False)
    child = met.spawn("show privilege")
    child.expect_exact("(yes/no/fingerprint)? ")
    child.sendline("yes")
    child.expect_exact("Current privilege level is 1")
    child.expect(pexpect.EOF)
    result = met.run("show privilege")
    assert result.returncode == 0
    assert b"Current privilege level is 1" in result.stdout
