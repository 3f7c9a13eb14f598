"""What was saved is there after any end: the old configuration or the new one,
whole; and what cannot be read hinders nothing else.

VTYD_KILLS: how many times the router is killed while it saves (default 60, in
the soak 200).
"""
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import time

import pytest

from console import attach, wait_socket
from router import Router, VTYD

KILLS = int(os.environ.get("VTYD_KILLS",
                           "200" if "VTYD_SOAK" in os.environ else "60"))
SEED = int(os.environ.get("VTYD_SEED", str(random.randrange(1 << 32))))
# Enough text for a save to take its time.
LINES = 3000

pytestmark = pytest.mark.long


def body(text):
    """The configuration without its comments, which hold the time of saving."""
    return [line for line in text.splitlines() if not line.startswith("!")]


class Typist:
    """A router whose console is typed at and read through pipes."""

    def __init__(self, state, log):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(
            [str(VTYD), "--state", str(state), "--listen", "127.0.0.1:0",
             "--console"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.log, bufsize=0)
        self.seen = ""

    def type(self, *lines):
        self.process.stdin.write("".join(f"{one}\n" for one in lines).encode())

    def expect(self, text):
        while text not in self.seen:
            part = self.process.stdout.read(65536)
            assert part, f"{text!r} did not come: {self.seen!r}"
            self.seen += part.decode()
        self.seen = self.seen.partition(text)[2]

    def close(self):
        self.process.wait()
        self.process.stdin.close()
        rest = self.process.stdout.read().decode()
        self.process.stdout.close()
        self.log.close()
        return self.seen + rest


def sleep_until(moment):
    """To some microseconds: time.sleep() alone is late."""
    while (left := moment - time.perf_counter()) > 0:
        if left > 0.002:
            time.sleep(left - 0.001)


def started(state, log, number):
    """A router that has something new to save."""
    typist = Typist(state, log)
    typist.type("enable", "configure terminal", f"hostname N{number}", "end")
    typist.expect(f"N{number}#")
    return typist


def has_begun(state):
    """Part of the new file is there, or it was: the save is under way."""
    return os.access(state / "startup-config.new", os.F_OK)


def wait_begun(state, seconds=5):
    """Spin, for it takes less than a millisecond."""
    end = time.perf_counter() + seconds
    while not has_begun(state) and time.perf_counter() < end:
        pass


def prepare(state, log):
    """A saved configuration of many lines. Seconds that the first `write
    memory` of a router takes: from the key to [OK], and from the first trace
    of the new file to [OK]."""
    typist = started(state, log, 0)
    typist.type("configure terminal", *(
        f"access-list {1 + i % 99} permit host 10.9.{i >> 8}.{i & 255}"
        for i in range(LINES)), "end", "write memory")
    typist.expect("[OK]")
    typist.process.terminate()
    typist.close()
    whole, tail = [], []
    for _ in range(5):
        typist = started(state, log, 0)
        start = time.perf_counter()
        typist.type("write memory")
        wait_begun(state, 1)
        begun = time.perf_counter()
        typist.expect("[OK]")
        end = time.perf_counter()
        whole.append(end - start)
        tail.append(end - begun)
        typist.process.terminate()
        typist.close()
    return statistics.median(whole), statistics.median(tail)


def kill_while_saving(typist, log):
    typist.process.send_signal(signal.SIGKILL)
    said = typist.close()
    told = log.read_text()
    assert "startup-config" not in told, told
    return said


class Count:
    """Where the kills hit."""
    before = inside = midway = after = renewed = 0

    def add(self, state, said, is_new):
        midway = any((state / f"startup-config.{name}").exists()
                     for name in ("new", "link"))
        if "[OK]" in said:
            self.after += 1
        elif midway or is_new or "Building" in said:
            self.inside += 1
        else:
            self.before += 1
        self.midway += midway
        self.renewed += is_new

    def __str__(self):
        return (f"{self.before} before a trace of it, {self.inside} inside it "
                f"({self.midway} with a file half made), {self.after} after "
                f"[OK]; {self.renewed} left the new configuration")


@pytest.mark.heavy
def test_kill_9_while_saving_leaves_the_old_or_the_new_whole(tmp_path):
    state, log = tmp_path / "state", tmp_path / "log"
    draw = random.Random(SEED)
    whole, tail = prepare(state, log)
    current = body((state / "startup-config").read_text())
    assert sum(line.startswith("access-list") for line in current) == LINES
    count = Count()
    for number in range(1, KILLS + 1):
        typist = started(state, log, number)
        start = time.perf_counter()
        typist.type("write memory")
        # Half of them anywhere in the time that the command takes, the others
        # where it is at work on the files.
        if number % 2 == 0:
            sleep_until(start + draw.uniform(0, whole))
        else:
            wait_begun(state)
            sleep_until(time.perf_counter() + draw.uniform(0, tail / 2))
        said = kill_while_saving(typist, log)
        wanted = [f"hostname N{number}" if line.startswith("hostname ")
                  else line for line in current]
        found = body((state / "startup-config").read_text())
        assert found in (current, wanted), (SEED, number)
        # Who was told [OK] can rely on it.
        assert found == wanted or "[OK]" not in said, (SEED, number)
        old = body((state / "startup-config.old").read_text())
        assert len(old) == len(current) and old[-1] == "end", (SEED, number)
        count.add(state, said, found == wanted)
        current = found
    print(f"\nwrite memory takes {whole * 1000:.1f} ms, {tail * 1000:.1f} of "
          f"them from the first trace of the new file; of {KILLS} kills "
          f"{count}; VTYD_SEED={SEED}")
    assert count.inside >= KILLS // 4, "too few kills while it saved"


def test_erase_startup_config_leaves_the_factory_configuration(tmp_path):
    with Router(tmp_path) as router:
        attach(router, "write memory", "write memory")
        assert (router.state / "startup-config.old").exists()
        result = attach(router, "erase startup-config", "")
        assert result.returncode == 0
        assert not (router.state / "startup-config").exists()
        assert not (router.state / "startup-config.old").exists()
        router.restart()
        shown = attach(router, "show running-config").stdout
        assert "ip ssh server algorithm kex curve25519-sha256 " in shown
        assert "username" not in shown


def test_without_the_file_the_old_one_is_used_and_the_log_says_so(tmp_path):
    with Router(tmp_path) as router:
        attach(router, "configure terminal", "hostname One", "end",
               "write memory", "configure terminal", "hostname Two", "end",
               "write memory")
        router.stop()
        (router.state / "startup-config").unlink()
        router.start()
        assert "One#" in attach(router).stdout
        router.wait_log("startup-config.old")


def test_bad_lines_are_named_and_the_good_ones_loaded(tmp_path):
    lines = ["hostname R1", "frobnicate the router", "ip ssh time-out 60",
             "line vty 0 4", " transport input ssh", " exec-timeout forever",
             "ip ssh time-out 1000", "ip domain name a\0b",
             "access-list 7 permit any", "end"]
    with Router(tmp_path, config="\n".join(lines) + "\n") as router:
        shown = attach(router, "show running-config").stdout
        router.wait_log("startup-config line 8 ")
        named = re.findall(r"startup-config line (\d+) ", router.log())
        assert named == ["2", "6", "7", "8"]
        assert "R1#" in shown
        for line in ("ip ssh time-out 60", " transport input ssh",
                     "access-list 7 permit any"):
            assert line in shown.splitlines()


def test_an_unreadable_key_file_is_named_and_the_router_serves(tmp_path):
    router = Router(tmp_path, keys=("ed25519", "rsa"))
    keys = router.state / "keys"
    (keys / "broken.rsa").write_text("-----BEGIN NOTHING-----\n")
    (keys / "broken.rsa").chmod(0o600)
    shutil.copy(keys / "test.rsa", keys / "open.rsa")
    (keys / "open.rsa").chmod(0o644)
    (keys / "empty.rsa").touch(0o600)
    (keys / "link.rsa").symlink_to("test.rsa")
    bad = ["broken", "open", "empty", "link"]
    if os.geteuid() == 0:
        shutil.copy(keys / "test.rsa", keys / "foreign.rsa")
        os.chown(keys / "foreign.rsa", 65534, 65534)
        bad.append("foreign")
    with router:
        for name in bad:
            router.wait_log(rf"Key file keys/{name}\.rsa cannot be used: \S+")
        assert "keys/test.rsa cannot" not in router.log()
        shown = attach(router, "show ip ssh", "show crypto key mypubkey rsa")
        assert "SSH Enabled - version 2.0" in shown.stdout
        assert shown.stdout.count("Key name: ") == 1


def test_no_key_file_is_left_half_made(tmp_path):
    """Killed while a pair is made: no part of it is there, or all of it."""
    for delay in (0.02, 0.1, 0.3, 0.6):
        router = wait_socket(Router(tmp_path, config=None).start())
        process = subprocess.Popen(
            [str(VTYD), "attach", "--state", str(router.state)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        process.stdin.write("configure terminal\n"
                            "crypto key generate rsa label k modulus 3072\n")
        process.stdin.flush()
        time.sleep(delay)
        router.kill()
        process.wait(60)
        process.stdin.close()
        with router:
            wait_socket(router)
            left = [path.name for path in (router.state / "keys").iterdir()]
            assert left in ([], ["k.rsa"])
            assert "cannot be used" not in router.log()
            if left:
                router.wait_log("SSH-5-ENABLED")
            (router.state / "keys" / "k.rsa").unlink(missing_ok=True)


@pytest.fixture
def small_disk(tmp_path):
    """A state directory on a file system of 256 KiB."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "vtyd-test",
         str(state)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", str(state)], check=True)


def fill(path):
    """Until nothing more goes onto that file system."""
    with open(path, "wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"x" * 4096)
        except OSError:
            pass


def test_a_full_disk_leaves_the_old_file_and_tells_the_user(small_disk):
    with Router(small_disk) as router:
        assert "[OK]" in attach(router, "write memory").stdout
        before = (router.state / "startup-config").read_bytes()
        fill(router.state / "filler")
        result = attach(router, "configure terminal", "hostname R1",
                        f"banner motd ^{'x' * 200}^", "end", "write memory",
                        "show privilege")
        assert "[OK]" not in result.stdout
        assert "No space left on device" in result.stdout
        assert "privilege level is 15" in result.stdout
        assert (router.state / "startup-config").read_bytes() == before
        assert not (router.state / "startup-config.new").exists()

        # Neither is there half a key.
        result = attach(router, "configure terminal",
                        "crypto key generate rsa label k modulus 1024", "end",
                        "show crypto key mypubkey rsa")
        assert list((router.state / "keys").iterdir()) == []
        assert "Key name: k" not in result.stdout

        (router.state / "filler").unlink()
        assert "[OK]" in attach(router, "write memory").stdout
        assert b"hostname R1" in (router.state / "startup-config").read_bytes()


def test_two_saves_at_once_lose_nothing(tmp_path):
    """The console and a script save at the same time, again and again."""
    with Router(tmp_path, config=None) as router:
        script = []
        for number in range(30):
            script += ["configure terminal", f"hostname N{number}", "end",
                       "write memory"]
        result = attach(router, *script)
        assert result.stdout.count("[OK]") == 30
        assert "hostname N29" in (router.state / "startup-config").read_text()
        assert "hostname N28" in \
            (router.state / "startup-config.old").read_text()
