"""Other people's clients of SFTP, each as two calls: as scp_clients.py has it."""
import asyncio
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import openssh
from scp_clients import HOST, OpenSSH, fingerprint, remote, run

USER = "lab"
LARGE = 1 << 30
OPTIONS = ["-F", "none", "-o", "BatchMode=no",
           "-o", "StrictHostKeyChecking=no",
           "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"]


class Scp(OpenSSH):
    """scp -s"""

    def copy(self, router, *names):
        return run(["scp", "-s", *OPTIONS, "-P", router.port, *self.options,
                    *names], openssh.environment())


class Sftp:
    """sftp -b"""
    tool = "sftp"

    def batch(self, router, line):
        return subprocess.run(
            ["sftp", *OPTIONS, "-P", str(router.port), "-b", "-",
             f"{USER}@{HOST}"], env=openssh.environment(),
            input=line.encode() + b"\n", capture_output=True,
            start_new_session=True)

    def put(self, router, here, there):
        return self.batch(router, f"put {here} {there}")

    def get(self, router, there, here):
        return self.batch(router, f"get {there} {here}")


class PuTTY:
    """pscp -sftp"""
    tool = "pscp"

    def copy(self, router, *names):
        return run(["pscp", "-sftp", "-batch", "-P", router.port, "-pw", "lab",
                    "-hostkey", fingerprint(router), *names])

    def put(self, router, here, there):
        return self.copy(router, here, remote(there))

    def get(self, router, there, here):
        return self.copy(router, remote(there), here)


class Psftp:
    """psftp -b"""
    tool = "psftp"

    def batch(self, router, line):
        with tempfile.NamedTemporaryFile("w") as script:
            script.write(line + "\n")
            script.flush()
            return run(["psftp", "-batch", "-P", router.port, "-pw", "lab",
                        "-hostkey", fingerprint(router), "-b", script.name,
                        f"{USER}@{HOST}"])

    def put(self, router, here, there):
        return self.batch(router, f"put {here} {there}")

    def get(self, router, there, here):
        return self.batch(router, f"get {there} {here}")


class Sshfs:
    """A mounted directory, and cp"""
    tool = "sshfs" if os.access("/dev/fuse", os.R_OK) else "sshfs with FUSE"

    def copy(self, router, here, there):
        """`{}` in a name is the directory."""
        with tempfile.TemporaryDirectory() as mount:
            result = subprocess.run(
                ["sshfs", *OPTIONS, "-o", "password_stdin", "-p",
                 str(router.port), f"{USER}@{HOST}:", mount], input=b"lab\n",
                capture_output=True, start_new_session=True)
            if result.returncode != 0:
                return result
            try:
                return run(["cp", str(here).format(mount),
                            str(there).format(mount)])
            finally:
                # It has written all when this returns.
                run(["fusermount3", "-u", mount])

    def put(self, router, here, there):
        return self.copy(router, here, "{}/" + there.removeprefix("flash:"))

    def get(self, router, there, here):
        return self.copy(router, "{}/" + there.removeprefix("flash:"), here)


class Curl:
    """curl sftp://"""
    tool = "curl"

    def call(self, router, there, *options):
        return run(["curl", "-sS", "-k", "-u", f"{USER}:lab", *options,
                    f"sftp://{HOST}:{router.port}/{there}"])

    def put(self, router, here, there):
        return self.call(router, there, "-T", here)

    def get(self, router, there, here):
        pathlib.Path(here).touch()  # it makes no file of nothing
        return self.call(router, there, "-o", here)


class Lftp:
    """lftp, over OpenSSH's client"""
    tool = "lftp"

    def call(self, router, command):
        program = "ssh -a -x " + " ".join(OPTIONS)
        with tempfile.TemporaryDirectory() as home:
            return run(["lftp", "-c", f"""\
set sftp:connect-program '{program}'
set net:max-retries 1
set xfer:clobber yes
open -u {USER},lab sftp://{HOST}:{router.port}
{command}"""], {**openssh.environment(), "HOME": home})

    def put(self, router, here, there):
        return self.call(router, f"put {here} -o {there}")

    def get(self, router, there, here):
        return self.call(router, f"get {there} -o {here}")


class Python:
    """A program of ours over somebody's library."""
    tool = "python3"

    def call(self, router, way, here, there):
        return run([sys.executable, __file__, type(self).__name__, way,
                    router.port, here, there],
                   {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})

    def put(self, router, here, there):
        return self.call(router, "put", here, there)

    def get(self, router, there, here):
        return self.call(router, "get", here, there)


class Paramiko(Python):
    @staticmethod
    def run(way, port, here, there):
        import paramiko
        client = paramiko.SSHClient()
        client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        client.connect(HOST, port, USER, "lab", look_for_keys=False,
                       allow_agent=False, banner_timeout=60, auth_timeout=60)
        files = client.open_sftp()
        if way == "put":
            files.put(here, there)
        elif files.stat(there).st_size < LARGE:
            files.get(there, here)
        else:
            # get() asks for all of it from a thread of its own. When answers
            # overtake that thread, two of them write requests, one into the
            # other (2.12; OpenSSH's server does not survive it, either).
            with files.open(there, "rb") as source, open(here, "wb") as to:
                shutil.copyfileobj(source, to, 32768)
        client.close()


class AsyncSSH(Python):
    @staticmethod
    def run(way, port, here, there):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import asyncssh

        async def go():
            async with asyncssh.connect(
                    HOST, port, username=USER, password="lab",
                    known_hosts=None, config=None, client_keys=None,
                    agent_path=None) as connection:
                async with connection.start_sftp_client() as files:
                    if way == "put":
                        await files.put(here, there)
                    else:
                        await files.get(there, here)
        asyncio.run(go())


CLIENTS = {
    "scp -s": Scp(),
    "sftp": Sftp(),
    "pscp -sftp": PuTTY(),
    "psftp": Psftp(),
    "sshfs": Sshfs(),
    "curl sftp": Curl(),
    "lftp": Lftp(),
    "paramiko sftp": Paramiko(),
    "asyncssh sftp": AsyncSSH(),
}

if __name__ == "__main__":
    name, way, port, here, there = sys.argv[1:]
    globals()[name].run(way, int(port), here, there)
