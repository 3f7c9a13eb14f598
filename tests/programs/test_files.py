"""Files as users have them: dir, more, copy, delete and their relatives."""
import hashlib
import os
import re
import resource
import socket
import stat
import subprocess

import openssh
import pytest
from console import attach
from router import CONFIG, Router, wait_for
from session import Session

QUESTION = r"(\]\? |\[confirm\]|\n[\w.-]+[>#])$"
DATE = r" *[A-Z][a-z]{2} \d{1,2} \d{4} \d\d:\d\d:\d\d \+00:00"
TOTAL = r"\n\d+ bytes total \(\d+ bytes free\)\n"
RATE = r"(\d+) bytes copied in \d+\.\d{3} secs \(\d+ bytes/sec\)\n"
NO_FILE = "No such file or directory"
LARGE = 100 * 1024 * 1024
# A copy of it does not come to its end before somebody ends it.
ENDLESS = 3 << 30


@pytest.fixture(scope="module")
def plain():
    with Router(config=CONFIG + "hostname R1\nusername low privilege 7 "
                "secret 5 $1$mERr$fkBP9ONQItjeJIjNZlaSA.\n",
                keys=("ed25519",)) as one:
        yield one


@pytest.fixture(scope="module")
def user(plain):
    with Session(plain, enable="cisco") as one:
        yield one


@pytest.fixture(scope="module")
def flash(plain):
    return plain.state / "flash"


def say(session, line, *answers):
    """Type the line and an answer for each question; all that was shown
    behind the line, up to the prompt."""
    seen = session.type(line + "\n", QUESTION)
    for answer in answers:
        assert not seen.endswith("#"), seen
        seen += session.type(answer, QUESTION)
    assert seen.endswith("#"), seen
    text = seen.replace("\r\n", "\n").partition("\n")[2]
    return text[:text.rfind("\n") + 1]


def is_clean(flash):
    """Nothing unfinished lies about."""
    return list((flash / ".new").iterdir()) == []


# --- dir ----------------------------------------------------------------------

def test_dir_has_the_layout_that_tools_read(user, flash):
    assert re.fullmatch("Directory of flash:/\n\nNo files in directory\n" +
                        TOTAL, say(user, "dir"))
    (flash / "image.bin").write_bytes(b"x" * 41236)
    os.utime(flash / "image.bin", (0, 1425199591))
    (flash / "core").mkdir()
    os.utime(flash / "core", (0, 1426495655))
    size = (flash / "core").stat().st_size
    answer = ("Directory of flash:/\n\n"
              f"    1  drwx  {size:10}  Mar 16 2015 08:47:35 +00:00  core\n"
              "    2  -rw-       41236   Mar 1 2015 08:46:31 +00:00  "
              "image.bin\n")
    for line in ("dir", "dir flash:", "dir flash:/", "dir /flash:/"):
        text = say(user, line)
        assert text.startswith(answer), text
        assert re.fullmatch(TOTAL, text[len(answer):])
    assert say(user, "dir flash0:").startswith("Directory of flash0:/\n\n")
    assert say(user, "dir bootflash:").startswith("Directory of bootflash:/\n")
    # What a file's name gives, as NAPALM and Netmiko look for it.
    text = say(user, "dir flash:/image.bin")
    assert text.startswith(
        "Directory of flash:/image.bin\n\n"
        "    1  -rw-       41236   Mar 1 2015 08:46:31 +00:00  image.bin\n")
    assert say(user, "dir flash:/none") == \
        f"%Error opening flash:/none ({NO_FILE})\n"
    assert say(user, "dir none").startswith("%Error opening flash:/none (")
    assert re.search(r"^(\d+) bytes total \((\d+) bytes free\)$", text, re.M)


def test_dir_of_the_other_file_systems(user, plain):
    size = (plain.state / "startup-config").stat().st_size
    text = say(user, "dir nvram:")
    assert re.fullmatch(
        "Directory of nvram:/\n\n"
        rf"    1  -rw-  {size:10}  {DATE}  startup-config\n"
        rf"\n4194304 bytes total \({4194304 - size} bytes free\)\n", text)
    assert re.search(r"^    1  -rw-  +\d+  .*  running-config$",
                     say(user, "dir system:"), re.M)
    text = say(user, "show file systems")
    assert text.startswith(
        "File Systems:\n\n"
        "       Size(b)       Free(b)      Type  Flags  Prefixes\n"
        "             -             -    opaque     rw   system:\n")
    assert re.search(r"^\* *\d+ +\d+     flash     rw   flash: flash0: "
                     r"bootflash:$", text, re.M)
    assert re.search(r"^ +4194304 +\d+     nvram     rw   nvram:$", text, re.M)


def test_the_free_bytes_are_those_of_the_disk(user, flash):
    def shown():
        return int(re.search(r"\((\d+) bytes free\)",
                             say(user, "dir")).group(1))

    def real():
        disk = os.statvfs(flash)
        return disk.f_bavail * disk.f_frsize - 1024 * 1024
    # Others write on this disk as well, so it may take another look.
    wait_for(lambda: abs(shown() - real()) < 64 * 1024 * 1024, "that number")


