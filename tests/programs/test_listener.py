"""Who gets a worker and a line, and who is turned away before any byte."""
import os
import resource
import socket
import struct
import time

import pytest

from router import CONFIG, Router, free_port, wait_for
from wire import (CHANNEL_DATA, CHANNEL_SUCCESS, Reader, Wire, string, u32)

ONE_LINE = "no line vty 5\nline vty 0 4\n transport input none\n" \
           "line vty 5 5\n login local\n transport input ssh\n"


def connect(router, source="127.0.0.1"):
    peer = socket.create_connection(("127.0.0.1", router.port), 60,
                                    source_address=(source, 0))
    peer.settimeout(60)
    return peer


def greets(peer, seconds=20):
    """Does the server say something within that time?"""
    peer.settimeout(seconds)
    try:
        return peer.recv(64).startswith(b"SSH-2.0-")
    except TimeoutError:
        return False
    finally:
        peer.settimeout(60)


def is_reset(router, source="127.0.0.1"):
    """A connection from there is reset, and gets not one byte before."""
    try:
        with connect(router, source) as peer:
            peer.recv(64)
            return False
    except ConnectionResetError:
        return True


def is_closed(peer):
    try:
        while peer.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return True


def test_an_access_class_resets_before_any_byte(router_of):
    router = router_of("access-list 10 permit 127.0.0.2\n"
                       "access-list 10 permit 127.0.1.0 0.0.0.255\n"
                       "line vty 0 15\n access-class 10 in\n",
                       keys=("ed25519",))
    assert is_reset(router, "127.0.0.1")
    assert greets(connect(router, "127.0.0.2"))
    assert greets(connect(router, "127.0.1.77"))
    assert is_reset(router, "127.0.2.1")
    router.wait_log("access-class")


def test_a_line_that_takes_no_ssh_is_left_out(router_of):
    router = router_of("line vty 0 4\n transport input none\n",
                       keys=("ed25519",))
    with Wire(router.port).login() as wire:
        output, _ = wire.exec("show users")
        assert b" vty 5 " in output


def test_nobody_listens_when_no_line_takes_ssh(router_of):
    router = router_of("username admin privilege 15 password 0 pw\n",
                       keys=("ed25519",))
    with Wire(router.port).login("admin", "pw") as wire:
        # The lines are part of the running configuration: type them.
        channel = shell(wire)
        channel.line("configure terminal")
        channel.line("line vty 0 15")
        channel.line("transport input none")
        with pytest.raises(ConnectionRefusedError):
            connect(router)
        channel.line("transport input ssh")
        assert greets(connect(router))


def shell(wire):
    class Shell:
        def __init__(self):
            self.channel = wire.open_session()
            wire.send(wire.channel_request(self.channel, "shell"))
            wire.expect(CHANNEL_SUCCESS)
            self.text = b""
            self.until(b"#")

        def until(self, end):
            while not self.text.endswith(end):
                payload = wire.receive()
                if payload[0] == CHANNEL_DATA:
                    reader = Reader(payload[1:])
                    reader.u32()
                    self.text += reader.string()

        def line(self, text):
            self.text = b""
            wire.send(bytes([CHANNEL_DATA]) + u32(self.channel)
                      + string(text + "\n"))
            self.until(b"#")
            return self.text

    return Shell()


def test_all_lines_held_by_users_resets_and_a_free_one_serves(router_of):
    router = router_of(ONE_LINE, keys=("ed25519",))
    with Wire(router.port).login():
        for _ in range(3):
            assert is_reset(router)
            assert is_reset(router, "127.0.0.9")

    def one_is_free():
        try:
            return greets(connect(router))
        except ConnectionResetError:
            return False
    wait_for(one_is_free, "a free line")


def test_a_new_source_takes_the_line_of_one_who_has_not_logged_in(router_of):
    router = router_of(ONE_LINE, keys=("ed25519",))
    squatter = connect(router, "127.0.0.5")
    assert greets(squatter)
    begin = time.monotonic()
    other = connect(router, "127.0.0.6")
    assert greets(other)
    # Not before the squatter's place was a second old.
    assert time.monotonic() - begin > 0.7
    assert is_closed(squatter)


