"""One user's interactive session, as an automation client has it."""
import codecs
import re
import time
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paramiko


class Session:
    """A shell on a vty. Lines end in LF; answers come without the echo."""

    def __init__(self, router, password="lab", user="lab", enable=None,
                 columns=200, rows=0):
        self.client = paramiko.SSHClient()
        self.client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
        self.client.connect("127.0.0.1", router.port, user, password,
                            look_for_keys=False, allow_agent=False,
                            banner_timeout=60, auth_timeout=60)
        self.channel = self.client.invoke_shell("vt100", columns, rows or 24)
        # Characters come in pieces, too.
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.greeting = self.until(r"[>#]$")
        if rows == 0:
            self.command("terminal length 0")
        if enable is not None:
            self.type("enable\n", r"Password: $")
            self.type(enable + "\n", r"#$")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.client.close()

    def until(self, pattern, seconds=60):
        """What comes up to the pattern, which must end it."""
        seen, end = "", time.monotonic() + seconds
        while not re.search(pattern, seen):
            left = end - time.monotonic()
            assert left > 0, f"{pattern!r}: {seen!r}"
            self.channel.settimeout(left)
            try:
                part = self.channel.recv(65536)
            except TimeoutError:
                raise TimeoutError(f"{pattern!r}: {seen!r}")
            assert part, f"the channel ended: {seen!r}"
            seen += self.decoder.decode(part)
        return seen

    def type(self, text, pattern=r"\n[\w.-]+(\([\w+-]+\))?[>#]$", seconds=60):
        """Send it as it is; the screen up to the pattern."""
        self.channel.send(text)
        return self.until(pattern, seconds)

    def command(self, line, seconds=60):
        """The lines it printed, joined by LF; neither echo nor prompt."""
        seen = self.type(line + "\n", seconds=seconds)
        first, _, rest = seen.partition("\r\n")
        assert first.endswith(line), seen
        self.prompt = rest.rpartition("\n")[2]
        return rest[:len(rest) - len(self.prompt)].replace("\r\n", "\n")

    def configure(self, *lines):
        """In configuration mode, each line without an answer."""
        self.command("configure terminal")
        for line in lines:
            answer = self.command(line)
            assert answer == "", f"{line}: {answer}"
        self.command("end")