def test_directories_and_the_current_one(user, flash):
    assert say(user, "pwd") == "flash:\n"
    assert say(user, "mkdir lib", "\n") == \
        "Create directory filename [lib]? \nCreated dir flash:lib\n"
    assert say(user, "mkdir", "lib/deep\n") == \
        "Create directory filename []? lib/deep\nCreated dir flash:lib/deep\n"
    assert (flash / "lib" / "deep").is_dir()
    assert say(user, "mkdir lib", "\n").endswith(
        "%Error Creating dir flash:/lib (File exists)\n")
    assert say(user, "cd lib") == ""
    assert say(user, "pwd") == "flash:/lib/\n"
    assert say(user, "dir").startswith("Directory of flash:/lib/\n\n    1  drwx")
    say(user, "copy running-config mine", "\n")
    assert (flash / "lib" / "mine").is_file()
    say(user, "copy mine x", "yours\n")
    assert (flash / "lib" / "yours").is_file()
    say(user, "copy mine flash:", "lib/third\n")
    assert (flash / "lib" / "third").is_file()
    assert say(user, "delete third", "\n", "\n") == (
        "Delete filename [lib/third]? \n"
        "Delete flash:/lib/third? [confirm]\n")
    assert say(user, "cd none") == \
        f"%Error changing to directory flash:/lib/none ({NO_FILE})\n"
    assert say(user, "cd mine").endswith("(Not a directory)\n")
    assert say(user, "cd nvram:") == ""
    assert say(user, "pwd") == "nvram:\n"
    assert say(user, "more startup-config").startswith("enable secret 5")
    assert say(user, "cd") == ""
    assert say(user, "rmdir lib", "\n", "\n") == (
        "Remove directory filename [lib]? \nDelete flash:/lib? [confirm]\n"
        "%Error Removing dir flash:/lib (Directory not empty)\n")
    assert say(user, "rmdir lib/deep", "\n", "y").endswith(
        "Removed dir flash:lib/deep\n")
    say(user, "delete /recursive /force lib")
    assert not (flash / "lib").exists()


# --- copy ---------------------------------------------------------------------

def test_copies_of_the_configuration(user, plain, flash):
    text = say(user, "copy running-config flash:x", "\n")
    found = re.fullmatch(r"Destination filename \[x\]\? \n" + RATE, text)
    assert int(found.group(1)) == (flash / "x").stat().st_size
    assert stat.S_IMODE((flash / "x").stat().st_mode) == 0o600
    assert (flash / "x").read_text().endswith("\nend\n")
    # Named in the answer, or not at all.
    say(user, "copy running-config flash:", "other\n")
    assert (flash / "other").read_text() == (flash / "x").read_text()
    say(user, "copy running-config flash:", "\n")
    assert (flash / "running-config").exists()
    text = say(user, "copy startup-config flash:s", "\n")
    assert re.search(RATE, text)
    assert (flash / "s").read_text() == \
        (plain.state / "startup-config").read_text()
    assert re.fullmatch(RATE, say(user, "copy startup-config null:"))
    assert re.fullmatch(RATE, say(user, "copy running-config null:"))
    assert say(user, "copy startup-config startup-config", "\n").endswith(
        "%Error opening nvram:/startup-config (File exists)\n")
    assert say(user, "copy system:running-config nvram:startup-config", "\n") \
        == ("Destination filename [startup-config]? \n"
            "Building configuration...\n[OK]\n")
    assert say(user, "more nvram:/startup-config") == \
        (plain.state / "startup-config").read_text()


def test_a_file_is_overwritten_after_a_question(user, flash):
    (flash / "a").write_text("A\n")
    (flash / "b").write_text("B\n")
    question = ("Destination filename [b]? \n"
                "%Warning:There is a file already existing with this name \n"
                "Do you want to over write? [confirm]")
    assert say(user, "copy flash:a flash:b", "\n", "n") == question + "n\n"
    assert (flash / "b").read_text() == "B\n"
    text = say(user, "copy flash:a flash:b", "\n", "\r")
    assert re.fullmatch(re.escape(question) + "\n" + RATE, text)
    assert (flash / "b").read_text() == "A\n"


def test_copy_asks_for_what_is_missing(user, flash):
    (flash / "a").write_text("A\n")
    text = say(user, "copy flash: flash:", "a\n", "c\n")
    assert text.startswith("Source filename []? a\n"
                           "Destination filename [a]? c\n2 bytes copied")
    assert (flash / "c").read_text() == "A\n"
    # A question that is given up by ^C changes nothing.
    seen = user.type("copy flash:a flash:d\n", QUESTION)
    assert seen.endswith("[d]? ")
    user.type("\x03")
    assert not (flash / "d").exists()


