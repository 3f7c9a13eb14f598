"""The client's examples of "Secure Shell Version 2 Support", byte for byte.

A machine of its own has all the addresses that the guide names, and port 22.
"""
import re
import shutil

import pytest
from console import Terminal
from golden import play
from machine import Machine
from reverse_ssh import Device
from router import CONFIG, VTYD, made_keys

USERS = ("shaship", "user2", "adminHQ", "admin7")
CONFIGURATION = CONFIG.replace("banner login ^C\nAuthorized users only\n^C\n", "") \
    .replace("line con 0", "".join(
        f"username {user} privilege 15 secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.\n"
        for user in USERS) + """\
no logging console
ip host HQhost 10.76.82.24
ip host HQedge 10.76.82.24
ip host HQsix 3ffe:1111:2222:1044::72
ip host router.example.com 10.76.82.24
line con 0""")


@pytest.fixture(scope="module")
def device():
    made = Device()
    yield made
    made.close()


@pytest.fixture(scope="module")
def machine(device, tmp_path_factory):
    lines = f"""\
line 1
 device {device.path}
 login local
 access-user lab
 rotary 1
 transport input ssh
line vty 0 15"""
    with Machine(tmp_path_factory.mktemp("machine"),
                 CONFIGURATION.replace("line vty 0 15", lines)) as one:
        shutil.copytree(made_keys(("rsa",)), one.router.state / "keys",
                        dirs_exist_ok=True)
        for address in ("10.76.82.24/32", "10.0.0.2/32"):
            one.ip(f"addr add {address} dev lo")
        one.ip("-6 addr add 3ffe:1111:2222:1044::72/128 dev lo nodad")
        yield one.start()


@pytest.fixture
def user(machine):
    """On line con 0, as its administrator."""
    machine.router.wait_log("Listening on")
    with Terminal(str(VTYD), "attach", "--state",
                  str(machine.router.state)) as one:
        one.expect("Router#$")
        yield one


def session(line, where):
    """As the guide has it: question, prompt there, its end."""
    return f"""{{{line}}}

Password: {{-lab}}


Router#{{show privilege}}
Current privilege level is 15
Router#{{exit}}

[Connection to {where} closed by foreign host]
Router#"""


LINES = {
    "ssh -v 2 -c aes256-cbc -m hmac-sha1-160 -l shaship 10.76.82.24":
        "10.76.82.24",
    "ssh -v 2 -c aes256-cbc -m hmac-sha1-96 -l user2 10.76.82.24":
        "10.76.82.24",
    "ssh -v 2 -c aes256-cbc -m hmac-sha1-96 user2@10.76.82.24": "10.76.82.24",
    "ssh -l admin7 -c 3des -o numberofpasswordprompts 5 HQedge": "HQedge",
    "ssh -l adminHQ HQsix": "HQsix",
}


@pytest.mark.parametrize("line", LINES)
def test_a_session(user, line):
    play(user, session(line, LINES[line]))


def test_the_algorithms_are_those_of_the_line(user):
    line = "ssh -v 2 -c aes256-cbc -m hmac-sha1-160 -l shaship 10.76.82.24"
    play(user, f"""{{{line}}}

Password: {{-lab}}


Router#{{show ssh}}
Connection Version Mode Encryption  Hmac         State                 Username
0          2.0     IN   aes256-cbc  hmac-sha1    Session started       shaship
0          2.0     OUT  aes256-cbc  hmac-sha1    Session started       shaship
%No SSHv1 server connections running.
Router#{{exit}}

[Connection to 10.76.82.24 closed by foreign host]
Router#""")


def test_the_session_of_the_trap_example(user):
    play(user, """{ssh -l lab 10.0.0.2}

Password: {-lab}


Router>{exit}

[Connection to 10.0.0.2 closed by foreign host]
Router#""")


@pytest.mark.parametrize("host", ("HQhost", "3ffe:1111:2222:1044::72",
                                  "HQsix"))
def test_a_command(user, host):
    play(user, f"""{{ssh -l adminHQ {host} "show privilege"}}

Password: {{-lab}}
Current privilege level is 15

[Connection to {host} closed by foreign host]
Router#""")


@pytest.mark.parametrize("command", ("show users", "show ip route",
                                     "show running-config"))
def test_the_commands_of_the_guide(user, command):
    user.type(f'ssh -l adminHQ HQedge "{command}"\r')
    user.expect("Password: $")
    user.type("lab\r")
    user.expect(r"\[Connection to HQedge closed by foreign host\]\r\nRouter#$")
    assert not re.search(r"^%", user.seen, re.M)


@pytest.mark.parametrize("name", ("lab:1", "lab:rotary1"))
def test_a_line_of_a_terminal_server(user, device, name):
    """The escape sequence and d: the end of it, as of any connection."""
    play(user, f"""{{ssh -l {name} router.example.com}}

Password: {{-lab}}
""")
    user.type("hello")
    device.read(b"hello")
    device.say(b"console> ")
    user.expect("console> $")
    user.type("\x1ed")
    user.expect("Router#$")

