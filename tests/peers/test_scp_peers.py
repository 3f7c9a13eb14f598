"""Files to and from the router by scp, with every client that there is."""
import hashlib
import os
import re
import shutil
import stat
import subprocess

import pytest
import scp_clients
from console import attach
from router import CONFIG, ROOT, Router, wait_for
from session import Session

# The user needs level 15 at login: `enable` is no part of a transfer.
SERVING = CONFIG.replace("username lab secret",
                         "username lab privilege 15 secret") \
    + "ip scp server enable\n"

CLIENTS = {
    "openssh": scp_clients.OpenSSH(),
    "openssh-p": scp_clients.OpenSSH("-p"),
    "dropbear": scp_clients.Dropbear(),
    "putty": scp_clients.PuTTY(),
    "curl": scp_clients.Curl(),
    "libssh": scp_clients.LibSSH(),
    "scp.py": scp_clients.ScpPy(),
    "asyncssh": scp_clients.AsyncSSH(),
}
SIZES = (0, 1, 32767, 32768, 32769, 1 << 20)
MISSING = "%Error opening flash:none (File not found)"


def headers_of_libssh():
    return subprocess.run(["gcc", "-E", "-include", "libssh/libssh.h", "-x", "c",
                           "/dev/null"], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def serving():
    with Router(config=SERVING, keys=("ed25519", "rsa")) as one:
        yield one
        # Whatever was done: nothing unfinished is left.
        wait_for(lambda: os.listdir(one.state / "flash" / ".new") == [],
                 "the end of unfinished files")
    CLIENTS["libssh"].clean()


@pytest.fixture
def flash(serving):
    return serving.state / "flash"


@pytest.fixture(params=CLIENTS)
def client(request):
    one = CLIENTS[request.param]
    if shutil.which(one.tool) is None:
        pytest.skip(f"{one.tool} is not installed")
    if request.param == "libssh" and not headers_of_libssh():
        pytest.skip("libssh-dev is not installed")
    return one


@pytest.fixture(scope="module")
def user(serving):
    with Session(serving) as session:
        yield session


def good(result):
    assert result.returncode == 0, result.stderr
    return result


def content_of(size):
    return hashlib.shake_128(str(size).encode()).digest(size)


# --- one file -----------------------------------------------------------------

def test_files_of_all_sizes_there_and_back(serving, flash, client, tmp_path):
    for size in SIZES:
        mine, back = tmp_path / f"mine{size}", tmp_path / f"back{size}"
        mine.write_bytes(content_of(size))
        good(client.put(serving, mine, f"flash:f{size}"))
        assert (flash / f"f{size}").read_bytes() == content_of(size)
        good(client.get(serving, f"flash:f{size}", back))
        assert back.read_bytes() == content_of(size)


def test_a_file_replaces_one_and_other_names_of_it(serving, flash, client,
                                                   tmp_path):
    (flash / "dir").mkdir(exist_ok=True)
    for number, name in enumerate(("flash:/r", "r", "flash0:r", "bootflash:/r",
                                   "/flash:/r", "flash:/dir/r")):
        if isinstance(client, scp_clients.Curl) and number == 4:
            continue  # its URL's own slash is in front of it as it is
        mine, back = tmp_path / "mine", tmp_path / "back"
        mine.write_bytes(content_of(100 + number))
        good(client.put(serving, mine, name))
        good(client.get(serving, name, back))
        assert back.read_bytes() == content_of(100 + number)
    assert (flash / "r").read_bytes() == content_of(104 - isinstance(
        client, scp_clients.Curl))
    assert (flash / "dir" / "r").read_bytes() == content_of(105)


def test_what_is_not_there_is_told(serving, client, tmp_path):
    back = tmp_path / "back"
    result = client.get(serving, "flash:none", back)
    assert result.returncode != 0
    # libssh2 keeps to itself what it was told.
    if isinstance(client, scp_clients.Curl):
        return
    assert MISSING in result.stderr.decode()


def test_a_directory_is_no_place_for_a_name(serving, flash, client, tmp_path):
    """The file goes into it, under its own name or the target's."""
    (flash / "into").mkdir(exist_ok=True)
    mine = tmp_path / "own"
    mine.write_bytes(b"x")
    good(client.put(serving, mine, "flash:/into"))
    named = os.listdir(flash / "into")
    assert named in (["own"], ["into"])
    shutil.rmtree(flash / "into")


def test_names_with_punctuation(serving, flash, tmp_path):
    """By themselves, in a tree, and back."""
    names = ["a(1),b=c", "u@h~1#2!", "$HOME;'x'", "a&b>c", "[a]{b}^c", "50%_%s",
             'say "so"', "what?", "a*`id`", "-rf", "|x"]
    tree = tmp_path / "tree (1)"
    tree.mkdir()
    for name in names:
        (tree / name).write_bytes(name.encode())
    openssh = CLIENTS["openssh"]
    good(openssh.copy(serving, "-r", tree, scp_clients.remote("flash:")))
    assert sorted(os.listdir(flash / tree.name)) == sorted(names)
    back = tmp_path / "back"
    # What goes into the request is quoted, as for any shell.
    good(openssh.copy(serving, "-r", scp_clients.remote("'flash:tree (1)'"),
                      back))
    for name in names:
        assert (back / name).read_bytes() == name.encode()
    shutil.rmtree(flash / tree.name)
    good(openssh.put(serving, tree / names[0], f"'flash:{names[1]}'"))
    assert (flash / names[1]).read_bytes() == names[0].encode()
    (flash / names[1]).unlink()


def test_many_files_at_once(serving, flash, tmp_path):
    for number in range(300):
        (tmp_path / f"many{number}").write_bytes(content_of(number))
    (flash / "many").mkdir()
    good(CLIENTS["openssh"].copy(serving, *sorted(tmp_path.iterdir()),
                                 scp_clients.remote("flash:/many")))
    assert len(os.listdir(flash / "many")) == 300
    for number in range(300):
        assert (flash / "many" / f"many{number}").read_bytes() \
            == content_of(number)
    shutil.rmtree(flash / "many")


def test_several_transfers_at_the_same_time(serving, flash, tmp_path):
    import concurrent.futures
    mine = tmp_path / "mine"
    mine.write_bytes(content_of(3 << 20))

    def there_and_back(number):
        back = tmp_path / f"back{number}"
        good(CLIENTS["openssh"].put(serving, mine, f"flash:t{number}"))
        good(CLIENTS["openssh"].get(serving, f"flash:t{number}", back))
        return back.read_bytes() == mine.read_bytes()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(8)))