def test_a_merge_is_as_if_typed_and_shows_what_is_wrong(user, plain, flash):
    (flash / "merge").write_text("hostname R2\nfoo bar\n"
                                 "ip ssh time-out 999\nbanner motd ^C\nHello\n"
                                 "^C\nhostname \x1b[2J\nip ssh time-out 77\n")
    # The prompt already has the new name.
    user.type("copy flash:merge running-config\n", QUESTION)
    text = user.type("\n", r"\nR2#$").replace("\r\n", "\n")
    assert re.fullmatch(
        "\nfoo bar\n"
        r" \^" "\n"
        "% Invalid input detected at '\\^' marker.\n\n"
        "ip ssh time-out 999\n"
        r"                \^" "\n"
        "% Invalid input detected at '\\^' marker.\n\n"
        r"hostname \\x1b\[2J" "\n"
        r"         \^" "\n"
        "% Invalid input detected at '\\^' marker.\n\n" + RATE + "R2#", text)
    running = say(user, "more system:running-config")
    assert "\nhostname R2\n" in running and "\nip ssh time-out 77\n" in running
    assert "\nbanner motd ^C\nHello\n^C\n" in running
    plain.wait_log(r"%SYS-5-CONFIG_I: Configured from flash:/merge by "
                   r"lab on vty\d+ \(127\.0\.0\.1\)$")
    text = say(user, "copy startup-config running-config", "\n")
    assert re.fullmatch(r"Destination filename \[running-config\]\? \n" + RATE,
                        text)
    user.configure("hostname R1", "no banner motd", "no ip ssh time-out")


def test_a_long_merge_stops_nobody_and_floods_nobody(plain, user, flash):
    """5,000 good lines, 5,000 bad ones, and another user meanwhile."""
    lines = [f"access-list {1 + i % 99} permit host 10.{i >> 16}."
             f"{i >> 8 & 255}.{i & 255}" for i in range(5000)]
    (flash / "merge").write_text(
        "\n".join(lines + [f"nonsense {i}" for i in range(5000)]))
    with Session(plain, enable="cisco") as one:
        one.type("copy merge running-config\n", QUESTION)
        one.channel.send("\n")
        assert user.command("pwd") == "flash:\n"
        text = one.until(r"R1#$", 120).replace("\r\n", "\n")
        assert text.count("% Invalid input detected") == 5000
        assert re.search(r"\nnonsense 4999\n *\^\n% Invalid input detected at "
                         r"'\^' marker.\n\n" + RATE + "R1#$", text)
    running = user.command("more system:running-config", seconds=60)
    assert running.count("access-list ") == 5000
    # ^C ends it; and so does the end of its session.
    (flash / "bad").write_text("".join(f"nonsense {i}\n" for i in range(50000)))
    user.type("copy bad running-config\n", QUESTION)
    user.type("\n", r"nonsense 10\r\n")
    user.type("\x03", r"(^|\n)R1#$")
    one = Session(plain, enable="cisco")
    one.type("copy bad running-config\n", QUESTION)
    one.type("\n", r"nonsense 10\r\n")
    one.client.close()
    user.configure(*(f"no access-list {i}" for i in range(1, 100)))
    assert "access-list" not in user.command("show running-config")


def test_startup_config_takes_only_what_can_be_read_back(user, plain, flash):
    before = (plain.state / "startup-config").read_bytes()
    (flash / "nul").write_bytes(b"hostname R9\n\0\n")
    (flash / "empty").write_bytes(b"")
    for name in ("nul", "empty"):
        assert say(user, f"copy {name} startup-config", "\n").endswith(
            "%Error writing nvram:/startup-config (Invalid argument)\n")
    assert (plain.state / "startup-config").read_bytes() == before
    (flash / "good").write_text("hostname R9\nend\n")
    assert re.fullmatch(
        r"Destination filename \[startup-config\]\? \n\[OK\]\n" + RATE,
        say(user, "copy good startup-config", "\n"))
    assert (plain.state / "startup-config").read_text() == \
        "hostname R9\nend\n"
    assert "[OK]" in user.command("write memory")


@pytest.mark.parametrize("line, error", [
    ("copy flash:none flash:x", "opening flash:/none (" + NO_FILE),
    ("copy nvram:keys flash:x", "opening nvram:/keys (" + NO_FILE),
    ("copy tftp://a@b/c flash:x", "opening tftp://a@b/c (No such device"),
    ("copy flash:core flash:x", "opening flash:/core (Is a directory"),
    ("copy null: flash:x", "opening null:/x (Permission denied"),
])
def test_what_cannot_be_copied(user, flash, line, error):
    (flash / "core").mkdir(exist_ok=True)
    before = sorted(os.listdir(flash))
    seen = user.type(line + "\n", QUESTION)
    while not seen.endswith("#"):
        seen += user.type("\n", QUESTION)
    assert f"%Error {error})\r\n" in seen or "null:" in line and \
        "%Error opening null:/" in seen, seen
    assert sorted(os.listdir(flash)) == before and is_clean(flash)


