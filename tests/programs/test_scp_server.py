"""The server of scp: who may, what is refused, and what is left behind."""
import contextlib
import os
import socket
import subprocess
import time

import pytest
from console import attach
from processes import workers
from raw_scp import Channels
from router import CONFIG, Router, wait_for
from session import Session

KEYS = ("ed25519",)
SERVING = CONFIG.replace("username lab secret",
                         "username lab privilege 15 secret") \
    + "ip scp server enable\n"


@pytest.fixture(scope="module")
def router():
    with Router(config=SERVING, keys=KEYS) as one:
        yield one


@pytest.fixture
def flash(router):
    yield router.state / "flash"
    assert is_clean(router.state / "flash")


@pytest.fixture
def channels(router):
    with Channels(router) as one:
        yield one


def is_clean(flash):
    """Nothing unfinished is left, or will not be in a moment."""
    return wait_for(lambda: os.listdir(flash / ".new") == [], "the end")


# --- the setting --------------------------------------------------------------

def test_it_is_off_and_stands_behind_ip_ssh():
    with Router(config=CONFIG + "ip ssh time-out 90\n"
                "interface lo\n no shutdown\n", keys=KEYS) as one:
        with Session(one, enable="cisco") as user:
            assert "scp" not in user.command("show running-config")
            assert user.command("show running-config | include ip scp") == ""
            user.configure("ip scp server enable")
            lines = user.command("show running-config").splitlines()
            assert lines.index("ip ssh time-out 90") \
                < lines.index("ip scp server enable") \
                < lines.index("interface lo")
            user.configure("no ip scp server enable")
            assert "scp" not in user.command("show running-config")
            help_ = user.type("configure terminal\nip scp ?", r"#ip scp $")
            assert "server  SCP server configuration" in help_
            user.type("\x15end\n")


# --- what it says -------------------------------------------------------------

def test_one_file_byte_by_byte(channels, flash):
    scp = channels.exec("scp -v -p -t -- flash:/scptest.cfg")
    scp.expect(b"\0")
    scp.send(b"T1100000000 0 1000000000 0\n")
    scp.expect(b"\0")
    scp.send(b"C0644 19 scptest.cfg\n")
    scp.expect(b"\0")
    scp.send(b"hostname R1\n! line\n")
    assert not (flash / "scptest.cfg").exists()
    scp.send(b"\0")
    scp.expect(b"\0")
    assert (flash / "scptest.cfg").read_bytes() == b"hostname R1\n! line\n"
    assert (flash / "scptest.cfg").stat().st_mtime == 1100000000
    assert scp.end() == (b"", 0)
    (flash / "scptest.cfg").unlink()


def test_a_file_goes_byte_by_byte(channels, flash):
    (flash / "scptest.cfg").write_bytes(b"hostname R1\n")
    (flash / "scptest.cfg").chmod(0o644)
    scp = channels.exec("scp -f flash:/scptest.cfg")
    scp.send(b"\0")
    scp.expect(b"C0644 12 scptest.cfg\n")
    scp.send(b"\0")
    scp.expect(b"hostname R1\n\0")
    scp.send(b"\0")
    assert scp.end() == (b"", 0)
    (flash / "scptest.cfg").unlink()


def test_what_has_no_times_is_of_now(channels):
    before = int(time.time())
    scp = channels.exec("scp -p -f running-config")
    scp.send(b"\0")
    scp.expect(b"T")
    made = int(scp.take(10))
    assert before <= made <= time.time()
    scp.expect(b" 0 %d 0\n" % made)
    scp.send(b"\0")
    scp.expect(b"C0644 ")
    scp.close()


def test_what_was_sent_before_the_answer_counts(channels, flash):
    """All at once, as soon as the channel is open."""
    scp = channels.exec("scp -t flash:early")
    scp.send(b"C0600 5 a\nHELLO\0C0600 3 b\nxyz\0")
    assert scp.end() == (b"\0" * 5, 0)
    assert (flash / "early").read_bytes() == b"xyz"
    (flash / "early").unlink()


