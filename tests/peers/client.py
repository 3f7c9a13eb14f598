"""The router as a client: `ssh` typed at its prompt, or asked for by exec."""
import threading

from session import Session

CLOSED = "\r\n[Connection to {} closed by foreign host]\r\n"
ABORTED = "[Connection to {} aborted: error status 0]\r\n"


def run(session, command, stdin=b"", pty=None, seconds=120):
    """An exec request: what it printed, as bytes, and its status."""
    channel = session.client.get_transport().open_session()
    channel.settimeout(seconds)
    if pty:
        channel.get_pty(*pty)
    channel.exec_command(command)

    def write():
        channel.sendall(stdin)
        channel.shutdown_write()

    # Whoever writes all of it before he reads any may wait for himself.
    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    out = b""
    while True:
        part = channel.recv(65536)
        if not part:
            break
        out += part
    status = channel.recv_exit_status()
    writer.join(seconds)
    return out, status


def log_in(session, line, password, prompt=r"[$#>] $"):
    """Type the line, answer its question; what the far end says then."""
    asked = session.type(line + "\n", r"Password: $")
    return asked, session.type(password + "\n", prompt)


__all__ = ["ABORTED", "CLOSED", "Session", "log_in", "run"]
