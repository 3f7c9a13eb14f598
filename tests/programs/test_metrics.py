"""`telemetry prometheus`: what the page says is what was done."""
import os
import resource
import shutil
import signal
import socket
import struct
import subprocess
import threading

import pytest

from console import attach
from machine import CLONE_NEWNET, LIBC, needs_a_namespace
from metrics import fetch, scrape, wait_served
from router import CONFIG, Router, free_port, wait_for
from user_keys import USERS_KEYS, chain
from wire import USERAUTH_FAILURE, USERAUTH_SUCCESS, Wire

ONE_LINE = "no line vty 5\nline vty 0 4\n transport input none\n" \
           "line vty 5 5\n login local\n transport input ssh\n"


class Served(Router):
    """A router with a page, once the page is there."""

    def __init__(self, config="", **how):
        self.page_port = free_port()
        super().__init__(config=CONFIG + config
                         + f"telemetry prometheus {self.page_port}\n",
                         keys=("ed25519",), **how)

    def start(self):
        super().start()
        wait_served(self.page_port)
        return self

    def numbers(self):
        return scrape(self.page_port)

    def counts(self, name):
        """What is not 0 of a metric, by its labels."""
        return self.numbers().that_are_not_0(name)

    def wait_counts(self, name, expected):
        wait_for(lambda: self.counts(name) == expected,
                 f"{name} {expected}, but {self.counts(name)}")

    def refused(self):
        found = self.counts("vtyd_connections_refused_total")
        return {key[len('cause="'):-1]: value for key, value in found.items()}

    def configure(self, *lines):
        done = attach(self, "configure terminal", *lines, "end")
        assert done.returncode == 0 and "% " not in done.stdout, done.stdout


@pytest.fixture(scope="module")
def router():
    with Served("username keyed privilege 15\n" + chain("keyed", USERS_KEYS)) \
            as one:
        yield one


def connect(router, source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", router.port), 60,
                                    source_address=(source, 0))


def is_reset(router, source="127.0.0.1"):
    try:
        with connect(router, source) as peer:
            return peer.recv(64) == b""
    except ConnectionResetError:
        return True


def fails(router, user="lab"):
    with Wire(router.port) as wire:
        wire.connect()
        wire.service()
        wire.send(wire.password_request(user, "wrong"))
        wire.expect(USERAUTH_FAILURE)


# --- the page -----------------------------------------------------------------


def test_three_logins_two_failures_and_a_rekey(router):
    before = router.numbers()
    with Wire(router.port).login() as one, Wire(router.port) as keyed, \
            Wire(router.port).login():
        keyed.connect()
        keyed.service()
        keyed.send(USERS_KEYS[0].request(keyed))
        keyed.expect(USERAUTH_SUCCESS)
        fails(router)
        fails(router, "nobody")
        one.exchange()
        assert one.exec("show privilege")[1] == 0
        router.wait_counts("vtyd_sessions",
                           {'version="2.0",state="started"': 3})
        now = router.numbers()
        changed = {key: now[key] - before[key] for key in now
                   if now[key] != before[key]}
        for moving in ("received_bytes_total", "sent_bytes_total"):
            assert changed.pop("vtyd_" + moving) > 5 * 500
        took = changed.pop("vtyd_handshake_seconds_sum")
        assert 0 < took < 60
        buckets = [key for key in changed if "_bucket" in key]
        for key in buckets:
            assert changed.pop(key) <= 5
        ended = {key: changed.pop(key) for key in list(changed)
                 if key.startswith("vtyd_sessions_ended_total")}
        assert ended == {
            'vtyd_sessions_ended_total{cause="closed by client"}': 2}
        assert changed == {
            'vtyd_sessions{version="2.0",state="started"}': 3,
            "vtyd_connections_total": 5,
            "vtyd_handshake_seconds_count": 5,
            "vtyd_rekeys_total": 1,
            'vtyd_logins_total{result="accepted",method="password"}': 2,
            'vtyd_logins_total{result="accepted",method="publickey"}': 1,
            'vtyd_logins_total{result="failed",method="password"}': 2}


@pytest.mark.skipif(shutil.which("promtool") is None,
                    reason="promtool is not installed")
