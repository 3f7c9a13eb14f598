"""Line con 0 from outside: vtyd attach, and terminals to start a vtyd on."""
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time

from router import VTYD, wait_for


def is_served(state):
    """Somebody listens on console.sock; a socket file alone may be old."""
    directory = os.open(state, os.O_PATH)
    try:
        with socket.socket(socket.AF_UNIX) as visitor:
            # The path may be longer than the address of a socket.
            visitor.connect(f"/proc/self/fd/{directory}/console.sock")
        return True
    except OSError:
        return False
    finally:
        os.close(directory)


def wait_socket(router):
    """Until `vtyd attach` can be served."""
    def served():
        router.assert_running()
        return is_served(router.state)
    wait_for(served, "console.sock")
    return router


def attach(router, *lines, timeout=60):
    """Type these lines on line con 0; the finished process."""
    wait_socket(router)
    return subprocess.run(
        [str(VTYD), "attach", "--state", str(router.state)],
        input="".join(line + "\n" for line in lines), capture_output=True,
        text=True, timeout=timeout)


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *command, **how):
        self.master, slave = pty.openpty()
        self.name = os.ttyname(slave)
        self.seen = ""
        # Kept open, so that the terminal outlives the program.
        self.slave = slave
        # As they were before the program could change them.
        self.first_modes = self.modes()

        def controlling():
            os.setsid()
            import fcntl
            import termios
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave,
            stderr=how.pop("stderr", slave), preexec_fn=controlling, **how)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for fd in (self.master, self.slave):
            if fd is not None:
                os.close(fd)

    def modes(self):
        import termios
        return termios.tcgetattr(self.slave)

    def hang_up(self):
        """The window is closed."""
        os.close(self.slave)
        os.close(self.master)
        self.slave = self.master = None

    def type(self, text):
        os.write(self.master, text.encode())

    def expect(self, pattern, seconds=60):
        """Wait until the pattern is on the screen; the text up to its end,
        which is not looked at again."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen)
            if found:
                taken, self.seen = (self.seen[:found.end()],
                                    self.seen[found.end():])
                return taken
            left = end - time.monotonic()
            assert left > 0, f"{pattern!r} did not come: {self.seen!r}"
            if select.select([self.master], [], [], left)[0]:
                try:
                    part = os.read(self.master, 4096)
                except OSError:
                    part = b""
                assert part, f"{pattern!r} did not come: {self.seen!r}"
                self.seen += part.decode(errors="replace")
