"""`show ssh | json` and `show ip ssh | json`, as programs read them."""
import json

import pytest

from router import KEYS, wait_for
from session import Session
from wire import Wire

USERS = ("username a\"b\\c password 0 pw\n"
         "ip ssh time-out 60\nip ssh authentication-retries 2\n")


@pytest.fixture(scope="module")
def router(router_of):
    return router_of(USERS, keys=KEYS)


def exec_json(wire, command, number=9):
    output, status = wire.exec(command, number)
    assert status == 0, output
    return json.loads(output.decode())


class Strange(Wire):
    """A client whose identification is meant to be shown."""
    IDENT = b"SSH-2.0-x\"y \xff\x1b[2J\xc3\xbc"


def test_show_ip_ssh(router):
    with Wire(router.port).login() as wire:
        assert exec_json(wire, "show ip ssh | json") == {
            "enabled": True, "version": "2.0",
            "authentication_timeout_seconds": 60, "authentication_retries": 2,
            "listening": [{"address": "127.0.0.1", "port": router.port},
                          {"address": "::1", "port": router.port}]}


def test_show_ssh_has_every_connection_as_it_is(router):
    with Wire(router.port).login() as wire, \
            Strange(router.port).login('a"b\\c', "pw") as hostile, \
            Wire(router.port) as silent:
        silent.connect()

        def shown():
            table = exec_json(hostile, "sh ssh | j")
            assert list(table) == ["connections"]
            numbers = [c["connection"] for c in table["connections"]]
            assert numbers == sorted(numbers)
            # One that has just ended may still be there.
            ours = {c["peer"]["port"]: c for c in table["connections"]}
            return [ours[peer.socket.getsockname()[1]]
                    for peer in (wire, hostile, silent)]

        # The router learns of keys after their peer does.
        wait_for(lambda: shown()[2]["state"] != "key-exchange", "its keys")
        mine, strange, begun = shown()
        for connection in (mine, strange, begun):
            assert connection["version"] == "2.0"
            assert connection["local"] == {"address": "127.0.0.1",
                                           "port": router.port}
            assert connection["peer"]["address"] == "127.0.0.1"
            assert 0 <= connection["age_seconds"] < 600
        assert (mine["user"], mine["state"]) == ("lab", "started")
        assert strange["user"] == 'a"b\\c'
        assert (begun["user"], begun["state"]) == (None, "authentication")
        assert begun["idle_seconds"] is None
        assert 0 <= mine["idle_seconds"] < 600
        assert strange["client"] == "SSH-2.0-x\"y \\xff\\x1b[2J\u00fc"
        assert set(mine) == {
            "connection", "line", "version", "state", "user", "peer", "local",
            "client", "kex", "host_key", "cipher_in", "cipher_out", "mac_in",
            "mac_out", "bytes_in", "bytes_out", "age_seconds", "idle_seconds"}
        assert mine["cipher_in"] == mine["cipher_out"] != None
        assert mine["host_key"] == "ssh-ed25519"
        assert mine["bytes_in"] > 400 and mine["bytes_out"] > 400


def test_at_a_prompt_it_is_the_same(router):
    with Session(router) as session:
        assert json.loads(session.command("show ip ssh | json"))["enabled"]
        assert "% Invalid input" in session.command("show users | json")
        session.channel.send("show users | ?")
        assert "json" not in session.until(r"\n\S*>show users \| $")
        session.channel.send("\x15show ssh | ?")
        assert "  json     Show the same as JSON" in \
            session.until(r"\n\S*>show ssh \| $")


