"""copy from and to other hosts: the dialogues, what is shown, and servers that
do not behave (hardening 8.2)."""
import os
import re
import socket
import stat

import pytest
from console import attach
from far_host import FarHost, program, receive, receive_line
from router import CONFIG, Router, wait_for
from session import Session
from test_files import small_disk  # noqa: F401

QUESTION = r"(\]\? |\[confirm\]|Password: |\n[\w.-]+[>#])$"
RATE = r"(\d+) bytes copied in \d+\.\d{3} secs \(\d+ bytes/sec\)\n"
SFTP = "/usr/lib/openssh/sftp-server"
WARNING = ("%Warning:There is a file already existing with this name \n"
           "Do you want to over write? [confirm]")


@pytest.fixture(scope="module")
def plain():
    with Router(config=CONFIG + "hostname R1\n"
                "username low privilege 7 secret 5 "
                "$1$mERr$fkBP9ONQItjeJIjNZlaSA.\n"
                "privilege exec level 7 copy\n",
                keys=("ed25519",)) as one:
        yield one


@pytest.fixture(scope="module")
def user(plain):
    with Session(plain, enable="cisco") as one:
        yield one


@pytest.fixture
def flash(plain):
    """flash:, without a file."""
    directory = plain.state / "flash"
    for path in directory.iterdir():
        if path.name != ".new":
            path.unlink()
    return directory


@pytest.fixture(scope="module")
def there(tmp_path_factory):
    """Where the far user's files are."""
    return tmp_path_factory.mktemp("there")


@pytest.fixture(scope="module")
def far(there):
    """A host whose scp and SFTP are OpenSSH's."""
    with FarHost(command=program(directory=there),
                 subsystem=program(SFTP, directory=there)) as one:
        yield one


def say(session, line, *answers, prompt="#"):
    """Type the line and an answer for each question; all that was shown
    behind the line, up to the prompt."""
    seen = session.type(line + "\n", QUESTION)
    for answer in answers:
        assert not seen.endswith(prompt), seen
        seen += session.type(answer, QUESTION)
    assert seen.endswith(prompt), seen
    text = seen.replace("\r\n", "\n").partition("\n")[2]
    return text[:text.rfind("\n") + 1]


def is_clean(flash):
    """Nothing unfinished lies about."""
    return list((flash / ".new").iterdir()) == []


# --- files that come ----------------------------------------------------------

def test_a_file_comes_with_all_questions(user, far, flash, there):
    (there / "CSR.txt").write_bytes(b"x" * 7569)
    (there / "CSR.txt").chmod(0o644)
    # A port has no question: it is in the name, or it is 22.
    text = say(user, f"copy scp://127.0.0.1:{far.port} flash:", "\n",
               "CSR.txt\n", "\n", "lab\n")
    assert re.fullmatch(
        r"Source username \[lab\]\? " "\n"
        r"Source filename \[\]\? CSR.txt" "\n"
        r"Destination filename \[CSR.txt\]\? " "\n"
        "Password: \n"
        " Sending file modes: C0644 7569 CSR.txt\n"
        "!\n" + RATE, text)
    assert "7569 bytes copied" in text
    assert (flash / "CSR.txt").read_bytes() == b"x" * 7569
    assert stat.S_IMODE((flash / "CSR.txt").stat().st_mode) == 0o600
    assert far.asked[-1] == "scp -f CSR.txt"


def test_a_file_comes_by_sftp(user, far, flash, there):
    (there / "a").write_bytes(b"x" * 100_000)
    text = say(user, f"copy sftp://lab@127.0.0.1:{far.port}/a flash:b", "\n",
               "lab\n")
    assert re.fullmatch(r"Destination filename \[b\]\? " "\nPassword: \n"
                        "!{12}\n" + RATE, text)
    assert (flash / "b").read_bytes() == b"x" * 100_000


