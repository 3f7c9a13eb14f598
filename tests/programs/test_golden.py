"""What the guides show is what the screen shows, byte for byte.

The transcripts are those of "Secure Shell Version 2 Support": configuring by
host and domain name, by key pairs, and the two show commands; then the errors,
keys and pages that people and tools know by heart.
"""
import contextlib
import os
import re
import threading

import openssh
import pytest
from console import Terminal
from golden import play
from router import CONFIG, Router, VTYD
from session import Session

ENTER = "Enter configuration commands, one per line.  End with CNTL/Z.\n"
ADMIN = CONFIG.replace("username lab", "username lab privilege 15")


@contextlib.contextmanager
def line_con_0(directory, config="line vty 0 4\n login local\n"):
    """A router that has no keys, on a terminal of its own."""
    state = directory / "state"
    state.mkdir(mode=0o700)
    (state / "startup-config").write_text(config)
    (state / "startup-config").chmod(0o600)
    with open(directory / "log", "wb") as log, \
            Terminal(str(VTYD), "--state", str(state), "--listen",
                     "127.0.0.1:0", "--console", stderr=log) as terminal:
        yield terminal


@contextlib.contextmanager
def vty(router, *options):
    """A shell of Debian's ssh on a terminal that does not know its size."""
    with open(os.devnull, "wb") as nowhere, \
            Terminal(*openssh.arguments(router, *options), stderr=nowhere,
                     env={**openssh.environment(), "TERM": "vt100"}) as one:
        yield one


@pytest.fixture(scope="module")
def plain():
    """User lab, level 1; and a name of no meaning."""
    with Router(config=CONFIG, keys=("ed25519",)) as one:
        yield one


# --- the guide's procedures ---------------------------------------------------

def test_configuring_by_host_name_and_domain_name(tmp_path):
    with line_con_0(tmp_path) as console:
        play(console, """

Router>{enable}
Router#{show ip ssh}
SSH Disabled - version 1.99
%Please create RSA keys (of atleast 768 bits size) to enable SSH v2.
Authentication timeout: 120 secs; Authentication retries: 3
Router#{show ssh}
%No SSHv2 server connections running.
%No SSHv1 server connections running.
Router#{configure terminal}
""" + ENTER + """\
Router(config)#{hostname cisco 7200}
                              ^
% Invalid input detected at '^' marker.

Router(config)#{crypto key generate rsa}
% Please define a hostname other than Router.
Router(config)#{hostname cisco7200}
cisco7200(config)#{crypto key generate rsa}
% Please define a domain-name first.
cisco7200(config)#{ip domain-name cisco.com}
cisco7200(config)#{crypto key generate rsa}
The name for the keys will be: cisco7200.cisco.com
Choose the size of the key modulus in the range of 360 to 4096 for your
  General Purpose Keys. Choosing a key modulus greater than 512 may take
  a few minutes.

How many bits in the modulus [2048]: {1024}
% Generating 1024 bit RSA keys, keys will be non-exportable...[OK]

*<clock>: %SSH-5-ENABLED: SSH 1.99 has been enabled
*<clock>: %SYS-6-LISTEN: Listening on 127.0.0.1:<port>
cisco7200(config)#{ip ssh timeout 120}
cisco7200(config)#{ip ssh authentication-retries 3}
cisco7200(config)#{ip ssh version 2}
cisco7200(config)#{end}
*<clock>: %SYS-5-CONFIG_I: Configured from console by console
cisco7200#{show ip ssh}
SSH Enabled - version 2.0
Authentication timeout: 120 secs; Authentication retries: 3
Listening on 127.0.0.1:<port>
cisco7200#{write memory}
Building configuration...
[OK]
cisco7200#{configure terminal}
""" + ENTER + """\
cisco7200(config)#{crypto key generate rsa}
% You already have RSA keys defined named cisco7200.cisco.com.
% Do you really want to replace them? [yes/no]: {perhaps}
% Please answer 'yes' or 'no'.
% Do you really want to replace them? [yes/no]: {yes}
*<clock>: %SSH-5-DISABLED: SSH 2.0 has been disabled
The name for the keys will be: cisco7200.cisco.com
Choose the size of the key modulus in the range of 360 to 4096 for your
  General Purpose Keys. Choosing a key modulus greater than 512 may take
  a few minutes.

How many bits in the modulus [2048]: {359}
% A decimal number between 360 and 4096.
How many bits in the modulus [2048]: {512}
% Generating 512 bit RSA keys, keys will be non-exportable...[OK]

*<clock>:  RSA key size needs to be atleast 768 bits for ssh version 2
cisco7200(config)#{crypto key zeroize rsa}
% All RSA keys will be removed.
% All router certs issued using these keys will also be removed.
Do you really want to remove these keys? [yes/no]: {yes}
cisco7200(config)#{crypto key zeroize rsa}
% No Signature RSA Keys found in configuration.
cisco7200(config)#""")