def test_promtool_has_nothing_to_say(router):
    page = fetch(router.page_port)[2]
    checked = subprocess.run(["promtool", "check", "metrics"], input=page,
                             capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert page.endswith("\n") and "# TYPE vtyd_logins_total counter\n" in page


def test_a_histogram_ends_in_all(router):
    with Wire(router.port).login():
        pass
    numbers = router.numbers()
    buckets = [value for key, value in numbers.items()
               if key.startswith("vtyd_handshake_seconds_bucket")]
    assert buckets == sorted(buckets) and len(buckets) == 13
    assert buckets[-1] == numbers["vtyd_handshake_seconds_count"]


TCP_INFO_OCTETS = 120  # bytes_acked, bytes_received; linux/tcp.h


def octets(wire):
    """What the client's kernel has sent and received."""
    info = wire.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    acked, received = struct.unpack_from("QQ", info, TCP_INFO_OCTETS)
    return acked - 1, received  # our SYN counts as one


def test_octets_are_those_of_the_connection(router):
    router.wait_counts("vtyd_sessions", {})
    before = router.numbers()

    def moved():
        now = router.numbers()
        return tuple(now[key] - before[key] for key in
                     ("vtyd_received_bytes_total", "vtyd_sent_bytes_total"))
    with Wire(router.port).login() as wire:
        wire.exec("show running-config")
        wait_for(lambda: moved() == octets(wire),
                 "the octets of one that lives")
        wire.exec("show version", 2)
        sent, received = octets(wire)
    router.wait_counts("vtyd_sessions", {})
    assert moved()[0] >= sent and moved()[1] >= received


def test_version_1_counts_as_well():
    with Served("no ip ssh version\n") as router:
        with connect(router) as peer:
            peer.recv(64)
            router.wait_counts("vtyd_sessions", {
                'version="unknown",state="key-exchange"': 1})


# --- refusals -----------------------------------------------------------------


def test_refused_by_an_access_class():
    with Served("access-list 10 deny 127.0.0.9\naccess-list 10 permit any\n"
                "line vty 0 15\n access-class 10 in\n") as router:
        assert is_reset(router, "127.0.0.9")
        assert router.refused() == {"access-class": 1}


def test_refused_while_logins_are_blocked():
    with Served("login block-for 100 attempts 1 within 100\n") as router:
        with Wire(router.port) as wire:
            wire.connect()
            wire.service()
            wire.send(wire.password_request("lab", "wrong"))
            wire.disconnect_reason()
        router.wait_log("QUIET_MODE_ON")
        assert is_reset(router)
        assert router.refused() == {"logins blocked": 1}


def test_refused_while_users_are_on_all_lines():
    with Served(ONE_LINE) as router:
        with Wire(router.port).login():
            assert is_reset(router)
            assert router.refused() == {"no line": 1}


def test_refused_after_waiting_for_too_long():
    with Served("ip ssh maxstartups 2\nip ssh time-out 2\n") as router:
        held = [connect(router) for _ in range(2)]
        for peer in held:
            peer.recv(64)
        # They are told to go and do not: their places stay taken.
        workers = router.children("vtyd-worker: server")
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        with connect(router) as waiting:
            assert waiting.recv(64) == b""
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        assert router.refused() == {"waited too long": 1}


def test_refused_when_too_many_wait():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    try:
        with Served("ip ssh maxstartups 2\n") as router:
            crowd = [connect(router) for _ in range(2 + 1024 + 1)]
            router.wait_counts("vtyd_connections_refused_total",
                               {'cause="too many waiting"': 1})
            for peer in crowd:
                peer.close()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def leave_descriptors(router, free):
    """So many that the router can still open."""
    used = {int(name) for name in os.listdir(f"/proc/{router.pid}/fd")}
    limit = 0
    while limit - len([fd for fd in used if fd < limit]) < free or \
            limit <= max(used):
        limit += 1
    hard = resource.prlimit(router.pid, resource.RLIMIT_NOFILE)[1]
    filler = limit - len(used) - free
    assert filler == 0, "there are holes"
    resource.prlimit(router.pid, resource.RLIMIT_NOFILE, (limit, hard))
    return hard


@pytest.mark.parametrize("free,cause", [(0, "no descriptor"),
                                        (2, "no worker")])
def test_refused_when_descriptors_run_out(free, cause):
    with Served() as router:
        hard = leave_descriptors(router, free)
        try:
            assert is_reset(router)
        finally:
            resource.prlimit(router.pid, resource.RLIMIT_NOFILE, (hard, hard))
        assert router.refused() == {cause: 1}
        with Wire(router.port).login():
            pass


def in_a_network_of_its_own(work):
    """Run that in a thread whose sockets and programs have one."""
    needs_a_namespace()
    failures = []

    def run():
        try:
            assert LIBC.unshare(CLONE_NEWNET) == 0
            for line in ("link set lo up", "addr add 192.0.2.1/32 dev lo"):
                subprocess.run(["ip", *line.split()], check=True)
            work()
        except BaseException as failure:
            failures.append(failure)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


def test_refused_for_faults_of_its_source():
    def work():
        with Served(listen=("192.0.2.1:2222",)) as router:
            def breaks():
                try:
                    with socket.create_connection(("192.0.2.1", 2222)) as peer:
                        peer.sendall(b"SSH-2.0-x\r\n" + b"\xff" * 64)
                        while peer.recv(4096):
                            pass
                except ConnectionResetError:
                    pass
                return router.refused()
            wait_for(breaks, "a refusal")
            assert router.refused() == {"faults": 1}
    in_a_network_of_its_own(work)


# --- processes ----------------------------------------------------------------


def test_restarts_of_every_process():
    with Served("aaa new-model\nradius server one\n"
                " address ipv4 127.0.0.1 auth-port 9 acct-port 9\n"
                " key secret\n") as router:
        roles = {"signer": "vtyd-signer", "aaa": "vtyd-aaa: local",
                 "aaa-servers": "vtyd-aaa: servers", "notify": "vtyd-notify",
                 "nursery": "vtyd-nursery"}
        for role in roles.values():
            wait_for(lambda: router.children(role), role)
        assert router.counts("vtyd_process_restarts_total") == {}
        for process, role in roles.items():
            old = router.children(role)
            os.kill(old[0], signal.SIGKILL)
            wait_for(lambda: router.children(role) not in ([], old), role)
            wait_served(router.page_port)
        router.wait_counts("vtyd_process_restarts_total",
                           {f'process="{name}"': 1 for name in roles})


# --- the setting --------------------------------------------------------------


def test_the_port_is_the_loopbacks_and_moves():
    port, other = free_port(), free_port()
    with Router(keys=("ed25519",)) as router:
        assert not router.children("vtyd-notify")
        configure = Served.configure
        configure(router, f"telemetry prometheus {port}")
        wait_served(port)
        wait_served(port, "::1")
        with pytest.raises(ConnectionRefusedError):
            fetch(port, host="127.0.0.2")
        configure(router, f"telemetry prometheus {other}")
        wait_served(other)
        for host in ("127.0.0.1", "::1"):
            with pytest.raises(ConnectionRefusedError):
                fetch(port, host=host)
        done = attach(router, "show running-config | include telemetry")
        assert f"\ntelemetry prometheus {other}\n" in done.stdout
        configure(router, "no telemetry prometheus")
        wait_for(lambda: not router.children("vtyd-notify"), "its end")
        with pytest.raises(ConnectionRefusedError):
            fetch(other)


def test_a_port_that_is_taken_is_told():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with Router(config=CONFIG + f"telemetry prometheus {port}\n",
                    keys=("ed25519",)) as router:
            router.wait_log(f"Cannot serve metrics on port {port}: Address "
                            "already in use")
            holder.close()
            wait_served(port)


# --- strangers ----------------------------------------------------------------


def test_other_requests_get_their_status(router):
    port = router.page_port
    assert fetch(port, "/")[0] == 404
    status, headers, content = fetch(port, method="POST")
    assert (status, headers["Allow"], content) == (405, "GET, HEAD", "")
    status, headers, content = fetch(port, method="HEAD")
    assert status == 200 and content == ""
    assert int(headers["Content-Length"]) > 1000
    assert fetch(port, headers={"Host": "rebound.example"})[0] == 421
    assert fetch(port, headers={"A": "x" * 9000})[0] == 431


def test_silent_and_slow_clients_keep_nobody_out(router):
    port = router.page_port
    crowd = [socket.create_connection(("127.0.0.1", port), 60)
             for _ in range(40)]
    try:
        for n, peer in enumerate(crowd):
            if n % 2:
                try:
                    peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: loc")
                except OSError:
                    pass  # sent away already
        for _ in range(3):
            scrape(port)
        # And whoever is left has to go in time.
        for peer in crowd:
            try:
                assert peer.recv(64) == b""
            except ConnectionResetError:
                pass
    finally:
        for peer in crowd:
            peer.close()


def test_who_does_not_read_his_page_ends_in_time(router):
    with socket.create_connection(("127.0.0.1", router.page_port)) as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        peer.sendall(b"GET /metrics HTTP/1.0\r\n\r\n" + b"x" * 100)
        scrape(router.page_port)
        got = b""
        peer.settimeout(60)
        try:
            while part := peer.recv(65536):
                got += part
        except ConnectionResetError:
            pass
        assert got.startswith(b"HTTP/1.1 200 OK\r\n")


def test_many_at_once_all_get_a_page(router):
    pages, threads = [], []
    for _ in range(12):
        threads.append(threading.Thread(
            target=lambda: pages.append(scrape(router.page_port))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(pages) == 12
