"""`ping` and `traceroute` without an address: IOS's questions, and that their
answers act."""
import re
import subprocess

import pytest

from console import Terminal
from machine import Machine
from router import VTYD, Router
from session import Session

TIMES = r", round-trip min/avg/max = \d+/\d+/\d+ ms\n$"


@pytest.fixture(scope="module")
def user(tmp_path_factory):
    with Router(tmp_path_factory.mktemp("ping"), keys=("ed25519",)) as router, \
            Session(router, enable="cisco") as one:
        if "may not send" in one.command("ping 127.0.0.1 repeat 1"):
            pytest.skip("no right to send ICMP echos")
        yield one


def answer(user, line, *dialogue):
    """Each question and its answer; then what came of it."""
    typed = line
    user.channel.send(line + "\n")
    for question, reply in dialogue:
        seen = user.until(re.escape(question) + "$").replace("\r\n", "\n")
        assert seen == f"{typed}\n{question}", seen
        typed = reply
        user.channel.send(reply + "\n")
    seen = user.until(r"\n[\w.-]+#$").replace("\r\n", "\n")
    first, _, rest = seen.partition("\n")
    assert first == typed
    return rest.rpartition("\n")[0] + "\n"


SHORT = [("Target IP address: ", "127.0.0.1"), ("Repeat count [5]: ", ""),
         ("Datagram size [100]: ", ""), ("Timeout in seconds [2]: ", ""),
         ("Extended commands [n]: ", ""), ("Sweep range of sizes [n]: ", "")]
HEAD = "Type escape sequence to abort.\n"


def replaced(dialogue, **replies):
    """By the first word of the question."""
    return [(question, replies.get(question.split()[0], reply))
            for question, reply in dialogue]


def test_all_by_return(user):
    seen = answer(user, "ping", ("Protocol [ip]: ", ""), *SHORT)
    assert re.fullmatch(
        re.escape(HEAD + "Sending 5, 100-byte ICMP Echos to 127.0.0.1, timeout "
                  "is 2 seconds:\n!!!!!\nSuccess rate is 100 percent (5/5)") +
        TIMES, seen)


def test_answers_count(user):
    seen = answer(user, "ping ip", *replaced(
        SHORT, Repeat="3", Datagram="1000", Timeout=" 9 "))
    assert ("Sending 3, 1000-byte ICMP Echos to 127.0.0.1, timeout is 9 "
            "seconds:\n!!!\n") in seen


EXTENDED = [
    ("Source address or interface: ", "127.0.0.7"),
    ("Type of service [0]: ", ""), ("Set DF bit in IP header? [no]: ", "y"),
    ("Validate reply data? [no]: ", "yes"), ("Data pattern [0xABCD]: ", "0x12"),
    ("Loose, Strict, Record, Timestamp, Verbose[none]: ", ""),
    ("Sweep range of sizes [n]: ", "y"), ("Sweep min size [36]: ", "40"),
    ("Sweep max size [18024]: ", "60"), ("Sweep interval [1]: ", "10")]


def test_extended_commands_and_a_range_of_sizes(user):
    seen = answer(user, "ping", ("Protocol [ip]: ", "ip"),
                  *replaced(SHORT[:-1], Repeat="2", Extended="y"), *EXTENDED)
    assert re.fullmatch(
        re.escape(HEAD + "Sending 6, [40..60]-byte ICMP Echos to 127.0.0.1, "
                  "timeout is 2 seconds:\n"
                  "Packet sent with a source address of 127.0.0.7 \n"
                  "Packet sent with the DF bit set\n"
                  "Reply data will be validated\n"
                  "Packet has data pattern 0x0012\n"
                  "!!!!!!\nSuccess rate is 100 percent (6/6)") + TIMES, seen)


def test_ipv6(user):
    start = [("Target IPv6 address: ", "::1"), ("Repeat count [5]: ", "1"),
             ("Datagram size [100]: ", ""), ("Timeout in seconds [2]: ", "")]
    last = ("Sweep range of sizes? [no]: ", "")
    seen = answer(user, "ping", ("Protocol [ip]: ", "ipv6"), *start,
                  ("Extended commands? [no]: ", ""), last)
    assert "Sending 1, 100-byte ICMP Echos to ::1, timeout is 2" in seen
    assert "!\nSuccess rate is 100 percent (1/1)" in seen
    seen = answer(user, "ping ipv6", *start, ("Extended commands? [no]: ", "y"),
                  ("Source address or interface: ", "lo"),
                  ("UDP protocol? [no]: ", ""), ("Verbose? [no]: ", ""),
                  ("Precedence [0]: ", ""), ("DSCP [0]: ", "46"),
                  ("Include hop by hop option? [no]: ", "n"),
                  ("Include destination option? [no]: ", ""), last)
    assert "Packet sent with a source address of ::1 \n!\n" in seen


def refused(user, question, *replies):
    """Each of these is told its error, and asked again."""
    for reply, error in replies:
        user.channel.send(reply + "\n")
        seen = user.until(re.escape(question) + "$").replace("\r\n", "\n")
        assert seen == f"{reply}\n{error}\n{question}", seen


