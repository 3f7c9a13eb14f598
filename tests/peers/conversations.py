"""What tools that Debian does not have send, and what they wait for.

Each conversation is a list of steps that is played on a shell over SSH, in
the order and with the line ends, terminal sizes and patterns of that tool's
own source (newer versions than Debian's, or not in Debian at all).

    Send(text)        written as it is, in one write
    Type(text)        like scrapli: without Enter, until its echo is seen,
                      then Enter
    Until(pattern)    read until the pattern is in what came since the last
                      one; the text is what Holds and Lacks look at
    Holds(pattern)    the tool finds this there
    Lacks(pattern)    the tool would take this for a failure
    Starts(text)      the output without its echo begins so
    Closed()          the server ends the channel, with this status

Names in braces are the router's: {name} the host's, {secret}, {file}.
"""
from dataclasses import dataclass, field


@dataclass
class Send:
    text: str


@dataclass
class Type:
    text: str
    enter: str = "\n"


@dataclass
class Until:
    pattern: str
    flags: str = "m"


@dataclass
class Holds:
    pattern: str
    flags: str = "m"


@dataclass
class Lacks:
    pattern: str
    flags: str = "mi"


@dataclass
class Starts:
    text: str


@dataclass
class Closed:
    status: int = 0


@dataclass
class Conversation:
    """`system`: over OpenSSH's client on a terminal of this size, else over
    paramiko. `lines`: what a user of the tool has configured before."""
    name: str
    steps: list
    columns: int = 80
    rows: int = 24
    system: bool = False
    terminal: str = "vt100"
    lines: tuple = field(default_factory=tuple)


# --- Netmiko 4.6 (section 3) ---------------------------------------------
#
# All with LF. A command's echo is waited for, then the prompt anywhere.

PROMPT = r"{name}[>#]"


def netmiko(command, *found, prompt="{name}#"):
    """send_command(): the prompt again, the command's echo, its output."""
    return [Send("\n"), Until(prompt), Send(command + "\n"),
            Until(command.replace("|", r"\|").replace("(", r"\(")),
            Until(prompt), *found]


NETMIKO_OPEN = [
    # session_preparation(): terminal settings come before the first prompt
    # is known, each until its own echo.
    Send("terminal width 511\n"), Until("terminal width 511"),
    Send("terminal length 0\n"), Until("terminal length 0"),
    # set_base_prompt()
    Send("\n"), Until(r"[>#]"), Until(PROMPT), Lacks(r"^\s*[%^]"),
]
NETMIKO_ENABLE = [
    # check_enable_mode(), enable(), and again.
    Send("\n"), Until(r"{name}>"),
    Send("enable\n"), Until("(?:ssword|{name}[>#])", "mi"), Holds("ssword"),
    Send("{secret}\n"), Until("(?:{name}#|ssword)"), Holds("{name}#"),
    Send("\n"), Until("{name}#"),
]
NETMIKO_CONFIG = [
    # config_mode(): both `[>#]` and the echo; then `)#` must be there.
    Send("\n"), Until("{name}#"), Lacks(r"\)#"),
    Send("configure terminal\n"), Until("configure terminal"),
    Until(r"{name}\(config\)#"), Holds(r"Enter configuration commands"),
    Send("\n"), Until(r"\)#"),
]
NETMIKO_LEAVE = [
    # exit_config_mode()
    Send("end\n"), Until("end"), Until("#.*"),
    Send("\n"), Until("{name}#"), Lacks(r"\)#"),
]


def netmiko_set(*lines):
    """send_config_set(): each line, its echo, then the prompt or `#` up to
    the line's end."""
    steps = list(NETMIKO_CONFIG)
    for line in lines:
        steps += [Send(line + "\n"), Until(line),
                  Until(r"(?:{name}.*$|#.*$)"), Lacks(r"% ?[A-Z]")]
    return steps + NETMIKO_LEAVE


