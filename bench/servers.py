"""The three servers, each on loopback, on a port and in a directory of its own."""
import contextlib
import os
import pathlib
import pwd
import re
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import measure

USER = "vtydbench"
PASSWORD = "bench"
FILES_USER = "files"  # of ours, who may move files
VTYS = 1300


def memory_directory():
    """Where files are in memory, so that no disk is measured."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(server, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        server.check()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", server.port), 1).close()
            return
        time.sleep(0.1)
    raise Gone(f"{server.name} does not listen on port {server.port}")


def md5_crypt(*options):
    return subprocess.run(["openssl", "passwd", "-1", *options, PASSWORD],
                          capture_output=True, text=True,
                          check=True).stdout.strip()


@contextlib.contextmanager
def system_user():
    """A user who can log in with md5-crypt, as `secret 5` is, and leaves again."""
    with contextlib.suppress(KeyError):
        pwd.getpwnam(USER)
        subprocess.run(["userdel", USER], check=True)  # of a run that was killed
    subprocess.run(["useradd", "--no-create-home", "--home-dir", "/",
                    "--shell", "/bin/sh", "--password", md5_crypt(), USER],
                   check=True)
    try:
        yield
    finally:
        subprocess.run(["userdel", USER], check=True)


class Gone(Exception):
    """A server has ended in the middle of a measurement."""


class Server:
    """One that runs: where it is, how one logs in, and what it spends."""

    def __init__(self, name, process, port, group, options):
        self.name, self.port, self.group = name, port, group
        self.process = process
        self.pid = group.root = process.pid
        self.options = options
        self.files = None  # how files are moved; see transfer.py
        self.idle_processes = 0  # known once it listens

    def check(self):
        """Gone, with how it ended and what to run to see why, if it has."""
        status = self.process.poll()
        if status is None:
            return
        how = (f"by {signal.Signals(-status).name}" if status < 0
               else f"with status {status}")
        raise Gone(f"{self.name} has ended {how}; it was run as: "
                   + shlex.join(self.process.args))


class Files:
    """Who moves files there, where they lie, and what they are called."""

    def __init__(self, user, directory, prefix):
        self.user, self.directory, self.prefix = user, directory, prefix


@contextlib.contextmanager
def running(name, args, port, options):
    group = measure.Group(name)
    process = subprocess.Popen(group.command(args), stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    server = Server(name, process, port, group, options)
    try:
        wait_for(server)
        time.sleep(0.5)
        server.idle_processes = group.processes()
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        group.close()


CONFIG = """\
hostname bench
enable secret 5 {hash}
username bench secret 5 {hash}
username {files_user} privilege 15 secret 5 {hash}
ip ssh version 2
ip ssh maxstartups 1024
ip scp server enable
ip sftp server enable
line vty 0 {last_vty}
 login local
 transport input ssh
 exec-timeout 0 0
"""
KEYS = f"""\
enable
{PASSWORD}
configure terminal
crypto key generate ed25519 label bench
crypto key generate rsa label bench modulus 2048
end
reload

"""


@contextlib.contextmanager
def vtyd(build):
    program = str(pathlib.Path(build).resolve() / "src" / "vtyd")
    with tempfile.TemporaryDirectory(dir=memory_directory()) as state:
        config = CONFIG.format(hash=md5_crypt("-salt", "beNc"),
                               files_user=FILES_USER, last_vty=VTYS - 1)
        pathlib.Path(state, "startup-config").write_text(config)
        try:
            subprocess.run([program, "--state", state, "--listen",
                            "127.0.0.1:0", "--console"], input=KEYS,
                           text=True, check=True, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=60)
        except subprocess.SubprocessError as wrong:
            raise Gone(f"vtyd made no keys: {wrong}") from None
        port = free_port()
        with running("vtyd", [program, "--state", state, "--no-console",
                              "--listen", f"127.0.0.1:{port}"], port,
                     ["--user", "bench", "--password", PASSWORD,
                      "--command", "show privilege"]) as server:
            server.files = Files(FILES_USER, pathlib.Path(state, "flash"),
                                 "flash:/")
            yield server


SYSTEM_LOGIN = ["--user", USER, "--password", PASSWORD, "--command", "true"]


@contextlib.contextmanager
def sshd():
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=memory_directory()) as directory:
        os.chmod(directory, 0o755)
        files = pathlib.Path(directory, "files")
        files.mkdir()
        shutil.chown(files, USER)
        for kind, bits in (("ed25519", []), ("rsa", ["-b", "2048"])):
            subprocess.run(["ssh-keygen", "-q", "-t", kind, *bits, "-N", "",
                            "-f", f"{directory}/{kind}"], check=True)
        port = free_port()
        config = pathlib.Path(directory, "sshd_config")
        config.write_text(
            f"ListenAddress 127.0.0.1\nPort {port}\nPidFile none\n"
            f"HostKey {directory}/ed25519\nHostKey {directory}/rsa\n"
            "UsePAM no\nPasswordAuthentication yes\nPrintMotd no\n"
            "PrintLastLog no\nUseDNS no\nMaxStartups 2000\nMaxSessions 2000\n"
            "Subsystem sftp /usr/lib/openssh/sftp-server\n")
        with running("sshd", ["/usr/sbin/sshd", "-D", "-f", str(config)], port,
                     SYSTEM_LOGIN) as server:
            server.files = Files(USER, files, f"{files}/")
            yield server


@contextlib.contextmanager
def dropbear():
    with tempfile.TemporaryDirectory() as directory:
        for kind, bits in (("ed25519", []), ("rsa", ["-s", "2048"])):
            subprocess.run(["dropbearkey", "-t", kind, *bits, "-f",
                            f"{directory}/{kind}"], check=True,
                           capture_output=True)
        port = free_port()
        with running("dropbear", ["/usr/sbin/dropbear", "-F", "-E", "-m", "-p",
                                  f"127.0.0.1:{port}", "-r",
                                  f"{directory}/ed25519", "-r",
                                  f"{directory}/rsa", "-P",
                                  f"{directory}/pid"], port,
                     SYSTEM_LOGIN) as server:
            yield server


def versions(build):
    def first_line(*args):
        out = subprocess.run(args, capture_output=True, text=True)
        return (out.stdout + out.stderr).strip().splitlines()[0]

    program = str(pathlib.Path(build).resolve() / "src" / "vtyd")
    return {"vtyd": first_line(program, "--version"),
            "sshd": re.split(r"[, ]", first_line("ssh", "-V"))[0],
            "dropbear": first_line("/usr/sbin/dropbear", "-V")}
