"""A vtyd-worker that lies: nursery and worker in one, told what to say.

It is started by control in place of the real program. The worker of connection
N calls the function N of `says` with its pipe to control, behind SETUP.
"""
import ctypes
import os
import signal
import socket

import messages

CLONE_PARENT, CLONE = 0x8000, 56  # x86-64
PIPE_FD = 3
MESSAGE_MAX = 65536


class Pipe:
    """A worker's end."""

    def __init__(self, sock):
        self.socket = sock

    def send(self, name, **fields):
        self.raw(messages.encode(name, **fields))

    def raw(self, data, descriptors=()):
        try:
            if descriptors:
                socket.send_fds(self.socket, [data], descriptors)
            else:
                self.socket.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def receive(self):
        data = self.socket.recv(MESSAGE_MAX)
        return messages.decode(data) if data else (None, {})

    def until(self, name):
        """The fields of the next message of that name."""
        while True:
            found, fields = self.receive()
            if found in (name, None):
                return fields


def fork_sibling():
    """As control expects it: its own child."""
    return ctypes.CDLL(None).syscall(CLONE, CLONE_PARENT | signal.SIGCHLD, 0,
                                     0, 0, 0)


def nursery(says):
    """Without functions to call it cannot fork, and says so."""
    control = socket.socket(fileno=PIPE_FD)
    control.setblocking(True)
    while True:
        data, fds, _, _ = socket.recv_fds(control, MESSAGE_MAX, 2)
        if not data:
            return
        _, start = messages.decode(data)
        pid = fork_sibling() if says else 0
        if pid == 0 and says:
            control.close()
            pipe = Pipe(socket.socket(fileno=fds[1]))
            pipe.socket.setblocking(True)
            pipe.until("SETUP")
            says[(start["connection"] - 1) % len(says)](pipe)
            while pipe.socket.recv(MESSAGE_MAX):
                pass
            os._exit(0)
        for fd in fds:
            os.close(fd)
        control.send(messages.encode(
            "STARTED", connection=start["connection"], pid=pid))
