"""Servers of other people, for our clients: OpenSSH's sshd and dropbear.

    with Sshd(directory, "RekeyLimit 1M") as server:
        ... server.port, server.user, server.key

They let in whoever runs the tests, by a key made for it. As root they get a
mount namespace of their own, in which PAM takes the password "lab" and root's
home directory is the server's: nothing of the machine is touched.
"""
import ctypes
import functools
import os
import pathlib
import pwd
import shutil
import socket
import subprocess

from router import free_port, wait_for

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
USER = pwd.getpwuid(os.getuid()).pw_name
HOME = pathlib.Path(pwd.getpwuid(os.getuid()).pw_dir)
PASSWORD = "lab"
PAM = """\
auth required pam_permit.so
auth required pam_exec.so quiet expose_authtok {check}
account required pam_permit.so
session required pam_permit.so
"""
# pam_exec gives the password with a NUL behind it.
CHECK = """\
#!/bin/sh
[ "$(tr -d '\\000')" = {password} ]
"""
KEY_TYPES = {
    "ed25519": ["-t", "ed25519"],
    "rsa": ["-t", "rsa", "-b", "2048"],
    "ecdsa256": ["-t", "ecdsa", "-b", "256"],
    "ecdsa384": ["-t", "ecdsa", "-b", "384"],
    "ecdsa521": ["-t", "ecdsa", "-b", "521"],
}
ALL = """\
Ciphers +aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc
MACs +hmac-md5,hmac-md5-96,hmac-sha1,hmac-sha1-96
KexAlgorithms +diffie-hellman-group14-sha1,diffie-hellman-group1-sha1,\
diffie-hellman-group-exchange-sha1
"""


def make_key(path, kind="ed25519", passphrase="", *options):
    subprocess.run(["ssh-keygen", "-q", "-N", passphrase, "-C", "test",
                    "-f", str(path), *KEY_TYPES[kind], *options], check=True)
    return path


def mount(source, target, flags):
    if LIBC.mount(str(source).encode(), str(target).encode(), b"", flags,
                  None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


@functools.cache
def can_have_namespace():
    """Root, and of a kind that may mount."""
    if os.geteuid() != 0:
        return False
    return subprocess.run(["unshare", "-m", "true"],
                          capture_output=True).returncode == 0


class Server:
    """One daemon on 127.0.0.1, its files below `directory`."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.user = USER
        self.log_path = self.directory / "log"
        self.key = self.directory / "user_key"
        if not self.key.exists():
            make_key(self.key)
        self.home = self.directory / "home"
        (self.home / ".ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.authorized = self.home / ".ssh" / "authorized_keys"
        self.authorize(self.key)
        self.process = None

    def authorize(self, key):
        """Let this key in, besides those that are."""
        with open(self.authorized, "a") as keys:
            keys.write(pathlib.Path(f"{key}.pub").read_text())
        self.authorized.chmod(0o600)

    def __enter__(self):
        can_have_namespace()  # known before there is a child of many threads
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, preexec_fn=self.prepare)
        wait_for(self.is_listening, f"the port of {self.command()[0]}")
        return self

    def __exit__(self, kind, value, trace):
        self.process.terminate()
        self.process.wait()

    def is_listening(self):
        assert self.process.poll() is None, self.log()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def log(self):
        return self.log_path.read_text(errors="replace")

    def prepare(self):
        """In the child that becomes the server."""
        if not can_have_namespace():
            return
        if LIBC.unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        mount("none", "/", MS_REC | MS_PRIVATE)
        pam = self.directory / "pam"
        if pam.exists():
            mount(pam, "/etc/pam.d/sshd", MS_BIND)
        mount(self.home, HOME, MS_BIND)

    def known_as(self, host="127.0.0.1"):
        """The lines that a file of known hosts has of it."""
        return "".join(f"[{host}]:{self.port} " +
                       " ".join(key.read_text().split()[:2]) + "\n"
                       for key in sorted(self.directory.glob("host_*.pub")))


class Sshd(Server):
    """OpenSSH's. `config`: lines in front of all others, which so win."""

    def __init__(self, directory, config="", host_keys=("ed25519",),
                 password=PASSWORD):
        super().__init__(directory)
        # Outside of the home directory, which only root can have elsewhere.
        keys = []
        for kind in host_keys:
            path = self.directory / f"host_{kind}"
            if not path.exists():
                make_key(path, kind)
            keys.append(f"HostKey {path}\n")
        check = self.directory / "check"
        check.write_text(CHECK.format(password=password))
        check.chmod(0o700)
        (self.directory / "pam").write_text(PAM.format(check=check))
        self.config = self.directory / "config"
        self.config.write_text(
            config + f"\nPort {self.port}\nListenAddress 127.0.0.1\n"
            f"AuthorizedKeysFile {self.authorized}\nPidFile none\n"
            "StrictModes no\nUsePAM no\nPasswordAuthentication no\n"
            "KbdInteractiveAuthentication no\nPermitRootLogin yes\n"
            "PrintMotd no\nPrintLastLog no\nLogLevel DEBUG1\n" +
            "".join(keys) + ALL)

    def command(self):
        # Privilege separation wants a directory that no package has made yet.
        if os.geteuid() == 0:
            pathlib.Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        return ["/usr/sbin/sshd", "-D", "-e", "-f", str(self.config)]


class Dropbear(Server):
    """Needs the mount namespace: it reads keys from home directories only."""

    def __init__(self, directory):
        super().__init__(directory)
        host = make_key(self.directory / "host_ed25519")
        # PEM for dropbearconvert, which knows no other form of Ed25519.
        self.host = self.directory / "host_dropbear"
        subprocess.run(["dropbearconvert", "openssh", "dropbear", str(host),
                        str(self.host)], check=True, capture_output=True)

    def command(self):
        program = shutil.which("dropbear") or "/usr/sbin/dropbear"
        return [program, "-F", "-E", "-r", str(self.host), "-s",
                "-P", str(self.directory / "pid"),
                "-p", f"127.0.0.1:{self.port}"]
