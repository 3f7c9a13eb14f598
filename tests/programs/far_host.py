"""Another host that a router reaches by SSH, played by paramiko: user lab with
password lab, whose commands and subsystems are functions of the test.

    def serve(channel, command):
        channel.sendall(...)

    with FarHost(command=serve) as far:
        ... far.port ...
"""
import contextlib
import os
import socket
import subprocess
import threading
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko

KEY = paramiko.ECDSAKey.generate(bits=256)


class Rules(paramiko.ServerInterface):
    """Who may do what."""

    def __init__(self, host):
        self.host = host

    def get_allowed_auths(self, username):
        return "password"

    def check_auth_password(self, username, password):
        self.host.logins.append((username, password))
        good = (username, password) == ("lab", self.host.password)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel, command):
        return self.begin(self.host.command, channel, command.decode())

    def check_channel_subsystem_request(self, channel, name):
        return self.begin(self.host.subsystem, channel, name)

    def begin(self, function, channel, what):
        self.host.asked.append(what)
        if function is None:
            return False
        channel.settimeout(60)
        threading.Thread(target=self.run, args=(function, channel, what),
                         daemon=True).start()
        return True

    def run(self, function, channel, what):
        try:
            function(channel, what)
        except (OSError, EOFError):
            pass  # the router has gone
        with contextlib.suppress(OSError, EOFError):
            channel.close()


class FarHost:
    """Listens on loopback until the end of the block."""

    def __init__(self, command=None, subsystem=None, password="lab",
                 address="127.0.0.1"):
        self.command, self.subsystem = command, subsystem
        self.password, self.address = password, address
        self.logins, self.asked, self.transports = [], [], []

    def __enter__(self):
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        self.listener = socket.create_server((self.address, 0), family=family)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *unused):
        # A blocked accept() does not notice close().
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(30)
        self.drop()

    def drop(self):
        """End all connections."""
        for transport in self.transports:
            transport.close()

    def accept(self):
        while True:
            try:
                visitor, _ = self.listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(visitor)
            transport.add_server_key(KEY)
            self.transports.append(transport)
            try:
                transport.start_server(server=Rules(self))
            except (paramiko.SSHException, EOFError, OSError):
                transport.close()


def receive(channel, count):
    """Exactly so many bytes."""
    data = b""
    while len(data) < count:
        part = channel.recv(count - len(data))
        if not part:
            raise EOFError
        data += part
    return data


def receive_line(channel):
    line = b""
    while not line.endswith(b"\n"):
        line += receive(channel, 1)
    return line


def program(*arguments, directory=None):
    """A command or subsystem that is a real program's."""
    def serve(channel, command):
        args = [*arguments] if arguments else ["/bin/sh", "-c", command]
        process = subprocess.Popen(args, stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, cwd=directory,
                                   start_new_session=True)

        def pump_in():
            while True:
                try:
                    data = channel.recv(65536)
                except (OSError, EOFError):
                    data = b""
                if not data:
                    process.stdin.close()
                    return
                try:
                    os.write(process.stdin.fileno(), data)
                except (BrokenPipeError, ValueError):
                    return

        def pump_errors():
            with contextlib.suppress(OSError, EOFError):
                for line in process.stderr:
                    channel.sendall_stderr(line)
        threads = [threading.Thread(target=pump_in, daemon=True),
                   threading.Thread(target=pump_errors, daemon=True)]
        for thread in threads:
            thread.start()
        while True:
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                break
            channel.sendall(data)
        threads[1].join(10)
        channel.send_exit_status(process.wait())
    return serve