def test_file_prompt_quiet_silences_every_question(user, plain, flash):
    (flash / "a").write_text("A\n")
    user.configure("file prompt quiet")
    try:
        assert "\nfile prompt quiet\n" in user.command("show running-config")
        assert re.fullmatch(RATE, user.command("copy flash:a flash:quiet"))
        # Twice: not even whether it may be replaced.
        assert re.fullmatch(RATE, user.command("copy flash:a flash:quiet"))
        assert re.fullmatch(RATE, user.command("copy flash:/a running-config")
                            .partition("\n\n")[2])
        assert user.command("copy running-config startup-config") == \
            "Building configuration...\n[OK]\n"
        assert user.command("mkdir quiet.d") == "Created dir flash:quiet.d\n"
        assert user.command("rename quiet quieter") == ""
        assert user.command("rmdir quiet.d") == "Removed dir flash:quiet.d\n"
        assert user.command("delete quieter") == ""
        assert not (flash / "quieter").exists()
        assert user.command("copy flash: flash:x").startswith("%Error opening")
        # A tool without anybody to answer.
        done = openssh.run(plain, "enable", user="lab")
        assert done.returncode != 0
    finally:
        user.configure("no file prompt quiet")
    assert "file prompt" not in user.command("show running-config")
    user.configure("file prompt noisy")
    text = say(user, "copy flash:a flash:noisy", "\n", "\n")
    assert text.startswith("Source filename [a]? \n"
                           "Destination filename [noisy]? \n2 bytes copied")
    user.configure("file prompt alert")


# --- more, verify -------------------------------------------------------------

def test_more_shows_text_and_dumps_the_rest(user, flash):
    (flash / "text").write_bytes("one\r\ntwo\tx\n\x03\x1b[2J\x7f"
                                 "Zürich \u202e\n".encode() + b"\xff\xfeend")
    assert user.command("more /ascii flash:text") == \
        "one\ntwo\tx\n^C^[[2J^?Zürich \\xe2\\x80\\xae\n\\xff\\xfeend\n"
    (flash / "plain").write_bytes(b"banner motd \x03\nHello to everybody\n")
    assert user.command("more plain") == \
        "banner motd ^C\nHello to everybody\n"
    (flash / "binary").write_bytes(bytes(range(40)))
    assert user.command("more binary") == (
        "00000000:  00010203 04050607 08090A0B 0C0D0E0F    "
        "................\n"
        "00000010:  10111213 14151617 18191A1B 1C1D1E1F    "
        "................\n"
        "00000020:  20212223 24252627" + 22 * " " + " !\"#$%&'\n")
    assert user.command("more /binary text").startswith(
        "00000000:  6F6E650D 0A74776F 09780A03 1B5B324A    one..two.x...[2J\n")
    assert user.command("more /ascii binary").startswith("^@^A^B")
    (flash / "empty").write_bytes(b"")
    assert user.command("more empty") == ""
    assert user.command("more none") == f"%Error opening flash:/none ({NO_FILE})\n"
    (flash / "core").mkdir(exist_ok=True)
    assert user.command("more core").endswith("(Is a directory)\n")


def test_more_of_a_long_file_comes_whole(user, flash):
    text = "".join(f"line {i} ÄÖÜ\n" for i in range(60000))
    (flash / "long").write_text(text)
    assert user.command("more long", seconds=120) == text
    # Given up in the middle: the prompt is back, and the rest is not shown,
    # of which there is more than may be under way.
    (flash / "longer").write_text("".join(f"line {i}\n"
                                          for i in range(500000)))
    user.channel.send("more longer\n")
    user.until(r"line 100\r")
    user.channel.send("\x03")
    assert "line 499999\r" not in user.until(r"R1#$")
    assert user.command("pwd") == "flash:\n"
    (flash / "longer").unlink()
    assert user.command("more long | count line 5999[0-9]$") == \
        "Number of lines which match regexp = 0\n"
    assert user.command("more long | include ^line 5999[0-9] ") == \
        "".join(f"line {i} ÄÖÜ\n" for i in range(59990, 60000))
    assert user.command("more long | redirect flash:again") == ""
    assert (flash / "again").read_text() == text
    # Every form of a piece is a message: nothing piles up in the worker.
    (flash / "long").write_bytes(bytes(range(256)) * 2000)
    dump = user.command("more long", seconds=120).splitlines()
    assert len(dump) == 32000 and dump[-1].startswith("0007CFF0:  F0F1F2F3")


def test_more_stops_at_each_page(plain, flash):
    (flash / "pages").write_text("".join(f"line {i}\n" for i in range(200000)))
    with Session(plain, enable="cisco", rows=10) as one:
        seen = one.type("more pages\n", r"--More-- $")
        assert "line 8\r\n" in seen and "line 9\r\n" not in seen
        seen = one.type(" ", r"--More-- $")
        assert "line 17\r\n" in seen and "line 18\r\n" not in seen
        one.type("q", r"R1#$")
        assert one.command("pwd") == "flash:\n"