NETMIKO = Conversation("Netmiko 4.6", columns=511, rows=1000, steps=[
    *NETMIKO_OPEN, *NETMIKO_ENABLE,
    *netmiko("show privilege", Holds(r"^Current privilege level is 15\s*$")),
    *netmiko_set("access-list 17 permit 192.0.2.17",
                 "line vty 0 4", "exec-timeout 20 0", "exit",
                 "access-list 17 remark " + "a" * 90),
    *netmiko("show running-config",
             Holds("^access-list 17 permit 192.0.2.17\r$"),
             Holds("^access-list 17 remark a{90}\r$"),
             Holds("^end\r$")),
    # is_alive()
    Send("\0"),
    # save_config()
    *netmiko("write mem", Holds(r"^Building configuration\.\.\.\r$"),
             Holds(r"^\[OK\]\r$")),
    # FileTransfer: what it asks before and behind its SCP.
    *netmiko("dir", Holds(r"Directory of (.*)/")),
    *netmiko("dir flash:", Lacks("% Invalid|%Error:"),
             Holds(r"(\d+) \w+ free")),
    *netmiko("dir flash:/{file}", Holds(r"Directory of flash:/{file}\r$"),
             Lacks("Error opening|No such file or directory")),
    *netmiko("dir flash:/none", Holds("Error opening.*No such file or "
                                      "directory")),
    *netmiko("verify /md5 flash:/{file}",
             Holds(r"^verify /md5 \(flash:/{file}\) = [0-9a-f]{32}\r$")),
    # cleanup(): no Enter is waited for.
    Send("\n"), Until("{name}#"), Send("exit\n"), Closed(),
])

NETMIKO_WRONG_SECRET = Conversation(
    "Netmiko 4.6, wrong secret", columns=511, rows=1000, steps=[
        *NETMIKO_OPEN,
        Send("enable\n"), Until("(?:ssword|{name}[>#])", "mi"),
        Send("wrong\n"), Until("(?:{name}#|ssword)"), Holds("ssword"),
        Lacks("{name}#"),
    ])

NETMIKO_DETECTS = Conversation(
    "Netmiko 4.6, autodetect", columns=511, rows=1000,
    lines=("service show-version ios",), steps=[
        *NETMIKO_OPEN,
        *netmiko("show version", Holds("Cisco IOS Software"),
                 Lacks("Cisco IOS XE Software"), prompt="{name}>"),
    ])

# --- NAPALM (section 4) ----------------------------------------------------

NAPALM_FAILED = (r"error|failed|not a valid config file|original configuration "
                 r"has been successfully restored|"
                 r"%Please turn config archive on|Invalid input detected")


def napalm_timer(*steps):
    """commit_config(revert_in=...)"""
    return [
        *netmiko("show archive config rollback timer",
                 Holds("^%No Rollback Confirmed Change pending\r$")),
        Send("configure terminal revert timer 10\n"),
        Until(r"{name}\(config\)#"), Lacks(NAPALM_FAILED),
        Send("access-list 38 permit 192.0.2.38\n"),
        Until(r"{name}\(config\)#"),
        Send("end\n"), Until("{name}#"),
        *netmiko("show archive config rollback timer",
                 Lacks("No Rollback Confirmed Change pending")),
        *steps,
        *netmiko("show archive config rollback timer",
                 Holds("^%No Rollback Confirmed Change pending\r$"))]