def test_a_file_goes(user, far, flash, there):
    (flash / "request.pem").write_bytes(b"p" * 1309)
    text = say(user, f"copy flash:request.pem scp://127.0.0.1:{far.port}",
               "\n", "\n", "lab\n")
    assert re.fullmatch(
        r"Destination username \[lab\]\? " "\n"
        r"Destination filename \[request.pem\]\? " "\n"
        "Writing request.pem \n"
        "Password: \n"
        " Sink: C0644 1309 request.pem\n"
        "!\n" + RATE, text)
    assert (there / "request.pem").read_bytes() == b"p" * 1309
    text = say(user, f"copy flash:request.pem sftp://lab@127.0.0.1:{far.port}"
               "/by-sftp", "\n", "lab\n")
    assert re.fullmatch(
        r"Destination filename \[by-sftp\]\? " "\n"
        "Writing by-sftp \nPassword: \n!\n" + RATE, text)
    assert (there / "by-sftp").read_bytes() == b"p" * 1309


SIZES = {"0 B": 0, "1 B": 1, "5 MiB": 5 << 20}


@pytest.mark.parametrize("scheme", ["scp", "sftp"])
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_files_of_any_size_come_back_as_they_went(user, far, flash, there,
                                                  scheme, size):
    data = os.urandom(size)
    (flash / "sized").write_bytes(data)
    url = f"{scheme}://lab:lab@127.0.0.1:{far.port}/sized"
    text = say(user, f"copy flash:sized {url}", "\n")
    assert f"\n{size} bytes copied in " in text
    assert (there / "sized").read_bytes() == data
    text = say(user, f"copy {url} flash:back", "\n")
    assert f"\n{size} bytes copied in " in text
    assert (flash / "back").read_bytes() == data
    # One for each 8 KiB, one at least, seventy on a line.
    marks = re.findall(r"^!+$", text, re.M)
    assert sum(map(len, marks)) == max(1, size // 8192)
    assert all(len(line) == 70 for line in marks[:-1])


def test_with_everything_given_nothing_is_asked_but_the_target(user, far,
                                                               flash, there):
    (there / "x").write_text("X\n")
    url = f"scp://lab:lab@127.0.0.1:{far.port}/x"
    assert say(user, f"copy {url} flash:", "\n").startswith(
        "Destination filename [x]? \n Sending file modes: C0")
    text = say(user, f"copy {url} flash:x", "\n", "n")
    assert text == f"Destination filename [x]? \n{WARNING}n\n"
    say(user, f"copy {url} flash:x", "\n", "\r")
    user.configure("file prompt quiet")
    try:
        assert say(user, f"copy {url} flash:x").startswith(
            " Sending file modes: C0")
        (there / "up").unlink(missing_ok=True)
        say(user, f"copy flash:x scp://lab:lab@127.0.0.1:{far.port}/up")
        assert (there / "up").read_text() == "X\n"
        # Without it there is nothing to do.
        assert say(user, "copy scp: flash:x", "\n").startswith(
            "Address or name of remote host []? \n%Error opening scp://*:*@/ ")
    finally:
        user.configure("file prompt alert")


def test_noisy_prompts_ask_for_what_was_given(user, far, flash, there):
    (there / "x").write_text("X\n")
    user.configure("file prompt noisy")
    try:
        text = say(user, f"copy sftp://nobody:lab@127.0.0.1:{far.port}/none "
                   "flash:", "\n", "lab\n", "x\n", "noisy\n")
    finally:
        user.configure("file prompt alert")
    assert text.startswith("Address or name of remote host [127.0.0.1]? \n"
                           "Source username [nobody]? lab\n"
                           "Source filename [none]? x\n"
                           "Destination filename [x]? noisy\n")
    assert (flash / "noisy").read_text() == "X\n"


def test_answers_fill_what_the_line_left_out(user, far, flash, there):
    (there / "dir").mkdir(exist_ok=True)
    (flash / "x").write_text("X\n")
    # Names of hosts and files without a host; a directory; the root.
    text = say(user, "copy scp:dir/x flash:", "999.1.1.1.invalid/\n")
    assert text.endswith("%Error opening scp://*:*@/dir/x (Invalid argument)\n")
    say(user, f"copy flash:x scp://lab:lab@127.0.0.1:{far.port}/dir/", "\n")
    assert (there / "dir" / "x").read_text() == "X\n"
    text = say(user, f"copy flash: sftp://lab:lab@127.0.0.1:{far.port}/{there}"
               "/dir/y", "x\n", "\n")
    assert text.startswith("Source filename []? x\nDestination filename "
                           f"[{there}/dir/y]? \nWriting y \n!\n")
    assert (there / "dir" / "y").read_text() == "X\n"
    text = say(user, f"copy scp://lab:lab@127.0.0.1:{far.port}//{there}/dir/y "
               "null:")
    assert "\n2 bytes copied" in text


def test_a_host_by_its_ipv6_address(user, flash, there):
    (there / "x").write_text("X\n")
    with FarHost(command=program(directory=there), address="::1") as six:
        text = say(user, f"copy scp://lab:lab@[::1]:{six.port}/x flash:", "\n")
        assert "2 bytes copied" in text
        text = say(user, f"copy scp://lab:lab@[::1]:{six.port}/none flash:",
                   "\n")
        assert text.endswith(f"%Error opening scp://*:*@[::1]:{six.port}/none "
                             "(No such file or directory)\n")


def test_names_with_blanks_and_quotes_reach_the_far_shell_whole(user, far,
                                                                flash, there):
    for name in ("a b", "it's", "$(touch pwned)", "`id`", "-rf", "a;b", "~"):
        (there / name).write_text(name)
        text = say(user, f"copy scp://lab:lab@127.0.0.1:{far.port} flash:got",
                   name + "\n", "\n")
        assert "bytes copied" in text, text
        assert (flash / "got").read_text() == name
        (flash / "got").unlink()
    assert not (there / "pwned").exists()
    say(user, f"copy scp://lab:lab@127.0.0.1:{far.port}/a%20b flash:got", "\n")
    assert (flash / "got").read_text() == "a b"


def test_the_password_is_nowhere(user, plain, far, flash, there):
    (there / "x").write_text("X\n")
    for url in (f"scp://lab:SeCrEt9@127.0.0.1:{far.port}/x",
                "scp://lab:SeCrEt9@/x", "scp://lab:SeCrEt9/x"):
        seen = user.type(f"copy {url} flash:secret\n", QUESTION)
        if seen.endswith("]? "):
            seen = user.type("\n", QUESTION)
        while not seen.endswith("#"):
            seen = user.type("\x03", QUESTION)
    assert far.logins[-1] == ("lab", "SeCrEt9")
    history = user.command("show history")
    assert "copy scp://lab:" in history and "SeCrEt9" not in history
    # The line is offered again without it.
    recalled = user.type("\x10\x10", r"copy scp://lab:")
    user.type("\x15\n")
    assert "SeCrEt9" not in recalled
    assert "SeCrEt9" not in plain.log()


# --- configurations -----------------------------------------------------------

def test_configurations_go(user, plain, far, there):
    url = f"scp://lab:lab@127.0.0.1:{far.port}"
    text = say(user, f"copy running-config {url}", "\n")
    assert re.fullmatch(
        r"Destination filename \[r1-confg\]\? " "\n"
        r"Writing r1-confg " "\n" r" Sink: C0644 \d+ r1-confg" "\n!\n" + RATE, text)
    assert (there / "r1-confg").read_text().endswith("\nend\n")
    assert "hostname R1" in (there / "r1-confg").read_text()
    say(user, f"copy startup-config {url}/start", "\n")
    assert (there / "start").read_text() == \
        (plain.state / "startup-config").read_text()
    say(user, f"copy nvram:startup-config s{url[1:].replace('cp', 'ftp', 1)}"
        "/start2", "\n")
    assert (there / "start2").read_text() == (there / "start").read_text()


def test_a_configuration_is_merged_line_by_line(user, plain, far, there):
    (there / "merge").write_text("hostname R1\nfoo bar\nip ssh time-out 77\n")
    for scheme in ("scp", "sftp"):
        text = say(user, f"copy {scheme}://lab:lab@127.0.0.1:{far.port}/merge "
                   "running-config", "\n")
        assert re.fullmatch(
            r"Destination filename \[running-config\]\? " "\n"
            r"( Sending file modes: C0\d+ 39 merge" "\n)?"
            "!\nfoo bar\n"
            r" \^" "\n"
            "% Invalid input detected at '\\^' marker.\n\n" + RATE, text)
        assert "ip ssh time-out 77" in user.command("show running-config")
        plain.wait_log(r"%SYS-5-CONFIG_I: Configured from "
                       rf"{scheme}://\*:\*@127\.0\.0\.1:\d+/merge by "
                       r"lab on vty\d+ \(127\.0\.0\.1\)$")
        user.configure("no ip ssh time-out")


def test_a_configuration_becomes_that_of_the_next_start(user, plain, far,
                                                        there):
    url = f"scp://lab:lab@127.0.0.1:{far.port}"
    before = (plain.state / "startup-config").read_text()
    (there / "next").write_text(before + "! new\n")
    text = say(user, f"copy {url}/next startup-config", "\n")
    assert "\n[OK]\n" in text
    assert (plain.state / "startup-config").read_text() == before + "! new\n"
    for bad in (b"", b"hostname\0R1\n"):
        (there / "bad").write_bytes(bad)
        text = say(user, f"copy {url}/bad startup-config", "\n")
        assert text.endswith("%Error writing nvram:/startup-config "
                             "(Invalid argument)\n")
    (there / "bad").write_bytes(b"!" * (4 * 1024 * 1024 + 1))
    text = say(user, f"copy {url}/bad startup-config", "\n")
    assert text.endswith("(File too large)\n")
    assert (plain.state / "startup-config").read_text() == before + "! new\n"


def test_lower_levels_move_files_but_no_configurations(plain, far, there):
    (there / "x").write_text("username evil privilege 15\n")
    url = f"scp://lab:lab@127.0.0.1:{far.port}/x"
    with Session(plain, user="low") as low:
        for line in (f"copy {url} running-config", f"copy {url} startup-config",
                     f"copy running-config {url}", f"copy startup-config {url}"):
            assert say(low, line, "\n").endswith("(Permission denied)\n")
        assert "bytes copied" in say(low, f"copy {url} null:")


def test_scripts_copy_as_well(plain, far, flash, there):
    (there / "x").write_text("X\n")
    import openssh
    with Session(plain):
        url = f"scp://lab@127.0.0.1:{far.port}/x"
        done = openssh.run(plain, f"copy {url} flash:exec\n", user="low",
                           stdin=b"\nlab\n")
        assert done.returncode == 0, done
        assert b"2 bytes copied" in done.stdout
        assert (flash / "exec").read_text() == "X\n"
        done = openssh.run(plain, f"copy {url} flash:none\n", user="low",
                           stdin=b"\nwrong\nwrong\nwrong\n")
        assert done.returncode == 1 and not (flash / "none").exists()
        # Its answers end before it has logged in.
        done = openssh.run(plain, f"copy {url} flash:none\n", user="low",
                           stdin=b"\n")
        assert done.returncode == 1 and not (flash / "none").exists()
    (flash / "exec").unlink()
    wait_for(lambda: is_clean(flash), "the end of unfinished files")


# --- what goes wrong ----------------------------------------------------------

@pytest.fixture
def closed_port():
    """A port that nobody listens on, and nobody else gets meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def test_reasons(user, far, flash, there, closed_port):
    (flash / "x").write_text("X\n")
    (there / "folder").mkdir(exist_ok=True)
    for scheme in ("scp", "sftp"):
        url = f"{scheme}://lab:lab@127.0.0.1:{far.port}"
        shown = f"{scheme}://*:*@127.0.0.1:{far.port}"

        def error(doing, path, reason):
            return f"%Error {doing} {shown}/{path} ({reason})\n"
        text = say(user, f"copy {url}/none flash:y", "\n")
        assert text.endswith("]? \n" + error("opening", "none",
                                             "No such file or directory"))
        text = say(user, f"copy {url}/folder flash:y", "\n")
        assert re.search(r"\([Nn]ot a regular file\)\n$", text), text
        text = say(user, f"copy flash:x {url}/none/x", "\n")
        assert text.endswith("No such file or directory)\n"), text
        text = say(user, f"copy {scheme}://lab@127.0.0.1:{far.port}/x flash:y",
                   "\n", *3 * ["wrong\n"])
        assert text.endswith(error("opening", "x", "Permission denied"))
        text = say(user, f"copy {scheme}://lab@127.0.0.1:{closed_port}/x "
                   "flash:y", "\n")
        assert text.endswith(f"%Error opening {scheme}://*:*@127.0.0.1:"
                             f"{closed_port}/x (Connection refused)\n")
        text = say(user, f"copy {url}/x flash:/none/y", "\n")
        assert text.endswith("%Error opening flash:/none/y "
                             "(No such file or directory)\n")
        text = say(user, f"copy flash:none {url}/x", "\n")
        assert text.endswith("%Error opening flash:/none "
                             "(No such file or directory)\n")
        text = say(user, f"copy {url}/x {url}/y")
        assert text == error("opening", "x", "Operation not supported")
        assert say(user, f"copy {url}%/x flash:y").endswith(
            "/ (Invalid argument)\n")
    # The password in the line is used once; then it is asked for.
    text = say(user, f"copy scp://lab:wrong@127.0.0.1:{far.port}/none flash:y",
               "\n", "lab\n")
    assert text.count("Password: ") == 1 and "No such file" in text
    assert not (flash / "y").exists()
    wait_for(lambda: is_clean(flash), "the end of unfinished files")


def test_a_name_that_means_nobody(user):
    user.configure("no ip domain lookup")
    try:
        text = say(user, "copy scp://lab@nowhere/x flash:y", "\n")
    finally:
        user.configure("ip domain lookup")
    assert text.endswith("%Error opening scp://*:*@nowhere/x (Unknown host)\n")


def test_hosts_without_the_protocol(user, flash):
    def complain(channel, command):
        channel.sendall_stderr(b"sh: 1: \x1b[31mscp: not found\r\n")
        channel.send_exit_status(127)

    with FarHost(command=complain) as far:
        text = say(user, f"copy scp://lab:lab@127.0.0.1:{far.port}/x flash:y",
                   "\n")
        assert text.endswith("/x (sh: 1: \\x1b[31mscp: not found)\n")
        text = say(user, f"copy sftp://lab:lab@127.0.0.1:{far.port}/x flash:y",
                   "\n")
        assert text.endswith("/x (the peer does not speak SFTP)\n")
        far.command = None
        text = say(user, f"copy scp://lab:lab@127.0.0.1:{far.port}/x flash:y",
                   "\n")
        assert text.endswith("/x (the peer does not carry out the command)\n")
    wait_for(lambda: is_clean(flash), "the end of unfinished files")


def get(user, command=None, subsystem=None, name="flash:x"):
    """What copy says of a file of such a host."""
    scheme = "scp" if command else "sftp"
    with FarHost(command=command, subsystem=subsystem) as far:
        text = say(user, f"copy {scheme}://lab:lab@127.0.0.1:{far.port}/x "
                   f"{name}", "\n")
    assert "\x1b" not in text and "\x07" not in text
    return text


def source(*pieces):
    """scp -f, that says this and waits for an answer where None is."""
    def serve(channel, command):
        receive(channel, 1)
        for piece in pieces:
            if piece is None:
                receive(channel, 1)
            else:
                channel.sendall(piece)
    return serve


GOOD_SOURCES = {
    "another name": (b"C0644 2 passwd\n", None, b"X\n\0", None),
    "times": (b"T1 0 1 0\n", None, b"C0644 2 x\n", None, b"X\n\0", None),
    "setuid": (b"C4755 2 x\n", None, b"X\n\0", None),
    "a name for a screen": (b"C0644 2 \x1b[2J\x07x\n", None, b"X\n\0", None),
    "without waiting": (b"C0644 2 x\nX\n\0",),
    "byte by byte": (*(b"%c" % byte for byte in b"C0644 2 x\nX\n\0"), None),
}


@pytest.mark.parametrize("pieces", GOOD_SOURCES.values(), ids=GOOD_SOURCES)
def test_only_the_bytes_of_a_source_count(user, flash, pieces):
    text = get(user, command=source(*pieces))
    assert "\n2 bytes copied" in text, text
    assert sorted(path.name for path in flash.iterdir()) == [".new", "x"]
    assert (flash / "x").read_text() == "X\n"
    assert stat.S_IMODE((flash / "x").stat().st_mode) == 0o600


BAD_SOURCES = {
    "nothing": (),
    "a way out": (b"C0644 2 ../x\n",),
    "the parent": (b"C0644 2 ..\n",),
    "itself": (b"C0644 2 .\n",),
    "no name": (b"C0644 2 \n",),
    "a directory": (b"D0755 0 x\n", None, b"C0644 2 x\n", None, b"X\n\0"),
    "an end of a directory": (b"E\n",),
    "two files": (b"C0644 2 x\n", None, b"X\n\0", None, b"C0644 2 y\n", None,
                  b"Y\n\0", None),
    "size -1": (b"C0644 -1 x\n", None, b"X\n\0"),
    "size of 20 digits": (b"C0644 99999999999999999999 x\n", None, b"X"),
    "size beyond the disk": (b"C0644 9223372036854775807 x\n", None, b"X"),
    "no size": (b"C0644 x\n",),
    "mode garbage": (b"Cwxyz 2 x\n",),
    "too short": (b"C0644 5 x\n", None, b"X\n\0"),
    "too long": (b"C0644 2 x\n", None, b"X\nmore and more\0"),
    "no last word": (b"C0644 2 x\n", None, b"X\n\2no\n"),
    "early end": (b"C0644 100000 x\n", None, b"X" * 50000),
    "a long line": (b"C0644 2 " + b"x" * 4096 + b"\n",),
    "endless line": (b"\1" + b"x" * 100_000,),
    "an error for a screen": (b"\1scp: x: \x1b[2J\x1b]0;x\x07gone\n",),
    "the last error": (b"\2scp: x: \xff\xfe\n",),
    "times that overflow": (b"T99999999999999999999 0 1 0\n",),
}


@pytest.mark.parametrize("pieces", BAD_SOURCES.values(), ids=BAD_SOURCES)
def test_sources_that_lie_leave_nothing(user, flash, pieces):
    text = get(user, command=source(*pieces))
    assert re.search(r"\n%Error [^\n]+\)\n$", text), text
    assert [path.name for path in flash.iterdir()] == [".new"]
    wait_for(lambda: is_clean(flash), "the end of unfinished files")


def test_the_reasons_of_a_source_are_for_screens(user, flash):
    text = get(user, command=source(*BAD_SOURCES["an error for a screen"]))
    assert text.endswith("/x (\\x1b[2J\\x1b]0;x\\x07gone)\n")
    text = get(user, command=source(b"\1%Error opening flash:x (File not "
                                    b"found)\n"))
    assert text.endswith("/x (File not found)\n")
    text = get(user, command=source(*BAD_SOURCES["size beyond the disk"]))
    assert text.endswith("%Error writing flash:/x (No space left on device)\n")
    text = get(user, command=source(*BAD_SOURCES["early end"]))
    assert re.search(r"%Error reading scp://\*:\*@127\.0\.0\.1:\d+/x "
                     r"\(Connection closed by remote host\)\n$", text), text


def sink(*pieces):
    """scp -t, that says this; where a number is, so many bytes come."""
    def serve(channel, command):
        for piece in pieces:
            if isinstance(piece, int):
                receive(channel, piece)
            elif piece is None:
                receive_line(channel)
            else:
                channel.sendall(piece)
    return serve


BAD_SINKS = {
    "nothing": (),
    "an error": (b"\1scp: x: Permission denied\n",),
    "the last error": (b"\2scp: x: \x1b[2JNo\n",),
    "no room": (b"\0", None, b"\1scp: x: No space left on device\n"),
    "at its end": (b"\0", None, b"\0", 100_001,
                   b"\1scp: x: Disk quota exceeded\n"),
    "garbage": (b"Z\n",),
    "an answer too many": (b"\0\0\0\0\0",),
    "in the middle": (b"\0", None, b"\0", 50_000),
}


@pytest.mark.parametrize("pieces", BAD_SINKS.values(), ids=BAD_SINKS)
def test_sinks_that_take_nothing(user, flash, pieces):
    (flash / "x").write_bytes(b"x" * 100_000)
    with FarHost(command=sink(*pieces)) as far:
        text = say(user, f"copy flash:x scp://lab:lab@127.0.0.1:{far.port}/x",
                   "\n")
    assert re.search(r"\n%Error [^\n]+\)\n$", text), text
    assert "\x1b" not in text


@pytest.mark.parametrize("scheme", ["scp", "sftp"])
def test_a_full_disk_leaves_the_old_file(small_disk, far, there, scheme):
    (there / "large").write_bytes(b"x" * 3_000_000)
    with Router(small_disk) as router:
        attach(router)
        flash = router.state / "flash"
        (flash / "filling").write_bytes(b"x" * 3_000_000)
        (flash / "old").write_text("old\n")
        # Three of six are taken, and one stays free in any case.
        text = attach(router, f"copy {scheme}://lab:lab@127.0.0.1:{far.port}"
                      "/large flash:old", "", "y", "write memory").stdout
        assert "%Error writing flash:/old (No space left on device)\n" in text
        assert "[OK]" in text
        assert (flash / "old").read_text() == "old\n"
        wait_for(lambda: is_clean(flash), "the end of unfinished files")


# --- SFTP servers -------------------------------------------------------------

def number(value, size=4):
    return value.to_bytes(size, "big")


def string(data):
    return number(len(data)) + data


def packet(kind, *parts):
    body = bytes([kind]) + b"".join(parts)
    return number(len(body)) + body


VERSION, HANDLE = packet(2, number(3)), packet(102, number(0), string(b"h"))


def attributes(size=None, mode=0o100644):
    flags = 4 | (1 if size is not None else 0)
    return packet(105, number(1), number(flags),
                  number(size, 8) if size is not None else b"", number(mode))


def status(request, code, text=b"x"):
    return packet(101, number(request), number(code), string(text),
                  string(b"en"))


def server(*pieces):
    """An SFTP server that says one piece for each request."""
    def serve(channel, name):
        for piece in pieces:
            receive(channel, int.from_bytes(receive(channel, 4), "big"))
            channel.sendall(piece)
        # It hears no more and stays, until the router goes.
        while channel.recv(65536):
            pass
    return serve


BAD_SERVERS = {
    "version 2": (packet(2, number(2)),),
    "version 6": (packet(2, number(6)),),
    "a length of 4 GiB": (b"\xff\xff\xff\xff\x02",),
    "a length of 0": (b"\0\0\0\0\x02",),
    "a handle of 257": (VERSION, packet(102, number(0), string(b"h" * 257))),
    "no handle": (VERSION, packet(102, number(0), string(b""))),
    "somebody else's handle": (VERSION, packet(102, number(9), string(b"h"))),
    "refused for a screen": (VERSION, status(0, 4, b"\x1b[2J\x07no")),
    "a directory": (VERSION, HANDLE, attributes(4096, 0o040755)),
    "a device": (VERSION, HANDLE, attributes(None, 0o020666)),
    "2^64-1 bytes": (VERSION, HANDLE, attributes(2 ** 64 - 1)),
    "shorter": (VERSION, HANDLE, attributes(10),
                packet(103, number(2), string(b"12345")), status(3, 1)),
    "longer": (VERSION, HANDLE, attributes(2),
               packet(103, number(2), string(b"12345"))),
    "data of nobody": (VERSION, HANDLE, attributes(2),
                       packet(103, number(77), string(b"X\n"))),
    "data without end": (VERSION, HANDLE, attributes(2),
                         packet(103, number(2), string(b""))),
    "data that lies": (VERSION, HANDLE, attributes(2),
                       number(20) + b"\x67" + number(2) + number(2 ** 31)),
    "no rights": (VERSION, HANDLE, attributes(2), status(2, 3)),
    "another packet": (VERSION, HANDLE, packet(104, number(1), number(0))),
}


@pytest.mark.parametrize("pieces", BAD_SERVERS.values(), ids=BAD_SERVERS)
def test_servers_that_lie_leave_nothing(user, flash, pieces):
    text = get(user, subsystem=server(*pieces))
    assert re.search(r"\n%Error [^\n]+\)\n$", text), text
    assert [path.name for path in flash.iterdir()] == [".new"]
    wait_for(lambda: is_clean(flash), "the end of unfinished files")


def test_a_configuration_without_end_is_cut_off(user):
    """It says nothing of its size, and sends on and on."""
    def serve(channel, name):
        for answer in (VERSION, HANDLE, attributes()):
            receive(channel, int.from_bytes(receive(channel, 4), "big"))
            channel.sendall(answer)
        while True:
            request = receive(channel, int.from_bytes(receive(channel, 4),
                                                      "big"))
            channel.sendall(packet(103, request[1:5],
                                   string(b"!" * 32767 + b"\n")))
    text = get(user, subsystem=serve, name="running-config")
    assert text.endswith("(File too large)\n"), text


# --- ends in the middle -------------------------------------------------------

def test_an_interrupt_removes_what_has_come(user, plain, flash):
    def serve(channel, command):
        source(b"C0644 1000000 x\n", None, b"x" * 500_000)(channel, command)
        channel.recv(1)

    def middle():
        """Some of it is in the file."""
        return any(path.stat().st_size >= 100_000
                   for path in (flash / ".new").iterdir())
    (flash / "x").write_text("before")
    with FarHost(command=serve) as far:
        for key in ("\x03", "\x1e"):
            user.type(f"copy scp://lab:lab@127.0.0.1:{far.port}/x flash:x\n",
                      QUESTION)
            user.type("\n", r"\[confirm\]$")
            user.channel.send("\n")
            user.until(r"C0644 1000000 x\r\n!+")
            wait_for(middle, "the first half")
            seen = user.type(key)
            assert seen.endswith("% Connection aborted by user\r\nR1#"), seen
            wait_for(lambda: is_clean(flash), "the end of unfinished files")
            wait_for(lambda: not plain.children("client"), "its worker's end")
    assert (flash / "x").read_text() == "before"


@pytest.mark.parametrize("who", ["far host", "worker", "session"])
def test_the_end_of_anybody_leaves_nothing(plain, flash, who):
    def serve(channel, command):
        source(b"C0644 1000000 x\n", None, b"x" * 500_000)(channel, command)
        channel.recv(1)

    with FarHost(command=serve) as far, \
            Session(plain, enable="cisco") as session:
        session.type(f"copy scp://lab:lab@127.0.0.1:{far.port}/x flash:x\n",
                     QUESTION)
        session.channel.send("\n")
        session.until(r"C0644 1000000 x\r\n!+")
        if who == "far host":
            far.drop()
            assert "Connection closed by remote host" in session.until("R1#$")
        elif who == "worker":
            os.kill(plain.children("client")[0], 9)
            assert "%Error reading scp://" in session.until("R1#$")
        else:
            session.client.close()
        wait_for(lambda: is_clean(flash), "the end of unfinished files")
        wait_for(lambda: not plain.children("client"), "its worker's end")
    assert not (flash / "x").exists()


def test_two_at_once_do_not_mix(plain, far, flash, there):
    for name in ("one", "two"):
        (there / name).write_bytes(name.encode() * 300_000)
    with Session(plain, enable="cisco") as first, \
            Session(plain, enable="cisco") as second:
        for session, name in ((first, "one"), (second, "two")):
            session.type(f"copy scp://lab:lab@127.0.0.1:{far.port}/{name} "
                         f"flash:{name}\n", QUESTION)
        for session in (first, second):
            session.channel.send("\n")
        for session in (first, second):
            assert "900000 bytes copied" in session.until("R1#$")
    for name in ("one", "two"):
        assert (flash / name).read_bytes() == (there / name).read_bytes()