def test_verify_md5(user, flash):
    (flash / "v").write_bytes(b"text\n")
    digest = hashlib.md5(b"text\n").hexdigest()
    assert user.command("verify /md5 flash:v") == (
        f".MD5 of flash:v Done!\nverify /md5 (flash:v) = {digest}\n")
    assert user.command("verify /md5 flash:/v " + digest.upper()) == (
        f".MD5 of flash:/v Done!\nVerified (flash:/v) = {digest}\n")
    other = "0" * 32
    assert user.command(f"verify /md5 v {other}") == (
        ".MD5 of v Done!\n%Error verifying v\n"
        f"Computed signature  = {digest}\nSubmitted signature = {other}\n")
    assert user.command("verify /md5 none") == \
        f"%Error opening flash:/none ({NO_FILE})\n"
    assert user.command("verify /md5 v xyz").startswith("% The signature is")
    assert say(user, "verify /md5", "v\n").endswith(
        f"verify /md5 (flash:/v) = {digest}\n")


# --- delete, rename -----------------------------------------------------------

def test_delete_and_rename(user, flash):
    (flash / "d1").write_text("x")
    asked = "Delete filename [d1]? \nDelete flash:/d1? [confirm]"
    assert say(user, "delete flash:d1", "\n", "n") == asked + "n\n"
    assert (flash / "d1").exists()
    assert say(user, "delete flash:d1", "\n", "\n") == asked + "\n"
    assert not (flash / "d1").exists()
    assert say(user, "delete flash:d1", "\n", "y").endswith(
        f"%Error deleting flash:/d1 ({NO_FILE})\n")
    assert say(user, "delete /force flash:d1") == \
        f"%Error deleting flash:/d1 ({NO_FILE})\n"
    (flash / "core").mkdir(exist_ok=True)
    assert say(user, "delete /force core") == \
        "%Error deleting flash:/core (Is a directory)\n"
    (flash / "d2").write_text("x")
    assert say(user, "rename d2 d3", "\n") == "Destination filename [d3]? \n"
    assert (flash / "d3").exists()
    (flash / "d4").write_text("y")
    assert say(user, "rename d3 d4", "\n").endswith(
        "%Error renaming flash:/d3 (File exists)\n")
    assert say(user, "rename d3 d4", "d5\n").endswith("[d4]? d5\n")
    assert (flash / "d4").read_text() == "y"
    assert say(user, "delete nvram:startup-config", "\n", "\n").endswith(
        "%Error deleting nvram:/startup-config (Permission denied)\n")


def test_erase_has_three_names(plain):
    for line in ("write erase", "erase nvram:", "erase startup-config"):
        with Session(plain, enable="cisco") as one:
            one.command("write memory")
            assert say(one, line, "\n") == (
                "Erasing the nvram filesystem will remove all configuration "
                "files! Continue? [confirm]\n[OK]\nErase of nvram: complete\n")
            assert not (plain.state / "startup-config").exists()
            assert "No files in directory" in one.command("dir nvram:")
            assert one.command("more nvram:startup-config").startswith(
                "%Error opening nvram:/startup-config (No such")
            assert "[OK]" in one.command("write memory")


def test_names_with_blanks_are_answers(user, flash):
    """No word has a blank; what a question is answered does."""
    (flash / "my file").write_text("text\n")
    (flash / "Zürich").write_text("text\n")
    listed = user.command("dir")
    assert "  my file\n" in listed and "  Zürich\n" in listed
    assert "% Invalid input" in user.command("more flash:my file")
    seen = user.type("copy flash: null:\n", r"\? $")
    seen += user.type("my file\n")
    assert "5 bytes copied" in seen, seen
    seen = user.type("copy flash: flash:\n", r"\? $")
    seen += user.type("my file\n", r"Destination filename \[my file\]\? $")
    seen += user.type("your file\n")
    assert "5 bytes copied" in seen and (flash / "your file").exists()
    assert "text" in user.command("more flash:Zürich")
    for name in ("my file", "your file"):
        seen = user.type("delete flash:\n", r"\? $")
        seen += user.type(name + "\n", r"\[confirm\]$") + user.type("\n")
        assert f"Delete flash:/{name}? [confirm]" in seen
        assert not (flash / name).exists(), seen
    user.command("delete /force flash:Zürich")
    assert not (flash / "Zürich").exists()


@pytest.mark.parametrize("name", [
    "a(1),b=c", "u@h~1#2!", "$HOME;'x'", "a&b>c<d", "[a]{b}^c", "50%_%s%n",
    "-rf", "!note", "#1", "a*`id`", 'say"so"', "|pipe|x", "a..b.."])
