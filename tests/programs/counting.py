"""A relay between a client and a router that counts octets, and can vanish.

    with Relay(router.port) as relay:
        ssh ... -p relay.port
        relay.to_router, relay.to_client    # octets that went there
        relay.address                       # it is to the router: (host, port)
"""
import select
import socket
import struct
import threading


class Relay:
    """One connection, which begins with the client's."""

    def __init__(self, port):
        self.router_port = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to_router = self.to_client = 0
        self.address = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return
        router = socket.create_connection(("127.0.0.1", self.router_port))
        self.address = router.getsockname()
        for one in (client, router):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.carry(client, router)
        finally:
            client.close()
            router.close()
            self.over.set()

    def carry(self, client, router):
        """Until either side has ended; that end goes on to the other."""
        while True:
            ready, _, _ = select.select([client, router], [], [])
            for one in ready:
                try:
                    data = one.recv(65536)
                except ConnectionResetError:
                    self.reset(router if one is client else client)
                    return
                if not data:
                    self.finish(client, router, one)
                    return
                self.hand_on(router if one is client else client, data, router)

    def hand_on(self, to, data, router):
        if to is router:
            self.to_router += len(data)
        else:
            self.to_client += len(data)
        try:
            to.sendall(data)
        except OSError:
            pass  # it has gone, which its own end tells

    def finish(self, client, router, ended):
        """What the other one still sends is counted, too."""
        other = router if ended is client else client
        try:
            other.shutdown(socket.SHUT_WR)
            while data := other.recv(65536):
                self.hand_on(ended, data, router)
        except OSError:
            pass

    @staticmethod
    def reset(one):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                       struct.pack("ii", 1, 0))

    def close(self):
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
