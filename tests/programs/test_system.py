"""What the router tells about itself: version, machine, clock, its log."""
import calendar
import io
import os
import pathlib
import re
import subprocess
import sys
import time

import pytest
import textfsm

import tables
from processes import workers_at_rest
from router import CONFIG, Router, wait_for
from session import Session

ADMIN = CONFIG.replace("username lab", "username lab privilege 15")

def parse(template, text):
    fsm = textfsm.TextFSM(io.StringIO(template.lstrip()))
    rows = fsm.ParseText(text)
    return [dict(zip(fsm.header, row)) for row in rows]


@pytest.fixture(scope="module")
def router():
    with Router(config=ADMIN + "hostname edge-1\n", keys=("ed25519",)) as one:
        yield one


@pytest.fixture
def session(router):
    """The only one."""
    workers_at_rest(router)
    with Session(router) as one:
        yield one


# --- show version -------------------------------------------------------------

def memory_kb(name):
    text = pathlib.Path("/proc/meminfo").read_text()
    return re.search(rf"^{name}:\s+(\d+) kB", text, re.M).group(1)


def test_show_version_tells_of_this_program_and_machine(router, session):
    text = session.command("show version")
    [row] = parse(tables.VERSION, text)
    machine = os.uname()
    assert text.startswith("vtyd Software (VTYD-")
    assert row["IMAGE"] == f"VTYD-{machine.machine.upper()}-M"
    assert row["HOSTNAME"] == "edge-1"
    assert re.fullmatch(r"\d+ (minutes?|hours?.*)", row["UPTIME"])
    assert row["REASON"] == "power-on"
    assert row["ROM"] == f"Linux {machine.release}"
    assert row["RUNNING"] == "unix:" + os.path.realpath(router.program)
    assert row["MEMORY"] == memory_kb("MemTotal")
    assert row["SWAP"] == memory_kb("SwapTotal")
    cpu = re.search(r"^model name\s+: (.*)",
                    pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    # RANCID takes the first closing bracket for the end of the name.
    assert row["PROCESSOR"] == (re.sub(r"\([^)]*\)", "", cpu.group(1))
                                if cpu else "unknown")
    counts = [int(line.split()[0]) for line in row["INTERFACES"]]
    present = [path for path in pathlib.Path("/sys/class/net").iterdir()
               if path.is_dir()]
    assert sum(counts) == len(present)
    started = time.strptime(row["RESTARTED"], "%H:%M:%S UTC %a %b %d %Y")
    age = time.time() - time.mktime(started) + time.timezone
    assert 0 <= age < 3600
    assert row["REGISTER"] == "0x2102"


def test_show_version_in_the_name_that_tools_look_for(session):
    plain = session.command("show version")
    session.configure("service show-version ios")
    text = session.command("show version")
    session.configure("no service show-version ios")
    [row] = parse(tables.VERSION, text)
    assert text == "Cisco IOS Software, " + plain.replace(
        f"\n{row['HARDWARE']} (", f"\nCisco {row['HARDWARE']} (")
    [before] = parse(tables.VERSION, plain)
    assert row == before
    # As NAPALM reads it.
    assert re.search(r"Cisco IOS Software, (.*)", text).group(1)
    assert re.search(r"Cisco (.+?) .+bytes of", text.split("ROM:")[1],
                     re.I).group(1) == row["HARDWARE"]
    assert re.search(r"Processor board ID (\S+)", text)
    assert "edge-1 uptime is " in text
    # As Ansible's cisco.ios reads it.
    assert re.search(r"Version (\S+?)(?:,\s|\s)", text).group(1) == \
        row["VERSION"]
    assert re.search(r"^(.+) uptime", text, re.M).group(1) == "edge-1"
    assert re.search(r'image file is "(.+)"', text).group(1) == row["RUNNING"]
    assert re.search(r"^[Cc]isco (\S+).+bytes of .*memory", text,
                     re.M).group(1) == row["HARDWARE"]
    assert re.search(r"board ID (\S+)", text).group(1) == row["SERIAL"]


def test_show_inventory_is_what_dmi_knows(session):
    [row] = parse(tables.INVENTORY, session.command("show inventory"))
    serial = pathlib.Path("/sys/class/dmi/id/product_serial")
    assert row["NAME"] == "Chassis" and row["PID"]
    if not serial.exists():
        assert row["SN"] == "unknown" and row["VID"] == "unknown"


# --- why it runs again --------------------------------------------------------

def returned_by(router):
    with Session(router) as session:
        [row] = parse(tables.VERSION, session.command("show version"))
    return row["REASON"]


def test_why_it_runs_again_is_known(tmp_path):
    with Router(tmp_path, config=ADMIN, keys=("ed25519",)) as router:
        assert returned_by(router) == "power-on"
        with Session(router) as session:
            session.type("reload\n", r"\[confirm\]$")
            session.channel.send("\n")
            assert router.process.wait(60) == 0
        router.start()
        assert returned_by(router) == "Reload Command"
        router.wait_log(r"%SYS-5-RESTART: System restarted --\n"
                        r"vtyd Software \(.*\), Version .*\n")
        router.restart()
        assert returned_by(router) == "shutdown"
        router.kill()
        router.start()
        assert returned_by(router).startswith("error - ")
        # The machine was started anew in between.
        router.kill()
        record = router.state / "last-run"
        lines = record.read_text().splitlines()
        assert lines[1] == "running"
        router.write_state("last-run", "\n".join(["another", *lines[1:]]))
        router.start()
        assert returned_by(router) == "power-on"
        # Nothing that can be made of a file breaks the start.
        router.stop()
        record.write_bytes(b"\xff\n\x1b[31mred\n")
        router.start()
        assert "\x1b" not in returned_by(router)


# --- the clock ----------------------------------------------------------------

def test_the_clock_is_shown_in_the_zone_and_not_set_by_who_may_not(tmp_path):
    # No router of these tests may.
    with Router(tmp_path, config=ADMIN, keys=("ed25519",)) as router, \
            Session(router) as session:
        shown = re.fullmatch(
            r"[*.]?(\d\d:\d\d:\d\d)\.\d{3} UTC (\w{3} \w{3} \d+ \d{4})\n",
            session.command("show clock"))
        now = time.mktime(time.strptime(" ".join(shown.groups()),
                                        "%H:%M:%S %a %b %d %Y"))
        assert abs(now - time.timezone - time.time()) < 600
        assert re.search(r"\n(Time source is .*|No time source)\n$",
                         session.command("show clock detail"))
        assert session.command("clock set 10:00:00 1 May 2030") == \
            "% The clock belongs to the machine: this router may not set " \
            "it (Operation not permitted)\n"
        session.configure("clock timezone XYZ -5 30")
        assert " XYZ " in session.command("show clock")
        text = session.command("show running-config")
        assert "\nclock timezone XYZ -5 30\n" in text
        assert re.search(r"^! Last .* \d\d:\d\d:\d\d XYZ ", text, re.M)
        router.wait_log(r"%SYS-5-CONFIG_I")


def test_summer_time_is_told_and_stands_in_the_log(router, session):
    session.configure(
        "clock timezone WIN 2",
        "clock summer-time SUM date Jan 1 2020 2:00 Dec 31 2090 3:00 90",
        "service timestamps log datetime localtime show-timezone")
    shown = re.fullmatch(
        r"[*.]?(\d\d:\d\d:\d\d)\.\d{3} SUM (\w{3} \w{3} \d+ \d{4})\n"
        r".*\nSummer time starts 02:00:00 WIN Wed Jan 1 2020\n"
        r"Summer time ends 03:00:00 SUM Sun Dec 31 2090\n",
        session.command("show clock detail"))
    local = calendar.timegm(time.strptime(" ".join(shown.groups()),
                                          "%H:%M:%S %a %b %d %Y"))
    assert abs(local - 3.5 * 3600 - time.time()) < 600
    assert " SUM: " in last_line(router, session, "hostname Summer")
    session.configure("no clock summer-time")
    assert " WIN " in session.command("show clock")
    session.configure("no clock timezone", "default service timestamps",
                      "hostname edge-1")


def last_line(router, session, *lines):
    """How the log line begins that comes with the end of the session."""
    before = len(router.log())
    session.configure(*lines)
    return wait_for(lambda: re.search(r"^(.*)%SYS-5-CONFIG_I.*\n",
                                      router.log()[before:], re.M),
                    "the log line").group(1)


def test_log_lines_begin_as_configured(router, session):
    day = r"[*.]?[A-Z][a-z]{2} [ 1-3]\d"
    hms = r"\d\d:\d\d:\d\d"
    for line, pattern in (
            ("service timestamps log uptime", rf"{hms}: "),
            ("service timestamps log datetime", rf"{day} {hms}: "),
            ("service timestamps log datetime year",
             rf"{day} \d{{4}} {hms}: "),
            ("service timestamps log datetime localtime show-timezone",
             rf"{day} {hms} UTC: "),
            ("service timestamps log datetime msec",
             rf"{day} {hms}\.\d{{3}}: "),
            ("service sequence-numbers",
             rf"\d{{6}}: {day} {hms}\.\d{{3}}: "),
            ("no service timestamps", r"\d{6}: "),
            ("no service sequence-numbers", "")):
        assert re.fullmatch(pattern, last_line(router, session, line)), line
    session.configure("default service timestamps")


# --- processors and memory ----------------------------------------------------

SHOW_PROCESSES_CPU = r"""
Value Filldown CPU_5_SEC (\d+)
Value Filldown INTERRUPTS (\d+)
Value Filldown CPU_1_MIN (\d+)
Value Filldown CPU_5_MIN (\d+)
Value Required PID (\d+)
Value RUNTIME (\d+)
Value INVOKED (\d+)
Value USECS (\d+)
Value FIVE_SEC ([\d.]+)
Value ONE_MIN ([\d.]+)
Value FIVE_MIN ([\d.]+)
Value TTY (\d+)
Value PROCESS (\S.*)

Start
  ^CPU utilization for five seconds: ${CPU_5_SEC}%/${INTERRUPTS}%; one minute: ${CPU_1_MIN}%; five minutes: ${CPU_5_MIN}%$$
  ^\s+PID Runtime\(ms\)\s+Invoked\s+uSecs\s+5Sec\s+1Min\s+5Min TTY Process
  ^\s*${PID}\s+${RUNTIME}\s+${INVOKED}\s+${USECS}\s+${FIVE_SEC}%\s+${ONE_MIN}%\s+${FIVE_MIN}%\s+${TTY}\s+${PROCESS}$$ -> Record
  ^\s*$$
  ^. -> Error
"""


def processes(session):
    rows = parse(SHOW_PROCESSES_CPU, session.command("show processes cpu"))
    return {int(row["PID"]): row for row in rows if row["PID"]}


def test_processes_are_our_own_and_their_time_moves(router, session):
    before = processes(session)
    assert set(before) == {router.pid, *router.children()}
    assert before[router.pid]["PROCESS"] == "vtyd"
    [worker] = router.children("vtyd-worker: server")
    assert before[worker]["TTY"] == "1"
    assert before[worker]["PROCESS"] == "vtyd-worker: server"
    [aaa] = router.children("vtyd-aaa: local")
    # Each of these is a hash that takes its time.
    for i in range(6):
        session.configure(f"username u{i} secret something")
    def is_real():
        """Who has answered wipes behind it: that may just be under way."""
        after.update(processes(session))
        stat = pathlib.Path(f"/proc/{aaa}/stat").read_text().rpartition(")")[2]
        return int(after[aaa]["RUNTIME"]) == sum(
            map(int, stat.split()[11:13])) * 1000 // os.sysconf("SC_CLK_TCK")
    after = {}
    wait_for(is_real, "the time that the process has run")
    assert int(before[aaa]["RUNTIME"]) < int(after[aaa]["RUNTIME"])
    assert int(before[aaa]["INVOKED"]) < int(after[aaa]["INVOKED"])
    # A second user is a second worker.
    with Session(router):
        more = processes(session)
        assert len(more) == len(after) + 1
        assert sorted(row["TTY"] for row in more.values()
                      if "worker" in row["PROCESS"]) == ["1", "2"]


def test_shares_are_of_the_time_since_somebody_asked(router, session):
    [aaa] = router.children("vtyd-aaa: local")
    with Session(router) as other:
        [worker] = [pid for pid, row in processes(session).items()
                    if row["TTY"] == "2"]

        def are_busy():
            # Hashes for aaa, which is always looked at; much to show for the
            # worker, which is looked at from the first time somebody asked.
            session.configure("username u0 secret something")
            for _ in range(20):
                other.command("show running-config")
            rows = processes(session)
            return all(float(rows[pid]["FIVE_SEC"]) > 1
                       for pid in (aaa, worker))

        wait_for(are_busy, "what they did to be seen")
        # What was is forgotten: the share is not that of the worker's life.
        wait_for(lambda: float(processes(session)[worker]["FIVE_SEC"]) == 0,
                 "an idle worker")
        assert float(processes(session)[worker]["ONE_MIN"]) > 0


def test_utilization_is_what_the_processors_do(router, session):
    def five_seconds():
        line = session.command("show processes cpu").splitlines()[0]
        found = re.search(r"five seconds: (\d+)%/\d+%; one minute: (\d+)%; "
                          r"five minutes: (\d+)%$", line)
        assert all(int(number) <= 100 for number in found.groups())
        return int(found.group(1))

    share = 100 // os.cpu_count()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            # One processor of all is busy, whatever the others do.
            wait_for(lambda: five_seconds() >= share * 0.8, "a busy processor")
        finally:
            busy.kill()


def test_memory_is_the_machines(router, session):
    text = session.command("show memory statistics")
    # As Ansible's cisco.ios reads it.
    [line] = [line for line in text.splitlines() if "Processor" in line]
    numbers = [int(number) for number in re.findall(r"\s(\d+)\s", line)]
    total, used, free, lowest = numbers
    assert total == int(memory_kb("MemTotal")) * 1024
    assert used + free == total and lowest <= free
    text = session.command("show processes memory")
    found = re.match(r"Processor Pool Total: +(\d+) Used: +(\d+) Free: +(\d+)",
                     text)
    assert int(found.group(1)) == total
    rows = {int(row[0]): row for row in
            (line.split(None, 4) for line in text.splitlines()[3:]) if row}
    assert set(rows) == {router.pid, *router.children()}
    resident = pathlib.Path(f"/proc/{router.pid}/statm").read_text().split()[1]
    page = os.sysconf("SC_PAGESIZE")
    assert abs(int(rows[router.pid][3]) - int(resident) * page) < 1 << 22
    for row in session.command("show processes").splitlines()[2:]:
        assert re.fullmatch(r" *\d+ [A-Z] +\d+ +\d+ +\d+ +\d+ \S.*", row), row


# --- reload in ----------------------------------------------------------------

def test_everybody_hears_of_a_reload_that_is_set(tmp_path):
    with Router(tmp_path, config=ADMIN, keys=("ed25519",)) as router:
        with Session(router) as one, Session(router) as two:
            seen = one.type("reload in 30 new cables\n", r"\[confirm\]$")
            assert re.search(
                r"Reload scheduled for \d\d:\d\d:\d\d UTC \w+ \w+ \d+ \d+ "
                r"\(in 30 minutes\) by lab on vty0 \(127\.0\.0\.1\)\r\n"
                r"Reload reason: new cables\r\n"
                r"Proceed with reload\? \[confirm\]$", seen), seen
            one.type("y", r"Router#$")
            two.until(r"\r\n\*\*\*\r\n\*\*\* --- SHUTDOWN in 0:30:00 ---\r\n"
                      r"\*\*\*\r\n$")
            router.wait_log("%SYS-5-SCHEDULED_RELOAD: Reload requested for .* "
                            "Reload Reason: new cables")
            # Whoever set it may leave.
            assert "(in 29 minutes and " in two.command("show reload") or \
                "(in 30 minutes)" in two.command("show reload")
            one.client.close()
            two.command("reload cancel")
            assert two.command("show reload") == "No reload is scheduled.\n"
            router.wait_log("%SYS-5-SCHEDULED_RELOAD_CANCELLED: ")
            two.type("reload in 0:00 now then\n", r"\[confirm\]$")
            two.channel.send("\n")
            assert router.process.wait(60) == 0
            assert "Reload Reason: now then." in router.log()
        router.start()
        with Session(router) as one:
            assert "\nLast reload reason: now then\n" in \
                one.command("show version")


# --- show tech-support --------------------------------------------------------

def test_tech_support_is_all_of_it_without_secrets(tmp_path):
    hash_of_lab = re.search(r"username lab.*secret 5 (\S+)", CONFIG).group(1)
    many = "".join(f"access-list {1 + i % 50} permit 10.1.{i >> 8}.{i & 255}\n"
                   for i in range(2000))
    with Router(tmp_path, config=ADMIN + many, keys=("ed25519",)) as router, \
            Session(router) as session:
        assert hash_of_lab in session.command("show running-config")
        text = session.command("show tech-support")
        parts = re.split(r"\n-{18} (show .*) -{18}\n\n", "\n" + text)
        names = parts[1::2]
        assert names[:3] == ["show clock detail", "show version",
                             "show running-config"]
        assert {"show inventory", "show processes cpu", "show ssh",
                "show crypto key mypubkey all"} <= set(names)
        body = dict(zip(names, parts[2::2]))
        assert hash_of_lab not in text and "$1$" not in text
        assert "username lab privilege 15 secret 5 <removed>\n" in text
        assert body["show running-config"].count("\naccess-list ") == 2000
        for name in names:
            assert "% Invalid input" not in body[name], name
            # There is no such list here.
            assert body[name].strip() or name == "show ipv6 access-list", name
        [row] = parse(tables.VERSION, body["show version"])
        assert row["HOSTNAME"] == "Router"
        # It changed nothing for whoever asked, in any mode.
        assert hash_of_lab in session.command("show running-config")
        session.command("configure terminal")
        assert "---- show version ----" in session.command(
            "do show tech-support")
        assert session.prompt == "Router(config)#"
        assert session.command("do show tech-support | include ^Processor b") \
            == "Processor board ID " + row["SERIAL"] + "\n"
        session.command("end")
