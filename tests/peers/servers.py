"""Other people's servers on loopback, for the router as their client.

    with system_user() as user, sshd(user) as server:
        ... -p server.port, user.name, user.password
"""
import asyncio
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import pytest

from router import free_port, wait_for

HOST_KEYS = ("ed25519", "rsa", "ecdsa")


class User:
    """One who can log in to the machine, with a home of his own."""

    def __init__(self, name, password, home):
        self.name, self.password, self.home = name, password, home

    def own(self, path):
        entry = pwd.getpwnam(self.name)
        os.chown(path, entry.pw_uid, entry.pw_gid)
        return path

    def write(self, name, data):
        path = self.home / name
        path.write_bytes(data)
        return self.own(path)

    def authorize(self, *lines):
        folder = self.home / ".ssh"
        folder.mkdir(mode=0o700, exist_ok=True)
        self.own(folder)
        path = folder / "authorized_keys"
        path.write_text("".join(line + "\n" for line in lines))
        path.chmod(0o600)
        self.own(path)


@contextlib.contextmanager
def system_user(password="peer secret"):
    """A user of this machine, for as long as that."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a user who logs in with a password")
    name = f"vtydpeer{os.getpid()}"
    home = pathlib.Path(tempfile.mkdtemp())
    with contextlib.suppress(KeyError):
        pwd.getpwnam(name)
        subprocess.run(["userdel", "-f", name], check=True)
    crypted = subprocess.run(["openssl", "passwd", "-1", password], check=True,
                             capture_output=True, text=True).stdout.strip()
    # Others may be changing the files of users at the same time.
    wait_for(lambda: subprocess.run(
        ["useradd", "--no-create-home", "--home-dir", str(home), "--shell",
         "/bin/sh", "--password", crypted, name]).returncode == 0, "the user")
    user = User(name, password, home)
    user.own(home)
    try:
        yield user
    finally:
        subprocess.run(["pkill", "-KILL", "-u", name])
        wait_for(lambda: subprocess.run(["userdel", name],
                                        capture_output=True).returncode == 0,
                 "the end of the user's processes")
        shutil.rmtree(home, ignore_errors=True)


def host_keys(directory):
    """A host key of each kind; their files."""
    made = []
    for kind in HOST_KEYS:
        path = pathlib.Path(directory, kind)
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f",
                        str(path)], check=True)
        made.append(path)
    return made


class Server:
    def __init__(self, port, log):
        self.port, self.log_path = port, log

    def log(self):
        return self.log_path.read_text(errors="replace")


def listens(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


@contextlib.contextmanager
def running(args, port, directory):
    log = pathlib.Path(directory, "server.log")
    with open(log, "wb") as to:
        process = subprocess.Popen(args, stdin=subprocess.DEVNULL, stdout=to,
                                   stderr=to, start_new_session=True)
    try:
        wait_for(lambda: listens(port) or process.poll() is not None,
                 f"port {port}")
        assert process.poll() is None, log.read_text()
        yield Server(port, log)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def sshd(*options):
    """OpenSSH's; each option is a line of its configuration."""
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        keys = host_keys(directory)
        config = pathlib.Path(directory, "sshd_config")
        # The first value of a keyword counts.
        lines = [*options, f"Port {port}", "ListenAddress 127.0.0.1",
                 "ListenAddress ::1", "PidFile none", "UseDNS no",
                 "PrintMotd no", "PrintLastLog no", "UsePAM no",
                 "StrictModes no", "MaxStartups 200"]
        lines += [f"HostKey {key}" for key in keys]
        config.write_text("\n".join(lines) + "\n")
        with running(["/usr/sbin/sshd", "-D", "-e", "-f", str(config)], port,
                     directory) as server:
            yield server


@contextlib.contextmanager
def dropbear(*options):
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        args = ["dropbear", "-F", "-E", "-m", "-p", f"127.0.0.1:{port}", "-P",
                f"{directory}/pid", *options]
        for kind in HOST_KEYS:
            path = f"{directory}/{kind}"
            subprocess.run(["dropbearkey", "-t", kind, "-f", path], check=True,
                           capture_output=True)
            args += ["-r", path]
        with running(args, port, directory) as server:
            yield server


@contextlib.contextmanager
def tinysshd():
    """It serves one connection on its standard streams, by key alone."""
    with tempfile.TemporaryDirectory() as directory:
        keys = f"{directory}/keys"
        subprocess.run(["tinysshd-makekey", keys], check=True,
                       capture_output=True)
        log = pathlib.Path(directory, "server.log")
        log.touch()
        listener = socket.create_server(("127.0.0.1", 0))
        children = []

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection, open(log, "ab") as to:
                    children.append(subprocess.Popen(
                        ["tinysshd", "-v", keys], stdin=connection,
                        stdout=connection, stderr=to))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield Server(listener.getsockname()[1], log)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()
            for child in children:
                child.kill()
                child.wait()


@contextlib.contextmanager
def asyncssh_server(server_factory, process_factory, port=0, **options):
    """asyncssh's, in a thread: what it says and does is the test's own."""
    import asyncssh

    loop = asyncio.new_event_loop()
    key = asyncssh.generate_private_key("ssh-ed25519")
    options.setdefault("server_host_keys", [key])
    options.setdefault("encoding", None)

    async def start():
        return await asyncssh.listen(
            "127.0.0.1", port, server_factory=server_factory,
            process_factory=process_factory, **options)

    def try_to_start():
        """A port that is wanted again may serve somebody else for a moment."""
        try:
            return loop.run_until_complete(start())
        except OSError:
            return None

    try:
        listener = wait_for(try_to_start, "the port")
    except AssertionError:
        pytest.skip("somebody else has taken the port meanwhile")
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def stop():
        listener.close()
        await listener.wait_closed()
        others = [task for task in asyncio.all_tasks()
                  if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        yield Server(listener.sockets[0].getsockname()[1], pathlib.Path(os.devnull))
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(60)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def router_keys(router):
    """The router's own pairs, as lines of authorized_keys."""
    answer = subprocess.run(
        ["ssh-keyscan", "-T", "60", "-p", str(router.port), "127.0.0.1"],
        check=True, capture_output=True, text=True).stdout
    return [line.partition(" ")[2] for line in answer.splitlines()
            if not line.startswith("#")]