NAPALM_REPLACE = Conversation(
    "NAPALM, replace", columns=511, rows=1000,
    lines=("file prompt quiet",), steps=[
        *NETMIKO_OPEN, *NETMIKO_ENABLE,
        *netmiko_set("archive", "path flash:saved"),
        *netmiko("show archive", Lacks("Archive feature not enabled")),
        # What the second connection would have brought.
        *netmiko("copy running-config flash:/candidate_config.txt",
                 Holds(r"\d+ bytes copied")),
        *netmiko_set("access-list 28 permit 192.0.2.28"),
        *netmiko("show archive config differences system:/running-config "
                 "flash:/candidate_config.txt",
                 Holds("^!Contextual Config Diffs:\r$"),
                 Holds("^-access-list 28 permit 192.0.2.28\r$")),
        *netmiko("configure replace flash:/candidate_config.txt force "
                 "revert trigger error", Lacks(NAPALM_FAILED)),
        *netmiko("show running-config | inc access-list 28",
                 Lacks("^access-list 28 permit")),
        # With a timer: confirmed, then taken back.
        *napalm_timer(*netmiko("configure confirm", Lacks(NAPALM_FAILED))),
        *netmiko("show running-config | inc access-list 38",
                 Holds("^access-list 38 permit 192.0.2.38\r$")),
        *netmiko_set("no access-list 38"),
        *napalm_timer(*netmiko("configure revert now",
                               Lacks(NAPALM_FAILED))),
        *netmiko("show running-config | inc access-list 38",
                 Lacks("^access-list 38 permit")),
        *netmiko_set("no archive"),
    ])

NAPALM = Conversation(
    "NAPALM", columns=511, rows=1000,
    lines=("service show-version ios", "ip domain name example.net"),
    steps=[
        *NETMIKO_OPEN, *NETMIKO_ENABLE,
        # get_facts()
        *netmiko("show version",
                 Holds(r"^{name} uptime is (?:\d+ (?:year|week|day|hour|"
                       r"minute)s?(?:, )?)+\r$"),
                 Holds(r"Processor board ID (\S+)"),
                 Holds(r"Cisco IOS Software, (.*)"),
                 Holds(r"Cisco (.+?) .+bytes of", "mi")),
        *netmiko("show hosts", Holds(r"Default domain is (\S+)\r$")),
        *netmiko("show ip interface brief",
                 Holds(r"^Interface +IP-Address +OK\? Method Status +"
                       r"Protocol\s*$"),
                 Holds(r"^lo +127\.0\.0\.1 ")),
        # get_interfaces()
        *netmiko("show interfaces",
                 Holds(r"^lo is up, line protocol is up\s*$"),
                 Holds(r"^  MTU \d+ bytes, BW ")),
        # get_interfaces_ip()
        *netmiko("show ip interface", Holds(r"^lo is ")),
        *netmiko("show ipv6 interface"),
        # get_config(): it removes three header lines by these patterns.
        *netmiko("show running-config",
                 Holds(r"^Building configuration\.\.\.\r\n\r\n"
                       r"Current configuration : \d+ bytes\r\n"),
                 Holds(r"^end\r\n\r\n{name}#")),
        *netmiko("show startup-config", Holds(r"^Using \d+ out of \d+ bytes"
                                              r"\r$")),
        # load_merge_candidate(), compare_config(), commit_config()
        *netmiko("dir", Holds(r"Directory of (.*)/")),
        *netmiko("dir flash:", Lacks("% Invalid|%Error:")),
        *netmiko_set("file prompt quiet"),
        *netmiko("show archive config incremental-diffs flash:/{file} "
                 "ignorecase",
                 Holds("^!List of Commands:\r\n"
                       "access-list 18 permit 192.0.2.18\r\nend\r$")),
        *netmiko("show archive", Holds("^Archive feature not enabled\r$")),
        *netmiko("show archive config rollback timer",
                 Holds("^%No Rollback Confirmed Change pending\r$")),
        *netmiko("copy running-config flash:/rollback_config.txt",
                 Holds(r"\d+ bytes copied"), Lacks("Destination filename")),
        *netmiko("dir flash:/{file}", Holds(r"Directory of flash:/{file}")),
        *netmiko("verify /md5 flash:/{file}", Holds("= [0-9a-f]{32}\r$")),
        *netmiko("copy flash:/{file} running-config",
                 Lacks("Invalid input detected"), Lacks("Destination file")),
        *netmiko("show running-config | inc access-list 18",
                 Holds("^access-list 18 permit 192.0.2.18\r$")),
        *netmiko("show archive config incremental-diffs flash:/{file} "
                 "ignorecase", Holds("^!No changes were found\r$")),
        *netmiko("write mem", Holds(r"\[OK\]")),
        # rollback()
        *netmiko("configure replace flash:/rollback_config.txt force",
                 Lacks(NAPALM_FAILED)),
        *netmiko("show running-config | inc access-list 18",
                 Lacks("^access-list 18 permit")),
        *netmiko_set("no file prompt quiet"),
        # is_alive()
        Send("\0"), Send("\n"), Until("{name}#"),
    ])

