"""vtyssh, our client as a Unix program, with nothing of the machine's own."""
import os
import re
import subprocess

import pexpect

from router import BUILD

VTYSSH = BUILD / "src" / "vtyssh" / "vtyssh"
# What sshd logs while it becomes the command goes to the command's stderr.
CHATTER = re.compile(rb"^debug1: .*\r\n", re.M)


class Client:
    """A user with a home directory, who knows `server` and its key."""

    def __init__(self, directory, server=None, knows=True):
        self.home = directory
        self.ssh = directory / ".ssh"
        self.ssh.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.known_hosts = self.ssh / "known_hosts"
        self.server = server
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(directory),
                            "TERM": "xterm-256color"}
        if server is not None and knows:
            self.known_hosts.write_text(server.known_as())

    def arguments(self, *command, options=(), key=True, user=None):
        """`key` False: none of the server's; else that one, or its own."""
        server = self.server
        start = [str(VTYSSH), "-p", str(server.port),
                 "-l", user or server.user, *options]
        if key:
            start += ["-i", str(server.key if key is True else key)]
        return start + ["127.0.0.1", *command]

    def run(self, *command, options=(), key=True, user=None, stdin=b"",
            timeout=180):
        """Without a terminal; a CompletedProcess with bytes."""
        result = subprocess.run(
            self.arguments(*command, options=options, key=key, user=user),
            env=self.environment, input=stdin, capture_output=True,
            timeout=timeout, start_new_session=True)
        result.stderr = CHATTER.sub(b"", result.stderr)
        return result

    def start(self, *command, options=(), key=True, user=None, **how):
        """As run(), but still running; streams are the caller's choice."""
        return subprocess.Popen(
            self.arguments(*command, options=options, key=key, user=user),
            env=self.environment, start_new_session=True, **how)

    def spawn(self, *command, options=(), key=True, user=None, size=(24, 80),
              timeout=60):
        """On a terminal of its own; a pexpect.spawn."""
        program, *rest = self.arguments(*command, options=options, key=key,
                                        user=user)
        return pexpect.spawn(program, rest, env=self.environment,
                             dimensions=size, timeout=timeout)
