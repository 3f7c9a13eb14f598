"""logging host: what collectors get, and what becomes of those that are dead,
slow or hostile."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

import paramiko
import pytest

import messages
from collector import Datagrams, Listener
from processes import SANITIZED, field, is_alive
from router import BUILD, CONFIG, Router, free_port, wait_for
from session import Session

IOS = re.compile(
    rb"<(\d+)>(\d+): ([*.]?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\.\d{3}): "
    rb"%([A-Z_]+)-(\d)-(\w+): (.+)")
RFC5424 = re.compile(
    rb"<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) (\S+) vtyd (\d+) (\S+) "
    rb"(\[.+?\]) (%.+)")


@pytest.fixture(scope="module")
def udp():
    with Datagrams() as collector:
        yield collector


@pytest.fixture(scope="module")
def router(udp):
    config = CONFIG + (
        "service timestamps log datetime msec\nhostname R1\n"
        f"logging host 127.0.0.1 transport udp port {udp.port}\n")
    with Router(config=config, keys=("ed25519",)) as router:
        router.wait_log("SSH-5-ENABLED")
        yield router


@pytest.fixture
def session(router):
    with Session(router, enable="cisco") as session:
        yield session


def sequence(line):
    return int(re.match(rb"<\d+>(\d+):", line)[1])


def status_of(session, port):
    """The block of that collector in show logging."""
    text = session.command("show logging")
    blocks = re.findall(r"        Logging to .*?filtering disabled\n", text,
                        re.S)
    block, = [block for block in blocks if f" port {port}," in block]
    return block


def count(block, what="logged"):
    found = re.search(rf"(\d+) message lines {what}, ", block)
    return int(found[1]) if found else 0


def test_every_line_comes_in_ioss_form(router, udp):
    start = udp.wait_line("LOGGINGHOST_STARTSTOP")
    assert IOS.fullmatch(start)[7].decode() == \
        f"Logging to host 127.0.0.1 port {udp.port} started - CLI initiated"
    enabled = IOS.fullmatch(udp.wait_line("SSH-5-ENABLED"))
    assert enabled[1] == b"189"  # local7, notifications
    assert enabled[7] == b"SSH 2.0 has been enabled"
    udp.wait_line("LISTEN")
    numbers = [sequence(line) for line in udp.lines]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    for line in udp.lines:
        match = IOS.fullmatch(line)
        assert int(match[1]) == 23 * 8 + int(match[5])


def test_several_lines_become_one(router, udp):
    restart = udp.wait_line("SYS-5-RESTART")
    assert b"\n" not in restart and b"System restarted --\\x0a" in restart


def test_what_a_user_types_comes_word_for_word(router, session, udp):
    session.configure("hostname R2", "hostname R1")
    line = udp.wait_line("SYS-5-CONFIG_I")
    assert line.endswith(b"%SYS-5-CONFIG_I: Configured from console by lab "
                         b"on vty0 (127.0.0.1)")
    # The same line as in the router's own log.
    wait_for(lambda: line.split(b": ", 1)[1].decode() in router.log(),
             "the line")


def test_trap_facility_and_origin(session, udp):
    session.configure("logging facility local0", "logging trap errors",
                      "hostname R3")
    session.configure("logging trap notifications",
                      "logging origin-id hostname")
    lines = wait_for(lambda: udp.find(r"<133>\d+: R3: .*CONFIG_I"), "a line")
    assert len(lines) == 1 and udp.find("<133>") == lines
    session.configure("logging origin-id ip")
    udp.wait_line(r"<133>\d+: 127\.0\.0\.1: .*CONFIG_I")
    session.configure("logging origin-id string in the cellar")
    udp.wait_line(r"<133>\d+: in the cellar: .*CONFIG_I")
    text = session.command("show running-config | include ^logging")
    assert re.fullmatch(r"logging trap notifications\n"
                        r"logging origin-id string in the cellar\n"
                        r"logging facility local0\n"
                        rf"logging host 127\.0\.0\.1 transport udp port "
                        rf"{udp.port}\n", text)
    session.configure("no logging facility", "no logging origin-id",
                      "default logging trap", "hostname R1")
    udp.wait_line(r"<189>\d+: \*?[A-Z].*CONFIG_I")
    session.configure("no logging trap")
    assert "Trap logging: disabled" in session.command("show logging")
    session.configure("logging trap")


def test_show_logging_counts_what_was_sent(session, udp):
    wait_for(lambda: count(status_of(session, udp.port)) == len(udp.lines),
             "the number")
    assert status_of(session, udp.port) == (
        f"        Logging to 127.0.0.1  (udp port {udp.port}, audit disabled,\n"
        "              link up),\n"
        f"              {len(udp.lines)} message lines logged, \n"
        "              0 message lines rate-limited, \n"
        "              0 message lines dropped-by-MD, \n"
        "              xml disabled, sequence number disabled\n"
        "              filtering disabled\n")


def test_a_port_where_nobody_listens_is_counted(session):
    port = free_port()
    session.configure(f"logging host 127.0.0.1 transport udp port {port}")
    wait_for(lambda: session.configure("hostname R1")
             or count(status_of(session, port), "lost") > 1, "losses")
    assert "link down" in status_of(session, port)
    session.configure(f"no logging host 127.0.0.1 transport udp port {port}")
    assert f"port {port}," not in session.command("show logging")


def test_tcp_and_rfc_5424(session):
    with Listener() as collector:
        where = f"127.0.0.1 transport tcp port {collector.port}"
        session.configure(f"logging host {where} format rfc5424")
        connection = collector.accept()
        match = RFC5424.fullmatch(connection.wait_line("started"))
        assert (match[1], match[3], match[5]) == (
            b"190", b"R1", b"SYS-6-LOGGINGHOST_STARTSTOP")
        assert re.fullmatch(
            rb'\[timeQuality tzKnown="1" isSynced="[01]"\]'
            rb'\[meta sequenceId="\d+"\]\[vtyd@32473 facility="SYS" '
            rb'mnemonic="LOGGINGHOST_STARTSTOP"\]', match[6])
        assert "format rfc5424" in status_of(session, collector.port)
        who = connection.wait_line("CONFIG_I")
        assert re.search(
            rb'\[vtyd@32473 facility="SYS" mnemonic="CONFIG_I" '
            rb'session="\d+" user="lab" source="127\.0\.0\.1"\] %SYS', who)
        # The same collector in the other form: another connection.
        session.configure(f"logging host {where}")
        again = collector.accept()
        assert IOS.fullmatch(again.wait_line("CONFIG_I"))
        session.configure(f"no logging host {where}")
        again.wait_line(f"port {collector.port} stopped - CLI initiated")


def test_a_connection_that_breaks_is_made_again(router, session):
    with Listener() as collector:
        session.configure(
            f"logging host 127.0.0.1 transport tcp port {collector.port}")
        first = collector.accept()
        first.wait_line("started - CLI initiated")
        first.reset()
        router.wait_log(rf"%SYS-3-LOGGINGHOST_FAIL: Logging to host 127.0.0.1 "
                        rf"port {collector.port} failed")
        session.configure("hostname R1")
        second = collector.accept()
        # Said while there was no connection.
        second.wait_line("LOGGINGHOST_FAIL")
        second.wait_line("CONFIG_I")
        second.wait_line("started - reconnection")
        assert "link up" in status_of(session, collector.port)
        assert count(status_of(session, collector.port), "lost") == 0
        session.configure("no logging host 127.0.0.1 transport tcp port "
                          f"{collector.port}")


def lines_of_work(session, count):
    """So many messages: turns of configuration mode."""
    for _ in range(count // 20):
        session.channel.sendall("configure terminal\nend\n" * 20)
        seen = ""
        while seen.count("(config)#") < 20 or not seen.endswith("R1#"):
            seen += session.channel.recv(1 << 16).decode()


def resident_kib(pid):
    return int(field(pid, "VmRSS")[0])


@pytest.mark.parametrize("answers", [False, True], ids=["silent", "talking"])
def test_a_collector_that_never_reads_costs_its_own_lines(router, session,
                                                          udp, answers):
    """More than the kernel and the queue hold; the other one has them all."""
    pid, = router.children("vtyd-notify")
    with Listener() as collector:
        # What the kernel takes for a reader that does not read is small.
        collector.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        session.configure(
            f"logging host 127.0.0.1 transport tcp port {collector.port}",
            "logging origin-id string " + "x" * 120)
        connection = collector.accept()
        if answers:
            connection.stream.sendall(b"<0>" * 20000)
        had = len(udp.lines)
        for _ in range(40):
            lines_of_work(session, 500)
            block = status_of(session, collector.port)
            if count(block, "lost") > 100:
                break
        assert count(block, "lost") > 100 and "link up" in block
        made = 500
        wait_for(lambda: len(udp.lines) - had >= made, "lines of the other")
        numbers = [sequence(line) for line in udp.lines[had:]]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert resident_kib(pid) < 16 * 1024 or SANITIZED
        session.configure(
            f"no logging host 127.0.0.1 transport tcp port {collector.port}",
            "no logging origin-id")
        connection.close()


def test_collectors_that_hang_up_at_once_are_not_asked_all_the_time(session):
    with Listener() as collector:
        session.configure(
            f"logging host 127.0.0.1 transport tcp port {collector.port}")
        made = []
        collector.socket.settimeout(1)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            try:
                connection = collector.accept()
            except TimeoutError:
                continue
            made.append(time.monotonic())
            connection.reset()
        session.configure(
            f"no logging host 127.0.0.1 transport tcp port {collector.port}")
    assert 1 <= len(made) <= 3


def test_a_name_is_resolved_by_the_router(router, session, udp):
    session.configure("ip host collector 127.0.0.1",
                      f"no logging host 127.0.0.1 transport udp port {udp.port}",
                      f"logging host collector transport udp port {udp.port}")
    udp.wait_line(f"host collector port {udp.port} started")
    assert "Logging to collector  (udp" in status_of(session, udp.port)
    session.configure("no logging host collector",
                      f"logging host 127.0.0.1 transport udp port {udp.port}",
                      "no ip host collector")


def test_a_source_interface_is_where_lines_come_from(session, udp):
    session.configure("logging source-interface lo")
    udp.wait_line("CONFIG_I")
    text = session.command("show logging")
    assert "Logging Source-Interface:       VRF Name:\n        lo\n" in text
    session.configure("no logging source-interface")
    assert {source[0] for source in udp.sources} == {"127.0.0.1"}


def test_ipv6(session):
    with Datagrams("::1") as collector:
        session.configure(
            f"logging host ::1 transport udp port {collector.port}")
        collector.wait_line("started - CLI initiated")
        session.configure(
            f"no logging ::1 transport udp port {collector.port}")
        collector.wait_line("stopped - CLI initiated")


def test_hardening_10_2_nobody_forges_a_line(router, session, udp):
    forged = "x\r\n<0>1: *Nov 22 00:00:00.000: %SYS-0-FORGED: by me\0"
    with Listener() as ios, Listener() as rfc5424:
        session.configure(
            "login on-failure log",
            f"logging host 127.0.0.1 transport tcp port {ios.port}",
            f"logging host 127.0.0.1 transport tcp port {rfc5424.port} "
            "format rfc5424")
        connections = [ios.accept(), rfc5424.accept()]
        with pytest.raises(paramiko.SSHException):
            Session(router, user=forged, password="wrong")
        session.configure("hostname R1")
        for connection in connections:
            connection.wait_line("SEC_LOGIN-4-LOGIN_FAILED")
            connection.wait_line("CONFIG_I")
            for line in connection.frames():
                assert IOS.fullmatch(line) or RFC5424.fullmatch(line), line
                assert not re.search(rb"[\0-\x1f\x7f]", line)
        assert IOS.fullmatch(udp.wait_line("SEC_LOGIN-4-LOGIN_FAILED"))
        assert not udp.find(r"^<0>|[\0-\x1f\x7f]")
        session.configure(
            f"no logging host 127.0.0.1 transport tcp port {ios.port}",
            f"no logging host 127.0.0.1 transport tcp port {rfc5424.port}")


def test_the_program_serves_control_alone():
    program = BUILD / "src" / "vtyd-notify"
    result = subprocess.run([program, "collectors"], capture_output=True)
    assert result.returncode == 2
    assert result.stderr == b"vtyd-notify: only vtyd starts this program\n"


@pytest.mark.parametrize("said", [
    b"", b"\xff", messages.encode("SYSLOG"),
    messages.encode("SYSLOG", address=b"\x7f\0\0\1", port=65536, line=b"x"),
    messages.encode("SYSLOG", address=b"\x7f\0\0", port=514, line=b"x"),
    messages.encode("SYSLOG", address=b"\x7f\0\0\1", port=514, line=b"x")[:-1],
    messages.encode("JUDGE"), messages.encode("KEY_LOAD"),
], ids=range(8))
def test_what_control_never_says_ends_it(said):
    """It answers a good request first, and ends by itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with Datagrams() as collector, ours:
        def prepare():
            os.dup2(theirs.fileno(), 3)
        process = subprocess.Popen(
            [BUILD / "src" / "vtyd-notify", "collectors"],
            stdin=subprocess.DEVNULL, preexec_fn=prepare, pass_fds=(3,))
        theirs.close()
        ours.settimeout(60)
        ours.send(messages.encode(
            "SYSLOG", collector=7, address=b"\x7f\0\0\1",
            port=collector.port, line=b"<189>1: hello"))
        name, fields = messages.decode(ours.recv(65536))
        assert (name, fields["collector"], fields["sent"]) == \
            ("SYSLOG_FATE", 7, 1)
        collector.wait_line("<189>1: hello")
        if said:
            ours.send(said)
        else:
            ours.close()
        assert process.wait(60) == 0