def test_what_nothing_would_act_on_is_refused(user):
    number = "% A decimal number between {} and {}."
    no = "% Please answer 'yes' or 'no'."
    user.type("ping\n", r"Protocol \[ip\]: $")
    user.type("\n", r"Target IP address: $")
    user.type("127.0.0.1\n", r"Repeat count \[5\]: $")
    refused(user, "Repeat count [5]: ",
            ("0", number.format(1, 2147483647)),
            ("many", number.format(1, 2147483647)))
    user.type("1\n", r"Datagram size \[100\]: $")
    refused(user, "Datagram size [100]: ", ("35", number.format(36, 18024)))
    user.type("\n", r"Timeout in seconds \[2\]: $")
    refused(user, "Timeout in seconds [2]: ", ("3601", number.format(1, 3600)))
    user.type("\n", r"Extended commands \[n\]: $")
    refused(user, "Extended commands [n]: ", ("maybe", no))
    user.type("y\n", r"Source address or interface: $")
    refused(user, "Source address or interface: ", (
        "nowhere", "% Invalid source. Must use IP address or full interface "
        "name without spaces"))
    user.type("lo\n", r"Type of service \[0\]: $")
    refused(user, "Type of service [0]: ", ("256", number.format(0, 255)))
    user.type("184\n\n\n", r"Data pattern \[0xABCD\]: $")
    refused(user, "Data pattern [0xABCD]: ",
            ("xyz", "% A hexadecimal number between 0x0 and 0xFFFF."))
    user.type("\n", r"Verbose\[none\]: $")
    refused(user, "Loose, Strict, Record, Timestamp, Verbose[none]: ",
            ("r", "% Invalid option"))
    user.type("none\ny\n60\n", r"Sweep max size \[18024\]: $")
    refused(user, "Sweep max size [18024]: ", ("59", number.format(60, 18024)))
    assert "Sending 1, [60..61]-byte" not in user.type("60\n", r"\[1\]: $")
    assert "127.0.0.1" in user.type("\n")
    assert answer(user, "ping", ("Protocol [ip]: ", "ipx")) == \
        '%Unknown protocol - "ipx", type "ping ?" for help\n'
    assert answer(user, "ping ip", ("Target IP address: ", "")) == \
        "% Bad IP address\n"
    seen = answer(user, "ping ip", *replaced(
        SHORT[:-1], Repeat="2147483647"), ("Sweep range of sizes [n]: ", "y"),
        ("Sweep min size [36]: ", ""), ("Sweep max size [18024]: ", ""),
        ("Sweep interval [1]: ", ""))
    assert seen == "% More than 2147483647 echos\n"


def test_a_key_gives_up(user):
    user.type("ping\n", r"Protocol \[ip\]: $")
    user.type("\n", r"Target IP address: $")
    user.type("\x03")
    assert user.command("show privilege") == \
        "Current privilege level is 15\n"


def test_user_exec_has_no_questions(user):
    user.command("disable")
    for line in ("ping", "ping ip", "traceroute", "traceroute ipv6"):
        assert user.command(line) == "% Incomplete command.\n\n"
    user.type("enable\n", r"Password: $")
    user.type("cisco\n", r"#$")


def test_traceroute(user):
    rest = [("Numeric display [n]: ", ""), ("Timeout in seconds [3]: ", "9"),
            ("Probe count [3]: ", "2"), ("Minimum Time to Live [1]: ", "2"),
            ("Maximum Time to Live [30]: ", "5"),
            ("Port Number [33434]: ", "40000"),
            ("Loose, Strict, Record, Timestamp, Verbose[none]: ", "")]
    seen = answer(user, "traceroute", ("Protocol [ip]: ", ""),
                  ("Target IP address: ", "127.0.0.1"),
                  ("Source address: ", "127.0.0.9"), *rest)
    assert re.fullmatch(r"Type escape sequence to abort\.\nTracing the route to "
                        r"127\.0\.0\.1\n\n  2 127\.0\.0\.1 \d+ msec \d+ msec\n",
                        seen)
    seen = answer(user, "traceroute ipv6", ("Target IPv6 address: ", "::1"),
                  ("Source address: ", ""),
                  ("Insert source routing header? [no]: ", ""),
                  ("Numeric display? [no]: ", "y"),
                  ("Timeout in seconds [3]: ", ""), ("Probe count [3]: ", "1"),
                  ("Minimum Time to Live [1]: ", ""),
                  ("Maximum Time to Live [30]: ", ""), ("Priority [0]: ", "8"),
                  ("Port Number [33434]: ", ""))
    assert re.search(r"\n\n  1 ::1 \d+ msec\n$", seen)


LISTENER = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
print(flush=True)
for i in range(3):
    p = s.recv(65536)
    print(p[1], p[6] & 0x40, len(p), p[-2:].hex(), flush=True)
"""


def test_what_leaves_is_what_was_answered(tmp_path):
    """The packets as they come to the other machine."""
    with Machine(tmp_path / "near") as near, Machine(tmp_path / "far") as far:
        near.ip("link add v0 type veth peer name v1")
        near.ip(f"link set v1 netns {far.holder.pid}")
        for place, link, last in ((near, "v0", 1), (far, "v1", 2)):
            place.ip(f"addr add 10.1.0.{last}/24 dev {link}")
            place.ip(f"link set {link} up")
        near.start()
        listener = subprocess.Popen(
            ["nsenter", f"--net=/proc/{far.holder.pid}/ns/net",
             "/usr/bin/python3", "-c", LISTENER], stdout=subprocess.PIPE,
            text=True)
        listener.stdout.readline()
        with Terminal(str(VTYD), "attach", "--state",
                      str(near.router.state)) as console:
            for reply in ("ping", "", "10.1.0.2", "1", "", "9", "y", "", "184",
                          "y", "", "beef", "", "y", "300", "500", "100"):
                console.type(reply + "\r")
            console.expect(r"!!!\r\nSuccess rate is 100 percent \(3/3\)")
        assert listener.communicate()[0] == "".join(
            f"184 64 {size} beef\n" for size in (300, 400, 500))