def test_names_with_punctuation(user, flash, name):
    """Typed as they are: no word of the line means anything but itself."""
    (flash / name).write_text("some text\n")
    assert f"  {name}\n" in user.command("dir")
    assert f"  {name}\n" in user.command(f"dir flash:{name}")
    assert user.command(f"more flash:{name}") == "some text\n"
    assert f"verify /md5 (flash:{name}) = " in user.command(
        f"verify /md5 flash:{name}")
    seen = user.type(f"copy flash:{name} flash:to{name}\n", r"\]\? $")
    assert seen.endswith(f"Destination filename [to{name}]? ")
    assert "10 bytes copied" in user.type("\n")
    seen = user.type(f"rename flash:to{name} flash:{name}.2\n", r"\]\? $")
    user.type("\n")
    assert (flash / f"{name}.2").read_text() == "some text\n"
    for each in (name, name + ".2"):
        assert user.command(f"delete /force flash:{each}") == ""
        assert not (flash / each).exists()


def test_a_question_mark_is_for_answers(user, flash):
    """In a line it asks for help."""
    (flash / "what?").write_text("text\n")
    seen = user.type("delete flash:\n", r"\? $")
    seen = user.type("what?\n", r"\[confirm\]$")
    assert seen.endswith("Delete flash:/what?? [confirm]")
    user.type("\n")
    assert not (flash / "what?").exists()


# --- what must not be reached -------------------------------------------------

OUTSIDE = ["flash:../startup-config", "flash:/../keys/test.ed25519",
           "flash:/../../etc/passwd", "/flash:/../keys", "../startup-config",
           "flash://etc/passwd", "/etc/passwd", "flash:/etc/passwd",
           "nvram:private-config", "nvram:keys/test", "nvram:../keys/test",
           "nvram:startup-config.old", "system:../keys", "system:memory",
           "flash:.new/00000000", "flash:.", "flash:..", "flash:link",
           "flash:up/startup-config", "flash:fifo", "flash:socket",
           "flash:%2e%2e/x", "flash:a\\..\\x", "flash:" + "a" * 129,
           "flash:" + "a/" * 20 + "a", "flash:" + "a" * 200,
           "flash:a\u202eb",
           "tar:x", "tftp://127.0.0.1/x", "flash:x/flash:y", "proc:/self/mem"]


@pytest.fixture(scope="module")
def odd(flash, plain):
    """What other programs may have put there."""
    (flash / "link").symlink_to(plain.state / "startup-config")
    (flash / "up").symlink_to("..")
    os.mkfifo(flash / "fifo")
    with socket.socket(socket.AF_UNIX) as one:
        directory = os.open(flash, os.O_PATH)
        one.bind(f"/proc/self/fd/{directory}/socket")
        os.close(directory)
    (flash / "with blank").write_text("x")
    (flash / "esc\x1b[2Jape").write_text("x")
    (flash / ("n" * 255)).write_text("x")
    yield
    for name in os.listdir(flash):
        if name in ("link", "up", "fifo", "socket") or " " in name or \
                len(name) > 128 or "\x1b" in name:
            (flash / name).unlink()


def test_hardening_9_1_no_name_leads_out(plain, user, flash, odd):
    state = {path: path.read_bytes() for path in plain.state.glob("keys/*")}
    state[plain.state / "startup-config"] = \
        (plain.state / "startup-config").read_bytes()
    before = sorted(os.listdir(flash))
    (flash / "a").write_text("A\n")
    for name in OUTSIDE:
        for line in (f"more {name}", f"dir {name}", f"cd {name}",
                     f"copy {name} running-config", f"copy {name} null:",
                     f"copy flash:a {name}", f"delete /force {name}",
                     f"delete /recursive /force {name}", f"mkdir {name}",
                     f"rmdir {name}", f"rename {name} flash:q",
                     f"rename flash:a {name}", f"verify /md5 {name}"):
            seen = user.type(line + "\n", QUESTION)
            while not seen.endswith("#"):
                seen += user.type("\n", QUESTION)
            assert "%Error" in seen or "% Invalid" in seen, seen
            assert "secret" not in seen and "root:" not in seen, seen
            assert "\x1b" not in seen.partition("\n")[2], seen
    for path, content in state.items():
        assert path.read_bytes() == content, path
    assert sorted(os.listdir(flash)) == sorted({*before, "a"})
    assert is_clean(flash)


def test_hardening_9_3_what_is_no_file_is_not_listed(user, flash, odd):
    text = user.command("dir")
    for name in ("link", "up", "fifo", "socket"):
        assert not re.search(rf"  {name}$", text, re.M)
    assert "  with blank\n" in text and "  esc\\x1b[2Jape\n" in text
    assert "  " + "n" * 255 + "\n" in text
    text = user.command("dir /all")
    for kind, name in (("l", "link"), ("p", "fifo"), ("s", "socket")):
        assert re.search(rf"^ +\d+  {kind}rw-  .*  {name}$", text, re.M)


