"""A host from which no answer to a TCP connection comes: thirty seconds."""
import socket

from router import CONFIG, Router
from session import Session


def test_a_host_that_does_not_answer(tmp_path):
    with Router(tmp_path, config=CONFIG, keys=("ed25519",)) as router, \
            socket.socket() as full:
        # Who waits in a full queue of connections gets no answer.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = []
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
            waiting.append(one)
        with Session(router, enable="cisco") as user:
            user.channel.settimeout(90)
            user.command("configure terminal")
            user.command("file prompt quiet")
            user.command("end")
            assert user.command(f"ssh -p {port} 127.0.0.1", 90) == \
                "% Connection timed out; remote host not responding\n"
            assert user.type(f"copy scp://lab@127.0.0.1:{port}/x null:\n",
                             r"\)\r\nRouter#$", 90).endswith(
                f"%Error opening scp://*:*@127.0.0.1:{port}/x (Timed out)\r\n"
                "Router#")
        for one in waiting:
            one.close()