def test_the_same_source_waits_and_takes_nothing(router_of):
    router = router_of(ONE_LINE, keys=("ed25519",))
    first = connect(router)
    assert greets(first)
    second = connect(router)
    assert not greets(second, 2.5)
    first.close()
    assert greets(second)


def test_maxstartups_limits_those_who_have_not_logged_in(router_of):
    router = router_of("ip ssh maxstartups 2\n", keys=("ed25519",))
    with Wire(router.port).login(), Wire(router.port).login():
        # Two are logged in: they count no more.
        one, two, three = (connect(router) for _ in range(3))
        assert greets(one) and greets(two)
        assert not greets(three, 0.5)
        one.close()
        assert greets(three)


def test_a_waiting_connection_is_closed_at_the_login_deadline(router_of):
    router = router_of("ip ssh maxstartups 2\nip ssh time-out 2\n",
                       keys=("ed25519",))
    held = [connect(router) for _ in range(2)]
    assert all(greets(peer) for peer in held)
    assert is_closed(connect(router))


@pytest.mark.heavy
def test_a_thousand_silent_ones_lock_nobody_out(router_of):
    router = router_of("", keys=("ed25519",))
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    crowd = [connect(router, "127.0.0.66") for _ in range(1300)]
    try:
        with Wire(router.port, source="127.0.0.77").login() as wire:
            assert wire.exec("show privilege")[1] == 0
    finally:
        for peer in crowd:
            peer.close()
    with Wire(router.port, source="127.0.0.66").login() as wire:
        assert wire.exec("show privilege")[1] == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look")
def test_1000_connects_and_resets_leave_nothing_behind(router_of):
    router = router_of("", keys=("ed25519",))

    def used():
        return len(os.listdir(f"/proc/{router.pid}/fd")), \
            len(router.children())
    with Wire(router.port).login():
        pass
    wait_for(lambda: not router.children("vtyd-worker: server"), "its end")
    before = used()
    nursery = router.children("vtyd-nursery")
    for n in range(1000):
        peer = connect(router)
        if n % 2:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                            struct.pack("ii", 1, 0))
        peer.close()
    # A nursery may have been renewed meanwhile, and the old one be about.
    wait_for(lambda: used() == before, "the end of all", 60)
    # After a thousand workers there is a new one, with a layout of its own.
    assert router.children("vtyd-nursery") != nursery


def test_without_a_usable_key_nobody_listens():
    port = free_port()
    with Router(listen=(f"127.0.0.1:{port}",)) as router:
        time.sleep(0.5)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 60)


def test_zeroizing_the_last_key_closes_the_listener_and_sessions_go_on():
    config = CONFIG + "username admin privilege 15 password 0 pw\n"
    with Router(config=config, keys=("ed25519",)) as router:
        with Wire(router.port).login("admin", "pw") as wire, \
                Wire(router.port).login() as other:
            channel = shell(wire)
            channel.line("configure terminal")
            wire_send_line(wire, channel, "crypto key zeroize ed25519", b": ")
            channel.line("yes")
            router.wait_log(r"%SSH-5-DISABLED: SSH 2.0 has been disabled")
            with pytest.raises(ConnectionRefusedError):
                connect(router)
            assert other.exec("show privilege")[1] == 0
            channel.line("crypto key generate ed25519 label again")
            router.wait_log(r"DISABLED(.|\n)*%SSH-5-ENABLED")
            # The port that was taken once stays the same.
            assert greets(connect(router))


def wire_send_line(wire, channel, text, end):
    channel.text = b""
    wire.send(bytes([CHANNEL_DATA]) + u32(channel.channel)
              + string(text + "\n"))
    channel.until(end)


def test_an_address_in_use_is_told_and_taken_when_it_is_free():
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as holder:
        router = Router(keys=("ed25519",), listen=(f"127.0.0.1:{port}",))
        router.expect_listening = False
        with router:
            router.wait_log("Cannot listen on 127.0.0.1:" + str(port))
            holder.close()
            router.wait_log("Listening on 127.0.0.1:" + str(port))
