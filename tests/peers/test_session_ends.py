"""Ten ways to end by five kinds of sessions: of each end is told what the
session did, its line is free again, and no process is left."""
import contextlib
import os
import re
import signal
import socket
import threading

import pytest

import stays
from counting import Relay
from namespaces import Cable
from radius_server import (ACCOUNTING_RESPONSE, ACCT_CAUSE, ACCT_INPUT,
                           ACCT_OUTPUT, ACCT_STATUS, ACCT_TIME,
                           CALLING_STATION, NAS_PORT, USER_NAME, RadiusServer)
from reverse_ssh import Device
from router import CONFIG, Router, free_port, wait_for
from session import Session
from test_version_1 import LEGACY

KEY = b"a shared key"
CONFIGURATION = CONFIG.replace("ip ssh version 2\n", "").replace(
    "line con 0", """\
username ops privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
aaa new-model
aaa authentication login default local
aaa authorization exec default local
aaa accounting exec default stop-only group radius
ip scp server enable
logging host 127.0.0.1 transport udp port {nobody}
radius-server host 127.0.0.1 auth-port {radius} acct-port {radius} timeout 2 \
retransmit 1 key {key}
line con 0""").replace(" login local\n", "").replace("line vty 0 15", """\
line 1
 device {one}
 access-user ops
 transport input ssh
line 2
 device {two}
 access-user ops
 transport input ssh
line vty 0 15""")
STOP = 2
TIMEOUT_S = 4
WAYS = ("logout", "exit", "disconnect", "clear", "time", "client", "worker",
        "re-key", "helpers", "shutdown")
HELPERS = ("signer", "aaa: local", "aaa: servers", "notify", "nursery")
# Acct-Terminate-Cause, RFC 2866.
USER_REQUEST, LOST_CARRIER, IDLE_TIMEOUT, ADMIN_RESET, ADMIN_REBOOT, \
    NAS_ERROR, USER_ERROR = 1, 2, 4, 6, 7, 9, 17
CAUSES = {"logout": USER_REQUEST, "exit": USER_REQUEST,
          "disconnect": ADMIN_RESET, "clear": ADMIN_RESET,
          "time": IDLE_TIMEOUT, "client": USER_REQUEST, "worker": NAS_ERROR,
          "re-key": USER_ERROR, "helpers": USER_REQUEST, "cut": LOST_CARRIER, "shutdown": ADMIN_REBOOT}


def make_radius():
    return RadiusServer(KEY, lambda q: [q.answer(ACCOUNTING_RESPONSE)])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = tmp_path_factory.mktemp("home")
    (made / "legacy.cnf").write_text(LEGACY)
    ask = made / "ask"
    ask.write_text("#!/bin/sh\nprintf '%s\\n' \"$VTYD_TEST_PASSWORD\"\n")
    ask.chmod(0o700)
    return made


def start_router(directory, radius, devices, **options):
    config = CONFIGURATION.format(radius=radius.port, key=KEY.decode(),
                                  nobody=free_port(), one=devices[0].path,
                                  two=devices[1].path)
    return Router(directory, config=config, keys=("rsa", "ed25519"), **options)


