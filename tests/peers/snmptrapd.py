"""Debian's snmptrapd, started for one test: numeric, without MIBs.

    with Snmptrapd(directory) as manager:
        ... snmp-server host 127.0.0.1 public udp-port {manager.port} tty
        manager.wait(1)[0]      # {"oid": ("type", "value"), ...}, in order
"""
import os
import pathlib
import re
import subprocess

from router import free_port, wait_for

PROGRAM = "/usr/sbin/snmptrapd"

# One notification a line: its head, then the variables behind tabs.
FORMAT_1 = "1\\t%P\\t%N\\t%a\\t%w\\t%q\\t%T\\t%v\\n"
FORMAT_2 = "2\\t%P\\t%v\\n"

CONF = """\
doNotRetainNotificationLogs yes
doNotLogTraps no
disableAuthorization no
authCommunity log public
authCommunity log public2
format1 {one}
format2 {two}
{more}
"""


class Snmptrapd:
    """`more`: further lines of its configuration."""

    def __init__(self, directory, more="", port=None, address="127.0.0.1"):
        self.directory = directory
        self.port = port or free_port()
        self.address = address
        self.log_path = directory / "snmptrapd.log"
        self.conf = directory / "snmptrapd.conf"
        self.conf.write_text(CONF.format(one=FORMAT_1, two=FORMAT_2,
                                         more=more))
        self.persistent = directory / "persistent"
        self.persistent.mkdir(exist_ok=True)
        self.process = None

    def start(self):
        place = (f"udp6:[{self.address}]:{self.port}" if ":" in self.address
                 else f"udp:{self.address}:{self.port}")
        environment = {**os.environ, "MIBS": "", "MIBDIRS": "",
                       "SNMP_PERSISTENT_DIR": str(self.persistent),
                       "SNMPCONFPATH": str(self.directory)}
        self.process = subprocess.Popen(
            [PROGRAM, "-f", "-C", "-c", str(self.conf), "-Lf",
             str(self.log_path), "-n", "-On", "-t", place],
            env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.is_bound, "snmptrapd's port")
        return self

    def is_bound(self):
        """Looked up: whoever tries the port takes it from snmptrapd. In the
        network of the thread that asks."""
        assert self.process.poll() is None, self.log()
        name = "udp6" if ":" in self.address else "udp"
        return f":{self.port:04X} " in pathlib.Path(
            "/proc/thread-self/net", name).read_text()

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def log(self):
        if not self.log_path.exists():
            return ""
        return self.log_path.read_text(errors="replace")

    def notifications(self):
        return [Notification(line) for line in self.log().split("\n")
                if re.match(r"[12]\t", line)]

    def wait(self, count=1, seconds=30):
        return wait_for(lambda: (lambda all: all if len(all) >= count
                                 else None)(self.notifications()),
                        f"{count} notifications", seconds)


class Notification:
    def __init__(self, line):
        version, *fields = line.split("\t")
        self.line = line
        self.head = fields[0]
        if version == "1":
            (self.enterprise, self.agent, self.generic, self.specific,
             self.uptime) = fields[1:6]
            fields = fields[5:]
        self.variables = [tuple(re.fullmatch(r"\.(\S+) = (.*)", one).groups())
                          for one in fields[1:] if one]