# --- trees, modes, times ------------------------------------------------------

@pytest.fixture
def tree(tmp_path):
    top = tmp_path / "tree"
    (top / "sub dir" / "deeper").mkdir(parents=True)
    (top / "empty").mkdir()
    (top / "a").write_bytes(b"a")
    (top / "none").write_bytes(b"")
    (top / "sub dir" / "Zürich 1").write_bytes(content_of(100000))
    (top / "sub dir" / "deeper" / "x").write_bytes(b"x")
    (top / "z").write_bytes(b"behind the directory")
    for number, name in enumerate(("a", "sub dir", "z")):
        (top / name).chmod((0o640, 0o750, 0o444)[number])
        os.utime(top / name, (1_000_000_000 + number, 1_100_000_000 + number))
    return top


RECURSIVE = {
    "openssh": scp_clients.OpenSSH("-r", "-p"),
    "dropbear": scp_clients.Dropbear("-r", "-p"),
    "putty": scp_clients.PuTTY("-r", "-p"),
    "scp.py": scp_clients.ScpPy(recursive=True, preserve_times=True),
    "asyncssh": scp_clients.AsyncSSH(recurse=True, preserve=True),
}


@pytest.mark.parametrize("name", RECURSIVE)
def test_a_tree_there_and_back(serving, flash, tree, tmp_path, name):
    client = RECURSIVE[name]
    if shutil.which(client.tool) is None:
        pytest.skip(f"{client.tool} is not installed")
    good(client.put(serving, tree, "flash:/"))
    assert subprocess.run(["diff", "-r", tree, flash / "tree"]).returncode == 0
    good(client.get(serving, "flash:/tree", tmp_path / "back"))
    assert subprocess.run(["diff", "-r", tree, tmp_path / "back"]) \
        .returncode == 0
    for part in ("a", "z"):
        there, mine = (flash / "tree" / part).stat(), (tree / part).stat()
        assert there.st_mtime == mine.st_mtime
        # scp.py sends one mode for all of a tree, asyncssh and PuTTY theirs.
        if name in ("openssh", "dropbear"):
            assert there.st_mode == mine.st_mode
            back = (tmp_path / "back" / part).stat()
            assert (back.st_mode, back.st_mtime) == (mine.st_mode, mine.st_mtime)
    shutil.rmtree(flash / "tree")


def test_modes_without_p_are_masked_and_owners_never_kept(serving, flash,
                                                          tmp_path):
    mine = tmp_path / "mine"
    mine.write_bytes(b"x")
    mine.chmod(0o4777)
    good(CLIENTS["openssh"].put(serving, mine, "flash:modes"))
    assert stat.S_IMODE((flash / "modes").stat().st_mode) == 0o755
    good(CLIENTS["openssh-p"].put(serving, mine, "flash:modes"))
    assert stat.S_IMODE((flash / "modes").stat().st_mode) == 0o777