# --- scrapli (section 6) ---------------------------------------------------
#
# Text without Enter, its echo, LF, then a prompt's pattern at the very end.

SCRAPLI_PROMPT = r"^[a-z0-9.\-@()/:]{1,48}[#>$]\s*\Z"
SCRAPLI_FAILED = (r"% Ambiguous command|% Incomplete command|% Invalid input "
                  r"detected|% Unknown command|Command authorization failed")


def scrapli(command, *found, prompt=SCRAPLI_PROMPT):
    return [Type(command), Until(prompt, "mi"), Lacks(SCRAPLI_FAILED), *found]


def scrapli_open(width, length):
    return [
        Until(SCRAPLI_PROMPT, "mi"), Send("\n"), Until(SCRAPLI_PROMPT, "mi"),
        Type("enable"), Until(r"^(?:enable\s){0,1}password:\s?$", "mi"),
        # A secret has no echo to wait for.
        Send("{secret}\n"), Until(r"^[a-z0-9.\-@/:]{1,48}#\s*\Z", "mi"),
        *scrapli(length), *scrapli(width)]


SCRAPLI_WORK = [
    *scrapli("show privilege", Holds("Current privilege level is 15")),
    *scrapli("show running-config", Holds("^end\r$")),
    # acquire_priv(): config has a pattern of its own.
    Type("configure terminal"),
    Until(r"^[a-z0-9.\-@/:]{1,63}\(config[a-z0-9.\-@/:\+]{0,32}\)#\s*\Z",
          "mi"),
    *scrapli("line vty 0 4",
             prompt=r"^[\w.\-@/:]{1,63}\([\w.\-@/:+]{0,32}\)#\s*\Z"),
    *scrapli("exec-timeout 15 0"),
    *scrapli("access-list 19 remark " + "long " * 20 + "line"),
    Type("end"), Until(r"^[a-z0-9.\-@/:]{1,48}#\s*\Z", "mi"),
    Type("show runing-config"), Until(SCRAPLI_PROMPT, "mi"),
    Holds(SCRAPLI_FAILED, "m"),
    Type("exit"), Closed(),
]
SCRAPLI_1 = Conversation(
    "scrapli 2026.02", columns=256, rows=80, terminal="xterm",
    steps=scrapli_open("terminal width 512", "terminal length 0")
    + SCRAPLI_WORK)
SCRAPLI_SYSTEM = Conversation(
    "scrapli 2026.02, system", columns=256, rows=80, terminal="xterm",
    system=True,
    steps=scrapli_open("terminal width 512", "terminal length 0")
    + SCRAPLI_WORK)
SCRAPLI_2 = Conversation(
    "scrapli 2.0", columns=256, rows=80, terminal="xterm",
    steps=scrapli_open("term width 512", "term len 0") + SCRAPLI_WORK)

# --- Oxidized 0.37 (section 7) ---------------------------------------------
#
# LF; each answer without its first and last line.

OXIDIZED_PROMPT = r"^([\w.@()-]+[#>]\s?)\Z"


def oxidized(command, *found):
    return [Send(command + "\n"), Until(OXIDIZED_PROMPT), *found]


