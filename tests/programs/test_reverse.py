"""Lines behind SSH: by name, by group, by port; who may, and what passes."""
import os
import signal
import warnings

import openssh
import pytest
from processes import workers
from reverse_ssh import (Device, Port, User, exchange, refusal,
                         rotary_port, wait_until_free)
from router import CONFIG, Router, wait_for
from session import Session

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

LINE = """\
line 1
 device {one}
 login local
 access-user lab
 rotary 1
 transport input ssh
 share
line 2
 device {two}
 login local
 access-user lab other
 rotary 1
 transport input ssh
line 3
 login local
 transport input ssh
line 4
 login local
 access-user lab
 transport input ssh
line 5
 device /dev/serial/by-id/absent
 login local
 access-user lab
 transport input ssh
line 6
 login local
 access-user lab
"""
USERS = """\
username other password 0 other
username boss privilege 15 password 0 boss
banner incoming ^C
A console behind it
^C
"""


@pytest.fixture(scope="module")
def devices():
    made = Device(), Device()
    yield made
    for device in made:
        device.close()


@pytest.fixture(scope="module")
def gateway(devices, tmp_path_factory):
    port = rotary_port()
    config = CONFIG.replace("ip ssh version 2", f"""\
{USERS}ip ssh port {port} rotary 1
ip ssh break-string ~brk
ip ssh version 2""").replace("line vty 0 15", LINE.format(
        one=devices[0].path, two=devices[1].path) + "line vty 0 15")
    with Router(tmp_path_factory.mktemp("gateway"), config=config,
                keys=("ed25519",)) as router:
        router.rotary = Port(port)
        wait_until_free(router)
        yield router


# --- ways -------------------------------------------------------------------

def test_by_number_eight_bits_and_nothing_else(gateway, devices):
    wait_until_free(gateway)
    every = bytes(range(256))
    user = User(gateway, "lab:1")
    user.wait_for(b"A console behind it")
    user.type(every)
    assert devices[0].read(every) == every
    devices[0].say(every)
    user.wait_for(every)
    user.leave()


def test_typed_before_the_line_is_there(gateway, devices):
    """No byte of it is a key of the router's."""
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.type(b"\x03\x1ex\x00early")
    assert devices[0].read(b"early") == b"\x03\x1ex\x00early"
    user.leave()


def test_by_group_the_first_free_one(gateway, devices):
    wait_until_free(gateway)
    wait_until_free(gateway, 2)
    first = User(gateway, "lab:rotary1")
    first.type(b"one")
    devices[0].read(b"one")
    second = User(gateway, "lab:rotary1")
    second.type(b"two")
    devices[1].read(b"two")
    assert refusal(gateway, "lab:rotary1") == \
        b"% No line of rotary group 1 is free\r\n"
    first.leave()
    second.leave()


def test_by_port(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway.rotary, "lab")
    user.type(b"by port")
    devices[0].read(b"by port")
    user.leave()


