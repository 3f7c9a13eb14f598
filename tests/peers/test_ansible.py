"""Ansible with its collection cisco.ios as Debian has them, unchanged.

One playbook is run once; each test looks at what its tasks came back with.
"""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import pytest
from router import CONFIG, Router, wait_for

pytestmark = [
    pytest.mark.heavy,
    # One playbook for all of them.
    pytest.mark.xdist_group("ansible"),
    pytest.mark.skipif(not shutil.which("ansible-playbook"),
                       reason="there is no ansible")]

PLAYBOOK = pathlib.Path(__file__).with_name("playbook.yml")
INVENTORY = """\
router ansible_host=127.0.0.1 ansible_port={port}
[all:vars]
ansible_connection=ansible.netcommon.network_cli
ansible_network_os=cisco.ios.ios
ansible_network_cli_ssh_type=paramiko
ansible_user=lab
ansible_password=lab
ansible_become=yes
ansible_become_method=enable
ansible_become_password=cisco
ansible_python_interpreter=/usr/bin/python3
"""
BANNER = "hostname R8\nbanner exec ^C\nBe welcome,\n  be careful.\n^C\n"


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG, keys=("ed25519", "rsa")) as one:
        yield one


@pytest.fixture(scope="module")
def tasks(router):
    """What each task gave, by its name."""
    # A short name: a socket lies below it.
    home = pathlib.Path(tempfile.mkdtemp(prefix="vtyd-"))
    try:
        (home / "banner.cfg").write_text(BANNER)
        shutil.copy(PLAYBOOK, home)
        (home / "hosts").write_text(INVENTORY.format(port=router.port))
        settings = {
            "HOME": str(home), "ANSIBLE_HOME": str(home / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(home / "local"),
            "ANSIBLE_REMOTE_TEMP": str(home / "remote"),
            "ANSIBLE_PERSISTENT_CONTROL_PATH_DIR": str(home / "pc"),
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_STDOUT_CALLBACK": "json",
            "ANSIBLE_DEPRECATION_WARNINGS": "False",
            "ANSIBLE_PERSISTENT_COMMAND_TIMEOUT": "60",
            "ANSIBLE_PERSISTENT_CONNECT_TIMEOUT": "60",
        }
        ran = subprocess.run(
            ["ansible-playbook", "-i", str(home / "hosts"),
             str(home / PLAYBOOK.name)], cwd=home, stdin=subprocess.DEVNULL,
            env={**os.environ, **settings}, capture_output=True, text=True,
            timeout=400)
        start = ran.stdout.find("{\n")
        assert start >= 0, ran.stdout + ran.stderr
        plays = json.loads(ran.stdout[start:])["plays"]
        results = {task["task"]["name"]: task["hosts"]["router"]
                   for task in plays[0]["tasks"] if task["hosts"]}
        yield results
    finally:
        shutil.rmtree(home, ignore_errors=True)


def test_facts_are_read_from_the_show_commands(tasks, router):
    facts = tasks["facts"]["ansible_facts"]
    assert facts["ansible_net_hostname"] == "Router"
    assert re.fullmatch(r"\d+\.\d+\.\d+", facts["ansible_net_version"])
    assert facts["ansible_net_filesystems"] == ["flash:"]
    disk = shutil.disk_usage(router.state)
    assert facts["ansible_net_filesystems_info"]["flash:"][
        "spacetotal_kb"] == pytest.approx(disk.total / 1024, rel=0.01)
    with open("/proc/meminfo") as lines:
        memory = int(re.search(r"MemTotal: +(\d+)", lines.read()).group(1))
    assert facts["ansible_net_memtotal_mb"] == pytest.approx(memory / 1024,
                                                             abs=1)
    loopback = facts["ansible_net_interfaces"]["lo"]
    assert loopback["operstatus"] == loopback["lineprotocol"] == "up"
    assert loopback["ipv4"] == [{"address": "127.0.0.1", "subnet": "8"}]
    assert set(facts["ansible_net_interfaces"]) == \
        {name for _, name in socket.if_nameindex()}
    assert facts["ansible_net_config"].endswith("\nend")


def test_commands_and_their_questions(tasks):
    version, privilege, clock, interfaces = tasks["commands"]["stdout"]
    assert "\nConfiguration register is 0x2102" in version
    assert privilege == "Current privilege level is 15"
    assert re.match(r"[*.]?\d\d:\d\d:\d\d\.\d{3} UTC ", clock)
    assert "lo is up, line protocol is up" in interfaces
    assert re.search(r"\d+ bytes copied in",
                     tasks["a command with a question"]["stdout"][0])


@pytest.mark.parametrize("task, error", (
    ("a wrong command", "% Invalid input detected at '^' marker."),
    ("a wrong line", "% Incomplete command.")))
def test_errors_are_seen(tasks, task, error):
    assert tasks[task]["failed"]
    assert error in str(tasks[task])


@pytest.mark.parametrize("lines", ("global lines", "lines of a line"))
def test_configuring_twice_changes_once(tasks, lines):
    assert tasks[f"{lines}, first"]["changed"]
    assert not tasks[f"{lines}, again"]["changed"]
    assert not tasks[f"{lines}, again"].get("commands")


def test_defaults_are_compared_with_those_of_show_running_config_all(tasks):
    """Which of `all` and `full` there is it asks by `?`."""
    assert not tasks["lines beside the defaults"]["changed"]
    assert not tasks["lines beside the defaults"].get("failed")


def test_banners(tasks):
    for task, changed in (("a banner among lines", True),
                          ("a banner among lines, again", False),
                          ("motd, first", True), ("motd, again", False),
                          ("motd, gone", True)):
        assert not tasks[task].get("failed"), tasks[task]
        assert tasks[task]["changed"] == changed, task


def test_users(tasks):
    for task, changed in (("user, first", True), ("user, again", False),
                          ("user, gone", True)):
        assert not tasks[task].get("failed"), tasks[task]
        assert tasks[task]["changed"] == changed, task


def test_what_it_saved(tasks, router):
    assert tasks["saved"]["changed"]
    assert not tasks["nothing left to save"]["changed"]
    text = (router.state / "startup-config").read_text()
    for block in ("\nhostname R8\n", "\nip domain name example.net\n",
                  "\naccess-list 7 permit 192.0.2.1\n",
                  "\naccess-list 7 permit 198.51.100.0 0.0.0.255\n",
                  "\nusername operator privilege 5\n",
                  "\nline vty 0 4\n exec-timeout 30 0\n"):
        assert block in text
    assert "\nBe welcome,\n  be careful.\n" in text
    assert "banner motd" not in text and "fred" not in text


def test_no_line_stays_taken(tasks, router):
    """Leaked sessions are the classic complaint (section 5)."""
    wait_for(lambda: not router.children("vtyd-worker: server"),
             "the end of its sessions")
