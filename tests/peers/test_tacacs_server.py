"""The tests' TACACS+ server, proved by a client that is not ours: Debian's
Authen::TacacsPlus. It knows authentication only."""
import pathlib
import subprocess

import pytest

from tacacs_server import (ASCII, FAIL, GETPASS, NOECHO, PAP, PASS,
                           TacacsServer)

CLIENT = pathlib.Path(__file__).with_name("tacacs_client.pl")
KEY = "a key of the two"


@pytest.fixture(scope="module", autouse=True)
def client():
    found = subprocess.run(["perl", "-MAuthen::TacacsPlus", "-e", "1"],
                           capture_output=True)
    if found.returncode != 0:
        pytest.skip("libauthen-tacacsplus-perl is not installed")


def handler(p):
    if p.seq == 1 and p.kind == PAP:
        return p.reply(PASS if p.data == b"right" else FAIL)
    if p.seq == 1:
        return p.reply(GETPASS, "Password: ", flags=NOECHO)
    return p.reply(PASS if p.message == b"right" else FAIL)


def says(server, password, kind, key=KEY):
    return subprocess.run(
        ["perl", str(CLIENT), str(server.port), key, "lab", password, kind],
        capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.mark.parametrize("kind,number", [("ascii", ASCII), ("pap", PAP)])
def test_a_foreign_client_understands_the_server(kind, number):
    with TacacsServer(KEY.encode(), handler) as server:
        assert says(server, "right", kind) == "granted\n"
        assert says(server, "wrong", kind) == \
            "refused: Authentication failed\n"
    starts = [p for p in server.packets if p.seq == 1]
    assert [p.kind for p in starts] == [number, number]


def test_a_foreign_client_with_another_key_is_noise():
    with TacacsServer(KEY.encode(), handler) as server:
        assert says(server, "right", "ascii", "another").startswith("refused")
        assert isinstance(server.failed, AssertionError)
        server.failed = None
