"""Two network namespaces with a cable between them, for a router in one and
what reaches it from the other.

    with Cable() as cable:
        Router(..., listen=[f"{cable.NEAR}:22"], preexec=cable.near.enter)
        cable.far.call(socket.create_connection, (cable.NEAR, 22))
        cable.pull()
"""
import ctypes
import os
import subprocess
import threading

from machine import CLONE_NEWNET, LIBC, needs_a_namespace


class Namespace:
    def __init__(self):
        self.holder = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", "echo; exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        self.path = f"/proc/{self.holder.pid}/ns/net"
        self.fd = os.open(self.path, os.O_RDONLY)
        self.run("ip", "link", "set", "lo", "up")

    def enter(self):
        if LIBC.setns(self.fd, CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")

    def run(self, *command):
        subprocess.run(["nsenter", f"--net={self.path}", *command], check=True,
                       capture_output=True)

    def set(self, name, value):
        """A setting of IPv4's TCP."""
        self.run("sh", "-c", f"echo {value} >/proc/sys/net/ipv4/{name}")

    def call(self, function, *arguments, **named):
        """In a thread that is there: sockets that it makes stay there."""
        result = []

        def work():
            try:
                self.enter()
                result.append((function(*arguments, **named), None))
            except BaseException as error:
                result.append((None, error))
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        value, error = result[0]
        if error is not None:
            raise error
        return value

    def close(self):
        os.close(self.fd)
        self.holder.stdin.close()
        self.holder.wait()
        self.holder.stdout.close()


class Cable:
    NEAR, FAR = "10.77.0.1", "10.77.0.{}"

    def __enter__(self):
        needs_a_namespace()
        self.near, self.far = Namespace(), Namespace()
        self.near.run("ip", "link", "add", "near", "type", "veth", "peer",
                      "name", "far", "netns", str(self.far.holder.pid))
        self.near.run("ip", "address", "add", f"{self.NEAR}/24", "dev", "near")
        self.near.run("ip", "link", "set", "near", "up")
        for number in range(10, 20):
            self.far.run("ip", "address", "add",
                         f"{self.FAR.format(number)}/24", "dev", "far")
        self.far.run("ip", "link", "set", "far", "up")
        return self

    def pull(self):
        self.far.run("ip", "link", "set", "far", "down")

    def __exit__(self, *unused):
        self.near.close()
        self.far.close()