def test_a_directory_needs_r(serving, flash, tmp_path):
    (flash / "plain").mkdir()
    result = CLIENTS["openssh"].get(serving, "flash:/plain", tmp_path / "back")
    assert result.returncode == 1
    assert b"%Error opening flash:/plain (Is a directory)" in result.stderr
    (flash / "plain").rmdir()


def test_a_refused_name_does_not_stop_the_others(serving, flash, tmp_path):
    top = tmp_path / "odd"
    top.mkdir()
    for name in ("a", "b\\c", "d"):
        (top / name).write_bytes(b"x")
    result = RECURSIVE["openssh"].put(serving, top, "flash:/")
    assert result.returncode == 1
    assert b"c (Invalid file name)" in result.stderr
    assert sorted(os.listdir(flash / "odd")) == ["a", "d"]
    shutil.rmtree(flash / "odd")


# --- configurations -----------------------------------------------------------

def test_running_config_as_a_file(serving, client, user, tmp_path):
    back = tmp_path / "back"
    good(client.get(serving, "system:running-config", back))
    shown = user.command("show running-config")
    assert back.read_text().endswith("\nend\n")
    for line in back.read_text().splitlines():
        if not line.startswith("! "):
            assert line in shown, line
    mine = tmp_path / "mine"
    mine.write_text("ip host merged 192.0.2.1\nend\n")
    good(client.put(serving, mine, "system:running-config"))
    assert "ip host merged 192.0.2.1" in user.command("show running-config")
    user.configure("no ip host merged")


def test_lines_that_are_refused_are_told(serving, user, tmp_path):
    mine = tmp_path / "mine"
    mine.write_text("ip host good 192.0.2.1\nnonsense here\nip host x\n")
    result = CLIENTS["openssh"].put(serving, mine, "running-config")
    assert result.returncode == 1
    assert b'2 lines were refused, first "nonsense here": % Invalid input' \
        in result.stderr
    assert "ip host good 192.0.2.1" in user.command("show running-config")
    user.configure("no ip host good")
    serving.wait_log(r"%SYS-5-CONFIG_I: Configured from scp by lab on vty\d+ "
                     r"\(127\.0\.0\.1\)$")


def test_startup_config_as_a_file(serving, client, tmp_path):
    text = SERVING + "hostname Stored\nend\n"
    mine, back = tmp_path / "mine", tmp_path / "back"
    mine.write_text(text)
    good(client.put(serving, mine, "nvram:startup-config"))
    assert (serving.state / "startup-config").read_text() == text
    good(client.get(serving, "nvram:startup-config", back))
    assert back.read_text() == text


@pytest.mark.parametrize("text", (b"", b"hostname R\0\n"),
                         ids=("empty", "a zero byte"))
def test_what_is_no_configuration_is_not_stored(serving, tmp_path, text):
    before = (serving.state / "startup-config").read_bytes()
    mine = tmp_path / "mine"
    mine.write_bytes(text)
    result = CLIENTS["openssh"].put(serving, mine, "startup-config")
    assert result.returncode == 1
    assert b"%Error writing startup-config (Not a configuration)" \
        in result.stderr
    assert (serving.state / "startup-config").read_bytes() == before


def test_null_takes_everything(serving, tmp_path):
    mine = tmp_path / "mine"
    mine.write_bytes(content_of(1 << 20))
    good(CLIENTS["openssh"].put(serving, mine, "null:"))


# --- old clients --------------------------------------------------------------

OLD_LINE = re.search(r"^ +(ip ssh server algorithm mac .*)$",
                     (ROOT / "README.md").read_text(), re.M).group(1)


def test_one_line_lets_an_old_client_in(factory_router, tmp_path):
    """README.md, "Files": libssh2 as Debian has it knows neither
    encrypt-then-MAC nor AEAD."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    attach(factory_router, "configure terminal",
           "username lab privilege 15 secret lab", "ip scp server enable",
           "end")
    mine, back = tmp_path / "mine", tmp_path / "back"
    mine.write_bytes(b"x" * 1000)
    curl = CLIENTS["curl"]
    assert curl.put(factory_router, mine, "flash:old").returncode != 0
    attach(factory_router, "configure terminal", OLD_LINE, "end")
    good(curl.put(factory_router, mine, "flash:old"))
    good(curl.get(factory_router, "flash:old", back))
    assert back.read_bytes() == mine.read_bytes()