OXIDIZED = Conversation("Oxidized 0.37", steps=[
    Until(OXIDIZED_PROMPT),
    Send("enable\n"), Until("password", "mi"),
    Send("{secret}\n"), Until(OXIDIZED_PROMPT),
    *oxidized("terminal length 0", Starts("")),
    *oxidized("terminal width 0", Starts("")),
    *oxidized("show version",
              Holds(r"^\S.* Version \d+\.\d+\.\d+, RELEASE SOFTWARE"),
              Holds(r"^System image file is \"([^\"]*)\""),
              Holds(r"^Processor board ID ")),
    *oxidized("show vtp status", Holds(r"% Invalid input detected")),
    *oxidized("show inventory",
              Starts('NAME: "'), Holds(r"^PID: .* SN: ")),
    # Three lines after the echo are dropped without looking at them.
    *oxidized("show running-config",
              Starts("Building configuration...\r\n\r\n"
                     "Current configuration : "),
              Holds(r"^end\r\n\r\n{name}#\Z")),
    # It waits for the server to close.
    Send("exit\n"), Closed(),
])

# --- pyATS/unicon (section 7) ----------------------------------------------
#
# CR. The state machine knows these prompts and no others.

UNICON_ENABLE = r"^(.*?)({name}|Router|Switch|ios)#\s?\Z"
UNICON_CONFIG = r"^(.*?)({name}|Router|Switch|ios)\((con.*)\)#\s?\Z"
UNICON_ERRORS = (r"^%\s*[Ii]nvalid (command|input)|^%\s*[Ii]ncomplete "
                 r"(command|input)|^%\s*[Aa]mbiguous (command|input)|"
                 r"^% Bad IP address or host name")


def unicon(command, *found, prompt=UNICON_ENABLE):
    return [Send(command + "\r"), Until(prompt), Lacks(UNICON_ERRORS), *found]


UNICON = Conversation("unicon 26.6", columns=80, rows=24, steps=[
    Until(r"^(.*?)({name}|Router|Switch|ios)>\s?\Z"),
    Send("enable\r"), Until(r"[Pp]assword( for \S+)?: ?\Z"),
    Send("{secret}\r"), Until(UNICON_ENABLE),
    *unicon("term length 0", Starts("")), *unicon("term width 0", Starts("")),
    *unicon("show version", Holds("Version")),
    *unicon("config term", Holds(r"Enter configuration commands, one per "
                                 r"line.\s+End with CNTL/Z"),
            prompt=UNICON_CONFIG),
    *unicon("no logging console", prompt=UNICON_CONFIG),
    *unicon("line console 0", prompt=UNICON_CONFIG),
    *unicon("exec-timeout 0", prompt=UNICON_CONFIG),
    *unicon("line vty 0 4", prompt=UNICON_CONFIG),
    *unicon("exec-timeout 0", prompt=UNICON_CONFIG),
    *unicon("end"),
    # Its pager and its recovery by Ctrl-^ x.
    *unicon("term length 24"),
    Send("show running-config all\r"), Until(r"^ *--\s?[Mm]ore\s?-- *\Z"),
    Send(" "), Until(r"^[\b ]* *--\s?[Mm]ore\s?-- *\Z"),
    Send("q"), Until(UNICON_ENABLE),
    Send("\x1ex\r"), Until(UNICON_ENABLE),
    *unicon("term length 0"),
    # copy(): [confirm] is answered by CR.
    Send("copy flash:{file} flash:copied\r"),
    Until(r"Destination filename \[copied\]\?\s?\Z"), Send("\r"),
    Until(UNICON_ENABLE), Holds(r"\d+ bytes copied"),
    Send("delete flash:copied\r"),
    Until(r"Delete filename \[copied\]\?\s?\Z"), Send("\r"),
    Until(r"\[confirm\]\s?\Z"), Send("\r"), Until(UNICON_ENABLE),
])

# --- Ansible 11.5 with netcommon 8.6 (section 5) ---------------------------
#
# CR. The prompt at the very end, then a moment for late data.