def test_many_workers_that_move_files_let_others_run_first(router, channels):
    def niceness(worker):
        return os.getpriority(os.PRIO_PROCESS, worker)

    wait_for(lambda: len(workers(router)) == 1, "the end of those before")
    [worker] = workers(router)
    usual = niceness(worker)
    with contextlib.ExitStack() as stack:
        # A few of them are as prompt as anybody.
        for i in range(4):
            stack.enter_context(Channels(router)).exec(
                f"scp -t flash:other{i}").expect(b"\0")
        assert {niceness(one) for one in workers(router)} == {usual}
        first = channels.exec("scp -t flash:first")
        first.expect(b"\0")
        assert niceness(worker) > usual
        second = channels.exec("scp -t flash:second")
        second.expect(b"\0")
        assert first.end() == (b"", 0)
        assert niceness(worker) > usual
        assert second.end() == (b"", 0)
        if os.geteuid() == 0:
            wait_for(lambda: niceness(worker) == usual, "its turn again")


# --- hardening 9.1 ------------------------------------------------------------

OUTSIDE = [
    "flash:../startup-config", "flash:/../keys/test.ed25519",
    "flash:/../../etc/passwd", "flash:a/../../startup-config",
    "/flash:/../keys", "../startup-config", "..", "flash:..", "flash:/..",
    "flash:.", "flash:./a", "flash:/./a", "./a", "flash:a/.", "flash:a/..",
    "flash://etc/passwd", "//etc/passwd", "flash:a//b", "/etc/passwd",
    "/etc/../etc/passwd", "flash:/etc/passwd", "flash:.new/00000000",
    "flash:.hidden", "flash:d/.hidden", "nvram:private-config",
    "nvram:keys/test", "nvram:../keys/test", "nvram:startup-config.old",
    "nvram:../startup-config", "system:../keys", "system:memory",
    "flash:%2e%2e/x", "flash:..%2fx", "flash:..\\x", "flash:\\etc\\passwd",
    "flash:x/flash:y", "flash:flash:x", "tar:x", "tftp://127.0.0.1/x",
    "proc:/self/mem", "flash:\udcc0\udcaf", "flash:a\u202eb", "flash:\u009b2J",
    "flash: a", "flash:a ", "flash:" + "a" * 129,
    "flash:" + "a/" * 20 + "a", "flash:" + "a" * 2000, "keys/test",
]


def test_hardening_9_1_no_path_leads_out(router, channels, flash):
    state = {path: path.read_bytes() for path in router.state.glob("keys/*")}
    state[router.state / "startup-config"] = \
        (router.state / "startup-config").read_bytes()
    before = sorted(os.listdir(flash))
    for number, path in enumerate(OUTSIDE):
        for option in ("-t", "-f") if number % 2 else ("-rt", "-rf"):
            scp = channels.exec(f"scp {option} -- '{path}'")
            if "f" in option:
                scp.try_send(b"\0")
                said = scp.take(1)
            else:
                said = scp.take(1)
                if said == b"\0":  # not there, so perhaps a name
                    scp.send(b"C0644 4 startup-config\n")
                    said = scp.take(1)
            assert said == b"\1", (option, path)
            data, status = scp.end()
            assert data.count(b"\n") == 1 and data.endswith(b"\n"), data
            assert all(byte >= 0x20 for byte in data[:-1]), data
            assert b"\xc2\x9b" not in data and b"\xe2\x80\xae" not in data
            assert status == 1, (option, path)
    for path, content in state.items():
        assert path.read_bytes() == content, path
    assert sorted(os.listdir(flash)) == before


@pytest.mark.parametrize("name", ["~root", "$(id)", "`id`", "a;b", "a|b", "*",
                                  "a?", "-rf"])
def test_hardening_9_1_what_a_shell_would_read_is_a_name(channels, flash,
                                                         name):
    before = set(os.listdir(flash))
    scp = channels.exec(f"scp -t -- 'flash:{name}'")
    scp.expect(b"\0")
    scp.send(b"C0644 4 x\n")
    scp.expect(b"\0")
    scp.send(b"data\0")
    scp.expect(b"\0")
    assert scp.end()[1] == 0
    assert set(os.listdir(flash)) - before == {name}
    (flash / name).unlink()


