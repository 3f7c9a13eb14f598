"""vtyssh beside OpenSSH's ssh, as clients of one sshd: what 1 GiB costs them.

The file goes from memory to memory: down is `HOST cat FILE >FILE`, up is
`HOST cat >FILE <FILE`. CPU is the client's own, user and system, from its start
to its end, as wait4(2) has it.
"""
import contextlib
import filecmp
import os
import pathlib
import pwd
import statistics
import subprocess
import tempfile
import time

import servers
import transfer

NAMES = ("vtyssh", "ssh")
DIRECTIONS = {"down": "from the server", "up": "to it"}
GIB = 1 << 30


class Place:
    """A directory with a server's files, a user's, and the file to be moved."""

    def __init__(self, directory, build, size):
        self.directory = pathlib.Path(directory)
        self.vtyssh = str(pathlib.Path(build).resolve() / "src" / "vtyssh"
                          / "vtyssh")
        self.port = servers.free_port()
        self.size = size
        ssh = self.directory / ".ssh"
        ssh.mkdir(mode=0o700)
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-f", str(self.directory / name)], check=True)
        kind, key, *_ = (self.directory / "host.pub").read_text().split()
        (ssh / "known_hosts").write_text(
            f"[127.0.0.1]:{self.port} {kind} {key}\n")
        self.source = self.directory / "source"
        transfer.fill(self.source, size)
        self.target = self.directory / "target"

    @contextlib.contextmanager
    def sshd(self):
        config = self.directory / "config"
        config.write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nPidFile none\n"
            f"HostKey {self.directory}/host\nUsePAM no\nStrictModes no\n"
            f"AuthorizedKeysFile {self.directory}/user.pub\n"
            "PermitRootLogin yes\nUseDNS no\nPrintMotd no\nPrintLastLog no\n")
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        with servers.running("clients", ["/usr/sbin/sshd", "-D", "-f",
                                         str(config)], self.port, []):
            yield

    def command(self, name, cipher, remote):
        words = ["-c", cipher, "-i", str(self.directory / "user"), "-p",
                 str(self.port), "-l", pwd.getpwuid(os.getuid()).pw_name]
        if name == "vtyssh":
            return [self.vtyssh, *words, "127.0.0.1", remote]
        return ["ssh", "-F", "none", "-o", "UserKnownHostsFile="
                + str(self.directory / ".ssh" / "known_hosts"), *words,
                "127.0.0.1", remote]

    def move(self, name, cipher, direction, check):
        """CPU seconds and seconds a GiB."""
        if direction == "up":
            remote = f"cat >{self.target}"
            stdin, stdout = self.source, os.devnull
        else:
            remote = f"cat {self.source}"
            stdin, stdout = os.devnull, self.target
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.directory)}
        began = time.perf_counter()
        with open(stdin, "rb") as source, open(stdout, "wb") as to:
            process = subprocess.Popen(
                self.command(name, cipher, remote), stdin=source, stdout=to,
                env=environment, start_new_session=True)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if process.returncode != 0:
            raise transfer.Failed(f"{name}: ended with {process.returncode}")
        if check and not filecmp.cmp(self.source, self.target, shallow=False):
            raise transfer.Failed(f"{name}: what came is not what was sent")
        self.target.unlink()
        scale = GIB / self.size
        return (used.ru_utime + used.ru_stime) * scale, seconds * scale


def pairs(build, size, rounds):
    """Medians by cipher, direction and client, the clients in turn."""
    table = {}
    with tempfile.TemporaryDirectory(
            dir=servers.memory_directory()) as directory:
        place = Place(directory, build, size)
        with place.sshd():
            for cipher in transfer.CIPHERS:
                for direction in DIRECTIONS:
                    taken = {name: [] for name in NAMES}
                    # The first one of each warms up, and is looked at.
                    for turn in range(1 + rounds):
                        for name in NAMES:
                            figures = place.move(name, cipher, direction,
                                                 turn == 0)
                            if turn > 0:
                                taken[name].append(figures)
                    table[cipher, direction] = {
                        name: tuple(statistics.median(column)
                                    for column in zip(*figures))
                        for name, figures in taken.items()}
    return table