def test_hardening_9_4_files_need_privilege_15(plain):
    """A level that may not see secrets does not see files that hold them."""
    with Session(plain, user="low") as low:
        assert low.prompt.endswith("#") if hasattr(low, "prompt") else True
        for line in ("dir", "more nvram:startup-config", "dir nvram:", "pwd",
                     "copy startup-config null:", "delete x", "mkdir x",
                     "rename a b", "verify /md5 a", "cd flash:",
                     "more system:running-config", "write erase"):
            answer = low.command(line)
            assert "% Invalid input" in answer or "% Unknown" in answer, \
                (line, answer)
        assert low.command("show file systems").startswith("File Systems:\n")


def test_a_level_that_may_copy_does_not_reach_secrets(plain, user, flash):
    (flash / "rise").write_text("username low privilege 15\n")
    user.configure("privilege exec level 7 copy")
    try:
        with Session(plain, user="low") as low:
            for line in ("copy running-config flash:low",
                         "copy startup-config flash:low",
                         "copy flash:rise running-config",
                         "copy flash:rise startup-config"):
                assert say(low, line, "\n").endswith("(Permission denied)\n")
            assert say(low, "copy startup-config null:").endswith(
                "%Error opening nvram:/startup-config (Permission denied)\n")
            assert "[OK]" in say(low, "copy running-config startup-config",
                                 "\n")
            assert re.search(RATE, say(low, "copy flash:rise flash:low", "\n"))
    finally:
        user.configure("no privilege exec level 7 copy")


# --- several at once, faults --------------------------------------------------

def test_two_writers_of_one_file_leave_one_of_both_whole(plain, user, flash):
    texts = {b"1" * 8000000, b"2" * 8000000}
    for i, text in enumerate(sorted(texts)):
        (flash / f"w{i}").write_bytes(text)
    user.configure("file prompt quiet")
    try:
        with Session(plain, enable="cisco") as other:
            for _ in range(3):
                user.channel.send("copy flash:w0 flash:both\n")
                other.channel.send("copy flash:w1 flash:both\n")
                assert "bytes copied" in user.until(r"#$")
                assert "bytes copied" in other.until(r"#$")
                assert (flash / "both").read_bytes() in texts
    finally:
        user.configure("no file prompt")
    assert is_clean(flash)


def test_a_large_copy_stops_nobody_else(plain, user, flash):
    """100 MiB: meanwhile other prompts come at once, and when its session is
    cut nothing of it stays."""
    with open(flash / "large", "wb") as large:
        large.truncate(LARGE)
    (flash / "kept").write_text("kept\n")
    with Session(plain, enable="cisco") as one:
        one.type("copy flash:large flash:copied\n", QUESTION)
        one.channel.send("\n")
        wait_for(lambda: not is_clean(flash), "the beginning of the copy")
        while not (flash / "copied").exists():
            assert user.command("pwd") == "flash:\n"
        assert f"{LARGE} bytes copied" in one.until(r"#$")
    assert (flash / "copied").stat().st_size == LARGE
    with open(flash / "large", "wb") as large:
        large.truncate(ENDLESS)
    one = Session(plain, enable="cisco")
    one.type("copy flash:large flash:kept\n", QUESTION)
    one.type("\n", QUESTION)
    one.channel.send("y")
    wait_for(lambda: not is_clean(flash), "the beginning of the copy")
    assert user.command("pwd") == "flash:\n"
    assert not is_clean(flash)  # it goes on
    one.client.close()
    wait_for(lambda: is_clean(flash), "the end of the copy")
    assert (flash / "kept").read_text() == "kept\n"
    # ^C does the same.
    user.type("copy flash:large flash:kept\n", QUESTION)
    user.type("\n", QUESTION)
    user.channel.send("y")
    wait_for(lambda: not is_clean(flash), "the beginning of the copy")
    user.type("\x03", r"#$")
    wait_for(lambda: is_clean(flash), "the end of the copy")
    assert (flash / "kept").read_text() == "kept\n"
    user.type("verify /md5 large\n", r"\.\.")
    user.type("\x03", r"R1#$")
    for name in ("large", "copied"):
        (flash / name).unlink()


def test_a_router_killed_in_the_middle_of_a_copy_starts_clean(tmp_path):
    with Router(tmp_path, keys=("ed25519",)) as router:
        flash = router.state / "flash"
        with open(flash / "large", "wb") as large:
            large.truncate(ENDLESS)
        with Session(router, enable="cisco") as one:
            one.type("copy flash:large flash:copied\n", QUESTION)
            one.channel.send("\n")
            wait_for(lambda: not is_clean(flash), "the beginning")
            router.kill()
        router.start()
        assert is_clean(flash) and not (flash / "copied").exists()


def test_a_file_that_is_larger_than_allowed_is_told(tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000000, 2000000))
    with Router(tmp_path, preexec=limit) as router:
        attach(router)
        (router.state / "flash" / "large").write_bytes(b"x" * 3000000)
        text = attach(router, "copy flash:large flash:new", "",
                      "write memory").stdout
        assert "%Error writing flash:/new (File too large)\n" in text
        assert "[OK]" in text and is_clean(router.state / "flash")


