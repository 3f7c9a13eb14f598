"""Other people's clients of scp, each as two calls: put and get one file.

Each is called with the router, a path here and one there, and gives what the
program said: a CompletedProcess whose status 0 means that all went well.
"""
import asyncio
import base64
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import openssh

HERE = pathlib.Path(__file__).parent
HOST = "127.0.0.1"


def run(command, environment=None, timeout=3600):
    return subprocess.run(
        [str(word) for word in command], env=environment, timeout=timeout,
        stdin=subprocess.DEVNULL, capture_output=True, start_new_session=True)


def remote(path):
    return f"lab@{HOST}:{path}"


class OpenSSH:
    """scp -O; `options` are scp's own."""
    tool = "scp"

    def __init__(self, *options):
        self.options = options

    def copy(self, router, *names):
        return run(["scp", "-O", "-F", "none", "-P", router.port,
                    "-o", "StrictHostKeyChecking=no",
                    "-o", "UserKnownHostsFile=/dev/null",
                    "-o", "LogLevel=ERROR", *self.options, *names],
                   openssh.environment())

    def put(self, router, here, there):
        return self.copy(router, here, remote(there))

    def get(self, router, there, here):
        return self.copy(router, remote(there), here)


class Dropbear(OpenSSH):
    """OpenSSH's scp over dropbear's client."""
    tool = "dbclient"

    def copy(self, router, *names):
        with tempfile.TemporaryDirectory() as directory:
            program = pathlib.Path(directory) / "dbclient"
            program.write_text("#!/bin/sh\n"
                               f"exec dbclient -y -y -p {router.port} \"$@\"\n")
            program.chmod(0o700)
            return run(["scp", "-O", "-S", program, *self.options, *names],
                       {**os.environ, "DROPBEAR_PASSWORD": "lab",
                        "HOME": directory})


class PuTTY(OpenSSH):
    """pscp -scp"""
    tool = "pscp"

    def copy(self, router, *names):
        return run(["pscp", "-scp", "-batch", "-P", router.port, "-pw", "lab",
                    "-hostkey", fingerprint(router), *self.options, *names])


class Curl:
    """curl scp://, by way of libssh2"""
    tool = "curl"

    def url(self, router, path):
        return f"scp://lab:lab@{HOST}:{router.port}/{path}"

    def put(self, router, here, there):
        return run(["curl", "-sS", "-k", "-T", here, self.url(router, there)])

    def get(self, router, there, here):
        return run(["curl", "-sS", "-k", self.url(router, there), "-o", here])


class LibSSH:
    """libssh's calls for scp"""
    tool = "gcc"

    def __init__(self):
        self.program = None

    def build(self):
        if self.program is None:
            directory = tempfile.mkdtemp()
            self.program = pathlib.Path(directory) / "libssh_scp"
            subprocess.run(
                ["gcc", "-Wno-deprecated-declarations", "-o", self.program,
                 HERE / "libssh_scp.c", "-lssh"], check=True)
        return self.program

    def clean(self):
        if self.program is not None:
            shutil.rmtree(self.program.parent)

    def copy(self, router, *words):
        return run([self.build(), HOST, router.port, "lab", "lab", *words])

    def put(self, router, here, there):
        return self.copy(router, "put", here, there)

    def get(self, router, there, here):
        return self.copy(router, "get", there, here)


class ScpPy:
    """scp.py over paramiko, as Netmiko and NAPALM have it"""
    tool = "python3"

    def __init__(self, **options):
        self.options = options

    def transfer(self, router, call):
        import paramiko
        import scp
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(HOST, router.port, "lab", "lab", look_for_keys=False,
                       allow_agent=False, banner_timeout=60, auth_timeout=60)
        try:
            with scp.SCPClient(client.get_transport()) as one:
                call(one)
        except scp.SCPException as error:
            return subprocess.CompletedProcess([], 1, b"", str(error).encode())
        finally:
            client.close()
        return subprocess.CompletedProcess([], 0, b"", b"")

    def put(self, router, here, there):
        return self.transfer(router, lambda one: one.put(
            str(here), there, **self.options))

    def get(self, router, there, here):
        return self.transfer(router, lambda one: one.get(
            there, str(here), **self.options))


class AsyncSSH:
    """asyncssh.scp()"""
    tool = "python3"

    def __init__(self, **options):
        self.options = options

    async def transfer(self, router, call):
        import asyncssh
        try:
            async with asyncssh.connect(
                    HOST, router.port, username="lab", password="lab",
                    known_hosts=None, config=None,
                    client_keys=None) as connection:
                await asyncssh.scp(*call(connection), **self.options)
        except (asyncssh.Error, OSError) as error:
            return subprocess.CompletedProcess([], 1, b"", str(error).encode())
        return subprocess.CompletedProcess([], 0, b"", b"")

    def put(self, router, here, there):
        return asyncio.run(self.transfer(
            router, lambda far: (str(here), (far, there))))

    def get(self, router, there, here):
        return asyncio.run(self.transfer(
            router, lambda far: ((far, there), str(here))))


def fingerprint(router):
    """As PuTTY wants it, of the Ed25519 key."""
    text = run(["ssh-keyscan", "-T", "60", "-p", router.port, "-t", "ed25519",
                HOST]).stdout
    blob = base64.b64decode(text.split()[-1])
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode()
    return "SHA256:" + digest.rstrip("=")
