"""One end of scp's protocol, byte by byte, over a channel of paramiko's.

    with Channels(router) as channels:
        scp = channels.exec("scp -t flash:x")
        scp.expect(b"\\0")
        scp.send(b"C0644 1 x\\n")
"""
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko


class Scp:
    """An exec request. What the router sends is taken in order."""

    def __init__(self, channel):
        self.channel = channel
        channel.settimeout(30)

    def send(self, data):
        self.channel.sendall(data)

    def try_send(self, data):
        """Perhaps it has ended already."""
        try:
            self.send(data)
        except OSError:
            pass

    def take(self, count):
        data = b""
        while len(data) < count:
            part = self.channel.recv(count - len(data))
            assert part, f"the channel ended behind {data!r}"
            data += part
        return data

    def expect(self, data):
        seen = self.take(len(data))
        assert seen == data, (seen, self.rest())

    def rest(self):
        """All that is still to come."""
        data = b""
        while part := self.channel.recv(65536):
            data += part
        return data

    def end(self):
        """No more is sent; (what still came, exit status)."""
        self.channel.shutdown_write()
        data = self.rest()
        return data, self.channel.recv_exit_status()

    def close(self):
        self.channel.close()

    # Whole files.

    def put(self, data, name=b"x", mode=b"0644"):
        """As a client does it; b"" or the error line."""
        first = self.take(1)
        if first != b"\0":
            return self.rest()
        self.send(b"C%s %d %s\n" % (mode, len(data), name))
        first = self.take(1)
        if first != b"\0":
            self.channel.shutdown_write()
            return self.rest()
        self.send(data + b"\0")
        first = self.take(1)
        self.channel.shutdown_write()
        return self.rest() if first != b"\0" else b""

    def get(self):
        """(content, "") or (None, the error line)"""
        self.send(b"\0")
        first = self.take(1)
        if first != b"C":
            return None, self.rest().decode()
        line = b""
        while not line.endswith(b"\n"):
            line += self.take(1)
        self.send(b"\0")
        content = self.take(int(line.split()[1]))
        self.expect(b"\0")
        self.send(b"\0")
        assert self.rest() == b""
        return content, ""


class Channels:
    """One connection."""

    def __init__(self, router, user="lab", password="lab"):
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        self.client.connect("127.0.0.1", router.port, user, password,
                            look_for_keys=False, allow_agent=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def exec(self, command):
        channel = self.client.get_transport().open_session()
        channel.exec_command(command.encode(errors="surrogateescape"))
        return Scp(channel)

    def put(self, path, data, **how):
        return self.exec(f"scp -t '{path}'").put(data, **how).decode()

    def get(self, path):
        return self.exec(f"scp -f '{path}'").get()