ANSIBLE_PROMPT = r"[\r\n]?[\w+\-.:/\[\]]+(?:\([^)]+\)){0,3}[>#] ?\Z"
ANSIBLE_ERRORS = (r"% ?Error|ERROR:|% ?Bad secret|[\r\n%] Bad passwords|"
                  r"invalid input|(?:incomplete|ambiguous) command|"
                  r"connection timed out|[^\r\n]+ not found|Bad mask|"
                  r"% ?(\S+) ?overlaps with ?(\S+)|"
                  r"Command authorization failed|% Invalid")


def ansible(command, *found):
    return [Send(command + "\r"), Until(ANSIBLE_PROMPT),
            Lacks(ANSIBLE_ERRORS), *found]


ANSIBLE = Conversation("cisco.ios 11.5", columns=80, rows=24, steps=[
    Until(ANSIBLE_PROMPT),
    # on_become()
    Send("enable\r"), Until(r"[\r\n]?(?:.*)?[Pp]assword: ?\Z"),
    Send("{secret}\r"), Until(ANSIBLE_PROMPT), Lacks(ANSIBLE_ERRORS),
    *ansible("show privilege",
             Holds(r"Current privilege level is (\d+)\r\n{name}#\Z")),
    # on_open_shell()
    *ansible("terminal length 0", Starts("")),
    *ansible("terminal width 512", Starts("")),
    *ansible("terminal width 0", Starts("")),
    # ios_facts, newer: what is not there is an error that it bears.
    *ansible("show version", Holds(r"Version (\S+)"),
             Holds(r"^(.+) uptime"), Holds(r'image file is "(.+)"'),
             Holds(r"board ID (\S+)")),
    Send("show vlan\r"), Until(ANSIBLE_PROMPT), Holds("% Invalid"),
    Send("show switch virtual\r"), Until(ANSIBLE_PROMPT),
    Holds("% Invalid"),
    *ansible("show inventory"),
    *ansible("dir", Holds(r"^Directory of (\S+)/"),
             Holds(r"^(\d+) bytes total \((\d+) bytes free\)")),
    *ansible("show memory statistics",
             Holds(r"^Processor\s+\S+\s+\d+\s+\d+\s+\d+")),
    *ansible("show processes cpu | include CPU utilization",
             Holds(r"^CPU utilization for five seconds: \d+%/\d+%; "
                   r"one minute: \d+%; five minutes: \d+%\r$")),
    *ansible("show interfaces", Holds(r"^\S+ is \S+, line protocol is \S+")),
    *ansible("show ip interface"), *ansible("show ipv6 interface"),
    # get_defaults_flag(): a question mark, then CR.
    Send("show running-config ?\r"), Until(r"^end\r\n\r\n{name}#\Z"),
    Holds(r"^\s+all\s"),
    # ios_banner: sent without waiting.
    Send("config terminal\r"), Send("banner motd @\r"),
    Send("first\nsecond\r"), Send("@\r"), Send("end\r"), Send("\n\r"),
    Until(r"{name}#\r\n{name}#\Z"), Lacks(ANSIBLE_ERRORS),
    *ansible("show running-config | begin banner motd",
             Holds("^banner motd \\^C\r\nfirst\r\nsecond\r\n\\^C\r$")),
    # save_config(): CR is its answer.
    Send("copy running-config startup-config\r"),
    Until(r"Destination filename \[startup-config\]\?"), Send("\r"),
    Until(ANSIBLE_PROMPT), Holds(r"\[OK\]"), Lacks(ANSIBLE_ERRORS),
])

ALL = [NETMIKO, NETMIKO_WRONG_SECRET, NETMIKO_DETECTS, NAPALM,
       NAPALM_REPLACE, SCRAPLI_1, SCRAPLI_SYSTEM, SCRAPLI_2, OXIDIZED,
       UNICON, ANSIBLE]
