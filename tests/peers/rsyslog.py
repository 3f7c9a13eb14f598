"""Debian's rsyslog with a configuration of the test's own, on free ports.

    with Rsyslog(directory) as rsyslog:
        rsyslog.udp["ios"], rsyslog.tcp["rfc5424"]    # ports, v4 and v6
        rsyslog.events("ios")       # what it has parsed, a dictionary each
"""
import json
import signal
import subprocess

from router import free_port, wait_for

PROGRAM = "/usr/sbin/rsyslogd"

# Who parses what: its own parser for messages of IOS, and that of RFC 5424.
PARSERS = {"ios": "cisco", "rfc5424": "rsyslog.rfc5424"}

PROPERTIES = ("pri-text", "timestamp", "hostname", "app-name", "procid",
              "msgid", "structured-data", "syslogtag", "programname", "msg",
              "rawmsg", "inputname", "fromhost-ip")

HEAD = """\
global(workDirectory="{directory}" net.enableDNS="off" maxMessageSize="8k")
module(load="imudp")
module(load="imtcp")
module(load="pmciscoios")
parser(name="cisco" type="pmciscoios")
template(name="fields" type="list") {{
  constant(value="{{")
{properties}
  constant(value="}}\\n")
}}
main_queue(queue.size="50000")
"""

RULES = """\
ruleset(name="{name}" parser=["{parser}"]) {{
  action(type="omfile" file="{directory}/{name}" template="fields"
         asyncWriting="off" ioBufferSize="64k" flushOnTXEnd="on")
}}
input(type="imudp" address="127.0.0.1" port="{udp}" ruleset="{name}"
      rcvbufSize="4m")
input(type="imudp" address="::1" port="{udp}" ruleset="{name}")
input(type="imtcp" address="127.0.0.1" port="{tcp}" ruleset="{name}")
input(type="imtcp" address="::1" port="{tcp}" ruleset="{name}")
"""


def property_line(name, last):
    return (f'  property(outname="{name}" name="{name}" format="jsonf")'
            + ("" if last else '\n  constant(value=", ")'))


class Rsyslog:
    def __init__(self, directory, udp={}):
        """`udp`: ports that are wanted, by parser; else free ones."""
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self.udp = {name: udp.get(name) or free_port() for name in PARSERS}
        self.tcp = {name: free_port() for name in PARSERS}
        text = HEAD.format(directory=directory, properties="\n".join(
            property_line(name, name == PROPERTIES[-1])
            for name in PROPERTIES))
        for name, parser in PARSERS.items():
            text += RULES.format(name=name, parser=parser, udp=self.udp[name],
                                 tcp=self.tcp[name], directory=directory)
        (directory / "rsyslog.conf").write_text(text)
        self.process = None

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-n", "-f", str(self.directory / "rsyslog.conf"),
                 "-i", str(self.directory / "pid")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self.is_ready, "rsyslog")
        return self

    def is_ready(self):
        """It listens on all of its ports."""
        assert self.process.poll() is None, \
            (self.directory / "log").read_text()
        listening = subprocess.run(["ss", "-Hltun"], capture_output=True,
                                   text=True).stdout
        return all(f"{host}:{port} " in listening
                   for port in [*self.udp.values(), *self.tcp.values()]
                   for host in ("127.0.0.1", "[::1]"))

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(30)

    __enter__ = start

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.stop()

    def events(self, name):
        path = self.directory / name
        if not path.exists():
            return []
        return [json.loads(line)
                for line in path.read_text().splitlines(True)
                if line.endswith("\n")]

    def find(self, name, text, **properties):
        return [event for event in self.events(name) if text in event["msg"]
                and all(event[key] == value
                        for key, value in properties.items())]
