"""A relay between a client and a router that counts octets.

    with Relay(lambda: socket.create_connection(...)) as relay:
        ssh ... -p relay.port
        relay.to_router, relay.to_client    # octets that went there
        relay.address                       # its end at the router: (host, port)
"""
import select
import socket
import threading
import time


class Relay:
    """One connection, which begins with the client's; `connect` makes the
    socket to the router."""

    def __init__(self, connect):
        self.connect = connect
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to_router = self.to_client = 0
        self.address = self.client = self.router = None
        self.spoils = False  # what goes to the router is damaged
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return
        self.began = time.monotonic()
        router = self.connect()
        self.connected = time.monotonic()
        self.address = router.getsockname()[:2]
        for one in (client, router):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client, self.router = client, router
        with client, router:
            self.carry()
        self.over.set()

    def carry(self):
        """Until both sides have ended; each end goes on to the other side."""
        open_ends = [self.client, self.router]
        while open_ends:
            ready, _, _ = select.select(open_ends, [], [])
            for one in ready:
                other = self.client if one is self.router else self.router
                data = self.receive(one)
                if data:
                    self.hand_on(other, data, other in open_ends)
                    continue
                open_ends.remove(one)
                if one is self.router:
                    # What the client still says has nowhere to go.
                    self.close_softly(self.client)
                    return
                self.close_softly(other)

    @staticmethod
    def receive(one):
        try:
            return one.recv(65536)
        except OSError:
            return b""

    def hand_on(self, to, data, is_open):
        if to is self.router:
            self.to_router += len(data)
            if self.spoils:  # all but the length of a packet
                data = data[:4] + bytes(byte ^ 0x55 for byte in data[4:])
        else:
            self.to_client += len(data)
        try:
            to.sendall(data)
        except OSError:
            pass  # it has gone

    @staticmethod
    def close_softly(one):
        try:
            one.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def stop(self):
        """Whatever still is under way."""
        self.listener.close()
        for one in filter(None, (self.client, self.router)):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
