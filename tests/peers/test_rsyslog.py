"""Debian's rsyslog receives what the router logs, and parses it: IOS's form
with its own parser for IOS, RFC 5424's with that."""
import re
import threading

import pytest

from console import attach
from router import CONFIG, Router, wait_for
from rsyslog import Rsyslog
from session import Session

HOSTS = ("127.0.0.1", "::1")
WAYS = [(name, transport, host) for name in ("ios", "rfc5424")
        for transport in ("udp", "tcp") for host in HOSTS]
SEVERITIES = ("emerg", "alert", "crit", "err", "warning", "notice", "info",
              "debug")
# As the console shows a message.
SHOWN = re.compile(r"([*.]?)([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)\.(\d{3}): "
                   r"%(([A-Z_]+)-(\d)-\w+): (.*)")
SEQUENCE = re.compile(r"<\d+>(\d+): ")


@pytest.fixture(scope="module")
def rsyslog(tmp_path_factory):
    with Rsyslog(tmp_path_factory.mktemp("rsyslog")) as rsyslog:
        yield rsyslog


@pytest.fixture(scope="module")
def router(rsyslog):
    config = CONFIG + ("service timestamps log datetime msec\nhostname R1\n"
                       "ip domain name example.net\n")
    for name, transport, host in WAYS:
        port = getattr(rsyslog, transport)[name]
        form = " format rfc5424" if name == "rfc5424" else ""
        config += (f"logging host {host} transport {transport} port {port}"
                   f"{form}\n")
    with Router(config=config, keys=("ed25519",)) as router:
        router.wait_log("SYS-6-LISTEN")
        yield router


def came_by(rsyslog, name, transport, host):
    """What has come that way and is one message of the router's."""
    # Names of hosts stand for addresses where nobody resolves them.
    return [event for event in rsyslog.events(name)
            if event["inputname"] == "im" + transport
            and event["fromhost-ip"] == host]


def shown_at_the_console(router, mark):
    """What line con 0 shows of a user's work that ends with that mark."""
    shown = attach(router, "enable", "cisco", "configure terminal",
                   f"hostname {mark}", "hostname R1", "end",
                   "show privilege").stdout
    return [match for match in map(SHOWN.search, shown.splitlines())
            if match]


@pytest.mark.parametrize("name,transport,host", WAYS)
def test_what_comes_is_what_the_console_shows(rsyslog, router, name,
                                              transport, host):
    lines = shown_at_the_console(router, "R9")
    assert lines and lines[-1][4] == "SYS-5-CONFIG_I"
    for mark, date, milliseconds, head, facility, severity, text in (
            line.groups() for line in lines):
        def found():
            return [event
                    for event in came_by(rsyslog, name, transport, host)
                    if f":{date[-5:]}.{milliseconds}" in event["rawmsg"]
                    and event["msg"].endswith(text)]
        event, = wait_for(found, text)
        assert event["pri-text"] == "local7." + SEVERITIES[int(severity)]
        assert event["timestamp"] == date
        if name == "ios":
            assert event["syslogtag"] == f"%{head}:"
            assert event["msg"] == f" {text}"
        else:
            assert event["msg"] == f"%{head}: {text}"
            assert event["hostname"] == "R1.example.net"
            assert event["app-name"] == "vtyd"
            assert event["procid"] == str(router.pid)
            assert event["msgid"] == head
            assert re.search(rf'\[vtyd@32473 facility="{facility}" '
                             rf'mnemonic="{head.split("-")[2]}"',
                             event["structured-data"])


def test_every_message_came_on_every_way(rsyslog, router):
    """The later a collector's line stands, the less it has seen of the
    start; behind that all have the same."""
    for name, transport, host in WAYS:
        def numbers():
            events = came_by(rsyslog, name, transport, host)
            pattern = (SEQUENCE if name == "ios"
                       else re.compile('sequenceId="(\\d+)"'))
            return sorted(int(pattern.search(event["rawmsg"])[1])
                          for event in events)

        def all_between():
            """None twice, none missing; some may be on their way."""
            found = numbers()
            return found and found == list(range(found[0], found[-1] + 1))
        wait_for(all_between, f"all numbers by {name} {transport} {host}")


