"""copy from and to other people's servers, and to another router."""
import contextlib
import os
import re
import shutil
import subprocess

import pytest
from router import CONFIG, Router, wait_for
from session import Session
from sshd import PASSWORD, USER, Dropbear, Sshd, can_have_namespace

QUESTION = r"(\]\? |\[confirm\]|Password: |\n[\w.-]+[>#])$"
RATE = r"\n(\d+) bytes copied in \d+\.\d{3} secs \(\d+ bytes/sec\)\n$"
SERVING = CONFIG.replace("username lab secret",
                         "username lab privilege 15 secret") \
    + "hostname R2\nip scp server enable\nip sftp server enable\n"
SIZES = (0, 1, 32767, 32768, 32769, 5 << 20)


def say(session, line, *answers):
    """Type the line and an answer for each question; all that was shown."""
    seen = session.type(line + "\n", QUESTION, seconds=60)
    for answer in answers:
        assert not seen.endswith("#"), seen
        seen += session.type(answer, QUESTION, seconds=60)
    assert seen.endswith("#"), seen
    text = seen.replace("\r\n", "\n").partition("\n")[2]
    return text[:text.rfind("\n") + 1]


@pytest.fixture(scope="module")
def router():
    with Router(config=CONFIG + "hostname R1\nfile prompt quiet\n",
                keys=("ed25519",)) as one:
        yield one
        wait_for(lambda: os.listdir(one.state / "flash" / ".new") == [],
                 "the end of unfinished files")


@pytest.fixture(scope="module")
def user(router):
    with Session(router, enable="cisco") as one:
        yield one


class Peer:
    """`login` is what stands before the @, `home` where its files are."""

    def __init__(self, login, port, home):
        self.login, self.port, self.home = login, port, home

    def url(self, scheme, path):
        return f"{scheme}://{self.login}@127.0.0.1:{self.port}/{path}"


@contextlib.contextmanager
def openssh_peer(router, directory):
    if not can_have_namespace():
        pytest.skip("a server with a password needs a mount namespace")
    with Sshd(directory, "UsePAM yes\nPasswordAuthentication yes\n"
              "RekeyLimit 1M\nSubsystem sftp internal-sftp\n") as server:
        yield Peer(f"{USER}:{PASSWORD}", server.port, server.home)


@contextlib.contextmanager
def dropbear_peer(router, directory):
    """It lets the router in by its own key."""
    if not can_have_namespace() or not os.path.exists("/usr/lib/sftp-server"):
        pytest.skip("dropbear needs a mount namespace and an SFTP server")
    if shutil.which("dropbear") is None:
        pytest.skip("dropbear is not installed")
    keys = subprocess.run(["ssh-keyscan", "-T", "60", "-p", str(router.port),
                           "-t", "ed25519", "127.0.0.1"], capture_output=True,
                          text=True, check=True).stdout
    server = Dropbear(directory)
    with open(server.authorized, "a") as authorized:
        authorized.write(" ".join(keys.split()[1:3]) + "\n")
    with server:
        yield Peer(USER, server.port, server.home)


@contextlib.contextmanager
def router_peer(router, directory):
    with Router(directory / "r2", config=SERVING, keys=("ed25519",)) as one:
        yield Peer("lab:lab", one.port, one.state / "flash")
        wait_for(lambda: os.listdir(one.state / "flash" / ".new") == [],
                 "the end of unfinished files")


PEERS = {"openssh": openssh_peer, "dropbear": dropbear_peer,
         "router": router_peer}


@pytest.fixture(scope="module", params=PEERS)
def peer(request, router, tmp_path_factory):
    with PEERS[request.param](router, tmp_path_factory.mktemp("peer")) as one:
        yield one


@pytest.fixture(params=["scp", "sftp"])
def scheme(request):
    return request.param


def test_files_come_back_as_they_went(user, router, peer, scheme):
    flash = router.state / "flash"
    for size in SIZES:
        data = os.urandom(size)
        (flash / "out").write_bytes(data)
        text = say(user, f"copy flash:out {peer.url(scheme, 'there')}")
        assert int(re.search(RATE, text).group(1)) == size
        assert (peer.home / "there").read_bytes() == data
        text = say(user, f"copy {peer.url(scheme, 'there')} flash:back")
        assert int(re.search(RATE, text).group(1)) == size
        assert (flash / "back").read_bytes() == data


def test_names_with_blanks(user, router, peer, scheme):
    (router.state / "flash" / "out").write_text("X\n")
    text = say(user, f"copy flash:out {peer.url(scheme, 'a%20b%c3%a4')}")
    assert re.search(RATE, text), text
    assert (peer.home / "a b\u00e4").read_text() == "X\n"
    text = say(user, f"copy {peer.url(scheme, 'a%20b%c3%a4')} null:")
    assert re.search(RATE, text), text


def test_what_is_not_there(user, peer, scheme):
    text = say(user, f"copy {peer.url(scheme, 'none')} flash:x")
    assert re.search(
        rf"(?m)^%Error opening {scheme}://\*:\*@127\.0\.0\.1:\d+/none "
        r"\((No such file or directory|File not found)\)\n$", text), text
    text = say(user, f"copy running-config {peer.url(scheme, 'none/x')}")
    assert re.search(
        rf"\n%Error \w+ {scheme}://\*:\*@127\.0\.0\.1:\d+/none/x "
        r"\((No such file or directory|File not found)\)\n$", text), text


def test_a_configuration_goes_and_is_merged_again(user, peer, scheme):
    url = peer.url(scheme, "r1-confg")
    text = say(user, f"copy running-config {url}")
    assert re.search(RATE, text), text
    saved = (peer.home / "r1-confg").read_text()
    assert "\nhostname R1\n" in saved and saved.endswith("\nend\n")
    (peer.home / "r1-confg").write_text("ip ssh time-out 77\nnonsense\n")
    text = say(user, f"copy {url} running-config")
    assert re.search(r"\nnonsense\n +\^\n% Invalid input detected", text)
    assert "ip ssh time-out 77" in user.command("show running-config")
    user.configure("no ip ssh time-out")
