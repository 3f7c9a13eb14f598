"""Ten ways to end by five kinds of sessions: of each end a trap tells what the
session did, and an accounting record why it ended; its line is free again, and
no process is left."""
import contextlib
import os
import re
import signal
import socket
import threading
import time

import pytest

import stays
from counting import Relay
from namespaces import Cable
from radius_server import (ACCOUNTING_RESPONSE, ACCT_CAUSE, ACCT_INPUT,
                           ACCT_OUTPUT, ACCT_STATUS, ACCT_TIME,
                           CALLING_STATION, NAS_PORT, USER_NAME, RadiusServer)
from reverse_ssh import Device
from router import CONFIG, Router, wait_for
from session import Session
from snmptrapd import PROGRAM, Snmptrapd
from test_version_1 import LEGACY

pytestmark = pytest.mark.skipif(not os.path.exists(PROGRAM),
                                reason="snmptrapd is not installed")

KEY = b"a shared key"
CISCO, STATE = "1.3.6.1.4.1.9.2", "1.3.6.1.2.1.6.13.1.1"
CONFIGURATION = CONFIG.replace("ip ssh version 2\n", "").replace(
    "line con 0", """\
username ops privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
aaa new-model
aaa authentication login default local
aaa authorization exec default local
aaa accounting exec default stop-only group radius
ip scp server enable
snmp-server
snmp-server host 127.0.0.1 public udp-port {manager} tty
radius-server host 127.0.0.1 auth-port {radius} acct-port {radius} timeout 20 \
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
TIMEOUT_S, TURN_S = 15, 0.25
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


def start_router(directory, radius, manager, devices, **options):
    config = CONFIGURATION.format(radius=radius.port, key=KEY.decode(),
                                  manager=manager.port, one=devices[0].path,
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
            lines = self.admin.command("show line")
            connections = re.findall(
                r"^(\d+) ", self.admin.command("show ssh"), re.M)
            return len(re.findall(r"^\*? +\d+ ", users, re.M)) == 1 and \
                not re.search(r"^\* +\d+ TTY", lines, re.M) and \
                set(connections) == {"0"} and \
                len(self.router.children("worker: server")) == 1
        wait_for(is_alone, "the end of all processes")

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
        def just_one(name):
            """None while another is ending or only just beginning."""
            pids = self.router.children(name)
            return pids if len(pids) == 1 else None

        before = {name: wait_for(lambda: just_one(name), name)
                  for name in HELPERS}
        for pids in before.values():
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

    def __init__(self, stage, radius, manager, address):
        self.stage, self.radius, self.manager = stage, radius, manager
        self.address = address  # of the router, as its users know it
        self.known = {}

    def of(self, way):
        if way not in self.known:
            try:
                self.known[way] = self.go(way)
            except BaseException as error:
                self.known[way] = error
        if isinstance(self.known[way], BaseException):
            raise self.known[way]
        return self.known[way]

    def traps(self, one):
        """Of its connection."""
        index = ".".join(map(str, self.address + one.relay.address))
        return [trap for trap in self.manager.notifications()
                if trap.variables[1][0] == f"{STATE}.{index}"]

    def go(self, way):
        stage, before = self.stage, len(stops(self.radius))
        if way == "time":
            stage.limit(TIMEOUT_S)
        stage.begin(way)
        if way == "time":
            stage.limit(0)
        try:
            self.began = time.monotonic()
            stage.end(way)
            wait_for(lambda: all(self.traps(one)
                                 for one in stage.made.values()), "the traps")
            self.told = time.monotonic()
            # Who came to a line has no EXEC that could be recorded.
            recorded = {one.relay.address[0]
                        for kind, one in stage.made.items()
                        if kind != "reverse"}
            wait_for(lambda: recorded <= {
                record.source for record in stops(self.radius)[before:]},
                "the records")
            for one in stage.made.values():
                assert way == "cut" or one.relay.over.wait(60), one.kind
        finally:
            for one in stage.made.values():
                one.clean_up()
                one.relay.stop()
        if way == "shutdown":
            assert stage.router.process.wait(60) == 0
        else:
            stage.wait_until_alone()
        records = {record.source: record
                   for record in stops(self.radius)[before:]}
        return {kind: Ended(self, one, stage.lines[kind][0],
                            records.get(one.relay.address[0]))
                for kind, one in stage.made.items()}


class Ended:
    """What was to be seen of one session."""

    def __init__(self, ends, one, line, record):
        self.one, self.line, self.record = one, line, record
        self.address = ends.address
        self.traps = ends.traps(one)
        # It lasted so long at least, and at most, in seconds.
        self.shortest = ends.began - one.there
        self.longest = ends.told - one.relay.began


@pytest.fixture(scope="module")
def ends(home, tmp_path_factory):
    devices = Device(), Device()  # the second one ends with its user
    with make_radius() as radius, \
            Snmptrapd(tmp_path_factory.mktemp("manager")) as manager, \
            start_router(tmp_path_factory.mktemp("router"), radius, manager,
                         devices) as router:
        def connect(number):
            return socket.create_connection(
                ("127.0.0.1", router.port),
                source_address=(f"127.0.0.{number}", 0))
        yield Ends(Stage(router, home, devices,
                         Session(router, user=stays.USER, columns=0), connect),
                   radius, manager, ("127.0.0.1", router.port))
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
        manager = Snmptrapd(tmp_path_factory.mktemp("manager"))
        cable.near.call(manager.start)
        stack.callback(manager.stop)
        router = stack.enter_context(start_router(
            tmp_path_factory.mktemp("router"), radius, manager, devices,
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
        yield Ends(stage, radius, manager, (cable.NEAR, 22))
    for device in devices:
        device.close()


def assert_true_trap(ended, user):
    """Just one, with six values of this session."""
    relay, line = ended.one.relay, ended.line
    index = ".".join(map(str, ended.address + relay.address))
    trap, = ended.traps
    age = re.fullmatch(r"Timeticks: \((\d+)\) .*", trap.variables[2][1])
    assert trap.variables == [
        (f"{CISCO}.9.3.1.1.{line}.1", "INTEGER: 6"),
        (f"{STATE}.{index}", "INTEGER: 4"),
        (f"{CISCO}.6.1.1.5.{index}", age.group()),
        (f"{CISCO}.6.1.1.1.{index}", f"INTEGER: {relay.to_router}"),
        (f"{CISCO}.6.1.1.2.{index}", f"INTEGER: {relay.to_client}"),
        (f"{CISCO}.9.2.1.18.{line}", user)]
    # The router's clock is that of its loop, read once for a turn of it.
    assert ended.shortest - TURN_S <= int(age.group(1)) / 100 <= \
        ended.longest + TURN_S


def check(ends, way, kind):
    ended = ends.of(way)[kind]
    relay, line, record = ended.one.relay, ended.line, ended.record
    assert_true_trap(ended, f'STRING: "{stays.USER}"')
    if kind == "reverse":
        assert record is None
        return
    assert (record.user, record.line, record.cause) == \
        (stays.USER, line, CAUSES[way])
    assert (record.bytes_in, record.bytes_out) == \
        (relay.to_router, relay.to_client)


def test_who_never_logged_in_has_an_end_too(ends):
    relay = Relay(lambda: ends.stage.connect(9))
    one = stays.Stranger(relay)
    ends.began = time.monotonic()
    one.clean_up()
    wait_for(lambda: ends.traps(one), "the trap")
    ends.told = time.monotonic()
    assert relay.over.wait(60)
    # Behind the administrator, who has the first one.
    users = ends.stage.admin.command("show users")
    line = int(re.search(r"^\* +(\d+) vty 0 ", users, re.M).group(1)) + 1
    assert_true_trap(Ended(ends, one, line, None), '""')


@pytest.mark.parametrize("kind", stays.KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_an_end_is_told_as_it_was(ends, way, kind):
    check(ends, way, kind)


@pytest.mark.parametrize("kind", stays.KINDS)
def test_the_end_of_a_network_is_told(cut_ends, kind):
    check(cut_ends, "cut", kind)