def test_hardening_9_1_no_name_of_a_record_leads_out(channels, flash):
    (flash / "names").mkdir()
    for record in (b"C0644 1 ../x\n", b"C0644 1 ..\n", b"C0644 1 .\n",
                   b"C0644 1 /etc/x\n", b"C0644 1 a/b\n", b"C0644 1 \n",
                   b"C0644 1 .hidden\n", b"C0644 1 a\\b\n", b"C0644 1 a\0b\n",
                   b"C0644 1 \xc0\xaf\n", b"D0755 0 ..\n", b"D0755 0 .new\n",
                   b"D0755 0 a/b\n", b"C0644 1 x\x1b[2J\n"):
        scp = channels.exec("scp -r -t flash:/names")
        scp.expect(b"\0")
        scp.send(record)
        data, status = scp.end()
        assert data.startswith(b"\1") and status == 1, (record, data)
        assert b"\x1b" not in data
    assert os.listdir(flash / "names") == []
    (flash / "names").rmdir()


# --- hardening 9.2, 9.3 -------------------------------------------------------

SWAP = """
import os, select, sys
while not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(100):
        os.rename("swap", "kept")
        os.symlink(sys.argv[1], "swap")
        os.unlink("swap")
        os.rename("kept", "swap")
"""


def test_hardening_9_2_a_directory_that_becomes_a_link(router, channels, flash,
                                                       tmp_path):
    """Files go into the directory or nowhere, whenever it is swapped."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (flash / "swap").mkdir()
    swapper = subprocess.Popen(
        ["/usr/bin/python3", "-c", SWAP, str(outside)], cwd=flash,
        stdin=subprocess.PIPE)
    try:
        told = set()
        for number in range(40):
            told.add(channels.put(f"flash:/swap/f{number}", b"x")
                     .partition("(")[2].rstrip(")\n"))
            channels.get(f"flash:/swap/f{number}")
    finally:
        swapper.communicate()
    assert os.listdir(outside) == []
    assert told <= {"", "File not found", "Permission denied"}
    subprocess.run(["rm", "-r", flash / "swap"], check=True)


def test_hardening_9_3_what_is_no_file_is_not_opened(router, channels, flash,
                                                     tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    os.mkfifo(flash / "fifo")
    os.symlink(secret, flash / "link")
    os.symlink(tmp_path, flash / "up")
    with socket.socket(socket.AF_UNIX) as one:
        directory = os.open(flash, os.O_PATH)
        one.bind(f"/proc/self/fd/{directory}/socket")
        os.close(directory)
    for name in ("fifo", "link", "up/secret", "socket"):
        assert channels.get(f"flash:/{name}") == (
            None, f"%Error opening flash:/{name} (Permission denied)\n")
        assert channels.put(f"flash:/{name}", b"x") in (
            f"%Error opening flash:/{name} (Permission denied)\n",)
    # Nor are they part of a tree.
    scp = channels.exec("scp -r -f flash:")
    scp.send(b"\0" * 200)
    data, _ = scp.end()
    for name in (b"fifo", b"link", b"up", b"socket"):
        assert b" " + name + b"\n" not in data
    assert secret.read_text() == "secret"
    for name in ("fifo", "link", "up", "socket"):
        (flash / name).unlink()


# --- hardening 9.4 ------------------------------------------------------------

USERS = """\
username one secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username seven privilege 7 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username last privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
username last autocommand show clock
"""
REQUESTS = ("scp -t flash:x", "scp -f flash:/a", "scp -f running-config",
            "scp -f startup-config", "scp -t running-config", "scp -t x y",
            "scp", "scp -S sh -t x", "scp -r -t flash:")


def told(channels, command):
    scp = channels.exec(command)
    scp.try_send(b"\0")
    return scp.end()


def test_hardening_9_4_only_level_15_and_only_when_it_is_on():
    with Router(config=SERVING.replace("ip scp server enable\n", USERS),
                keys=KEYS) as one:
        (one.state / "flash").joinpath("a").write_text("A")
        for user in ("one", "seven", "lab"):
            with Channels(one, user) as channels:
                for command in REQUESTS:
                    assert told(channels, command) == (
                        b"\1Administratively disabled.\n", 1)
        with Session(one) as user:
            user.configure("ip scp server enable")
        for name in ("one", "seven"):
            with Channels(one, name) as channels:
                for command in REQUESTS:
                    assert told(channels, command) == (
                        b"\1Privilege denied.\n", 1)
        # Whoever may run one command does not run another this way.
        with Channels(one, "last") as channels:
            data, _ = told(channels, "scp -f flash:/a")
            assert b"UTC" in data and b"C0" not in data
        with Channels(one) as channels:
            assert channels.get("flash:/a") == (b"A", "")
        assert is_clean(one.state / "flash")


def test_hardening_9_4_each_operation_is_judged(router, channels, flash):
    """Switched off in the middle: what is under way is not completed."""
    scp = channels.exec("scp -t flash:")
    scp.expect(b"\0")
    scp.send(b"C0644 1 first\nx\0")
    scp.expect(b"\0\0")
    scp.send(b"C0644 1 second\n")
    scp.expect(b"\0")
    with Session(router) as user:
        user.configure("no ip scp server enable")
    scp.send(b"x\0C0644 1 third\n")
    assert scp.end() == (
        b"\1%Error writing flash:/second (Permission denied)\n"
        b"\1%Error opening flash:/third (Permission denied)\n", 1)
    attach(router, "configure terminal", "ip scp server enable", "end")
    assert (flash / "first").read_bytes() == b"x"
    assert not (flash / "second").exists() and not (flash / "third").exists()
    (flash / "first").unlink()


def test_no_exec_refuses_scp_as_well():
    with Router(config=SERVING.replace("login local", "login local\n no exec"),
                keys=KEYS) as one:
        with Channels(one) as channels:
            with pytest.raises(Exception):
                channels.exec("scp -f running-config").take(1)


# --- hardening 9.5 ------------------------------------------------------------

MALFORMED = ["scp", "scp -t", "scp -f", "scp -t x y", "scp -tf x", "scp -f -t x",
             "scp x", "scp -t -t x", "scp -r -r -t x", "scp -t 'x", "scp -z -t x",
             "scp -t x\nshow version", "scp -t \x01", "scp -S /bin/sh -t x",
             "scp -t x; id", "scp -t $(id)x y", "scp " + "-r " * 5000 + "-t x",
             "scp -t " + "x " * 3000]


def test_hardening_9_5_requests_that_are_none(channels, flash):
    for command in MALFORMED:
        assert told(channels, command) == (
            b"\1scp: unexpected arguments\n", 1), command[:40]
    data, status = told(channels, "scp -t " + "x" * 30000)
    assert (data, status) == (b"\1scp: File name too long\n", 1)


RECORDS = [b"C0644 -1 x\n", b"C0644 " + b"9" * 20 + b" x\n",
           b"C0644 18446744073709551616 x\n", b"Crwxr 1 x\n", b"C0698 1 x\n",
           b"C0644 1\n", b"C0644\n", b"C\n", b"\n", b"E\n", b"X0644 1 x\n",
           b"D0755 0 x\n", b"T" + b"9" * 20 + b" 0 1 0\n", b"T1 0\n",
           b"C0644 1 " + b"n" * 3000 + b"\n", b"A" * 100000]


def test_hardening_9_5_records_that_are_none(channels, flash):
    for record in RECORDS:
        scp = channels.exec("scp -t flash:")
        scp.expect(b"\0")
        scp.try_send(record)
        data, status = scp.end()
        assert data.startswith(b"\1scp: protocol error: "), (record[:40], data)
        assert data.count(b"\n") == 1 and status == 1
    assert os.listdir(flash) == [".new"]


def test_hardening_9_5_an_early_end_leaves_nothing(router, channels, flash):
    for sent in (b"", b"C0644", b"C0644 10 x\n", b"C0644 10 x\n12345",
                 b"C0644 2 x\n12\1gone\n"):
        scp = channels.exec("scp -t flash:/early")
        scp.expect(b"\0")
        scp.send(sent)
        scp.end()
        assert not (flash / "early").exists()
    # A size that no disk has is refused before a byte of it comes.
    scp = channels.exec("scp -t flash:/early")
    scp.expect(b"\0")
    scp.send(b"C0644 9223372036854775807 x\n")
    assert scp.end() == (b"\1%Error opening flash:/early "
                         b"(No space left on device)\n", 1)


def test_a_connection_cut_in_the_middle_leaves_nothing(router, flash):
    (flash / "cut").write_bytes(b"old")
    for end in ("close", "socket", "worker"):
        with Channels(router) as channels:
            scp = channels.exec("scp -t flash:/cut")
            scp.expect(b"\0")
            scp.send(b"C0644 1000000 cut\n")
            scp.expect(b"\0")
            scp.send(b"x" * 300000)
            wait_for(lambda: os.listdir(flash / ".new"), "a file")
            if end == "close":
                scp.close()
            elif end == "socket":
                channels.client.get_transport().sock.close()
            else:
                # Those of the connections before have gone, or do so now.
                wait_for(lambda: len(workers(router)) == 1, "the only worker")
                os.kill(workers(router).pop(), 9)
            assert is_clean(flash)
    assert (flash / "cut").read_bytes() == b"old"
    (flash / "cut").unlink()


def test_all_of_a_file_has_come_and_the_client_is_gone(router, flash):
    """libssh2 ends without waiting; a configuration is carried out whole."""
    lines = b"".join(b"ip host n%d 192.0.2.1\n" % n for n in range(3000))
    with Channels(router) as channels:
        scp = channels.exec("scp -t running-config")
        scp.expect(b"\0")
        scp.send(b"C0644 %d x\n" % len(lines))
        scp.expect(b"\0")
        scp.send(lines)
        scp.channel.shutdown_write()
        scp.close()
    router.wait_log(r"%SYS-5-CONFIG_I: Configured from scp by lab")
    with Session(router) as user:
        assert user.command("show running-config | include ip host n2999") \
            == "ip host n2999 192.0.2.1\n"
        removed = "".join(f"no ip host n{n}\n" for n in range(3000))
        with Channels(router) as channels:
            assert channels.put("running-config", removed.encode()) == ""


def test_exec_timeout_ends_a_silent_transfer():
    with Router(config=SERVING + "line vty 0 15\n exec-timeout 0 2\n",
                keys=KEYS) as one, Channels(one) as channels:
        for options in ("-t flash:x", "-f running-config"):
            scp = channels.exec(f"scp {options}")
            if "-t" in options:
                scp.expect(b"\0")
                scp.send(b"C0644 5 x\n")
                scp.expect(b"\0")
            assert scp.rest() == b""
            assert scp.channel.recv_exit_status() == 1
        assert is_clean(one.state / "flash")
        assert not (one.state / "flash" / "x").exists()


# --- hardening 9.7 ------------------------------------------------------------

@pytest.fixture
def small_disk(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "vtyd-test",
         str(state)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", str(state)], check=True)


def test_hardening_9_7_a_full_disk_is_told_and_keeps_room(small_disk):
    with Router(small_disk, config=SERVING, keys=KEYS) as one, \
            Channels(one) as channels:
        flash = one.state / "flash"
        (flash / "old").write_text("old\n")
        assert channels.put("flash:/old", b"x" * (6 << 20)) == \
            "%Error opening flash:/old (No space left on device)\n"
        # Somebody else takes the room in the middle.
        scp = channels.exec("scp -t flash:")
        scp.expect(b"\0")
        scp.send(b"C0644 3000000 old\n")
        scp.expect(b"\0")
        scp.send(b"x" * 1000000)
        wait_for(lambda: [path for path in (flash / ".new").iterdir()
                          if path.stat().st_size >= 900000], "a megabyte")
        (flash / "other").write_bytes(b"y" * 3500000)
        scp.send(b"x" * 2000000 + b"\0")
        scp.expect(b"\1%Error writing flash:/old (No space left on device)\n")
        # It goes on with what there is room for.
        scp.send(b"C0644 5 new\n12345\0")
        assert scp.end() == (b"\0\0", 1)
        assert (flash / "new").read_bytes() == b"12345"
        assert (flash / "old").read_text() == "old\n" and is_clean(flash)
        assert "[OK]" in attach(one, "write memory").stdout