def test_configuring_by_rsa_key_pairs(tmp_path):
    with line_con_0(tmp_path) as console:
        play(console, """

Router>{enable}
Router#{configure terminal}
""" + ENTER + """\
Router(config)#{ip ssh rsa keypair-name sshkeys}
Please create RSA keys to enable SSH.
Router(config)#{crypto key generate rsa usage-keys label sshkeys modulus 768}
The name for the keys will be: sshkeys

% The key modulus size is 768 bits
% Generating 768 bit RSA keys, keys will be non-exportable...[OK]
*<clock>: %SSH-5-ENABLED: SSH 1.99 has been enabled
*<clock>: %SYS-6-LISTEN: Listening on 127.0.0.1:<port>
% Generating 768 bit RSA keys, keys will be non-exportable...[OK]

Router(config)#{ip ssh timeout 120}
Router(config)#{ip ssh version 2}
Router(config)#{^Z}
*<clock>: %SYS-5-CONFIG_I: Configured from console by console
Router#{show running-config}
Building configuration...

Current configuration : <bytes> bytes
!
! Last configuration change at <date>
!
version 12.4
service timestamps debug datetime msec
service timestamps log datetime msec
no service password-encryption
!
no aaa new-model
!
ip ssh rsa keypair-name sshkeys
ip ssh version 2
!
line con 0
line vty 0 4
 login local
!
end

Router#{configure terminal}
""" + ENTER + """\
Router(config)#{crypto key zeroize rsa sshkeys}
% Keys to be removed are named 'sshkeys'.
% All router certs issued using these keys will also be removed.
Do you really want to remove these keys? [yes/no]: {yes}
*<clock>: %SSH-5-DISABLED: SSH 2.0 has been disabled
Router(config)#{ip ssh version 2}
Please create RSA keys (of atleast 768 bits size) to enable SSH v2.
Router(config)#""")


def test_version_2_and_both_versions(tmp_path):
    with line_con_0(tmp_path, config="line con 0\n") as console:
        play(console, "\n\nRouter>{enable}\nRouter#{configure terminal}\n" +
             ENTER + """\
Router(config)#{ip ssh version 1}
Please create RSA keys to enable SSH.
Router(config)#{ip ssh version 2}
Please create RSA keys (of atleast 768 bits size) to enable SSH v2.
Router(config)#{ip ssh version}
% Incomplete command.

Router(config)#{no ip ssh version}
Please create RSA keys to enable SSH.
Router(config)#{exit}
*<clock>: %SYS-5-CONFIG_I: Configured from console by console
Router#""")


def test_show_ssh_and_show_ip_ssh_with_version_2_only(plain):
    with vty(plain, "-c", "aes128-cbc", "-m", "hmac-md5") as user:
        play(user, """

Router>{show ssh}
Connection Version Mode Encryption  Hmac         State                 Username
0          2.0     IN   aes128-cbc  hmac-md5     Session started       lab
0          2.0     OUT  aes128-cbc  hmac-md5     Session started       lab
%No SSHv1 server connections running.
Router>{show ip ssh}
SSH Enabled - version 2.0
Authentication timeout: 120 secs; Authentication retries: 3
Listening on 127.0.0.1:<port>
Router>{show users}
    Line       User       Host(s)              Idle       Location
*  1 vty 0     lab        idle                 <idle> 127.0.0.1

  Interface    User               Mode         Idle     Peer Address
Router>""")


# --- what is known by heart ---------------------------------------------------

def test_enable_and_the_errors(plain):
    with vty(plain) as user:
        play(user, """

Router>{}
Router>{enable}
Password: {-wrong}
Password: {-wrong}
Password: {-wrong}
% Bad secrets

Router>{configure terminal}
       ^
% Invalid input detected at '^' marker.

Router>{enable}
Password: {-cisco}
Router#{enable}
Router#{show privilege}
Current privilege level is 15
Router#{sho}
% Incomplete command.

Router#{dis 1}
% Ambiguous command:  "dis 1"
Router#{show ip nonsense}
               ^
% Invalid input detected at '^' marker.

Router#{nonsense}
         ^
% Invalid input detected at '^' marker.

Router#{! a comment}
Router#{configure}
Configuring from terminal, memory, or network [terminal]? {}
""" + ENTER + """\
Router(config)#{ip ssh time-out 121}
                               ^
% Invalid input detected at '^' marker.

Router(config)#{ip ssh}
% Incomplete command.

Router(config)#{do show ip nonsense}
                          ^
% Invalid input detected at '^' marker.

Router(config)#{line vty 0 4}
Router(config-line)#{exec-timeout 0}
Router(config-line)#{hostname a-name-of-more-than-twenty-characters}
a-name-of-more-than-(config)#{no hostname}
Router(config)#{^C}
Router#{disable}
Router>""")


