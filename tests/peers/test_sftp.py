"""Files over SFTP, with everybody's client."""
import asyncio
import contextlib
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import time
import warnings

import paramiko
import pytest

from openssh import environment
from router import CONFIG, KEYS, Router, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import asyncssh

# Password lab for each, as for user lab, who has level 1.
STORED = "$1$mERr$fkBP9ONQItjeJIjNZlaSA."
USERS = (f"username admin privilege 15 secret 5 {STORED}\n"
         f"username seven privilege 7 secret 5 {STORED}\n"
         # Debian's curl has neither ETM nor AEAD.
         "ip ssh server algorithm mac hmac-sha2-256-etm@openssh.com "
         "hmac-sha2-256\n")
SIZES = [0, 1, 1000, 32767, 32768, 32769, 65536, 100000, 5 << 20]


@pytest.fixture(scope="module")
def router():
    with Router(config="ip sftp server enable\n" + USERS + CONFIG,
                keys=KEYS) as shared:
        shared.flash = shared.state / "flash"
        yield shared


@pytest.fixture(autouse=True)
def empty_flash(router):
    """Nothing is left of the test before, whatever its clients still do."""
    for entry in router.flash.iterdir():
        if entry.name != ".new":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def content(size):
    block = bytes((i * 131 + i // 251) % 256 for i in range(65521))
    return (block * (size // len(block) + 1))[:size]


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """One file of each size."""
    directory = tmp_path_factory.mktemp("local")
    for size in SIZES:
        (directory / f"f{size}").write_bytes(content(size))
    return directory


def nothing_new(router):
    return not list((router.flash / ".new").iterdir())


# --- OpenSSH ---------------------------------------------------------------

SSH_OPTIONS = ["-F", "none", "-oBatchMode=no", "-oStrictHostKeyChecking=no",
               "-oUserKnownHostsFile=/dev/null", "-oLogLevel=ERROR"]


def run(args, **options):
    return subprocess.run(args, env=environment(), capture_output=True,
                          timeout=120, start_new_session=True, **options)


def sftp(router, lines, *options, user="admin"):
    """`sftp -b -`: stops at the first line that fails."""
    return run(["sftp", *SSH_OPTIONS, *options, "-P", str(router.port), "-b",
                "-", f"{user}@127.0.0.1"],
               input="".join(line + "\n" for line in lines).encode())


def sftp_ok(router, *lines, options=()):
    result = sftp(router, lines, *options)
    assert result.returncode == 0, result
    return result.stdout.decode()


def scp(router, *args):
    """`%` in an argument is the router."""
    return run(["scp", "-s", *SSH_OPTIONS, "-P", str(router.port),
                *(arg.replace("%", "admin@127.0.0.1:") for arg in args)])


@pytest.mark.parametrize("options", [(), ("-R", "1"), ("-B", "1000"),
                                     ("-R", "200", "-B", "32768")],
                         ids=["usual", "one", "small", "greedy"])
def test_openssh_puts_and_gets(router, local, tmp_path, options):
    sizes = SIZES[:-1] if "1000" in options else SIZES
    lines = [f"put {local}/f{size}" for size in sizes]
    lines += [f"get f{size} {tmp_path}/" for size in sizes]
    sftp_ok(router, *lines, options=options)
    for size in sizes:
        assert (router.flash / f"f{size}").read_bytes() == content(size)
        assert (tmp_path / f"f{size}").read_bytes() == content(size)
    assert nothing_new(router)


def test_keys_are_exchanged_again_meanwhile(router, local, tmp_path):
    sftp_ok(router, f"put {local}/f{5 << 20} x", f"get x {tmp_path}/",
            options=("-oRekeyLimit=256K",))
    assert (tmp_path / "x").read_bytes() == content(5 << 20)


def test_openssh_asks_for_more_than_it_gets(router, local, tmp_path):
    """100,000 bytes in one READ; 32 KiB come."""
    (router.flash / "x").write_bytes(content(1000000))
    sftp_ok(router, f"get x {tmp_path}/", options=("-B", "100000"))
    assert (tmp_path / "x").read_bytes() == content(1000000)


def test_openssh_looks_around(router, local):
    (router.flash / "dir").mkdir()
    (router.flash / "dir" / "inner").write_bytes(b"12345")
    os.utime(router.flash / "dir" / "inner", (1, time.time() - 60))
    text = sftp_ok(router, "pwd", "ls /", "ls -1", "ls -l dir", "cd dir",
                   "pwd", "cd ..", "pwd", "cd flash:", "pwd", "cd ..", "pwd",
                   "ls flash:/dir", "ls /flash:/dir", "ls flash:dir")
    places = re.findall(r"Remote working directory: (\S+)", text)
    assert places == ["/flash:", "/flash:/dir", "/flash:", "/flash:", "/"]
    assert "/flash:" in text and "dir" in text.split()
    assert re.search(r"^-rw\S+ +1 - +- +5 \w{3} [ \d]\d \d\d:\d\d inner$",
                     text, re.M), text
    assert text.count("dir/inner") == 3
    assert not re.search(r"\.new", text)


def test_openssh_changes_things(router, local):
    sftp_ok(router, "mkdir d", f"put {local}/f1000 d/x", "rename d/x d/y",
            "ls d", "chmod 640 d/y")
    assert stat.S_IMODE((router.flash / "d" / "y").stat().st_mode) == 0o640
    failed = sftp(router, ["rmdir d"])
    assert failed.returncode == 1
    sftp_ok(router, "rm d/y", "rmdir d")
    assert not (router.flash / "d").exists()
    assert sftp(router, ["get nothing"]).returncode == 1
    assert sftp(router, ["rm nothing"]).returncode == 1
    assert sftp(router, ["symlink a b"]).returncode == 1
    assert sftp(router, ["ln a b"]).returncode == 1
    assert sftp(router, ["chown 1 d"]).returncode == 1
    assert sftp(router, ["chmod 4755 x"]).returncode == 1


def test_openssh_renames_over_a_file(router, local):
    """posix-rename: the only rename that replaces."""
    sftp_ok(router, f"put {local}/f1000 a", f"put {local}/f1 b", "rename a b")
    assert (router.flash / "b").read_bytes() == content(1000)
    assert not (router.flash / "a").exists()


def test_openssh_keeps_times_and_modes(router, local, tmp_path):
    source = tmp_path / "source"
    source.write_bytes(b"x" * 70000)
    source.chmod(0o755)
    os.utime(source, (1000000000, 1100000000))
    sftp_ok(router, f"put -p {source} kept", f"get -p kept {tmp_path}/back")
    for path in (router.flash / "kept", tmp_path / "back"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o755
        assert path.stat().st_mtime == 1100000000


def test_openssh_takes_whole_trees(router, local, tmp_path):
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "empty").mkdir()
    for i in range(30):
        (tree / "a" / f"f{i}").write_bytes(content(i * 1000))
    (tree / "a" / "b" / "deep").write_bytes(b"deep")
    sftp_ok(router, f"put -R {tree}", f"get -R tree {tmp_path}/back")
    for at in (router.flash / "tree", tmp_path / "back"):
        same = run(["diff", "-r", str(tree), str(at)])
        assert same.returncode == 0, same
    result = scp(router, "-r", "-p", str(tree), "%flash:/again")
    assert result.returncode == 0, result
    result = scp(router, "-r", "%again", str(tmp_path / "third"))
    assert result.returncode == 0, result
    assert run(["diff", "-r", str(tree),
                str(tmp_path / "third")]).returncode == 0


def test_openssh_resumes(router, local, tmp_path):
    """The rest of a file that is there, in part, at either end."""
    whole = content(5 << 20)
    (tmp_path / "part").write_bytes(whole[:1234567])
    (router.flash / "whole").write_bytes(whole)
    sftp_ok(router, f"reget whole {tmp_path}/part")
    assert (tmp_path / "part").read_bytes() == whole
    (router.flash / "part").write_bytes(whole[:1234567])
    sftp_ok(router, f"reput {tmp_path}/part part")
    assert (router.flash / "part").read_bytes() == whole


@pytest.mark.parametrize("name", ["two words", "g\u00fcnther", "a+b-c_d.e",
                                  "a(1),b=c@d~#!", "50_;$x&'y'|z",
                                  "\u6587\u4ef6 1"])
def test_openssh_names(router, local, tmp_path, name):
    back = tmp_path / "back"
    sftp_ok(router, f'put {local}/f1000 "{name}"', f'get "{name}" {back}',
            "ls -l")
    assert (router.flash / name).read_bytes() == content(1000)
    assert back.read_bytes() == content(1000)
    result = scp(router, f"{local}/f1", f"%{name}")
    assert result.returncode == 0, result
    assert (router.flash / name).read_bytes() == content(1)


@pytest.mark.parametrize("name", [".hidden", "a/../b", "a:b", "a\\b", "x" * 129,
                                  "nvram:startup-config", "../up", "no/where"])
def test_openssh_names_that_are_refused(router, local, name):
    (router.flash / "a").mkdir()
    before = sorted(os.listdir(router.flash))
    assert sftp(router, [f'put {local}/f1 "{name}"']).returncode == 1
    assert sftp(router, [f'get "{name}" /dev/null']).returncode == 1
    assert sorted(os.listdir(router.flash)) == before
    assert nothing_new(router)


RESERVE = 1024  # KiB that are kept for the configuration


def df(router):
    """Size and what is offered, in KiB; None if it is not what the disk has
    without the reserve, between its states before and behind: others use it."""
    def left():
        disk = os.statvfs(router.flash)
        return disk.f_bavail * disk.f_frsize // 1024
    before = left()
    text = sftp_ok(router, "df")
    after = left()
    numbers = re.findall(r"^ +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)%$", text, re.M)
    assert len(numbers) == 1, text
    size, offered = int(numbers[0][0]), int(numbers[0][2])
    if min(before, after) - 4 <= offered + RESERVE <= max(before, after) + 4:
        return size, offered
    return None


def test_openssh_df(router):
    size, _ = wait_for(lambda: df(router), "what the disk has", 120)
    disk = os.statvfs(router.flash)
    assert abs(size - disk.f_blocks * disk.f_frsize // 1024) <= 4


def test_openssh_scp(router, local, tmp_path):
    for size in SIZES:
        result = scp(router, f"{local}/f{size}", f"%flash:/s{size}")
        assert (result.returncode, result.stderr) == (0, b""), result
        assert (router.flash / f"s{size}").read_bytes() == content(size)
        result = scp(router, f"%flash:s{size}", f"{tmp_path}/s{size}")
        assert result.returncode == 0, result
        assert (tmp_path / f"s{size}").read_bytes() == content(size)
    assert scp(router, f"{local}/f1", "%flash:").returncode == 0
    assert (router.flash / "f1").exists()
    missing = scp(router, "%flash:missing", str(tmp_path))
    assert missing.returncode == 1
    assert b"No such file" in missing.stderr


def test_many_files(router, tmp_path):
    """More than one page of a directory, and all over again."""
    for i in range(1500):
        (router.flash / f"{i:04}-{'n' * 60}").write_bytes(b"")
    listed = sftp_ok(router, "ls -1").split("\n")
    names = sorted(line for line in listed if line.endswith("n"))
    assert names == sorted(os.listdir(router.flash))[1:]
    sftp_ok(router, "rm *")
    assert os.listdir(router.flash) == [".new"]


# --- who may ---------------------------------------------------------------

@pytest.mark.parametrize("user", ["lab", "seven"])
def test_lower_levels_are_refused(router, user):
    result = sftp(router, ["ls"], user=user)
    assert result.returncode != 0
    assert b"subsystem request failed" in result.stderr


def test_a_server_that_is_off_refuses(router_of, local):
    router = router_of(USERS)
    result = sftp(router, ["ls"])
    assert result.returncode != 0
    assert b"subsystem request failed" in result.stderr


def test_a_server_that_is_switched_off_stops_at_once(router):
    with paramiko_sftp(router) as files, \
            contextlib.closing(connect(router)) as other:
        files.listdir()
        configure(other, "no ip sftp server enable")
        try:
            # Their processes hear of it one after the other.
            wait_for(lambda: not may_list(files), "the refusal")
        finally:
            configure(other, "ip sftp server enable")
        wait_for(lambda: may_list(files), "the end of it")


def may_list(files):
    try:
        files.listdir()
    except PermissionError:
        return False
    return True


def configure(client, line):
    """By a line of its own, as admin's shell would be told."""
    shell = client.invoke_shell()
    shell.settimeout(60)
    text = b""
    for command in ("terminal length 0", "configure terminal", line, "end",
                    "exit"):
        shell.send(command + "\r")
    while True:
        try:
            more = shell.recv(4096)
        except socket.timeout:
            raise AssertionError(text)
        if not more:
            assert b"%" not in text.replace(b"%SYS", b""), text
            return
        text += more


def test_other_subsystems_are_refused(router):
    with contextlib.closing(connect(router)) as client:
        for name in ("netconf", "sftp2", "SFTP", "", "sftp\0"):
            channel = client.get_transport().open_session()
            with pytest.raises(paramiko.SSHException):
                channel.invoke_subsystem(name)


# --- PuTTY -----------------------------------------------------------------

@pytest.fixture
def putty(router, tmp_path):
    scan = run(["ssh-keyscan", "-T", "60", "-p", str(router.port),
                "127.0.0.1"])
    keys = tmp_path / "scan"
    keys.write_bytes(scan.stdout)
    listing = run(["ssh-keygen", "-lf", str(keys)]).stdout.decode()
    hostkeys = [arg for key in re.findall(r"(SHA256:\S+)", listing)
                for arg in ("-hostkey", key)]

    def call(program, *args, **options):
        return subprocess.run(
            [program, "-batch", "-P", str(router.port), "-pw", "lab",
             *hostkeys, *args],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True, timeout=120, **options)
    return call


def test_psftp(router, local, tmp_path, putty):
    script = tmp_path / "script"
    script.write_text(f"""\
put {local}/f{5 << 20} big
get big {tmp_path}/back
mkdir d
cd d
put {local}/f1000 x
ren x y
ls
cd ..
chmod 640 d/y
put {local}/f32769 "two words"
reput {local}/f32769 "two words"
del d/y
rmdir d
pwd
""")
    result = putty("psftp", "-l", "admin", "-b", str(script), "127.0.0.1")
    assert result.returncode == 0, result
    assert (tmp_path / "back").read_bytes() == content(5 << 20)
    assert (router.flash / "two words").read_bytes() == content(32769)
    assert not (router.flash / "d").exists()
    assert b"Remote directory is /flash:" in result.stdout


def test_pscp(router, local, tmp_path, putty):
    for size in SIZES:
        result = putty("pscp", "-sftp", "-p", f"{local}/f{size}",
                       "admin@127.0.0.1:flash:p")
        assert result.returncode == 0, result
        assert (router.flash / "p").read_bytes() == content(size)
        result = putty("pscp", "-sftp", "admin@127.0.0.1:flash:/p",
                       f"{tmp_path}/p")
        assert result.returncode == 0, result
        assert (tmp_path / "p").read_bytes() == content(size)
    result = putty("pscp", "-sftp", "-ls", "admin@127.0.0.1:flash:")
    assert result.returncode == 0 and b" p" in result.stdout


# --- curl, lftp, sshfs -----------------------------------------------------

def curl(router, *args):
    return run(["curl", "-sS", "-k", "-u", "admin:lab", *args])


def test_curl(router, local, tmp_path):
    url = f"sftp://127.0.0.1:{router.port}"
    for size in SIZES:
        result = curl(router, "-T", f"{local}/f{size}", f"{url}/flash:/c")
        assert result.returncode == 0, result
        assert (router.flash / "c").read_bytes() == content(size)
        result = curl(router, "-o", f"{tmp_path}/c", f"{url}/c")
        assert result.returncode == 0, result
        if size > 0:  # it makes no file of nothing
            assert (tmp_path / "c").read_bytes() == content(size)
    assert b" c" in curl(router, f"{url}/flash:/").stdout
    (router.flash / "part").write_bytes(content(5 << 20)[:100001])
    result = curl(router, "-C", "-", "-T", f"{local}/f{5 << 20}",
                  f"{url}/flash:/part")
    assert result.returncode == 0, result
    assert (router.flash / "part").read_bytes() == content(5 << 20)
    assert curl(router, f"{url}/flash:/missing").returncode == 78


def test_lftp(router, local, tmp_path):
    connect_program = ("ssh -a -x -F none -o StrictHostKeyChecking=no "
                       "-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR")
    result = subprocess.run(
        ["lftp", "-c", f"""\
set sftp:connect-program '{connect_program}'
set net:max-retries 1
set cmd:fail-exit yes
open -u admin,lab sftp://127.0.0.1:{router.port}
mkdir d
put {local}/f{5 << 20} -o d/big
get d/big -o {tmp_path}/big
mirror -R {local} all
mirror all {tmp_path}/all
mv d/big d/large
ls
rm d/large
rmdir d
"""],
        env={**environment(), "HOME": str(tmp_path)}, capture_output=True,
        timeout=120, start_new_session=True)
    assert result.returncode == 0, result
    assert (tmp_path / "big").read_bytes() == content(5 << 20)
    for size in SIZES:
        assert (router.flash / "all" / f"f{size}").read_bytes() == content(size)
        assert (tmp_path / "all" / f"f{size}").read_bytes() == content(size)
    assert not (router.flash / "d").exists()


def can_mount():
    return os.path.exists("/dev/fuse") and shutil.which("sshfs") and \
        shutil.which("fusermount3") and os.access("/dev/fuse", os.R_OK)


@pytest.mark.skipif(not can_mount(), reason="needs FUSE")
def test_sshfs(router, tmp_path):
    mount = tmp_path / "mount"
    mount.mkdir()
    result = run(["sshfs", *(o for option in SSH_OPTIONS[2:]
                             for o in ["-o", option[2:]]),
                  "-o", "password_stdin", "-F", "none", "-p",
                  str(router.port), "admin@127.0.0.1:", str(mount)],
                 input=b"lab\n")
    if result.returncode != 0 and b"mount" in result.stderr:
        pytest.skip("this machine does not let FUSE mount")
    assert result.returncode == 0, result
    try:
        (mount / "x").write_bytes(content(300000))
        assert (mount / "x").read_bytes() == content(300000)
        with open(mount / "x", "r+b") as f:
            f.seek(1000)
            f.write(b"changed")
        with open(mount / "x", "ab") as f:
            f.write(b"more")
        (mount / "d").mkdir()
        (mount / "x").rename(mount / "d" / "y")
        assert os.listdir(mount / "d") == ["y"]
        os.truncate(mount / "d" / "y", 2000)
        expected = bytearray(content(2000))
        expected[1000:1007] = b"changed"
        assert (mount / "d" / "y").read_bytes() == expected
        (mount / "d" / "y").unlink()
        (mount / "d").rmdir()
    finally:
        run(["fusermount3", "-u", str(mount)])


# --- paramiko --------------------------------------------------------------

def connect(router, user="admin"):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect("127.0.0.1", router.port, user, "lab", look_for_keys=False,
                   allow_agent=False, timeout=60, banner_timeout=60,
                   auth_timeout=60)
    return client


@contextlib.contextmanager
def paramiko_sftp(router):
    with contextlib.closing(connect(router)) as client:
        with contextlib.closing(client.open_sftp()) as files:
            yield files


def test_paramiko(router, local, tmp_path):
    with paramiko_sftp(router) as files:
        for size in SIZES:
            files.put(f"{local}/f{size}", "p")  # checks the size itself
            assert (router.flash / "p").read_bytes() == content(size)
            files.get("p", f"{tmp_path}/p")
            assert (tmp_path / "p").read_bytes() == content(size)
        assert files.normalize(".") == "/flash:"
        assert files.stat("p").st_size == 5 << 20
        assert files.lstat("/flash:/p").st_size == 5 << 20
        assert files.listdir() == ["p"] and files.listdir("/") == ["flash:"]
        assert stat.S_ISDIR(files.stat("/").st_mode)
        files.chmod("p", 0o600)
        files.utime("p", (1, 1234567890))
        assert files.stat("p").st_mtime == 1234567890
        files.mkdir("d", 0o700)
        files.rename("p", "d/q")
        with pytest.raises(OSError):
            files.rename("d/q", "d")
        with pytest.raises(FileNotFoundError):
            files.stat("p")
        with pytest.raises(FileNotFoundError):
            files.listdir("nowhere")
        with pytest.raises(OSError):
            files.rmdir("d")
        with pytest.raises(OSError):
            files.readlink("d")
        with pytest.raises(PermissionError):
            files.chown("d/q", 0, 0)
        files.remove("d/q")
        files.rmdir("d")


def test_rename_replaces_nothing(router):
    (router.flash / "a").write_bytes(b"a")
    (router.flash / "b").write_bytes(b"b")
    with paramiko_sftp(router) as files:
        with pytest.raises(OSError):
            files.rename("a", "b")
        assert (router.flash / "b").read_bytes() == b"b"
        files.posix_rename("a", "b")
    assert (router.flash / "b").read_bytes() == b"a"


def test_modes_of_open(router):
    path = router.flash / "m"
    with paramiko_sftp(router) as files:
        with pytest.raises(FileNotFoundError):
            files.open("m", "r+")
        with files.open("m", "a") as f:
            f.write(b"hello ")
        with files.open("m", "a") as f:
            f.write(b"world")
        assert path.read_bytes() == b"hello world"
        with files.open("m", "r+") as f:
            assert f.read(5) == b"hello"
            f.seek(0)
            f.write(b"HELLO")
        assert path.read_bytes() == b"HELLO world"
        with files.open("m", "w+") as f:
            f.write(b"abc")
            f.seek(0)
            assert f.read() == b"abc"
        assert path.read_bytes() == b"abc"
        with pytest.raises(OSError):
            files.open("m", "wx")
        with files.open("n", "wx") as f:
            f.write(b"x")
            f.truncate(10)
        assert (router.flash / "n").read_bytes() == b"x" + 9 * b"\0"
        files.truncate("m", 2)
        assert path.read_bytes() == b"ab"
        files.truncate("m", 5)
        assert path.read_bytes() == b"ab\0\0\0"
        files.truncate("m", 0)
        assert path.read_bytes() == b""


def test_a_new_file_does_not_replace_one_that_came_meanwhile(router):
    with paramiko_sftp(router) as files:
        f = files.open("n", "wx")
        f.write(b"mine")
        (router.flash / "n").write_bytes(b"theirs")
        f.close()  # keeps what it is answered to itself
        files.listdir()
    assert (router.flash / "n").read_bytes() == b"theirs"
    assert nothing_new(router)


def test_an_upload_is_seen_when_it_is_closed(router):
    (router.flash / "u").write_bytes(b"before")
    with paramiko_sftp(router) as files, paramiko_sftp(router) as others:
        f = files.open("u", "w")
        f.write(content(100000))
        f.flush()
        assert files.stat("u").st_size == 100000  # one's own
        assert others.stat("u").st_size == 6
        assert (router.flash / "u").read_bytes() == b"before"
        f.close()
        assert others.stat("u").st_size == 100000


def test_a_cut_upload_leaves_nothing(router):
    (router.flash / "old").write_bytes(b"before")
    client = connect(router)
    files = client.open_sftp()
    opened = [files.open(name, "w") for name in ("old", "fresh", "third")]
    for f in opened:
        f.write(content(300000))
        f.flush()
    files.stat("third")  # all of it has arrived
    assert len(list((router.flash / ".new").iterdir())) == 3
    client.get_transport().sock.shutdown(socket.SHUT_RDWR)
    wait_for(lambda: nothing_new(router), "the end of unfinished files")
    client.close()
    assert sorted(os.listdir(router.flash)) == [".new", "old"]
    assert (router.flash / "old").read_bytes() == b"before"


def test_a_channel_that_ends_leaves_nothing(router):
    """The connection stays, and so does the other channel's file."""
    with contextlib.closing(connect(router)) as client:
        one, two = client.open_sftp(), client.open_sftp()
        first, second = one.open("first", "w"), two.open("second", "w")
        assert first.handle == second.handle  # of two channels: two files
        first.write(b"1" * 50000)
        second.write(b"2" * 50000)
        first.flush()
        second.flush()
        one.stat("first"), two.stat("second")
        one.get_channel().close()
        wait_for(lambda: len(list((router.flash / ".new").iterdir())) == 1,
                 "the end of one file")
        second.close()
        assert two.listdir() == ["second"]
    assert (router.flash / "second").read_bytes() == b"2" * 50000


def test_handles_end(router):
    with paramiko_sftp(router) as files:
        (router.flash / "x").write_bytes(b"x")
        opened = [files.open("x") for _ in range(20)]
        opened += [files.open(f"w{i}", "w") for i in range(12)]
        with pytest.raises(OSError):
            files.open("x")
        for f in opened:
            f.close()
        with files.open("x") as f:
            assert f.read() == b"x"


def test_many_channels_have_many_files(router):
    (router.flash / "x").write_bytes(b"x")
    with contextlib.closing(connect(router)) as client:
        opened = []
        for _ in range(8):
            files = client.open_sftp()
            opened += [files.open("x") for _ in range(31)]
        assert all(f.read() == b"x" for f in opened)


def test_listing_while_files_come_and_go(router):
    for i in range(500):
        (router.flash / f"n{i:03}{'x' * 100}").write_bytes(b"")
    with paramiko_sftp(router) as files:
        listed = files.listdir_iter("/flash:")
        next(listed)
        for path in router.flash.glob("n4*"):
            path.unlink()
        names = [entry.filename for entry in listed]
        assert len(names) == len(set(names)) and len(names) >= 399


# --- asyncssh --------------------------------------------------------------

def test_asyncssh(router, local, tmp_path):
    async def conversation():
        async with asyncssh.connect(
                "127.0.0.1", router.port, username="admin", password="lab",
                known_hosts=None, config=None, client_keys=None,
                agent_path=None) as conn:
            async with conn.start_sftp_client() as files:
                await files.put(str(local), "all", recurse=True, preserve=True)
                await files.get("all", str(tmp_path / "all"), recurse=True)
                await files.mput(str(local / "f1*"), "/flash:")
                assert await files.exists("f1000")
                assert not await files.exists("f9")
                assert await files.realpath(".") == "/flash:"
                await files.rename("f1", "one")
                await files.remove("one")
                space = await files.statvfs("/flash:")
                assert space.blocks >= space.bfree > 0
                async with files.open("o", "w") as f:
                    await f.write("text")
                    await f.fsync()
                    await f.seek(1)
                    await f.write("E")
                async with files.open("o") as f:
                    assert await f.read() == "tExt"
                await asyncio.gather(*(
                    files.get(f"all/f{size}", str(tmp_path / f"p{i}-{size}"))
                    for i in range(3) for size in SIZES))
    asyncio.run(conversation())
    for size in SIZES:
        for path in (router.flash / "all" / f"f{size}",
                     tmp_path / "all" / f"f{size}", tmp_path / f"p2-{size}"):
            assert path.read_bytes() == content(size)


def test_a_shell_works_beside_a_transfer(router, local, tmp_path):
    (router.flash / "big").write_bytes(content(5 << 20) * 4)

    async def conversation():
        async with asyncssh.connect(
                "127.0.0.1", router.port, username="admin", password="lab",
                known_hosts=None, config=None, client_keys=None,
                agent_path=None) as conn:
            async with conn.start_sftp_client() as files:
                transfer = asyncio.gather(
                    files.get("big", str(tmp_path / "big")),
                    files.put(f"{local}/f{5 << 20}", "other"))
                for _ in range(5):
                    result = await conn.run("show privilege")
                    assert "privilege level is 15" in result.stdout
                await transfer
    asyncio.run(conversation())
    assert (tmp_path / "big").read_bytes() == content(5 << 20) * 4
    assert (router.flash / "other").read_bytes() == content(5 << 20)