@pytest.fixture
def small_disk(tmp_path):
    """A state directory on a file system of 6 MiB."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "vtyd-test",
         str(state)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small file system: {mounted.stderr.strip()}")
    yield tmp_path
    subprocess.run(["umount", "-l", str(state)], check=True)


def test_hardening_9_7_a_full_disk_leaves_the_old_file(small_disk):
    with Router(small_disk) as router:
        attach(router)
        flash = router.state / "flash"
        (flash / "large").write_bytes(b"x" * 3000000)
        (flash / "old").write_text("old\n")
        # Three of six are taken, and one stays free in any case.
        text = attach(router, "copy flash:large flash:old", "", "y", "dir",
                      "write memory").stdout
        assert "%Error writing flash:/old (No space left on device)\n" in text
        assert (flash / "old").read_text() == "old\n" and is_clean(flash)
        free = int(re.search(r"\((\d+) bytes free\)", text).group(1))
        assert free < 3000000
        assert "[OK]" in text
        (flash / "more").write_bytes(b"x" * 2240000)
        text = attach(router, "copy running-config flash:new", "",
                      "write memory", "dir").stdout
        assert "%Error writing flash:/new (No space left on device)\n" in text
        assert "[OK]" in text and "(0 bytes free)" in text
        assert not (flash / "new").exists() and is_clean(flash)


def test_a_router_without_flash_serves_all_the_same(tmp_path):
    """A file lies where the directory should be."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "flash").write_text("x")
    with Router(tmp_path) as router:
        text = attach(router, "dir", "copy running-config flash:x", "",
                      "more flash:x", "write memory").stdout
        router.wait_log("There is no flash: Not a directory")
    assert text.count("(Function not implemented)") == 3
    assert "[OK]" in text


# --- what tools type ----------------------------------------------------------

def test_what_napalm_types_about_files(plain, flash):
    """A merge with a way back, in its order and with its patterns."""
    (flash / "merge_config.txt").write_text("hostname R5\nno such line\n")
    digest = hashlib.md5((flash / "merge_config.txt").read_bytes()).hexdigest()
    with Session(plain, enable="cisco") as one:
        found = re.search(r"Directory of (.*)/", one.command("dir"))
        assert found.group(1) == "flash:"
        assert "% Invalid" not in one.command("dir flash:")
        output = one.command("verify /md5 flash:/merge_config.txt")
        assert re.search(r"=\s+(\S+)", output).group(1) == digest
        one.configure("file prompt quiet")
        output = one.command("copy running-config flash:/rollback_config.txt")
        assert "bytes copied" in output and "?" not in output
        output = one.command("dir flash:/merge_config.txt")
        assert "Directory of flash:/merge_config.txt" in output
        line = next(line for line in output.splitlines()
                    if line.endswith("  merge_config.txt"))
        assert line.split()[2] == str((flash / "merge_config.txt").stat().st_size)
        output = one.command("dir flash:/candidate_config.txt")
        assert "Error opening" in output and NO_FILE in output
        output = one.command("copy flash:/merge_config.txt running-config")
        assert "Invalid input detected" in output and one.prompt == "R5#"
        output = one.command("copy flash:/rollback_config.txt running-config")
        assert "Invalid input detected" not in output and one.prompt == "R1#"
        one.configure("no file prompt quiet")
        assert "[OK]" in one.command("write mem")


def test_nothing_stays_open(plain, flash):
    """After all of the above: flash/ and flash/.new/, and no file."""
    def opened():
        links = []
        for name in os.listdir(f"/proc/{plain.pid}/fd"):
            try:
                links.append(os.readlink(f"/proc/{plain.pid}/fd/{name}"))
            except FileNotFoundError:
                pass
        return sorted(link for link in links if "flash" in link or
                      "memfd" in link)
    wait_for(lambda: opened() == [str(flash), str(flash / ".new")],
             "the end of all work")


# --- requests without a terminal ----------------------------------------------

def test_exec_requests_tell_by_their_status(router_of):
    router = router_of("username admin privilege 15 secret 5 "
                       "$1$mERr$fkBP9ONQItjeJIjNZlaSA.\nfile prompt quiet\n")

    def run(line):
        return openssh.run(router, line, user="admin")

    def shown(line):
        return run(line).stdout.decode().replace("\r\n", "\n")
    assert re.fullmatch(RATE, shown("copy running-config flash:x"))
    assert shown("more flash:x") == \
        (router.state / "flash" / "x").read_text()
    assert "verify /md5 (flash:x) = " in shown("verify /md5 flash:x")
    assert "\x1b" not in shown("more flash:\x1b[2Jx")
    assert run("more flash:none").returncode == 1
    assert run("verify /md5 flash:none").returncode == 1
    assert run("dir flash:none").returncode == 1
    assert run("delete flash:x").returncode == 0
    assert run("delete flash:x").returncode == 1