class Stage:
    """One administrator, who never leaves, and five who do. `connect`: a
    socket to the router, from the address with this number at its end."""

    def __init__(self, router, home, devices, admin, connect):
        self.router, self.home, self.devices = router, home, devices
        self.admin, self.connect = admin, connect
        self.own = set(router.children())

    def begin(self, way):
        self.made = {}
        self.failed = []
        threads = [threading.Thread(target=self.open, args=(way, kind, 10 + i))
                   for i, kind in enumerate(stays.KINDS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not self.failed, self.failed
        self.lines = self.find_lines()

    def open(self, way, kind, number):
        relay = Relay(lambda: self.connect(number))
        line = 2 if way == "exit" else 1
        one = stays.WireStay if way == "re-key" and kind != "version-1" \
            else stays.Stay
        try:
            self.made[kind] = one(kind, relay, self.home,
                                  self.devices[line - 1], line)
        except BaseException as error:
            self.failed.append((kind, error))

    def find_lines(self):
        """Absolute and relative numbers of the vtys, by where users are."""
        shown = self.admin.command("show users")
        found = {}
        for kind, one in self.made.items():
            row = re.search(r"^\*? +(\d+) vty (\d+) .* "
                            + re.escape(one.relay.address[0]) + " *$", shown,
                            re.M)
            assert row, (kind, shown)
            found[kind] = int(row.group(1)), int(row.group(2))
        return found

    def limit(self, seconds):
        """Of those who come from now on."""
        self.admin.configure("line vty 1 15", f"exec-timeout 0 {seconds}",
                             "line 1", f"exec-timeout 0 {seconds}")

    def wait_until_alone(self):
        def is_alone():
            users = self.admin.command("show users")
            return len(re.findall(r"^\*? +\d+ ", users, re.M)) == 1 and \
                len(self.router.children("worker: server")) == 1
        wait_for(is_alone, "the end of all processes")
        connections = re.findall(r"^(\d+) ", self.admin.command("show ssh"),
                                 re.M)
        assert set(connections) == {"0"}, connections

    def end(self, way):
        getattr(self, "end_by_" + way.replace("-", "_"))()

    def each(self, method):
        for one in self.made.values():
            getattr(one, method)()

    def end_by_logout(self):
        self.each("log_out")

    def end_by_exit(self):
        self.each("exit")

    def end_by_disconnect(self):
        for _, vty in self.lines.values():
            assert self.admin.command(f"disconnect ssh {vty}") == ""

    def end_by_clear(self):
        for kind, (_, vty) in self.lines.items():
            line = "1" if kind == "reverse" else f"vty {vty}"
            self.admin.type(f"clear line {line}\n", r"\[confirm\]$")
            self.admin.type("\n")

    def end_by_time(self):
        pass

    def end_by_client(self):
        self.each("kill")

    def end_by_worker(self):
        for pid in self.router.children("worker: server"):
            if pid not in self.own:
                os.kill(pid, signal.SIGKILL)

    def end_by_re_key(self):
        for kind, one in self.made.items():
            if kind == "version-1":  # it has no other keys: broken otherwise
                one.relay.spoils = True
                one.client.type(b"\r")
            else:
                one.break_keys()

    def end_by_helpers(self):
        """They die and come back, and it makes no difference to anybody."""
        before = {name: self.router.children(name) for name in HELPERS}
        for pids in before.values():
            assert len(pids) == 1, before
            os.kill(pids[0], signal.SIGKILL)
        wait_for(lambda: all(
            len(now) == 1 and now != before[name] for name, now in (
                (name, self.router.children(name)) for name in HELPERS)),
            "other helpers")
        assert not any(one.relay.over.is_set() for one in self.made.values())
        self.end_by_logout()

    def end_by_shutdown(self):
        self.router.signal(signal.SIGTERM)


class Record:
    """What a stop record says of a session."""

    def __init__(self, request):
        self.user = request.get(USER_NAME).decode()
        self.line = request.number(NAS_PORT)
        self.bytes_in = request.number(ACCT_INPUT)
        self.bytes_out = request.number(ACCT_OUTPUT)
        self.cause = request.number(ACCT_CAUSE)
        self.source = request.get(CALLING_STATION).decode()


def stops(radius):
    return [Record(request) for request in list(radius.requests)
            if request.number(ACCT_STATUS) == STOP]


class Ends:
    """Each way is gone by all kinds at once, when the first of them is asked
    about."""

    def __init__(self, stage, radius):
        self.stage, self.radius, self.known = stage, radius, {}

    def of(self, way):
        if way not in self.known:
            try:
                self.known[way] = self.go(way)
            except BaseException as error:
                self.known[way] = error
        if isinstance(self.known[way], BaseException):
            raise self.known[way]
        return self.known[way]

    def go(self, way):
        stage, before = self.stage, len(stops(self.radius))
        kinds = [kind for kind in stays.KINDS if kind != "reverse"]
        if way == "time":
            stage.limit(TIMEOUT_S)
        stage.begin(way)
        if way == "time":
            stage.limit(0)
        try:
            stage.end(way)

            def all_told():
                found = {record.source: record
                         for record in stops(self.radius)[before:]}
                return found if len(found) >= len(kinds) else None
            found = wait_for(all_told, "the records")
            for one in stage.made.values():
                assert way == "cut" or one.relay.over.wait(30), one.kind
        finally:
            for one in stage.made.values():
                one.clean_up()
                one.relay.stop()
        if way == "shutdown":
            assert stage.router.process.wait(30) == 0
        else:
            stage.wait_until_alone()
        return {kind: found.get(one.relay.address[0])
                for kind, one in stage.made.items()}, stage.made, stage.lines


@pytest.fixture(scope="module")
def ends(home, tmp_path_factory):
    devices = Device(), Device()  # the second one ends with its user
    with make_radius() as radius, start_router(
            tmp_path_factory.mktemp("router"), radius, devices) as router:
        def connect(number):
            return socket.create_connection(
                ("127.0.0.1", router.port),
                source_address=(f"127.0.0.{number}", 0))
        yield Ends(Stage(router, home, devices,
                         Session(router, user=stays.USER, columns=0), connect),
                   radius)
    devices[0].close()


@pytest.fixture(scope="module")
def cut_ends(home, tmp_path_factory):
    """A router whose users are behind a cable; its administrator is not."""
    devices = Device(), Device()
    with contextlib.ExitStack() as stack:
        cable = stack.enter_context(Cable())
        # A silent peer is asked at once, not after two hours; and what he
        # does not acknowledge is not repeated for a quarter of one.
        cable.near.set("tcp_retries2", 3)
        cable.near.set("tcp_keepalive_time", 1)
        cable.near.set("tcp_keepalive_intvl", 1)
        cable.near.set("tcp_keepalive_probes", 2)
        radius = stack.enter_context(cable.near.call(make_radius))
        router = stack.enter_context(start_router(
            tmp_path_factory.mktemp("router"), radius, devices,
            listen=("127.0.0.1:22", f"{cable.NEAR}:22"),
            preexec=cable.near.enter))
        way_in = stack.enter_context(Relay(lambda: cable.near.call(
            socket.create_connection, ("127.0.0.1", 22))))

        def connect(number):
            return cable.far.call(
                socket.create_connection, (cable.NEAR, 22),
                source_address=(cable.FAR.format(number), 0))
        stage = Stage(router, home, devices,
                      Session(way_in, user=stays.USER, columns=0), connect)
        stage.end_by_cut = cable.pull
        yield Ends(stage, radius)
    for device in devices:
        device.close()


def check(ends, way, kind):
    records, made, lines = ends.of(way)
    record, one = records[kind], made[kind]
    if kind == "reverse":
        assert record is None
        return
    assert record.user == stays.USER
    assert record.line == lines[kind][0]
    assert record.bytes_in == one.relay.to_router
    assert record.bytes_out == one.relay.to_client
    assert record.cause == CAUSES[way]


@pytest.mark.parametrize("kind", stays.KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_an_end_is_told_as_it_was(ends, way, kind):
    check(ends, way, kind)


@pytest.mark.parametrize("kind", stays.KINDS)
def test_the_end_of_a_network_is_told(cut_ends, kind):
    check(cut_ends, "cut", kind)
