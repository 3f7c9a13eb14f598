"""The installed service under a live systemd: `scripts/uml --systemd` is where
this runs, since it starts, stops and reconfigures the whole machine."""
import json
import pathlib
import re
import socket
import subprocess
import time

import pytest

import console
from router import BUILD, ROOT, wait_for
from session import Session

STATE = pathlib.Path("/var/lib/vtyd")
STARTUP = """\
hostname R1
no ip domain lookup
enable secret 0 lab-enable
username lab privilege 15 secret 0 lab-secret
no ip ssh server authenticate user keyboard
line con 0
line vty 0 4
 login local
 transport input ssh
end
"""


def systemctl(*words):
    done = subprocess.run(["systemctl", "--no-pager", *words],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (words, done.stdout, done.stderr, log())
    return done.stdout


def prop(name):
    return systemctl("show", "--value", "-p", name, "vtyd").strip()


def log():
    return subprocess.run(["journalctl", "--no-pager", "-o", "cat", "-u",
                           "vtyd"], capture_output=True, text=True).stdout


class Service:
    """What Session wants of a router, and its console."""
    port = 22

    def ask(self, *lines):
        wait_for(lambda: console.is_served(STATE), "console.sock")
        done = subprocess.run(
            ["/usr/local/sbin/vtyd", "attach", "--state", str(STATE)],
            input="\n".join(("enable", "lab-enable", *lines, "")), capture_output=True,
            text=True, timeout=120)
        assert done.returncode == 0, done
        return done.stdout

    def login(self):
        return Session(self, "lab-secret")


@pytest.fixture(scope="module")
def service():
    if not pathlib.Path("/run/systemd/system").is_dir() or \
            "User Mode Linux" not in pathlib.Path("/proc/cpuinfo").read_text():
        pytest.skip("this changes the machine: it runs below scripts/uml only")
    subprocess.run(["meson", "install", "-C", str(BUILD), "--no-rebuild"],
                   check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    subprocess.run(["systemd-sysusers"], check=True)
    STATE.mkdir(mode=0o700)
    (STATE / "startup-config").write_text(STARTUP)
    (STATE / "startup-config").chmod(0o600)
    systemctl("daemon-reload")
    # Type=notify: this returns when the router has said that it is ready.
    systemctl("start", "vtyd")
    yield Service()
    systemctl("stop", "vtyd")


def test_it_is_ready_when_systemd_says_so(service):
    assert prop("ActiveState") == "active"
    assert prop("NRestarts") == "0"
    assert console.is_served(STATE)


def test_a_user_logs_in_and_finds_everything(service):
    service.ask("configure terminal",
                "crypto key generate ed25519 label test",
                "crypto key generate rsa label rsa modulus 2048", "end")
    wait_for(lambda: "SSH Enabled" in service.ask("show ip ssh"), "SSH")
    with service.login() as user:
        assert "vtyd" in user.command("show version")
        # The walls of the unit hide none of the router's own processes.
        listed = user.command("show processes cpu")
        for name in ("vtyd-signer: keys", "vtyd-aaa: local", "vtyd-nursery",
                     "vtyd-worker: server"):
            assert name in listed, listed
        assert re.search(r"bytes total \(\d+ bytes free\)",
                         user.command("dir flash:"))
        user.command("show version | redirect flash:v.txt")
        assert "vtyd" in user.command("more flash:v.txt")
        assert "!!!!!" in user.command("ping 127.0.0.1")
        user.configure("interface Loopback7",
                       "ip address 10.7.0.1 255.255.255.255", "exit",
                       "ip route 172.30.0.0 255.255.0.0 Loopback7")
        assert "10.7.0.1" in subprocess.run(
            ["ip", "addr", "show", "dev", "Loopback7"], capture_output=True,
            text=True).stdout
        user.configure("no interface Loopback7")
        assert "[OK]" in user.command("write memory")


def test_the_clock_may_be_set(service):
    later = time.gmtime(time.time() + 86400)
    service.ask(time.strftime("clock set 12:00:00 %d %B %Y", later))
    assert time.gmtime()[:3] == later[:3]


def test_the_journal_has_what_each_line_is_about(service):
    with service.login() as user:
        user.configure("alias exec x show clock")
    found = wait_for(lambda: subprocess.run(
        ["journalctl", "-o", "json", "VTYD_MNEMONIC=CONFIG_I",
         "VTYD_USER=lab"], capture_output=True, text=True).stdout, "the entry")
    entry = json.loads(found.splitlines()[-1])
    assert entry["_SYSTEMD_UNIT"] == "vtyd.service"
    assert re.fullmatch(r"%SYS-5-CONFIG_I: Configured from console by lab on "
                        r"vty\d \(127\.0\.0\.1\)", entry["MESSAGE"])
    assert entry["VTYD_SOURCE"] == "127.0.0.1" and entry["PRIORITY"] == "5"


def test_log_lines_leave_for_a_collector(service):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        collector.settimeout(30)
        port = collector.getsockname()[1]
        service.ask("configure terminal",
                    f"logging host 127.0.0.1 transport udp port {port}", "end",
                    "configure terminal", "end")
        while b"%SYS-5-CONFIG_I" not in collector.recv(4096):
            pass
        service.ask("configure terminal",
                    f"no logging host 127.0.0.1 transport udp port {port}")


def test_sandboxed_processes_are_the_user_of_the_package(service):
    wanted = subprocess.run(["id", "-u", "vtyd"], capture_output=True,
                            text=True).stdout.split()
    with service.login():
        users = {}
        for pid in pathlib.Path("/proc").glob("[0-9]*"):
            title = (pid / "cmdline").read_bytes().strip(b"\0").decode()
            if title.startswith("vtyd-"):
                status = (pid / "status").read_text()
                users[title] = re.search(r"Uid:\t(\d+)", status)[1]
    assert len(users) >= 4 and set(users.values()) == set(wanted), users


def test_a_reload_is_a_new_start(service):
    with service.login() as user:
        assert "[OK]" in user.command("write memory")
        before = prop("MainPID")
        user.type("reload\n", r"Proceed with reload\? \[confirm\]$")
        user.channel.send("\n")
        wait_for(lambda: prop("MainPID") not in (before, "0"), "a restart")
    wait_for(lambda: prop("ActiveState") == "active", "the router")
    with service.login() as user:
        assert "by Reload Command" in user.command("show version")


def test_a_killed_router_is_started_again(service):
    before = prop("MainPID")
    systemctl("kill", "--kill-who=main", "--signal=KILL", "vtyd")
    wait_for(lambda: prop("MainPID") not in (before, "0"), "a restart")
    wait_for(lambda: prop("ActiveState") == "active", "the router")
    with service.login() as user:
        assert "by Reload Command" not in user.command("show version")


def test_stop_ends_sessions_in_order(service):
    with service.login() as user:
        systemctl("stop", "vtyd")
        assert prop("Result") == "success"
        assert prop("ExecMainStatus") == "0"
    left = subprocess.run(["pgrep", "-c", "vtyd"], capture_output=True,
                          text=True).stdout
    assert left == "0\n"