def test_a_command_is_typed_and_the_answer_comes_back(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1", command="show version", terminal=False)
    assert devices[0].read(b"\r") == b"show version\r"
    devices[0].say(b"Version 1\r\n")
    user.wait_for(b"Version 1\r\n")
    user.leave()


def test_the_end_of_what_is_typed_is_not_the_end(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1", terminal=False)
    user.type(b"last")
    user.process.stdin.close()
    devices[0].read(b"last")
    devices[0].say(b"still here")
    user.wait_for(b"still here")
    user.process.stdin = None
    user.leave()


def test_from_the_routers_own_prompt(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab")
    user.wait_for(b">")
    user.type(b"ssh -l lab:1 -p %d 127.0.0.1\r" % gateway.port)
    user.wait_for(b"Password:")
    user.type(b"lab\r")
    user.wait_for(b"A console behind it")
    user.type(b"hello")
    devices[0].read(b"hello")
    user.type(b"\x1ex")
    user.wait_for(b">")
    user.leave()


# --- break -------------------------------------------------------------------

def test_the_text_for_a_break_is_not_sent(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.type(b"a~br")
    devices[0].read(b"a")
    user.type(b"kb")
    assert devices[0].read(b"b") == b"b"
    user.type(b"~b")
    assert devices[0].read(b"~b") == b"~b"
    user.leave()


# --- refusals ------------------------------------------------------------------

@pytest.mark.parametrize("name,why", [
    ("lab:9", "There is no line 9"),
    ("lab:0", "There is no line 0"),
    ("lab:rotary7", "There is no line in rotary group 7"),
    ("lab:3", "Line 3 is not permitted"),
    ("lab:4", "Line 4 has no device"),
    ("lab:6", "Line 6 takes no ssh"),
])
def test_one_plain_line_says_why(gateway, name, why):
    assert refusal(gateway, name) == f"% {why}\r\n".encode()
    # Each source has a few such lines in a minute.
    gateway.wait_log("LINE_REFUSED: lab from 127.0.0.1: ")


def test_an_absent_device(gateway):
    assert refusal(gateway, "lab:5").startswith(b"% Line 5 is absent: ")


def test_a_wrong_password_is_one(gateway):
    result = openssh.run(gateway, None, "-T", user="lab:1", password="no")
    assert result.returncode == 255 and b"%" not in result.stdout


def test_whoever_is_not_named_learns_nothing(gateway, devices):
    assert refusal(gateway, "other:1", password="other") == \
        b"% Line 1 is not permitted\r\n"
    assert refusal(gateway, "boss:1", password="boss") == \
        b"% Line 1 is not permitted\r\n"


def test_in_use(gateway, devices):
    wait_until_free(gateway, 2)
    user = User(gateway, "lab:2")
    user.type(b"x")
    devices[1].read(b"x")
    assert refusal(gateway, "other:2", password="other") == \
        b"% Line 2 is in use by lab\r\n"
    user.leave()
    wait_until_free(gateway, 2)


@pytest.mark.parametrize("asked", [("scp -t x",), ("sftp", "-s")])
def test_a_line_has_no_files(gateway, asked):
    command, *options = asked
    assert openssh.run(gateway, command, *options,
                       user="lab:1").returncode != 0


# --- several ---------------------------------------------------------------------

def test_share_and_take(gateway, devices):
    wait_until_free(gateway)
    writer = User(gateway, "lab:1")
    writer.type(b"w")
    devices[0].read(b"w")
    watcher = User(gateway, "lab:1")
    watcher.wait_for(b"[lab writes on line 1, you watch: ^Ec? for help]")
    devices[0].say(b"for both")
    writer.wait_for(b"for both")
    watcher.wait_for(b"for both")
    watcher.type(b"nothing")
    assert devices[0].is_silent()
    watcher.type(b"\x05c?")
    watcher.wait_for(b"^Ecf  write from now on")
    watcher.type(b"\x05cf")
    watcher.wait_for(b"[You write on line 1]")
    writer.wait_for(b"[lab writes from now on]")
    watcher.type(b"mine")
    assert devices[0].read(b"mine") == b"mine"
    writer.type(b"not mine")
    assert devices[0].is_silent()
    writer.type(b"\x05c.")
    assert writer.end()[0] == 0
    watcher.leave()


def test_take_line_from_an_exec(gateway, devices):
    wait_until_free(gateway)
    writer = User(gateway, "lab:1")
    writer.type(b"w")
    devices[0].read(b"w")
    with Session(gateway) as admin:
        assert admin.command("take line 1") == \
            "% You do not watch line 1\n"
        assert admin.command("take line vty 0").startswith(
            "% You do not watch line ")
        watcher = User(gateway, "lab:1")
        watcher.wait_for(b"you watch")
        assert "watches" in admin.command("show line 1")
        assert "watching" in admin.command("show users all")
        assert admin.command("take line tty 1") == ""
        watcher.wait_for(b"[You write on line 1]")
        writer.wait_for(b"[lab writes from now on]")
        watcher.type(b"mine")
        assert devices[0].read(b"mine") == b"mine"
    writer.leave()
    watcher.leave()


def test_channels_of_a_connection_look_each_for_itself(gateway, devices):
    wait_until_free(gateway)
    wait_until_free(gateway, 2)
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect("127.0.0.1", gateway.port, "lab:rotary1", "lab",
                       look_for_keys=False, allow_agent=False)
        channels = []
        for device, word in zip(devices, (b"one", b"two")):
            channel = client.invoke_shell()
            channel.settimeout(30)
            channel.sendall(word)
            assert device.read(word) == word
            channels.append(channel)
        third = client.get_transport().open_session()
        third.settimeout(30)
        third.invoke_shell()
        assert third.makefile().read() == \
            b"% No line of rotary group 1 is free\r\n"
        assert third.recv_exit_status() == 1
        # The end of one is not another's.
        channels[0].close()
        wait_until_free(gateway)
        channels[1].sendall(b"more")
        assert devices[1].read(b"more") == b"more"


# --- ends -------------------------------------------------------------------------

def test_clear_line(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.type(b"x")
    devices[0].read(b"x")
    admin = User(gateway, "lab")
    admin.wait_for(b">")
    admin.type(b"enable\rcisco\r")
    admin.wait_for(b"#")
    admin.type(b"clear line 1\r")
    admin.wait_for(b"[confirm]")
    admin.type(b"\r")
    admin.wait_for(b"[OK]")
    status, seen = user.end()
    assert status == 1 and b"[Line 1 cleared]" in seen
    admin.leave()
    wait_until_free(gateway)


def test_a_killed_worker_loses_its_session_only(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.type(b"x")
    devices[0].read(b"x")
    # Those who have looked whether the line is free are gone.
    wait_for(lambda: len(workers(gateway)) == 1, "the only worker")
    os.kill(workers(gateway).pop(), signal.SIGKILL)
    assert user.end()[0] == 255
    devices[0].say(b"said meanwhile")
    wait_until_free(gateway)
    again = User(gateway, "lab:1")
    again.type(b"y")
    devices[0].read(b"y")
    again.leave()


def test_a_device_that_goes_ends_the_session(tmp_path):
    device = Device()
    config = CONFIG.replace(
        "line vty 0 15", f"line 1\n device {device.path}\n login local\n"
        " access-user lab\n transport input ssh\nline vty 0 15")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        wait_until_free(router)
        user = User(router, "lab:1")
        user.type(b"x")
        device.read(b"x")
        device.say(b"last words")
        user.wait_for(b"last words")
        device.close()
        status, seen = user.end()
        assert status == 1
        assert seen.endswith(b"% The device of line 1 is gone\r\n")


def test_ten_megabytes_each_way(gateway, devices):
    wait_until_free(gateway)
    user = User(gateway, "lab:1")
    user.wait_for(b"A console behind it\r\n")
    exchange(user, devices[0], 10 << 20)
    user.leave()
