"""One SSH session as all sides see it: the blocks of docs/operations.md, taken
from one real run of a router, OpenSSH's client, rsyslogd and snmptrapd.
"""
import json
import pathlib
import re
import socket
import tempfile

import pexpect

import openssh
from console import attach
from metrics import fetch, wait_served
from router import ROOT, Router, free_port, wait_for
from rsyslog import Rsyslog
from snmptrapd import Snmptrapd

PAGE = ROOT / "docs" / "operations.md"
BLOCK = re.compile(r"(<!-- ([\w-]+) -->\n```\w*\n)(.*?)(^```$)", re.S | re.M)

# Ports that the page shows, where they are free.
SSH, COLLECTOR, MANAGER, METRICS = 2222, 5514, 1162, 9122

SETTINGS = """\
service timestamps debug datetime msec
service timestamps log datetime msec
hostname R1
logging buffered 65536 debugging
no logging console
username lab secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.
ip ssh version 2
ip ssh logging events
line vty 0 4
 login local
 transport input ssh
logging host 127.0.0.1 transport udp port {collector}
snmp-server
snmp-server host 127.0.0.1 public udp-port {manager} tty
telemetry prometheus {metrics}
"""

STAMP = re.compile(r"^\*?[A-Z][a-z]{2} [ \d]\d [\d:.]+: ")


def port(wish):
    """That one, if nobody has it on either transport."""
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            for family, host in ((socket.AF_INET, "127.0.0.1"),
                                 (socket.AF_INET6, "::1")):
                with socket.socket(family, kind) as one:
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR,
                                   kind == socket.SOCK_STREAM)
                    one.bind((host, wish))
    except OSError:
        return free_port()
    return wish


