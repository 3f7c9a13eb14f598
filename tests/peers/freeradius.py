"""Debian's FreeRADIUS with a configuration of the test's own, on free ports.

    with FreeRadius(directory) as server:
        server.auth_port, server.acct_port, server.key
        server.records()        # of accounting, as its file has them

Users: see USERS; `token` is asked for the code 123456 behind his password.
"""
import re
import signal
import subprocess

from router import free_port, wait_for

KEY = "a shared key"

USERS = """\
high Cleartext-Password := "high-password"
\tService-Type = NAS-Prompt-User,
\tCisco-AVPair = "shell:priv-lvl=15",
\tClass = "of high"

middle Cleartext-Password := "middle-password"
\tCisco-AVPair = "shell:priv-lvl=7"

low Cleartext-Password := "low-password"
\tReply-Message = "Welcome, low"

admin Cleartext-Password := "admin-password"
\tService-Type = Administrative-User

token Cleartext-Password := "token-password"

lab Auth-Type := Reject
\tReply-Message = "Not today"

$enab15$ Cleartext-Password := "enable-password"
\tService-Type = Administrative-User
"""

CONFIG = """\
prefix = /usr
libdir = /usr/lib/freeradius
name = radiusd
logdir = {directory}
run_dir = {directory}
pidfile = {directory}/pid
correct_escapes = true
thread pool {{
    start_servers = 1
    max_servers = 4
    min_spare_servers = 1
    max_spare_servers = 3
}}
modules {{
    files {{
        usersfile = {directory}/users
    }}
    pap {{
    }}
    detail {{
        filename = {directory}/detail
    }}
    always handled {{
        rcode = handled
    }}
}}
{clients}
server test {{
{listeners}
    authorize {{
        files
        if (&User-Name == "token" && !&State) {{
            update control {{
                &Auth-Type := "First"
            }}
        }}
        elsif (&User-Name == "token") {{
            update control {{
                &Cleartext-Password := "123456"
            }}
            pap
        }}
        else {{
            pap
        }}
    }}
    authenticate {{
        Auth-Type PAP {{
            pap
        }}
        Auth-Type First {{
            pap
            if (ok) {{
                update session-state {{
                    &Tmp-Integer-0 := 1
                }}
                update reply {{
                    &Reply-Message := "Code of your token: "
                    &Message-Authenticator := 0x00
                }}
                update control {{
                    &Response-Packet-Type := "Access-Challenge"
                }}
                handled
            }}
        }}
    }}
    accounting {{
        detail
    }}
    post-auth {{
        update reply {{
            &Message-Authenticator := 0x00
        }}
        Post-Auth-Type REJECT {{
            update reply {{
                &Message-Authenticator := 0x00
            }}
        }}
        Post-Auth-Type Challenge {{
            update reply {{
                &Message-Authenticator := 0x00
            }}
        }}
    }}
}}
"""


CLIENT = """\
client router{number} {{
    {kind} = {address}
    secret = "{key}"
    require_message_authenticator = yes
}}
"""

LISTEN = """\
    listen {{
        type = {what}
        {kind} = {address}
        port = {port}
    }}
"""


def kind(address):
    return "ipv6addr" if ":" in address else "ipaddr"


class FreeRadius:
    """Where it listens, whom it answers; `preexec` may change its network."""

    def __init__(self, directory, addresses=("127.0.0.1", "127.0.0.2"),
                 clients=("127.0.0.0/8",), preexec=None):
        self.directory, self.key, self.preexec = directory, KEY, preexec
        self.auth_port, self.acct_port = free_port(), free_port()
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "users").write_text(USERS)
        (directory / "radiusd.conf").write_text(CONFIG.format(
            directory=directory,
            listeners="".join(
                LISTEN.format(what=what, kind=kind(one), address=one, port=port)
                for one in addresses
                for what, port in (("auth", self.auth_port),
                                   ("acct", self.acct_port))),
            clients="".join(
                CLIENT.format(number=number, kind=kind(one), address=one,
                              key=KEY)
                for number, one in enumerate(clients))))
        self.process = None

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/freeradius", "-f", "-l", "stdout", "-x",
                 "-d", str(self.directory), "-D", "/usr/share/freeradius"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=self.preexec)
        wait_for(self.is_ready, "freeradius")
        return self

    def is_ready(self):
        assert self.process.poll() is None, self.log()
        return self.log().count("Ready to process requests") > 0

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        (self.directory / "log").unlink()

    __enter__ = start

    def __exit__(self, *unused):
        if self.process.poll() is None:
            self.stop()

    def log(self):
        path = self.directory / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def records(self):
        """Each record of accounting: a dictionary of its attributes."""
        path = self.directory / "detail"
        if not path.exists():
            return []
        return [dict(re.findall(r'^\t([\w-]+) = "?([^"\n]*)"?$', one, re.M))
                for one in path.read_text().split("\n\n") if one.strip()]
