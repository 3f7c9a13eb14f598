"""What a line and its user allow of sessions that begin there."""
import re
import subprocess

import pytest
from router import CONFIG, Router
from session import Session

LAB_15 = CONFIG.replace("username lab", "username lab privilege 15").replace(
    "banner login ^C\nAuthorized users only\n^C\n", "")
DENIED = "% Connections to that host not permitted from this terminal\n"


@pytest.fixture(scope="module")
def near():
    with Router(config="hostname Near\n" + LAB_15, keys=("ed25519",)) as one:
        yield one


@pytest.fixture(scope="module")
def far():
    with Router(config="hostname Far\n" + LAB_15, keys=("ed25519",),
                listen=("127.0.0.1:0", "[::1]:0")) as one:
        yield one


@pytest.fixture
def user(near):
    with Session(near) as one:
        yield one


def reaches(user, far, host="127.0.0.1"):
    """It asks for a password there, which is not given."""
    port = dict(zip(("127.0.0.1", "::1"), far.ports))[host]
    user.type(f"ssh -l lab -p {port} {host}\n", r"Password: $")
    user.type("\x03")
    return True


def answer(user, far, host="127.0.0.1"):
    port = dict(zip(("127.0.0.1", "::1"), far.ports))[host]
    return user.command(f"ssh -l lab -p {port} {host}")


REFUSED_COPY = "(Permission denied)"


def copied(user, far):
    """How a copy to the far host fails."""
    user.type(f"copy running-config scp://lab@127.0.0.1:{far.port}/x\n",
              r"\]\? $")
    return re.search(r"\([^()]*\)(?=\s+\S+#$)", user.type("\n"))[0]


def test_transport_output(user, far):
    user.configure("line vty 0 15", "transport output none")
    assert (answer(user, far)
            == "% ssh connections not permitted from this terminal\n")
    for line in (f"copy scp://lab@127.0.0.1:{far.port}/x flash:x",
                 "copy running-config sftp:", "copy scp: flash:"):
        assert (user.command(line)
                == "% ssh connections not permitted from this terminal\n")
    assert "Allowed output transports are none.\n" in user.command(
        "show terminal")
    user.configure("line vty 0 15", "transport output ssh")
    assert reaches(user, far)
    user.configure("line vty 0 15", "default transport output")
    assert reaches(user, far)


def test_access_class_out(near, user, far):
    user.configure("access-list 7 deny 127.0.0.1", "access-list 7 permit any",
                   "line vty 0 15", "access-class 7 out")
    assert answer(user, far) == DENIED
    assert answer(user, far, "::1") == DENIED
    assert "deny   127.0.0.1 (1 match)" in user.command("show access-lists 7")
    assert copied(user, far) == REFUSED_COPY
    assert " -    7    - " in user.command("show line")
    user.configure("ipv6 access-list SIX", "permit ipv6 host ::1 any", "line vty 0 15",
                   "ipv6 access-class SIX out")
    assert reaches(user, far, "::1")
    # It says nothing about who comes in.
    with Session(near):
        pass
    user.configure("line vty 0 15", "no access-class 7 out",
                   "no ipv6 access-class SIX out", "no access-list 7",
                   "no ipv6 access-list SIX")
    assert reaches(user, far)


def test_a_users_own_access_class(near, user, far):
    """It counts in place of the line's, for this user alone."""
    user.configure("access-list 8 deny any", "access-list 9 permit any",
                   "username mate privilege 15 access-class 8 password mate",
                   "line vty 0 15", "access-class 9 out")
    assert user.command("show running-config | include mate") == (
        "username mate privilege 15 access-class 8 password 0 mate\n")
    assert reaches(user, far)
    with Session(near, user="mate", password="mate") as mate:
        assert answer(mate, far) == DENIED
        assert copied(mate, far) == REFUSED_COPY
        assert "deny   any (2 matches)" in user.command("show access-lists 8")
        # A list with a number is one of IPv4.
        assert answer(mate, far, "::1") == DENIED
        user.configure("no access-list 8",
                       "access-list 8 permit 127.0.0.1")
        assert reaches(mate, far)
    # Names are one whatever their case; he is no other user for it.
    with Session(near, user="MATE", password="mate") as mate:
        user.configure("no access-list 8", "access-list 8 deny any")
        assert answer(mate, far) == DENIED
    user.configure("no username mate", "line vty 0 15",
                   "no access-class 9 out", "exit",
                   "no access-list 8", "no access-list 9")


def test_source_interface(user, far):
    user.configure("ip ssh source-interface lo")
    assert reaches(user, far)
    assert reaches(user, far, "::1")
    user.configure("ip ssh source-interface Loopback77")
    assert (answer(user, far)
            == "% Destination unreachable; gateway or host down\n")
    user.configure("no ip ssh source-interface")
    assert reaches(user, far)


def test_keepalives(user, far):
    """The kernel's own timer of the connection says what is set."""
    def timer():
        reached = user.type(f"ssh -l lab -p {far.port} 127.0.0.1\n",
                            r"Password: $")
        assert reached
        shown = subprocess.run(
            ["ss", "-tnoH", "dport", "=", f":{far.port}"],
            capture_output=True, text=True).stdout
        user.type("\x03")
        return shown

    # Two hours are the system's, a minute is ours.
    assert not re.search(r"keepalive,(\d+sec|1min)", timer())
    user.configure("service tcp-keepalives-out")
    assert re.search(r"keepalive,(\d+sec|1min)", timer())
    user.configure("no service tcp-keepalives-out")


def test_a_word_that_is_no_command(near, user, far):
    """The caret, unless the line prefers ssh; then it is a host."""
    invalid = "% Invalid input detected at '^' marker.\n\n"
    unknown = ("% Unknown command or computer name, or unable to find "
               "computer address\n")
    user.configure("ip host farthest 127.0.0.1", "no ip domain lookup")
    assert user.command("farthest") == "     ^\n" + invalid
    user.configure("line vty 0 15", "transport preferred ssh")
    assert " transport preferred ssh\n" in user.command(
        "show running-config | section line vty")
    assert "Preferred transport is ssh.\n" in user.command("show terminal")
    # Nobody listens on port 22 there, or somebody does.
    user.channel.send("farthest\n")
    seen = user.until(r"Near#$|Password: $")
    if seen.endswith("Password: "):
        user.type("\x03")
    else:
        assert "% Connection refused by remote host" in seen
    assert user.command("nothing-like-it") == unknown
    assert user.command("a_!") == unknown
    # Nothing else is changed by it.
    assert user.command("show nothing").endswith(invalid)
    assert user.command("-v") == "     ^\n" + invalid
    user.command("configure terminal")
    assert user.command("farthest").endswith("^\n" + invalid)
    user.command("end")
    with Session(near) as other:
        other.configure("line vty 0 15", "transport output none")
        assert other.command("farthest") == (
            "% ssh connections not permitted from this terminal\n")
        other.configure("line vty 0 15", "no transport output",
                        "no transport preferred", "exit",
                        "no ip host farthest", "ip domain lookup")
    assert user.command("farthest") == "     ^\n" + invalid