@pytest.mark.parametrize("text", ["Grüße aus Köln", 'a"b\\c]d', "x" * 64])
def test_text_of_every_kind(rsyslog, router, text):
    """A name that nobody has, in what is said of a failed login."""
    with Session(router, enable="cisco") as session:
        session.configure("login on-failure log")
    with pytest.raises(Exception):
        Session(router, user=text, password="wrong")
    shown = wait_for(lambda: [
        line for line in router.log().splitlines()
        if "LOGIN_FAILED" in line and text[:1] in line][-1:], "the line")[0]
    said = SHOWN.search(shown)[7]
    for name in ("ios", "rfc5424"):
        events = wait_for(lambda: [
            event for event in rsyslog.events(name)
            if event["msg"].endswith(said)], said)
        for event in events:
            mark = "\ufeff" in event["msg"]
            assert mark == (name == "rfc5424" and not said.isascii())


def came_everywhere(rsyslog, name, text):
    """That message, once by each way; the priorities it has."""
    def found():
        events = [event for event in rsyslog.events(name)
                  if event["msg"].endswith(text)]
        return len(events) == len(WAYS) / 2 and events
    return {event["pri-text"] for event in wait_for(found, text)}


def test_severities_and_facilities(rsyslog, router):
    with Session(router, enable="cisco") as session:
        session.configure("logging trap debugging")
        for level, severity in enumerate(SEVERITIES):
            session.command(f"send log {level} of severity {level}")
            for name in ("ios", "rfc5424"):
                assert came_everywhere(rsyslog, name,
                                       f"of severity {level}") == \
                    {f"local7.{severity}"}
        for facility in ("kern", "auth", "news", "local0"):
            session.configure(f"logging facility {facility}")
            session.command(f"send log 5 of facility {facility}")
            assert came_everywhere(rsyslog, "rfc5424",
                                   f"of facility {facility}") == \
                {f"{facility}.notice"}
        session.configure("no logging facility", "default logging trap")


def many_lines(session, count):
    """So many %SYS-5-CONFIG_I, each with one turn of configuration mode."""
    def read():
        left = b""
        while not left.endswith(b"level is 15\r\nR1#"):
            left = (left + session.channel.recv(1 << 16))[-4096:]
    reader = threading.Thread(target=read)
    reader.start()
    session.channel.settimeout(120)
    for _ in range(count // 50):
        session.channel.sendall("configure terminal\nend\n" * 50)
    session.channel.sendall("show privilege\n")
    reader.join(240)
    assert not reader.is_alive()


@pytest.fixture
def alone(rsyslog, tmp_path):
    """A router with one collector, by TCP in IOS's form; a mark of its own."""
    config = CONFIG + (
        f"hostname R1\nlogging origin-id string {tmp_path.name}\n"
        "logging host 127.0.0.1 transport tcp port "
        f"{rsyslog.tcp['ios']}\n")
    with Router(tmp_path, config=config, keys=("ed25519",)) as router:
        router.wait_log("SYS-6-LISTEN")
        yield router


def counts(session):
    """Messages for collectors; those that were sent; those that were not."""
    text = session.command("show logging")
    traps, = re.findall(r"informational, (\d+) message lines logged", text)
    logged, = re.findall(r"(\d+) message lines logged, \n", text)
    lost = re.findall(r"(\d+) message lines lost, \n", text)
    return int(traps), int(logged), int(lost[0]) if lost else 0


def accounted(session):
    """When each message is sent or given up: how many were."""
    def settled():
        traps, logged, lost = counts(session)
        return traps == logged + lost and (logged, lost)
    return wait_for(settled, "an account of all")


@pytest.mark.parametrize("stopped", [False, True], ids=["up", "stopped"])
def test_a_burst_is_there_or_counted(rsyslog, alone, tmp_path, stopped):
    def numbers():
        return [int(SEQUENCE.match(event["rawmsg"])[1])
                for event in rsyslog.events("ios")
                if f": {tmp_path.name}: " in event["rawmsg"]]

    with Session(alone, enable="cisco") as session:
        wait_for(lambda: len(numbers()) == accounted(session)[0], "the start")
        if stopped:
            rsyslog.stop()
            alone.wait_log("LOGGINGHOST_FAIL")
        many_lines(session, 10000)
        if stopped:
            rsyslog.start()
            alone.wait_log("started - reconnection")
            alone.wait_log(r"LOGGINGHOST_LOST: \d+ messages for host")
        logged, lost = accounted(session)
        assert logged + lost >= 10000
        assert (lost > 0) == stopped
        wait_for(lambda: len(numbers()) >= logged, "all that were sent",
                 120)
        assert len(set(numbers())) == len(numbers()) == logged
