"""A real vtyd on loopback, for any test that wants one.

    with Router(directory, config="hostname R1\n", keys=KEYS) as router:
        ssh ... -p router.port

VTYD_BUILD names the build directory (default: build/ of this repository).
"""
import ctypes
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("VTYD_BUILD", ROOT / "build"))
VTYD = BUILD / "src" / "vtyd"

# User lab with password lab, enable secret cisco, sixteen lines.
CONFIG = """\
enable secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0
username lab secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
banner login ^C
Authorized users only
^C
ip ssh version 2
line con 0
line vty 0 15
 login local
 transport input ssh
"""

# What a router is told at its console to have one pair of each type.
KEY_COMMANDS = {
    "ed25519": "crypto key generate ed25519 label test",
    "rsa": "crypto key generate rsa label test modulus 2048",
    "ec256": "crypto key generate ec keysize 256 label test256",
    "ec384": "crypto key generate ec keysize 384 label test384",
    "ec521": "crypto key generate ec keysize 521 label test521",
}
KEYS = tuple(KEY_COMMANDS)

# What a router of a test may not do to the machine it runs on.
LIBC = ctypes.CDLL(None)
PR_CAPBSET_DROP = 24
CAP_NET_ADMIN, CAP_SYS_TIME = 12, 25


def is_sanitized():
    """Reports of sanitizers need what a router otherwise does without."""
    return b"__asan_init" in VTYD.read_bytes()


# What no log of an orderly run may hold.
SANITIZER = re.compile(r"AddressSanitizer|runtime error:|LeakSanitizer")


# Names of ports that are this process's until it ends.
_claims = []


def claim(port):
    """Whether no other process that runs tests here has that port for itself,
    nor this one already."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0vtyd-test-port-{port}")
    except OSError:
        name.close()
        return False
    _claims.append(name)
    return True


def free_port(first=10240, last=32767):
    """A port that is free on both loopback addresses, and that nobody else is
    given meanwhile: the kernel takes those that it chooses from above."""
    for _ in range(1000):
        port = random.randint(first, last)
        with socket.socket(socket.AF_INET6) as six, \
                socket.socket(socket.AF_INET) as four:
            six.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                six.bind(("::1", port))
                four.bind(("127.0.0.1", port))
            except OSError:
                continue
        if claim(port):
            return port
    raise RuntimeError("no free port")


def wait_for(condition, what, seconds=60):
    """Poll until `condition()` gives something; that."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.02)