def test_the_process_and_its_sandbox(router):
    pid, = router.children("vtyd-notify")
    title = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().strip(b"\0 ")
    assert title == b"vtyd-notify"
    assert field(pid, "Seccomp") == ["2"]
    assert field(pid, "NoNewPrivs") == ["1"]
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"^Max core file size\s+0\s+0", limits, re.M)
    assert re.search(r"^Max processes\s+0\s+0", limits, re.M)
    if os.geteuid() == 0:
        assert "0" not in field(pid, "Uid") + field(pid, "Gid")
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^Groups:\s*$", status, re.M)
        assert os.listdir(f"/proc/{pid}/root/") == []
        assert int(field(pid, "CapEff")[0], 16) == 0
        text = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        assert len(text.strip(b"\0 ")) < 80


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSYS])
def test_it_dies_and_no_session_notices(router, session, udp, number):
    old, = router.children("vtyd-notify")
    os.kill(old, number)
    session.command("show clock")
    wait_for(lambda: set(router.children("vtyd-notify")) - {old}, "a new one")
    assert not is_alive(old)
    router.wait_log(rf"vtyd-notify \(process {old}\) ended with signal "
                    rf"{int(number)} ")
    # What is said from then on comes; what was in it when it died is counted.
    session.configure("hostname R1")
    udp.wait_line(rf"process {old}\) ended with|CONFIG_I")