class Run:
    """The router and those around it; `blocks` is what they have shown."""

    def __init__(self, directory):
        self.blocks = {}
        self.rsyslog = Rsyslog(directory / "rsyslog",
                               udp={"ios": port(COLLECTOR)})
        self.manager = Snmptrapd(directory, port=port(MANAGER))
        # As it prints notifications when nobody tells it how.
        self.manager.conf.write_text("disableAuthorization yes\n"
                                     "doNotRetainNotificationLogs yes\n")
        self.metrics = port(METRICS)
        self.settings = SETTINGS.format(collector=self.rsyslog.udp["ios"],
                                        manager=self.manager.port,
                                        metrics=self.metrics)
        self.router = Router(directory / "router", config=self.settings,
                             keys=("ed25519",),
                             listen=(f"127.0.0.1:{port(SSH)}",))

    def typed(self, *lines):
        """Line con 0: each line behind its prompt, with its answer."""
        done = attach(self.router, "terminal length 0", *lines)
        assert done.returncode == 0, done
        answers = done.stdout.split("R1#")[2:]
        return "".join(f"R1#{line}{answer}"
                       for line, answer in zip(lines, answers))

    def log(self):
        """The lines of the log buffer."""
        shown = self.typed("show logging").partition("bytes):\n\n")[2]
        return shown.splitlines()

    # --- the session ---------------------------------------------------------

    def start_client(self):
        command = openssh.arguments(self.router)
        self.screen = pexpect.spawn(
            command[0], command[1:], timeout=60, encoding="utf-8",
            dimensions=(24, 100),
            env={**openssh.environment(), "SSH_ASKPASS_REQUIRE": "never",
                 "TERM": "vt100"})
        self.screen.delaybeforesend = None
        self.seen = ""
        self.see("assword: ")
        self.type("lab")

    def see(self, what):
        self.screen.expect(what)
        end = self.screen.after
        self.seen += self.screen.before + (end if isinstance(end, str) else "")

    def type(self, line, answer="R1>"):
        self.screen.sendline(line)
        self.see(answer)

    def client(self):
        """From the command line to the prompt of whoever typed it."""
        self.screen.close()
        shown = self.seen.replace("\r\n", "\n")
        return (f"$ ssh -p {self.router.port} lab@127.0.0.1\n"
                + shown[shown.index("(lab@"):])

    # --- what the sides have seen --------------------------------------------

    def while_it_lives(self):
        self.blocks["show-ssh"] = self.typed("show ssh")
        self.blocks["show-ssh-json"] = self.typed("show ssh | json")
        self.blocks["metrics-sessions"] = self.page("vtyd_sessions{")

    def page(self, *names):
        """Samples of these metrics that are not 0."""
        return "".join(
            line + "\n" for line in fetch(self.metrics)[2].splitlines()
            if line.startswith(names) and not line.endswith(" 0"))

    def debug_lines(self, lines):
        told = [line for line in lines
                if STAMP.match(line) and ": %" not in line]
        end = next(n for n, line in enumerate(told)
                   if "starting shell for vty" in line)
        self.blocks["debug-begin"] = "".join(
            line + "\n" for line in told[:end + 1])
        self.blocks["debug-end"] = "".join(
            line + "\n" for line in told[-2:])

    def log_lines(self, lines):
        self.blocks["log"] = "".join(
            line + "\n" for line in lines if ": %SSH-5-SSH2_" in line)

    def collector(self):
        def events():
            return [event for event in self.rsyslog.events("ios")
                    if "%SSH-5-SSH2_" in event["rawmsg"]]
        wait_for(lambda: len(events()) == 3, "three lines at the collector")
        self.blocks["collector"] = "".join(event["rawmsg"] + "\n"
                                           for event in events())
        self.blocks["collector-parsed"] = json.dumps(
            {name: events()[0][name]
             for name in ("pri-text", "fromhost-ip", "syslogtag", "msg")},
            indent=2) + "\n"

    def trap(self):
        """One line for each thing that it says of one notification."""
        def came():
            return re.search(r"^\d{4}-.*?TRAP(.*\n)+?.*9\.2\.9\.2\.1\.18.*\n",
                             self.manager.log(), re.M)
        shown = wait_for(came, "the trap")[0]
        self.blocks["trap"] = re.sub(r"\s*\t\s*", "\n    ", shown.rstrip()) + "\n"

    def watch(self):
        with self.rsyslog, self.manager, self.router:
            wait_served(self.metrics)
            self.blocks["configuration"] = self.typed(
                "show running-config | include ^(logging|snmp|telemetry|ip ssh"
                " log)")
            self.blocks["debug-on"] = self.typed("debug ip ssh",
                                                 "show debugging")
            self.start_client()
            self.type("show privilege")
            self.while_it_lives()
            self.type("exit", pexpect.EOF)
            self.blocks["client"] = self.client()
            wait_for(lambda: "SSH2_CLOSE" in self.router.log()
                     and "Session terminated" in self.router.log(), "the end")
            self.trap()
            lines = self.log()
            self.debug_lines(lines)
            self.log_lines(lines)
            self.collector()
            self.blocks["metrics"] = self.page(
                "vtyd_logins_total", "vtyd_sessions_ended_total",
                "vtyd_handshake_seconds_count", "vtyd_received_bytes_total",
                "vtyd_sent_bytes_total")
            self.blocks["debug-off"] = self.typed("undebug all")
        return self.blocks


def blocks():
    """A run; its blocks by name."""
    with tempfile.TemporaryDirectory() as directory:
        return Run(pathlib.Path(directory)).watch()


def page_with(found, text):
    """The page's text with these blocks in it; both must have the same."""
    names = [name for _, name, _, _ in BLOCK.findall(text)]
    assert sorted(names) == sorted(found), (names, sorted(found))
    return BLOCK.sub(lambda m: m[1] + found[m[2]] + m[4], text)


# Lines that depend on how bytes fell into packets and reads.
PACKETS = re.compile(r"ssh_receive:|input: p|partial packet|MAC #|send: len|"
                     r"done calc MAC|received packet type")


def stable(text):
    """What must be the same in every run: no times, numbers, versions."""
    lines = [line for line in text.splitlines() if not PACKETS.search(line)]
    text = "\n".join(lines)
    text = re.sub(r"OpenSSH_[^\s\"]+( Debian\S+)?", "CLIENT", text)
    text = re.sub(r"\b[A-Z][a-z]{2} +\d+ [\d:.]+", "TIME", text)
    text = re.sub(r"\d+", "N", text)
    return re.sub(r"[ \t]+", " ", text)


def main():
    PAGE.write_text(page_with(blocks(), PAGE.read_text()))