class Router:
    """One vtyd with a state directory of its own below `directory`."""

    def __init__(self, directory=None, config=CONFIG, keys=(), options=(),
                 listen=("127.0.0.1:0",), script=None, environment=None,
                 preexec=None, expect_listening=True, program=VTYD,
                 harmless=True):
        """`config` None: the factory's. `keys`: names of KEY_COMMANDS, or a
        directory to copy. `script`: typed at the console. `harmless` False:
        it has a machine of its own, whose network it may change."""
        self.own_directory = directory is None
        self.directory = pathlib.Path(directory or tempfile.mkdtemp())
        self.state = self.directory / "state"
        self.log_path = self.directory / "log"
        self.console_path = self.directory / "console"
        self.listen, self.options = list(listen), list(options)
        self.script = script
        self.environment = environment or {}
        self.preexec = preexec
        self.expect_listening = expect_listening and bool(keys)
        self.program = program
        self.harmless = harmless
        self.process = None
        self.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if config is not None:
            self.write_state("startup-config", config)
        if keys:
            source = keys if isinstance(keys, pathlib.Path) else made_keys(keys)
            shutil.copytree(source, self.state / "keys", dirs_exist_ok=True)

    def write_state(self, name, text):
        path = self.state / name
        path.write_text(text)
        path.chmod(0o600)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop(check=kind is None)
        if self.own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def start(self):
        command = [str(self.program), "--state", str(self.state)]
        for address in self.listen:
            command += ["--listen", address]
        if self.script is None:
            command.append("--no-console")
            stdin = subprocess.DEVNULL
        else:
            command.append("--console")
            path = self.directory / "script"
            path.write_text(self.script)
            stdin = open(path, "rb")
        self.log_start = (self.log_path.stat().st_size
                          if self.log_path.exists() else 0)
        with open(self.log_path, "ab") as log, \
                open(self.console_path, "ab") as console:
            self.process = subprocess.Popen(
                command + self.options, stdin=stdin, stdout=console,
                stderr=log, env={**os.environ, **self.environment},
                start_new_session=True, preexec_fn=self.prepare)
        if stdin is not subprocess.DEVNULL:
            stdin.close()
        if self.expect_listening:
            self.ports = self.wait_listening(len(self.listen))
        return self

    def prepare(self):
        """In the child that becomes the router."""
        if self.harmless and os.geteuid() == 0:
            for right in (CAP_NET_ADMIN, CAP_SYS_TIME):
                assert LIBC.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) == 0
        if self.preexec is not None:
            self.preexec()

    def wait_listening(self, count=1):
        def all_there():
            self.assert_running()
            found = re.findall(r"Listening on \S+:(\d+)$", self.log(), re.M)
            return [int(port) for port in found] \
                if len(found) >= count else None
        return wait_for(all_there, "the port")

    @property
    def port(self):
        return self.ports[0]

    @property
    def pid(self):
        return self.process.pid

    def assert_running(self):
        assert self.process.poll() is None, \
            f"vtyd ended with {self.process.returncode}:\n{self.log()}"

    def log(self):
        """What this run has logged so far."""
        with open(self.log_path, errors="replace") as log:
            log.seek(self.log_start)
            return log.read()

    def console(self):
        return self.console_path.read_text(errors="replace")

    def wait_log(self, pattern, seconds=60):
        return wait_for(lambda: re.search(pattern, self.log(), re.M),
                        f"log line {pattern!r}", seconds)

    def children(self, role=None):
        """Pids of the processes of this router, by their name in ps."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                stat = (entry / "stat").read_text()
                title = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            fields = stat.rpartition(")")[2].split()
            if int(fields[1]) == self.pid and fields[0] != "Z" and \
                    (role is None or role.encode() in title):
                found.append(int(entry.name))
        return found

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, seconds=60):
        """SIGTERM; the exit status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"vtyd did not end:\n{self.log()}")
        return self.process.returncode

    def stop(self, check=True):
        """End it in order; `check`: it must have been in order."""
        if self.process is None:
            return
        try:
            status = self.end()
            assert not check or status == 0, \
                f"exit status {status}:\n{self.log()}"
        except AssertionError:
            if check:
                raise
        finally:
            # Also behind a test that failed: this may be why.
            assert not SANITIZER.search(self.log()), self.log()

    def restart(self):
        self.stop()
        return self.start()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


_made = {}


def made_keys(names):
    """A directory with those pairs, made once by a router of its own."""
    names = tuple(names)
    if names not in _made:
        lines = ["enable", "configure terminal",
                 *(KEY_COMMANDS[name] for name in names), "end"]
        directory = pathlib.Path(tempfile.mkdtemp(prefix="vtyd-keys-"))
        router = Router(directory, config="hostname Keys\n",
                        script="\n".join(lines) + "\n")
        keys = router.state / "keys"

        def complete():
            router.assert_running()
            files = list(keys.iterdir()) if keys.exists() else []
            return len(files) == len(names) and \
                not any(f.name.endswith(".new") for f in files)
        with router:
            wait_for(complete, "the key pairs", 120)
        _made[names] = keys
    return _made[names]


def forget_keys():
    """Remove what made_keys() has left."""
    for keys in _made.values():
        shutil.rmtree(keys.parents[1], ignore_errors=True)
    _made.clear()