def test_help_and_completion(plain):
    with vty(plain) as user:
        user.expect("Router>$")
        user.type("terminal no ?")
        user.expect(r"""\Aterminal no \?\r
  escape-character  Change the current line's escape character\r
  history           Enable and control the command history function\r
  length            Set number of lines on a screen\r
  monitor           Copy debug output to the current terminal line\r
  width             Set width of the display terminal\r
\r
Router>terminal no \Z""")
        user.type("\x15show ")
        user.expect("show $")
        user.type("pri?")
        user.expect(r"\Apri\?\r\nprivilege\r\n\r\nRouter>show pri\Z")
        user.type("\t")
        user.expect(r"\A\r\nRouter>show privilege \Z")
        user.type("\r")
        user.expect(r"\A\r\nCurrent privilege level is 1\r\nRouter>\Z")
        # Nothing, or too much, begins so: the line comes again as it was.
        user.type("zz\t")
        user.expect(r"\Azz\r\nRouter>zz\Z")
        user.type("\x15")
        user.expect(r"\A\x08\x08  \x08\x08\Z")
        user.type("e\t")
        user.expect(r"\Ae\r\nRouter>e\Z")


def test_line_editing_bytes(plain):
    steps = (
        ("ab\x7f", "ab\b \b"),
        ("\x08", "\b \b"),
        ("show users\x17", "show users" + 5 * "\b" + 5 * " " + 5 * "\b"),
        ("ssh\x01", "ssh" + 8 * "\b"),
        ("\x05", "show ssh"),
        ("\x1b[D\x1b[C", "\bh"),
        ("\x15", 8 * "\b" + 8 * " " + 8 * "\b"),
        ("show privilege\r", "show privilege\r\n"
                             "Current privilege level is 1\r\nRouter>"),
        ("\x1b[A", "show privilege"),
        ("\x1b[B", 14 * "\b" + 14 * " " + 14 * "\b"),
        ("\x10\x03", "show privilege^C\r\nRouter>"),
        ("text\x12", "text\r\nRouter>text"),
        ("\x15\0\0", 4 * "\b" + 4 * " " + 4 * "\b"),
        ("show\0 pri\r\n", "show pri\r\n"
                           "Current privilege level is 1\r\nRouter>"),
        ("\n", "\r\nRouter>"),
    )
    with vty(plain) as user:
        user.expect("Router>$")
        for typed, seen in steps:
            user.type(typed)
            user.expect(r"\A" + re.escape(seen) + r"\Z")


def test_pages(tmp_path):
    more, gone = " --More-- ", 9 * "\b" + 8 * " " + 9 * "\b"
    lines = "".join(f"access-list 9 permit 192.0.2.{i}\n" for i in range(40))
    with Router(tmp_path, config=ADMIN + lines, keys=("ed25519",)) as router, \
            vty(router) as user:
        user.expect("Router#$")
        user.type("terminal length 5\rshow running-config\r")
        user.expect(r"\Aterminal length 5\r\nRouter#show running-config\r\n"
                    r"Building configuration\.\.\.\r\n\r\n"
                    r"Current configuration : \d+ bytes\r\n!\r\n" + more +
                    r"\Z")
        for key, begin, count in (("\r", "version 12.4", 1),
                                  (" ", "service timestamps debug", 4)):
            user.type(key)
            page = user.expect(re.escape(gone) + r"(.*\r\n){%d}" % count +
                               more + r"\Z")
            assert page.startswith(gone + begin), page
        user.type("q")
        user.expect(r"\A" + re.escape(gone) + r"Router#\Z")


# --- at full speed ------------------------------------------------------------

LINES = [f"access-list {1 + i % 50} permit 10.{i >> 8}.{i & 255}.1"
         for i in range(5000)]


@pytest.mark.parametrize("has_terminal", (True, False))
def test_five_thousand_lines_pasted_are_all_there(tmp_path, has_terminal):
    with Router(tmp_path, config=ADMIN, keys=("ed25519",)) as router, \
            Session(router) as other:
        with contextlib.closing(
                other.client.get_transport().open_session()) as channel:
            if has_terminal:
                channel.get_pty("vt100", 80, 24)
            channel.invoke_shell()
            channel.settimeout(60)
            text = "\n".join(["configure terminal", *LINES, "end",
                              "show privilege", ""]).encode()
            typist = threading.Thread(target=channel.sendall, args=(text,))
            typist.start()
            seen = b""
            while not seen.endswith(b"Current privilege level is 15\r\n"
                                    b"Router#"):
                part = channel.recv(65536)
                assert part, seen[-200:]
                seen += part
            typist.join()
        assert b"%" not in seen
        if has_terminal:
            echoed = re.findall(rb"\(config\)#(access-list .*)\r\n", seen)
            assert [line.decode() for line in echoed] == LINES
        text = other.command("show running-config")
        shown = re.findall(r"^access-list .*$", text, re.M)
        assert sorted(shown) == sorted(LINES)


def test_a_line_of_more_than_254_characters_is_cut(plain):
    with Session(plain, enable="cisco", columns=512) as user:
        user.command("configure terminal")
        user.command("username long secret 5 $1$mERr$hx5rVt7rPNoS4wqbXKX7m0")
        line = "banner exec #" + 300 * "x"
        seen = user.type(line + "\n", r"character '#'\.\r\n$")
        # The delimiter is cut off too: the text goes on in the next line.
        assert seen.startswith(line[:254] + "\r\n")
        assert "End with the character '#'.\r\n" in seen
        user.type("#\n")
        user.configure("no banner exec", "no username long")