def test_it_runs_only_while_something_needs_it(router, session, udp):
    session.configure("no logging host 127.0.0.1")
    wait_for(lambda: not router.children("vtyd-notify"), "its end")
    assert "HELPER: vtyd-notify" not in router.log().rpartition("stopped")[2]
    session.configure(f"logging 127.0.0.1 transport udp port {udp.port}")
    wait_for(lambda: router.children("vtyd-notify"), "it")


def dropped(session):
    return int(re.search(r"enabled \((\d+) messages dropped",
                         session.command("show logging"))[1])


def test_a_collector_that_goes_takes_its_last_lines_along(router, session,
                                                          udp):
    """They are no losses; what it never took is one."""
    before = dropped(session)
    for line, mark in 3 * [
            ("no logging host 127.0.0.1", "stopped - CLI"),
            (f"logging 127.0.0.1 transport udp port {udp.port}",
             "started - CLI")]:
        had = len(udp.find(mark))
        session.configure(line)
        wait_for(lambda: len(udp.find(mark)) > had, mark)
    wait_for(lambda: dropped(session) == before, "an account")
    with Listener() as collector:
        where = f"127.0.0.1 transport tcp port {collector.port}"
        session.configure(f"logging host {where}")
        collector.accept().wait_line("started")
    router.wait_log(rf"Logging to host 127.0.0.1 port {collector.port} failed")
    session.configure(f"no logging host {where}")
    wait_for(lambda: dropped(session) >= before + 2, "what was not sent")


def test_what_cannot_be_is_refused(session):
    def refused(line):
        session.command("configure terminal")
        answer = session.command(line)
        session.command("end")
        return answer
    assert "^" in refused("logging host 127.0.0.1 transport udp port 0")
    assert "^" in refused("logging host 127.0.0.1 sequence-num-session")
    assert "^" in refused("logging facility nothing")
    assert "Incomplete" in refused("logging origin-id string")
    assert "Incomplete" in refused("logging host")
    for port in range(40000, 40015):
        session.configure(f"logging host 192.0.2.1 transport udp port {port}")
    assert refused("logging host 192.0.2.1 transport udp port 40015") == \
        "% Too many logging hosts\n"
    session.configure("no logging host 192.0.2.1")
    assert "192.0.2.1" not in session.command(
        "show running-config | include logging")
